"""Build the search of a site.

Everything lies in ``search/`` as scripts that call ``archiveData(name, payload)``; names carry a content hash:

* ``manifest.js``   sizes, and the names of the tables; the only name that never changes
* ``tables``        names of all shards, each document's slots and field lengths, folding pairs, large shards
* ``pairs-NNN``     character pairs with positions, or with documents when rare (``postings``)
* ``chars-NNN``     single characters; ``words-NNN`` Latin words and numbers
* ``texts-NNN``     a few documents with their text; ``cards-NNN`` many documents without
* ``facets``        documents of each facet value
* ``terms-NNN``     suggestions by pinyin and characters (``terms``); ``pinyin`` a reading for each character

One query reads the manifest, the tables, one shard for each second character, and the texts of the hits shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from .bits import UNIT_BASE, as_text, gamma, pack, rice, rice_parameter
from .documents import Document, FacetOrder
from .facets import facet_file
from .fold import fold_pairs
from .layout import SLOT, Layout, lay_out
from .pinyin import HAN, reading_table
from .postings import RARE, SHARD_UNITS, Shards, char_shards, pair_shards, word_shards
from .script import as_script
from .shards import FOLDER, hash_of, json_file, names_as_units, packed_file
from .terms import term_files, terms_of
from .texts import CARDS, text_files

FORMAT = 1
"""Raised whenever the engine must change with the files."""

LARGE = 6 * SHARD_UNITS
"""Bytes; one very common pair fills such a shard."""


def build_search(documents: Iterable[Document], facet_order: FacetOrder | None = None) -> dict[str, bytes]:
    """Every file of the search, by path below the site's root. Same documents, same bytes, in whatever order."""
    ordered = sorted(documents, key=lambda document: document.id)
    layout = lay_out(ordered)
    # The index is numpy, which frees the interpreter lock; texts and terms are Python, and run meanwhile.
    with ThreadPoolExecutor(1) as pool:
        packing = pool.submit(_index_files, layout)
        texts = text_files(ordered)
        terms = terms_of(ordered)
        term_bits, term_shards = term_files(terms)
        index = packing.result()
    files: dict[str, bytes] = {}
    names: list[int] = []
    families: dict[str, list[int]] = {}
    large = ""
    for family, bits, written in (
        *index,
        ("texts", 0, texts.texts),
        ("cards", 0, texts.cards),
        ("terms", term_bits, term_shards),
    ):
        files.update(item for item in written if item)
        families[family] = [bits, len(written)]
        names += names_as_units([item[0] if item else None for item in written])
        if family == "pairs":
            large = large_shards(written)
    pinyin = json_file("pinyin", reading_table({c for t in terms for c in t.text if HAN.match(c)}), "utf-16-le")
    facets = facet_file(ordered, facet_order or {})
    tables = json_file(
        "tables",
        [
            "".join(chr(UNIT_BASE + unit) for unit in names),
            document_table(layout),
            *fold_pairs(layout.alphabet),
            text_sizes(texts.sizes),
            large,
        ],
        "utf-16-le",
    )
    files.update((pinyin, facets, tables))
    manifest = {
        "format": FORMAT,
        "documents": len(ordered),
        "slot": SLOT,
        "rare": RARE,
        "cards": CARDS,
        "families": families,
        "parameters": table_parameters(layout),
        "tables": hash_of(tables[0]),
        "pinyin": hash_of(pinyin[0]),
        "facets": hash_of(facets[0]),
    }
    files[f"{FOLDER}/manifest.js"] = f'archiveData("{FOLDER}/manifest",{as_script(manifest)})\n'.encode()
    return files


Family = tuple[str, int, list[tuple[str, bytes] | None]]
"""Name of a family of shards, binary logarithm of their number, and their files."""


def _index_files(layout: Layout) -> list[Family]:
    """Pairs, characters and words."""
    pairs, chars = pair_shards(layout), char_shards(layout)
    words, placed = word_shards(layout)
    word_files = [
        json_file(f"words-{n:03x}", [" ".join(row), as_text(units)], "utf-16-le") if row else None
        for n, (row, units) in enumerate(zip(placed, words.units, strict=True))
    ]
    return [
        ("pairs", pairs.bits, _packed("pairs", pairs)),
        ("chars", chars.bits, _packed("chars", chars)),
        ("words", words.bits, word_files),
    ]


def _packed(family: str, shards: Shards) -> list[tuple[str, bytes] | None]:
    return [packed_file(family, n, units) if len(units) else None for n, units in enumerate(shards.units)]


def text_sizes(sizes: Sequence[int]) -> str:
    """How many documents each text shard holds."""
    if not sizes:
        return ""
    return as_text(pack(*gamma(np.array(sizes, dtype=np.int64)), np.array([0], dtype=np.int64))[0])


def large_shards(written: Sequence[tuple[str, bytes] | None]) -> str:
    """Number and kilobytes of each shard of three times the aimed size: a query reads around them where it can."""
    sizes = ((number, len(item[1])) for number, item in enumerate(written) if item)
    return "".join(chr(UNIT_BASE + n) + chr(UNIT_BASE + size // 1000) for n, size in sizes if size > LARGE)


def _columns(layout: Layout) -> list[np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Slots, then the room of classes 0 to 3, a row a document."""
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
