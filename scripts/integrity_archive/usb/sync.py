"""Sync: updates a stick so that it works at any moment at which it is pulled out, and the next run finishes the work.

First all new files are copied to ``.archive/new``; the stick's own files are not touched. Then a journal of the
remaining steps is written (``.archive/commit.json``), and only then are the new files moved to their places: first
those that no old page refers to, then pages, the front page last. At last old files are deleted and the manifest is
written. A run that finds a journal completes it first. Files that are in no manifest of ours are never touched, and
nothing is read or written through a link.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
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
    Comparison,
    StickState,
    SyncError,
    SyncJournal,
    bad_note,
    compare,
    free_name,
    has_content,
    plain_links,
    refuse_note_to_older,
    refuse_other_key,
    refuse_theirs,
    survey,
)
from integrity_archive.usb.untrusted import MOST_TEXT

_BLOCK = 1 << 20


@dataclass(frozen=True)
class SyncResult:
    """What a run did."""

    before: str
    """Id of the stick's previous edition; empty for none."""
    after: str
    copied: int
    removed: int
    finished: bool = False
    """Whether an interrupted run was completed first."""
    aside: tuple[str, ...] = ()
    """New names of the files that were not ours and had the places of ours."""


class Source(Protocol):
    """Provides the files of an edition."""

    def has(self, path: str) -> bool:
        """Whether the file exists."""

    def blocks(self, path: str) -> Iterable[bytes]:
        """The bytes of a file, one block at a time.

        Raises:
            SyncError: it cannot be read.
        """


class Site:
    """The files of a built site."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def has(self, path: str) -> bool:
        """Whether the file exists."""
        return (self._folder / path).is_file()

    def blocks(self, path: str) -> Iterator[bytes]:
        """The bytes of a file, one block at a time.

        Raises:
            SyncError: it cannot be read.
        """
        place = self._folder / path
        try:
            with open(place, "rb") as stream:
                while block := stream.read(_BLOCK):
                    yield block
        except OSError as error:
            raise SyncError(f"{place} 读不出来：{why(error)}。再运行一次。") from None


class Disk:
    """The writing operations on a stick; tests replace it by one that fails."""

    def copy(self, folder: SafeFolder, blocks: Iterable[bytes], name: str) -> None:
        """Write a file and flush it to the stick."""
        folder.create(name, blocks)

    def write(self, folder: SafeFolder, name: str, content: bytes) -> None:
        """Write a file under a temporary name, flush it to the stick, and rename it."""
        folder.create(BESIDE, [content])
        self.move(folder, BESIDE, name)

    def move(self, folder: SafeFolder, source: str, target: str) -> None:
        """Rename a file, replacing an existing one."""
        folder.move(source, target)

    def remove(self, folder: SafeFolder, name: str) -> None:
        """Delete a file; no error if it does not exist."""
        folder.remove(name)

    def make_folder(self, folder: SafeFolder, name: str) -> None:
        """Create a folder if it does not exist."""
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
    set_aside: bool = False,
    older: bool = False,
) -> SyncResult:
    """Make the content of ``dest`` that of ``new``, with the files of ``site``.

    Args:
        site: folder of the files, or a source of them; the changed ones are enough.
        dest: root of the stick.
        new: the new content of the stick.
        disk: does the writing.
        progress: reports progress.
        sign: signs the text of the manifest.
        to_the_letter: whether to use ``new`` with its number and its ``HISTORY`` unchanged. Otherwise the number is
            that of the stick's edition plus one, and a stick that has this edition already keeps its number and its
            page of changes.
        new_key: whether a stick signed with another key may be signed with this one.
        set_aside: whether to rename files that have the places of ours and are not what this program wrote.
        older: whether to complete an interrupted run that puts back an older edition.

    Raises:
        SyncError: files that this program did not write, or that were changed, have the places of ours; it is unknown
            which files are ours; the key is not that of the stick; an interrupted run leads back; or ``site`` lacks a
            file that the stick lacks too.
        OSError: the stick cannot be read or written; it works as before, or the next run completes the work.
    """
    work = _Work(SafeFolder(dest), disk or Disk(), progress, set_aside)
    with plain_links():
        state = survey(work.folder)
        refuse_other_key(state, sign, new_key)
        refuse_note_to_older(work.folder, state, older)
        finished, aside = state.note is not None, tuple[str, ...]()
        if state.note:
            aside = _complete(work, state, state.note)
            state = replace(survey(work.folder), earlier=state.known)
            refuse_other_key(state, sign, new_key)
        old = state.manifest
        if not to_the_letter:
            new = replace(_keep_history(work.folder, old, new), edition=_number(state, new))
        source = Site(site) if isinstance(site, Path) else site
        done = _update(work, state, source, new, sign, new_key)
    return replace(done, finished=finished, aside=(*aside, *done.aside))


@dataclass(frozen=True)
class _Work:
    """What every step of a run needs."""

    folder: SafeFolder
    disk: Disk
    progress: Progress
    set_aside: bool
    """See ``sync``."""


def _update(work: _Work, state: StickState, source: Source, new: Manifest, sign: Sign, new_key: bool) -> SyncResult:
    folder, disk, progress = work.folder, work.disk, work.progress
    found = compare(folder, state, new, state.known.keys() - new.files.keys(), progress)
    refuse_theirs(folder, state, new, found.theirs, work.set_aside)
    changed = found.write
    remove = (*found.delete, *(path for path in found.theirs if path in state.known and path not in new.files))
    note = SyncJournal(new, (), remove, sign(new.to_json().encode()), sign.key)
    marker = state.marker or new_marker()
    before = state.manifest.id if state.manifest else ""
    if not changed and not remove and _papers_stand(folder, note):
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
    note = replace(note, move=changed)
    disk.write(folder, NOTE, note.to_json().encode())
    aside = _apply(work, note, found)
    _close(work, marker, note)
    return SyncResult(before, new.id, len(changed), len(found.delete), aside=aside)


def _keep_history(folder: SafeFolder, old: Manifest | None, new: Manifest) -> Manifest:
    """On a stick that has this edition already, the new manifest keeps the old page of changes."""
    if not old or old.id != new.id:
        return new
    history = {path: record for path, record in old.files.items() if path in HISTORY and record.is_at(folder, path)}
    return replace(new, files={**new.files, **history})


def _number(state: StickState, new: Manifest) -> int:
    """The new edition's number: increased if the content changes."""
    same = state.manifest is not None and state.manifest.id == new.id
    return max(state.edition, 1) if same else state.edition + 1


def _opened(marker: Marker, state: StickState, new: Manifest, sign: Sign, new_key: bool) -> Marker:
    """The marker during copying; written first, it records internal material before that is on the stick."""
    old = state.manifest
    adopted = state.marker is None and state.signed
    return replace(
        marker,
        internal=state.internal or new.internal,
        key=sign.key if new_key or adopted else marker.key,
        edition=state.edition,
        sums=marker.sums or (_sum(old.sums()) if old else ""),
    )


def _stage(work: _Work, source: Source, new: Manifest, changed: Sequence[str]) -> None:
    """Copy the changed files to ``NEW``."""
    folder, disk = work.folder, work.disk
    _clear(work, {new.files[path].sha256 for path in changed})
    for path in work.progress(changed, "复制", len(changed)):
        record = new.files[path]
        staged = f"{NEW}/{record.sha256}"
        if not record.is_at(folder, staged):
            disk.copy(folder, source.blocks(path), staged)
            if not record.is_at(folder, staged):
                raise OSError(5, "写进去的与读出来的不一样", str(folder.place(staged)))


def _complete(work: _Work, state: StickState, note: SyncJournal) -> tuple[str, ...]:
    """Finish an interrupted run by its journal; that is trusted no more than the manifest on the stick.

    Returns:
        New names of the files that were set aside.
    """
    folder, aside = work.folder, tuple[str, ...]()
    if state.manifest != note.manifest:  # otherwise only the last step is missing
        unknown = [path for path in note.remove if path not in state.known and folder.kind(path) is not Kind.ABSENT]
        if unknown:
            raise bad_note(folder, state.marker, f"要删去 {unknown[0]}，它不在盘上的清单里")
        found = compare(folder, state, note.manifest, note.remove)
        refuse_theirs(folder, state, note.manifest, found.theirs, work.set_aside)
        aside = _apply(work, note, found, resumed=True)
    if state.marker:
        _close(work, state.marker, note)
    else:
        _remove_old_parts(folder, note)
        _sweep(work)
    return aside


def _papers_stand(folder: SafeFolder, note: SyncJournal) -> bool:
    """Whether the stick has this manifest, these sums and this signature already."""
    papers = {MANIFEST: note.manifest.to_json(), SUMS: note.manifest.sums(), SIGNATURE: note.signature}
    return all(_bytes(folder, path) == text.encode() for path, text in papers.items())


def _bytes(folder: SafeFolder, path: str) -> bytes:
    try:
        return folder.read(path, MOST_TEXT)
    except OSError:
        return b""


def _apply(work: _Work, note: SyncJournal, found: Comparison, resumed: bool = False) -> tuple[str, ...]:
    """Move the copied files, delete old files, write the manifest last. It can be repeated from any point.

    Args:
        work: what every step needs.
        note: what to do.
        found: the stick compared with the new edition.
        resumed: whether another run copied the files; then they are verified again.

    Returns:
        New names of the files that were set aside.
    """
    folder, disk = work.folder, work.disk
    new = note.manifest
    aside, theirs = [], frozenset(found.theirs)
    order = sorted(note.move, key=_turn)
    wanted = Counter(new.files[path].sha256 for path in order)
    for path in work.progress(order, "换上", len(order)):
        record = new.files[path]
        staged = f"{NEW}/{record.sha256}"
        wanted[record.sha256] -= 1
        if folder.kind(staged) is Kind.ABSENT or (resumed and not record.is_at(folder, staged)):
            continue  # moved already, or damaged since: the update that follows copies it again
        if path in theirs:
            aside.append(_set_aside(work, path))
        if parent := path.rpartition("/")[0]:
            disk.make_folder(folder, parent)
        if wanted[record.sha256]:
            twin = f"{staged}.twin"
            disk.copy(folder, folder.blocks(staged), twin)
            disk.move(folder, twin, path)
        else:
            disk.move(folder, staged, path)
    aside += [_set_aside(work, path) for path in found.theirs if path not in new.files]
    for path, sha256 in found.delete.items():
        if has_content(folder, path, sha256):
            disk.remove(folder, path)
    _prune(folder, note.remove)
    disk.write(folder, SUMS, new.sums().encode())
    if note.signature:
        disk.write(folder, SIGNATURE, note.signature.encode())
    else:
        disk.remove(folder, SIGNATURE)
    disk.write(folder, MANIFEST, new.to_json().encode())
    return tuple(aside)


def _set_aside(work: _Work, path: str) -> str:
    """Rename a file that is not ours; returns its new name."""
    name = free_name(work.folder, path)
    work.disk.move(work.folder, path, name)
    return name


def _close(work: _Work, marker: Marker, note: SyncJournal) -> None:
    """Write the marker of the new edition, and delete all working files."""
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
    """Sort key: a file comes before those that refer to it; pages after the search's manifest, the front page last."""
    if path.endswith(".html"):
        return (3 if path == "index.html" else 2, path)
    return (1 if path == "search/manifest.js" else 0, path)


def _clear(work: _Work, wanted: Container[str]) -> None:
    """Delete files that an earlier run copied for another edition, to make room."""
    for name in work.folder.names(NEW):
        if STAGED.fullmatch(name) and name not in wanted:
            work.disk.remove(work.folder, f"{NEW}/{name}")


def _prune(folder: SafeFolder, removed: Iterable[str]) -> None:
    """Remove folders that became empty."""
    for path in removed:
        while (path := path.rpartition("/")[0]) and folder.remove_empty_folder(path):
            pass


def _sweep(work: _Work) -> None:
    """Delete the journal first: without it the other working files have no effect. Files of others stay."""
    folder, disk = work.folder, work.disk
    disk.remove(folder, NOTE)
    _clear(work, ())
    folder.remove_empty_folder(NEW)
    folder.remove(BESIDE)


def _remove_old_parts(folder: SafeFolder, note: SyncJournal) -> None:
    """Delete the unfinished ``.part`` files of an interrupted older program."""
    papers = {MANIFEST: note.manifest.to_json(), SUMS: note.manifest.sums(), SIGNATURE: note.signature}
    for name, text in {**papers, NOTE: note.to_json()}.items():
        part = f"{name}.part"
        if (begun := _bytes(folder, part)) and text.encode().startswith(begun):
            folder.remove(part)


def _sum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
