"""Findable: what the search is told of each entry. The search itself knows nothing of the archive."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from integrity_archive.archive import graph
from integrity_archive.content.markdown import Body
from integrity_archive.films.captions import Cue
from integrity_archive.content.entry import Entry
from integrity_archive.content.schema import KINDS, Figure, Part, Story
from integrity_archive.archive.graph import Archive
from integrity_archive.search import Document, FacetOrder, Field

FACETS: Mapping[str, str] = MappingProxyType({"period": "periods", "virtue": "virtues", "unit": "units"})
"""Filters beside the results, and the facets of the archive they show. The kind is a filter of its own."""

_SILENT = frozenset(
    ("title", "summary", "tags", "rights", "status", "visibility", "credibility", "cover_alt", "url", "level")
)
"""Text fields that are findable elsewhere or would only make noise."""
_BLOCK_END = re.compile(r"</(?:p|h\d|li|td|th|dt|dd|pre|blockquote|div)>|<br ?/?>")
_HEADING = re.compile(r"<h\d[^>]*>.*?</h\d>", re.S)
_TAG = re.compile(r"<[^>]+>")


def documents(archive: Archive, bodies: Mapping[str, Body], told: Mapping[str, Iterable[Cue]]) -> Iterator[Document]:
    """Every entry of the edition as the search takes it; what films tell is given by the id of their entry."""
    for entry in archive.entries.values():
        yield document_of(entry, archive, bodies[entry.document.path], told.get(entry.id, ()))


def document_of(entry: Entry, archive: Archive, body: Body, told: Iterable[Cue]) -> Document:
    """One entry as the search takes it."""
    values = archive.values.get(entry.id, {})
    return Document(
        id=entry.id,
        url=entry.url,
        title=entry.meta.title,
        kind=entry.kind,
        fields=(*_fields(entry, archive, body), *(Field("captions", cue.text, cue.start) for cue in told)),
        facets={name: tuple(v.label for v in values.get(facet, ())) for name, facet in FACETS.items()},
    )


def facet_order(archive: Archive) -> FacetOrder:
    """Values of each filter in the order of the vocabulary."""
    order = {name: tuple(archive.vocabulary[facet]) for name, facet in FACETS.items()}
    return {"kind": tuple(KINDS), **order}


def labels() -> Mapping[str, str]:
    """How kinds and filters are called on the page of results."""
    filters = {name: graph.FACETS[facet].label for name, facet in FACETS.items()}
    return {"kind": "种类", **filters, **{kind: record.collection for kind, record in KINDS.items()}}


def _fields(entry: Entry, archive: Archive, body: Body) -> Iterator[Field]:
    meta = entry.meta
    values = archive.values.get(entry.id, {})
    yield Field("summary", meta.summary)
    for name in ("people", "places"):
        yield from (Field(name, value.label) for value in values.get(name, ()))
    if isinstance(meta, Story):
        yield from (Field("aliases", alias) for alias in _aliases(meta.figure))
    yield from (Field("tags", tag) for tag in meta.tags)
    yield from (Field("headings", heading.text) for heading in body.headings)
    text = plain(body.html)
    if text:
        yield Field("body", text)
    said = _said(entry)
    if said:
        yield Field("body", said)


def entry_text(entry: Entry, body: Body) -> str:
    """Everything an entry says in sentences of its own: summary, body, notes, questions, steps."""
    return "\n".join((entry.meta.summary, plain(body.html), _said(entry, without=("sources", "quotes"))))


def _said(entry: Entry, without: tuple[str, ...] = ()) -> str:
    """The texts of the front matter that are not names, terms or references, a line each."""
    marks = {value.loc for value in entry.marks}
    texts = _texts(entry.meta, ())
    return "\n".join(text for loc, text in texts if loc not in marks and loc[0] not in without)


def _aliases(figure: Figure) -> Iterator[str]:
    if figure.courtesy_name:
        yield figure.courtesy_name
    yield from figure.aliases


def plain(markup: str) -> str:
    """The text of converted Markdown without its headings, blocks standing apart by line breaks."""
    text = _TAG.sub("", _BLOCK_END.sub("\n", _HEADING.sub("\n", markup)))
    return re.sub(r"\s*\n\s*", "\n", html.unescape(text)).strip()


def _texts(part: Part, loc: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every text of a record and where it stands, those of nested parts included."""
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
