"""Measured: what a film file is found to be, or why it cannot be used. Apart from what reads it, which loads FFmpeg."""

from __future__ import annotations

from dataclasses import dataclass


class MediaError(Exception):
    """A film or sound cannot be used: what is wrong, in Chinese; where it is known, the file, below the root."""

    def __init__(self, what: str, path: str = "") -> None:
        super().__init__(what, path)
        self.what, self.path = what, path

    def __str__(self) -> str:
        return f"{self.path} {self.what}".strip()


@dataclass(frozen=True)
class MediaInfo:
    """What a film file really is, whatever it is called."""

    container: str
    """FFmpeg's name of the format, such as ``mov,mp4,m4a,3gp,3g2,mj2``."""
    video: str
    """Codec of the pictures."""
    pixels: str
    """Pixel format, such as ``yuv420p``."""
    width: int
    height: int
    """As shown, after any rotation noted in the file."""
    seconds: float
    sound: str
    """Codec of the sound; empty for a silent film."""
    index_first: bool
    """Whether the index stands before the pictures, so that playing can begin before all is read."""
