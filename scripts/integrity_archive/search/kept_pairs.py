"""Kept pairs: a build's pairs with the length of every code, so that an edit makes few codes again.

A common pair is in every document, and a small edit moves some positions of one of them: of the ten thousand numbers
in the pair's list all but a few stay as they were. Their bits are copied, and those of the few put among them.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .bits import I64, U64, gamma, rice, rice_parameter, spliced, units_of, words_of
from .layout import Layout
from .postings import RARE, At, Packed, Units, list_codes, pack_pairs, pair_keys, pairs_in, shard_of_pair

_FILES: dict[str, np.dtype[Any]] = {
    "places": np.dtype("<u4"),
    "entries": np.dtype("<u4"),
    "lengths": np.dtype("u1"),
    "units": np.dtype("<u2"),
}
_TABLE = "pairs.npy"


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
            "lengths": tokens.lengths,
            "units": np.concatenate(packed.units),
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
        units = np.cumsum([len(each) for each in packed.units])
        # The bounds of tokens begin with nought, unlike those of the others.
        bounds = [np.append(0, part).tolist() for part in (places, entries * 2, tokens.starts[1:], units)]
        for n in range(len(packed.units)):
            cuts = [slice(b[n], b[n + 1]) for b in bounds]
            total = 0
            for part, cut in zip(parts.values(), cuts, strict=True):
                total = zlib.crc32(part[cut].tobytes(), total)
            self._rows.append((*(cut.stop - cut.start for cut in cuts), total))

    def close(self) -> None:
        """Write which shard is where.

        Raises:
            OSError: there was no room.
        """
        if self._full:
            raise OSError("no room for pairs")
        for name in _FILES:
            (self._folder / name).touch()
        np.save(self._folder / _TABLE, np.array(self._rows, dtype=np.int64).reshape(-1, len(_FILES) + 1))


@dataclass(frozen=True)
class Shard:
    """One shard as it was."""

    places: At
    entries: npt.NDArray[np.uint32]
    lengths: npt.NDArray[np.uint8]
    """Bits of every code: a header, then for each entry a key, a count and its list."""
    units: Units


class KeptPairs:
    """What a ``Keeper`` wrote; read as it is asked for."""

    def __init__(self, folder: Path) -> None:
        """Open a folder.

        Raises:
            OSError, ValueError: it is not there, or not what was written.
        """
        self._table = np.load(folder / _TABLE)
        self._ends = np.pad(np.cumsum(self._table[:, :-1], axis=0), ((1, 0), (0, 0)))
        self._parts: dict[str, npt.NDArray[Any]] = {}
        for column, (name, kind) in enumerate(_FILES.items()):
            size = int(self._ends[-1, column])
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
            cut = np.asarray(part[self._ends[n, column] : self._ends[n + 1, column]])
            total = zlib.crc32(cut.tobytes(), total)
            cuts.append(cut)
        if total != self._table[n, -1]:
            raise ValueError(f"pairs {n:03x} are damaged")
        places, entries, lengths, units = cuts
        return Shard(places, entries.reshape(-1, 2), lengths, units)


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
    made: dict[int, Units] = {}
    anew: list[tuple[int, At]] = []
    for n in sorted(numbers):
        shard = kept.shard(n)
        units = _Splicing(shard, was, bits).units(now, slots, gone.within(n), come.within(n))
        if units is not None:
            made[n] = units
        else:
            anew.append((n, np.concatenate((shard.places[_outside(shard.places, slots)], come.within(n).at))))
    if anew:
        at = np.concatenate([at for _, at in anew])
        shard_of = np.repeat(np.array([n for n, _ in anew], dtype=np.uint16), [len(at) for _, at in anew])
        packed = pack_pairs(now, at, shard_of, bits)
        made |= {n: packed.units[n] for n, _ in anew}
    return made


class _Splicing:
    """A shard as it changes, one pair of one document after the other."""

    def __init__(self, shard: Shard, was: Layout, bits: int) -> None:
        self._entries = shard.entries.astype(np.int64)
        self._places = shard.places.astype(np.int64)
        self._lengths = shard.lengths
        self._units = shard.units
        first = shard.places[self._starts(0)]
        self._keys = pair_keys(was.codes[first], was.codes[1:][first], bits)

    def units(self, now: Layout, slots: Sequence[slice], gone: Own, come: Own) -> Units | None:
        """The shard as it is now; None where pairs come or go, which moves the keys of others."""
        if not np.isin(come.keys, self._keys).all():
            return None
        self._words = words_of(self._units)
        starts = np.array([slot.start for slot in slots])
        of = np.append(np.searchsorted(starts, gone.at, side="right"), np.searchsorted(starts, come.at, side="right"))
        keys = np.searchsorted(self._keys, np.append(gone.keys, come.keys))
        pairs = keys * (len(slots) + 1) + of
        order = np.argsort(pairs[len(gone.at) :], kind="stable")
        new, at = pairs[len(gone.at) :][order], come.at[order].astype(np.int64)
        for pair in np.unique(pairs).tolist():
            n, slot = divmod(pair, len(slots) + 1)
            here = slice(*np.searchsorted(new, (pair, pair + 1)).tolist())
            if not self._put(n, slots[slot - 1], at[here], now):
                return None
        return units_of(self._words)

    def _starts(self, column: int, lead: int = 0) -> I64:
        """Where each entry begins in its column, where so many others go with it."""
        sizes = self._entries[:, column] + lead
        return np.cumsum(sizes) - sizes

    def _put(self, n: int, slot: slice, new: I64, now: Layout) -> bool:
        """Give an entry other places in a document; False where it is left with none."""
        start, code = int(self._starts(0)[n]), int(self._starts(1, 2)[n]) + 3
        listed, size = self._places[start : start + self._entries[n, 0]], int(self._entries[n, 1])
        low, high = np.searchsorted(listed, (slot.start, slot.stop)).tolist()
        dense = size > RARE
        if np.array_equal(listed[low:high], new) and (dense or not len(new)):
            return True  # of a rare pair the field is told, which may be another one
        merged = np.concatenate((listed[:low], new, listed[high:]))
        if not len(merged):
            return False
        old, parameter = rice_parameter(now.size, np.array([len(listed), len(merged)]))
        if dense and old == parameter and (low == high) == (not len(new)):
            # A number is the gap to the one before: of what stays only that right behind has another one.
            count, among = len(merged), slice(low, min(high + 1, len(listed)))
            around = np.concatenate((listed[:low][-1:] if low else [-1], new, listed[high : high + 1])).astype(np.int64)
            self._recode(slice(code + among.start, code + among.stop), *rice(np.diff(around) - 1, parameter))
        else:
            lists = list_codes(now, np.zeros(len(merged), dtype=np.uint64), merged, RARE)
            count = int(lists.count[0])
            self._recode(slice(code, code + size), lists.code, lists.length)
        if count != size:
            self._recode(slice(code - 1, code), *gamma(np.array([count])))
        self._places = np.concatenate((self._places[: start + low], new, self._places[start + high :]))
        self._entries[n] = len(merged), count
        return True

    def _recode(self, cut: slice, codes: U64, lengths: I64) -> None:
        """Put other codes in place of some."""
        before, within, behind = self._lengths[: cut.start], self._lengths[cut], self._lengths[cut.stop :]
        start, size, rest = (int(part.sum(dtype=np.int64)) for part in (before, within, behind))
        self._words = spliced(self._words, start + size + rest, slice(start, start + size), codes, lengths)
        self._lengths = np.concatenate((before, lengths.astype(np.uint8), behind))


def _outside(places: npt.NDArray[Any], slots: Sequence[slice]) -> npt.NDArray[np.bool_]:
    """Which places are in none of these slots."""
    outside = np.ones(len(places), dtype=bool)
    for slot in slots:
        outside &= (places < slot.start) | (places >= slot.stop)
    return outside
