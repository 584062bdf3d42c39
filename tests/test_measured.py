"""Runs of the benchmark, and what a reader of the handbook sees of them."""

from __future__ import annotations

import datetime

import pytest
import yaml

from integrity_archive.build.benchmark_runs import Measurement, Run, as_data, chart, runs_of

SLOW = Measurement("改一条的正文", 3.0, 2, "秒")
LARGE = Measurement("索引", 33.0, 30, "MB")
WRONG = Measurement("不同的文件树", 1, 0, "处", exact=True)


def run_of(*figures: Measurement, bare: float = 0.0, entries: int = 10_000) -> Run:
    return Run(datetime.date(2026, 11, 27), "Linux", entries, 0.1, figures, bare)


def rows(*runs: Run) -> list[str]:
    return [line for line in chart(runs) if line.startswith("|") and "--" not in line][1:]


def test_seconds_are_those_of_the_machine_of_the_budgets() -> None:
    """Half as fast, twice the seconds are allowed; but not twice the room, and no more faults."""
    slow, fast = (run_of(SLOW, LARGE, WRONG, bare=bare) for bare in (51.2, 25.6))
    assert [slow.missed(f) for f in slow.figures] == [False, True, True]
    assert [fast.missed(f) for f in fast.figures] == [True, True, True]
    assert slow.share(SLOW) == pytest.approx(0.75)
    assert run_of(SLOW, bare=5.12, entries=1000).share(SLOW) == pytest.approx(0.75)
    assert run_of(SLOW).missed(SLOW)  # nothing is known of the machine


def test_the_table_says_what_was_measured_and_what_that_is_of_the_budget() -> None:
    assert rows(run_of(SLOW, LARGE, WRONG, bare=51.2)) == [
        "| 75% ■■■■□ | 3 / 2\u00a0秒 | 改一条的正文 |",
        "| **110% 超出** ■■■■■▶ | 33 / 30\u00a0MB | 索引 |",
        "| **超出** | 1 / 0\u00a0处 | 不同的文件树 |",
    ]
    before = rows(run_of(SLOW, bare=51.2), run_of(SLOW), run_of(SLOW))
    assert before[-2:] == ["| 2026-11-27 | 10000 | 改一条的正文 3 秒 |", "| 2026-11-27 | 10000 | 没有 |"]


def test_a_run_is_read_as_it_was_kept() -> None:
    kept = run_of(SLOW, WRONG, bare=51.2)
    assert runs_of(yaml.safe_dump([as_data(kept)], allow_unicode=True)) == (kept,)
    with pytest.raises(ValueError, match=r"measured\.yml"):
        runs_of("- date: 一")
