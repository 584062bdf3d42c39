"""Examine an archive, and prepare what an edition is made of: read, checked, related, its films made.

Both take what the last build of a site read, and read only what has changed since.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from integrity_archive.archive.edition import WEB, Edition, is_hall
from integrity_archive.archive.graph import Archive, relate
from integrity_archive.build.benchmark_runs import Run, runs_of
from integrity_archive.build.previous_build import NO_PREVIOUS_BUILD, PreviousBuild
from integrity_archive.checks.check import RULES as COMMON_RULES
from integrity_archive.checks.check import check_archive, check_sources
from integrity_archive.checks.context import CheckContext
from integrity_archive.checks.rule import rules_of
from integrity_archive.content.data_file import BENCHMARK_PATH
from integrity_archive.content.entry import Document, Entry
from integrity_archive.content.loader import LoadedArchive, load
from integrity_archive.content.markup.markdown import Body, convert_all
from integrity_archive.content.model.schema import Hall, Lesson, Video
from integrity_archive.content.model.vocabulary import PATH as VOCABULARY_PATH
from integrity_archive.content.settings import PATH as SETTINGS_PATH
from integrity_archive.content.settings import check_settings
from integrity_archive.content.site_settings import Site
from integrity_archive.content.text_files import read_text
from integrity_archive.films import rules as film_rules
from integrity_archive.films.film import Film
from integrity_archive.films.rules import FilmLengths
from integrity_archive.kiosk import rules as kiosk_rules
from integrity_archive.lessons import rules as lesson_rules
from integrity_archive.lessons.slides import without_fences
from integrity_archive.site.edition_content import EditionContent
from integrity_archive.support.problems import Problem, errors
from integrity_archive.support.progress import Progress, no_progress
from integrity_archive.support.resources import overrides_dir

if TYPE_CHECKING:
    from integrity_archive.films.storyboard import LoadedStoryboard
    from integrity_archive.kiosk.screens import Screens


RULES = (*COMMON_RULES, *rules_of(film_rules, lesson_rules, kiosk_rules))
"""Every rule, those of the features included."""


@dataclass(frozen=True)
class Examined:
    """An archive read and checked."""

    loaded: LoadedArchive
    bodies: Mapping[str, Body]
    """Converted bodies by path."""
    read: Mapping[str, Document]
    """Documents that were read and converted now, by path; of the others the last build's bodies are among these."""
    boards: Mapping[str, LoadedStoryboard]
    """Storyboards of the films that are drawn, by id."""
    screens: Screens
    of_sources: frozenset[Problem]
    """Everything that is wrong with single sources."""
    problems: tuple[Problem, ...]
    """Everything that is wrong, sorted by place."""


def examine(root: str, progress: Progress = no_progress, stored: PreviousBuild = NO_PREVIOUS_BUILD) -> Examined:
    """Load, convert and check the archive at ``root``, as far as it is not stored."""
    from integrity_archive.build.handbook import expand  # it describes every model
    from integrity_archive.films.storyboard import load_storyboards  # its models take a while
    from integrity_archive.kiosk.screens import load_screens  # as do these

    loaded = load(root, progress, stored.source)
    screens, of_screens = load_screens(root, loaded.vocabulary)
    runs, faults = _measured(root)
    boards, of_boards = load_storyboards(root, loaded.entries, loaded.files, stored.boards)
    # Pages of the handbook show the vocabulary and the benchmark.
    shown = stored.changed.isdisjoint({VOCABULARY_PATH, BENCHMARK_PATH})
    pages = [*loaded.intros.values(), *loaded.pages]
    texts = [
        *(e.document for e in loaded.written if not stored.has(e.document.path)),
        *(expand(page, loaded.vocabulary, runs) for page in pages if not (shown and stored.has(page.path))),
        *(without_fences(d) for d in loaded.companions.values() if not stored.has(d.path)),
    ]
    converted = progress(convert_all(texts, jobs=os.cpu_count() or 1), "转换正文", len(texts))
    fresh = {d.path: b for d, b in zip(texts, converted, strict=True)}
    bodies = stored.bodies(fresh)
    found = set(loaded.problems)
    together: set[Problem] = set()
    if loaded.vocabulary:
        paths = stored.to_check(loaded, fresh)
        features = (FilmLengths(loaded, boards, progress), screens)
        context = CheckContext(loaded, loaded.vocabulary, bodies, paths, stored.targets(fresh), features)
        found = check_sources(context, RULES) | stored.problems(paths, loaded)
        together = check_archive(context, RULES)
    problems = {*check_settings(root), *faults, *of_boards, *of_screens, *found, *together}
    read = {d.path: d for d in texts}
    return Examined(loaded, bodies, read, boards, screens, frozenset(found), tuple(sorted(problems)))


def _measured(root: str) -> tuple[Sequence[Run], list[Problem]]:
    """Runs of the benchmark that an archive keeps; most have none."""
    if not os.path.lexists(os.path.join(root, *BENCHMARK_PATH.split("/"))):
        return (), []
    text, faults = read_text(root, BENCHMARK_PATH)
    if text is None:
        return (), faults
    try:
        return runs_of(text), faults
    except ValueError as error:
        remedy = "用 scripts/bench all --keep 重写，或删去它"
        return (), [Problem(BENCHMARK_PATH, 0, "", "", str(error), remedy, "measured")]


def edition_content(
    root: str, site: Site, edition: Edition = WEB, progress: Progress = no_progress
) -> tuple[EditionContent | None, list[Problem]]:
    """Everything up to pages and papers, or None when there are errors; with all problems."""
    content, _, problems = examined_content(root, site, edition, progress, NO_PREVIOUS_BUILD)
    return content, problems


def examined_content(
    root: str, site: Site, edition: Edition, progress: Progress, stored: PreviousBuild
) -> tuple[EditionContent | None, Examined, list[Problem]]:
    """As ``edition_content``, with what was examined; what is stored is not read again."""
    examined = examine(root, progress, stored)
    loaded, bodies = examined.loaded, examined.bodies
    problems = [*examined.problems, *_unfit(site, edition, loaded)]
    vocabulary = loaded.vocabulary
    if errors(problems) or vocabulary is None:
        return None, examined, problems
    loaded = replace(loaded, entries=tuple(entry.slim() for entry in loaded.entries))
    admits = edition.choice(loaded.entries, _named_beside(examined, edition))
    archive = relate(loaded.entries, vocabulary, admits, stored.record.spellings)
    films, unmade = _films(archive, examined.boards, stored.films, root, site, edition, progress)
    if unmade:
        return None, examined, sorted([*problems, *unmade])
    return EditionContent(loaded, archive, bodies, films, site, edition), examined, problems


def _films(
    archive: Archive,
    boards: Mapping[str, LoadedStoryboard],
    known: Mapping[str, Film],
    root: str,
    site: Site,
    edition: Edition,
    progress: Progress,
) -> tuple[dict[str, Film], list[Problem]]:
    """The films of an archive by id, those that are not known made now; and why others could not be made."""
    videos = archive.collections.get(Video.kind, ())
    missing = [entry for entry in videos if entry.id not in known]
    if not missing:
        return {entry.id: known[entry.id] for entry in videos}, []
    from integrity_archive.films.production import make_films  # loads FFmpeg
    from integrity_archive.films.render import FilmStyle

    style = FilmStyle(site.name, _mark())
    made, problems = make_films(missing, boards, root, style, int(site.film_size), edition.small_films, progress)
    films = {**known, **made}
    return {entry.id: films[entry.id] for entry in videos if entry.id in films}, problems


def _named_beside(examined: Examined, edition: Edition) -> Callable[[Entry], Iterable[str]]:
    """Ids of the entries that the texts beside an entry link to, and of the films a hall's screens play."""
    loaded, bodies = examined.loaded, examined.bodies
    by_path = {entry.document.path: entry.id for entry in loaded.entries}
    texts: dict[str, list[str]] = {}
    for path, document in loaded.companions.items():
        texts.setdefault(document.folder, []).append(path)

    def named(entry: Entry) -> Iterable[str]:
        if entry.id == edition.hall:
            return _screened(examined, entry)
        paths = texts.get(entry.document.folder, ()) if entry.document.path.endswith("/index.md") else ()
        return (by_path[link.target] for path in paths for link in bodies[path].links if link.target in by_path)

    return named


def _screened(examined: Examined, hall: Entry) -> Iterable[str]:
    """Films of the public screens, and of the touch screen where the hall names none."""
    yield from (id_ for _, id_ in examined.screens.films)
    if isinstance(hall.meta, Hall) and not hall.meta.playlist:
        yield from (entry.id for entry in examined.loaded.entries if entry.kind == Video.kind)


def _unfit(site: Site, edition: Edition, loaded: LoadedArchive) -> Iterable[Problem]:
    """What an edition needs and the archive does not have."""
    if not edition.is_kiosk:
        yield from _unknown_lessons(edition, loaded)
    elif edition.hall and not is_hall(edition.hall, loaded.entries):
        halls = "、".join(e.id for e in loaded.entries if is_hall(e.id, loaded.entries))
        what, remedy = "没有这个展馆，或者它没有公开", f"可选的：{halls or '还没有'}"
        yield Problem("docs/halls", 0, "--hall", edition.hall, what, remedy, "edition")
    if edition.is_kiosk and not site.kiosk_pin:
        remedy = '在 plugins 的 archive 下面加一行 kiosk_pin: "2580"，换成自己的 4 至 8 位数字'
        yield Problem(SETTINGS_PATH, 0, "plugins.archive", "kiosk_pin", "触摸屏版要有维护页的密码", remedy, "edition")


def _unknown_lessons(edition: Edition, loaded: LoadedArchive) -> Iterable[Problem]:
    lessons = {
        e.id: e.meta
        for e in loaded.entries
        if e.kind == Lesson.kind and isinstance(e.meta, Lesson) and edition.admits(e)
    }
    for id_ in edition.only:
        if id_ not in lessons:
            remedy = "可选的：" + ("、".join(lessons) or "还没有")
            yield Problem("docs/lessons", 0, "--lesson", id_, "没有这一课，或者它没有公开", remedy, "edition")
    taught = {meta.course for meta in lessons.values()}
    for course in edition.courses:
        if course not in taught:
            remedy = "可选的：" + ("、".join(sorted(taught)) or "还没有")
            yield Problem("docs/lessons", 0, "--path", course, "没有这门课程，或者其中没有公开的课", remedy, "edition")


def _mark() -> str:
    """The archive's mark, for the last picture of a film."""
    return Path(overrides_dir(), "assets", "img", "mark.svg").read_text(encoding="utf-8")
