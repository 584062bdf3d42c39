"""Films: drawn from storyboards, and made playable from what cameras leave."""

from __future__ import annotations

import os
import re
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import typst
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from film_files import film
from integrity_archive.build.examine import edition_content
from integrity_archive.content.site_settings import Site
from integrity_archive.films import drawing, production, render
from integrity_archive.films.camera import playable, why_not_as_is
from integrity_archive.films.captions import cues, vtt
from integrity_archive.films.drawing import LANDSCAPE, PORTRAIT
from integrity_archive.films.measurement import MediaError
from integrity_archive.films.media import measure, read_sound, write_still
from integrity_archive.films.motion import View
from integrity_archive.films.render import FilmStyle, film_of, film_shots, segment_path, shots_of
from integrity_archive.films.storyboard import (
    END_CARD,
    FADE,
    LoadedStoryboard,
    Scene,
    Storyboard,
    read_board,
    scene_cues,
)
from integrity_archive.support import cache
from integrity_archive.support.fonts import FontError, serif
from trees import write_tree

MAKER = FilmStyle(
    "试验馆", "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><rect width='9' height='9'/></svg>"
)
HALVES = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1200 900'>"
    "<rect width='600' height='900' fill='#ff0000'/><rect x='600' width='600' height='900' fill='#0000ff'/></svg>"
)
BOARD = """\
scenes:
  - {chapter: 一, title: 红与蓝, kicker: 第一步, picture: a.svg, seconds: 2, captions: [左红右蓝。]}
  - {text: 一屏字。, source: 试验, seconds: 1.2, transition: 直切}
"""


@pytest.fixture(autouse=True)
def cache_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where films are kept."""
    monkeypatch.setenv(cache.ENVIRONMENT, str(tmp_path / "cache"))
    return tmp_path / "cache" / "films"


def write_board(root: Path, text: str = BOARD, **files: str | bytes) -> LoadedStoryboard:
    folder = root / "videos" / "a"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "storyboard.yml").write_text(text, "utf-8")
    for name, content in {"a.svg": HALVES, **{k.replace("_", "."): v for k, v in files.items()}}.items():
        data = content if isinstance(content, bytes) else content.encode()
        (folder / name).write_bytes(data)
    names = frozenset(f"videos/a/{path.name}" for path in folder.iterdir())
    board, problems = read_board(str(root), "videos/a/storyboard.yml", names)
    assert problems == []
    assert board
    return board


def make(root: Path, board: LoadedStoryboard, shape: Any = LANDSCAPE) -> str:
    shots = shots_of(board, str(root), "试验片", MAKER, shape)
    film_shots(shots, jobs=1)
    return film_of(board, str(root), shots)


def frame_at(path: str, second: float) -> np.ndarray[Any, Any]:
    with av.open(path) as container:
        for frame in container.decode(container.streams.video[0]):
            if frame.time is not None and frame.time >= second:
                return np.asarray(frame.to_ndarray(format="rgb24"))
    raise AssertionError(f"no frame at {second}")


def test_a_storyboard_becomes_a_film_that_plays_everywhere(tmp_path: Path) -> None:
    board = write_board(tmp_path)
    path = make(tmp_path, board)
    found = measure(path)
    assert (found.video, found.pixels, found.sound) == ("h264", "yuv420p", "aac")
    assert (found.width, found.height) == (1280, 720)
    assert found.index_first
    assert found.seconds == pytest.approx(3.2 + END_CARD, abs=0.1)
    red, blue = frame_at(path, 1)[360, 200], frame_at(path, 1)[360, 800]
    assert red[0] > 200 > 60 > red[2]
    assert blue[2] > 200 > 60 > blue[0]
    with av.open(path) as container:
        times = [frame.time for frame in container.decode(container.streams.video[0])]
    assert times == sorted(times)
    assert len(times) == round(found.seconds * 25)


def test_the_portrait_film_has_its_captions_in_the_picture(tmp_path: Path) -> None:
    board = write_board(tmp_path)
    path = make(tmp_path, board, PORTRAIT)
    assert (measure(path).width, measure(path).height) == (1080, 1920)
    assert PORTRAIT.strip
    top, height = PORTRAIT.strip
    cue = board.cues[0]
    said = frame_at(path, (cue.start + cue.end) / 2)[top : top + height]
    silent = frame_at(path, cue.start / 2)[top : top + height]
    assert said.min() < 80 < 200 < silent.min()


@pytest.mark.parametrize(
    ("caption", "lines"),
    [
        ("左红右蓝。", ["左红右蓝。"]),
        ("绿豆放进缸里泡着。", ["绿豆放进缸里泡着。"]),
        ("绿豆放进缸里，用开水浸泡。", ["绿豆放进缸里，", "用开水浸泡。"]),
        ("好，绿豆放进缸里用开水浸到胚芽白。", ["好，绿豆放进缸里", "用开水浸到胚芽白。"]),
        ("他说：“屋里真的没有人知道？”", ["他说：", "“屋里真的没有人知道？”"]),
        ("绿豆放进缸里用开水浸到胚芽白。", ["绿豆放进缸里用", "开水浸到胚芽白。"]),
    ],
)
def test_a_burnt_in_caption_breaks_where_a_reader_pauses(caption: str, lines: list[str]) -> None:
    assert drawing.in_lines(caption).split("\n") == lines


@given(st.text("字句ab1，。”", min_size=1, max_size=18))
def test_a_burnt_in_caption_loses_nothing_and_fits(caption: str) -> None:
    lines = drawing.in_lines(caption).split("\n")
    assert "".join(lines) == caption
    assert len(lines) == (2 if len(caption) > 10 else 1)
    assert all(0 < len(line) <= 12 for line in lines)


def test_captions_in_the_picture_are_all_of_one_size(tmp_path: Path) -> None:
    def rows(caption: str) -> int:
        board = write_board(tmp_path, f"scenes:\n  - {{picture: a.svg, seconds: 4, captions: [{caption}]}}\n")
        (shot, _) = shots_of(board, str(tmp_path), "试验片", MAKER, PORTRAIT)
        (strip,) = drawing.draw(shot.drawing, shot.folder).captions
        return int((strip[0] < 100).any(axis=1).sum())

    # A square sign is as tall in a short caption as in each line of a long one.
    assert rows("口" * 18) == pytest.approx(2 * rows("口" * 4), abs=4)


def test_half_made_files_of_killed_runs_are_swept(cache_of_its_own: Path) -> None:
    folder = cache_of_its_own / "segments"
    folder.mkdir(parents=True)
    for name, hours in ((".making-old.mp4", 25), (".making-now.mp4", 1), ("whole.mp4", 99)):
        (folder / name).write_bytes(b"")
        os.utime(folder / name, (time.time() - hours * 3600,) * 2)
    production.make_films([], {}, "", MAKER, 720)
    assert sorted(path.name for path in folder.iterdir()) == [".making-now.mp4", "whole.mp4"]


def test_progress_says_which_film_is_converted(tmp_path: Path) -> None:
    said: list[str] = []

    def progress(items: Any, what: str, total: int) -> Any:
        said.append(what)
        return items

    source = tmp_path / "a.mov"
    source.write_bytes(film(1, container="mov", sound="pcm_s16le"))
    playable(str(source), 720, progress, "村口")
    assert said == ["转换影片《村口》"]


def test_in_a_dissolve_words_never_lie_over_words(tmp_path: Path) -> None:
    board = write_board(
        tmp_path,
        "scenes:\n  - {title: 一, picture: a.svg, seconds: 1}\n  - {title: 回, picture: b.svg, seconds: 1}\n",
        b_svg=HALVES,
    )
    path = make(tmp_path, board)
    title = np.s_[200:520, 970:1270]
    before, after = frame_at(path, 0.9)[title].min(), frame_at(path, 1.9)[title].min()
    middle = frame_at(path, 1 + FADE / 2)[title].min()
    assert before < 80
    assert after < 80
    assert middle > 150


def test_words_that_fill_the_screen_are_told_and_captions_are_not_told_twice(tmp_path: Path) -> None:
    board = write_board(tmp_path)
    assert [cue.text for cue in board.transcript] == ["左红右蓝。", "一屏字。（试验）"]
    assert [cue.text for cue in board.cues] == ["左红右蓝。"]
    assert board.transcript[1].start == board.starts[1]


def test_only_what_changed_is_filmed_again(tmp_path: Path, cache_of_its_own: Path) -> None:
    def segments() -> dict[str, int]:
        return {path.name: path.stat().st_mtime_ns for path in (cache_of_its_own / "segments").glob("*.mp4")}

    first = make(tmp_path, write_board(tmp_path))
    before = segments()
    assert make(tmp_path, write_board(tmp_path)) == first
    assert segments() == before
    second = make(tmp_path, write_board(tmp_path, BOARD.replace("一屏字。", "另一屏字。")))
    assert second != first
    # The words, and the end card that fades in from them.
    assert len(set(segments()) - set(before)) == 2
    third = make(tmp_path, write_board(tmp_path, a_svg=HALVES.replace("ff0000", "00ff00")))
    assert third not in (first, second)


def test_the_same_storyboard_gives_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    board = write_board(tmp_path)
    first = Path(make(tmp_path, board)).read_bytes()
    monkeypatch.setenv(cache.ENVIRONMENT, str(tmp_path / "another"))
    shots = shots_of(board, str(tmp_path), "试验片", MAKER, LANDSCAPE)
    film_shots(shots, jobs=2)
    assert Path(film_of(board, str(tmp_path), shots)).read_bytes() == first


def test_a_render_that_dies_leaves_nothing_that_looks_whole(
    tmp_path: Path, cache_of_its_own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = write_board(tmp_path)
    shots = shots_of(board, str(tmp_path), "试验片", MAKER, LANDSCAPE)

    def dies(path: str, *_: Any) -> None:
        Path(path).write_bytes(b"half a film")
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(render, "write_segment", dies)
        with pytest.raises(KeyboardInterrupt):
            film_shots(shots, jobs=1)
    assert not list(cache_of_its_own.rglob("*.mp4"))
    film_shots(shots, jobs=1)
    assert all(segment_path(shot).exists() for shot in shots)


def test_music_and_narration_are_heard(tmp_path: Path) -> None:
    tone = film(2, codec="", sound="pcm_s16le", container="wav")
    text = "music: m.wav\n" + BOARD.replace("seconds: 1.2", "narration: n.wav, seconds: 2")
    path = make(tmp_path, write_board(tmp_path, text, m_wav=tone, n_wav=tone))
    sound = read_sound(path)
    heard = np.abs(sound).max(axis=0)
    assert heard[44_100] > 0.02
    assert heard[round(44_100 * 2.5) :][:20_000].max() > heard[44_100:][:20_000].max()


def test_a_sound_that_is_none_is_named(tmp_path: Path) -> None:
    tone = film(2, codec="", sound="pcm_s16le", container="wav")
    board = write_board(tmp_path, "music: m.wav\n" + BOARD, m_wav=tone)
    (tmp_path / "videos" / "a" / "m.wav").write_text("不是声音", "utf-8")
    with pytest.raises(MediaError, match=r"videos/a/m\.wav"):
        make(tmp_path, board)


def made(root: Path) -> list[str]:
    """What keeps the films of a folder from being made, as an author reads it."""
    _, problems = edition_content(str(root), Site(name="试验馆"))
    return [str(problem) for problem in problems if problem.severity == "error"]


def test_media_that_break_in_the_middle_are_named_by_their_path(tmp_path: Path) -> None:
    whole = film(6, codec="mpeg4", container="avi", sound="mp2", grain=True)
    broken = whole[: len(whole) // 3] + bytes(len(whole) // 3) + whole[len(whole) * 2 // 3 :]
    write_tree(tmp_path, {"videos/a/index.md": {"set": {"media": "a.avi"}}, "videos/a/a.avi": broken})
    (said,) = made(tmp_path)
    assert said.startswith("videos/a/a.avi: ")
    assert "重新拷贝一次" in said
    assert not re.search("[A-Za-z]{4}", said.removeprefix("videos/a/a.avi"))


def test_a_picture_that_cannot_be_drawn_is_named_by_the_line_of_its_storyboard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiles: Any = typst.compile

    def refuses(*args: Any, **options: Any) -> Any:
        if "b.svg" in options["sys_inputs"]["scene"]:
            raise typst.TypstError("unknown variable in picture")
        return compiles(*args, **options)

    board = "scenes:\n  - {picture: a.svg, seconds: 1}\n  - {picture: b.svg, seconds: 1}\n"
    files = {"index.md": {"set": {"media": None, "storyboard": "storyboard.yml"}}, "storyboard.yml": board}
    write_tree(tmp_path, {f"videos/a/{k}": v for k, v in {**files, "a.svg": HALVES, "b.svg": HALVES}.items()})
    monkeypatch.setattr(drawing.typst, "compile", refuses)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    (said,) = made(tmp_path)
    assert said.startswith("videos/a/storyboard.yml:3: scenes[2].picture “b.svg” — ")
    assert "unknown" not in said


def test_a_picture_inside_a_picture_is_part_of_it(tmp_path: Path) -> None:
    shows = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1200 900'><image href='b.png'/></svg>"

    def film_with(inside: str) -> str:
        Image.new("RGB", (40, 30), inside).save(tmp_path / "b.png")
        return make(tmp_path, write_board(tmp_path, a_svg=shows, b_png=(tmp_path / "b.png").read_bytes()))

    assert film_with("red") != film_with("blue")


def test_without_a_chinese_font_no_boxes_are_drawn() -> None:
    with pytest.raises(FontError, match="fonts-noto-cjk"):
        serif(["DejaVu Sans"])


@given(
    st.sampled_from(["静止", "推近", "拉远", "左移", "右移", "上移", "下移"]),
    st.tuples(st.floats(0, 1), st.floats(0, 1)),
    st.tuples(st.integers(1114, 3000), st.integers(836, 2400)),
    st.floats(0, 1),
)
def test_the_camera_never_leaves_the_picture(
    move: str, focus: tuple[float, float], picture: tuple[int, int], share: float
) -> None:
    left, top, right, bottom = View(picture, (960, 720), move, focus).box(share)
    assert -1e-6 <= left < right <= picture[0] + 1e-6
    assert -1e-6 <= top < bottom <= picture[1] + 1e-6
    assert (right - left) / (bottom - top) == pytest.approx(4 / 3)


@given(st.lists(st.lists(st.text("字句，。", min_size=1, max_size=18), max_size=3), min_size=1, max_size=6))
def test_captions_follow_one_another_within_their_scenes(captions: list[list[str]]) -> None:
    scenes = [Scene(text="字", seconds=60, captions=tuple(said)) for said in captions]
    board = LoadedStoryboard("videos/a/storyboard.yml", Storyboard(scenes=tuple(scenes)), None)  # type: ignore[arg-type]
    made = board.cues
    assert [cue.text for cue in made] == [text for said in captions for text in said]
    assert all(one.end <= two.start for one, two in pairwise(made))
    assert all(cue.start < cue.end < board.seconds for cue in made)
    assert list(scene_cues(scenes[0]))[:1] == list(made[: len(captions[0])])[:1]
    again = list(cues(vtt(made)))
    assert [(c.start, c.end, c.text) for c in again] == [(c.start, c.end, c.text) for c in made]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"codec": "mpeg4", "container": "avi", "sound": "mp2"}, "不是 MP4"),
        ({"codec": "mpeg4"}, "不是 H.264"),
        ({"codec": "libvpx", "container": "webm", "sound": ""}, "不是 MP4"),
        ({"size": (1920, 1080), "rate": 50}, "大于 720p"),
        ({"size": (1080, 1920)}, "大于 720p"),
        ({"index_first": False}, "索引在文件末尾"),
        ({"container": "mov", "sound": "pcm_s16le"}, "不是 AAC"),
        ({"container": "matroska"}, "不是 MP4"),
        ({"container": "mpegts", "sound": "ac3", "begins": 1.4}, "不是 MP4"),
        ({"container": "3gp", "index_first": False}, "索引在文件末尾"),
    ],
)
def test_what_a_camera_leaves_is_made_playable(tmp_path: Path, options: dict[str, Any], why: str) -> None:
    source = tmp_path / "MVI_0001.mp4"
    source.write_bytes(film(2, **options))
    before = measure(str(source))
    assert any(why in reason for reason in why_not_as_is(before, 720))
    path = playable(str(source), 720)
    after = measure(path)
    assert why_not_as_is(after, 720) == ()
    assert after.seconds == pytest.approx(before.seconds, abs=0.2)
    assert after.width / after.height == pytest.approx(before.width / before.height, rel=0.01)
    assert bool(after.sound) == bool(before.sound)
    assert playable(str(source), 720) == path
    # The bar has gone from left to right.
    early, late = frame_at(path, 0.2)[..., 0], frame_at(path, 1.8)[..., 0]
    assert early.mean(axis=0).argmax() < after.width / 4 < after.width * 3 / 4 < late.mean(axis=0).argmax()


def test_a_camcorders_clock_is_set_to_zero(tmp_path: Path) -> None:
    source = tmp_path / "00001.MTS"
    source.write_bytes(film(2, container="mpegts", sound="ac3", begins=1.4))
    with av.open(playable(str(source), 720)) as made:
        assert (made.start_time or 0) / av.time_base < 0.1


def test_a_film_that_plays_everywhere_is_left_as_it_is(tmp_path: Path) -> None:
    source = tmp_path / "a.mp4"
    source.write_bytes(film(2))
    assert playable(str(source), 720) == str(source)


def test_a_small_stick_gets_a_small_film(tmp_path: Path) -> None:
    source = tmp_path / "a.mp4"
    source.write_bytes(film(2, size=(1280, 720)))
    small = measure(playable(str(source), 480))
    assert (small.width, small.height) == (854, 480)


@pytest.mark.parametrize("keep", [0, 30, 3_000, 9_000])
def test_a_broken_film_is_refused(tmp_path: Path, keep: int) -> None:
    source = tmp_path / "a.mp4"
    source.write_bytes(film(4)[:keep])
    with pytest.raises(MediaError):
        measure(str(source))


def test_a_poster_is_the_frame_asked_for(tmp_path: Path) -> None:
    source, poster = tmp_path / "a.mp4", tmp_path / "poster.jpg"
    source.write_bytes(film(4))
    write_still(str(poster), str(source), 2.0)
    with av.open(str(poster)) as container:
        picture = next(container.decode(video=0)).to_ndarray(format="rgb24")
    assert picture.mean(axis=(0, 2)).argmax() == pytest.approx(160, abs=12)
