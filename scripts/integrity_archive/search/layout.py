"""Layout: the texts of all documents in one sequence of positions, each document in slots of its own.

Positions count the characters of the normal form (``fold.normalise``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from .bits import I64
from .documents import BODY_CLASS, SearchDocument, clean
from .fold import Codes, code_points, normalise

SLOT = 256
"""Positions in a slot. A document takes whole slots, so that a small edit moves no other document."""

BLOCK = 500
"""Number of documents folded at a time, to limit memory: a character takes four bytes."""

ASTRAL_BASE, ASTRAL_COUNT = 0xD800, 2048
"""Characters beyond the BMP share these 2,048 surrogate codes, which no text contains, so that sixteen bits are enough
for any character. Two rare characters may share a code; the engine checks such matches in the text."""


@dataclass(frozen=True)
class Layout:
    """The positions of all documents."""

    codes: npt.NDArray[np.uint16]
    """Folded characters, with line feeds between fields and as padding."""
    counts: npt.NDArray[np.int32]
    """Number of occurrences of each folded code point."""
    slots: I64
    """Number of slots of each document."""
    class_lengths: I64
    """For each document the positions that classes 0 to 3 take, separators included."""

    @cached_property
    def alphabet(self) -> Codes:
        """Every folded code point that occurs."""
        return np.flatnonzero(self.counts).astype(np.uint32)

    @cached_property
    def classes(self) -> npt.NDArray[np.uint8]:
        """Weight class of each position."""
        lengths = np.column_stack((self.class_lengths, self.slots * SLOT - self.class_lengths.sum(axis=1)))
        return np.repeat(np.tile(np.arange(BODY_CLASS + 1, dtype=np.uint8), len(self.slots)), lengths.reshape(-1))

    @cached_property
    def doc_of_slot(self) -> npt.NDArray[np.int32]:
        """Number of the document to which each slot belongs."""
        return np.repeat(np.arange(len(self.slots), dtype=np.int32), self.slots)

    @property
    def size(self) -> int:
        """Number of positions."""
        return len(self.codes)

    @property
    def documents(self) -> int:
        """Number of documents."""
        return len(self.slots)


def lay_out(documents: Sequence[SearchDocument]) -> Layout:
    """Arrange the fields of the documents one after another."""
    codes: list[npt.NDArray[np.uint16]] = []
    counts = np.zeros(0x110000, dtype=np.int32)
    rooms = [np.empty((0, BODY_CLASS + 1), dtype=np.int64)]
    for start in range(0, len(documents), BLOCK):
        placed, room = place(documents[start : start + BLOCK])
        counts += np.bincount(placed, minlength=len(counts)).astype(np.int32)
        codes.append(index_codes(placed))
        rooms.append(room)
    lengths = np.concatenate(rooms)
    slots = lengths.sum(axis=1) // SLOT
    return Layout(
        codes=np.concatenate(codes) if codes else np.empty(0, dtype=np.uint16),
        counts=counts,
        slots=slots,
        class_lengths=lengths[:, :BODY_CLASS],
    )


def place(documents: Sequence[SearchDocument]) -> tuple[Codes, I64]:
    """The normal form of the documents' texts, each document padded to whole slots, and the positions of each class."""
    fields = [(n, field) for n, document in enumerate(documents) for field in document.all_fields]
    texts = [clean(field.text) + "\n" for _, field in fields]
    found, kept = normalise(code_points("".join(texts)))
    ends = np.cumsum(kept, dtype=np.int64)[np.cumsum([len(text) for text in texts]) - 1]
    rooms = np.zeros((len(documents), BODY_CLASS + 1), dtype=np.int64)
    np.add.at(rooms, ([n for n, _ in fields], [f.weight_class for _, f in fields]), np.diff(ends, prepend=0))
    sizes = rooms.sum(axis=1)
    padding = -sizes % SLOT
    rooms[:, BODY_CLASS] += padding
    codes = np.full(int(rooms.sum()), ord("\n"), dtype=np.uint32)
    codes[np.arange(len(found)) + np.repeat(np.cumsum(padding) - padding, sizes)] = found
    return codes, rooms


def index_codes(folded: Codes) -> npt.NDArray[np.uint16]:
    """Sixteen-bit codes of folded characters."""
    codes = folded.astype(np.uint16)
    astral = np.flatnonzero(folded > 0xFFFF)
    codes[astral] = ASTRAL_BASE + folded[astral] % ASTRAL_COUNT
    return codes
