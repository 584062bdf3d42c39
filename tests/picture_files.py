"""Pictures as telephones, scanners and chat programs make them."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pi_heif
import pillow_heif
from PIL import Image, ImageCms

RED, BLUE = (200, 30, 30), (30, 30, 200)
SOUTH, LATITUDE = 1, 2
ORIENTATION, GPS = 0x0112, 0x8825


def photo(size: tuple[int, int] = (400, 300), mode: str = "RGB") -> Image.Image:
    """A picture whose left half is red and whose right half is blue."""
    made = Image.new("RGB", size, RED)
    made.paste(BLUE, (size[0] // 2, 0, *size))
    return made.convert(mode)


def grain(size: tuple[int, int]) -> Image.Image:
    """A picture as hard to compress as a photograph of leaves."""
    random = np.random.default_rng(7)
    coarse = random.integers(0, 255, (size[1] // 4, size[0] // 4, 3), np.uint8)
    fine = np.asarray(Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC), dtype=np.int16)
    return Image.fromarray((fine + random.integers(-30, 30, fine.shape)).clip(0, 255).astype(np.uint8))


def file(image: Image.Image, kind: str, **options: Any) -> bytes:
    """The bytes of a picture in a format of Pillow's, or in HEIF."""
    made = io.BytesIO()
    if kind == "HEIF":
        pillow_heif.from_pillow(image).save(made, quality=90, **options)
    else:
        image.save(made, kind, **options)
    return made.getvalue()


def exif(*, orientation: int = 1, placed: bool = False) -> Image.Exif:
    """What a telephone writes beside a picture: how it was held, and where."""
    made = Image.Exif()
    made[ORIENTATION] = orientation
    if placed:
        made.get_ifd(GPS)[LATITUDE] = (30.0, 15.0, 0.0)
        made.get_ifd(GPS)[SOUTH] = "N"
    return made


def profile(kind: Any = "LAB") -> bytes:
    """An ICC profile other than that of sRGB."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(kind)).tobytes()


def opened(data: bytes) -> Image.Image:
    """A picture from its bytes, read to its end."""
    pi_heif.register_heif_opener()
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def sides(image: Image.Image) -> str:
    """The colours at the left and at the right, or at the top and at the bottom, of what ``photo`` made."""
    rgb = image.convert("RGB")
    names = []
    for at in ((0.1, 0.1), (0.9, 0.1), (0.1, 0.9)):
        red, _, blue = rgb.getpixel((int(at[0] * rgb.width), int(at[1] * rgb.height)))  # type: ignore[misc]
        names.append("red" if red > blue + 60 else "blue" if blue > red + 60 else "?")
    return " ".join(names)
