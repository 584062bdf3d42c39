"""Dates from a year to a day: as authors write them, in order, for readers, and in the format for machines."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from integrity_archive.content.model.dates import AnyDates, Dates, Moment, dates_in_words, written
from integrity_archive.exports.crosswalk import edtf

DATES: TypeAdapter[Dates] = TypeAdapter(AnyDates)
YEARS = st.integers(-9999, 9999).filter(bool).map(Moment)
DAYS = st.dates(datetime.date(1582, 10, 15)).map(lambda d: Moment(d.year, d.month, d.day))
MONTHS = DAYS.map(lambda d: Moment(d.year, d.month))
SPANS = st.one_of(*(st.tuples(m, m).map(lambda pair: tuple(sorted(pair))) for m in (YEARS, MONTHS, DAYS)))


def _of_edtf(text: str) -> tuple[list[Moment], bool]:
    """A reading of EDTF level 1 that does not share a line with the writing."""
    moments = []
    for side in text.split("/"):
        found = re.fullmatch(r"(-?\d{4})(?:-(\d\d)(?:-(\d\d))?)?~?", side)
        assert found, text
        year, month, day = (int(part or 0) for part in found.groups())
        moments.append(Moment(year if year > 0 else year - 1, month, day))
    return moments, text.endswith("~")


def _plain(moment: Moment) -> Any:
    """As it stands in the front matter after YAML was read."""
    return datetime.date(*moment) if moment.day else written(moment) if moment.month else moment.year


@given(SPANS, st.booleans())
def test_dates_come_back_from_the_front_matter_and_from_edtf(span: tuple[Moment, Moment], circa: bool) -> None:
    since, until = span
    dates = DATES.validate_python({"from": _plain(since), "to": _plain(until), "circa": circa})
    assert (dates.since, dates.final) == span
    assert _of_edtf(edtf(dates)) == ([since, until], circa)
    assert DATES.validate_python(f"{written(since)}/{written(until)}") == dates.model_copy(update={"circa": False})
    alone = DATES.validate_python(_plain(since))
    assert (alone.since, alone.until) == (since, None)
    assert _of_edtf(edtf(alone)) == ([since], False)


@given(st.one_of(MONTHS, DAYS), st.one_of(MONTHS, DAYS, YEARS))
def test_dates_run_forward_or_are_refused(since: Moment, until: Moment) -> None:
    exact = min(len(since.known), len(until.known))
    try:
        DATES.validate_python({"from": since, "to": until})
        accepted = True
    except ValidationError:
        accepted = False
    assert accepted == (since[:exact] <= until[:exact])


@pytest.mark.parametrize(
    "value",
    [
        0, True, 10_000, "108", "2026-02-29", "2026-00-01", "2026-11-31", "2026-13", "1582-10-14", "0000-01-01", 1.5,
        "-356-01-01", "2026-11-30/", "/2026", "2026-11-30/2026-11-29", "2026/0", datetime.date(1500, 1, 1), [2026],
    ],
)  # fmt: skip
def test_no_other_dates_are_taken(value: Any) -> None:
    with pytest.raises(ValidationError):
        DATES.validate_python(value)


@pytest.mark.parametrize(
    ("value", "words", "machine"),
    [
        (-356, "前 356 年", "-0355"),
        ({"from": -356, "to": -320, "circa": True}, "约前 356—前 320 年", "-0355~/-0319~"),
        ({"from": -1, "to": 1}, "前 1—1 年", "0000/0001"),
        ("1921/1944", "1921—1944 年", "1921/1944"),
        ("2026-11", "2026 年 11 月", "2026-11"),
        ("2026-03/2026-05", "2026 年 3—5 月", "2026-03/2026-05"),
        ("2025-12/2026-01", "2025 年 12 月—2026 年 1 月", "2025-12/2026-01"),
        ("2026-11-30", "2026 年 11 月 30 日", "2026-11-30"),
        ("2026-11-30/2026-11-30", "2026 年 11 月 30 日", "2026-11-30/2026-11-30"),
        ("2026-12-1/2026-12-03", "2026 年 12 月 1—3 日", "2026-12-01/2026-12-03"),
        ("2026-11-30/2026-12-02", "2026 年 11 月 30 日—12 月 2 日", "2026-11-30/2026-12-02"),
        ("2026-11-30/2027-11-30", "2026 年 11 月 30 日—2027 年 11 月 30 日", "2026-11-30/2027-11-30"),
        ({"from": 1949, "to": "1950-03", "circa": True}, "约1949 年—1950 年 3 月", "1949~/1950-03~"),
    ],
)
def test_dates_read_naturally(value: Any, words: str, machine: str) -> None:
    dates = DATES.validate_python(value)
    assert dates_in_words(dates.since, dates.final, dates.circa) == words
    assert edtf(dates) == machine
