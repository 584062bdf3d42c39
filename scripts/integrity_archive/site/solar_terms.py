"""Solar terms: the day on which each of the twenty-four begins, in China's civil time."""

from __future__ import annotations

from collections.abc import Mapping

from integrity_archive.content.model.field_types import SOLAR_TERMS

FROM_JANUARY: tuple[str, ...] = (*SOLAR_TERMS[-2:], *SOLAR_TERMS[:-2])
"""The terms in the order of a calendar year, two a month, beginning with 小寒 and 大寒."""


def term_days(year: int) -> str:
    """Days of the month on which the year's terms begin, two digits each, in the order of ``FROM_JANUARY``.

    The month is implied: the n-th pair of terms falls in the n-th month.
    """
    from lunar_python import Solar  # seldom needed

    # A table of the library extends from one winter solstice to the next, so a calendar year needs two.
    tables = [Solar.fromYmd(y, 6, 1).getLunar().getJieQiTable() for y in (year, year + 1)]
    days = {n: day.getDay() for table in tables for n, day in table.items() if day.getYear() == year}
    return "".join(f"{days[name]:02}" for name in FROM_JANUARY)


def calendar(first_year: int, years: int, known: Mapping[int, str]) -> dict[int, str]:
    """``term_days`` of several years; what is known is not computed again, because a year takes 10 ms."""
    return {year: known.get(year) or term_days(year) for year in range(first_year, first_year + years)}
