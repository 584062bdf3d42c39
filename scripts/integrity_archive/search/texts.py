"""Texts: text shards for excerpts and for checking rare candidates, and cards with the titles of many hits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from .documents import SearchDocument, clean
from .shards import File, json_file

LEAST, MOST = 2_000, 4_500
"""Least and most characters in a text shard. Between these bounds its end depends on ids only, so that an edit changes
one shard and a new document at most two."""

CARDS = 256
"""Documents in a file of cards."""


Card = list[Any]
"""Id, address, title and kind of a document: see ``card_of``."""
Record = list[Any]
"""A document in a text shard: see ``record_of``."""


@dataclass(frozen=True)
class Texts:
    """Text shards and cards."""

    texts: list[File | None]
    """Path and content of each text shard."""
    cards: list[File | None]
    """Path and content of each file of cards."""
    sizes: list[int]
    """Number of documents in each text shard."""


def text_files(documents: Sequence[SearchDocument]) -> Texts:
    """The text shards and the cards of these documents."""
    groups = groups_of([d.id for d in documents], [text_size(d) for d in documents])
    return Texts(
        [text_file(n, list(map(record_of, documents[slice(*group)]))) for n, group in enumerate(groups)],
        [card_file(n, rows) for n, rows in enumerate(blocks([card_of(d) for d in documents]))],
        [end - start for start, end in groups],
    )


def text_size(document: SearchDocument) -> int:
    """Characters of a document that count for the size of a shard."""
    return sum(len(field.text) for field in document.fields)


def groups_of(ids: Sequence[str], sizes: Sequence[int]) -> list[tuple[int, int]]:
    """Which documents share a text shard: the index of the first, and that after the last."""
    groups = []
    start = size = 0
    for n, (id_, more) in enumerate(zip(ids, sizes, strict=True)):
        size += more
        if size >= MOST or (size >= LEAST and crc32(id_.encode()) & 1):
            groups.append((start, n + 1))
            start, size = n + 1, 0
    if start < len(ids):
        groups.append((start, len(ids)))
    return groups


def text_file(number: int, records: Sequence[Record]) -> File:
    """Path and content of a text shard."""
    return json_file(f"texts-{number:03x}", records, "utf-16-le")


def blocks(cards: Sequence[Card]) -> list[Sequence[Card]]:
    """The cards, divided into files."""
    return [cards[start : start + CARDS] for start in range(0, len(cards), CARDS)]


def card_file(number: int, cards: Sequence[Card]) -> File:
    """Path and content of a file of cards."""
    return json_file(f"cards-{number:03x}", cards)


def card_of(document: SearchDocument) -> Card:
    """Id, address (0 if it is the id with .html), title, kind."""
    address = 0 if document.url == f"{document.id}.html" else document.url
    return [clean(document.id), address, clean(document.title), document.kind]


def record_of(document: SearchDocument) -> Record:
    """The card, then the fields without the title: name, text and, for captions, the time."""
    fields = [
        [field.name, clean(field.text)] if field.time is None else [field.name, clean(field.text), field.time]
        for field in document.all_fields[1:]
    ]
    return [*card_of(document), fields]
