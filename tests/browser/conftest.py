"""The repository's own archive as a built site, from disk and over http, and a real browser to open it."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from integrity_archive.load import untracked
from integrity_archive.mkdocs_build import build_site
from trees import ROOT


@pytest.fixture(scope="session")
def archive_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    site = tmp_path_factory.mktemp("archive") / "清廉 数字馆"  # as a folder on a stick may be called
    build_site(str(ROOT), str(site), untracked)
    return site


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="session")
def archive_server(archive_site: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(archive_site))) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{http.server_port}/"
        http.shutdown()


@pytest.fixture(params=["file", "http"])
def archive_root(request: pytest.FixtureRequest, archive_site: Path) -> str:
    return f"{archive_site.as_uri()}/" if request.param == "file" else request.getfixturevalue("archive_server")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def firefox() -> Iterator[Any]:
    """A session of Firefox ESR, where the machine has one."""
    program = shutil.which("firefox-esr")
    if program is None:
        pytest.skip("no Firefox ESR")
    driver = pytest.importorskip("marionette_driver.marionette")
    session = driver.Marionette(
        bin=program, headless=True, port=0, gecko_log=os.devnull, prefs={"browser.shell.checkDefaultBrowser": False}
    )
    session.start_session()
    session.timeout.script = 30
    session.timeout.implicit = 10
    yield session
    session.quit()
