"""Slugs: lowercase ASCII pinyin names for files and addresses, safe on FAT32, in zip tools and in URLs."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from integrity_archive.support.windows import is_reserved

LENGTH_LIMIT = 60
"""Longest slug made from a title, in characters."""


def slugify(text: str, fallback: str | None = None) -> str:
    """Pinyin syllables joined by hyphens: ``杨震四知`` becomes ``yang-zhen-si-zhi``.

    A text with no character that can be spelled gets ``fallback``, by default the beginning of its SHA-256.
    """
    plain = unicodedata.normalize("NFKC", text).lower()
    words: list[str] = []
    for part in _pinyin(plain, errors=lambda run: f" {run} "):
        words += re.findall(r"[a-z0-9]+", part)
    slug = ""
    for word in words:
        if len(slug) + 1 + len(word) > LENGTH_LIMIT:
            break
        slug += f"-{word}" if slug else word
    return slug or (_digest(text) if fallback is None else fallback)


@dataclass(frozen=True)
class Spelling:
    """A name in pinyin."""

    slug: str
    """As ``slugify`` makes it; homophones have the same."""
    sort_key: tuple[str, str]

    @property
    def initial(self) -> str:
        """The letter under which an index lists the name; ``#`` if its pinyin does not begin with a letter."""
        letter = self.sort_key[0][:1].upper()
        return letter if "A" <= letter <= "Z" else "#"


def spellings(names: Iterable[str], known: Mapping[str, Spelling]) -> Mapping[str, Spelling]:
    """The spelling of each name; those that are known are not made again, because that takes 0.1 ms each."""
    return {name: known.get(name) or Spelling(slugify(name), sort_key(name)) for name in names}


def name_slugs(spelled: Mapping[str, Spelling]) -> Mapping[str, str]:
    """A slug for each name: also a file name that the program does not use itself and that Windows allows.

    All homophones get a digest as a suffix, so that no slug depends on the order of names.
    """
    by_slug: dict[str, list[str]] = defaultdict(list)
    for name, spelling in spelled.items():
        by_slug[spelling.slug].append(name)
    return {
        name: slug if len(same) == 1 and not (slug == "index" or is_reserved(slug)) else f"{slug}-{_digest(name)}"
        for slug, same in by_slug.items()
        for name in same
    }


def sort_key(text: str) -> tuple[str, str]:
    """Sorts Chinese by pinyin as dictionaries do, syllable by syllable (yan before yang), then by code point."""
    return (" ".join(_pinyin(text)).lower(), text)


def _pinyin(text: str, **options: Any) -> list[str]:
    from pypinyin import lazy_pinyin  # its dictionary takes a third of a second to load

    syllables: list[str] = lazy_pinyin(text, **options)
    return syllables


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:6]
