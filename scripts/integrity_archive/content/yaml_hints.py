"""YAML hints: what libyaml says of a broken text, as fault and remedy for authors.

libyaml names the rule of its grammar that failed. An author needs the character that he did not know to be special.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import yaml

from integrity_archive.support.problems import Problem

_WIDE_COLON = re.compile(r"^\s*(?:- )?[A-Za-z_]+：", re.M)
_VALUE = re.compile(r"[ \t]*(?:-[ \t]+)*(?:[\w-]+[ \t]*:[ \t]+)?")
"""What comes before the value in a row: its place in a list, its field."""
_DASH = re.compile(r"[ \t]*(?:(-)[^\s\d-]|(－|[–—](?=[ \t]))\s*\S)")
"""A row that is meant to be an item of a list and is none."""
QUOTE_ALL = "整个用引号括起来"
"""The remedy for a value that YAML would read otherwise."""
_FAULTS = (
    ("unexpected end of stream", "引号没有收尾", "补上后一个引号，或删去前一个"),
    ("could not find expected ':'", "这一行没有“: ”", "写成“字段: 值”，冒号后留一个空格"),
    ("did not find expected node content", "括号没有收尾", "补上 ] 或 }，项之间用半角逗号"),
    ("did not find expected ',' or", "括号没有收尾", "补上 ] 或 }，项之间用半角逗号"),
    ("undefined alias", "值以 * 开头，被当成了别名", QUOTE_ALL),
    ("unknown escape", "双引号里的反斜线 \\ 有别的意思", "外面改用单引号，或把 \\ 写成两个"),
    ("block sequence entries", "列表和字段写在同一行", f"每项另起一行，以短横和空格开头；是一句话就{QUOTE_ALL}"),
    ("did not find expected", "缩进没有对齐", "同一层的字段左边对齐，用空格不用制表符"),
)
"""Messages of libyaml (a part of each), with fault and remedy for authors."""
_SPECIAL = ("scanning an anchor", "scanning an alias", "scanning a tag", "scanning a block scalar")
"""What libyaml was doing when it met a character that has a meaning of its own at the beginning of a value."""

_LEFT_OPEN = ("end of stream", "could not find expected ':'", "did not find expected ',' or")


def syntax_problem(error: yaml.MarkedYAMLError, text: str, path: str, first_line: int) -> Problem:
    """What is wrong with a text that is no YAML, at its line. ``first_line`` is the line at which ``text`` begins."""
    message = error.problem or error.context or ""
    rows = text.split("\n")
    if error.problem_mark and (found := _of_value(error, error.problem_mark, rows)):
        row, what, remedy = found
        return Problem(path, first_line + row, "", rows[row].strip(), what, remedy, "yaml")
    # libyaml reports an unclosed quotation or bracket where the next token is; the author needs its beginning.
    mark = (error.context_mark if any(s in message for s in _LEFT_OPEN) else None) or error.problem_mark
    row = min(mark.line if mark else 0, len(rows) - 1)
    while row and not rows[row].strip():
        row -= 1
    wide = _WIDE_COLON.search(text)
    if wide:
        row = text.count("\n", 0, wide.start())
        what, remedy = "用了全角冒号“：”", "字段名后用半角冒号加一个空格“: ”"
    elif rows[row].lstrip(" ").startswith("\t"):
        what, remedy = "用制表符缩进", "改用空格缩进"
    elif fault := dash_fault(rows[row]):
        what, remedy = fault
    elif "mapping values are not allowed" in message:
        row, what, remedy = _colon(rows, row)
    else:
        explanations = (entry[1:] for entry in _FAULTS if entry[0] in message)
        what, remedy = next(explanations, ("YAML 写法有误", "对照手册里的例子，检查缩进、引号和冒号"))
    return Problem(path, first_line + row, "", rows[row].strip(), what, remedy, "yaml")


def _of_value(error: yaml.MarkedYAMLError, mark: yaml.Mark, rows: Sequence[str]) -> tuple[int, str, str] | None:
    """Row, fault and remedy where a value has a beginning or an end that YAML takes for its own; None elsewhere."""
    message, context = error.problem or "", error.context_mark
    if any(doing in (error.context or "") for doing in _SPECIAL) and context:
        return context.line, *_begins_with(rows[context.line][context.column])
    if mark.line >= len(rows) or rows[mark.line].lstrip(" ").startswith("\t"):
        return None
    row = rows[mark.line]
    before, after = row[: mark.column].rstrip(), row[mark.column :]
    begins = _VALUE.match(row)
    at_start = begins is not None and begins.end() == mark.column and before != ""
    if after and at_start and ("start any token" in message or "mapping keys" in message or after[0] in ",]}"):
        return mark.line, *_begins_with(after[0])
    if "directive" in (error.context or ""):
        return mark.line, *_begins_with(row[0])
    if after.strip() and "start any token" in message:
        return mark.line, *_begins_with(after[0])
    if after[:1] == "," and before.endswith((",", "[", "{")):
        return mark.line, "逗号之间没有内容", "补上内容，或删去多余的逗号"
    if after.strip() and before.endswith(('"', "'", "]", "}")) and "did not find expected" in message:
        kind = "引号" if before[-1] in "\"'" else "括号"
        return mark.line, f"{kind}后面还有字", f"{QUOTE_ALL}，里面的引号写成“”"
    return None


def _begins_with(character: str) -> tuple[str, str]:
    return f"值以 {character} 开头，这个字符在 YAML 里另有用处", QUOTE_ALL


def dash_fault(row: str) -> tuple[str, str] | None:
    """Fault and remedy of a row that is meant to be an item of a list; None for any other."""
    dash = _DASH.match(row)
    if dash is None:
        return None
    if dash[1]:
        return "短横后面没有空格，没有成为列表的一项", f"短横后留一个空格；值真以短横开头，就{QUOTE_ALL}"
    return f"列表用了“{dash[2]}”", "改成半角短横 - ，后面留一个空格"


def _colon(rows: Sequence[str], row: int) -> tuple[int, str, str]:
    """Row, fault and remedy for a colon where none may be."""
    if rows[row].count(": ") + rows[row].rstrip().endswith(":") > 1:
        return row, "一行里有两个“: ”", f"值里有冒号时{QUOTE_ALL}"
    above = next((n for n in range(row - 1, -1, -1) if rows[n].strip()), row)
    if not re.search(r":(\s|$)", rows[above]):
        return above, "这一行没有“: ”", "写成“字段: 值”，冒号后留一个空格"
    return row, "缩进没有对齐", "同一层的字段左边对齐，用空格不用制表符"
