"""Places: makes problems at a field of an entry, at a line of a body, and of a whole file."""

from __future__ import annotations

from integrity_archive.content.entry import Document, Entry, InvalidEntry
from integrity_archive.content.front_matter import field_name
from integrity_archive.content.model.field_types import Loc
from integrity_archive.support.problems import Problem, Severity


def field_problem(
    entry: Entry | InvalidEntry,
    loc: Loc,
    value: str,
    what: str,
    remedy: str,
    rule: str,
    *,
    severity: Severity = "error",
) -> Problem:
    """A problem at a field of an entry's front matter."""
    path, line = entry.document.path, entry.line(loc)
    return Problem(path, line, field_name(loc), value, what, remedy, rule, severity=severity)


def body_problem(
    document: Document, line: int, value: str, what: str, remedy: str, rule: str, *, severity: Severity = "error"
) -> Problem:
    """A problem at a line of a document's body, counted from 0."""
    return Problem(document.path, document.body_line + line, "正文", value, what, remedy, rule, severity=severity)


def file_problem(path: str, what: str, remedy: str, rule: str, *, severity: Severity = "error") -> Problem:
    """A problem of a whole file."""
    return Problem(path, 0, "", "", what, remedy, rule, severity=severity)
