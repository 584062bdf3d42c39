"""What is internal, unfinished or hostile in an archive is in nothing that leaves it."""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from integrity_archive.archive.changes import EntryRecord, changes_since
from integrity_archive.archive.edition import INTERNAL_NOTICE, USB, WEB
from integrity_archive.archive.publication import Owners
from integrity_archive.build.examine import edition_content, examine
from integrity_archive.content.markup.markdown import Converter
from integrity_archive.content.markup.sanitizer import sanitize
from integrity_archive.content.markup.svg import svg_faults
from integrity_archive.content.site_settings import Site
from integrity_archive.mkdocs.build_site import BuildError, build_plan
from integrity_archive.publish.pack import make_packs
from integrity_archive.publish.papers import lesson_packs
from integrity_archive.support.problems import errors
from integrity_archive.support.progress import no_progress
from lesson_files import FILES
from sites import build
from trees import MKDOCS_YML, write_tree

SECRET = "绝无仅有的一句暗语"
SVG = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 4 3'><title>{}</title></svg>"

HIDING: Mapping[str, Any] = {
    "docs/index.md": "---\ntitle: 首页\ntemplate: home.html\n---\n欢迎。![图](tu/kan-de-jian.svg) [表](tu/biao.pdf)\n",
    "docs/tu/kan-de-jian.svg": SVG.format("看得见"),
    "docs/tu/biao.pdf": b"%PDF-1.4",
    "docs/tu/mei-ren-yong.pdf": b"%PDF-1.4" + SECRET.encode(),
    "docs/tu/nei-bu-yong.svg": SVG.format(SECRET),
    "docs/nei.md": f"---\ntitle: {SECRET}\nvisibility: internal\n---\n{SECRET} ![图](tu/nei-bu-yong.svg)\n",
    "docs/gao.md": f"---\ntitle: {SECRET}\nstatus: draft\n---\n{SECRET}\n",
    "docs/~$y.md": f"<script>{SECRET}</script>",
    "docs/CNAME": "archive.example\n",
    "stories/index.md": f"---\nvisibility: internal\n---\n{SECRET} ![图](dao-yan.svg)\n",
    "stories/dao-yan.svg": SVG.format(SECRET),
    "stories/a.md": {"set": {}},
    "docs/units/ji-guan.md": f"---\nstatus: draft\n---\n{SECRET}\n",
    "docs/lessons/nei/index.md": {"set": {"title": "课" + SECRET, "visibility": "internal"}, "body": "![图](tu.svg)"},
    "docs/lessons/nei/slides.md": f"## {SECRET}\n\n![图](tu.svg)\n",
    "docs/lessons/nei/tu.svg": SVG.format(SECRET),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("hiding"), HIDING)


def _holding(site: Path, word: str) -> list[str]:
    files = (path for path in site.rglob("*") if path.is_file())
    return [f"{p.relative_to(site)}" for p in files if word.encode() in p.read_bytes() or word in p.as_posix()]


def test_pages_and_introductions_that_are_internal_or_drafts_are_nowhere_in_the_site(site: Path) -> None:
    assert [_holding(site, word) for word in (SECRET, "nei.", "gao.", "lessons/nei")] == [[], [], [], []]
    assert (site / "stories/index.html").is_file()  # the list is there without its introduction


def test_of_docs_only_what_a_page_shows_is_in_the_site(site: Path) -> None:
    assert (site / "tu/kan-de-jian.svg").is_file()
    assert (site / "tu/biao.pdf").is_file()
    assert (site / "CNAME").is_file()
    assert _holding(site, "mei-ren-yong") == []
    assert _holding(site, "~$y") == []


def test_no_page_has_a_style_of_its_own_but_by_its_hash(site: Path) -> None:
    for path in site.rglob("*.html"):
        tree = LexborHTMLParser(path.read_text("utf-8"))
        assert [n.html for n in tree.css("[style]")] == [], path
        said = tree.css_first('meta[http-equiv="Content-Security-Policy"]')
        assert said is not None, path
        styles = str(said.attributes["content"]).partition("style-src")[2].partition(";")[0]
        assert "unsafe-inline" not in styles
        assert styles.count("sha256-") == len(tree.css("style")), path


def test_an_archive_that_links_to_hidden_files_is_not_built(tmp_path: Path) -> None:
    files = {**HIDING, "stories/b.md": {"set": {"title": "乙"}, "body": "[图](../docs/lessons/nei/tu.svg)"}}
    with pytest.raises(BuildError):
        build(tmp_path, files)
    assert not (tmp_path / "site").exists()


def test_the_gate_holds_also_where_no_check_was_made(tmp_path: Path) -> None:
    """A file of an internal entry is no media of a public edition, whatever names it."""
    files = {**HIDING, "stories/b.md": {"set": {"title": "乙"}, "body": "[图](../docs/lessons/nei/tu.svg)"}}
    loaded = examine(str(write_tree(tmp_path, files))).loaded
    reach = Owners(loaded).reach("docs/lessons/nei/tu.svg")
    assert not WEB.reaches(reach)
    assert not USB.reaches(reach)


@pytest.mark.parametrize("place", ["docs/lian", "docs/tu/lian.svg", "stories", "docs", "docs/sayings.yml"])
def test_a_link_out_of_the_archive_is_an_error_and_not_read(place: str, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    write_tree(outside, {"a.md": SECRET, "index.md": SECRET, "sayings.yml": SECRET})
    root = write_tree(tmp_path / "archive", {"docs/tu/biao.pdf": b"%PDF", "heritage/a.md": {"set": {}}})
    target = root / place
    if target.is_dir():
        for path in sorted(target.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        target.rmdir()
    target.symlink_to(outside if target.suffix == "" else outside / "sayings.yml")
    problems = examine(str(root)).problems
    assert place in {p.path for p in errors(problems) if p.rule == "symlink"}
    assert SECRET not in "".join(map(str, problems))


def test_a_link_among_the_archives_own_templates_is_an_error(tmp_path: Path) -> None:
    root = write_tree(tmp_path, {"stories/a.md": {"set": {}}, "own/a.html": "x"})
    (root / "mkdocs.yml").write_text("theme: {name: material, custom_dir: own}\nplugins: [archive]\n", "utf-8")
    os.symlink("/etc", root / "own" / "assets")
    problems = examine(str(root)).problems
    assert "own/assets" in {p.path for p in errors(problems)}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
@pytest.mark.parametrize("place", ["stories/guan.md", "docs/vocabulary.yml", "docs/guan.pdf"])
def test_a_pipe_among_the_files_is_named_and_not_waited_for(place: str, tmp_path: Path) -> None:
    root = write_tree(tmp_path, {"stories/a.md": {"set": {}}})
    (root / place).unlink(missing_ok=True)
    os.mkfifo(root / place)
    problems = examine(str(root)).problems
    assert place in {p.path for p in errors(problems) if p.rule == "special-file"}


@pytest.mark.parametrize("deep", ["[" * 5000, "\n" + "- " * 5000 + "x", "\n" + "? " * 50000 + "x", "{b: " * 5000])
def test_a_deep_settings_file_is_named_without_a_traceback(deep: str, tmp_path: Path) -> None:
    root = write_tree(tmp_path, {"stories/a.md": {"set": {}}})
    (root / "mkdocs.yml").write_text("a: " + deep, "utf-8")
    with pytest.raises(BuildError, match=r"mkdocs\.yml:[12]: "):
        build_plan(str(root), str(tmp_path / "site"), no_progress)


def test_a_page_with_the_template_of_a_kind_is_named_before_anything_is_built(tmp_path: Path) -> None:
    root = write_tree(tmp_path, {"stories/a.md": {"set": {}}, "docs/x.md": "---\ntemplate: story.html\n---\n字\n"})
    problems = examine(str(root)).problems
    assert [f"{p.path}:{p.line}" for p in errors(problems)] == ["docs/x.md:2"]


def test_an_archive_may_bring_a_page_template_of_its_own(tmp_path: Path) -> None:
    root = write_tree(
        tmp_path,
        {
            "stories/a.md": {"set": {}},
            "docs/x.md": "---\ntemplate: guan.html\n---\n字\n",
            "own/guan.html": "x",
            "mkdocs.yml": "site_name: 馆\ntheme: {name: material, custom_dir: own}\nplugins: [archive]\n",
        },
    )
    assert errors(list(examine(str(root)).problems)) == []


def test_what_was_withdrawn_is_counted_and_not_named() -> None:
    def work(name: str) -> EntryRecord:
        return EntryRecord(name, "故事", f"stories/{name}.html", "0" * 64)

    found = changes_since({"a": work(SECRET), "b": work("乙")}, {"b": work("乙")})
    assert found.gone == 1
    assert SECRET not in repr(found)


def test_the_list_of_changes_names_nothing_that_is_gone(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "archive", {"stories/a.md": {"set": {}}})
    (root / "mkdocs.yml").write_text(MKDOCS_YML, "utf-8")
    before = {"stories/mi": EntryRecord(SECRET, "故事", "stories/mi.html", "0" * 64)}
    build_plan(str(root), str(tmp_path / "site"), no_progress, replace(USB, before=before))
    assert "撤下 1 篇" in (tmp_path / "site/whats-new.html").read_text("utf-8")
    assert [_holding(tmp_path / "site", word) for word in (SECRET, "stories/mi")] == [[], []]


@pytest.mark.parametrize(
    "markup",
    [
        '<p style="position:fixed">x</p>',
        '<pre><code class="x" onclick="alert(1)">x</code></pre>',
        '<p class="site-header">x</p>',
        '<meta http-equiv="refresh" content="0;url=https://example.org/">',
        '<a href="java&#10;script:alert(1)">x</a>',
        '<a href="data:text/html,x">x</a>',
        '<img src="x" srcset="https://example.org/a.png 1x">',
        "<svg><style><img src=x onerror=alert(1)></style></svg>",
        "<form action='https://example.org/'><input></form>",
        "<p data-phone>x</p>",
        '<img src="x" width="1e9%">',
    ],
)
def test_the_sanitizer_names_what_no_page_may_have(markup: str) -> None:
    assert sanitize(markup).removed


def test_what_the_converter_writes_passes_the_sanitizer_unchanged() -> None:
    text = (
        '# 题 {#a}\n\n![a<b>"c](x.svg "t")\n\n```python\nx<y "z" \'w\'\n```\n\n注[^1] &nbsp;&#169;<br>\n\n[^1]: 文\n\n'
        "|a|b|\n|:-|-:|\n|1|2|\n\n3. 三\n"
    )
    body = Converter().convert("stories/a.md", text)
    assert (body.removed, body.raw, body.attributes) == ((), (), ())
    assert 'align="right"' in body.html
    assert "style=" not in body.html


def test_a_drawing_of_a_million_elements_or_of_any_bytes_gives_an_answer() -> None:
    deep = b"<svg xmlns='http://www.w3.org/2000/svg'>" + b"<g>" * 200 + b"</g>" * 200 + b"</svg>"
    bomb = b"<!DOCTYPE svg [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;&a;'>]><svg xmlns='http://www.w3.org/2000/svg'>&b;</svg>"
    for data in (
        deep,
        bomb,
        b"",
        b"\xff\xfe\x00",
        b"\x00",
        b"<" * 1000,
        "<svg>\ud800</svg>".encode("utf-8", "surrogatepass"),
    ):
        assert list(svg_faults(data))


def test_every_part_of_an_internal_pack_says_that_it_is_internal(tmp_path: Path) -> None:
    root = write_tree(tmp_path, FILES)
    content, problems = edition_content(str(root), Site(), replace(USB, internal=True))
    assert content, problems
    [pack] = make_packs(lesson_packs(content), jobs=1).values()
    assert "内部资料" in pack.name
    with zipfile.ZipFile(pack.path) as packed:
        names = packed.namelist()
        assert all(name.split("/")[0].endswith("（内部资料）") for name in names)
        sources = next(packed.read(n).decode("utf-8-sig") for n in names if n.endswith("出处.txt"))
        assert INTERNAL_NOTICE in sources
        slides = zipfile.ZipFile(io.BytesIO(next(packed.read(n) for n in names if n.endswith(".pptx"))))
        assert INTERNAL_NOTICE in slides.read("ppt/slides/slide1.xml").decode()
        quiz = zipfile.ZipFile(io.BytesIO(next(packed.read(n) for n in names if n.endswith("QTI2.1.zip"))))
        assert all(INTERNAL_NOTICE in quiz.read(n).decode() for n in quiz.namelist() if n != "imsmanifest.xml")


def test_no_code_of_ours_stands_in_for_text_with_characters_that_authors_have() -> None:
    package = Path(__file__).resolve().parents[2] / "scripts/integrity_archive"
    private = re.compile(r"\\u[eE][0-9a-fA-F]{3}|\\uf[0-8][0-9a-f]{2}|[\ue000-\uf8ff]")
    found = {p.relative_to(package).as_posix() for p in package.rglob("*.py") if private.search(p.read_text("utf-8"))}
    assert found == {
        "content/text_files.py",  # which refuses them
        "content/front_matter.py",  # marks ends of lines in a value that is read again, and keeps none
        "publish/office.py",  # which puts common characters in the place of Word's bullets
    }
