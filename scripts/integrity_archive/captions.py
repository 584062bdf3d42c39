"""Captions: WebVTT to cues (https://www.w3.org/TR/webvtt1/), as far as readers and the search need them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

_TIMING = re.compile(r"^((?:\d+:)?\d\d:\d\d\.\d{3})[ \t]+-->[ \t]+((?:\d+:)?\d\d:\d\d\.\d{3})")
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class Cue:
    """One caption and when it shows, in seconds."""

    start: float
    end: float
    text: str


def cues(vtt: str) -> Iterator[Cue]:
    """The cues of a WebVTT text; blocks that are none (notes, styles) are passed over."""
    for block in re.split(r"\n{2,}", vtt.replace("\r\n", "\n").strip()):
        lines = block.split("\n")
        at = next((n for n, line in enumerate(lines) if _TIMING.match(line)), None)
        timing = _TIMING.match(lines[at]) if at is not None else None
        if at is None or timing is None:
            continue
        text = html.unescape(_TAG.sub("", "\n".join(lines[at + 1 :]))).strip()
        if text:
            yield Cue(_seconds(timing[1]), _seconds(timing[2]), text)


def _seconds(stamp: str) -> float:
    total = 0.0
    for part in stamp.split(":"):
        total = total * 60 + float(part)
    return round(total, 3)
