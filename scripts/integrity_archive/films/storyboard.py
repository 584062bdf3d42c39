"""Storyboard: ``storyboard.yml`` in a film's folder: its model, its timing and its captions."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StrictFloat, StrictInt

from integrity_archive.content.data_file import read_data
from integrity_archive.content.entry import Entry
from integrity_archive.content.front_matter import Tree, field_name
from integrity_archive.content.model.field_types import Loc, Part, Text, fault
from integrity_archive.content.model.schema import Video
from integrity_archive.films.captions import LINE_LIMIT, READING_SPEED, Cue
from integrity_archive.films.measurement import MediaError
from integrity_archive.intake.picture_file import PICTURE_SUFFIXES, PictureError, read_picture
from integrity_archive.support.problems import Problem, Severity

NAME = "storyboard.yml"
SOUND_SUFFIXES = (".wav", ".mp3", ".m4a", ".ogg", ".flac")

LEAD = 0.3
"""Seconds of a scene before its first caption and after its last."""
FADE = 0.5
"""Seconds of a cross-fade, at the beginning of the scene that fades in."""
PROPORTION = 4 / 3
"""Ratio of width to height of the part of a picture that a still camera sees."""
END_CARD = 2.5
"""Seconds of the card with the archive's name after the last scene."""

Move = Literal["静止", "推近", "拉远", "左移", "右移", "上移", "下移"]
Number = StrictInt | StrictFloat
Share = Annotated[Number, Field(ge=0, le=1)]


def _caption_length(caption: str) -> str:
    if len(caption) > LINE_LIMIT:
        commas = "；写在方括号里的，两条之间用半角逗号" if "，" in caption else ""
        remedy = "分成两条，一条一行，以 - 开头" + commas
        raise fault("caption", f"字幕有 {len(caption)} 字，超过 {LINE_LIMIT} 字", remedy)
    return caption


Caption = Annotated[Text, AfterValidator(_caption_length)]


class Scene(Part):
    """一个镜头：一幅画，或一屏字。"""

    picture: Text | None = None
    """画：SVG、PNG 或 JPG，放在分镜旁边；宽高比 4:3，左右移可更宽，上下移可更高"""
    text: Annotated[Text, Field(max_length=48)] | None = None
    """没有画时整屏的字，48 字以内，可换行"""
    source: Annotated[Text, Field(max_length=30)] | None = None
    """整屏字下面的出处"""
    title: Annotated[Text, Field(max_length=7)] | None = None
    """画旁竖排的题字，7 字以内"""
    kicker: Annotated[Text, Field(max_length=8)] | None = None
    """题字旁的小字，如“第一步”，8 字以内"""
    chapter: Annotated[Text, Field(max_length=12)] | None = None
    """从这个镜头起的一章"""
    seconds: Annotated[Number, Field(ge=1, le=60)]
    """秒数"""
    camera: Move = "静止"
    """镜头运动"""
    focus: tuple[Share, Share] = (0.5, 0.5)
    """推近、拉远时对准哪里：横、纵各一个 0 到 1 的数，如 [0.5, 0.6]"""
    transition: Literal["叠化", "直切"] = "叠化"
    """怎样接上一个镜头"""
    captions: tuple[Caption, ...] = ()
    """字幕，依次出现，每条 18 字以内，一条一行，以 - 开头"""
    narration: Text | None = None
    """配音文件，从这个镜头开头放"""

    def model_post_init(self, context: Any) -> None:
        if bool(self.picture) == bool(self.text):
            raise fault("scene", "一个镜头要有 picture 或 text，只能有一样", "补上画，或写整屏的字")
        least = sum(map(len, self.captions)) / READING_SPEED + 2 * LEAD
        if self.captions and self.seconds + 0.05 < least:
            message = f"字幕共 {sum(map(len, self.captions))} 字，{self.seconds:g} 秒读不完"
            raise fault("reading_speed", message, f"删字，或把 seconds 加到 {least:.1f}")


class Storyboard(Part):
    """分镜。"""

    scenes: Annotated[tuple[Scene, ...], Field(min_length=1)]
    """镜头，按先后"""
    music: Text | None = None
    """配乐文件，放在分镜旁边；必须是本馆自己做的或有授权的"""


@dataclass(frozen=True)
class LoadedStoryboard:
    """A storyboard as read: its path, and the line of every value."""

    path: str
    """Path below the archive's root."""
    storyboard: Storyboard
    tree: Tree

    @property
    def folder(self) -> str:
        """Folder of the storyboard and of the files it names."""
        return posixpath.dirname(self.path)

    @property
    def starts(self) -> tuple[float, ...]:
        """Start of each scene and of the end card, in seconds."""
        return (0.0, *accumulate(float(scene.seconds) for scene in self.storyboard.scenes))

    @property
    def seconds(self) -> float:
        """Length of the film, end card included."""
        return self.starts[-1] + END_CARD

    @property
    def cues(self) -> tuple[Cue, ...]:
        """Captions with their times: the time of a scene is divided by the number of characters."""
        return tuple(
            cue
            for scene, start in zip(self.storyboard.scenes, self.starts, strict=False)
            for cue in scene_cues(scene, start)
        )

    @property
    def transcript(self) -> tuple[Cue, ...]:
        """Captions, and full-screen text with its source: everything that is readable in the film."""
        return tuple(
            cue
            for scene, start in zip(self.storyboard.scenes, self.starts, strict=False)
            for cue in (*_words(scene, start), *scene_cues(scene, start))
        )

    @property
    def chapters(self) -> tuple[tuple[float, str], ...]:
        """Start and title of each chapter."""
        pairs = zip(self.starts, self.storyboard.scenes, strict=False)
        return tuple((start, scene.chapter) for start, scene in pairs if scene.chapter)


def scene_cues(scene: Scene, start: float = 0.0) -> Iterator[Cue]:
    """The captions of one scene that begins at ``start`` (seconds)."""
    total = sum(map(len, scene.captions))
    at = start + LEAD
    for caption in scene.captions:
        until = at + (scene.seconds - 2 * LEAD) * len(caption) / total
        yield Cue(round(at, 3), round(until, 3), caption)
        at = until


def _words(scene: Scene, start: float) -> Iterator[Cue]:
    """The text of a scene without a picture, until its first caption or the end of the scene."""
    if scene.text:
        words = scene.text.replace("\n", "") + (f"（{scene.source}）" if scene.source else "")
        yield Cue(start, round(start + (LEAD if scene.captions else scene.seconds), 3), words)


def read_board(root: str, path: str, files: frozenset[str]) -> tuple[LoadedStoryboard | None, list[Problem]]:
    """The storyboard at ``path`` below ``root``, None if it has errors; ``files`` are those of the archive."""
    storyboard, tree, problems = read_data(root, path, Storyboard)
    if storyboard is None:
        return None, problems
    board = LoadedStoryboard(path, storyboard, tree)
    problems += _named_files(board, files)
    if not any(p.severity == "error" for p in problems):
        problems += [*_pictures(board, root), *_sounds(board, root)]
    problems += _idle_focus(board)
    return (None if any(p.severity == "error" for p in problems) else board), problems


def _named_files(board: LoadedStoryboard, files: frozenset[str]) -> Iterator[Problem]:
    """Pictures and sounds that do not exist or have a type that the renderer cannot use."""
    named: list[tuple[Loc, str | None, tuple[str, ...]]] = [(("music",), board.storyboard.music, SOUND_SUFFIXES)]
    for n, scene in enumerate(board.storyboard.scenes):
        named.append((("scenes", n, "picture"), scene.picture, PICTURE_SUFFIXES))
        named.append((("scenes", n, "narration"), scene.narration, SOUND_SUFFIXES))
    for loc, value, suffixes in named:
        if value is None:
            continue
        path = posixpath.normpath(posixpath.join(board.folder, value))
        if not value.lower().endswith(suffixes):
            yield _at(board, loc, value, "这种文件用不了", "改用 " + "、".join(suffixes))
        elif not path.startswith(board.folder + "/"):
            yield _at(board, loc, value, "在分镜的文件夹之外", "把文件放到分镜旁边")
        elif path not in files:
            yield _at(board, loc, value, "没有这个文件", f"把它放进 {board.folder}/，或改名字")


def _pictures(board: LoadedStoryboard, root: str) -> Iterator[Problem]:
    """Pictures that cannot be read, would be cropped, do not fit the camera's motion, or contain text."""
    for n, scene in enumerate(board.storyboard.scenes):
        if scene.picture is None:
            continue
        loc: Loc = ("scenes", n, "picture")
        try:
            picture = read_picture(os.path.join(root, *board.folder.split("/"), *scene.picture.split("/")))
        except PictureError as error:
            yield _at(board, loc, scene.picture, error.what, error.remedy)
            continue
        if picture.worded:
            what = "画里有字：读屏的人听不到，换一台电脑字体也会变"
            yield _at(board, loc, scene.picture, what, "字写进 title 或字幕，从画里删去", severity="warning")
        wrong = _wrong_shape(scene.camera, picture.proportion)
        if wrong:
            yield _at(board, loc, scene.picture, *wrong, severity="warning")


def _sounds(board: LoadedStoryboard, root: str) -> Iterator[Problem]:
    """Files that are not readable sounds, and narration that is longer than its scene."""
    from integrity_archive.films.media import sound_seconds  # loads FFmpeg

    named: list[tuple[Loc, str | None, float | None]] = [(("music",), board.storyboard.music, None)]
    for n, scene in enumerate(board.storyboard.scenes):
        named.append((("scenes", n, "narration"), scene.narration, float(scene.seconds)))
    for loc, value, room in named:
        if value is None:
            continue
        try:
            seconds = sound_seconds(os.path.join(root, *board.folder.split("/"), *value.split("/")))
        except MediaError as error:
            yield _at(board, loc, value, str(error), "用播放器听听看；不行就重新导出成 WAV 或 MP3，或重新拷贝一次")
            continue
        # Files round their lengths.
        if room is not None and seconds > room + 0.05:
            what = f"配音长 {seconds:.1f} 秒，镜头只有 {room:g} 秒，会拖到后面的镜头里"
            yield _at(board, loc, value, what, f"把 seconds 加到 {seconds:.1f}，或剪短配音", severity="warning")


def _wrong_shape(move: Move, proportion: float) -> tuple[str, str] | None:
    """Fault and remedy of a picture's shape for this motion; None if it fits."""
    wide, tall = proportion > PROPORTION * 1.03, proportion < PROPORTION / 1.03
    if move in ("左移", "右移"):
        return None if wide else ("不比 4:3 宽，镜头左右只移得动一点", "画宽些，如 0 0 2000 900，或改用推近")
    if move in ("上移", "下移"):
        return None if tall else ("不比 4:3 高，镜头上下只移得动一点", "画高些，如 0 0 1200 1400，或改用推近")
    if wide:
        return ("比 4:3 宽，左右两边会裁掉", "改成 4:3，如 0 0 1200 900，或用左移、右移")
    if tall:
        return ("比 4:3 高，上下两边会裁掉", "改成 4:3，如 0 0 1200 900，或用上移、下移")
    return None


def _idle_focus(board: LoadedStoryboard) -> Iterator[Problem]:
    """A focus that has no effect with the scene's camera motion."""
    for n, scene in enumerate(board.storyboard.scenes):
        if "focus" in scene.model_fields_set and scene.camera not in ("推近", "拉远"):
            what = f"镜头是“{scene.camera}”，focus 不起作用"
            yield _at(
                board, ("scenes", n, "focus"), "", what, "camera 改成推近或拉远，或删去 focus", severity="warning"
            )


def _at(
    board: LoadedStoryboard,
    loc: Loc,
    value: str,
    what: str,
    remedy: str,
    *,
    severity: Severity = "error",
) -> Problem:
    return Problem(
        board.path, board.tree.line(loc), field_name(loc), value, what, remedy, "storyboard", severity=severity
    )


NO_STORYBOARDS: Mapping[str, LoadedStoryboard] = MappingProxyType({})


def load_storyboards(
    root: str,
    entries: Iterable[Entry],
    files: frozenset[str],
    known: Mapping[str, LoadedStoryboard] = NO_STORYBOARDS,
) -> tuple[dict[str, LoadedStoryboard], list[Problem]]:
    """The storyboards of the films among these entries, by id, and problems.

    Args:
        root: folder of the archive.
        entries: entries of any kind.
        files: every file of the archive; a missing storyboard is reported at its entry, by the checks.
        known: storyboards by id that need not be read again.
    """
    boards: dict[str, LoadedStoryboard] = {}
    problems: list[Problem] = []
    for entry in entries:
        if entry.kind == Video.kind and isinstance(entry.meta, Video) and entry.meta.storyboard:
            path = entry.document.resolve(entry.meta.storyboard)
            if entry.id in known:
                boards[entry.id] = known[entry.id]
            elif path in files:
                board, faults = read_board(root, path, files)
                problems += faults
                if board:
                    boards[entry.id] = board
    return boards, problems
