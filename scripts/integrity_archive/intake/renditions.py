"""Renditions: copies of pictures in the cache that every program shows: upright, in sRGB, without the place where they
were taken, of limited size. The one place that makes them, for pages, packs, books, posters and films.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from integrity_archive.intake.picture_file import (
    FORMATS,
    HEAVY,
    LONGEST,
    PictureInfo,
    decoded,
    is_srgb,
    published_name,
    read_picture,
)
from integrity_archive.support.cache import cached_file, fingerprint, key_of

if TYPE_CHECKING:
    from PIL.Image import Image

WIDTHS = (480, 960, 1440)
"""Widths in pixels of the copies that pages offer beside the whole picture; lists show the first."""
FIRST_SIGHT = 300_000
"""Most bytes of each of these copies: what a page loads at first sight."""
FOLDER = "assets/pictures"
"""Folder of these copies in a site; ``assets/`` is the program's own, so they meet no file of an author."""

VERSION = 1
"""Increase it when the same picture would give other copies."""
_QUALITIES = (82, 70, 58, 46, 34)
_SOFTER = (1, 2, 4)


@dataclass(frozen=True)
class Renditions:
    """A raster picture as a site has it."""

    width: int
    height: int
    """``width`` and ``height`` of the whole picture."""
    whole: str
    """Absolute path of the whole picture: the author's file where it is right as it is, or one in the cache."""
    narrower: tuple[tuple[int, str], ...]
    """Greatest width and absolute path of the copies, all WebP, the narrowest first. There is always one, for lists."""
    moves: bool = False
    """Whether it is animated, which its copies are not."""

    def files(self, uri: str) -> dict[str, str]:
        """Absolute paths of its files by their place in the site, where ``uri`` is that of the whole picture."""
        return {uri: self.whole, **{narrow_uri(uri, width): path for width, path in self.narrower}}


def narrow_uri(uri: str, width: int) -> str:
    """Place in the site of a copy of the picture that is at ``uri``."""
    return f"{FOLDER}/{uri}-{width}.webp"


def page_renditions(path: str) -> Renditions:
    """The renditions of the raster picture at a path, made where they are not in the cache.

    Raises:
        PictureError: it cannot be read.
    """
    info = read_picture(path)
    suffix = PurePosixPath(published_name(path)).suffix.lower()
    copies = _Copies(path)
    whole, width, height = path, int(info.width), int(info.height)
    if not _is_right(info, FORMATS[suffix], HEAVY):
        width, height = _bounded(info)
        whole = copies.file(f"{LONGEST}{suffix}", lambda image, out: _save(image, out, FORMATS[suffix]))
    widths = [WIDTHS[0], *(w for w in WIDTHS[1:] if w < width)]
    narrower = [(w, copies.file(f"{w}.webp", partial(_save_narrow, width=w))) for w in widths]
    return Renditions(width, height, whole, tuple(narrower), info.animated)


def paper_picture(path: str) -> str:
    """Path of a raster picture as office programs, e-readers and typst read it: JPEG or PNG, under that suffix; the
    file itself if it is so.

    Raises:
        PictureError: it cannot be read.
    """
    info = read_picture(path)
    suffix = PurePosixPath(path).suffix.lower()
    if FORMATS.get(suffix) in ("JPEG", "PNG") and not info.animated and _is_right(info, FORMATS[suffix], HEAVY):
        return path
    kind = "JPEG" if info.format in ("JPEG", "HEIF") else "PNG"
    suffix = {"JPEG": ".jpg", "PNG": ".png"}[kind]
    return _Copies(path).file(f"paper{suffix}", lambda image, out: _save(image, out, kind))


def _is_right(info: PictureInfo, kind: str, heavy: int) -> bool:
    """Whether readers can get the file itself under the name of this format."""
    right = info.plain and info.format == kind
    # Motion would be lost by making it anew: the checks say so where it is too large.
    return right and (info.animated or (max(info.width, info.height) <= LONGEST and info.bytes <= heavy))


def _bounded(info: PictureInfo) -> tuple[int, int]:
    """Width and height of the whole picture, within the limit."""
    scale = min(1.0, LONGEST / max(info.width, info.height))
    return max(1, round(info.width * scale)), max(1, round(info.height * scale))


@dataclass(frozen=True)
class _Copies:
    """The copies of one picture, which is decoded at most once."""

    path: str

    @cached_property
    def _key(self) -> str:
        import pi_heif
        import PIL

        return key_of(VERSION, PIL.__version__, pi_heif.__version__, fingerprint(self.path))

    @cached_property
    def _image(self) -> Image:
        return decoded(self.path, _upright)

    def file(self, name: str, save: Callable[[Any, str], None]) -> str:
        """Path in the cache of the copy that ``save`` writes of the upright picture."""
        return cached_file(f"{self._key}-{name}", lambda out: save(self._image, out), "pictures")


def _upright(image: Image) -> Image:
    """The first frame, upright, in sRGB with 8 bits a channel, within the limit, without any metadata."""
    from PIL import Image as Pillow
    from PIL import ImageOps

    image.draft(None, (LONGEST, LONGEST))  # of a JPEG decodes no more than is needed
    image.load()
    made = _in_srgb(ImageOps.exif_transpose(image))
    made.thumbnail((LONGEST, LONGEST), Pillow.Resampling.LANCZOS)
    made.info = {}
    return made


def _in_srgb(image: Image) -> Image:
    """A picture with the colours of screens, with transparency if it has any."""
    from PIL import Image as Pillow
    from PIL import ImageCms

    image = _in_8_bits(image)
    profile = image.info.get("icc_profile")
    mode = "RGBA" if image.has_transparency_data else "RGB"
    if profile and not is_srgb(image) and image.mode in ("RGB", "RGBA", "CMYK", "L", "LAB"):
        try:
            to = mode if image.mode in ("RGB", "RGBA") else "RGB"
            screen, own = ImageCms.createProfile("sRGB"), ImageCms.ImageCmsProfile(BytesIO(profile))
            converted = ImageCms.profileToProfile(image, own, screen, outputMode=to)
            return converted or image.convert(mode)
        except (OSError, ImageCms.PyCMSError):
            pass  # of another kind of picture, or damaged: as if there were none
    made: Pillow.Image = image.convert(mode)
    return made


def _in_8_bits(image: Image) -> Image:
    """A picture of grey values with more than 8 bits, as scanners make it, as one with 8; others as they are."""
    import numpy as np
    from PIL import Image as Pillow

    if not image.mode.startswith(("I", "F")):
        return image
    values = np.nan_to_num(np.asarray(image, dtype=np.float64))
    top = 65535.0 if image.mode.startswith("I") and values.max() <= 65535 else max(float(values.max()), 1e-9)
    return Pillow.fromarray((values.clip(0, top) / top * 255).round().astype(np.uint8))


def _save(image: Image, out: str, kind: str) -> None:
    """Write a picture in a format; JPEG has no transparency, so what is transparent becomes white, as paper."""
    Path(out).write_bytes(_encoded(image, kind, _QUALITIES[0]))


def _encoded(image: Image, kind: str, quality: int) -> bytes:
    from PIL import Image as Pillow

    if kind == "JPEG" and image.mode == "RGBA":
        ground = Pillow.new("RGBA", image.size, "white")
        ground.alpha_composite(image)
        image = ground.convert("RGB")
    made = BytesIO()
    # Pillow ignores the options that a format does not have.
    image.save(made, kind, quality=quality, optimize=kind != "WEBP", progressive=True, method=4)
    return made.getvalue()


def _save_narrow(image: Image, out: str, width: int) -> None:
    """Write a copy of at most this width as WebP, with the best quality that keeps it light."""
    from PIL import Image as Pillow

    height = max(1, round(image.height * width / image.width))
    small = image if width >= image.width else image.resize((width, height), Pillow.Resampling.LANCZOS)
    made = b""
    for softer in _SOFTER:
        if softer > 1:  # what no quality makes light, as gravel and leaves, loses its finest detail
            less = (max(1, small.width // softer), max(1, small.height // softer))
            soft = small.resize(less, Pillow.Resampling.LANCZOS).resize(small.size, Pillow.Resampling.BICUBIC)
        else:
            soft = small
        for quality in _QUALITIES:
            made = _encoded(soft, "WEBP", quality)
            if len(made) <= FIRST_SIGHT:
                Path(out).write_bytes(made)
                return
    Path(out).write_bytes(made)
