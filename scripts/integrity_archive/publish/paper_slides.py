"""Paper slides: slides prepared for PDF and PowerPoint: their text, and pictures and films above or below it."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from urllib.parse import unquote

import typst
from PIL import Image

from integrity_archive.content.markup.plain_text import whole_text
from integrity_archive.films.media import write_still
from integrity_archive.intake.picture_file import AGAIN, PictureError, read_picture, source_name
from integrity_archive.intake.renditions import paper_picture
from integrity_archive.lessons.clips import Playable
from integrity_archive.lessons.slides import FEW, DeckSlide
from integrity_archive.publish.office import bracketed
from integrity_archive.publish.papers import LessonPack, UsedFilm, printable
from integrity_archive.site.views import clock
from integrity_archive.support.cache import cached_file, fingerprint, key_of
from integrity_archive.support.html_fragment import fragment

SVG_SIDE = 1600
"""Longer side, in pixels, of an SVG converted for programs that cannot display SVG."""
LAST_FRAME = 0.1
"""Seconds before the end at which every film still has a frame."""


@dataclass(frozen=True)
class SlideImage:
    """A picture or a film on a slide."""

    path: str
    """The picture, or a frame of the film, as PNG or JPEG."""
    drawing: str
    """The same picture as SVG; empty for none."""
    alt: str
    caption: str
    """Text below it; empty for none."""
    proportion: float
    """Width divided by height."""
    clip: Playable | None = None
    film: UsedFilm | None = None


@dataclass(frozen=True)
class PaperSlide:
    """A slide prepared for layout outside a browser."""

    title: str
    words: str
    """HTML without pictures; empty for none."""
    images: tuple[SlideImage, ...]
    above: bool
    """Whether the pictures come before the text."""
    notes: str
    few: bool
    """Whether the text is so short that it is set in large type."""

    @property
    def centred(self) -> bool:
        """Whether the text is centred: a few sentences, without lists and tables, whose items must be aligned."""
        return not fragment(self.words).css("li, table, pre, h3") and (self.few or len(plain(self.words)) <= FEW)


def paper_slides(kit: LessonPack) -> tuple[PaperSlide, ...]:
    """All slides of a lesson.

    Raises:
        SlideImageError: a picture cannot be read.
    """
    return tuple(_paper_slide(slide, kit) for slide in kit.slides)


def pictures_of(kit: LessonPack) -> Iterator[str]:
    """Paths of the pictures on a lesson's slides."""
    for slide in kit.slides:
        for part in slide.parts:
            if isinstance(part, str):
                yield from (path for path, _ in _images(part, kit))


class SlideImageError(Exception):
    """A picture or film of a slide cannot be read: title of the slide, fault and remedy, in Chinese."""

    def __init__(self, title: str, what: str, remedy: str) -> None:
        super().__init__(title, what, remedy)
        self.title, self.what, self.remedy = title, what, remedy


def _paper_slide(slide: DeckSlide, kit: LessonPack) -> PaperSlide:
    try:
        images = tuple(item for part in slide.parts for item in _slide_images(part, kit))
    except PictureError as error:
        raise SlideImageError(slide.title, error.what, error.remedy) from None
    words = "".join(_words(part) for part in slide.parts if isinstance(part, str))
    first = slide.parts[0] if slide.parts else ""
    return PaperSlide(
        title=slide.title,
        words=words if plain(words) or "<table" in words else "",
        images=images,
        above=isinstance(first, Playable) or _begins_with_image(first),
        notes=printable(slide.notes),
        few=slide.few,
    )


def plain(markup: str) -> str:
    """The text of HTML."""
    return whole_text(bracketed(markup)).replace("\n", " ")


def _words(part: str) -> str:
    """The printable HTML of a part, without paragraphs that held nothing but a picture."""
    body = fragment(printable(part))
    for paragraph in body.css("p"):
        if not paragraph.inner_html.strip():
            paragraph.decompose()
    return str(body.inner_html)


def _begins_with_image(part: str) -> bool:
    """Whether no text comes before the first picture."""
    nodes = fragment(part).traverse(include_text=True)
    before = takewhile(lambda node: node.tag != "img", nodes)
    return not any(node.is_text_node and node.text().strip() for node in before)


def _slide_images(part: str | Playable, kit: LessonPack) -> Iterator[SlideImage]:
    if isinstance(part, str):
        yield from (picture(path, alt) for path, alt in _images(part, kit))
    else:
        film = next(film for film in kit.films if film.id == part.film.id)
        caption = f"影片《{part.film.meta.title}》{clock(part.start)}—{clock(part.end)}"
        still = still_at(film.path, min(part.start, part.length - LAST_FRAME))
        yield SlideImage(still, "", f"影片《{part.film.meta.title}》", caption, _proportion(still), part, film)


def _images(markup: str, kit: LessonPack) -> Iterator[tuple[str, str]]:
    """Path and description of each image of a slide; the checks ensure that they lie in the lesson's folder."""
    for image in fragment(markup).css("img"):
        name = source_name(posixpath.normpath(unquote(image.attrs.get("src") or "")))
        yield os.path.join(kit.folder, *name.split("/")), image.attrs.get("alt") or ""


def still_at(film: str, second: float) -> str:
    """Path of a film's frame at this second, as JPEG.

    Raises:
        MediaError: the film has no frame there.
    """
    return cached_file(f"{key_of(fingerprint(film), second)}.jpg", lambda out: write_still(out, film, second))


def picture(path: str, alt: str) -> SlideImage:
    """A picture in a format that every program reads.

    Raises:
        PictureError: it is damaged or not a picture.
    """
    if path.lower().endswith(".svg"):
        png = cached_file(f"{key_of(fingerprint(path), SVG_SIDE)}.png", lambda out: _draw(path, out))
        return SlideImage(png, path, alt, "", _proportion(png))
    made = paper_picture(path)
    return SlideImage(made, "", alt, "", _proportion(made))


def _proportion(path: str) -> float:
    with Image.open(path) as image:
        return image.width / image.height


def _draw(path: str, out: str) -> None:
    """Convert an SVG to PNG.

    Raises:
        PictureError: it is not a complete SVG, or has no size.
    """
    longer = "width" if read_picture(path, framed=False).proportion >= 1 else "height"
    source = f'#set page(width: auto, height: auto, margin: 0pt, fill: none)\n#image("/drawing.svg", {longer}: 100pt)'
    ppi = SVG_SIDE / 100 * 72
    sheet = {"main.typ": source.encode(), "drawing.svg": Path(path).read_bytes()}
    try:
        made = typst.compile(sheet, format="png", ppi=ppi)  # type: ignore[call-overload]
    except (typst.TypstError, RuntimeError):
        raise PictureError(f"{os.path.basename(path)} 画不出来", AGAIN) from None
    assert isinstance(made, bytes)
    Path(out).write_bytes(made)
