"""Serve benchmark: the time under ``mkdocs serve`` from saving an entry to seeing it."""

from __future__ import annotations

import contextlib
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

PATIENCE = 1200
"""Seconds after which the benchmark gives up; the first build may take minutes."""


def seconds_to_see(root: Path, edits: int = 5) -> float:
    """Median of the seconds for some edits to the text, each of another story.

    Raises:
        TimeoutError: the edit did not appear.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, "-m", "mkdocs", "serve", "--quiet", "--dev-addr", address]
    server = subprocess.Popen(command, cwd=root, stderr=subprocess.DEVNULL)
    try:
        manifest = _await(f"http://{address}/search/manifest.js", bool)
        times = []
        for n, path in enumerate(sorted((root / "stories").glob("*.md"))[10 : 10 + edits]):
            mark = f"记号第{n}号"
            path.write_text(f"{path.read_text('utf-8')}\n{mark}。\n", "utf-8")
            saved = time.perf_counter()
            _await(f"http://{address}/stories/{path.stem}.html", lambda text, mark=mark: mark in text)  # type: ignore[misc]
            times.append(time.perf_counter() - saved)
            # The search is updated later; wait, so that it does not slow down the next edit.
            manifest = _await(f"http://{address}/search/manifest.js", lambda text, old=manifest: text not in ("", old))  # type: ignore[misc]
        return statistics.median(times)
    finally:
        server.terminate()
        server.wait()


def _await(address: str, enough: Callable[[str], bool]) -> str:
    """The text at an address, as soon as it is ``enough``."""
    end = time.perf_counter() + PATIENCE
    while time.perf_counter() < end:
        with contextlib.suppress(OSError):
            text = urlopen(address, timeout=60).read().decode("utf-8", "replace")
            if enough(text):
                return str(text)
        time.sleep(0.02)
    raise TimeoutError(address)
