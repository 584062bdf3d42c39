"""Swap: a folder made beside its place and put there when it is done, by one run at a time.

A run that fails or is killed leaves the folder that stood there; what it left beside is swept away by the next.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from filelock import FileLock, Timeout


class BusyError(Exception):
    """Another run writes to the same place."""


@contextlib.contextmanager
def alone(place: Path) -> Iterator[None]:
    """Be the only run that writes to ``place``; the system lets go of it whatever becomes of the run.

    Raises:
        BusyError: another run does.
    """
    name = hashlib.sha256(os.path.realpath(place).encode()).hexdigest()[:16]
    lock = FileLock(Path(tempfile.gettempdir(), f"integrity-archive-{name}.lock"))
    try:
        with lock.acquire(timeout=0):
            yield
    except Timeout:
        raise BusyError(f"另一个程序正在写 {place}。等它做完再运行，或换一个地方。") from None


@contextlib.contextmanager
def beside(target: Path) -> Iterator[Path]:
    """An empty folder beside ``target``, gone afterwards; to be used ``alone``.

    Raises:
        OSError: it cannot be made.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    _recover(target)
    folder = Path(tempfile.mkdtemp(prefix=_prefix(target), dir=target.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def put(new: Path, target: Path, keep: Path | None = None) -> None:
    """Put the finished folder where the old one stands.

    Args:
        new: the finished folder.
        target: where it goes.
        keep: where the old one goes; None to remove it.

    Raises:
        OSError: it cannot be moved there; the old one stands as before.
    """
    new.chmod(0o755)
    old = Path(tempfile.mkdtemp(prefix=_prefix(target, _OLD), dir=target.parent))
    try:
        if target.exists():
            os.replace(target, old / target.name)
        os.replace(new, target)
        if keep:
            with contextlib.suppress(OSError):
                os.replace(old / target.name, keep)
    except OSError:
        if not target.exists() and (old / target.name).exists():
            os.replace(old / target.name, target)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


Known = tuple[int, int]
"""Size of a file, and nanosecond of its last change."""


class TouchedError(Exception):
    """A site is not what it was when it was built."""


def files_of(site: Path) -> dict[str, Known]:
    """Every file of a site, by its path below it."""
    return {path: _known(entry.stat(follow_symlinks=False)) for path, entry in _walk(site)}


def level(folder: Path, site: Path, files: Mapping[str, Known]) -> None:
    """Give a folder the files of a site and no others, as links; those that it has already cost nothing.

    Args:
        folder: what is in it may be anything.
        site: what it is to be like.
        files: what the site should consist of.

    Raises:
        TouchedError: a file of the site is gone, or not the one that was built.
        OSError: there is no room, or no permission.
    """
    found = {path: entry.stat(follow_symlinks=False) for path, entry in _walk(site)}
    for path, known in files.items():
        if path not in found or _known(found[path]) != known:
            raise TouchedError(path)
    folder.mkdir(parents=True, exist_ok=True)
    there = {path: entry.inode() for path, entry in _walk(folder)}
    for path, inode in there.items():
        if path not in files or inode != found[path].st_ino:
            os.unlink(folder / path)
            if path not in files:
                with contextlib.suppress(OSError):
                    os.removedirs((folder / path).parent)
    ready: set[str] = set()
    for path in files:
        if there.get(path) != found[path].st_ino:
            place = os.path.dirname(f"{folder}/{path}")
            if place not in ready:
                os.makedirs(place, exist_ok=True)
                ready.add(place)
            _link(f"{site}/{path}", f"{folder}/{path}")


def pour(made: Path, folder: Path) -> dict[str, Known]:
    """Put every file of one folder into another on the same disk, in the place of what is there under its name.

    Never writes into a file that is there: it may be that of a site, by another name. Returns the files.

    Raises:
        OSError: there is no room, or no permission.
    """
    files = files_of(made)
    for path in files:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(made / path, target)
    return files


def same_disk(*folders: Path) -> bool:
    """Whether files may be linked and moved between these folders."""
    return len({folder.stat().st_dev for folder in folders}) == 1


def _walk(folder: Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Every file below a folder, with its path below it."""
    pending = [("", str(folder))]
    while pending:
        prefix, place = pending.pop()
        with os.scandir(place) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    pending.append((f"{prefix}{entry.name}/", entry.path))
                else:
                    yield prefix + entry.name, entry


def _known(stat: os.stat_result) -> Known:
    return stat.st_size, stat.st_mtime_ns


def _link(source: str, target: str) -> None:
    """The same file under two names; a copy where the disk cannot (FAT)."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


_OLD = "old-"


def _prefix(target: Path, more: str = "") -> str:
    return f".{target.name}-{more}"


def _recover(target: Path) -> None:
    """After a run that was killed: the old folder back where nothing stands, and all else it left away."""
    for left in sorted(target.parent.glob(f"{_prefix(target)}*")):
        if not left.is_dir() or left.is_symlink():
            continue
        old = left / target.name
        if left.name.startswith(_prefix(target, _OLD)) and old.is_dir() and not target.exists():
            os.replace(old, target)
        shutil.rmtree(left, ignore_errors=True)
