"""Picture files: what can be known of a scene's picture without drawing it."""

from __future__ import annotations

import os
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass

from PIL import Image

AGAIN = "重新导出一次"

_NUMBER = r"[-+]?[\d.]+(?:e[-+]?\d+)?"
_VIEW_BOX = re.compile(rf"\s*{_NUMBER}[\s,]+{_NUMBER}[\s,]+({_NUMBER})[\s,]+({_NUMBER})\s*$")


class PictureError(Exception):
    """A picture could not be read or drawn: what is wrong, and what to do, in Chinese."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what, remedy)
        self.what, self.remedy = what, remedy

    def __str__(self) -> str:
        return f"{self.what}；{self.remedy}"


@dataclass(frozen=True)
class PictureFile:
    """A picture as its file tells it."""

    width: float
    height: float
    """In any unit: only their proportion counts."""
    worded: bool
    """Whether an SVG has text in it: drawn with whatever font is there, and told to nobody who cannot see it."""

    @property
    def proportion(self) -> float:
        """Width by height."""
        return self.width / self.height


def read_picture(path: str) -> PictureFile:
    """What a picture's file says of it, whatever its name ends in.

    Raises:
        PictureError: it cannot be read as a picture.
    """
    name = os.path.basename(path)
    if not os.path.getsize(path):
        raise PictureError(f"{name} 是空的", AGAIN)
    if path.lower().endswith(".svg"):
        return _read_svg(path, name)
    try:
        with Image.open(path) as image:
            image.verify()
            return PictureFile(*image.size, worded=False)
    except (OSError, SyntaxError, Image.DecompressionBombError):
        raise PictureError(f"{name} 不是能读的图片", AGAIN) from None


def _read_svg(path: str, name: str) -> PictureFile:
    """An SVG by its view box (https://www.w3.org/TR/SVG11/coords.html#ViewBoxAttribute)."""
    try:
        svg = ElementTree.parse(path).getroot()  # noqa: S314  authors' own files; expat bounds what entities may grow to
    except ElementTree.ParseError as error:
        raise PictureError(f"{name} 不是完整的 SVG，读到第 {error.position[0]} 行读不下去", AGAIN) from None
    if _local(svg.tag) != "svg":
        raise PictureError(f"{name} 不是 SVG，最外层是 <{_local(svg.tag)}>", AGAIN)
    found = _VIEW_BOX.match(svg.get("viewBox", ""))
    width, height = (float(found[1]), float(found[2])) if found else (0.0, 0.0)
    if width <= 0 or height <= 0:
        raise PictureError(f"{name} 没有 viewBox，不知道宽高", '在 <svg> 上加 viewBox="0 0 1200 900"')
    worded = any(_local(element.tag) == "text" and "".join(element.itertext()).strip() for element in svg.iter())
    return PictureFile(width, height, worded)


def _local(tag: object) -> str:
    """Name of an element without its namespace; comments have none."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
