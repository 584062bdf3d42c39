"""Others: other search engines on the same text, over http, with few entries because they grow faster or miss files."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from html import escape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from integrity_archive.bench.measure import run, size
from integrity_archive.search import SearchDocument
from integrity_archive.search.fold import normal

MATERIAL_YML = """\
site_name: 试验馆
use_directory_urls: false
theme: {name: material, language: zh, font: false, features: [navigation.prune]}
plugins: [search]
nav: [{首页: index.md}]
validation: {nav: {omitted_files: ignore}}
"""

LISTEN = """window.Worker = class extends Worker {
  constructor(...given) {
    super(...given);
    this.addEventListener('message', ({data}) => { if (data && data.type === 3) window.answer = data.data; });
  }
};"""
"""Material's list of results grows only when it is scrolled; its worker reports all of them at once."""

MATERIAL_ASK = """async query => {
  const input = document.querySelector('.md-search__input');
  window.answer = null;
  input.value = query;
  input.dispatchEvent(new KeyboardEvent('keyup', {bubbles: true}));
  for (let n = 0; n < 250 && !window.answer; n++) await new Promise(r => setTimeout(r, 20));
  return (window.answer ? window.answer.items : []).map(group => '/' + group[0].location.split('#')[0]);
}"""

PAGEFIND_ASK = """async query => {
  window.pagefind = window.pagefind || await import('/pagefind/pagefind.js');
  const found = await pagefind.search(query);
  return Promise.all(found.results.map(async r => (await r.data()).url));
}"""


def measure_material(documents: Sequence[SearchDocument], queries: Sequence[str]) -> str:
    """Material's own search, with jieba if it is installed."""
    with TemporaryDirectory(prefix="material-") as folder:
        docs = Path(folder, "docs")
        docs.mkdir()
        (docs / "index.md").write_text("# 首页\n", encoding="utf-8")
        (Path(folder) / "mkdocs.yml").write_text(MATERIAL_YML, encoding="utf-8")
        for n, document in enumerate(documents):
            text = "\n\n".join(escape(part.text) for part in document.fields)
            (docs / f"d{n}.md").write_text(f"# {document.title}\n\n{text}\n", encoding="utf-8")
        cost = run([sys.executable, "-m", "mkdocs", "build", "--quiet"], Path(folder))
        site = Path(folder, "site")
        index = (site / "search" / "search_index.json").stat().st_size
        jieba = "with jieba" if find_spec("jieba") else "without jieba"
        head = f"Material's search, {jieba}, {len(documents)} entries: "
        head += f"{index / 1e6:.1f} MB index, build {cost.seconds:.1f} s"
        return f"{head}; {_ask(site, documents, queries, MATERIAL_ASK, '/index.html')}; not from file:// alone"


def measure_pagefind(documents: Sequence[SearchDocument], queries: Sequence[str]) -> str:
    """Pagefind, if it is installed."""
    command = [shutil.which("pagefind") or ""] if shutil.which("pagefind") else [sys.executable, "-m", "pagefind"]
    if not shutil.which("pagefind") and not find_spec("pagefind"):
        return "Pagefind: not installed"
    with TemporaryDirectory(prefix="pagefind-") as folder:
        site = Path(folder)
        for n, document in enumerate(documents):
            text = "".join(f"<p>{escape(part.text)}</p>" for part in document.fields)
            page = f"<!doctype html><html lang=zh><meta charset=utf-8><title>{escape(document.title)}</title>"
            (site / f"d{n}.html").write_text(
                f"{page}<main><h1>{escape(document.title)}</h1>{text}</main>", encoding="utf-8"
            )
        (site / "index.html").write_text("<!doctype html><html lang=zh><meta charset=utf-8>", encoding="utf-8")
        start = time.perf_counter()
        subprocess.run([*command, "--site", folder], check=True, capture_output=True)
        seconds = time.perf_counter() - start
        index = size(site / "pagefind")
        files = sum(1 for _ in (site / "pagefind").rglob("*"))
        head = f"Pagefind, {len(documents)} entries: {index / 1e6:.1f} MB in {files} files, build {seconds:.1f} s"
        return f"{head}; {_ask(site, documents, queries, PAGEFIND_ASK, '/index.html')}; not from file://"


def _ask(site: Path, documents: Sequence[SearchDocument], queries: Sequence[str], script: str, start: str) -> str:
    """Recall and precision compared with a substring search."""
    from playwright.sync_api import sync_playwright  # a test dependency

    texts = ["\n".join(normal(part.text) for part in document.all_fields) for document in documents]
    right = returned = wanted = 0
    with _served(site) as root, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page: Any = browser.new_page()
        page.add_init_script(LISTEN)
        page.goto(root + start)
        page.wait_for_timeout(3_000)
        for query in queries:
            truth = {f"/d{n}.html" for n, text in enumerate(texts) if query in text}
            results = set(page.evaluate(script, query))
            right += len(truth & results)
            returned += len(results)
            wanted += len(truth)
        browser.close()
    return f"{len(queries)} queries: recall {right / max(1, wanted):.2f}, precision {right / max(1, returned):.2f}"


@contextmanager
def _served(site: Path) -> Iterator[str]:
    """Serve the folder over http on a free port; yields its address."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            """Nothing: the bench prints its own report."""

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
