"""What cameras, telephones and screen recorders leave: it comes out with its length, pictures, shape and colours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from film_files import film, recording, turned
from integrity_archive.build.examine import edition_content, examine
from integrity_archive.content.site_settings import Site
from integrity_archive.films.camera import playable, why_not_as_is
from integrity_archive.films.media import inspect, measure, read_sound, write_still
from integrity_archive.support import cache
from trees import write_tree


@pytest.fixture(autouse=True)
def cache_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where films are kept."""
    folder = tmp_path / "cache"
    monkeypatch.setenv(cache.ENVIRONMENT, str(folder))
    return folder / "films"


def times(*parts: tuple[float, int]) -> list[float]:
    """Times of pictures: each part is seconds, and pictures a second."""
    result, at = [], 0.0
    for seconds, rate in parts:
        result += [at + n / rate for n in range(round(seconds * rate))]
        at += seconds
    return result


@dataclass(frozen=True)
class Shown:
    """What a visitor gets."""

    seconds: float
    pictures: int
    size: tuple[int, int]
    heard: bool = True


FAST_AND_SLOW = times((2, 30), (2, 15))
SCREEN = times((2, 1), (2, 30), (2, 1))
EVEN = times((2, 25))
HLG, PQ = (9, 18, 9), (9, 16, 9)
DEEP = {"codec": "libx265", "pixels": "yuv420p10le", "options": {"x265-params": "log-level=error"}}

FILMS: dict[str, tuple[Callable[[], bytes], Shown]] = {
    "fast, then slow": (
        lambda: recording(FAST_AND_SLOW, container="matroska", seconds=4),
        Shown(4, 90, (320, 180)),
    ),
    "fast, then slow, no MP4 sound": (
        lambda: recording(FAST_AND_SLOW, container="mov", sound="pcm_s16le", seconds=4),
        Shown(4, 90, (320, 180)),
    ),
    "a recorded screen": (
        lambda: recording(SCREEN, container="matroska", codec="libvpx", sound=""),
        Shown(5 + 1 / 30, 64, (320, 180), heard=False),
    ),
    "recorded in a browser, without a length": (
        lambda: recording(SCREEN, container="webm", codec="libvpx", sound="", options={}),
        Shown(5 + 1 / 30, 64, (320, 180), heard=False),
    ),
    "60 pictures a second": (
        lambda: recording(times((2, 60)), container="matroska", seconds=2),
        Shown(2, 60, (320, 180)),
    ),
    "AVI with MP3": (
        lambda: film(4, codec="mpeg4", container="avi", sound="libmp3lame"),
        Shown(4, 100, (320, 180)),
    ),
    "AVI with pictures of its own length": (
        lambda: film(4, codec="mjpeg", container="avi", sound="pcm_s16le", pixels="yuvj420p"),
        Shown(4, 100, (320, 180)),
    ),
    "HDV, 1440 wide": (
        lambda: recording(
            times((1, 30)), codec="mpeg2video", container="mpegts", size=(1440, 1080), shape=Fraction(4, 3), sound="mp2"
        ),
        Shown(1, 30, (1280, 720)),
    ),
    "wide PAL": (
        lambda: recording(EVEN, container="mpegts", size=(720, 576), shape=Fraction(64, 45), sound="mp2"),
        Shown(2, 50, (1024, 576)),
    ),
    "NTSC": (
        lambda: recording(EVEN, size=(720, 480), shape=Fraction(8, 9)),
        Shown(2, 50, (640, 480)),
    ),
    "interlaced": (
        lambda: recording(
            times((2, 25)),
            size=(1920, 1080),
            container="mpegts",
            sound="ac3",
            fields=True,
            options={"x264-params": "tff=1:log=-1"},
        ),
        Shown(2, 50, (1280, 720)),
    ),
    "interlaced, else as the site has it": (
        lambda: recording(EVEN, fields=True, options={"x264-params": "tff=1:log=-1"}),
        Shown(2, 50, (320, 180)),
    ),
    "HLG": (
        lambda: recording(EVEN, colours=HLG, grey=0.75, **DEEP),
        Shown(2, 50, (320, 180)),
    ),
    "PQ": (
        lambda: recording(EVEN, colours=PQ, grey=0.58, **DEEP),
        Shown(2, 50, (320, 180)),
    ),
    "a telephone held upright": (
        lambda: turned(recording(EVEN, container="mov", sound="pcm_s16le")),
        Shown(2, 50, (180, 320)),
    ),
    "without sound": (
        lambda: recording(EVEN, container="matroska", sound=""),
        Shown(2, 50, (320, 180), heard=False),
    ),
    "odd width and height": (
        lambda: recording(EVEN, container="mov", codec="png", pixels="rgb24", size=(321, 181)),
        Shown(2, 50, (320, 180)),
    ),
    "two sound tracks": (
        lambda: recording(EVEN, container="matroska", sounds=2),
        Shown(2, 50, (320, 180)),
    ),
    "a late first picture": (
        lambda: recording([1.5 + at for at in EVEN], container="matroska", seconds=3.5),
        Shown(3.5, 50, (320, 180)),
    ),
    "a clock far from zero": (
        lambda: recording(EVEN, container="mpegts", sound="ac3", begins=3600),
        Shown(2, 50, (320, 180)),
    ),
    "MP4 with a clock far from zero": (
        lambda: recording(EVEN, begins=20),
        Shown(2, 50, (320, 180)),
    ),
    "two recordings joined": (
        lambda: 2 * recording(EVEN, container="mpegts", sound="ac3", seconds=2),
        Shown(4, 100, (320, 180)),
    ),
    "ten bits": (
        lambda: recording(EVEN, pixels="yuv420p10le"),
        Shown(2, 50, (320, 180)),
    ),
    "notes behind the film": (
        lambda: recording(EVEN) + b"\x7f\xff\xff\xffnotes of a camera",
        Shown(2, 50, (320, 180)),
    ),
}


@pytest.mark.parametrize(("make", "shown"), FILMS.values(), ids=FILMS)
def test_a_film_comes_out_as_it_was_taken(tmp_path: Path, make: Callable[[], bytes], shown: Shown) -> None:
    source = tmp_path / "a.mp4"
    source.write_bytes(make())
    found = inspect(str(source))
    assert found.seconds == pytest.approx(shown.seconds, abs=0.15)
    path = playable(str(source), 720)
    made = measure(path)
    assert why_not_as_is(made, 720) == ()
    assert (made.width, made.height) == shown.size
    assert made.seconds == pytest.approx(shown.seconds, abs=0.15)
    assert inspect(path).seconds == pytest.approx(shown.seconds, abs=0.15)
    with av.open(path) as container:
        stream = container.streams.video[0]
        pictures = list(container.decode(stream))
        assert len(pictures) == shown.pictures
        assert stream.average_rate
    if path != str(source):
        colours = {(f.color_primaries, f.color_trc, f.colorspace, f.color_range) for f in pictures}
        assert colours == {(1, 1, 1, 1)}
        assert pictures[0].time == 0
    assert bool(made.sound) == shown.heard
    if shown.heard:
        loud = np.abs(read_sound(path)).max(axis=0)
        assert loud[: round(44_100 * shown.seconds * 0.9)].max() == pytest.approx(0.2, abs=0.06)


def picture(path: str, second: float, folder: Path) -> NDArray[np.uint8]:
    """What is shown at a second, as red, green and blue."""
    still = folder / "still.jpg"
    write_still(str(still), path, second)
    with av.open(str(still)) as container:
        return next(container.decode(video=0)).to_ndarray(format="rgb24")


def converted(folder: Path, data: bytes) -> str:
    source = folder / "a.mp4"
    source.write_bytes(data)
    return playable(str(source), 720)


@pytest.mark.parametrize("name", ["fast, then slow", "a recorded screen"])
def test_pictures_keep_their_times(tmp_path: Path, name: str) -> None:
    make, shown = FILMS[name]
    with av.open(converted(tmp_path, make())) as container:
        found = [float(frame.time or 0) for frame in container.decode(video=0)]
    expected: Sequence[float] = FAST_AND_SLOW if name == "fast, then slow" else SCREEN
    assert found == pytest.approx(expected, abs=0.002)
    assert len(found) == shown.pictures


def test_a_bar_stays_where_the_clock_of_the_sound_has_it(tmp_path: Path) -> None:
    path = converted(tmp_path, FILMS["two recordings joined"][0]())
    for second, share in ((0.5, 0.25), (1.5, 0.75), (2.5, 0.25), (3.5, 0.75)):
        bar = picture(path, second, tmp_path).mean(axis=(0, 2)).argmax()
        assert bar / 320 == pytest.approx(share, abs=0.1)


def test_two_moments_are_not_shown_at_once(tmp_path: Path) -> None:
    make, _ = FILMS["interlaced, else as the site has it"]
    source = tmp_path / "b.mp4"
    source.write_bytes(make())

    def combed(path: str) -> float:
        rows = picture(path, 1, tmp_path).mean(axis=2)
        return float(np.abs(2 * rows[1:-1] - rows[:-2] - rows[2:]).mean())

    assert combed(str(source)) > 10 * combed(playable(str(source), 720))


@pytest.mark.parametrize(("name", "white"), [("HLG", 213), ("PQ", 213)])
def test_white_paper_in_hdr_is_bright_and_not_burnt_out(tmp_path: Path, name: str, white: int) -> None:
    with av.open(converted(tmp_path, FILMS[name][0]())) as container:
        luma = next(container.decode(video=0)).to_ndarray(format="yuv420p")[90, 100]
    assert int(luma) == pytest.approx(white, abs=2)


def test_a_picture_turned_by_the_telephone_stands_upright(tmp_path: Path) -> None:
    seen = picture(converted(tmp_path, FILMS["a telephone held upright"][0]()), 0.0, tmp_path)
    # The bar stood at the left edge; turned clockwise it lies along the top.
    assert seen[:12].mean() > 200 > 30 > seen[40:].mean()


@pytest.mark.long
def test_no_film_that_decodes_keeps_a_site_from_being_built(tmp_path: Path) -> None:
    tree: dict[str, object] = {}
    for number, (make, _) in enumerate(FILMS.values()):
        tree |= {f"videos/a{number}/index.md": {"set": {"title": f"片{number}", "media": "a.mp4"}}}
        tree |= {f"videos/a{number}/a.mp4": make()}
    write_tree(tmp_path, tree)
    checked = [p for p in examine(str(tmp_path)).problems if p.severity == "error"]
    content, problems = edition_content(str(tmp_path), Site(name="试验馆"))
    assert [str(p) for p in checked] == [str(p) for p in problems if p.severity == "error"] == []
    assert content
    assert len(content.films) == len(FILMS)


@pytest.mark.parametrize(
    "options",
    [
        {"codec": "mpeg4", "container": "avi", "sound": "mp2"},
        {"container": "mp4"},
        {"container": "matroska"},
        {"container": "mpegts", "sound": "ac3"},
    ],
)
def test_what_stops_a_build_is_found_by_a_check(tmp_path: Path, options: dict[str, str]) -> None:
    whole = film(6, grain=True, **options)
    broken = whole[: len(whole) // 3] + bytes(len(whole) // 3) + whole[len(whole) * 2 // 3 :]
    write_tree(tmp_path, {"videos/a/index.md": {"set": {"media": "a.mp4"}}, "videos/a/a.mp4": broken})
    (said,) = [str(p) for p in examine(str(tmp_path)).problems if p.severity == "error"]
    assert said.startswith("videos/a/a.mp4: ")
    assert "读不出来" in said


def test_a_title_in_an_old_encoding_is_no_fault(tmp_path: Path) -> None:
    source = tmp_path / "a.avi"
    named = recording(EVEN, codec="mpeg4", container="avi", sound="mp2", title="TITLE-HERE")
    source.write_bytes(named.replace(b"TITLE-HERE", "下刀以前片".encode("gbk")))
    assert measure(str(source)).seconds == pytest.approx(2, abs=0.2)


def test_a_poster_after_the_last_picture_is_the_last_one(tmp_path: Path) -> None:
    source = tmp_path / "a.mp4"
    source.write_bytes(recording(times((1, 25)), seconds=4))
    seen = picture(str(source), 3.9, tmp_path)
    assert seen.mean(axis=(0, 2)).argmax() > 260
