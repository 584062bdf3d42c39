"""Camera: converts a film from a camera or telephone to a format that every browser and old computer plays."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import av

from integrity_archive.films.decoding import (
    SOUND_RATE,
    decoded,
    length,
    open_film,
    picture_stream,
    reported,
    sound_stream,
)
from integrity_archive.films.filters import TICKS, PictureFilter, SoundFilter
from integrity_archive.films.measurement import MediaError, MediaInfo
from integrity_archive.films.media import SOUND_BITS, measure
from integrity_archive.films.tone_map import BT709
from integrity_archive.support.cache import cached_file, fingerprint, key_of
from integrity_archive.support.progress import Progress, no_progress

VERSION = 3
"""Increase it when the same file would be converted differently."""

UNCONVERTED = "转换不成"
MOST_PICTURES = 30
"""Most pictures a second of a converted film: what old computers play without stumbling."""
KEY_SECONDS = 10
"""Longest time without a picture that can be jumped to; also in films of few pictures."""
LATEST_BEGIN = 0.5
"""Seconds that a file's clock may be ahead at its beginning."""
VIDEO_RANGE = 1
"""Code point of luma from 16 to 235; FFmpeg's ``AVCOL_RANGE_MPEG``."""
OPTIONS = {"preset": "veryfast", "crf": "24", "profile": "main", "level": "4.0"}


def why_not_as_is(film: MediaInfo, size: int) -> tuple[str, ...]:
    """Reasons why a file must be converted, in Chinese; empty if it can be used unchanged."""
    reasons = []
    if "mp4" not in film.container.split(","):
        reasons.append("不是 MP4")
    if film.video != "h264":
        reasons.append(f"画面是 {film.video}，不是 H.264")
    elif film.pixels != "yuv420p":
        reasons.append(f"像素格式是 {film.pixels}，老电脑放不了")
    if film.sound not in ("", "aac"):
        reasons.append(f"声音是 {film.sound}，不是 AAC")
    if not film.square:
        reasons.append("像素不是方的")
    if film.interlaced:
        reasons.append("画面是隔行的")
    if film.wide_colour:
        reasons.append("颜色是 HDR 的，普通屏幕上发灰")
    if film.begins > LATEST_BEGIN:
        reasons.append("时间不从零开始")
    if min(film.width, film.height) > size:
        reasons.append(f"画面大于 {size}p")
    if not film.index_first:
        reasons.append("索引在文件末尾，网上要下载完才能播放")
    return tuple(reasons)


def only_order(film: MediaInfo, size: int) -> bool:
    """Whether the place of the index is the only fault: then nothing is encoded again."""
    return why_not_as_is(film, size) == why_not_as_is(film, size)[-1:] and not film.index_first


def playable(path: str, size: int, progress: Progress = no_progress, title: str = "") -> str:
    """Path of the film for the site: the camera's own file if it plays everywhere, else a converted one in the cache.

    ``title`` distinguishes this film's progress from that of the others.

    Raises:
        MediaError: the film cannot be read to its end.
    """
    film = measure(path)
    if not why_not_as_is(film, size):
        return path

    def make(target: str) -> None:
        try:
            if only_order(film, size):
                _reorder(path, target)
            else:
                _encode(path, target, film, size, progress, f"转换影片《{title}》" if title else "转换影片")
        except (av.FFmpegError, ValueError) as error:
            if isinstance(error, OSError):  # a full disk is no fault of the film
                raise
            raise MediaError(UNCONVERTED) from None

    return cached_file(f"{key_of(VERSION, fingerprint(path), size, sorted(OPTIONS.items()))}.mp4", make)


def _reorder(path: str, target: str) -> None:
    with open_film(path) as source, av.open(target, "w", format="mp4", options={"movflags": "+faststart"}) as out:
        copied = [s for s in (picture_stream(source), sound_stream(source)) if s is not None]
        streams = {s.index: out.add_stream_from_template(s) for s in copied}
        for packet in source.demux(copied):
            if packet.dts is not None:
                packet.stream = streams[packet.stream_index]
                out.mux(packet)


def _encode(path: str, target: str, film: MediaInfo, size: int, progress: Progress, what: str) -> None:
    with open_film(path) as source, av.open(target, "w", format="mp4", options={"movflags": "+faststart"}) as out:
        pictures = _Pictures(out, *_fit(film, size))
        sound = _Sound(out) if film.sound else None
        for at, frame in reported(decoded(source), max(1, round(film.seconds)), progress, what):
            if isinstance(frame, av.VideoFrame):
                pictures.add(at, frame)
            elif sound:
                sound.add(at, frame)
        pictures.end()
        if sound:
            sound.end()


class _Pictures:
    """The pictures of the converted film, each at its own time: a film may be fast here and slow there."""

    def __init__(self, out: Any, width: int, height: int) -> None:
        self._out, self._filter = out, PictureFilter(width, height)
        stream = self._stream = out.add_stream("libx264", rate=MOST_PICTURES)
        stream.width, stream.height, stream.pix_fmt, stream.options = width, height, "yuv420p", dict(OPTIONS)
        context = stream.codec_context
        context.time_base = Fraction(1, TICKS)
        context.color_primaries = context.color_trc = context.colorspace = BT709
        context.color_range = VIDEO_RANGE
        self._following, self._key, self._end = Fraction(-1), Fraction(-KEY_SECONDS), Fraction(0)
        self._first = True

    def add(self, at: Fraction, frame: Any) -> None:
        step = Fraction(1, MOST_PICTURES)
        self._end = max(self._end, at + length(frame))
        # Of 60 a second every second one is enough; a third of a step is what the clocks of telephones tremble.
        if at + step / 3 < self._following:
            return
        # The first picture is there from the beginning, as the sound: not every player waits for it.
        at, self._first = (Fraction(0), False) if self._first else (at, False)
        self._following = at + step
        for picture in self._filter.push(at, frame):
            self._encode(picture)

    def end(self) -> None:
        for picture in self._filter.flush():
            self._encode(picture)
        packets = self._stream.encode()
        last = max(packets, key=lambda packet: packet.pts, default=None)
        if last is not None:  # nothing follows that would say how long it stands
            last.duration = max(1, round((self._end - last.pts * last.time_base) / last.time_base))
        self._out.mux(packets)

    def _encode(self, picture: Any) -> None:
        at = picture.pts * picture.time_base
        fresh = at >= self._key + KEY_SECONDS
        self._key = at if fresh else self._key
        picture.pict_type = av.video.frame.PictureType.I if fresh else av.video.frame.PictureType.NONE
        self._out.mux(self._stream.encode(picture))


class _Sound:
    """The sound of the converted film."""

    def __init__(self, out: Any) -> None:
        self._out, self._filter = out, SoundFilter()
        self._stream = out.add_stream("aac", rate=SOUND_RATE, layout="stereo")
        self._stream.bit_rate = SOUND_BITS

    def add(self, at: Fraction, frame: Any) -> None:
        for part in self._filter.push(at, frame):
            self._out.mux(self._stream.encode(part))

    def end(self) -> None:
        for part in self._filter.flush():
            self._out.mux(self._stream.encode(part))
        self._out.mux(self._stream.encode())


def _fit(film: MediaInfo, size: int) -> tuple[int, int]:
    """Width and height of the converted picture: the shorter side at most ``size``, both even."""
    scale = min(1.0, size / min(film.width, film.height))
    return (max(2, 2 * round(film.width * scale / 2)), max(2, 2 * round(film.height * scale / 2)))
