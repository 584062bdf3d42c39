"""Lessons: slides, packs, the quiz for other programs."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import docx
import pptx
import pytest
from docx.oxml.ns import qn
from pypdf import PdfReader

from integrity_archive.build import Stock, stock_of
from integrity_archive.films import cache
from integrity_archive.fonts import FontError
from integrity_archive.lessons.qti import qti_package
from integrity_archive.lessons.slides import slides_of
from integrity_archive.model import Lesson
from integrity_archive.publish import PublishError, pdf, publish_all
from integrity_archive.publish.pack import SUMS, make_packs
from integrity_archive.site import Site
from lesson_files import FILES, LESSON
from trees import BASES, write_tree

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
def stock(tmp_path_factory: pytest.TempPathFactory) -> Stock:
    root = write_tree(tmp_path_factory.mktemp("lesson"), FILES)
    found, problems = stock_of(str(root), Site(name="试验馆", url="https://archive.example/"))
    assert problems == []
    assert found
    return found


@pytest.fixture(scope="module")
def pack(stock: Stock, tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(cache.ENVIRONMENT, str(tmp_path_factory.mktemp("cache") / "films"))
        made = make_packs(stock.kits(), jobs=1)["lessons/ke"]
        return zipfile.ZipFile(io.BytesIO(Path(made.path).read_bytes()))


def read(pack: zipfile.ZipFile, name: str) -> Any:
    data = io.BytesIO(pack.read(f"没有人看见的那一份/{name}"))
    return (
        docx.Document(data) if name.endswith(".docx") else pptx.Presentation(data) if name.endswith(".pptx") else data
    )


def words(document: Any) -> str:
    cells = [p.text for t in document.tables for row in t.rows for cell in row.cells for p in cell.paragraphs]
    return "\n".join([p.text for p in document.paragraphs] + cells)


def test_slides_are_cut_at_their_titles_and_the_class_never_sees_the_notes(stock: Stock) -> None:
    slides = slides_of(stock.loaded.companions["docs/lessons/ke/slides.md"])
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
    stock: Stock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(cache.ENVIRONMENT, str(tmp_path / "one" / "films"))
    first = Path(make_packs(stock.kits(), jobs=1)["lessons/ke"].path)
    made = first.stat().st_mtime_ns
    assert Path(make_packs(stock.kits(), jobs=1)["lessons/ke"].path).stat().st_mtime_ns == made
    monkeypatch.setenv(cache.ENVIRONMENT, str(tmp_path / "two" / "films"))
    again = Path(make_packs(stock.kits(), jobs=1)["lessons/ke"].path)
    assert again != first
    assert again.read_bytes() == first.read_bytes()


def test_without_a_chinese_font_nothing_is_written(
    stock: Stock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none() -> str:
        raise FontError

    monkeypatch.setattr(pdf, "serif", none)
    with pytest.raises(PublishError, match="fonts-noto-cjk"):
        list(publish_all("poster", stock, tmp_path / "dist"))
    assert not list(tmp_path.rglob("*.pdf"))
    assert not list(tmp_path.rglob(".making-*"))
