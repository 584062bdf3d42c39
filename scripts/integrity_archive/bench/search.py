"""Search benchmark: build, sizes, exactness, speed in Chromium over file://, known items; other search engines.

Run as ``scripts/bench search --entries 10000 [--texts DIR]``, or ``python -m integrity_archive.bench.search``.
"""

from __future__ import annotations

import json
import os
import pickle
import random
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from integrity_archive.bench.measure import run
from integrity_archive.bench.others import measure_material, measure_pagefind
from integrity_archive.bench.prose import Prose, clauses_of
from integrity_archive.search import SearchDocument, SearchField
from integrity_archive.search.build import build_search
from integrity_archive.search.fold import normal
from integrity_archive.search.pinyin import spell

LENGTH = 1_500
"""Characters per entry."""
SHORTEST = 300
SEED = 20
HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]+")
PERIODS = ("先秦", "秦", "西汉", "东汉", "三国", "唐", "宋", "元", "明", "清")
VIRTUES = ("清", "慎", "勤", "公", "正", "俭", "信")
KINDS = ("story", "craft", "lesson", "article")

PAGE = """<!doctype html><meta charset="utf-8"><title>search</title>
<script src="assets/js/loader.js" data-base=""></script><script src="assets/js/search-text.js"></script>
<script src="assets/js/search-index.js"></script><script src="assets/js/search-terms.js"></script>
<script src="assets/js/search-engine.js"></script>"""

COLD = """async query => {
  const start = performance.now();
  await archive.search.find(query, {limit: 10});
  return performance.now() - start;
}"""

WARM = """async queries => {
  const times = [];
  for (const query of queries) {
    await archive.search.find(query, {limit: 10});
    const start = performance.now();
    await archive.search.find(query, {limit: 10});
    times.push(performance.now() - start);
  }
  return times;
}"""


# ---- the documents -----------------------------------------------------------------------------------------


def texts_of(folder: Path, length: int = LENGTH) -> Iterable[tuple[str, str]]:
    """Source and text of pieces of about ``length`` characters, cut from every .txt file below a folder."""
    for path in sorted(folder.rglob("*.txt")):
        head, _, body = path.read_text(encoding="utf-8").partition("\n")
        for at in range(0, len(body), length):
            if len(piece := body[at : at + length].strip()) >= SHORTEST:
                yield head.split()[0] if head.split() else path.stem, piece


def prose_of(project: Path, entries: int, length: int = LENGTH) -> Iterable[tuple[str, str]]:
    """The same, from recombined clauses of the archive's own stories."""
    prose = Prose(SEED, clauses_of(project / "stories"))
    for _ in range(entries):
        yield "试验", prose.paragraphs(length)[:length]


def make_documents(pieces: Iterable[tuple[str, str]], entries: int) -> list[SearchDocument]:
    """Documents with titles from their texts and with synthetic people."""
    chance = random.Random(SEED)
    prose = Prose(SEED, ["甲"])
    people = list(dict.fromkeys(prose.name() for _ in range(max(20, entries // 5))))
    pieces = list(pieces)
    chance.shuffle(pieces)
    documents: list[SearchDocument] = []
    titles: set[str] = set()
    for number, (source, text) in enumerate(pieces):
        title = _title(source, text, titles, chance)
        if title:
            titles.add(title)
            documents.append(_document(number, title, text, people[len(documents) % len(people)], chance))
        if len(documents) == entries:
            break
    return sorted(documents, key=lambda document: document.id)


def _title(source: str, text: str, taken: set[str], chance: random.Random) -> str:
    """The first words of the text or, if another entry has them, two clauses from anywhere; empty if that fails too."""
    runs = [run[:8] for run in HAN.findall(text) if len(run) >= 4]
    for _ in range(8 if runs else 0):
        words = runs[0] if f"{source}·{runs[0]}" not in taken else chance.choice(runs)[:5] + chance.choice(runs)[:5]
        if (title := f"{source}·{words}") not in taken:
            return title
    return ""


def _document(number: int, title: str, text: str, person: str, chance: random.Random) -> SearchDocument:
    fields = (
        SearchField("people", person),
        SearchField("tags", "、".join(chance.sample(VIRTUES, 2))),
        SearchField("summary", text[:60]),
        SearchField("body", text),
    )
    facets = {"period": (chance.choice(PERIODS),), "virtue": tuple(chance.sample(VIRTUES, 2))}
    kind = chance.choice(KINDS)
    return SearchDocument(f"{kind}/{number:05}", f"{kind}/{number:05}.html", title, kind, fields, facets)


def sample_queries(documents: Sequence[SearchDocument], count: int) -> list[str]:
    """Strings of one to eight characters from the texts."""
    chance = random.Random(SEED)
    queries: list[str] = []
    while len(queries) < count:
        text = normal(chance.choice(documents).fields[-1].text)
        size = chance.randint(1, 8)
        at = chance.randrange(max(1, len(text) - size))
        if HAN.fullmatch(query := text[at : at + size]) and len(query) == size:
            queries.append(query)
    return queries


# ---- the index ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BuildCost:
    """The cost and result of a build."""

    seconds: float
    """Shortest of three builds, without reading the texts."""
    peak_mb: float
    """Peak memory of the whole process, documents included."""
    sizes: dict[str, tuple[int, int]]
    """Number of files and bytes of each family."""

    @property
    def index_mb(self) -> float:
        """Size of everything except the excerpt text."""
        return sum(size for family, (_, size) in self.sizes.items() if family != "texts") / 1e6


def build(documents: Sequence[SearchDocument], target: Path) -> BuildCost:
    """Build into ``target`` three times, each time in a new process."""
    (target / "documents.pickle").write_bytes(pickle.dumps(list(documents)))
    command = [sys.executable, "-m", "integrity_archive.bench.search", "--build-into", str(target)]
    peaks, times = [], []
    for _ in range(3):
        peaks.append(run(command, Path.cwd()).peak_mb)
        times.append(json.loads((target / "seconds.json").read_text()))
    sizes: dict[str, tuple[int, int]] = {}
    for path in (target / "search").iterdir():
        family = re.split(r"[-.]", path.name)[0]
        files, size = sizes.get(family, (0, 0))
        sizes[family] = (files + 1, size + path.stat().st_size)
    return BuildCost(min(times), max(peaks), sizes)


def write_build(target: Path) -> None:
    """Build once, as for a site; write the files and the time."""
    documents: list[SearchDocument] = pickle.loads((target / "documents.pickle").read_bytes())
    start = time.perf_counter()
    files = build_search(documents)
    seconds = time.perf_counter() - start
    (target / "search").mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        (target / path).write_bytes(content)
    (target / "seconds.json").write_text(json.dumps(seconds))


# ---- in the browser ----------------------------------------------------------------------------------------


@dataclass
class Browsed:
    """The measurements in a browser."""

    wrong: list[str] = field(default_factory=list)
    """Queries with results that differ from those of a substring search."""
    cold_ms: list[float] = field(default_factory=list)
    cold_kb: list[float] = field(default_factory=list)
    warm_ms: list[float] = field(default_factory=list)
    known: dict[str, tuple[int, int]] = field(default_factory=dict)
    """For each kind of known item: number found at the expected rank, and number searched."""


def browse(site: Path, documents: Sequence[SearchDocument], queries: Sequence[str]) -> Browsed:
    """Run all queries in Chromium over file://."""
    from playwright.sync_api import sync_playwright  # a test dependency

    (site / "bench.html").write_text(PAGE, encoding="utf-8")
    result = Browsed()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        read: set[str] = set()
        page.on("request", lambda request: read.add(request.url.partition("/search/")[2]))
        for query in queries:
            # A new page for each query, so that no part of the index is in memory.
            page.goto("about:blank")
            page.goto(f"{site.as_uri()}/bench.html")
            read.clear()
            result.cold_ms.append(page.evaluate(COLD, query))
            result.cold_kb.append(sum((site / "search" / name).stat().st_size for name in read if name) / 1e3)
        result.warm_ms = page.evaluate(WARM, list(queries))
        result.wrong = _wrong(page.evaluate, documents, queries)
        result.known = _known_items(page.evaluate, documents)
        browser.close()
    return result


def _wrong(evaluate: Callable[..., Any], documents: Sequence[SearchDocument], queries: Sequence[str]) -> list[str]:
    texts = ["\n".join(normal(part.text) for part in document.all_fields) for document in documents]
    return [
        query
        for query in queries
        if sorted(evaluate("q => archive.search.numbers(q)", query)) != [n for n, t in enumerate(texts) if query in t]
    ]


def _known_items(evaluate: Callable[..., Any], documents: Sequence[SearchDocument]) -> dict[str, tuple[int, int]]:
    """Titles and people, by characters (rank 1) and by pinyin and initials (ranks 1 to 3)."""
    chosen = random.Random(SEED).sample(list(documents), min(200, len(documents)))
    people = [document.fields[0].text for document in chosen]
    names = [document.title.split("·")[1] for document in chosen]
    holders: dict[str, set[str]] = {}
    for document in documents:
        holders.setdefault(document.fields[0].text, set()).add(document.id)

    def count(asked: Sequence[str], right: Sequence[set[str]], within: int) -> tuple[int, int]:
        ids = (
            [hit["id"] for hit in evaluate("q => archive.search.find(q, {limit: 3})", query)["hits"][:within]]
            for query in asked
        )
        return sum(bool(wanted & set(found)) for wanted, found in zip(right, ids, strict=True)), len(asked)

    own = [{document.id} for document in chosen]
    theirs = [holders[person] for person in people]
    return {
        "title, first": count([document.title for document in chosen], own, 1),
        "title without its source, first": count(names, own, 1),
        "person, first": count(people, theirs, 1),
        "title in pinyin, first three": count([spelt(d.title) for d in chosen], own, 3),
        "title in initials, first three": count([initials(d.title) for d in chosen], own, 3),
        "person in pinyin, first three": count([spelt(p, True) for p in people], theirs, 3),
        "person in initials, first three": count([initials(p, True) for p in people], theirs, 3),
        "  of these, initials of three letters": _subset(count, people, theirs),
    }


def _subset(count: Callable[..., tuple[int, int]], people: list[str], theirs: list[set[str]]) -> tuple[int, int]:
    long = [(p, ids) for p, ids in zip(people, theirs, strict=True) if len(p) == 3]
    return count([initials(p, True) for p, _ in long], [ids for _, ids in long], 3)


def spelt(text: str, person: bool = False) -> str:
    """Full pinyin, as typed by a user."""
    return spell(text, person)[0].replace(" ", "")


def initials(text: str, person: bool = False) -> str:
    """Initials, as typed by a user."""
    return "".join(syllable[0] for syllable in spell(text, person)[0].split())


# ---- the report --------------------------------------------------------------------------------------------


def report(documents: Sequence[SearchDocument], built: BuildCost, browsed: Browsed) -> str:
    """All measurements with their budgets."""
    characters = sum(len(part.text) for document in documents for part in document.all_fields)
    lines = [
        f"{len(documents)} entries, {characters / 1e6:.1f} M characters",
        _line("index build, s", built.seconds, 5),
        _line("peak memory, MB", built.peak_mb, 600),
        _line("index beside excerpt text, MB", built.index_mb, 30),
        *(f"    {name:8} {files:5} files {size / 1e6:7.2f} MB" for name, (files, size) in sorted(built.sizes.items())),
        f"recall and precision: {len(browsed.cold_ms) - len(browsed.wrong)} of {len(browsed.cold_ms)} queries exact",
        *(f"    wrong: {query}" for query in browsed.wrong[:10]),
        _line(
            "cold query p95, ms", percentile(browsed.cold_ms, 95), 100, f"median {percentile(browsed.cold_ms, 50):.0f}"
        ),
        _line("cold query p95, KB read", percentile(browsed.cold_kb, 95), 300, f"most {max(browsed.cold_kb):.0f}"),
        _line(
            "warm query p95, ms", percentile(browsed.warm_ms, 95), 10, f"median {percentile(browsed.warm_ms, 50):.1f}"
        ),
    ]
    lines += [_share(name, *counts) for name, counts in browsed.known.items()]
    for place, budget in (("first", "titles and people"), ("first three", "pinyin and initials")):
        both = [counts for name, counts in browsed.known.items() if name.endswith(f", {place}")]
        lines.append(
            _share(f"{budget} together, {place} (budget 95%)", sum(r for r, _ in both), sum(n for _, n in both))
        )
    if (load := os.getloadavg()[0]) > (os.cpu_count() or 1) + 1:
        lines.append(f"the machine was busy (load {load:.1f} on {os.cpu_count()} processors): its times say little")
    return "\n".join(lines)


def _share(name: str, right: int, of: int) -> str:
    return f"known item, {name}: {right} of {of} ({right / max(1, of):.1%})"


def _line(name: str, value: float, budget: float, more: str = "") -> str:
    verdict = "holds" if value <= budget else "TOO MUCH"
    return f"{name}: {value:.1f} (budget {budget:g}, {verdict}{', ' + more if more else ''})"


def percentile(values: Sequence[float], share: int) -> float:
    """The value that ``share`` per cent of the values do not exceed."""
    return sorted(values)[max(0, -(-len(values) * share // 100) - 1)]


@click.command("search")
@click.option("--entries", type=int, default=10_000, show_default=True, help="How many entries.")
@click.option(
    "--texts", type=click.Path(exists=True, file_okay=False), help="Folder of .txt files to cut entries from."
)
@click.option("--queries", type=int, default=300, show_default=True, help="How many sampled queries.")
@click.option(
    "--others", type=int, default=500, show_default=True, help="Entries for Material and Pagefind; 0 for none."
)
@click.option("--project", type=click.Path(exists=True, file_okay=False), default=".", help="The repository.")
@click.option("--build-into", type=click.Path(), hidden=True)
def main(entries: int, texts: str | None, queries: int, others: int, project: str, build_into: str | None) -> None:
    """The search: build, sizes, exactness, speed in Chromium, known items, and others on the same text."""
    if build_into:
        return write_build(Path(build_into))
    pieces = texts_of(Path(texts)) if texts else prose_of(Path(project), entries)
    documents = make_documents(pieces, entries)
    if len(documents) < entries:
        click.echo(f"only {len(documents)} entries in these texts", err=True)
    with TemporaryDirectory(prefix="search-bench-") as folder:
        site = Path(folder)
        shutil.copytree(Path(project, "overrides", "assets", "js"), site / "assets" / "js")
        built = build(documents, site)
        click.echo(report(documents, built, browse(site, documents, sample_queries(documents, queries))))
    if others:
        few = documents[:: max(1, len(documents) // others)][:others]
        asked = [query for query in sample_queries(few, 60) if len(query) > 1][:40]
        for measure in (measure_material, measure_pagefind):
            click.echo(measure(few, asked))
    return None


if __name__ == "__main__":
    main()
