"""Slides: a lesson's ``slides.md`` taken apart.

Each ``## `` begins a slide. What the lecturer says stands at its end between ``::: notes`` and ``:::``, as Pandoc
writes notes (https://pandoc.org/MANUAL.html#speaker-notes). A paragraph that is nothing but a link to a film shows
that film, ``#t=8,30`` only a part of it (https://www.w3.org/TR/media-frags/).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from integrity_archive.body import Converter
from integrity_archive.entry import Document, Entry
from integrity_archive.films.film import Film
from integrity_archive.lessons.clips import Playable, split_at_clips
from integrity_archive.problems import Problem

LINES = 9
"""Lines of text that stand below a slide's title; the deck's type is set for this many."""
LINE_WIDTH = 24
"""Full-width characters of a line."""
PICTURE_LINES = 6
"""What a picture or a film takes, in lines."""

FEW = 60
"""Characters up to which the words of a slide are set large."""
FEW_LINES = 4
"""Items and paragraphs up to which they are."""

_DENSE = re.compile(r"<(?:table|img|h3)\b")
_TAG = re.compile(r"<[^>]+>")
_FENCE = re.compile(r"^(```|~~~)")
_COLONS = re.compile(r"^:::+\s*(\S*)\s*$")
_ALONE = re.compile(r"^\s*!?\[[^\]]*\]\(([^)]*)\)\s*$")
_FAULTS = {
    ("", False): ("没有开头的 :::", "讲稿以 ::: notes 起"),
    ("notes", True): ("上一段讲稿没有收尾", "在讲稿后面单独写一行 :::"),
    ("?", False): ("不认识的栏", "讲稿写在 ::: notes 与 ::: 之间"),
    ("?", True): ("不认识的栏", "讲稿写在 ::: notes 与 ::: 之间"),
}
"""What is wrong with a line of colons, by its word and whether notes are open."""
_RULE = re.compile(r"[\s|:-]+")


@dataclass(frozen=True)
class Slide:
    """One slide."""

    title: str
    html: str
    """What the class sees below the title."""
    notes: str
    """What the lecturer reads, as HTML."""


@dataclass(frozen=True)
class DeckSlide:
    """A slide as the deck shows it."""

    title: str
    parts: tuple[str | Playable, ...]
    """HTML, and the films that stand between."""
    notes: str
    few: bool
    """Whether its words are so few that they are set large."""


@dataclass
class _Piece:
    """A slide as written, while it is read."""

    title: str
    line: int
    shown: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def slides_of(document: Document) -> tuple[Slide, ...]:
    """The slides of a ``slides.md`` that has no faults."""
    converter = Converter()
    pieces, _ = _cut(document)
    made = []
    for piece in pieces:
        shown, notes = (converter.convert(document.path, "\n".join(lines)).html for lines in (piece.shown, piece.notes))
        made.append(Slide(piece.title, shown, notes))
    return tuple(made)


def deck_slide(slide: Slide, page: str, entries: Mapping[str, Entry], films: Mapping[str, Film]) -> DeckSlide:
    """A slide of the deck at address ``page``, with its films."""
    parts = tuple(p for p in split_at_clips(slide.html, page, entries, films) if not isinstance(p, str) or p.strip())
    plain = all(isinstance(p, str) and not _DENSE.search(p) for p in parts)
    few = plain and len(_TAG.sub("", "".join(map(str, parts))).strip()) <= FEW
    few = few and sum(str(p).count("<li>") + str(p).count("<p>") for p in parts) <= FEW_LINES
    return DeckSlide(slide.title, parts, slide.notes, few)


def without_fences(document: Document) -> Document:
    """The document as one text in which links and pictures stand in their lines, for the checks on bodies."""
    lines = ("" if _COLONS.match(line) else line for line in document.body.split("\n"))
    return replace(document, body="\n".join(lines))


def slide_faults(document: Document) -> Iterator[Problem]:
    """What is wrong with a ``slides.md``: text before the first slide, notes left open, more than a slide holds."""
    pieces, problems = _cut(document)
    yield from problems
    if not pieces:
        yield Problem(document.path, 1, "", "", "里面没有一张幻灯", "每张以 ## 标题 起", "slides")
    for piece in pieces:
        taken = sum(map(_taken, piece.shown))
        if taken > LINES:
            what = f"这一张约有 {taken} 行，放不下；一张放 {LINES} 行，每行 {LINE_WIDTH} 字"
            yield Problem(document.path, piece.line, "幻灯", piece.title, what, "删字，或分成两张", "slides")


def _cut(document: Document) -> tuple[list[_Piece], list[Problem]]:
    pieces: list[_Piece] = []
    problems: list[Problem] = []

    def fault(line: int, value: str, what: str, remedy: str) -> None:
        problems.append(Problem(document.path, line, "幻灯", value.strip(), what, remedy, "slides"))

    opened = 0  # line of the notes that are being read
    code = False
    for number, line in enumerate(document.body.split("\n"), start=document.body_line):
        code ^= bool(_FENCE.match(line))
        colons = None if code else _COLONS.match(line)
        if line.startswith("## ") and not code:
            if opened:
                fault(opened, "::: notes", "讲稿没有收尾", "在讲稿后面单独写一行 :::")
            opened = 0
            pieces.append(_Piece(line[3:].strip(), number))
        elif line.startswith("# ") and not code:
            fault(number, line, "幻灯里不用一级标题", "每张以 ## 起，封面也一样")
        elif not pieces and line.strip():
            fault(number, line, "第一张幻灯之前有文字", "先写一行 ## 标题")
            pieces.append(_Piece("", number))
        elif colons:
            if wrong := _FAULTS.get((colons[1] if colons[1] in ("", "notes") else "?", bool(opened))):
                fault(number, line, *wrong)
            opened = number if colons[1] == "notes" else 0
        elif pieces:
            (pieces[-1].notes if opened else pieces[-1].shown).append(line)
    if opened:
        fault(opened, "::: notes", "讲稿没有收尾", "在讲稿后面单独写一行 :::")
    return pieces, problems


def _taken(line: str) -> int:
    """Lines a line of Markdown takes on a slide."""
    alone = _ALONE.match(line)
    if alone and (line.lstrip().startswith("!") or "videos/" in alone[1]):
        return PICTURE_LINES
    if not line.strip() or _RULE.fullmatch(line):
        return 0
    width = _width(re.sub(r"\]\([^)]*\)", "", line))
    return max(1, -int(-width // LINE_WIDTH))


def _width(text: str) -> float:
    return sum(1.0 if unicodedata.east_asian_width(c) in "WF" else 0.5 for c in text.strip("#>*- \t[]!"))
