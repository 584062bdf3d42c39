"""What readers see and can do, in a real browser: views, filters, the calendar, the keyboard, weight and stillness."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from sites import build

pytestmark = pytest.mark.browser

TEMPLATES = (
    "index.html",
    "stories/index.html",
    "stories/yang-zhen-si-zhi.html",
    "heritage/long-kou-fen-si.html",
    "videos/index.html",
    "videos/si-zhi/index.html",
    "halls/qing-lian-zhi-jiao.html",
    "lessons/di-yi-ke-si-zhi/index.html",
    "courses/di-yi-ke.html",
    "my-list.html",
    "columns/jie-qi-xiao-man.html",
    "columns/index.html",
    "people/index.html",
    "virtues/index.html",
    "units/yi-yuan.html",
    "timeline.html",
    "search.html#q=清",
    "handbook/fields.html",
    "404.html",
)


def viewed(url: str, view: str) -> str:
    return url + ("&" if "#" in url else "#") + "view=" + view


@pytest.mark.parametrize("width", [390, 1366])
@pytest.mark.parametrize("view", ["no-dark", "dark", "large", "large,dark"])
def test_every_template_is_accessible_in_every_view(chromium: Any, archive_site: Path, view: str, width: int) -> None:
    page = chromium.new_page(viewport={"width": width, "height": 844})
    faults = []
    for url in TEMPLATES:
        page.goto("about:blank")
        page.goto(viewed(f"{archive_site.as_uri()}/{url}", view))
        if "search" in url:
            page.wait_for_selector("[data-search-results] a")
        elif "index" in url and page.locator("[data-browse]").count():
            page.wait_for_selector(".filters:not([hidden])")
        for violation in Axe().run(page).response["violations"]:
            faults += [f"{url} {violation['id']}: {node['html'][:120]}" for node in violation["nodes"]]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            faults.append(f"{url} scrolls sideways")
    page.close()
    assert faults == []


@pytest.mark.parametrize("width", [360, 768, 1080, 1920])
def test_large_type_does_not_scroll_sideways(chromium: Any, archive_site: Path, width: int) -> None:
    page = chromium.new_page(viewport={"width": width, "height": 900})
    wide = []
    for url in TEMPLATES:
        page.goto("about:blank")
        page.goto(viewed(f"{archive_site.as_uri()}/{url}", "large"))
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(url)
    page.close()
    assert wide == []


def test_a_long_address_in_any_text_widens_no_page(chromium: Any, tmp_path: Path) -> None:
    long = "example.cn/" + "a" * 60
    source = {"work": long, "locator": long, "tier": "新闻"}
    values = {"people": None, "title": long[:40], "summary": long, "sources": [source]}
    story = {**values, "questions": [f"{long}？"], "textual_note": long, "tags": [long[:20]]}
    files = {
        "docs/index.md": "---\ntitle: 首页\ntemplate: home.html\n---\n" + long,
        "stories/a.md": {
            "set": story,
            "body": f"## {long}\n\n{long}\n\n- {long}\n\n| {long} | 乙 |\n|---|---|\n| 甲 | 乙 |",
        },
        "docs/halls/guan.md": {"set": {**values, "title": "馆", "address": long, "hours": long}},
        "docs/columns/a.md": {"set": {**values, "title": "栏"}},
    }
    made = build(tmp_path, files)
    page = chromium.new_page(viewport={"width": 390, "height": 844})
    wide = []
    for path in sorted(made.rglob("*.html")):
        page.goto(path.as_uri())
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > 390:
            wide.append(f"{path.relative_to(made)} {width}")
    page.close()
    assert wide == []


def test_a_view_stays_chosen_from_page_to_page(chromium: Any, archive_root: str) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(archive_root + "index.html")
    page.get_by_role("button", name="大字").click()
    size = page.evaluate("getComputedStyle(document.documentElement).fontSize")
    page.get_by_role("navigation", name="栏目").get_by_role("link", name="非遗话清廉").click()
    page.locator(".card a").first.click()
    page.wait_for_selector("article.entry")
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == size == "24px"
    page.wait_for_selector("button[data-view=large][aria-pressed=true]")
    page.get_by_role("button", name="大字").click()
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "16px"
    context.close()


def test_a_view_in_the_address_leaves_an_anchor_its_meaning(chromium: Any, archive_root: str) -> None:
    page = chromium.new_page(viewport={"width": 800, "height": 500})
    page.goto(archive_root + "stories/yang-zhen-si-zhi.html#sources&view=dark")
    page.wait_for_function("location.hash === '#sources'")
    page.wait_for_function("scrollY > 300")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(22, 25, 24)"
    page.close()


# The driver leaves sockets and a profile to the garbage collector.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_firefox_carries_a_view_between_files_and_filters_a_list(archive_site: Path, firefox: Any) -> None:
    """Every file has a storage of its own there, so the links carry the view."""
    firefox.navigate(f"{archive_site.as_uri()}/index.html")
    firefox.find_element("css selector", "button[data-view=large]").click()
    firefox.find_element("css selector", ".door--story a").click()
    firefox.find_element("css selector", ".filters:not([hidden])")
    size = "return getComputedStyle(document.documentElement).fontSize"
    assert firefox.execute_script(size, sandbox=None) == "24px"
    firefox.execute_script("location.hash = 'periods=明&virtues=法'", sandbox=None)
    card = firefox.find_element("css selector", "[data-browse-found]:not([hidden]) .card")
    assert "明" in card.text


def test_filters_narrow_a_list_and_the_back_button_widens_it(chromium: Any, archive_root: str) -> None:
    page = chromium.new_page(viewport={"width": 1366, "height": 900})
    page.goto(archive_root + "stories/index.html")
    page.locator("#filters-periods").get_by_label("明").check()
    page.wait_for_function("location.hash.includes('periods=')")
    status = page.locator(".browse [role=status]", has_text="筛出")  # Counts the whole list until the answer comes.
    ming = int("".join(c for c in status.inner_text() if c.isdigit()))
    shown = page.locator("[data-browse-found] .card").first
    shown.wait_for()
    assert "明" in shown.inner_text()
    box = page.locator("#filters-virtues label", has_text="法").locator("input")
    count = int(page.locator("#filters-virtues label", has_text="法").locator(".filters__count").inner_text())
    box.check()
    page.wait_for_function(f"document.querySelector('.browse [role=status]').textContent === '筛出 {count} 条'")
    assert count < ming
    assert page.evaluate("document.activeElement.id") == "filters-virtues-法"
    page.wait_for_function(f"document.querySelectorAll('[data-browse-found] .card').length === {min(count, 24)}")
    page.go_back()
    page.wait_for_function(f"document.querySelector('.browse [role=status]').textContent === '筛出 {ming} 条'")
    page.go_back()
    page.wait_for_selector("[data-browse-static]:not([hidden]) .card")
    page.close()


def test_a_filtered_list_can_be_shared_and_the_impossible_says_what_to_do(chromium: Any, archive_root: str) -> None:
    page = chromium.new_page(viewport={"width": 1366, "height": 900})
    page.goto(archive_root + "stories/index.html#periods=明,清&credibility=史实&p=2")
    page.wait_for_selector("[data-browse-found]:not([hidden]) .card")
    assert "第 2 /" in page.locator("[data-browse-pager]").inner_text()
    page.goto("about:blank")
    page.goto(archive_root + "stories/index.html#periods=秦&units=医院,没有这个")
    page.wait_for_function("document.querySelector('.browse [role=status]').textContent.includes('去掉一两项')")
    page.close()


@pytest.mark.parametrize(
    ("page_url", "chosen"), [("stories/index.html", "periods=先秦"), ("videos/index.html", "virtues=清")]
)
def test_a_filtered_list_has_the_cards_of_the_whole_list(
    chromium: Any, archive_site: Path, page_url: str, chosen: str
) -> None:
    """With a drawn cover, with a picture and of a film: to the last attribute."""
    cards = "ul => Object.fromEntries([...ul.children].map(li => [li.querySelector('a').href, li.outerHTML]))"
    page = chromium.new_page()
    page.goto(f"{archive_site.as_uri()}/{page_url}")
    whole = page.locator("ul[data-browse-static]").evaluate(cards)
    page.goto(f"{archive_site.as_uri()}/{page_url}#{chosen}")
    page.wait_for_selector("[data-browse-found]:not([hidden]) .card")
    found = page.locator("[data-browse-found]").evaluate(cards)
    page.close()
    both = whole.keys() & found.keys()
    assert both
    assert {url: found[url] for url in both} == {url: whole[url] for url in both}


@pytest.mark.parametrize("url", ["index.html", "stories/index.html#periods=明", "search.html#q=杨震", "my-list.html"])
def test_scripts_add_two_globals_to_a_page(chromium: Any, archive_site: Path, url: str) -> None:
    page = chromium.new_page()
    page.route("**/*.js", lambda route: route.abort())
    page.goto(f"{archive_site.as_uri()}/{url}")
    own = set(page.evaluate("Object.getOwnPropertyNames(window)"))
    page.unroute_all()
    page.reload()
    page.wait_for_load_state("networkidle")
    if url.startswith("search"):
        page.wait_for_selector("[data-search-results] li")
    assert set(page.evaluate("Object.getOwnPropertyNames(window)")) - own == {"archive", "archiveData"}
    page.close()


def test_home_follows_the_calendar_of_china(chromium: Any, archive_root: str) -> None:
    for moment, term in (
        ("2026-11-21T15:59:00Z", "立冬"),
        ("2026-11-21T16:01:00Z", "小雪"),
        ("2030-01-01T00:00:00Z", "冬至"),
    ):
        page = chromium.new_page()
        page.add_init_script(f"window.archive = {{now: () => Date.parse('{moment}')}}")
        page.goto(archive_root + "index.html")
        assert page.locator(".term__piece:not([hidden]) .term__name b").inner_text() == term
        page.close()


def test_without_javascript_everything_is_still_reached(chromium: Any, archive_root: str) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(archive_root + "index.html")
    assert page.locator(".term__piece:visible").count() == 1
    page.locator(".door--story a").click()
    page.get_by_role("link", name="下一页").click()
    page.locator(".card a").first.click()
    page.locator(".neighbours a, .related a").first.click()
    page.wait_for_load_state()
    assert page.locator("h1").count() == 1
    page.goto(archive_root + "timeline.html")
    page.locator(".era__figures a").first.click()
    page.wait_for_selector(".entry")
    assert page.locator(".entry").count() == 1
    context.close()


def test_the_keyboard_alone_goes_from_home_to_an_entry(chromium: Any, archive_root: str) -> None:
    page = chromium.new_page(viewport={"width": 1366, "height": 900})
    page.goto(archive_root + "index.html")
    reach(page, "document.activeElement.closest('.door--story')")
    page.keyboard.press("Enter")
    page.wait_for_url("**/stories/index.html*")
    page.wait_for_selector(".filters:not([hidden])")
    reach(page, "document.activeElement.closest('.card')")
    page.keyboard.press("Enter")
    page.wait_for_selector("article.entry")
    page.close()


def reach(page: Any, there: str) -> None:
    """Press Tab until the focus is there, always with something to see where it is."""
    for _ in range(120):
        page.keyboard.press("Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle !== 'none'")
        if page.evaluate(f"Boolean({there})"):
            return
    raise AssertionError(f"{there} was not reached")


def test_a_page_that_is_not_there_has_its_look_at_any_depth(chromium: Any, archive_site: Path) -> None:
    page = chromium.new_page()
    requests: list[str] = []
    page.on("request", lambda r: requests.append(r.url))
    page.goto(f"{archive_site.as_uri()}/404.html")
    assert len(requests) == 1
    page.get_by_role("link", name="回到首页").click()
    page.wait_for_selector(".doors")
    assert page.locator(".doors").count() == 1
    page.close()


@pytest.mark.parametrize("width", [390, 1366])
@pytest.mark.parametrize("url", ["index.html", "stories/index.html", "stories/yang-zhen-si-zhi.html"])
def test_a_page_weighs_little_and_stands_still(
    chromium: Any, archive_site: Path, archive_server: str, url: str, width: int
) -> None:
    page = chromium.new_page(viewport={"width": width, "height": 844})
    page.add_init_script(
        "window.shift = 0; new PerformanceObserver(l => l.getEntries().forEach(e => { shift += e.value; }))"
        ".observe({type: 'layout-shift', buffered: true})"
    )
    loaded: list[str] = []
    page.on("request", lambda r: loaded.append(r.url))
    page.goto(archive_server + url, wait_until="networkidle")
    weight = sum(len(gzip.compress((archive_site / u.removeprefix(archive_server)).read_bytes())) for u in set(loaded))
    assert weight <= 200_000
    assert page.evaluate("window.shift") < 0.02
    page.close()


def test_a_citation_is_copied_with_the_day(chromium: Any, archive_root: str) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(archive_root + "stories/yang-zhen-si-zhi.html")
    page.get_by_role("button", name="复制引文").click()
    page.wait_for_function("document.querySelector('.take-away [role=status]').textContent !== ''")
    cited = page.locator(".take-away__text").inner_text()
    assert "杨震昌邑拒金[EB/OL]. (2026-11-23)[20" in cited
    context.close()


def test_paper_shows_the_text_and_its_sources_without_the_buttons(chromium: Any, archive_site: Path) -> None:
    page = chromium.new_page()
    page.goto(f"{archive_site.as_uri()}/stories/yang-zhen-si-zhi.html")
    page.emulate_media(media="print")
    for hidden in (".site-header", ".site-footer", ".neighbours", ".take-away__tools"):
        assert not page.locator(hidden).is_visible()
    for shown in ("h1", ".sources", ".textual-note"):
        assert page.locator(shown).is_visible()
    page.close()


def test_on_paper_an_address_is_a_footnote(chromium: Any, archive_site: Path) -> None:
    page = chromium.new_page()
    page.goto(f"{archive_site.as_uri()}/heritage/long-kou-fen-si.html")
    address = page.locator(".sources a").first.get_attribute("href")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".sources a sup").first.inner_text() == "[1]"
    assert page.locator(".print-links li").first.text_content() == address
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator(".print-links, .sources sup").count() == 0
    page.close()


@pytest.mark.parametrize("teacher", [False, True])
def test_a_printed_lesson_has_no_answers_and_its_notes_only_for_the_teacher(
    chromium: Any, archive_site: Path, teacher: bool
) -> None:
    page = chromium.new_page()
    name = next(p.parent.name for p in sorted((archive_site / "lessons").glob("*/slides.html")))
    page.goto(f"{archive_site.as_uri()}/lessons/{name}/index.html" + ("#teacher" if teacher else ""))
    page.emulate_media(media="print")
    seen = "[...document.querySelectorAll('{} > p')].map(p => p.checkVisibility())"
    notes, answers = page.evaluate(seen.format(".teacher-note")), page.evaluate(seen.format(".quiz__answer"))
    assert len(notes) > 2
    assert set(notes) == {teacher}
    assert len(answers) > 2
    assert set(answers) == {False}
    page.close()
