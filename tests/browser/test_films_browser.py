"""The archive's own films in a real browser, from a stick and over http."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILMS = sorted(path.parent.name for path in (ROOT / "videos").glob("*/index.md"))
SAID = "(cues => cues && cues[0] ? cues[0].text : '')(document.querySelector('video').textTracks[0].activeCues)"


@pytest.mark.parametrize("name", FILMS)
def test_every_film_plays_with_captions_and_is_sought_by_chapter_and_transcript(
    chromium: Any, archive_root: str, name: str
) -> None:
    page = chromium.new_page()
    page.goto(f"{archive_root}videos/{name}/index.html")
    page.wait_for_function("document.querySelector('video').readyState >= 1")
    assert page.evaluate("document.querySelector('video').duration") > 30
    page.evaluate("document.querySelector('video').muted = true")
    lines = page.locator(".transcript a")
    assert lines.count() >= 4
    for line in (lines.nth(1), lines.last):
        line.click()
        start = float(line.get_attribute("data-start") or "")
        page.wait_for_function(f"(t => t >= {start} && t < {start + 10})(document.querySelector('video').currentTime)")
        text = line.evaluate("e => e.lastChild.textContent")
        page.wait_for_function(f"{SAID} === {text!r}")
        page.wait_for_function("document.querySelector('.transcript [aria-current]')")
    chapters = page.locator(".chapters a")
    chapters.last.click()
    start = float(chapters.last.get_attribute("data-start") or "")
    page.wait_for_function(f"(t => t >= {start} && t < {start + 10})(document.querySelector('video').currentTime)")
    page.wait_for_function("document.querySelector('.chapters li:last-child [aria-current]')")
    before = page.evaluate("document.querySelector('video').currentTime")
    page.wait_for_function(f"document.querySelector('video').currentTime > {before} + 0.3")
    page.close()


def test_a_film_can_be_slowed_and_taken_away(chromium: Any, archive_root: str) -> None:
    page = chromium.new_page()
    page.goto(f"{archive_root}videos/si-zhi/index.html#t=12")
    page.wait_for_function("document.querySelector('video').currentTime >= 12")
    page.select_option("[data-film-speed]", "0.75")
    assert page.evaluate("document.querySelector('video').playbackRate") == 0.75
    names = [link.get_attribute("download") for link in page.locator(".film__tools a").all()]
    assert names == ["子知.mp4", "子知-竖屏.mp4"]
    page.close()


def test_words_shown_on_the_screen_are_found(chromium: Any, archive_root: str) -> None:
    page = chromium.new_page()
    page.goto(f"{archive_root}search.html#q=犊是淮南所生有也")
    link = page.locator("[data-search-results] a[href*='videos/liu-du/']").first
    link.wait_for()
    assert "t=" in (link.get_attribute("href") or "")
    page.close()


def test_on_a_phone_the_caption_stands_below_the_film(chromium: Any, archive_root: str) -> None:
    page = chromium.new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{archive_root}videos/long-kou-fen-si/index.html")
    page.wait_for_function("document.querySelector('video').readyState >= 1")
    line = page.locator(".transcript a").nth(1)
    line.click()
    said = line.evaluate("e => e.lastChild.textContent")
    page.wait_for_function(f"document.querySelector('.film__line').textContent === {said!r}")
    assert page.locator(".film__line").is_visible()
    assert page.evaluate("document.querySelector('video').textTracks[0].mode") == "hidden"
    page.set_viewport_size({"width": 1366, "height": 768})
    page.wait_for_function("document.querySelector('video').textTracks[0].mode === 'showing'")
    assert not page.locator(".film__line").is_visible()
    page.close()


PLAYER = "(b => [b.top, b.bottom, innerHeight])(document.querySelector('video').getBoundingClientRect())"
ONE_CUE = "document.querySelector('video').textTracks[0].activeCues.length"


def in_view(page: Any) -> bool:
    top, bottom, height = page.evaluate(PLAYER)
    return bool(-1 <= top < bottom <= height + 1)


@pytest.mark.parametrize("size", [(390, 844), (1366, 768)])
def test_a_line_of_the_transcript_brings_the_player_into_view_and_following_moves_nothing(
    chromium: Any, archive_root: str, size: tuple[int, int]
) -> None:
    page = chromium.new_page(viewport={"width": size[0], "height": size[1]})
    page.goto(f"{archive_root}videos/long-kou-fen-si/index.html")
    page.wait_for_function("document.querySelector('video').readyState >= 1")
    page.evaluate("document.querySelector('video').muted = true")
    page.locator("#transcript").scroll_into_view_if_needed()
    page.evaluate("document.querySelector('.transcript').scrollIntoView({block: 'start'})")
    assert not in_view(page)
    page.locator(".transcript a").nth(2).click()
    page.wait_for_function("document.querySelector('.transcript li:nth-child(3) [aria-current]')")
    assert in_view(page)
    # While it plays on, and the marked line moves on, the reader may read elsewhere.
    page.evaluate("scrollTo(0, document.querySelector('.transcript').getBoundingClientRect().top + scrollY - 100)")
    before = page.evaluate("scrollY")
    page.evaluate("document.querySelector('video').currentTime = 45")
    page.wait_for_function("document.querySelector('.transcript li:nth-child(n + 8) [aria-current]')")
    assert page.evaluate("document.querySelector('.transcript').scrollTop") > 0
    assert page.evaluate("scrollY") == before
    # A second click on the line where the address already is.
    page.locator(".transcript a").nth(2).click()
    page.wait_for_function("document.querySelector('.transcript li:nth-child(3) [aria-current]')")
    assert in_view(page)
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.evaluate("document.querySelector('.chapters a:last-child').click()")
    page.wait_for_function("document.querySelector('video').getBoundingClientRect().top >= -1")
    assert in_view(page)
    page.close()


@pytest.mark.parametrize("name", ["long-kou-fen-si", "si-zhi"])
def test_after_a_seek_one_caption_shows(chromium: Any, archive_root: str, name: str) -> None:
    page = chromium.new_page()
    page.goto(f"{archive_root}videos/{name}/index.html")
    page.wait_for_function("document.querySelector('video').readyState >= 1")
    page.evaluate("document.querySelector('video').play = () => Promise.resolve()")  # it stands where it landed
    cues = page.evaluate("Array.from(document.querySelector('video').textTracks[0].cues, c => [c.startTime, c.text])")
    assert len(cues) >= 8
    for start, text in cues:
        page.evaluate(f"location.hash = '#t={start:g}'")
        page.wait_for_function(f"Math.abs(document.querySelector('video').currentTime - {start}) < 0.2")
        page.wait_for_function("!document.querySelector('video').seeking")
        page.wait_for_function(f"{SAID} === {text!r}")
        assert page.evaluate(ONE_CUE) == 1, text
    page.close()


@pytest.mark.parametrize(("said", "seconds"), [("12.5", 12.5), ("0:45", 45), ("0:00:45", 45), ("1:05", 65)])
def test_an_address_names_a_time_in_seconds_or_as_on_a_clock(
    chromium: Any, archive_root: str, said: str, seconds: float
) -> None:
    page = chromium.new_page(viewport={"width": 390, "height": 600})
    page.goto(f"{archive_root}videos/long-kou-fen-si/index.html#t={said}")
    page.wait_for_function(f"Math.abs(document.querySelector('video').currentTime - {seconds}) < 0.2")
    assert in_view(page)
    page.close()


@pytest.mark.parametrize("name", FILMS)
def test_the_player_is_seen_whole_on_arrival(chromium: Any, archive_root: str, name: str) -> None:
    page = chromium.new_page(viewport={"width": 1366, "height": 768})
    page.goto(f"{archive_root}videos/{name}/index.html")
    page.wait_for_function("document.querySelector('video').readyState >= 1")
    assert in_view(page)
    page.close()


def test_a_tall_film_is_not_taller_than_the_window(chromium: Any, archive_root: str) -> None:
    for width, height in ((1366, 768), (390, 844), (844, 390)):
        page = chromium.new_page(viewport={"width": width, "height": height})
        page.goto(f"{archive_root}videos/long-kou-fen-si/index.html")
        # As the page of a telephone's film is: the same markup, another shape.
        page.evaluate("""() => {
          const film = document.querySelector('video');
          film.removeAttribute('src'); film.querySelector('source').remove(); film.load();
          film.width = 1080; film.height = 1920; film.removeAttribute('poster');
          film.style.setProperty('--shape', 0.5625);
        }""")
        box = page.locator("video").bounding_box()
        assert box["height"] <= height * 0.81
        assert box["width"] / box["height"] == pytest.approx(0.5625, rel=0.03)
        page.close()


@pytest.mark.parametrize("hash_", ["", "#units=农村", "#view=large"])
def test_in_lists_a_film_shows_its_whole_picture_and_its_length(chromium: Any, archive_root: str, hash_: str) -> None:
    page = chromium.new_page()
    page.goto(f"{archive_root}videos/index.html{hash_}")
    if "units" in hash_:
        page.locator("[data-browse-found] .card").first.wait_for()
    cards = [card for card in page.locator(".card").all() if card.is_visible()]
    assert len(cards) >= 3
    for card in cards:
        card.scroll_into_view_if_needed()
        picture = card.locator("img")
        picture.evaluate("e => e.complete || new Promise(done => { e.onload = done; })")
        box = picture.bounding_box()
        assert box["width"] / box["height"] == pytest.approx(16 / 9, rel=0.01)
        assert picture.evaluate("e => getComputedStyle(e).objectFit") == "contain"
        minutes, seconds = card.locator(".cover small").inner_text().split(":")
        assert 30 < int(minutes) * 60 + int(seconds) < 200
    page.close()
