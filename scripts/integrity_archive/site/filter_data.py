"""Filter data: the files with which lists are filtered in the browser.

``browse/facets.js`` has for every value the entries with it; ``browse/cards-N.js`` have their cards. Entries are
identified by their number in reading order, so those of one collection are neighbours and a filtered page needs few
files. ``browse/doors.js`` leads a search for the name of a person, place or virtue to its page. ``browse/pages.js``
lists all entries, to check lists that were made in another edition.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise
from types import MappingProxyType

from integrity_archive.archive.graph import Archive
from integrity_archive.content.entry import Entry
from integrity_archive.content.model.facets import FACETS
from integrity_archive.content.model.field_types import CREDIBILITY
from integrity_archive.content.model.schema import KINDS
from integrity_archive.content.model.vocabulary import Vocabulary
from integrity_archive.search.script import as_script
from integrity_archive.site.aspects import Aspects
from integrity_archive.site.card import card
from integrity_archive.site.page_spec import FileSpec

SHARD_SIZE = 120
"""Cards per file."""

FILTERS: Mapping[str, str] = MappingProxyType(
    {
        "kind": "种类",
        **{name: FACETS[name].label for name in ("periods", "virtues", "units", "audiences", "series", "courses")},
        "credibility": "可信程度",
        "places": FACETS["places"].label,
    }
)
"""Filters in the order of display, with their names for readers."""


def browse_files(archive: Archive) -> dict[str, bytes]:
    """The data files that hold no cards, by their place in the site."""
    facets = {"size": SHARD_SIZE, "total": len(archive.entries), "filters": list(_filters(archive))}
    pages = [entry.url for entry in archive.entries.values()]
    return _file("browse/facets", facets) | _file("browse/doors", _doors(archive)) | _file("browse/pages", pages)


def card_files(archive: Archive, aspects: Aspects, lengths: Mapping[str, str]) -> Iterator[FileSpec]:
    """The data files with the cards of all entries, in reading order; ``lengths`` of the films by id, as on a clock."""
    entries = list(archive.entries.values())
    for number in range(-(-len(entries) // SHARD_SIZE)):
        here = entries[number * SHARD_SIZE : (number + 1) * SHARD_SIZE]
        make = partial(_cards, number, here, archive.vocabulary, lengths)
        yield FileSpec(f"browse/cards-{number}.js", make, partial(aspects.cards, here))


def _cards(number: int, entries: Sequence[Entry], vocabulary: Vocabulary, lengths: Mapping[str, str]) -> bytes:
    cards = [
        [c.url, c.title, c.summary, list(c.notes), c.cover, c.style, c.image, c.length]
        for c in (card(e, vocabulary, lengths.get(e.id, "")) for e in entries)
    ]
    (content,) = _file(f"browse/cards-{number}", cards).values()
    return content


def _doors(archive: Archive) -> dict[str, list[tuple[str, str, int]]]:
    """By label: facet, address and number of entries of every page with this label."""
    doors: dict[str, list[tuple[str, str, int]]] = {}
    for facet, values in archive.facets.items():
        for value in values.values():
            doors.setdefault(value.label, []).append((FACETS[facet].label, value.url, len(value.entries)))
    return doors


def _filters(archive: Archive) -> Iterator[tuple[str, str, list[list[object]]]]:
    """Name, label and values of each filter; a value is its label, then the gaps between its entries' numbers."""
    numbers = {id_: n for n, id_ in enumerate(archive.entries)}
    for name, label in FILTERS.items():
        holders = ((value, [numbers[e.id] for e in entries]) for value, entries in _holders(archive, name))
        values = [[value, *_gaps(positions)] for value, positions in holders if positions]
        if values:
            yield name, label, values


def _holders(archive: Archive, name: str) -> Iterator[tuple[str, Iterable[Entry]]]:
    """Every value of a filter in order, with the entries that have it."""
    if name == "kind":
        yield from ((KINDS[kind].label, entries) for kind, entries in archive.collections.items())
    elif name == "credibility":
        for value in CREDIBILITY:
            yield value, [e for e in archive.entries.values() if e.facts.credibility == value]
    else:
        yield from ((value.label, value.entries) for value in archive.facets[name].values())


def _gaps(numbers: Sequence[int]) -> Iterable[int]:
    return [numbers[0], *(b - a for a, b in pairwise(numbers))]


def _file(name: str, payload: object) -> dict[str, bytes]:
    script = f'archiveData("{name}",{as_script(payload)})\n'
    return {f"{name}.js": script.encode("utf-8", "replace")}
