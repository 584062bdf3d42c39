"""A stick on the computers it is plugged into: read-only, without scripts, without storage, and as a ZIM file."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from click.testing import CliRunner

from integrity_archive.cli.main import main
from sites import CHROMIUM
from trees import ROOT

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def stick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The archive on a stick that may only be read, in a folder with a space and Chinese in its name."""
    folder = tmp_path_factory.mktemp("usb") / "清廉 U 盘（一号）"
    folder.mkdir()
    result = CliRunner().invoke(main, ["--root", str(ROOT), "-q", "pack", "usb", str(folder)])
    assert result.exit_code == 0, result.output
    mounted = subprocess.run(["mount", "--bind", "-o", "ro", str(folder), str(folder)], capture_output=True)
    if mounted.returncode:  # who may not mount has files that may not be written at least
        subprocess.run(["chmod", "-R", "a-w", str(folder)], check=True)
    yield folder
    if mounted.returncode:
        subprocess.run(["chmod", "-R", "u+w", str(folder)], check=True)
    else:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture(params=["storage", "no storage"])
def browser(request: pytest.FixtureRequest, tmp_path: Path, playwright: Any) -> Iterator[Any]:
    """Chromium; the second time one that refuses to keep anything, as public computers are set."""
    if request.param == "no storage":
        settings = {"profile": {"default_content_setting_values": {"cookies": 2}}}
        (tmp_path / "Default").mkdir()
        (tmp_path / "Default" / "Preferences").write_text(json.dumps(settings))
    context = playwright.chromium.launch_persistent_context(
        str(tmp_path), executable_path=shutil.which("chromium"), args=CHROMIUM
    )
    yield context
    context.close()


def test_everything_works_from_a_stick_and_nothing_asks_the_network(
    stick: Path, browser: Any, request: pytest.FixtureRequest
) -> None:
    faults: list[str] = []
    root = stick.as_uri()
    browser.on("request", lambda r: None if r.url.startswith(("file:", "data:", "blob:")) else faults.append(r.url))
    page = browser.new_page()
    page.on("pageerror", lambda e: faults.append(f"{page.url}: {e}"))
    page.goto(f"{root}/index.html")
    if "no storage" in request.node.name:
        with pytest.raises(Exception, match="denied"):
            page.evaluate("localStorage.length")
    page.get_by_role("button", name="大字").click()
    page.get_by_role("navigation", name="栏目").get_by_role("link", name="清官廉吏故事").click()
    page.wait_for_url("**/stories/index.html*")
    size = "parseFloat(getComputedStyle(document.body).fontSize)"
    assert page.evaluate(size) > 20  # the view goes along from page to page
    page.goto(f"{root}/search.html#q=cyk")
    page.locator("[data-search-results] a", has_text="淳于髡").first.wait_for()
    page.goto(f"{root}/videos/long-kou-fen-si/index.html")
    page.evaluate("document.querySelector('video').play()")
    page.wait_for_function("[...document.querySelector('video').textTracks[0].activeCues || []].length > 0")
    page.goto(f"{root}/lessons/di-yi-ke-si-zhi/slides.html")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("location.hash.indexOf('2') > 0")
    page.goto(f"{root}/lessons/di-yi-ke-si-zhi/index.html")
    page.locator("[data-quiz] input").first.check()
    page.locator("[data-check]").first.click()
    assert page.locator(".quiz__verdict").first.inner_text()
    pack = page.get_by_role("link", name="下载资料包").get_attribute("href") or ""
    assert (stick / "lessons/di-yi-ke-si-zhi" / pack).resolve().is_file()
    page.get_by_role("link", name="本次更新").click()
    assert "第一次" in page.locator("article").inner_text()
    assert faults == []


def test_without_scripts_everything_can_still_be_read(stick: Path, chromium: Any) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{stick.as_uri()}/index.html")
    page.get_by_role("navigation", name="栏目").get_by_role("link", name="廉课堂").click()
    page.get_by_role("link", name="没有人看见的那一份").first.click()
    assert page.get_by_role("heading", name="环节").is_visible()
    page.locator(".quiz__answer summary").first.click()
    assert page.locator(".quiz__answer p").first.is_visible()
    page.get_by_role("link", name="打开幻灯").click()
    assert page.locator(".slide").count() > 5
    assert page.locator(".slide").nth(4).bounding_box() is not None
    page.goto(f"{stick.as_uri()}/search.html")
    assert "检索要用 JavaScript" in page.locator("main, body").first.inner_text()
    page.goto(f"{stick.as_uri()}/videos/si-zhi/index.html")
    assert page.locator("video[controls] track[src^='data:']").count() == 1
    context.close()


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_firefox_reads_a_stick(stick: Path, firefox: Any) -> None:
    root = stick.as_uri()
    firefox.navigate(f"{root}/search.html#q=四知")
    assert firefox.find_element("css selector", "[data-search-results] a").text
    firefox.navigate(f"{root}/videos/si-zhi/index.html")
    playing = """
        const video = document.querySelector('video');
        video.muted = true;
        video.play();
        return video.textTracks[0].mode;"""
    firefox.execute_script(playing, sandbox=None)
    shown = "return [...document.querySelector('video').textTracks[0].activeCues || []].length"
    until = time.monotonic() + 20
    while not firefox.execute_script(shown, sandbox=None):
        assert time.monotonic() < until
        time.sleep(0.2)
    loaded = "return performance.getEntriesByType('resource').map(r => r.name).filter(n => n.indexOf('http') === 0)"
    assert firefox.execute_script(loaded, sandbox=None) == []


class _Kiwix(BaseHTTPRequestHandler):
    """Serves a ZIM file as Kiwix does: each entry at its path below the file's name."""

    archive: Any

    def log_message(self, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path).removeprefix("/content/a/")
        if not self.archive.has_entry_by_path(path):
            self.send_error(404)
            return
        item = self.archive.get_entry_by_path(path).get_item()
        self.send_response(200)
        self.send_header("Content-Type", item.mimetype)
        self.send_header("Content-Length", str(item.size))
        self.end_headers()
        self.wfile.write(bytes(item.content))


def test_our_search_works_inside_a_zim_file(tmp_path: Path, chromium: Any) -> None:
    from libzim.reader import Archive as ZimFile

    out = tmp_path / "馆.zim"
    result = CliRunner().invoke(main, ["--root", str(ROOT), "-q", "pack", "zim", str(out)])
    assert result.exit_code == 0, result.output
    handler = type("Handler", (_Kiwix,), {"archive": ZimFile(out)})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        root = f"http://127.0.0.1:{http.server_port}/content/a/"
        page = chromium.new_page()
        missing: list[str] = []
        page.on("response", lambda r: missing.append(r.url) if r.status >= 400 else None)
        page.goto(f"{root}search.html#q=昌邑")
        page.locator("[data-search-results] a", has_text="杨震").first.click()
        page.wait_for_url("**/stories/yang-zhen-si-zhi.html*")
        assert "杨震" in page.locator("h1").inner_text()
        page.close()
        http.shutdown()
    assert missing == []
