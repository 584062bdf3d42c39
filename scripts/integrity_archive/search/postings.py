"""Postings: where each pair of characters, character and word occurs, as packed shards.

A shard is a sequence of entries in the order of their keys; an entry is the gap to the previous key, a count, then a
list:

* count above ``RARE``, pairs only: every position, so that a phrase is found exactly without reading any text;
* otherwise: the documents, each with the class of the field of its first occurrence (``0`` body, ``10`` title or name,
  ``11`` heading, tag or summary). A phrase with such a rare pair has few candidates, which are checked in the text.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from .bits import I64, U64, gamma, pack, rice, rice_parameter
from .fold import SINGLE, WORD, class_table
from .layout import SLOT, Layout

Units = npt.NDArray[np.uint16]
At = npt.NDArray[np.uint32]

RARE = 8
"""A pair in more documents than this is stored with positions; in an overlay, which is small, every pair is."""

MIX = 40503
"""Odd factor that distributes the first characters of pairs over the shards."""

SHARD_UNITS = 6_500
"""Target size of a shard, in units of two bytes."""

CLASS_CODES = np.array([0b10, 0b10, 0b11, 0b11, 0], dtype=np.uint64)
CLASS_BITS = np.array([2, 2, 2, 2, 1], dtype=np.int64)

WORD_ORDINAL_BITS = 20
"""Bits of a word's key, which is its index among the words of its shard."""

HEADER_BITS = 29
"""Number of entries in 24 bits, parameter of the keys in 5."""

SHARE, PART, CHUNK = 2_000_000, 300_000, 60_000
"""Occurrences selected, sorted and packed at a time: limits memory and fits the processor's cache."""


@dataclass(frozen=True)
class Shards:
    """One family of shards."""

    bits: int
    """Binary logarithm of the number of shards."""
    units: list[Units]
    """Packed units of each shard; the index here is the shard's number."""


def shard_of_pair(first: Units, second: Units, bits: int) -> Units:
    """Numbers of the shards for these pairs."""
    mixed = second + first.astype(np.uint32) * np.uint32(MIX)
    return (mixed & np.uint32((1 << bits) - 1)).astype(np.uint16)


def shard_of_char(codes: Units, bits: int) -> Units:
    """Numbers of the shards for these characters."""
    return codes & np.uint16((1 << bits) - 1)


def pair_shards(layout: Layout, rare: int) -> Shards:
    """The shards of all pairs of neighbouring single characters; ``rare``: see ``RARE``."""
    single = class_table()[layout.codes] == SINGLE
    at = np.flatnonzero(single[:-1] & single[1:]).astype(np.uint32)
    bits = shard_bits(len(at) * 1.4)
    shard = shard_of_pair(layout.codes[at], layout.codes[1:][at], bits)

    def key(at: At) -> U64:
        return pair_keys(layout.codes[at], layout.codes[1:][at], bits)

    return _shards(layout, at, shard, key, bits, 32 - bits, rare)


def pair_keys(first: Units, second: Units, bits: int) -> U64:
    """Sort keys of pairs within their shards."""
    # The low bits of the second character follow from shard and first character, so 32 bits are enough.
    return ((second.astype(np.uint64) >> np.uint64(bits)) << np.uint64(16)) | first


def char_shards(layout: Layout) -> Shards:
    """The shards of single characters with their documents."""
    wanted = (class_table() == SINGLE)[layout.codes]
    bits = shard_bits(np.count_nonzero(wanted) * 0.13)
    at = np.flatnonzero(wanted & _firsts(layout)).astype(np.uint32)
    shard = shard_of_char(layout.codes[at], bits)

    def key(at: At) -> U64:
        return layout.codes[at].astype(np.uint64) >> np.uint64(bits)

    return _shards(layout, at, shard, key, bits, 16 - bits, None)


def _firsts(layout: Layout) -> npt.NDArray[np.bool_]:
    """Which positions are the first occurrence of their character in their document."""
    firsts = np.empty(layout.size, dtype=bool)
    last = np.empty(0x10000, dtype=np.uint32)
    for start, end in pairwise([0, *(np.cumsum(layout.slots) * SLOT).tolist()]):
        codes, places = layout.codes[start:end], np.arange(start, end, dtype=np.uint32)
        # In reverse order, so that the first place of a character overwrites the later ones.
        last[codes[::-1]] = places[::-1]
        firsts[start:end] = last[codes] == places
    return firsts


def word_shards(layout: Layout) -> tuple[Shards, list[list[str]]]:
    """The shards of Latin words and numbers with their documents, and the words of each shard in order."""
    letters = np.flatnonzero(class_table()[layout.codes] == WORD)
    breaks = np.flatnonzero(np.diff(letters) > 1)
    cuts = np.concatenate(([0], breaks + 1, [len(letters)])) if len(letters) else np.zeros(1, dtype=np.int64)
    starts = letters[cuts[:-1]]
    text = layout.codes[letters].astype("<u2").tobytes().decode("utf-16-le")
    words = [text[a:b] for a, b in pairwise(cuts.tolist())]
    bits = shard_bits(len(words) * 0.7)
    placed: list[list[str]] = [[] for _ in range(1 << bits)]
    for each in sorted(set(words)):
        placed[word_hash(each) & ((1 << bits) - 1)].append(each)
    places = {each: (shard, n) for shard, row in enumerate(placed) for n, each in enumerate(row)}
    word_places = np.array([places[each] for each in words], dtype=np.uint64).reshape(-1, 2)

    def key(at: At) -> U64:
        ordinals: U64 = word_places[np.searchsorted(starts, at), 1]
        return ordinals

    shard = word_places[:, 0].astype(np.uint16)
    return _shards(layout, starts.astype(np.uint32), shard, key, bits, WORD_ORDINAL_BITS, None), placed


def word_hash(word: str) -> int:
    """FNV-1a over UTF-16 units, which JavaScript can compute too."""
    value = 2166136261
    for (unit,) in np.frombuffer(word.encode("utf-16-le", "surrogatepass"), dtype="<u2").reshape(-1, 1).tolist():
        value = ((value ^ unit) * 16777619) & 0xFFFFFFFF
    return value


def shard_bits(units: float) -> int:
    """Binary logarithm of the number of shards that gives about the target size."""
    return min(12, max(0, round(float(np.log2(max(units, 1) / SHARD_UNITS)))))


def _shards(
    layout: Layout,
    at: At,
    shard: Units,
    key: Callable[[At], U64],
    bits: int,
    rest_bits: int,
    rare: int | None,
) -> Shards:
    """Sort and pack the occurrences, some shards at a time."""
    sizes = np.bincount(shard, minlength=1 << bits)
    place_bits = max(1, layout.size.bit_length())

    def work(group: tuple[int, int], at: At, shard: Units) -> list[Units]:
        here = (shard >= group[0]) & (shard < group[1])
        mine = at[here]
        ordered = shard[here].astype(np.uint64)
        ordered <<= np.uint64(rest_bits)
        ordered |= key(mine)
        ordered <<= np.uint64(place_bits)
        ordered |= mine
        ordered.sort()
        chunks = _groups(sizes, CHUNK, group)
        bounds = np.append(0, np.cumsum(sizes[slice(*group)]))
        return [
            units
            for a, b in chunks
            for units in _pack_chunk(
                layout, ordered[bounds[a - group[0]] : bounds[b - group[0]]], place_bits, rest_bits, (a, b), rare
            )
        ]

    units: list[Units] = []
    with ThreadPoolExecutor(2) as pool:  # numpy releases the interpreter lock; more threads would need more memory
        # Every part selects its occurrences from a share: selecting from all took as long as the rest of the work.
        for share in _groups(sizes, SHARE):
            here = (shard >= share[0]) & (shard < share[1])
            for part in pool.map(partial(work, at=at[here], shard=shard[here]), _groups(sizes, PART, share)):
                units += part
    return Shards(bits, units)


def _groups(sizes: I64, most: int, within: tuple[int, int] | None = None) -> list[tuple[int, int]]:
    """Ranges of shards (all, or those ``within`` a range) with about ``most`` occurrences each."""
    first, end = within or (0, len(sizes))
    totals = np.cumsum(sizes[first:end])
    cuts = np.searchsorted(totals, np.arange(most, int(totals[-1]), most)) + 1
    bounds = np.unique(np.concatenate(([0], cuts, [end - first]))) + first
    return list(pairwise(bounds.tolist()))


def _pack_chunk(
    layout: Layout, ordered: U64, place_bits: int, rest_bits: int, group: tuple[int, int], rare: int | None
) -> list[Units]:
    """Pack the shards ``group[0]`` to ``group[1]`` from their sorted occurrences."""
    keys = ordered >> np.uint64(place_bits)
    place = (ordered & np.uint64((1 << place_bits) - 1)).astype(np.int64)
    lists = list_codes(layout, keys, place, rare)
    return _assemble(keys[lists.heads], lists, rest_bits, group)


@dataclass(frozen=True)
class Lists:
    """The lists of all keys."""

    heads: I64
    """Index of each key's first occurrence."""
    count: I64
    """Number of items in each list."""
    code: U64
    length: I64
    """Codes, and their lengths in bits, of the items of all lists."""


def list_codes(layout: Layout, keys: U64, place: I64, rare: int | None) -> Lists:
    """Encode the lists of these occurrences, which are sorted by key and place."""
    if not len(keys):
        none = np.empty(0, dtype=np.int64)
        return Lists(none, none, none.astype(np.uint64), none)
    doc = layout.doc_of_slot[place // SLOT].astype(np.int64)
    new_key = np.append(True, keys[1:] != keys[:-1])
    heads = np.flatnonzero(new_key)
    entry = np.cumsum(new_key) - 1
    new_doc = new_key | np.append(True, doc[1:] != doc[:-1])
    spread = np.add.reduceat(new_doc.astype(np.int64), heads)
    dense = spread > rare if rare is not None else np.zeros(len(heads), dtype=bool)
    listed = new_doc | dense[entry]
    owner = entry[listed]
    in_dense = dense[owner]
    value = np.where(in_dense, place[listed], doc[listed])
    gap = np.diff(value, prepend=0) - 1
    firsts = new_key[listed]
    gap[firsts] = value[firsts]
    count = np.where(dense, np.diff(np.append(heads, len(keys))), spread)
    universe = np.where(dense, layout.size, layout.documents)
    code, length = rice(gap, rice_parameter(universe, count)[owner])
    field = layout.classes[place[listed]]
    field_bits = np.where(in_dense, 0, CLASS_BITS[field])
    code = (code << field_bits.astype(np.uint64)) | np.where(in_dense, np.uint64(0), CLASS_CODES[field])
    return Lists(heads, count, code, length + field_bits)


def _assemble(keys: U64, lists: Lists, rest_bits: int, group: tuple[int, int]) -> list[Units]:
    """Interleave keys, counts and lists, put a header before each shard, and pack them."""
    shards = [np.empty(0, dtype=np.uint16)] * (group[1] - group[0])
    if not len(keys):
        return shards
    count = lists.count
    shard = (keys >> np.uint64(rest_bits)).astype(np.int64)
    rest = (keys & np.uint64((1 << rest_bits) - 1)).astype(np.int64)
    leads = np.append(True, shard[1:] != shard[:-1])
    lead_at = np.flatnonzero(leads)
    entries = np.diff(np.append(lead_at, len(keys)))
    rest_gap = np.diff(rest, prepend=0) - 1
    rest_gap[lead_at] = rest[lead_at]
    parameter = _key_parameter(rest_gap, lead_at, entries)
    key_code, key_length = rice(rest_gap, np.repeat(parameter, entries))
    count_code, count_length = gamma(count)
    # Every entry takes a key, a count and ``count`` list codes; the first of a shard also a header.
    size = count + 2 + leads
    start = np.cumsum(size) - size
    key_at = start + leads
    codes = np.zeros(int(size.sum()), dtype=np.uint64)
    lengths = np.zeros(len(codes), dtype=np.int64)
    codes[start[lead_at]] = (entries.astype(np.uint64) << np.uint64(5)) | parameter.astype(np.uint64)
    lengths[start[lead_at]] = HEADER_BITS
    codes[key_at], lengths[key_at] = key_code, key_length
    codes[key_at + 1], lengths[key_at + 1] = count_code, count_length
    listed = lengths == 0
    codes[listed], lengths[listed] = lists.code, lists.length
    filled = (shard[lead_at] - group[0]).tolist()
    for number, units in zip(filled, pack(codes, lengths, start[lead_at]), strict=True):
        shards[number] = units
    return shards


def _key_parameter(gaps: I64, lead_at: I64, entries: I64) -> I64:
    """The best Rice parameter for each shard's keys, by trial: keys are clustered, so their mean is a bad guide."""
    choices = np.arange(4, 20)
    costs = [np.add.reduceat(rice(gaps, np.full(len(gaps), choice))[1], lead_at) for choice in choices]
    fits: I64 = choices[np.argmin(costs, axis=0)]
    return np.where(entries > 1, fits, rice_parameter(gaps[lead_at] + 1, entries))
