"""Problems: what is wrong, where, and what to do. Pure functions return them, the commands report them."""

from __future__ import annotations

import difflib
import errno
import json
from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, asdict, dataclass
from typing import Literal

Severity = Literal["error", "warning"]

VALUE_LIMIT = 60
"""Longest value repeated in a message, in characters."""
SHORT = 6
"""Up to this many characters, a value gets a suggestion even if it is not very similar."""

REASONS: Mapping[int, str] = {
    errno.EACCES: "没有权限",
    errno.EBUSY: "正被别的程序占用",
    errno.EDQUOT: "配给的磁盘空间用完了",
    errno.EEXIST: "那里有一个同名的文件",
    errno.EFBIG: "文件太大，这个盘放不下",
    errno.EIO: "磁盘读写出错",
    errno.EISDIR: "那里是一个文件夹",
    errno.ELOOP: "链接绕成了圈",
    errno.EMFILE: "打开的文件太多",
    errno.ENAMETOOLONG: "名字太长",
    errno.ENODEV: "设备不在了",
    errno.ENOENT: "没有这个文件或文件夹",
    errno.ENOSPC: "磁盘满了",
    errno.ENOTDIR: "路径中间有一段不是文件夹",
    errno.ENOTEMPTY: "文件夹不是空的",
    errno.EPERM: "系统不允许",
    errno.EROFS: "这个盘只能读",
    errno.ETXTBSY: "正被别的程序占用",
    errno.EXDEV: "不在同一个盘上",
}
"""Reasons for a failed system call (``errno``), in Chinese."""


@dataclass(frozen=True, order=True)
class Problem:
    """One fault that an author should correct."""

    path: str
    """File, relative to the archive's root, with forward slashes."""
    line: int
    """Line, counted from 1; 0 if the problem is the file itself."""
    field: str
    """Field of the front matter, ``正文`` for the body, empty for the whole file."""
    value: str
    what: str
    """What is wrong, in Chinese."""
    remedy: str
    """What to do, in Chinese."""
    rule: str
    """Stable name of the rule, for tools."""
    _: KW_ONLY
    severity: Severity = "error"
    """An error stops a build, a warning is shown."""

    def __str__(self) -> str:
        path = printable(self.path)
        place = f"{path}:{self.line}" if self.line else path
        value = f"“{shorten(self.value)}”" if self.value else ""
        subject = " ".join(part for part in (self.field, value) if part)
        grade = "（提醒）" if self.severity == "warning" else ""
        return f"{place}: {subject + ' — ' if subject else ''}{grade}{self.what}；{self.remedy}"


def printable(text: str) -> str:
    """The text on one line, without what a terminal would obey."""
    return "".join(c if c.isprintable() else "�" for c in text)


def shorten(value: str) -> str:
    """The value on one line, cut to a length that fits a message."""
    flat = printable(" ".join(value.split()))
    return flat if len(flat) <= VALUE_LIMIT else flat[: VALUE_LIMIT - 1] + "…"


def nearest(value: str, choices: Iterable[str]) -> str | None:
    """The valid value most similar to a wrong one, or None if none is similar."""
    # One shared character makes two Chinese words similar; any two ids share about half of their letters.
    cutoff = 0.45 if len(value) <= SHORT else 0.7
    matches = difflib.get_close_matches(value, list(choices), n=1, cutoff=cutoff)
    return matches[0] if matches else None


def as_text(problems: Iterable[Problem]) -> str:
    """One line for each problem, sorted by place."""
    return "\n".join(str(p) for p in sorted(problems))


def as_json(problems: Iterable[Problem]) -> str:
    """A JSON list of objects with the fields of ``Problem``."""
    return json.dumps([asdict(p) for p in sorted(problems)], ensure_ascii=False, indent=2)


def errors(problems: Iterable[Problem]) -> list[Problem]:
    """Problems that stop a build."""
    return [p for p in problems if p.severity == "error"]


def why(error: OSError) -> str:
    """The reason why the system refused: in Chinese for the common ones."""
    return REASONS.get(error.errno or 0) or error.strerror or str(error)
