"""Home: the changing content of the front page: the season, a story, new entries, a saying."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from integrity_archive.archive.graph import Archive
from integrity_archive.content.entry import Entry
from integrity_archive.content.model.field_types import SOLAR_TERMS
from integrity_archive.content.model.sayings import Saying, Sayings
from integrity_archive.content.model.schema import KINDS
from integrity_archive.site.solar_terms import calendar

YEARS = 21
"""Number of years for which the browser gets the solar terms, from that of the newest entry."""
FEATURED = 7
NEWEST = 6


SolarPieces = Mapping[str, Entry | None]
"""Every solar term with the column about it, None if there is none."""


@dataclass(frozen=True)
class Home:
    """The content of the home page."""

    terms: SolarPieces
    days: Mapping[int, str]
    """``solar_terms.term_days`` by year."""
    featured: tuple[Entry, ...]
    """An entry for each day of the week."""
    newest: tuple[Entry, ...]
    sayings: tuple[Saying, ...]


NO_DAYS: Mapping[int, str] = MappingProxyType({})


def home(archive: Archive, sayings: Sayings, known: Mapping[int, str] = NO_DAYS) -> Home:
    """The home page of an archive. It does not depend on the day of the build: the browser selects by the date.

    Args:
        archive: what it shows.
        sayings: those of the archive.
        known: ``solar_terms.term_days`` by year, from an earlier build.
    """
    entries = archive.entries.values()
    dated = [e for e in entries if e.facts.day]
    newest = sorted(dated, key=lambda e: (e.facts.day, e.id), reverse=True)
    year = int(newest[0].facts.day[:4]) if newest else 2026
    return Home(
        terms=_solar_pieces(archive),
        days=calendar(year, YEARS, known),
        featured=_featured(archive),
        newest=_mixed(newest),
        sayings=sayings.checked,
    )


def _solar_pieces(archive: Archive) -> SolarPieces:
    pieces = {e.facts.solar_term: e for e in archive.entries.values()}
    return {term: pieces.get(term) for term in SOLAR_TERMS}


def _featured(archive: Archive) -> tuple[Entry, ...]:
    """The entries with the most relations, from different periods as long as there are enough."""
    sure = [e for e in archive.entries.values() if KINDS[e.kind].featured and e.facts.credibility == "史实"]
    bonds = {e.id: sum(len(r.entries) for r in archive.related.get(e.id, ())) for e in sure}
    chosen: dict[str, Entry] = {}
    spare: list[Entry] = []
    for entry in sorted(sure, key=lambda e: (-bonds[e.id], e.id)):
        if entry.facts.period in chosen:
            spare.append(entry)
        else:
            chosen[entry.facts.period] = entry
    return (*chosen.values(), *spare)[:FEATURED]


def _mixed(newest: list[Entry]) -> tuple[Entry, ...]:
    """The newest entries, at most two of a kind, so that one large delivery does not fill the list."""
    taken: list[Entry] = []
    for entry in newest:
        if sum(t.kind == entry.kind for t in taken) < 2:
            taken.append(entry)
    return tuple(taken[:NEWEST])
