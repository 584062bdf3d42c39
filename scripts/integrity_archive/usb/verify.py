"""Verify: compares the files of a stick with its manifest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from integrity_archive.support.problems import shorten
from integrity_archive.support.progress import Progress, no_progress
from integrity_archive.support.safe_folder import Kind, LinkError, SafeFolder
from integrity_archive.usb.manifest import Manifest, ManifestError
from integrity_archive.usb.marker import MARKER, MarkerError, read_marker
from integrity_archive.usb.places import MANIFEST, PAPERS, SIGNATURE, SUMS, WORK
from integrity_archive.usb.signature import is_signed, public_key
from integrity_archive.usb.survey import NEW, NOTE, SyncError, standing, unfinished
from integrity_archive.usb.untrusted import MOST_TEXT, FormError, read_sums

THEIRS = ("System Volume Information", "$RECYCLE.BIN", ".Trashes", ".Spotlight-V100", ".fseventsd", "LOST.DIR")
"""Folders that operating systems create on sticks."""


@dataclass(frozen=True)
class Verdict:
    """The result of a verification."""

    manifest: Manifest | None
    fault: str
    """Why the stick cannot be verified; empty if it can."""
    missing: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    """Files that cannot be read: the stick is failing."""
    extra: tuple[str, ...] = ()
    """Files that are in no manifest: they belong to somebody else and do no harm."""
    under_way: str = ""
    """Id of the edition that an interrupted run was installing; empty for none."""
    back: bool = False
    """Whether that is an older edition than the stick has, or had."""
    staged: bool = False
    """Whether a run was interrupted while copying, before it changed the edition."""
    distrust: str = ""
    """Why the stick is not proved to be the archive's own; empty if it is, or if there was no key to check it."""
    trusted: bool = False
    """Whether the signature was checked with a given key."""
    remembered: bool = False
    """Whether the signature was checked with the key stored on the stick."""
    unmarked: bool = False
    """Whether the file that stores the key is missing, and no key was given."""
    signed: bool = False
    """Whether there is a signature."""

    @property
    def whole(self) -> bool:
        """Whether the stick is one complete edition and, if there was a key to check it, the archive's own."""
        return not (self.fault or self.missing or self.changed or self.unread or self.under_way or self.distrust)

    def lines(self) -> Iterator[str]:
        """The result for readers, in Chinese."""
        if self.fault:
            yield f"查不了：{self.fault}。"
            return
        assert self.manifest
        yield from self._interrupted(self.manifest.id)
        groups = {"缺": self.missing, "与原来不同": self.changed, "读不出来": self.unread, "不是本馆的": self.extra}
        for label, paths in groups.items():
            if paths:
                yield (
                    f"{label} {len(paths)} 个："
                    + "、".join(map(shorten, paths[:10]))
                    + (" 等" if len(paths) > 10 else "")
                )
        if self.distrust:
            yield f"信不过：{self.distrust}。"
        if self.trusted and not self.distrust:
            yield "签名是馆里的。"
        elif self.remembered and not self.distrust:
            yield "签名与盘上记着的公钥相符；要知道公钥是不是馆里的，加上 --trust。"
        elif self.unmarked and self.signed:
            yield f"有签名，没有核对：盘上记着公钥的 {MARKER} 不见了（或是旧程序做的盘）；加上 --trust 和馆里的公钥。"
        elif self.unmarked:
            yield f"没有签名，记着公钥的 {MARKER} 也不见了（或是旧程序做的盘）：以前签过没有，看不出来。"
        if self.whole:
            name, day = shorten(self.manifest.name), shorten(self.manifest.dated)
            dated = f"，内容截至 {day}" if day else ""
            yield f"完整：{name}，版本 {self.manifest.id}{dated}，{len(self.manifest.files)} 个文件。"

    def _interrupted(self, id_: str) -> Iterator[str]:
        """What an interrupted run left, on a stick with the edition ``id_``."""
        if self.under_way and self.back:
            yield f"上次更新没有做完：正从 {id_} 换回旧的 {self.under_way}。"
            yield f"是您要换回的，加上 --older 再运行一次；不是，先移走 {NOTE}，再做一遍 archive pack usb。"
        elif self.under_way:
            yield f"上次更新没有做完：正从 {id_} 换到 {self.under_way}。"
            yield "盘还能打开；再运行一次 archive pack usb 就换完。"
        elif self.staged:
            yield "上次更新没有做完，盘上还是旧版；再运行一次 archive pack usb 接着做。"


def verify(dest: Path, progress: Progress = no_progress, trust: Path | None = None) -> Verdict:
    """Read every file of the stick at ``dest`` and compare it with the manifest.

    Args:
        dest: root of the stick.
        progress: reports progress.
        trust: public key that must have signed the manifest.

    Raises:
        KeyFileError: ``trust`` is not a public key.
    """
    folder = SafeFolder(dest)
    key = public_key(trust) if trust else ""
    try:
        manifest = standing(dest)
        marker = read_marker(folder)
        pending = unfinished(dest)
        staged = folder.kind(NEW) is Kind.FOLDER
    except (ManifestError, MarkerError, SyncError) as error:
        return Verdict(None, str(error).removesuffix("。"))
    except LinkError as error:
        return Verdict(None, f"{error.filename} 是一个链接，通到盘的外面")
    if manifest is None:
        begun = f"第一次复制没有做完{f'（{pending.id}）' if pending else ''}；再运行一次 archive pack usb 接着做"
        other = f"{dest} 里没有 {MANIFEST}，不像本馆做的盘；看看盘符或文件夹写对了没有"
        return Verdict(None, begun if pending or staged or marker else other)
    by_fault: dict[str, list[str]] = {"missing": [], "changed": [], "unread": []}
    for path in progress(sorted(manifest.files), "核对", len(manifest.files)):
        if fault := _fault(folder, path, manifest):
            by_fault[fault].append(path)
    if not pending:
        by_fault["changed"] += _papers_changed(folder, manifest)
    remembered = marker.key if marker and not trust else ""
    known = {*manifest.files, *(pending.files if pending else ()), *PAPERS}
    theirs = (f"{WORK}/", *(f"{name}/" for name in THEIRS))
    extra = sorted(path for path, _ in folder.walk() if path not in known and not path.startswith(theirs))
    return Verdict(
        manifest,
        "",
        tuple(by_fault["missing"]),
        tuple(by_fault["changed"]),
        tuple(by_fault["unread"]),
        tuple(extra),
        pending.id if pending else "",
        pending is not None and pending.edition < max(manifest.edition, marker.edition if marker else 0),
        pending is None and staged,
        _distrust(folder, key, "馆里的钥匙") if trust else _distrust(folder, remembered, "盘上记着的钥匙"),
        trust is not None,
        bool(remembered),
        marker is None and trust is None,
        folder.kind(SIGNATURE) is not Kind.ABSENT,
    )


def _fault(folder: SafeFolder, path: str, manifest: Manifest) -> str:
    """Fault of a file: ``missing``, ``changed`` (also a link), ``unread``; empty for none."""
    try:
        if folder.kind(path) is Kind.ABSENT:
            return "missing"
        return "" if manifest.files[path].is_at(folder, path) else "changed"
    except LinkError:
        return "changed"
    except OSError:
        return "unread"


def _papers_changed(folder: SafeFolder, manifest: Manifest) -> list[str]:
    """Names of the changed ones among ``SHA256SUMS``, which the scripts on the stick read, and the manifest."""
    try:
        sums = read_sums(_read(folder, SUMS))
    except FormError:
        return [SUMS]
    own = sums.pop(MANIFEST, None)  # the first format had no line for it
    if sums != {path: record.sha256 for path, record in manifest.files.items()}:
        return [SUMS]
    return [MANIFEST] if own and own != hashlib.sha256(_read(folder, MANIFEST)).hexdigest() else []


def _distrust(folder: SafeFolder, key: str, whose: str) -> str:
    """Why the manifest is not proved to be signed with ``key``; empty if it is, or if ``key`` is empty."""
    if not key:
        return ""
    signature = _read(folder, SIGNATURE)
    if not signature:
        return "清单没有签名"
    if not is_signed(_read(folder, MANIFEST), signature.decode("utf-8", "replace"), key):
        return f"清单不是用{whose}签的，或签了以后被改过"
    return ""


def _read(folder: SafeFolder, path: str) -> bytes:
    try:
        return folder.read(path, MOST_TEXT)
    except OSError:
        return b""
