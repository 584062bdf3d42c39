"""Terms: the dictionary for suggestions: titles, people, aliases, places, tags and headings, by pinyin and characters.

A term is filed under several keys; a query computes a few keys and reads their shards:

* ``cy``: first two initials of its pinyin, for ``cyk``, ``chunyuk``, ``淳yk`` and homophones;
* ``=cyk`` and ``=chunyukun``: the whole pinyin, if too many terms have the same first initials;
* ``淳于``, ``于髡``, ``淳髡``: first pair, last pair, and the outer pair of three characters. With one wrong or missing
  character at least one of them is still right, so that the term is found;
* ``c`` and ``淳``: the terms of greatest weight, for the first key stroke.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from .documents import SearchDocument, clean
from .fold import fold
from .pinyin import HAN, spell
from .postings import shard_bits, word_hash
from .shards import File, json_file

KINDS = ("people", "title", "aliases", "places", "tags", "headings")
"""Fields whose texts are terms, greatest weight first."""

BETWEEN = re.compile(r"[\s、，,;；|]+")
"""Separators between names in one field."""

LONGEST = 24
"""Most characters of a term; nobody types a longer heading."""

FEW, MANY = 24, 240
"""Most terms under a key of one character, and under a longer one."""


@dataclass(frozen=True)
class Term:
    """A word or title to suggest."""

    text: str
    kind: int
    """Index in ``KINDS``."""
    count: int
    """Number of documents that contain it."""
    pinyin: str

    @property
    def order(self) -> tuple[int, int, int, str, str]:
        """Sort key: greatest weight first."""
        return (self.kind, -self.count, len(self.text), self.text, self.pinyin)


Named = tuple[tuple[int, str], ...]
"""The terms of a document: kind and text, greatest weight first."""
Fact = tuple[int, int]
"""Kind and count of a term: see ``Term``."""


def terms_of(named: Iterable[Named]) -> list[Term]:
    """Every term of all documents with every reading, greatest weight first."""
    return sorted((t for text, fact in _facts(named).items() for t in _read(text, fact)), key=lambda t: t.order)


def _facts(named: Iterable[Named], texts: Set[str] | None = None) -> dict[str, Fact]:
    """The facts of each text, or of these texts only."""
    facts: dict[str, Fact] = {}
    for mine in named:
        for kind, text in mine:
            if texts is None or text in texts:
                best, count = facts.get(text, (kind, 0))
                facts[text] = min(kind, best), count + 1
    return facts


def _read(text: str, fact: Fact) -> Iterator[Term]:
    """A term with each of its readings."""
    kind, count = fact
    for pinyin in spell(text, KINDS[kind] in ("people", "aliases")) or [""]:
        yield Term(text, kind, count, pinyin)


def named_in(document: SearchDocument) -> Named:
    """The terms of a document."""
    return tuple(dict.fromkeys(_named(document)))


def _named(document: SearchDocument) -> Iterator[tuple[int, str]]:
    texts = sorted((KINDS.index(f.name), f.text) for f in document.all_fields if f.name in KINDS)
    for kind, text in texts:
        several = KINDS[kind] in ("people", "aliases", "places", "tags")
        pieces = BETWEEN.split(clean(text)) if several else clean(text).split("\n")
        yield from ((kind, piece.strip()) for piece in pieces if 0 < len(piece.strip()) <= LONGEST)


def keys_of(folded: str, pinyin: str) -> list[str]:
    """The keys under which a term is filed."""
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
    """Additional keys of a term for which there was no room under its first initials."""
    syllables = pinyin.split()
    return [f"={''.join(s[0] for s in syllables)}", f"={''.join(syllables)}"] if len(syllables) > 2 else []


@dataclass(frozen=True)
class Filing:
    """All terms, and the keys of each."""

    terms: Sequence[Term]
    """Sorted by ``Term.order``."""
    shards: Sequence[Mapping[str, Sequence[int]]]
    """For each shard, the indexes of terms under each key; under a whole key those that other keys have no room for."""

    @property
    def bits(self) -> int:
        """Binary logarithm of the number of shards."""
        return len(self.shards).bit_length() - 1

    def under(self, key: str) -> list[Term]:
        """The terms under a key."""
        return [self.terms[n] for n in self.shards[_shard(key, self.bits)].get(key, ())]

    def files(self) -> list[File | None]:
        """Path and content of each shard; None for an empty one."""
        return [self.file(n, {}) for n in range(len(self.shards))]

    def file(self, number: int, changes: Mapping[str, Sequence[Term]]) -> File | None:
        """Path and content of a shard in which ``changes`` replaces the terms of some keys."""
        mine: dict[str, Sequence[Term]] = {
            key: [self.terms[n] for n in under] for key, under in self.shards[number].items()
        }
        mine |= changes
        rows = {key: "\n".join(_cut(key, mine[key])[0]) for key in sorted(mine) if mine[key]}
        return json_file(f"terms-{number:03x}", rows) if rows else None


def file_terms(terms: Sequence[Term]) -> Filing:
    """File these terms, which are sorted."""
    filed: dict[str, list[int]] = {}
    # Folded in one call: a call for each term would take more time than everything else.
    folded = fold("\n".join(term.text for term in terms)).split("\n") if terms else []
    for n, (term, text) in enumerate(zip(terms, folded, strict=True)):
        for key in keys_of(text, term.pinyin):
            filed.setdefault(key, []).append(n)
    rows = 0
    whole: set[tuple[str, int]] = set()
    for key, under in filed.items():
        fitting, over = _cut(key, [terms[n] for n in under])
        rows += len(fitting)
        for term, n in zip(over, under[len(under) - len(over) :], strict=True):
            whole.update((w, n) for w in whole_keys(term.pinyin))
    for key, n in sorted(whole):
        filed.setdefault(key, []).append(n)
    rows += len(whole)
    bits = shard_bits(rows * 15)
    shards: list[dict[str, list[int]]] = [{} for _ in range(1 << bits)]
    for key, under in filed.items():
        shards[_shard(key, bits)][key] = under
    return Filing(terms, shards)


@dataclass(frozen=True)
class Refiled:
    """The effect of an edit on a filing."""

    changes: Mapping[int, Mapping[str, Sequence[Term]]]
    """For each changed shard, the new terms of each changed key."""
    terms: Sequence[Term]
    """All terms, unsorted."""


def refile(filing: Filing, before: Sequence[Named], after: Sequence[Named]) -> Refiled:
    """Update a filing after an edit. The number of shards does not change.

    Args:
        filing: the filing of the old terms.
        before: old terms of each document; none of a new one.
        after: new terms of each document; none of one that is gone.
    """
    texts = {text for old, new in zip(before, after, strict=True) if old != new for _, text in (*old, *new)}
    if not texts:
        return Refiled({}, filing.terms)
    was, now = _facts(before, texts), _facts(after, texts)
    changed = {text for text in texts if was.get(text) != now.get(text)}
    gone = {term for term in filing.terms if term.text in changed}
    come = [term for text, fact in now.items() if text in changed for term in _read(text, fact)]
    keys = {term: keys_of(fold(term.text), term.pinyin) for term in (*gone, *come)}
    changes: dict[str, list[Term]] = {}
    whole: dict[str, list[Term]] = {}
    for key in {key for mine in keys.values() for key in mine}:
        old = filing.under(key)
        changes[key] = _merged(old, gone, [term for term in come if key in keys[term]])
        over_then, over = _cut(key, old)[1], _cut(key, changes[key])[1]
        for term in {*over_then} ^ {*over}:
            for w in whole_keys(term.pinyin):
                whole.setdefault(w, []).append(term)
    for key, moved in whole.items():
        old = filing.under(key)
        changes[key] = _merged(old, {*old} & {*moved}, [t for t in moved if t not in old])
    terms = [*(term for term in filing.terms if term.text not in changed), *come]
    by_shard: dict[int, dict[str, Sequence[Term]]] = {}
    for key, under in changes.items():
        by_shard.setdefault(_shard(key, filing.bits), {})[key] = under
    return Refiled(by_shard, terms)


def _merged(old: Iterable[Term], gone: Set[Term], come: Iterable[Term]) -> list[Term]:
    return sorted([*(t for t in old if t not in gone), *come], key=lambda term: term.order)


def _cut(key: str, terms: Sequence[Term]) -> tuple[list[str], Sequence[Term]]:
    """The rows under a key, and the terms for which there is no room."""
    whole = key.startswith("=")
    room = len(terms) if whole else FEW if len(key) == 1 else MANY
    rows: list[str] = []
    for n, term in enumerate(terms):
        if len(rows) == room:
            return rows, terms[n:] if key.isascii() and len(key) > 1 else ()
        row = f"{term.text}\t{term.kind}\t{term.count}"
        if key.isascii() and not whole:  # the engine reads the pinyin only under a key of initials
            row += f"\t{term.pinyin}"
        if whole or row not in rows[-1:]:
            rows.append(row)
    return rows, ()


def _shard(key: str, bits: int) -> int:
    return word_hash(key) & ((1 << bits) - 1)
