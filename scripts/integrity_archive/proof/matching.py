"""Matching: finds wordings in books, exactly or approximately.

All wordings are searched in one pass: the first four characters of each are hashed, and so are those at every place of
a book; where the hashes agree, the whole wording is compared. Most places are ruled out by the first bits of the hash.
Results are cached by the content of the files, so that a second run only reads them.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from integrity_archive.proof.books import Books, Passage, han_characters, is_han
from integrity_archive.search.fold import code_points
from integrity_archive.support.atomic_file import write_whole
from integrity_archive.support.cache import cache_folder, key_of
from integrity_archive.support.progress import Progress, no_progress
from integrity_archive.support.regular_file import read_regular

GRAM = 4
"""Number of hashed characters: with three, too many hashes agree by chance."""
LIKE = 0.6
"""Least share of common characters for the nearest passage to be displayed next to a wording."""

FIRST_BITS = 16
"""Bits of a hash that are compared first, in a table small enough for the processor's cache."""
RUNS_KEPT = 8
"""Sets of wordings whose results are cached; every edit of an entry makes a new set."""

LARGEST = 256 << 20
"""Largest file of remembered hits that is read, in bytes."""
_FORMAT = 1
"""Version of the cached results; a change makes them invalid."""
_REST = np.uint64(64 - FIRST_BITS)
_FACTOR = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class NearMatch:
    """The passage most similar to a wording."""

    passage: Passage
    start: int
    end: int
    """``start`` and ``end`` count folded characters of the passage."""
    like: float
    """Share of common characters, from 0 to 1."""


def find_exact(
    books: Books, wordings: Iterable[str], progress: Progress = no_progress
) -> Mapping[str, tuple[Passage, ...]]:
    """The passages that contain each wording exactly.

    Args:
        books: the books to search.
        wordings: folded Chinese characters; a wording of fewer than four is skipped.
        progress: reports progress.
    """
    patterns = sorted({w for w in wordings if len(w) >= GRAM})
    matches: dict[str, list[Passage]] = {pattern: [] for pattern in patterns}
    if not patterns:
        return {}
    heads = np.concatenate([_grams(pattern)[:1] for pattern in patterns])
    order = np.argsort(heads, kind="stable")
    index = _Index(patterns, heads[order], order)
    path = cache_folder("proof") / f"{key_of(_FORMAT, *patterns)}.json"
    remembered, hits_of = _remembered(path, len(patterns)), {}
    numbered = list(enumerate(books.passages))
    for number, passage in progress(numbered, "对读", len(numbered)):
        key = key_of(books.digests[number], passage.line)
        hits = remembered[key] if key in remembered else sorted(index.hits(passage))
        hits_of[key] = hits
        for hit in hits:
            matches[patterns[hit]].append(passage)
    if hits_of != remembered:
        _remember(path, hits_of)
    return {pattern: tuple(passages) for pattern, passages in matches.items()}


@dataclass(frozen=True)
class _Index:
    """Wordings to search for, by the hash of their first characters."""

    patterns: Sequence[str]
    heads: npt.NDArray[np.uint64]
    """Hashes of the patterns, sorted."""
    order: npt.NDArray[np.intp]
    """Index of the pattern of each hash."""

    @cached_property
    def beginnings(self) -> npt.NDArray[np.bool_]:
        """Which first bits occur."""
        table = np.zeros(1 << FIRST_BITS, dtype=bool)
        table[self.heads >> _REST] = True
        return table

    def hits(self, passage: Passage) -> set[int]:
        """Indexes of the patterns that a passage contains."""
        grams = _grams(passage.folded)
        places = np.flatnonzero(self.beginnings[grams >> _REST])
        left = np.searchsorted(self.heads, grams[places], "left")
        right = np.searchsorted(self.heads, grams[places], "right")
        hits: set[int] = set()
        for found in np.flatnonzero(right > left).tolist():
            for number in self.order[left[found] : right[found]].tolist():
                if passage.folded.startswith(self.patterns[number], places[found]):
                    hits.add(number)
        return hits


def _grams(text: str) -> npt.NDArray[np.uint64]:
    """A hash of the four characters at each place."""
    codes = code_points(text).astype(np.uint64)
    if len(codes) < GRAM:
        return np.zeros(0, dtype=np.uint64)
    grams = codes[: len(codes) - GRAM + 1].copy()
    for step in range(1, GRAM):
        grams = grams * _FACTOR + codes[step : len(codes) - GRAM + 1 + step]
    return grams


def nearest_match(wording: str, passages: Iterable[Passage]) -> NearMatch | None:
    """The place most similar to a wording of folded characters; None if none is similar enough."""
    best: NearMatch | None = None
    pairs = {wording[n : n + 2]: n for n in range(len(wording) - 1)}
    for passage in passages:
        for start in _diagonals(passage.folded, pairs):
            first, last = max(0, start - 2), min(len(passage.folded), start + len(wording) + 2)
            blocks = SequenceMatcher(None, wording, passage.folded[first:last], autojunk=False).get_matching_blocks()
            common = [block for block in blocks if block.size]
            if not common:
                continue
            like = sum(block.size for block in common) / len(wording)
            if best is None or like > best.like:
                begin, end = first + common[0].b, first + common[-1].b + common[-1].size
                best = NearMatch(passage, begin, end, like)
    return best if best and best.like >= LIKE else None


def _diagonals(text: str, pairs: Mapping[str, int]) -> Iterator[int]:
    """Start positions at which most character pairs of the wording would be at their place in the text."""
    votes: dict[int, int] = {}
    for pair, offset in pairs.items():
        place = text.find(pair)
        while place >= 0:
            votes[place - offset] = votes.get(place - offset, 0) + 1
            place = text.find(pair, place + 1)
    best = sorted(votes, key=lambda start: -votes[start])[:3]
    yield from (max(0, start) for start in best if votes[start] >= max(1, len(pairs) // 4))


def differences(wording: str, other: str) -> tuple[tuple[str, bool], ...]:
    """A wording in pieces, each with whether the other text contains it too; what is not a Chinese character is not
    compared and counts as contained."""
    folded = han_characters(wording)
    same = np.zeros(len(folded), dtype=bool)
    for block in SequenceMatcher(None, folded, han_characters(other), autojunk=False).get_matching_blocks():
        same[block.a : block.a + block.size] = True
    contained = np.ones(len(wording), dtype=bool)
    contained[is_han(code_points(wording))] = same
    cuts = [0, *(np.flatnonzero(contained[1:] != contained[:-1]) + 1).tolist(), len(wording)]
    return tuple((wording[start:end], bool(contained[start])) for start, end in pairwise(cuts))


def _remembered(path: Path, count: int) -> dict[str, list[int]]:
    """Cached hits by key of the passage: indexes below ``count``; empty if there are none."""
    try:
        stored = json.loads(read_regular(path, LARGEST))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(stored, dict):
        return {}
    return {key: hits for key, hits in stored.items() if _is_hits(hits, count)}


def _is_hits(hits: object, count: int) -> bool:
    return isinstance(hits, list) and all(type(hit) is int and 0 <= hit < count for hit in hits)


def _remember(path: Path, found: Mapping[str, list[int]]) -> None:
    """Store the hits and delete all but the newest files; an error is ignored, because they can be computed again."""
    with contextlib.suppress(OSError):
        write_whole(path, json.dumps(found).encode())
        for old in sorted(path.parent.glob("*.json"), key=lambda p: p.stat().st_mtime)[:-RUNS_KEPT]:
            old.unlink(missing_ok=True)
