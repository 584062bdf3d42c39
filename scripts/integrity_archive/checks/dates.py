"""Rules on dates."""

from __future__ import annotations

from collections.abc import Iterator

from integrity_archive.checks.context import CheckContext
from integrity_archive.checks.places import field_problem
from integrity_archive.checks.rule import ENTRY, rule
from integrity_archive.content.entry import Entry
from integrity_archive.support.problems import Problem


@rule(scope=ENTRY)
def dates_in_period(entry: Entry, context: CheckContext) -> Iterator[Problem]:
    """Dates outside the period that the entry names."""
    vocabulary = context.vocabulary
    dates, period = entry.meta.dates, vocabulary.period(entry.meta.period or "")
    if not dates or not period or (dates.start <= period.end and dates.last >= period.start):
        return
    fitting = [
        label
        for label in vocabulary["periods"]
        if (p := vocabulary.period(label)) and dates.start <= p.end and dates.last >= p.start
    ]
    what = f"与朝代“{period.label}”（{period.start} 至 {period.end}）不合"
    if period.start <= -dates.start <= period.end:
        remedy = f"公元前用负数：{-dates.start}"
    else:
        remedy = f"改年份，或把朝代改为“{'”或“'.join(fitting)}”" if fitting else "核对年份；公元前用负数"
    years = str(dates.start) if dates.end is None else f"{dates.start} 至 {dates.end}"
    yield field_problem(entry, ("dates",), years, what, remedy, "period-dates")


@rule(scope=ENTRY)
def review_dates(entry: Entry, context: CheckContext) -> Iterator[Problem]:
    """A review dated before the entry was published."""
    reviewed, published = entry.meta.reviewed, entry.meta.published
    if published and reviewed and reviewed < published:
        what, remedy = f"早于入馆日期 {published.isoformat()}", "核对 published 与 reviewed"
        day = reviewed.isoformat()
        yield field_problem(entry, ("reviewed",), day, what, remedy, "review-date", severity="warning")
