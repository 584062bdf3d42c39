"""Fold: the form in which texts and queries are compared.

``fold`` maps each character to one character. It removes differences of width, capitals, accents on Latin letters,
traditional forms and variants. It never converts phrases: the same character would be folded differently depending on
its neighbours.

``normalise`` folds, then leaves out what a reader does not see or does not mean: invisible characters, combining marks,
spaces except between two Latin words, and commas that group the digits of a number. ``search-text.js`` does the same in
a browser, and keeps the offsets in the original text for marks and excerpts.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from opencc import OpenCC

Codes = npt.NDArray[np.uint32]

SEPARATOR, SINGLE, WORD, SPACE, DROPPED = 0, 1, 2, 3, 4
"""Classes of folded characters: separator, character that is indexed by itself, part of a Latin word or number; space,
and what is not part of the text as a reader sees it."""

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

SPACE_RANGES = (
    (0x09, 0x09),
    (0x0B, 0x0D),
    (0x20, 0x20),
    (0x85, 0x85),
    (0xA0, 0xA0),
    (0x1680, 0x1680),
    (0x2000, 0x200A),
    (0x2028, 0x2029),
    (0x202F, 0x202F),
    (0x205F, 0x205F),
    (0x3000, 0x3000),
)
"""White space (https://www.unicode.org/reports/tr44/#White_Space) without the line feed, which ends a paragraph."""

DROPPED_RANGES = (
    (0x00, 0x08),
    (0x0E, 0x1F),
    (0x7F, 0x84),
    (0x86, 0x9F),
    (0xAD, 0xAD),
    (0x300, 0x36F),
    (0x61C, 0x61C),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF),
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0x20D0, 0x20FF),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFE20, 0xFE2F),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFFB),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),
)
"""Control characters, default-ignorable code points (https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point:
zero width, soft hyphen, directions, variation selectors), and combining marks, so that ``o`` + U+0304 is ``ō``."""

_DOTS = "\u2022\u2027\u2219\u22c5\u30fb\uff65"
"""Signs that stand for the dot between the parts of a foreign name or title, U+00B7."""
_COMMA, _SPACE, _ZERO, _NINE = 0x2C, 0x20, 0x30, 0x39


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
    table[list(map(ord, _DOTS))] = ord("·")
    _simplify(table)
    return table


def _compatible(code: int) -> int:
    """Lower case, normal width, without accent; unchanged if the result would have more than one character."""
    plain = unicodedata.normalize("NFKC", chr(code)).lower()
    bare = unicodedata.normalize("NFD", plain)
    if len(plain) == 1 and bare and all(unicodedata.combining(c) for c in bare[1:]):
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


@cache
def code_point_classes() -> npt.NDArray[np.uint8]:
    """The class of each folded code point."""
    table = np.zeros(0x110000, dtype=np.uint8)
    classes = ((SINGLE_RANGES, SINGLE), (WORD_RANGES, WORD), (SPACE_RANGES, SPACE), (DROPPED_RANGES, DROPPED))
    for ranges, value in classes:
        for first, last in ranges:
            table[first : last + 1] = value
    return table


def code_points(text: str) -> Codes:
    """The text as an array of code points."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint32, copy=False)


def fold(text: str) -> str:
    """The folded text; the length does not change."""
    return fold_table()[code_points(text)].tobytes().decode("utf-32-le", "surrogatepass")


def normalise(codes: Codes) -> tuple[Codes, npt.NDArray[np.bool_]]:
    """The text as it is compared, and which of its characters are part of that."""
    folded = fold_table()[codes]
    classes = code_point_classes()[folded]
    kept = (classes != DROPPED) & (classes != SPACE)
    _keep_spaces_between_words(classes, kept)
    at = np.flatnonzero(kept)
    seen = folded[at]
    seen[classes[at] == SPACE] = _SPACE
    digits = np.concatenate(([False], (seen >= _ZERO) & (seen <= _NINE), [False] * 4))
    commas = np.flatnonzero(codes[at] == _COMMA)
    # A digit before, then three digits and no fourth: 1,800 but not 1998,1999. ``digits`` has one more at its start.
    groups = digits[commas] & digits[commas + 2] & digits[commas + 3] & digits[commas + 4] & ~digits[commas + 5]
    kept[at[commas[groups]]] = False
    return np.delete(seen, commas[groups]), kept


def _keep_spaces_between_words(classes: npt.NDArray[np.uint8], kept: npt.NDArray[np.bool_]) -> None:
    """Mark the first of the spaces between two Latin words as kept."""
    solid, spaces = np.flatnonzero(kept), np.flatnonzero(classes == SPACE)
    words = (classes[solid[:-1]] == WORD) & (classes[solid[1:]] == WORD)
    first = np.searchsorted(spaces, solid[:-1][words])
    found = first < np.searchsorted(spaces, solid[1:][words])
    kept[spaces[first[found]]] = True


def normal(text: str) -> str:
    """The text as it is compared."""
    return normalise(code_points(text))[0].astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")


def fold_pairs(alphabet: Codes) -> tuple[str, str]:
    """Sources and targets that a browser needs: those whose target occurs, without those it can compute."""
    table = fold_table()
    changed = np.flatnonzero(table != np.arange(0x110000, dtype=np.uint32))
    occurs = np.zeros(0x110000, dtype=bool)
    occurs[alphabet] = True
    computed = ((changed >= 0x41) & (changed <= 0x5A)) | ((changed >= 0xFF01) & (changed <= 0xFF5E))
    needed = changed[occurs[table[changed]] & ~computed]
    return "".join(map(chr, needed)), "".join(map(chr, table[needed]))
