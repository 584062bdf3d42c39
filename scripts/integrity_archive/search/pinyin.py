"""Pinyin: readings of titles and names, with corrections where a general dictionary is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from itertools import islice, product
from pathlib import Path

import yaml

HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
PART = re.compile(r"[a-z0-9]+|[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")

TONES = str.maketrans(
    "āáǎàēéěèōóǒòīíǐìūúǔùüǖǘǚǜńňǹḿế", "aaaaeeeeooooiiiiuuuuvvvvvnnnme", "\u0300\u0301\u0304\u030c\u0302"
)
"""A ü is written v, as on keyboards."""

LONGEST_WORD = 5
"""Most characters of a word that is looked up in the dictionaries."""

MOST_READINGS = 4
"""Most readings of one term."""


@dataclass(frozen=True)
class Readings:
    """The corrections: readings of words, and of characters as surnames."""

    words: Mapping[str, tuple[str, ...]]
    surnames: Mapping[str, tuple[str, ...]]


@cache
def readings() -> Readings:
    """The readings in ``pinyin.yml``."""
    data = yaml.safe_load(Path(__file__).with_name("pinyin.yml").read_text("utf-8"))
    return Readings(_as_tuples(data["words"]), _as_tuples(data["surnames"]))


def _as_tuples(section: Mapping[str, str | Sequence[str]]) -> dict[str, tuple[str, ...]]:
    return {word: (value,) if isinstance(value, str) else tuple(value) for word, value in section.items()}


def spell(term: str, person: bool = False) -> list[str]:
    """Readings of a term, syllables separated by spaces, the usual one first."""
    choices = [choice for part in PART.findall(term.lower()) for choice in _part_readings(part)]
    if person and (surname := _surname(term)):
        choices[0] = surname
    joined = (" ".join(choice) for choice in product(*choices))
    return list(dict.fromkeys(filter(None, islice(joined, MOST_READINGS))))


def _surname(term: str) -> tuple[str, ...]:
    """Readings of the first character as a surname; empty if a known word begins there."""
    known = readings()
    if any(term[:n] in known.words for n in range(2, LONGEST_WORD + 1)):
        return ()
    return known.surnames.get(term[:1], ())


def _part_readings(part: str) -> list[tuple[str, ...]]:
    """Readings of each word and character: the longest words of the corrections first, then those of the dictionary."""
    if part.isascii():
        return [(part,)]
    words = readings().words
    spelled: list[tuple[str, ...]] = []
    at = 0
    while at < len(part):
        sizes = range(min(LONGEST_WORD, len(part) - at), 1, -1)
        pieces = [part[at : at + n] for n in sizes]
        if piece := next((p for p in pieces if p in words), None):
            spelled.append(words[piece])
        elif piece := next((p for p in pieces if p in _phrases()), None):
            spelled.append((" ".join(plain(syllables[0]) for syllables in _phrases()[piece]),))
        else:
            piece = part[at]
            spelled.append((character_reading(piece),))
        at += len(piece)
    return spelled


@cache
def _phrases() -> Mapping[str, list[list[str]]]:
    from pypinyin.constants import PHRASES_DICT  # a third of a second to load

    phrases: Mapping[str, list[list[str]]] = PHRASES_DICT
    return phrases


def plain(syllable: str) -> str:
    """A syllable without its tone."""
    return syllable.translate(TONES)


@cache
def character_reading(character: str) -> str:
    """The usual reading; empty if the dictionary has none."""
    from pypinyin.constants import PINYIN_DICT

    return plain(PINYIN_DICT.get(ord(character), "").split(",")[0])


@cache
def common_characters() -> frozenset[str]:
    """The characters of GB 2312, the ones that people usually type."""
    cells = (bytes((row, cell)) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF))
    return frozenset(filter(None, (cell.decode("gb2312", "ignore") for cell in cells)))


def reading_table(characters: Set[str]) -> str:
    """Syllables with their characters, as ``a阿啊|ai爱``, for these characters and the common ones."""
    groups: dict[str, list[str]] = {}
    for character in sorted(common_characters() | characters):
        if syllable := character_reading(character):
            groups.setdefault(syllable, []).append(character)
    return "|".join(f"{syllable}{''.join(groups[syllable])}" for syllable in sorted(groups))
