"""Budgets: measures every number the archive promises, in one run and one table, which can be stored as data."""

from __future__ import annotations

import datetime
import os
import platform
import shutil
import statistics
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from integrity_archive.bench import search
from integrity_archive.bench.build import bare_cost, same_tree
from integrity_archive.bench.measure import run, size
from integrity_archive.bench.serve import seconds_to_see
from integrity_archive.bench.synthetic import write_archive
from integrity_archive.build.benchmark_runs import Measurement, Run, as_data, runs_of
from integrity_archive.content.data_file import BENCHMARK_PATH
from integrity_archive.usb.capacity import space_of
from integrity_archive.usb.manifest import manifest_of


def measure(project: Path, entries: int) -> Run:
    """Measure everything with this number of entries."""
    load = os.getloadavg()[0]  # before the measurements, which keep all processors busy: the load of other programs
    builds, bare = _builds(project, entries)
    figures = [*builds, *_search(project, entries)]
    where = f"{platform.system()}，{os.cpu_count()} 个处理器，Python {platform.python_version()}"
    return Run(datetime.date.today(), where, entries, round(load, 1), tuple(figures), bare)


def _builds(project: Path, entries: int) -> tuple[list[Measurement], float]:
    """The measurements of builds, and the seconds that bare MkDocs and Material take for the same pages."""
    with TemporaryDirectory(prefix="archive-bench-") as folder:
        root, site = Path(folder, "archive"), Path(folder, "site")
        write_archive(project, root, entries)
        archive = [sys.executable, "-m", "integrity_archive", "--root", str(root), "--quiet", "build", "--out"]
        # The first build makes the teacher packs, which are cached; the second, to another folder, is a cold one.
        first = run([*archive, f"{folder}/first"], root)
        shutil.rmtree(f"{folder}/first")
        ours = run([*archive, str(site)], root)
        lessons = len(list((root / "docs/lessons").glob("*.md")))
        again = Path(folder, "again")
        warm = {what: _median(root, [*archive, str(site)], edit) for what, edit in EDITS.items()}
        run([*archive, str(again)], root)
        same = same_tree(site, again)
        shutil.rmtree(again)
        seen = seconds_to_see(root)
        small = Path(folder, "small")
        write_archive(project, small, entries // 10)
        archive[4] = str(small)
        run([*archive, f"{folder}/small-first"], small)
        tenth = run([*archive, f"{folder}/small-site"], small)
        theirs = bare_cost(root, Path(folder, "bare"))
        space = space_of(manifest_of(site, "", "", "").files)
        figures = [
            Measurement("冷生成，与裸 MkDocs + Material 之比", ours.seconds / theirs.seconds, 1.5, "倍"),
            Measurement("冷生成", ours.seconds, 0, "秒"),
            Measurement("同样的页，裸 MkDocs + Material", theirs.seconds, 0, "秒"),
            Measurement("十倍的条目要几倍的时间", ours.seconds / tenth.seconds, 10, "倍"),
            Measurement("内存，主进程", ours.peak_mb, 600, "MB"),
            *(Measurement(f"{what}以后再生成，五次的中位数", seconds, 2, "秒") for what, seconds in warm.items()),
            Measurement("mkdocs serve 里保存到看见，五次的中位数", seen, 2, "秒"),
            Measurement("改过以后与从头生成不同的文件树", 0 if same else 1, 0, "处", exact=True),
            Measurement("每课的资料包，第一次", max(0.0, first.seconds - ours.seconds) / max(1, lessons), 0, "秒"),
            Measurement("网站大小", size(site) / 1e6, 0, "MB"),
            Measurement("文件数", space.files, 0, "个"),
            Measurement("32 KB 的簇浪费的地方", space.slack / 1e6, 0, "MB"),
        ]
        return figures, theirs.seconds


EDITS: Mapping[str, tuple[str, str]] = {
    "改一条的正文": ("又见[另一篇]", "又见了[另一篇]"),
    "改一条的题名": ('title: "', 'title: "再说'),
}
"""Edits of an entry: text before and after."""


def _median(root: Path, build: Sequence[str], edit: tuple[str, str]) -> float:
    """Median of the seconds to build the site again after an edit, for five entries, edited one after another."""
    stories = sorted((root / "stories").glob("*.md"))
    seconds = []
    for path in stories[:: max(1, len(stories) // 5)][:5]:
        path.write_text(path.read_text("utf-8").replace(*edit, 1), "utf-8")
        seconds.append(run(build, root).seconds)
    return statistics.median(seconds)


def _search(project: Path, entries: int) -> list[Measurement]:
    documents = search.make_documents(search.prose_of(project, entries), entries)
    queries = search.sample_queries(documents, 300)
    with TemporaryDirectory(prefix="search-bench-") as folder:
        site = Path(folder)
        shutil.copytree(project / "overrides" / "assets" / "js", site / "assets" / "js")
        built = search.build(documents, site)
        browsed = search.browse(site, documents, queries)
    return [
        Measurement("检索：生成索引", built.seconds, 5, "秒"),
        Measurement("检索：生成索引的内存", built.peak_mb, 600, "MB"),
        Measurement("检索：正文以外的索引", built.index_mb, 30, "MB"),
        Measurement("检索：与逐字查找不同的查询", len(browsed.wrong), 0, "次", exact=True),
        Measurement("检索：第一次查询，95% 在", search.percentile(browsed.cold_ms, 95), 100, "毫秒"),
        Measurement("检索：第一次查询读入，95% 在", search.percentile(browsed.cold_kb, 95), 300, "KB"),
        Measurement("检索：再次查询，95% 在", search.percentile(browsed.warm_ms, 95), 10, "毫秒"),
    ]


def table(found: Run) -> str:
    """The measurements with their budgets, with a mark at those that are exceeded."""
    lines = [
        f"{found.entries} 条，{found.where}，负载 {found.load}；"
        f"同样的活，这台机器要定预算的机器的 {found.pace:.2f} 倍时间，秒数按此折算"
    ]
    for figure in found.figures:
        budget = "（不设预算）"
        if figure.judged:
            budget = f"预算 {figure.budget:g} {figure.unit}，用了 {figure.share:.0%}"
            budget += f"，折算 {found.share(figure):.0%}" if figure.timed else ""
        lines.append(
            f"{'✗' if found.missed(figure) else ' '} {figure.name}：{figure.value:.4g} {figure.unit}　{budget}"
        )
    return "\n".join(lines)


def keep(project: Path, found: Run) -> None:
    """Add a run to those stored in the repository."""
    target = project / BENCHMARK_PATH
    runs: Sequence[Run] = runs_of(target.read_text("utf-8")) if target.is_file() else ()
    data = [as_data(each) for each in (*runs, found)]
    head = "# 量过的数字，由 scripts/bench all --keep 写入；手册的“量过的数字”一页照它生成。\n"
    target.write_text(head + yaml.safe_dump(data, allow_unicode=True, sort_keys=False), "utf-8")
