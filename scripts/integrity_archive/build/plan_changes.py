"""Warm: the pages and files that an edit changes, from what the last build left behind (``memory``).

Most edits are to the text of an entry, its title, its sources. They change nothing of how the archive hangs together:
``frame`` says what that is, and as long as it stays, only the entry's own page and those that show its card, its text
or its title are made again. Any other edit is left to a whole build.
"""

from __future__ import annotations

import datetime
import os
from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from integrity_archive.archive.edition import Edition
from integrity_archive.archive.publication import shown_pages
from integrity_archive.build.build_state import Base, Head, Memory, Rest, Stamp, Version, rest_of, stamps
from integrity_archive.build.pipeline import Plan, catalogues, film_cues, make_all_packs, public_exports
from integrity_archive.build.rows import DamagedError
from integrity_archive.checks.rules import CheckContext, check_again
from integrity_archive.content.entry import FOLDERS, Entry, companion
from integrity_archive.content.loader import introduces, load_entry
from integrity_archive.content.markdown import Converter
from integrity_archive.content.schema import Video
from integrity_archive.content.site_settings import Site
from integrity_archive.content.vocabulary import Vocabulary, load_vocabulary
from integrity_archive.exports.export import CatalogueRows, catalogue, catalogue_rows
from integrity_archive.publish.papers import lesson_packs
from integrity_archive.search import SearchDocument
from integrity_archive.search.amend_job import AmendJob
from integrity_archive.search.edit import Change, Edit
from integrity_archive.site.edition_content import EditionContent
from integrity_archive.site.filter_data import SHARD_SIZE, card_file
from integrity_archive.site.listing import listed_on
from integrity_archive.site.page_spec import PageFilter
from integrity_archive.site.pages import TIMELINE, page_specs
from integrity_archive.site.search_documents import document_of, documents, facet_order
from integrity_archive.site.views import lengths_of
from integrity_archive.support.problems import Problem, errors
from integrity_archive.support.progress import Progress
from integrity_archive.support.signed_cache import signing_key

MOST = 24
"""Entries edited at once; with more, a whole build costs less than it saves."""
SINCE = 240
"""Entries edited since the last whole build, all of which every edit has to read."""
OWN = frozenset({
    "title", "summary", "tags", "sources", "rights", "reviewed", "cover_alt",
    "quotes", "questions", "textual_note", "steps", "metaphor", "objectives", "materials", "quiz",
})  # fmt: skip
"""Fields that the entry's own page shows, and others at most as its card or in what they take from its text."""


@dataclass(frozen=True)
class Amended:
    """What an edit comes to."""

    plan: Plan | None
    """None where there are errors."""
    problems: list[Problem]
    head: Head
    """What to remember once the site is in its place; its files are still those of the site that is replaced."""


def frame(version: Version) -> tuple[Any, ...]:
    """All of an entry that the order, the relations, the filters or the checks of other entries rest upon."""
    meta, body = version.entry.meta, version.body
    fields = {name: getattr(meta, name) for name in type(meta).model_fields if name not in OWN}
    links = [(link.target, link.anchor, link.image) for link in body.links]
    return version.entry.id, type(meta), fields, body.anchors, links


def amend(
    root: str,
    site: Site,
    edition: Edition,
    memory: Memory,
    ground: str,
    in_nav: frozenset[str],
    progress: Progress,
    search: AmendJob | None = None,
) -> Amended | None:
    """What has to be made again since the last build; None when that is everything.

    Args:
        root: folder of the archive.
        site: what its settings say.
        edition: what is built.
        memory: what the last build left.
        ground: key of everything beside the archive's files.
        in_nav: pages named by the navigation, without which MkDocs cannot make it.
        progress: shows progress.
        search: the search's part of it, if it was begun already.
    """
    head, now = memory.head(ground), stamps(root)
    if head is None or now.keys() != head.stamps.keys():
        return None
    touched = [path for path, stamp in now.items() if stamp is None or stamp != head.stamps[path]]
    vocabulary, faults = load_vocabulary(root)
    if len(touched) > MOST or not all(map(_is_entry, touched)) or vocabulary is None or faults:
        return None
    search = search or AmendJob(memory.folder, memory.target, signing_key())
    try:
        done = _amend(root, _Known(site, edition, head, now, touched, vocabulary), memory, in_nav, search, progress)
    except DamagedError:
        done = None
    if done is None or done.plan is None:
        search.drop()
    return done


@dataclass(frozen=True)
class _Known:
    """What is known before anything large is read."""

    site: Site
    edition: Edition
    head: Head
    now: Mapping[str, Stamp]
    touched: Sequence[str]
    vocabulary: Vocabulary


def _amend(
    root: str, known: _Known, memory: Memory, in_nav: frozenset[str], search: AmendJob, progress: Progress
) -> Amended | None:
    head, touched = known.head, known.touched
    base = memory.base(head)
    latest = {path: Version(entry, base.bodies[path]) for path, entry in base.entries.items() if path in touched}
    latest |= head.shown
    read = _read(root, touched, latest)
    if read is None or any(frame(latest[path]) != frame(version) for path, version in read.items()):
        return None
    edited = {**head.shown, **read}
    if len(edited) > SINCE:
        return None
    entries = {e.id: e for e in {**base.entries, **{p: v.entry for p, v in edited.items()}}.values()}
    bodies = ChainMap({path: version.body for path, version in edited.items()}, base.bodies)  # type: ignore[arg-type]
    rest = rest_of(base, entries, known.vocabulary)
    if not all(os.path.exists(path) for film in rest.films.values() for path in film.files.values()):
        return None  # packs hold them
    loaded = replace(rest.loaded, entries=tuple(entries.values()), files=frozenset(known.now))
    content = EditionContent(loaded, rest.archive, bodies, rest.films, known.site, known.edition)
    _begin(search, content, base, head, edited)  # it has most to do; where there are errors, it is dropped
    found = check_again(CheckContext(replace(loaded, problems=()), known.vocabulary, bodies, paths=frozenset(read)))
    if any(p.path not in read for p in found):
        return None  # the other entry's lines are not known here
    edited |= {path: _with_problems(version, found) for path, version in read.items()}
    problems = [p for p in rest.problems if p.path not in edited] + [p for v in edited.values() for p in v.problems]
    # The others stay the very objects they are, by which those are told that the search has kept.
    shown = {p: replace(v, entry=v.entry.slim()) if p in read else v for p, v in edited.items()}
    after = replace(head, stamps=known.now, shown=shown)
    if errors(problems):
        return Amended(None, sorted(problems), after)
    changed = {path: (latest[path], version) for path, version in read.items() if not version.same(latest[path])}
    plan, unmade = _plan(content, rest, edited, changed, in_nav, search, progress)
    return Amended(plan, sorted([*problems, *unmade]), after)


def _with_problems(version: Version, found: Iterable[Problem]) -> Version:
    path = version.entry.document.path
    return replace(version, problems=(*version.problems, *(p for p in found if p.path == path)))


def _is_entry(path: str) -> bool:
    return path.endswith(".md") and not companion(path) and not introduces(path) and path.startswith(_FOLDERS)


_FOLDERS = tuple(folder + "/" for folder in FOLDERS)


def _read(root: str, touched: Iterable[str], latest: Mapping[str, Version]) -> dict[str, Version] | None:
    """The touched entries as they are now; None where one cannot be read."""
    converter = Converter()
    versions: dict[str, Version] = {}
    for path in touched:
        entry, faults = load_entry(root, path)
        # What is no entry, or a film, which is made of more than its text, is for a whole build.
        if path not in latest or not isinstance(entry, Entry) or isinstance(entry.meta, Video):
            return None
        versions[path] = Version(entry, converter.convert(path, entry.document.body), tuple(faults))
    return versions


def _plan(
    content: EditionContent,
    rest: Rest,
    edited: Mapping[str, Version],
    changed: Mapping[str, tuple[Version, Version]],
    in_nav: frozenset[str],
    search: AmendJob,
    progress: Progress,
) -> tuple[Plan | None, list[Problem]]:
    wanted = PageFilter(frozenset([*in_nav, *_shown_by(content, changed)]))
    packs, unmade = make_all_packs(lesson_packs(content, wanted), progress)
    if unmade:
        return None, unmade
    specs = page_specs(content, packs, rest.home, rest.eras, {}, wanted)
    now = {
        document.uri: version.entry.meta.updated
        for version in edited.values()
        for document in (version.entry.document, content.slides(version.entry))
        if document and version.entry.id in content.archive.entries
    }
    pages = {uri: now.get(uri, updated) for uri, updated in rest.pages.items()}
    plan = Plan(
        archive=content.archive,
        site=content.site,
        page_specs=specs,
        pages=pages,
        media={pack.url: pack.path for pack in packs.values()},
        search=search,
        exports=dict(_exports(content, rest, edited, changed, pages)),
        films=content.films,
        works={},
        behind=None,
    )
    return plan, []


def _shown_by(content: EditionContent, changed: Mapping[str, tuple[Version, Version]]) -> Iterator[str]:
    """Pages, by ``src_uri``, that show something of these entries."""
    archive = content.archive
    renamed = set()
    for before, after in changed.values():
        entry = archive.entries.get(after.entry.id)
        if entry is None:
            continue
        yield entry.document.uri
        near = [other for group in archive.related.get(entry.id, ()) for other in group.entries]
        # A lesson's pack holds the texts that it uses.
        yield from (other.document.uri for other in near if other.kind == "lesson")
        if _card(before) != _card(after):
            renamed.add(entry.id)
            yield from (other.document.uri for other in near)
            yield from (other.document.uri for other in archive.neighbours[entry.id] if other)
            slides = content.slides(entry)
            if slides:
                yield slides.uri
    if renamed:
        yield from ("index.md", TIMELINE)
        yield from (page.uri for page in shown_pages(content.loaded, content.edition))
        for id_ in renamed:
            yield from listed_on(archive, archive.entries[id_])


def _card(version: Version) -> tuple[str, str]:
    """What of an entry's own fields other pages show."""
    return version.entry.meta.title, version.entry.meta.summary


def _exports(
    content: EditionContent,
    rest: Rest,
    edited: Mapping[str, Version],
    changed: Mapping[str, tuple[Version, Version]],
    pages: Mapping[str, datetime.date | None],
) -> Iterator[tuple[str, bytes]]:
    """Data files with something of these entries in them."""
    entries = list(content.archive.entries.values())
    number = {entry.id: n for n, entry in enumerate(entries)}
    lengths = lengths_of(content.films)
    for shard in sorted({number[v.entry.id] // SHARD_SIZE for _, v in changed.values() if v.entry.id in number}):
        yield from card_file(shard, entries, content.archive.vocabulary, lengths).items()
    # The base has the rows as they were before everything that was edited since.
    items, lines = list(rest.catalogue.json), list(rest.catalogue.csv)
    for version in edited.values():
        n = number.get(version.entry.id)
        if n is not None:
            row = catalogue_rows(catalogue([version.entry], content.site))
            items[n], lines[n] = row.json[0], row.csv[0]
    table = CatalogueRows(rest.catalogue.columns, tuple(items), tuple(lines))
    yield from catalogues(table, content.site, content.edition).items()
    yield from public_exports(content.archive, content.site, pages).items()


def _begin(search: AmendJob, content: EditionContent, base: Base, head: Head, edited: Mapping[str, Version]) -> None:
    """Give the search everything that was edited since it was kept."""
    archive, told = content.archive, film_cues(content.films)

    def as_document(version: Version) -> SearchDocument:
        return document_of(version.entry, archive, version.body, told.get(version.entry.id, ()))

    admitted = {path: version for path, version in edited.items() if version.entry.id in archive.entries}
    changes = []
    for path, version in admitted.items():
        first = Version(base.entries[path], base.bodies[path])
        kept, shown = (versions.get(path, first) for versions in (head.searched, head.shown))
        if kept is not version:
            changes.append(Change(*map(as_document, (kept, shown, version))))
    search.amend(
        head.search,
        Edit(tuple(changes), head.search.shown),
        lambda: (list(documents(archive, content.bodies, told)), facet_order(archive)),
    )
