"""Cache: files kept for the next build, named by a hash of everything they are made from."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeAlias

from platformdirs import user_cache_path

from integrity_archive.support.atomic_file import MAKING, made_whole
from integrity_archive.support.signed_cache import read_signed, write_signed

ENVIRONMENT = "ARCHIVE_CACHE"
"""Environment variable that names a folder to use instead of the user's cache."""

STALE = 24 * 60 * 60
"""Age in seconds of an unfinished file that no run can still be writing; the longest film takes less."""

SAMPLE = 1 << 20
"""Bytes read from either end of a film to identify it; reading gigabytes at each build would take too long."""


Kind: TypeAlias = Literal["films", "packs", "pictures", "templates", "builds", "locks", "work", "proof", "written"]

SWEPT: tuple[Kind, ...] = ("films", "packs", "pictures")
"""Kinds that ``sweep`` cleans: slow to make, so that runs are killed meanwhile. The others clean up themselves."""


def cache_folder(kind: Kind) -> Path:
    """The folder of the cache for one kind of file."""
    if os.environ.get(ENVIRONMENT):
        return Path(os.environ[ENVIRONMENT], kind)
    return user_cache_path("integrity-archive", appauthor=False, opinion=False) / kind


def state_folder(root: str, edition: str, target: Path) -> Path:
    """The state that the last build left, for this archive root, edition name and output folder."""
    return cache_folder("builds") / key_of(os.path.realpath(root), edition, os.path.realpath(target))


def sweep() -> None:
    """Delete unfinished files of killed runs; a recent one may belong to a run that is still writing."""
    old = time.time() - STALE
    for kind in SWEPT:
        for path in cache_folder(kind).rglob(f"{MAKING}*"):
            # Another run may sweep too, and on Windows a file in use stays.
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < old:
                    path.unlink()


def key_of(*parts: object) -> str:
    """A hash that changes with any part; a part is bytes, or an object with a ``repr`` that covers its whole value."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part if isinstance(part, bytes) else repr(part).encode()
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def fingerprint(path: str) -> bytes:
    """A hash of size, beginning and end of a file, enough to distinguish films without reading them whole."""
    size = os.path.getsize(path)
    with open(path, "rb") as stream:
        first = stream.read(SAMPLE)
        stream.seek(max(0, size - SAMPLE))
        return hashlib.blake2b(first + stream.read() + size.to_bytes(8, "big"), digest_size=16).digest()


def cached_file(name: str, make: Callable[[str], None], kind: Kind = "films") -> str:
    """Path of the file ``name`` in the cache; ``make`` writes it if it is not there, or not as it was written.

    It is written under a temporary name and then renamed, so that a killed run leaves no partial file under ``name``.
    A signed note beside it holds its sum, for the cache may be written to by others; a link is never followed.
    """
    target = cache_folder(kind) / name
    if not is_intact(target):
        # Never removed first: another run may have made it just now, and be reading it.
        made_whole(target, make)
        _note(target)
    return str(target)


def is_intact(target: Path) -> bool:
    """Whether a file of the cache is what ``cached_file`` wrote: by size, times and inode, or else by its content."""
    try:
        if not stat.S_ISREG(target.lstat().st_mode):
            return False
        content, state = json.loads(read_signed(_note_of(target)))
        if state == _state(target):
            return True
        if content == _sum(target):
            _note(target)
            return True
    except (OSError, ValueError, TypeError):
        pass
    return False


def _note(target: Path) -> None:
    with contextlib.suppress(OSError):  # then it is made again next time
        write_signed(_note_of(target), json.dumps([_sum(target), _state(target)]).encode())


def _note_of(target: Path) -> Path:
    return target.with_name(target.name + ".sum")


def _state(target: Path) -> list[int]:
    """What cannot stay as it is when a file's content changes; nobody can set the time of its last change of state."""
    found = target.stat()
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]


def _sum(target: Path) -> str:
    with open(target, "rb") as stream:
        return hashlib.file_digest(stream, "blake2b").hexdigest()
