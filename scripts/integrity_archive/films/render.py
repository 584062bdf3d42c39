"""Render: makes a film from a storyboard, one segment for each scene, so that only changed scenes are made again."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from PIL import Image

from integrity_archive.films.drawing import (
    TEMPLATE,
    Drawing,
    Format,
    Pictures,
    Plane,
    Planes,
    draw,
    drawn_size,
    in_lines,
)
from integrity_archive.films.measurement import MediaError
from integrity_archive.films.media import (
    RATE,
    SOUND_RATE,
    VIDEO_OPTIONS,
    Sound,
    fitted,
    join,
    read_sound,
    write_segment,
)
from integrity_archive.films.motion import Box, View
from integrity_archive.films.storyboard import END_CARD, FADE, LoadedStoryboard, Scene, scene_cues
from integrity_archive.intake.picture_file import read_picture
from integrity_archive.support.cache import cache_folder, cached_file, is_intact, key_of
from integrity_archive.support.fonts import serif
from integrity_archive.support.progress import Progress, no_progress

VERSION = 4
"""Increase it when the same storyboard would give a different film."""

MUSIC_LEVEL = 0.35
"""Volume of music under narration, as a factor."""
MUSIC_FADE = 1.5
"""Seconds in which music fades in and out."""


@dataclass(frozen=True)
class FilmStyle:
    """Name and logo of the archive, for the end card."""

    archive: str
    mark: str
    """The archive's logo, as SVG."""

    @cached_property
    def font(self) -> str:
        """The font family of all text; looking for it takes long.

        Raises:
            FontError: no Chinese font is installed.
        """
        return serif()


@dataclass(frozen=True)
class Shot:
    """One scene in one format, with everything it is made from."""

    folder: str
    """Absolute path of the folder with its picture."""
    scene: Scene | None
    """None for the end card."""
    seconds: float
    drawing: Drawing
    shape: Format
    before: Shot | None
    """The shot from which it fades in."""

    @property
    def frames(self) -> int:
        return round(self.seconds * RATE)

    @cached_property
    def key(self) -> str:
        """A hash that changes with everything visible in it."""
        picture = _bytes_of(os.path.join(self.folder, self.drawing.picture)) if self.drawing.picture else b""
        return key_of(
            VERSION,
            TEMPLATE.read_bytes(),
            sorted(VIDEO_OPTIONS.items()),
            self.shape,
            self.drawing,
            picture,
            self.frames,
            (self.scene.camera, self.scene.focus) if self.scene else None,
            self.before.key if self.before else "",
        )


def _bytes_of(picture: str) -> bytes:
    """The bytes of a picture and of the pictures it links."""
    return b"".join(Path(path).read_bytes() for path in (picture, *read_picture(picture).linked))


def shots_of(board: LoadedStoryboard, root: str, title: str, maker: FilmStyle, shape: Format) -> tuple[Shot, ...]:
    """The shots of a film, the end card last."""
    folder = os.path.join(root, *board.folder.split("/"))
    shots: list[Shot] = []
    for scene in (*board.storyboard.scenes, None):
        fades = scene is None or scene.transition == "叠化"
        drawing = _drawing(scene, folder, title, maker, shape)
        before = shots[-1] if shots and fades else None
        # Only the last frame of the previous shot is needed, so its own predecessor does not matter.
        before = Shot(folder, before.scene, before.seconds, before.drawing, shape, None) if before else None
        seconds = float(scene.seconds) if scene else END_CARD
        shots.append(Shot(folder, scene, seconds, drawing, shape, before))
    return tuple(shots)


def _drawing(scene: Scene | None, folder: str, title: str, maker: FilmStyle, shape: Format) -> Drawing:
    strip = shape.strip or (0, 0)
    if scene is None:
        return Drawing(
            shape.size, shape.hole, strip, (0, 0), maker.font, title, text=maker.archive, source=title, mark=maker.mark
        )
    drawn = drawn_size(os.path.join(folder, scene.picture), shape.hole) if scene.picture else (0, 0)
    return Drawing(
        shape.size,
        shape.hole,
        strip,
        drawn,
        maker.font,
        title,
        title=scene.title or "",
        kicker=scene.kicker or "",
        text=scene.text or "",
        source=scene.source or "",
        picture=scene.picture or "",
        captions=tuple(map(in_lines, scene.captions)) if shape.strip else (),
    )


def segment_path(shot: Shot) -> Path:
    """Path of a shot's segment in the cache."""
    return cache_folder("films") / "segments" / f"{shot.key}.mp4"


def film_shot(shot: Shot) -> str:
    """Make a shot's segment if it is not in the cache; returns its path."""

    def make(path: str) -> None:
        write_segment(path, shot.shape.size, shot_frames(shot))

    return cached_file(f"segments/{shot.key}.mp4", make)


def shot_frames(shot: Shot) -> Iterator[Planes]:
    """The frames of a shot, with a cross-fade from the previous one."""
    frames = _plain_frames(shot, draw(shot.drawing, shot.folder))
    if shot.before is None:
        yield from frames
        return
    last = _last_frame(shot.before)
    fading = round(FADE * RATE)
    hole = shot.shape.hole if shot.drawing.picture and shot.before.drawing.picture else None
    for number, frame in enumerate(frames):
        yield _blend(last, frame, (number + 1) / (fading + 1), hole) if number < fading else frame


def _plain_frames(shot: Shot, pictures: Pictures) -> Iterator[Planes]:
    captions = _captions_at(shot, pictures)
    view = _view(shot, pictures)
    made: tuple[object, Planes] | None = None
    for number in range(shot.frames):
        share = number / max(1, shot.frames - 1)
        caption = captions[number]
        # Nothing moves and the caption is the same: repeat the frame, which costs the encoder almost nothing.
        if made and made[0] is caption and (view is None or view.still):
            yield made[1]
            continue
        made = (caption, _frame(shot.shape, pictures, view, share, caption))
        yield made[1]


def _last_frame(shot: Shot) -> Planes:
    pictures = draw(shot.drawing, shot.folder)
    return _frame(shot.shape, pictures, _view(shot, pictures), 1.0, _captions_at(shot, pictures)[-1])


def _view(shot: Shot, pictures: Pictures) -> View | None:
    if pictures.drawing is None or shot.scene is None:
        return None
    focus = (float(shot.scene.focus[0]), float(shot.scene.focus[1]))
    return View(pictures.drawing[0].size, shot.shape.hole[2:], shot.scene.camera, focus)


def _captions_at(shot: Shot, pictures: Pictures) -> list[Planes | None]:
    """The burnt-in caption of each frame, or None."""
    captions: list[Planes | None] = [None] * shot.frames
    if pictures.captions and shot.scene:
        for cue, planes in zip(scene_cues(shot.scene), pictures.captions, strict=True):
            for number in range(round(cue.start * RATE), min(round(cue.end * RATE), shot.frames)):
                captions[number] = planes
    return captions


def _frame(shape: Format, pictures: Pictures, view: View | None, share: float, caption: Planes | None) -> Planes:
    planes = [plane.copy() for plane in pictures.ground]
    if view and pictures.drawing:
        box = view.box(share)
        left, top, width, height = shape.hole
        for n, (plane, image) in enumerate(zip(planes, pictures.drawing, strict=True)):
            half = 2 if n else 1
            part = image.resize(
                (width // half, height // half),
                Image.Resampling.BILINEAR,
                box=_within(box, half, image.size),
            )
            plane[top // half : (top + height) // half, left // half : (left + width) // half] = np.asarray(part)
    if caption and shape.strip:
        for n, (plane, strip) in enumerate(zip(planes, caption, strict=True)):
            half = 2 if n else 1
            plane[shape.strip[0] // half : shape.strip[0] // half + strip.shape[0]] = strip
    return (planes[0], planes[1], planes[2])


def _within(box: Box, half: int, size: tuple[int, int]) -> Box:
    """The box in a plane of half or full size, which may be rounded down."""
    left, top, right, bottom = (side / half for side in box)
    return (left, top, min(right, size[0]), min(bottom, size[1]))


def _blend(before: Planes, after: Planes, share: float, hole: tuple[int, int, int, int] | None) -> Planes:
    """A frame of a cross-fade. Pictures are mixed; words, which would be illegible, fade out, then the new ones in."""
    blended = []
    for n, (old, new) in enumerate(zip(before, after, strict=True)):
        words, paper = (old, 1 - 2 * share) if share < 0.5 else (new, 2 * share - 1)
        mixed = _mix(np.full_like(words, new[-1, -1]), words, paper)
        same = old == new
        if hole:
            left, top, width, height = (side // (2 if n else 1) for side in hole)
            inside = (slice(top, top + height), slice(left, left + width))
            mixed[inside] = _mix(old[inside], new[inside], share)
            same[inside] = True
        # Rows that are equal in both, such as the film's title, stay; single equal pixels would leave strokes behind.
        rows = same.all(axis=1, keepdims=True)
        blended.append(np.where(rows & (old == new), new, mixed))
    return (blended[0], blended[1], blended[2])


def _mix(before: Plane, after: Plane, share: float) -> Plane:
    weight = round(share * 256)
    mixed: Plane = ((before.astype(np.uint16) * (256 - weight) + after.astype(np.uint16) * weight) >> 8).astype(
        np.uint8
    )
    return mixed


# ---- films ----------------------------------------------------------------------------------------------------


def film_shots(shots: Iterable[Shot], progress: Progress = no_progress, jobs: int | None = None) -> None:
    """Make the missing segments, on all processors.

    Raises:
        PictureError: a picture cannot be drawn.
    """
    wanted = {segment_path(shot): shot for shot in shots}
    missing = [shot for path, shot in wanted.items() if not is_intact(path)]
    if not missing:
        return
    jobs = jobs or os.cpu_count() or 1
    # The longest first, so that the processors finish at about the same time.
    missing.sort(key=lambda shot: -shot.frames)
    if jobs == 1 or len(missing) == 1:
        for _ in progress(map(film_shot, missing), "拍摄镜头", len(missing)):
            pass
        return
    # "spawn", because a fork of a process whose libraries have threads may hang.
    with ProcessPoolExecutor(min(jobs, len(missing)), get_context("spawn")) as pool:
        for _ in progress(pool.map(film_shot, missing), "拍摄镜头", len(missing)):
            pass


def film_of(board: LoadedStoryboard, root: str, shots: Sequence[Shot]) -> str:
    """Make the whole film of these shots; returns its path in the cache.

    Raises:
        MediaError: a sound cannot be read.
    """
    segments = [film_shot(shot) for shot in shots]
    sounds = [Path(root, board.folder, name).read_bytes() for name in _sound_files(board)]
    starts = [(s.narration, s.seconds) for s in board.storyboard.scenes] if sounds else None
    name = f"{key_of(VERSION, [shot.key for shot in shots], starts, board.storyboard.music, *sounds)}.mp4"

    def make(path: str) -> None:
        seconds = sum(shot.frames for shot in shots) / RATE
        join(path, segments, seconds, _sound(board, root, seconds) if sounds else None)

    return cached_file(name, make)


def _sound_files(board: LoadedStoryboard) -> list[str]:
    named = [board.storyboard.music, *(scene.narration for scene in board.storyboard.scenes)]
    return [name for name in named if name]


def _sound(board: LoadedStoryboard, root: str, seconds: float) -> Sound:
    """The sound of the film: narration from the beginning of each scene, and music."""

    def read(name: str) -> Sound:
        try:
            return read_sound(os.path.join(root, *board.folder.split("/"), name))
        except MediaError as error:
            raise MediaError(error.what, f"{board.folder}/{name}") from None

    samples = round(seconds * SOUND_RATE)
    mixed = np.zeros((2, samples), dtype=np.float32)
    if board.storyboard.music:
        music = fitted(read(board.storyboard.music), samples)
        fade = np.ones(samples, dtype=np.float32)
        length = min(round(MUSIC_FADE * SOUND_RATE), samples // 2)
        fade[:length] = np.linspace(0, 1, length)
        fade[samples - length :] = np.linspace(1, 0, length)
        narrated = any(scene.narration for scene in board.storyboard.scenes)
        mixed += music * fade * (MUSIC_LEVEL if narrated else 1)
    for scene, start in zip(board.storyboard.scenes, board.starts, strict=False):
        if scene.narration:
            at = round(start * SOUND_RATE)
            mixed[:, at:] += fitted(read(scene.narration), samples - at)
    return np.clip(mixed, -1, 1)
