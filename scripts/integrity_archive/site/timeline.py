"""Timeline: the figures of the stories from the earliest period to today."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from integrity_archive.archive.graph import Archive, Value
from integrity_archive.content.entry import Entry
from integrity_archive.content.schema import Story
from integrity_archive.content.vocabulary import Period

FIGURES_LIMIT = 60
"""Figures shown of one period; the period's own page has all its stories."""


@dataclass(frozen=True)
class Figure:
    """A person and the stories told of them."""

    name: str
    dates: tuple[int, int, bool] | None
    """The earliest dates of their stories, as in ``Facts``."""
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Era:
    """A period and its figures in order."""

    value: Value
    period: Period
    figures: tuple[Figure, ...]
    more: int
    """Figures not shown."""


def timeline(archive: Archive) -> tuple[Era, ...]:
    """Every period that has a story."""
    return tuple(_eras(archive))


def _eras(archive: Archive) -> Iterator[Era]:
    for label, value in archive.facets["periods"].items():
        period = archive.vocabulary.period(label)
        figures = _figures(value)
        if period and figures:
            yield Era(value, period, tuple(figures[:FIGURES_LIMIT]), max(0, len(figures) - FIGURES_LIMIT))


def _figures(value: Value) -> list[Figure]:
    by_name: dict[str, list[Entry]] = {}
    for entry in value.entries:
        if entry.kind == Story.kind:
            by_name.setdefault(entry.facts.figure, []).append(entry)
    return [
        Figure(name, next((e.facts.dates for e in entries if e.facts.dates), None), tuple(entries))
        for name, entries in by_name.items()
    ]
