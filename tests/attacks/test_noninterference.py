"""The public edition of an archive is that of the same archive without its internal parts, byte for byte."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrity_archive.archive.edition import EDITIONS, Edition
from integrity_archive.build.examine import edition_content
from integrity_archive.build.pipeline import prepare
from integrity_archive.content.site_settings import Site
from integrity_archive.mkdocs.build_site import build_plan
from integrity_archive.publish.papers import lesson_packs
from integrity_archive.site.search_documents import document_of
from integrity_archive.support.progress import no_progress
from test_fuzz import some
from trees import write_tree

SVG = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 4 3'/>"
HIDDEN = ({"visibility": "internal"}, {"status": "draft"}, {"visibility": "internal", "status": "draft"})

PUBLIC: Mapping[str, Any] = {
    "mkdocs.yml": "site_name: 试验馆\nsite_url: https://archive.example\n"
    "theme: {name: material, language: zh, font: false}\nplugins: [{archive: {kiosk_pin: '2580'}}]\n",
    "docs/index.md": "---\ntitle: 首页\ntemplate: home.html\n---\n[故事](../stories/gong.md) ![图](tu/gong.svg)\n",
    "docs/tu/gong.svg": SVG,
    "docs/sayings.yml": "sayings:\n  - {text: 天知, work: 书, locator: 卷, tier: 正史, checked: true, units: [机关]}\n",
    "stories/gong.md": {
        "set": {"title": "公开的故事", "related": ["heritage/gong"], "cover": "gong.svg", "cover_alt": "图"},
        "replace": {"'2026-11-23'": "2026-11-23"},
    },
    "stories/gong.svg": SVG,
    "stories/gong-er.md": {
        "set": {"title": "又一个", "people": ["王密"], "period": "清", "published": None},
    },
    "heritage/gong.md": {"set": {}, "body": "见[故事](../stories/gong.md)。"},
    "docs/halls/gong.md": {"set": {"zones": [{"title": "序厅", "exhibits": ["stories/gong"]}]}},
    "docs/columns/gong.md": {"set": {"solar_term": "小满"}, "replace": {"'2026-05-21'": "2026-05-21"}},
    "docs/shou-ce/index.md": "---\ntitle: 手册\n---\n字\n",
}


def _page(hidden: Mapping[str, str], title: str, body: str) -> str:
    fields = "".join(f"{name}: {value}\n" for name, value in hidden.items())
    return f"---\ntitle: {title}\n{fields}---\n{body}\n"


def parts(name: str, hidden: Mapping[str, str]) -> Mapping[str, Any]:
    """The files of one hidden part of an archive."""
    story = {
        "title": f"密{name}",
        "people": ["杨震", "暗中人"],
        "places": ["暗处"],
        "tags": ["暗"],
        "period": "清",
        **hidden,
    }
    match name:
        case "story":
            more = {"related": ["stories/gong"], "cover": "mi.svg", "cover_alt": "图"}
            return {"stories/mi.md": {"set": {**story, **more}, "body": "[公](gong.md)"}, "stories/mi.svg": SVG}
        case "folder":
            body = "![图](tu.svg) [表](biao.pdf) [公](../gong.md)"
            files = {"stories/an/tu.svg": SVG, "stories/an/biao.pdf": b"%PDF"}
            return {"stories/an/index.md": {"set": story, "body": body}, **files}
        case "craft":
            return {"heritage/aa.md": {"set": {"title": "密艺", "related": ["stories/gong"], **hidden}}}
        case "article":
            fields = {"title": "密文", "published": "2027-12-31", "solar_term": "大寒", **hidden}
            return {"docs/columns/aa.md": {"set": fields, "replace": {"'2027-12-31'": "2027-12-31"}}}
        case "hall":
            fields = {"title": "密馆", "zones": [{"title": "密", "exhibits": ["stories/gong", "heritage/gong"]}]}
            return {"docs/halls/aa.md": {"set": {**fields, **hidden}}}
        case "lesson":
            activity = {"title": "读", "kind": "阅读", "minutes": 45, "entries": ["stories/gong"]}
            return {
                "docs/lessons/aa/index.md": {"set": {"title": "密课", "activities": [activity], **hidden}},
                "docs/lessons/aa/slides.md": "## 密\n\n[公](../../../stories/gong.md)\n\n## 图\n\n![图](tu.svg)\n",
                "docs/lessons/aa/handout.md": "密\n",
                "docs/lessons/aa/tu.svg": SVG,
            }
        case "page":
            return {
                "docs/aa.md": _page(hidden, "密页", "[公](../stories/gong.md) ![图](tu/mi.svg)"),
                "docs/tu/mi.svg": SVG,
            }
        case "intro":
            return {
                "stories/index.md": _page(hidden, "密言", "密"),
                "docs/units/ji-guan.md": _page(hidden, "密言", "密"),
            }
    raise ValueError(name)


NAMES = ("story", "folder", "craft", "article", "hall", "lesson", "page", "intro")


def _made(root: Path, edition: Edition) -> dict[str, Any]:
    """All that an edition's files are made of."""
    site = Site(url="https://archive.example/", kiosk_pin="2580")
    content, problems = edition_content(str(root), site, edition)
    plan, _ = prepare(str(root), site, edition)
    assert content, problems
    assert plan
    plan.search.drop()
    archive = content.archive
    return {
        "specs": {spec.uri: (spec.template, spec.updated, spec.content) for spec in plan.page_specs},
        "media": {uri: Path(path).read_bytes() for uri, path in plan.media.items() if not uri.startswith("packs/")},
        "exports": plan.exports,
        "search": [document_of(e, archive, content.bodies[e.document.path], ()) for e in archive.entries.values()],
        "works": plan.works,
        "packs": lesson_packs(content),
    }


def _remove(root: Path, files: Iterable[str]) -> None:
    for path in files:
        (root / path).unlink()


def _hidden_files(chosen: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    return {path: content for name, hidden in chosen.items() for path, content in parts(name, hidden).items()}


@some(4)
@given(
    st.dictionaries(st.sampled_from(NAMES), st.sampled_from(HIDDEN), min_size=1),
    st.sampled_from(sorted(EDITIONS)),
)
def test_what_an_edition_is_made_of_is_the_same_without_the_hidden_parts(
    chosen: Mapping[str, Mapping[str, str]], edition: str
) -> None:
    hidden = _hidden_files(chosen)
    site = EDITIONS[edition]
    with TemporaryDirectory() as folder:
        root = write_tree(Path(folder), {**PUBLIC, **hidden})
        whole = _made(root, site)
        _remove(root, hidden)
        without = _made(root, site)
    assert whole.keys() == without.keys()
    for name, made in whole.items():
        assert made == without[name], name


@pytest.mark.long
@pytest.mark.parametrize("edition", sorted(EDITIONS))
def test_a_public_edition_is_byte_for_byte_the_same_without_the_hidden_parts(edition: str, tmp_path: Path) -> None:
    hidden = _hidden_files({name: HIDDEN[n % len(HIDDEN)] for n, name in enumerate(NAMES)})
    root = write_tree(tmp_path / "archive", {**PUBLIC, **hidden})
    build_plan(str(root), str(tmp_path / "whole"), no_progress, EDITIONS[edition])
    _remove(root, hidden)
    build_plan(str(root), str(tmp_path / "without"), no_progress, EDITIONS[edition])
    assert _bytes_below(tmp_path / "whole") == _bytes_below(tmp_path / "without")


def _bytes_below(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
