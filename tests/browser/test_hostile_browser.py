"""Entries that mean harm: whatever stands in a field or a body, nothing of it runs, loads or is sent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from integrity_archive.build.examine import examine
from integrity_archive.site.csp import policy
from integrity_archive.support.problems import errors
from sites import build
from trees import BASES, FOLDERS, write_tree

pytestmark = pytest.mark.browser

RUN = "window.pwned=1"
"""What a hostile entry wants to happen."""

IN_FIELDS = (
    f"<script>{RUN}</script>",
    f'"><script>{RUN}</script>',
    f"'><img src=x onerror={RUN}>",
    f'" onfocus={RUN} autofocus x="',
    f"' onmouseover={RUN} x='",
    f"</title><script>{RUN}</script>",
    f"</script><script>{RUN}</script>",
    f"</textarea><svg onload={RUN}>",
    f"<!--<script>-->{RUN}",
    f"]]><script>{RUN}</script>",
    f"{{{{{RUN}}}}}{{% raw %}}<svg/onload={RUN}>",
    f"\\u003cscript\\u003e{RUN}\\u003c/script\\u003e",
    f"&lt;script&gt;{RUN}&lt;/script&gt;",
    f"javascript:{RUN}",
    f"${{{RUN}}}`{RUN}`",
    f"\u2028{RUN}//\u2029",
)

IN_BODIES = (
    *IN_FIELDS,
    f"[点我](javascript:{RUN})",
    f"[点我](JaVaScRiPt:{RUN})",
    f"[点我](java\tscript:{RUN})",
    f"[点我](&#106;avascript:{RUN})",
    f"[点我](data:text/html,<script>{RUN}</script>)",
    f"[点我](vbscript:{RUN})",
    f'![图](x "onerror={RUN}")',
    f"![图](javascript:{RUN})",
    f"<javascript:{RUN}>",
    f"<a href='javascript:{RUN}'>点我</a>",
    f"<iframe srcdoc='<script>{RUN}</script>'></iframe>",
    f"<svg><animate onbegin={RUN} attributeName=x></svg>",
    f"<details open ontoggle={RUN}>x</details>",
    f"<br onclick={RUN}>",
    f"<math><mtext><script>{RUN}</script></mtext></math>",
    f"# 题 {{: onclick={RUN} }}",
    f"段落\n{{: style=background:url(javascript:{RUN}) }}",
    f"[甲]: javascript:{RUN}\n\n[点我][甲]",
    f"正文[^1]\n\n[^1]: <script>{RUN}</script>",
    f"|a|b|\n|-|-|\n|<script>{RUN}</script>|x|",
    f"```html\n<script>{RUN}</script>\n```",
    f"`<script>{RUN}</script>`",
    f"<scr<script>ipt>{RUN}</scr</script>ipt>",
    "<link rel=stylesheet href=https://example.org/x.css>",
    "<meta http-equiv=refresh content=0;url=https://example.org/>",
    "<base href=https://example.org/>",
    "<form action=https://example.org/><input name=a></form>",
    "![信标](https://example.org/beacon.png)",
)


def _text_of(part: Mapping[str, Any]) -> str:
    """The first field of a part that is text."""
    return next(name for name, value in part.items() if isinstance(value, str))


def _fields(kind: str, payload: str) -> Iterator[Mapping[str, Any]]:
    """A valid entry with the payload in each of its texts, one after another and deep inside too."""
    base = BASES[kind]
    for name, value in base.items():
        if isinstance(value, str):
            yield {name: payload}
        elif isinstance(value, list) and value and not isinstance(value[0], Mapping):
            yield {name: [payload]}
        elif isinstance(value, list) and value:
            yield {name: [{**value[0], _text_of(value[0]): payload}]}
        elif isinstance(value, dict):
            yield {name: {**value, _text_of(value): payload}}
    yield {"tags": [payload]}
    yield {"rights": payload}
    yield {"people": [payload], "places": [payload]}
    yield {"sources": [{"work": payload, "locator": payload, "tier": "新闻", "url": payload}]}
    yield {"sources": [{"work": payload, "locator": payload, "tier": "新闻", "url": "https://example.org/a"}]}


def _hostile() -> Iterator[tuple[str, dict[str, Any]]]:
    for folder, kind in FOLDERS.items():
        if kind == "video":
            continue
        for number, payload in enumerate(IN_FIELDS):
            for place, fields in enumerate(_fields(kind, payload)):
                yield f"{folder}/f{number}-{place}.md", {"set": {"title": f"第 {number} 种之 {place}", **fields}}
    for number, body in enumerate(IN_BODIES):
        yield f"stories/b{number}.md", {"set": {"title": f"正文第 {number} 种"}, "body": body}


@pytest.fixture(scope="module")
def survivors(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Of all hostile entries those that the checks let pass: the others never become pages."""
    hostile = dict(_hostile())
    root = write_tree(tmp_path_factory.mktemp("hostile"), hostile)
    problems = examine(str(root)).problems
    refused = {p.path for p in errors(problems)}
    assert all(p.what and p.remedy for p in problems)
    passed = {path: entry for path, entry in hostile.items() if path not in refused}
    assert len(passed) > 200
    together: dict[str, dict[str, Any]] = {}
    for path, entry in passed.items():  # one entry a payload, with all the fields that take it
        fields = together.setdefault(re.sub(r"-\d+\.md$", ".md", path), {"set": {}})
        said = fields["set"].get("title", "")
        fields["set"].update(entry["set"])
        if RUN in said:
            fields["set"]["title"] = said
        fields["body"] = entry.get("body", "正文。")
    return together


@pytest.fixture(scope="module")
def hostile_site(survivors: dict[str, dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("survivors"), survivors)


def test_what_could_run_or_load_is_refused(survivors: dict[str, dict[str, Any]]) -> None:
    bodies = {str(entry.get("body", "")) for path, entry in survivors.items() if path.startswith("stories/b")}
    for body in bodies:
        assert "](java" not in body.lower()
        assert "<iframe" not in body
        assert "<link" not in body
        assert "example.org/beacon" not in body
    assert len(survivors) > 80


def test_nothing_hostile_runs_in_any_page(
    hostile_site: Path, survivors: dict[str, dict[str, Any]], chromium: Any
) -> None:
    page = chromium.new_page()
    faults: list[str] = []
    page.on("dialog", lambda d: (faults.append(f"{page.url}: dialog"), d.dismiss()))
    page.on("request", lambda r: None if r.url.startswith(("file:", "data:")) else faults.append(f"out: {r.url}"))
    page.on("console", lambda m: faults.append(f"{page.url}: {m.text}") if "Security" in m.text else None)
    entries = [path.removeprefix("docs/").replace(".md", ".html") for path in survivors]
    folders = [p for p in hostile_site.iterdir() if p.is_dir() and (p / "index.html").is_file()]
    named = [f"{p.name}/{page.name}" for p in folders for page in sorted(p.glob("*.html"))[:6]]
    urls = sorted({*entries, *named, "index.html", "search.html", "timeline.html", "my-list.html"})
    for url in urls:
        page.goto(f"{hostile_site.as_uri()}/{url}", wait_until="load")
        if page.evaluate("window.pwned"):
            faults.append(f"{url}: ran")
    for query in ("pwned", "script", "javascript"):
        page.goto(f"{hostile_site.as_uri()}/search.html#q={query}")
        page.locator("[data-search-results] a").first.wait_for()
        if page.evaluate("window.pwned"):
            faults.append(f"search {query}: ran")
    page.close()
    assert len(urls) > len(survivors)
    assert faults == []


def test_even_a_page_with_a_foreign_script_in_it_runs_and_loads_nothing(
    archive_site: Path, tmp_path: Path, chromium: Any
) -> None:
    """Should all checks fail: the page's own policy stands."""
    site = tmp_path / "site"
    (site / "assets").mkdir(parents=True)
    page_text = (archive_site / "stories/yang-zhen-si-zhi.html").read_text("utf-8")
    harm = (
        f"<script>{RUN}</script><img src=x onerror={RUN}><img src=https://example.org/beacon.png>"
        f"<script src=https://example.org/x.js></script><a id=a href='javascript:{RUN}'>a</a>"
    )
    (site / "a.html").write_text(page_text.replace("</article>", harm + "</article>", 1), "utf-8")
    page = chromium.new_page()
    sent: list[str] = []
    page.on("requestfinished", lambda r: sent.append(r.url) if r.url.startswith("http") else None)
    page.goto((site / "a.html").as_uri())
    page.locator("#a").click()
    asked = page.evaluate("fetch('https://example.org/').then(() => 'sent', () => 'blocked')")
    assert page.evaluate("window.pwned === undefined")
    assert asked == "blocked"
    assert sent == []
    page.close()


def test_the_policy_names_no_other_host() -> None:
    said = policy(["alert(1)"])
    assert "http" not in said
    assert "script-src 'self' file: 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='" in said
    assert "unsafe-inline'" not in said.split("script-src")[1].split(";")[0]
