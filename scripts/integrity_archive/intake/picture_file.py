"""Picture files: what a picture is, by its content, and what has to be done before readers get it.

A name proves nothing: telephones send HEIC under ``.jpg``, chat programs PNG.
"""

from __future__ import annotations

import json
import math
import os
import posixpath
import re
import warnings
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from integrity_archive.support.cache import cached_file, fingerprint, key_of

if TYPE_CHECKING:
    from PIL.Image import Image

T = TypeVar("T")

AGAIN = "重新导出一次"
SIZE_REMEDY = '在 <svg> 上加 viewBox="0 0 1200 900"'
"""Remedy, in Chinese, for a drawing that does not say its size."""
LONGEST = 2560
"""Longer side of a picture that readers get, in pixels."""
HEAVY = 1_000_000
"""A photograph of more bytes is made anew, even where its format and size are right."""
VERSION = 1
"""Increase it when the same file would give another ``PictureInfo``."""

FORMATS: Mapping[str, str] = MappingProxyType(
    {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP", ".gif": "GIF", ".avif": "AVIF"}
)
"""Formats that browsers show, with the suffixes under which they are published."""
CONVERTED = (".heic", ".heif", ".tif", ".tiff", ".bmp")
"""Suffixes of formats that browsers do not show: published as JPEG."""
RASTER_SUFFIXES = (*FORMATS, *CONVERTED)
PICTURE_SUFFIXES = (".svg", *RASTER_SUFFIXES)
"""Every type of picture that an author may use."""

NARROWEST = 100
"""Longer side by shorter: of a narrower picture nothing is left when it is made to fit a page or slide."""

_NUMBER = r"[-+]?[\d.]+(?:e[-+]?\d+)?"
_VIEW_BOX = re.compile(rf"\s*{_NUMBER}[\s,]+{_NUMBER}[\s,]+({_NUMBER})[\s,]+({_NUMBER})\s*$")
_LENGTH = re.compile(rf"\s*({_NUMBER})\s*(px|pt|pc|mm|cm|in|em|ex|%|)\s*$")
_UNITS = {
    "": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0, "em": 16.0, "ex": 8.0
}  # fmt: skip
"""Pixels of each unit (https://www.w3.org/TR/css-values-3/#absolute-lengths)."""
_UNFRAMED = (100.0, 75.0)
"""Size of an SVG without any: only the proportion of what programs take counts."""
_PUBLISHED = re.compile(rf"(?i)({'|'.join(map(re.escape, CONVERTED))})\.jpg$")
_ORIENTATION, _GPS = 0x0112, 0x8825
"""Tags of Exif (CIPA DC-008, 4.6.5 and 4.6.3)."""
_BROWSER_MODES = ("1", "L", "LA", "P", "RGB", "RGBA")


class PictureError(Exception):
    """A picture cannot be read or drawn: fault and remedy, in Chinese."""

    def __init__(self, what: str, remedy: str, path: str = "") -> None:
        super().__init__(what, remedy, path)
        self.what, self.remedy, self.path = what, remedy, path

    def __str__(self) -> str:
        return f"{self.what}；{self.remedy}"


@dataclass(frozen=True)
class PictureInfo:
    """What a picture is."""

    format: str
    """As Pillow names it: ``JPEG``, ``PNG``, ``HEIF`` …; ``SVG`` for a drawing."""
    width: float
    height: float
    """``width`` and ``height`` as seen upright; in pixels, for an SVG in any unit: only their ratio counts."""
    bytes: int
    animated: bool = False
    plain: bool = True
    """Whether programs show the file as it is: upright, with the colours of screens, without the place where it was
    taken."""
    worded: bool = False
    """Whether an SVG contains text, whose font depends on the computer and which screen readers cannot read."""
    sized: bool = True
    """Whether an SVG says its size; pages show one that does not as 300 by 150 pixels."""
    linked: tuple[str, ...] = ()
    """Paths of the pictures that an SVG links instead of embedding them."""

    @property
    def proportion(self) -> float:
        """Width divided by height."""
        return self.width / self.height


def is_raster(path: str) -> bool:
    """Whether a name is that of a picture made of pixels."""
    return path.lower().endswith(RASTER_SUFFIXES)


def published_name(name: str) -> str:
    """The name under which readers get a file: of a picture that browsers do not show, the name of its JPEG."""
    return f"{name}.jpg" if name.lower().endswith(CONVERTED) else name


def source_name(name: str) -> str:
    """The name of the file that is published under ``name``; the inverse of ``published_name``."""
    return name[: -len(".jpg")] if _PUBLISHED.search(name) else name


def read_picture(path: str, *, framed: bool = True) -> PictureInfo:
    """What the picture at a path is; read to its end, once for each content.

    Args:
        path: of its file.
        framed: whether an SVG must have a view box, as the camera of a film needs it.

    Raises:
        PictureError: it cannot be read as a picture.
    """
    name = os.path.basename(path)
    if not os.path.getsize(path):
        raise PictureError(f"{name} 是空的", AGAIN, path)
    if path.lower().endswith(".svg"):
        return _read_svg(path, name, framed)
    note = f"{key_of(VERSION, fingerprint(path))}.json"
    noted = cached_file(note, lambda out: _note(decoded(path, _info), out), "pictures")
    return _proportioned(PictureInfo(**json.loads(Path(noted).read_text("utf-8"))), path, name)


def _proportioned(picture: PictureInfo, path: str, name: str) -> PictureInfo:
    if not 1 / NARROWEST <= picture.proportion <= NARROWEST:
        what = f"{name} 太窄，长边超过短边的 {NARROWEST} 倍，放到页面上看不见"
        raise PictureError(what, "裁去多余的部分，再导出", path)
    return picture


def decoded(path: str, use: Callable[[Image], T]) -> T:
    """What ``use`` makes of the opened raster picture at a path; ``use`` has to load it.

    Raises:
        PictureError: it cannot be read as a picture, or not to its end, or has too many pixels.
    """
    import pi_heif  # slow to load, as is Pillow
    from PIL import Image, UnidentifiedImageError

    pi_heif.register_heif_opener()
    name = os.path.basename(path)
    try:
        with warnings.catch_warnings():
            # Pillow warns of pictures and of private tags that it reads all the same.
            warnings.simplefilter("ignore")
            with Image.open(path) as image:
                return use(image)
    except UnidentifiedImageError:
        raise PictureError(f"{name} 不是能读的图片", "用看图软件打开，另存为 JPG 或 PNG", path) from None
    except (Image.DecompressionBombError, MemoryError):
        raise PictureError(f"{name} 像素太多，读不了", "缩小到 10000×10000 像素以内", path) from None
    except Exception as error:
        # Each decoder has errors of its own for damaged data: OSError, SyntaxError, ValueError, struct.error …
        if isinstance(error, PictureError):
            raise
        raise PictureError(f"{name} 不完整，读不到底", "重新拷贝一次，或从手机、相机里重新导出", path) from None


def _note(info: PictureInfo, out: str) -> None:
    Path(out).write_text(json.dumps(asdict(info)), "utf-8")


def _info(image: Image) -> PictureInfo:
    exif = image.getexif()
    size, kind, animated = image.size, str(image.format), getattr(image, "n_frames", 1) > 1 and image.format != "MPO"
    turned = exif.get(_ORIENTATION, 1) not in (0, 1)
    plain = (
        not turned
        and image.mode in _BROWSER_MODES
        and not exif.get_ifd(_GPS)
        and b"GPSLatitude" not in _bytes(image.info.get("xmp"))
        and is_srgb(image)
    )
    if kind == "JPEG":
        image.draft(None, (1, 1))  # reads all, but at an eighth of the size
    image.load()  # to the end, because the header of a truncated picture is intact
    width, height = size[::-1] if exif.get(_ORIENTATION, 1) in (5, 6, 7, 8) else size
    kind = "JPEG" if kind == "MPO" else kind  # a JPEG with further ones behind it, as telephones take them
    return PictureInfo(kind, width, height, os.path.getsize(image.filename), animated, plain)  # type: ignore[attr-defined]


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value or "").encode()


def is_srgb(image: Image) -> bool:
    """Whether a picture has the colours of screens: no ICC profile, or the one of sRGB."""
    from PIL import ImageCms

    profile = image.info.get("icc_profile")
    if not profile:
        return True
    try:
        return "srgb" in ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(BytesIO(profile))).lower()
    except (OSError, ImageCms.PyCMSError):
        return False


def _read_svg(path: str, name: str, framed: bool) -> PictureInfo:
    """An SVG's size, from its view box or, if it has none, from its width and height.

    Where both are given, programs lay it out by width and height (https://www.w3.org/TR/SVG2/coords.html). Typst ends
    the whole program if they are so different that the drawing does not fit into memory.
    """
    try:
        svg = ElementTree.parse(path).getroot()  # noqa: S314  authors' own files; expat bounds what entities may grow to
    except ElementTree.ParseError as error:
        raise PictureError(f"{name} 不是完整的 SVG，读到第 {error.position[0]} 行读不下去", AGAIN, path) from None
    except (ValueError, LookupError):  # an encoding that the parser does not know
        raise PictureError(f"{name} 不是 UTF-8 编码", "另存为 UTF-8", path) from None
    if _local(svg.tag) != "svg":
        raise PictureError(f"{name} 不是 SVG，最外层是 <{_local(svg.tag)}>", AGAIN, path)
    box = _view_box(svg)
    outer = [_length(svg.get(side), (box or _UNFRAMED)[n]) for n, side in enumerate(("width", "height"))]
    possible = all(0 < length < math.inf for length in outer if length is not None)
    alone = box is None and (framed or svg.get("viewBox") is not None or (outer[0] is None) != (outer[1] is None))
    if alone or not possible:
        raise PictureError(f"{name} 没有 viewBox，不知道宽高", SIZE_REMEDY, path)
    worded = any(_local(element.tag) == "text" and "".join(element.itertext()).strip() for element in svg.iter())
    linked = tuple(_linked(svg, path, name))
    sized = box is not None or all(_length(svg.get(side), 0.0) for side in ("width", "height"))
    own = (outer[0], outer[1]) if outer[0] and outer[1] else box or _UNFRAMED
    for width, height in (own, box or own):
        picture = PictureInfo("SVG", width, height, os.path.getsize(path), worded=worded, sized=sized, linked=linked)
        _proportioned(picture, path, name)
    return picture


def _view_box(svg: ElementTree.Element) -> tuple[float, float] | None:
    """Width and height of the view box of an SVG; None where there is none or it is empty."""
    match = _VIEW_BOX.match(svg.get("viewBox", ""))
    width, height = (_number(match[1]), _number(match[2])) if match else (0.0, 0.0)
    return (width, height) if 0 < width < math.inf and 0 < height < math.inf else None


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
            what = f"{name} 里链着另一幅图 {link[:60]}，旁边没有"
            raise PictureError(what, "在画图软件里把那幅图嵌入，再导出；或把它放到这幅画旁边，链接只写文件名", path)
        if link.lower().endswith(".svg"):
            what = f"{name} 里套着另一幅 SVG（{link[:60]}），画不出来"
            raise PictureError(what, "在画图软件里把两幅合成一幅，再导出", path)
        yield target


def _local(tag: object) -> str:
    """Name of an element without its namespace; empty for a comment."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
