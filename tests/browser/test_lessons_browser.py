"""Lessons as teachers use them: the deck and its second window, the quiz, the teacher's view, their own list."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from pypdf import PdfReader

from integrity_archive.lessons import slides
from lesson_files import FILES, LESSON, SLIDES
from sites import build

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
DECKS = sorted(path.parent.name for path in (ROOT / "docs" / "lessons").glob("*/slides.md"))
FILM_SLIDE = "slide slide--film"
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}

LINE = "天知神知我知子知夜里有人送来一盒点心收还是不收呢"
FULL = {
    "一段": LINE * 9,
    "七段": "\n\n".join([LINE] * 7),
    "八项": "\n".join(f"- {LINE[:22]}" for _ in range(8)),
    "八项，隔行": "\n\n".join(f"- {LINE[:22]}" for _ in range(7)),
    "引文": f"> {LINE[:18]}\n\n《后汉书》卷五十四\n\n{LINE * 2}\n\n{LINE * 2}",
    "表": "| 人 | 做法 |\n|---|---|\n" + "| 杨震 | 当面说破，不留情面 |\n" * 5,
    "长网址": "https://example.cn/" + "a1b2" * 40,
    "影片和字": f"[放影片：豆](../../../videos/dou/index.md#t=1,3)\n\n{LINE}\n\n{LINE}",
    "很长的题目要占去两行一共二十字": "\n\n".join([LINE] * 6),
}
"""Slides as full as the check lets them be, by title."""


@pytest.fixture(scope="module")
def lesson_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("lessons"), FILES)


@pytest.fixture(scope="module")
def two_lessons(tmp_path_factory: pytest.TempPathFactory) -> Path:
    other = {"set": {**LESSON, "title": "第二课", "order": 2, "quiz": []}}
    files = {**FILES, "docs/lessons/er/index.md": other, "docs/lessons/er/slides.md": SLIDES}
    return build(tmp_path_factory.mktemp("two"), files)


@pytest.fixture(scope="module")
def full_slides(tmp_path_factory: pytest.TempPathFactory) -> Path:
    film = "## 影片\n\n[放影片：豆](../../../videos/dou/index.md#t=1,3)\n\n"
    text = "## 封面\n\n" + film + "".join(f"## {title}\n\n{body}\n\n" for title, body in FULL.items())
    return build(tmp_path_factory.mktemp("full"), {**FILES, "docs/lessons/ke/slides.md": text})


@pytest.fixture
def deck(chromium: Any, lesson_site: Path) -> Iterator[Any]:
    context = chromium.new_context(viewport={"width": 1366, "height": 768})
    page = context.new_page()
    page.goto(f"{lesson_site.as_uri()}/lessons/ke/slides.html")
    yield page
    context.close()


def shown(page: Any) -> str:
    return page.locator(".slide:not([hidden]) .slide__title").inner_text()


def violations(page: Any) -> list[str]:
    return [v["id"] for v in Axe().run(page, options=AXE).response["violations"]]


@pytest.mark.parametrize("shape", ["16:9", "4:3"])
def test_no_slide_of_the_archive_is_longer_than_its_page(chromium: Any, archive_root: str, shape: str) -> None:
    page = chromium.new_page(viewport={"width": 1024, "height": 768} if shape == "4:3" else None)
    long = {}
    for name in DECKS:
        page.goto(f"{archive_root}lessons/{name}/slides.html")
        if shape == "4:3":
            page.keyboard.press("a")
        found = page.evaluate(
            "archive.deck.slides.map((s, n) => s.hasAttribute('data-overflow') ? n + 1 : 0).filter(Boolean)"
        )
        if found:
            long[name] = found
    page.close()
    assert long == {}


@pytest.mark.parametrize("shape", ["16:9", "4:3"])
def test_what_the_check_lets_through_fits_its_slide(chromium: Any, full_slides: Path, shape: str) -> None:
    page = chromium.new_page(viewport={"width": 1024, "height": 768} if shape == "4:3" else None)
    page.goto(f"{full_slides.as_uri()}/lessons/ke/slides.html")
    if shape == "4:3":
        page.keyboard.press("a")
    page.evaluate("document.fonts.ready")
    assert not page.locator(".deck__warning").is_visible(), page.locator(".deck__warning").inner_text()
    page.close()


def test_nine_paragraphs_are_refused_before_the_class_misses_the_ninth() -> None:
    assert slides.lines_taken("题目", [LINE * 9]) <= slides.LINES
    assert slides.lines_taken("题目", "\n\n".join([LINE] * 9).split("\n")) > slides.LINES
    assert slides.lines_taken("题目", [f"- {LINE[:4]}"] * 9) > slides.LINES


@pytest.mark.parametrize("size", [(1366, 768), (1024, 768)])
def test_a_film_alone_fills_its_slide_and_beside_words_half_of_it(
    chromium: Any, full_slides: Path, size: tuple[int, int]
) -> None:
    page = chromium.new_page(viewport={"width": size[0], "height": size[1]})
    page.goto(f"{full_slides.as_uri()}/lessons/ke/slides.html")
    if size[0] == 1024:
        page.keyboard.press("a")
    part = """title => {
        const s = archive.deck.slides.find(s => s.querySelector('h2').textContent === title);
        s.hidden = false;
        const [v, b] = ['video', '.slide__sheet'].map(part => s.querySelector(part).getBoundingClientRect());
        const seen = Math.min(v.width, v.height * 16 / 9);  // the picture, without black beside it
        s.hidden = true;
        return [seen / b.width, seen * seen * 9 / 16 / (b.width * b.height)]; }"""
    alone = page.evaluate(part, "影片")
    assert alone[0] > 0.7
    assert alone[1] > 0.5
    assert page.evaluate(part, "影片和字")[0] >= 0.5
    page.close()


def test_a_slide_that_is_too_long_is_named(chromium: Any, tmp_path: Path) -> None:
    many = "\n".join(f"- 第 {n} 条写得很长很长，坐在后排的人看不见也记不住这么多字。" for n in range(20))
    text = f"## 封面\n\n## 太长\n\n{many}\n"
    files = {**FILES, "docs/lessons/ke/slides.md": text}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(slides, "LINES", 99)  # what the check would already have refused
        site = build(tmp_path, files)
    page = chromium.new_page()
    page.goto(f"{site.as_uri()}/lessons/ke/slides.html")
    assert "第 2 张放不下" in page.locator(".deck__warning").inner_text()
    page.close()


def test_keys_and_clicker_move_blacken_and_show_all(deck: Any) -> None:
    assert shown(deck) == "没有人看见的那一份"
    deck.keyboard.press("PageDown")
    assert shown(deck) == "看一段"
    deck.keyboard.press("ArrowLeft")
    deck.keyboard.press("ArrowLeft")
    assert shown(deck) == "没有人看见的那一份"
    deck.keyboard.press("End")
    assert shown(deck) == "带走的话"
    deck.keyboard.type("2")
    deck.keyboard.press("Enter")
    assert shown(deck) == "看一段"
    deck.keyboard.press(".")
    assert "deck--black" in deck.locator("body").get_attribute("class")
    deck.keyboard.press("b")
    assert "deck--black" not in deck.locator("body").get_attribute("class")
    deck.keyboard.press("o")
    assert deck.locator(".slide").nth(3).is_visible()
    deck.locator(".slide").nth(2).click()
    assert shown(deck) == "两种退法"
    assert deck.url.endswith("#3")
    deck.reload()
    assert shown(deck) == "两种退法"
    assert "第 3 张，共 4 张" in deck.locator(".deck__said").text_content()


def test_a_swipe_turns_the_slide(chromium: Any, lesson_site: Path) -> None:
    context = chromium.new_context(has_touch=True, viewport={"width": 800, "height": 600})
    page = context.new_page()
    page.goto(f"{lesson_site.as_uri()}/lessons/ke/slides.html")
    page.evaluate(
        """() => { const s = document.querySelector('.deck__slides');
        const t = x => new Touch({identifier: 1, target: s, clientX: x, clientY: 200});
        s.dispatchEvent(new TouchEvent('touchstart', {touches: [t(600)], changedTouches: [t(600)], bubbles: true}));
        s.dispatchEvent(new TouchEvent('touchend', {touches: [], changedTouches: [t(300)], bubbles: true})); }"""
    )
    assert shown(page) == "看一段"
    context.close()


def test_the_film_on_a_slide_plays_its_part_with_captions_and_stops(deck: Any) -> None:
    deck.keyboard.press("PageDown")
    deck.evaluate("document.querySelector('.slide:not([hidden]) video').muted = true")
    deck.keyboard.press("v")
    video = "document.querySelector('.slide:not([hidden]) video')"
    deck.wait_for_function(f"{video}.currentTime >= 1")
    deck.wait_for_function(f"{video}.textTracks[0].activeCues && {video}.textTracks[0].activeCues.length === 1")
    deck.wait_for_function(f"{video}.paused && {video}.currentTime >= 2.9", timeout=15000)
    assert deck.evaluate(f"{video}.currentTime") < 3.6
    deck.keyboard.press("PageUp")
    assert shown(deck) == "没有人看见的那一份"


@pytest.mark.parametrize("over", ["file", "http"])
def test_the_lecturers_window_follows_and_leads(
    chromium: Any, lesson_site: Path, archive_server: str, archive_site: Path, over: str
) -> None:
    if over == "http" and not DECKS:
        pytest.skip("the archive has no deck")
    root = f"{lesson_site.as_uri()}/lessons/ke/" if over == "file" else f"{archive_server}lessons/{DECKS[0]}/"
    context = chromium.new_context()
    page = context.new_page()
    page.goto(root + "slides.html")
    with page.expect_popup() as opened:
        page.keyboard.press("s")
    second = opened.value
    second.wait_for_selector(".presenter__notes")
    first_notes = second.locator(".presenter__notes").inner_text()
    page.keyboard.press("PageDown")
    second.wait_for_function("document.querySelector('h2').textContent.indexOf('这一张：2') === 0")
    assert second.locator(".presenter__notes").inner_text() != first_notes
    assert second.locator(".presenter__view").nth(1).inner_text() != ""
    second.keyboard.press("PageDown")
    page.wait_for_function("location.hash === '#3'")
    second.get_by_role("button", name="黑屏").click()
    page.wait_for_function("document.body.classList.contains('deck--black')")
    page.reload()
    second.wait_for_timeout(1500)
    second.keyboard.press("ArrowLeft")
    page.wait_for_function("location.hash === '#2'")
    page.close()
    second.wait_for_selector(".presenter__lost:not([hidden])")
    context.close()


def focused(page: Any) -> str:
    return page.evaluate("document.activeElement.className.split(' ')[0]")


def test_a_click_on_the_bar_or_the_film_leaves_the_keys_to_the_slides(deck: Any) -> None:
    deck.get_by_role("button", name="下一张").click()
    assert focused(deck) == "slide"
    deck.keyboard.press("ArrowRight")
    assert shown(deck) == "两种退法"
    deck.get_by_role("button", name="4:3").click()
    deck.keyboard.press("Space")
    assert shown(deck) == "带走的话"
    deck.keyboard.press("2")
    deck.keyboard.press("Enter")
    video = deck.locator(".slide video").first
    video.evaluate("v => { v.muted = true; }")
    video.click()
    assert focused(deck) == "slide"
    before = video.evaluate("v => v.currentTime")
    deck.keyboard.press("ArrowLeft")
    assert shown(deck) == "没有人看见的那一份"
    assert video.evaluate("v => v.currentTime") == pytest.approx(before, abs=1.5)
    deck.get_by_role("button", name="下一张").press("Enter")  # by key a button keeps its own keys
    assert shown(deck) == "看一段"
    assert focused(deck) == ""
    deck.keyboard.press("ArrowRight")
    assert shown(deck) == "两种退法"


def test_a_film_reached_by_tab_keeps_its_keys(deck: Any) -> None:
    deck.keyboard.press("PageDown")
    for _ in range(3):
        deck.keyboard.press("Tab")
        if deck.evaluate("document.activeElement.tagName") == "VIDEO":
            break
    assert deck.evaluate("document.activeElement.tagName") == "VIDEO"
    deck.keyboard.press("ArrowRight")
    assert shown(deck) == "看一段"
    deck.keyboard.press("PageDown")
    assert shown(deck) == "两种退法"


def test_the_bar_leaves_the_slide_that_fills_the_screen(deck: Any) -> None:
    deck.get_by_role("button", name="全屏").click()
    deck.wait_for_function("document.body.classList.contains('deck--full')")
    deck.get_by_role("button", name="下一张").click()  # and the pointer stays there
    opacity = "getComputedStyle(document.querySelector('.deck__bar')).opacity"
    assert deck.evaluate(opacity) != "0"
    deck.wait_for_function(f"{opacity} === '0'", timeout=6000)
    deck.keyboard.press("ArrowRight")
    assert shown(deck) == "两种退法"
    assert deck.evaluate(opacity) == "0"


def test_black_stops_the_film_and_the_next_key_only_lifts_it(deck: Any) -> None:
    deck.keyboard.press("PageDown")
    video = "document.querySelector('.slide:not([hidden]) video')"
    deck.evaluate(f"{video}.muted = true")
    deck.keyboard.press("v")
    deck.wait_for_function(f"!{video}.paused")
    deck.keyboard.press("b")
    deck.wait_for_function(f"{video}.paused")
    deck.keyboard.press("PageDown")
    assert "deck--black" not in deck.locator("body").get_attribute("class")
    assert shown(deck) == "看一段"
    deck.keyboard.press("PageDown")
    assert shown(deck) == "两种退法"


def test_a_finger_turns_the_slide_and_never_the_history(chromium: Any, lesson_site: Path) -> None:
    context = chromium.new_context(has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{lesson_site.as_uri()}/lessons/ke/index.html")
    page.goto(f"{lesson_site.as_uri()}/lessons/ke/slides.html#2")
    finger = context.new_cdp_session(page)

    def swipe(start: int, end: int) -> None:
        finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": start, "y": 300}]})
        for step in range(1, 9):
            at = {"x": start + (end - start) * step / 8, "y": 302}
            finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [at]})
        finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    swipe(20, 350)
    page.wait_for_function("location.hash === '#1'")
    swipe(20, 350)
    page.wait_for_timeout(500)
    assert page.url.endswith("slides.html#1")
    swipe(350, 20)
    page.wait_for_function("location.hash === '#2'")
    for element in ("document.documentElement", "document.querySelector('.deck__slides')"):
        assert page.evaluate(f"getComputedStyle({element}).overscrollBehaviorX") == "none"
    context.close()


def test_on_a_phone_the_bar_is_one_row(chromium: Any, lesson_site: Path) -> None:
    page = chromium.new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{lesson_site.as_uri()}/lessons/ke/slides.html")
    assert page.evaluate("document.querySelector('.deck__bar').offsetHeight") < 70
    back = page.get_by_role("link", name="回到这一课")
    back.scroll_into_view_if_needed()
    back.click()
    page.wait_for_url("**/lessons/ke/index.html")
    page.close()


def presenter(page: Any) -> Any:
    with page.expect_popup() as opened:
        page.keyboard.press("s")
    opened.value.wait_for_selector(".presenter__notes")
    return opened.value


def test_the_lecturers_window_goes_to_a_number_and_sets_its_notes_larger(chromium: Any, lesson_site: Path) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{lesson_site.as_uri()}/lessons/ke/slides.html")
    second = presenter(page)
    second.keyboard.type("3")
    second.keyboard.press("Enter")
    page.wait_for_function("location.hash === '#3'")
    second.get_by_role("button", name="上一张").click()
    page.wait_for_function("location.hash === '#2'")
    second.keyboard.press("Space")  # not the button again
    page.wait_for_function("location.hash === '#3'")
    size = "parseFloat(getComputedStyle(document.querySelector('.presenter__notes')).fontSize)"
    assert second.evaluate(size) == 22
    for _ in range(9):
        second.keyboard.press("+")
    assert second.evaluate(size) >= 40
    for _ in range(9):
        second.keyboard.press("-")
    assert second.evaluate(size) == 22
    context.close()


def test_a_still_in_the_lecturers_window_stays_within_its_slide(chromium: Any, lesson_site: Path) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{lesson_site.as_uri()}/lessons/ke/slides.html#2")
    second = presenter(page)
    second.wait_for_selector(".presenter__view .clip img")
    still = second.locator(".presenter__view .clip img").first.bounding_box()
    body = second.locator(".presenter__view .slide__body").first.bounding_box()
    assert still["height"] > 50
    assert still["y"] >= body["y"] - 1
    assert still["y"] + still["height"] <= body["y"] + body["height"] + 1
    context.close()


def test_the_lecturers_window_says_when_the_class_sees_something_else(chromium: Any, two_lessons: Path) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{two_lessons.as_uri()}/lessons/ke/slides.html")
    second = presenter(page)
    lost = second.locator(".presenter__lost")
    second.wait_for_timeout(4500)
    assert not lost.is_visible()
    page.goto(f"{two_lessons.as_uri()}/lessons/ke/index.html")
    lost.wait_for(state="visible", timeout=8000)
    assert "没有回应" in lost.inner_text()
    page.goto(f"{two_lessons.as_uri()}/lessons/er/slides.html#2")
    second.wait_for_function("document.querySelector('.presenter__lost').textContent.indexOf('换成了') > 0")
    second.keyboard.press("PageDown")
    second.wait_for_timeout(1500)
    assert page.url.endswith("#2")
    page.goto(f"{two_lessons.as_uri()}/lessons/ke/slides.html#3")
    lost.wait_for(state="hidden")
    second.wait_for_function("document.querySelector('h2').textContent.indexOf('这一张：3') === 0")
    second.keyboard.press("PageUp")
    page.wait_for_function("location.hash === '#2'")
    context.close()


def test_deck_and_lesson_and_list_are_accessible(chromium: Any, lesson_site: Path) -> None:
    page = chromium.new_page()
    for url in ("lessons/ke/slides.html", "lessons/ke/slides.html#presenter", "lessons/ke/index.html#teacher"):
        page.goto("about:blank")
        page.goto(f"{lesson_site.as_uri()}/{url}")
        assert violations(page) == [], url
    page.goto(f"{lesson_site.as_uri()}/lessons/ke/index.html")
    page.get_by_role("link", name="加入我的课单").click()
    page.wait_for_selector(".my-list__item")
    assert violations(page) == []
    page.close()


@pytest.mark.parametrize(("keys", "shape"), [("", 16 / 9), ("a", 4 / 3)])
def test_printing_gives_a_slide_a_page(deck: Any, tmp_path: Path, keys: str, shape: float) -> None:
    path = tmp_path / "deck.pdf"
    for key in keys:
        deck.keyboard.press(key)
    deck.pdf(path=str(path), prefer_css_page_size=True, print_background=True)
    pages = PdfReader(path).pages
    assert len(pages) == 4
    assert pages[0].mediabox.width / pages[0].mediabox.height == pytest.approx(shape, abs=0.01)
    assert "坐定" not in "".join(p.extract_text() for p in pages)


def test_notes_and_answers_are_for_the_teacher(chromium: Any, lesson_site: Path) -> None:
    page = chromium.new_page()
    page.goto(f"{lesson_site.as_uri()}/lessons/ke/index.html")
    note = page.get_by_text("常有人把通行的说法当原文。")
    assert not note.is_visible()
    assert not page.get_by_text("范晔书作神知。").is_visible()
    page.get_by_role("button", name="教师视图").click()
    assert note.is_visible()
    assert page.get_by_text("范晔书作神知。").is_visible()
    page.reload()
    assert note.is_visible()
    page.get_by_role("button", name="教师视图").click()
    assert not note.is_visible()
    page.close()


def test_words_to_the_teacher_and_what_choices_are_told_are_for_the_teacher(chromium: Any, lesson_site: Path) -> None:
    page = chromium.new_page()
    page.goto(f"{lesson_site.as_uri()}/lessons/ke/index.html")
    words = page.locator("summary", has_text="给老师的话")
    told = page.get_by_text("伤一点情面。")
    assert not words.is_visible()
    assert not told.is_visible()
    page.get_by_role("button", name="教师视图").click()
    assert words.is_visible()
    assert page.locator(".teacher-note--words .prose").is_visible()
    assert told.is_visible()
    assert violations(page) == []
    page.get_by_role("button", name="教师视图").click()
    assert not told.is_visible()
    page.close()
    plain = chromium.new_context(java_script_enabled=False)
    page = plain.new_page()
    page.goto(f"{lesson_site.as_uri()}/lessons/ke/index.html")
    assert page.locator("summary", has_text="给老师的话").is_visible()
    assert not page.locator(".teacher-note--words .prose").is_visible()
    plain.close()


def test_on_a_phone_the_objectives_have_all_the_width_there_is(chromium: Any, lesson_site: Path) -> None:
    page = chromium.new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{lesson_site.as_uri()}/lessons/ke/index.html")
    box = "document.querySelector('.objectives')"
    for large in (False, True):
        page.evaluate("on => { document.querySelector('[data-view=large]').media = on ? 'all' : 'not all'; }", large)
        assert page.evaluate(f"getComputedStyle({box}).paddingRight") == "0px"
        assert page.evaluate(f"getComputedStyle({box}).backgroundImage") == "none"
    page.close()


def test_a_printed_lesson_has_no_button_of_the_list(chromium: Any, lesson_site: Path) -> None:
    page = chromium.new_page()
    page.goto(f"{lesson_site.as_uri()}/lessons/ke/index.html")
    link = page.get_by_text("加入我的课单")
    assert link.is_visible()
    page.emulate_media(media="print")
    assert not link.is_visible()
    page.close()


def test_the_quiz_checks_itself_by_keyboard_and_can_be_done_again(chromium: Any, lesson_site: Path) -> None:
    page = chromium.new_page()
    page.goto(f"{lesson_site.as_uri()}/lessons/ke/index.html")
    items = page.locator(".quiz__item")
    first = items.nth(0)
    first.get_by_role("button", name="对答案").click()
    assert first.locator(".quiz__verdict").inner_text() == "先选一个，再看。"
    first.locator("input").nth(0).focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert first.locator(".quiz__verdict").inner_text().startswith("不对")
    assert first.get_by_text("天神我子").is_visible()
    page.keyboard.press("Enter")  # 重做 has the focus
    first.get_by_label("四").check()
    first.get_by_role("button", name="对答案").click()
    assert first.locator(".quiz__verdict").inner_text() == "对了。"
    second = items.nth(1)
    second.get_by_label("杨震").check()
    second.get_by_role("button", name="对答案").click()
    assert second.locator(".quiz__verdict").inner_text().startswith("不对")
    assert page.locator(".quiz__score").inner_text() == "有定论的题做了 2 道，对 1 道。"
    last = items.nth(4)
    assert not last.get_by_text("伤一点情面。").is_visible()
    last.get_by_label("收下").check()
    last.get_by_role("button", name="看回应").click()
    assert last.get_by_text("伤一点情面。").is_visible()
    page.emulate_media(media="print")
    assert not first.get_by_text("天神我子").is_visible()
    assert not last.get_by_text("伤一点情面。").is_visible()
    page.close()


def test_a_clip_in_a_lesson_plays_only_its_part(chromium: Any, lesson_site: Path) -> None:
    page = chromium.new_page()
    page.goto(f"{lesson_site.as_uri()}/lessons/ke/index.html")
    page.evaluate("(v => { v.muted = true; v.play(); })(document.querySelector('.clip video'))")
    page.wait_for_function(
        "(v => v.paused && v.currentTime >= 2.9)(document.querySelector('.clip video'))", timeout=15000
    )
    assert page.evaluate("document.querySelector('.clip video').currentTime") < 3.6
    page.close()


def test_a_list_is_ordered_summed_kept_and_read_back_on_file(chromium: Any, lesson_site: Path, tmp_path: Path) -> None:
    context = chromium.new_context(accept_downloads=True)
    page = context.new_page()
    for url in ("stories/yang-zhen.html", "lessons/ke/index.html", "videos/dou/index.html"):
        page.goto(f"{lesson_site.as_uri()}/{url}")
        page.get_by_role("link", name="加入我的课单").click()
        page.wait_for_selector(".my-list__item")
    titles = page.locator(".my-list__title")
    assert titles.all_inner_texts() == ["1．杨震拒金", "2．没有人看见的那一份", "3．豆"]
    assert page.locator(".my-list__total").inner_text() == "3 项，共 48 分钟"
    page.get_by_role("button", name="上移：豆").click()
    page.get_by_label("分钟：杨震拒金").fill("10")
    assert page.locator(".my-list__total").inner_text() == "3 项，共 56 分钟"
    page.reload()
    assert titles.all_inner_texts() == ["1．杨震拒金", "2．豆", "3．没有人看见的那一份"]
    assert page.locator(".my-list__total").inner_text() == "3 项，共 56 分钟"
    with page.expect_download() as saved:
        page.get_by_role("button", name="存成文件").click()
    kept = tmp_path / "kept.json"
    saved.value.save_as(kept)
    page.get_by_role("button", name="移去：豆").click()
    page.set_input_files("[data-import]", str(kept))
    page.wait_for_function("document.querySelector('.my-list__said').textContent.indexOf('读入') >= 0")
    assert "读入 1 项，2 项已有" in page.locator(".my-list__said").inner_text()
    bad = tmp_path / "bad.json"
    bad.write_text("不是课单", "utf-8")
    page.set_input_files("[data-import]", str(bad))
    page.wait_for_function("document.querySelector('.my-list__said').textContent.indexOf('不是课单文件') > 0")
    evil = [{"url": "javascript:alert(1)", "title": "坏", "kind": "", "minutes": 1}]
    bad.write_text(json.dumps({"format": "archive-list", "version": 1, "items": evil}), "utf-8")
    page.set_input_files("[data-import]", str(bad))
    page.wait_for_function("document.querySelector('.my-list__said').textContent.indexOf('1 项不认识') > 0")
    assert titles.count() == 3
    titles.first.click()
    page.wait_for_url("**/stories/yang-zhen.html*")
    context.close()


@pytest.fixture
def my_list(chromium: Any, lesson_site: Path) -> Iterator[Any]:
    """A list of two: a story of 2 minutes, and something this edition has no page for."""
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{lesson_site.as_uri()}/stories/yang-zhen.html")
    page.get_by_role("link", name="加入我的课单").click()
    page.wait_for_selector(".my-list__item")
    other = {"url": "stories/bie-chu.html", "title": "别处的故事", "kind": "故事", "minutes": 7}
    text = json.dumps({"format": "archive-list", "version": 1, "items": [other]})
    page.set_input_files("[data-import]", {"name": "a.json", "mimeType": "application/json", "buffer": text.encode()})
    page.wait_for_selector(".my-list__item:nth-child(2)")
    yield page
    context.close()


def test_the_minutes_shown_are_the_minutes_counted(my_list: Any) -> None:
    box, total = my_list.get_by_label("分钟：杨震拒金"), my_list.locator(".my-list__total")
    for wrong in ("", "12.5", "-3", "1000"):
        box.fill("6")
        box.fill(wrong)
        assert total.inner_text() == "2 项，共 13 分钟", wrong
        box.blur()
        assert box.input_value() == "6"
        assert "《杨震拒金》仍是 6 分钟" in my_list.locator(".my-list__said").inner_text()
    box.fill("")
    my_list.get_by_role("button", name="放映").click()
    assert box.input_value() == "6"
    my_list.reload()
    assert total.inner_text() == "2 项，共 13 分钟"


def test_an_item_without_a_page_in_this_edition_is_marked(my_list: Any) -> None:
    mark = my_list.locator(".my-list__missing")
    mark.wait_for()
    assert mark.count() == 1
    title = my_list.locator(".my-list__item:nth-child(2) .my-list__title")
    assert title.inner_text().startswith("2．别处的故事")
    assert "这一版里没有这一页" in title.inner_text()
    assert title.get_attribute("href") is None
    assert violations(my_list) == []


def test_a_projected_list_is_stepped_through_with_arrows(my_list: Any) -> None:
    my_list.get_by_role("button", name="放映").click()
    here = my_list.locator(".my-list__item[aria-current] .my-list__title")
    assert here.inner_text().startswith("1．")
    my_list.keyboard.press("ArrowDown")
    assert here.inner_text().startswith("2．")
    my_list.keyboard.press("PageDown")
    assert here.inner_text().startswith("2．")
    my_list.get_by_label("分钟：杨震拒金").click()
    my_list.keyboard.press("ArrowUp")
    assert here.inner_text().startswith("1．")
    assert my_list.get_by_label("分钟：杨震拒金").input_value() == "2"
    my_list.keyboard.press("Enter")
    my_list.wait_for_url("**/stories/yang-zhen.html*")


def test_the_courses_say_how_long_they_are_and_for_whom(chromium: Any, two_lessons: Path) -> None:
    page = chromium.new_page()
    page.goto(f"{two_lessons.as_uri()}/courses/index.html")
    assert "共 90 分钟，适合党员干部" in page.locator(".values").inner_text()
    page.close()


def test_over_http_an_entry_is_added_without_leaving_the_page(chromium: Any, archive_server: str) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{archive_server}stories/yang-zhen-si-zhi.html")
    page.get_by_role("link", name="加入我的课单").click()
    page.get_by_role("link", name="看课单").click()
    assert "杨震" in page.locator(".my-list__title").inner_text()
    context.close()


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_firefox_keeps_a_list_and_drives_a_second_window_from_disk(lesson_site: Path, firefox: Any) -> None:
    firefox.navigate(f"{lesson_site.as_uri()}/stories/yang-zhen.html")
    firefox.find_element("css selector", "[data-list-add]").click()
    firefox.find_element("css selector", ".my-list__item")
    firefox.navigate(f"{lesson_site.as_uri()}/lessons/ke/index.html")
    firefox.find_element("css selector", "[data-list-add]").click()
    titles = "return [...document.querySelectorAll('.my-list__title')].map(a => a.textContent).join()"
    assert firefox.execute_script(titles, sandbox=None) == "1．杨震拒金,2．没有人看见的那一份"
    firefox.navigate(f"{lesson_site.as_uri()}/lessons/ke/slides.html")
    first = firefox.current_window_handle
    firefox.find_element("css selector", ".deck__bar button[title=S]").click()
    wait(lambda: len(firefox.window_handles) == 2)
    firefox.execute_script("archive.deck.go(2)", sandbox=None)
    second = next(handle for handle in firefox.window_handles if handle != first)
    firefox.switch_to_window(second)
    heading = "return document.querySelector('h2') ? document.querySelector('h2').textContent : ''"
    wait(lambda: firefox.execute_script(heading, sandbox=None).startswith("这一张：3"))
    firefox.find_element("css selector", ".presenter__bar button").click()
    wait(lambda: firefox.execute_script(heading, sandbox=None).startswith("这一张：2"))
    firefox.close()
    firefox.switch_to_window(first)


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_firefox_leaves_the_keys_to_the_slides_after_a_click_on_the_film(lesson_site: Path, firefox: Any) -> None:
    firefox.navigate(f"{lesson_site.as_uri()}/lessons/ke/slides.html#2")
    at = "return location.hash"
    for target in (".deck__bar button[title=A]", ".slide:not([hidden]) video"):
        firefox.find_element("css selector", target).click()
        wait(lambda: firefox.execute_script("return document.activeElement.className", sandbox=None) == FILM_SLIDE)
        firefox.find_element("css selector", ":focus").send_keys("\ue014")  # right arrow
        wait(lambda: firefox.execute_script(at, sandbox=None) == "#3")
        firefox.find_element("css selector", ":focus").send_keys("\ue012")  # left arrow
        wait(lambda: firefox.execute_script(at, sandbox=None) == "#2")


def wait(condition: Callable[[], bool], seconds: float = 15) -> None:
    """Until something holds; fails when it does not in time."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.1)
