"""Bring: a stick brought up to date so that, whenever it is pulled out, it opens, and the next run finishes the work.

First everything new is copied beside, into ``.archive/new``; what stands on the stick is not touched. Then a note is
written that says what the stick shall become (``.archive/commit.json``), and only then are the new files moved to
their places: those no page knew before first, pages after them, the front page last; then goes what left, and the
manifest closes it. A run that finds a note completes it first. Files that no manifest of ours names are never touched.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from integrity_archive.support.digest import sha256_of
from integrity_archive.support.problems import why
from integrity_archive.support.progress import Track, untracked
from integrity_archive.usb.manifest import (
    HISTORY,
    MANIFEST,
    SIGNATURE,
    SUMS,
    Manifest,
    ManifestError,
    NewerError,
    is_place,
    read_manifest,
)
from integrity_archive.usb.signature import Sign, unsigned

WORK = ".archive"
NOTE = f"{WORK}/commit.json"
NEW = f"{WORK}/new"


class BringError(Exception):
    """The stick cannot be brought up to date; the message says why and what to do, in Chinese."""


@dataclass(frozen=True)
class Done:
    """What a run did."""

    before: str
    """Id of the edition that stood on the stick; empty for none."""
    after: str
    copied: int
    removed: int
    finished: bool = False
    """Whether a run that had been cut off was completed first."""


class Disk:
    """The few things done to a stick. Tests put one in its place that fails."""

    def copy(self, source: Path, target: Path) -> None:
        """Copy a file and have it reach the stick."""
        with open(source, "rb") as read, open(target, "wb") as write:
            shutil.copyfileobj(read, write, 1 << 20)
            write.flush()
            os.fsync(write.fileno())

    def write(self, target: Path, content: bytes) -> None:
        """Write a file beside its place, have it reach the stick, and move it there."""
        beside = target.with_name(target.name + ".part")
        with open(beside, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        self.move(beside, target)

    def move(self, source: Path, target: Path) -> None:
        """Move a file to its place, over what is there."""
        if target.exists() and not os.access(target, os.W_OK):
            target.chmod(0o644)
        os.replace(source, target)

    def remove(self, target: Path) -> None:
        """Delete a file; one that is gone already is no fault."""
        target.unlink(missing_ok=True)

    def folder(self, target: Path) -> None:
        """Have a folder."""
        target.mkdir(parents=True, exist_ok=True)


def standing(dest: Path) -> Manifest | None:
    """The manifest on a stick; None where there is none.

    Raises:
        ManifestError: there is one that cannot be read.
    """
    try:
        return read_manifest((dest / MANIFEST).read_text("utf-8"))
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise ManifestError(f"{MANIFEST} 不是 UTF-8 的文字，已经损坏") from None
    except OSError as error:
        raise ManifestError(f"{MANIFEST} 读不出来（{why(error)}）") from None


def unfinished(dest: Path) -> Manifest | None:
    """What a run that was cut off while it moved files wanted the stick to become; None where there is no such run."""
    note = _note(dest)
    return note.manifest if note else None


def bring(
    site: Path,
    dest: Path,
    new: Manifest,
    disk: Disk | None = None,
    track: Track = untracked,
    sign: Sign = unsigned,
    to_the_letter: bool = False,
) -> Done:
    """Make ``dest`` hold what ``new`` says, with the files of ``site``, which may have only what changed.

    Args:
        site: folder of the files.
        dest: root of the stick.
        new: what the stick is to hold.
        disk: does the writing.
        track: shows progress.
        sign: gives the signature of a manifest's text, empty for none.
        to_the_letter: whether a stick that holds this very edition takes over its ``HISTORY`` too; otherwise it keeps
            the page of what was new when the edition came.

    Raises:
        BringError: files of others stand where ours should, or ``site`` lacks one that the stick lacks too.
        OSError: the stick refuses; it opens as before, or the next run completes what was begun.
    """
    disk = disk or Disk()
    finished = _complete(dest, disk, track)
    try:
        old = standing(dest)
    except NewerError as error:
        raise BringError(f"{dest}：{error}。盘没有动。") from None
    except ManifestError:
        old = None
    known = old.files if old else {}
    _refuse_foreign(dest, new, known if old else _summed(dest))
    if old and old.id == new.id and not to_the_letter:
        told = {path: held for path, held in old.files.items() if path in HISTORY and held.is_at(dest / path)}
        new = replace(new, files={**new.files, **told})
    signature = sign(new.to_json().encode())
    changed = [p for p in track(sorted(new.files), "比对", len(new.files)) if not new.files[p].is_at(dest / p)]
    gone = sorted(set(known) - set(new.files))
    before = old.id if old else ""
    if not changed and not gone and _papers_stand(dest, new, signature):
        _sweep(dest, disk)
        return Done(before, new.id, 0, 0, finished)
    if lacking := [path for path in changed if not (site / path).is_file()]:
        raise BringError(f"盘上的 {lacking[0]} 缺了或坏了，要换上的文件里又没有它。用 archive pack usb 重做这个盘。")
    disk.folder(dest / NEW)
    _clear(dest / NEW, {new.files[path].sha256 for path in changed}, disk)
    for path in track(changed, "复制", len(changed)):
        held = new.files[path]
        staged = dest / NEW / held.sha256
        if not held.is_at(staged):
            disk.copy(site / path, staged)
            if not held.is_at(staged):
                raise OSError(5, "写进去的与读出来的不一样", str(staged))
    todo = _Note(new, tuple(changed), tuple(gone), signature)
    disk.write(dest / NOTE, todo.to_json().encode())
    _apply(dest, todo, disk, track)
    return Done(before, new.id, len(changed), len(gone), finished)


def staged_bytes(dest: Path) -> int:
    """What an earlier run has copied beside already: it is used, or makes room. In bytes."""
    folder = dest / NEW
    return sum(p.stat().st_size for p in folder.iterdir() if p.is_file()) if folder.is_dir() else 0


@dataclass(frozen=True)
class _Note:
    """What a run does once all it needs is on the stick."""

    manifest: Manifest
    move: tuple[str, ...]
    remove: tuple[str, ...]
    signature: str

    def to_json(self) -> str:
        data = {"move": self.move, "remove": self.remove, "signature": self.signature}
        return json.dumps({"manifest": json.loads(self.manifest.to_json()), **data}, ensure_ascii=False)


def _complete(dest: Path, disk: Disk, track: Track) -> bool:
    note = _note(dest)
    if note is None:
        return False
    _apply(dest, note, disk, track)
    return True


def _note(dest: Path) -> _Note | None:
    try:
        data = json.loads((dest / NOTE).read_text("utf-8"))
        manifest = read_manifest(json.dumps(data["manifest"]))
        if not all(map(is_place, data["remove"])) or not set(data["move"]) <= set(manifest.files):
            return None
        return _Note(manifest, tuple(data["move"]), tuple(data["remove"]), str(data["signature"]))
    except (OSError, ValueError, KeyError, TypeError, ManifestError):
        return None  # notes are moved to their place whole; one that cannot be read is none of ours


def _papers_stand(dest: Path, new: Manifest, signature: str) -> bool:
    """Whether manifest, sums and signature are these already."""
    papers = {MANIFEST: new.to_json(), SUMS: new.sums(), SIGNATURE: signature}
    return all(_text(dest / name) == text for name, text in papers.items())


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""


def _apply(dest: Path, todo: _Note, disk: Disk, track: Track) -> None:
    """Move what was copied, delete what left, close with the manifest. Begun again at any point it ends the same."""
    new = todo.manifest
    order = sorted(todo.move, key=_turn)
    wanted = Counter(new.files[path].sha256 for path in order)
    for path in track(order, "换上", len(order)):
        sha256 = new.files[path].sha256
        staged = dest / NEW / sha256
        wanted[sha256] -= 1
        if not staged.exists():
            continue  # moved already
        disk.folder((dest / path).parent)
        if wanted[sha256]:
            twin = staged.with_name(staged.name + ".twin")
            disk.copy(staged, twin)
            disk.move(twin, dest / path)
        else:
            disk.move(staged, dest / path)
    for path in todo.remove:
        disk.remove(dest / path)
    _prune(dest, todo.remove)
    disk.write(dest / SUMS, new.sums().encode())
    if todo.signature:
        disk.write(dest / SIGNATURE, todo.signature.encode())
    else:
        disk.remove(dest / SIGNATURE)
    disk.write(dest / MANIFEST, new.to_json().encode())
    _sweep(dest, disk)


def _turn(path: str) -> tuple[int, str]:
    """What is needed before what names it: files, the index of the search, pages, and the front page last."""
    if path.endswith(".html"):
        return (3 if path == "index.html" else 2, path)
    return (1 if path == "search/manifest.js" else 0, path)


def _clear(folder: Path, wanted: Container[str], disk: Disk) -> None:
    """What an earlier run copied for another edition: it takes the room of what is wanted now."""
    for staged in sorted(folder.iterdir()):
        if staged.name not in wanted:
            disk.remove(staged)


def _summed(dest: Path) -> frozenset[str]:
    """On a stick whose manifest cannot be read, the files that are as ``SHA256SUMS`` says: they are ours."""
    lines = (line.partition("  ") for line in _text(dest / SUMS).splitlines())
    sums = {path: sha256 for sha256, _, path in lines if is_place(path)}
    return frozenset(p for p, sha256 in sums.items() if (dest / p).is_file() and sha256_of(dest / p) == sha256)


def _refuse_foreign(dest: Path, new: Manifest, known: Container[str]) -> None:
    """Nothing of ours takes the place of what somebody else put there."""
    if (dest / WORK).exists() and not (dest / WORK).is_dir():
        raise BringError(f"{dest} 里有一个叫 {WORK} 的文件，本馆的盘要用这个名字。先把它移走。")
    root = dest.resolve()
    for path in sorted(new.files):
        place = dest / path
        if place.is_dir():
            raise BringError(f"{place} 是一个文件夹，那里要放本馆的文件。先把它移走，再运行。盘没有动。")
        if not (dest / path).parent.resolve().is_relative_to(root):
            raise BringError(f"{place.parent} 通到盘的外面（符号链接）。先把它移走，再运行。盘没有动。")
    unknown = [path for path in sorted(new.files) if path not in known and (dest / path).exists()]
    theirs = [path for path in unknown if not new.files[path].is_at(dest / path)]
    if not known and (dest / MANIFEST).exists():
        theirs.append(MANIFEST)
    if theirs:
        shown = "、".join(theirs[:5]) + (" 等" if len(theirs) > 5 else "")
        raise BringError(f"{dest} 里已有同名的文件，不是本馆放的：{shown}。先把它们移走，或换一个文件夹。盘没有动。")


def _prune(dest: Path, removed: Iterable[str]) -> None:
    """Folders that held nothing else."""
    for path in removed:
        for folder in (dest / path).parents:
            if folder == dest or not folder.is_dir() or any(folder.iterdir()):
                break
            folder.rmdir()


def _sweep(dest: Path, disk: Disk) -> None:
    """The note first: without it what is left of the work is only litter. Nothing else in the folder is ours."""
    disk.remove(dest / NOTE)
    shutil.rmtree(dest / NEW, ignore_errors=True)
    (dest / f"{NOTE}.part").unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        (dest / WORK).rmdir()
