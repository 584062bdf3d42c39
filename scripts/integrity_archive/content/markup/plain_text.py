"""Plain text: the text of an entry without markup, for search, reports and estimates of reading time."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping

from integrity_archive.content.entry import Entry
from integrity_archive.content.front_matter import Tree
from integrity_archive.content.markup.markdown import Body
from integrity_archive.content.model.field_types import Loc, Part

_SILENT = frozenset(
    ("title", "summary", "tags", "rights", "status", "visibility", "credibility", "cover_alt", "url", "level")
)
"""Text fields that are searched otherwise or would be useless in a search."""
_PREFORMATTED = re.compile(r"<pre\b[^>]*>.*?</pre>", re.S)
_BLOCK = re.compile(r"</?(?:p|h\d|li|tr|td|th|dt|dd|ul|ol|table|blockquote|div)\b[^>]*>|<hr ?/?>")
_LINE_END = re.compile(r"<br ?/?>")
_HEADING = re.compile(r"<h\d[^>]*>.*?</h\d>", re.S)
_ASIDE = re.compile(r'<sup id="fnref[^>]*>.*?</sup>|<a class="footnote-backref".*?</a>|<rt>.*?</rt>|<rp>.*?</rp>', re.S)
"""What stands beside the text and is not read in its course: marks of footnotes, and readings of characters."""
_RUBY = re.compile(r"<ruby>(.*?)</ruby>", re.S)
_READING = re.compile(r"<rt>(.*?)</rt>", re.S)
_TAG = re.compile(r"<[^>]+>")
_BLOCK_END = "\x00"
"""Marks the end of a block while line feeds are still those within blocks; no text contains it."""


def plain_text(markup: str) -> str:
    """The text of converted Markdown without its headings, one block of text a line."""
    return whole_text(_HEADING.sub(_BLOCK_END, markup))


def whole_text(markup: str) -> str:
    """The text of converted Markdown as it is read, one block of text a line."""
    text = _PREFORMATTED.sub(lambda m: m[0].replace("\n", _BLOCK_END) + _BLOCK_END, markup)
    text = _LINE_END.sub(" ", _BLOCK.sub(_BLOCK_END, text))
    text = html.unescape(_TAG.sub("", _ASIDE.sub("", text)))
    blocks = (re.sub(r"\s*\n\s*", " ", block).strip() for block in text.split(_BLOCK_END))
    return "\n".join(filter(None, blocks))


def ruby_readings(markup: str) -> Iterator[str]:
    """The readings that stand above characters, each after its characters: ``髡 kūn``."""
    for ruby in _RUBY.findall(markup):
        reading = " ".join(_READING.findall(ruby))
        if reading.strip():
            yield html.unescape(_TAG.sub("", f"{_ASIDE.sub('', ruby)} {reading}"))


def entry_text(entry: Entry, body: Body) -> str:
    """Everything an entry says in sentences of its own: summary, body, notes, questions, steps."""
    return "\n".join(
        (entry.meta.summary, plain_text(body.html), front_matter_text(entry, without=("sources", "quotes")))
    )


def front_matter_text(entry: Entry, without: tuple[str, ...] = ()) -> str:
    """The texts of the front matter that are not names, terms or references, one a line."""
    marks = {value.loc for value in entry.marks}
    texts = _texts(entry.meta, ())
    return "\n".join(text for loc, text in texts if loc not in marks and loc[0] not in without)


def _texts(part: Part, loc: Loc) -> Iterator[tuple[Loc, str]]:
    """Every text of a record with its location, nested parts included."""
    for attribute, field in type(part).model_fields.items():
        if attribute in _SILENT:
            continue
        value = getattr(part, attribute)
        for index, item in enumerate(value) if isinstance(value, tuple) else [(None, value)]:
            here = (*loc, field.alias or attribute) if index is None else (*loc, field.alias or attribute, index)
            if isinstance(item, str):
                yield here, item
            elif isinstance(item, Part):
                yield from _texts(item, here)


def text_values(value: object, loc: Loc = ()) -> Iterator[tuple[Loc, str]]:
    """Every text in plain YAML values, with its location."""
    if isinstance(value, str):
        yield loc, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from text_values(item, (*loc, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from text_values(item, (*loc, index))


def text_rows(tree: Tree) -> Iterator[tuple[Loc, int, str]]:
    """Every row of every text in a YAML file: location of the value, line number, content."""
    for loc, text in text_values(tree.values):
        for row, line in enumerate(text.split("\n")):
            yield loc, tree.line_within(loc, row), line
