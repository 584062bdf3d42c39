"""Signature: signs and checks a stick's manifest (Ed25519, RFC 8032).

The manifest contains the hash of every file, so nobody without the private key can change a file unnoticed. Keys are
PEM files, as OpenSSL writes them; a signature is one line of base64 in ``manifest.sig``.
"""

from __future__ import annotations

import base64
import binascii
import os
import shlex
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from integrity_archive.content.model.vocabulary import PATH as VOCABULARY
from integrity_archive.output.destination import shown
from integrity_archive.output.marker import read_marker as read_output_marker
from integrity_archive.support.private_keys import LARGEST, is_private_key
from integrity_archive.support.problems import why
from integrity_archive.support.signed_cache import config_folder
from integrity_archive.usb.marker import MARKER as STICK_MARKER
from integrity_archive.usb.places import MANIFEST, SUMS
from integrity_archive.usb.untrusted import SIGNATURE_TEXT

PRIVATE = ".key"
PUBLIC = ".pub"


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


def keys_folder() -> Path:
    """The folder of this user's private keys; it is never part of an archive, a site or a stick."""
    return config_folder() / "keys"


def unsafe_place(private: Path) -> str:
    """Why a private key may not be written to a place, in Chinese; empty if it may."""
    for folder in private.parents:
        if read_output_marker(folder):
            return f"在生成的网站 {shown(folder)} 里，私钥会跟着网站一起发出去"
        if os.path.lexists(folder / STICK_MARKER) or all(os.path.lexists(folder / name) for name in (MANIFEST, SUMS)):
            return f"在做好的盘 {shown(folder)} 上，拿到盘的人就拿到了私钥"
        if os.path.lexists(folder / VOCABULARY):
            return f"在馆藏 {shown(folder)} 里，私钥会跟着馆藏一起传出去"
        if os.path.lexists(folder / ".git"):
            return f"在 git 仓库 {shown(folder)} 里，私钥会跟着提交一起传出去"
    return ""


def private_key_file(given: str) -> Path:
    """The file of a private key that a user named, by its path or by the name given to ``archive key``.

    Raises:
        KeyFileError: there is no such file.
    """
    kept = keys_folder() / f"{given.removesuffix(PRIVATE)}{PRIVATE}"
    for path in (Path(given), kept):
        if path.is_file():
            return path
    if Path(given).exists():
        raise KeyFileError(f"{shown(given)} 不是文件。写私钥（{PRIVATE}）的路径，或做它时用的名字。")
    if os.path.basename(given) != given:
        raise KeyFileError(f"没有 {shown(given)}。路径写错了就改；钥匙在别的盘上，先插好盘。")
    where = f"没有叫 {shown(given)} 的私钥：这里没有，{shown(keys_folder())} 里也没有 {shown(kept.name)}。"
    raise KeyFileError(f"{where}名字写错了就改；还没有钥匙，先用 archive key 做一副。")


def signer(path: Path) -> Sign:
    """A signer with the private key in a file.

    Raises:
        KeyFileError: the file has no private key of Ed25519, or others than its owner may read it.
    """
    data = _content(path, PRIVATE)
    if b"-----BEGIN PUBLIC KEY" in data:
        private = path.with_suffix(PRIVATE).name
        raise KeyFileError(f"{shown(path)} 是公钥，签名要用私钥。写同一副里的 {shown(private)}。")
    if not is_private_key(data):
        raise KeyFileError(f"{shown(path)} 不是私钥文件。写 archive key 做出的 {PRIVATE}，或做它时用的名字。")
    _require_own(path)
    try:
        key = serialization.load_pem_private_key(data, password=None)
    except TypeError:
        raise KeyFileError(f"{shown(path)} 加了密码，程序用不了。换一把没有密码的，只让自己读得到。") from None
    except UnsupportedAlgorithm:
        raise KeyFileError(_other_kind(path, "钥匙")) from None
    except ValueError:
        if b"-----BEGIN PRIVATE KEY" not in data:
            raise KeyFileError(_other_kind(path, "钥匙")) from None
        raise KeyFileError(f"{shown(path)} 坏了，里面的私钥读不出来。从备份里取一份，换上。") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileError(_other_kind(path, "钥匙"))
    return Sign(_text_of(key.public_key()), lambda data: base64.b64encode(key.sign(data)).decode() + "\n")


def public_key(path: Path) -> str:
    """The public key in a file, in the form stored on a stick.

    Raises:
        KeyFileError: the file has no public key of Ed25519.
    """
    data = _content(path, PUBLIC)
    if is_private_key(data):
        what = f"{shown(path)} 是私钥，核对用不着它，也不要给别人。"
        raise KeyFileError(f"{what}写同一副里的公钥 {shown(path.with_suffix(PUBLIC).name)}。")
    if b"-----BEGIN PUBLIC KEY" not in data:
        raise KeyFileError(f"{shown(path)} 不是公钥文件。写馆里给的 {PUBLIC}（archive key 做出的）。")
    try:
        key = serialization.load_pem_public_key(data)
    except UnsupportedAlgorithm:
        raise KeyFileError(_other_kind(path, "公钥")) from None
    except ValueError:
        raise KeyFileError(f"{shown(path)} 坏了，里面的公钥读不出来。请馆里再发一份。") from None
    if not isinstance(key, Ed25519PublicKey):
        raise KeyFileError(_other_kind(path, "公钥"))
    return _text_of(key)


def _content(path: Path, suffix: str) -> bytes:
    """The bytes of a file that should be a key.

    Raises:
        KeyFileError: it does not exist, is no file, cannot be read, or is too large for a key.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # reading a pipe might never end
            raise KeyFileError(f"{shown(path)} 不是文件。写钥匙（{suffix}）的路径。")
        if status.st_size > LARGEST:
            raise KeyFileError(f"{shown(path)} 太大，不是钥匙。写 archive key 做出的 {suffix}。")
        return path.read_bytes()
    except FileNotFoundError:
        raise KeyFileError(f"没有 {shown(path)}。路径写错了就改；钥匙在别的盘上，先插好盘。") from None
    except OSError as error:
        raise KeyFileError(f"{shown(path)} 读不出来：{why(error)}。换有权限的账户，或从备份里取一份。") from None


def _require_own(path: Path) -> None:
    """Refuse a private key that others may read. Windows has no such permissions, its user folders are closed."""
    if os.name == "posix" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        remedy = f"运行 chmod 600 {shlex.quote(shown(path))}；改不了，就把它移到自己的主文件夹里再改"
        raise KeyFileError(f"{shown(path)} 这台电脑上别的用户也能读。{remedy}。怕有人抄走了，就换一副。")


def _other_kind(path: Path, what: str) -> str:
    return f"{shown(path)} 是别种{what}，要 Ed25519 的。写 archive key 做出的那一副。"


def is_signed(data: bytes, signature: str, key: str) -> bool:
    """Whether ``signature`` was made for ``data`` with the private half of ``key`` (see ``public_key``).

    It has to be the text that ``Sign`` makes, to the letter.
    """
    if not SIGNATURE_TEXT.fullmatch(signature):
        return False
    try:
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key, validate=True))
        public.verify(base64.b64decode(signature.strip(), validate=True), data)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def _text_of(key: Ed25519PublicKey) -> str:
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return base64.b64encode(raw).decode()
