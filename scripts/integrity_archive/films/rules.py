"""Rules on films: camera files and captions."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from integrity_archive.checks.context import CheckContext, Rule
from integrity_archive.checks.places import field_problem
from integrity_archive.content.entry import Entry
from integrity_archive.content.schema import (
    Loc,
    Video,
    clock_seconds,
)
from integrity_archive.content.text_files import read_text
from integrity_archive.films.captions import SRT, caption_faults, cues
from integrity_archive.films.measurement import MediaError, MediaInfo
from integrity_archive.support.problems import Problem

if TYPE_CHECKING:
    pass


def camera_films(case: CheckContext) -> Iterator[Problem]:
    """Film files that cannot be played, and times after their end."""
    for entry in case.sound:
        meta = entry.meta
        measured = case.measured(entry.id) if isinstance(meta, Video) else None
        if not isinstance(meta, Video) or measured is None:
            continue
        if isinstance(measured, MediaError):
            remedy = "用播放器打开看看；不行就重新导出成 MP4（H.264），或重新拷贝"
            yield Problem(entry.document.beside(meta.media or ""), 0, "", "", str(measured), remedy, "film")
            continue
        yield from _unheard(case, entry, meta, measured)
        times: list[tuple[Loc, str, float]] = [(("poster_at",), str(meta.poster_at), float(meta.poster_at or 0))]
        times += [(("chapters", n, "at"), c.at, float(clock_seconds(c.at))) for n, c in enumerate(meta.chapters)]
        for loc, written, at in times:
            if at > measured.seconds:
                yield field_problem(
                    entry, loc, written, "在影片结束之后", f"影片长 {_clock(measured.seconds)}，改早一些", "film"
                )
        yield from _late_captions(case, entry, measured.seconds)


def _unheard(case: CheckContext, entry: Entry, meta: Video, film: MediaInfo) -> Iterator[Problem]:
    """Missing captions or sound of a recorded film: warnings, because both may be intended."""
    if not film.sound:
        what, remedy = "没有声音", "是本来就没有，还是没录上？没录上就带着声音重新导出"
        yield replace(field_problem(entry, ("media",), meta.media or "", what, remedy, "film"), severity="warning")
    if meta.captions:
        return
    siblings = sorted(f for f in case.loaded.files if posixpath.dirname(f) == entry.document.folder)
    for path in (f for f in siblings if f.lower().endswith((".vtt", ".srt"))):
        name = posixpath.basename(path)
        remedy = f"在 {posixpath.basename(entry.document.path)} 里加一行 captions: {name}"
        if path.lower().endswith(".srt"):
            remedy = f"{SRT}，再写 captions: {posixpath.splitext(name)[0]}.vtt"
        yield Problem(path, 0, "", "", "字幕文件放在旁边，没有写进 captions，读者看不到", remedy, "film", "warning")
        return
    what, remedy = "没有字幕：听不见的人看不懂，检索也找不到里面的话", "写一个 captions.zh-Hans.vtt，在 captions 里写上"
    yield replace(field_problem(entry, ("media",), meta.media or "", what, remedy, "film"), severity="warning")


def _late_captions(case: CheckContext, entry: Entry, seconds: float) -> Iterator[Problem]:
    assert isinstance(entry.meta, Video)
    path = entry.document.beside(entry.meta.captions) if entry.meta.captions else ""
    text = read_text(case.loaded.root, path)[0] if path in case.loaded.files else None
    # Players round lengths: a tenth of a second too late is not a fault.
    for cue in (cue for cue in cues(text or "") if cue.end > seconds + 0.1):
        what = f"在影片结束（{_clock(seconds)}）之后"
        yield Problem(path, cue.line, "字幕", cue.text, what, "删去这一条，或改它的时间", "captions")


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def captions_text(case: CheckContext) -> Iterator[Problem]:
    """Caption files that are not UTF-8 text, contain no caption, or have captions too long to read in time."""
    for entry in case.sound:
        if not isinstance(entry.meta, Video) or not entry.meta.captions:
            continue
        path = entry.document.beside(entry.meta.captions)
        if path not in case.loaded.files or not path.lower().endswith(".vtt"):
            continue
        text, faults = read_text(case.loaded.root, path)
        yield from faults
        faults_of_text = list(caption_faults(text or ""))
        if text is not None and not any(cues(text)) and not any(f.what.startswith("时间里") for f in faults_of_text):
            yield Problem(
                path,
                0,
                "",
                "",
                "里面没有一条字幕",
                "写成 WebVTT：首行 WEBVTT，空一行，时间行 00:01.000 --> 00:03.000，下一行文字",
                "captions",
            )
        elif text is not None:
            for fault in caption_faults(text):
                yield Problem(
                    path, fault.line, "字幕", fault.value, fault.what, fault.remedy, "captions", fault.severity
                )


RULES = (
    camera_films,
    captions_text,
)
TOGETHER: tuple[Rule, ...] = ()
