"""Leftovers: files that lie in an archive's folders but are none of its content.

Other programs leave them there: locks, temporary and backup files, previews, unfinished downloads, and the copies that
programs for synchronising folders make where two computers changed one file. What is read, checked, published, packed,
watched and searched for in books asks here.
"""

from __future__ import annotations

import re
from collections.abc import Collection

_NEVER = re.compile(
    r"""
    \..*                                         # hidden: .DS_Store, ._a.jpg, .~lock.a.docx#, .a.md.swp, .git
  | ~\$.*                                        # Word, Excel and WPS: who has the file open
  | ~.*\.tmp | .*\.(tmp|temp|asd|wbk)            # Word: ~WRL0005.tmp; what it saves of itself
  | .*~ | \#.*\# | .*\.sb-[0-9a-f]{6,8}-\w{6}    # vi, Emacs, macOS
  | .*\.(bak|old|orig|rej|sw[nop]|gstmp)         # copies that editors and version control keep
  | .*\.(crdownload|part|partial|filepart|download|opdownload|downloading|aria2|xltd|td|td\.cfg|!ut|!qb)
  | thumbs\.db(:.*)? | ehthumbs(_vista)?\.db | desktop\.ini | icon\r  # Windows, macOS: previews, looks of folders
  | \$recycle\.bin | system\ volume\ information | __macosx | @eadir | \#recycle | lost\+found | __pycache__
    """,
    re.X | re.I | re.S,
)
"""Names of files and folders, whole."""

_CONFLICT = re.compile(
    r"""
    \.sync-conflict-\d{8}-\d{6}(-\w+)?                                             # Syncthing
  | \s*[(（][^()（）]*((?i:conflicted\ copy|case\ conflict)|冲突)[^()（）]*[)）]      # Dropbox, Nextcloud, 坚果云
  | \s*[(（]SFConflict\b[^()（）]*[)）]                                            # Seafile
  | [-_ ]冲突(文件|副本)?([-_ ]?\d[\d_-]*)?                                         # 百度网盘 and others
  | -((DESKTOP|LAPTOP)-[0-9A-Z]{5,8}|WIN-[0-9A-Z]{11}|PC-20\d{6}[A-Z]{4})(-\d+)?  # OneDrive: the other computer's name
  | -[\w-]*(MacBook|iMac|Mac-mini)[\w-]*                                           # the same, of a Mac
    """,
    re.X,
)
"""What programs for synchronising add to a name before its suffix; no author writes it."""

_COPY = re.compile(
    r"""
    \s*[(（]\d{1,3}[)）]                                                      # a (1), as browsers and Windows number
  | (\s+-\s+|\s+)(?i:copy)(\s*([(（]\d+[)）]|\d+))?                          # a copy 2
  | (\s*-\s*|\s+|_|的)?(副本|拷贝|复件)(\s*([(（]\d+[)）]|\d+))?               # a - 副本 (2)
    """,
    re.X,
)
"""What programs add to the name of a copy before its suffix; also authors do, so the original has to lie beside it."""
_COPY_BEFORE = re.compile(r"(复件|副本|copy of)[\s_-]*", re.I)
"""The same, before the name."""
_ANY = re.compile(r"[(（]|副本|拷贝|复件|冲突|sync-conflict|-[A-Z]|Mac|(?i:copy)")
"""Whether a name may have any of these marks: nearly none of thousands has."""


def is_leftover(name: str) -> bool:
    """Whether a file or folder with this name is never content."""
    return _NEVER.fullmatch(name) is not None


def is_conflict(name: str) -> bool:
    """Whether a program for synchronising has named a file or folder so: it is one of two versions."""
    return _marked(_CONFLICT, name) is not None


def original_of(name: str, beside: Collection[str]) -> str:
    """The name of the file or folder of which this one is a copy or another version; empty for none.

    Args:
        name: the name.
        beside: every name in the same folder. A copy counts as one only if its original is there; what
            ``is_conflict`` is one also alone.
    """
    if not _ANY.search(name):
        return ""
    if (original := _marked(_CONFLICT, name)) is not None:
        return original
    before = _COPY_BEFORE.match(name)
    originals = (_marked(_COPY, name), name[before.end() :] if before else None)
    return next((original for original in originals if original and original in beside), "")


def _marked(marks: re.Pattern[str], name: str) -> str | None:
    """The name without the mark at the end of its stem; None without one."""
    stem, dot, suffix = name.rpartition(".")
    if not stem or not re.fullmatch(r"\w{1,5}", suffix):  # a folder, or a file without a suffix
        stem, dot, suffix = name, "", ""
    at = next((m for m in marks.finditer(stem) if m.end() == len(stem) and m.start()), None)
    return f"{stem[: at.start()]}{dot}{suffix}" if at else None
