"""Show: a lesson's slides as a PowerPoint file, films and notes included."""

from __future__ import annotations

import html
import os
import re
import tempfile
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pptx
from lxml import etree
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Emu, Pt

from integrity_archive.lessons.clips import Playable
from integrity_archive.lessons.slides import DeckSlide
from integrity_archive.publish.office import pandoc, pptx_reference
from integrity_archive.publish.papers import Kit, printable
from integrity_archive.render import clock
from integrity_archive.zipped import rezipped

ROW = 420000
"""Height of a row of a table with 20 points, in EMU."""
LINE = 300000
"""Height of a line of 16 points on a slide, in EMU."""

_TAG = re.compile(r"<[^>]+>")
_MEDIA = "http://schemas.microsoft.com/office/powerpoint/2010/main"


def write_pptx(kit: Kit, out: str) -> None:
    """The slides of a kit as PPTX, 16:9."""
    with tempfile.TemporaryDirectory() as folder:
        reference, made = os.path.join(folder, "reference.pptx"), os.path.join(folder, "made.pptx")
        Path(reference).write_bytes(pptx_reference())
        cover, *rest = kit.slides
        markup = "\n".join(_markup(slide) for slide in rest)
        told = {"title": cover.title, "subtitle": _plain("".join(p for p in cover.parts if isinstance(p, str)))}
        pandoc(markup, [f"--reference-doc={reference}", "--slide-level=2"], made, told)
        deck = pptx.Presentation(made)
    _rejoin(deck)
    if cover.notes:
        deck.slides[0].notes_slide.notes_text_frame.text = _plain(cover.notes)
    _words_and_films(deck, kit)
    buffer = BytesIO()
    deck.save(buffer)
    Path(out).write_bytes(rezipped(buffer.getvalue()))


def _markup(slide: DeckSlide) -> str:
    parts = [_words(p) if isinstance(p, Playable) else printable(p) for p in slide.parts]
    notes = f'<div class="notes">{printable(slide.notes)}</div>' if slide.notes else ""
    return f"<h2>{html.escape(slide.title)}</h2>{''.join(parts)}{notes}"


def _words(clip: Playable) -> str:
    return f"<p>影片《{html.escape(clip.film.meta.title)}》{clock(clip.start)}—{clock(clip.end)}</p>"


def _plain(markup: str) -> str:
    return " ".join(html.unescape(_TAG.sub(" ", markup)).split())


def _rejoin(deck: Any) -> None:
    """Bring text that follows a table back to its slide: Pandoc puts it on one of its own, without a title."""
    ids = deck.slides._sldIdLst
    for before, after in reversed(list(pairwise(list(deck.slides)))):
        if _title(after) or not any(shape.has_table for shape in before.shapes):
            continue
        words = [p.text for s in after.placeholders if s.placeholder_format.idx == 1 for p in s.text_frame.paragraphs]
        table = next(shape for shape in before.shapes if shape.has_table)
        top = table.top + ROW * len(table.table.rows) + LINE
        box = before.shapes.add_textbox(table.left, Emu(top), table.width, Emu(LINE * 2 * len(words)))
        box.text_frame.word_wrap = True
        box.text_frame.text = "\n".join(words)
        for paragraph in box.text_frame.paragraphs:
            paragraph.font.size = Pt(22)
        if after.has_notes_slide:
            before.notes_slide.notes_text_frame.text = after.notes_slide.notes_text_frame.text
        place = next(i for i in ids if deck.part.related_part(i.rId) is after.part)
        deck.part.drop_rel(place.rId)
        ids.remove(place)


def _words_and_films(deck: Any, kit: Kit) -> None:
    """Set words as large as in the deck, and put the films on their slides, which are found by their titles."""
    films = {film.id: film for film in kit.films}
    slides = list(deck.slides)
    at = 1
    for slide in kit.slides[1:]:
        at = next((n for n in range(at, len(slides)) if _title(slides[n]) == slide.title), at)
        _set(slides[at], slide)
        for part in slide.parts:
            if isinstance(part, Playable) and part.film.id in films:
                _film(deck, slides[at], part, films[part.film.id].path, films[part.film.id].poster)


def _set(made: Any, slide: DeckSlide) -> None:
    """Few words large and, but for lists, in the middle; nothing smaller than can be read from the back."""
    centred = slide.few and not any("<li>" in part for part in slide.parts if isinstance(part, str))
    for shape in made.shapes:
        if shape.has_text_frame and shape.is_placeholder and shape.placeholder_format.idx == 1:
            for paragraph in shape.text_frame.paragraphs:
                _set_words(paragraph, few=slide.few, centred=centred)
        elif shape.has_table:
            for cell in shape.table.iter_cells():
                for run in (run for paragraph in cell.text_frame.paragraphs for run in paragraph.runs):
                    run.font.size = Pt(20)


def _set_words(paragraph: Any, *, few: bool, centred: bool) -> None:
    for run in paragraph.runs:
        if few or (run.font.size and run.font.size < Pt(22)):
            run.font.size = Pt(30 if few else 22)
    if centred:
        paragraph.alignment = PP_ALIGN.CENTER
        properties = paragraph._p.get_or_add_pPr()
        properties.set("marL", "0")
        properties.set("indent", "0")


def _title(slide: Any) -> str:
    return slide.shapes.title.text if slide.shapes.title is not None else ""


def _film(deck: Any, slide: Any, clip: Playable, path: str, poster: str) -> None:
    """A film below the slide's words, which are made as small as a caption for it."""
    top, bottom = 1000000, int(deck.slide_height) - 150000
    body = next((s for s in slide.placeholders if s.placeholder_format.idx == 1), None)
    if body is not None:
        lines = len(body.text_frame.paragraphs)
        body.left, body.top, body.width, body.height = Emu(457200), Emu(top), Emu(8229600), Emu(LINE * lines)
        body.text_frame.vertical_anchor = MSO_ANCHOR.TOP
        for paragraph in body.text_frame.paragraphs:
            for run in paragraph.runs:
                run.font.size = Pt(16)
        top += LINE * lines + 60000
    height = bottom - top
    width = height * 16 // 9
    left = (deck.slide_width - width) // 2
    movie = slide.shapes.add_movie(
        path, left, Emu(top), width, height, poster_frame_image=poster or None, mime_type="video/mp4"
    )
    end = max(0.0, clip.length - clip.end)
    for media in movie._element.iter(f"{{{_MEDIA}}}media"):
        trim = etree.SubElement(media, f"{{{_MEDIA}}}trim")
        # Milliseconds cut from either side (ECMA-376 extension [MS-PPTX] 2.6.1.9).
        trim.set("st", f"{clip.start * 1000:.0f}")
        trim.set("end", f"{end * 1000:.0f}")
    movie._element.find(f".//{qn('p:cNvPr')}").set("descr", f"影片《{clip.film.meta.title}》")
