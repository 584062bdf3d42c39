"""A site after edits is byte for byte the one a build of everything gives, and its search answers the same.

An edit makes little of the site again.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.request import urlopen

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from integrity_archive.archive.edition import WEB
from integrity_archive.build.state import State, state_of
from integrity_archive.mkdocs.build_site import BuildError, build_plan, renew_site
from integrity_archive.output.folder import output_lock
from integrity_archive.output.foreign_files import ClashError
from integrity_archive.output.marker import MARKER
from integrity_archive.search import SearchDocument
from integrity_archive.search.job import SearchJob
from integrity_archive.support.cache import cache_folder
from integrity_archive.support.progress import no_progress
from picture_files import file, photo
from search.engine import Question, assert_same_answers, questions_about
from test_fuzz import some
from trees import contents, entry_text, kind_of, write_tree

MKDOCS_YML = """\
site_name: 试验馆
site_url: https://archive.example/
theme: {name: material, language: zh, font: false, custom_dir: own}
plugins: [archive]
"""
STORIES = [f"stories/gu-shi-{n}.md" for n in range(7)]
ENTRIES: dict[str, dict[str, Any]] = {
    **{p: {"title": f"故事{n}", "related": [f"stories/gu-shi-{(n + 1) % 7}"]} for n, p in enumerate(STORIES)},
    "heritage/fen-si.md": {"related": ["stories/gu-shi-1"]},
    "docs/columns/xiao-man.md": {"solar_term": "小满"},
    "docs/halls/guan.md": {"zones": [{"title": "序厅", "exhibits": ["stories/gu-shi-2"]}]},
    "docs/lessons/ke/index.md": {
        "activities": [{"title": "读史料", "kind": "阅读", "minutes": 45, "entries": ["stories/gu-shi-3"]}]
    },
}
BODY = "齐威王之时喜隐，好为淫乐长夜之饮。见[另一篇]({})。\n\n## 小标题\n\n沉湎不治，委政卿大夫。"


class County:
    """An archive that is edited and built again and again; its clock moves on with every file written."""

    def __init__(self, folder: Path) -> None:
        self.root, self.site = folder / "archive", folder / "site"
        self.whole = folder / "cold"
        """Where a build of everything is."""
        self.chance = random.Random(7)
        """Picks what the search is asked for."""
        self.named: set[str] = set()
        """Names that the search was asked for: also those that are gone."""
        self._clock = itertools.count(1_600_000_000, 10)
        self.entries = {path: dict(values) for path, values in ENTRIES.items()}
        self.bodies = dict.fromkeys(ENTRIES, BODY)
        self.damaged: dict[str, bytes] = {}
        write_tree(self.root, {})
        for path in self.entries:
            self.write(path)
        slides = "## 四知\n\n天知，神知，我知，子知。\n"
        self.put("docs/lessons/ke/slides.md", slides)
        self.put("docs/index.md", "---\ntitle: 首页\ntemplate: home.html\n---\n欢迎。\n")
        self.put("own/partials/crumbs.html", "<nav>{{ crumbs | length }}</nav>\n")
        self.put("mkdocs.yml", MKDOCS_YML)
        self.put("docs/vocabulary.yml", (self.root / "docs/vocabulary.yml").read_text("utf-8"))

    def put(self, path: str, text: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
        os.utime(target, (next(self._clock),) * 2)

    def write(self, path: str) -> None:
        other = os.path.relpath("stories/gu-shi-0.md", os.path.dirname(path))
        self.put(path, entry_text(kind_of(path), self.entries[path], self.bodies[path].format(other)))

    def renew(self) -> set[str]:
        """Build the site again; the files that are not those that stood there."""
        before = _files(self.site) if self.site.exists() else {}
        with output_lock(self.site):
            renew_site(str(self.root), self.site, no_progress)
        return {path for path, inode in _files(self.site).items() if before.get(path) != inode}

    def cold(self) -> dict[str, bytes]:
        """The site as a build of everything gives it."""
        build_plan(str(self.root), str(self.whole), no_progress)
        return contents(self.whole)


def _files(folder: Path) -> dict[str, int]:
    return {path: (folder / path).stat().st_ino for path in contents(folder)}


def same(county: County) -> None:
    """The site is the one that a build of everything gives; its search, where it has an overlay, by its answers."""
    site, cold = contents(county.site), county.cold()
    if overlaid(county):
        assert_same_answers(county.site, county.whole, questions(county, cold))
        site, cold = ({p: data for p, data in each.items() if not p.startswith("search/")} for each in (site, cold))
    assert sorted(site) == sorted(cold)
    assert [path for path in cold if site[path] != cold[path]] == []


def overlaid(county: County) -> bool:
    """Whether the search of the site has an overlay."""
    return '"overlay":' in (county.site / "search/manifest.js").read_text("utf-8")


def questions(county: County, cold: dict[str, bytes]) -> list[Question]:
    """Of every entry that there is or was: title, people, and pieces of its text."""
    items = json.loads(cold["catalogue.json"])["items"]
    named = (
        name
        for item in items
        for column in ("title", "people", "location")
        for name in item.get(column, "").split("; ")
    )
    county.named.update(named)
    texts = {*county.bodies.values(), BODY, "齐威王之时喜隐"}
    filters = {"virtue": ["清"], "kind": ["story", "article"]}
    return questions_about(sorted(texts), sorted(county.named), filters, county.chance, 80)


@pytest.fixture
def county(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[County]:
    monkeypatch.setenv("ARCHIVE_CACHE", str(tmp_path / "cache"))
    yield County(tmp_path)


Step = Callable[[County, random.Random], None]


def body(county: County, chance: random.Random) -> None:
    path = chance.choice(sorted(county.entries))
    words = "".join(chance.choices("齐威王之时喜隐好为淫乐", k=chance.randint(1, 60)))
    county.bodies[path] = chance.choice([BODY + words, BODY.replace("沉湎", words), words, BODY])
    county.write(path)


def own(county: County, chance: random.Random) -> None:
    path = chance.choice(sorted(county.entries))
    n = chance.randint(1, 3)
    county.entries[path] |= chance.choice([
        {"title": f"新题{n}{path[-6]}"}, {"summary": f"另一句话{n}。"}, {"reviewed": f"2026-11-2{n}"},
        {"tags": [f"词{n}"]}, {"sources": [{"work": f"某书{n}", "locator": "卷一", "tier": "正史"}]},
    ])  # fmt: skip
    county.write(path)


def deeper(county: County, chance: random.Random) -> None:
    path = chance.choice([p for p in sorted(county.entries) if p.startswith("stories/")])
    county.entries[path] |= chance.choice([
        {"virtues": chance.sample(["清", "慎", "勤"], 2)}, {"people": [chance.choice(["王密", "杨秉", "曾参"])]},
        {"related": []}, {"period": "明"}, {"status": "draft", "related": []}, {"status": "published"},
        {"visibility": "internal", "related": []}, {"visibility": "public"}, {"dates": {"from": 90}},
        {"dates": chance.choice(["2026-11-30", "2026-11-30/2026-12-02", "2026-11"])},
        {"quotes": [{"text": chance.choice(["天知", "神知"]), "work": "后汉书", "locator": "卷五十四"}]},
        {"figure": {"name": chance.choice(["杨震", "王密"])}}, {"credibility": chance.choice(["史实", "存疑"])},
        {"published": f"2026-10-{chance.randint(10, 28)}"}, {"questions": ["为什么？", "凭什么？"]},
        {"textual_note": chance.choice(["一说。", "又一说。"])}, {"audiences": ["公众"]}, {"units": ["机关"]},
    ])  # fmt: skip
    county.write(path)


def of_kinds(county: County, chance: random.Random) -> None:
    """Fields that only some kinds have."""
    exhibit = chance.choice(STORIES).removesuffix(".md")
    path, values = chance.choice([
        ("docs/lessons/ke/index.md", {"minutes": 45, "objectives": [f"目标{chance.randint(1, 3)}"]}),
        ("docs/lessons/ke/index.md", {"materials": [f"材料{chance.randint(1, 3)}"]}),
        ("docs/halls/guan.md", {"address": chance.choice(["甲地", "乙地"]), "zones": []}),
        ("docs/halls/guan.md", {"zones": [{"title": "序厅", "exhibits": [exhibit]}]}),
        ("docs/columns/xiao-man.md", {"solar_term": chance.choice(["小满", "立夏"])}),
        ("heritage/fen-si.md", {"steps": [{"name": chance.choice(["泡", "磨"]), "text": "做。"}]}),
    ])  # fmt: skip
    county.entries[path] |= values
    county.write(path)


def beside(county: County, chance: random.Random) -> None:
    """Texts and files that are no entries."""
    word = chance.choice(["一", "二", "三"])
    drawing = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 4 3'><title>{word}</title></svg>"
    saying = f"{{text: 天知{word}, work: 书, locator: 卷, tier: 正史, checked: true, units: [机关]}}"
    path, text = chance.choice([
        ("docs/lessons/ke/slides.md", f"## 四知{word}\n\n天知。\n\n![图](tu.svg)\n"),
        ("docs/lessons/ke/slides.md", "## 四知\n\n天知，神知，我知，子知。\n"),
        ("docs/lessons/ke/handout.md", f"讲义{word}。\n"),
        ("docs/lessons/ke/tu.svg", drawing),
        ("docs/index.md", f"---\ntitle: 首页\ntemplate: home.html\n---\n欢迎{word}。\n"),
        ("docs/shuo-ming.md", f"---\ntitle: 说明{word}\n---\n见[故事](../stories/gu-shi-1.md)。\n"),
        ("stories/index.md", f"---\ntitle: 故事{word}\nsummary: 导语{word}\n---\n先看这里。\n"),
        ("docs/units/ji-guan.md", f"---\nsummary: 单元{word}\n---\n单元的导语。\n"),
        ("docs/sayings.yml", f"sayings:\n  - {saying}\n"),
    ])  # fmt: skip
    if (county.root / path).exists() and path.startswith(("docs/shuo", "stories/index", "docs/units")) and word == "三":
        (county.root / path).unlink()
    else:
        county.put(path, text)


def add(county: County, chance: random.Random) -> None:
    path = f"stories/xin-{chance.randint(1, 3)}.md"
    county.entries[path] = {"title": f"新篇{path[-4]}"}
    county.bodies[path] = BODY
    county.write(path)


def remove(county: County, chance: random.Random) -> None:
    for path in [p for p in county.entries if p.startswith("stories/xin-")][:1]:
        del county.entries[path]
        (county.root / path).unlink()


def rename(county: County, chance: random.Random) -> None:
    for path in [p for p in county.entries if p.startswith("stories/xin-")][:1]:
        new = f"stories/xin-ming-{chance.randint(1, 3)}.md"
        (county.root / path).unlink()
        county.entries[new], county.bodies[new] = county.entries.pop(path), BODY
        county.write(new)


def template(county: County, chance: random.Random) -> None:
    county.put("own/partials/crumbs.html", f"<nav>{{{{ crumbs | length }}}} {chance.random()}</nav>\n")


def vocabulary(county: County, chance: random.Random) -> None:
    data = yaml.safe_load((county.root / "docs/vocabulary.yml").read_text("utf-8"))
    data["virtues"][0]["hint"] = f"释义{chance.randint(1, 9)}"
    county.put("docs/vocabulary.yml", yaml.safe_dump(data, allow_unicode=True))


def setting(county: County, chance: random.Random) -> None:
    county.put("mkdocs.yml", MKDOCS_YML.replace("试验馆", f"试验馆{chance.randint(1, 9)}"))


def touch(county: County, chance: random.Random) -> None:
    county.write(chance.choice(sorted(county.entries)))


def damage(county: County, chance: random.Random) -> None:
    """A byte of what the last build left, or of the site itself, is another."""
    state = state_of(str(county.root), WEB, county.site)
    files = [
        p
        for p in (*state.folder.rglob("*"), *county.site.rglob("*"))
        if p.is_file() and p.stat().st_size and p.name != MARKER
    ]
    path = chance.choice(sorted(files))  # without the marker: a folder where it is damaged is not built into any more
    data = bytearray(path.read_bytes())
    data[chance.randrange(len(data))] ^= 1
    if chance.random() < 0.3:
        path.unlink()
    else:
        path.write_bytes(data)
        for folder in (county.site, state.spare):
            if path.is_relative_to(folder):
                county.damaged[path.relative_to(folder).as_posix()] = bytes(data)


def mend(county: County) -> None:
    """Move away what a build stops at or keeps, because it is no longer what a build wrote."""
    for path, data in county.damaged.items():
        if (county.site / path).is_file() and (county.site / path).read_bytes() == data:
            (county.site / path).unlink()
    county.damaged.clear()


STEPS = (
    body, body, own, own, deeper, deeper, of_kinds, beside, beside, add, remove, rename, template, vocabulary, setting,
    touch, damage,
)  # fmt: skip


@pytest.mark.long
@some(6)
@given(steps=st.lists(st.sampled_from(STEPS), min_size=2, max_size=6), seed=st.integers(0, 2**32))
def test_after_any_edits_the_bytes_are_those_of_a_whole_build(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Step], seed: int
) -> None:
    folder = tmp_path_factory.mktemp("county")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ARCHIVE_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
        county = County(folder)
        county.renew()
        chance = random.Random(seed)
        wrong = False
        for step in steps:
            step(county, chance)
            try:
                try:
                    county.renew()
                except ClashError:
                    assert county.damaged
                    mend(county)
                    county.renew()
                mend(county)
                wrong = False
            except BuildError:
                wrong = True
        if wrong:
            with pytest.raises(BuildError):
                county.cold()
        else:
            same(county)


@pytest.mark.parametrize(
    ("edit", "most"),
    [
        ({}, 8),
        ({"title": "换了题目"}, 16),
        ({"summary": "换了一句话。"}, 16),
        ({"sources": [{"work": "某书", "locator": "卷一", "tier": "正史"}]}, 8),
    ],
)
def test_an_edit_makes_only_what_shows_it_again(county: County, edit: dict[str, Any], most: int) -> None:
    county.renew()
    path = STORIES[5]
    county.entries[path] |= edit
    county.bodies[path] = BODY.replace("沉湎不治", "沉湎不理")
    county.write(path)
    made = county.renew()
    assert "stories/gu-shi-5.html" in made
    assert "heritage/fen-si.html" not in made  # has nothing to do with it
    assert len([path for path in made if path.endswith(".html")]) <= most
    same(county)
    assert county.renew() <= made  # nothing was edited
    same(county)


def test_only_pictures_that_changed_are_made_again(county: County) -> None:
    picture = county.root / "stories/tu.jpg"
    for clock, (size, kind) in enumerate((((1200, 900), "JPEG"), ((1000, 900), "PNG"))):
        picture.write_bytes(file(photo(size), kind))
        os.utime(picture, (1_500_000_000 + clock,) * 2)
        county.bodies[STORIES[5]] = BODY + "\n\n![图](tu.jpg)\n"
        county.write(STORIES[5])
        made = county.renew()
        assert {"stories/gu-shi-5.html", "stories/tu.jpg", "assets/pictures/stories/tu.jpg-480.webp"} <= made
        assert f'width="{size[0]}"' in (county.site / "stories/gu-shi-5.html").read_text("utf-8")
        same(county)
    county.bodies[STORIES[5]] += "\n又一段。\n"
    county.write(STORIES[5])
    assert not [path for path in county.renew() if "tu.jpg" in path]
    same(county)
    county.bodies[STORIES[5]] = BODY
    county.write(STORIES[5])
    county.renew()
    assert not [path for path in contents(county.site) if "tu.jpg" in path]
    same(county)


def test_the_slides_of_a_lesson_are_as_new_as_the_lesson(county: County) -> None:
    """The sitemap says so of both."""
    county.renew()
    county.entries["docs/lessons/ke/index.md"]["reviewed"] = "2026-11-21"
    county.write("docs/lessons/ke/index.md")
    county.renew()
    assert (county.site / "sitemap.xml").read_text("utf-8").count("2026-11-21") == 2
    same(county)


def test_pages_that_show_an_entry_follow_its_title(county: County) -> None:
    county.renew()
    county.entries[STORIES[3]]["title"] = "换了题目"
    county.write(STORIES[3])
    made = county.renew()
    assert {"stories/gu-shi-4.html", "stories/gu-shi-2.html", "lessons/ke/index.html", "stories/index.html"} <= made
    assert "换了题目" in (county.site / "stories/gu-shi-4.html").read_text("utf-8")
    assert "packs/ke.zip" in made


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Number of documents of every search that is built whole."""
    made: list[int] = []
    whole = SearchJob.__init__

    def counted(job: SearchJob, documents: Sequence[SearchDocument], *rest: Any) -> None:
        made.append(len(documents))
        whole(job, documents, *rest)

    monkeypatch.setattr(SearchJob, "__init__", counted)
    return made


def test_no_edit_of_a_few_entries_builds_the_search_anew(county: County, built: list[int]) -> None:
    """Whatever of them is edited."""
    county.renew()
    county.bodies[STORIES[6]] = BODY + "齐威王之时喜隐。" * 60
    county.write(STORIES[6])
    county.renew()
    for edit in ({"title": "鸣于山冈"}, {"people": ["曾参", "单父"]}, {"dates": {"from": 90}}, {"virtues": ["慎"]}):
        county.entries[STORIES[1]] |= edit
        county.write(STORIES[1])
        county.renew()
        same(county)
    for step in (add, rename, remove):
        step(county, random.Random(1))
        county.renew()
        same(county)
    assert overlaid(county)
    assert built == [11, *[11] * 4, 12, 12, 11]  # the first, and those to compare with


def test_a_search_is_built_whole_before_its_overlay_is_large(county: County, built: list[int]) -> None:
    county.renew()
    for n, path in enumerate([*STORIES, *sorted(ENTRIES)[:4]]):
        county.bodies[path] = BODY + f"亦醉{n}。"
        county.write(path)
        if n != 5:
            continue
        county.renew()
        assert overlaid(county)
    county.renew()
    assert not overlaid(county)
    assert len(built) == 2
    same(county)
    county.bodies[STORIES[0]] = BODY
    county.write(STORIES[0])
    county.renew()
    assert overlaid(county)
    same(county)


def test_nothing_is_left_of_an_edit_that_is_taken_back(county: County) -> None:
    county.renew()
    before = contents(county.site)
    county.entries[STORIES[2]]["title"] = "鸣于山冈"
    county.write(STORIES[2])
    add(county, random.Random(1))
    county.renew()
    assert overlaid(county)
    county.entries[STORIES[2]]["title"] = "故事2"
    county.write(STORIES[2])
    remove(county, random.Random(1))
    county.renew()
    assert contents(county.site) == before


def test_a_page_that_becomes_a_copy_and_a_copy_that_becomes_a_page_are_as_in_a_whole_build(county: County) -> None:
    county.put("docs/handbook/x (1).md", "另一页")
    county.renew()
    assert (county.site / "handbook/x (1).html").exists()
    county.put("docs/handbook/x.md", "原来的一页")
    county.renew()
    assert not (county.site / "handbook/x (1).html").exists()
    same(county)
    (county.root / "docs/handbook/x.md").unlink()
    county.renew()
    assert (county.site / "handbook/x (1).html").exists()
    same(county)


def test_packs_of_several_lessons_follow_one_text(county: County) -> None:
    """Several are made by several processes, which are sent what they are made of."""
    use = {"title": "读史料", "kind": "阅读", "minutes": 45, "entries": ["stories/gu-shi-3"]}
    for n in range(3):
        path = f"docs/lessons/ke-{n}.md"
        county.entries[path], county.bodies[path] = {"title": f"第{n}课", "activities": [use]}, BODY
        county.write(path)
    county.renew()
    county.bodies[STORIES[3]] = BODY.replace("沉湎", "流连")
    county.write(STORIES[3])
    made = county.renew()
    assert {"packs/ke.zip", "packs/ke-0.zip", "packs/ke-2.zip"} <= made
    assert "heritage/fen-si.html" not in made
    same(county)


def test_an_edit_with_an_error_says_so_and_leaves_the_site(county: County, caplog: pytest.LogCaptureFixture) -> None:
    county.renew()
    before = contents(county.site)
    county.bodies[STORIES[2]] = "见[没有的](mei-you.md)。"
    county.write(STORIES[2])
    with pytest.raises(BuildError):
        county.renew()
    assert "stories/gu-shi-2.md" in caplog.text
    assert contents(county.site) == before
    county.bodies[STORIES[2]] = BODY
    county.write(STORIES[2])
    county.renew()
    same(county)


def test_reminders_of_other_entries_are_said_again(
    county: County, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrity_archive.mkdocs.build_site._log_to_stderr", lambda: None)
    county.entries[STORIES[1]]["summary"] = "待补"
    county.write(STORIES[1])
    county.renew()
    caplog.clear()
    with caplog.at_level("INFO", "mkdocs"):
        county.write(STORIES[4])
        county.renew()
    assert "stories/gu-shi-1.md" in caplog.text


def test_a_site_that_somebody_changed_is_built_whole_and_what_is_not_ours_stays(county: County) -> None:
    county.renew()
    changed = county.site / "stories/gu-shi-1.html"
    changed.write_text("改过", "utf-8")
    foreign = county.site / "lai-lu-bu-ming.html"
    foreign.write_text("别处来的", "utf-8")
    county.write(STORIES[4])
    with pytest.raises(ClashError, match="gu-shi-1"):
        county.renew()
    assert changed.read_text("utf-8") == "改过"
    changed.unlink()
    county.renew()
    assert foreign.read_text("utf-8") == "别处来的"
    foreign.unlink()
    same(county)


def test_a_site_that_somebody_removed_is_built_whole(county: County) -> None:
    county.renew()
    shutil.rmtree(county.site)
    county.write(STORIES[4])
    county.renew()
    same(county)


def test_a_site_is_amended_where_files_cannot_be_linked(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on another disk than the cache, and on FAT."""

    def refuse(*_: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr("integrity_archive.mkdocs.build_site.same_disk", lambda *_: False)
    monkeypatch.setattr("os.link", refuse)
    county.renew()
    for title in ("换了题目", "又换了题目"):
        county.entries[STORIES[3]]["title"] = title
        county.write(STORIES[3])
        county.renew()
        same(county)
    assert [path.name for path in county.site.parent.iterdir() if path.name.startswith(".")] == []


def test_the_copy_that_stands_by_is_mended(county: County) -> None:
    """Whatever became of it, and of what an earlier edit left in it."""
    county.renew()
    spare = state_of(str(county.root), WEB, county.site).spare
    for n, harm in enumerate((lambda: shutil.rmtree(spare), lambda: (spare / "index.html").unlink(), lambda: None)):
        harm()
        (spare / "stories").mkdir(parents=True, exist_ok=True)
        (spare / "stories" / "lai-lu-bu-ming.html").write_text("别处来的", "utf-8")
        county.bodies[STORIES[n]] = BODY.replace("沉湎", f"流连{n}")
        county.write(STORIES[n])
        made = county.renew()
        assert "heritage/fen-si.html" not in made
        same(county)


@pytest.mark.parametrize("gone", [False, True])
def test_damage_to_what_the_last_build_left_is_noticed(county: County, gone: bool) -> None:
    county.renew()
    path = state_of(str(county.root), WEB, county.site).folder / "state.sqlite"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    if gone:
        path.unlink()
    else:
        path.write_bytes(data)
    county.entries[STORIES[4]]["title"] = "换了题目"
    county.write(STORIES[4])
    county.renew()
    same(county)


def test_all_that_is_kept_is_below_the_folder_named_for_it(county: County) -> None:
    county.renew()
    folder = county.root.parent
    assert sorted(path.name for path in folder.iterdir()) == ["archive", "cache", "site"]
    assert {"builds", "packs", "templates"} <= {path.name for path in (folder / "cache").iterdir()}


def test_a_memory_that_cannot_be_removed_is_not_asked_again(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    county.renew()
    (county.site / "index.html").unlink()
    monkeypatch.setattr("integrity_archive.build.state.shutil", SimpleNamespace(rmtree=lambda *_, **__: None))
    county.write(STORIES[4])
    county.renew()
    same(county)


def test_a_damaged_template_is_compiled_again(county: County) -> None:
    county.renew()
    for path in cache_folder("templates").iterdir():
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    county.bodies[STORIES[4]] = "改过。"
    county.write(STORIES[4])
    county.renew()
    same(county)


def test_without_room_for_a_memory_everything_is_built(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(State, "note", full)
    county.renew()
    county.bodies[STORIES[4]] = "改过。"
    county.write(STORIES[4])
    county.renew()
    same(county)


def test_a_home_page_nobody_wrote_or_named_follows_a_title(county: County) -> None:
    (county.root / "docs/index.md").unlink()
    county.put("mkdocs.yml", MKDOCS_YML + "nav: [{故事: stories/index.md}]\n")
    county.renew()
    for path in STORIES:
        county.entries[path]["title"] += "新"
        county.write(path)
    county.renew()
    same(county)


def test_mkdocs_serve_shows_an_edit_and_finds_it(county: County) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "mkdocs", "serve", "-q", "-a", f"127.0.0.1:{port}"]
    server = subprocess.Popen(command, cwd=county.root, stderr=subprocess.DEVNULL)
    try:
        manifest = _fetch(port, "search/manifest.js", lambda text: "manifest" in text)
        county.entries[STORIES[2]]["title"] = "鸣于山冈"
        county.bodies[STORIES[2]] = BODY.replace("沉湎", "流连")
        county.write(STORIES[2])
        assert "流连不治" in _fetch(port, "stories/gu-shi-2.html", lambda text: "流连" in text)
        assert "鸣于山冈" in _fetch(port, "stories/index.html", lambda text: "鸣于" in text)
        assert _fetch(port, "search/manifest.js", lambda text: text != manifest)
        tables = _fetch(port, "catalogue.json", lambda text: "鸣于山冈" in text)
        assert tables.count("鸣于山冈") == 1
    finally:
        server.terminate()
        server.wait()


def _fetch(port: int, path: str, enough: Callable[[str], bool]) -> str:
    """A file of the served site, once it is as it should be."""
    found = ""
    for _ in range(600):
        with contextlib.suppress(OSError):
            found = urlopen(f"http://127.0.0.1:{port}/{path}", timeout=20).read().decode("utf-8", "replace")
            if enough(found):
                return found
        time.sleep(0.1)
    raise AssertionError(f"{path}: {found[:400]}")
