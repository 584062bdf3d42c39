"""Picture files: the properties of a scene's picture that are known without drawing it."""

from __future__ import annotations

import os
import posixpath
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass

AGAIN = "重新导出一次"

_NUMBER = r"[-+]?[\d.]+(?:e[-+]?\d+)?"
_VIEW_BOX = re.compile(rf"\s*{_NUMBER}[\s,]+{_NUMBER}[\s,]+({_NUMBER})[\s,]+({_NUMBER})\s*$")


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


def read_picture(path: str) -> PictureFile:
    """Read a picture's properties; for raster formats the suffix is ignored.

    Raises:
        PictureError: it cannot be read as a picture.
    """
    from PIL import Image  # needed for films alone

    name = os.path.basename(path)
    if not os.path.getsize(path):
        raise PictureError(f"{name} 是空的", AGAIN, path)
    if path.lower().endswith(".svg"):
        return _read_svg(path, name)
    try:
        with Image.open(path) as image:
            image.load()  # to the end, because the header of a truncated picture is intact
            return PictureFile(*image.size)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise PictureError(f"{name} 不是能读的图片", AGAIN, path) from None


def _read_svg(path: str, name: str) -> PictureFile:
    """An SVG's size, from its view box (https://www.w3.org/TR/SVG11/coords.html#ViewBoxAttribute)."""
    try:
        svg = ElementTree.parse(path).getroot()  # noqa: S314  authors' own files; expat bounds what entities may grow to
    except ElementTree.ParseError as error:
        raise PictureError(f"{name} 不是完整的 SVG，读到第 {error.position[0]} 行读不下去", AGAIN, path) from None
    if _local(svg.tag) != "svg":
        raise PictureError(f"{name} 不是 SVG，最外层是 <{_local(svg.tag)}>", AGAIN, path)
    match = _VIEW_BOX.match(svg.get("viewBox", ""))
    width, height = (float(match[1]), float(match[2])) if match else (0.0, 0.0)
    if width <= 0 or height <= 0:
        raise PictureError(f"{name} 没有 viewBox，不知道宽高", '在 <svg> 上加 viewBox="0 0 1200 900"', path)
    worded = any(_local(element.tag) == "text" and "".join(element.itertext()).strip() for element in svg.iter())
    return PictureFile(width, height, worded, tuple(_linked(svg, path, name)))


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
