"""Folder: what a hall is given. Each edition of the site stands whole under ``e/<id>``; ``current.js`` names one.

An update never changes a file that a running screen reads: the new edition arrives beside the old, and screens go over
to it when nobody is at them and all of it is there (``assets/js/kiosk/update.js``). The edition before stays until the
next, and whichever was current within the last day: a visit may be going on in it.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from integrity_archive.kiosk.completeness import ended
from integrity_archive.kiosk.names import DOORS
from integrity_archive.support.atomic_file import write_whole
from integrity_archive.support.digest import edition_id, files_below, sha256_of
from integrity_archive.support.windows import text_file

KEPT = 24 * 3600
"""Seconds an edition stays after it was last the current one."""
EDITIONS = "e"
CURRENT = "current.js"
FILES = "zz-files.js"
"""The list of an edition's files: written last, and named so that whoever copies by name copies it last."""
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


def is_kiosk_folder(folder: Path) -> bool:
    """Whether we made this folder; nothing else is ever replaced."""
    return (folder / CURRENT).is_file() and (folder / EDITIONS).is_dir()


def deliver(site: Path, out: Path) -> Delivered:
    """Put the built ``site`` into the folder ``out`` as its current edition. ``site`` is moved there.

    Raises:
        OSError: ``out`` cannot be written; it still shows the edition it had.
    """
    out.mkdir(parents=True, exist_ok=True)
    doors = {f"{name}.html": (site / f"folder-{name}.html").read_bytes() for name in DOORS}
    for name in doors:
        (site / f"folder-{name}").unlink()
    paths = sorted(files_below(site))
    for path in paths:
        _end(site / path)
    id_ = edition_id({path: sha256_of(site / path) for path in paths})
    size = sum((site / path).stat().st_size for path in paths)
    (site / FILES).write_text(f"archiveData({json.dumps(FILES[:-3])}, {_json([*paths])});\n", "utf-8", newline="\n")
    before = current(out)
    target = out / EDITIONS / id_
    target.parent.mkdir(exist_ok=True)
    if not target.exists():
        site.chmod(0o755)
        shutil.move(site, target)
    for name, content in doors.items():
        write_whole(out / name, content)
    for name in ("check.js", "door.js", "watchdog.js"):
        write_whole(out / name, (target / "assets" / "js" / "kiosk" / name).read_bytes())
    for name, place in LAUNCHERS.items():
        _write_launcher(name, out / place)
    for id_now in {id_, before.get("id")}:
        # The folder's time says when it was last current; the files' own are of no use to anybody.
        if id_now and (out / EDITIONS / id_now).is_dir():
            os.utime(out / EDITIONS / id_now)
    previous = before.get("id") if before.get("id") != id_ else before.get("previous")
    write_whole(out / CURRENT, f"window.archiveCurrent = {_json({'id': id_, 'previous': previous})};\n".encode())
    _forget(out, {id_, previous})
    return Delivered(id_, before.get("id") != id_, len(paths), size / 1e6)


def current(out: Path) -> Mapping[str, str]:
    """What ``current.js`` says: the edition shown and the one before; nothing where it is missing or damaged."""
    try:
        text = (out / CURRENT).read_text("utf-8")
        found = json.loads(text.partition("=")[2].strip().rstrip(";"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _end(file: Path) -> None:
    """Have a file of a new edition in the form that proves it whole."""
    content = file.read_bytes()
    proving = ended(file.suffix, content)
    if proving != content:
        write_whole(file, proving)  # the build may have linked it to a file of its cache


def _write_launcher(name: str, target: Path) -> None:
    target.parent.mkdir(exist_ok=True)
    text = resources.files("integrity_archive.kiosk").joinpath("launchers", name).read_text("utf-8")
    write_whole(target, text_file(text, mark=False) if name.endswith(".cmd") else text.encode())
    if name.endswith(".sh"):
        target.chmod(0o755)


def _forget(out: Path, kept: Iterable[str | None]) -> None:
    """Editions no screen shows any more."""
    day_ago = time.time() - KEPT
    for folder in (out / EDITIONS).iterdir():
        if folder.name not in set(kept) and folder.stat().st_mtime < day_ago:
            # Out of sight in one step: a screen never meets an edition that is half gone.
            doomed = Path(tempfile.mkdtemp(prefix=".old-", dir=out))
            os.replace(folder, doomed / folder.name)
            shutil.rmtree(doomed, ignore_errors=True)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
