"""Text shards, which give excerpts and check rare candidates, and cards, which name many hits at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from .documents import Document, clean
from .shards import json_file

LEAST, MOST = 2_000, 4_500
"""Characters in a text shard. Where it ends between these depends on ids alone, so that an edit changes one shard
and a new document at most two."""

CARDS = 256
"""Documents to a file of cards."""


@dataclass(frozen=True)
class Texts:
    """Text shards and cards."""

    texts: list[tuple[str, bytes] | None]
    """Path and content of each text shard."""
    sizes: list[int]
    """Documents in each text shard."""
    cards: list[tuple[str, bytes] | None]
    """Path and content of each file of cards."""


def text_files(documents: Sequence[Document]) -> Texts:
    """Write every document's text, a few documents to a file."""
    groups = list(_groups(documents))
    blocks = [documents[start : start + CARDS] for start in range(0, len(documents), CARDS)]
    return Texts(
        [json_file(f"texts-{n:03x}", [_record(d) for d in group], "utf-16-le") for n, group in enumerate(groups)],
        [len(group) for group in groups],
        [json_file(f"cards-{n:03x}", [_card(d) for d in block]) for n, block in enumerate(blocks)],
    )


def _groups(documents: Sequence[Document]) -> Iterator[list[Document]]:
    group: list[Document] = []
    size = 0
    for document in documents:
        group.append(document)
        size += sum(len(field.text) for field in document.fields)
        if size >= MOST or (size >= LEAST and crc32(document.id.encode()) & 1):
            yield group
            group, size = [], 0
    if group:
        yield group


def _card(document: Document) -> list[Any]:
    """Id, address (0 when it is the id with .html), title, kind."""
    address = 0 if document.url == f"{document.id}.html" else document.url
    return [clean(document.id), address, clean(document.title), document.kind]


def _record(document: Document) -> list[Any]:
    """The card, then name, text and perhaps time of each field but the title, as laid out."""
    fields = [
        [field.name, clean(field.text)] if field.time is None else [field.name, clean(field.text), field.time]
        for field in document.all_fields[1:]
    ]
    return [*_card(document), fields]
