"""Days on which the solar terms begin."""

from __future__ import annotations

import pytest

from integrity_archive.content.model.field_types import SOLAR_TERMS
from integrity_archive.site.solar_terms import FROM_JANUARY, calendar, term_days


@pytest.mark.parametrize(
    ("year", "term", "month", "day"),
    [
        (2026, "立春", 2, 4),
        (2026, "小满", 5, 21),
        (2026, "大雪", 12, 7),
        (2026, "冬至", 12, 22),
        (2027, "小寒", 1, 5),
        (2027, "雨水", 2, 19),
        (2027, "立冬", 11, 7),
    ],
)
def test_terms_fall_on_their_days(year: int, term: str, month: int, day: int) -> None:
    at = FROM_JANUARY.index(term)
    assert at // 2 + 1 == month
    assert int(term_days(year)[at * 2 : at * 2 + 2]) == day


def test_every_year_has_all_terms_in_order() -> None:
    assert sorted(FROM_JANUARY) == sorted(SOLAR_TERMS)
    for days in calendar(2026, 21, {}).values():
        assert len(days) == 48
        for first, second in ((int(days[i : i + 2]), int(days[i + 2 : i + 4])) for i in range(0, 48, 4)):
            assert 3 <= first <= 9
            assert 18 <= second <= 24
