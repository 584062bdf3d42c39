"""Pictures: what stands still in a film, drawn by typst and laid out as the planes a video is made of."""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import typst
from av.video.reformatter import Colorspace
from PIL import Image

from integrity_archive.films.motion import CLOSE

Plane = npt.NDArray[np.uint8]
Planes = tuple[Plane, Plane, Plane]
"""Brightness, and two of colour at half the size in each direction (YUV 4:2:0, BT.709, limited range)."""

SERIFS = ("Noto Serif CJK SC", "Source Han Serif SC", "Songti SC", "STSong", "SimSun")
"""Fonts for the words in a film, the first that the system has."""

TEMPLATE = Path(__file__).with_name("film.typ")


class PictureError(Exception):
    """A picture could not be drawn; the message says which and why, in Chinese."""


@dataclass(frozen=True)
class Format:
    """Shape of a film and where its parts stand, in pixels."""

    name: str
    size: tuple[int, int]
    hole: tuple[int, int, int, int]
    """The drawing: left, top, width, height."""
    strip: tuple[int, int] | None
    """Top and height of the captions burnt into the picture; None where they are a track of their own."""


LANDSCAPE = Format("横屏", (1280, 720), (0, 0, 960, 720), None)
PORTRAIT = Format("竖屏", (1080, 1920), (0, 500, 1080, 810), (1370, 260))
FORMATS = {f.name: f for f in (LANDSCAPE, PORTRAIT)}


@dataclass(frozen=True)
class Drawing:
    """What typst draws for one scene."""

    size: tuple[int, int]
    hole: tuple[int, int, int, int]
    strip: tuple[int, int]
    drawn: tuple[int, int]
    """Size of the drawing, larger than the hole by what the camera needs."""
    serif: str
    film: str
    """The film's title, small in a corner."""
    title: str = ""
    kicker: str = ""
    text: str = ""
    source: str = ""
    picture: str = ""
    mark: str = ""
    """The archive's mark as SVG: only on the end card."""
    captions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pictures:
    """The still parts of one scene."""

    ground: Planes
    drawing: tuple[Image.Image, Image.Image, Image.Image] | None
    """The drawing's planes, as images that can be resized from any box."""
    captions: tuple[Planes, ...]


def font(families: Iterable[str] | None = None) -> str:
    """The serif to use.

    Raises:
        PictureError: no Chinese serif is installed; words would come out as boxes.
    """
    found = set(typst.Fonts().families() if families is None else families)
    for family in SERIFS:
        if family in found:
            return family
    raise PictureError(
        "系统里没有中文宋体，做影片会出方框。Debian 或 Ubuntu 上安装 fonts-noto-cjk；Windows 与 macOS 自带，不应缺少"
    )


def drawn_size(path: str, hole: tuple[int, int, int, int]) -> tuple[int, int]:
    """Pixels at which to draw a picture so that it covers the hole at the camera's closest."""
    width, height = _proportions(path)
    scale = max(hole[2] / width, hole[3] / height) * CLOSE
    return (_even(width * scale), _even(height * scale))


def draw(drawing: Drawing, folder: str) -> Pictures:
    """Draw a scene; pictures are named relative to ``folder``.

    Raises:
        PictureError: typst cannot read a picture.
    """
    compile_: Any = typst.compile  # its stubs want the template and the root of one type
    try:
        made = compile_(
            TEMPLATE.read_bytes(),
            root=folder,
            format="png",
            ppi=72,
            sys_inputs={"scene": json.dumps(asdict(drawing), ensure_ascii=False)},
        )
    except typst.TypstError as error:
        raise PictureError(f"{drawing.picture or drawing.text} 画不出来：{str(error).splitlines()[0]}") from None
    pages = [Image.open(io.BytesIO(page)) for page in (made if isinstance(made, list) else [made])]
    planes = [to_planes(page) for page in pages]
    first_caption = 2 if drawing.picture else 1
    return Pictures(
        ground=planes[0],
        drawing=_images(planes[1]) if drawing.picture else None,
        captions=tuple(planes[first_caption:]),
    )


def to_planes(image: Image.Image) -> Planes:
    """A picture's planes."""
    frame = av.VideoFrame.from_ndarray(np.asarray(image.convert("RGB")), format="rgb24")
    yuv = frame.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709)
    return (_plane(yuv, 0), _plane(yuv, 1), _plane(yuv, 2))


def to_frame(planes: Sequence[Plane]) -> av.VideoFrame:
    """A frame of a video."""
    height, width = planes[0].shape
    frame = av.VideoFrame(width, height, "yuv420p")
    for target, plane in zip(frame.planes, planes, strict=True):
        rows = np.zeros((plane.shape[0], target.line_size), dtype=np.uint8)
        rows[:, : plane.shape[1]] = plane
        target.update(rows.tobytes())
    return frame


def _plane(frame: av.VideoFrame, number: int) -> Plane:
    plane = frame.planes[number]
    rows = np.frombuffer(bytes(plane), dtype=np.uint8).reshape(-1, plane.line_size)
    return rows[: plane.height, : plane.width].copy()


def _images(planes: Planes) -> tuple[Image.Image, Image.Image, Image.Image]:
    y, u, v = (Image.fromarray(plane) for plane in planes)
    return (y, u, v)


def _even(length: float) -> int:
    return 2 * round(length / 2)


_VIEW_BOX = re.compile(r"""viewBox=["']\s*[-\d.]+[\s,]+[-\d.]+[\s,]+([\d.]+)[\s,]+([\d.]+)""")


def _proportions(path: str) -> tuple[float, float]:
    """Width and height of a picture, of an SVG those of its view box.

    Raises:
        PictureError: it cannot be read as a picture.
    """
    name = os.path.basename(path)
    if path.lower().endswith(".svg"):
        text = Path(path).read_text(encoding="utf-8", errors="replace")[:4000]
        found = _VIEW_BOX.search(text)
        if not found or not float(found[1]) or not float(found[2]):
            raise PictureError(f'{name} 没有 viewBox，不知道宽高。在 <svg> 上加 viewBox="0 0 1200 900"')
        return (float(found[1]), float(found[2]))
    try:
        with Image.open(path) as image:
            return image.size
    except OSError:
        raise PictureError(f"{name} 不是能读的图片，重新导出一次") from None
