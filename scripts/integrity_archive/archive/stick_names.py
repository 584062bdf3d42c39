"""Stick names: which paths and sizes a file of an edition may have, so that every stick and every computer holds it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping

from integrity_archive.archive.publication import HOSTING, LINKABLE, MADE_FILES
from integrity_archive.content.entry import site_uri
from integrity_archive.content.model.field_types import VIDEO_SUFFIXES
from integrity_archive.support.problems import Problem
from integrity_archive.support.windows import is_reserved

README = "说明.txt"
"""The only name that is not ASCII, because its readers look for a Chinese name."""
PAPERS = frozenset({README, "verify.sh", "verify.ps1", "verify.cmd"})
"""Files that are added to an edition for a stick."""
LONGEST = 180
"""Most characters of a path: Windows allows 260, which include the folder into which a stick is copied."""
DEEPEST = 32
"""Most components of a path."""
BIGGEST = (1 << 32) - 1
"""Largest file on FAT32, in bytes."""
_FORBIDDEN = re.compile(r'[<>:"|?*\\\x00-\x1f\x7f]')
_SHORT_NAME = re.compile(r"~[0-9]")
"""Short names, which FAT and NTFS give to files in addition: ``ARCHIV~1`` is ``.archive``."""

_TOP_FOLDER = re.compile(r"[a-z0-9][a-z0-9._-]*")
_TOP_TYPES = (".html", ".css", ".js")
_TOP_FILES = MADE_FILES | HOSTING | PAPERS
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
        remedy = "移进一个文件夹，如 docs/images/，再改用到它的地方"
        yield "在盘的最上一层，会与读者自己的文件分不开", remedy


def name_problems(sizes: Mapping[str, int], sources: Mapping[str, str]) -> Iterator[Problem]:
    """Files whose names are invalid on some system, that differ only in case, or that are too large for FAT32.

    Args:
        sizes: size in bytes of each file, by path on the stick.
        sources: path in the archive of each file that an author can change.
    """
    lower: dict[str, str] = {}
    for path in sorted(sizes):
        source = sources.get(path, path)
        for what, remedy in list(faults(path)) or (*foreign_type(path), *like_the_users(path)):
            yield _problem(source, path, what, remedy)
        if sizes[path] > BIGGEST:
            what = f"有 {sizes[path] / 1e9:.1f} GB，FAT32 的一个文件放不下 4 GiB"
            yield _problem(source, path, what, "压小，或分成两个")
        other = lower.setdefault(path.lower(), path)
        if other != path:
            what = f"与 {sources.get(other, other)} 只差大小写，Windows 上是同一个文件"
            yield _problem(source, path, what, "改其中一个的名字")


def _problem(source: str, value: str, what: str, remedy: str) -> Problem:
    return Problem(source, 0, "", "" if site_uri(source) == value else value, what, remedy, "stick-name")
