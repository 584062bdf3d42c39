"""Bounds of a body: how much of the marks that the Markdown converter takes long for may stand in one file, and how
deep they may be nested.

Python-Markdown tries every ``[`` and ``<`` against all that follow, so its time grows with their square and a small
text could stop a build. The bounds lie far above what a text needs, and keep a file below about two seconds.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from integrity_archive.content.markup.sanitizer import RAW_TAGS
from integrity_archive.support.problems import Problem

LENGTH, LINES, INDENT = 400_000, 20_000, 80
"""Characters of a body, its lines, and spaces before a line."""
BRACKETS = 400
"""Square brackets that open in one paragraph."""
NESTING = 8
"""Levels of quotations, list items, emphasis, links and HTML in each other, in any mixture.

A list of PowerPoint and Word has 9 levels (ECMA-376, ST_TextIndentLevelType, ST_DecimalNumber of ``ilvl``). Typst 0.14
sets 14 quotations in each other and not 20, 60 emphases and not 100; Python-Markdown itself fails at some 1,000.
"""
_OF_BODY = (
    (re.compile(r"<!"), 40, "<!", "删去注释和声明"),
    (re.compile(r"<"), 1_000, "<", "小于号写成 &lt;"),
    (re.compile(r"^ {0,3}#", re.M), 500, "#", "分成几篇"),
    (re.compile(r"^\[\^", re.M), 500, "[^", "分成几篇"),
)
"""What is counted in a whole body, how many are allowed, what it is called, what to do."""
_PARAGRAPH = re.compile(r"\n\s*\n")


def body_faults(path: str, body: str, first_line: int) -> Iterator[Problem]:
    """What of a body exceeds the bounds.

    Args:
        path: of the file, below the archive's root.
        body: its text without the front matter.
        first_line: line of the file in which the body begins.
    """
    lines = body.count("\n") + 1
    if len(body) > LENGTH or lines > LINES:
        what = f"正文太长：{len(body)} 字、{lines} 行，最多 {LENGTH} 字、{LINES} 行"
        yield _fault(path, first_line, "", what, "分成几篇")
        return
    for pattern, most, mark, remedy in _OF_BODY:
        count = sum(1 for _ in pattern.finditer(body))
        if count > most:
            yield _fault(path, first_line, mark, f"正文里有 {count} 个，最多 {most} 个", remedy)
    at = 0
    for end in (*(m.start() for m in _PARAGRAPH.finditer(body)), len(body)):
        if (count := body.count("[", at, end)) > BRACKETS:
            line = first_line + body.count("\n", 0, at)
            remedy = "分成几段；要写方括号本身，用全角的［］"
            yield _fault(path, line, "[", f"这一段里有 {count} 个，最多 {BRACKETS} 个", remedy)
        at = end
    for number, text in enumerate(body.split("\n")):
        if len(text.expandtabs(4)) - len(text.expandtabs(4).lstrip()) > INDENT:
            yield _fault(path, first_line + number, "", f"这一行前面空得太多，最多 {INDENT} 格", "少缩进几层")
            return


_TAG = re.compile(r'<(/?)([a-z][a-z0-9]*)(?:[^>"]|"[^"]*")*>')
_LEVELS = (RAW_TAGS - {"br", "hr", "wbr"}) | {"a", "blockquote", "em", "li", "strong"}
"""Elements that make a level; lists, paragraphs and the parts of tables come with others."""
_MARKS = re.compile(r"[\s>*+_<\[\d.)(a-z/-]*", re.I)


def too_deep(markup: str) -> str | None:
    """The first text in sanitized HTML that stands deeper than ``NESTING`` levels; None if none does."""
    depth = 0
    for tag in _TAG.finditer(markup):
        if tag[2] in _LEVELS:
            depth += -1 if tag[1] else 1
            if depth > NESTING:
                words = (html.unescape(text).strip() for text in _TAG.split(markup[tag.start() :])[::3])
                return next(filter(None, words), "").split("\n")[0]
    return None


def deepest_line(text: str, body: str) -> int:
    """The line of a body, counted from 0, in which a text from ``too_deep`` was probably written."""
    lines = body.split("\n")
    beginning = text[:20]
    return max(
        (number for number, line in enumerate(lines) if beginning in line),
        key=lambda number: len((_MARKS.match(lines[number].expandtabs(4)) or [""])[0]),
        default=0,
    )


def _fault(path: str, line: int, value: str, what: str, remedy: str) -> Problem:
    return Problem(path, line, "正文", value, what, remedy, "too-much")
