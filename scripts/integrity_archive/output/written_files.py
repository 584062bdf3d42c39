"""Written files: which single files this user's commands wrote, so that a command replaces only its own.

A file is known by its content: whoever changed it, or put another of the same kind in its place, keeps it. The record
lies in the user's cache and is signed (``support.signed_cache``); where it is missing, every file counts as foreign.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from integrity_archive.output.folder import make_file
from integrity_archive.support.cache import cache_folder, key_of
from integrity_archive.support.digest import sha256_of
from integrity_archive.support.signed_cache import read_signed, write_signed


def is_written_by_us(path: Path) -> bool:
    """Whether a file is byte for byte what a command of this user last wrote there."""
    try:
        return read_signed(_record(path)) == sha256_of(path).encode()
    except (OSError, ValueError):
        return False


def make_own_file(target: Path, make: Callable[[Path], object]) -> None:
    """As ``make_file``, and remember the content; without room for the note the file counts as foreign.

    Raises:
        BusyError: another run makes the same file.
        OSError: it cannot be written; the previous file is unchanged.
    """
    make_file(target, make)
    with contextlib.suppress(OSError):
        write_signed(_record(target), sha256_of(target).encode())


def _record(path: Path) -> Path:
    return cache_folder("written") / key_of(os.path.realpath(path))
