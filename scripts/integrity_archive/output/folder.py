"""Output folder: folders and files are made next to their place and then moved there, by one run at a time.

Whenever a run stops, either the old or the new folder is complete at its place, and so are the files in it that are not
ours (``foreign_files``). A run's working folder records which place it belongs to; if that run is dead, the next run
for the same place removes it, and no other run does.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import FileLock, Timeout

from integrity_archive.output.destination import OutputError, not_our_marker, shown
from integrity_archive.output.file_record import FileRecord, FileRecords, new_record, record_at, records_below
from integrity_archive.output.foreign_files import (
    FEW,
    ClashError,
    Contents,
    Item,
    contents_of,
    folders_of,
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
    has_marker,
    is_id,
    new_id,
    read_json,
    read_marker,
    read_work,
    write_marker,
    write_work,
)
from integrity_archive.support.cache import cache_folder

_ABOUT, _LOCK, _CONTENT, _OLD, _CARRIED = "work.json", "lock", "content", "old", "carried.json"


class BusyError(OutputError):
    """Another run is writing to the same place."""


@contextlib.contextmanager
def output_lock(target: Path) -> Iterator[None]:
    """Be the only run that writes to ``target``; the system releases the lock when the run ends, however it ends.

    Raises:
        BusyError: another run has the lock.
        OSError: the lock file in the user's cache cannot be written.
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
    """Take a lock if it is free, and hold it within the context; yields whether it was free.

    The context may end in another thread than it began in.
    """
    file_lock = FileLock(lock, thread_local=False)
    try:
        file_lock.acquire(timeout=0)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        file_lock.release()


@dataclass(frozen=True)
class Staging:
    """A working folder next to its target, on the same disk."""

    folder: Path
    target: Path
    id: str
    """Id of the output folder: the one ``target`` has already, or a new one."""
    marker: Marker | None
    """Of ``target`` as it stands; None if it has none."""

    @property
    def content(self) -> Path:
        """The folder in which to make the files for the target, under any name."""
        return self.folder / _CONTENT


@contextlib.contextmanager
def staging_dir(target: Path) -> Iterator[Staging]:
    """A working folder next to ``target``, removed afterwards; those of dead runs for the same place are removed first.

    Use it within ``output_lock``.

    Raises:
        OSError: it cannot be made.
    """
    missing = [folder for folder in target.parents if not folder.exists()]
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        _sweep(target)
        marker = read_marker(target)
        folder = Path(tempfile.mkdtemp(prefix=WORK_PREFIX, dir=target.parent))
        with _working(staging := Staging(folder, target, marker.id if marker else new_id(), marker)):
            yield staging
    finally:
        for folder in missing:  # removed again unless something was put there
            with contextlib.suppress(OSError):
                folder.rmdir()


@contextlib.contextmanager
def scratch_dir() -> Iterator[Path]:
    """A temporary folder in the user's cache, removed afterwards; those of dead runs are removed first.

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
    with contextlib.ExitStack() as stack:
        try:
            with contextlib.suppress(NotImplementedError):  # a disk without locks: then no run sweeps it
                stack.enter_context(_taken(folder / _LOCK))
            about = {"format": FORMAT, "made_by": MADE_BY, "target": staging.target.name, "id": staging.id}
            write_work(folder / _ABOUT, about)
            staging.content.mkdir()
            yield
        finally:
            with contextlib.suppress(OSError):  # then the next run does it
                _clear(folder, staging.target)
            stack.close()
            if not (folder / _OLD).exists():
                _discard(folder)


def _sweep(target: Path) -> None:
    """Clean up after killed runs: put an old folder back if its place is empty, and remove their working folders.

    Raises:
        OSError: files of others in the old folder cannot be moved into the present one.
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
            continue  # without locks it is unknown whether its run is dead; or the run has just ended
        if taken and not (folder / _OLD).exists():
            _discard(folder)


def _left(target: Path, marker: Marker | None) -> Iterator[Path]:
    """Working folders of this program that belong to this place."""
    for folder in sorted(target.parent.glob(f"{WORK_PREFIX}*")):
        about = read_work(folder / _ABOUT) if _is_own(folder) else None
        if about is None or about.get("format") != FORMAT:
            continue
        id_ = about.get("id")
        if about.get("target") == target.name and is_id(id_) and (marker is None or marker.id == id_):
            yield folder


def _is_own(folder: Path) -> bool:
    """Whether the folder belongs to this user and its lock is not a link; folders of others are not touched."""
    own = not hasattr(os, "getuid") or (_is_folder(folder) and folder.lstat().st_uid == os.getuid())
    return own and _is_folder(folder) and not (folder / _LOCK).is_symlink()


def _is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False


@dataclass(frozen=True)
class Replaced:
    """The result of ``replace_dir``."""

    marker: Marker
    """Of the new folder."""
    kept: tuple[str, ...]
    """Files of ours that somebody has changed, and that the new folder has only because they are kept."""

    @property
    def note(self) -> str:
        """A message that names the kept files; empty if there are none."""
        if not self.kept:
            return ""
        named = "、".join(map(shown, self.kept[:FEW])) + (" 等" if len(self.kept) > FEW else "")
        what = f"{len(self.kept)} 个文件写好以后有人改过，新的网站里已经没有这几页，照原样留着：{named}"
        return f"{what}。不要了就移走。"


def replace_dir(
    new: Path,
    staging: Staging,
    edition: str,
    files: FileRecords | None = None,
    standing: Contents | None = None,
    keep: Path | None = None,
) -> Replaced:
    """Put a finished folder into its place, with our marker and with the files of others from the old folder.

    Args:
        new: the finished folder, on the same disk.
        staging: from ``staging_dir``.
        edition: name of the edition that was built.
        files: records of all files of the finished folder, if they are known.
        standing: what ``target_contents`` found a moment ago, if it was asked.
        keep: where to move the old folder, without files of others; None to remove it.

    Raises:
        ClashError: a file of ours would replace one of others, or one that somebody has changed; nothing was changed.
        OSError: it cannot be moved there; the old folder is unchanged.
    """
    target, old, before = staging.target, staging.folder / _OLD, staging.marker
    known = before.files if before else {}
    (new / MARKER).unlink(missing_ok=True)  # of a build before
    if files is None:
        files = records_below(new, known)
    new.chmod(0o755)
    theirs: Sequence[Item] = ()
    if target.exists():
        theirs = (standing or target_contents(staging)).foreign
        refuse_clashes(theirs, new, target)
        marker = write_marker(new, staging.id, edition, files)
        move_foreign_items(theirs, target, new)
        _note(staging.folder, theirs)
        os.replace(target, old)
    else:
        marker = write_marker(new, staging.id, edition, files)
    try:
        os.replace(new, target)
    except OSError:
        if not os.path.lexists(target) and old.exists():
            os.replace(old, target)
        raise
    if old.exists():
        with contextlib.suppress(OSError):  # then it is tried again at the end and by the next run
            _settle(staging.folder, target, before, marker)
            if keep:
                os.replace(old, keep)
    return Replaced(marker, tuple(item.path for item in theirs if item.path in known))


def target_contents(staging: Staging) -> Contents:
    """What is in the target of a working folder: files of ours and of others.

    Raises:
        OSError: it, or a file in it under a name of ours, cannot be read.
    """
    return _contents(staging.target, staging.marker)


def _contents(folder: Path, marker: Marker | None) -> Contents:
    found = contents_of(folder, marker.files if marker else {})
    if marker is None:
        return found
    return replace(found, foreign=tuple(item for item in found.foreign if item.path != MARKER))


def _note(folder: Path, theirs: Sequence[Item]) -> None:
    states = {item.path: item.state for item in theirs}
    (folder / _CARRIED).write_text(json.dumps(states), "utf-8")


def _settle(folder: Path, target: Path, before: Marker | None, now: Marker | None) -> None:
    """Move all files of others from the old folder into the present one.

    Args:
        folder: the working folder, which contains the old folder.
        target: the present folder.
        before: marker of the old folder.
        now: marker of the present folder.

    Raises:
        OSError: a file could not be moved.
    """
    old = folder / _OLD
    carried = read_json(folder / _CARRIED)
    known = carried if isinstance(carried, dict) else {}
    theirs = _contents(old, before).foreign
    late = [item for item in theirs if known.get(item.path) != list(item.state)]
    move_late_items(late, old, target, now.files if now else {})
    without_foreign_items(theirs, old)


def _clear(folder: Path, target: Path) -> None:
    """Remove the old folder from a working folder, after the files of others were moved out of it.

    Raises:
        OSError: a file of others could not be moved.
    """
    old = folder / _OLD
    if _is_folder(old):
        if not os.path.lexists(target):
            os.replace(old, target)
            return
        _settle(folder, target, read_marker(old), read_marker(target))
        shutil.rmtree(old, ignore_errors=True)


class SharedFolder:
    """A folder that may contain files of others, in which single files of ours are added and replaced."""

    def __init__(self, folder: Path, names: Iterable[str], staging: Staging, edition: str) -> None:
        """Make the folder ours, if it is not yet; nothing else is changed.

        Args:
            folder: the folder, which may not exist yet.
            names: paths below it of the files that will be put there.
            staging: from ``staging_dir``, on the same disk.
            edition: name of the edition for the marker.

        Raises:
            ClashError: something of others, or changed by somebody, has one of these names.
            OSError: there is no room, or no permission.
        """
        self._folder, self._staging = folder, staging
        marker = read_marker(folder)
        if marker is None and has_marker(folder):
            raise ClashError(not_our_marker(folder, "--out"))
        if marker and marker.edition != edition:
            what = f"{shown(folder)} 里放的是另一种（{shown(marker.edition)}），不能混在一起"
            raise ClashError(f"{what}。换一个 --out。什么也没有动。")
        self._id, self._edition = marker.id if marker else staging.id, edition
        known = marker.files if marker else {}
        self._files = {path: records for path, records in known.items() if os.path.lexists(folder / path)}
        self._refuse_clashes(names)
        folder.mkdir(parents=True, exist_ok=True)
        if marker is None:
            self._write_marker()

    def records_in(self, name: str) -> dict[str, tuple[FileRecord, ...]]:
        """Records of our files in a folder, by their paths below that folder."""
        inside = f"{name}/"
        return {path.removeprefix(inside): r for path, r in self._files.items() if path.startswith(inside)}

    def put(self, made: Mapping[str, Path]) -> None:
        """Put finished files there, by their paths below the folder, in this order.

        Each is recorded before it is moved, beside the one it replaces: whenever a run is killed, either is known as
        ours.

        Raises:
            ClashError: somebody has put something in the place of one meanwhile; none was moved.
            OSError: there is no room, or no permission.
        """
        present = self._refuse_clashes(made)
        for name, path in made.items():
            new = new_record(path, path.stat())
            old = present.get(name)
            self._files[name] = (old, new) if old and old != new else (new,)
        self._write_marker()
        for name, path in made.items():
            (self._folder / name).parent.mkdir(parents=True, exist_ok=True)
            os.replace(path, self._folder / name)

    def put_folder(self, name: str, made: Path, sums: Mapping[str, str]) -> None:
        """Put a finished folder there, under a path that nothing has.

        Args:
            name: its path below this folder.
            made: the finished folder.
            sums: SHA-256 of its files, as far as they are known already.

        Raises:
            OSError: there is no room, or no permission.
        """
        made.chmod(0o755)
        self._files |= {f"{name}/{path}": records for path, records in records_below(made, {}, sums).items()}
        self._write_marker()
        (self._folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.move(made, self._folder / name)

    def _refuse_clashes(self, names: Iterable[str]) -> dict[str, FileRecord]:
        """What stands at these paths, all of it ours."""
        wanted, present = frozenset(names), {}
        for name in sorted(wanted):
            place = self._folder / name
            if os.path.lexists(place):
                record = record_at(place, place.lstat(), self._files.get(name, ()))
                if record is None:
                    raise ClashError(_in_the_way(place))
                present[name] = record
        for name in sorted(folders_of(wanted)):
            if os.path.lexists(self._folder / name) and not _is_folder(self._folder / name):
                raise ClashError(_in_the_way(self._folder / name))
        return present

    def _write_marker(self) -> None:
        write_marker(self._staging.content, self._id, self._edition, self._files)
        os.replace(self._staging.content / MARKER, self._folder / MARKER)


def _in_the_way(place: Path) -> str:
    what = f"{shown(place)} 不是本程序写的，或写好以后有人改过，这里要放一个同名的"
    return f"{what}。把它移走或改名，或换一个 --out，再运行。它没有动。"


def _discard(folder: Path) -> None:
    """Remove a working folder; the files that identify it as ours go last, in case this run is killed meanwhile."""
    shutil.rmtree(folder / _CONTENT, ignore_errors=True)
    if (folder / _CONTENT).exists():
        return
    with contextlib.suppress(OSError):
        for name in (_CARRIED, _LOCK, _ABOUT):
            (folder / name).unlink(missing_ok=True)
        folder.rmdir()


def make_file(target: Path, make: Callable[[Path], object]) -> Path:
    """Call ``make`` with a path in a working folder, then move the file to ``target``; exceptions of ``make`` pass.

    Raises:
        BusyError: another run makes the same file.
        OSError: it cannot be written; the previous file is unchanged.
    """
    with output_lock(target), staging_dir(target) as staging:
        made = staging.content / target.name
        make(made)
        os.replace(made, target)
    return target
