"""Storyboards: ``storyboard.yml`` beside a film's entry, its model, its timing and its captions."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Annotated, Any, Literal

from pydantic import Field, StrictFloat, StrictInt

from integrity_archive.captions import LINE_LIMIT, Cue
from integrity_archive.datafile import read_data
from integrity_archive.frontmatter import Tree, field_name
from integrity_archive.model import Loc, Part, Text, Texts, fault
from integrity_archive.problems import Problem

NAME = "storyboard.yml"
PICTURE_SUFFIXES = (".svg", ".png", ".jpg", ".jpeg")
SOUND_SUFFIXES = (".wav", ".mp3", ".m4a", ".ogg", ".flac")

READING_SPEED = 6
"""Most characters of caption a second. Broadcasters allow adults up to nine; in a hall people look up and away."""
LEAD = 0.3
"""Seconds of a scene before its first caption and after its last."""
FADE = 0.5
"""Seconds of a cross-fade, at the beginning of the scene that fades in."""
END_CARD = 2.5
"""Seconds of the card with the archive's name after the last scene."""

Move = Literal["静止", "推近", "拉远", "左移", "右移", "上移", "下移"]
Number = StrictInt | StrictFloat


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
    focus: tuple[Number, Number] = (0.5, 0.5)
    """推近、拉远时对准哪里：横、纵各一个 0 到 1 的数，如 [0.5, 0.6]"""
    transition: Literal["叠化", "直切"] = "叠化"
    """怎样接上一个镜头"""
    captions: Texts = ()
    """字幕，依次出现，每条 18 字以内"""
    narration: Text | None = None
    """配音文件，从这个镜头开头放"""

    def model_post_init(self, context: Any) -> None:
        if bool(self.picture) == bool(self.text):
            raise fault("scene", "一个镜头要有 picture 或 text，只能有一样", "补上画，或写整屏的字")
        if not all(0 <= part <= 1 for part in self.focus):
            raise fault("focus", "focus 的数要在 0 与 1 之间", "左上角是 [0, 0]，右下角是 [1, 1]")
        long = next((c for c in self.captions if len(c) > LINE_LIMIT), None)
        if long:
            raise fault("caption", f"字幕“{long}”有 {len(long)} 字，超过 {LINE_LIMIT} 字", "分成两条")
        least = sum(map(len, self.captions)) / READING_SPEED + 2 * LEAD
        if self.captions and self.seconds + 0.05 < least:
            said = f"字幕共 {sum(map(len, self.captions))} 字，{self.seconds:g} 秒读不完"
            raise fault("reading_speed", said, f"删字，或把 seconds 加到 {least:.1f}")


class Storyboard(Part):
    """分镜。"""

    scenes: Annotated[tuple[Scene, ...], Field(min_length=1)]
    """镜头，按先后"""
    music: Text | None = None
    """配乐文件，放在分镜旁边；必须是本馆自己做的或有授权的"""


@dataclass(frozen=True)
class Board:
    """A storyboard as read: where it stands, and the line of every value."""

    path: str
    """Below the archive's root."""
    storyboard: Storyboard
    tree: Tree

    @property
    def folder(self) -> str:
        """Folder of the storyboard and of what it names."""
        return posixpath.dirname(self.path)

    @property
    def starts(self) -> tuple[float, ...]:
        """Second at which each scene begins, and the end card."""
        return (0.0, *accumulate(float(scene.seconds) for scene in self.storyboard.scenes))

    @property
    def seconds(self) -> float:
        """Length of the film, end card included."""
        return self.starts[-1] + END_CARD

    @property
    def cues(self) -> tuple[Cue, ...]:
        """Captions with their times: a scene's time is shared out by the number of characters."""
        return tuple(
            cue
            for scene, start in zip(self.storyboard.scenes, self.starts, strict=False)
            for cue in scene_cues(scene, start)
        )

    @property
    def chapters(self) -> tuple[tuple[float, str], ...]:
        """Start and title of each chapter."""
        pairs = zip(self.starts, self.storyboard.scenes, strict=False)
        return tuple((start, scene.chapter) for start, scene in pairs if scene.chapter)


def scene_cues(scene: Scene, start: float = 0.0) -> Iterator[Cue]:
    """The captions of one scene that begins at ``start``."""
    total = sum(map(len, scene.captions))
    at = start + LEAD
    for caption in scene.captions:
        until = at + (scene.seconds - 2 * LEAD) * len(caption) / total
        yield Cue(round(at, 3), round(until, 3), caption)
        at = until


def read_board(root: str, path: str, files: frozenset[str]) -> tuple[Board | None, list[Problem]]:
    """The storyboard at ``path`` below ``root``, or None; ``files`` are those of the archive."""
    storyboard, tree, problems = read_data(root, path, Storyboard)
    if storyboard is None:
        return None, problems
    board = Board(path, storyboard, tree)
    problems += _missing(board, files)
    return (None if any(p.severity == "error" for p in problems) else board), problems


def _missing(board: Board, files: frozenset[str]) -> Iterator[Problem]:
    """Pictures and sounds that are not there or are of no kind the renderer takes."""
    named: list[tuple[Loc, str | None, tuple[str, ...]]] = [(("music",), board.storyboard.music, SOUND_SUFFIXES)]
    for n, scene in enumerate(board.storyboard.scenes):
        named.append((("scenes", n, "picture"), scene.picture, PICTURE_SUFFIXES))
        named.append((("scenes", n, "narration"), scene.narration, SOUND_SUFFIXES))
    for loc, value, suffixes in named:
        if value is None:
            continue
        where = (board.path, board.tree.line(loc), field_name(loc), value)
        path = posixpath.normpath(posixpath.join(board.folder, value))
        if not value.lower().endswith(suffixes):
            yield Problem(*where, "这种文件用不了", "改用 " + "、".join(suffixes), "storyboard")
        elif not path.startswith(board.folder + "/"):
            yield Problem(*where, "在分镜的文件夹之外", "把文件放到分镜旁边", "storyboard")
        elif path not in files:
            yield Problem(*where, "没有这个文件", f"把它放进 {board.folder}/，或改名字", "storyboard")
