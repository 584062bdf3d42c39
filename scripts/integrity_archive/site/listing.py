"""Listing: every collection and every facet value as pages of limited size.

A page has at most ``PAGE_SIZE`` entries or ``NAMES_SIZE`` names; a larger archive has more pages, not larger ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from integrity_archive.archive.graph import Archive, FacetValue
from integrity_archive.content.entry import Document, Entry, page_url, section
from integrity_archive.content.model.facets import FACETS, Facet
from integrity_archive.content.model.schema import KINDS

PAGE_SIZE = 48
NAMES_SIZE = 240


@dataclass(frozen=True)
class Listing:
    """One page of a listing."""

    uri: str
    """``src_uri`` of the page."""
    title: str
    lead: str
    number: int
    """Number of this page, from 1."""
    uris: tuple[str, ...]
    """``src_uri`` of all pages of the listing, in order."""
    total: int
    """Number of entries or values in the whole listing."""
    entries: tuple[Entry, ...] = ()
    values: tuple[FacetValue, ...] = ()
    intro: Document | None = None
    """Introduction, on the first page only."""
    up: Facet | None = None
    """The facet to whose index a value's page belongs."""
    shared: tuple[str, str] = ("", "")
    """The filter and its value that all entries of the listing have in common."""

    @property
    def url(self) -> str:
        return page_url(self.uri)

    @cached_property
    def by_kind(self) -> Mapping[str, tuple[Entry, ...]]:
        """The page's entries by kind, in the order of the kinds."""
        return {k: entries for k in KINDS if (entries := tuple(e for e in self.entries if e.kind == k))}

    @cached_property
    def by_initial(self) -> Mapping[str, tuple[FacetValue, ...]]:
        """The page's names by the first letter of their pinyin."""
        groups: dict[str, list[FacetValue]] = {}
        for value in self.values:
            groups.setdefault(value.initial, []).append(value)
        return {letter: tuple(group) for letter, group in groups.items()}

    @property
    def previous(self) -> str | None:
        """Address of the previous page; None on the first."""
        return page_url(self.uris[self.number - 2]) if self.number > 1 else None

    @property
    def next(self) -> str | None:
        """Address of the next page; None on the last."""
        return page_url(self.uris[self.number]) if self.number < len(self.uris) else None


def listings(archive: Archive, intros: Mapping[str, Document]) -> Iterator[Listing]:
    """Every listing page of the archive; ``intros`` are the introductions of lists by the path of the list."""
    for kind, entries in archive.collections.items():
        record = KINDS[kind]
        intro = intros.get(record.folder)
        values = intro.values if intro else {}
        title, lead = values.get("title") or record.collection, values.get("summary") or ""
        shared = ("kind", record.label)
        yield from _pages(f"{section(kind)}/index", title, lead, entries=entries, intro=intro, shared=shared)
    for name, facet in FACETS.items():
        values_ = tuple(archive.facets[name].values())
        if values_:
            yield from _pages(f"{name}/index", facet.label, "", values=values_)
        for value in values_:
            intro = intros.get(f"docs/{name}/{value.slug}")
            written = intro.values if intro else {}
            title, lead = written.get("title") or value.label, written.get("summary") or value.hint
            shared = (name, value.label)
            yield from _pages(
                f"{name}/{value.slug}", title, lead, entries=value.entries, intro=intro, up=facet, shared=shared
            )


def _pages(
    stem: str,
    title: str,
    lead: str,
    *,
    entries: Sequence[Entry] = (),
    values: Sequence[FacetValue] = (),
    intro: Document | None = None,
    up: Facet | None = None,
    shared: tuple[str, str] = ("", ""),
) -> Iterator[Listing]:
    size, items = (PAGE_SIZE, len(entries)) if entries else (NAMES_SIZE, len(values))
    count = max(1, -(-items // size))
    uris = tuple(_uri(stem, n) for n in range(1, count + 1))
    for number in range(1, count + 1):
        here = slice((number - 1) * size, number * size)
        yield Listing(
            uri=uris[number - 1],
            title=title,
            lead=lead,
            number=number,
            uris=uris,
            total=items,
            entries=tuple(entries[here]),
            values=tuple(values[here]),
            intro=intro if number == 1 else None,
            up=up,
            shared=shared,
        )


def _uri(stem: str, number: int) -> str:
    """Page 2 of ``stories/index`` is ``stories/page.2``, that of ``virtues/qing`` is ``virtues/qing.2``.

    A slug contains no dot, so these addresses differ from those of entries and other values.
    """
    if number == 1:
        return f"{stem}.md"
    folder, _, name = stem.rpartition("/")
    return f"{folder}/page.{number}.md" if name == "index" else f"{stem}.{number}.md"
