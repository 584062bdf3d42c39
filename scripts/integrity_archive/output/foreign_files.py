"""Foreign files: files of others in an output folder (CNAME, ``.git``, an upload), which the next folder keeps."""

from __future__ import annotations

import errno
import itertools
import os
import shutil
import stat
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from integrity_archive.output.destination import OutputError, shown
from integrity_archive.output.file_record import FileRecord, FileRecords, record_at
from integrity_archive.output.marker import MARKER

FEW = 3
"""Number of files that a message names."""
State = tuple[int, int, int]
"""Mode, size and modification time in nanoseconds; any change alters it."""


class ClashError(OutputError):
    """A foreign file has the place of one of ours, or cannot be moved; the message says so, in Chinese."""


@dataclass(frozen=True)
class Item:
    """A file, link or folder that is not ours."""

    path: str
    """Path below the output folder, with forward slashes."""
    state: State

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder; a link to a folder is not."""
        return stat.S_ISDIR(self.state[0])

    @property
    def is_link(self) -> bool:
        """Whether it is a symbolic link."""
        return stat.S_ISLNK(self.state[0])


@dataclass(frozen=True)
class Contents:
    """What is in a folder."""

    ours: FileRecords
    """Records of the files that are what we wrote, by path below the folder."""
    inodes: Mapping[str, int]
    """Of these files."""
    foreign: tuple[Item, ...]
    """Everything else, each folder before its content; links are not followed.

    A file with the name of one of ours and another content, a link or a special file is foreign too.
    """


def contents_of(folder: Path, written: FileRecords) -> Contents:
    """What is in a folder: files of ours and of others.

    Args:
        folder: an output folder.
        written: the files that were written there.

    Raises:
        OSError: the folder, or a file in it under a name of ours, cannot be read.
    """
    ours: dict[str, tuple[FileRecord, ...]] = {}
    inodes: dict[str, int] = {}
    foreign: list[Item] = []
    folders = folders_of(written)
    pending = [("", str(folder))]
    while pending:
        prefix, place = pending.pop()
        with os.scandir(place) as entries:
            for entry in entries:
                path = prefix + entry.name
                if entry.is_dir(follow_symlinks=False):
                    pending.append((f"{path}/", entry.path))
                    if path not in folders:
                        foreign.append(Item(path, state_of(entry.stat(follow_symlinks=False))))
                    continue
                state = entry.stat(follow_symlinks=False)
                if record := record_at(entry.path, state, written.get(path, ())):
                    ours[path], inodes[path] = (record,), entry.inode()
                else:
                    foreign.append(Item(path, state_of(state)))
    return Contents(ours, inodes, tuple(foreign))


def folders_of(files: Iterable[str]) -> frozenset[str]:
    """All folders above these files."""
    folders: set[str] = set()
    for path in files:
        while (path := path.rpartition("/")[0]) and path not in folders:
            folders.add(path)
    return frozenset(folders)


def state_of(found: os.stat_result) -> State:
    """A value that changes if the file does; of a folder only the mode counts, because its content changes the rest."""
    if stat.S_ISDIR(found.st_mode):
        return found.st_mode, 0, 0
    return found.st_mode, found.st_size, found.st_mtime_ns


def refuse_clashes(items: Iterable[Item], new: Path, target: Path) -> None:
    """Stop, before anything is changed, if a foreign item cannot be moved into the folder ``new``.

    Raises:
        ClashError: ``new`` has, or will have, a file of that name, or the item is neither file, link nor folder.
    """
    clashes: list[str] = []
    for item in items:
        place = target / item.path
        if not (item.is_folder or item.is_link or stat.S_ISREG(item.state[0])):
            raise ClashError(
                f"{shown(place)} 是特殊文件（管道、设备之类），带不到新的里去。把它移走，再运行。原来的没有动。"
            )
        existing = _lstat(new / item.path)
        parents = [new / parent for parent in PurePosixPath(item.path).parents][:-1]
        below_a_file = any(status and not stat.S_ISDIR(status.st_mode) for status in map(_lstat, parents))
        same_name = existing and not (item.is_folder and stat.S_ISDIR(existing.st_mode))
        if below_a_file or same_name or item.path == MARKER:
            clashes.append(shown(place))
    if clashes:
        others = f"（还有 {len(clashes) - FEW} 个也是）" if len(clashes) > FEW else ""
        what = f"{'、'.join(clashes[:FEW])} 不是本程序写的，或写好以后有人改过{others}"
        why = "新的网站里也有同名的：馆藏的 docs/ 里放着，或程序要做一个"
        remedy = "把这里的移走或改名；馆藏里的不要了，就删去那一个。再运行。原来的没有动。"
        raise ClashError(f"{what}；{why}。{remedy}")


def _lstat(path: Path) -> os.stat_result | None:
    try:
        return path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None


def move_foreign_items(items: Iterable[Item], old: Path, new: Path) -> None:
    """Put the foreign items of a folder into the new one too, as hard links or copies.

    Raises:
        OSError: there is no room, or no permission.
    """
    folders = []
    for item in items:
        place = new / item.path
        if item.is_folder:
            place.mkdir(parents=True, exist_ok=True)
            folders.append((place, item))
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            _same(old / item.path, place, item)
    for place, item in reversed(folders):
        place.chmod(stat.S_IMODE(item.state[0]))


def move_late_items(items: Iterable[Item], old: Path, target: Path, ours: Collection[str]) -> None:
    """Move items that appeared in the old folder while the new one was put into its place.

    Of two states of a foreign file the later stays. An item whose name is used by one of our files is renamed to
    ``<name>.old``.

    Args:
        items: items that are new or changed.
        old: the old folder, which contains them.
        target: the present folder.
        ours: paths of our files in ``target``.

    Raises:
        OSError: there is no room, or no permission.
    """
    for item in items:
        place = target / item.path
        try:
            if item.is_folder:
                place.mkdir(parents=True, exist_ok=True)
                continue
            place.parent.mkdir(parents=True, exist_ok=True)
            there = _lstat(place)
            if there is not None and item.path not in ours and not stat.S_ISDIR(there.st_mode):
                if there.st_mtime_ns >= item.state[2]:
                    continue
                place.unlink()
            _same(old / item.path, place, item)
        except (FileExistsError, NotADirectoryError):
            if not item.is_folder:
                _same(old / item.path, _free_place(target / item.path.replace("/", "__")), item)


def _free_place(place: Path) -> Path:
    return next(free for name in names_aside(place.name) if _lstat(free := place.with_name(name)) is None)


def names_aside(name: str) -> Iterator[str]:
    """Names for what has to leave its place: ``<name>.old``, ``<name>.old1`` and so on; ``name`` may be a path."""
    return (f"{name}.old{number or ''}" for number in itertools.count())


def _same(source: Path, place: Path, item: Item) -> None:
    """Make a hard link or copy of a file, or an equal symbolic link; an existing file is never replaced."""
    if item.is_link:
        os.symlink(os.readlink(source), place)
        return
    try:
        os.link(source, place)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise
        with open(place, "xb") as out, open(source, "rb") as into:  # a disk without hard links
            shutil.copyfileobj(into, out)
        shutil.copystat(source, place)


def without_foreign_items(items: Iterable[Item], folder: Path) -> None:
    """Remove foreign items from a folder after they were put into another.

    Raises:
        OSError: an item cannot be removed, such as a folder that is no longer empty.
    """
    removed = list(items)
    for item in removed:
        if item.is_folder:
            (folder / item.path).chmod(0o700)
    for item in reversed(removed):
        path = folder / item.path
        if item.is_folder:
            path.rmdir()
        else:
            path.unlink(missing_ok=True)
