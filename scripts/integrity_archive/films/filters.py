"""Filters: bring decoded pictures and sound, whatever a camera left, into the one form that films of the site have."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av

from integrity_archive.films.decoding import SOUND_RATE
from integrity_archive.films.tone_map import BT709, cube_file, is_wide

TICKS = 90_000
"""Ticks per second of the pictures' times: fine enough for every rate that cameras have."""

MATRIX_BY_HEIGHT = 576
"""Greatest height of a picture that, where it does not say, has the colour matrix of BT.601 and not of BT.709."""
BT601, RGB, UNSPECIFIED = 6, 0, 2
"""Code points of colour matrices; ITU-T H.273, table 4."""


class PictureFilter:
    """Makes pictures progressive, upright, of square pixels and one size, in ``yuv420p`` and the colours of BT.709."""

    def __init__(self, width: int, height: int) -> None:
        self._size = width, height
        self._form: tuple[object, ...] = ()
        self._graph: Any = None
        self._interlaced = False

    def push(self, at: Fraction, frame: Any) -> Iterator[Any]:
        """Take a picture at a time in seconds; pictures come out as they are ready, with their times."""
        self._interlaced = self._interlaced or frame.interlaced_frame
        colours = (frame.color_primaries, frame.color_trc, frame.colorspace, frame.color_range)
        form = (frame.width, frame.height, frame.format.name, frame.rotation % 360, *colours, self._interlaced)
        if form != self._form:
            yield from self.flush()
            self._form, self._graph = form, self._build(frame)
        frame.pts, frame.time_base = round(at * TICKS), Fraction(1, TICKS)
        self._graph.push(frame)
        yield from _ready(self._graph)

    def flush(self) -> Iterator[Any]:
        """The pictures that are still being made."""
        if self._graph:
            self._graph.push(None)
            yield from _ready(self._graph)

    def _build(self, frame: Any) -> Any:
        graph = av.filter.Graph()
        turned = frame.rotation % 360
        width, height = self._size[::-1] if turned in (90, 270) else self._size
        source = graph.add_buffer(
            width=frame.width, height=frame.height, format=frame.format, time_base=Fraction(1, TICKS)
        )
        steps = [source, graph.add("setparams", f"colorspace={_matrix(frame)}")]
        if self._interlaced:
            steps.append(graph.add("bwdif", "mode=send_frame:deint=interlaced"))
        size, form = f"{width}:{height}", "out_range=tv:out_color_matrix=bt709"
        if is_wide(frame.color_primaries, frame.color_trc):
            steps += [graph.add("scale", size), graph.add("format", "gbrp12")]
            steps += [graph.add("lut3d", file=cube_file(frame.color_trc)), graph.add("scale", form)]
        else:
            steps.append(graph.add("scale", f"{size}:{form}"))
        steps.append(graph.add("format", "yuv420p"))
        turn = {90: ["transpose=cclock"], 180: ["hflip", "vflip"], 270: ["transpose=clock"]}.get(turned, [])
        steps += [graph.add(*step.split("=")) for step in turn]
        colours = f"range=tv:color_primaries={BT709}:color_trc={BT709}:colorspace={BT709}"
        steps += [graph.add("setparams", colours), graph.add("setsar", "1"), graph.add("buffersink")]
        graph.link_nodes(*steps).configure()
        return graph


class SoundFilter:
    """Makes sound stereo at ``SOUND_RATE`` and without gaps, whatever the clock of the file does."""

    def __init__(self) -> None:
        self._form: tuple[object, ...] = ()
        self._graph: Any = None
        self._samples = 0
        self._begins = Fraction(0)

    def push(self, at: Fraction, frame: Any) -> Iterator[Any]:
        """Take a piece of sound at a time in seconds; pieces come out as they are ready, with their times."""
        form = (frame.sample_rate, frame.format.name, frame.layout.name)
        if form != self._form:
            yield from self.flush()
            self._form, self._graph = form, _sound_graph(frame)
            self._begins = Fraction(self._samples, SOUND_RATE)
        frame.time_base = Fraction(1, frame.sample_rate)
        frame.pts = max(0, round((at - self._begins) * frame.sample_rate))
        self._graph.push(frame)
        yield from self._numbered()

    def flush(self) -> Iterator[Any]:
        """The sound that is still being made."""
        if self._graph:
            self._graph.push(None)
            yield from self._numbered()

    def _numbered(self) -> Iterator[Any]:
        for part in _ready(self._graph):
            part.pts, part.time_base = self._samples, Fraction(1, SOUND_RATE)
            self._samples += part.samples
            yield part


def _sound_graph(frame: Any) -> Any:
    graph = av.filter.Graph()
    # Some files say how many channels they have, and not which.
    layout = {1: "mono", 2: "stereo"}.get(frame.layout.nb_channels, frame.layout.name)
    source = graph.add_abuffer(sample_rate=frame.sample_rate, format=frame.format, layout=layout)
    graph.link_nodes(
        source,
        # Gaps become silence, overlaps are cut, and sound that begins late begins with silence.
        graph.add("aresample", f"{SOUND_RATE}:async=1:first_pts=0"),
        graph.add("aformat", f"sample_fmts=fltp:sample_rates={SOUND_RATE}:channel_layouts=stereo"),
        graph.add("abuffersink"),
    ).configure()
    return graph


def _ready(graph: Any) -> Iterator[Any]:
    while True:
        try:
            yield graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return


def _matrix(frame: Any) -> int:
    """The colour matrix of a picture; most telephones and cameras say it, screen recorders often do not."""
    if not any(part.is_luma for part in frame.format.components):
        return RGB
    if frame.colorspace in (RGB, UNSPECIFIED):
        return BT601 if frame.height <= MATRIX_BY_HEIGHT else BT709
    return int(frame.colorspace)
