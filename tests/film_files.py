"""Small real films, as a camera or a broken stick would leave them."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

SIZE = (320, 180)


def film(
    seconds: float = 2,
    *,
    codec: str = "libx264",
    container: str = "mp4",
    size: tuple[int, int] = SIZE,
    rate: int = 25,
    sound: str = "aac",
    index_first: bool = True,
    grain: bool = False,
    begins: float = 0,
    pixels: str = "yuv420p",
) -> bytes:
    """A film in which a bright bar crosses the picture, with a tone; with ``grain`` it is as heavy as a real one.

    ``begins`` is what its clock says at the beginning.
    """
    random = np.random.default_rng(1)
    options = {"movflags": "+faststart"} if index_first and container in ("mp4", "mov") else {}
    if begins:
        options["output_ts_offset"] = str(begins)
    # A real file: the index is put first by reading it again.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "film")
        with av.open(str(path), "w", format=container, options=options) as out:
            pictures: Any = out.add_stream(codec, rate=rate) if codec else None
            if pictures:
                pictures.width, pictures.height, pictures.pix_fmt = (*size, pixels)
            tone: Any = out.add_stream(sound, rate=44_100, layout="stereo") if sound else None
            for number in range(round(seconds * rate) if pictures else 0):
                shape = (size[1], size[0], 3)
                picture = random.integers(0, 99, shape, np.uint8) if grain else np.zeros(shape, dtype=np.uint8)
                at = size[0] * number // round(seconds * rate)
                picture[:, at : at + 16] = 255
                out.mux(pictures.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            if pictures:
                out.mux(pictures.encode())
            if tone:
                _hum(out, tone, seconds)
        return path.read_bytes()


def _hum(out: Any, stream: Any, seconds: float) -> None:
    wave = (0.2 * np.sin(np.arange(round(44_100 * seconds)) * 0.06)).astype(np.float32)
    resampler = av.AudioResampler(format="fltp" if stream.codec_context.name == "aac" else "s16", layout="stereo")
    size = stream.codec_context.frame_size or 1024
    for start in range(0, len(wave), size):
        block = wave[start : start + size]
        frame = av.AudioFrame.from_ndarray(np.stack([block, block]), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = 44_100, start, Fraction(1, 44_100)
        for part in resampler.resample(frame):
            out.mux(stream.encode(part))
    out.mux(stream.encode())


def film_of(wish: Mapping[str, Any]) -> bytes:
    """A film as a golden case asks for it: ``film: seconds``, and perhaps ``keep: bytes`` of its beginning."""
    options = {k: v for k, v in wish.items() if k not in ("film", "keep")}
    return film(wish["film"], **options)[: wish.get("keep")]


def recording(
    times: Sequence[float],
    *,
    codec: str = "libx264",
    container: str = "mp4",
    size: tuple[int, int] = SIZE,
    pixels: str = "yuv420p",
    shape: Fraction | None = None,
    colours: tuple[int, int, int] | None = None,
    grey: float | None = None,
    options: Mapping[str, str] | None = None,
    fields: bool = False,
    sound: str = "aac",
    sounds: int = 1,
    seconds: float = 0,
    title: str = "",
    begins: float = 0,
) -> bytes:
    """A film with a picture at each of these times, in seconds; a bar is where the time of the picture puts it.

    Args:
        shape: width of a pixel divided by its height.
        colours: code points of primaries, transfer function and matrix.
        grey: luma of the whole picture, from 0 to 1, instead of the bar.
        options: of the encoder.
        fields: even lines show the bar half a picture earlier than odd ones, as camcorders film what moves fast.
        sounds: number of tracks, none with an empty ``sound``.
        seconds: length of the sound.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "film")
        muxing = {"movflags": "+faststart"} if container in ("mp4", "mov") else {}
        if begins:
            muxing["output_ts_offset"] = str(begins)
        with av.open(str(path), "w", format=container, options=muxing) as out:
            if title:
                out.metadata["title"] = title
            stream: Any = out.add_stream(codec, rate=30)
            stream.width, stream.height, stream.pix_fmt, stream.options = *size, pixels, dict(options or {})
            context = stream.codec_context
            context.time_base = Fraction(1, 30) if codec in ("mpeg2video", "mpeg4", "dvvideo") else Fraction(1, 90_000)
            if shape:
                context.sample_aspect_ratio = shape
            if colours:
                context.color_primaries, context.color_trc, context.colorspace = colours
                context.color_range = 1
            tones = [out.add_stream(sound, rate=44_100, layout="stereo") for _ in range(sounds if sound else 0)]
            for at in times:
                frame = _grey(size, pixels, grey) if grey is not None else _bar(size, at, times, fields)
                frame.pts, frame.time_base = round(at * 90_000), Fraction(1, 90_000)
                out.mux(stream.encode(frame.reformat(format=pixels)))
            out.mux(stream.encode())
            for tone in tones:
                _hum(out, tone, seconds or times[-1])
        return path.read_bytes()


def _bar(size: tuple[int, int], at: float, times: Sequence[float], fields: bool) -> Any:
    picture = np.zeros((size[1], size[0], 3), dtype=np.uint8)
    if fields:
        for odd in (0, 1):
            left = round((2 * at * 25 + odd) * 24) % (size[0] - 16)
            picture[odd::2, left : left + 16] = 255
    else:
        left = int((size[0] - 16) * at / max(times[-1], 1))
        picture[:, left : left + 16] = 255
    return av.VideoFrame.from_ndarray(picture, format="rgb24")


def _grey(size: tuple[int, int], pixels: str, level: float) -> Any:
    frame = av.VideoFrame(*size, pixels)
    deep = 4 if "10" in pixels else 1
    for n, plane in enumerate(frame.planes):
        value = round(((16 + level * 219) if n == 0 else 128) * deep)
        plane.update(np.full(plane.buffer_size // (2 if deep > 1 else 1), value, "<u2" if deep > 1 else "u1").tobytes())
    return frame


def turned(film: bytes) -> bytes:
    """An MP4 as a telephone held upright leaves it: its pictures lie, and it says that they are to be turned.

    The matrix stands in the track header (ISO/IEC 14496-12, 8.3.2); the first track is that of the pictures.
    """
    at = film.index(b"tkhd") + 44
    matrix = (0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)
    return film[:at] + b"".join(n.to_bytes(4, "big", signed=True) for n in matrix) + film[at + 36 :]
