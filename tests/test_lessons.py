"""Lessons: slides, packs, the quiz for other programs."""

from __future__ import annotations

import hashlib
import html
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import docx
import pptx
import pytest
from click.testing import CliRunner
from docx.oxml.ns import qn
from PIL import Image
from pptx.util import Pt
from pypdf import PageObject, PdfReader

from integrity_archive.build.examine import edition_content
from integrity_archive.cli.main import main
from integrity_archive.content.model.schema import Lesson
from integrity_archive.content.site_settings import Site
from integrity_archive.lessons.qti import qti_package
from integrity_archive.lessons.slides import slides_of
from integrity_archive.publish import pack as packing
from integrity_archive.publish import pdf
from integrity_archive.publish.command import PublishError, publish_all
from integrity_archive.publish.pack import SUMS, make_packs
from integrity_archive.publish.papers import lesson_packs
from integrity_archive.site.edition_content import EditionContent
from integrity_archive.support import cache
from integrity_archive.support.fonts import FontError
from lesson_files import FILES, LESSON, SLIDES
from trees import BASES, MKDOCS_YML, write_tree

TWO_BETTER = {
    "kind": "情境",
    "question": "前任留下三年没有明细的账？",
    "options": ["算了", "补出来", "一起翻票"],
    "feedback": ["省事。", "费工夫。", "慢一点。"],
    "answer": ["补出来", "一起翻票"],
    "explanation": "难在人情。",
}

QTI = "{http://www.imsglobal.org/xsd/imsqti_v2p1}"


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> EditionContent:
    root = write_tree(tmp_path_factory.mktemp("lesson"), FILES)
    found, problems = edition_content(str(root), Site(name="试验馆", url="https://archive.example/"))
    assert problems == []
    assert found
    return found


@pytest.fixture(scope="module")
def pack(content: EditionContent, tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(cache.ENVIRONMENT, str(tmp_path_factory.mktemp("cache")))
        made = make_packs(lesson_packs(content), jobs=1)["lessons/ke"]
        return zipfile.ZipFile(io.BytesIO(Path(made.path).read_bytes()))


def read(pack: zipfile.ZipFile, name: str) -> Any:
    data = io.BytesIO(pack.read(f"没有人看见的那一份/{name}"))
    return (
        docx.Document(data) if name.endswith(".docx") else pptx.Presentation(data) if name.endswith(".pptx") else data
    )


def words(document: Any) -> str:
    cells = [p.text for t in document.tables for row in t.rows for cell in row.cells for p in cell.paragraphs]
    return "\n".join([p.text for p in document.paragraphs] + cells)


def test_slides_are_cut_at_their_titles_and_the_class_never_sees_the_notes(content: EditionContent) -> None:
    slides = slides_of(content.loaded.companions["docs/lessons/ke/slides.md"])
    assert [s.title for s in slides] == ["没有人看见的那一份", "看一段", "两种退法", "带走的话"]
    assert "坐定" in slides[0].notes
    assert all("坐定" not in s.html and ":::" not in s.html + s.notes for s in slides)


def test_a_pack_holds_what_a_teacher_needs_under_names_windows_reads(pack: zipfile.ZipFile) -> None:
    names = {name.removeprefix("没有人看见的那一份/") for name in pack.namelist()}
    assert names == {
        "教案.docx", "教案.pdf", "幻灯.pptx", "幻灯.pdf", "学生讲义.docx", "学生讲义.pdf",
        "测验卷.docx", "测验答案.docx", "测验-QTI2.1.zip", "影片/豆.mp4", "出处.txt", SUMS,
    }  # fmt: skip
    assert all(info.flag_bits & 0x800 for info in pack.infolist())
    sums = dict(reversed(line.split("  ")) for line in pack.read(f"没有人看见的那一份/{SUMS}").decode().splitlines())
    assert set(sums) == names - {SUMS}
    assert all(hashlib.sha256(pack.read(f"没有人看见的那一份/{n}")).hexdigest() == s for n, s in sums.items())


def test_the_plan_is_a_word_document_with_real_headings_tables_and_page_numbers(pack: zipfile.ZipFile) -> None:
    plan = read(pack, "教案.docx")
    assert [p.text for p in plan.paragraphs if p.style.name == "Heading 2"][:3] == [
        "学完能做什么",
        "给老师的话",
        "环节",
    ]
    timeline = plan.tables[1]
    assert [c.text for c in timeline.rows[0].cells] == ["时间", "环节", "学员做什么", "教师提示"]
    assert timeline.rows[0]._tr.find(".//" + qn("w:tblHeader")) is not None
    assert "0—40 分" in words(plan)
    assert "常有人把通行的说法当原文。" in words(plan)
    assert "《后汉书》卷五十四" in words(plan)
    fonts = plan.styles["Body Text"].element.find(".//" + qn("w:rFonts"))
    assert fonts.get(qn("w:eastAsia")) == "宋体"
    assert "没有人看见的那一份" in plan.sections[0].header.paragraphs[0].text
    assert "PAGE" in plan.sections[0].footer.paragraphs[0]._element.xml
    assert len(PdfReader(read(pack, "教案.pdf")).pages) >= 1


def test_papers_say_what_they_are_and_leave_lines_to_write_on(pack: zipfile.ZipFile) -> None:
    for name in ("教案", "学生讲义", "测验卷"):
        document = read(pack, f"{name}.docx")
        assert document.core_properties.title == f"没有人看见的那一份：{name}"
        assert document.core_properties.author == "试验馆"
        assert name.removesuffix("卷") in document.paragraphs[0].text
        assert document.styles["Body Text"].paragraph_format.widow_control
    for name in ("教案", "学生讲义"):
        reader = PdfReader(read(pack, f"{name}.pdf"))
        assert f"没有人看见的那一份：{name}" in reader.pages[0].extract_text()
        assert reader.metadata
        assert (reader.metadata.title, reader.metadata.author) == (f"没有人看见的那一份：{name}", "试验馆")
    assert re.search("姓名＿{6,}", words(read(pack, "学生讲义.docx")))
    assert re.search("单位＿{6,}", words(read(pack, "测验卷.docx")))
    assert read(pack, "幻灯.pptx").core_properties.title == "没有人看见的那一份"


def test_a_reading_begins_a_page_only_when_a_handout_of_the_teachers_own_stands_before_it(
    pack: zipfile.ZipFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def heading(document: Any) -> Any:
        return next(p for p in document.paragraphs if p.text.startswith("读："))

    assert not heading(read(pack, "学生讲义.docx")).paragraph_format.page_break_before
    assert "夜里有人来" in PdfReader(read(pack, "学生讲义.pdf")).pages[0].extract_text()
    root = write_tree(tmp_path / "own", {**FILES, "docs/lessons/ke/handout.md": "## 写一写\n\n自己的讲义。\n"})
    found, _ = edition_content(str(root), Site(name="试验馆"))
    assert found
    monkeypatch.setenv(cache.ENVIRONMENT, str(tmp_path))
    own = zipfile.ZipFile(make_packs(lesson_packs(found), jobs=1)["lessons/ke"].path)
    assert heading(read(own, "学生讲义.docx")).paragraph_format.page_break_before
    pages = [page.extract_text() for page in PdfReader(read(own, "学生讲义.pdf")).pages]
    assert "自己的讲义" in pages[0]
    assert "夜里有人来" in pages[1]


def test_the_last_line_of_a_paper_is_not_alone_on_a_page(pack: zipfile.ZipFile) -> None:
    *_, before, _ = read(pack, "教案.docx").paragraphs
    assert before.paragraph_format.keep_with_next
    handout = read(pack, "学生讲义.docx")
    question = next(p for p in handout.paragraphs if "收下会怎样？" in p.text)
    assert question.paragraph_format.keep_with_next


def test_the_handout_has_the_reading_and_not_the_notes_of_the_teacher(pack: zipfile.ZipFile) -> None:
    handout = words(read(pack, "学生讲义.docx"))
    assert "夜里有人来。" in handout
    assert "天知，神知，我知，子知" in handout
    assert "收下会怎样？" in handout
    assert "常有人" not in handout
    assert "夜里有人来" in "".join(page.extract_text() for page in PdfReader(read(pack, "学生讲义.pdf")).pages)


def test_the_paper_has_no_answers_and_the_key_has_them_all(pack: zipfile.ZipFile) -> None:
    paper, key = words(read(pack, "测验卷.docx")), words(read(pack, "测验答案.docx"))
    for said in ("天神我子", "范晔书作神知。", "当面说破", "伤一点情面。"):
        assert said not in paper
        assert said in key
    assert len(re.findall("✓", key)) == 5


def test_the_slides_carry_notes_films_and_tables(pack: zipfile.ZipFile) -> None:
    deck = read(pack, "幻灯.pptx")
    assert [s.shapes.title.text for s in deck.slides] == ["没有人看见的那一份", "看一段", "两种退法", "带走的话"]
    assert "坐定" in deck.slides[0].notes_slide.notes_text_frame.text
    assert "放到三秒停下。" in deck.slides[1].notes_slide.notes_text_frame.text
    trim = next(e for e in deck.slides[1].shapes._spTree.iter() if str(e.tag).endswith("}trim"))
    assert (trim.get("st"), trim.get("end")) == ("1000", "3000")
    third = deck.slides[2]
    assert any(shape.has_table for shape in third.shapes)
    assert "哪一种更管用？" in [shape.text_frame.text for shape in third.shapes if shape.has_text_frame]
    assert "换边再讲一次。" in third.notes_slide.notes_text_frame.text
    assert deck.slide_width / deck.slide_height == pytest.approx(16 / 9, abs=0.01)
    assert len(PdfReader(read(pack, "幻灯.pdf")).pages) == 4


def test_the_quiz_is_a_qti_package_whose_parts_are_all_there(pack: zipfile.ZipFile) -> None:
    package = zipfile.ZipFile(read(pack, "测验-QTI2.1.zip"))
    manifest = ElementTree.fromstring(package.read("imsmanifest.xml"))
    assert {f.get("href") for f in manifest.iter("{http://www.imsglobal.org/xsd/imscp_v1p1}file")} == {
        n for n in package.namelist() if n != "imsmanifest.xml"
    }
    items = [ElementTree.fromstring(package.read(f"items/ke-{n}.xml")) for n in range(1, 6)]
    right = [[v.text for v in item.iter(f"{QTI}value")][: -1 or None] for item in items]
    assert right[0][0] == "c2"
    assert right[1][:2] == ["c1", "c2"]
    assert items[1].find(f"{QTI}responseDeclaration").get("cardinality") == "multiple"  # type: ignore[union-attr]
    assert right[2][0] == "c2"
    assert items[3].find(f".//{QTI}extendedTextInteraction") is not None
    assert len(list(items[4].iter(f"{QTI}feedbackInline"))) == 3


CHILDREN = (
    "responseDeclaration", "outcomeDeclaration", "templateDeclaration", "templateProcessing", "stylesheet",
    "itemBody", "responseProcessing", "modalFeedback",
)  # fmt: skip
"""Children of an item in the order of QTI 2.1."""


def scored(item: Any, response: str) -> tuple[float, list[str]]:
    """Score of a single response, and the feedback that a player shows for it."""
    mapped = {e.get("mapKey"): float(e.get("mappedValue")) for e in item.iter(f"{QTI}mapEntry")}
    outcomes: dict[str, Any] = {}
    for rule in item.find(f"{QTI}responseProcessing"):
        assert rule.tag == f"{QTI}setOutcomeValue"
        (value,) = rule
        assert value.get("identifier") == "RESPONSE"
        outcomes[rule.get("identifier")] = mapped.get(response, 0.0) if value.tag == f"{QTI}mapResponse" else response
    shown = [
        f.text for f in item.iter(f"{QTI}feedbackInline") if outcomes[f.get("outcomeIdentifier")] == f.get("identifier")
    ]
    return outcomes["SCORE"], shown


def test_every_question_as_qti_names_only_what_it_declares_and_in_order() -> None:
    lesson = Lesson.model_validate({**BASES["lesson"], **LESSON, "quiz": [*LESSON["quiz"], TWO_BETTER]})
    package = zipfile.ZipFile(io.BytesIO(qti_package(lesson, "ke")))
    names = [n for n in package.namelist() if n.startswith("items/")]
    assert len(names) == 6
    for name in names:
        item = ElementTree.fromstring(package.read(name))
        order = [CHILDREN.index(child.tag.removeprefix(QTI)) for child in item]
        assert order == sorted(order), name
        outcomes = {d.get("identifier") for d in item.iter(f"{QTI}outcomeDeclaration")}
        (declared,) = item.findall(f"{QTI}responseDeclaration")
        choices = {c.get("identifier") for c in item.iter(f"{QTI}simpleChoice")}
        assert {e.get("outcomeIdentifier") for e in item.iter() if e.get("outcomeIdentifier")} <= outcomes
        assert {e.get("identifier") for e in item.iter(f"{QTI}setOutcomeValue")} <= outcomes
        assert {e.get("responseIdentifier") for e in item.iter() if e.get("responseIdentifier")} == {"RESPONSE"}
        assert {v.text for v in declared.iter(f"{QTI}value")} <= choices
        assert {e.get("mapKey") for e in declared.iter(f"{QTI}mapEntry")} <= choices
        if declared.get("cardinality") == "single":
            assert len(list(declared.iter(f"{QTI}value"))) <= 1
            assert all(i.get("maxChoices") == "1" for i in item.iter(f"{QTI}choiceInteraction"))
        ids = [d.get("identifier") for d in item if d.tag.endswith("Declaration")]
        assert len(ids) == len(set(ids))


def test_a_dilemma_takes_any_of_its_better_answers_and_answers_the_one_chosen() -> None:
    lesson = Lesson.model_validate({**BASES["lesson"], "quiz": [TWO_BETTER]})
    item = ElementTree.fromstring(zipfile.ZipFile(io.BytesIO(qti_package(lesson, "ke"))).read("items/ke-1.xml"))
    assert scored(item, "c1") == (0.0, ["省事。"])
    assert scored(item, "c2") == (1.0, ["费工夫。"])
    assert scored(item, "c3") == (1.0, ["慢一点。"])


def test_a_pack_is_made_again_only_when_its_lesson_changes_and_always_the_same(
    content: EditionContent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(cache.ENVIRONMENT, str(tmp_path / "one"))
    first = Path(make_packs(lesson_packs(content), jobs=1)["lessons/ke"].path)
    made = first.stat().st_mtime_ns
    assert Path(make_packs(lesson_packs(content), jobs=1)["lessons/ke"].path).stat().st_mtime_ns == made
    monkeypatch.setenv(cache.ENVIRONMENT, str(tmp_path / "two"))
    again = Path(make_packs(lesson_packs(content), jobs=1)["lessons/ke"].path)
    assert again != first
    assert again.read_bytes() == first.read_bytes()


def test_without_a_chinese_font_nothing_is_written(
    content: EditionContent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none() -> str:
        raise FontError

    monkeypatch.setattr(pdf, "serif", none)
    with pytest.raises(PublishError, match="fonts-noto-cjk"):
        list(publish_all("poster", content, tmp_path / "dist"))
    assert not list(tmp_path.rglob("*.pdf"))
    assert not list(tmp_path.rglob(".making-*"))


# --- what a slide shows ----------------------------------------------------------------------------------------------

SHOWING = """
## 一张

![红的方块](tu.png)

## 画与话

话在前面。

![绿的方块](hua.svg)

## 片与话

> 天知，神知，我知，子知

《后汉书》卷五十四

[放影片：豆](../../../videos/dou/index.md#t=3,5)

## 短列

- 直线：史书明写的
- 曲线：推想

两人一组，十分钟，各划各的，不商量，划完了再对。

## 这个标题长得一行写不下所以要写两行写到两行还是写不完就写到第三行去再长就应当改短了可是总有人不改还要接着写
"""
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 30"><rect width="40" height="30" fill="#0a0"/></svg>'


def png(colour: str = "red") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (400, 300), colour).save(buffer, "PNG")
    return buffer.getvalue()


SHOWING_FILES = {
    **FILES,
    "mkdocs.yml": MKDOCS_YML,
    "docs/lessons/ke/slides.md": SLIDES + SHOWING,
    "docs/lessons/ke/tu.png": png(),
    "docs/lessons/ke/hua.svg": SVG,
}


@pytest.fixture(scope="module")
def showing(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The pack of a lesson whose slides show pictures."""
    root = write_tree(tmp_path_factory.mktemp("showing"), SHOWING_FILES)
    found, problems = edition_content(str(root), Site(name="试验馆"))
    assert problems == []
    assert found
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(cache.ENVIRONMENT, str(tmp_path_factory.mktemp("cache")))
        made = make_packs(lesson_packs(found), jobs=1)["lessons/ke"]
        return zipfile.ZipFile(io.BytesIO(Path(made.path).read_bytes()))


def pictures(page: PageObject) -> list[tuple[float, float, float, float]]:
    """Left, bottom, right, top of what is drawn on a page of a PDF."""
    found = []

    def before(operator: bytes, operands: Any, matrix: list[float], _: Any) -> None:
        if operator == b"Do":
            found.append((matrix[4], matrix[5], matrix[4] + matrix[0], matrix[5] + matrix[3]))

    page.extract_text(visitor_operand_before=before)
    return [(min(a, c), min(b, d), max(a, c), max(b, d)) for a, b, c, d in found]


def lines(page: PageObject) -> list[tuple[str, float, float]]:
    """Pieces of text on a page of a PDF, and where each begins."""
    found: list[tuple[str, float, float]] = []

    def text(said: str, matrix: list[float], inner: list[float], _font: Any, _size: float) -> None:
        if said.strip():
            x = inner[4] * matrix[0] + inner[5] * matrix[2] + matrix[4]
            y = inner[4] * matrix[1] + inner[5] * matrix[3] + matrix[5]
            found.append((said.strip(), x, y))

    page.extract_text(visitor_text=text)
    return found


def slide(deck: Any, title: str) -> Any:
    return next(s for s in deck.slides if s.shapes.title.text == title)


def test_pictures_of_the_slides_are_in_the_powerpoint_and_in_the_pdf(showing: zipfile.ZipFile) -> None:
    deck, reader = read(showing, "幻灯.pptx"), PdfReader(read(showing, "幻灯.pdf"))
    pages = reader.pages
    for number, title, words in ((4, "一张", "红的方块"), (5, "画与话", "绿的方块")):
        shown = [s for s in slide(deck, title).shapes if s.shape_type == 13]
        assert [s._element.nvPicPr.cNvPr.get("descr") for s in shown] == [words]
        assert shown[0].width / shown[0].height == pytest.approx(4 / 3, abs=0.02)
        assert title in pages[number].extract_text()
    objects = (reader.get_object(n) for n in range(1, reader.trailer["/Size"]))
    told = {o["/Alt"] for o in objects if isinstance(o, dict) and "/Alt" in o}
    assert {"红的方块", "绿的方块", "影片《豆》"} <= told
    assert pictures(pages[4])
    with Image.open(io.BytesIO(slide(deck, "画与话").shapes[-3].image.blob)) as drawn:
        assert drawn.convert("RGB").getpixel((5, 5)) == (0, 170, 0)


def test_words_and_what_is_shown_keep_apart_on_every_slide(showing: zipfile.ZipFile) -> None:
    for made in read(showing, "幻灯.pptx").slides:
        boxes = [(s.left, s.top, s.left + s.width, s.top + s.height) for s in made.shapes]
        shown = [box for box, s in zip(boxes, made.shapes, strict=True) if s.shape_type in (13, 16)]
        for one in shown:
            assert one[3] <= 4_800_000
            for other in (box for box in boxes if box != one):
                apart = one[0] >= other[2] or other[0] >= one[2] or one[1] >= other[3] or other[1] >= one[3]
                assert apart, (made.shapes.title.text, one, other)
    for page in PdfReader(read(showing, "幻灯.pdf")).pages:
        for left, bottom, right, top in pictures(page):
            assert bottom > 40
            for said, x, y in lines(page):
                assert not (left < x < right and bottom < y < top), said


def test_words_beside_a_film_are_large_enough_for_the_back_row(showing: zipfile.ZipFile) -> None:
    made = slide(read(showing, "幻灯.pptx"), "片与话")
    body = next(s for s in made.placeholders if s.placeholder_format.idx == 1)
    assert "天知，神知，我知，子知" in body.text_frame.text
    sizes = [run.font.size for p in body.text_frame.paragraphs for run in p.runs]
    assert all(size is None or size >= Pt(24) for size in sizes)


def test_no_character_without_a_meaning_and_no_empty_box_leaves_in_any_file(tmp_path: Path) -> None:
    slides = (
        "## 封面\n\n::: notes\n先问。\n:::\n\n## 只有题\n\n## 题与讲稿\n\n::: notes\n讲。\n:::\n\n## 单子\n\n- 一\n"
    )
    root = write_tree(tmp_path, FILES | {"docs/lessons/ke/slides.md": slides})
    content, problems = edition_content(str(root), Site(name="试验馆"))
    assert content
    assert problems == []
    pack = zipfile.ZipFile(make_packs(lesson_packs(content))[lesson_packs(content)[0].entry.id].path)
    texts = dict(_texts_of(pack))
    assert any(name.endswith("numbering.xml") for name in texts)
    assert [name for name, text in texts.items() if re.search("[\ue000-\uf8ff]", text)] == []
    deck = next(name for name in pack.namelist() if name.endswith(".pptx"))
    for slide in pptx.Presentation(io.BytesIO(pack.read(deck))).slides:
        boxes = [shape.text_frame.text for shape in slide.placeholders if shape.has_text_frame]
        assert all(boxes), slide.shapes.title.text


def _texts_of(packed: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Every text in a ZIP and in the office files in it, with character references read."""
    for name in packed.namelist():
        data = packed.read(name)
        if name.endswith((".docx", ".pptx", ".zip")):
            yield from _texts_of(zipfile.ZipFile(io.BytesIO(data)))
        elif name.endswith((".xml", ".rels", ".html", ".txt")):
            yield name, html.unescape(data.decode())


def test_every_slide_but_the_cover_has_a_footer_and_its_number(showing: zipfile.ZipFile) -> None:
    cover, *rest = read(showing, "幻灯.pptx").slides
    assert not [s for s in cover.placeholders if s.placeholder_format.type.name in ("FOOTER", "SLIDE_NUMBER")]
    for made in rest:
        foot = {s.placeholder_format.type.name: s for s in made.placeholders}
        assert foot["FOOTER"].text_frame.text == "试验馆　没有人看见的那一份"
        assert 'type="slidenum"' in foot["SLIDE_NUMBER"]._element.xml


def test_a_long_title_is_set_smaller(showing: zipfile.ZipFile) -> None:
    deck = read(showing, "幻灯.pptx")
    short, long = slide(deck, "一张").shapes.title, list(deck.slides)[-1].shapes.title
    assert short.text_frame.paragraphs[0].runs[0].font.size is None
    assert long.text_frame.paragraphs[0].runs[0].font.size <= Pt(22)


def test_items_of_a_short_list_begin_beside_their_marks(showing: zipfile.ZipFile) -> None:
    page = next(p for p in PdfReader(read(showing, "幻灯.pdf")).pages if "短列" in p.extract_text())
    marks = [(x, y) for said, x, y in lines(page) if said.startswith("•")]
    assert len(marks) == 2
    assert marks[0][0] == pytest.approx(marks[1][0], abs=0.5)
    items = [x for said, x, y in lines(page) if said.startswith(("直线", "曲线"))]
    assert all(0 < x - marks[0][0] < 60 for x in items)


def test_two_parts_of_a_film_show_two_frames(showing: zipfile.ZipFile) -> None:
    deck = read(showing, "幻灯.pptx")
    stills = []
    for title in ("看一段", "片与话"):
        movie = next(s for s in slide(deck, title).shapes if s.shape_type == 16)
        stills.append(movie.poster_frame.blob)
    assert stills[0] != stills[1]


def test_a_picture_that_cannot_be_read_is_named_and_not_a_traceback(tmp_path: Path) -> None:
    for name, content, where, what in (
        ("tu.png", png()[:200], "docs/lessons/ke/slides.md:", "正文 “tu.png”"),
        ("hua.svg", SVG[:60], "docs/lessons/ke/hua.svg:1:", "不是完整的 SVG"),
    ):
        root = write_tree(tmp_path / name, {**SHOWING_FILES, f"docs/lessons/ke/{name}": content})
        done = CliRunner().invoke(main, ["--root", str(root), "publish", "packs", "--out", str(tmp_path / "out")])
        assert done.exit_code == 1
        assert isinstance(done.exception, SystemExit)
        assert where in done.output
        assert what in done.output
        assert "重新导出" in done.output


def test_what_typst_refuses_is_named_with_its_lesson(
    content: EditionContent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(cache.ENVIRONMENT, str(tmp_path))
    monkeypatch.setattr(packing, "as_typst", lambda _: '#image("none.png")')
    monkeypatch.setattr("integrity_archive.publish.command.make_packs", lambda kits, _: make_packs(kits, jobs=1))
    with pytest.raises(PublishError, match=r"docs/lessons/ke/index\.md: “没有人看见的那一份” — 资料包做不成"):
        list(publish_all("packs", content, tmp_path / "dist"))
