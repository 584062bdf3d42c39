"""The repository's own site in Chromium, over http and by double click."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser


@pytest.mark.long
def test_every_page_opens_without_a_failed_or_external_request(
    chromium: Any, archive_site: Path, archive_root: str
) -> None:
    page = chromium.new_page()
    faults: list[str] = []
    # Going on to the next page aborts the icon of the last; a missing file fails in other words.
    page.on("requestfailed", lambda r: None if "ABORTED" in r.failure else faults.append(f"{r.url} {r.failure}"))
    page.on("request", lambda r: None if r.url.startswith((archive_root, "data:")) else faults.append(f"out: {r.url}"))
    page.on("response", lambda r: None if r.status < 400 else faults.append(f"{r.status} {r.url}"))
    page.on("console", lambda m: faults.append(f"{page.url}: {m.text}") if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: faults.append(f"{page.url}: {e}"))
    urls = [
        p.relative_to(archive_site).as_posix() for p in sorted(archive_site.rglob("*.html")) if p.name != "404.html"
    ]
    # Over http the same files come another way: of pages made alike, every fifth.
    for url in urls if archive_root.startswith("file:") else urls[::5]:
        page.goto(archive_root + url)
    page.close()
    assert len(urls) > 500
    assert faults == []


@pytest.mark.parametrize("width", [360, 390, 768, 1366, 1920])
def test_no_page_scrolls_sideways(chromium: Any, archive_server: str, width: int) -> None:
    page = chromium.new_page(viewport={"width": width, "height": 844})
    wide = []
    for url in (
        "index.html",
        "stories/index.html",
        "stories/yang-zhen-si-zhi.html",
        "heritage/long-kou-fen-si.html",
        "halls/ren-chang-lun.html",
        "lessons/di-yi-ke-si-zhi/index.html",
        "people/index.html",
        "handbook/fields.html",
        "handbook/index.html",
        "search.html#q=不取",
    ):
        page.goto(archive_server + url)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(url)
    page.close()
    assert wide == []


def test_a_reader_gets_from_home_to_an_entry_and_back_by_its_relations(chromium: Any, archive_root: str) -> None:
    page = chromium.new_page()
    page.goto(archive_root + "index.html")
    page.get_by_role("navigation", name="栏目").get_by_role("link", name="清官廉吏故事").click()
    page.get_by_role("link", name="杨震").first.click()
    assert "杨震" in page.locator("h1").inner_text()
    page.locator(".related a").first.click()
    page.locator(".facts a").first.click()
    page.wait_for_selector(".card")
    assert page.locator(".card").count() >= 1
    page.close()
