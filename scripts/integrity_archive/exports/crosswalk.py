"""Crosswalk: the fields of ``crosswalk.yml``, their values, and dates in the Extended Date/Time Format (EDTF)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from integrity_archive.content.entry import Entry, film_folder
from integrity_archive.content.model.dates import Dates, Moment
from integrity_archive.content.model.record import Source
from integrity_archive.content.model.schema import Step
from integrity_archive.content.site_settings import LANGUAGE, Site
from integrity_archive.exports.citation import cite


@dataclass(frozen=True)
class CrosswalkRow:
    """One row of the crosswalk: a field of the model and its names in other vocabularies."""

    field: str
    dc: str = ""
    schema: str = ""
    shape: str = ""
    cb: str = ""
    values: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """What our values are called in schema.org, where its values are a closed list."""


@cache
def crosswalk() -> tuple[CrosswalkRow, ...]:
    """The rows of ``crosswalk.yml``, in their order."""
    text = files("integrity_archive.exports").joinpath("crosswalk.yml").read_text("utf-8")
    return tuple(CrosswalkRow(**row) for row in yaml.safe_load(text))


def field_value(entry: Entry, field: str, site: Site) -> Any:
    """The value of a crosswalk field: a field of the model, or a value derived for every entry."""
    match field:
        case "id" | "kind" | "url":
            return getattr(entry, field)
        case "publisher":
            return site.organiser or site.name
        case "language":
            return LANGUAGE
        case "dates":
            return entry.meta.time_span
        case "display":
            return entry.meta.display
        case "rights":
            return entry.meta.rights or site.rights
        case "film":
            return f"{film_folder(entry)}/film.mp4" if entry.meta.is_film else None
        case "captions":
            return f"{film_folder(entry)}/captions.vtt" if entry.meta.captioned else None
    return getattr(entry.meta, field, None)


def edtf(dates: Dates) -> str:
    """Dates in the Extended Date/Time Format, level 1: years, months, days, ``~`` for circa.

    Years are astronomical there: the one before 1 CE is ``0000``, so 356 BCE is ``-0355``.
    """
    mark = "~" if dates.circa else ""
    moments = [dates.since] if dates.until is None else [dates.since, dates.until]
    return "/".join(iso_moment(moment) + mark for moment in moments)


def iso_moment(moment: Moment) -> str:
    """A year, a month or a day in ISO 8601."""
    return "-".join((_iso_year(moment.year), *(f"{part:02d}" for part in moment.known[1:])))


def _iso_year(year: int) -> str:
    year = year + 1 if year < 0 else year
    return f"-{-year:04d}" if year < 0 else f"{year:04d}"


def texts(value: Any) -> list[str]:
    """A value of any field as texts: dates as EDTF, sources as one line each, lists item by item."""
    if value is None or value == "":
        return []
    if isinstance(value, Dates):
        return [edtf(value)]
    if isinstance(value, Source):
        return [cite(value)]
    if isinstance(value, Step):
        return [value.name]
    if isinstance(value, tuple):
        return [text for item in value for text in texts(item)]
    return [str(value)]
