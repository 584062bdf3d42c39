"""Kept pairs: the codes of a build's pairs before they were packed, so that an edit makes few of them again.

A common pair is in every document, and a small edit moves some positions of one of them: of the ten thousand numbers
in the pair's list all but a few stay as they were, and so do their codes.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .bits import I64, U64, gamma, rice, rice_parameter
from .layout import Layout
from .postings import RARE, At, Packed, Tokens, Units, list_codes, pack_pairs, pair_keys, pairs_in, shard_of_pair

_FILES: dict[str, np.dtype[Any]] = {
    "places": np.dtype("<u4"),
    "entries": np.dtype("<u4"),
    "codes": np.dtype("<u4"),
    "lengths": np.dtype("u1"),
}
_TABLE = "pairs.npy"
_CHUNK = 500_000
"""Codes packed at a time."""


class Keeper:
    """Writes the pairs of a build into a folder as they are packed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._rows: list[tuple[int, ...]] = []
        self._full = False

    def __call__(self, packed: Packed) -> None:
        """Keep these shards, which follow those before; where there is no room, nothing is kept."""
        assert packed.places is not None and packed.entries is not None and packed.tokens is not None
        tokens = packed.tokens
        parts: dict[str, npt.NDArray[Any]] = {
            "places": packed.places,
            "entries": packed.entries.reshape(-1),
            "codes": tokens.codes,
            "lengths": tokens.lengths,
        }
        try:
            for name, part in parts.items():
                parts[name] = part.astype(_FILES[name])
                with open(self._folder / name, "ab") as stream:
                    parts[name].tofile(stream)
        except OSError:
            self._full = True
            return
        # An entry has a key, a count and its list; a shard a header too.
        each = packed.entries.astype(np.int64)
        ends = np.cumsum(each[:, 1] + 2)
        filled = np.diff(tokens.starts) > 0
        entries = np.searchsorted(ends, np.cumsum(np.diff(tokens.starts) - filled), side="right")
        places = np.append(0, np.cumsum(each[:, 0]))[entries]
        bounds = [np.append(0, b).tolist() for b in (places, entries * 2)]
        tokens_at = tokens.starts.tolist()
        for n in range(len(tokens_at) - 1):
            cuts = [slice(b[n], b[n + 1]) for b in (*bounds, tokens_at, tokens_at)]
            total = 0
            for part, cut in zip(parts.values(), cuts, strict=True):
                total = zlib.crc32(part[cut].tobytes(), total)
            self._rows.append((*(cut.stop - cut.start for cut in cuts[:3]), total))

    def close(self) -> None:
        """Write which shard is where.

        Raises:
            OSError: there was no room.
        """
        if self._full:
            raise OSError("no room for pairs")
        for name in _FILES:
            (self._folder / name).touch()
        np.save(self._folder / _TABLE, np.array(self._rows, dtype=np.int64).reshape(-1, 4))


@dataclass(frozen=True)
class Shard:
    """One shard as it was."""

    places: At
    entries: npt.NDArray[np.uint32]
    codes: npt.NDArray[np.uint32]
    lengths: npt.NDArray[np.uint8]


class KeptPairs:
    """What a ``Keeper`` wrote; read as it is asked for."""

    def __init__(self, folder: Path) -> None:
        """Open a folder.

        Raises:
            OSError, ValueError: it is not there, or not what was written.
        """
        self._table = np.load(folder / _TABLE)
        self._ends = np.vstack((np.zeros((1, 4), dtype=np.int64), np.cumsum(self._table, axis=0)))
        self._parts: dict[str, npt.NDArray[Any]] = {}
        for column, (name, kind) in enumerate(_FILES.items()):
            size = int(self._ends[-1, min(column, 2)])
            if (folder / name).stat().st_size != size * kind.itemsize:
                raise ValueError(folder / name)
            self._parts[name] = np.memmap(folder / name, kind, "r") if size else np.empty(0, dtype=kind)

    @property
    def count(self) -> int:
        """How many pairs there are."""
        return int(self._ends[-1, 0])

    def shard(self, n: int) -> Shard:
        """One shard.

        Raises:
            ValueError: it is not what was written.
        """
        total, cuts = 0, []
        for column, part in enumerate(self._parts.values()):
            at = min(column, 2)
            cut = np.asarray(part[self._ends[n, at] : self._ends[n + 1, at]])
            total = zlib.crc32(cut.tobytes(), total)
            cuts.append(cut)
        if total != self._table[n, 3]:
            raise ValueError(f"pairs {n:03x} are damaged")
        places, entries, codes, lengths = cuts
        return Shard(places, entries.reshape(-1, 2), codes, lengths)


@dataclass(frozen=True)
class Own:
    """The pairs of some documents, by shard, key and place."""

    shard: Units
    keys: U64
    at: At

    @classmethod
    def of(cls, codes: Units, slots: Sequence[slice], bits: int) -> Own:
        """The pairs in some slots."""
        own = [pairs_in(codes[slot]) + np.uint32(slot.start) for slot in slots]
        at = np.concatenate([np.empty(0, dtype=np.uint32), *own]).astype(np.uint32)
        first, second = codes[at], codes[1:][at]
        shard, keys = shard_of_pair(first, second, bits), pair_keys(first, second, bits)
        order = np.lexsort((at, keys, shard))
        return cls(shard[order], keys[order], at[order])

    def within(self, n: int) -> Own:
        """Those of one shard."""
        here = slice(*np.searchsorted(self.shard, (n, n + 1)).tolist())
        return Own(self.shard[here], self.keys[here], self.at[here])

    def under(self, key: np.uint64) -> At:
        """Places of one pair; of a single shard."""
        return self.at[slice(*np.searchsorted(self.keys, (key, key + np.uint64(1))).tolist())]


def repacked(
    kept: KeptPairs, was: Layout, now: Layout, slots: Sequence[slice], bits: int, numbers: Iterable[int]
) -> dict[int, Units]:
    """Some shards as they are now.

    Args:
        kept: all pairs as they were.
        was: everything as it was.
        now: everything as it is.
        slots: places of all documents that are different, in their order.
        bits: binary logarithm of the number of shards.
        numbers: the shards wanted.

    Raises:
        ValueError: what was kept is not what was written.
    """
    gone, come = Own.of(was.codes, slots, bits), Own.of(now.codes, slots, bits)
    spliced: list[tuple[int, Tokens]] = []
    anew: list[tuple[int, At]] = []
    for n in sorted(numbers):
        shard = kept.shard(n)
        tokens = _spliced(shard, _Change(was, now, slots, bits, gone.within(n), come.within(n)))
        if tokens is not None:
            spliced.append((n, tokens))
        else:
            stay = np.ones(len(shard.places), dtype=bool)
            for slot in slots:
                stay &= (shard.places < slot.start) | (shard.places >= slot.stop)
            anew.append((n, np.concatenate((shard.places[stay], come.within(n).at))))
    made = dict(_packed(spliced))
    if anew:
        at = np.concatenate([at for _, at in anew])
        shard_of = np.repeat(np.array([n for n, _ in anew], dtype=np.uint16), [len(at) for _, at in anew])
        packed = pack_pairs(now, at, shard_of, bits)
        made |= {n: packed.units[n] for n, _ in anew}
    return made


@dataclass(frozen=True)
class _Change:
    """What is different in a shard."""

    was: Layout
    now: Layout
    slots: Sequence[slice]
    bits: int
    gone: Own
    come: Own


def _spliced(shard: Shard, change: _Change) -> Tokens | None:
    """The codes of a shard; None where pairs come or go, which moves the keys of others."""
    heads = np.append(0, np.cumsum(shard.entries[:, 0].astype(np.int64)))
    first = shard.places[heads[:-1]]
    keys = pair_keys(change.was.codes[first], change.was.codes[1:][first], change.bits)
    # A header, then for each entry a key, a count and its list.
    counts = np.append(1, 1 + np.cumsum(shard.entries[:, 1].astype(np.int64) + 2)) + 1
    if not np.isin(change.come.keys, keys).all():
        return None
    codes: list[npt.NDArray[Any]] = []
    lengths: list[npt.NDArray[Any]] = []
    done = 0
    for key in np.union1d(change.gone.keys, change.come.keys):
        n = int(np.searchsorted(keys, key))
        size = int(shard.entries[n, 1])
        here = slice(int(counts[n]), int(counts[n]) + 1 + size)
        places = shard.places[heads[n] : heads[n + 1]].astype(np.int64)
        made = _listed(places, shard.codes[here][1:], shard.lengths[here][1:], change.come.under(key), change)
        if made is None:
            return None
        codes += (shard.codes[done : here.start], made[0])
        lengths += (shard.lengths[done : here.start], made[1])
        done = here.stop
    codes.append(shard.codes[done:])
    lengths.append(shard.lengths[done:])
    starts = np.array([0, sum(map(len, codes))], dtype=np.int64)
    return Tokens(np.concatenate(codes).astype(np.uint64), np.concatenate(lengths).astype(np.int64), starts)


def _listed(
    places: I64, codes: npt.NDArray[np.uint32], lengths: npt.NDArray[np.uint8], come: At, change: _Change
) -> tuple[U64, I64] | None:
    """Count and list of one pair; None where it is nowhere any more."""
    stay = _outside(places, change.slots)
    kept, new = places[stay], come.astype(np.int64)
    into = np.searchsorted(kept, new)
    merged = np.insert(kept, into, new)
    if not len(merged):
        return None
    parameter = rice_parameter(change.now.size, np.array([len(places), len(merged)]))
    if len(codes) <= RARE or parameter[0] != parameter[1] or not _same_documents(places[~stay], new, change.slots):
        lists = list_codes(change.now, np.zeros(len(merged), dtype=np.uint64), merged, RARE)
        count, code, length = lists.count, lists.code, lists.length
    else:
        count = np.array([len(merged)])
        at = np.ones(len(merged), dtype=bool)
        at[into + np.arange(len(new))] = False
        code, length = np.empty(len(merged), dtype=np.uint64), np.empty(len(merged), dtype=np.int64)
        code[at], length[at] = codes[stay], lengths[stay]
        # A number is the gap to the one before, which is another one at the edges of what is new.
        before = np.append(-1, merged[:-1])
        at[at] = before[at] == np.append(-1, places[:-1])[stay]
        gap = (merged - before - 1)[~at]
        code[~at], length[~at] = rice(gap, np.broadcast_to(parameter[1], gap.shape))
    count_code, count_length = gamma(count)
    return np.append(count_code, code), np.append(count_length, length)


def _outside(places: npt.NDArray[Any], slots: Sequence[slice]) -> npt.NDArray[np.bool_]:
    """Which places, in order, are in none of these slots."""
    outside = np.ones(len(places), dtype=bool)
    for slot in slots:
        outside[slice(*np.searchsorted(places, (slot.start, slot.stop)).tolist())] = False
    return outside


def _same_documents(before: I64, after: I64, slots: Sequence[slice]) -> bool:
    """Whether a pair is in the same documents as before."""
    starts = np.array([slot.start for slot in slots])
    one, other = (np.unique(np.searchsorted(starts, places, side="right")) for places in (before, after))
    return bool(np.array_equal(one, other))


def _packed(shards: Sequence[tuple[int, Tokens]]) -> Iterator[tuple[int, Units]]:
    """The units of shards, many at a time."""
    begin = 0
    while begin < len(shards):
        end, size = begin, 0
        while end < len(shards) and size < _CHUNK:
            size += len(shards[end][1].codes)
            end += 1
        tokens = [t for _, t in shards[begin:end]]
        starts = np.append(0, np.cumsum([len(t.codes) for t in tokens]))
        whole = Tokens(np.concatenate([t.codes for t in tokens]), np.concatenate([t.lengths for t in tokens]), starts)
        yield from zip((n for n, _ in shards[begin:end]), whole.pack(), strict=True)
        begin = end
