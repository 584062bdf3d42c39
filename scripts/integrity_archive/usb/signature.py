"""Signature: by whose key a stick's manifest was signed (Ed25519, RFC 8032).

The manifest names every file with its sum, so whoever cannot sign cannot change a file unnoticed. Keys are PEM files,
as OpenSSL writes them; a signature is one line of base64 in ``manifest.sig``.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


@dataclass(frozen=True)
class Sign:
    """Signs: called with bytes it gives the text of their signature; empty for none."""

    key: str
    """The public half, as a stick remembers it: base64; empty for none."""
    make: Callable[[bytes], str]

    def __call__(self, data: bytes) -> str:
        """The text of ``manifest.sig`` for the bytes of a manifest."""
        return self.make(data)


unsigned = Sign("", lambda data: "")
"""For those who have no key."""


class KeyFileError(Exception):
    """A key that cannot be used; the message says why, in Chinese."""


def new_keys(private: Path, public: Path) -> None:
    """Write a new pair of keys, both or none; the private one only its owner may read.

    Raises:
        FileExistsError: one of the files is there already.
        OSError: they cannot be written.
    """
    key = Ed25519PrivateKey.generate()
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    shown = key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)
    made: list[Path] = []
    try:
        for path, content, mode in ((private, secret, 0o600), (public, shown, 0o666)):
            with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "wb") as stream:
                made.append(path)
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
    except BaseException:  # one without the other is of no use, and would be in the way of the next attempt
        for path in made:
            path.unlink(missing_ok=True)
        raise


def signer(path: Path) -> Sign:
    """Signs with the private key in a file.

    Raises:
        KeyFileError: the file holds none.
    """
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyFileError(f"{path} 不是可用的签名钥匙。用 archive key 做一副。") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileError(f"{path} 是别种钥匙，要 Ed25519 的。用 archive key 做一副。")
    return Sign(_text_of(key.public_key()), lambda data: base64.b64encode(key.sign(data)).decode() + "\n")


def public_key(path: Path) -> str:
    """The public key in a file, as a stick remembers it.

    Raises:
        KeyFileError: the file holds none.
    """
    try:
        key = serialization.load_pem_public_key(path.read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm):
        raise KeyFileError(f"{path} 不是公钥文件（archive key 做出的 .pub）。") from None
    if not isinstance(key, Ed25519PublicKey):
        raise KeyFileError(f"{path} 是别种公钥，要 Ed25519 的。")
    return _text_of(key)


def is_signed(data: bytes, signature: str, key: str) -> bool:
    """Whether ``signature`` was made for ``data`` with the private half of ``key`` (see ``public_key``)."""
    try:
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key, validate=True))
        public.verify(base64.b64decode(signature.strip(), validate=True), data)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def _text_of(key: Ed25519PublicKey) -> str:
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return base64.b64encode(raw).decode()
