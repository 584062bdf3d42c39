"""Slides: reads a lesson's ``slides.md``.

Each ``## `` begins a slide. The lecturer's notes are at its end between ``::: notes`` and ``:::``, in Pandoc's notation
(https://pandoc.org/MANUAL.html#speaker-notes). A paragraph that consists of a link to a film plays that film, with
``#t=8,30`` a part of it (https://www.w3.org/TR/media-frags/).
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from integrity_archive.content.entry import Document, Entry
from integrity_archive.content.markup.markdown import Converter
from integrity_archive.films.film import Film
from integrity_archive.lessons.clips import Playable, split_at_clips
from integrity_archive.support.html_fragment import fragment
from integrity_archive.support.problems import Problem

LINES = 9
"""Lines of text that fit below a slide's title; the type size of the deck is chosen for this number.

The heights of other elements were measured in the deck (``overrides/assets/css/deck.css``), in lines.
"""
LINE_WIDTH = 24
"""Full-width characters per line."""
BESIDE_WIDTH = 10
"""Full-width characters per line next to a film."""
PICTURE_LINES = 6
"""Height of a picture, or of a film that is not the only one, in lines."""
PARAGRAPH_GAP = 0.3
"""Space between two paragraphs, and before and after a list, a quotation or a table, in lines."""
ITEM_GAP = 0.14
"""Space between two items of a list, in lines."""
ROW_LINES = 1.15
"""Height of a line in a table, with its share of the rules."""
QUOTE_LINES = 1.15
"""Height of a line of a quotation, which is set in larger type."""
QUOTE_EDGE = 0.35
"""Space above and below a quotation together, in lines."""
TITLE_LINES = ((13, 0.0), (17, 0.2), (26, 1.5), (35, 3.2))
"""Titles up to this many characters, and how many of ``LINES`` they take; for the deck's shape with less space."""
COVER_TITLE = 10
"""Characters per line of the cover's title."""
COVER_LINES = (2.8, 2.2)
"""Lines that the cover's title takes in addition: for its first line, and for each further one."""

FEW = 60
"""Up to this many characters, the text of a slide is set in large type."""
FEW_LINES = 4
"""Up to this many items and paragraphs as well."""

_LIST = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s")
_DENSE = "table, img, h3"
"""Elements that need the whole width of a slide."""
_FENCE = re.compile(r"^(```|~~~)")
_COLONS = re.compile(r"^:::+\s*(\S*)\s*$")
_ALONE = re.compile(r"^\s*!?\[[^\]]*\]\(([^)]*)\)\s*$")
_FAULTS = {
    ("", False): ("没有开头的 :::", "讲稿以 ::: notes 起"),
    ("notes", True): ("上一段讲稿没有收尾", "在讲稿后面单独写一行 :::"),
    ("?", False): ("不认识的栏", "讲稿写在 ::: notes 与 ::: 之间"),
    ("?", True): ("不认识的栏", "讲稿写在 ::: notes 与 ::: 之间"),
}
"""Fault and remedy of a line of colons, by its word and whether notes are open."""
_SIGN = re.compile(r"\*\*|`|~~|!?\[[^\]]*\]\([^)]*\)|\[\^[^\]]*\]")
"""Signs of Markdown, which a title, being plain text, does not know."""
_RULE = re.compile(r"[\s|:-]+")


@dataclass(frozen=True)
class Slide:
    """One slide."""

    title: str
    html: str
    """What the class sees below the title."""
    notes: str
    """The lecturer's notes, as HTML."""


@dataclass(frozen=True)
class DeckSlide:
    """A slide prepared for the deck."""

    title: str
    parts: tuple[str | Playable, ...]
    """HTML, and films between it."""
    notes: str
    layout: str
    """``few`` words in large type, a ``film`` alone, a film ``beside`` text; empty for the usual layout."""

    @property
    def few(self) -> bool:
        """Whether its text is so short that it is set in large type."""
        return self.layout == "few"


@dataclass
class _Piece:
    """A slide under construction: its Markdown lines."""

    title: str
    line: int
    lines: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def slides_of(document: Document) -> tuple[Slide, ...]:
    """The slides of a ``slides.md`` without faults."""
    converter = Converter()
    pieces, _ = _cut(document)
    made = []
    for piece in pieces:
        html, notes = (converter.convert(document.path, "\n".join(lines)).html for lines in (piece.lines, piece.notes))
        made.append(Slide(piece.title, html, notes))
    return tuple(made)


def deck_slide(slide: Slide, page: str, entries: Mapping[str, Entry], films: Mapping[str, Film]) -> DeckSlide:
    """A slide of the deck at address ``page``, with its films."""
    parts = tuple(p for p in split_at_clips(slide.html, page, entries, films) if not isinstance(p, str) or p.strip())
    words = "".join(p for p in parts if isinstance(p, str))
    clips = tuple(p for p in parts if not isinstance(p, str))
    body = fragment(words)
    dense = bool(body.css(_DENSE))
    if len(clips) == 1 and not dense:
        if not words:
            return DeckSlide(slide.title, clips, slide.notes, "film")
        return DeckSlide(
            slide.title, (*clips, words) if parts[0] == clips[0] else (words, *clips), slide.notes, "beside"
        )
    few = not clips and not dense and len(body.text().strip()) <= FEW and len(body.css("li, p")) <= FEW_LINES
    return DeckSlide(slide.title, parts, slide.notes, "few" if few else "")


def without_fences(document: Document) -> Document:
    """The document without the ``:::`` lines and with the same line numbers, for the checks on bodies."""
    lines = ("" if _COLONS.match(line) else line for line in document.body.split("\n"))
    return replace(document, body="\n".join(lines))


def slide_faults(document: Document) -> Iterator[Problem]:
    """Faults of a ``slides.md``: text before the first slide, notes not closed, a slide that is too full."""
    pieces, problems = _cut(document)
    yield from problems
    if not pieces:
        yield Problem(document.path, 1, "", "", "里面没有一张幻灯", "每张以 ## 标题 起", "slides")
    for number, piece in enumerate(pieces):
        if sign := _SIGN.search(piece.title):
            what, remedy = f"标题里的 {sign[0]} 照原样印出来", "标题不用记号，删去它"
            where = (document.path, piece.line, "幻灯", piece.title)
            yield Problem(*where, what, remedy, "misread", severity="warning")
        taken = lines_taken(piece.title, piece.lines, cover=number == 0)
        if taken > LINES:
            about = f"这一张连同各段之间的空，约有 {math.ceil(taken)} 行"
            what = f"{about}，放不下；一张放 {LINES} 行，每行 {LINE_WIDTH} 字"
            yield Problem(document.path, piece.line, "幻灯", piece.title, what, "删字，或分成两张", "slides")


def slide_html_faults(document: Document) -> Iterator[Problem]:
    """HTML, or depth, that appears only if a slide is converted alone: a code block is closed by another mark."""
    converter = Converter()
    for piece in _cut(document)[0]:
        for lines in (piece.lines, piece.notes):
            body = converter.convert(document.path, "\n".join(lines))
            for tag in (*body.raw, *body.removed, *filter(None, [body.deep])):
                what, remedy = "这一张里不能有这样的 HTML", "代码块的首尾用同一种记号：都用 ``` 或都用 ~~~"
                yield Problem(document.path, piece.line, "幻灯", tag.text, what, remedy, "raw-html")


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
            (pieces[-1].notes if opened else pieces[-1].lines).append(line)
    if opened:
        fault(opened, "::: notes", "讲稿没有收尾", "在讲稿后面单独写一行 :::")
    return pieces, problems


def lines_taken(title: str, lines: Sequence[str], *, cover: bool = False) -> float:
    """Lines that the Markdown below a slide's title takes, spaces included; more than ``LINES`` do not fit."""
    lines = [line for line in lines if not _RULE.fullmatch(line) or not line.strip()]
    films = sum(_is_film(line) for line in lines)
    dense = any(_kind(line) in ("|", "#", "!") for line in lines)
    film_beside = films == 1 and not dense
    taken = _title(title, cover)
    before = ""
    apart = True  # whether there is an empty line in between
    for line in lines:
        kind = _kind(line)
        if not kind:
            apart = True
            continue
        if film_beside and _is_film(line):
            continue
        if before:
            taken += _gap(before, kind, apart)
        if kind == ">" and before != ">":
            taken += QUOTE_EDGE
        taken += _taken(line, kind, BESIDE_WIDTH if film_beside else LINE_WIDTH)
        before, apart = kind, False
    return taken


def _title(title: str, cover: bool) -> float:
    width = _width(title)
    if cover:
        first, further = COVER_LINES
        return first + further * max(0, math.ceil(width / COVER_TITLE) - 1)
    return next((taken for most, taken in TITLE_LINES if width <= most), float(LINES))


def _kind(line: str) -> str:
    """The type of a line of Markdown: its first sign, ``p`` for plain text, empty for an empty line."""
    text = line.strip()
    if not text:
        return ""
    if _LIST.match(line):
        return "-"
    if _ALONE.match(line) and (text.startswith("!") or _is_film(line)):
        return "!" if text.startswith("!") else "film"
    return text[0] if text[0] in "|>#" else "p"


def _is_film(line: str) -> bool:
    alone = _ALONE.match(line)
    return bool(alone and not line.lstrip().startswith("!") and "videos/" in alone[1])


def _gap(before: str, kind: str, apart: bool) -> float:
    if before == kind == "-":
        return PARAGRAPH_GAP if apart else ITEM_GAP  # items after an empty line contain paragraphs
    return PARAGRAPH_GAP if apart or before != kind else 0


def _taken(line: str, kind: str, width: int) -> float:
    """Lines that a line of Markdown takes on a slide, if lines are ``width`` full-width characters wide."""
    if kind in ("!", "film"):
        return PICTURE_LINES
    text = re.sub(r"\]\([^)]*\)", "", line)
    large = QUOTE_LINES if kind in (">", "#") else ROW_LINES if kind == "|" else 1.0
    return large * max(1, math.ceil(_width(text) * (QUOTE_LINES if kind in (">", "#") else 1.0) / width))


def _width(text: str) -> float:
    return sum(1.0 if unicodedata.east_asian_width(c) in "WF" else 0.5 for c in text.strip("#>*- \t[]!"))
