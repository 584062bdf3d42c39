"""Delta: the changes between two editions of a stick, as a ZIP small enough for mail."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from integrity_archive.support.progress import Progress, no_progress
from integrity_archive.support.safe_folder import SafeFolder
from integrity_archive.support.zip_files import write_zip
from integrity_archive.usb.capacity import size_text, space_of
from integrity_archive.usb.manifest import Manifest
from integrity_archive.usb.parcel import DELTA, DELTA_SIGNATURE, FILES, Parcel, change_of, open_parcel
from integrity_archive.usb.places import MANIFEST, SIGNATURE
from integrity_archive.usb.signature import Sign, is_signed, public_key, unsigned
from integrity_archive.usb.survey import StickState, SyncError, refuse_last, staged_bytes, survey
from integrity_archive.usb.sync import Disk, SyncResult, sync


@dataclass(frozen=True)
class Delta:
    """Summary of a delta: ids of both editions, number of files it contains and of files it removes."""

    before: str
    after: str
    files: int
    removed: int


def write_delta(site: Path, old: Manifest, new: Manifest, out: Path, sign: Sign = unsigned) -> Delta:
    """Write the ZIP that updates a stick from ``old`` to ``new``, with files of ``site``.

    The new edition gets the next number after ``old``. With a key, the manifest is signed, and so is ``delta.json``,
    which names both editions.

    Raises:
        SyncError: there is no number after that of ``old``.
    """
    refuse_last(old.edition + 1, Path(MANIFEST), "这样的盘，重新做一个。")
    new = replace(new, edition=old.edition + 1)
    changed = [path for path in sorted(new.files) if old.files.get(path) != new.files[path]]
    text = new.to_json().encode()
    change = change_of(old.id, new).to_json().encode()
    papers: dict[str, bytes | Path] = {
        MANIFEST: text,
        SIGNATURE: sign(text).encode(),
        DELTA: change,
        DELTA_SIGNATURE: sign(change).encode(),
    }
    content = papers | {f"{FILES}{path}": site / path for path in changed}
    with open(out, "wb") as stream:
        write_zip(stream, content)
    return Delta(old.id, new.id, len(changed), len(set(old.files) - set(new.files)))


def apply_delta(
    delta: Path,
    dest: Path,
    disk: Disk | None = None,
    progress: Progress = no_progress,
    trust: Path | None = None,
    older: bool = False,
    new_key: bool = False,
    set_aside: bool = False,
    accept: Callable[[Manifest], object] = lambda new: None,
) -> SyncResult:
    """Update the stick at ``dest`` with a ZIP of ``write_delta``, as safely as ``sync`` does.

    Args:
        delta: the ZIP.
        dest: root of the stick.
        disk: does the writing.
        progress: reports progress.
        trust: public key that must have signed the ZIP; by default the key stored on the stick.
        older: whether an older edition may replace a newer one.
        new_key: whether ``trust`` may differ from the stick's key.
        set_aside: see ``sync``.
        accept: called with the new content before anything is changed; its exceptions pass.

    Raises:
        SyncError: the ZIP is damaged, not ours or not signed with the key, or does not fit the stick's edition.
        KeyFileError: ``trust`` is not a public key.
        OSError: the stick cannot be read or written.
    """
    key = public_key(trust) if trust else ""
    with open_parcel(delta) as parcel:
        accept(parcel.manifest)
        state = survey(SafeFolder(dest))
        _check_fit(dest, state, parcel)
        sign = _signed_by(delta, state, parcel, key)
        if parcel.change.edition < state.edition and not older:
            raise SyncError(
                f"{delta} 是第 {parcel.change.edition} 次的，盘上已是第 {state.edition} 次的，比它新。"
                "真要换回旧的，加上 --older。盘没有动。"
            )
        _check_room(dest, parcel)
        parcel.check_files(progress)
        return sync(parcel, dest, parcel.manifest, disk, progress, sign, True, new_key, set_aside, older)


def _signed_by(delta: Path, state: StickState, parcel: Parcel, trusted: str) -> Sign:
    """The signature of the delta's manifest, after it was checked with the stick's or the given key.

    Raises:
        SyncError: it is missing or wrong, or there is no key to check it.
    """
    key = trusted or state.key
    if not key and state.signed:
        raise SyncError("盘是旧程序签的，没有记着公钥。加上 --trust 和馆里的公钥，再运行。盘没有动。")
    if not key and (parcel.signature or parcel.change_signature):
        raise SyncError(f"{delta} 签过名，盘上却没有记着公钥。加上 --trust 和馆里的公钥，再运行。盘没有动。")
    if not key:
        return unsigned
    if not parcel.signature and not parcel.change_signature and not trusted:
        raise SyncError(f"盘上的清单有签名，{delta} 没有签。向馆里要一份签了名的。盘没有动。")
    papers = {parcel.change_text: parcel.change_signature, parcel.text: parcel.signature}
    if not all(is_signed(text, signature, key) for text, signature in papers.items()):
        whose = "馆里的钥匙" if trusted else "盘上记着的钥匙"
        raise SyncError(f"{delta} 不是用{whose}签的，没有用它。请向馆里要一份。盘没有动。")
    return Sign(key, lambda text: parcel.signature)


def _check_room(dest: Path, parcel: Parcel) -> None:
    needed = space_of({path: parcel.manifest.files[path] for path in parcel.paths}).needed
    free = shutil.disk_usage(dest).free + staged_bytes(dest)
    if needed > free:
        raise SyncError(f"{dest} 放不下：要 {size_text(needed)}，空着的有 {size_text(free)}。盘没有动。")


def _check_fit(dest: Path, state: StickState, parcel: Parcel) -> None:
    old, change = state.manifest, parcel.change
    if state.damage and state.marker and state.marker.sums:
        raise SyncError(f"{dest}：{state.damage}。增量包补不好它，要用 archive pack usb 重做。")
    if old is None:
        raise SyncError(f"{dest} 里没有 {MANIFEST}，不像本馆做的盘。")
    pending = state.note.manifest if state.note else None  # an interrupted run of this same update
    if old.id not in (change.base, change.id) and not (pending and pending.id == change.id):
        raise SyncError(
            f"这份增量包从 {change.base} 更新到 {change.id}，盘上是 {old.id}，对不上。"
            f"要一份从 {old.id} 起的，或重做全盘。"
        )
