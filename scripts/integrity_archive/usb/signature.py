"""Signature: signs and checks a stick's manifest (Ed25519, RFC 8032).

The manifest contains the hash of every file, so nobody without the private key can change a file unnoticed. Keys are
PEM files, as OpenSSL writes them; a signature is one line of base64 in ``manifest.sig``.
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
    """A signer: called with bytes, it returns the text of their signature; empty without a key."""

    key: str
    """The public key as stored on a stick, in base64; empty for none."""
    make: Callable[[bytes], str]

    def __call__(self, data: bytes) -> str:
        """The text of ``manifest.sig`` for the bytes of a manifest."""
        return self.make(data)


unsigned = Sign("", lambda data: "")
"""The signer without a key."""


class KeyFileError(Exception):
    """A key cannot be used; the message says why, in Chinese."""


def new_keys(private: Path, public: Path) -> None:
    """Write a new pair of keys, both or none; only the owner may read the private one.

    Raises:
        FileExistsError: one of the files exists already.
        OSError: they cannot be written.
    """
    key = Ed25519PrivateKey.generate()
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    public_pem = key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)
    made: list[Path] = []
    try:
        for path, content, mode in ((private, secret, 0o600), (public, public_pem, 0o666)):
            with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "wb") as stream:
                made.append(path)
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
    except BaseException:  # one key alone is useless, and its file would block the next attempt
        for path in made:
            path.unlink(missing_ok=True)
        raise


def signer(path: Path) -> Sign:
    """A signer with the private key in a file.

    Raises:
        KeyFileError: the file has no private key of Ed25519.
    """
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyFileError(f"{path} 不是可用的签名钥匙。用 archive key 做一副。") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileError(f"{path} 是别种钥匙，要 Ed25519 的。用 archive key 做一副。")
    return Sign(_text_of(key.public_key()), lambda data: base64.b64encode(key.sign(data)).decode() + "\n")


def public_key(path: Path) -> str:
    """The public key in a file, in the form stored on a stick.

    Raises:
        KeyFileError: the file has no public key of Ed25519.
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
