"""Bring: a stick brought up to date so that, whenever it is pulled out, it opens, and the next run finishes the work.

First everything new is copied beside, into ``.archive/new``; what stands on the stick is not touched. Then a note is
written that says what the stick shall become (``.archive/commit.json``), and only then are the new files moved to
their places: those no page knew before first, pages after them, the front page last; then goes what left, and the
manifest closes it. A run that finds a note completes it first. Files that no manifest of ours names are never touched,
and nothing is ever read or written through a link.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from integrity_archive.support.problems import why
from integrity_archive.support.progress import Progress, no_progress
from integrity_archive.support.safe_folder import Kind, SafeFolder
from integrity_archive.usb.manifest import HISTORY, Manifest
from integrity_archive.usb.marker import BESIDE, MARKER, Marker, new_marker
from integrity_archive.usb.places import MANIFEST, SIGNATURE, SUMS, WORK
from integrity_archive.usb.signature import Sign, unsigned
from integrity_archive.usb.survey import (
    NEW,
    NOTE,
    STAGED,
    StickState,
    SyncError,
    SyncJournal,
    bad_note,
    plain_links,
    refuse_blocked,
    refuse_other_key,
    still_ours,
    survey,
)
from integrity_archive.usb.untrusted import MOST_TEXT

_BLOCK = 1 << 20


@dataclass(frozen=True)
class SyncResult:
    """What a run did."""

    before: str
    """Id of the edition that stood on the stick; empty for none."""
    after: str
    copied: int
    removed: int
    finished: bool = False
    """Whether a run that had been cut off was completed first."""


class Source(Protocol):
    """Where the files come from."""

    def has(self, path: str) -> bool:
        """Whether the file is there."""

    def blocks(self, path: str) -> Iterable[bytes]:
        """Its bytes, a block at a time.

        Raises:
            BringError: it cannot be read.
        """


class Site:
    """The files of a built site."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def has(self, path: str) -> bool:
        """Whether the file is there."""
        return (self._folder / path).is_file()

    def blocks(self, path: str) -> Iterator[bytes]:
        """Its bytes, a block at a time.

        Raises:
            BringError: it cannot be read.
        """
        place = self._folder / path
        try:
            with open(place, "rb") as stream:
                while block := stream.read(_BLOCK):
                    yield block
        except OSError as error:
            raise SyncError(f"{place} 读不出来：{why(error)}。再运行一次。") from None


class Disk:
    """The few things done to a stick. Tests put one in its place that fails."""

    def copy(self, folder: SafeFolder, blocks: Iterable[bytes], name: str) -> None:
        """Write a file and have it reach the stick."""
        folder.create(name, blocks)

    def write(self, folder: SafeFolder, name: str, content: bytes) -> None:
        """Write a file in the working folder, have it reach the stick, and move it to its place."""
        folder.create(BESIDE, [content])
        self.move(folder, BESIDE, name)

    def move(self, folder: SafeFolder, source: str, target: str) -> None:
        """Move a file to its place, over what is there."""
        folder.move(source, target)

    def remove(self, folder: SafeFolder, name: str) -> None:
        """Delete a file; one that is gone already is no fault."""
        folder.remove(name)

    def make_folder(self, folder: SafeFolder, name: str) -> None:
        """Have a folder."""
        folder.make_folder(name)


def sync(
    site: Path | Source,
    dest: Path,
    new: Manifest,
    disk: Disk | None = None,
    progress: Progress = no_progress,
    sign: Sign = unsigned,
    to_the_letter: bool = False,
    new_key: bool = False,
) -> SyncResult:
    """Make ``dest`` hold what ``new`` says, with the files of ``site``, which may have only what changed.

    Args:
        site: folder of the files, or what gives them.
        dest: root of the stick.
        new: what the stick is to hold.
        disk: does the writing.
        progress: shows progress.
        sign: gives the signature of a manifest's text, empty for none.
        to_the_letter: whether the stick takes over ``new`` with its number, and its ``HISTORY`` even where it holds
            this very edition; otherwise the number follows from what stands there, and a stick that holds this edition
            keeps the page of what was new when it came.
        new_key: whether a stick that was signed with another key may be signed with this one.

    Raises:
        BringError: files of others stand where ours should, it cannot be known which files are ours, the key is not
            that of the stick, or ``site`` lacks a file that the stick lacks too.
        OSError: the stick refuses; it opens as before, or the next run completes what was begun.
    """
    work = _Work(SafeFolder(dest), disk or Disk(), progress)
    with plain_links():
        state = survey(work.folder)
        refuse_other_key(state, sign, new_key)
        finished = state.note is not None
        if state.note:
            _complete(work, state, state.note)
            state = survey(work.folder)
            refuse_other_key(state, sign, new_key)
        old = state.manifest
        if not to_the_letter:
            new = replace(_keep_history(work.folder, old, new), edition=_number(state, new))
        source = Site(site) if isinstance(site, Path) else site
        done = _update(work, state, source, new, sign, new_key)
    return replace(done, finished=finished)


@dataclass(frozen=True)
class _Work:
    """What every step of a run needs."""

    folder: SafeFolder
    disk: Disk
    progress: Progress


def _update(work: _Work, state: StickState, source: Source, new: Manifest, sign: Sign, new_key: bool) -> SyncResult:
    folder, disk, progress = work.folder, work.disk, work.progress
    refuse_blocked(folder, new, state.known)
    left = {path: sha256 for path, sha256 in state.known.items() if path not in new.files}
    gone = still_ours(folder, left)
    note = SyncJournal(new, (), tuple(gone), sign(new.to_json().encode()), sign.key)
    marker = state.marker or new_marker()
    changed = [p for p in progress(sorted(new.files), "比对", len(new.files)) if not new.files[p].is_at(folder, p)]
    before = state.manifest.id if state.manifest else ""
    if not changed and not gone and _papers_stand(folder, note):
        _close(work, marker, note)
        return SyncResult(before, new.id, 0, 0)
    if lacking := [path for path in changed if not source.has(path)]:
        raise SyncError(f"盘上的 {lacking[0]} 缺了或坏了，要换上的文件里又没有它。用 archive pack usb 重做这个盘。")
    disk.make_folder(folder, WORK)
    marker = _opened(marker, state, new, sign, new_key)
    if marker != state.marker:
        disk.write(folder, MARKER, marker.to_json().encode())
    disk.make_folder(folder, NEW)
    _stage(work, source, new, changed)
    note = replace(note, move=tuple(changed))
    disk.write(folder, NOTE, note.to_json().encode())
    _apply(work, note, gone)
    _close(work, marker, note)
    return SyncResult(before, new.id, len(changed), len(gone))


def _keep_history(folder: SafeFolder, old: Manifest | None, new: Manifest) -> Manifest:
    """A stick that holds this very edition keeps the page that tells how it came."""
    if not old or old.id != new.id:
        return new
    told = {path: held for path, held in old.files.items() if path in HISTORY and held.is_at(folder, path)}
    return replace(new, files={**new.files, **told})


def _number(state: StickState, new: Manifest) -> int:
    """Of the edition: counted on where the content is another."""
    same = state.manifest is not None and state.manifest.id == new.id
    return max(state.edition, 1) if same else state.edition + 1


def _opened(marker: Marker, state: StickState, new: Manifest, sign: Sign, new_key: bool) -> Marker:
    """The marker while files are copied: what may be on the stick from now on is said before it is."""
    old = state.manifest
    adopted = state.marker is None and state.signed
    return replace(
        marker,
        internal=state.internal or new.internal,
        key=sign.key if new_key or adopted else marker.key,
        edition=state.edition,
        sums=marker.sums or (_sum(old.sums()) if old else ""),
    )


def _stage(work: _Work, source: Source, new: Manifest, changed: list[str]) -> None:
    """Copy what is new beside."""
    folder, disk = work.folder, work.disk
    _clear(work, {new.files[path].sha256 for path in changed})
    for path in work.progress(changed, "复制", len(changed)):
        held = new.files[path]
        staged = f"{NEW}/{held.sha256}"
        if not held.is_at(folder, staged):
            disk.copy(folder, source.blocks(path), staged)
            if not held.is_at(folder, staged):
                raise OSError(5, "写进去的与读出来的不一样", str(folder.place(staged)))


def _complete(work: _Work, state: StickState, note: SyncJournal) -> None:
    """Do what a run that was cut off had noted; the note is believed no more than the manifest that stands."""
    folder = work.folder
    if state.manifest != note.manifest:  # else it was cut off at the very end
        refuse_blocked(folder, note.manifest, state.known)
        unknown = [path for path in note.remove if path not in state.known and folder.kind(path) is not Kind.ABSENT]
        if unknown:
            raise bad_note(folder, state.marker, f"要删去 {unknown[0]}，它不在盘上的清单里")
        gone = still_ours(folder, {path: state.known[path] for path in note.remove if path in state.known})
        _apply(work, note, gone, resumed=True)
    if state.marker:
        _close(work, state.marker, note)
    else:
        _remove_old_parts(folder, note)
        _sweep(work)


def _papers_stand(folder: SafeFolder, note: SyncJournal) -> bool:
    """Whether manifest, sums and signature are these already."""
    papers = {MANIFEST: note.manifest.to_json(), SUMS: note.manifest.sums(), SIGNATURE: note.signature}
    return all(_bytes(folder, path) == text.encode() for path, text in papers.items())


def _bytes(folder: SafeFolder, path: str) -> bytes:
    try:
        return folder.read(path, MOST_TEXT)
    except OSError:
        return b""


def _apply(work: _Work, note: SyncJournal, gone: Mapping[str, str], resumed: bool = False) -> None:
    """Move what was copied, delete what left, close with the manifest. Begun again at any point it ends the same.

    Args:
        work: what every step needs.
        note: what to do.
        gone: what to delete, by path with its SHA-256.
        resumed: whether another run copied the files, which are read again then.
    """
    folder, disk = work.folder, work.disk
    new = note.manifest
    order = sorted(note.move, key=_turn)
    wanted = Counter(new.files[path].sha256 for path in order)
    for path in work.progress(order, "换上", len(order)):
        held = new.files[path]
        staged = f"{NEW}/{held.sha256}"
        wanted[held.sha256] -= 1
        if folder.kind(staged) is Kind.ABSENT or (resumed and not held.is_at(folder, staged)):
            continue  # moved already, or damaged since: the run that follows copies it anew
        if parent := path.rpartition("/")[0]:
            disk.make_folder(folder, parent)
        if wanted[held.sha256]:
            twin = f"{staged}.twin"
            disk.copy(folder, folder.blocks(staged), twin)
            disk.move(folder, twin, path)
        else:
            disk.move(folder, staged, path)
    for path in still_ours(folder, gone):
        disk.remove(folder, path)
    _prune(folder, note.remove)
    disk.write(folder, SUMS, new.sums().encode())
    if note.signature:
        disk.write(folder, SIGNATURE, note.signature.encode())
    else:
        disk.remove(folder, SIGNATURE)
    disk.write(folder, MANIFEST, new.to_json().encode())


def _close(work: _Work, marker: Marker, note: SyncJournal) -> None:
    """Have the marker tell of the edition that stands, and leave nothing of the work."""
    new = note.manifest
    _clear(work, ())
    after = replace(
        marker,
        internal=new.internal,
        key=note.key or marker.key,
        edition=new.edition,
        sums=_sum(new.sums()),
    )
    if _bytes(work.folder, MARKER) != after.to_json().encode():
        work.disk.make_folder(work.folder, WORK)
        work.disk.write(work.folder, MARKER, after.to_json().encode())
    _sweep(work)


def _turn(path: str) -> tuple[int, str]:
    """What is needed before what names it: files, the index of the search, pages, and the front page last."""
    if path.endswith(".html"):
        return (3 if path == "index.html" else 2, path)
    return (1 if path == "search/manifest.js" else 0, path)


def _clear(work: _Work, wanted: Container[str]) -> None:
    """What an earlier run copied for another edition: it takes the room of what is wanted now."""
    for name in work.folder.names(NEW):
        if STAGED.fullmatch(name) and name not in wanted:
            work.disk.remove(work.folder, f"{NEW}/{name}")


def _prune(folder: SafeFolder, removed: Iterable[str]) -> None:
    """Folders that held nothing else."""
    for path in removed:
        while (path := path.rpartition("/")[0]) and folder.remove_empty_folder(path):
            pass


def _sweep(work: _Work) -> None:
    """The note first: without it what is left of the work is only litter. Nothing else in the folder is ours."""
    folder, disk = work.folder, work.disk
    disk.remove(folder, NOTE)
    _clear(work, ())
    folder.remove_empty_folder(NEW)
    folder.remove(BESIDE)


def _remove_old_parts(folder: SafeFolder, note: SyncJournal) -> None:
    """Older programs wrote their papers beside their places; what a run that was cut off left there goes."""
    papers = {MANIFEST: note.manifest.to_json(), SUMS: note.manifest.sums(), SIGNATURE: note.signature}
    for name, text in {**papers, NOTE: note.to_json()}.items():
        part = f"{name}.part"
        if (begun := _bytes(folder, part)) and text.encode().startswith(begun):
            folder.remove(part)


def _sum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
