"""Measurement: the measured properties of a film file, or why it cannot be used. It does not load FFmpeg."""

from __future__ import annotations

from dataclasses import dataclass


class MediaError(Exception):
    """A film or sound cannot be used: the fault, in Chinese, and the file's path below the root, if known."""

    def __init__(self, what: str, path: str = "") -> None:
        super().__init__(what, path)
        self.what, self.path = what, path

    def __str__(self) -> str:
        return f"{self.path} {self.what}".strip()


@dataclass(frozen=True)
class MediaInfo:
    """The real properties of a film file, whatever its name."""

    container: str
    """FFmpeg's name for the format, such as ``mov,mp4,m4a,3gp,3g2,mj2``."""
    video: str
    """Codec of the pictures."""
    pixels: str
    """Pixel format, such as ``yuv420p``."""
    width: int
    height: int
    """``width`` and ``height`` as shown: in square pixels, after the rotation noted in the file."""
    square: bool
    """Whether the pixels of the file are square."""
    interlaced: bool
    """Whether a picture of the file holds two moments, in its even and odd lines."""
    wide_colour: bool
    """Whether the colours are those of HDR or BT.2020, which look dull on a screen that does not know them."""
    begins: float
    """What the file's clock says at its beginning, in seconds."""
    seconds: float
    sound: str
    """Codec of the sound; empty for a silent film."""
    sounds: int
    """Number of sound tracks; only one is played."""
    index_first: bool
    """Whether the index precedes the frames, so that playback can begin before the whole file is loaded."""


@dataclass(frozen=True)
class Content:
    """What was found in a film or sound when it was read to its end."""

    pictures: int
    seconds: float
