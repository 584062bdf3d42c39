"""Attract loop: what a screen plays while nobody touches it, films and cards in turn, as data for ``reel.js``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from integrity_archive.archive.graph import Archive
from integrity_archive.content.entry import Entry
from integrity_archive.content.model.field_types import WEEKDAYS
from integrity_archive.content.model.sayings import Saying
from integrity_archive.content.model.schema import Hall
from integrity_archive.exports.citation import cite
from integrity_archive.films.captions import cues
from integrity_archive.films.film import Film
from integrity_archive.kiosk.screens import Programme
from integrity_archive.site.home import SolarPieces

Piece = Mapping[str, Any]
"""A film or a card; see ``_film`` and ``_card`` for the keys."""

CARDS_BETWEEN = 3
"""Number of cards between two films."""
CARD_SECONDS = 14
ALL_DAY = (0, 24 * 60)


def attract_reel(archive: Archive, films: Mapping[str, Film], sayings: Iterable[Saying], hall: str = "") -> list[Piece]:
    """The attract loop of a touch screen: the films and panels of its hall (without one, of all halls), and sayings."""
    halls = [e for e in archive.collections.get(Hall.kind, ()) if e.id == hall or not hall]
    chosen = [id_ for e in halls if isinstance(e.meta, Hall) for id_ in e.meta.playlist]
    playlist = [id_ for id_ in dict.fromkeys(chosen) if id_ in films] or sorted(films)
    cards = _turns([*_panels(halls)], [_saying(s, CARD_SECONDS) for s in sayings])
    return list(_woven([_film(archive.entries[id_], films[id_]) for id_ in playlist], cards))


def signage(
    programmes: Sequence[Programme],
    archive: Archive,
    films: Mapping[str, Film],
    sayings: Sequence[Saying],
    terms: SolarPieces,
) -> list[Mapping[str, Any]]:
    """The programmes of a public screen, each with its times and its loop; their names are for the staff only."""
    return [
        {
            "weekdays": [WEEKDAYS.index(d) for d in p.weekdays],
            "hours": _minutes(p.hours),
            "terms": list(p.solar_terms),
            "reel": list(
                _woven(
                    [_film(archive.entries[id_], films[id_]) for id_ in p.films if id_ in films],
                    [*_own_cards(p), *_season(p, terms), *_sayings(p, sayings)],
                )
            ),
        }
        for p in programmes
    ]


def _minutes(hours: str | None) -> tuple[int, int]:
    """Start and end in minutes of the day; past midnight if the end is smaller."""
    if hours is None:
        return ALL_DAY
    start, end = (int(h) * 60 + int(m) for h, m in (clock.split(":") for clock in hours.split("-")))
    return start, end


def _own_cards(programme: Programme) -> Iterator[Piece]:
    return (_card("", c.text, c.source or "", programme.seconds) for c in programme.cards)


def _sayings(programme: Programme, sayings: Iterable[Saying]) -> Iterator[Piece]:
    for saying in sayings if programme.sayings else ():
        if not programme.units or set(programme.units) & set(saying.units):
            yield _saying(saying, programme.seconds)


def _season(programme: Programme, terms: SolarPieces) -> Iterator[Piece]:
    """The piece on every solar term; the browser selects the current one."""
    for term, entry in terms.items() if programme.season else ():
        if entry:
            yield {**_card(term, entry.meta.summary, entry.meta.title, programme.seconds), "term": term}


def _panels(halls: Iterable[Entry]) -> Iterator[Piece]:
    for hall in halls:
        assert isinstance(hall.meta, Hall)
        for zone in hall.meta.zones:
            for panel in zone.panels:
                yield _card(panel.title, panel.text, f"{hall.meta.title} · {zone.title}", CARD_SECONDS)


def _saying(saying: Saying, seconds: int) -> Piece:
    return _card("", saying.text, cite(saying), seconds)


def _card(title: str, text: str, source: str, seconds: int) -> Piece:
    return {"kind": "card", "title": title, "text": text, "source": source, "seconds": seconds}


def _film(entry: Entry, film: Film) -> Piece:
    """``wide`` has no text in the picture, so captions are laid over it; ``tall`` has them burnt in."""
    upright = film.measured.height > film.measured.width
    return {
        "kind": "film",
        "title": entry.meta.title,
        "wide": film.url,
        "tall": film.url if upright else film.screen,
        "cues": [] if upright else [[round(c.start, 2), round(c.end, 2), c.text] for c in cues(film.captions)],
    }


def _turns(first: Sequence[Piece], second: Sequence[Piece]) -> list[Piece]:
    """Two lists of cards, taken alternately."""
    longest = max(len(first), len(second))
    return [cards[n] for n in range(longest) for cards in (first, second) if n < len(cards)]


def _woven(films: Sequence[Piece], cards: Sequence[Piece]) -> Iterator[Piece]:
    """Films with some cards after each, until every film and every card has been played once."""
    rounds = max(len(films), -(-len(cards) // CARDS_BETWEEN))
    for n in range(rounds):
        if films:
            yield films[n % len(films)]
        yield from cards[n * CARDS_BETWEEN : (n + 1) * CARDS_BETWEEN]
