"""Delivery: the folder that a hall gets. Each edition is complete in ``e/<id>``; ``current.js`` names the current one.

An update never changes a file that a running screen reads: the new edition is written next to the old one, and screens
switch to it when nobody uses them and it is complete (``assets/js/kiosk/update.js``). The previous edition stays until
the next delivery, and every edition that was current in the last day, because a visit may be using it. But an edition
with content that the new one no longer has, such as a withdrawn entry, is removed at once, and screens leave it at
once.

The folder carries our marker; files of others in it stay and are never replaced.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import resources
from pathlib import Path

from integrity_archive.archive.edition import KIOSK
from integrity_archive.kiosk.completeness import with_end_marker
from integrity_archive.kiosk.names import DOORS
from integrity_archive.kiosk.published import PUBLISHED
from integrity_archive.output.destination import shown
from integrity_archive.output.file_record import FileRecords
from integrity_archive.output.folder import SharedFolder, staging_dir
from integrity_archive.output.foreign_files import ClashError, contents_of
from integrity_archive.output.marker import is_relative
from integrity_archive.support.atomic_file import write_whole
from integrity_archive.support.digest import edition_id, files_below, sha256_of
from integrity_archive.support.windows import text_file

KEPT = 24 * 3600
"""Seconds for which an edition stays after it was last the current one."""
EDITIONS = "e"
CURRENT = "current.js"
FILES = "zz-files.js"
"""The list of an edition's files: written last, and named so that a copy in alphabetical order copies it last."""
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
    target = out / EDITIONS / id_
    with staging_dir(out) as staging:
        _refuse_others(out, target)
        names = [*doors, *map(os.path.basename, WATCHERS), *LAUNCHERS.values(), CURRENT]
        shared = SharedFolder(out, names, staging, KIOSK.name)
        before = current(out)
        if not target.exists():
            shared.put_folder(f"{EDITIONS}/{id_}", site, sums)
        shared.put({name: _made(name, content, staging.content) for name, content in _outer_files(doors, target)})
        for id_now in {id_, before.get("id")}:
            # The folder's modification time records when it was last current.
            if id_now and _is_edition(out / EDITIONS / id_now):
                os.utime(out / EDITIONS / id_now)
        previous = before.get("id") if before.get("id") != id_ else before.get("previous")
        withdrawn = partial(_withdrawn, out, paths=paths, texts=_published(target))
        keep_ids = {id_, previous} if previous and not only_current and not withdrawn(previous) else {id_}
        pointer = {"id": id_, "previous": previous if previous in keep_ids else None}
        named = f"window.archiveCurrent = {_json(pointer)};\n".encode()
        shared.put({CURRENT: _made(CURRENT, named, staging.content)})
        removed = _forget(out, keep_ids, withdrawn, only_current, shared, staging.content)
    return Delivered(id_, before.get("id") != id_, len(paths), size / 1e6, removed)


def _refuse_others(out: Path, target: Path) -> None:
    """Stop if something that is not ours has the place of the editions or of the new edition.

    Raises:
        ClashError: it has.
    """
    for place, ours in ((target.parent, target.parent.is_dir()), (target, _is_edition(target))):
        if os.path.lexists(place) and (place.is_symlink() or not ours):
            what = f"{shown(place)} 不是本程序写的，这里要放触摸屏的版本"
            raise ClashError(f"{what}。把它移走或改名，或换一个 --out，再运行。什么也没有动。")


def _is_edition(folder: Path) -> bool:
    """Whether a folder is an edition of ours, by its name and its list of files."""
    return _ID.fullmatch(folder.name) is not None and not folder.is_symlink() and _listed(folder) is not None


def _listed(edition: Path) -> frozenset[str] | None:
    """The files of an edition by its own list; None if it has no valid list."""
    try:
        text = (edition / FILES).read_text("utf-8")
        paths = json.loads(text.partition(",")[2].strip().rstrip(";)"))
    except (OSError, ValueError, RecursionError):
        return None
    return frozenset(paths) if isinstance(paths, list) and all(map(is_relative, paths)) else None


def _withdrawn(out: Path, id_: str, paths: Collection[str], texts: frozenset[str]) -> bool:
    """Whether an edition has pages, pictures, films, texts or sayings that the new one has not.

    Args:
        out: the folder.
        id_: of the edition.
        paths: files of the new edition.
        texts: what the new edition publishes; see ``published``.
    """
    edition = out / EDITIONS / id_
    listed = _listed(edition) or frozenset()
    gone = any(not path.startswith(EXPECTED_TO_CHANGE) for path in listed.difference(paths))
    return gone or not _published(edition) <= texts


def _published(edition: Path) -> frozenset[str]:
    """What an edition publishes; something that no edition has, if that cannot be read."""
    try:
        found = json.loads((edition / PUBLISHED).read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return frozenset({""})
    return frozenset(map(str, found)) if isinstance(found, list) else frozenset({""})


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
        text = (out / CURRENT).read_text("utf-8")
        pointer = json.loads(text.partition("=")[2].strip().rstrip(";"))
    except (OSError, ValueError):
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


def _forget(
    out: Path,
    current: Collection[str],
    withdrawn: Callable[[str], bool],
    only_current: bool,
    shared: SharedFolder,
    trash: Path,
) -> int:
    """Remove editions that no screen should use any more; returns their number."""
    day_ago = time.time() - KEPT
    count = 0
    for folder in sorted((out / EDITIONS).iterdir()):
        if folder.name in current or not _is_edition(folder):
            continue
        if only_current or folder.stat().st_mtime < day_ago or withdrawn(folder.name):
            ours = shared.records_in(f"{EDITIONS}/{folder.name}")
            if ours:
                _remove(folder, ours, trash)
                count += 1
    return count


def _remove(folder: Path, ours: FileRecords, trash: Path) -> None:
    """Remove an edition; files of others in its folder, and files that somebody has changed, stay."""
    theirs = contents_of(folder, ours).foreign
    if not theirs:
        # Renamed in one step, so that no screen finds a partly deleted edition.
        os.replace(folder, trash / folder.name)
        return
    foreign = {item.path for item in theirs}
    # The list goes first: without it no screen regards the edition as complete.
    for path in sorted(ours.keys() - foreign, key=lambda path: path != FILES):
        (folder / path).unlink(missing_ok=True)
    for where, _, _ in os.walk(folder, topdown=False):
        if os.path.relpath(where, folder).replace(os.sep, "/") not in foreign:
            with contextlib.suppress(OSError):  # what others put there is in it
                os.rmdir(where)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
