"""Camera: converts a film from a camera or telephone to a format that every browser and old computer plays."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

import av

from integrity_archive.films.measurement import MediaError, MediaInfo
from integrity_archive.films.media import SOUND_BITS, SOUND_RATE, measure, open_film
from integrity_archive.support.cache import cached_file, fingerprint, key_of
from integrity_archive.support.progress import Progress, no_progress

VERSION = 2
"""Increase it when the same file would be converted differently."""

BROKEN = "读到一半读不下去，文件不完整，或已损坏"
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
        if only_order(film, size):
            _reorder(path, target)
        else:
            _encode(path, target, film, size, progress, f"转换影片《{title}》" if title else "转换影片")
            # Some decoders skip damaged parts without an error; so compare lengths, which files round or estimate.
            if measure(target).seconds < film.seconds * 0.9 - 1:
                raise MediaError(BROKEN)

    return cached_file(f"{key_of(VERSION, fingerprint(path), size, sorted(OPTIONS.items()))}.mp4", make)


def _reorder(path: str, target: str) -> None:
    try:
        with open_film(path) as source, av.open(target, "w", format="mp4", options={"movflags": "+faststart"}) as out:
            streams = {s.index: out.add_stream_from_template(s) for s in source.streams if s.type in ("video", "audio")}
            for packet in source.demux([source.streams[index] for index in streams]):
                if packet.dts is not None:
                    packet.stream = streams[packet.stream_index]
                    out.mux(packet)
    except (av.FFmpegError, ValueError):
        raise MediaError(BROKEN) from None


def _encode(path: str, target: str, film: MediaInfo, size: int, progress: Progress, what: str) -> None:
    width, height = _fit(film, size)
    try:
        with open_film(path) as source, av.open(target, "w", format="mp4", options={"movflags": "+faststart"}) as out:
            pictures: Any = source.streams.video[0]
            rate = pictures.average_rate or Fraction(25)
            video: Any = out.add_stream("libx264", rate=min(rate, Fraction(30)))
            video.width, video.height, video.pix_fmt, video.options = width, height, "yuv420p", dict(OPTIONS)
            sounds: Any = source.streams.audio[0] if source.streams.audio else None
            audio: Any = out.add_stream("aac", rate=SOUND_RATE, layout="stereo") if sounds else None
            if audio:
                audio.bit_rate = SOUND_BITS
            packets = source.demux([s for s in (pictures, sounds) if s is not None])
            _transcode(_seconds_of(packets, film, progress, what), _begins(source), video, audio, out)
    except (av.FFmpegError, ValueError):
        raise MediaError(BROKEN) from None


def _seconds_of(packets: Iterator[Any], film: MediaInfo, progress: Progress, what: str) -> Iterator[Any]:
    """The packets; progress is reported in seconds of the film."""
    total = max(1, round(film.seconds))
    bar = iter(progress(range(total), what, total))
    reported = 0
    for packet in packets:
        if packet.pts is not None:
            while reported < total and reported < float(packet.pts * packet.time_base):
                next(bar, None)
                reported += 1
        yield packet
    for _ in bar:
        pass


def _begins(source: Any) -> Fraction:
    """Timestamp of a file's beginning, in seconds: camcorders do not start at zero."""
    return max(Fraction(0), Fraction(source.start_time or 0, av.time_base))


def _transcode(packets: Iterator[Any], begins: Fraction, video: Any, audio: Any, out: Any) -> None:
    resampler = av.AudioResampler(format="fltp", layout="stereo", rate=SOUND_RATE)
    graph: Any = None
    step = Fraction(1, 1) / video.codec_context.framerate if video.codec_context.framerate else Fraction(1, 25)
    following = Fraction(0)
    for packet in packets:
        for frame in packet.decode():
            if begins and frame.pts is not None:
                frame.pts -= round(begins / frame.time_base)
            if isinstance(frame, av.VideoFrame):
                at = Fraction(frame.time or 0).limit_denominator(1_000_000)
                if at + step / 4 < following:  # a camera of 60 frames a second: every second frame is enough
                    continue
                following = at + step
                graph = graph or _upright(frame, video)
                graph.push(frame)
                filtered = graph.pull()
                filtered.pts, filtered.time_base, filtered.pict_type = frame.pts, frame.time_base, 0
                out.mux(video.encode(filtered))
            elif audio:
                for part in resampler.resample(frame):
                    out.mux(audio.encode(part))
    out.mux(video.encode())
    if audio:
        for part in resampler.resample(None):
            out.mux(audio.encode(part))
        out.mux(audio.encode())


def _upright(frame: Any, video: Any) -> Any:
    """A filter that rotates a telephone's picture upright, scales it, and converts it to ``yuv420p``."""
    graph = av.filter.Graph()
    steps = [graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base)]
    turn = {90: ("transpose", "cclock"), -90: ("transpose", "clock"), 270: ("transpose", "clock")}
    turned = frame.rotation % 360 if frame.rotation > 0 else frame.rotation
    if turned in turn:
        steps.append(graph.add(*turn[turned]))
    elif turned in (180, -180):
        steps += [graph.add("hflip"), graph.add("vflip")]
    steps.append(graph.add("scale", f"{video.width}:{video.height}"))
    steps.append(graph.add("format", "yuv420p"))
    steps.append(graph.add("setsar", "1"))
    steps.append(graph.add("buffersink"))
    for one, next_ in pairwise(steps):
        one.link_to(next_)
    graph.configure()
    return graph


def _fit(film: MediaInfo, size: int) -> tuple[int, int]:
    """Width and height of the converted picture: the shorter side at most ``size``, both even."""
    scale = min(1.0, size / min(film.width, film.height))
    return (2 * round(film.width * scale / 2), 2 * round(film.height * scale / 2))
