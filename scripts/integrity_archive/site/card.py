"""Card: the data of an entry in a list; the same for static lists and lists filtered in the browser."""

from __future__ import annotations

import re
from dataclasses import dataclass

from integrity_archive.content.entry import Entry, file_url, film_folder
from integrity_archive.content.model.record import CoverStyle
from integrity_archive.content.model.vocabulary import Vocabulary
from integrity_archive.intake.picture_file import is_raster
from integrity_archive.intake.renditions import WIDTHS, narrow_uri

_NOT_A_SIGN = re.compile(r"[^\w]+")


@dataclass(frozen=True)
class Card:
    """One entry in a list."""

    url: str
    title: str
    summary: str
    notes: tuple[str, ...]
    """Notes above the title: the kind, then period, series or minutes."""
    cover: str
    """Text on the cover: a few characters, set as on the label of a thread-bound book."""
    style: str
    """CSS classes of the cover: of its period, or of the style that its kind declares."""
    image: str
    """Address of a cover picture; empty for none."""
    length: str
    """Length of a film, as on a clock; empty for other entries."""


def card(entry: Entry, vocabulary: Vocabulary, length: str = "") -> Card:
    """The card of an entry; ``length`` of a film, as on a clock."""
    meta = entry.meta
    period = vocabulary.period(meta.period or "")
    notes = [meta.label]
    if meta.period:
        notes.append(meta.period)
    notes += meta.card_notes
    return Card(
        url=entry.url,
        title=meta.title,
        summary=meta.summary,
        notes=tuple(notes),
        cover=cover_words(entry),
        style=f"cover--{period.id}" if meta.cover_by_period and period else style_classes(meta.cover_style),
        image=picture_of(entry),
        length=length,
    )


def style_classes(style: CoverStyle) -> str:
    """CSS classes of a style of covers and doors."""
    return f"cloth--{style.cloth} motif--{style.motif}"


def picture_of(entry: Entry) -> str:
    """Address of an entry's picture for lists, a light copy where it has one, for a film its poster; empty for none."""
    meta = entry.meta
    if meta.picture:
        url = file_url(entry, meta.picture)
        return narrow_uri(url, WIDTHS[0]) if is_raster(meta.picture) else url
    return f"{film_folder(entry)}/poster.jpg" if meta.is_film else ""


def cover_words(entry: Entry) -> str:
    """The name of the entry on its cover, at most six characters: person, solar term, series, or else the kind."""
    words = _NOT_A_SIGN.sub("", entry.meta.cover_words)
    return words if len(words) <= 6 else entry.meta.label
