"""Command: writes the files of `archive publish`: teacher packs, books, posters."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from integrity_archive.content.model.schema import Story
from integrity_archive.intake.picture_file import PictureError
from integrity_archive.output.folder import SharedFolder, output_lock, staging_dir
from integrity_archive.output.marker import MARKER, PUBLISH
from integrity_archive.publish.book import Book, crafts_book, stories_book, unprintable, write_book_pdf, write_epub
from integrity_archive.publish.office import PandocError
from integrity_archive.publish.pack import PackError, make_packs
from integrity_archive.publish.papers import lesson_packs
from integrity_archive.publish.pdf import TypesetError
from integrity_archive.publish.poster import write_saying_posters, write_story_posters
from integrity_archive.support.fonts import FontError
from integrity_archive.support.problems import Problem
from integrity_archive.support.progress import Progress, no_progress

if TYPE_CHECKING:
    from integrity_archive.site.edition_content import EditionContent


class PublishError(Exception):
    """Something cannot be made; the message says why and what to do, in Chinese."""


def publish_all(
    what: str,
    content: EditionContent,
    folder: Path,
    progress: Progress = no_progress,
    remind: Callable[[Problem], None] = lambda problem: None,
) -> Iterator[Path]:
    """Write the packs, books or posters of an archive into ``folder``; yields each path.

    Args:
        what: ``packs``, ``book`` or ``poster``.
        content: what they are made of.
        folder: where they are put.
        progress: shows progress.
        remind: is told of what does not look as it should.

    Raises:
        OutputError: a file of others, or one that somebody has changed, has one of their names, or another run writes
            there; nothing was changed.
        PublishError: there is no content for them, no Chinese font, or an input cannot be read or typeset.
    """
    try:
        jobs = {"packs": _packs, "book": _books, "poster": _posters}[what](content, progress, remind)
        if not jobs:
            raise PublishError("馆里还没有可做的条目。")
        place = folder / MARKER
        with output_lock(place), staging_dir(place) as staging:
            shared = SharedFolder(folder, [name for name, _ in jobs], staging, PUBLISH)
            for name, make in progress(jobs, "编排", len(jobs)):
                made = staging.content / os.path.basename(name)
                make(str(made))
                made.chmod(0o644)
                shared.put({name: made})
                yield folder / name
    except FontError as error:
        raise PublishError(str(error)) from None
    except PandocError as error:
        raise PublishError(f"转换失败：{error}") from None
    except TypesetError as error:
        raise PublishError(f"PDF 排不出来：{error}") from None
    except PictureError as error:
        raise PublishError(f"图片用不了：{error}") from None
    except PackError as error:
        raise PublishError(str(error.problem)) from None


Remind: TypeAlias = Callable[[Problem], None]
Job = tuple[str, Callable[[str], object]]
"""Name of a file, and a function that writes it to a path."""


def _packs(content: EditionContent, progress: Progress, remind: Remind) -> list[Job]:
    packs = make_packs(lesson_packs(content), progress)
    return [(pack.url, lambda out, path=pack.path: shutil.copyfile(path, out)) for pack in packs.values()]  # type: ignore[misc]


def _books(content: EditionContent, progress: Progress, remind: Remind) -> list[Job]:
    jobs: list[Job] = []
    for book in (
        make(content.archive, content.bodies, content.site, content.loaded.root) for make in (stories_book, crafts_book)
    ):
        if book.chapters:
            jobs += _of(book)
            for problem in unprintable(book):
                remind(problem)
    return jobs


def _of(book: Book) -> list[Job]:
    return [
        (f"{book.name}.epub", lambda out: write_epub(book, out)),
        (f"{book.name}.pdf", lambda out: write_book_pdf(book, out)),
    ]


def _posters(content: EditionContent, progress: Progress, remind: Remind) -> list[Job]:
    jobs: list[Job] = []
    sayings, stories = content.loaded.sayings.checked, content.archive.collections.get(Story.kind, ())
    if sayings:
        jobs.append(("短句海报.pdf", lambda out: write_saying_posters(sayings, content.site, out)))
    if stories:
        jobs.append(("故事海报.pdf", lambda out: write_story_posters(stories, content.site, out)))
    return jobs
