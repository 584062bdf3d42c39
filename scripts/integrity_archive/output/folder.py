"""Output: folders and files made beside their place and put there when they are done, by one run at a time.

Whatever becomes of a run, the old folder or the new one stands there whole, and so do the files in it that are not ours
(``foreign``). What a run works with lies in a folder that says whose it is and for what; it is swept away by the next
run for the same place, and by no other, if the run that made it is dead.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from integrity_archive.output.destination import OutputError, shown
from integrity_archive.output.foreign_files import (
    ClashError,
    Item,
    folders_of,
    foreign_items,
    move_foreign_items,
    move_late_items,
    refuse_clashes,
    without_foreign_items,
)
from integrity_archive.output.marker import (
    FORMAT,
    MADE_BY,
    MARKER,
    WORK_PREFIX,
    Marker,
    is_id,
    new_id,
    read_json,
    read_marker,
    write_marker,
)
from integrity_archive.support.cache import cache_folder

_ABOUT, _LOCK, _CONTENT, _OLD, _CARRIED = "work.json", "lock", "content", "old", "carried.json"


class BusyError(OutputError):
    """Another run writes to the same place."""


@contextlib.contextmanager
def output_lock(target: Path) -> Iterator[None]:
    """Be the only run that writes to ``target``; the system lets go of it whatever becomes of the run.

    Raises:
        BusyError: another run does.
        OSError: the user's cache, where the lock lies, cannot be written.
    """
    folder = cache_folder("locks")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{hashlib.sha256(os.fsencode(os.path.realpath(target))).hexdigest()[:32]}.lock"
    if path.is_symlink():
        path.unlink()
    with _taken(path) as taken:
        if not taken:
            raise BusyError(f"另一个程序正在写 {shown(target)}。等它做完再运行，或换一个地方。")
        yield


@contextlib.contextmanager
def _taken(lock: Path) -> Iterator[bool]:
    """Whether nobody else has a lock; as long as this lasts, nobody else gets it then."""
    held = FileLock(lock)
    try:
        held.acquire(timeout=0)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        held.release()


@dataclass(frozen=True)
class Staging:
    """A working folder beside a place, on the same disk."""

    folder: Path
    target: Path
    id: str
    """Of the output folder; what ``target`` has already, or what it will get."""

    @property
    def content(self) -> Path:
        """Where to make what is to be put into the place, under any name."""
        return self.folder / _CONTENT


@contextlib.contextmanager
def staging_dir(target: Path) -> Iterator[Staging]:
    """A working folder beside ``target``, gone afterwards; what dead runs for the same place left is swept away.

    To be used within ``output_lock``.

    Raises:
        OSError: it cannot be made.
    """
    missing = [folder for folder in target.parents if not folder.exists()]
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        _sweep(target)
        marker = read_marker(target)
        folder = Path(tempfile.mkdtemp(prefix=WORK_PREFIX, dir=target.parent))
        with _working(staging := Staging(folder, target, marker.id if marker else new_id())):
            yield staging
    finally:
        for folder in missing:  # nothing was put there
            with contextlib.suppress(OSError):
                folder.rmdir()


@contextlib.contextmanager
def scratch_dir() -> Iterator[Path]:
    """A folder in the user's cache for what is made on the way, gone afterwards; those of dead runs are swept away.

    Raises:
        OSError: it cannot be made.
    """
    place = cache_folder("work") / "scratch"
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with staging_dir(place) as staging:
        yield staging.content


@contextlib.contextmanager
def _working(staging: Staging) -> Iterator[None]:
    folder = staging.folder
    with contextlib.ExitStack() as held:
        try:
            with contextlib.suppress(NotImplementedError):  # a disk without locks: then nobody sweeps it
                held.enter_context(_taken(folder / _LOCK))
            about = {"format": FORMAT, "made_by": MADE_BY, "target": staging.target.name, "id": staging.id}
            (folder / _ABOUT).write_text(json.dumps(about, ensure_ascii=False), "utf-8")
            staging.content.mkdir()
            yield
        finally:
            with contextlib.suppress(OSError):  # then the next run does it
                _clear(folder, staging.target)
            held.close()
            if not (folder / _OLD).exists():
                _discard(folder)


def _sweep(target: Path) -> None:
    """After runs that were killed: the old folder back where nothing stands, and all else they left away.

    Raises:
        OSError: what others had put into the old folder cannot be carried into the one that stands there.
    """
    marker = read_marker(target)
    for folder in _left(target, marker):
        try:
            with _taken(folder / _LOCK) as taken:
                if taken:
                    old = folder / _OLD
                    if _is_folder(old) and not os.path.lexists(target):
                        os.replace(old, target)
                    _clear(folder, target)
        except (NotImplementedError, FileNotFoundError):
            continue  # nobody can tell whether its run is dead, on a disk without locks; or it has just ended
        if taken and not (folder / _OLD).exists():
            _discard(folder)


def _left(target: Path, marker: Marker | None) -> Iterator[Path]:
    """Working folders of this program for this very place."""
    for folder in sorted(target.parent.glob(f"{WORK_PREFIX}*")):
        about = read_json(folder / _ABOUT) if _is_own(folder) else None
        if not isinstance(about, dict) or about.get("made_by") != MADE_BY or about.get("format") != FORMAT:
            continue
        id_ = about.get("id")
        if about.get("target") == target.name and is_id(id_) and (marker is None or marker.id == id_):
            yield folder


def _is_own(folder: Path) -> bool:
    """Whether it is a folder of this user, without a link for a lock: nobody else's is touched."""
    own = not hasattr(os, "getuid") or (_is_folder(folder) and folder.lstat().st_uid == os.getuid())
    return own and _is_folder(folder) and not (folder / _LOCK).is_symlink()


def _is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False


def replace_dir(new: Path, staging: Staging, edition: str, keep: Path | None = None) -> None:
    """Put a finished folder into the place it was made for, with our marker and all that others had put there.

    Args:
        new: the finished folder, on the same disk.
        staging: from ``staging_dir``.
        edition: name of the edition that was built.
        keep: where the old folder goes, without what was not ours in it; None to remove it.

    Raises:
        ClashError: ours would take the place of what is not ours; nothing was changed.
        OSError: it cannot be moved there; the old one stands as before.
    """
    target, old = staging.target, staging.folder / _OLD
    files = [item.path for item in foreign_items(new, ()) if not item.is_folder]
    new.chmod(0o755)
    if target.exists():
        marker = read_marker(target)
        theirs = list(foreign_items(target, marker.files if marker else ()))
        refuse_clashes(theirs, new, target)
        write_marker(new, staging.id, edition, files)
        move_foreign_items(theirs, target, new)
        _note(staging.folder, theirs)
        os.replace(target, old)
    else:
        write_marker(new, staging.id, edition, files)
    try:
        os.replace(new, target)
    except OSError:
        if not os.path.lexists(target) and old.exists():
            os.replace(old, target)
        raise
    if old.exists():
        with contextlib.suppress(OSError):  # then it is tried again at the end, and by the next run
            _settle(staging.folder, target)
            if keep:
                os.replace(old, keep)


def _note(folder: Path, theirs: list[Item]) -> None:
    said = {item.path: item.state for item in theirs}
    (folder / _CARRIED).write_text(json.dumps(said, ensure_ascii=False), "utf-8")


def _settle(folder: Path, target: Path) -> None:
    """Have nothing but ours in the old folder: what others put there is in the one that stands there now.

    Raises:
        OSError: something could not be carried.
    """
    old = folder / _OLD
    carried = read_json(folder / _CARRIED)
    known = carried if isinstance(carried, dict) else {}
    before, now = read_marker(old), read_marker(target)
    theirs = list(foreign_items(old, before.files if before else ()))
    move_late_items(
        [item for item in theirs if known.get(item.path) != list(item.state)],
        old,
        target,
        now.files if now else (),
    )
    without_foreign_items(theirs, old)


def _clear(folder: Path, target: Path) -> None:
    """Remove the old folder in a working folder, once nothing in it is not ours.

    Raises:
        OSError: something that is not ours could not be carried.
    """
    old = folder / _OLD
    if _is_folder(old):
        if not os.path.lexists(target):
            os.replace(old, target)
            return
        _settle(folder, target)
        shutil.rmtree(old, ignore_errors=True)


def claim_files(folder: Path, names: Iterable[str], staging: Staging, edition: str) -> None:
    """Note in a folder's marker that these files in it are ours, before they are written into it.

    Args:
        folder: where they go, one by one, beside what others have there.
        names: their paths below it.
        staging: from ``staging_dir``, on the same disk.
        edition: what the marker is to say.

    Raises:
        ClashError: something that is not ours stands where one is to go; nothing was changed.
        OSError: there is no room, or no permission.
    """
    marker = read_marker(folder)
    if marker is None and os.path.lexists(folder / MARKER):
        raise ClashError(_in_the_way(folder / MARKER))
    if marker and marker.edition != edition:
        said = f"{shown(folder)} 里放的是另一种（{shown(marker.edition)}），不能混在一起"
        raise ClashError(f"{said}。换一个 --out。什么也没有动。")
    ours, wanted = marker.files if marker else frozenset(), frozenset(names)
    for name in sorted(wanted):
        if os.path.lexists(folder / name) and (name not in ours or not _is_file(folder / name)):
            raise ClashError(_in_the_way(folder / name))
    for name in sorted(folders_of(wanted)):
        if os.path.lexists(folder / name) and not _is_folder(folder / name):
            raise ClashError(_in_the_way(folder / name))
    write_marker(staging.content, marker.id if marker else staging.id, edition, ours | wanted)
    folder.mkdir(parents=True, exist_ok=True)
    os.replace(staging.content / MARKER, folder / MARKER)


def _in_the_way(place: Path) -> str:
    return f"{shown(place)} 不是本程序写的，这里要放一个同名的。把它移走或改名，或换一个 --out，再运行。什么也没有动。"


def _is_file(path: Path) -> bool:
    return stat.S_ISREG(path.lstat().st_mode)


def _discard(folder: Path) -> None:
    """Remove a working folder; what says that it is ours goes last, so that a run killed meanwhile leaves it known."""
    shutil.rmtree(folder / _CONTENT, ignore_errors=True)
    if (folder / _CONTENT).exists():
        return
    with contextlib.suppress(OSError):
        for name in (_CARRIED, _LOCK, _ABOUT):
            (folder / name).unlink(missing_ok=True)
        folder.rmdir()


def make_file(target: Path, make: Callable[[Path], object]) -> Path:
    """Have ``make`` write a file beside ``target``, then put it there; whatever it raises passes.

    Raises:
        BusyError: another run makes the same file.
        OSError: it cannot be written; what stood there still does.
    """
    with output_lock(target), staging_dir(target) as staging:
        made = staging.content / target.name
        make(made)
        os.replace(made, target)
    return target
