"""Edit: what is different since the last whole build of a search. Apart from what amends it, which loads numpy."""

from __future__ import annotations

import pickle
from dataclasses import dataclass

from .documents import SearchDocument

NAMES = "names.json"
"""File that names every file of an amended search."""
STATES = "search-*"
"""Where a memory has what ``amend.keep`` wrote; the newest comes last."""
UNREADABLE = (
    OSError, LookupError, EOFError, ValueError, TypeError, AttributeError, ImportError, pickle.UnpicklingError,
)  # fmt: skip
"""What reading something that was kept may raise, damaged or of another version."""
MANY = 16
"""Documents edited since a search was kept from which on it is kept anew: every one makes the next edits slower."""
SHOWN = "shown.pickle"
"""File with what the next edit is told of it."""


@dataclass(frozen=True)
class Told:
    """What the next edit is told of the search of a site."""

    state: str
    """Folder with what ``amend.keep`` wrote, below that of all that is remembered of the site."""
    shown: bytes | None = None
    """What an edit told since; None where the site has just the search that was kept."""


@dataclass(frozen=True)
class Change:
    """A document that was edited."""

    kept: SearchDocument
    """As it was when the search was kept."""
    shown: SearchDocument
    """As it is in the site that is replaced."""
    now: SearchDocument


@dataclass(frozen=True)
class Edit:
    """What was edited since a search was kept."""

    changes: tuple[Change, ...]
    shown: bytes | None = None
    """As in ``Told``."""
