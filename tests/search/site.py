"""A small static site with a search, made without the rest of the archive."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

import jinja2

from integrity_archive.content.model.facets import FACETS
from integrity_archive.content.model.schema import KINDS
from integrity_archive.search import SearchDocument, SearchField
from integrity_archive.search.build import build_search
from integrity_archive.site.search_documents import FILTERS

OVERRIDES = Path(__file__).parents[2] / "overrides"

LABELS: Mapping[str, str] = {
    "kind": "种类",
    **{name: FACETS[facet].label for name, facet in FILTERS.items()},
    **{kind: record.collection for kind, record in KINDS.items()},
}

SCRIPTS = ("loader", "search-box", "search-highlight")

PAGE = """\
<!doctype html>
<html lang="zh-CN" data-base="{base}">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>{title} · 试验馆</title>
<link rel="stylesheet" href="{base}assets/css/tokens.css">
<link rel="stylesheet" href="{base}assets/css/filters.css"><link rel="stylesheet" href="{base}assets/css/search.css">
</head>
<body>
<header style="display:flex;flex-wrap:wrap;padding:.5rem"><a href="{base}index.html">试验馆</a>{box}</header>
<main>{main}</main>
{scripts}
</body>
</html>
"""


def write_site(folder: Path, documents: Sequence[SearchDocument]) -> Path:
    """Write pages, scripts and index; the folder is ready to be opened by double click."""
    for kind in ("js", "css"):
        shutil.copytree(OVERRIDES / "assets" / kind, folder / "assets" / kind)
    for path, content in build_search(documents, {"period": ("先秦", "东汉", "明")}).items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_bytes(content)
    _page(folder, "index.html", "首页", "<article><h1>首页</h1></article>")
    _page(folder, "search.html", "检索", _partial("search-page", "."), (*SCRIPTS, "filters", "search-page"))
    for document in documents:
        _page(folder, document.url, document.title, _article(document))
    return folder


def _article(document: SearchDocument) -> str:
    parts = [f"<h1>{escape(document.title)}</h1>"]
    for n, field in enumerate(document.fields):
        text = escape(field.text)
        # Every other character in an element of its own: marks must cross them.
        mixed = text if "&" in text else "".join(f"<em>{c}</em>" if i % 2 else c for i, c in enumerate(text))
        parts.append(f'<section id="s{n}"><p>{mixed}</p></section>')
    return f"<article>{''.join(parts)}<div style='height:3000px'></div><p id='end'>末</p></article>"


def _page(folder: Path, path: str, title: str, main: str, scripts: Sequence[str] = SCRIPTS) -> None:
    base = "../" * path.count("/")
    tags = "".join(f'<script src="{base}assets/js/{name}.js"></script>\n' for name in scripts)
    # As in the site: the search page has the box in its body.
    box = "" if path == "search.html" else _partial("search-box", base.rstrip("/") or ".")
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(
        PAGE.format(base=base, title=escape(title), box=box, main=main, scripts=tags), encoding="utf-8"
    )


def _partial(name: str, base_url: str) -> str:
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(OVERRIDES), autoescape=True)
    nav = [{"title": "清官廉吏故事", "url": "stories/index.html", "is_homepage": False}]
    return environment.get_template(f"partials/{name}.html").render(base_url=base_url, nav=nav, search_labels=LABELS)


def sample_documents() -> list[SearchDocument]:
    """Stories of known people, a video with captions, and enough filler for pages of results."""
    known = [
        _story("yi-ming-jing-ren", "一鸣惊人", "淳于髡", "先秦", "齐威王之时喜隐，好为淫乐长夜之饮。淳于髡说之以隐。"),
        _story("si-zhi", "杨震四知", "杨震", "东汉", "天知，神知，我知，子知。何谓无知！DVD 第 3 集。"),
        _story(
            "wang-shi-zhong", "王时中不屈", "王时中", "明", "王时中字道夫，黄县人。按治宣府大同，逮系武职贪污者百余人。"
        ),
        _story("meng-chang-jun", "孟尝君门下", "孟尝君", "先秦", "孟尝君食客三千，鸡鸣狗盗。齊威王之孙也。"),
        _story("bi-zhi", "费直传易", "费直", "东汉", "费直字长翁，东莱人也，治易为郎，至单父令。"),
        SearchDocument(
            "videos/fen-si",
            "videos/fen-si.html",
            "粉丝晾晒",
            "video",
            (SearchField("captions", "先磨浆。", 0.0), SearchField("captions", "再漏粉，清白如丝。", 12.5)),
            {"virtue": ("清",)},
        ),
        SearchDocument(
            "stories/hostile",
            "stories/hostile.html",
            '<b>"引号" & 标签</b>',
            "story",
            (SearchField("body", "</script><img src=x onerror=alert(1)> 😀 𠮷野家的廉泉"),),
        ),
    ]
    filler = [
        SearchDocument(
            f"columns/{n:03}",
            f"columns/{n:03}.html",
            f"每周廉情第{n}期",
            "article",
            (SearchField("body", f"本期通报案例第{n}号，警钟长鸣。"),),
            {"period": ("明",), "virtue": ("清", "慎")[: n % 2 + 1]},
        )
        for n in range(1, 38)
    ]
    return known + filler


def _story(slug: str, title: str, person: str, period: str, body: str) -> SearchDocument:
    fields = (
        SearchField("people", person),
        SearchField("headings", "史料辨析"),
        SearchField("summary", body[:12]),
        SearchField("body", body),
    )
    return SearchDocument(f"stories/{slug}", f"stories/{slug}.html", title, "story", fields, {"period": (period,)})
