"""Progress: the interface through which long work reports its progress, however it is displayed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

Progress = Callable[[Iterable[Any], str, int], Iterable[Any]]
"""Wraps an iteration to show its progress: ``progress(items, what, total)`` yields the items."""


def no_progress(items: Iterable[Any], what: str, total: int) -> Iterable[Any]:
    """For quiet runs: displays nothing."""
    return items
