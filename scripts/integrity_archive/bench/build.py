"""Build benchmark: the archive compared with the same pages under bare MkDocs and Material."""

from __future__ import annotations

import filecmp
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from integrity_archive.bench.measure import Cost, run, size
from integrity_archive.bench.synthetic import write_archive
from integrity_archive.content.entry import FOLDERS
from integrity_archive.output.marker import MARKER

BARE_YML = """\
site_name: 试验馆
use_directory_urls: false
theme: {name: material, language: zh, font: false, features: [navigation.prune]}
plugins: []
validation: {nav: {omitted_files: ignore}, links: {not_found: ignore}}
nav: [{首页: index.md}]
"""


@dataclass(frozen=True)
class Result:
    """The measurements of one size."""

    entries: int
    ours: Cost
    output: int
    bare: Cost | None
    same: bool | None
    """Whether two builds gave the same bytes; None if not tested."""

    @property
    def ratio(self) -> float | None:
        return self.ours.seconds / self.bare.seconds if self.bare else None


def measure(project: Path, entries: int, *, bare: bool, twice: bool) -> Result:
    """Build a synthetic archive of ``entries`` entries outside the repository and measure it."""
    with TemporaryDirectory(prefix="archive-bench-") as folder:
        root = Path(folder, "archive")
        write_archive(project, root, entries)
        archive = [sys.executable, "-m", "integrity_archive", "--root", str(root), "--quiet", "build"]
        ours = run([*archive, "--out", f"{folder}/site"], root)
        output = size(Path(folder, "site"))
        same = None
        if twice:
            run([*archive, "--out", f"{folder}/again"], root)
            same = same_tree(Path(folder, "site"), Path(folder, "again"))
        shutil.rmtree(Path(folder, "site"))
        return Result(entries, ours, output, bare_cost(root, Path(folder, "bare")) if bare else None, same)


def bare_cost(root: Path, target: Path) -> Cost:
    """The cost of the same Markdown files under MkDocs and Material alone."""
    docs = target / "docs"
    shutil.copytree(root / "docs", docs)
    for name in FOLDERS:
        if "/" not in name and (root / name).is_dir():
            shutil.copytree(root / name, docs / name)
    (docs / "vocabulary.yml").unlink()
    (docs / "index.md").write_text("# 首页\n", encoding="utf-8")
    (target / "mkdocs.yml").write_text(BARE_YML, encoding="utf-8")
    return run([sys.executable, "-m", "mkdocs", "build", "--quiet"], target)


def same_tree(left: Path, right: Path) -> bool:
    """Whether two folders hold the same files with the same bytes, apart from their markers, whose ids are random."""
    names, others = (
        sorted(str(f.relative_to(folder)) for f in folder.rglob("*") if f.is_file() and f.name != MARKER)
        for folder in (left, right)
    )
    return names == others and not any(filecmp.cmpfiles(left, right, names, shallow=False)[1:])


def report(results: list[Result]) -> str:
    """The results as a table, with the growth from the first to the last."""
    lines = [f"{'entries':>8} {'wall s':>8} {'peak MB':>8} {'output MB':>10} {'bare s':>8} {'ratio':>6}  same bytes"]
    for r in results:
        bare = f"{r.bare.seconds:8.1f} {r.ratio:6.2f}" if r.bare else f"{'-':>8} {'-':>6}"
        same = "-" if r.same is None else "yes" if r.same else "NO"
        lines.append(f"{r.entries:8} {r.ours.seconds:8.1f} {r.ours.peak_mb:8.0f} {r.output / 1e6:10.1f} {bare}  {same}")
    if len(results) > 1:
        first, last = results[0], results[-1]
        growth, times = last.ours.seconds / first.ours.seconds, last.entries / first.entries
        lines.append(f"growth {first.entries} -> {last.entries}: {growth:.1f} x the time for {times:g} x the entries")
    return "\n".join(lines)
