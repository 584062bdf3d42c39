"""Places: problems at a field of an entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from integrity_archive.content.entry import Entry, InvalidEntry
from integrity_archive.content.front_matter import field_name
from integrity_archive.content.schema import (
    Loc,
)
from integrity_archive.support.problems import Problem

if TYPE_CHECKING:
    pass


def field_problem(entry: Entry | InvalidEntry, loc: Loc, value: str, what: str, remedy: str, rule: str) -> Problem:
    """A problem at a field of an entry."""
    return Problem(entry.document.path, entry.line(loc), field_name(loc), value, what, remedy, rule)
