"""The search in real browsers, from file:// and over http."""

from __future__ import annotations

import json
import random
import re
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from integrity_archive.search import SearchDocument, SearchField
from search.site import sample_documents, write_site

pytestmark = pytest.mark.browser


HOSTILE = [
    "齐" * 1000,
    "知，" * 500,
    ".*+?^${}()|[]\\",
    "[齐",
    "😀",
    "\ud83d",
    "齐\udc00威王",
    "<script>alert(1)</script>",
    "\"'&<>",
    "__proto__",
    "constructor toString",
    "-齐",
    '""',
    "\u2028\x00",
    "%E9%",
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_site(tmp_path_factory.mktemp("site"), sample_documents())


@pytest.fixture(scope="module")
def server(site: Path) -> Iterator[str]:
    """The site over http, with a charset that the shards' byte order mark must win over."""

    class Handler(SimpleHTTPRequestHandler):
        extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".js": "text/javascript; charset=utf-8"}

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(site))) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{http.server_port}/"
        http.shutdown()


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    """A page that fails the test on any error in a script."""
    page = chromium.new_page(viewport={"width": 1366, "height": 768})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("dialog", lambda dialog: errors.append(f"dialog {dialog.message}"))
    yield page
    page.close()
    assert not errors


@pytest.fixture(params=["file", "http"])
def root(request: pytest.FixtureRequest, site: Path) -> str:
    return f"{site.as_uri()}/" if request.param == "file" else request.getfixturevalue("server")


def ask(page: Any, query: str, **options: object) -> dict[str, Any]:
    """The answer of the engine; sent as JSON, which lone surrogates survive."""
    return page.evaluate(
        "([q, o]) => archive.searchBox.engine().then(s => s.find(JSON.parse(q), o))", [json.dumps(query), options]
    )  # type: ignore[no-any-return]


def titles(page: Any, query: str, **options: object) -> list[str]:
    return [hit["title"] for hit in ask(page, query, **options)["hits"]]


def open_search(page: Any, root: str, query: str = "") -> None:
    page.goto("about:blank")
    page.goto(f"{root}search.html#q={query}" if query else f"{root}search.html")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("齐威王", ["一鸣惊人", "孟尝君门下"]),
        ("齊威王", ["一鸣惊人", "孟尝君门下"]),
        ("威王之时", ["一鸣惊人"]),
        ("威之", []),
        ("孟尝君 鸡鸣", ["孟尝君门下"]),
        ("齐威王 -孟尝君", ["一鸣惊人"]),
        ("“天知，神知”", ["杨震四知"]),
        ("天知，神知，", ["杨震四知"]),
        ("天知神知", []),
        ("ｄｖｄ", ["杨震四知"]),
        ("dv", []),
        ("𠮷野家", ['<b>"引号" & 标签</b>']),
        ("清白如丝", ["粉丝晾晒"]),
        ("杨震", ["杨震四知"]),
    ],
)
def test_finds(page: Any, root: str, query: str, expected: list[str]) -> None:
    """Phrases, several words, exclusion, quotes, folding: the same on http and from a file."""
    open_search(page, root)
    answer = ask(page, query)
    assert sorted(hit["title"] for hit in answer["hits"]) == sorted(expected)
    assert answer["total"] == len(expected)
    assert not answer["faults"]


@pytest.mark.parametrize("query", ["cyk", "chunyuk", "chunyukun", "淳yk", "淳于k", "chun yu", "CYK"])
def test_pinyin_finds_chunyu_kun(page: Any, root: str, query: str) -> None:
    """Initials, full pinyin and mixtures suggest the name and, with nothing else found, search for it."""
    open_search(page, root)
    assert "一鸣惊人" in titles(page, query)[:3]
    assert page.evaluate("q => archive.searchBox.engine().then(s => s.suggest(q))", query)[0]["text"] == "淳于髡"


@pytest.mark.parametrize(
    ("query", "meant"), [("bizhi", "费直"), ("fz", "费直"), ("ymjr", "一鸣惊人"), ("wsz", "王时中")]
)
def test_pinyin_of_old_names(page: Any, site: Path, query: str, meant: str) -> None:
    """A name with two attested readings is found by both."""
    open_search(page, f"{site.as_uri()}/")
    assert page.evaluate("q => archive.searchBox.engine().then(s => s.suggest(q))", query)[0]["text"] == meant


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("王世中", "王时中"),
        ("王十中", "王时中"),
        ("王中", "王时中"),
        ("王明中", "王时中"),
        ("孟常君", "孟尝君"),
        ("一名惊人", "一鸣惊人"),
        ("杨镇", "杨震"),
    ],
)
def test_did_you_mean(page: Any, site: Path, query: str, meant: str) -> None:
    """One wrong or missing character, and characters of the same sound, lead to the right name."""
    open_search(page, f"{site.as_uri()}/")
    assert ask(page, query)["nearest"][0] == meant


def test_ranking(page: Any, site: Path) -> None:
    """A title comes before a name, a name before the body."""
    open_search(page, f"{site.as_uri()}/")
    assert titles(page, "孟尝君")[0] == "孟尝君门下"
    assert titles(page, "每周廉情第7期")[0] == "每周廉情第7期"


def test_contract(page: Any, root: str) -> None:
    """Total, id, address, title and kind; the limit limits; a large limit gives all."""
    open_search(page, root)
    answer = ask(page, "警钟长鸣", limit=5)
    assert (answer["total"], len(answer["hits"])) == (37, 5)
    assert {"id", "url", "title", "kind"} <= set(answer["hits"][0])
    every = ask(page, "警钟长鸣", limit=10_000)
    assert len({hit["id"] for hit in every["hits"]}) == 37
    assert every["hits"][0]["url"].endswith(".html")


@pytest.mark.parametrize("query", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_queries(page: Any, site: Path, query: str) -> None:
    """Nothing typed breaks or hangs the search, in the page or through the box."""
    open_search(page, f"{site.as_uri()}/")
    assert ask(page, query)["total"] >= 0
    page.evaluate("q => archive.searchBox.engine().then(s => s.suggest(JSON.parse(q)))", json.dumps(query))
    page.fill("#search-box-input", "")
    page.evaluate("q => { document.querySelector('#search-box-input').value = JSON.parse(q) }", json.dumps(query))
    page.press("#search-box-input", "Enter")
    page.wait_for_function("document.querySelector('[role=status]').textContent.length > 0")


def test_hostile_content(page: Any, root: str) -> None:
    """Markup in a title or text is shown, not run."""
    open_search(page, root, "廉泉")
    page.wait_for_selector("[data-search-results] a[href]")
    assert page.inner_text("[data-search-results] a") == '<b>"引号" & 标签</b>'
    assert page.locator("[data-search-results] img").count() == 0


def test_page(page: Any, root: str) -> None:
    """Total in the status, ten hits a page, excerpts with marks, facets with counts, back and forth by the hash."""
    open_search(page, root, "警钟长鸣")
    page.wait_for_selector("[data-search-results] a[href]")
    assert "37" in page.inner_text("[role=status]")
    assert page.locator("[data-search-results] a[href]").count() == 10
    assert page.inner_text("[data-search-results] mark") == "警钟长鸣"
    page.click("nav[data-search-pages] a:has-text('下一页')")
    page.wait_for_function("document.querySelector('[role=status]').textContent.includes('第 2 页')")
    assert "p=2" in page.url
    assert page.locator(".filters__group").count() == 1  # one kind and one period leave nothing to choose
    page.check(".filters input[value=慎]")
    page.wait_for_function("document.querySelector('[role=status]').textContent.includes('19')")
    assert page.locator(".filters label", has_text="慎").inner_text().split() == ["慎", "19"]
    page.go_back()
    page.wait_for_function("document.querySelector('[role=status]').textContent.includes('第 2 页')")
    page.select_option("[data-search-sort]", "order")
    page.wait_for_function("document.querySelector('[data-search-results] a').textContent === '每周廉情第1期'")


def test_empty_state(page: Any, root: str) -> None:
    """Nothing found: the nearest term is a link that works, and the sections are there to browse."""
    open_search(page, root, "王世中")
    page.wait_for_selector("[data-search-nearest] a")
    assert "0 条" in page.inner_text("[role=status]")
    assert page.is_visible("[data-search-empty] a")
    page.click("[data-search-nearest] a")
    page.wait_for_selector("[data-search-results] a:has-text('王时中不屈')")


def test_box(page: Any, root: str, site: Path) -> None:
    """`/` focuses, typing suggests, arrows and Enter choose, Escape closes; the state is in ARIA."""
    page.goto(f"{root}stories/si-zhi.html")
    page.keyboard.press("/")
    box = page.locator("[data-search-box] input[type=search]")
    assert box.evaluate("e => e === document.activeElement && e.value === ''")
    page.keyboard.type("cyk", delay=20)
    page.wait_for_selector("[data-search-box] [role=option]")
    assert box.get_attribute("aria-expanded") == "true"
    assert page.locator("[role=option]").first.inner_text().startswith("淳于髡")
    page.keyboard.press("ArrowDown")
    chosen = page.locator("[role=option][aria-selected=true]")
    assert box.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    page.keyboard.press("Escape")
    assert box.get_attribute("aria-expanded") == "false"
    page.keyboard.press("ArrowDown")
    page.wait_for_selector("[data-search-box] [role=option]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html#q=*")
    page.wait_for_selector("[data-search-results] a:has-text('一鸣惊人')")


def test_box_waits_for_the_input_method(page: Any, root: str) -> None:
    """While an input method composes nothing is asked and Enter is its own; afterwards the text is."""
    page.goto(f"{root}index.html")
    page.focus("[data-search-box] input")
    cdp = page.context.new_cdp_session(page)
    cdp.send("Input.imeSetComposition", {"text": "chun", "selectionStart": 4, "selectionEnd": 4})
    page.wait_for_timeout(400)
    assert page.locator("[role=option]").count() == 0
    cdp.send("Input.insertText", {"text": "淳于"})
    page.wait_for_selector("[role=option]")
    assert page.locator("[role=option]").first.inner_text().startswith("淳于髡")


def test_nothing_before_focus(page: Any, root: str) -> None:
    """Without the box, a page loads under 15 KB for the search; none of it data."""
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    page.goto(f"{root}index.html")
    page.wait_for_timeout(200)
    scripts = [url for url in loaded if url.endswith(".js")]
    assert sorted(url.rsplit("/", 1)[1] for url in scripts) == ["loader.js", "search-box.js", "search-highlight.js"]
    js = Path(__file__).parents[2] / "overrides" / "assets" / "js"
    assert sum((js / url.rsplit("/", 1)[1]).stat().st_size for url in scripts) < 15_000


@pytest.mark.parametrize(
    ("hash_", "marked", "left"),
    [
        ("#q=威王之时", "威王之时", "#q=威王之时"),
        ("#s0&q=淳于髡", "淳于髡", "#s0"),
        ("#t=12&q=喜隐+夜之饮", "喜隐", "#t=12"),
    ],
)
def test_marks_on_the_page(page: Any, root: str, hash_: str, marked: str, left: str) -> None:
    """The words are marked where they stand, even across elements; anchor and time stay."""
    page.goto(f"{root}stories/yi-ming-jing-ren.html{hash_}")
    page.wait_for_selector("mark.search-mark")
    text = page.evaluate("[...document.querySelectorAll('mark.search-mark')].map(m => m.textContent).join('')")
    assert marked in text
    assert page.evaluate("decodeURIComponent(location.hash)") == left
    assert page.inner_text("article").count("淳于髡说之以隐") == 1


READ = """\
<article><h1>读</h1><p id="one">淳于<ruby>髡<rp>(</rp><rt>kūn</rt><rp>)</rp></ruby>见齐王，天上星辰\
<sup id="fnref:1"><a class="footnote-ref" href="#fn:1">1</a></sup>照夜路，葛\U000e0100洪\u200b著
书。第 5 条说 AI 时代，1,800 两。</p></article>"""


@pytest.mark.parametrize(
    ("word", "marked"),
    [
        ("淳于髡见齐王", "淳于髡见齐王"),
        ("星辰照夜路", "星辰照夜路"),
        ("葛洪著书", "葛\U000e0100洪\u200b著\n书"),
        ("第5条说AI时代", "第 5 条说 AI 时代"),
        ("1800两", "1,800 两"),
    ],
)
def test_marks_on_what_is_read_as_one(page: Any, root: str, site: Path, word: str, marked: str) -> None:
    """Marks pass over readings, marks of notes, line breaks, spaces and what nobody sees, and stay out of them."""
    original = (site / "index.html").read_text("utf-8")
    (site / "read.html").write_text(re.sub(r"<article>.*</article>", lambda _: READ, original, flags=re.S), "utf-8")
    page.goto(f"{root}read.html#q={word}")
    page.wait_for_selector("mark.search-mark")
    text = page.evaluate("[...document.querySelectorAll('mark.search-mark')].map(m => m.textContent).join('')")
    assert text == marked
    assert page.evaluate("document.querySelectorAll('rt mark, sup mark').length") == 0


def test_anchor_without_words(page: Any, root: str) -> None:
    """A plain anchor still scrolls."""
    page.goto(f"{root}stories/yi-ming-jing-ren.html#end")
    page.wait_for_function("scrollY > 500")


def test_caption_opens_at_its_time(page: Any, root: str) -> None:
    """A hit in a caption leads to the second it starts."""
    open_search(page, root, "漏粉")
    link = page.wait_for_selector("[data-search-results] a").get_attribute("href")
    assert "videos/fen-si.html#t=12.5&q=" in link
    assert "0:12" in page.inner_text("[data-search-results]")


@pytest.fixture
def broken(tmp_path: Path, site: Path) -> Path:
    return Path(shutil.copytree(site, tmp_path / "broken"))


def spoil(folder: Path, family: str, how: str) -> None:
    """Remove, cut short or alter every shard of a family."""
    for path in sorted((folder / "search").glob(f"{family}*.js")):
        data = path.read_bytes()
        if how == "missing":
            path.unlink()
        elif how == "cut":
            path.write_bytes(data[: len(data) // 2 & ~1])
        else:
            middle = len(data) // 2 & ~1
            path.write_bytes(data[:middle] + "一".encode("utf-16-le") + data[middle + 2 :])


@pytest.mark.parametrize("how", ["missing", "cut", "altered"])
@pytest.mark.parametrize("family", ["pairs", "texts"])
def test_faulty_shards(chromium: Any, broken: Path, family: str, how: str) -> None:
    """A missing or damaged shard gives a message and what can be had, never a hang."""
    if (family, how) == ("texts", "altered"):
        pytest.skip("a changed character in a text is only that")
    spoil(broken, family, how)
    page = chromium.new_page()
    page.goto(f"{broken.as_uri()}/search.html#q=齐威王")
    page.wait_for_selector("[data-search-faults]:not([hidden])", timeout=15_000)
    assert "读不到或已损坏" in page.inner_text("[data-search-faults]")
    assert page.inner_text("[role=status]")
    if family == "texts":
        assert page.locator("[data-search-results] a[href]").count() > 0  # titles and addresses are elsewhere
    page.close()


@pytest.mark.parametrize("family", ["manifest", "tables"])
def test_no_index_at_all(chromium: Any, broken: Path, family: str) -> None:
    """Without manifest or tables the page says so."""
    spoil(broken, family, "missing")
    page = chromium.new_page()
    page.goto(f"{broken.as_uri()}/search.html#q=齐威王")
    page.wait_for_selector("[data-search-faults]:not([hidden])", timeout=15_000)
    page.close()


def test_one_missing_pair_leaves_the_rest(chromium: Any, tmp_path: Path) -> None:
    """With one of two pairs gone, the other and the text still answer, and the fault is named."""
    documents = [
        SearchDocument(
            f"d{n}", f"d{n}.html", f"篇{n}", "story", (SearchField("body", "齐威王" + chr(0x5000 + n) * 2_000),)
        )
        for n in range(60)
    ]
    folder = write_site(tmp_path / "site", documents)
    page = chromium.new_page()
    pairs: list[str] = []
    page.on("request", lambda request: pairs.append(request.url) if "pairs-" in request.url else None)
    page.goto(f"{folder.as_uri()}/search.html")
    ask(page, "齐威王")
    assert len(pairs) == 2
    (folder / "search" / pairs[0].rsplit("/", 1)[1]).unlink()
    page.goto(f"{folder.as_uri()}/index.html")
    page.goto(f"{folder.as_uri()}/search.html")
    answer = ask(page, "齐威王")
    assert answer["faults"]
    assert answer["total"] == 60
    page.close()


@pytest.mark.parametrize("width", [360, 1366])
def test_touch_targets(chromium: Any, site: Path, width: int) -> None:
    """Controls are 44 pixels high and nothing scrolls sideways."""
    page = chromium.new_page(viewport={"width": width, "height": 780})
    page.goto(f"{site.as_uri()}/search.html#q=警钟长鸣")
    page.wait_for_selector("[data-search-results] a[href]")
    small = page.evaluate(
        """() => [...document.querySelectorAll(`.search-box input, .search-box button, .search-page button, select,
             .search-page__pages a, .search-hit__title, .filters label, summary`)]
             .filter(e => e.offsetParent && e.getBoundingClientRect().height < 43.5)
             .map(e => e.className + ' ' + e.getBoundingClientRect().height)"""
    )
    assert small == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.close()


# The driver leaves sockets and a profile to the garbage collector.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_firefox(site: Path, firefox: Any) -> None:
    """Firefox ESR, from file://: page, marks, pinyin."""
    firefox.navigate(f"{site.as_uri()}/search.html#q=齐威王")
    ask_in = (
        "let [q, done] = arguments; archive.searchBox.engine().then(s => s.find(q)).then(done, e => done(String(e)))"
    )
    answer = firefox.execute_async_script(ask_in, script_args=["齊威王"], sandbox=None)
    assert answer["total"] == 2 and not answer["faults"]
    answer = firefox.execute_async_script(ask_in, script_args=["cyk"], sandbox=None)
    assert answer["hits"][0]["title"] == "一鸣惊人"
    shown = firefox.execute_async_script(
        """let [done] = arguments;
           let timer = setInterval(() => {
             let mark = document.querySelector('[data-search-results] mark');
             if (!mark) return;
             clearInterval(timer);
             done(mark.textContent + document.querySelector('[role=status]').textContent);
           }, 50)""",
        sandbox=None,
    )
    assert "齐威王" in shown and "2" in shown
    firefox.navigate(f"{site.as_uri()}/stories/yi-ming-jing-ren.html#q=威王之时")
    marks = "return [...document.querySelectorAll('mark')].map(m => m.textContent).join('')"
    assert firefox.execute_script(marks, sandbox=None) == "威王之时" * 2  # summary and body


def test_a_very_common_pair_is_read_only_where_it_decides(chromium: Any, tmp_path: Path) -> None:
    """Beside a rare pair the texts decide, and the big shard stays unread; alone it is read, and right."""
    chance = random.Random(7)
    common = ["没有" + "".join(chr(0x5000 + chance.randrange(3_000)) for _ in range(9)) for _ in range(64_000)]
    documents = [
        SearchDocument(
            f"d{n:03}",
            f"d{n:03}.html",
            f"篇{n}",
            "story",
            (SearchField("body", "".join(common[n * 160 : n * 160 + 160])),),
        )
        for n in range(400)
    ]
    documents.append(SearchDocument("e1", "e1.html", "篇一", "story", (SearchField("body", "他说没有怪。有怪。"),)))
    documents.append(SearchDocument("e2", "e2.html", "篇二", "story", (SearchField("body", "书上有怪，没有人怪。"),)))
    folder = write_site(tmp_path / "site", documents)
    big = max((folder / "search").glob("pairs-*"), key=lambda path: path.stat().st_size)
    read: list[str] = []
    page = chromium.new_page()
    page.on("request", lambda request: read.append(request.url.rsplit("/", 1)[1]))
    page.goto(f"{folder.as_uri()}/search.html")
    assert [hit["id"] for hit in ask(page, "没有怪")["hits"]] == ["e1"]
    assert big.name not in read
    assert ask(page, "没有")["total"] == 402
    assert big.name in read
    page.close()
