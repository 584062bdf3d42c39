"""Rules on lessons: clips, minutes, slides, order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from integrity_archive.checks.context import CheckContext, Converted
from integrity_archive.checks.places import field_problem
from integrity_archive.checks.rule import ARCHIVE, BODY, WRITTEN_ENTRY, rule
from integrity_archive.content.entry import Entry, InvalidEntry, companion, entry_id
from integrity_archive.content.loader import LoadedArchive
from integrity_archive.content.markup.media_fragments import time_span
from integrity_archive.content.model.field_types import CLOCK, Loc, clock_seconds
from integrity_archive.content.model.schema import Lesson, wrong_sum
from integrity_archive.films.rules import FilmLengths, clock
from integrity_archive.lessons.slides import slide_faults, slide_html_faults
from integrity_archive.support.problems import Problem

TOLERANCE = 0.5
"""Seconds by which a clip may end after its film, whose length players round."""


@rule(scope=WRITTEN_ENTRY)
def clips(entry: Entry | InvalidEntry, context: CheckContext) -> Iterator[Problem]:
    """Parts of films, in the activities of lessons, that end after the film."""
    for loc, clip in _clips(entry):
        length = _length(str(clip.get("film")), context)
        for name in ("from", "to"):
            written = clip.get(name)
            if length is None or not isinstance(written, str) or not re.match(CLOCK, written):
                continue
            if clock_seconds(written) > length + TOLERANCE:
                what = f"在影片结束（{clock(length)}）之后"
                yield field_problem(entry, (*loc, name), written, what, "改早一些", "clip")


@rule(scope=BODY)
def clips_on_slides(text: Converted, context: CheckContext) -> Iterator[Problem]:
    """Parts of films, in slides and handouts, that end after the film."""
    for link in text.body.links if companion(text.document.path) else ():
        times, length = time_span(link.anchor), _length(entry_id(link.target), context)
        if times and length is not None and max(times[0], times[1] or 0) > length + TOLERANCE:
            line, what = text.document.body_line + link.line, f"在影片结束（{clock(length)}）之后"
            yield Problem(text.document.path, line, "幻灯", link.written, what, "改早一些", "clip")


def _length(film: str, context: CheckContext) -> float | None:
    """Length in seconds of the film with an id; None where it is not known."""
    return context.feature(FilmLengths).seconds(context.entries.get(film))


def _clips(entry: Entry | InvalidEntry) -> Iterator[tuple[Loc, Mapping[str, Any]]]:
    """The clips of a lesson as written, with their location."""
    for n, activity in enumerate(_items(entry.document.values.get("activities"))):
        for m, clip in enumerate(_items(activity.get("clips"))):
            yield ("activities", n, "clips", m), clip


def _items(value: object) -> list[Mapping[str, Any]]:
    """A list of mappings as written; an item that is not a mapping becomes an empty one."""
    return [item if isinstance(item, Mapping) else {} for item in value] if isinstance(value, list) else []


@rule(scope=WRITTEN_ENTRY)
def minutes_of_invalid_lessons(entry: Entry | InvalidEntry, context: CheckContext) -> Iterator[Problem]:
    """Minutes that do not add up, in a lesson that does not fit the model; in the others the model reports it."""
    if isinstance(entry, Entry):
        return
    minutes, path = entry.document.values.get("minutes"), entry.document.path
    parts = [a.get("minutes") for a in _items(entry.document.values.get("activities"))]
    numbers = [p for p in parts if type(p) is int]
    if type(minutes) is not int or not parts or len(numbers) < len(parts):
        return
    wrong = wrong_sum(minutes, numbers)
    if wrong and not any(p.path == path and p.rule == "minutes" for p in context.loaded.problems):
        yield field_problem(entry, ("minutes",), "", *wrong, "minutes")


@rule(scope=BODY)
def slides(text: Converted, context: CheckContext) -> Iterator[Problem]:
    """Slides that cannot be shown as written."""
    if companion(text.document.path) == "slides":
        yield from slide_faults(text.document)
        if not (text.body.raw or text.body.removed or text.body.deep):
            yield from slide_html_faults(text.document)


@rule(scope=ARCHIVE)
def lesson_order(loaded: LoadedArchive, context: CheckContext) -> Iterator[Problem]:
    """Two lessons of one course with the same ``order``."""
    taken: dict[tuple[str, int], Entry] = {}
    for entry in loaded.entries:
        course, order = entry.facts.sequence, entry.facts.number
        if entry.kind != Lesson.kind or not order:
            continue
        first = taken.setdefault((course, order), entry)
        if first is not entry:
            what = f"与 {first.document.path} 在“{course}”里同一个次序"
            yield field_problem(entry, ("order",), str(order), what, "改其中一个", "lesson-order")
