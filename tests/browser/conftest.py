"""The repository's own archive as a built site, from disk and over http, and a real browser to open it."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from playwright.sync_api import Error, Frame, Page, sync_playwright

from integrity_archive.archive.edition import KIOSK
from integrity_archive.kiosk.delivery import deliver
from integrity_archive.mkdocs.build_site import build_plan
from integrity_archive.support.progress import no_progress
from sites import CHROMIUM
from trees import ROOT


def _wait_for_function(self: Page | Frame, expression: str, *, arg: Any = None, timeout: float = 30_000) -> None:
    until = time.monotonic() + timeout / 1000
    while True:
        # A page on its way to another has nothing to ask.
        with contextlib.suppress(Error):
            if self.evaluate(expression, arg):
                return
        if time.monotonic() > until:
            pytest.fail(f"{self.url}: never {expression}")
        time.sleep(0.05)


@pytest.fixture(scope="session", autouse=True)
def _wait_from_outside() -> Iterator[None]:
    """Playwright waits with ``eval`` in the page, which the pages' policy forbids: here it is asked from outside."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Page, "wait_for_function", _wait_for_function)
        patch.setattr(Frame, "wait_for_function", _wait_for_function)
        yield


def _shared(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that takes long to make: of all processes that share out the tests, the first to need it makes it."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    with FileLock(f"{folder}.lock"):
        whole = Path(f"{folder}.whole")
        if not whole.exists():
            make(folder)
            whole.touch()
    return folder


@pytest.fixture(scope="session")
def archive_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    name = "清廉 数字馆"  # as a folder on a stick may be called
    return _shared(tmp_path_factory, "archive", lambda f: build_plan(str(ROOT), str(f / name), no_progress)) / name


@pytest.fixture(scope="session")
def kiosk_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive's touch screen edition, as if it had a public address."""
    name = "触摸屏 一号"

    def make(folder: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SITE_URL", "https://lian.example.cn/")
            build_plan(str(ROOT), str(folder / "site"), no_progress, KIOSK)
        deliver(folder / "site", folder / name)

    return _shared(tmp_path_factory, "kiosk", make) / name


class _Quiet(SimpleHTTPRequestHandler):
    """Gives parts of files, as every static host does: without them no browser seeks in a film."""

    left: int | None = None

    def log_message(self, *args: object) -> None:
        pass

    def send_head(self) -> Any:
        self.left = None
        wish = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        path = self.translate_path(self.path)
        if not wish or not os.path.isfile(path):
            return super().send_head()
        size = os.path.getsize(path)
        first, last = int(wish[1]), min(int(wish[2] or size - 1), size - 1)
        self.send_response(206)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
        self.send_header("Content-Length", str(last - first + 1))
        self.end_headers()
        stream = open(path, "rb")  # noqa: SIM115 -- the handler closes it
        stream.seek(first)
        self.left = last - first + 1
        return stream

    def copyfile(self, source: Any, outputfile: Any) -> None:
        # A browser that has enough of a film hangs up.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            while block := source.read(1 << 16 if self.left is None else min(1 << 16, self.left)):
                outputfile.write(block)
                self.left = None if self.left is None else self.left - len(block)


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
def playwright() -> Iterator[Any]:
    """Playwright, of which a process can have only one."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def chromium(playwright: Any) -> Iterator[Any]:
    # The one without windows is the same engine, and takes a third less of the processor.
    program = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM)
    yield browser
    browser.close()


@pytest.fixture
def firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A session of Firefox ESR, where the machine has one."""
    program = shutil.which("firefox-esr")
    if program is None:
        pytest.skip("no Firefox ESR")
    driver = pytest.importorskip("marionette_driver.marionette")
    # A file of its own: the driver deletes what stands where it is to log, as root even /dev/null.
    log = str(tmp_path_factory.mktemp("firefox") / "gecko.log")
    session = driver.Marionette(
        bin=program, headless=True, port=0, gecko_log=log, prefs={"browser.shell.checkDefaultBrowser": False}
    )
    session.start_session()
    session.timeout.script = 30
    session.timeout.implicit = 10
    yield session
    session.quit()
