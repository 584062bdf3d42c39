"""Media: reads and writes films with PyAV, whose wheel contains FFmpeg."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import chain
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from PIL import Image

from integrity_archive.films.drawing import Planes, to_frame
from integrity_archive.films.measurement import MediaError, MediaInfo

RATE = 25
"""Frames per second."""
SOUND_RATE = 44_100
"""Samples per second; every player supports it."""
SOUND_BITS = 128_000

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


CONTAINERS = "mov,matroska,webm,avi,mpegts,mpeg,flv,asf,ogg,wav,mp3,aac,flac"
"""Formats in which a file holds its own pictures and sound. Others are lists of further files (concat, HLS, DASH),
which FFmpeg would open: what they name would be published with the film."""


def open_film(path: str) -> Any:
    """Open a film or a sound file for reading; see ``av.open`` for the errors.

    A file of a format that refers to other files counts as unreadable.
    """
    return av.open(path, options={"format_whitelist": CONTAINERS, "protocol_whitelist": "file"})


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
            if not container.streams.video:
                raise MediaError("里面没有画面，只有声音" if container.streams.audio else "不是影片")
            stream_ = container.streams.video[0]
            frame = next(container.decode(stream_), None)
            if frame is None:
                raise MediaError("一帧画面也读不出来，文件已损坏")
            turned = frame.rotation % 180 != 0
            seconds = _seconds(container, stream_)
            sound = container.streams.audio[0].codec_context.name if container.streams.audio else ""
            width, height = (frame.height, frame.width) if turned else (frame.width, frame.height)
            info = MediaInfo(
                container.format.name,
                stream_.codec_context.name,
                frame.format.name,
                width,
                height,
                round(seconds, 3),
                sound,
                index_first,
            )
    except (av.FFmpegError, ValueError, MemoryError):
        raise MediaError("不是能读的影片，或已损坏") from None
    if info.seconds <= 0:
        raise MediaError("长度是零，没有可放的内容")
    return info


def _seconds(container: Any, stream: Any) -> float:
    if container.duration:
        return float(container.duration / av.time_base)
    return float(stream.duration * stream.time_base) if stream.duration else 0.0


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
    try:
        with open_film(path) as container:
            if not container.streams.audio:
                raise MediaError("里面没有声音")
            resampler = av.AudioResampler(format="fltp", layout="stereo", rate=SOUND_RATE)
            for frame in chain(container.decode(container.streams.audio[0]), (None,)):
                blocks += [np.asarray(part.to_ndarray(), dtype=np.float32) for part in resampler.resample(frame)]
    except (av.FFmpegError, ValueError, OSError):
        raise MediaError("不是能读的声音，或已损坏") from None
    if not blocks:
        raise MediaError("声音是空的")
    return np.concatenate(blocks, axis=1)


def sound_seconds(path: str) -> float:
    """Length of a sound file in seconds; only its beginning is decoded.

    Raises:
        MediaError: it is not a readable sound.
    """
    try:
        if not os.path.getsize(path):
            raise MediaError("文件是空的")
        with open_film(path) as container:
            if not container.streams.audio:
                raise MediaError("里面没有声音")
            stream = container.streams.audio[0]
            if next(container.decode(stream), None) is None:
                raise MediaError("声音是空的")
            return _seconds(container, stream)
    except (av.FFmpegError, ValueError, OSError, MemoryError):
        raise MediaError("不是能读的声音，或已损坏") from None


def fitted(sound: Sound, samples: int) -> Sound:
    """A sound cut to this number of samples, or filled up with silence."""
    result = np.zeros((2, samples), dtype=np.float32)
    length = min(samples, sound.shape[1])
    result[:, :length] = sound[:, :length]
    return result


def write_still(path: str, film: str, second: float) -> None:
    """Write the frame at this second as JPEG.

    Raises:
        MediaError: the film has no frame there.
    """
    try:
        with open_film(film) as container:
            stream: Any = container.streams.video[0]
            if second:
                container.seek(int(second / stream.time_base), stream=stream)
            picture: Any = None
            for frame in container.decode(stream):
                if picture is not None and frame.time is not None and frame.time > second:
                    break
                picture = frame
            if picture is None:
                raise MediaError(f"{second:g} 秒处没有画面")
            image: Image.Image = picture.to_image()
            if picture.rotation % 360:
                image = image.rotate(picture.rotation, expand=True)
    except (av.FFmpegError, ValueError):
        raise MediaError(f"{second:g} 秒处的画面读不出来") from None
    image.save(path, format="JPEG", quality=86, optimize=True)
