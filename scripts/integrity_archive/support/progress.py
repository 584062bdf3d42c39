"""Track: how long work shows its progress, whoever shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

Progress = Callable[[Iterable[Any], str, int], Iterable[Any]]
"""Wraps an iteration to show its progress: ``progress(items, what, total)`` yields the items."""


def no_progress(items: Iterable[Any], what: str, total: int) -> Iterable[Any]:
    """The progress of quiet runs: none."""
    return items
