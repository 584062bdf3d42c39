"""Media: reads and writes films with PyAV, whose wheel contains FFmpeg."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from itertools import chain, islice
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from PIL import Image

from integrity_archive.films.decoding import (
    SOUND_RATE,
    decoded,
    open_film,
    picture_stream,
    read_through,
    sound_stream,
)
from integrity_archive.films.drawing import Planes, to_frame
from integrity_archive.films.filters import SoundFilter
from integrity_archive.films.measurement import MediaError, MediaInfo
from integrity_archive.films.tone_map import is_wide
from integrity_archive.support.progress import Progress, no_progress

RATE = 25
"""Frames per second."""
SOUND_BITS = 128_000
"""Bits per second of AAC."""
LOOKED_AT = 8
"""Pictures at the beginning of a film that are looked at to know its kind."""

# No B-frames: scenes are encoded separately and joined packet by packet, so decoding order must be display order.
# Main profile, level 4 and a key frame every two seconds play on public screens and old office computers.
VIDEO_OPTIONS = {
    "preset": "veryfast",
    "crf": "22",
    "profile": "main",
    "x264-params": "bframes=0:keyint=50:scenecut=0:threads=1:level=4.0"
    ":colorprim=bt709:transfer=bt709:colormatrix=bt709:range=tv",
}

Sound = npt.NDArray[np.float32]
"""Two rows, left and right channel, of samples from -1 to 1."""


def measure(path: str) -> MediaInfo:
    """Read a film's streams and length; its name is ignored.

    Raises:
        MediaError: it is empty, damaged, not a film, or without a picture.
    """
    try:
        if not os.path.getsize(path):
            raise MediaError("文件是空的")
        index_first = _index_first(path)
    except OSError:
        raise MediaError("打不开：没有读它的权限，或正被别的软件占用") from None
    try:
        with open_film(path) as container:
            stream = picture_stream(container)
            if stream is None:
                raise MediaError(_without_picture(container))
            # Interlaced films may begin with pictures that are not.
            pictures = list(islice((f for _, f in decoded(container) if isinstance(f, av.VideoFrame)), LOOKED_AT))
            if not pictures:
                raise MediaError("一帧画面也读不出来，文件已损坏")
            frame, shape = pictures[0], Fraction(stream.sample_aspect_ratio or 1)
            width, height = max(1, round(frame.width * shape)), frame.height
            sound = sound_stream(container)
            starts = [s.start_time * s.time_base for s in (stream, sound) if s and s.start_time is not None]
            info = MediaInfo(
                container=container.format.name,
                video=stream.codec_context.name,
                pixels=frame.format.name,
                width=height if frame.rotation % 180 else width,
                height=width if frame.rotation % 180 else height,
                square=shape == 1,
                interlaced=any(picture.interlaced_frame for picture in pictures),
                wide_colour=is_wide(frame.color_primaries, frame.color_trc),
                begins=round(float(min(starts, default=0)), 3),
                seconds=round((container.duration or 0) / av.time_base, 3),
                sound=sound.codec_context.name if sound else "",
                sounds=len(container.streams.audio),
                index_first=index_first,
            )
    except (av.FFmpegError, ValueError, MemoryError):
        raise MediaError("不是能读的影片，或已损坏") from None
    if info.seconds <= 0:  # recorded in a browser, which does not know the length beforehand
        info = replace(info, seconds=read_through(path).seconds)
    if info.seconds <= 0:
        raise MediaError("长度是零，没有可放的内容")
    return info


def inspect(path: str, progress: Progress = no_progress, what: str = "读影片") -> MediaInfo:
    """As ``measure``, but the film is read to its end, so that its length is the true one and it can be converted.

    Raises:
        MediaError: as ``measure``; or too much of it is missing.
    """
    return replace(measure(path), seconds=read_through(path, progress, what).seconds)


def _without_picture(container: Any) -> str:
    """Why a file without a readable picture is no film."""
    if any(not s.disposition & av.stream.Disposition.attached_pic for s in container.streams.video):
        return "画面的格式认不出"
    return "里面没有画面，只有声音" if container.streams.audio else "不是影片"


def _index_first(path: str) -> bool:
    """Whether an MP4's ``moov`` box precedes its ``mdat`` (ISO/IEC 14496-12); true for other formats.

    Raises:
        MediaError: a box extends beyond the end of the file.
    """
    end = os.path.getsize(path)
    at = 0
    names: list[bytes] = []
    with open(path, "rb") as stream:
        while at + 8 <= end:
            stream.seek(at)
            head = stream.read(16)
            size, name = int.from_bytes(head[:4], "big"), head[4:8]
            if not names and name != b"ftyp":
                return True
            size = int.from_bytes(head[8:16], "big") if size == 1 else size or end - at
            names.append(name)
            if {b"moov", b"mdat"} <= set(names[:-1]):  # some cameras write notes of their own behind the film
                break
            if size < 8 or at + size > end:
                raise MediaError(f"文件不完整，少了 {max(1, (at + size - end) >> 10)} KB：多半没有拷贝完，重新拷贝一次")
            at += size
    return b"mdat" not in names or b"moov" in names[: names.index(b"mdat")]


# ---- writing --------------------------------------------------------------------------------------------------


def write_segment(path: str, size: tuple[int, int], frames: Iterable[Planes]) -> None:
    """Encode the frames of a scene; if a frame is the same object as the one before, it is not converted again."""
    with av.open(path, "w", format="mp4") as out:
        stream: Any = out.add_stream("libx264", rate=RATE)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.options = dict(VIDEO_OPTIONS)
        last, frame = None, None
        for number, planes in enumerate(frames):
            if planes is not last or frame is None:
                last, frame = planes, to_frame(planes)
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            out.mux(stream.encode(frame))
        out.mux(stream.encode())


def join(path: str, segments: Sequence[str], seconds: float, sound: Sound | None) -> None:
    """Write one MP4 of all segments, not encoded again, and of a sound as AAC; silence if there is none.

    The index comes first, so that a browser can play before it has loaded the whole file.
    """
    with av.open(path, "w", format="mp4", options={"movflags": "+faststart"}) as out:
        with open_film(segments[0]) as first:
            video: Any = out.add_stream_from_template(first.streams.video[0])
        audio: Any = out.add_stream("aac", rate=SOUND_RATE, layout="stereo")
        audio.bit_rate = SOUND_BITS if sound is not None else 16_000
        samples = round(seconds * SOUND_RATE)
        track = np.zeros((2, samples), dtype=np.float32) if sound is None else fitted(sound, samples)
        packets = chain(_moved(segments, video), _encoded(track, audio))
        # The muxer needs the packets of both streams in the order of their times.
        for packet in sorted(packets, key=lambda packet: float(packet.dts * packet.time_base)):
            out.mux(packet)


def _moved(segments: Sequence[str], stream: Any) -> Iterator[Any]:
    at = 0
    for path in segments:
        with open_film(path) as source:
            pictures: Any = source.streams.video[0]
            tick = Fraction(1, RATE) / pictures.time_base
            frames = 0
            packets: Any = source.demux(pictures)
            for packet in packets:
                if packet.size == 0:
                    continue
                packet.pts = packet.dts = packet.pts + at * tick
                packet.stream = stream
                frames += 1
                yield packet
            at += frames


def _encoded(track: Sound, stream: Any) -> Iterator[Any]:
    size = 1024
    for start in range(0, track.shape[1], size):
        block = np.ascontiguousarray(track[:, start : start + size])
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, start, Fraction(1, SOUND_RATE)
        yield from stream.encode(frame)
    yield from stream.encode()


def read_sound(path: str) -> Sound:
    """The whole sound of a file, in stereo at ``SOUND_RATE``.

    Raises:
        MediaError: it is not a readable sound.
    """
    blocks: list[Sound] = []
    sound = SoundFilter()
    try:
        with open_film(path) as container:
            if sound_stream(container) is None:
                raise MediaError("里面没有声音")
            for at, frame in decoded(container):
                if isinstance(frame, av.AudioFrame):
                    blocks += [_samples(part) for part in sound.push(at, frame)]
            blocks += [_samples(part) for part in sound.flush()]
    except (av.FFmpegError, ValueError, OSError):
        raise MediaError("不是能读的声音，或已损坏") from None
    if not blocks:
        raise MediaError("声音是空的")
    return np.concatenate(blocks, axis=1)


def _samples(part: Any) -> Sound:
    return np.asarray(part.to_ndarray(), dtype=np.float32)


def sound_seconds(path: str) -> float:
    """Length of a sound file in seconds; it is read to its end.

    Raises:
        MediaError: it is not a readable sound.
    """
    try:
        if not os.path.getsize(path):
            raise MediaError("文件是空的")
        with open_film(path) as container:
            if sound_stream(container) is None:
                raise MediaError("里面没有声音")
    except (av.FFmpegError, ValueError, OSError, MemoryError):
        raise MediaError("不是能读的声音，或已损坏") from None
    seconds = read_through(path, what="听声音").seconds
    if not seconds:
        raise MediaError("声音是空的")
    return seconds


def fitted(sound: Sound, samples: int) -> Sound:
    """A sound cut to this number of samples, or filled up with silence."""
    result = np.zeros((2, samples), dtype=np.float32)
    length = min(samples, sound.shape[1])
    result[:, :length] = sound[:, :length]
    return result


def write_still(path: str, film: str, second: float) -> None:
    """Write the frame at this second as JPEG: the last one before it, or else the first of the film.

    Raises:
        MediaError: the film has no frame.
    """
    try:
        with open_film(film) as container:
            stream = picture_stream(container)
            picture = _frame_at(container, stream, second) if second else None
            if picture is None:
                container.seek(0, any_frame=False)
                picture = _frame_at(container, stream, 0)
            if picture is None:
                raise MediaError(f"{second:g} 秒处没有画面")
            image: Image.Image = picture.to_image()
            if picture.rotation % 360:
                image = image.rotate(picture.rotation, expand=True)
    except (av.FFmpegError, ValueError):
        raise MediaError(f"{second:g} 秒处的画面读不出来") from None
    image.save(path, format="JPEG", quality=86, optimize=True)


def _frame_at(container: Any, stream: Any, second: float) -> Any:
    """The last frame at or before a second; None if there is none behind the point to which the film can be wound."""
    picture: Any = None
    with suppress(av.FFmpegError):
        if second:
            container.seek(int(second / stream.time_base), stream=stream)
        for frame in container.decode(stream):
            if picture is not None and frame.time is not None and frame.time > second:
                break
            picture = frame
    return picture
