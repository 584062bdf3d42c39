"""Views: the content of a page as plain data for the templates in ``overrides/``. No template logic, no MkDocs."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from markupsafe import Markup, escape

from integrity_archive.archive.graph import Archive, FacetValue, Related
from integrity_archive.content.entry import Entry, file_url, section
from integrity_archive.content.markup.line_breaks import joined
from integrity_archive.content.markup.markdown import Body
from integrity_archive.content.model.dates import dates_in_words, year_in_words
from integrity_archive.content.model.facets import FACETS, Facet
from integrity_archive.content.model.schema import KINDS
from integrity_archive.content.site_settings import Site
from integrity_archive.exports.citation import citation, cite
from integrity_archive.exports.json_ld import json_ld
from integrity_archive.films.film import Film
from integrity_archive.site.card import card, picture_of, style_classes
from integrity_archive.site.listing import Listing
from integrity_archive.support.qr import qr_svg

RELATED_LIMIT = 24
"""Most entries of one relation that are visible at first; four times as many are folded below them."""

TEMPLATES: Mapping[str, str] = MappingProxyType({kind: f"{kind}.html" for kind in KINDS})


@dataclass(frozen=True)
class Crumb:
    """One step of the path from the home page to a page."""

    label: str
    url: str


@dataclass(frozen=True)
class Fact:
    """A facet of an entry with its values, displayed next to the text."""

    facet: Facet
    values: tuple[FacetValue, ...]


@dataclass(frozen=True)
class EntryView:
    """The data for an entry's template."""

    entry: Entry
    body: Body
    crumbs: tuple[Crumb, ...]
    facts: tuple[Fact, ...]
    related: tuple[Related, ...]
    json_ld: str
    entries: Mapping[str, Entry]
    """All entries by id, for templates that display references in place: exhibits, activities."""
    rights: str
    neighbours: tuple[Entry | None, Entry | None]
    """The previous and the next entry of the same period, series or course."""
    citation: str
    qr: str
    """QR code of the page's public address, as SVG; empty if the site has no address."""

    @property
    def meta(self) -> Any:
        """The entry's front matter."""
        return self.entry.meta


def entry_view(entry: Entry, body: Body, archive: Archive, site: Site, film: Film | None = None) -> EntryView:
    """The data for the page of one entry."""
    values = archive.values.get(entry.id, {})
    return EntryView(
        entry=entry,
        body=body,
        crumbs=(Crumb("首页", "index.html"), Crumb(KINDS[entry.kind].collection, f"{section(entry.kind)}/index.html")),
        facts=tuple(Fact(FACETS[name], values[name]) for name in FACETS if name in values),
        related=archive.related.get(entry.id, ()),
        json_ld=json_ld(entry, archive, site, film),
        entries=archive.entries,
        rights=entry.meta.rights or site.rights,
        neighbours=archive.neighbours[entry.id],
        citation=citation(entry, site),
        qr=qr_svg(site.absolute(entry.url)) if site.url else "",
    )


def listing_crumbs(listing: Listing) -> tuple[Crumb, ...]:
    """The path from the home page to a listing page."""
    home = Crumb("首页", "index.html")
    return (home, Crumb(listing.up.label, f"{listing.up.name}/index.html")) if listing.up else (home,)


# --- filters -----------------------------------------------------------------------------------------------------


def day(date: datetime.date) -> str:
    """A date for readers: ``2026 年 11 月 23 日``."""
    return f"{date.year} 年 {date.month} 月 {date.day} 日"


def clock(time: float) -> str:
    """A time within a film, in seconds, for readers: ``1:05``."""
    return f"{int(time) // 60}:{int(time) % 60:02}"


def lengths_of(films: Mapping[str, Film]) -> Mapping[str, str]:
    """The length of each film, as on a clock, by id."""
    return {id_: clock(film.measured.seconds) for id_, film in films.items()}


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a plain text, which are separated by blank lines."""
    return [" ".join(joined(p).split()) for p in re.split(r"\n\s*\n", text) if p.strip()]


def names_whole(title: str, people: Sequence[str]) -> Markup:
    """A title as HTML in which no line breaks within a person's name."""
    names = sorted((name for name in people if name in title), key=len, reverse=True)
    if not names:
        return escape(title)
    parts = re.split("(" + "|".join(map(re.escape, names)) + ")", title)
    return Markup("").join(Markup('<span class="name">{}</span>').format(p) if p in names else p for p in parts)


FILTERS: Mapping[str, Callable[..., object]] = MappingProxyType(
    {
        "dates": lambda dates: dates_in_words(*dates),
        "day": day,
        "paragraphs": paragraphs,
        "cite": cite,
        "file_url": file_url,
        "card": card,
        "picture_of": picture_of,
        "section": section,
        "style_classes": style_classes,
        "year": year_in_words,
        "clock": clock,
        "names_whole": names_whole,
    }
)
"""Filters of the templates, by name."""
