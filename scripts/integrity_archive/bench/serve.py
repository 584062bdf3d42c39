"""How long an author waits under ``mkdocs serve``, from saving an entry to seeing it."""

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
"""Seconds after which nothing more is awaited: the first build may take minutes."""


def seconds_to_see(root: Path, edits: int = 5) -> float:
    """Median of some edits to the text, each to another story.

    Raises:
        TimeoutError: nothing was shown.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, "-m", "mkdocs", "serve", "--quiet", "--dev-addr", address]
    server = subprocess.Popen(command, cwd=root, stderr=subprocess.DEVNULL)
    try:
        manifest = _await(f"http://{address}/search/manifest.js", bool)
        found = []
        for n, path in enumerate(sorted((root / "stories").glob("*.md"))[10 : 10 + edits]):
            mark = f"记号第{n}号"
            path.write_text(f"{path.read_text('utf-8')}\n{mark}。\n", "utf-8")
            saved = time.perf_counter()
            _await(f"http://{address}/stories/{path.stem}.html", lambda text, mark=mark: mark in text)  # type: ignore[misc]
            found.append(time.perf_counter() - saved)
            # The search follows; the next edit should not have to wait for it.
            manifest = _await(f"http://{address}/search/manifest.js", lambda text, old=manifest: text not in ("", old))  # type: ignore[misc]
        return statistics.median(found)
    finally:
        server.terminate()
        server.wait()


def _await(address: str, enough: Callable[[str], bool]) -> str:
    """What stands at an address, once it is as it should be."""
    end = time.perf_counter() + PATIENCE
    while time.perf_counter() < end:
        with contextlib.suppress(OSError):
            found = urlopen(address, timeout=60).read().decode("utf-8", "replace")
            if enough(found):
                return str(found)
        time.sleep(0.02)
    raise TimeoutError(address)
