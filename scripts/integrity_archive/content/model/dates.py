"""Dates: the time that an entry is about, exact to a year, a month or a day, and its wording for readers."""

from __future__ import annotations

import calendar
import datetime
import re
from typing import Annotated, Any, NamedTuple

from pydantic import BeforeValidator, Field, PlainValidator, StrictBool, WithJsonSchema
from pydantic_core import PydanticCustomError

from integrity_archive.content.model.field_types import Part, fault

GREGORIAN_FROM = (1582, 10, 15)
"""First day of the Gregorian calendar; earlier months and days belong to other calendars, such as the Chinese one."""

_YEAR = r"-?\d{1,4}"
_MONTH_OR_DAY = r"\d{4}-\d{1,2}(-\d{1,2})?"
_ONE = rf"({_YEAR}|{_MONTH_OR_DAY})"
_SHORTHAND = rf"^({_MONTH_OR_DAY}|{_ONE}/{_ONE})$"


class Moment(NamedTuple):
    """A year, a month or a day, as exact as it is known. Moments of one exactness sort in the order of time."""

    year: int
    """Common era; before it negative, without a year 0: 356 BCE is -356."""
    month: int = 0
    """0 if only the year is known."""
    day: int = 0
    """0 if only the month or the year is known."""

    @property
    def known(self) -> tuple[int, ...]:
        """The parts that are known: year, then month, then day."""
        return tuple(part for part in self if part)


def _moment(value: Any) -> Moment:
    """Read a moment as authors write it: ``-356``, ``2026-11``, ``2026-11-30``.

    Raises:
        PydanticCustomError: it is none, or the calendar has no such day.
    """
    if isinstance(value, Moment):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return _year(value)
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return _day(Moment(value.year, value.month, value.day))
    if isinstance(value, str) and re.fullmatch(_MONTH_OR_DAY, value):
        return _day(Moment(*map(int, value.split("-"))))
    raise _unreadable(value)


def _unreadable(value: Any) -> PydanticCustomError:
    shown = str(value).lower() if isinstance(value, bool) else value
    remedy = "年份只写数字，不加引号，如 -356；日期写成 2026-11-30 的样子"
    return fault("date", f"“{shown}”不是年份，也不是日期", remedy)


def _year(year: int) -> Moment:
    if year == 0:
        raise fault("year_zero", "公元没有 0 年", "公元前 1 年写 -1，公元 1 年写 1")
    if not -9999 <= year <= 9999:
        raise fault("date", f"{year} 年超出范围", "年份在 -9999 与 9999 之间")
    return Moment(year)


def _day(moment: Moment) -> Moment:
    """A month or a day, if the Gregorian calendar has it."""
    year, month, day = moment
    if not 1 <= month <= 12 or (len(moment.known) < 3 and day) or not year:
        raise fault("date", f"没有 {written(moment)} 这个日期", "核对年月日")
    if day > calendar.monthrange(year, month)[1]:
        raise fault("date", f"没有 {written(moment)} 这一天", "核对年月日")
    if (year, month, day or 31) < GREGORIAN_FROM:
        remedy = "只写年份；农历的月日写进正文"
        raise fault("calendar", f"{written(moment)} 在公历开始（1582-10-15）以前", remedy)
    return moment


def written(moment: Moment) -> str:
    """A moment as authors write it."""
    year, month, day = moment
    return str(year) if not month else f"{year:04d}-{month:02d}" + (f"-{day:02d}" if day else "")


def _from_shorthand(value: Any) -> Any:
    """Dates written as one value, ``-356`` or ``2026-11-30/2026-12-02``, as a mapping; a mapping stays as it is."""
    if isinstance(value, str):
        if not re.fullmatch(_SHORTHAND, value):
            raise _unreadable(value)
        sides = (int(side) if re.fullmatch(_YEAR, side) else side for side in value.split("/"))
        return dict(zip(("from", "to"), map(_moment, sides), strict=False))
    if isinstance(value, (int, datetime.date)):
        return {"from": _moment(value)}
    return value


_Moment = Annotated[
    Moment,
    PlainValidator(_moment),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": -9999, "maximum": 9999, "not": {"const": 0}},
                {"type": "string", "pattern": f"^{_MONTH_OR_DAY}$"},
            ]
        }
    ),
]


class Dates(Part):
    """年代：一个年份、一月、一天，或一段。不必写约数时，也可直接写成 -356、2026-11-30 或 2026-11-30/2026-12-02。"""

    since: _Moment = Field(alias="from")
    """起始：公元年，公元前用负数，前 356 年写 -356，没有 0 年；知道月日的，写公历 2026-11 或 2026-11-30"""
    until: _Moment | None = Field(None, alias="to")
    """终止，写法同上；只有一年、一天就不写"""
    circa: StrictBool = False
    """约数写 true，页面显示“约”"""

    def model_post_init(self, context: Any) -> None:
        if self.until is None:
            return
        exact = min(len(self.since.known), len(self.until.known))
        if self.until.known[:exact] >= self.since.known[:exact]:
            return
        if self.since.month or self.until.month:
            what = f"终止 {written(self.until)} 早于起始 {written(self.since)}"
            raise fault("date_order", what, "对调起止")
        what = f"终止年 {self.until.year} 早于起始年 {self.since.year}"
        raise fault("year_order", what, "对调 from 与 to；公元前用负数")

    @property
    def final(self) -> Moment:
        """The last moment covered."""
        return self.since if self.until is None else self.until

    @property
    def start(self) -> int:
        """The first year covered."""
        return self.since.year

    @property
    def end(self) -> int | None:
        """The year at which it ends; None if only the beginning is given."""
        return None if self.until is None else self.until.year

    @property
    def last(self) -> int:
        """The last year covered."""
        return self.final.year


AnyDates = Annotated[
    Dates,
    BeforeValidator(_from_shorthand, json_schema_input_type=int | Annotated[str, Field(pattern=_SHORTHAND)] | Dates),
]
"""Dates as a mapping or as one value."""


# --- wording ------------------------------------------------------------------------------------------------------


def year_in_words(number: int) -> str:
    """A year for readers, without the word for it: ``前 356``."""
    return f"前 {-number}" if number < 0 else str(number)


def dates_in_words(since: Moment, until: Moment, circa: bool = False) -> str:
    """Dates for readers: ``约前 356—前 320 年``, ``2026 年 11 月 30 日—12 月 2 日``, ``2026 年 12 月 1—3 日``."""
    about = "约" if circa else ""
    if since == until:
        return about + _in_words(since.known)
    if len(since.known) != len(until.known):
        return f"{about}{_in_words(since.known)}—{_in_words(until.known)}"
    common = 0
    while since[common] == until[common]:
        common += 1
    units = _UNITS[common : len(since.known)]
    if len(units) == 1:  # only the last number differs, so its unit is said once
        before = _in_words(since.known[:common])
        first, last = (year_in_words(moment[common]) for moment in (since, until))
        return f"{about}{before}{' ' if before else ''}{first}—{last} {units[0]}"
    return f"{about}{_in_words(since.known)}—{_in_words(until.known[common:], units)}"


_UNITS = ("年", "月", "日")


def _in_words(numbers: tuple[int, ...], units: tuple[str, ...] = _UNITS) -> str:
    return " ".join(f"{year_in_words(number)} {unit}" for number, unit in zip(numbers, units, strict=False))
