"""Facets: for each value of a facet the documents that have it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .bits import as_text, gamma, pack, rice, rice_parameter
from .documents import FacetOrder, Filed
from .shards import File, json_file


def facet_file(documents: Sequence[Filed], order: FacetOrder) -> File:
    """Path and content of the file of facets: names, values and packed lists of documents."""
    holders: dict[str, dict[str, list[int]]] = {name: {} for name in ("kind", *order)}
    for number, (kind, facets) in enumerate(documents):
        holders["kind"].setdefault(kind, []).append(number)
        for name, values in facets.items():
            for value in dict.fromkeys(values):
                holders.setdefault(name, {}).setdefault(value, []).append(number)
    named: list[tuple[str, list[str]]] = []
    lists: list[list[int]] = []
    for name, by_value in holders.items():
        rank = {value: n for n, value in enumerate(order.get(name, ()))}
        present = sorted(by_value, key=lambda value: (rank.get(value, len(rank)), value))
        if present:
            named.append((name, present))
            lists += (by_value[value] for value in present)
    return json_file("facets", [named, _packed(lists, len(documents))], "utf-16-le")


def _packed(lists: list[list[int]], universe: int) -> str:
    """Every list as a count and gaps, one after another."""
    codes, lengths = [], []
    for row in lists:
        numbers = np.array(row, dtype=np.int64)
        count = np.array([len(row)], dtype=np.int64)
        gaps = np.diff(numbers, prepend=-1) - 1
        for code, length in (gamma(count), rice(gaps, np.repeat(rice_parameter(universe, count), len(row)))):
            codes.append(code)
            lengths.append(length)
    if not codes:
        return ""
    return as_text(pack(np.concatenate(codes), np.concatenate(lengths), np.array([0], dtype=np.int64))[0])
