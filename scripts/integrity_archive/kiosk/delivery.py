"""Folder: what a hall is given. Each edition of the site stands whole under ``e/<id>``; ``current.js`` names one.

An update never changes a file that a running screen reads: the new edition arrives beside the old, and screens go over
to it when nobody is at them and all of it is there (``assets/js/kiosk/update.js``). The edition before stays until the
next, and whichever was current within the last day: a visit may be going on in it. But one that has something which
the new one has no more, as an entry that was withdrawn, goes at once, and screens leave it at once.

The folder carries our marker; what others put there stays, and nothing of theirs is replaced.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from integrity_archive.archive.edition import KIOSK
from integrity_archive.kiosk.completeness import with_end_marker
from integrity_archive.kiosk.names import DOORS
from integrity_archive.output.destination import shown
from integrity_archive.output.folder import Staging, claim_files, staging_dir
from integrity_archive.output.foreign_files import ClashError, foreign_items
from integrity_archive.output.marker import is_relative
from integrity_archive.support.atomic_file import write_whole
from integrity_archive.support.digest import edition_id, files_below, sha256_of
from integrity_archive.support.windows import text_file

KEPT = 24 * 3600
"""Seconds an edition stays after it was last the current one."""
EDITIONS = "e"
CURRENT = "current.js"
FILES = "zz-files.js"
"""The list of an edition's files: written last, and named so that whoever copies by name copies it last."""
WATCHERS = ("loader.js", "kiosk/check.js", "kiosk/door.js", "kiosk/watchdog.js")
"""Scripts of the edition that the folder's own pages need."""
EXPECTED_TO_CHANGE = ("assets/", "search/")
"""What an edition may have no more without anything having been withdrawn."""
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
    """A folder brought up to date."""

    id: str
    """Of the edition: the same for the same files, and no other."""
    new: bool
    """Whether the folder had another edition before, or none."""
    files: int
    megabytes: float
    removed: int
    """Editions that were removed."""


def deliver(site: Path, out: Path, only_current: bool = False) -> Delivered:
    """Put the built ``site`` into the folder ``out`` as its current edition. ``site`` is moved there.

    Args:
        site: the built edition.
        out: the folder; of what is in it already, only what its marker names is ours.
        only_current: whether to remove every other edition at once.

    Raises:
        ClashError: something that is not ours stands where ours is to go; nothing was changed.
        OSError: ``out`` cannot be written; it still shows the edition it had.
    """
    doors = {f"{name}.html": (site / f"folder-{name}.html").read_bytes() for name in DOORS}
    for name in doors:
        (site / f"folder-{name}").unlink()
    paths = sorted(files_below(site))
    for path in paths:
        _end(site / path)
    id_ = edition_id({path: sha256_of(site / path) for path in paths})
    size = sum((site / path).stat().st_size for path in paths)
    (site / FILES).write_text(f"archiveData({json.dumps(FILES[:-3])}, {_json([*paths])});\n", "utf-8", newline="\n")
    target = out / EDITIONS / id_
    with staging_dir(out) as staging:
        _refuse_others(out, target)
        claim_files(out, [*doors, *map(os.path.basename, WATCHERS), *LAUNCHERS.values(), CURRENT], staging, KIOSK.name)
        before = current(out)
        target.parent.mkdir(exist_ok=True)
        if not target.exists():
            site.chmod(0o755)
            shutil.move(site, target)
        for name, content in _beside(doors, target):
            _put(out / name, content, staging)
        for id_now in {id_, before.get("id")}:
            # The folder's time says when it was last current; the files' own are of no use to anybody.
            if id_now and _is_edition(out / EDITIONS / id_now):
                os.utime(out / EDITIONS / id_now)
        previous = before.get("id") if before.get("id") != id_ else before.get("previous")
        kept = {id_, previous} if previous and not only_current and not _withdrawn(out, previous, paths) else {id_}
        said = {"id": id_, "previous": previous if previous in kept else None}
        _put(out / CURRENT, f"window.archiveCurrent = {_json(said)};\n".encode(), staging)
        removed = _forget(out, kept, paths, only_current, staging)
    return Delivered(id_, before.get("id") != id_, len(paths), size / 1e6, removed)


def _refuse_others(out: Path, target: Path) -> None:
    """Stop if the place of the editions, or of the new one, is not ours.

    Raises:
        ClashError: it is not.
    """
    for place, ours in ((target.parent, target.parent.is_dir()), (target, _is_edition(target))):
        if os.path.lexists(place) and (place.is_symlink() or not ours):
            said = f"{shown(place)} 不是本程序写的，这里要放触摸屏的版本"
            raise ClashError(f"{said}。把它移走或改名，或换一个 --out，再运行。什么也没有动。")


def _is_edition(folder: Path) -> bool:
    """Whether a folder is an edition of ours, by its name and its list of files."""
    return _ID.fullmatch(folder.name) is not None and not folder.is_symlink() and _listed(folder) is not None


def _listed(edition: Path) -> frozenset[str] | None:
    """The files of an edition by its own list; None where there is none of ours."""
    try:
        text = (edition / FILES).read_text("utf-8")
        found = json.loads(text.partition(",")[2].strip().rstrip(";)"))
    except (OSError, ValueError, RecursionError):
        return None
    return frozenset(found) if isinstance(found, list) and all(map(is_relative, found)) else None


def _withdrawn(out: Path, id_: str, paths: Collection[str]) -> bool:
    """Whether an edition has pages, pictures or films that the new one, of these files, has no more."""
    listed = _listed(out / EDITIONS / id_) or frozenset()
    return any(not path.startswith(EXPECTED_TO_CHANGE) for path in listed.difference(paths))


def _beside(doors: Mapping[str, bytes], edition: Path) -> Iterator[tuple[str, bytes]]:
    """What stands in the folder beside the editions."""
    yield from doors.items()
    for name in WATCHERS:
        yield os.path.basename(name), (edition / "assets" / "js" / name).read_bytes()
    for name, place in LAUNCHERS.items():
        text = resources.files("integrity_archive.kiosk").joinpath("launchers", name).read_text("utf-8")
        yield place, text_file(text, mark=False) if name.endswith(".cmd") else text.encode()


def _put(target: Path, content: bytes, staging: Staging) -> None:
    made = staging.content / target.name
    made.write_bytes(content)
    made.chmod(0o755 if target.suffix == ".sh" else 0o644)
    target.parent.mkdir(exist_ok=True)
    os.replace(made, target)


def current(out: Path) -> Mapping[str, str | None]:
    """What ``current.js`` says: ids of the edition shown and the one before; nothing where it is missing or damaged."""
    try:
        text = (out / CURRENT).read_text("utf-8")
        found = json.loads(text.partition("=")[2].strip().rstrip(";"))
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict) or not _is_id(found.get("id")):
        return {}
    return {"id": found["id"], "previous": found["previous"] if _is_id(found.get("previous")) else None}


def _is_id(value: object) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def _end(file: Path) -> None:
    """Have a file of a new edition in the form that proves it whole."""
    content = file.read_bytes()
    proving = with_end_marker(file.suffix, content)
    if proving != content:
        write_whole(file, proving)  # the build may have linked it to a file of its cache


def _forget(out: Path, kept: Collection[str], paths: Collection[str], only_current: bool, staging: Staging) -> int:
    """Remove editions no screen should show any more; how many."""
    day_ago = time.time() - KEPT
    count = 0
    for folder in sorted((out / EDITIONS).iterdir()):
        if folder.name in kept or not _is_edition(folder):
            continue
        if only_current or folder.stat().st_mtime < day_ago or _withdrawn(out, folder.name, paths):
            _remove(folder, staging)
            count += 1
    return count


def _remove(folder: Path, staging: Staging) -> None:
    """Remove an edition; what others put into its folder stays there."""
    listed = _listed(folder) or frozenset()
    theirs = list(foreign_items(folder, {*listed, FILES}))
    if not theirs:
        # Out of sight in one step: a screen never meets an edition that is half gone.
        os.replace(folder, staging.content / folder.name)
        return
    (folder / FILES).unlink()  # first: without it no screen takes the edition for whole
    foreign = {item.path for item in theirs}
    for path in [path for path in files_below(folder) if path in listed and path not in foreign]:
        (folder / path).unlink()
    for where, _, _ in os.walk(folder, topdown=False):
        if os.path.relpath(where, folder).replace(os.sep, "/") not in foreign:
            with contextlib.suppress(OSError):  # what others put there is in it
                os.rmdir(where)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
