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

Pairs, characters, words, texts and cards make up a segment. An edit adds a second one (``overlay``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from .bits import UNIT_BASE, as_text, gamma, pack, rice, rice_parameter
from .documents import FacetOrder, SearchDocument
from .facets import facet_file
from .fold import fold_pairs
from .layout import SLOT, Layout, lay_out
from .pinyin import HAN, reading_table
from .postings import RARE, SHARD_UNITS, Shards, char_shards, pair_shards, word_shards
from .script import as_script
from .shards import FOLDER, File, hash_of, json_file, names_as_units, packed_file
from .terms import Filing, Named, Term, file_terms, named_in, terms_of
from .texts import CARDS, text_files

FORMAT = 3
"""Increase it when the format changes, so that engine and files must be replaced together."""

LARGE = 6 * SHARD_UNITS
"""Size in bytes of a large shard; one very common pair is enough to reach it."""

Family = tuple[int, list[str | None]]
"""Binary logarithm of the number of shards, and each shard's path, None for an empty one."""
Manifest = Mapping[str, Any]


@dataclass(frozen=True)
class Segment:
    """The index of some documents."""

    layout: Layout
    rare: int
    families: Mapping[str, Family]
    """By name, in order."""
    large: str
    """``large_shards``."""
    texts: Sequence[int]
    """Number of documents in each text shard."""
    files: Mapping[str, bytes]
    """Content by path, without the tables."""

    def part(self, terms: Family) -> tuple[Manifest, File]:
        """What the manifest says of this segment, and its tables; these name the shards of the terms too."""
        families = {**self.families, "terms": terms}
        names = [unit for _, paths in families.values() for unit in names_as_units(paths)]
        tables = json_file(
            "tables",
            [
                "".join(chr(UNIT_BASE + unit) for unit in names),
                document_table(self.layout),
                *fold_pairs(self.layout.alphabet),
                text_sizes(self.texts),
                self.large,
            ],
            "utf-16-le",
        )
        part = {
            "documents": self.layout.documents,
            "rare": self.rare,
            "families": {name: [bits, len(paths)] for name, (bits, paths) in families.items()},
            "parameters": table_parameters(self.layout),
            "tables": hash_of(tables[0]),
        }
        return part, tables


@dataclass(frozen=True)
class Base:
    """What an overlay needs to know of the index below it."""

    ids: Sequence[str]
    named: Sequence[Named]
    """``named_in`` of each document."""
    terms: Family
    manifest: Manifest
    paths: frozenset[str]
    """Its files, without the manifest."""


@dataclass(frozen=True)
class Built:
    """The result of a build."""

    files: dict[str, bytes]
    """Content by path."""
    base: Base
    filing: Filing
    """The filing of all terms, which an overlay with other terms needs."""


def build_search(documents: Iterable[SearchDocument], facet_order: FacetOrder | None = None) -> dict[str, bytes]:
    """Every file of the search, by path below the site's root. The order of the documents does not change the bytes."""
    return build(documents, facet_order).files


def build(documents: Iterable[SearchDocument], facet_order: FacetOrder | None = None) -> Built:
    """Build the whole search."""
    ordered = sorted(documents, key=lambda document: document.id)
    # Packing is numpy, which releases the interpreter lock; terms are made meanwhile, in Python.
    with ThreadPoolExecutor(1) as pool:
        packing = pool.submit(make_segment, ordered, RARE)
        named = list(map(named_in, ordered))
        filing = file_terms(terms_of(named))
        terms = filing.files()
        segment = packing.result()
    pinyin = pinyin_file(filing.terms)
    facets = facet_file([(d.kind, d.facets) for d in ordered], facet_order or {})
    family = filing.bits, paths_of(terms)
    part, tables = segment.part(family)
    manifest = {
        "format": FORMAT,
        "slot": SLOT,
        "cards": CARDS,
        **part,
        "pinyin": hash_of(pinyin[0]),
        "facets": hash_of(facets[0]),
    }
    files = {**segment.files, **dict(filter(None, terms)), **dict((pinyin, facets, tables))}
    base = Base([d.id for d in ordered], named, family, manifest, frozenset(files))
    return Built(files | dict([manifest_file(manifest)]), base, filing)


def make_segment(ordered: Sequence[SearchDocument], rare: int) -> Segment:
    """Build the index of these documents, which are sorted by id; ``rare``: see ``postings.RARE``."""
    layout = lay_out(ordered)
    pairs, chars = pair_shards(layout, rare), char_shards(layout)
    texts = text_files(ordered)
    made: dict[str, tuple[int, list[File | None]]] = {
        "pairs": (pairs.bits, packed("pairs", pairs)),
        "chars": (chars.bits, packed("chars", chars)),
        "words": words_family(layout),
        "texts": (0, texts.texts),
        "cards": (0, texts.cards),
    }
    return Segment(
        layout,
        rare,
        {name: (bits, paths_of(shards)) for name, (bits, shards) in made.items()},
        large_shards([len(item[1]) if item else 0 for item in made["pairs"][1]]),
        texts.sizes,
        dict(item for _, shards in made.values() for item in shards if item),
    )


def paths_of(shards: Iterable[File | None]) -> list[str | None]:
    """The path of each shard, None for an empty one."""
    return [shard[0] if shard else None for shard in shards]


def manifest_file(manifest: Manifest) -> File:
    """Path and content of the manifest."""
    return f"{FOLDER}/manifest.js", f'archiveData("{FOLDER}/manifest",{as_script(manifest)})\n'.encode()


def pinyin_file(terms: Iterable[Term]) -> File:
    """Path and content of the readings of the characters in these terms, and of common ones."""
    characters = frozenset(filter(HAN.match, set("".join(term.text for term in terms))))
    return json_file("pinyin", reading_table(characters), "utf-16-le")


def words_family(layout: Layout) -> tuple[int, list[File | None]]:
    """Binary logarithm of the number of shards of words, and the shards."""
    words, placed = word_shards(layout)
    files = [
        json_file(f"words-{n:03x}", [" ".join(row), as_text(units)], "utf-16-le") if row else None
        for n, (row, units) in enumerate(zip(placed, words.units, strict=True))
    ]
    return words.bits, files


def packed(family: str, shards: Shards) -> list[File | None]:
    """Path and content of each shard of a family, None for an empty one."""
    return [packed_file(family, n, units) if len(units) else None for n, units in enumerate(shards.units)]


def text_sizes(sizes: Sequence[int]) -> str:
    """The number of documents in each text shard, packed."""
    if not sizes:
        return ""
    return as_text(pack(*gamma(np.array(sizes, dtype=np.int64)), np.array([0], dtype=np.int64))[0])


def large_shards(sizes: Sequence[int]) -> str:
    """Numbers and kilobytes of the large shards of these sizes: a query avoids reading them if it can."""
    return "".join(
        chr(UNIT_BASE + number) + chr(UNIT_BASE + size // 1000) for number, size in enumerate(sizes) if size > LARGE
    )


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
