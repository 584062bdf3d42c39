"""Clips: the parts of films that a lesson plays, named in its front matter or its slides."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from integrity_archive.content.entry import Entry
from integrity_archive.content.markup.media_fragments import time_span
from integrity_archive.content.model.field_types import clock_seconds
from integrity_archive.content.model.schema import Clip
from integrity_archive.films.captions import inlined
from integrity_archive.films.film import Film
from integrity_archive.support.html_fragment import fragment


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
    by_url = {entry.url: id_ for id_, entry in entries.items() if id_ in films}
    before: list[str] = []
    for node in fragment(markup).iter(include_text=True):
        path, _, anchor = _only_link(node).partition("#")
        film_id = by_url.get(_below_root(page, path)) if path else None
        start, end = time_span(anchor) or (0.0, None)
        part = _part(film_id, start, end, entries, films) if film_id else None
        if part:
            yield "".join(before)
            yield part
            before = []
        else:
            before.append(str(node.html))
    yield "".join(before)


def _only_link(node: Any) -> str:
    """The address of the link that a paragraph consists of; empty for any other node."""
    inside = list(node.iter(include_text=True)) if node.tag == "p" else []
    return str(inside[0].attrs.get("href") or "") if len(inside) == 1 and inside[0].tag == "a" else ""


def _below_root(page: str, href: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(page), href))
