"""Places: which paths a file may have on a stick, valid on every system that reads it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

from integrity_archive.archive.publication import HOSTING, LINKABLE, MADE_FILES
from integrity_archive.content.field_types import VIDEO_SUFFIXES
from integrity_archive.support.windows import is_reserved
from integrity_archive.usb.papers import PAPERS as STICK_PAPERS
from integrity_archive.usb.papers import README

MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
SIGNATURE = "manifest.sig"
PAPERS = (MANIFEST, SUMS, SIGNATURE)
"""Files at the root that are not part of the site."""
WORK = ".archive"
"""Folder of all other files of ours."""
LONGEST = 180
"""Most characters of a path: Windows allows 260, which include the folder into which a stick is copied."""
DEEPEST = 32
"""Most components of a path."""
_FORBIDDEN = re.compile(r'[<>:"|?*\\\x00-\x1f\x7f]')
_SHORT_NAME = re.compile(r"~[0-9]")
"""Short names, which FAT and NTFS give to files in addition: ``ARCHIV~1`` is ``.archive``."""

_TOP_FOLDER = re.compile(r"[a-z0-9][a-z0-9._-]*")
_TOP_TYPES = (".html", ".css", ".js")
_TOP_FILES = MADE_FILES | HOSTING | STICK_PAPERS
_TYPES = (*LINKABLE, *VIDEO_SUFFIXES, *_TOP_TYPES, ".json", ".xml", ".zip", ".ico", ".woff", ".woff2", ".ttf", ".otf")
"""Types of an edition's files: those that pages link, and those of pages, of packs and of themes."""
_ODD_STARTS = (".", "-", "$", "~")
"""First characters of names that are hidden, that a shell takes for options, and of temporary files and Windows's."""


def faults(path: str) -> Iterator[tuple[str, str]]:
    """Faults of a path on some system, with remedies, both in Chinese."""
    if not path.isascii():
        yield "文件名里有英文、数字以外的字，有的电脑会显示成乱码", "改成拼音"
    if len(path) > LONGEST:
        yield f"路径有 {len(path)} 个字符，超过 {LONGEST}", "缩短文件名"
    if path.count("/") >= DEEPEST:
        yield f"文件夹套了 {path.count('/')} 层，超过 {DEEPEST - 1}", "少套几层"
    for part in path.split("/"):
        if is_reserved(part):
            yield f"“{part}”是 Windows 保留的名字", "换一个文件名"
        if part.startswith(_ODD_STARTS):
            yield f"“{part}”的开头是“{part[0]}”，系统会藏起来，或当作别的东西", "换一个文件名"
        if _FORBIDDEN.search(part) or part.endswith((" ", ".")) or _SHORT_NAME.search(part):
            yield f"“{part}”里有 Windows 不许用的字符", "换一个文件名"


def foreign_type(path: str) -> Iterator[tuple[str, str]]:
    """Why no edition has a file of this type, with a remedy, both in Chinese: opening it may run a program."""
    if path not in _TOP_FILES and not path.lower().endswith(_TYPES):
        kind = posixpath.splitext(path)[1]
        what = f"{f'{kind} ' if kind else '没有扩展名的'}文件不放到盘上：打开它可能运行程序"
        yield what, "换成 PDF、图片、docx、xlsx、pptx 等，或移走"


def like_the_users(path: str) -> Iterator[tuple[str, str]]:
    """Why a path is one that users give to files of their own, with a remedy, both in Chinese.

    No edition has such a path, so that a forged manifest cannot claim a stick's photos as the archive's. A file at the
    root is a page or has a name that the program gives; a folder at the root has a name without capitals and spaces.
    """
    top, _, rest = path.partition("/")
    if rest and not _TOP_FOLDER.fullmatch(top):
        yield f"文件夹“{top}”里有小写英文、数字、“-”以外的字，在盘上会与读者自己的文件夹分不开", "改成小写英文"
    elif not rest and not path.endswith(_TOP_TYPES) and path not in _TOP_FILES:
        yield "在盘的最上一层，会与读者自己的文件分不开", "放进一个文件夹，如 docs/files/"


def is_place(path: str) -> bool:
    """Whether a path is valid on every system, below the stick's root, and one that an edition can have."""
    if path == README:
        return True
    parts = path.split("/")
    return (
        all(parts)
        and path.lower() not in {paper.lower() for paper in PAPERS}
        and not any(faults(path))
        and not any(foreign_type(path))
        and not any(like_the_users(path))
    )


def clash(paths: Iterable[str]) -> str:
    """The first path that differs from another only in case, or whose folder has the name of a file; empty for none."""
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
