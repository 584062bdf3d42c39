"""Benchmark runs: kept as data, and the handbook's table of the last of them."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import yaml

from integrity_archive.content.data_file import BENCHMARK_PATH
from integrity_archive.content.front_matter import plain_yaml

BAR = 5
"""Signs of a bar that stands for a whole budget."""
BARE_SECONDS = 25.6
"""What ten thousand pages took MkDocs with its theme alone, on the machine that the budgets in seconds are for."""


@dataclass(frozen=True)
class Measurement:
    """One thing measured."""

    name: str
    value: float
    budget: float
    """What it must not exceed; 0 for none, unless ``exact``."""
    unit: str
    exact: bool = False
    """Whether the budget is just that number."""

    @property
    def judged(self) -> bool:
        return self.exact or self.budget > 0

    @property
    def share(self) -> float:
        """Of the budget; 0 or more than whole for an exact one."""
        return self.value / self.budget if self.budget else float(self.value > 0) * 2

    @property
    def timed(self) -> bool:
        """Whether a slower machine gives more."""
        return self.unit in ("秒", "毫秒")


@dataclass(frozen=True)
class Run:
    """One run of the benchmark."""

    date: datetime.date
    where: str
    """What machine it was."""
    entries: int
    load: float
    """Of the machine before it: what else it had to do."""
    figures: tuple[Measurement, ...]
    bare: float = 0.0
    """Seconds that MkDocs with its theme alone took for the same pages; 0 where that is not known."""

    @property
    def pace(self) -> float:
        """How many times as long as on the machine of the budgets this one takes for the same work."""
        return self.bare / (BARE_SECONDS * self.entries / 10_000) if self.bare else 1.0

    def share(self, figure: Measurement) -> float:
        """Of the budget, on the machine of the budgets."""
        return figure.share / self.pace if figure.timed else figure.share

    def missed(self, figure: Measurement) -> bool:
        """Whether a figure exceeds its budget, also allowing for the machine."""
        return figure.judged and self.share(figure) > 1


def runs_of(text: str) -> tuple[Run, ...]:
    """The runs in the text of ``docs/measured.yml``.

    Raises:
        ValueError: it is damaged.
    """
    try:
        return tuple(_run(data) for data in plain_yaml(text) or ())
    except (yaml.YAMLError, TypeError, KeyError) as error:
        raise ValueError(f"{BENCHMARK_PATH} 读不出来：{error}") from None


def _run(data: Mapping[str, Any]) -> Run:
    figures = tuple(Measurement(**figure) for figure in data["figures"])
    return Run(data["date"], data["where"], data["entries"], data["load"], figures, data.get("bare", 0.0))


def as_data(run: Run) -> dict[str, Any]:
    """A run as plain values."""
    figures = [{**asdict(f), "value": round(f.value, 3)} for f in run.figures]
    return {**asdict(run), "figures": figures, "bare": round(run.bare, 3)}


def chart(runs: Sequence[Run]) -> Iterator[str]:
    """Markdown: the last run beside its budgets, each as a bar, and what the runs before it gave."""
    if not runs:
        yield "还没有量过。"
        return
    last = runs[-1]
    yield f"{last.date}，{last.entries} 条，{last.where}，机器负载 {last.load:g}，快慢 {last.pace:.2g}。"
    # What was measured comes last: it is the one column that may wrap on a telephone.
    yield from ("", "| 折算占比 | 量得 / 预算 | 量什么 |", "|---|---:|---|")
    for figure in last.figures:
        budget = f" / {figure.budget:g}" if figure.judged else ""
        yield f"| {_bar(last, figure)} | {_number(figure.value)}{budget}\u00a0{figure.unit} | {figure.name} |"
    if len(runs) > 1:
        yield from ("", "以前几次：", "", "| 日期 | 条目 | 超出预算的 |", "|---|---:|---|")
        for run in reversed(runs[:-1]):
            over = "；".join(f"{f.name} {f.value:.4g} {f.unit}" for f in run.figures if run.missed(f)) or "没有"
            yield f"| {run.date} | {run.entries} | {over} |"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def _bar(run: Run, figure: Measurement) -> str:
    """The share in words, then as a row of squares that a budget fills."""
    if not figure.judged:
        return "不设"
    if not figure.budget:
        return "**超出**" if run.missed(figure) else "正好"
    share = run.share(figure)
    filled = min(BAR, round(share * BAR))
    squares = "■" * filled + "□" * (BAR - filled)
    return f"**{share:.0%} 超出** {squares}▶" if run.missed(figure) else f"{share:.0%} {squares}"
