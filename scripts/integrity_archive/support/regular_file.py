"""Regular files: reading what anybody may have put there, in bounded time and memory.

Reading a pipe may wait for ever, a device may have no end, and a link leads elsewhere.
"""

from __future__ import annotations

import hashlib
import os
import stat
from io import BufferedReader
from pathlib import Path

_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def read_regular(path: Path, most: int) -> bytes:
    """The content of a file.

    Args:
        path: of the file.
        most: the largest size, in bytes, that is read.

    Raises:
        OSError: it is no regular file, such as a link or a pipe; it is larger; or it cannot be read.
    """
    with _opened(path) as stream:
        if os.fstat(stream.fileno()).st_size > most:
            raise OSError(f"{path} has more than {most} bytes")
        return stream.read(most)


def sha256_of_regular(path: Path) -> str:
    """Hex digits of the SHA-256 of a file of any size.

    Raises:
        OSError: it is no regular file, or it cannot be read.
    """
    with _opened(path) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _opened(path: Path) -> BufferedReader:
    if not stat.S_ISREG(path.lstat().st_mode):  # opening a device may have effects
        raise OSError(f"{path} is no regular file")
    stream = open(os.open(path, _FLAGS), "rb")  # noqa: SIM115 - the caller closes it
    if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
        stream.close()
        raise OSError(f"{path} is no regular file")
    return stream
