"""The search inside a site that the archive has built."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sites import build

pytestmark = pytest.mark.browser

VTT = "WEBVTT\n\n00:01.000 --> 00:03.000\n先磨浆。\n\n01:12.500 --> 01:15.000\n再漏粉，<i>清白</i>如丝。\n"


def ask(page: Any, query: str) -> list[str]:
    return page.evaluate(
        "q => archive.searchBox.engine().then(s => s.find(q, {limit: 20})).then(r => r.hits.map(h => h.id))", query
    )


@pytest.fixture(scope="module")
def film_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(
        tmp_path_factory.mktemp("film"),
        {
            "videos/fen-si/index.md": {"set": {"captions": "zi-mu.vtt"}},
            "videos/fen-si/film.mp4": {"film": 90, "rate": 5},
            "videos/fen-si/zi-mu.vtt": VTT,
            "stories/an.md": {"set": {"title": "内部", "visibility": "internal"}, "body": "暗语"},
        },
    )


def test_a_caption_is_found_and_opens_the_film_at_its_time(chromium: Any, film_site: Path) -> None:
    page = chromium.new_page()
    page.goto(f"{film_site.as_uri()}/search.html#q=清白如丝")
    link = page.locator("[data-search-results] a[href]").first
    assert "t=72.5" in (link.get_attribute("href") or "")
    link.click()
    page.wait_for_url("**/videos/fen-si/index.html*")
    # A little inside the caption, so that the one before, which ends there, is not shown beside it.
    assert 72.5 <= page.evaluate("document.querySelector('video').currentTime") < 72.6
    page.close()


def test_the_internal_is_not_found(chromium: Any, film_site: Path) -> None:
    page = chromium.new_page()
    page.goto(f"{film_site.as_uri()}/index.html")
    assert ask(page, "暗语") == []
    page.close()


@pytest.mark.parametrize("query", ["cyk", "chunyuk", "淳yk", "淳于髡"])
def test_pinyin_finds_the_person(chromium: Any, archive_root: str, query: str) -> None:
    page = chromium.new_page()
    page.goto(archive_root + "stories/yang-zhen-si-zhi.html")
    page.fill(".search-box input", query)
    page.wait_for_selector("[role=option]")
    assert page.locator("[role=option]").first.inner_text().startswith("淳于髡")
    assert "stories/chun-yu-kun-bi-ma" in ask(page, query)
    page.close()


def test_every_story_is_found_by_its_title(chromium: Any, archive_site: Path, archive_root: str) -> None:
    page = chromium.new_page()
    page.goto(archive_root + "index.html")
    missed = []
    for path in sorted((archive_site / "stories").glob("*-*.html")):
        title = path.read_text("utf-8").split('og:title" content="')[1].split('"')[0]
        if ask(page, title)[:1] != [f"stories/{path.stem}"]:
            missed.append(title)
    page.close()
    assert missed == []


@pytest.mark.parametrize(
    ("query", "first"), [("yang", "杨震"), ("li", "李忠"), ("yan", "晏婴"), ("yz", "杨震"), ("chunyuk", "淳于髡")]
)
def test_a_syllable_in_full_comes_before_one_that_is_still_being_typed(
    chromium: Any, archive_root: str, query: str, first: str
) -> None:
    page = chromium.new_page()
    page.goto(archive_root + "search.html")
    assert (
        page.evaluate("q => archive.searchBox.engine().then(s => s.find(q, {limit: 3})).then(r => r.via[0])", query)
        == first
    )
    page.close()


def test_all_who_share_a_surname_are_found_by_its_pinyin(chromium: Any, archive_root: str) -> None:
    page = chromium.new_page()
    page.goto(archive_root + "search.html")
    via = set(page.evaluate("archive.searchBox.engine().then(s => s.find('wang', {limit: 3})).then(r => r.via)"))
    page.close()
    assert via >= {"王时中", "王密", "王脩", "王良", "王骘", "王继光", "王道一"}


@pytest.mark.parametrize(
    ("query", "near"),
    [
        ("天知神知", "stories/yang-zhen-si-zhi"),
        ("杨震、王密", "stories/yang-zhen-si-zhi"),
        ("老同学的茶叶收不收", "columns/jin-nang-shou-li"),
    ],
)
def test_what_no_entry_has_whole_is_answered_with_those_that_have_most_of_it(
    chromium: Any, archive_root: str, query: str, near: str
) -> None:
    page = chromium.new_page()
    page.goto(archive_root + "search.html")
    found = page.evaluate(
        "q => archive.searchBox.engine().then(s => s.find(q)).then(r => [r.total, r.near.map(h => h.id)])", query
    )
    assert found[0] == 0
    assert near in found[1]
    page.goto(f"{archive_root}search.html#q={query}")
    page.wait_for_selector("[data-search-near]:not([hidden]) a[href]")
    assert page.locator("[data-search-results] a[href]").count() == 0
    page.close()


def test_few_exact_hits_are_followed_by_those_that_have_most_of_the_query(chromium: Any, archive_root: str) -> None:
    page = chromium.new_page()
    page.goto(archive_root + "search.html")
    found = page.evaluate(
        "archive.searchBox.engine().then(s => s.find('杨震拒金'))"
        ".then(r => [r.total, r.hits.map(h => h.id), r.near.map(h => h.id)])"
    )
    assert found[0] == len(found[1]) < 3
    assert "stories/yang-zhen-si-zhi" in found[1] + found[2]
    assert not set(found[1]) & set(found[2])
    many = page.evaluate("archive.searchBox.engine().then(s => s.find('淳于髡')).then(r => [r.total, r.near.length])")
    assert many[0] > 3
    assert many[1] == 0
    page.close()


def test_the_page_says_what_a_query_lacks_and_where_else_to_look(chromium: Any, archive_root: str) -> None:
    page = chromium.new_page()
    page.goto(archive_root + "search.html#q=-杨震")
    page.wait_for_function("document.querySelector('[role=status].search-page__status').textContent.includes('还要写')")
    page.goto(archive_root + "search.html#q=学校")
    page.locator("[data-search-door] a").click()
    assert "学校" in page.locator("h1").inner_text()
    page.goto(archive_root + "search.html#q=淳于髡")
    page.locator("[data-search-door] a", has_text="人物").click()
    page.wait_for_url("**/people/*.html")
    page.goto(archive_root + "search.html#q=" + "清" * 1000)
    page.wait_for_function("document.querySelector('.search-page__status').textContent.includes('只查前 200 字')")
    assert len(page.locator(".search-page__status").inner_text()) < 120
    page.close()


def test_ticking_a_filter_keeps_the_focus_on_it(chromium: Any, archive_root: str) -> None:
    page = chromium.new_page()
    page.goto(archive_root + "search.html#q=清")
    box = page.locator(".filters input").nth(2)
    box.focus()
    name = box.get_attribute("id")
    page.keyboard.press("Space")
    page.wait_for_function("location.hash.includes('f.')")
    page.wait_for_selector(".filters__clear")
    assert page.evaluate("document.activeElement.id") == name
    page.close()


def test_a_film_shows_its_captions_from_a_file_and_its_transcript_seeks(chromium: Any, film_site: Path) -> None:
    page = chromium.new_page()
    page.goto(f"{film_site.as_uri()}/videos/fen-si/index.html")
    assert (page.locator("track").get_attribute("src") or "").startswith("data:text/vtt")
    cues = page.evaluate(
        "new Promise(done => { const t = document.querySelector('video').textTracks[0]; t.mode = 'showing';"
        " const wait = setInterval(() => { if (t.cues && t.cues.length) { clearInterval(wait);"
        " done([...t.cues].map(c => c.text)); } }, 20); })"
    )
    assert cues == ["先磨浆。", "再漏粉，<i>清白</i>如丝。"]
    page.locator(".transcript a").nth(1).click()
    page.wait_for_function("(t => t >= 72.5 && t < 80)(document.querySelector('video').currentTime)")
    page.close()
