"""Survey: examines a stick before anything is changed: its edition, its marker, and which files are provably ours."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from integrity_archive.output.foreign_files import names_aside
from integrity_archive.support.problems import shorten, why
from integrity_archive.support.progress import Progress, no_progress
from integrity_archive.support.safe_folder import Kind, LinkError, SafeFolder
from integrity_archive.usb.manifest import Manifest, ManifestError, NewerError, manifest_from, read_manifest
from integrity_archive.usb.marker import BESIDE, MARKER, Marker, MarkerError, may_become_ours, read_marker
from integrity_archive.usb.places import MANIFEST, PAPERS, SIGNATURE, SUMS, WORK
from integrity_archive.usb.signature import Sign, is_signed
from integrity_archive.usb.untrusted import (
    MOST_EDITION,
    MOST_TEXT,
    SIGNATURE_TEXT,
    FormError,
    SyncJournalForm,
    read_form,
    read_sums,
)

NOTE = f"{WORK}/commit.json"
NEW = f"{WORK}/new"
STAGED = re.compile(r"[0-9a-f]{64}(\.twin)?")
"""Names of our files in ``NEW``; all others belong to somebody else."""
_UNTOUCHED = "盘没有动。"
_MOVE_AWAY = f"先把它移走，再运行。{_UNTOUCHED}"
_EMPTY = f"把盘上的东西都移到电脑上的一个文件夹里，或换一个空文件夹，再做。{_UNTOUCHED}"


class SyncError(Exception):
    """The stick cannot be updated; the message says why and what to do, in Chinese."""


@dataclass(frozen=True)
class SyncJournal:
    """The remaining steps of a run after everything was copied to the stick."""

    manifest: Manifest
    move: tuple[str, ...]
    remove: tuple[str, ...]
    signature: str
    key: str
    """Public key of the signature; empty for none, and in journals of older programs."""

    def to_json(self) -> str:
        """The text of ``.archive/commit.json``."""
        data = {"move": self.move, "remove": self.remove, "signature": self.signature, "key": self.key}
        return json.dumps({"manifest": json.loads(self.manifest.to_json()), **data}, ensure_ascii=False)


@dataclass(frozen=True)
class StickState:
    """The state of a stick."""

    marker: Marker | None = None
    """None also for sticks of older programs."""
    manifest: Manifest | None = None
    """None if there is none or it cannot be read."""
    note: SyncJournal | None = None
    """Journal of a run that was interrupted while it moved files."""
    known: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of every file that is provably ours, by path."""
    earlier: Mapping[str, str] = field(default_factory=dict)
    """The same of the edition before, if this run has just completed an interrupted one."""
    signature: str = ""
    """Text of ``manifest.sig``; empty for none."""
    damage: str = ""
    """Why the manifest cannot be read although the files are known, in Chinese."""

    @property
    def ours(self) -> bool:
        """Whether this program has written to it before."""
        return self.marker is not None or self.manifest is not None

    @property
    def key(self) -> str:
        """Public key stored on the stick; empty for none."""
        return self.marker.key if self.marker else ""

    @property
    def signed(self) -> bool:
        """Whether its manifests have been signed."""
        return bool(self.key if self.marker else self.signature)

    @property
    def internal(self) -> bool:
        """Whether its files may contain internal material."""
        return bool((self.marker and self.marker.internal) or (self.manifest and self.manifest.internal))

    @property
    def edition(self) -> int:
        """Number of its last edition, or of a later one that was being installed; 0 for none."""
        manifests = [self.manifest, self.note.manifest if self.note else None]
        return max([self.marker.edition if self.marker else 0, *(m.edition for m in manifests if m)])


@contextlib.contextmanager
def plain_links() -> Iterator[None]:
    """Raise ``SyncError`` if a link is in place of one of our files or folders."""
    try:
        yield
    except LinkError as error:
        raise SyncError(f"{error.filename} 是一个链接，通到盘的外面。{_MOVE_AWAY}") from None


def standing(dest: Path) -> Manifest | None:
    """The manifest on a stick; None if there is none.

    Raises:
        ManifestError: it cannot be read.
    """
    try:
        return read_manifest(SafeFolder(dest).read(MANIFEST, MOST_TEXT))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ManifestError(f"{MANIFEST} 读不出来（{why(error)}）") from None


def unfinished(dest: Path) -> Manifest | None:
    """The manifest that an interrupted run was installing; None if there is no such run.

    Raises:
        SyncError: its journal cannot be used.
    """
    folder = SafeFolder(dest)
    with plain_links():
        try:
            note = _note(folder, read_marker(folder))
        except MarkerError as error:
            raise SyncError(f"{error}。{_EMPTY}") from None
    return note.manifest if note else None


def staged_bytes(dest: Path) -> int:
    """Bytes that an earlier run has copied already; they are used or deleted."""
    folder = SafeFolder(dest)
    with plain_links():
        names = [name for name, kind in folder.names(NEW).items() if kind is Kind.FILE and STAGED.fullmatch(name)]
        return sum(folder.size(f"{NEW}/{name}") for name in names)


def survey(folder: SafeFolder) -> StickState:
    """Examine a stick without changing it.

    Raises:
        SyncError: files of others have the names of ours, it is unknown which files are ours, or no edition can follow.
    """
    with plain_links():
        _refuse_odd(folder)
        try:
            marker = read_marker(folder)
        except MarkerError as error:
            raise SyncError(f"{error}。{_EMPTY}") from None
        manifest, damage = None, ""
        try:
            manifest = standing(folder.root)
        except NewerError as error:
            raise SyncError(f"{folder.root}：{error}。{_UNTOUCHED}") from None
        except ManifestError as error:
            damage = str(error)
        if marker is None and manifest is None:
            _refuse_others(folder, damage)
            return StickState()
        note = _note(folder, marker)
        if manifest:
            known: Mapping[str, str] = {path: record.sha256 for path, record in manifest.files.items()}
        else:
            assert marker
            known = _proven(folder, marker, note, damage)
        signature = _text(folder, SIGNATURE)
        _refuse_foreign_signature(folder, marker, note, signature)
        damage = "" if manifest else damage or f"没有 {MANIFEST}"
        state = StickState(marker, manifest, note, known, signature=signature, damage=damage)
        refuse_last(state.edition + 1, folder.root, _EMPTY)
        return state


def refuse_other_key(state: StickState, sign: Sign, new_key: bool) -> None:
    """Check that a signed stick keeps its key.

    Args:
        state: of the stick.
        sign: the signer of the new edition.
        new_key: whether another key is allowed.

    Raises:
        SyncError: the key is another one, or missing.
    """
    if not state.signed or (new_key and sign.key):
        return
    if not sign.key:
        raise SyncError(f"盘上的清单签过名，这次没有签。加上 --sign 和原来的私钥，再运行。{_UNTOUCHED}")
    if state.key:
        same = sign.key == state.key
    else:  # made by an older program, which did not store the key
        same = state.manifest is not None and is_signed(state.manifest.to_json().encode(), state.signature, sign.key)
    if not same:
        raise SyncError(f"这不是盘上原来签名的那把钥匙。用原来的；真要换钥匙，加上 --new-key。{_UNTOUCHED}")


def refuse_note_to_older(folder: SafeFolder, state: StickState, older: bool) -> None:
    """Check that the journal of an interrupted run does not lead back: it may be that of an old run, put there again.

    Args:
        folder: the stick.
        state: of the stick.
        older: whether an older edition may replace a newer one.

    Raises:
        SyncError: it leads to an older edition than the stick has, or had.
    """
    if state.note and state.note.manifest.edition < state.edition and not older:
        fault = f"会把盘从第 {state.edition} 次的换回第 {state.note.manifest.edition} 次的"
        raise bad_note(folder, state.marker, fault, "真要换回旧的，加上 --older；不是，")


def refuse_last(edition: int, place: Path, remedy: str) -> None:
    """Check that an edition's number leaves room for those of later editions.

    Args:
        edition: the number.
        place: where it stands, for the message.
        remedy: what to do, in Chinese.

    Raises:
        SyncError: it does not; the program gives no edition such a number.
    """
    if edition >= MOST_EDITION:
        raise SyncError(f"{place} 的次序（edition）大得不合常理，再加不上去了：被改过。{remedy}")


@dataclass(frozen=True)
class Comparison:
    """What an update of a stick has to do."""

    write: tuple[str, ...]
    """Paths of the new edition's files that the stick does not have yet."""
    delete: Mapping[str, str]
    """SHA-256 of the old edition's files that the new one has not and the stick still has, by path."""
    theirs: tuple[str, ...]
    """Paths to be written, deleted or replaced where something else is than this program put there."""


def compare(
    folder: SafeFolder, state: StickState, new: Manifest, left: Collection[str], progress: Progress = no_progress
) -> Comparison:
    """Compare a stick with its new content.

    Args:
        folder: the stick.
        state: of the stick.
        new: its new content.
        left: paths of files to be deleted.
        progress: reports progress.

    Raises:
        SyncError: a file has the place of one of our folders, or a folder that of one of our files.
        LinkError: a link has.
    """
    parents = {path[:at] for path in new.files for at, sign in enumerate(path) if sign == "/"}
    for path in sorted(parents):
        _refuse_kind(folder, path, Kind.FOLDER)
    kinds = {path: _refuse_kind(folder, path, Kind.FILE) for path in sorted({*new.files, *left})}
    paths = progress(sorted(new.files), "比对", len(new.files))
    write = [path for path in paths if not new.files[path].is_at(folder, path)]
    known = state.known
    replaced = [path for path in (*write, *sorted(left)) if kinds[path] is Kind.FILE]
    theirs = [path for path in replaced if folder.sha256(path) not in (known.get(path), state.earlier.get(path))]
    if not _has_our_sums(folder, state, new):
        theirs.append(SUMS)
    gone = {path for path in left if kinds[path] is Kind.FILE}
    delete = {path: known[path] for path in sorted(gone.difference(theirs))}
    return Comparison(tuple(write), delete, tuple(theirs))


def refuse_theirs(
    folder: SafeFolder, state: StickState, new: Manifest, theirs: Collection[str], set_aside: bool
) -> None:
    """Check that nothing is replaced or deleted but what this program wrote.

    Args:
        folder: the stick.
        state: of the stick.
        new: its new content.
        theirs: see ``Comparison.theirs``.
        set_aside: whether such files may be renamed instead.

    Raises:
        SyncError: there are such files, and they may not be renamed.
    """
    # Renamed, a changed file of an internal edition would stay on a stick that is public from then on.
    refused = state.internal and not new.internal
    if not theirs or (set_aside and not refused):
        return
    what = (
        f"{folder.root} 里有 {len(theirs)} 个文件占着本馆的名字，不是本馆放的，或放好以后改过、坏了：{_listed(theirs)}"
    )
    if refused:
        raise SyncError(f"{what}。盘上放过内部资料，里面也许就有：先把它们移走，再运行。{_UNTOUCHED}")
    raise SyncError(f"{what}。先把它们移走；或加上 --set-aside，改名留在旁边（后面加 .old），再运行。{_UNTOUCHED}")


def free_name(folder: SafeFolder, path: str) -> str:
    """A name beside a file to which it can be renamed: ``<name>.old``, ``<name>.old1`` and so on."""
    return next(name for name in names_aside(path) if folder.kind(name) is Kind.ABSENT)


def has_content(folder: SafeFolder, path: str, sha256: str) -> bool:
    """Whether there is a regular file with this SHA-256."""
    return folder.kind(path) is Kind.FILE and folder.sha256(path) == sha256


def bad_note(folder: SafeFolder, marker: Marker | None, fault: str, or_else: str = "") -> SyncError:
    """The error for an unusable journal: without it, the files of a half-installed edition are unknown.

    Args:
        folder: the stick.
        marker: of the stick.
        fault: what is wrong with the journal, in Chinese.
        or_else: what may be done instead of removing it, in Chinese.
    """
    internal = marker is not None and marker.internal
    remedy = f"盘上放过内部资料，{_EMPTY}" if internal else _MOVE_AWAY
    return SyncError(f"{folder.place(NOTE)} {fault}。{or_else}{remedy}")


def _note(folder: SafeFolder, marker: Marker | None) -> SyncJournal | None:
    try:
        form = read_form(SyncJournalForm, folder.read(NOTE, 2 * MOST_TEXT))
        manifest = manifest_from(form.manifest)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except LinkError:
        raise
    except (FormError, ManifestError, OSError):
        raise bad_note(folder, marker, "坏了，或不是本馆写的") from None
    if not set(form.move) <= set(manifest.files) or set(form.remove) & set(manifest.files):
        raise bad_note(folder, marker, "自相矛盾，不是本馆写的")
    note = SyncJournal(manifest, tuple(form.move), tuple(form.remove), form.signature, form.key)
    if marker and not _is_signed_like(note, marker):
        raise bad_note(folder, marker, "不是用盘上记着的钥匙签的")
    return note


def _is_signed_like(note: SyncJournal, marker: Marker) -> bool:
    """Whether a journal is signed with the stick's key."""
    text = note.manifest.to_json().encode()
    sound = is_signed(text, note.signature, note.key) if note.key else not note.signature
    return sound and marker.key in ("", note.key)


def _refuse_odd(folder: SafeFolder) -> None:
    """Refuse wrong file types at the places of our files and folders."""
    for path in (WORK, NEW):
        _refuse_kind(folder, path, Kind.FOLDER)
    for path in (*PAPERS, MARKER, NOTE, BESIDE):
        _refuse_kind(folder, path, Kind.FILE)
    for name in folder.names(NEW):
        if STAGED.fullmatch(name):
            _refuse_kind(folder, f"{NEW}/{name}", Kind.FILE)


def _refuse_kind(folder: SafeFolder, path: str, wanted: Kind) -> Kind:
    """The type of what is at a path; an error unless it is ``wanted`` or absent."""
    kind = folder.kind(path)
    place = folder.place(path)
    if kind is Kind.LINK:
        raise LinkError(place)
    if kind not in (wanted, Kind.ABSENT):
        what = {Kind.FILE: "是一个文件", Kind.FOLDER: "是一个文件夹", Kind.OTHER: "不是普通的文件"}[kind]
        here = "文件夹" if wanted is Kind.FOLDER else "文件"
        raise SyncError(f"{place} {what}，那里要放本馆的{here}。{_MOVE_AWAY}")
    return kind


def _refuse_others(folder: SafeFolder, damage: str) -> None:
    """Refuse files with the names of ours on a stick that is not ours."""
    with contextlib.suppress(OSError, FormError):
        if damage and MANIFEST in read_sums(folder.read(SUMS, MOST_TEXT)):
            raise SyncError(
                f"{folder.root}：{damage}。这像是旧程序做的盘，分不清哪些是本馆的旧文件，里面也许有内部资料。{_EMPTY}"
            )
    theirs = [path for path in PAPERS if folder.kind(path) is not Kind.ABSENT]
    if not may_become_ours(folder):
        theirs.append(WORK)
    if theirs:
        _refuse_foreign(folder, theirs)


def _refuse_foreign(folder: SafeFolder, theirs: list[str]) -> NoReturn:
    message = f"{folder.root} 里已有同名的，不是本馆放的：{_listed(theirs)}。先把它们移走，或换一个文件夹。{_UNTOUCHED}"
    raise SyncError(message)


def _refuse_foreign_signature(folder: SafeFolder, marker: Marker | None, note: SyncJournal | None, text: str) -> None:
    """Refuse a ``manifest.sig`` that is no signature, or on a stick that was never signed: it is somebody else's."""
    if not text and folder.kind(SIGNATURE) is Kind.ABSENT:
        return
    ours = SIGNATURE_TEXT.fullmatch(text) is not None and (marker is None or bool(marker.key))
    if not ours and not (note and note.signature == text):
        _refuse_foreign(folder, [SIGNATURE])


def _proven(folder: SafeFolder, marker: Marker, note: SyncJournal | None, damage: str) -> Mapping[str, str]:
    """The files that are provably ours if the manifest cannot be read.

    Before the first run has finished: none. Later: the files in ``SHA256SUMS``, if this program wrote it and every file
    has its hash; otherwise it is unknown which files must be removed, and an error is raised.
    """
    if not marker.sums and not damage:
        _refuse_begun_papers(folder, note)
        return {}
    try:
        data = folder.read(SUMS, MOST_TEXT)
        sums = read_sums(data)
    except (OSError, FormError):
        data, sums = b"", {}
    sums.pop(MANIFEST, None)
    known = _sha256(data) == marker.sums
    if marker.internal:
        reason = "盘上放过内部资料"
    elif note or not known:
        reason = f"{SUMS} 也靠不住"
    elif differing := [path for path, sha256 in sums.items() if not has_content(folder, path, sha256)]:
        reason = f"{differing[0]} 等 {len(differing)} 个文件缺了或变了"
    else:
        return sums
    raise SyncError(f"{folder.root}：{damage or f'没有 {MANIFEST}'}；{reason}，分不清盘上哪些是本馆的旧文件。{_EMPTY}")


def _refuse_begun_papers(folder: SafeFolder, note: SyncJournal | None) -> None:
    """Refuse papers that an interrupted first run cannot have written: it writes these, and only after its journal."""
    papers = {SUMS: note.manifest.sums(), SIGNATURE: note.signature} if note else {SUMS: "", SIGNATURE: ""}
    theirs = [path for path, text in papers.items() if _text(folder, path) not in ("", text)]
    if theirs:
        _refuse_foreign(folder, theirs)


def _has_our_sums(folder: SafeFolder, state: StickState, new: Manifest) -> bool:
    """Whether ``SHA256SUMS`` is absent, empty, or written by this program for the old or the new edition."""
    if not (data := _bytes(folder, SUMS)) or (state.marker and _sha256(data) == state.marker.sums):
        return True
    try:
        sums = read_sums(data)
    except FormError:
        return False
    sums.pop(MANIFEST, None)
    return sums in (state.known, {path: record.sha256 for path, record in new.files.items()})


def _bytes(folder: SafeFolder, path: str) -> bytes:
    """The content of a file; empty if it does not exist."""
    try:
        return folder.read(path, MOST_TEXT)
    except FileNotFoundError:
        return b""


def _text(folder: SafeFolder, path: str) -> str:
    return _bytes(folder, path).decode("utf-8", "replace")


def _listed(paths: Collection[str]) -> str:
    return "、".join(map(shorten, list(paths)[:5])) + (" 等" if len(paths) > 5 else "")


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
