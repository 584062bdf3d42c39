"""Signed cache: files that are read only if this user's own programs wrote them; output folders use the same key.

Some cached data is read by libraries that run code found in it (pickled objects, compiled templates). A cache may lie
on a shared disk or come with a copied folder. So each file begins with a message authentication code (keyed BLAKE2b,
RFC 7693), and the key lies elsewhere, in the user's settings. A file with a wrong code is made again.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
import tempfile
from functools import cache
from pathlib import Path

from platformdirs import user_config_path

from integrity_archive.support.atomic_file import write_whole
from integrity_archive.support.regular_file import read_regular

MAC_SIZE = 16
"""Bytes of a message authentication code."""
KEY_SIZE = 32
"""Bytes of the key."""
LARGEST = 1 << 30
"""Largest file that is read, in bytes."""


def config_folder() -> Path:
    """The folder of this user's settings; never inside the cache."""
    return user_config_path("integrity-archive", appauthor=False, roaming=True)


@cache
def signing_key() -> bytes:
    """The key of this user's cache and output folders, made when it is first needed.

    If it can be neither read nor written: a key for this process only, so that no cached file and no output folder of
    another run is accepted.
    """
    path = config_folder() / "cache.key"
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        if not os.path.lexists(path):
            _make_key(path)
        key = read_regular(path, KEY_SIZE)
        if len(key) == KEY_SIZE:
            return key
    return secrets.token_bytes(KEY_SIZE)


def _make_key(path: Path) -> None:
    """Write a new key to ``path``, whole or not at all: of two runs that begin at once, both use the same one."""
    handle, made = tempfile.mkstemp(prefix=".key-", dir=path.parent)  # readable by this user only
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(secrets.token_bytes(KEY_SIZE))
        try:
            os.link(made, path)
        except FileExistsError:
            pass
        except OSError:  # a disk without hard links
            os.replace(made, path)
    finally:
        Path(made).unlink(missing_ok=True)


def mac_of(content: bytes | memoryview, secret: bytes) -> bytes:
    """The message authentication code of some content."""
    return hashlib.blake2b(content, digest_size=MAC_SIZE, key=secret).digest()


def is_mac_of(total: bytes, content: bytes | memoryview, secret: bytes) -> bool:
    """Whether a message authentication code belongs to some content."""
    return hmac.compare_digest(total, mac_of(content, secret))


def write_signed(target: Path, content: bytes) -> None:
    """Write ``content`` to ``target``, preceded by its message authentication code.

    Raises:
        OSError: it cannot be written; the previous file is unchanged.
    """
    write_whole(target, mac_of(content, signing_key()) + content)


def read_signed(path: Path) -> bytes:
    """The content that ``write_signed`` wrote.

    Raises:
        OSError: it cannot be read.
        ValueError: it is damaged, or another user wrote it.
    """
    data = read_regular(path, LARGEST)
    if not is_mac_of(data[:MAC_SIZE], data[MAC_SIZE:], signing_key()):
        raise ValueError(f"{path} is damaged")
    return data[MAC_SIZE:]
