"""Search documents: the input of the search for each entry. The search itself does not depend on the archive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from integrity_archive.archive.graph import Archive
from integrity_archive.content.entry import Entry
from integrity_archive.content.markup.markdown import Body
from integrity_archive.content.markup.plain_text import front_matter_text, plain_text, ruby_readings
from integrity_archive.content.model.facets import FACETS
from integrity_archive.content.model.schema import KINDS
from integrity_archive.content.outline import digest_of
from integrity_archive.films.captions import Cue
from integrity_archive.search import FacetOrder, SearchDocument, SearchField

FILTERS: Mapping[str, str] = MappingProxyType({"period": "periods", "virtue": "virtues", "unit": "units"})
"""Filters of search results, with the facets they use; the kind is another filter."""
NAMES = ("people", "places")
"""Facets whose values are searched as fields of their own."""


def document_of(entry: Entry, archive: Archive, body: Body, captions: Iterable[Cue]) -> SearchDocument:
    """One entry as a search document; ``captions``: its captions."""
    kind, facets = filed(entry, archive)
    return SearchDocument(
        id=entry.id,
        url=entry.url,
        title=entry.meta.title,
        kind=kind,
        fields=(*_fields(entry, archive, body), *map(_caption, captions)),
        facets=facets,
    )


def _caption(cue: Cue) -> SearchField:
    """A caption; its lines are one text, and in an excerpt the space shows where a line ends."""
    return SearchField("captions", cue.text.replace("\n", " "), cue.start)


def document_key(entry: Entry, archive: Archive, source: str, captions: Sequence[Cue]) -> str:
    """A key that changes with anything that ``document_of`` reads.

    Args:
        entry: the entry.
        archive: the archive it is in.
        source: digest of its front matter and body.
        captions: its captions.
    """
    values = archive.values.get(entry.id, {})
    named = [[value.label for value in values.get(name, ())] for name in NAMES]
    return digest_of(source, filed(entry, archive), named, captions)


def filed(entry: Entry, archive: Archive) -> tuple[str, Mapping[str, tuple[str, ...]]]:
    """Kind of an entry, and its values of each filter."""
    values = archive.values.get(entry.id, {})
    return entry.kind, {name: tuple(v.label for v in values.get(facet, ())) for name, facet in FILTERS.items()}


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
    for name in NAMES:
        yield from (SearchField(name, value.label) for value in values.get(name, ()))
    yield from (SearchField("aliases", name) for name in meta.other_names)
    yield from (SearchField("tags", tag) for tag in meta.tags)
    yield from (SearchField("headings", heading.text) for heading in body.headings)
    text = plain_text(body.html)
    if text:
        yield SearchField("body", text)
    if readings := "\n".join(dict.fromkeys(ruby_readings(body.html))):
        yield SearchField("body", readings)
    front_matter = front_matter_text(entry)
    if front_matter:
        yield SearchField("body", front_matter)
