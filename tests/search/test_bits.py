"""Bits that are spliced are those that packing everything would give."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from integrity_archive.search.bits import I64, U64, pack, spliced, units_of, words_of

code = st.integers(1, 52).flatmap(lambda length: st.tuples(st.integers(0, (1 << length) - 1), st.just(length)))
codes = st.lists(code, max_size=200)
"""Codes, each with its length in bits."""


def columns(rows: list[tuple[int, int]]) -> tuple[U64, I64]:
    return np.array([c for c, _ in rows], dtype=np.uint64), np.array([n for _, n in rows], dtype=np.int64)


def words(rows: list[tuple[int, int]]) -> U64:
    return words_of(pack(*columns(rows), np.zeros(1, dtype=np.int64))[0]) if rows else np.empty(0, dtype=np.uint64)


@given(before=codes, out=codes, put=codes, behind=codes)
def test_spliced_as_packed(
    before: list[tuple[int, int]],
    out: list[tuple[int, int]],
    put: list[tuple[int, int]],
    behind: list[tuple[int, int]],
) -> None:
    sizes = [sum(length for _, length in rows) for rows in (before, out, behind)]
    made = spliced(words(before + out + behind), sum(sizes), slice(sizes[0], sizes[0] + sizes[1]), *columns(put))
    assert made.tolist() == words(before + put + behind).tolist()


@given(codes)
def test_words_of_units(rows: list[tuple[int, int]]) -> None:
    assert words_of(units_of(words(rows))).tolist() == words(rows).tolist()
