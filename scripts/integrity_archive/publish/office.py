"""Office: HTML to DOCX, PPTX and EPUB through Pandoc, with reference files of our own.

Pandoc takes styles, page and headers from a reference file (https://pandoc.org/MANUAL.html#option--reference-doc).
Ours are Pandoc's own with Chinese faces, named as Windows and WPS name them; other systems replace them by theirs.
"""

from __future__ import annotations

import copy
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import docx
import pptx
import pypandoc
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.text.paragraph import Paragraph
from lxml import etree
from pptx.dml.color import RGBColor as SlideColour
from pptx.util import Emu

from integrity_archive.support.zip_files import rezipped

SERIF, SANS, LATIN = "宋体", "黑体", "Times New Roman"
"""Faces every Chinese Windows and WPS has."""
INK, SOFT, QING, SEAL = "24211C", "5C564B", "1C4F55", "9C3128"
COLOURS = {"dk1": INK, "lt1": "FBF8F1", "dk2": QING, "lt2": "F8F4EA", "accent1": QING, "accent2": SEAL}
"""Slots of a theme."""
EPOCH = "946684800"
"""What files say they were made at, so that the same content gives the same bytes: 2000-01-01."""

READING_HEAD = "读："
"""How the heading of a reading begins in ``overrides/print/handout.html``."""

TITLE_BOX = (Emu(457200), Emu(120000), Emu(8229600), Emu(790000))
"""Left, top, width, height of a slide's title."""
FOOT = {
    "FOOTER": (Emu(457200), Emu(4800000), Emu(7000000), Emu(250000)),
    "SLIDE_NUMBER": (Emu(7600000), Emu(4800000), Emu(1086800), Emu(250000)),
}
"""Left, top, width, height of what stands below a slide."""
LINE_AT = Emu(930000)
"""Height of the line below the title."""

_PRESENTATION = "http://schemas.openxmlformats.org/presentationml/2006/main"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"


class PandocError(Exception):
    """Pandoc could not write a document; the message is Pandoc's own."""


def pandoc(markup: str, arguments: Sequence[str], out: str, metadata: Mapping[str, str] | None = None) -> None:
    """Convert HTML to the file ``out``; its suffix says to what.

    Raises:
        PandocError: Pandoc refused.
    """
    command = [pypandoc.get_pandoc_path(), "--from=html", f"--output={out}", *arguments]
    command += [f"--metadata={name}={value}" for name, value in {"lang": "zh-CN", **(metadata or {})}.items()]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH}
    done = subprocess.run(command, input=markup.encode(), env=environment, capture_output=True, check=False)  # noqa: S603
    if done.returncode:
        raise PandocError(done.stderr.decode("utf-8", "replace").strip())


@dataclass(frozen=True)
class Label:
    """What a paper is called, and how it is set."""

    title: str
    """In the properties of the file."""
    maker: str
    header: str
    """At the head of every page."""
    first_reading_apart: bool
    """Whether the first text to read begins a page, so that what stands before can be handed out first; further ones
    always do."""


def write_docx(markup: str, out: str, label: Label) -> None:
    """HTML to a Word document on A4 with a header on every page and the page's number at its foot."""
    with tempfile.TemporaryDirectory() as folder:
        reference, made = os.path.join(folder, "reference.docx"), os.path.join(folder, "made.docx")
        Path(reference).write_bytes(docx_reference(label.header))
        pandoc(markup, [f"--reference-doc={reference}"], made)
        document = docx.Document(made)
        _finish_tables(document)
        _on_pages_of_their_own(document, first=label.first_reading_apart)
        _keep_together(document)
        sign(document.core_properties, label.title, label.maker)
        _write(document, out)


def sign(properties: Any, title: str, maker: str) -> None:
    """Say in a document's own properties what it is and who gives it out; programs and 档案 lists show them."""
    properties.title, properties.author, properties.last_modified_by = title, maker, maker


def docx_reference(header: str) -> bytes:
    """Pandoc's reference document in our styles."""
    document = docx.Document(BytesIO(_default("reference.docx")))
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.6)
    section.top_margin, section.bottom_margin = Cm(2.6), Cm(2.2)
    _header(section.header.paragraphs[0], header)
    _page_number(section.footer.paragraphs[0])
    styles = document.styles
    for style in styles:
        _plain_faces(style)
    _face(styles["Normal"], SERIF, 10.5, INK)
    for name in ("Body Text", "First Paragraph", "Compact"):
        body = styles[name]
        _face(body, SERIF, 10.5, INK)
        body.paragraph_format.line_spacing = 1.5
        body.paragraph_format.widow_control = True
        body.paragraph_format.space_before = body.paragraph_format.space_after = Pt(0 if name == "Compact" else 4)
    _face(styles["Title"], SANS, 20, QING, bold=True)
    styles["Title"].paragraph_format.space_after = Pt(4)
    _face(styles["Subtitle"], SERIF, 11, SOFT)
    for level, size in ((1, 19), (2, 13), (3, 10.5)):
        heading = styles[f"Heading {level}"]
        _face(heading, SANS, size, QING if level < 3 else INK, bold=True)
        heading.paragraph_format.space_before, heading.paragraph_format.space_after = Pt(14), Pt(5)
        heading.paragraph_format.keep_with_next = True
    _face(styles["Block Text"], "楷体", 11, INK)
    styles["Block Text"].paragraph_format.left_indent = Cm(0.9)
    _face(styles["Footnote Text"], SERIF, 9, INK)
    _face(styles["Hyperlink"], SERIF, 10.5, QING)
    buffer = BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _default(name: str) -> bytes:
    command = [pypandoc.get_pandoc_path(), "--print-default-data-file", name]
    return subprocess.run(command, capture_output=True, check=True).stdout  # noqa: S603


def _plain_faces(style: Any) -> None:
    """Styles that take their face from the theme would ignore the ones we name."""
    for fonts in style.element.iter(qn("w:rFonts")):
        for attribute in [name for name in fonts.attrib if name.endswith(("Theme", "theme"))]:
            del fonts.attrib[attribute]


def _face(style: Any, face: str, size: float, colour: str, *, bold: bool = False) -> None:
    style.font.size, style.font.bold, style.font.italic = Pt(size), bold, False
    style.font.color.rgb = RGBColor.from_string(colour)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in ("w:ascii", "w:hAnsi", "w:cs"):
        fonts.set(qn(name), LATIN)
    fonts.set(qn("w:eastAsia"), face)


def _header(paragraph: Any, text: str) -> None:
    run = paragraph.add_run(text)
    run.font.size = Pt(9)
    run.font.color.rgb = RGBColor.from_string(SOFT)
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), SERIF)


def _page_number(paragraph: Any) -> None:
    """``第 2 页，共 5 页``, which Word counts."""
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for text, field in (("第 ", "PAGE"), (" 页，共 ", "NUMPAGES"), (" 页", None)):
        paragraph.add_run(text).font.size = Pt(9)
        if field:
            counted = OxmlElement("w:fldSimple")
            counted.set(qn("w:instr"), field)
            run = copy.deepcopy(paragraph.add_run("1")._element)
            paragraph._element.remove(paragraph.runs[-1]._element)
            counted.append(run)
            paragraph._element.append(counted)


def _on_pages_of_their_own(document: Any, *, first: bool) -> None:
    """Texts to read begin a page, the first only when there is something to hand out before it."""
    heads = [p for p in document.paragraphs if p.style.name == "Heading 2" and p.text.startswith(READING_HEAD)]
    for paragraph in heads if first else heads[1:]:
        paragraph.paragraph_format.page_break_before = True


def _keep_together(document: Any) -> None:
    """What is said above a table stays with it, and the last paragraph is never alone on a page."""
    blocks = list(document.iter_inner_content())
    for number, (block, after) in enumerate(pairwise(blocks), start=2):
        if isinstance(block, Paragraph) and (not isinstance(after, Paragraph) or number == len(blocks)):
            block.paragraph_format.keep_with_next = True


def _finish_tables(document: Any) -> None:
    """Lines around every cell, a head that is repeated on the next page, rows that do not break in two."""
    for table in document.tables:
        properties = table._tbl.tblPr
        borders = OxmlElement("w:tblBorders")
        for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
            line = OxmlElement(f"w:{side}")
            for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", "8A8375")):
                line.set(qn(f"w:{name}"), value)
            borders.append(line)
        properties.append(borders)
        for paragraph in (p for row in table.rows for cell in row.cells for p in cell.paragraphs):
            paragraph.paragraph_format.line_spacing = 1.2
            paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(1)
        for number, row in enumerate(table.rows):
            rules = row._tr.get_or_add_trPr()
            rules.append(OxmlElement("w:cantSplit"))
            if number == 0 and rules.find(qn("w:tblHeader")) is not None:
                for cell in row.cells:
                    shade = OxmlElement("w:shd")
                    for name, value in (("val", "clear"), ("color", "auto"), ("fill", "E6EEEB")):
                        shade.set(qn(f"w:{name}"), value)
                    cell._tc.get_or_add_tcPr().append(shade)


def _write(document: Any, out: str) -> None:
    buffer = BytesIO()
    document.save(buffer)
    Path(out).write_bytes(rezipped(buffer.getvalue()))


# --- slides --------------------------------------------------------------------------------------------------------


def pptx_reference() -> bytes:
    """Pandoc's reference slides in our faces and colours, 16:9: titles left over a red line, a dark cover."""
    deck = pptx.Presentation(BytesIO(_default("reference.pptx")))
    _theme(deck)
    master = deck.slide_master
    _ground(master, "F8F4EA")
    for layout in [master, *deck.slide_layouts]:
        for shape in layout.placeholders:
            kind = shape.placeholder_format.type
            if kind is not None and kind.name == "TITLE" and layout.name not in ("Title Slide", "Section Header"):
                shape.left, shape.top, shape.width, shape.height = TITLE_BOX
    master.shapes._spTree.append(_line())
    _foot([master, *deck.slide_layouts])
    for style, size, colour in (("titleStyle", 3000, QING), ("bodyStyle", 2400, INK)):
        for level in master.element.iter(f"{{{_PRESENTATION}}}{style}"):
            _text_style(level, size, colour, left=style == "titleStyle")
    for body in master.element.iter(f"{{{_DRAWING}}}bodyPr"):
        body.set("anchor", "ctr")
    _cover(next(layout for layout in deck.slide_layouts if layout.name == "Title Slide"))
    buffer = BytesIO()
    deck.save(buffer)
    return buffer.getvalue()


def _line() -> Any:
    """The line below a title; masters take shapes only as XML."""
    shape = f"""<p:cxnSp xmlns:p="{_PRESENTATION}" xmlns:a="{_DRAWING}">
      <p:nvCxnSpPr><p:cNvPr id="90" name="line"/><p:cNvCxnSpPr/><p:nvPr userDrawn="1"/></p:nvCxnSpPr>
      <p:spPr><a:xfrm><a:off x="{TITLE_BOX[0]}" y="{LINE_AT}"/><a:ext cx="{TITLE_BOX[2]}" cy="0"/></a:xfrm>
        <a:prstGeom prst="line"><a:avLst/></a:prstGeom>
        <a:ln w="19050"><a:solidFill><a:srgbClr val="{SEAL}"/></a:solidFill></a:ln></p:spPr></p:cxnSp>"""
    return etree.fromstring(shape)


def _foot(layouts: Sequence[Any]) -> None:
    """The footer left and wide enough for the archive and the lesson, the slide's number right; no date."""
    for layout in layouts:
        for shape in layout.placeholders:
            kind = shape.placeholder_format.type.name
            if kind in FOOT:
                shape.left, shape.top, shape.width, shape.height = FOOT[kind]
                for style in shape._element.iter(f"{{{_DRAWING}}}lstStyle"):
                    for level in list(style):
                        style.remove(level)
                    side = "l" if kind == "FOOTER" else "r"
                    level = etree.SubElement(style, f"{{{_DRAWING}}}lvl1pPr", {"algn": side})
                    words = etree.SubElement(level, f"{{{_DRAWING}}}defRPr", {"sz": "1200"})
                    fill = etree.SubElement(words, f"{{{_DRAWING}}}solidFill")
                    etree.SubElement(fill, f"{{{_DRAWING}}}srgbClr").set("val", SOFT)


def _text_style(style: Any, size: int, colour: str, *, left: bool) -> None:
    """Size in hundredths of a point, and colour, of every level of a text style."""
    for number, level in enumerate(style):
        if left:
            level.set("algn", "l")
        for words in level.iter(f"{{{_DRAWING}}}defRPr"):
            words.set("sz", str(size if not number else max(1800, size - 400)))
            if left:
                words.set("b", "1")
            for fill in words.findall(f"{{{_DRAWING}}}solidFill"):
                words.remove(fill)
            fill = etree.Element(f"{{{_DRAWING}}}solidFill")
            etree.SubElement(fill, f"{{{_DRAWING}}}srgbClr").set("val", colour)
            words.insert(0, fill)


def _ground(layout: Any, colour: str) -> None:
    layout.background.fill.solid()
    layout.background.fill.fore_color.rgb = SlideColour(*bytes.fromhex(colour))  # type: ignore[no-untyped-call]


def _cover(layout: Any) -> None:
    """Light words on 青, without the line of the other slides."""
    _ground(layout, QING)
    layout.element.set("showMasterSp", "0")
    for shape in layout.placeholders:
        for style in shape._element.iter(f"{{{_DRAWING}}}lstStyle"):
            for old in list(style):
                style.remove(old)
            level = etree.SubElement(style, f"{{{_DRAWING}}}lvl1pPr", {"algn": "ctr", "marL": "0", "indent": "0"})
            etree.SubElement(level, f"{{{_DRAWING}}}buNone")
            title = shape.placeholder_format.type.name == "CENTER_TITLE"
            words = etree.SubElement(level, f"{{{_DRAWING}}}defRPr", {"sz": "4000" if title else "2000"})
            fill = etree.SubElement(words, f"{{{_DRAWING}}}solidFill")
            etree.SubElement(fill, f"{{{_DRAWING}}}srgbClr").set("val", "FBF8F1")


def _theme(deck: Any) -> None:
    """Faces and colours of the theme, which every placeholder inherits."""
    for part in {rel.target_part for rel in deck.slide_master.part.rels.values() if rel.reltype.endswith("/theme")}:
        theme = etree.fromstring(part.blob)
        for face, name in (("majorFont", SANS), ("minorFont", "微软雅黑")):
            for kind in ("latin", "ea"):
                for element in theme.iter(f"{{{_DRAWING}}}{face}"):
                    found = element.find(f"{{{_DRAWING}}}{kind}")
                    if found is not None:
                        found.set("typeface", name)
        for slot, colour in (
            ("dk1", INK),
            ("lt1", "FBF8F1"),
            ("dk2", QING),
            ("lt2", "F8F4EA"),
            ("accent1", QING),
            ("accent2", SEAL),
        ):
            for element in theme.iter(f"{{{_DRAWING}}}{slot}"):
                for child in list(element):
                    element.remove(child)
                etree.SubElement(element, f"{{{_DRAWING}}}srgbClr").set("val", colour)
        part._blob = etree.tostring(theme, xml_declaration=True, encoding="UTF-8", standalone=True)
