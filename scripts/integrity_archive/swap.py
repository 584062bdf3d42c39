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


def put(new: Path, target: Path) -> None:
    """Put the finished folder where the old one stands.

    Raises:
        OSError: it cannot be moved there; the old one stands as before.
    """
    new.chmod(0o755)
    old = Path(tempfile.mkdtemp(prefix=_prefix(target, _OLD), dir=target.parent))
    try:
        if target.exists():
            os.replace(target, old / target.name)
        os.replace(new, target)
    except OSError:
        if not target.exists() and (old / target.name).exists():
            os.replace(old / target.name, target)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


class TouchedError(Exception):
    """A site is not what it was when it was built."""


def fill(new: Path, old: Path, files: Mapping[str, tuple[int, int]]) -> None:
    """Put the files of an old site, known by size and time, into a new one that has only what is different.

    Raises:
        TouchedError: one of them is gone, or not the one that was built.
        OSError: there is no room, or no permission.
    """
    made: set[str] = set()
    for path, known in files.items():
        source, target = f"{old}/{path}", f"{new}/{path}"
        folder = os.path.dirname(target)
        if folder not in made:
            os.makedirs(folder, exist_ok=True)
            made.add(folder)
        if os.path.lexists(target):
            continue
        try:
            found = os.stat(source, follow_symlinks=False)
        except OSError:
            raise TouchedError(path) from None
        if (found.st_size, found.st_mtime_ns) != known:
            raise TouchedError(path)
        _link(source, target)


def _link(source: str, target: str) -> None:
    """The same file under two names; a copy where the disk cannot (FAT)."""
    try:
        os.link(source, target)
    except FileExistsError:
        return
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
