"""PPTX: a lesson's slides as a PowerPoint file, with pictures, films and notes."""

from __future__ import annotations

import copy
import html
import os
import tempfile
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pptx
from lxml import etree
from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Emu, Pt

from integrity_archive.publish.office import COLOURS, REFERENCES, TITLE_BOX, pandoc, sign
from integrity_archive.publish.paper_slides import PaperSlide, SlideImage, plain
from integrity_archive.publish.papers import LessonPack
from integrity_archive.support.zip_files import rezipped

POINT = 12700
"""One point, in EMU."""
ROW = 420000
"""Height of a table row with type of 20 points, in EMU."""
LINE = 300000
"""Height of a line of 16 points on a slide, in EMU."""
LEAST, LARGE = 24, 30
"""Usual and large type size of the text on a slide, in points; smaller type cannot be read from the back of a room."""
TABLE = 20
"""Type size of a table, in points."""
CAPTION = 14
LEADING = 1.45
"""Height of a line with its share of paragraph space, as a multiple of the type size."""
TITLES = ((30, 21), (22, 58), (16, 80))
"""Type size of a title (points) for titles up to this many full-width characters: on one line, then on two."""
COVERS = ((40, 28), (32, 52), (24, 120))
"""The same for the cover, which has space for more lines."""
GAP = 120000
MORE_THAN_HALF = 0.55
"""Least share of the height for pictures above or below the text; with less they are put next to it."""

_MEDIA = "http://schemas.microsoft.com/office/powerpoint/2010/main"
_UNSAID = "&nbsp;"
"""A placeholder for a slide without text, because Pandoc makes no text box for an empty slide; removed afterwards."""


@dataclass(frozen=True)
class Box:
    """A rectangle on a slide, in EMU."""

    left: int
    top: int
    width: int
    height: int

    @property
    def bottom(self) -> int:
        """Position of its lower edge."""
        return self.top + self.height


ROOM = Box(TITLE_BOX[0], 1_000_000, TITLE_BOX[2], 3_700_000)
"""The area between the line below the title and the foot."""
COVER_WORDS = Box(457200, 250_000, 8229600, 1_900_000)
"""The area for the text of a cover with pictures."""
NOTICE = Box(457200, 60_000, 8229600, 300_000)
COVER_ROOM = Box(457200, 2_250_000, 8229600, 2_600_000)


def write_pptx(kit: LessonPack, slides: Sequence[PaperSlide], out: str) -> None:
    """Write the slides of a lesson as PPTX, 16:9."""
    with tempfile.TemporaryDirectory() as folder:
        made = os.path.join(folder, "made.pptx")
        cover, *rest = slides
        markup = "\n".join(_markup(slide) for slide in rest)
        metadata = {"title": cover.title, "subtitle": plain(cover.words)}
        pandoc(markup, [f"--reference-doc={REFERENCES / 'reference.pptx'}", "--slide-level=2"], made, metadata)
        deck = pptx.Presentation(made)
    _rejoin(deck)
    if cover.notes:
        deck.slides[0].notes_slide.notes_text_frame.text = plain(cover.notes)
    _cover(deck.slides[0], cover)
    if kit.notice:
        _notice(deck.slides[0], kit.notice)
    for made_slide, slide in _paired(deck, slides):
        _title(made_slide, slide.title, TITLES)
        _set(made_slide, slide)
        if not slide.words:
            _take_away(_words_of(made_slide))
        if slide.images:
            _lay_out(made_slide, slide)
        _foot(made_slide, kit.header)
    sign(deck.core_properties, kit.lesson.title, kit.maker)
    buffer = BytesIO()
    deck.save(buffer)
    Path(out).write_bytes(rezipped(buffer.getvalue()))


def _markup(slide: PaperSlide) -> str:
    notes = f'<div class="notes">{slide.notes}</div>' if slide.notes else ""
    return f"<h2>{html.escape(slide.title)}</h2>{slide.words or f'<p>{_UNSAID}</p>'}{notes}"


def _rejoin(deck: Any) -> None:
    """Move text after a table back to the slide of the table: Pandoc puts it on a slide without a title."""
    ids = deck.slides._sldIdLst
    for before, after in reversed(list(pairwise(list(deck.slides)))):
        if _titled(after) or not any(shape.has_table for shape in before.shapes):
            continue
        words = [p.text for s in after.placeholders if s.placeholder_format.idx == 1 for p in s.text_frame.paragraphs]
        table = next(shape for shape in before.shapes if shape.has_table)
        top = table.top + ROW * len(table.table.rows) + LINE
        box = before.shapes.add_textbox(table.left, Emu(top), table.width, Emu(LINE * 2 * len(words)))
        box.text_frame.word_wrap = True
        box.text_frame.text = "\n".join(words)
        for paragraph in box.text_frame.paragraphs:
            paragraph.font.size = Pt(LEAST)
        if after.has_notes_slide:
            before.notes_slide.notes_text_frame.text = after.notes_slide.notes_text_frame.text
        place = next(i for i in ids if deck.part.related_part(i.rId) is after.part)
        deck.part.drop_rel(place.rId)
        ids.remove(place)


def _paired(deck: Any, slides: Sequence[PaperSlide]) -> Iterator[tuple[Any, PaperSlide]]:
    """Pandoc's slides after the cover, each with its source, matched by title."""
    made = list(deck.slides)
    at = 1
    for slide in slides[1:]:
        at = next((n for n in range(at, len(made)) if _titled(made[n]) == slide.title), at)
        yield made[at], slide
        at = min(at + 1, len(made) - 1)


def _titled(slide: Any) -> str:
    return slide.shapes.title.text if slide.shapes.title is not None else ""


def _title(made: Any, title: str, sizes: Sequence[tuple[int, int]]) -> None:
    """Reduce the type size of a title that does not fit its box."""
    size = next((points for points, most in sizes if _width(title) <= most), sizes[-1][0])
    if size != sizes[0][0] and made.shapes.title is not None:
        for run in (run for paragraph in made.shapes.title.text_frame.paragraphs for run in paragraph.runs):
            run.font.size = Pt(size)


def _width(text: str) -> float:
    """Width in full-width characters."""
    return sum(1.0 if unicodedata.east_asian_width(c) in "WFA" else 0.5 for c in text)


def _cover(made: Any, cover: PaperSlide) -> None:
    _title(made, cover.title, COVERS)
    if not plain(cover.words):
        _take_away([shape for shape in made.placeholders if shape.placeholder_format.idx == 1])
    if cover.images:
        words = [shape for shape in made.placeholders if shape.placeholder_format.idx in (0, 1)]
        for number, shape in enumerate(words):
            each = COVER_WORDS.height // len(words)
            _move(shape, Box(COVER_WORDS.left, COVER_WORDS.top + number * each, COVER_WORDS.width, each))
        _show_in_row(made, cover.images, COVER_ROOM, light=True)


def _notice(cover: Any, notice: str) -> None:
    """Put the notice about internal material above the cover's title."""
    box = cover.shapes.add_textbox(*(Emu(n) for n in (NOTICE.left, NOTICE.top, NOTICE.width, NOTICE.height)))
    box.text_frame.text = notice
    line = box.text_frame.paragraphs[0]
    line.alignment = PP_ALIGN.CENTER
    line.font.size = Pt(CAPTION)
    line.font.color.rgb = RGBColor(*bytes.fromhex(COLOURS["lt1"]))  # type: ignore[no-untyped-call]


def _body(made: Any) -> Any:
    return next((s for s in made.placeholders if s.placeholder_format.idx == 1), None)


def _set(made: Any, slide: PaperSlide) -> None:
    """Set type sizes: large for a short text, which is centred unless it is a list, and never below ``LEAST``."""
    for shape in made.shapes:
        if shape.has_text_frame and shape.is_placeholder and shape.placeholder_format.idx != 0:
            for paragraph in shape.text_frame.paragraphs:
                _set_words(paragraph, few=slide.few, centred=slide.centred)
        elif shape.has_table:
            for cell in shape.table.iter_cells():
                for run in (run for paragraph in cell.text_frame.paragraphs for run in paragraph.runs):
                    run.font.size = Pt(TABLE)


def _set_words(paragraph: Any, *, few: bool, centred: bool) -> None:
    for run in paragraph.runs:
        if few or (run.font.size and run.font.size < Pt(LEAST)):
            run.font.size = Pt(LARGE if few else LEAST)
    if centred:
        paragraph.alignment = PP_ALIGN.CENTER
        properties = paragraph._p.get_or_add_pPr()
        properties.set("marL", "0")
        properties.set("indent", "0")


# --- pictures and films ----------------------------------------------------------------------------------------------


def _lay_out(made: Any, slide: PaperSlide) -> None:
    """Arrange text and pictures vertically if enough height remains for the pictures, else side by side."""
    words = _words_of(made)
    if not slide.words:
        _show_in_row(made, slide.images, ROOM)
        return
    needed = _needed(words, ROOM.width)
    left = ROOM.height - needed - GAP
    if left >= ROOM.height * MORE_THAN_HALF:
        top = ROOM.top + (left + GAP if slide.above else 0)
        _place_words(words, Box(ROOM.left, top, ROOM.width, needed))
        _show_in_row(
            made, slide.images, Box(ROOM.left, ROOM.bottom - left if not slide.above else ROOM.top, ROOM.width, left)
        )
        return
    narrow = int((ROOM.width - GAP) * 0.42)
    wide = ROOM.width - GAP - narrow
    at = ROOM.left + (wide + GAP if slide.above else 0)
    _place_words(words, Box(at, ROOM.top, narrow, ROOM.height))
    at = ROOM.left + (0 if slide.above else narrow + GAP)
    _show_in_column(made, slide.images, Box(at, ROOM.top, wide, ROOM.height))


def _words_of(made: Any) -> list[Any]:
    """The shapes of a slide with its text, tables included, without the title."""
    return [s for s in made.shapes if s.has_table or (s.has_text_frame and s != made.shapes.title)]


def _take_away(shapes: Sequence[Any]) -> None:
    for shape in shapes:
        shape._element.getparent().remove(shape._element)


def _needed(words: Sequence[Any], width: int) -> int:
    """Height of the text in the least type size, in a box of this width, in EMU."""
    return sum(_height(shape, width) for shape in words)


def _height(shape: Any, width: int) -> int:
    if shape.has_table:
        return ROW * len(shape.table.rows) + GAP
    a_line = max(1.0, (width / POINT - 42) / LEAST)  # 42 points for the margins of a box and a list's marker
    lines = sum(max(1, -int(-_width(p.text) // a_line)) for p in shape.text_frame.paragraphs)
    return int(lines * LEAST * LEADING * POINT) + GAP


def _place_words(words: Sequence[Any], box: Box) -> None:
    """Stack the text shapes from the top of a box; a single text gets the whole height and is centred vertically."""
    top = box.top
    for shape in words:
        height = box.height if len(words) == 1 and not shape.has_table else _height(shape, box.width)
        if shape.has_table:
            for column in shape.table.columns:
                column.width = Emu(column.width * box.width // max(1, shape.width))
        else:
            shape.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
        _move(shape, Box(box.left, top, box.width, height))
        top += height


def _move(shape: Any, box: Box) -> None:
    shape.left, shape.top, shape.width, shape.height = (Emu(n) for n in (box.left, box.top, box.width, box.height))


def _under(item: SlideImage) -> int:
    """Height of a caption, in EMU."""
    return LINE if item.caption else 0


def _show_in_row(made: Any, items: Sequence[SlideImage], room: Box, *, light: bool = False) -> None:
    high = room.height - max(map(_under, items))
    wide = room.width - GAP * (len(items) - 1)
    height = min(float(high), wide / sum(item.proportion for item in items))
    taken = int(height * sum(item.proportion for item in items)) + GAP * (len(items) - 1)
    left = room.left + (room.width - taken) // 2
    top = room.top + int(high - height) // 2
    for item in items:
        width = int(height * item.proportion)
        _show(made, item, Box(left, top, width, int(height)), light=light)
        left += width + GAP


def _show_in_column(made: Any, items: Sequence[SlideImage], room: Box) -> None:
    high = room.height - GAP * (len(items) - 1) - sum(map(_under, items))
    width = min(float(room.width), high / sum(1 / item.proportion for item in items))
    top = room.top + int(high - width * sum(1 / item.proportion for item in items)) // 2
    for item in items:
        height = int(width / item.proportion)
        _show(made, item, Box(room.left + (room.width - int(width)) // 2, top, int(width), height))
        top += height + _under(item) + GAP


def _show(made: Any, item: SlideImage, box: Box, *, light: bool = False) -> None:
    """Put a picture or a film into a box, with its caption below."""
    place = [Emu(n) for n in (box.left, box.top, box.width, box.height)]
    if item.film and item.clip:
        added = made.shapes.add_movie(item.film.path, *place, poster_frame_image=item.path, mime_type="video/mp4")
        for media in added._element.iter(f"{{{_MEDIA}}}media"):
            trim = etree.SubElement(media, f"{{{_MEDIA}}}trim")
            # Milliseconds cut from beginning and end (ECMA-376 extension [MS-PPTX] 2.6.1.9).
            trim.set("st", f"{item.clip.start * 1000:.0f}")
            trim.set("end", f"{max(0.0, item.clip.length - item.clip.end) * 1000:.0f}")
    else:
        added = made.shapes.add_picture(item.path, *place)
    added._element.find(f".//{qn('p:cNvPr')}").set("descr", item.alt)
    if item.caption:
        # Wider than a small picture, so that the caption stays on one line.
        side = max(0, 3_400_000 - box.width) // 2
        words = made.shapes.add_textbox(
            Emu(box.left - side), Emu(box.bottom), Emu(box.width + 2 * side), Emu(LINE)
        ).text_frame
        words.text = item.caption
        words.paragraphs[0].alignment = PP_ALIGN.CENTER
        words.paragraphs[0].font.size = Pt(CAPTION)
        if light:
            words.paragraphs[0].font.color.rgb = RGBColor(*bytes.fromhex(COLOURS["lt1"]))  # type: ignore[no-untyped-call]


def _foot(made: Any, header: str) -> None:
    """Archive, lesson and slide number as placeholders of the layout, which 页眉和页脚 in PowerPoint can change."""
    for placeholder in made.slide_layout.placeholders:
        kind = placeholder.placeholder_format.type.name
        if kind in ("FOOTER", "SLIDE_NUMBER"):
            element = copy.deepcopy(placeholder._element)
            made.shapes._spTree.append(element)
            if kind == "FOOTER":
                made.shapes[-1].text_frame.text = header
