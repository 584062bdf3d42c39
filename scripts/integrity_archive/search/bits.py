"""Bits: bit streams as text: codes of up to 60 bits, packed by numpy, fifteen bits in a UTF-16 unit.

A shard must be a script that every browser reads over ``file://``. Base64 would add a third to its size; UTF-16 adds a
fifteenth, and its byte order mark takes precedence over any header of a server. The units U+3000–U+AFFF need no escape
in a string literal and are never surrogates.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]

WORD_BITS = 60
"""Bits of a word: four units of fifteen bits; a code never spans more than two words."""

UNIT_BASE = 0x3000

_DOWN = np.array((45, 30, 15, 0), dtype=np.uint64)
"""Shifts of the four units of a word."""

ESCAPE = 20
"""Quotient from which a Rice code is replaced by the plain 32-bit value."""


def rice_parameter(universe: I64 | int, count: I64) -> I64:
    """The parameter for ``count`` sorted numbers below ``universe``; JavaScript computes the same."""
    mean = np.maximum(np.floor_divide(np.multiply(universe, 11), np.maximum(count, 1) * 16), 1)
    return np.asarray(np.floor(np.log2(mean)), dtype=np.int64)


def rice(values: I64, parameter: I64) -> tuple[U64, I64]:
    """Rice codes and their lengths in bits: the quotient as zeros, a one, then the low bits."""
    quotient = values >> parameter
    low = values - (quotient << parameter)
    escaped = quotient >= ESCAPE
    code = np.where(escaped, values, (np.int64(1) << parameter) | low).astype(np.uint64)
    length = np.where(escaped, ESCAPE + 32, quotient + 1 + parameter)
    return code, length


def gamma(values: I64) -> tuple[U64, I64]:
    """Elias gamma codes of numbers from 1, and their lengths in bits."""
    width = np.floor(np.log2(values)).astype(np.int64)
    return values.astype(np.uint64), 2 * width + 1


def pack(codes: U64, lengths: I64, starts: I64) -> list[npt.NDArray[np.uint16]]:
    """Units of each stream; ``starts`` has the index of each stream's first code, ascending from 0."""
    ends = np.cumsum(lengths)
    offsets = ends - lengths
    bounds = np.append(starts, len(codes))
    stream_bits = np.append(offsets, ends[-1])[bounds]
    words_in = (np.diff(stream_bits) + WORD_BITS - 1) // WORD_BITS
    first_word = np.cumsum(words_in) - words_in
    # Shift every stream to the beginning of a new word.
    offsets += np.repeat(first_word * WORD_BITS - stream_bits[:-1], np.diff(bounds))
    word = offsets // WORD_BITS
    over = offsets - word * WORD_BITS + lengths - WORD_BITS
    spills = np.flatnonzero(over > 0)
    shift = np.maximum(-over, 0).astype(np.uint64)
    part = codes << shift
    spill = over[spills].astype(np.uint64)
    part[spills] = codes[spills] >> spill
    words = np.zeros(int(words_in.sum()), dtype=np.uint64)
    heads = np.flatnonzero(np.diff(word, prepend=-1))
    words[word[heads]] = np.add.reduceat(part, heads)
    rest = codes[spills] & ((np.uint64(1) << spill) - np.uint64(1))
    words[word[spills] + 1] |= rest << (np.uint64(WORD_BITS) - spill)
    flat = units_of(words)
    return [flat[4 * a : 4 * (a + n)] for a, n in zip(first_word.tolist(), words_in.tolist(), strict=True)]


def units_of(words: U64) -> npt.NDArray[np.uint16]:
    """The units of these words, four for each."""
    return (((words[:, None] >> _DOWN) & np.uint64(0x7FFF)) + np.uint64(UNIT_BASE)).astype(np.uint16).reshape(-1)


def as_text(units: npt.NDArray[np.uint16]) -> str:
    """The units as a string."""
    return units.astype("<u2").tobytes().decode("utf-16-le")
