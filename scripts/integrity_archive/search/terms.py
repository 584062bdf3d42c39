"""The dictionary behind suggestions: titles, people, aliases, places, tags and headings, by pinyin and by characters.

A term is filed under several keys; a query reads the shards of the few keys it can name itself:

* ``cy``: first two initials of its pinyin, for ``cyk``, ``chunyuk``, ``淳yk`` and homophones;
* ``=cyk`` and ``=chunyukun``: all of it, when too many terms begin like it;
* ``淳于``, ``于髡``, ``淳髡``: first pair, last pair, and the outer pair of three characters. One wrong or missing
  character spares at least one of them, so that the others lead back to the term;
* ``c`` and ``淳``: the weightiest terms, for the first key stroke.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from .documents import Document, clean
from .fold import fold
from .pinyin import HAN, spell
from .postings import shard_bits, word_hash
from .shards import json_file

KINDS = ("people", "title", "aliases", "places", "tags", "headings")
"""Fields whose texts are terms, weightiest first."""

BETWEEN = re.compile(r"[\s、，,;；|]+")
"""What separates names in one field."""

LONGEST = 24
"""Characters; a longer heading is not what anyone types."""

FEW, MANY = 24, 240
"""Terms kept under a key of one character, and under a longer one."""


@dataclass(frozen=True)
class Term:
    """A word or title to suggest."""

    text: str
    kind: int
    """Place in ``KINDS``."""
    count: int
    """How many documents name it."""
    document: int
    """The document it names best."""
    pinyin: str

    @property
    def order(self) -> tuple[int, int, int, str, str]:
        """Weightiest first."""
        return (self.kind, -self.count, len(self.text), self.text, self.pinyin)


Named = tuple[tuple[int, str], ...]
"""The terms in a document: kind and text, weightiest first."""
Spell = Callable[[str, bool], Sequence[str]]
"""Readings of a text that may be a person's name."""


def terms_of(named: Iterable[Named], spell: Spell = spell) -> list[Term]:
    """Every term of all documents with every reading, weightiest first."""
    found: dict[str, tuple[int, int, int]] = {}
    for number, mine in enumerate(named):
        for kind, text in mine:
            best, count, holder = found.get(text, (kind, 0, number))
            found[text] = (min(kind, best), count + 1, number if kind < best else holder)
    terms = (
        Term(text, kind, count, holder, pinyin)
        for text, (kind, count, holder) in found.items()
        for pinyin in spell(text, KINDS[kind] in ("people", "aliases")) or [""]
    )
    return sorted(terms, key=lambda term: term.order)


def named_in(document: Document) -> Named:
    """The terms in a document."""
    return tuple(dict.fromkeys(_named(document)))


def _named(document: Document) -> Iterator[tuple[int, str]]:
    texts = sorted((KINDS.index(f.name), f.text) for f in document.all_fields if f.name in KINDS)
    for kind, text in texts:
        several = KINDS[kind] in ("people", "aliases", "places", "tags")
        pieces = BETWEEN.split(clean(text)) if several else clean(text).split("\n")
        yield from ((kind, piece.strip()) for piece in pieces if 0 < len(piece.strip()) <= LONGEST)


def keys_of(folded: str, pinyin: str) -> list[str]:
    """The keys a term is filed under."""
    initials = "".join(syllable[0] for syllable in pinyin.split(" ", 2)[:2] if syllable)
    han = "".join(HAN.findall(folded))
    keys = [initials, initials[:1]]
    if len(han) >= 2:
        keys += (han[:2], han[-2:], han[0])
    if len(han) == 3:
        keys.append(han[0] + han[2])
    if len(han) == 2:
        keys.append(han[1])
    return list(dict.fromkeys(filter(None, keys)))


def whole_keys(pinyin: str) -> list[str]:
    """Keys of a term for which there was no room among those that begin like it."""
    syllables = pinyin.split()
    return [f"={''.join(s[0] for s in syllables)}", f"={''.join(syllables)}"] if len(syllables) > 2 else []


def term_files(terms: Sequence[Term]) -> tuple[int, list[tuple[str, bytes] | None]]:
    """Binary logarithm of the number of shards, and each shard's path and content; None for an empty one."""
    filed: dict[str, list[str]] = {}
    # Folded in one go: a call for each would cost more than all the rest.
    folded = fold("\n".join(term.text for term in terms)).split("\n") if terms else []
    for term, text in zip(terms, folded, strict=True):
        plain = f"{term.text}\t{term.kind}\t{term.count}\t{term.document}"
        for key in keys_of(text, term.pinyin):
            row = filed.setdefault(key, [])
            # Pinyin is read only under a beginning in letters.
            record = f"{plain}\t{term.pinyin}" if key.isascii() else plain
            if len(row) < (FEW if len(key) == 1 else MANY):
                if record not in row[-1:]:
                    row.append(record)
            elif key.isascii() and len(key) > 1:
                for whole in whole_keys(term.pinyin):
                    filed.setdefault(whole, []).append(plain)
    bits = shard_bits(sum(map(len, filed.values())) * 15)
    shards: list[dict[str, str]] = [{} for _ in range(1 << bits)]
    for key in sorted(filed):
        shards[word_hash(key) & ((1 << bits) - 1)][key] = "\n".join(filed[key])
    return bits, [json_file(f"terms-{n:03x}", shard) if shard else None for n, shard in enumerate(shards)]
