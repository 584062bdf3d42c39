"""Timeline: the people of the stories, from the earliest period to today."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from integrity_archive.archive.graph import Archive, FacetValue
from integrity_archive.content.entry import Entry
from integrity_archive.content.model.dates import Moment
from integrity_archive.content.model.vocabulary import Period

FIGURES_LIMIT = 60
"""Most people displayed for one period; the period's own page lists all its stories."""


@dataclass(frozen=True)
class TimelineFigure:
    """A person and the stories about them."""

    name: str
    dates: tuple[Moment, Moment, bool] | None
    """Dates of the first story that has some, as in ``Facts``."""
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class TimelinePeriod:
    """A period and its people, in order."""

    value: FacetValue
    period: Period
    figures: tuple[TimelineFigure, ...]
    more: int
    """Number of people that are not displayed."""


def timeline(archive: Archive) -> tuple[TimelinePeriod, ...]:
    """Every period with at least one story."""
    return tuple(_eras(archive))


def _eras(archive: Archive) -> Iterator[TimelinePeriod]:
    for label, value in archive.facets["periods"].items():
        period = archive.vocabulary.period(label)
        figures = _figures(value)
        if period and figures:
            yield TimelinePeriod(value, period, tuple(figures[:FIGURES_LIMIT]), max(0, len(figures) - FIGURES_LIMIT))


def _figures(value: FacetValue) -> list[TimelineFigure]:
    by_name: dict[str, list[Entry]] = {}
    for entry in value.entries:
        if entry.facts.figure:
            by_name.setdefault(entry.facts.figure, []).append(entry)
    return [
        TimelineFigure(name, next((e.facts.dates for e in entries if e.facts.dates), None), tuple(entries))
        for name, entries in by_name.items()
    ]
