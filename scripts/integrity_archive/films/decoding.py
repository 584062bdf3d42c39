"""Decoding: opens films and sounds, and reads their pictures and sound to the end, in order, from time zero.

Cameras, telephones and screen recorders leave files whose clocks begin anywhere, run backwards where two recordings
were joined, and skip. A check and a conversion read through the same functions, so what one accepts the other can make.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from integrity_archive.films.measurement import Content, MediaError
from integrity_archive.support.cache import cached_file, fingerprint, key_of
from integrity_archive.support.progress import Progress, no_progress

VERSION = 1
"""Increase it when ``read_through`` would say something else of the same file."""

SOUND_RATE = 44_100
"""Samples per second; every player supports it."""

CONTAINERS = "mov,matroska,webm,avi,mpegts,mpeg,flv,asf,ogg,wav,mp3,aac,flac"
"""Formats in which a file holds its own pictures and sound. Others are lists of further files (concat, HLS, DASH),
which FFmpeg would open: what they name would be published with the film."""

BROADCAST = ("mpegts", "mpeg")
"""Formats of camcorders and recorders whose clock may jump forwards; in others a jump is a picture that stands long."""
BACKWARDS, FORWARDS = 1, 10
"""Seconds by which a clock jumps where two recordings were joined; FFmpeg has the same limit for jumps forwards."""
REACH = 1
"""Seconds behind something unreadable within which pictures come late: decoders put them in order."""
RETRIES = 10_000
"""Attempts to find the next packet after a damaged part; each attempt passes over some tens of kilobytes."""


def open_film(path: str) -> Any:
    """Open a film or a sound file for reading; see ``av.open`` for the errors.

    A file of a format that refers to other files counts as unreadable. Titles in an old encoding are no fault.
    """
    options = {"format_whitelist": CONTAINERS, "protocol_whitelist": "file"}
    return av.open(path, options=options, metadata_errors="replace")


def picture_stream(container: Any) -> Any:
    """The stream of the film itself, not the cover of a sound file; None if there is none that can be decoded."""
    return _first(s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic)


def sound_stream(container: Any) -> Any:
    """The sound track that players play: the one marked as default, else the first; None for none."""
    return _first(container.streams.audio)


def _first(streams: Iterable[Any]) -> Any:
    usable = [s for s in streams if s.codec_context is not None]
    return min(usable, key=lambda s: not s.disposition & av.stream.Disposition.default, default=None)


def decoded(container: Any) -> Iterator[tuple[Fraction, Any]]:
    """The pictures and the sound of a film in the order of the file, each with its time in seconds from the beginning.

    What cannot be decoded is left out, as players do.

    Raises:
        MediaError: more is missing than a second and a tenth of the film.
    """
    picture = picture_stream(container)
    streams = [s for s in (picture, sound_stream(container)) if s is not None]
    starts = [s.start_time * s.time_base for s in streams if s.start_time is not None]
    clock = _Clock(min(starts, default=Fraction(0)), container.format.name in BROADCAST)
    ends = {s.index: Fraction(0) for s in streams}
    damaged: dict[int, Fraction] = {}
    lost = Fraction(0)
    for packet in _packets(container, streams):
        if packet is None:
            damaged = {index: end + REACH for index, end in ends.items()}
            continue
        index = packet.stream_index
        clock.correct(packet)
        here = ends[index] if packet.pts is None else packet.pts * packet.time_base
        try:
            frames = packet.decode()
        except (av.FFmpegError, ValueError):
            frames = None
        if frames is None or packet.is_corrupt:
            damaged[index] = max(here + REACH, damaged.get(index, Fraction(0)))
        for frame in frames or ():
            at = ends[index] if frame.pts is None else max(Fraction(0), frame.pts * frame.time_base)
            # A gap is damage only where something could not be read: a recorded screen may stand still for minutes.
            if index in damaged:
                lost += max(Fraction(0), at - ends[index]) if index == streams[0].index else 0
                if at >= damaged[index]:
                    del damaged[index]
            ends[index] = max(ends[index], at + length(frame))
            yield at, frame
    declared = Fraction(0) if clock.jumped else _declared(container, streams)
    end = max(ends.values(), default=Fraction(0))
    missing = lost + max(Fraction(0), declared - end)
    if missing > 1 + max(declared, end) / 10:
        what = f"长 {_minutes(max(declared, end))}，有 {_minutes(missing)} 读不出来，文件不完整"
        raise MediaError(f"{what}：多半没有拷贝完，重新拷贝一次")


class _Clock:
    """Sets the times of packets so that they begin at zero and go on where the clock of the file jumps."""

    def __init__(self, begins: Fraction, jumps_forwards: bool) -> None:
        self._begins, self._jumps_forwards = begins, jumps_forwards
        self._ahead: dict[int, Fraction] = {}
        self._last: dict[int, Fraction] = {}
        self._next: dict[int, Fraction] = {}
        self.jumped = False

    def correct(self, packet: Any) -> None:
        """Change the times of a packet; packets without a time are left as they are."""
        written = packet.dts if packet.dts is not None else packet.pts
        if written is None:
            return
        index, tick = packet.stream_index, packet.time_base
        ahead = self._ahead.setdefault(index, -self._begins)
        follows = self._next.get(index)
        if follows is not None:
            jump = written * tick + ahead - follows
            if jump < -BACKWARDS or (self._jumps_forwards and jump > FORWARDS):
                ahead = self._ahead[index] = ahead - jump
                self.jumped = True
        moved = round(ahead / tick)
        now = written * tick + ahead
        # The last packet before a jump may not say how long it is.
        step = packet.duration * tick if packet.duration else now - self._last.get(index, now)
        self._last[index], self._next[index] = now, now + max(Fraction(0), step)
        packet.dts = None if packet.dts is None else packet.dts + moved
        packet.pts = None if packet.pts is None else packet.pts + moved


def _packets(container: Any, streams: list[Any]) -> Iterator[Any]:
    """All packets, None where a damaged part lies, and last the empty ones that empty the decoders."""
    for _ in range(RETRIES):
        try:
            yield from container.demux(streams)
            return
        except av.error.BlockingIOError:  # nothing was found near: go on behind
            yield None
        except (av.FFmpegError, ValueError):
            break
    for stream in streams:
        last = av.Packet()
        last.stream, last.time_base = stream, stream.time_base
        yield last


def length(frame: Any) -> Fraction:
    """How long a picture or a piece of sound lasts, in seconds; a picture that does not say, as on film."""
    if isinstance(frame, av.AudioFrame):
        return Fraction(frame.samples, frame.sample_rate)
    if frame.duration:
        return Fraction(frame.duration * frame.time_base)
    return Fraction(1, 25)


def _declared(container: Any, streams: list[Any]) -> Fraction:
    """Length in seconds of these streams by the file's own words; zero if it says none, or one of other streams."""
    lengths = [s.duration * s.time_base for s in streams if s.duration]
    if len(lengths) == len(streams):
        return max(lengths, default=Fraction(0))
    return Fraction(container.duration or 0, av.time_base) if len(container.streams) == len(streams) else Fraction(0)


def _minutes(seconds: Fraction) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def read_through(path: str, progress: Progress = no_progress, what: str = "读影片") -> Content:
    """Decode a film or sound to its end; what was found is kept in the cache, because a long film takes a minute.

    Raises:
        MediaError: too much of it is missing, or it cannot be opened.
    """

    def make(target: str) -> None:
        pictures, end = 0, Fraction(0)
        try:
            with open_film(path) as container:
                total = max(1, round((container.duration or 0) / av.time_base))
                for at, frame in reported(decoded(container), total, progress, what):
                    pictures += isinstance(frame, av.VideoFrame)
                    end = max(end, at + length(frame))
        except (av.FFmpegError, ValueError, OSError, MemoryError):
            raise MediaError("格式认不出") from None
        Path(target).write_text(json.dumps([pictures, round(float(end), 3)]), "utf-8")

    found = cached_file(f"{key_of('read', VERSION, fingerprint(path))}.json", make)
    return Content(*json.loads(Path(found).read_text("utf-8")))


def reported(
    frames: Iterable[tuple[Fraction, Any]], total: int, progress: Progress, what: str
) -> Iterator[tuple[Fraction, Any]]:
    """The same; progress is reported in seconds of the film, which has ``total``."""
    bar = iter(progress(range(total), what, total))
    shown = 0
    for at, frame in frames:
        while shown < total and shown < at:
            next(bar, None)
            shown += 1
        yield at, frame
    for _ in bar:
        pass
