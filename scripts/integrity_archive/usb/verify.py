"""Verify: whether a stick holds what its manifest says."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from integrity_archive.support.digest import files_below
from integrity_archive.support.progress import Track, untracked
from integrity_archive.usb.manifest import MANIFEST, SIGNATURE, SUMS, Manifest, ManifestError
from integrity_archive.usb.signature import is_signed
from integrity_archive.usb.sync import NEW, WORK, standing, unfinished

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
    """Whether the signature was looked at and is the archive's."""

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
                yield f"{label} {len(paths)} 个：" + "、".join(paths[:10]) + (" 等" if len(paths) > 10 else "")
        if self.distrust:
            yield f"信不过：{self.distrust}。"
        if self.trusted and not self.distrust:
            yield "签名是馆里的。"
        if self.whole:
            dated = f"，内容截至 {self.manifest.dated}" if self.manifest.dated else ""
            yield f"完整：{self.manifest.name}，版本 {self.manifest.id}{dated}，{len(self.manifest.files)} 个文件。"


def verify(dest: Path, track: Track = untracked, trust: Path | None = None) -> Verdict:
    """Read every file of the stick at ``dest``.

    Args:
        dest: root of the stick.
        track: shows progress.
        trust: public key by which the manifest must be signed.

    Raises:
        KeyFileError: ``trust`` is no public key.
    """
    try:
        manifest = standing(dest)
    except ManifestError as error:
        return Verdict(None, str(error))
    if manifest is None:
        pending = unfinished(dest)
        begun = f"第一次复制没有做完{f'（{pending.id}）' if pending else ''}；再运行一次 archive pack usb 接着做"
        other = f"{dest} 里没有 {MANIFEST}，不像本馆做的盘；看看盘符或文件夹写对了没有"
        return Verdict(None, begun if pending or (dest / NEW).is_dir() else other)
    missing: list[str] = []
    changed: list[str] = []
    unread: list[str] = []
    for path in track(sorted(manifest.files), "核对", len(manifest.files)):
        where = dest / path
        try:
            if not where.is_file():
                missing.append(path)
            elif not manifest.files[path].is_at(where):
                changed.append(path)
        except OSError:
            unread.append(path)
    pending = unfinished(dest)
    if not pending:
        changed += _papers_changed(dest, manifest)
    known = {*manifest.files, *(pending.files if pending else ()), MANIFEST, SUMS, SIGNATURE}
    extra = [p for p in sorted(files_below(dest)) if p not in known and not p.startswith((f"{WORK}/", *THEIRS))]
    return Verdict(
        manifest,
        "",
        tuple(missing),
        tuple(changed),
        tuple(unread),
        tuple(extra),
        pending.id if pending else "",
        pending is None and (dest / NEW).is_dir(),
        _distrust(dest, trust) if trust else "",
        trust is not None,
    )


def _papers_changed(dest: Path, manifest: Manifest) -> list[str]:
    """Whether the sums, which the scripts on the stick go by, and the manifest they vouch for are as they were made."""
    lines = [line.partition("  ") for line in _read(dest / SUMS).decode("utf-8", "replace").splitlines()]
    sums = {path: sha256 for sha256, _, path in lines}
    own = sums.pop(MANIFEST, None)  # the first format had no line for it
    if sums != {path: held.sha256 for path, held in manifest.files.items()}:
        return [SUMS]
    return [MANIFEST] if own and own != hashlib.sha256(_read(dest / MANIFEST)).hexdigest() else []


def _distrust(dest: Path, trust: Path) -> str:
    signature = _read(dest / SIGNATURE)
    if not signature:
        return "清单没有签名"
    if not is_signed(_read(dest / MANIFEST), signature.decode("utf-8", "replace"), trust):
        return "清单不是用馆里的钥匙签的，或签了以后被改过"
    return ""


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
