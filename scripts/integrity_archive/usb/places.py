"""Places: which paths a file of the archive may have on a stick, on every system a stick is plugged into."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from integrity_archive.support.windows import is_reserved
from integrity_archive.usb.papers import README

MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
SIGNATURE = "manifest.sig"
PAPERS = (MANIFEST, SUMS, SIGNATURE)
"""What stands at the root beside the site's own files."""
WORK = ".archive"
"""Folder of everything else of ours."""
LONGEST = 180
"""Characters of a path: Windows stops at 260, of which a folder the stick is copied into takes its part."""
DEEPEST = 32
"""Components of a path."""
_FORBIDDEN = re.compile(r'[<>:"|?*\\\x00-\x1f\x7f]')
_SHORT_NAME = re.compile(r"~[0-9]")
"""By which FAT and NTFS know a file a second time: ``ARCHIV~1`` is ``.archive``."""


def faults(path: str) -> Iterator[tuple[str, str]]:
    """What some computer cannot read in a path, and the remedy, both in Chinese."""
    if not path.isascii():
        yield "文件名里有英文、数字以外的字，有的电脑会显示成乱码", "改成拼音"
    if len(path) > LONGEST:
        yield f"路径有 {len(path)} 个字符，超过 {LONGEST}", "缩短文件名"
    if path.count("/") >= DEEPEST:
        yield f"文件夹套了 {path.count('/')} 层，超过 {DEEPEST - 1}", "少套几层"
    for part in path.split("/"):
        if is_reserved(part):
            yield f"“{part}”是 Windows 保留的名字", "换一个文件名"
        if _FORBIDDEN.search(part) or part.endswith((" ", ".")) or _SHORT_NAME.search(part):
            yield f"“{part}”里有 Windows 不许用的字符", "换一个文件名"


def is_place(path: str) -> bool:
    """Whether a path names a file below a stick's root, on every system, and none of the stick's own papers."""
    if path == README:
        return True
    parts = path.split("/")
    return (
        all(parts)
        and not parts[0].startswith(".")
        and path.lower() not in {paper.lower() for paper in PAPERS}
        and not any(faults(path))
    )


def clash(paths: Iterable[str]) -> str:
    """The first path that some system takes for another one, or whose folder is another one's file; empty for none."""
    seen: set[str] = set()
    folders: dict[str, str] = {}
    for path in paths:
        lower = path.lower()
        if lower in seen:
            return path
        seen.add(lower)
        while lower := lower.rpartition("/")[0]:
            if folders.setdefault(lower, path) != path:
                break
    return next((path for folder, path in folders.items() if folder in seen), "")
