"""Books and posters: what ``archive publish`` puts on paper."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import typst
from click.testing import CliRunner
from pypdf import PdfReader

from integrity_archive.cli.main import main
from integrity_archive.content.model.sayings import Saying
from integrity_archive.content.site_settings import Site
from integrity_archive.publish import book
from integrity_archive.publish.poster import write_saying_posters
from integrity_archive.support import fonts
from integrity_archive.support.fonts import without_glyph
from lesson_files import FILES
from trees import MKDOCS_YML, ROOT, contents, write_tree

POINTS_A3, POINTS_A5 = (842, 1191), (420, 595)


def publish(root: Path, what: str, out: Path) -> list[str]:
    done = CliRunner().invoke(main, ["--root", str(root), "publish", what, "--out", str(out)])
    assert done.exit_code == 0, done.output
    return sorted(map(os.path.basename, contents(out)))


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The books of the repository's own archive."""
    out = tmp_path_factory.mktemp("books")
    assert publish(ROOT, "book", out) == sorted(
        ["清官廉吏故事集.epub", "清官廉吏故事集.pdf", "非遗话清廉.epub", "非遗话清廉.pdf"]
    )
    return out


@pytest.mark.parametrize("name", ["清官廉吏故事集", "非遗话清廉"])
def test_an_epub_passes_epubcheck(books: Path, name: str) -> None:
    jar = next((p for p in ("/usr/share/java/epubcheck.jar", "/usr/bin/epubcheck") if Path(p).exists()), None)
    if jar is None or shutil.which("java") is None:
        pytest.skip("no epubcheck")
    done = subprocess.run(
        ["java", "-jar", jar, str(books / f"{name}.epub")], capture_output=True, text=True, check=False
    )
    assert "0 fatals / 0 errors / 0 warnings" in done.stdout + done.stderr


def test_the_epub_holds_every_story_with_its_sources(books: Path) -> None:
    with zipfile.ZipFile(books / "清官廉吏故事集.epub") as epub:
        assert epub.infolist()[0].filename == "mimetype"
        assert epub.infolist()[0].compress_type == zipfile.ZIP_STORED
        text = "".join(epub.read(n).decode() for n in epub.namelist() if n.endswith(".xhtml"))
    for path in sorted((ROOT / "stories").glob("*-*.md")):
        title = re.search(r"^title: [\"']?(.*?)[\"']?$", path.read_text("utf-8"), re.M)
        assert title
        assert f">{title[1]}</h2>" in text
    assert text.count("<h3") >= text.count("</h2>")
    assert "人名索引" in text


def test_the_book_of_crafts_has_their_drawings_and_no_page_of_a_few_lines(books: Path) -> None:
    drawings = sorted((ROOT / "heritage").glob("*.svg"))
    with zipfile.ZipFile(books / "非遗话清廉.epub") as epub:
        assert len([n for n in epub.namelist() if n.endswith(".svg")]) == len(drawings)
        assert "窗格里贴着一幅染成红绿的剪纸花" in "".join(
            epub.read(n).decode() for n in epub.namelist() if n.endswith(".xhtml")
        )
    reader = PdfReader(books / "非遗话清廉.pdf")
    objects = (reader.get_object(n) for n in range(1, reader.trailer["/Size"]))
    told = {o["/Alt"] for o in objects if isinstance(o, dict) and "/Alt" in o}
    assert "窗格里贴着一幅染成红绿的剪纸花" in told
    pages = [page.extract_text() for page in reader.pages]
    crafts = pages[next(n for n, p in enumerate(pages) if n > 2 and "黄县窗染花" in p and "目" not in p[:20]) :]
    assert all(len("".join(page.split())) > 150 for page in crafts)


def test_the_printed_book_is_a5_with_contents_running_heads_notes_and_an_index(books: Path) -> None:
    reader = PdfReader(books / "清官廉吏故事集.pdf")
    box = reader.pages[0].mediabox
    assert (round(box.width), round(box.height)) == POINTS_A5
    pages = [page.extract_text() for page in reader.pages]
    contents = next(p for p in pages if "目" in p[:20] and "录" in p[:20])
    listed = re.search(r"杨震昌邑拒金[ .·…]*(\d+)", " ".join("".join(pages[2:6]).split()))
    assert "先秦" in contents
    assert listed
    start = reader.get_destination_page_number(_bookmark(reader.outline, "杨震昌邑拒金"))
    assert "杨震昌邑拒金" in pages[start]
    assert pages[start].split()[-1] == listed[1]
    index = "\n".join(pages[-6:]).partition("人名索引")[2]
    assert re.search(r"杨震[ .]*\d+", index)
    assert len(reader.outline) > 3


def _bookmark(outline: Any, title: str) -> Any:
    """The bookmark of a PDF that is called so, at any depth."""
    found = (_bookmark(item, title) if isinstance(item, list) else item for item in outline)
    return next((item for item in found if item is not None and item.title == title), None)


def test_the_same_archive_gives_the_same_books(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "archive", {**FILES, "mkdocs.yml": MKDOCS_YML})
    for name in ("one", "two"):
        publish(root, "book", tmp_path / name)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_characters_that_no_font_has_are_named_with_the_font_for_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = {"stories/a.md": {"set": {"summary": "这一匹𪚥与这一个字。"}, "body": "藏文ཀ与表情🪷，藏 I\u0301 文。"}}
    root = write_tree(tmp_path, {"mkdocs.yml": MKDOCS_YML, **texts})
    # The system of whoever runs the test may have all of them.
    han = [(f.path, f.index) for f in typst.Fonts().fonts() if f.path and f.family in fonts.SERIFS]
    monkeypatch.setattr(book, "without_glyph", lambda characters: without_glyph(characters, han))
    done = CliRunner().invoke(main, ["--root", str(root), "publish", "book", "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    said = [line for line in done.output.split("\n") if "方框" in line]
    assert len(said) == 3
    for character, font in (("𪚥", "花园明朝"), ("ཀ", "Tibetan"), ("🪷", "Emoji")):
        assert any(line.startswith(f"stories/a.md: “{character}”") and font in line for line in said), said


def test_posters_are_a3_a_page_each_and_only_of_checked_sayings(tmp_path: Path) -> None:
    sayings = "sayings:\n" + "".join(
        f"  - {{text: {text}, work: 荀子, locator: 不苟, tier: 典籍, checked: {checked}, units: [机关]}}\n"
        for text, checked in (("公生明", "true"), ("偏生暗", "false"))
    )
    root = write_tree(tmp_path / "archive", {**FILES, "docs/sayings.yml": sayings, "mkdocs.yml": MKDOCS_YML})
    assert publish(root, "poster", tmp_path / "out") == sorted(["短句海报.pdf", "故事海报.pdf"])
    reader = PdfReader(tmp_path / "out" / "短句海报.pdf")
    assert len(reader.pages) == 1
    assert (round(reader.pages[0].mediabox.width), round(reader.pages[0].mediabox.height)) == POINTS_A3
    assert "《荀子》不苟" in reader.pages[0].extract_text()
    assert "天知，神知，我知，子知" in PdfReader(tmp_path / "out" / "故事海报.pdf").pages[0].extract_text()


def placed(path: Path, page: int = 0) -> list[tuple[str, float, float]]:
    """Pieces of text on a page of a PDF, and where each begins, in points from the lower left."""
    found: list[tuple[str, float, float]] = []

    def text(said: str, matrix: list[float], inner: list[float], _font: Any, _size: float) -> None:
        if said.strip():
            x = inner[4] * matrix[0] + inner[5] * matrix[2] + matrix[4]
            y = inner[4] * matrix[1] + inner[5] * matrix[3] + matrix[5]
            found.append((said.strip(), x, y))

    PdfReader(path).pages[page].extract_text(visitor_text=text)
    return found


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("公生明，偏生暗", ["公生明", "偏生暗"]),
        ("礼、义、廉、耻", ["礼义廉耻"]),
        ("可以取，可以无取，取，伤廉", ["可以取", "可以无取", "取伤廉"]),
        ("俭，德之共也；侈，恶之大也", ["俭德之共也", "侈恶之大也"]),
        ("政者，正也", ["政者正也"]),
    ],
)
def test_a_saying_reads_in_columns_from_the_right(tmp_path: Path, text: str, columns: list[str]) -> None:
    saying = Saying(text=text, work="书", locator="篇", tier="典籍", checked=True, units=("机关",))
    write_saying_posters([saying], Site(name="试验馆"), str(tmp_path / "poster.pdf"))
    signs = [(s, round(x), y) for s, x, y in placed(tmp_path / "poster.pdf") if len(s) == 1 and s in text]
    by_column: dict[int, list[tuple[float, str]]] = {}
    for sign, x, y in signs:
        by_column.setdefault(x, []).append((-y, sign))
    assert ["".join(s for _, s in sorted(by_column[x])) for x in sorted(by_column, reverse=True)] == columns


def test_long_sources_of_a_story_stay_on_its_poster(tmp_path: Path) -> None:
    sources = [
        {
            "work": f"一部名字很长的书第{n}种",
            "locator": "卷一百二十三 某某列传附某某传",
            "tier": "正史",
            "checked": True,
        }
        for n in "甲乙丙"
    ]
    files = {**FILES, "mkdocs.yml": MKDOCS_YML + "site_url: https://archive.example/\n"}
    files["stories/yang-zhen.md"] = {**FILES["stories/yang-zhen.md"]}
    files["stories/yang-zhen.md"]["set"] = {**files["stories/yang-zhen.md"]["set"], "sources": sources}
    root = write_tree(tmp_path / "archive", files)
    publish(root, "poster", tmp_path / "out")
    text = PdfReader(tmp_path / "out" / "故事海报.pdf").pages[0].extract_text()
    assert "丙" in text
    foot = [(s, x, y) for s, x, y in placed(tmp_path / "out" / "故事海报.pdf") if y < 150]
    code_from = POINTS_A3[0] - (22 + 34) * 72 / 25.4
    for said, x, y in foot:
        assert y > 40
        assert x + len(said) * 9 < code_from, said


def test_packs_go_to_dist_and_an_empty_archive_says_so(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "archive", {**FILES, "mkdocs.yml": MKDOCS_YML})
    assert publish(root, "packs", tmp_path / "out") == ["ke.zip"]
    bare = write_tree(tmp_path / "bare", {"stories/a.md": {}, "mkdocs.yml": MKDOCS_YML})
    done = CliRunner().invoke(main, ["--root", str(bare), "publish", "packs"])
    assert done.exit_code == 1
    assert "还没有可做的条目" in done.output


NOTED = """\
淳于<ruby>髡<rp>(</rp><rt>kūn</rt><rp>)</rp></ruby>见齐王[^1]，一句写到行
末。再说一次[^1]（同注），另有一注[^two]。

[^1]: 注一在**此**，
    接着写。
[^two]: 注二在此。
"""


@pytest.fixture(scope="module")
def noted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The books and packs of an archive whose story has ruby, footnotes and line breaks."""
    folder = tmp_path_factory.mktemp("noted")
    story = {**FILES["stories/yang-zhen.md"], "body": NOTED}
    root = write_tree(folder / "archive", {**FILES, "stories/yang-zhen.md": story, "mkdocs.yml": MKDOCS_YML})
    publish(root, "book", folder / "out")
    publish(root, "packs", folder / "out")
    return folder / "out"


def test_notes_of_the_printed_book_are_at_the_foot_of_their_page_and_no_two_have_one_number(noted: Path) -> None:
    pages = [p.extract_text() for p in PdfReader(noted / "清官廉吏故事集.pdf").pages]
    page = next(p for p in pages if "注二在此" in p)
    flat = "".join(page.split())
    assert "淳于髡（kūn）见齐王" in flat
    assert "写到行末" in flat
    assert "↩" not in flat
    assert [flat.count(note) for note in ("1注一在此，接着写。", "2注二在此。", "3出处：")] == [1, 1, 1]
    assert "见齐王1，" in flat
    assert "再说一次1（同注）" in flat


def test_notes_are_counted_through_a_chapter_whose_pieces_share_pages(tmp_path: Path) -> None:
    source = [{"work": "县志", "locator": "卷一", "tier": "正史", "checked": True}]
    crafts = {
        f"heritage/{name}.md": {
            "set": {"title": name, "sources": source},
            "body": f"说{name}[^1]。\n\n[^1]: 注{name}。\n",
        }
        for name in ("doufu", "fensi")
    }
    root = write_tree(tmp_path / "archive", {**FILES, **crafts, "mkdocs.yml": MKDOCS_YML})
    publish(root, "book", tmp_path / "out")
    text = "".join("".join(p.extract_text().split()) for p in PdfReader(tmp_path / "out" / "非遗话清廉.pdf").pages)
    assert sorted(re.findall(r"(\d)(?:注|出处)", text)) == ["1", "2", "3", "4"]


def test_ruby_is_ruby_in_the_epub_and_brackets_in_office(noted: Path) -> None:
    with zipfile.ZipFile(noted / "清官廉吏故事集.epub") as epub:
        text = "".join(epub.read(n).decode() for n in epub.namelist() if n.endswith(".xhtml"))
    assert re.search(r"<ruby>髡<rp>\(</rp><rt>kūn</rt><rp>\)</rp></ruby>见齐王", text)
    assert "写到行末" in text
    assert "↩" not in text
    with zipfile.ZipFile(next(noted.rglob("ke.zip"))) as pack:
        handout = next(n for n in pack.namelist() if n.endswith(".docx") and "讲义" in n)
        with zipfile.ZipFile(BytesIO(pack.read(handout))) as document:
            words = re.sub(r"<[^>]+>", "", document.read("word/document.xml").decode())
    assert "淳于髡（kūn）见齐王" in words
    assert "写到行末" in words
    assert "↩" not in words
