"""Shown: a slide as it leaves the archive: its words, and the pictures and films that stand above or below them."""

from __future__ import annotations

import html
import os
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import typst
from PIL import Image, ImageOps

from integrity_archive.films.media import write_still
from integrity_archive.films.picture_file import AGAIN, PictureError, read_picture
from integrity_archive.lessons.clips import Playable
from integrity_archive.lessons.slides import FEW, DeckSlide
from integrity_archive.publish.papers import LessonPack, UsedFilm, printable
from integrity_archive.site.views import clock
from integrity_archive.support.cache import fingerprint, kept, key_of

LONGEST = 2400
"""Longer side of a picture on a slide, in pixels; a photograph of a telephone has twice as many."""
SVG_SIDE = 1600
"""Longer side of a drawing for programs that do not draw, in pixels."""
LAST_FRAME = 0.1
"""Seconds before its end at which every film still has a frame."""

_IN_LINE = re.compile(r"<(?:li|table|pre|h3)\b")
_TAG = re.compile(r"<[^>]+>")
_IMAGE = re.compile(r"<img\b[^>]*>")
_ATTRIBUTE = re.compile(r'\b(src|alt)="([^"]*)"')
_EMPTY = re.compile(r"<p>\s*</p>")
_KEPT_MODES = ("1", "L", "LA", "P", "RGB", "RGBA")
_SUFFIXES = {"JPEG": ".jpg", "PNG": ".png"}


@dataclass(frozen=True)
class SlideImage:
    """A picture or a film on a slide."""

    path: str
    """The picture, or a frame of the film, as PNG or JPEG."""
    drawing: str
    """The same as SVG; empty for none."""
    alt: str
    caption: str
    """What stands below it; empty for none."""
    proportion: float
    """Width by height."""
    clip: Playable | None = None
    film: UsedFilm | None = None


@dataclass(frozen=True)
class PaperSlide:
    """A slide as it is laid out outside of a browser."""

    title: str
    words: str
    """HTML without pictures; empty for none."""
    shown: tuple[SlideImage, ...]
    above: bool
    """Whether what is shown comes before the words."""
    notes: str
    few: bool
    """Whether the words are so few that they are set large."""

    @property
    def centred(self) -> bool:
        """Whether the words stand in the middle: a few sentences, and no list or table, whose items begin in line."""
        return not _IN_LINE.search(self.words) and (self.few or len(plain(self.words)) <= FEW)


def paper_slides(kit: LessonPack) -> tuple[PaperSlide, ...]:
    """All slides of a kit.

    Raises:
        PictureError: a picture cannot be read; its slide is named in ``ShownError``.
    """
    return tuple(_paper_slide(slide, kit) for slide in kit.slides)


def pictures_of(kit: LessonPack) -> Iterator[str]:
    """The files of the pictures on a kit's slides."""
    for slide in kit.slides:
        for part in slide.parts:
            if isinstance(part, str):
                yield from (path for path, _ in _images(part, kit))


class SlideImageError(Exception):
    """What a slide shows cannot be read: the slide's title, what is wrong, and what to do, in Chinese."""

    def __init__(self, title: str, what: str, remedy: str) -> None:
        super().__init__(title, what, remedy)
        self.title, self.what, self.remedy = title, what, remedy


def _paper_slide(slide: DeckSlide, kit: LessonPack) -> PaperSlide:
    try:
        shown = tuple(item for part in slide.parts for item in _shown(part, kit))
    except PictureError as error:
        raise SlideImageError(slide.title, error.what, error.remedy) from None
    words = "".join(_EMPTY.sub("", printable(part)) for part in slide.parts if isinstance(part, str))
    first = slide.parts[0] if slide.parts else ""
    return PaperSlide(
        title=slide.title,
        words=words if plain(words) or "<table" in words else "",
        shown=shown,
        above=isinstance(first, Playable) or not plain(_IMAGE.split(first)[0]),
        notes=printable(slide.notes),
        few=slide.few,
    )


def plain(markup: str) -> str:
    """The words of HTML."""
    return " ".join(html.unescape(_TAG.sub(" ", markup)).split())


def _shown(part: str | Playable, kit: LessonPack) -> Iterator[SlideImage]:
    if isinstance(part, str):
        yield from (picture(path, alt) for path, alt in _images(part, kit))
    else:
        film = next(film for film in kit.films if film.id == part.film.id)
        caption = f"影片《{part.film.meta.title}》{clock(part.start)}—{clock(part.end)}"
        still = still_at(film.path, min(part.start, part.length - LAST_FRAME))
        yield SlideImage(still, "", f"影片《{part.film.meta.title}》", caption, _proportion(still), part, film)


def _images(markup: str, kit: LessonPack) -> Iterator[tuple[str, str]]:
    """Files and words of the images of a slide; they lie in the lesson's folder, where the checks want them."""
    for tag in _IMAGE.findall(markup):
        said = {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(tag)}
        name = posixpath.normpath(unquote(said.get("src", "")))
        yield os.path.join(kit.folder, *name.split("/")), said.get("alt", "")


def still_at(film: str, second: float) -> str:
    """A frame of a film as JPEG.

    Raises:
        MediaError: the film has no frame there.
    """
    return kept(f"{key_of(fingerprint(film), second)}.jpg", lambda out: write_still(out, film, second))


def picture(path: str, alt: str) -> SlideImage:
    """A picture that every program reads.

    Raises:
        PictureError: it is not a whole picture.
    """
    if path.lower().endswith(".svg"):
        png = kept(f"{key_of(fingerprint(path), SVG_SIDE)}.png", lambda out: _draw(path, out))
        return SlideImage(png, path, alt, "", _proportion(png))
    plain_file = _plain_file(path)
    return SlideImage(plain_file, "", alt, "", _proportion(plain_file))


def _proportion(path: str) -> float:
    with Image.open(path) as image:
        return image.width / image.height


def _draw(path: str, out: str) -> None:
    """An SVG as PNG.

    Raises:
        PictureError: it is not a whole SVG.
    """
    source = '#set page(width: auto, height: auto, margin: 0pt, fill: none)\n#image("/drawing.svg", width: 100pt)'
    ppi = SVG_SIDE / 100 * 72
    sheet = {"main.typ": source.encode(), "drawing.svg": Path(path).read_bytes()}
    try:
        made = typst.compile(sheet, format="png", ppi=ppi)  # type: ignore[call-overload]
    except (typst.TypstError, RuntimeError):
        read_picture(path)
        raise PictureError(f"{os.path.basename(path)} 画不出来", AGAIN) from None
    assert isinstance(made, bytes)
    Path(out).write_bytes(made)


def _plain_file(path: str) -> str:
    """The picture as it is where every program reads it; otherwise a copy upright, smaller, as PNG or JPEG.

    Raises:
        PictureError: it is not a whole picture.
    """
    read_picture(path)
    try:
        with Image.open(path) as image:
            image.load()
            kind = image.format if image.format in _SUFFIXES else "PNG"
            upright = ImageOps.exif_transpose(image)
            changed = upright.size != image.size or max(image.size) > LONGEST or image.getexif().get(0x0112, 1) != 1
            if image.format == kind and image.mode in _KEPT_MODES and not changed:
                return path
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise PictureError(f"{os.path.basename(path)} 不完整，读不到底", AGAIN) from None
    if upright.mode not in _KEPT_MODES:
        upright = upright.convert("RGB")
    upright.thumbnail((LONGEST, LONGEST))
    name = f"{key_of(fingerprint(path), LONGEST)}{_SUFFIXES[kind]}"
    return kept(name, lambda out: upright.save(out, format=kind, quality=88))
