"""Drawing: draws the still pictures of a film with typst and converts them to the planes of a video frame."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import typst
from av.video.reformatter import Colorspace
from PIL import Image

from integrity_archive.films.motion import CLOSE
from integrity_archive.intake.picture_file import PictureError, is_raster, read_picture
from integrity_archive.intake.renditions import paper_picture

Plane = npt.NDArray[np.uint8]
Planes = tuple[Plane, Plane, Plane]
"""Brightness at full size, and two planes of colour at half the width and height (YUV 4:2:0, BT.709, limited range)."""

ONE_LINE = 10
"""Most characters of a burnt-in caption on one line."""
WIDEST = 12
"""Most characters per line of a caption on two lines, at the type size in film.typ."""
_PAUSES = "，。；：、？！—…"
_CLOSING = "”’》）」』"
_OPENING = "“‘《（「『"

TEMPLATE = Path(__file__).with_name("film.typ")


@dataclass(frozen=True)
class Format:
    """Shape of a film and the places of its parts, in pixels."""

    name: str
    size: tuple[int, int]
    hole: tuple[int, int, int, int]
    """The drawing: left, top, width, height."""
    strip: tuple[int, int] | None
    """Top and height of the captions burnt into the picture; None if they are a separate track."""


LANDSCAPE = Format("横屏", (1280, 720), (0, 0, 960, 720), None)
PORTRAIT = Format("竖屏", (1080, 1920), (0, 460, 1080, 810), (1300, 340))
FORMATS = {f.name: f for f in (LANDSCAPE, PORTRAIT)}


@dataclass(frozen=True)
class Drawing:
    """The input of typst for one scene."""

    size: tuple[int, int]
    hole: tuple[int, int, int, int]
    strip: tuple[int, int]
    drawn: tuple[int, int]
    """Size of the drawing; larger than the hole by the range of the camera's motion."""
    serif: str
    film: str
    """The film's title, in small type in a corner."""
    title: str = ""
    kicker: str = ""
    text: str = ""
    source: str = ""
    picture: str = ""
    mark: str = ""
    """The archive's logo as SVG: only on the end card."""
    captions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pictures:
    """The still parts of one scene."""

    ground: Planes
    drawing: tuple[Image.Image, Image.Image, Image.Image] | None
    """The drawing's planes, as images from which any box can be scaled."""
    captions: tuple[Planes, ...]


def drawn_size(path: str, hole: tuple[int, int, int, int]) -> tuple[int, int]:
    """Size in pixels at which a picture must be drawn to cover the hole at the camera's closest distance."""
    picture = read_picture(path)
    scale = max(hole[2] / picture.width, hole[3] / picture.height) * CLOSE
    return (_even(picture.width * scale), _even(picture.height * scale))


def in_lines(caption: str) -> str:
    """A caption as burnt in: all captions have one type size, so a long one is broken into two lines, at a pause."""
    length = len(caption)
    if length <= ONE_LINE or "\n" in caption:
        return caption
    places = [n for n in range(length - WIDEST, WIDEST + 1) if 0 < n < length and caption[n] not in _PAUSES + _CLOSING]
    pauses = [n for n in places if caption[n - 1] in _PAUSES]
    words = [n for n in places if caption[n - 1].isascii() and caption[n].isascii()]
    whole = [n for n in places if n not in words and caption[n - 1] not in _OPENING]
    at = min(pauses or whole or [(length + 1) // 2], key=lambda n: abs(n - length / 2))
    return f"{caption[:at].rstrip()}\n{caption[at:].lstrip()}"


def draw(drawing: Drawing, folder: str) -> Pictures:
    """Draw a scene; the path of its picture is relative to ``folder``.

    Raises:
        PictureError: typst cannot read a picture.
    """
    compile_: Any = typst.compile  # its type stubs demand the same type for template and root
    name, root, wanted = drawing.picture, folder, drawing
    if is_raster(name):
        root, name = os.path.split(paper_picture(os.path.join(folder, *name.split("/"))))
        wanted = replace(drawing, picture=name)
    try:
        made = compile_(
            TEMPLATE.read_bytes(),
            root=root,
            format="png",
            ppi=72,
            sys_inputs={"scene": json.dumps(asdict(wanted), ensure_ascii=False)},
        )
    except typst.TypstError:
        what = f"{drawing.picture or drawing.text or drawing.title} 画不出来"
        remedy = "用别的软件打开看看，重新导出一次；是 SVG 就先另存为 PNG"
        raise PictureError(what, remedy, os.path.join(folder, drawing.picture) if drawing.picture else "") from None
    pages = [Image.open(io.BytesIO(page)) for page in (made if isinstance(made, list) else [made])]
    planes = [to_planes(page) for page in pages]
    first_caption = 2 if drawing.picture else 1
    return Pictures(
        ground=planes[0],
        drawing=_images(planes[1]) if drawing.picture else None,
        captions=tuple(planes[first_caption:]),
    )


def to_planes(image: Image.Image) -> Planes:
    """The planes of a picture."""
    frame = av.VideoFrame.from_ndarray(np.asarray(image.convert("RGB")), format="rgb24")
    yuv = frame.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709)
    return (_plane(yuv, 0), _plane(yuv, 1), _plane(yuv, 2))


def to_frame(planes: Sequence[Plane]) -> av.VideoFrame:
    """A video frame of these planes."""
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
