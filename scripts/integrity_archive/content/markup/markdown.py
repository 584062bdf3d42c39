"""Markdown: converts the body of a document to HTML and collects what the checks need to know about it.

Checks and pages use the same conversion, so a link that was checked is the link on the page. The result depends only on
the body and its path, so many bodies are converted in parallel.
"""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions.toc import slugify_unicode
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor

from integrity_archive.content.entry import Document, page_url, site_uri
from integrity_archive.content.markup.bounds import deepest_line, too_deep
from integrity_archive.content.markup.line_breaks import joined_html
from integrity_archive.content.markup.misread import Misread, MisreadFinder
from integrity_archive.content.markup.sanitizer import (
    RAW_TAGS,
    Removed,
    sanitize,
    untyped_codes,
    without_invisible_codes,
)

EXTENSIONS = ("attr_list", "fenced_code", "footnotes", "sane_lists", "tables", "toc")
EXTENSION_CONFIGS: dict[str, dict[str, Any]] = {
    "toc": {"slugify": slugify_unicode, "permalink": False},
    "footnotes": {"BACKLINK_TITLE": "回到正文第 {} 处注"},
    "tables": {"use_align_attribute": True},  # a style attribute would need a weaker Content-Security-Policy
}
PARALLEL_FROM = 200
"""Fewer bodies than this are faster in one process than in several."""

_TAG = re.compile(r"<(/?[A-Za-z][\w:-]*|!--|!\[|!|\?)([^>]*)>?")
_SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*):")


@dataclass(frozen=True)
class Link:
    """A link or image in a body."""

    written: str
    """The target as written by the author."""
    target: str
    """The target below the archive's root, without anchor; empty within the document and out of the archive."""
    anchor: str
    line: int
    """Line of the body, counted from 0."""
    image: bool
    alt: str

    @property
    def scheme(self) -> str:
        """``http``, ``javascript`` …; empty for a relative link."""
        match = _SCHEME.match(self.written.strip())
        return match[1].lower() if match else "//" if self.written.startswith("//") else ""


@dataclass(frozen=True)
class Heading:
    """A heading in the body."""

    level: int
    id: str
    text: str


@dataclass(frozen=True)
class RawTag:
    """An HTML tag or the name of an attribute that is not allowed in a body."""

    text: str
    line: int


@dataclass(frozen=True)
class Body:
    """A converted body."""

    html: str
    headings: tuple[Heading, ...]
    anchors: frozenset[str]
    links: tuple[Link, ...]
    raw: tuple[RawTag, ...]
    attributes: tuple[RawTag, ...]
    """Attributes set with ``{: … }`` that are not allowed."""
    removed: tuple[RawTag, ...] = ()
    """Other HTML that the converter produced and that is not allowed in a page: see ``sanitize``."""
    invisible: tuple[RawTag, ...] = ()
    """Character references to invisible characters, which were dropped."""
    codes: tuple[RawTag, ...] = ()
    """Numeric character references to characters that are not text."""
    deep: RawTag | None = None
    """The first text that stands too deep: see ``bounds.NESTING``."""
    misread: tuple[Misread, ...] = ()


def convert_all(documents: Sequence[Document], jobs: int = 1) -> Iterator[Body]:
    """Convert many documents, in their order; in ``jobs`` processes if there are enough of them."""
    sources = [(d.path, d.body) for d in documents]
    if jobs <= 1 or len(sources) < PARALLEL_FROM:
        converter = Converter()
        for path, text in sources:
            yield converter.convert(path, text)
        return
    size = min(100, len(sources) // (4 * jobs) + 1)
    chunks = [sources[i : i + size] for i in range(0, len(sources), size)]
    # "spawn", because a fork of a process whose libraries have threads may hang.
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        for bodies in pool.map(_convert_chunk, chunks):
            yield from bodies


def _convert_chunk(sources: list[tuple[str, str]]) -> list[Body]:
    converter = Converter()
    return [converter.convert(path, text) for path, text in sources]


class Converter:
    """A Markdown converter that is set up once and used for many bodies."""

    def __init__(self) -> None:
        self._links = _LinkProcessor()
        self._md = Markdown(extensions=list(EXTENSIONS), extension_configs=EXTENSION_CONFIGS)
        self._md.treeprocessors.register(self._links, "archive-links", 0)
        self._misread = MisreadFinder(self._md, EXTENSION_CONFIGS["tables"])
        self._fences = _FenceCounter(self._md)
        self._md.preprocessors.register(
            self._fences, "archive-fences", 22
        )  # after fenced_code (25), before html_block (20)

    def convert(self, path: str, text: str) -> Body:
        """Convert the body ``text`` of the document at ``path`` below the archive's root."""
        self._md.reset()
        self._links.start(path, text)
        self._misread.start()
        try:
            converted = self._md.convert(text)
        except RecursionError:
            return Body("", (), frozenset(), (), (), (), deep=RawTag("", deepest_line("", text)))
        output, invisible = without_invisible_codes(converted)
        clean = sanitize(output)
        deep = too_deep(clean.html)
        return Body(
            html=_scrollable_tables(joined_html(clean.html)),
            headings=tuple(_headings(self._md.toc_tokens)),  # type: ignore[attr-defined]
            anchors=frozenset(self._links.anchors),
            links=tuple(self._links.links),
            raw=tuple(_raw(self._md.htmlStash.rawHtmlBlocks[self._fences.count :], text)),
            attributes=tuple(self._links.attributes),
            removed=tuple(_placed(removed, text) for removed in clean.removed),
            invisible=tuple(RawTag(code, _line_of(code, text)) for code in invisible),
            codes=tuple(RawTag(code, _line_of(code, text)) for code in untyped_codes(output)),
            deep=None if deep is None else RawTag(deep, deepest_line(deep, text)),
            misread=tuple(self._misread.found(text)),
        )


def _headings(tokens: Iterable[dict[str, Any]]) -> Iterator[Heading]:
    for token in tokens:
        yield Heading(token["level"], token["id"], html.unescape(token["name"]))
        yield from _headings(token["children"])


def _scrollable_tables(markup: str) -> str:
    """Put each table into a region that the keyboard can reach and scroll if the table is too wide.

    Only the converter writes tables: a table written as HTML is reported.
    """
    opening = '<div class="table" role="group" aria-label="表格" tabindex="0"><table>'
    return markup.replace("<table>", opening).replace("</table>", "</table></div>")


def _raw(blocks: Iterable[Any], text: str) -> Iterator[RawTag]:
    """HTML that is not in the list of allowed elements. Elements in the stash come from extensions, not authors."""
    opened: set[str] = set()
    for block in blocks:
        for tag, attributes in _TAG.findall(block) if isinstance(block, str) else ():
            name = tag.lstrip("/").lower()
            if (name in RAW_TAGS and not attributes.strip(" /")) or (tag.startswith("/") and name in opened):
                continue
            opened.add(name)
            yield RawTag(f"<{tag}{attributes}>", text.count("\n", 0, max(text.find("<" + tag), 0)))


def _placed(removed: Removed, text: str) -> RawTag:
    """A removed tag or attribute with the line at which it was probably written."""
    if removed.name == "class":
        return RawTag(f".{removed.value}", _line_of(removed.value.split(" ")[0], text))
    return RawTag(removed.name, _line_of(removed.name.strip("<>"), text))


def _line_of(word: str, text: str) -> int:
    """Line of the first occurrence of a word, counted from 0; 0 if there is none."""
    return text.count("\n", 0, max(text.lower().find(word.lower()), 0))


class _FenceCounter(Preprocessor):
    """Counts the HTML blocks that the extension for code fences has stored: no author wrote them as HTML."""

    count = 0

    def run(self, lines: list[str]) -> list[str]:
        self.count = len(self.md.htmlStash.rawHtmlBlocks)
        return lines


class _LinkProcessor(Treeprocessor):
    """Collects links, images and anchors, and replaces the paths of sources in links by those of pages."""

    def __init__(self) -> None:
        super().__init__()
        self.start("", "")

    def start(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self.links: list[Link] = []
        self.anchors: list[str] = []
        self.attributes: list[RawTag] = []
        self._from: dict[str, int] = {}

    def run(self, root: Element) -> None:
        for element in root.iter():
            for name in element.attrib:
                if name not in _KNOWN_ATTRIBUTES:
                    line = self.text.count("\n", 0, max(self.text.find(name), 0))
                    self.attributes.append(RawTag(name, line))
            if anchor := element.get("id"):
                self.anchors.append(anchor)
            if element.tag in ("a", "img") and not _is_footnote(element):
                self._link(element, "href" if element.tag == "a" else "src")

    def _link(self, element: Element, key: str) -> None:
        written = html.unescape(element.get(key) or "")
        target, anchor = resolve(self.path, written)
        image = element.tag == "img"
        self.links.append(Link(written, target, anchor, self._line(written), image, element.get("alt") or ""))
        if target:
            element.set(key, relative_url(self.path, target, anchor))
        if image:
            element.set("loading", "lazy")

    def _line(self, written: str) -> int:
        at = self.text.find(written, self._from.get(written, 0))
        self._from[written] = at + 1
        return self.text.count("\n", 0, max(at, 0))


def _is_footnote(link: Element) -> bool:
    """Whether the converter made the link, to a footnote or back from it."""
    ours = link.get("class") in ("footnote-ref", "footnote-backref")
    return ours and (link.get("href") or "").startswith(("#fn:", "#fnref"))


_KNOWN_ATTRIBUTES = frozenset(
    [
        "id",
        "class",
        "href",
        "src",
        "alt",
        "title",
        "start",
        "rowspan",
        "colspan",
        "align",
        "loading",
        "lang",
        "width",
        "height",
    ]
)


def resolve(path: str, written: str) -> tuple[str, str]:
    """The target of a link: the path below the archive's root, and the anchor.

    Authors write paths relative to the file on disk, so that editors can follow them. The path is empty for a link
    within the document and for one out of the archive.
    """
    written = written.strip()
    if _SCHEME.match(written) or written.startswith(("//", "/")):
        return "", ""
    target, _, anchor = written.partition("#")
    target = unquote(target.partition("?")[0])
    if not target:
        return "", unquote(anchor)
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), target)), unquote(anchor)


def relative_url(path: str, target: str, anchor: str = "") -> str:
    """The relative address from one source's page to another's page or file; paths are below the archive's root."""
    here = posixpath.dirname(site_uri(path)) or "."
    url = posixpath.relpath(page_url(site_uri(target)), here)
    return f"{url}#{anchor}" if anchor else url
