"""Survey: what stands on a stick, whose it is, and what of it is proven to be ours, before anything is touched."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from integrity_archive.support.problems import why
from integrity_archive.support.safe_folder import Kind, LinkError, SafeFolder
from integrity_archive.usb.manifest import Manifest, ManifestError, NewerError, manifest_from, read_manifest
from integrity_archive.usb.marker import BESIDE, MARKER, Marker, MarkerError, may_become_ours, read_marker
from integrity_archive.usb.places import MANIFEST, PAPERS, SIGNATURE, SUMS, WORK
from integrity_archive.usb.signature import Sign, is_signed
from integrity_archive.usb.untrusted import MOST_TEXT, SIGNATURE_TEXT, FormError, SyncJournalForm, read_form, read_sums

NOTE = f"{WORK}/commit.json"
NEW = f"{WORK}/new"
STAGED = re.compile(r"[0-9a-f]{64}(\.twin)?")
"""Names of files in ``NEW``; all others there are somebody else's."""
_UNTOUCHED = "盘没有动。"
_MOVE_AWAY = f"先把它移走，再运行。{_UNTOUCHED}"
_EMPTY = f"把盘清空（先存好您自己的文件），或换一个空文件夹，再做。{_UNTOUCHED}"


class SyncError(Exception):
    """The stick cannot be brought up to date; the message says why and what to do, in Chinese."""


@dataclass(frozen=True)
class SyncJournal:
    """What a run does once all it needs is on the stick."""

    manifest: Manifest
    move: tuple[str, ...]
    remove: tuple[str, ...]
    signature: str
    key: str
    """Public key of the signature; empty for none, and in notes of older programs."""

    def to_json(self) -> str:
        """The text of ``.archive/commit.json``."""
        data = {"move": self.move, "remove": self.remove, "signature": self.signature, "key": self.key}
        return json.dumps({"manifest": json.loads(self.manifest.to_json()), **data}, ensure_ascii=False)


@dataclass(frozen=True)
class StickState:
    """What stands on a stick."""

    marker: Marker | None = None
    """None on sticks of older programs, too."""
    manifest: Manifest | None = None
    """None where there is none that can be read."""
    note: SyncJournal | None = None
    """Of a run that was cut off while it moved files."""
    known: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of every file that is proven to be the archive's, by path."""
    signature: str = ""
    """Text of ``manifest.sig``; empty for none."""
    damage: str = ""
    """Why the manifest cannot be read where the files are known all the same, in Chinese."""

    @property
    def ours(self) -> bool:
        """Whether this program has written here before."""
        return self.marker is not None or self.manifest is not None

    @property
    def key(self) -> str:
        """Public key that the stick remembers; empty for none."""
        return self.marker.key if self.marker else ""

    @property
    def signed(self) -> bool:
        """Whether its manifests have been signed before."""
        return bool(self.key if self.marker else self.signature)

    @property
    def internal(self) -> bool:
        """Whether internal material may be among its files."""
        return bool((self.marker and self.marker.internal) or (self.manifest and self.manifest.internal))

    @property
    def edition(self) -> int:
        """Number of its last edition; 0 for none."""
        marked = self.marker.edition if self.marker else 0
        return max(marked, self.manifest.edition if self.manifest else 0)


@contextlib.contextmanager
def plain_links() -> Iterator[None]:
    """Raise ``BringError`` for a link where a file or folder of the archive should be."""
    try:
        yield
    except LinkError as error:
        raise SyncError(f"{error.filename} 是一个链接，通到盘的外面。{_MOVE_AWAY}") from None


def standing(dest: Path) -> Manifest | None:
    """The manifest on a stick; None where there is none.

    Raises:
        ManifestError: there is one that cannot be read.
    """
    try:
        return read_manifest(SafeFolder(dest).read(MANIFEST, MOST_TEXT))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ManifestError(f"{MANIFEST} 读不出来（{why(error)}）") from None


def unfinished(dest: Path) -> Manifest | None:
    """What a run that was cut off while it moved files wanted the stick to become; None where there is no such run.

    Raises:
        BringError: there is a note of one that cannot be followed.
    """
    folder = SafeFolder(dest)
    with plain_links():
        try:
            note = _note(folder, read_marker(folder))
        except MarkerError as error:
            raise SyncError(f"{error}。{_EMPTY}") from None
    return note.manifest if note else None


def staged_bytes(dest: Path) -> int:
    """What an earlier run has copied beside already: it is used, or makes room. In bytes."""
    folder = SafeFolder(dest)
    with plain_links():
        names = [name for name, kind in folder.names(NEW).items() if kind is Kind.FILE and STAGED.fullmatch(name)]
        return sum(folder.size(f"{NEW}/{name}") for name in names)


def survey(folder: SafeFolder) -> StickState:
    """What stands on a stick; nothing on it is changed.

    Raises:
        BringError: others have put something where the archive's own papers go, or it cannot be known which files are
            the archive's.
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
            known: Mapping[str, str] = {path: held.sha256 for path, held in manifest.files.items()}
        else:
            assert marker
            known = _proven(folder, marker, note, damage)
        signature = _text(folder, SIGNATURE)
        _refuse_foreign_signature(folder, marker, note, signature)
        return StickState(marker, manifest, note, known, signature, "" if manifest else damage or f"没有 {MANIFEST}")


def refuse_other_key(state: StickState, sign: Sign, new_key: bool) -> None:
    """A stick that was signed stays with its key.

    Args:
        state: of the stick.
        sign: signs what is to be put there.
        new_key: whether another key is wanted.

    Raises:
        BringError: it is another key, or none.
    """
    if not state.signed or (new_key and sign.key):
        return
    if not sign.key:
        raise SyncError(f"盘上的清单签过名，这次没有签。加上 --sign 和原来的私钥，再运行。{_UNTOUCHED}")
    if state.key:
        same = sign.key == state.key
    else:  # an older program, which did not remember it
        same = state.manifest is not None and is_signed(state.manifest.to_json().encode(), state.signature, sign.key)
    if not same:
        raise SyncError(f"这不是盘上原来签名的那把钥匙。用原来的；真要换钥匙，加上 --new-key。{_UNTOUCHED}")


def refuse_blocked(folder: SafeFolder, new: Manifest, known: Mapping[str, str]) -> None:
    """Nothing of ours takes the place of what somebody else put there.

    Args:
        folder: the stick.
        new: what it shall hold.
        known: see ``State.known``.

    Raises:
        BringError: something of others stands where a file or folder of ours should.
        LinkError: a link does.
    """
    parents = {path[:at] for path in new.files for at, sign in enumerate(path) if sign == "/"}
    for path in sorted(parents):
        _refuse_kind(folder, path, Kind.FOLDER)
    theirs = []
    for path in sorted(new.files):
        kind = _refuse_kind(folder, path, Kind.FILE)
        if kind is Kind.FILE and path not in known and not new.files[path].is_at(folder, path):
            theirs.append(path)
    if theirs:
        _refuse_theirs(folder, theirs)


def still_ours(folder: SafeFolder, paths: Mapping[str, str]) -> dict[str, str]:
    """Of files that are to go, by path with their SHA-256, those that stand there.

    Raises:
        BringError: one is not that file any more.
        LinkError: a link stands there.
    """
    found = {}
    for path, sha256 in sorted(paths.items()):
        kind = folder.kind(path)
        if kind is Kind.ABSENT:
            continue
        if kind is Kind.LINK:
            raise LinkError(folder.place(path))
        if kind is not Kind.FILE or folder.sha256(path) != sha256:
            raise SyncError(
                f"{folder.place(path)} 这一版不要了，可是它与清单里的不同：坏了，或被换过。"
                f"是您的文件，就移走或改名；是坏了的旧文件，就删掉；再运行。{_UNTOUCHED}"
            )
        found[path] = sha256
    return found


def bad_note(folder: SafeFolder, marker: Marker | None, fault: str) -> SyncError:
    """What to say of a note that cannot be followed: without it, files of an edition that half came are not known."""
    internal = marker is not None and marker.internal
    remedy = f"盘上放过内部资料，{_EMPTY}" if internal else f"删去它，再运行。{_UNTOUCHED}"
    return SyncError(f"{folder.place(NOTE)} {fault}。{remedy}")


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
    """Whether a note is signed as the stick is."""
    text = note.manifest.to_json().encode()
    sound = is_signed(text, note.signature, note.key) if note.key else not note.signature
    return sound and marker.key in ("", note.key)


def _refuse_odd(folder: SafeFolder) -> None:
    """What is of another kind than our papers and folders."""
    for path in (WORK, NEW):
        _refuse_kind(folder, path, Kind.FOLDER)
    for path in (*PAPERS, MARKER, NOTE, BESIDE):
        _refuse_kind(folder, path, Kind.FILE)
    for name in folder.names(NEW):
        if STAGED.fullmatch(name):
            _refuse_kind(folder, f"{NEW}/{name}", Kind.FILE)


def _refuse_kind(folder: SafeFolder, path: str, wanted: Kind) -> Kind:
    """What stands at a path where only ``wanted`` or nothing may."""
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
    """Papers, or a folder of our name, that no stick of ours explains."""
    with contextlib.suppress(OSError, FormError):
        if damage and MANIFEST in read_sums(folder.read(SUMS, MOST_TEXT)):
            raise SyncError(
                f"{folder.root}：{damage}。这像是旧程序做的盘，分不清哪些是本馆的旧文件，里面也许有内部资料。{_EMPTY}"
            )
    theirs = [path for path in PAPERS if folder.kind(path) is not Kind.ABSENT]
    if not may_become_ours(folder):
        theirs.append(WORK)
    if theirs:
        _refuse_theirs(folder, theirs)


def _refuse_theirs(folder: SafeFolder, theirs: list[str]) -> NoReturn:
    shown = "、".join(theirs[:5]) + (" 等" if len(theirs) > 5 else "")
    said = f"{folder.root} 里已有同名的，不是本馆放的：{shown}。先把它们移走，或换一个文件夹。{_UNTOUCHED}"
    raise SyncError(said)


def _refuse_foreign_signature(folder: SafeFolder, marker: Marker | None, note: SyncJournal | None, text: str) -> None:
    """On a stick that was never signed, ``manifest.sig`` is somebody's own."""
    if not text and folder.kind(SIGNATURE) is Kind.ABSENT:
        return
    ours = bool(marker.key) if marker else SIGNATURE_TEXT.fullmatch(text) is not None
    if not ours and not (note and note.signature == text):
        _refuse_theirs(folder, [SIGNATURE])


def _proven(folder: SafeFolder, marker: Marker, note: SyncJournal | None, damage: str) -> Mapping[str, str]:
    """What is known to be ours where no manifest can be read.

    Before a first run was done that is nothing. After it, it is what ``SHA256SUMS`` names, if these are the sums that
    this program wrote and every file is as they say: else nobody knows which files are to be removed.
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
    known = hashlib.sha256(data).hexdigest() == marker.sums
    if marker.internal:
        reason = "盘上放过内部资料"
    elif note or not known:
        reason = f"{SUMS} 也靠不住"
    elif differing := [path for path, sha256 in sums.items() if not _is(folder, path, sha256)]:
        reason = f"{differing[0]} 等 {len(differing)} 个文件缺了或变了"
    else:
        return sums
    raise SyncError(f"{folder.root}：{damage or f'没有 {MANIFEST}'}；{reason}，分不清盘上哪些是本馆的旧文件。{_EMPTY}")


def _refuse_begun_papers(folder: SafeFolder, note: SyncJournal | None) -> None:
    """A first run that was cut off has at most these papers, and only after its note."""
    papers = {SUMS: note.manifest.sums(), SIGNATURE: note.signature} if note else {SUMS: "", SIGNATURE: ""}
    theirs = [path for path, text in papers.items() if _text(folder, path) not in ("", text)]
    if theirs:
        _refuse_theirs(folder, theirs)


def _is(folder: SafeFolder, path: str, sha256: str) -> bool:
    return folder.kind(path) is Kind.FILE and folder.sha256(path) == sha256


def _text(folder: SafeFolder, path: str) -> str:
    """A paper's text; empty where there is none."""
    try:
        return folder.read(path, MOST_TEXT).decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
