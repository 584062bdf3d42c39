"""Amend: the search after an edit, from what the last whole build kept. Same bytes as a build of everything.

A document has a slot of its own (``layout``), so an edit that does not outgrow it moves no other document: the shards
of its own characters, its text and its card are made again, the rest stays. What does move others, or adds and
removes documents, is left to a whole build.

Run as a process of its own, so that it works beside the one that renders pages::

    python -m integrity_archive.search.amend MEMORY SITE OUT

Below ``MEMORY`` is what ``keep`` wrote, and ``SITE`` is the site as it stands. The name of a state and an ``Edit``,
pickled, come by standard input, when everything has been made ready for them; and a folder to keep another state in,
if many documents were edited since. Below ``OUT`` are then the new
files, and ``names.json`` names these and every file of the search; where there is none, everything must be built.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import pickle
import sys
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .bits import UNIT_BASE
from .build import SearchIndex, characters_of, large_shard, pinyin_file, words_family
from .documents import SearchDocument
from .edit import NAMES, SHOWN, STATES, UNREADABLE, Change, Edit
from .fold import WORD, class_table, code_points, fold_table
from .kept_pairs import Keeper, KeptPairs, repacked
from .layout import SLOT, Layout, index_codes, place
from .postings import Chosen, Units, char_shards, pair_bits, pair_shards, pairs_in, shard_of_char, shard_of_pair
from .shards import packed_file
from .terms import Refiled, file_terms, named_in, refile, terms_of
from .texts import CARDS, Record, blocks, card_file, card_of, groups_of, record_of, records_in, text_file, text_size
from .writing import write_files

_ARRAYS = tuple(f"{name}.npy" for name in ("codes", "counts", "slots", "class-lengths"))
_REST, _SUMS = "rest.pickle", "sums.json"


@dataclass(frozen=True)
class State:
    """The last whole build, as far as an edit starts from it."""

    built: SearchIndex
    pairs: KeptPairs


def keep(built: SearchIndex, pairs: Keeper, folder: Path, secret: bytes = b"") -> None:
    """Write what a later edit starts from; where there is no room for it, a later edit is a whole build.

    Args:
        built: what was built.
        pairs: what got the pairs meanwhile.
        folder: where it is kept.
        secret: key of its sums; without it nothing of what was kept is read again.
    """
    with contextlib.suppress(OSError):
        _keep(built, pairs, folder, secret)


def _keep(built: SearchIndex, pairs: Keeper, folder: Path, secret: bytes) -> None:
    pairs.close()
    layout, rest = built.layout, replace(built, layout=None)  # type: ignore[arg-type]
    laid: list[npt.NDArray[Any]] = [layout.codes, layout.counts, layout.slots, layout.class_lengths]
    for name, array in zip(_ARRAYS, laid, strict=True):
        np.save(folder / name, array)
    (folder / _REST).write_bytes(pickle.dumps(rest, 5))
    sums = {name: _sum((folder / name).read_bytes(), secret) for name in (*_ARRAYS, _REST)}
    (folder / _SUMS).write_text(json.dumps(sums), "utf-8")


def kept(folder: Path, secret: bytes = b"") -> State:
    """What ``keep`` wrote with the same key.

    Raises:
        OSError, ValueError: it is not there, or damaged.
    """
    sums = json.loads((folder / _SUMS).read_text("utf-8"))
    codes, counts, slots, class_lengths = (
        np.load(BytesIO(_sound(folder / name, sums[name], secret))) for name in _ARRAYS
    )
    built: SearchIndex = pickle.loads(_sound(folder / _REST, sums[_REST], secret))  # noqa: S301 - its sum has our key
    return State(replace(built, layout=Layout(codes, counts, slots, class_lengths)), KeptPairs(folder))


def _sum(content: bytes, secret: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16, key=secret).hexdigest()


def _sound(path: Path, total: str, secret: bytes) -> bytes:
    data = path.read_bytes()
    if _sum(data, secret) != total:
        raise ValueError(f"{path} is damaged")
    return data


Read = Callable[[str], bytes]
"""A file of the site that is replaced, by its path."""


def amended(
    state: State, edit: Edit, read: Read, renew: Path | None = None, secret: bytes = b""
) -> tuple[dict[str, bytes], SearchIndex] | None:
    """The files that are new and the whole search; None where an edit cannot be told from the rest.

    Args:
        state: what was kept.
        edit: what was edited since.
        read: reads files of the site.
        renew: where to keep what is now, for later edits to start from.
        secret: key of the sums of what is kept.

    Raises:
        OSError, ValueError: what was kept, or the site, is not what it was.
    """
    old = state.built
    if edit.shown:
        names: SearchIndex = pickle.loads(edit.shown)  # noqa: S301 - what this program wrote, kept with a sum
        old = replace(names, layout=old.layout)
    number = {id_: n for n, id_ in enumerate(old.ids)}
    if any(c.now.id not in number or _filed(c.now) != _filed(c.kept) for c in edit.changes):
        return None
    amending = _Amending(old, number)
    if not all(amending.lay(change) for change in edit.changes):
        return None
    named = list(state.built.named)
    for change in edit.changes:
        named[number[change.now.id]] = named_in(change.now)
    files: dict[str, bytes] = {}
    # The terms are Python, and are made while numpy, which frees the interpreter lock, packs the index.
    with ThreadPoolExecutor(1) as pool:
        refiling = pool.submit(refile, state.built.filing, state.built.named, named)
        filing = pool.submit(lambda: file_terms(terms_of(named))) if renew else None
        pairs = Keeper(renew) if renew else None
        built = _indexed(old, amending, state, files, pairs)
        refiled = refiling.result()
    if built is None or refiled is None:
        return None
    built = _shown(built, edit, number, read, files)
    built = _termed(built, state.built, refiled, files)
    files |= built.files()
    if renew and pairs and filing:
        keep(replace(built, named=named, filing=filing.result()), pairs, renew, secret)
    return files, built


def _indexed(
    old: SearchIndex, amending: _Amending, state: State, files: dict[str, bytes], pairs: Keeper | None
) -> SearchIndex | None:
    """The shards of pairs, characters and words; None where their number is another."""
    layout, families = amending.layout(), dict(old.families)
    bits, paths = families["pairs"]
    numbers = amending.pairs.numbers
    was, slots = state.built.layout, amending.slots
    more = sum(len(pairs_in(layout.codes[slot])) - len(pairs_in(was.codes[slot])) for slot in slots)
    chars = char_shards(layout, amending.chars.chosen)
    if pair_bits(state.pairs.count + more) != bits or chars.bits != families["chars"][0]:
        return None
    large = {ord(n) - UNIT_BASE: n + size for n, size in zip(old.large[::2], old.large[1::2], strict=True)}
    if pairs:
        units = pair_shards(layout, pairs).units
        made = _files("pairs", {n: units[n] for n in numbers})
    else:
        made = _files("pairs", repacked(state.pairs, was, layout, slots, bits, numbers))
    for n, item in made.items():
        large[n] = large_shard(n, len(item[1])) if item else ""
    families["pairs"] = bits, _with(paths, made, files)
    made = _files("chars", {n: chars.units[n] for n in amending.chars.numbers})
    families["chars"] = chars.bits, _with(families["chars"][1], made, files)
    if amending.words:
        name, bits, words = words_family(layout)
        families[name] = bits, _with([None] * len(words), dict(enumerate(words)), files)
    return replace(old, layout=layout, families=families, large="".join(large[n] for n in sorted(large)))


Item = tuple[str, bytes] | None
"""Path and content of a shard; None for an empty one."""


def _files(family: str, shards: Mapping[int, Units]) -> dict[int, Item]:
    return {n: packed_file(family, n, units) if len(units) else None for n, units in shards.items()}


def _with(paths: list[str | None], made: Mapping[int, Item], files: dict[str, bytes]) -> list[str | None]:
    """The paths with those of new shards, which go among the files."""
    files.update(item for item in made.values() if item)
    return [_path(made[n]) if n in made else path for n, path in enumerate(paths)]


def _filed(document: SearchDocument) -> tuple[object, ...]:
    """What the filters file a document under."""
    return document.kind, document.url, {name: tuple(values) for name, values in document.facets.items()}


def _path(item: Item) -> str | None:
    return item[0] if item else None


class _Touched:
    """The shards of one family to be made again."""

    def __init__(self, bits: int) -> None:
        self.bits = bits
        self.numbers: set[int] = set()

    def chosen(self, bits: int) -> Chosen:
        """Which shards are touched, as ``char_shards`` asks; none where their number is another."""
        mask = np.zeros(1 << bits, dtype=bool)
        if bits == self.bits:
            mask[list(self.numbers)] = True
        return mask


class _Amending:
    """The layout with the edited documents in their slots, and which shards that touches."""

    def __init__(self, old: SearchIndex, number: dict[str, int]) -> None:
        self._old = old.layout
        self._slots: list[slice] = []
        self._number = number
        self._starts = np.concatenate(([0], np.cumsum(old.layout.slots))) * SLOT
        self._codes = old.layout.codes.copy()
        self._counts = old.layout.counts.copy()
        self._class_lengths = old.layout.class_lengths.copy()
        self.pairs = _Touched(old.families["pairs"][0])
        self.chars = _Touched(old.families["chars"][0])
        self.words = False
        """Whether Latin words or numbers come, go or change their field."""

    def lay(self, change: Change) -> bool:
        """Put a document in its slot; False where it does not fit exactly."""
        n = self._number[change.now.id]
        here = slice(int(self._starts[n]), int(self._starts[n + 1]))
        before = _laid(change.kept)
        shown, after = _laid(change.shown), _laid(change.now)
        if not len(shown.codes) == len(after.codes) == here.stop - here.start:
            return False
        self._touch(shown, after)
        self._codes[here] = after.codes
        self._class_lengths[n] = after.room[:-1]
        self._slots.append(here)
        for folded, sign in ((before.folded, -1), (after.folded, 1)):
            points, times = np.unique(folded, return_counts=True)
            self._counts[points] += sign * times.astype(np.int32)
        return True

    def _touch(self, before: _Laid, after: _Laid) -> None:
        """Note the shards of every pair from the first difference to the last, and of characters that come or go."""
        different = np.flatnonzero((before.codes != after.codes) | (before.classes != after.classes))
        if not len(different):
            return
        here = slice(max(0, int(different[0]) - 1), int(different[-1]) + 2)
        for codes in (before.codes[here], after.codes[here]):
            at = pairs_in(codes)
            pairs = shard_of_pair(codes[at], codes[1:][at], self.pairs.bits)
            self.pairs.numbers.update(np.unique(pairs).tolist())
        self.words |= before.words != after.words
        # Of a character only the field of its first place in a document is kept.
        come = np.setxor1d(before.firsts, after.firsts)
        codes = (come >> np.uint32(8)).astype(np.uint16)
        self.chars.numbers.update(np.unique(shard_of_char(codes, self.chars.bits)).tolist())

    @property
    def slots(self) -> list[slice]:
        """Places of the edited documents, in their order."""
        return sorted(self._slots, key=lambda slot: slot.start)

    def layout(self) -> Layout:
        """The layout with every edit in it."""
        return Layout(self._codes, self._counts, self._old.slots, self._class_lengths)


@dataclass(frozen=True)
class _Laid:
    """A document as it lies in its slot."""

    folded: npt.NDArray[np.uint32]
    codes: npt.NDArray[np.uint16]
    room: tuple[int, ...]

    @property
    def classes(self) -> npt.NDArray[np.uint8]:
        """Weight class of each position."""
        return np.repeat(np.arange(len(self.room), dtype=np.uint8), self.room)

    @property
    def words(self) -> dict[str, int]:
        """Latin words and numbers, with the weight class of the first place of each."""
        word = class_table()[self.codes] == WORD
        begins = np.flatnonzero(word & ~np.append(False, word[:-1]))
        runs = np.where(word, self.codes, 32).astype("<u2").tobytes().decode("utf-16-le").split()
        found: dict[str, int] = {}
        for run, weight in zip(runs, self.classes[begins].tolist(), strict=True):
            found.setdefault(run, weight)
        return found

    @property
    def firsts(self) -> npt.NDArray[np.uint32]:
        """Each character with the weight class of its first place."""
        codes, at = np.unique(self.codes, return_index=True)
        return (codes.astype(np.uint32) << np.uint32(8)) | self.classes[at]


def _laid(document: SearchDocument) -> _Laid:
    text, room = place(document)
    folded = fold_table()[code_points(text)]
    return _Laid(folded, index_codes(folded), room)


def _shown(built: SearchIndex, edit: Edit, number: dict[str, int], read: Read, files: dict[str, bytes]) -> SearchIndex:
    """Texts and cards."""
    sizes, cards = list(built.sizes), list(built.cards)
    now: dict[int, SearchDocument] = {}
    for change in edit.changes:
        n = number[change.now.id]
        sizes[n], cards[n] = text_size(change.now), card_of(change.now)
        if change.shown != change.now:
            now[n] = change.now
    old = _Records(groups_of(built.ids, built.sizes), built.families["texts"][1], read)
    texts: list[str | None] = []
    for n, group in enumerate(groups_of(built.ids, sizes)):
        if group == _at(old.groups, n) and now.keys().isdisjoint(range(*group)):
            texts.append(old.paths[n])
            continue
        path, content = text_file(n, [record_of(now[i]) if i in now else old.of(i) for i in range(*group)])
        files[path] = content
        texts.append(path)
    named = list(built.families["cards"][1])
    for n, block in enumerate(blocks(cards)):
        if not now.keys().isdisjoint(range(n * CARDS, n * CARDS + len(block))):
            path, content = card_file(n, block)
            files[path] = content
            named[n] = path
    families = {**built.families, "texts": (0, texts), "cards": (0, named)}
    return replace(built, families=families, sizes=sizes, cards=cards)


class _Records:
    """What the texts of a site say of its documents."""

    def __init__(self, groups: Sequence[tuple[int, int]], paths: Sequence[str | None], read: Read) -> None:
        self.groups = groups
        self.paths = paths
        self._read = read
        self._ends = [end for _, end in groups]
        self._found: dict[int, list[Record]] = {}

    def of(self, n: int) -> Record:
        """What is said of the document of this number."""
        group = bisect_right(self._ends, n)
        if group not in self._found:
            self._found[group] = records_in(self._read(self.paths[group] or ""))
        return self._found[group][n - self.groups[group][0]]


def _at(groups: Sequence[tuple[int, int]], n: int) -> tuple[int, int] | None:
    return groups[n] if n < len(groups) else None


def _termed(built: SearchIndex, base: SearchIndex, refiled: Refiled, files: dict[str, bytes]) -> SearchIndex:
    """Terms and their characters."""
    bits, paths = base.families["terms"]
    shown = built.families["terms"][1]
    now = list(paths)
    # Where the site has what an earlier edit made, the base's own is not at hand.
    for n in {*refiled.changes, *(n for n, (a, b) in enumerate(zip(paths, shown, strict=True)) if a != b)}:
        item = base.filing.file(n, refiled.changes.get(n, {}))
        now[n] = _path(item)
        files.update((item,) if item else ())
    characters, pinyin = characters_of(refiled.terms), built.pinyin
    if characters != built.characters:
        pinyin, content = pinyin_file(characters)
        files[pinyin] = content
    families = {**built.families, "terms": (bits, now)}
    return replace(built, families=families, pinyin=pinyin, characters=characters)


def told_of(built: SearchIndex) -> bytes:
    """What the next edit is told of this search: its names, and not what it was made of."""
    return pickle.dumps(replace(built, layout=None, named=[], filing=None), 5)  # type: ignore[arg-type]


def main(memory: str, site: str, out: str) -> None:
    """Write the new files, and the names of all, when the edit comes."""
    secret: bytes = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the process that started this one
    newest = sorted(Path(memory).glob(STATES))[-1:]
    ready = {path.relative_to(memory).as_posix(): _kept(path, secret) for path in newest}
    fold_table()  # made while nothing else is to be done
    name, edit, renew = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the process that started this one
    state = ready[name] if name in ready else _kept(Path(memory, name), secret)
    try:
        found = amended(state, edit, lambda path: Path(site, path).read_bytes(), renew, secret) if state else None
    except (OSError, ValueError):  # somebody changed the site
        found = None
    if found is None:
        return  # whoever asked builds everything
    files, built = found
    write_files(files.items(), Path(out))
    # The tables and the manifest are among the new files always.
    Path(out, SHOWN).write_bytes(told_of(built))
    # Names come last: where there are none, something went wrong before.
    is_kept = renew is not None and (renew / _SUMS).is_file()
    names = {"all": sorted({*built.paths(), *files}), "new": sorted(files), "kept": is_kept}
    Path(out, NAMES).write_text(json.dumps(names), "utf-8")


def _kept(folder: Path, secret: bytes) -> State | None:
    """What is kept; None where it is not there, or damaged."""
    try:
        return kept(folder, secret)
    except UNREADABLE:
        return None


if __name__ == "__main__":
    main(*sys.argv[1:])
