"""Rules on films: camera files and captions."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from integrity_archive.checks.context import CheckContext
from integrity_archive.checks.media import SRT
from integrity_archive.checks.places import field_problem, file_problem
from integrity_archive.checks.rule import ENTRY, rule
from integrity_archive.content.entry import Entry
from integrity_archive.content.loader import LoadedArchive
from integrity_archive.content.model.field_types import Loc, clock_seconds
from integrity_archive.content.model.schema import Video
from integrity_archive.content.text_files import read_text
from integrity_archive.films.captions import caption_faults, cues
from integrity_archive.films.measurement import MediaError, MediaInfo
from integrity_archive.support.problems import Problem
from integrity_archive.support.progress import Progress, no_progress

if TYPE_CHECKING:
    from integrity_archive.films.storyboard import LoadedStoryboard


@dataclass(frozen=True)
class FilmLengths:
    """What the rules know of films: camera files are read to their end when first asked for, as a build would."""

    loaded: LoadedArchive
    boards: Mapping[str, LoadedStoryboard]
    """Storyboards of the drawn films, by id."""
    progress: Progress = no_progress

    def measured(self, film: Entry) -> MediaInfo | MediaError | None:
        """What the camera file of a film holds, or why it cannot be read; None where there is none."""
        if film.id not in self._measured:
            self._measured[film.id] = self._measure(film)
        return self._measured[film.id]

    def seconds(self, film: Entry | None) -> float | None:
        """Length of a film; None where it is not known."""
        if film is None:
            return None
        measured = self.measured(film)
        if isinstance(measured, MediaInfo):
            return measured.seconds
        board = self.boards.get(film.id)
        return board.seconds if board else None

    @cached_property
    def _measured(self) -> dict[str, MediaInfo | MediaError | None]:
        return {}

    def _measure(self, film: Entry) -> MediaInfo | MediaError | None:
        path = film.document.resolve(film.meta.media) if isinstance(film.meta, Video) and film.meta.media else ""
        if path not in self.loaded.files:
            return None
        from integrity_archive.films.media import inspect  # loads FFmpeg

        file = os.path.join(self.loaded.root, *path.split("/"))
        try:
            return inspect(file, self.progress, f"读影片《{film.meta.title}》")
        except MediaError as error:
            return error


def clock(seconds: float) -> str:
    """A length or time as authors write it: ``1:05``."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


@rule(scope=ENTRY)
def camera_files(entry: Entry, context: CheckContext) -> Iterator[Problem]:
    """Film files that cannot be played, and times after their end."""
    meta = entry.meta
    measured = context.feature(FilmLengths).measured(entry) if isinstance(meta, Video) else None
    if not isinstance(meta, Video) or measured is None:
        return
    if isinstance(measured, MediaError):
        remedy = "用播放器打开看看；不行就重新导出成 MP4（H.264），或重新拷贝"
        yield file_problem(entry.document.resolve(meta.media or ""), str(measured), remedy, "film")
        return
    times: list[tuple[Loc, str, float]] = [(("poster_at",), str(meta.poster_at), float(meta.poster_at or 0))]
    times += [(("chapters", n, "at"), c.at, float(clock_seconds(c.at))) for n, c in enumerate(meta.chapters)]
    for loc, written, at in times:
        if at > measured.seconds:
            remedy = f"影片长 {clock(measured.seconds)}，改早一些"
            yield field_problem(entry, loc, written, "在影片结束之后", remedy, "film")
    yield from _late_captions(entry, meta, measured.seconds, context)


def _late_captions(entry: Entry, meta: Video, seconds: float, context: CheckContext) -> Iterator[Problem]:
    path = entry.document.resolve(meta.captions) if meta.captions else ""
    text = read_text(context.loaded.root, path)[0] if path in context.loaded.files else None
    # Players round lengths: a tenth of a second too late is not a fault.
    for cue in (cue for cue in cues(text or "") if cue.end > seconds + 0.1):
        what = f"在影片结束（{clock(seconds)}）之后"
        yield Problem(path, cue.line, "字幕", cue.text, what, "删去这一条，或改它的时间", "captions")


@rule(scope=ENTRY)
def silent_films(entry: Entry, context: CheckContext) -> Iterator[Problem]:
    """Camera files without sound: a warning, because it may be intended."""
    film = context.feature(FilmLengths).measured(entry)
    if isinstance(entry.meta, Video) and isinstance(film, MediaInfo) and not film.sound:
        what, remedy = "没有声音", "是本来就没有，还是没录上？没录上就带着声音重新导出"
        yield field_problem(entry, ("media",), entry.meta.media or "", what, remedy, "film", severity="warning")


@rule(scope=ENTRY)
def films_of_many_sounds(entry: Entry, context: CheckContext) -> Iterator[Problem]:
    """Camera files with several sound tracks: a warning, because only one of them is heard."""
    film = context.feature(FilmLengths).measured(entry)
    if isinstance(entry.meta, Video) and isinstance(film, MediaInfo) and film.sounds > 1:
        what, remedy = (
            f"有 {film.sounds} 条声音，只放得出一条",
            "听听放出来的是不是要的那条；不是，就只留那一条，重新导出",
        )
        yield field_problem(entry, ("media",), entry.meta.media or "", what, remedy, "film", severity="warning")


@rule(scope=ENTRY)
def films_without_captions(entry: Entry, context: CheckContext) -> Iterator[Problem]:
    """Camera files without captions: a warning, because it may be intended."""
    film = context.feature(FilmLengths).measured(entry)
    if not isinstance(entry.meta, Video) or not isinstance(film, MediaInfo) or entry.meta.captions:
        return
    siblings = sorted(f for f in context.loaded.files if posixpath.dirname(f) == entry.document.folder)
    for path in (f for f in siblings if f.lower().endswith((".vtt", ".srt"))):
        name = posixpath.basename(path)
        remedy = f"在 {posixpath.basename(entry.document.path)} 里加一行 captions: {name}"
        if path.lower().endswith(".srt"):
            remedy = f"{SRT}，再写 captions: {posixpath.splitext(name)[0]}.vtt"
        what = "字幕文件放在旁边，没有写进 captions，读者看不到"
        yield file_problem(path, what, remedy, "film", severity="warning")
        return
    what, remedy = "没有字幕：听不见的人看不懂，检索也找不到里面的话", "写一个 captions.zh-Hans.vtt，在 captions 里写上"
    yield field_problem(entry, ("media",), entry.meta.media or "", what, remedy, "film", severity="warning")


@rule(scope=ENTRY)
def caption_files(entry: Entry, context: CheckContext) -> Iterator[Problem]:
    """Caption files that are not UTF-8 text, contain no caption, or have captions too long to read in time."""
    if not isinstance(entry.meta, Video) or not entry.meta.captions:
        return
    path = entry.document.resolve(entry.meta.captions)
    if path not in context.loaded.files or not path.lower().endswith(".vtt"):
        return
    text, unreadable = read_text(context.loaded.root, path)
    yield from unreadable
    if text is None:
        return
    faults = list(caption_faults(text))
    # Times with a comma are no times: with them a text contains no caption, and says so itself.
    if not any(cues(text)) and not any(fault.what.startswith("时间里") for fault in faults):
        remedy = "写成 WebVTT：首行 WEBVTT，空一行，时间行 00:01.000 --> 00:03.000，下一行文字"
        yield file_problem(path, "里面没有一条字幕", remedy, "captions")
        return
    for fault in faults:
        where = (path, fault.line, "字幕", fault.value)
        yield Problem(*where, fault.what, fault.remedy, "captions", severity=fault.severity)
