"""Signed cache: files that are believed only when this user's own programs wrote them.

Some of what is kept between builds is read by libraries that would run code found in it (pickled objects, compiled
templates). A cache may lie on a shared disk or come with a copied folder; so it carries a keyed sum (BLAKE2b,
RFC 7693), and the key lies elsewhere, in the user's settings. What does not fit is made again.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
import stat
from functools import cache
from pathlib import Path

from integrity_archive.support.atomic_file import write_whole

MAC_SIZE = 16
"""Bytes of a sum."""
KEY_SIZE = 32
"""Bytes of the key."""


def config_folder() -> Path:
    """Where what this user's programs know of themselves lies; never in the cache."""
    base = os.environ.get("APPDATA") or os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    return Path(base, "integrity-archive")


@cache
def signing_key() -> bytes:
    """The key of this user's cache, made when it is first asked for.

    Where it can neither be read nor written, one for this process alone: then nothing that was kept is believed.
    """
    path = config_folder() / "cache.key"
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as stream:
                stream.write(secrets.token_bytes(KEY_SIZE))
        if stat.S_ISREG(path.lstat().st_mode):
            found = path.read_bytes()
            if len(found) == KEY_SIZE:
                return found
    return secrets.token_bytes(KEY_SIZE)


def mac_of(content: bytes | memoryview, secret: bytes) -> bytes:
    """The keyed sum of some content."""
    return hashlib.blake2b(content, digest_size=MAC_SIZE, key=secret).digest()


def is_mac_of(total: bytes, content: bytes | memoryview, secret: bytes) -> bool:
    """Whether a keyed sum is that of some content."""
    return hmac.compare_digest(total, mac_of(content, secret))


def write_signed(target: Path, content: bytes) -> None:
    """Put ``content`` at ``target`` with its sum before it.

    Raises:
        OSError: it cannot be written; what stood there still does.
    """
    write_whole(target, mac_of(content, signing_key()) + content)


def read_signed(path: Path) -> bytes:
    """What ``write_signed`` put there.

    Raises:
        OSError: it is not there.
        ValueError: it is damaged, or somebody else wrote it.
    """
    data = path.read_bytes()
    if not is_mac_of(data[:MAC_SIZE], data[MAC_SIZE:], signing_key()):
        raise ValueError(f"{path} is damaged")
    return data[MAC_SIZE:]
