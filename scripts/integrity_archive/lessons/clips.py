"""Clips: the parts of films that a lesson plays, named in its front matter or its slides."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from integrity_archive.content.entry import Entry
from integrity_archive.content.field_types import clock_seconds
from integrity_archive.content.schema import Clip
from integrity_archive.films.captions import inlined
from integrity_archive.films.film import Film

_TIME = r"(?:\d+:){0,2}\d+(?:\.\d+)?"
_SPAN = re.compile(rf"^t=({_TIME})?(?:,({_TIME}))?$")
_LINK = re.compile(r'<p><a href="([^"#]+)(?:#([^"]*))?">([^<]*)</a></p>')


@dataclass(frozen=True)
class Playable:
    """A part of a film, ready for playback; times in seconds."""

    film: Entry
    url: str
    poster: str
    track: str
    """Captions as a ``data:`` URL; empty for none."""
    start: float
    end: float
    length: float
    """Length of the whole film."""

    @property
    def fragment(self) -> str:
        """The part as a media fragment, ``t=8,30``."""
        return f"t={self.start:g},{self.end:g}"


def span(anchor: str) -> tuple[float, float | None] | None:
    """Start and end in seconds of a media fragment ``t=8,30`` or ``t=0:08,1:05``; None for other anchors."""
    match = _SPAN.match(anchor)
    if not match or not (match[1] or match[2]):
        return None
    return _seconds(match[1] or "0"), _seconds(match[2]) if match[2] else None


def _seconds(time: str) -> float:
    total = 0.0
    for part in time.split(":"):
        total = total * 60 + float(part)
    return total


def playable(clip: Clip, entries: Mapping[str, Entry], films: Mapping[str, Film]) -> Playable | None:
    """The part of the film for a clip of the front matter; None if the film is not in the edition."""
    end = float(clock_seconds(clip.end)) if clip.end else None
    return _part(clip.film, float(clock_seconds(clip.start)), end, entries, films)


def _part(
    film_id: str, start: float, end: float | None, entries: Mapping[str, Entry], films: Mapping[str, Film]
) -> Playable | None:
    film, entry = films.get(film_id), entries.get(film_id)
    if film is None or entry is None:
        return None
    length = film.measured.seconds
    track = inlined(film.captions) if film.captions else ""
    return Playable(entry, film.url, film.poster, track, start, min(end or length, length), length)


def split_at_clips(
    markup: str, page: str, entries: Mapping[str, Entry], films: Mapping[str, Film]
) -> Iterator[str | Playable]:
    """The HTML of the page at address ``page``, divided at each paragraph that consists of a link to a film."""
    at = 0
    by_url = {entry.url: id_ for id_, entry in entries.items() if id_ in films}
    for link in _LINK.finditer(markup):
        film_id = by_url.get(_below_root(page, link[1]))
        start, end = span(link[2] or "") or (0.0, None)
        part = _part(film_id, start, end, entries, films) if film_id else None
        if part:
            yield markup[at : link.start()]
            yield part
            at = link.end()
    yield markup[at:]


def _below_root(page: str, href: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(page), href))
