"""Fold: maps each character to one character, so that offsets in the original text remain valid.

It removes differences of width, capitals, accents on Latin letters, traditional forms and variants. It never converts
phrases: that may change lengths, and the same character would be folded differently depending on its neighbours.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from opencc import OpenCC

Codes = npt.NDArray[np.uint32]

SEPARATOR, SINGLE, WORD = 0, 1, 2
"""Classes of folded characters: separator, character that is indexed by itself, part of a Latin word or number."""

SINGLE_RANGES = (
    (0x3005, 0x3007),
    (0x3021, 0x3029),
    (0x3041, 0x3096),
    (0x30A1, 0x30FA),
    (0x3105, 0x312F),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xAC00, 0xD7A3),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
"""Inclusive. The engine in JavaScript has the same list, because regular expressions by script need ES2018."""

WORD_RANGES = (
    (0x30, 0x39),
    (0x61, 0x7A),
    (0xC0, 0xD6),
    (0xD8, 0xF6),
    (0xF8, 0x24F),
    (0x370, 0x52F),
    (0x1E00, 0x1EFF),
)


@cache
def variants() -> dict[str, str]:
    """Variants and old or Japanese forms that OpenCC's table does not contain, from ``variants.txt``."""
    lines = Path(__file__).with_name("variants.txt").read_text("utf-8").splitlines()
    pairs = (pair for line in lines if not line.startswith("#") for pair in line.split())
    return {pair[0]: pair[1] for pair in pairs}


@cache
def fold_table() -> Codes:
    """For each code point its folded code point."""
    table = np.arange(0x110000, dtype=np.uint32)
    for code in (*range(0x41, 0x5B), *range(0xC0, 0x530), *range(0x1E00, 0x1F00), *range(0x2E80, 0x2FE0)):
        table[code] = _compatible(code)
    for code in (*range(0xF900, 0xFB00), *range(0xFF01, 0xFF5F), *range(0x2F800, 0x2FA20), 0x3000):
        table[code] = _compatible(code)
    _simplify(table)
    return table


def _compatible(code: int) -> int:
    """Lower case, normal width, without accent; unchanged if the result would have more than one character."""
    plain = unicodedata.normalize("NFKC", chr(code)).lower()
    bare = unicodedata.normalize("NFD", plain)
    if len(plain) == 1 and bare and bare[0].isascii() and all(unicodedata.combining(c) for c in bare[1:]):
        plain = bare[0]
    return ord(plain) if len(plain) == 1 else code


def _simplify(table: Codes) -> None:
    """Fold traditional forms to simplified ones, then variants, after what the table does already."""
    converter = OpenCC("t2s")
    codes = [*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000), *range(0x20000, 0x31350)]
    # One call for all characters, one a line so that they form no phrase: a hundred times faster than single calls.
    lines = converter.convert("\n".join(map(chr, codes))).split("\n")
    simple = {code: ord(line) for code, line in zip(codes, lines, strict=True) if len(line) == 1}
    for source, target in variants().items():
        simple[ord(source)] = simple.get(ord(target), ord(target))
    mapping = np.arange(0x110000, dtype=np.uint32)
    mapping[list(simple)] = list(simple.values())
    # A target may have a simpler form itself, but folding is applied only once.
    mapping = mapping[mapping]
    table[:] = mapping[table]


@cache
def class_table() -> npt.NDArray[np.uint8]:
    """The class of each sixteen-bit code; the codes of surrogates stand for characters beyond the BMP."""
    table = np.zeros(0x10000, dtype=np.uint8)
    table[0xD800:0xE000] = SINGLE
    for ranges, value in ((SINGLE_RANGES, SINGLE), (WORD_RANGES, WORD)):
        for first, last in ranges:
            if last < 0x10000:
                table[first : last + 1] = value
    return table


def code_points(text: str) -> Codes:
    """The text as an array of code points."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint32, copy=False)


def fold(text: str) -> str:
    """The folded text; the length does not change."""
    return fold_table()[code_points(text)].tobytes().decode("utf-32-le", "surrogatepass")


def fold_pairs(alphabet: Codes) -> tuple[str, str]:
    """Sources and targets that a browser needs: those whose target occurs, without those it can compute."""
    table = fold_table()
    changed = np.flatnonzero(table != np.arange(0x110000, dtype=np.uint32))
    occurs = np.zeros(0x110000, dtype=bool)
    occurs[alphabet] = True
    computed = ((changed >= 0x41) & (changed <= 0x5A)) | ((changed >= 0xFF01) & (changed <= 0xFF5E))
    needed = changed[occurs[table[changed]] & ~computed]
    return "".join(map(chr, needed)), "".join(map(chr, table[needed]))
