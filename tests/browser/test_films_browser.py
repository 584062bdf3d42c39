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
