"""Search documents: the input of the search for each entry. The search itself does not depend on the archive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from integrity_archive.archive.graph import Archive
from integrity_archive.content.entry import Entry
from integrity_archive.content.facets import FACETS
from integrity_archive.content.markdown import Body
from integrity_archive.content.plain_text import front_matter_text, plain_text
from integrity_archive.content.schema import KINDS
from integrity_archive.films.captions import Cue
from integrity_archive.search import FacetOrder, SearchDocument, SearchField

FILTERS: Mapping[str, str] = MappingProxyType({"period": "periods", "virtue": "virtues", "unit": "units"})
"""Filters of search results, with the facets they use; the kind is another filter."""


def documents(
    archive: Archive, bodies: Mapping[str, Body], told: Mapping[str, Iterable[Cue]]
) -> Iterator[SearchDocument]:
    """Every entry of the edition as a search document; ``told``: captions of the films, by id."""
    for entry in archive.entries.values():
        yield document_of(entry, archive, bodies[entry.document.path], told.get(entry.id, ()))


def document_of(entry: Entry, archive: Archive, body: Body, told: Iterable[Cue]) -> SearchDocument:
    """One entry as a search document; ``told``: its captions."""
    values = archive.values.get(entry.id, {})
    return SearchDocument(
        id=entry.id,
        url=entry.url,
        title=entry.meta.title,
        kind=entry.kind,
        fields=(*_fields(entry, archive, body), *(SearchField("captions", cue.text, cue.start) for cue in told)),
        facets={name: tuple(v.label for v in values.get(facet, ())) for name, facet in FILTERS.items()},
    )


def facet_order(archive: Archive) -> FacetOrder:
    """Values of each filter in the order of the vocabulary."""
    order = {name: tuple(archive.vocabulary[facet]) for name, facet in FILTERS.items()}
    return {"kind": tuple(KINDS), **order}


def labels(archive: Archive) -> Mapping[str, str]:
    """Names of filters, and of the kinds that the archive has, on the page of results."""
    filters = {name: FACETS[facet].label for name, facet in FILTERS.items()}
    return {"kind": "种类", **filters, **{kind: KINDS[kind].collection for kind in archive.collections}}


def _fields(entry: Entry, archive: Archive, body: Body) -> Iterator[SearchField]:
    meta = entry.meta
    values = archive.values.get(entry.id, {})
    yield SearchField("summary", meta.summary)
    for name in ("people", "places"):
        yield from (SearchField(name, value.label) for value in values.get(name, ()))
    yield from (SearchField("aliases", name) for name in meta.other_names)
    yield from (SearchField("tags", tag) for tag in meta.tags)
    yield from (SearchField("headings", heading.text) for heading in body.headings)
    text = plain_text(body.html)
    if text:
        yield SearchField("body", text)
    front_matter = front_matter_text(entry)
    if front_matter:
        yield SearchField("body", front_matter)
