"""Media fragments: the part of a film that a link names (https://www.w3.org/TR/media-frags/)."""

from __future__ import annotations

import re

_TIME = r"(?:\d+:){0,2}\d+(?:\.\d+)?"
_SPAN = re.compile(rf"^t=({_TIME})?(?:,({_TIME}))?$")


def time_span(anchor: str) -> tuple[float, float | None] | None:
    """Start and end in seconds of a media fragment ``t=8,30`` or ``t=0:08,1:05``; None for other anchors."""
    match = _SPAN.match(anchor)
    if not match or not (match[1] or match[2]):
        return None
    return _seconds(match[1] or "0"), _seconds(match[2]) if match[2] else None


def _seconds(time: str) -> float:
    total = 0.0
    for part in time.split(":"):
        total = total * 60 + float(part)
    return total
