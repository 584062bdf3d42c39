"""Misread: Markdown that means something else than its writer thinks, found where the converter has read it.

Everything here converts without an error: a paragraph becomes code, a cell is lost, a sign is printed as it is.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions.tables import TableProcessor
from markdown.treeprocessors import Treeprocessor

Kind: TypeAlias = Literal[
    "indented", "long-row", "no-table", "note-without-text", "note-without-mark", "note-colon", "wide-note",
    "wide-link", "wide-image", "wiki-link", "stars", "tildes",
]  # fmt: skip


@dataclass(frozen=True)
class Misread:
    """A place in a body that was read otherwise than it was meant."""

    kind: Kind
    text: str
    """What stands there."""
    line: int
    """Line of the body, counted from 0."""


_TARGET = r"(?:(?:https?:|mailto:|www\.|#)[^\s()（）]*|[^\s()（）]+\.[A-Za-z0-9]{2,5}(?:[#?][^\s()（）]*)?)"
_SIGNS: Sequence[tuple[Kind, re.Pattern[str]]] = (
    ("wiki-link", re.compile(r"\[\[[^\[\]\n]+\]\]")),
    ("wide-note", re.compile(r"[［【]\^[^\[\]［］【】\n]+[\]］】]|\[\^[^\[\]［］【】\n]+[］】]")),
    ("note-colon", re.compile(r"^[ ]{0,3}\[\^[^\[\]\n]+\]：", re.M)),
    ("note-without-text", re.compile(r"\[\^[^\[\]\n]+\](?!：)")),
    ("wide-link", re.compile(rf"[!！]?[\[［【][^\[\]［］【】\n]*[\]］】][ ]?[(（]\s*{_TARGET}\s*[)）]")),
    ("stars", re.compile(r"(?<!\*)\*\*(?!\*)[^*\n]{0,12}")),
    ("tildes", re.compile(r"~~[^~\n]+~~")),
    ("no-table", re.compile(r"^[ ]*\|?[ ]*:?-+:?[ ]*(?:\|[ ]*:?-+:?[ ]*)+\|?[ ]*$", re.M)),
)
"""What is printed as it stands, because the converter knows no such sign or because its brackets are full-width."""
_PICTURE = re.compile(r"\.(?:svg|png|jpe?g|webp|gif|avif)$", re.I)
_AROUND: Mapping[Kind, tuple[str, str]] = {
    "indented": (r"^(?:[ ]{4}|[ ]{0,3}\t)\s*", ""),
    "no-table": (r"^\s*", r"\s*$"),
}
"""What stands in the body before and after the text of a place, where the text may stand elsewhere too."""


class MisreadFinder:
    """Finds them while a Markdown converter, to which it is added, reads a body."""

    def __init__(self, md: Markdown, table_config: dict[str, object]) -> None:
        self._tables = _Tables(md.parser, table_config)
        self._tree = _Tree(md)
        md.parser.blockprocessors.register(self._tables, "table", 75)  # in the place of the extension's own
        # After inline (20) has made elements of all signs that it knows, before unescape (0) removes backslashes.
        md.treeprocessors.register(self._tree, "archive-misread", 5)

    def start(self) -> None:
        """Begin with another body."""
        self._tables.long_rows.clear()
        self._tree.found.clear()

    def found(self, text: str) -> Iterator[Misread]:
        """What was found in the body ``text``, in the order of lines."""
        last: dict[str, int] = {}
        places = [*self._tree.found, *(("long-row", row) for row in self._tables.long_rows)]
        made = []
        for kind, written in places:
            before, after = _AROUND.get(kind, ("", ""))
            pattern = re.compile(before + re.escape(written.strip()) + after, re.M)
            match = pattern.search(text, last.get(written, 0)) or re.compile(re.escape(written)).search(text)
            last[written] = match.end() if match else 0
            start = match.start() if match else 0
            made.append(Misread(kind, written.strip(), text.count("\n", 0, start)))
        yield from sorted(made, key=lambda m: m.line)


class _Tables(TableProcessor):
    """Tables as the extension makes them; remembers the rows of which it drops cells."""

    def __init__(self, parser: object, config: dict[str, object]) -> None:
        super().__init__(parser, config)  # type: ignore[arg-type]
        self.long_rows: list[str] = []

    # The extension has no public way to see a row; both methods are as in Python-Markdown 3.0 to 3.11.
    def _build_row(self, row: str, parent: Element, align: Sequence[str | None]) -> None:
        if any(cell.strip() for cell in self._split_row(row)[len(align) :]):  # type: ignore[attr-defined]
            self.long_rows.append(row)
        super()._build_row(row, parent, align)  # type: ignore[misc]


class _Tree(Treeprocessor):
    """Looks through the converted body."""

    def __init__(self, md: Markdown) -> None:
        super().__init__(md)
        self.found: list[tuple[Kind, str]] = []

    def run(self, root: Element) -> None:
        notes: dict[str, None] = {}
        marks: set[str] = set()
        # In a list it takes eight spaces, which nobody types by mistake, and fences are not known there.
        meant = {id(code) for item in root.iter("li") for code in item.iter("pre")}
        for element in root.iter():
            id_ = element.get("id") or ""
            if element.tag == "li" and id_.startswith("fn:"):
                notes[id_.removeprefix("fn:")] = None
            elif element.tag == "sup" and id_.startswith("fnref"):
                marks.add(id_.partition(":")[2])
            elif element.tag == "pre" and id(element) not in meant and len(element) and element[0].tag == "code":
                rows = html.unescape(element[0].text or "").split("\n")
                self.found.append(("indented", next((row.strip() for row in rows if row.strip()), "")))
        for text, after in _texts(root):
            for kind, sign in _SIGNS:
                self.found += ((kind, match[0]) for match in sign.finditer(text))
            if after is not None and text.endswith("！") and _PICTURE.search(after.get("href") or ""):
                self.found.append(("wide-image", f"！[{''.join(after.itertext())}]"))
        self.found += (("note-without-mark", f"[^{note}]:") for note in notes if note not in marks)


def _texts(element: Element) -> Iterator[tuple[str, Element | None]]:
    """The texts in an element, code apart, each with the link that follows it."""
    if element.tag in ("pre", "code"):
        return
    pieces = [element.text or ""]
    for child in element:
        yield pieces.pop(), child if child.tag == "a" else None
        yield from _texts(child)
        pieces.append(child.tail or "")
    yield pieces.pop(), None
