"""Captions: reads WebVTT cues (https://www.w3.org/TR/webvtt1/), and finds their faults."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import KW_ONLY, dataclass
from urllib.parse import quote

from integrity_archive.support.problems import Severity

LINE_LIMIT = 18
"""Most characters of a caption line: more cannot be read in time and do not fit a portrait screen."""

READING_SPEED = 6
"""Most characters of caption per second. Broadcasters allow adults up to nine; in a hall people look away."""

ARROW = "-->"
"""What a line of times contains, and no other line may: there a browser ends the caption."""

_STAMP = r"(?:\d+:)?\d\d:\d\d\.\d{3}"
_TIMING = re.compile(rf"^({_STAMP})[ \t]+-->[ \t]+({_STAMP})")
_MEANT_AS_TIMING = re.compile(r"--?>|^\d+:\d\d")
_STARTS_AS_TIMING = re.compile(r"\s*[\d:.,，：]*\s*-->")
_COMMA = re.compile(r"(?<=\d)[,，](?=\d{3})")
_NO_CUE = re.compile(r"^(WEBVTT|NOTE|STYLE|REGION)\b")
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class Cue:
    """One caption with its times, in seconds."""

    start: float
    end: float
    text: str
    line: int = 1
    """Line of the file that contains its times."""


@dataclass(frozen=True)
class CaptionFault:
    """A fault in a caption file, and the remedy."""

    line: int
    value: str
    what: str
    remedy: str
    _: KW_ONLY
    severity: Severity = "error"


def cues(vtt: str) -> Iterator[Cue]:
    """The cues of a WebVTT text; other blocks (notes, styles) are skipped."""
    for first, lines in _blocks(vtt):
        at = next((n for n, line in enumerate(lines) if _TIMING.match(line)), None)
        timing = _TIMING.match(lines[at]) if at is not None else None
        if at is None or timing is None:
            continue
        text = html.unescape(_TAG.sub("", "\n".join(lines[at + 1 :]))).strip()
        if text:
            yield Cue(_seconds(timing[1]), _seconds(timing[2]), text, first + at)


def caption_faults(vtt: str) -> Iterator[CaptionFault]:
    """Faults that keep captions from being displayed or read: no header, wrong times or order, overlaps, long lines."""
    if not vtt.startswith("WEBVTT"):
        yield CaptionFault(1, vtt.split("\n", 1)[0][:20], "首行不是 WEBVTT", "在最前面加一行 WEBVTT，再空一行")
    yield from _comma_times(vtt)
    for first, lines in _blocks(vtt):
        if any(_with_comma(line) for line in lines):
            continue
        if not _NO_CUE.match(lines[0]) and not any(_TIMING.match(line) for line in lines):
            meant = next((n for n, line in enumerate(lines) if _MEANT_AS_TIMING.search(line)), 0)
            what = "这一段没有认得出的时间"
            remedy = "时间行写成 00:01.000 --> 00:03.000，箭头两边各空一格，下一行写文字"
            if ARROW in lines[meant] and not _STARTS_AS_TIMING.match(lines[meant]):
                what, remedy = f"字幕里有 {ARROW}，播放器到这里就断开", f"把 {ARROW} 改成 →"
            yield CaptionFault(first + meant, lines[meant][:40], what, remedy)
    before: Cue | None = None
    for cue in cues(vtt):
        times = f"{cue.start:.3f} --> {cue.end:.3f}"
        if cue.end <= cue.start:
            yield CaptionFault(cue.line, times, "结束不晚于开始", "核对这一条的两个时间")
        if before and cue.start < before.start:
            yield CaptionFault(cue.line, times, f"排在第 {before.line} 行那条后面，时间却更早", "按时间先后排好")
        elif before and cue.start < before.end:
            yield CaptionFault(cue.line, times, f"与第 {before.line} 行那条重叠", "让前一条先结束，或合成一条")
        for line in cue.text.split("\n"):
            if len(line) > LINE_LIMIT:
                what = f"一行有 {len(line)} 字，超过 {LINE_LIMIT} 字"
                yield CaptionFault(cue.line, line, what, "断成两行，或分成两条")
        yield from _too_fast(cue)
        before = cue


def _with_comma(line: str) -> bool:
    return not _TIMING.match(line) and bool(_TIMING.match(_COMMA.sub(".", line)))


def _comma_times(vtt: str) -> Iterator[CaptionFault]:
    """Times with a comma, as in SRT: reported once, because a renamed SRT file has them on every line."""
    lines = list(enumerate(vtt.replace("\r\n", "\n").split("\n"), start=1))
    wrong = [(number, line) for number, line in lines if _with_comma(line)]
    if wrong:
        number, line = wrong[0]
        more = f"，这样的一共 {len(wrong)} 行" if len(wrong) > 1 else ""
        remedy = f"改成句点：{_COMMA.sub('.', line.strip())[:40]}"
        yield CaptionFault(number, line[:40], f"时间里用了逗号{more}", remedy)


def _too_fast(cue: Cue) -> Iterator[CaptionFault]:
    """A caption that is too short to be read; players round times, so 0.05 seconds are tolerated."""
    signs, seconds = len(cue.text.replace("\n", "")), cue.end - cue.start
    if 0 < seconds < signs / READING_SPEED - 0.05:
        remedy = f"删字，或让它停满 {signs / READING_SPEED:.1f} 秒"
        yield CaptionFault(cue.line, cue.text, f"{signs} 字，{seconds:.3g} 秒读不完", remedy, severity="warning")


def vtt(cues: Iterable[Cue]) -> str:
    """Cues as a WebVTT text."""
    blocks = (f"{_stamp(cue.start)} --> {_stamp(cue.end)}\n{html.escape(cue.text, quote=False)}" for cue in cues)
    return "\n\n".join(("WEBVTT", *blocks)) + "\n"


def _stamp(seconds: float) -> str:
    whole = round(seconds * 1000)
    return f"{whole // 3_600_000:02}:{whole // 60_000 % 60:02}:{whole // 1000 % 60:02}.{whole % 1000:03}"


def inlined(vtt: str) -> str:
    """A caption file as a ``data:`` URL: on ``file://`` a track element cannot load another file."""
    return "data:text/vtt;charset=utf-8," + quote(vtt, safe="")


def _blocks(vtt: str) -> Iterator[tuple[int, list[str]]]:
    """Blocks of lines, each with the number of its first line.

    Empty lines separate them; and as in browsers, a second arrow begins the next block.
    """
    lines: list[str] = []
    for number, line in enumerate([*vtt.replace("\r\n", "\n").split("\n"), ""], start=1):
        if lines and (not line.strip() or (ARROW in line and any(ARROW in before for before in lines))):
            yield number - len(lines), lines
            lines = []
        if line.strip():
            lines.append(line)


def _seconds(stamp: str) -> float:
    total = 0.0
    for part in stamp.split(":"):
        total = total * 60 + float(part)
    return round(total, 3)
