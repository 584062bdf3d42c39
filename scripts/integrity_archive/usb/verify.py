"""Verify: whether a stick holds what its manifest says."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from integrity_archive.support.problems import shorten
from integrity_archive.support.progress import Progress, no_progress
from integrity_archive.support.safe_folder import Kind, LinkError, SafeFolder
from integrity_archive.usb.manifest import Manifest, ManifestError
from integrity_archive.usb.marker import MarkerError, read_marker
from integrity_archive.usb.places import MANIFEST, PAPERS, SIGNATURE, SUMS, WORK
from integrity_archive.usb.signature import is_signed, public_key
from integrity_archive.usb.survey import NEW, SyncError, standing, unfinished
from integrity_archive.usb.untrusted import MOST_TEXT, FormError, read_sums

THEIRS = ("System Volume Information", "$RECYCLE.BIN", ".Trashes", ".Spotlight-V100", ".fseventsd", "LOST.DIR")
"""Folders that operating systems put on sticks."""


@dataclass(frozen=True)
class Verdict:
    """What was found."""

    manifest: Manifest | None
    fault: str
    """Why the stick cannot be judged; empty when it can."""
    missing: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    """Files the stick would not give: it is failing."""
    extra: tuple[str, ...] = ()
    """Files no manifest names: they are somebody's own, and harm nothing."""
    under_way: str = ""
    """Id of the edition that an interrupted run was moving into place; empty for none."""
    staged: bool = False
    """Whether a run was cut off before it touched anything."""
    distrust: str = ""
    """Why the stick cannot be taken for the archive's own; empty where it can, or nobody asked."""
    trusted: bool = False
    """Whether the signature was looked at by a key that was given."""
    remembered: bool = False
    """Whether the signature was looked at by the key that the stick remembers."""

    @property
    def whole(self) -> bool:
        """Whether the stick is one edition, all of it, and the archive's where that was asked."""
        return not (self.fault or self.missing or self.changed or self.unread or self.under_way or self.distrust)

    def lines(self) -> Iterator[str]:
        """The findings for a reader."""
        if self.fault:
            yield f"查不了：{self.fault}。"
            return
        assert self.manifest
        if self.under_way:
            yield f"上次更新没有做完：正从 {self.manifest.id} 换到 {self.under_way}。"
            yield "盘还能打开；再运行一次 archive pack usb 就换完。"
        elif self.staged:
            yield "上次更新没有做完，盘上还是旧版；再运行一次 archive pack usb 接着做。"
        found = {"缺": self.missing, "与原来不同": self.changed, "读不出来": self.unread, "不是本馆的": self.extra}
        for label, paths in found.items():
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
        if self.whole:
            name, day = shorten(self.manifest.name), shorten(self.manifest.dated)
            dated = f"，内容截至 {day}" if day else ""
            yield f"完整：{name}，版本 {self.manifest.id}{dated}，{len(self.manifest.files)} 个文件。"


def verify(dest: Path, progress: Progress = no_progress, trust: Path | None = None) -> Verdict:
    """Read every file of the stick at ``dest``.

    Args:
        dest: root of the stick.
        progress: shows progress.
        trust: public key by which the manifest must be signed.

    Raises:
        KeyFileError: ``trust`` is no public key.
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
    found: dict[str, list[str]] = {"missing": [], "changed": [], "unread": []}
    for path in progress(sorted(manifest.files), "核对", len(manifest.files)):
        if fault := _fault(folder, path, manifest):
            found[fault].append(path)
    if not pending:
        found["changed"] += _papers_changed(folder, manifest)
    remembered = marker.key if marker and not trust else ""
    known = {*manifest.files, *(pending.files if pending else ()), *PAPERS}
    theirs = (f"{WORK}/", *(f"{name}/" for name in THEIRS))
    extra = sorted(path for path, _ in folder.walk() if path not in known and not path.startswith(theirs))
    return Verdict(
        manifest,
        "",
        tuple(found["missing"]),
        tuple(found["changed"]),
        tuple(found["unread"]),
        tuple(extra),
        pending.id if pending else "",
        pending is None and staged,
        _distrust(folder, key, "馆里的钥匙") if trust else _distrust(folder, remembered, "盘上记着的钥匙"),
        trust is not None,
        bool(remembered),
    )


def _fault(folder: SafeFolder, path: str, manifest: Manifest) -> str:
    """What is wrong with a file: ``missing``, ``changed`` or ``unread``; empty for nothing. A link is not the file."""
    try:
        if folder.kind(path) is Kind.ABSENT:
            return "missing"
        return "" if manifest.files[path].is_at(folder, path) else "changed"
    except LinkError:
        return "changed"
    except OSError:
        return "unread"


def _papers_changed(folder: SafeFolder, manifest: Manifest) -> list[str]:
    """Whether the sums, which the scripts on the stick go by, and the manifest they vouch for are as they were made."""
    try:
        sums = read_sums(_read(folder, SUMS))
    except FormError:
        return [SUMS]
    own = sums.pop(MANIFEST, None)  # the first format had no line for it
    if sums != {path: held.sha256 for path, held in manifest.files.items()}:
        return [SUMS]
    return [MANIFEST] if own and own != hashlib.sha256(_read(folder, MANIFEST)).hexdigest() else []


def _distrust(folder: SafeFolder, key: str, whose: str) -> str:
    """Why the manifest cannot be taken for what the owner of ``key`` made; empty where it can, or for no key."""
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
