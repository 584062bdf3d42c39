"""Marks: what a field of the model refers to, and the walk over all marked values of a record.

A field that refers to something carries a mark: ``Controlled`` (a term of the vocabulary), ``Ref`` (the id of another
entry), ``Media`` (a file in the entry's folder) or ``Name`` (a free name that gets an index page of its own).
``marked()`` yields every marked value of a record with its location, so that a rule about references or media is
written once and holds for all fields, future ones too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_args

from pydantic.fields import FieldInfo

from integrity_archive.content.model.field_types import Loc, Part


@dataclass(frozen=True)
class Controlled:
    """The value must be a label of this list of the vocabulary."""

    list: str


@dataclass(frozen=True)
class Ref:
    """The value is the id of another entry; ``relation`` names the type of relation."""

    relation: str
    kinds: tuple[str, ...] = ()
    """Kinds allowed for the target; empty for any."""
    reverse: bool = False
    """Whether the relation runs from the target to this entry."""


@dataclass(frozen=True)
class Media:
    """The value is a file in the entry's folder."""

    suffixes: tuple[str, ...]
    shown: bool = True
    """Whether readers get the file itself; False where they get what is made of it."""


@dataclass(frozen=True)
class Name:
    """The value is the name of a person or place that gets an index page."""

    index: Literal["people", "places"]


Mark = Controlled | Ref | Media | Name


@dataclass(frozen=True)
class Marked:
    """A value with a mark, and its location."""

    loc: Loc
    value: str
    mark: Mark


@dataclass(frozen=True)
class _Walk:
    """A field that has marks or contains a part."""

    attribute: str
    name: str
    """Its name in the front matter."""
    marks: tuple[Mark, ...]
    part: type[Part] | None
    """Type of the nested part, if any."""


@cache
def _plan(model: type[Part]) -> tuple[_Walk, ...]:
    plan = []
    for attribute, field in model.model_fields.items():
        marks = marks_of(field)
        part = _part_in(field.annotation)
        if marks or part:
            plan.append(_Walk(attribute, field.alias or attribute, marks, part))
    return tuple(plan)


def marks_of(field: FieldInfo) -> tuple[Mark, ...]:
    """The marks of a field, also if its annotation is ``X | None``."""
    inner = (m for arg in get_args(field.annotation) for m in getattr(arg, "__metadata__", ()))
    return tuple(m for m in (*field.metadata, *inner) if isinstance(m, Mark))


def _part_in(annotation: Any) -> type[Part] | None:
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return annotation
    return next((p for a in get_args(annotation) if (p := _part_in(a))), None)


def marked(part: Part, loc: Loc = ()) -> Iterator[Marked]:
    """Every marked value of a record, in the order of its fields, nested parts included."""
    for walk in _plan(type(part)):
        value = getattr(part, walk.attribute)
        for index, item in enumerate(value) if isinstance(value, tuple) else [(None, value)]:
            here = (*loc, walk.name) if index is None else (*loc, walk.name, index)
            if isinstance(item, Part):
                yield from marked(item, here)
            elif isinstance(item, str):
                yield from (Marked(here, item, mark) for mark in walk.marks)


def marked_raw(model: type[Part], values: Mapping[str, Any], loc: Loc = ()) -> Iterator[Marked]:
    """``marked`` for plain values that may not fit the model; values of a wrong type are skipped."""
    for walk in _plan(model):
        value = values.get(walk.name)
        for index, item in enumerate(value) if isinstance(value, list) else [(None, value)]:
            here = (*loc, walk.name) if index is None else (*loc, walk.name, index)
            if isinstance(item, Mapping) and walk.part:
                yield from marked_raw(walk.part, item, here)
            elif isinstance(item, str) and item.strip():
                yield from (Marked(here, item.strip(), mark) for mark in walk.marks)
