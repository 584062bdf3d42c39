"""File record: by what a file is known as one that we wrote: its content.

Anybody may put a file under a name of ours. So a marker holds the SHA-256 of each file, and size and time of last
change, by which an unchanged file is known without reading it. A copy (``cp``, FAT, ``git checkout``) has another time:
then the content decides. No time is recorded of a file so young that a later change may bear the same one. Whoever
changes a file, keeps its size and sets its time back on purpose is not noticed.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, TypeAlias

from integrity_archive.support.digest import sha256_of

YOUNG = 2_000_000_000
"""Nanoseconds: FAT notes every other second."""


class FileRecord(NamedTuple):
    """A content that we wrote."""

    size: int
    """Bytes."""
    mtime_ns: int | None
    """Time of last change, in nanoseconds; None if the file was too young for it to prove anything."""
    sha256: str
    """Hex digits."""


FileRecords: TypeAlias = Mapping[str, tuple[FileRecord, ...]]
"""The contents that we wrote, by path below a folder. A file that is being replaced has two: the old and the new."""


def record_at(path: str | Path, found: os.stat_result, records: tuple[FileRecord, ...]) -> FileRecord | None:
    """The record that a file agrees with; None if it is not what we wrote.

    Args:
        path: of the file.
        found: its state, links not followed.
        records: what we wrote there.

    Raises:
        OSError: its content has to be read and cannot be.
    """
    if not stat.S_ISREG(found.st_mode):
        return None
    size, changed, content = found.st_size, found.st_mtime_ns, ""
    for record in records:
        if record.size == size and record.mtime_ns == changed:
            return record
    for record in records:
        if record.size == size:
            content = content or sha256_of(Path(path))
            if record.sha256 == content:
                return new_record(path, found, content)
    return None


def records_below(
    folder: Path, known: FileRecords, sums: Mapping[str, str] | None = None
) -> dict[str, tuple[FileRecord, ...]]:
    """A record of every file in a folder that we made; only files of unknown content are read.

    Args:
        folder: the folder.
        known: records of files that were unchanged when they were put there, by path.
        sums: SHA-256 of files whose content is known, by path.

    Raises:
        OSError: a file cannot be read.
    """
    found: dict[str, tuple[FileRecord, ...]] = {}
    for path, entry in files_in(folder):
        state = entry.stat(follow_symlinks=False)
        before = known.get(path, ())
        if len(before) == 1 and before[0][:2] == (state.st_size, state.st_mtime_ns):
            found[path] = before
        else:
            found[path] = (new_record(entry.path, state, (sums or {}).get(path)),)
    return found


def new_record(path: str | Path, found: os.stat_result, sha256: str | None = None) -> FileRecord:
    """A record of a file that we made.

    Args:
        path: of the file.
        found: its state.
        sha256: of its content; None to read it.

    Raises:
        OSError: it cannot be read.
    """
    changed = found.st_mtime_ns if found.st_mtime_ns < time.time_ns() - YOUNG else None
    return FileRecord(found.st_size, changed, sha256 or sha256_of(Path(path)))


def files_in(folder: Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Every file and link below a folder, with its path below it.

    Raises:
        OSError: a folder cannot be read.
    """
    pending = [("", str(folder))]
    while pending:
        prefix, place = pending.pop()
        with os.scandir(place) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    pending.append((f"{prefix}{entry.name}/", entry.path))
                else:
                    yield prefix + entry.name, entry
