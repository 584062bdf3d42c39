"""A site built from a small tree says what it should, and nothing it should not."""

# ruff: noqa: E501
from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from integrity_archive.bench.build import same_tree
from integrity_archive.exports.catalogue import Catalogue, catalogue_rows
from integrity_archive.mkdocs.build_site import BuildError, build_plan
from integrity_archive.site.listing import PAGE_SIZE
from integrity_archive.support.progress import no_progress
from sites import broken_links, build, page, pages, text
from trees import MKDOCS_YML, write_tree

ALL_KINDS = {
    "stories/yang-zhen.md": {
        "set": {
            "related": ["heritage/fen-si"],
            "dates": {"from": -356, "to": -320, "circa": True},
            "period": "先秦",
            "quotes": [{"text": "天知神知", "work": "后汉书", "locator": "卷五十四"}],
            "cover": "yang-zhen.svg",
            "cover_alt": "灯下",
        },
        "body": "夜里。见[粉丝](../heritage/fen-si.md#gong-xu)。\n\n![灯](yang-zhen.svg)",
    },
    "stories/yang-zhen.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
    "heritage/fen-si.md": {"set": {"film": "videos/fen-si"}, "body": "## 工序 {#gong-xu}"},
    "heritage/liu.md": {"set": {"title": "柳条膏", "steps": None, "metaphor": None, "collecting": True}},
    "videos/fen-si/index.md": {"set": {"chapters": [{"at": "0:10", "title": "推粉"}], "credits": ["本馆"]}},
    "videos/fen-si/film.mp4": {"film": 12, "rate": 5},
    "docs/halls/guan.md": {"set": {"zones": [{"title": "序厅", "exhibits": ["stories/yang-zhen"]}]}},
    "docs/lessons/ke.md": {
        "set": {
            "activities": [
                {"title": "读", "kind": "阅读", "minutes": 45, "entries": ["stories/yang-zhen"], "note": "留白"}
            ],
            "quiz": [
                {
                    "kind": "单选",
                    "question": "几知？",
                    "options": ["三", "四"],
                    "answer": ["四"],
                    "explanation": "天神我子",
                }
            ],
        }
    },
    "docs/columns/xiao-man.md": {"set": {"solar_term": "小满"}, "replace": {"'2026-05-21'": "2026-05-21"}},
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files = {
        k: {**v, "replace": {"'2026-11-23'": "2026-11-23"}} if k == "stories/yang-zhen.md" else v
        for k, v in ALL_KINDS.items()
    }
    return build(tmp_path_factory.mktemp("all"), files, MKDOCS_YML + "site_url: https://archive.example\n")


def test_every_link_leads_somewhere_and_nothing_loads_from_outside(site: Path) -> None:
    assert broken_links(site) == []


def test_a_story_reads_whole(site: Path) -> None:
    story = text(page(site, "stories/yang-zhen.html"))
    for said in (
        "杨震拒金",
        "约前 356—前 320 年",
        "天知神知",
        "《后汉书》卷五十四",
        "史实",
        "史料辨析",
        "没有人看见的礼",
        "夜里。",
    ):
        assert said in story


def test_a_range_of_days_is_on_the_page_in_the_timeline_and_for_machines(tmp_path: Path) -> None:
    made = build(tmp_path, {"stories/a.md": {"set": {"period": "现代", "dates": "2026-11-30/2026-12-02"}}})
    story = page(made, "stories/a.html")
    assert "年代 2026 年 11 月 30 日—12 月 2 日" in text(story, ".facts")
    assert '"temporalCoverage":"2026-11-30/2026-12-02"' in story.html
    assert "2026 年 11 月 30 日—12 月 2 日" in text(page(made, "timeline.html"), ".era")
    [row] = csv.DictReader(io.StringIO((made / "catalogue.csv").read_text("utf-8-sig")))
    assert row["date"] == "2026-11-30/2026-12-02"


def test_only_books_have_title_marks(tmp_path: Path) -> None:
    sources = [
        {"work": "后汉书", "locator": "卷五十四", "tier": "正史"},
        {"work": "网络百科", "locator": "丁氏故宅条", "tier": "新闻"},
        {"work": "大众网", "locator": "全文", "tier": "新闻"},
    ]
    made = build(tmp_path, {"stories/a.md": {"set": {"sources": sources}}})
    said = text(page(made, "stories/a.html"), ".sources")
    assert "《后汉书》卷五十四" in said
    assert "新闻 网络百科，丁氏故宅条" in said
    assert "新闻 大众网 " in said
    [row] = csv.DictReader(io.StringIO((made / "catalogue.csv").read_text("utf-8-sig")))
    assert row["source"] == "《后汉书》卷五十四; 网络百科，丁氏故宅条; 大众网"


def test_relations_show_on_both_pages(site: Path) -> None:
    story = text(page(site, "stories/yang-zhen.html"), ".entry__side")
    assert "用到本条的课 课程 第一课" in story
    assert "在哪里展出 展馆 展馆" in story
    assert "相关条目 工艺 龙口粉丝" in story
    assert "相关条目 故事 杨震拒金" in text(page(site, "heritage/fen-si.html"), ".entry__side")


def test_what_is_unknown_is_said(site: Path) -> None:
    assert "资料征集中" in text(page(site, "heritage/liu.html"))
    assert "地址 待补" in text(page(site, "docs/halls/guan.html".removeprefix("docs/")))


def test_json_ld_names_each_kind(site: Path) -> None:
    types = {}
    for url, tree in pages(site):
        for node in tree.css('script[type="application/ld+json"]'):
            types[url] = json.loads(node.text())["@type"]
    assert types == {
        "stories/yang-zhen.html": "Article",
        "heritage/fen-si.html": "HowTo",
        "heritage/liu.html": "HowTo",
        "videos/fen-si/index.html": "VideoObject",
        "halls/guan.html": "Museum",
        "lessons/ke.html": "LearningResource",
        "columns/xiao-man.html": "Article",
    }


def test_json_ld_and_open_graph_carry_the_entry(site: Path) -> None:
    tree = page(site, "stories/yang-zhen.html")
    data = json.loads(tree.css_first('script[type="application/ld+json"]').text())
    assert data["name"] == "杨震拒金"
    assert data["url"] == "https://archive.example/stories/yang-zhen.html"
    assert data["temporalCoverage"] == "-0355~/-0319~"
    graph = {n.attributes["property"]: n.attributes["content"] for n in tree.css("meta[property]")}
    assert graph["og:title"] == "杨震拒金"
    assert graph["og:image"] == "https://archive.example/stories/yang-zhen.svg"
    lesson = json.loads(page(site, "lessons/ke.html").css_first('script[type="application/ld+json"]').text())
    assert (lesson["timeRequired"], lesson["teaches"]) == ("PT45M", "能说出四知各指什么")


def test_the_catalogue_opens_in_a_spreadsheet(site: Path) -> None:
    data = (site / "catalogue.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in data
    rows = {r["objectid"]: r for r in csv.DictReader(io.StringIO(data.decode("utf-8-sig")))}
    assert rows["stories/yang-zhen"]["title"] == "杨震拒金"
    assert rows["stories/yang-zhen"]["subject"] == "清; 机关"
    assert rows["videos/fen-si"]["object_location"] == "https://archive.example/videos/fen-si/film.mp4"
    assert rows["stories/yang-zhen"]["date"] == "'-0355~/-0319~"
    items = json.loads((site / "catalogue.json").read_text("utf-8"))["items"]
    assert {i["objectid"] for i in items} == set(rows)


def test_what_programs_leave_beside_own_templates_is_not_published(tmp_path: Path) -> None:
    own = {"mine/yang.css": "p {}", "mine/yang.css~": "p {}", "mine/Thumbs.db": "x", "mine/img/~$a.docx": "x"}
    settings = MKDOCS_YML.replace("font: false", "font: false, custom_dir: mine")
    made = build(
        tmp_path,
        {"stories/a.md": {"set": {}}, "docs/handbook/a - 副本.md": "字", "docs/handbook/a.md": "字", **own},
        settings,
    )
    names = {path.name for path in made.rglob("*")}
    assert {"yang.css", "a.html"} <= names
    assert names.isdisjoint({"yang.css~", "Thumbs.db", "~$a.docx", "a - 副本.html"})


def test_collectionbuilder_reads_a_catalogue_of_its_own(site: Path) -> None:
    data = (site / "collectionbuilder.csv").read_bytes()
    assert data.startswith(b"objectid,")
    assert b"\r" not in data
    rows = {r["objectid"]: r for r in csv.DictReader(io.StringIO(data.decode("utf-8")))}
    assert rows["stories_yang-zhen"]["date"] == "-0355~/-0319~"
    items = json.loads((site / "catalogue.json").read_text("utf-8"))["items"]
    assert [{k: v for k, v in row.items() if v and k != "objectid"} for row in rows.values()] == [
        {k: v for k, v in item.items() if k != "objectid"} for item in items
    ]


@pytest.mark.parametrize("sign", "=+-@＝＋－＠")
def test_no_cell_of_the_sheet_is_run_as_a_formula(sign: str) -> None:
    row = {"title": f"{sign}cmd", "date": f"{sign}0355"}
    table = catalogue_rows(Catalogue(("title", "date"), (row,)))
    assert table.csv == (f"'{sign}cmd,'{sign}0355\r\n",)
    assert json.loads(table.json[0]) == row


def test_the_feed_holds_the_columns(site: Path) -> None:
    feed = ElementTree.parse(site / "feed.xml").getroot()
    atom = {"a": "http://www.w3.org/2005/Atom"}
    assert [e.text for e in feed.findall("a:entry/a:title", atom)] == ["小满"]
    assert feed.find("a:entry/a:link", atom).get("href") == "https://archive.example/columns/xiao-man.html"
    assert feed.find("a:updated", atom).text == "2026-05-21T00:00:00+08:00"


def test_the_sitemap_holds_every_page(site: Path) -> None:
    urls = {n.text for n in ElementTree.parse(site / "sitemap.xml").getroot().iter() if n.tag.endswith("}loc")}
    expected = {f"https://archive.example/{url}" for url, _ in pages(site) if url != "404.html"}
    assert urls == expected


def test_a_site_without_an_address_claims_none(tmp_path: Path) -> None:
    site = build(tmp_path, {"stories/a.md": {"set": {}}})
    assert not (site / "sitemap.xml").exists()
    assert page(site, "stories/a.html").css_first('link[rel="canonical"]') is None


def test_hidden_entries_are_in_no_output(tmp_path: Path) -> None:
    secret = "绝无仅有的一句暗语"
    hidden = {"title": secret, "people": [secret], "tags": [secret], "cover": "mi.svg", "cover_alt": secret}
    site = build(
        tmp_path,
        {
            "stories/a.md": {"set": {}},
            "stories/an-zi.md": {"set": {**hidden, "visibility": "internal"}, "body": secret},
            "stories/gao-zi/index.md": {"set": {**hidden, "title": "稿" + secret, "status": "draft"}, "body": secret},
            "stories/mi.svg": f"<svg><text>{secret}</text></svg>",
            "stories/gao-zi/mi.svg": f"<svg><text>{secret}</text></svg>",
            "docs/halls/nei.md": {"set": {"visibility": "internal", "summary": secret}, "body": secret},
            "docs/halls/mi.svg": f"<svg><text>{secret}</text></svg>",
        },
    )
    spoken = (secret, "an-zi", "gao-zi", "halls/nei")
    leaks = [
        f"{path.relative_to(site)}: {word}"
        for path in site.rglob("*")
        if path.is_file()
        for word in spoken
        if word.encode() in path.read_bytes() or word in path.as_posix()
    ]
    assert leaks == []


INJECTION = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7*7 }}"


def test_no_front_matter_value_becomes_html(tmp_path: Path) -> None:
    bad = INJECTION
    site = build(
        tmp_path,
        {
            "stories/index.md": f"---\ntitle: {json.dumps(bad)}\nsummary: {json.dumps(bad)}\n---\n",
            "stories/a.md": {
                "set": {
                    "title": bad[:40], "summary": bad, "people": [bad[:30]], "places": [bad[:29]], "tags": [bad], "rights": bad,
                    "figure": {"name": bad[:28], "courtesy_name": bad, "aliases": [bad], "native_place": bad, "offices": [bad], "lifespan": bad},
                    "quotes": [{"text": "<script>alert", "work": bad, "locator": bad}],
                    "questions": [bad], "textual_note": bad,
                    "sources": [{"work": bad, "locator": bad, "tier": "正史", "note": bad, "url": "https://example.org/?a=1&b=<"[:-1]}],
                    "cover": "a.svg", "cover_alt": bad,
                }
            },
            "stories/a.svg": "<svg/>",
            "heritage/b.md": {
                "set": {
                    "title": "b" + bad[:30], "listing": {"level": "未核", "applicant": bad, "note": bad},
                    "steps": [{"name": bad, "text": bad}], "metaphor": {"step": bad, "text": bad},
                }
            },
            "docs/halls/c.md": {"set": {"address": bad, "hours": bad, "zones": [{"title": bad, "text": bad, "panels": [{"title": bad, "text": bad}]}]}},
            "docs/lessons/d.md": {
                "set": {
                    "objectives": [bad],
                    "activities": [{"title": bad, "kind": "阅读", "minutes": 45, "text": bad, "note": bad}],
                    "quiz": [{"kind": "简答", "question": bad, "answer": [bad], "explanation": bad}],
                }
            },
        },
        MKDOCS_YML.replace("试验馆", json.dumps(bad)).replace("[archive]", f"[archive: {{place: {json.dumps(bad)}, organiser: {json.dumps(bad)}}}]"),
    )  # fmt: skip
    found = []
    for url, tree in pages(site):
        if url == "404.html":  # has one short script of its own, and nothing of an entry
            assert "onerror" not in text(tree, "script")
            continue
        found += [
            f"{url}: {n.html}"
            for n in tree.css("script:not([type]), img[src='x'], [onerror]")
            if not n.attributes.get("src")
        ]
        for node in tree.css('script[type="application/ld+json"]'):
            json.loads(node.text())
    assert found == []


def test_listings_stay_bounded(tmp_path: Path) -> None:
    count = PAGE_SIZE + 5
    site = build(tmp_path, {f"stories/s-{n:03d}.md": {"set": {"title": f"故事{n}"}} for n in range(count)})
    for first, second in (("stories/index.html", "stories/page.2.html"), ("virtues/qing.html", "virtues/qing.2.html")):
        assert len(page(site, first).css(".card")) == PAGE_SIZE
        assert len(page(site, second).css(".card")) == 5
        assert page(site, first).css_first(".pager a[rel=next]") is not None
    titles = {
        n.text() for u in ("stories/index.html", "stories/page.2.html") for n in page(site, u).css(".card__title")
    }
    assert len(titles) == count
    assert broken_links(site) == []


def test_entries_are_never_in_the_navigation(site: Path) -> None:
    nav = [n.attributes["href"] for n in page(site, "stories/yang-zhen.html").css(".site-nav a")]
    assert nav == [f"../{s}/index.html" for s in ("stories", "heritage", "videos", "halls", "lessons", "columns")]


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "archive", ALL_KINDS)
    (root / "mkdocs.yml").write_text(MKDOCS_YML, "utf-8")
    for seed, zone in (("1", "UTC"), ("2", "Asia/Shanghai")):
        env = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone}
        command = [
            sys.executable,
            "-m",
            "integrity_archive",
            "--root",
            str(root),
            "-q",
            "build",
            "--out",
            str(tmp_path / seed),
        ]
        subprocess.run(command, check=True, env=env, capture_output=True)
    assert same_tree(tmp_path / "1", tmp_path / "2")


def test_errors_stop_the_build_with_every_problem(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    files = {"stories/a.md": {"set": {"period": "战国"}}, "stories/b.md": {"set": {"title": "乙", "cover": "no.svg"}}}
    with pytest.raises(BuildError):
        build(tmp_path, files)
    assert not (tmp_path / "site").exists()


def test_another_countys_archive_builds_with_its_own_words(tmp_path: Path) -> None:
    vocabulary = (
        Path(__file__)
        .parents[1]
        .joinpath("docs/vocabulary.yml")
        .read_text("utf-8")
        .replace("label: 东汉", "label: 后汉朝")
    )
    site = build(
        tmp_path,
        {"docs/vocabulary.yml": vocabulary, "stories/a.md": {"set": {"period": "后汉朝"}}},
        "site_name: 邻县清风馆\ntheme: material\nplugins: [archive: {place: 邻县, organiser: 邻县文化馆}]\n",
    )
    home = text(page(site, "index.html"))
    assert "邻县清风馆" in home
    assert "邻县文化馆" in home
    assert "后汉朝" in text(page(site, "periods/dong-han.html"))


def test_an_archive_without_a_home_page_gets_one(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "archive", {"stories/a.md": {"set": {}}})
    (root / "mkdocs.yml").write_text(MKDOCS_YML, "utf-8")
    build_plan(str(root), str(tmp_path / "site"), no_progress)
    assert "杨震拒金" in text(page(tmp_path / "site", "index.html"))


def test_a_unit_is_a_door_with_its_words_sayings_and_kinds(tmp_path: Path) -> None:
    saying = "  - {text: 公生明，偏生暗, work: 荀子, locator: 不苟, tier: 典籍, checked: true, units: [机关]}\n"
    unchecked = "  - {text: 清、慎、勤, work: 官箴, locator: 首条, tier: 典籍, units: [机关]}\n"
    site = build(
        tmp_path,
        {
            "stories/a.md": {"set": {"title": "甲"}},
            "docs/units/ji-guan.md": "---\ntitle: 清廉机关\nsummary: 一张办公桌两边的事\n---\n先读[甲](../../stories/a.md)。\n",
            "docs/sayings.yml": "sayings:\n" + saying + unchecked,
        },
    )
    unit = page(site, "units/ji-guan.html")
    said = text(unit, "#content")
    for words in ("清廉机关", "一张办公桌两边的事", "先读 甲", "公生明，偏生暗 《荀子》不苟", "清官廉吏故事"):
        assert words in said
    assert "清、慎、勤" not in said
    assert "清、慎、勤" not in text(page(site, "index.html"))
    assert not (site / "sayings.yml").exists()
    assert broken_links(site) == []


def test_the_timeline_leads_from_the_earliest_to_the_latest(tmp_path: Path) -> None:
    site = build(
        tmp_path,
        {
            "stories/a.md": {"set": {"title": "后事", "period": "明", "figure": {"name": "况钟"}}},
            "stories/b.md": {
                "set": {
                    "title": "前事", "period": "先秦", "figure": {"name": "淳于髡"},
                    "dates": {"from": -356, "to": -320, "circa": True},
                }
            },
            "stories/c.md": {"set": {"title": "又一事", "period": "先秦", "figure": {"name": "淳于髡"}}},
        },
    )  # fmt: skip
    said = text(page(site, "timeline.html"), "#content")
    assert said.index("先秦 前 2070—前 222 淳于髡 约前 356—前 320 年 前事 又一事") < said.index("况钟 后事")


def test_an_entry_leads_on_within_its_period_and_can_be_cited(tmp_path: Path) -> None:
    tree = {
        f"stories/{name}.md": {
            "set": {"title": name, "period": period, "published": "2026-11-23"},
            "replace": {"'2026-11-23'": "2026-11-23"},
        }
        for name, period in (("a", "明"), ("b", "明"), ("c", "清"))
    }
    site = build(tmp_path, tree, MKDOCS_YML + "site_url: https://archive.example\n")
    first, second = page(site, "stories/a.html"), page(site, "stories/b.html")
    assert first.css_first(".neighbours a[rel=next]").attributes["href"] == "../stories/b.html"
    assert second.css_first(".neighbours a[rel=next]") is None
    assert page(site, "stories/c.html").css_first(".neighbours") is None
    cited = first.css_first("[data-citation]").attributes["data-citation"]
    assert cited == "试验馆. a[EB/OL]. (2026-11-23)[{today}]. https://archive.example/stories/a.html."
    assert first.css_first(".take-away__qr svg") is not None


def test_a_site_without_an_address_offers_no_code_to_scan(tmp_path: Path) -> None:
    site = build(tmp_path, {"stories/a.md": {"set": {"title": "甲"}}})
    assert page(site, "stories/a.html").css_first(".take-away__qr") is None


def test_names_stand_under_the_letter_they_are_looked_up_by(tmp_path: Path) -> None:
    people = ["淳于髡", "杨震", "A君", "晏婴"]
    site = build(tmp_path, {"stories/a.md": {"set": {"people": people}}})
    index = page(site, "people/index.html")
    groups = {n.css_first("h2").text(): [a.text() for a in n.css("a")] for n in index.css(".initial")}
    assert groups == {"A": ["A君"], "C": ["淳于髡"], "Y": ["晏婴", "杨震"]}
