"""Office: converts HTML to DOCX, PPTX and EPUB with Pandoc and our own reference files.

Pandoc takes styles, page size and headers from a reference file (https://pandoc.org/MANUAL.html#option--reference-doc).
Ours are Pandoc's own with Chinese fonts, under the names of Windows and WPS; other systems substitute their own fonts.
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
"""Fonts that every Chinese Windows and WPS has."""
INK, SOFT, QING, SEAL = "24211C", "5C564B", "1C4F55", "9C3128"
COLOURS = {"dk1": INK, "lt1": "FBF8F1", "dk2": QING, "lt2": "F8F4EA", "accent1": QING, "accent2": SEAL}
"""Colours of a theme, by slot."""
EPOCH = "946684800"
"""Time of creation of all files (2000-01-01, in seconds), so that the same content gives the same bytes."""

READING_HEAD = "读："
"""Beginning of the heading of a reading in ``overrides/print/handout.html``."""

TITLE_BOX = (Emu(457200), Emu(120000), Emu(8229600), Emu(790000))
"""Left, top, width, height of a slide's title."""
FOOT = {
    "FOOTER": (Emu(457200), Emu(4800000), Emu(7000000), Emu(250000)),
    "SLIDE_NUMBER": (Emu(7600000), Emu(4800000), Emu(1086800), Emu(250000)),
}
"""Left, top, width, height of the placeholders at the foot of a slide."""
LINE_AT = Emu(930000)
"""Vertical position of the line below the title."""

_PRESENTATION = "http://schemas.openxmlformats.org/presentationml/2006/main"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"


class PandocError(Exception):
    """Pandoc cannot write a document; the message is Pandoc's own."""


def pandoc(markup: str, arguments: Sequence[str], out: str, metadata: Mapping[str, str] | None = None) -> None:
    """Convert HTML to the file ``out``; its suffix selects the format.

    Raises:
        PandocError: Pandoc failed.
    """
    command = [pypandoc.get_pandoc_path(), "--from=html", f"--output={out}", *arguments]
    command += [f"--metadata={name}={value}" for name, value in {"lang": "zh-CN", **(metadata or {})}.items()]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH}
    done = subprocess.run(command, input=markup.encode(), env=environment, capture_output=True, check=False)  # noqa: S603
    if done.returncode:
        raise PandocError(done.stderr.decode("utf-8", "replace").strip())


@dataclass(frozen=True)
class Label:
    """Titles of a document, and how it is paginated."""

    title: str
    """Title in the file's properties."""
    maker: str
    header: str
    """Header of every page."""
    first_reading_apart: bool
    """Whether the first reading begins a page, so that the part before it can be handed out first; later ones always
    do."""


def write_docx(markup: str, out: str, label: Label) -> None:
    """Write HTML as a Word document on A4, with a header and a page number on every page."""
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
    """Set title and author in a document's properties, which programs and 档案 catalogues display."""
    properties.title, properties.author, properties.last_modified_by = title, maker, maker


def docx_reference(header: str) -> bytes:
    """Pandoc's reference document with our styles."""
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
    """Remove theme fonts from a style, because they would override the fonts that we set."""
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
    """``第 2 页，共 5 页``, as fields that Word calculates."""
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
    """Begin a new page with each reading; with the first only if ``first``."""
    heads = [p for p in document.paragraphs if p.style.name == "Heading 2" and p.text.startswith(READING_HEAD)]
    for paragraph in heads if first else heads[1:]:
        paragraph.paragraph_format.page_break_before = True


def _keep_together(document: Any) -> None:
    """Keep a paragraph and the table after it on one page, and the last paragraph with the one before it."""
    blocks = list(document.iter_inner_content())
    for number, (block, after) in enumerate(pairwise(blocks), start=2):
        if isinstance(block, Paragraph) and (not isinstance(after, Paragraph) or number == len(blocks)):
            block.paragraph_format.keep_with_next = True


def _finish_tables(document: Any) -> None:
    """Borders around every cell, a header row that is repeated on each page, and rows that do not break."""
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
    """Pandoc's reference slides with our fonts and colours, 16:9: titles left above a red line, a dark cover."""
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
    """The line below a title, as XML, because the library cannot add shapes to a slide master."""
    shape = f"""<p:cxnSp xmlns:p="{_PRESENTATION}" xmlns:a="{_DRAWING}">
      <p:nvCxnSpPr><p:cNvPr id="90" name="line"/><p:cNvCxnSpPr/><p:nvPr userDrawn="1"/></p:nvCxnSpPr>
      <p:spPr><a:xfrm><a:off x="{TITLE_BOX[0]}" y="{LINE_AT}"/><a:ext cx="{TITLE_BOX[2]}" cy="0"/></a:xfrm>
        <a:prstGeom prst="line"><a:avLst/></a:prstGeom>
        <a:ln w="19050"><a:solidFill><a:srgbClr val="{SEAL}"/></a:solidFill></a:ln></p:spPr></p:cxnSp>"""
    return etree.fromstring(shape)


def _foot(layouts: Sequence[Any]) -> None:
    """Footer on the left, wide enough for archive and lesson; slide number on the right; no date."""
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
    """Set size (hundredths of a point; smaller below the first level) and colour of a text style."""
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
    """Layout of the cover: light text on 青, without the line of the other slides."""
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
    """Set the theme's fonts and colours, which every placeholder inherits."""
    for part in {rel.target_part for rel in deck.slide_master.part.rels.values() if rel.reltype.endswith("/theme")}:
        theme = etree.fromstring(part.blob)
        for face, name in (("majorFont", SANS), ("minorFont", "微软雅黑")):
            for kind in ("latin", "ea"):
                for element in theme.iter(f"{{{_DRAWING}}}{face}"):
                    font = element.find(f"{{{_DRAWING}}}{kind}")
                    if font is not None:
                        font.set("typeface", name)
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
