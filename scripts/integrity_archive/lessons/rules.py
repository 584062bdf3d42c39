"""Rules on lessons: clips, minutes, slides, order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from integrity_archive.checks.context import CheckContext, Rule
from integrity_archive.checks.places import field_problem
from integrity_archive.content.entry import Entry, InvalidEntry, companion, entry_id
from integrity_archive.content.schema import (
    CLOCK,
    Lesson,
    Loc,
    clock_seconds,
    wrong_sum,
)
from integrity_archive.films.rules import _clock
from integrity_archive.lessons.clips import span
from integrity_archive.lessons.slides import slide_faults, slide_html_faults
from integrity_archive.support.problems import Problem

if TYPE_CHECKING:
    pass


def clips(case: CheckContext) -> Iterator[Problem]:
    """Parts of films, in lessons and on slides, that end after the film."""
    for entry, loc, clip in _clips(case):
        length = case.film_seconds(str(clip.get("film")))
        for name in ("from", "to"):
            written = clip.get(name)
            if length is None or not isinstance(written, str) or not re.match(CLOCK, written):
                continue
            if clock_seconds(written) > length + 0.5:
                yield field_problem(
                    entry, (*loc, name), written, f"在影片结束（{_clock(length)}）之后", "改早一些", "clip"
                )
    for document in case.companions:
        body = case.bodies.get(document.path)
        for link in body.links if body else ():
            times, length = span(link.anchor), case.film_seconds(entry_id(link.target))
            if times and length is not None and max(times[0], times[1] or 0) > length + 0.5:
                line, what = document.body_line + link.line, f"在影片结束（{_clock(length)}）之后"
                yield Problem(document.path, line, "幻灯", link.written, what, "改早一些", "clip")


def _clips(case: CheckContext) -> Iterator[tuple[Entry | InvalidEntry, Loc, Mapping[str, Any]]]:
    """The clips of all lessons as written, also of lessons that do not fit the model."""
    for entry in case.looked_at:
        for n, activity in enumerate(_items(entry.document.values.get("activities"))):
            for m, clip in enumerate(_items(activity.get("clips"))):
                yield entry, ("activities", n, "clips", m), clip


def _items(value: object) -> list[Mapping[str, Any]]:
    """A list of mappings as written; an item that is not a mapping becomes an empty one."""
    return [item if isinstance(item, Mapping) else {} for item in value] if isinstance(value, list) else []


def minutes_of_faulty_lessons(case: CheckContext) -> Iterator[Problem]:
    """Minutes that do not add up, in lessons that do not fit the model; in the others the model reports it."""
    reported = {p.path for p in case.loaded.problems if p.rule == "minutes"}
    for faulty in case.loaded.faulty:
        minutes = faulty.document.values.get("minutes")
        parts = [a.get("minutes") for a in _items(faulty.document.values.get("activities"))]
        numbers = [p for p in parts if type(p) is int]
        if type(minutes) is not int or not parts or len(numbers) < len(parts) or faulty.document.path in reported:
            continue
        if wrong := wrong_sum(minutes, numbers):
            yield field_problem(faulty, ("minutes",), "", *wrong, "minutes")


def slides(case: CheckContext) -> Iterator[Problem]:
    """Slides that cannot be shown as written."""
    for document in case.companions:
        if companion(document.path) == "slides":
            yield from slide_faults(document)
            body = case.bodies.get(document.path)
            if body and not body.raw and not body.removed:
                yield from slide_html_faults(document)


def lesson_order(case: CheckContext) -> Iterator[Problem]:
    """Two lessons of one course with the same ``order``."""
    taken: dict[tuple[str, int], Entry] = {}
    for entry in case.loaded.entries:
        course, order = entry.facts.sequence, entry.facts.number
        if entry.kind != Lesson.kind or not order:
            continue
        first = taken.setdefault((course, order), entry)
        if first is not entry:
            what = f"与 {first.document.path} 在“{course}”里同一个次序"
            yield field_problem(entry, ("order",), str(order), what, "改其中一个", "lesson-order")


RULES = (
    clips,
    minutes_of_faulty_lessons,
    slides,
    lesson_order,
)
TOGETHER: tuple[Rule, ...] = (lesson_order,)
