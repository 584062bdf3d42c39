"""Office: converts HTML to DOCX, PPTX and EPUB with Pandoc and our own reference files.

Pandoc takes styles, page size and headers from a reference file (https://pandoc.org/MANUAL.html#option--reference-doc).
Ours, ``reference.docx`` and ``reference.pptx``, are Pandoc's own with Chinese fonts, under the names of Windows and WPS
(other systems substitute theirs), and with our colours. They are edited in Word and PowerPoint, or in WPS: styles, the
header, whose words are replaced, and the page number; the slide master, and the layout of the cover.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import docx
import pypandoc
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt
from docx.text.paragraph import Paragraph
from pptx.util import Emu

from integrity_archive.support.zip_files import rezipped

REFERENCES = Path(__file__).parent
"""Folder of ``reference.docx`` and ``reference.pptx``."""
COLOURS = {
    "dk1": "24211C", "lt1": "FBF8F1", "dk2": "1C4F55", "lt2": "F8F4EA", "accent1": "1C4F55", "accent2": "9C3128",
}  # fmt: skip
"""Colours of the theme of ``reference.pptx``, by slot."""
EPOCH = "946684800"
"""Time of creation of all files (2000-01-01, in seconds), so that the same content gives the same bytes."""

_BULLETS = {"\uf0b7": "•", "\uf0a7": "▪"}
"""Bullets of Pandoc's lists, by the code that they have in the fonts Symbol and Wingdings."""

READING_HEAD = "读："
"""Beginning of the heading of a reading in ``overrides/print/handout.html``."""

TITLE_BOX = (Emu(457200), Emu(120000), Emu(8229600), Emu(790000))
"""Left, top, width, height of a slide's title in ``reference.pptx``."""


class PandocError(Exception):
    """Pandoc cannot write a document; the message is Pandoc's own."""


_RUBY = re.compile(r"<ruby>(.*?)</ruby>", re.S)
_RUBY_PARENTHESIS = re.compile(r"<rp>.*?</rp>", re.S)
_RUBY_READING = re.compile(r"<rt>(.*?)</rt>", re.S)


def pandoc(
    markup: str,
    arguments: Sequence[str],
    out: str,
    metadata: Mapping[str, str] | None = None,
    *,
    ruby: bool = False,
) -> None:
    """Convert HTML to the file ``out``; its suffix selects the format.

    Args:
        markup: the HTML.
        arguments: further arguments for Pandoc.
        out: path of the file.
        metadata: title, author … by name.
        ruby: whether the format has ruby; otherwise readings stand in brackets after their characters.

    Raises:
        PandocError: Pandoc failed.
    """
    source = "--from=html+raw_html" if ruby else "--from=html"
    command = [pypandoc.get_pandoc_path(), source, f"--output={out}", *arguments]
    command += [f"--metadata={name}={value}" for name, value in {"lang": "zh-CN", **(metadata or {})}.items()]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH}
    given = (markup if ruby else bracketed(markup)).encode()
    done = subprocess.run(command, input=given, env=environment, capture_output=True, check=False)  # noqa: S603
    if done.returncode:
        raise PandocError(done.stderr.decode("utf-8", "replace").strip())


def bracketed(markup: str) -> str:
    """HTML whose readings stand in brackets: 髡（kūn）."""

    def in_brackets(ruby: re.Match[str]) -> str:
        return _RUBY_READING.sub(r"（\1）", _RUBY_PARENTHESIS.sub("", ruby[1]))

    return _RUBY.sub(in_brackets, markup)


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
        with_header = docx.Document(str(REFERENCES / "reference.docx"))
        with_header.sections[0].header.paragraphs[0].runs[0].text = label.header
        with_header.save(reference)
        pandoc(markup, [f"--reference-doc={reference}"], made)
        document = docx.Document(made)
        _plain_bullets(document)
        _finish_tables(document)
        _on_pages_of_their_own(document, first=label.first_reading_apart)
        _keep_together(document)
        sign(document.core_properties, label.title, label.maker)
        _write(document, out)


def sign(properties: Any, title: str, maker: str) -> None:
    """Set title and author in a document's properties, which programs and 档案 catalogues display."""
    properties.title, properties.author, properties.last_modified_by = title, maker, maker


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


def _plain_bullets(document: Any) -> None:
    """Bullets as common characters: those of Pandoc are private-use ones, which only the font Symbol shows."""
    for level in document.part.numbering_part.element.iter(qn("w:lvl")):
        text, properties = level.find(qn("w:lvlText")), level.find(qn("w:rPr"))
        if text is not None and (plain := _BULLETS.get(text.get(qn("w:val")))):
            text.set(qn("w:val"), plain)
            if properties is not None:
                level.remove(properties)


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
