"""Sanitizer: which HTML a converted body may contain, by our own list, applied by nh3 (https://nh3.readthedocs.io).

nh3 is the Rust library Ammonia, which parses HTML as browsers do. However an author's text passed through the Markdown
converter, a page contains only these tags, attributes, classes and URL schemes.
"""

from __future__ import annotations

import html
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import nh3
from selectolax.lexbor import LexborHTMLParser

from integrity_archive.content.text_files import UNTYPED, without_invisible

SCHEMES = ("http", "https", "mailto")
"""URL schemes allowed in links; relative links are allowed as well."""
RAW_TAGS = frozenset(["br", "hr", "sub", "sup", "ruby", "rt", "rp", "rb", "small", "u", "mark", "kbd", "wbr"])
"""HTML elements that an author may write in a body; none of them loads or runs anything."""
_ATTRIBUTES: dict[str, set[str]] = {
    "*": {"id", "lang"},
    "a": {"href", "title", "class"},
    "img": {"src", "alt", "title", "loading", "width", "height"},
    "code": {"class"},
    "div": {"class"},
    "ol": {"start"},
    "th": {"align", "colspan", "rowspan"},
    "td": {"align", "colspan", "rowspan"},
}
_TAGS = {
    *RAW_TAGS, *(_ATTRIBUTES.keys() - {"*"}), "p", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "em", "pre",
    "blockquote", "ul", "li", "table", "thead", "tbody", "tr",
}  # fmt: skip
_CLASSES = {
    "a": re.compile(r"footnote-(?:ref|backref)"),
    "div": re.compile(r"footnote"),
    "code": re.compile(r"language-[\w+#.-]+"),
}
"""Classes written by the converter; with other classes a text could imitate the site's own components."""
_NUMBERS = ("width", "height", "start", "colspan", "rowspan")
_NUMBER = re.compile(r"\d{1,5}")
_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    attributes=_ATTRIBUTES,
    attribute_filter=lambda tag, name, value: _allowed(tag, name, value),
    url_schemes=set(SCHEMES),
    link_rel=None,
)
_ENTITY = re.compile(r"&#?\w+;?")
_NUMBER_OF = re.compile(r"&#(?:x([0-9a-f]+)|([0-9]+))", re.I)


@dataclass(frozen=True)
class Removed:
    """A tag or an attribute that is not in the list."""

    name: str
    """``<style>`` for a tag, ``onclick`` for an attribute."""
    value: str
    """Value of the attribute; empty for a tag."""


@dataclass(frozen=True)
class Sanitized:
    """HTML that is safe in a page."""

    html: str
    removed: tuple[Removed, ...]
    """Removed tags and attributes; empty if the HTML is unchanged."""


def sanitize(markup: str) -> Sanitized:
    """Remove everything that is not in the list; HTML without such content is returned unchanged."""
    cleaned = _CLEANER.clean(markup)
    if cleaned == markup or cleaned == markup.replace(" />", ">"):
        return Sanitized(markup, ())
    before, after = Counter(_parts(markup)), Counter(_parts(cleaned))
    removed = tuple(before - after)
    return Sanitized(cleaned, removed) if removed else Sanitized(markup, ())


def untyped_codes(markup: str) -> Iterator[str]:
    """Numeric character references, ``&#xE000;``, to characters that are not text."""
    if "&#" in markup:
        yield from (code for code in _ENTITY.findall(markup) if code[1] == "#" and _is_untyped(code))


def _is_untyped(code: str) -> bool:
    match = _NUMBER_OF.match(code)
    number = (int(match[1], 16) if match[1] else int(match[2])) if match else 0
    # ``unescape`` leaves control characters out, and reads 128 to 159 as Windows-1252, as browsers do.
    return number > sys.maxunicode or bool(UNTYPED.search(html.unescape(code) or chr(number)))


def without_invisible_codes(markup: str) -> tuple[str, tuple[str, ...]]:
    """HTML without the character references, such as ``&shy;``, to invisible characters; and these references."""
    found = tuple(code for code in set(_ENTITY.findall(markup)) if without_invisible(html.unescape(code))[1])
    for code in found:
        markup = markup.replace(code, "")
    return markup, tuple(sorted(found))


def _parts(markup: str) -> Iterator[Removed]:
    """Tags and attributes of the parsed HTML."""
    root = LexborHTMLParser(markup).root
    for node in root.traverse(include_text=False) if root else ():
        yield Removed(f"<{node.tag}>", "")
        yield from (Removed(name, value or "") for name, value in node.attrs.items())


def _allowed(tag: str, name: str, value: str) -> str | None:
    if name == "class":
        return value if _CLASSES[tag].fullmatch(value) else None
    if name == "align":
        return value if value in ("left", "center", "right") else None
    return None if name in _NUMBERS and not _NUMBER.fullmatch(value) else value
