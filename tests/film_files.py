"""Small real films, as a camera or a broken stick would leave them."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
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
                pictures.width, pictures.height, pictures.pix_fmt = (*size, "yuv420p")
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
