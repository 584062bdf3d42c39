"""Edit: what is different since the last whole build of a search. Apart from what amends it, which loads numpy."""

from __future__ import annotations

from dataclasses import dataclass

from .documents import Document

NAMES = "names.json"
"""File that names every file of an amended search."""
SHOWN = "shown.pickle"
"""File with what the next edit is told of it."""
UNKNOWN = b""
"""What is told of a search that was built whole for want of something better."""


@dataclass(frozen=True)
class Change:
    """A document that was edited."""

    kept: Document
    """As it was in the last whole build."""
    shown: Document
    """As it is in the site that is replaced."""
    now: Document


@dataclass(frozen=True)
class Edit:
    """What was edited since the last whole build."""

    changes: tuple[Change, ...]
    shown: bytes | None = None
    """What the last edit told of the search in the site that is replaced; None where that is the whole build's."""
