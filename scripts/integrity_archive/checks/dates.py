"""Rules on dates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from integrity_archive.checks.context import CheckContext, Rule
from integrity_archive.checks.places import field_problem
from integrity_archive.support.problems import Problem

if TYPE_CHECKING:
    pass


def dates_in_period(case: CheckContext) -> Iterator[Problem]:
    """Dates outside the period that the entry names."""
    for entry in case.sound:
        dates, period = entry.meta.dates, case.vocabulary.period(entry.meta.period or "")
        if not dates or not period or (dates.start <= period.end and dates.last >= period.start):
            continue
        fitting = [
            label
            for label in case.vocabulary["periods"]
            if (p := case.vocabulary.period(label)) and dates.start <= p.end and dates.last >= p.start
        ]
        what = f"与朝代“{period.label}”（{period.start} 至 {period.end}）不合"
        if period.start <= -dates.start <= period.end:
            remedy = f"公元前用负数：{-dates.start}"
        else:
            remedy = f"改年份，或把朝代改为“{'”或“'.join(fitting)}”" if fitting else "核对年份；公元前用负数"
        years = str(dates.start) if dates.end is None else f"{dates.start} 至 {dates.end}"
        yield field_problem(entry, ("dates",), years, what, remedy, "period-dates")


def review_dates(case: CheckContext) -> Iterator[Problem]:
    """A review dated before the entry was published."""
    for entry in case.sound:
        meta = entry.meta
        if meta.published and meta.reviewed and meta.reviewed < meta.published:
            what = f"早于入馆日期 {meta.published.isoformat()}"
            remedy = "核对 published 与 reviewed"
            yield Problem(
                entry.document.path, entry.line(("reviewed",)), "reviewed", meta.reviewed.isoformat(), what, remedy,
                "review-date", "warning",
            )  # fmt: skip


RULES = (
    dates_in_period,
    review_dates,
)
TOGETHER: tuple[Rule, ...] = ()
