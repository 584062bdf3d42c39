"""Build: makes the search files of a site.

All files lie in ``search/`` as scripts that call ``archiveData(name, payload)``; names contain a content hash:

* ``manifest.js``   sizes, and the names of the tables; the only name that never changes
* ``tables``        names of all shards, each document's slots and field lengths, folding pairs, large shards
* ``pairs-NNN``     character pairs with positions, or with documents if they are rare (``postings``)
* ``chars-NNN``     single characters; ``words-NNN`` Latin words and numbers
* ``texts-NNN``     a few documents with their text; ``cards-NNN`` many documents without
* ``facets``        documents of each facet value
* ``terms-NNN``     suggestions by pinyin and characters (``terms``); ``pinyin`` a reading for each character

A query reads the manifest, the tables, one shard for each second character, and the texts of the hits it displays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from .bits import UNIT_BASE, as_text, gamma, pack, rice, rice_parameter
from .documents import FacetOrder, SearchDocument
from .facets import facet_file
from .fold import fold_pairs
from .layout import SLOT, Layout, lay_out
from .pinyin import HAN, reading_table
from .postings import RARE, SHARD_UNITS, Shards, Sink, char_shards, pair_shards, word_shards
from .script import as_script
from .shards import FOLDER, hash_of, json_file, names_as_units, packed_file
from .terms import Filing, Named, Term, file_terms, named_in, terms_of
from .texts import CARDS, Card, card_of, groups_of, text_files, text_size

FORMAT = 1
"""Increase it when the format changes, so that engine and files must be replaced together."""

LARGE = 6 * SHARD_UNITS
"""Size in bytes of a large shard; one very common pair is enough to reach it."""


@dataclass(frozen=True)
class SearchIndex:
    """The result of a build: the data for the tables and the manifest, and for later amendments."""

    ids: list[str]
    layout: Layout
    families: dict[str, tuple[int, list[str | None]]]
    """By name, in order: binary logarithm of the number of shards, and each shard's path, None for an empty one."""
    large: str
    """``large_shards``."""
    sizes: list[int]
    """``text_size`` of each document."""
    cards: list[Card]
    facets: str
    pinyin: str
    """``facets`` and ``pinyin`` are paths."""
    characters: frozenset[str]
    """Characters of terms, whose readings the file of pinyin contains in addition to the common ones."""
    named: list[Named]
    """``named_in`` of each document."""
    filing: Filing
    """The filing of their terms."""

    def files(self) -> dict[str, bytes]:
        """Path and content of the tables and the manifest."""
        layout = self.layout
        names = [unit for _, paths in self.families.values() for unit in names_as_units(paths)]
        groups = groups_of(self.ids, self.sizes)
        tables = json_file(
            "tables",
            [
                "".join(chr(UNIT_BASE + unit) for unit in names),
                document_table(layout),
                *fold_pairs(layout.alphabet),
                text_sizes([end - start for start, end in groups]),
                self.large,
            ],
            "utf-16-le",
        )
        manifest = {
            "format": FORMAT,
            "documents": len(self.ids),
            "slot": SLOT,
            "rare": RARE,
            "cards": CARDS,
            "families": {name: [bits, len(paths)] for name, (bits, paths) in self.families.items()},
            "parameters": table_parameters(layout),
            "tables": hash_of(tables[0]),
            "pinyin": hash_of(self.pinyin),
            "facets": hash_of(self.facets),
        }
        script = f'archiveData("{FOLDER}/manifest",{as_script(manifest)})\n'.encode()
        return {tables[0]: tables[1], f"{FOLDER}/manifest.js": script}

    def paths(self) -> Iterator[str]:
        """Paths of all files except the tables and the manifest."""
        yield from (path for _, paths in self.families.values() for path in paths if path)
        yield from (self.facets, self.pinyin)


def build_search(documents: Iterable[SearchDocument], facet_order: FacetOrder | None = None) -> dict[str, bytes]:
    """Every file of the search, by path below the site's root. The order of the documents does not change the bytes."""
    return build(documents, facet_order)[1]


def build(
    documents: Iterable[SearchDocument], facet_order: FacetOrder | None = None, sink: Sink | None = None
) -> tuple[SearchIndex, dict[str, bytes]]:
    """The index and its files; ``sink`` gets the packed pairs."""
    ordered = sorted(documents, key=lambda document: document.id)
    layout = lay_out(ordered)
    # Packing is numpy, which releases the interpreter lock; texts and terms are made meanwhile, in Python.
    with ThreadPoolExecutor(1) as pool:
        packing = pool.submit(_index_files, layout, sink)
        texts = text_files(ordered)
        named = list(map(named_in, ordered))
        filing = file_terms(terms_of(named))
        terms = filing.files()
        index = packing.result()
    files: dict[str, bytes] = {}
    families: dict[str, tuple[int, list[str | None]]] = {}
    large = ""
    for family, bits, written in (
        *index,
        ("texts", 0, texts.texts),
        ("cards", 0, texts.cards),
        ("terms", filing.bits, terms),
    ):
        files.update(item for item in written if item)
        families[family] = bits, [item[0] if item else None for item in written]
        if family == "pairs":
            large = large_shards([len(item[1]) if item else 0 for item in written])
    characters = characters_of(filing.terms)
    pinyin = pinyin_file(characters)
    facets = facet_file(ordered, facet_order or {})
    files.update((pinyin, facets))
    ids, cards = [d.id for d in ordered], [card_of(d) for d in ordered]
    sizes = list(map(text_size, ordered))
    built = SearchIndex(ids, layout, families, large, sizes, cards, facets[0], pinyin[0], characters, named, filing)
    return built, files | built.files()


def characters_of(terms: Iterable[Term]) -> frozenset[str]:
    """The Chinese characters in these terms."""
    return frozenset(filter(HAN.match, set("".join(term.text for term in terms))))


def pinyin_file(characters: frozenset[str]) -> tuple[str, bytes]:
    """Path and content of the readings of these characters."""
    return json_file("pinyin", reading_table(characters), "utf-16-le")


Family = tuple[str, int, list[tuple[str, bytes] | None]]
"""Name of a family of shards, binary logarithm of their number, and their files."""


def _index_files(layout: Layout, sink: Sink | None) -> list[Family]:
    """The families of pairs, characters and words."""
    pairs, chars = pair_shards(layout, sink), char_shards(layout)
    return [
        ("pairs", pairs.bits, packed("pairs", pairs)),
        ("chars", chars.bits, packed("chars", chars)),
        words_family(layout),
    ]


def words_family(layout: Layout) -> Family:
    """The family of words."""
    words, placed = word_shards(layout)
    files = [
        json_file(f"words-{n:03x}", [" ".join(row), as_text(units)], "utf-16-le") if row else None
        for n, (row, units) in enumerate(zip(placed, words.units, strict=True))
    ]
    return "words", words.bits, files


def packed(family: str, shards: Shards) -> list[tuple[str, bytes] | None]:
    """Path and content of each shard of a family, None for an empty one."""
    return [packed_file(family, n, units) if len(units) else None for n, units in enumerate(shards.units)]


def text_sizes(sizes: Sequence[int]) -> str:
    """The number of documents in each text shard, packed."""
    if not sizes:
        return ""
    return as_text(pack(*gamma(np.array(sizes, dtype=np.int64)), np.array([0], dtype=np.int64))[0])


def large_shards(sizes: Sequence[int]) -> str:
    """The large shards, with their sizes: a query avoids reading them if it can."""
    return "".join(large_shard(number, size) for number, size in enumerate(sizes))


def large_shard(number: int, size: int) -> str:
    """Number and kilobytes of a shard if it is large; empty otherwise."""
    return chr(UNIT_BASE + number) + chr(UNIT_BASE + size // 1000) if size > LARGE else ""


def _columns(layout: Layout) -> list[np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Slots, then lengths of classes 0 to 3; one row for each document."""
    return [layout.slots, *layout.class_lengths.T]


def table_parameters(layout: Layout) -> list[int]:
    """Rice parameter of each column of the document table."""
    count = np.array([layout.documents], dtype=np.int64)
    return [int(rice_parameter(int(column.sum()), count)[0]) for column in _columns(layout)]


def document_table(layout: Layout) -> str:
    """Slots and class lengths of every document, column by column."""
    if not layout.documents:
        return ""
    coded = [
        rice(column, np.full(len(column), parameter))
        for column, parameter in zip(_columns(layout), table_parameters(layout), strict=True)
    ]
    codes, lengths = (np.concatenate(part) for part in zip(*coded, strict=True))
    return as_text(pack(codes, lengths, np.array([0], dtype=np.int64))[0])
