"""Facts: the few values of an entry that are needed to order, relate and list all entries.

Code that visits every entry of an archive reads these instead of the front matter: they are small, are stored between
builds, and are compared by value.
"""

from __future__ import annotations

from typing import NamedTuple

from integrity_archive.content.model.dates import Moment
from integrity_archive.content.model.facets import FACETS
from integrity_archive.content.model.marks import Controlled, Mark, Marked, Name, Ref
from integrity_archive.content.model.record import Record


class Reference(NamedTuple):
    """A reference from one entry to another."""

    relation: str
    reverse: bool
    """Whether the relation runs from the named entry to the one that names it."""
    target: str
    """Id of the named entry."""


class Facts(NamedTuple):
    """The facts of one entry; all values can be written as JSON."""

    id: str
    kind: str
    title: str
    published: bool
    day: str
    """Day of publication, ISO 8601; empty for none."""
    updated: str
    """Day of the last change that readers should know of, ISO 8601; empty for none."""
    period: str
    sequence: str
    """Value of the field that ``Record.sequence`` names; empty for none."""
    number: int
    """Value of the field that ``Record.number`` names; 0 for none."""
    solar_term: str
    credibility: str
    figure: str
    """Name of the person whom the entry is about; empty for none."""
    dates: tuple[Moment, Moment, bool] | None
    """First and last year, month or day, and whether they are approximate."""
    references: tuple[Reference, ...]
    values: tuple[tuple[str, str], ...]
    """Pairs of facet and label, in the order of the fields."""


def facts_of(id_: str, meta: Record, marks: tuple[Marked, ...]) -> Facts:
    """The facts of an entry.

    Args:
        id_: its id.
        meta: its front matter.
        marks: its marked values.
    """
    span = meta.time_span
    return Facts(
        id_,
        meta.kind,
        meta.title,
        meta.status == "published",
        meta.published.isoformat() if meta.published else "",
        meta.updated.isoformat() if meta.updated else "",
        meta.period or "",
        str(getattr(meta, meta.sequence) or ""),
        int(getattr(meta, meta.number) or 0) if meta.number else 0,
        str(getattr(meta, "solar_term", None) or ""),
        meta.credibility or "",
        meta.subject,
        (span.since, span.final, span.circa) if span else None,
        tuple(Reference(m.mark.relation, m.mark.reverse, m.value) for m in marks if isinstance(m.mark, Ref)),
        tuple((facet, m.value) for m in marks if (facet := _facet_of(m.mark, len(m.loc)))),
    )


def _facet_of(mark: Mark, depth: int) -> str:
    """The facet of a marked value: names at any depth, vocabulary terms only if they describe the whole entry."""
    if isinstance(mark, Name):
        return mark.index
    if isinstance(mark, Controlled) and mark.list in FACETS and depth <= 2:
        return mark.list
    return ""
