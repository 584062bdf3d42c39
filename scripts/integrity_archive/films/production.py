"""Production: makes the films of an archive, drawn or recorded, or takes them from the cache. Loads FFmpeg."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from integrity_archive.content.entry import Entry, film_folder
from integrity_archive.content.front_matter import field_name
from integrity_archive.content.model.field_types import clock_seconds
from integrity_archive.content.model.schema import Video
from integrity_archive.content.site_settings import FILM_SIZES
from integrity_archive.content.text_files import read_text
from integrity_archive.films.camera import playable
from integrity_archive.films.captions import Cue, cues, vtt
from integrity_archive.films.drawing import FORMATS, LANDSCAPE
from integrity_archive.films.film import Film
from integrity_archive.films.measurement import MediaError
from integrity_archive.films.media import measure, write_still
from integrity_archive.films.render import FilmStyle, Shot, film_of, film_shots, shots_of
from integrity_archive.films.storyboard import LoadedStoryboard
from integrity_archive.intake.picture_file import PictureError, published_name
from integrity_archive.support.cache import cached_file, fingerprint, key_of, sweep
from integrity_archive.support.fonts import FontError
from integrity_archive.support.problems import Problem
from integrity_archive.support.progress import Progress, no_progress

AGAIN = "重新拷贝一次；还是不行，就用拍它、录它的软件重新导出"
"""Remedy for a file whose beginning is sound but which is damaged later."""
SMALLEST = int(FILM_SIZES[-1])
"""Shorter side, in pixels, of a film on a stick with little space."""


def make_films(
    entries: Iterable[Entry],
    boards: Mapping[str, LoadedStoryboard],
    root: str,
    maker: FilmStyle,
    size: int,
    small: Collection[str] = (),
    progress: Progress = no_progress,
) -> tuple[dict[str, Film], list[Problem]]:
    """The films of these entries, by id, made if they are not in the cache; and problems.

    Args:
        entries: only films among them count.
        boards: storyboards by id.
        root: folder of the archive.
        maker: name and logo for the end card.
        size: shorter side of a recorded film, in pixels.
        small: ids of films, drawn ones included, that get the smallest size.
        progress: reports progress.
    """
    sweep()
    videos = [(entry, entry.meta) for entry in entries if isinstance(entry.meta, Video)]
    problems: list[Problem] = []
    drawn: dict[str, list[tuple[str, Sequence[Shot]]]] = {}
    for entry, meta in videos:
        try:
            if entry.id in boards:
                drawn[entry.id] = [
                    (name, shots_of(boards[entry.id], root, meta.title, maker, FORMATS[name])) for name in meta.shapes
                ]
        except PictureError as error:
            problems.append(_undrawn(error, boards, root))
        except FontError as error:  # a fault of the computer, not of a film: reported once
            return {}, [Problem("videos", 0, "", "", error.what, error.remedy, "film")]
    try:
        film_shots([shot for films in drawn.values() for _, shots in films for shot in shots], progress)
    except PictureError as error:
        problems.append(_undrawn(error, boards, root))
    films: dict[str, Film] = {}
    for entry, meta in videos if not problems else ():
        try:
            wanted = SMALLEST if entry.id in small else size
            if meta.media:
                films[entry.id] = _shot(entry, meta, root, wanted, progress)
            elif entry.id in boards:
                made = _drawn(entry, meta, boards[entry.id], root, drawn[entry.id])
                films[entry.id] = smaller(made, progress, meta.title) if entry.id in small else made
        except PictureError as error:
            problems.append(_undrawn(error, boards, root))
        except MediaError as error:
            path = error.path or posixpath.join(entry.document.folder, meta.media or "")
            problems.append(Problem(path, 0, "", "", error.what, AGAIN, "film"))
    return films, problems


def smaller(film: Film, progress: Progress = no_progress, title: str = "") -> Film:
    """The same film at the smallest size.

    Raises:
        MediaError: it cannot be read.
    """
    path = playable(film.files[film.url], SMALLEST, progress, title)
    return replace(film, files={**film.files, film.url: path}, measured=measure(path))


def _undrawn(error: PictureError, boards: Mapping[str, LoadedStoryboard], root: str) -> Problem:
    """The problem of a picture that cannot be drawn, at the first line of a storyboard that names it."""
    for board in boards.values():
        for n, scene in enumerate(board.storyboard.scenes):
            path = os.path.join(root, *board.folder.split("/"), scene.picture or "")
            if scene.picture and path == error.path:
                line = board.tree.line(("scenes", n, "picture"))
                field = field_name(("scenes", n, "picture"))
                return Problem(board.path, line, field, scene.picture, error.what, error.remedy, "film")
    return Problem("videos", 0, "", "", error.what, error.remedy, "film")


def _drawn(
    entry: Entry, meta: Video, board: LoadedStoryboard, root: str, drawn: Sequence[tuple[str, Sequence[Shot]]]
) -> Film:
    made = {name: film_of(board, root, shots) for name, shots in drawn}
    first = made.get(LANDSCAPE.name) or next(iter(made.values()))
    screen = next((path for name, path in made.items() if path != first), "")
    return _film(entry, meta, first, vtt(board.cues), board.transcript, board.chapters, screen)


def _shot(entry: Entry, meta: Video, root: str, size: int, progress: Progress) -> Film:
    folder = os.path.join(root, *entry.document.folder.split("/"))
    path = playable(os.path.join(folder, *str(meta.media).split("/")), size, progress, meta.title)
    text = None
    if meta.captions:
        text, _ = read_text(root, posixpath.join(entry.document.folder, meta.captions))
    chapters = tuple((float(clock_seconds(c.at)), c.title) for c in meta.chapters)
    return _film(entry, meta, path, text or "", tuple(cues(text or "")), chapters)


def _film(
    entry: Entry,
    meta: Video,
    path: str,
    captions: str,
    transcript: tuple[Cue, ...],
    chapters: tuple[tuple[float, str], ...],
    screen: str = "",
) -> Film:
    folder = film_folder(entry)
    measured = measure(path)
    second = min(float(meta.poster_at or 0), max(0.0, measured.seconds - 0.1))
    if meta.poster:
        own = {}
        poster = f"{posixpath.dirname(entry.url)}/{published_name(meta.poster)}"
    else:
        still = cached_file(
            f"{key_of(fingerprint(path), second)}.jpg", lambda target: write_still(target, path, second)
        )
        poster = f"{folder}/poster.jpg"
        own = {poster: still}
    files = {f"{folder}/film.mp4": path, **own}
    if screen:
        files[f"{folder}/screen.mp4"] = screen
    return Film(
        files=files,
        url=f"{folder}/film.mp4",
        poster=poster,
        screen=f"{folder}/screen.mp4" if screen else "",
        measured=measured,
        captions=captions if any(cues(captions)) else "",
        transcript=transcript,
        chapters=chapters,
    )
