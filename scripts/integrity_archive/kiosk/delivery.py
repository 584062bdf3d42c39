"""Delivery: the folder that a hall gets. Each edition is complete in ``e/<id>``; ``current.js`` names the current one.

An update never changes a file that a running screen reads: the new edition is written next to the old one, and screens
switch to it when nobody uses them and it is complete (``assets/js/kiosk/update.js``). The previous edition stays until
the next delivery, and every edition that was current in the last day, because a visit may be using it. But an edition
with content that the new one no longer has, such as a withdrawn entry, is removed at once, and screens leave it at
once.

The folder carries our marker; files of others in it stay and are never replaced. Of an edition only files are removed
that a delivery wrote, byte for byte: the signed marker says what that was, and no list in the folder, which anybody may
have put there. If files of the current edition are missing or changed, they are written again.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import resources
from pathlib import Path

from integrity_archive.archive.edition import KIOSK
from integrity_archive.kiosk.completeness import with_end_marker
from integrity_archive.kiosk.names import DOORS
from integrity_archive.kiosk.published import PUBLISHED
from integrity_archive.output.destination import shown
from integrity_archive.output.file_record import FileRecord, FileRecords, record_at
from integrity_archive.output.folder import SharedFolder, staging_dir
from integrity_archive.output.foreign_files import ClashError, contents_of, folders_of, names_aside
from integrity_archive.support.atomic_file import write_whole
from integrity_archive.support.digest import edition_id, files_below, sha256_of
from integrity_archive.support.regular_file import read_regular, sha256_of_regular
from integrity_archive.support.windows import text_file

KEPT = 24 * 3600
"""Seconds for which an edition stays after it was last the current one."""
EDITIONS = "e"
CURRENT = "current.js"
FILES = "zz-files.js"
"""The list of an edition's files: written last, and named so that a copy in alphabetical order copies it last."""
LARGEST_SCRIPT, LARGEST_LIST = 64 << 10, 64 << 20
"""Largest ``current.js``, and largest ``published.json``, that are read, in bytes."""
WATCHERS = ("loader.js", "kiosk/check.js", "kiosk/door.js", "kiosk/watchdog.js")
"""Scripts of the edition that the folder's own pages need."""
EXPECTED_TO_CHANGE = ("assets/", "search/")
"""Folders whose files may disappear although no content was withdrawn."""
_ID = re.compile(r"[0-9a-f]{12}")
LAUNCHERS = {
    "kiosk.sh": "linux/kiosk.sh",
    "integrity-kiosk.service": "linux/integrity-kiosk.service",
    "integrity-kiosk.desktop": "linux/integrity-kiosk.desktop",
    "stop.sh": "linux/stop.sh",
    "update.sh": "linux/update.sh",
    "start-kiosk.cmd": "windows/start-kiosk.cmd",
    "start-signage.cmd": "windows/start-signage.cmd",
    "stop.cmd": "windows/stop.cmd",
}


@dataclass(frozen=True)
class Delivered:
    """The result of a delivery."""

    id: str
    """Id of the edition; it depends only on its files."""
    new: bool
    """Whether the folder had no edition or another one before."""
    files: int
    megabytes: float
    removed: int
    """Number of editions that were removed."""
    repaired: int = 0
    """Number of files of the same edition that were missing or changed and were written again."""
    aside: tuple[str, ...] = ()
    """New names of what had the places of these files."""
    left: tuple[str, ...] = ()
    """Editions that should have been removed but have files that no delivery wrote; those stay."""


def deliver(site: Path, out: Path, only_current: bool = False) -> Delivered:
    """Make the built ``site`` the current edition of the folder ``out``. ``site`` is moved there.

    Args:
        site: the built edition.
        out: the folder; only the files named in its marker are ours.
        only_current: whether to remove all other editions at once.

    Raises:
        ClashError: a file of others has the place of one of ours; nothing was changed.
        OSError: ``out`` cannot be written; its previous edition is still current.
    """
    doors = {f"{name}.html": (site / f"folder-{name}.html").read_bytes() for name in DOORS}
    for name in doors:
        (site / f"folder-{name}").unlink()
    paths = sorted(files_below(site))
    for path in paths:
        _end(site / path)
    sums = {path: sha256_of(site / path) for path in paths}
    id_ = edition_id(sums)
    size = sum((site / path).stat().st_size for path in paths)
    (site / FILES).write_text(f"archiveData({json.dumps(FILES[:-3])}, {_json([*paths])});\n", "utf-8", newline="\n")
    sums[FILES] = sha256_of(site / FILES)
    target = out / EDITIONS / id_
    with staging_dir(out) as staging:
        names = [*doors, *map(os.path.basename, WATCHERS), *LAUNCHERS.values(), CURRENT]
        shared = SharedFolder(out, names, staging, KIOSK.name)
        _refuse_others(shared, target, sums[FILES])
        before = current(out)
        repaired: Sequence[str] = ()
        aside: Sequence[str] = ()
        if target.exists():
            repaired, aside = _repair(shared, target, site, sums)
        else:
            shared.put_folder(f"{EDITIONS}/{id_}", site, sums)
        shared.put({name: _made(name, content, staging.content) for name, content in _outer_files(doors, target)})
        for id_now in {id_, before.get("id")}:
            # The folder's modification time records when it was last current.
            if id_now and _is_edition(out / EDITIONS / id_now, shared):
                os.utime(out / EDITIONS / id_now)
        previous = before.get("id") if before.get("id") != id_ else before.get("previous")
        withdrawn = partial(_withdrawn, out, shared=shared, paths=paths, texts=_published(target, shared))
        keep_ids = {id_, previous} if previous and not only_current and not withdrawn(previous) else {id_}
        pointer = {"id": id_, "previous": previous if previous in keep_ids else None}
        named = f"window.archiveCurrent = {_json(pointer)};\n".encode()
        shared.put({CURRENT: _made(CURRENT, named, staging.content)})
        old = _to_forget(out, keep_ids, withdrawn, only_current, shared)
        left = [folder for folder in old if not _remove(folder, _written(folder, shared), staging.content)]
    return Delivered(
        id_,
        before.get("id") != id_,
        len(paths),
        size / 1e6,
        len(old) - len(left),
        len(repaired),
        tuple(f"{EDITIONS}/{id_}/{name}" for name in aside),
        tuple(f"{EDITIONS}/{folder.name}" for folder in left),
    )


def _refuse_others(shared: SharedFolder, target: Path, listed: str) -> None:
    """Stop if something that is not ours has the place of the editions or of the new edition.

    Args:
        shared: the folder.
        target: place of the new edition in it.
        listed: SHA-256 of the new edition's list of files; an edition of another user has the same.

    Raises:
        ClashError: it has.
    """
    ours = _is_edition(target, shared) or (target.is_dir() and _has_content(target / FILES, listed))
    for place, right in ((target.parent, target.parent.is_dir()), (target, ours)):
        if os.path.lexists(place) and (place.is_symlink() or not right):
            what = f"{shown(place)} 不是本程序写的，这里要放触摸屏的版本"
            raise ClashError(f"{what}。把它移走或改名，或换一个 --out，再运行。什么也没有动。")


def _has_content(file: Path, sha256: str) -> bool:
    with contextlib.suppress(OSError):
        return sha256_of_regular(file) == sha256
    return False


def _written(edition: Path, shared: SharedFolder) -> FileRecords:
    """What deliveries wrote of an edition, by the path of each file below it."""
    return shared.records_in(f"{EDITIONS}/{edition.name}")


def _is_edition(folder: Path, shared: SharedFolder) -> bool:
    """Whether a folder is an edition that a delivery wrote."""
    return folder.is_dir() and not folder.is_symlink() and bool(_written(folder, shared))


def _repair(
    shared: SharedFolder, target: Path, site: Path, sums: Mapping[str, str]
) -> tuple[Sequence[str], Sequence[str]]:
    """Write the files of an edition again that are missing or changed.

    What stands in their places is renamed, because somebody may have put it there.

    Args:
        shared: the folder.
        target: the edition in it.
        site: the same edition as it was built now.
        sums: SHA-256 of its files.

    Returns:
        The files that were written, and the new names of what had their places.

    Raises:
        OSError: there is no room, or no permission.
    """
    wanted = {path: (FileRecord((site / path).stat().st_size, None, sha256),) for path, sha256 in sums.items()}
    broken = sorted(wanted.keys() - contents_of(target, wanted).ours.keys(), key=lambda path: (path == FILES, path))
    folders = [f for f in sorted(folders_of(broken)) if os.path.islink(target / f) or not (target / f).is_dir()]
    # A folder stands before those in it, so what is in a folder that was renamed is not looked for.
    aside = [_set_aside(target, name) for name in (*folders, *broken) if os.path.lexists(target / name)]
    shared.put({f"{EDITIONS}/{target.name}/{path}": site / path for path in broken})
    return broken, aside


def _set_aside(folder: Path, name: str) -> str:
    """Rename a file or folder to a free name beside it; returns that."""
    free = next(new for new in names_aside(name) if not os.path.lexists(folder / new))
    os.rename(folder / name, folder / free)
    return free


def _withdrawn(out: Path, id_: str, shared: SharedFolder, paths: Collection[str], texts: frozenset[str]) -> bool:
    """Whether an edition has pages, pictures, films, texts or sayings that the new one has not.

    Args:
        out: the folder.
        id_: of the edition.
        shared: the same folder, with what deliveries wrote.
        paths: files of the new edition.
        texts: what the new edition publishes; see ``published``.
    """
    edition = out / EDITIONS / id_
    written = _written(edition, shared)
    gone = any(not path.startswith(EXPECTED_TO_CHANGE) for path in written.keys() - {*paths, FILES})
    return gone or not _published(edition, shared) <= texts


def _published(edition: Path, shared: SharedFolder) -> frozenset[str]:
    """What an edition publishes; something that no edition has, if that cannot be read or is not what was written."""
    place = edition / PUBLISHED
    try:
        data = read_regular(place, LARGEST_LIST)
        found = json.loads(data)
        intact = record_at(place, place.lstat(), _written(edition, shared).get(PUBLISHED, ()))
    except (OSError, ValueError, RecursionError):
        return frozenset({""})
    return frozenset(map(str, found)) if intact and isinstance(found, list) else frozenset({""})


def _outer_files(doors: Mapping[str, bytes], edition: Path) -> Iterator[tuple[str, bytes]]:
    """The files of the folder outside the editions, with their content."""
    yield from doors.items()
    for name in WATCHERS:
        yield os.path.basename(name), (edition / "assets" / "js" / name).read_bytes()
    for name, place in LAUNCHERS.items():
        text = resources.files("integrity_archive.kiosk").joinpath("launchers", name).read_text("utf-8")
        yield place, text_file(text, mark=False) if name.endswith(".cmd") else text.encode()


def _made(name: str, content: bytes, folder: Path) -> Path:
    """A finished file in a working folder, to be put under a name."""
    made = folder / os.path.basename(name)
    made.write_bytes(content)
    made.chmod(0o755 if made.suffix == ".sh" else 0o644)
    return made


def current(out: Path) -> Mapping[str, str | None]:
    """The content of ``current.js``: ids of the current and the previous edition; empty if it is missing or damaged."""
    try:
        text = read_regular(out / CURRENT, LARGEST_SCRIPT).decode()
        pointer = json.loads(text.partition("=")[2].strip().rstrip(";"))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(pointer, dict) or not _is_id(pointer.get("id")):
        return {}
    return {"id": pointer["id"], "previous": pointer["previous"] if _is_id(pointer.get("previous")) else None}


def _is_id(value: object) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def _end(file: Path) -> None:
    """Rewrite a file of a new edition in the form that proves it complete."""
    content = file.read_bytes()
    proving = with_end_marker(file.suffix, content)
    if proving != content:
        write_whole(file, proving)  # not in place: it may be a hard link to a file in the build's cache


def _to_forget(
    out: Path,
    current: Collection[str],
    withdrawn: Callable[[str], bool],
    only_current: bool,
    shared: SharedFolder,
) -> list[Path]:
    """Folders of the editions that no screen should use any more, also of those that no record names."""
    day_ago = time.time() - KEPT
    return [
        folder
        for folder in sorted((out / EDITIONS).iterdir())
        if folder.name not in current
        and _ID.fullmatch(folder.name)
        and folder.is_dir()
        and not folder.is_symlink()
        and (_is_edition(folder, shared) or os.path.lexists(folder / FILES))
        and (
            only_current
            or folder.stat().st_mtime < day_ago
            or not _is_edition(folder, shared)
            or withdrawn(folder.name)
        )
    ]


def _remove(folder: Path, written: FileRecords, trash: Path) -> bool:
    """Remove what deliveries wrote of an edition; returns whether that was all that is in its folder."""
    found = contents_of(folder, written)
    if not found.foreign:
        # Renamed in one step, so that no screen finds a partly deleted edition.
        os.replace(folder, trash / folder.name)
        return True
    # The list goes first: without it no screen regards the edition as complete.
    for path in sorted(found.ours, key=lambda path: path != FILES):
        (folder / path).unlink()
    folders = folders_of(written)
    for where, _, _ in os.walk(folder, topdown=False):  # which follows no link
        if os.path.relpath(where, folder).replace(os.sep, "/") in folders:
            with contextlib.suppress(OSError):  # what others put there is in it
                os.rmdir(where)
    return False


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
