"""Text shards, which give excerpts and check rare candidates, and cards, which name many hits at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from .documents import SearchDocument, clean
from .shards import json_file, payload_of

LEAST, MOST = 2_000, 4_500
"""Characters in a text shard. Where it ends between these depends on ids alone, so that an edit changes one shard
and a new document at most two."""

CARDS = 256
"""Documents to a file of cards."""


Card = list[Any]
"""What names a document: see ``card_of``."""
Record = list[Any]
"""What is said of a document in a text shard: see ``record_of``."""


@dataclass(frozen=True)
class Texts:
    """Text shards and cards."""

    texts: list[tuple[str, bytes] | None]
    """Path and content of each text shard."""
    cards: list[tuple[str, bytes] | None]
    """Path and content of each file of cards."""


def text_files(documents: Sequence[SearchDocument]) -> Texts:
    """Write every document's text, a few documents to a file."""
    groups = groups_of([d.id for d in documents], [text_size(d) for d in documents])
    return Texts(
        [text_file(n, list(map(record_of, documents[slice(*group)]))) for n, group in enumerate(groups)],
        [card_file(n, rows) for n, rows in enumerate(blocks([card_of(d) for d in documents]))],
    )


def text_size(document: SearchDocument) -> int:
    """Characters of a document as they count for the size of a shard."""
    return sum(len(field.text) for field in document.fields)


def groups_of(ids: Sequence[str], sizes: Sequence[int]) -> list[tuple[int, int]]:
    """Which documents share a text shard: the first of each, and the one after the last."""
    found = []
    start = size = 0
    for n, (id_, more) in enumerate(zip(ids, sizes, strict=True)):
        size += more
        if size >= MOST or (size >= LEAST and crc32(id_.encode()) & 1):
            found.append((start, n + 1))
            start, size = n + 1, 0
    if start < len(ids):
        found.append((start, len(ids)))
    return found


def text_file(number: int, records: Sequence[Record]) -> tuple[str, bytes]:
    """Path and content of a text shard."""
    return json_file(f"texts-{number:03x}", records, "utf-16-le")


def records_in(content: bytes) -> list[Record]:
    """The documents in a text shard."""
    records: list[Record] = payload_of(content, "utf-16-le")
    return records


def blocks(cards: Sequence[Card]) -> list[Sequence[Card]]:
    """The cards, as many together as a file holds."""
    return [cards[start : start + CARDS] for start in range(0, len(cards), CARDS)]


def card_file(number: int, cards: Sequence[Card]) -> tuple[str, bytes]:
    """Path and content of a file of cards."""
    return json_file(f"cards-{number:03x}", cards)


def card_of(document: SearchDocument) -> Card:
    """Id, address (0 when it is the id with .html), title, kind."""
    address = 0 if document.url == f"{document.id}.html" else document.url
    return [clean(document.id), address, clean(document.title), document.kind]


def record_of(document: SearchDocument) -> Record:
    """The card, then name, text and perhaps time of each field but the title, as laid out."""
    fields = [
        [field.name, clean(field.text)] if field.time is None else [field.name, clean(field.text), field.time]
        for field in document.all_fields[1:]
    ]
    return [*card_of(document), fields]
