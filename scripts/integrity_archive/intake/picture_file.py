"""Picture files: the properties of a picture that are known without drawing it."""

from __future__ import annotations

import math
import os
import posixpath
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass

AGAIN = "重新导出一次"
FORMATS = (".svg", ".png", ".jpg", ".jpeg", ".webp", ".gif", ".avif")
"""Suffixes of pictures."""
NARROWEST = 100
"""Longest side divided by shortest: of a narrower picture nothing is left when it is made to fit a page or slide."""

_NUMBER = r"[-+]?[\d.]+(?:e[-+]?\d+)?"
_VIEW_BOX = re.compile(rf"\s*{_NUMBER}[\s,]+{_NUMBER}[\s,]+({_NUMBER})[\s,]+({_NUMBER})\s*$")
_LENGTH = re.compile(rf"\s*({_NUMBER})\s*(px|pt|pc|mm|cm|in|em|ex|%|)\s*$")
_UNITS = {
    "": 1.0,
    "px": 1.0,
    "pt": 4 / 3,
    "pc": 16.0,
    "mm": 96 / 25.4,
    "cm": 96 / 2.54,
    "in": 96.0,
    "em": 16.0,
    "ex": 8.0,
}
"""Pixels of each unit (https://www.w3.org/TR/css-values-3/#absolute-lengths)."""
_UNFRAMED = (100.0, 75.0)
"""Size of an SVG without any: only the proportion of what programs take counts."""


class PictureError(Exception):
    """A picture cannot be read or drawn: fault and remedy, in Chinese."""

    def __init__(self, what: str, remedy: str, path: str = "") -> None:
        super().__init__(what, remedy, path)
        self.what, self.remedy, self.path = what, remedy, path

    def __str__(self) -> str:
        return f"{self.what}；{self.remedy}"


@dataclass(frozen=True)
class PictureFile:
    """The properties of a picture."""

    width: float
    height: float
    """``width`` and ``height`` in any unit: only their ratio counts."""
    worded: bool = False
    """Whether an SVG contains text, whose font depends on the computer and which screen readers cannot read."""
    linked: tuple[str, ...] = ()
    """Paths of the pictures that an SVG links instead of embedding them."""

    @property
    def proportion(self) -> float:
        """Width divided by height."""
        return self.width / self.height


def read_picture(path: str, *, framed: bool = True) -> PictureFile:
    """Read a picture's properties; for raster formats the suffix is ignored.

    Args:
        path: of its file.
        framed: whether an SVG must have a view box, as the camera of a film needs it.

    Raises:
        PictureError: it cannot be read as a picture.
    """
    from PIL import Image  # needed for films alone

    name = os.path.basename(path)
    if not os.path.getsize(path):
        raise PictureError(f"{name} 是空的", AGAIN, path)
    if path.lower().endswith(".svg"):
        return _read_svg(path, name, framed)
    try:
        with Image.open(path) as image:
            size = image.size
            image.draft("RGB", (1, 1))  # JPEG is read at an eighth of its size, which is faster
            image.load()  # to the end, because the header of a truncated picture is intact
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise PictureError(f"{name} 不是能读的图片", AGAIN, path) from None
    return _proportioned(PictureFile(*size), path, name)


def _proportioned(picture: PictureFile, path: str, name: str) -> PictureFile:
    if not 1 / NARROWEST <= picture.proportion <= NARROWEST:
        what = f"{name} 太窄，长边超过短边的 {NARROWEST} 倍，放到页面上看不见"
        raise PictureError(what, "裁去多余的部分，再导出", path)
    return picture


def _read_svg(path: str, name: str, framed: bool) -> PictureFile:
    """An SVG's size, from its view box or, if it has none, from its width and height.

    Where both are given, programs lay it out by width and height (https://www.w3.org/TR/SVG2/coords.html). Typst ends
    the whole program if they are so different that the drawing does not fit into memory.
    """
    try:
        svg = ElementTree.parse(path).getroot()  # noqa: S314  authors' own files; expat bounds what entities may grow to
    except ElementTree.ParseError as error:
        raise PictureError(f"{name} 不是完整的 SVG，读到第 {error.position[0]} 行读不下去", AGAIN, path) from None
    if _local(svg.tag) != "svg":
        raise PictureError(f"{name} 不是 SVG，最外层是 <{_local(svg.tag)}>", AGAIN, path)
    match = _VIEW_BOX.match(svg.get("viewBox", ""))
    box = (_number(match[1]), _number(match[2])) if match else _UNFRAMED
    outer = _length(svg.get("width"), box[0]), _length(svg.get("height"), box[1])
    alone = match is None and (framed or svg.get("viewBox") is not None or (outer[0] is None) != (outer[1] is None))
    if alone or not all(0 < length < math.inf for length in (*box, *outer) if length is not None):
        raise PictureError(f"{name} 没有 viewBox，不知道宽高", '在 <svg> 上加 viewBox="0 0 1200 900"', path)
    if outer[0] and outer[1]:
        _proportioned(PictureFile(outer[0], outer[1]), path, name)
        box = box if match else (outer[0], outer[1])
    worded = any(_local(element.tag) == "text" and "".join(element.itertext()).strip() for element in svg.iter())
    picture = PictureFile(*box, worded, tuple(_linked(svg, path, name)))
    return _proportioned(picture, path, name)


def _number(written: str) -> float:
    """A number; 0 for what only looks like one, such as ``1.2.3``."""
    try:
        return float(written)
    except ValueError:
        return 0.0


def _length(written: str | None, whole: float) -> float | None:
    """A length in pixels; ``whole`` is 100 %. None if there is none, or none that programs understand."""
    match = _LENGTH.match(written or "")
    return _number(match[1]) * (whole / 100 if match[2] == "%" else _UNITS[match[2]]) if match else None


def _linked(svg: ElementTree.Element, path: str, name: str) -> Iterator[str]:
    """Files of the pictures that an SVG links; by the rules of typst they lie in the SVG's folder."""
    for element in svg.iter():
        link = next((v for k, v in element.items() if _local(k) == "href"), None)
        if _local(element.tag) not in ("image", "feImage") or link is None or link.lower().startswith(("data:", "#")):
            continue
        below = posixpath.normpath(link)
        target = os.path.join(os.path.dirname(path), *below.split("/"))
        if not link or ":" in link or below.startswith(("/", "..")) or not os.path.isfile(target):
            what = f"{name} 里链着另一幅图 {link[:60]}，分镜旁边没有"
            raise PictureError(what, "在画图软件里把那幅图嵌入，再导出；或把它放到这幅画旁边，链接只写文件名", path)
        if link.lower().endswith(".svg"):
            what = f"{name} 里套着另一幅 SVG（{link[:60]}），画不出来"
            raise PictureError(what, "在画图软件里把两幅合成一幅，再导出", path)
        yield target


def _local(tag: object) -> str:
    """Name of an element without its namespace; empty for a comment."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
