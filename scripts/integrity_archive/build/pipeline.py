"""The pipeline: from the folders of an archive to what has to be written for a site.

``prepare`` loads, checks, relates, plans. With the state of the site's last build it reads only what changed since,
and plans only the pages and files whose inputs changed; without one, everything. Templates are rendered later.
"""

from __future__ import annotations

import datetime
import hashlib
import os
import pickle
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from integrity_archive.archive.changes import EntryRecord, entry_records
from integrity_archive.archive.edition import WEB, Edition
from integrity_archive.archive.graph import Archive
from integrity_archive.archive.publication import edition_documents, media_of
from integrity_archive.build.examine import Examined, examined_content
from integrity_archive.build.previous_build import NO_PREVIOUS_BUILD, PreviousBuild
from integrity_archive.build.search_changes import MANIFEST, SearchPlan, plan_search
from integrity_archive.build.state import BuildRecord, Changes, State, stamps
from integrity_archive.content.entry import film_folder, page_url, section
from integrity_archive.content.model.schema import KINDS, Lesson
from integrity_archive.content.outline import Outline, digest_of, outline_of
from integrity_archive.content.site_settings import Site
from integrity_archive.exports.catalogue import (
    CatalogueRows,
    catalogue,
    catalogue_csv,
    catalogue_json,
    catalogue_rows,
    collectionbuilder_csv,
)
from integrity_archive.exports.feed import atom_feed
from integrity_archive.exports.sitemap import sitemaps
from integrity_archive.films.film import Film
from integrity_archive.intake.picture_file import PictureError, is_raster
from integrity_archive.intake.renditions import Renditions, page_renditions
from integrity_archive.publish.papers import LessonPack, lesson_packs, pack_url
from integrity_archive.site.aspects import Aspects, card_values
from integrity_archive.site.edition_content import EditionContent
from integrity_archive.site.filter_data import browse_files, card_files
from integrity_archive.site.home import Home, home
from integrity_archive.site.page_spec import Download, FileSpec, PageSpec
from integrity_archive.site.pages import page_specs
from integrity_archive.site.timeline import timeline
from integrity_archive.site.views import lengths_of
from integrity_archive.support.fonts import FontError
from integrity_archive.support.problems import Problem
from integrity_archive.support.progress import Progress, no_progress

if TYPE_CHECKING:
    from integrity_archive.kiosk.screens import Screens


@dataclass(frozen=True)
class IncrementalOptions:
    """Where the site of the last build is remembered, and what this one needs to know to go on from there."""

    state: State
    config_hash: str
    """Of programs, templates and settings."""
    in_nav: frozenset[str] = frozenset()
    """Pages named by the navigation, by ``src_uri``: MkDocs cannot make it without them."""


@dataclass(frozen=True)
class StateUpdate:
    """What is to be remembered of a build once its site is in place."""

    record: BuildRecord
    changes: Changes
    rows: Mapping[str, tuple[str, str]]
    """See ``State.rows``."""


@dataclass(frozen=True)
class Plan:
    """Everything that has to be written, before any of it is."""

    archive: Archive
    site: Site
    page_specs: tuple[PageSpec, ...]
    """Pages to be rendered."""
    pages: Mapping[str, datetime.date | None]
    """Every page of the site by ``src_uri``, also those that stay as they are, with the day of its last change."""
    media: Mapping[str, str]
    """Files to copy: place in the site to absolute path."""
    exports: Mapping[str, bytes]
    """Files to write: place in the site to content."""
    removed: frozenset[str]
    """Files of the last build that the site has no more, apart from those of the search."""
    search: SearchPlan
    films: Mapping[str, Film]
    """By id."""
    pictures: Mapping[str, Renditions]
    """Renditions of the raster pictures of the site, by place in it."""
    works: Mapping[str, EntryRecord]
    """What a later edition is compared with, by id; only of an edition for sticks."""
    whole: bool
    """Whether everything is written, also what never changes: the files of theme and program."""
    memory: StateUpdate | None
    """None where nothing is remembered."""

    def nav(self) -> list[dict[str, str]]:
        """Sections for a site that names none. Never entries: every page carries the navigation."""
        home = [{"首页": "index.md"}] if "index.md" in self.pages else []
        return home + [{KINDS[k].collection: f"{section(k)}/index.md"} for k in self.archive.collections]


def prepare(
    root: str,
    site: Site,
    edition: Edition = WEB,
    progress: Progress = no_progress,
    last: IncrementalOptions | None = None,
) -> tuple[Plan | None, list[Problem]]:
    """The plan of a site, or None when there are errors; with all problems.

    Args:
        root: folder of the archive.
        site: what its settings say.
        edition: what is to be built.
        progress: shows progress.
        last: the last build, and where this one will be remembered; None where nothing is remembered.

    Raises:
        DamagedError: what was remembered cannot be read after all.
    """
    stored = NO_PREVIOUS_BUILD
    if last:
        stored = PreviousBuild(root, last.state, last.state.record(last.config_hash), stamps(root))
    content, examined, problems = examined_content(root, site, edition, progress, stored)
    if content is None:
        return None, problems
    known = stored.record.outputs
    outlines = _outlines(examined, content, stored)
    aspects = Aspects(content, outlines, stored.now)
    packs: dict[str, Download] = {}
    records = entry_records(content.archive.entries, root) if edition.is_usb else {}
    front = home(content.archive, content.loaded.sayings, stored.record.solar_terms)
    specs = _page_specs(content, examined.screens, aspects, packs, records, front)
    pages = {spec.uri: spec.updated for spec in specs}
    in_nav = last.in_nav if last else frozenset[str]()
    common = _on_every_page(content, specs, in_nav)
    keys = {spec.url: digest_of(spec.template, common, spec.made_of()) for spec in specs}
    changed = [s for s in specs if known.get(s.url) != keys[s.url] or s.uri in in_nav]
    if edition.for_desktop:
        made, unmade = make_all_packs(lesson_packs(content, _lessons(changed, content)), progress)
        if unmade:
            return None, sorted([*problems, *unmade])
        packs |= made
    rows = _catalogue_rows(content, examined, stored)
    files = [*_data_files(content, examined.screens, aspects, rows), *_public_files(content, pages)]
    media = _media(content, examined, outlines)
    pictures, faults = _renditions(media, root, stored, progress)
    if faults:
        return None, sorted([*problems, *faults])
    media |= {uri: path for at, picture in pictures.items() for uri, path in picture.files(at).items()}
    media |= {uri: path for film in content.films.values() for uri, path in film.files.items()}
    keys |= {file.path: digest_of(file.made_of()) for file in files}
    keys |= {uri: digest_of(path, stored.stamp(path)) for uri, path in media.items()}
    keys |= _pack_keys(content, keys)
    search = plan_search(content, outlines, stored, last.state if last else None)
    keys[MANIFEST] = search.key
    return Plan(
        archive=content.archive,
        site=site,
        page_specs=tuple(changed),
        pages=pages,
        media={uri: path for uri, path in media.items() if known.get(uri) != keys[uri]}
        | {pack.url: pack.path for pack in packs.values()},
        exports={file.path: file.make() for file in files if known.get(file.path) != keys[file.path]},
        removed=frozenset(known.keys() - keys.keys()),
        search=search,
        films=content.films,
        pictures=pictures,
        works=records,
        whole=not known,
        memory=StateUpdate(
            BuildRecord(
                last.config_hash,
                stored.now,
                outlines,
                examined.of_sources,
                pickle.dumps((content.films, examined.boards), 5),
                keys,
                pictures=pictures,
                search=search.base,
                spellings=dict(content.archive.spellings),
                solar_terms=front.days,
            ),
            _changes(content, examined, stored),
            rows,
        )
        if last
        else None,
    ), problems


def _outlines(examined: Examined, content: EditionContent, stored: PreviousBuild) -> dict[str, Outline]:
    """The outline of every Markdown file: of those that were not read, the stored one."""
    entries = {entry.document.path: entry for entry in examined.loaded.entries}
    outlines = {path: o for path, o in stored.record.outlines.items() if stored.has(path)}
    for path, document in examined.read.items():
        entry = entries.get(path)
        values = card_values(entry) if entry else None
        outlines[path] = outline_of(document, examined.bodies[path], entry, values)
    return outlines


def _page_specs(
    content: EditionContent,
    screens: Screens,
    aspects: Aspects,
    packs: Mapping[str, Download],
    records: Mapping[str, EntryRecord],
    front: Home,
) -> list[PageSpec]:
    own = page_specs(content, aspects, packs, front, timeline(content.archive), records)
    templates = content.edition.templates
    return [
        replace(s, template=templates.get(s.template, s.template))
        for s in (*own, *_kiosk_specs(content, screens, front))
    ]


def _kiosk_specs(content: EditionContent, screens: Screens, front: Home) -> Sequence[PageSpec]:
    if not content.edition.is_kiosk:
        return ()
    from integrity_archive.kiosk.pages import kiosk_page_specs  # for touch screens only

    return kiosk_page_specs(content, screens, front)


def _on_every_page(content: EditionContent, specs: Sequence[PageSpec], in_nav: frozenset[str]) -> object:
    """What header and footer show: sections, indexes, and the titles of the pages in the navigation."""
    pages = {spec.uri: spec for spec in specs}
    # Made apart: what is kept in the spec has to wait for the packs.
    titles = [(uri, pages[uri].make().title) for uri in sorted(in_nav & pages.keys())]
    indexes = [name for name, values in content.archive.facets.items() if values]
    doors = [uri for uri in ("index.md", "timeline.md", "handbook/index.md") if uri in pages]
    return titles, indexes, doors, list(content.archive.collections)


def _lessons(specs: Sequence[PageSpec], content: EditionContent) -> frozenset[str]:
    """Ids of the lessons whose pages are among these."""
    sources = {spec.path for spec in specs if spec.path}
    lessons = content.archive.collections.get(Lesson.kind, ())
    return frozenset(e.id for e in lessons if e.document.path in sources)


def make_all_packs(packs: Sequence[LessonPack], progress: Progress) -> tuple[Mapping[str, Download], list[Problem]]:
    """The teacher packs of these lessons by id, or why they could not be made."""
    if not packs:
        return {}, []
    from integrity_archive.publish.pack import PackError, make_packs  # loads what writes office files

    try:
        return make_packs(packs, progress), []
    except FontError as error:
        return {}, [Problem("docs/lessons", 0, "", "", error.what, error.remedy, "pack")]
    except PackError as error:
        return {}, [error.problem]


def _pack_keys(content: EditionContent, keys: Mapping[str, str]) -> dict[str, str]:
    """A lesson's pack is as its page."""
    lessons = content.archive.collections.get(Lesson.kind, ()) if content.edition.for_desktop else ()
    return {pack_url(entry): keys[entry.url] for entry in lessons}


def _catalogue_rows(content: EditionContent, examined: Examined, stored: PreviousBuild) -> dict[str, tuple[str, str]]:
    """The line of every entry of the edition in the catalogue, as JSON and as CSV, by id."""
    rows = dict(stored.rows)
    internal, site = content.edition.internal, content.site
    fresh = [e for e in content.archive.entries.values() if e.document.path in examined.read or e.id not in rows]
    made = catalogue_rows(catalogue(fresh, site, internal=internal))
    rows |= {e.id: (item, line) for e, item, line in zip(fresh, made.json, made.csv, strict=True)}
    return {id_: rows[id_] for id_ in content.archive.entries}


def _data_files(
    content: EditionContent, screens: Screens, aspects: Aspects, rows: Mapping[str, tuple[str, str]]
) -> Iterator[FileSpec]:
    """The files that pages read, and the catalogue."""
    archive, edition, site = content.archive, content.edition, content.site
    yield from card_files(archive, aspects, lengths_of(content.films))
    columns = catalogue((), site, internal=edition.internal).columns
    table = CatalogueRows(columns, tuple(r[0] for r in rows.values()), tuple(r[1] for r in rows.values()))
    made = browse_files(archive) | {"catalogue.json": catalogue_json(table, site, edition.notice)}
    if edition.is_kiosk:
        from integrity_archive.kiosk.published import PUBLISHED, published  # for touch screens only

        made[PUBLISHED] = published(content, screens)
    if edition.for_desktop:
        made["catalogue.csv"] = catalogue_csv(table)
        key = digest_of(table.columns, table.json)
        yield FileSpec("collectionbuilder.csv", lambda: collectionbuilder_csv(table), lambda: key)
        for id_, film in content.films.items():
            if film.captions:
                made[f"{film_folder(archive.entries[id_])}/captions.vtt"] = film.captions.encode()
    yield from map(_made, made.items())


def _public_files(content: EditionContent, pages: Mapping[str, datetime.date | None]) -> Iterator[FileSpec]:
    """What machines read at a public address."""
    if content.edition.for_desktop and not content.edition.is_usb:
        urls = [(page_url(uri), updated) for uri, updated in pages.items()]
        made = {"feed.xml": atom_feed(content.archive, content.site), **sitemaps(urls, content.site)}
        yield from map(_made, made.items())


def _made(file: tuple[str, bytes]) -> FileSpec:
    """A file that costs little to make: it is told by its content."""
    path, content = file
    return FileSpec(path, lambda: content, lambda: hashlib.blake2b(content, digest_size=16).hexdigest())


def _media(content: EditionContent, examined: Examined, outlines: Mapping[str, Outline]) -> dict[str, str]:
    """Files of the archive to copy: what pages show or link."""
    documents = edition_documents(content.archive, examined.loaded, content.edition)
    targets = (target for document in documents for target in outlines[document.path].targets)
    return media_of(content.archive, targets, content.loaded, content.edition)


def _renditions(
    media: Mapping[str, str], root: str, stored: PreviousBuild, progress: Progress
) -> tuple[dict[str, Renditions], list[Problem]]:
    """The renditions of the raster pictures among the files to copy, by place in the site; and why others could not be
    made. Those of pictures that are as they were are known from the last build.
    """
    paths = {uri: path for uri, path in media.items() if is_raster(path)}
    known = {uri: of for uri, path in paths.items() if (of := stored.renditions(uri, path))}
    missing = [(uri, path) for uri, path in paths.items() if uri not in known]
    if not missing:
        return known, []
    # Threads, because Pillow's decoders and encoders let others run.
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        found = list(progress(pool.map(_rendition, missing), "做图片", len(missing)))
    made = zip(missing, found, strict=True)
    return known | {uri: of for (uri, _), of in made if isinstance(of, Renditions)}, [
        _unmade(of, root) for of in found if isinstance(of, PictureError)
    ]


def _unmade(error: PictureError, root: str) -> Problem:
    """The problem of a picture that became unreadable after it was checked."""
    path = os.path.relpath(error.path, root).replace(os.sep, "/")
    return Problem(path, 0, "", "", error.what, error.remedy, "picture")


def _rendition(picture: tuple[str, str]) -> Renditions | PictureError:
    try:
        return page_renditions(picture[1])
    except PictureError as error:
        return error


def _changes(content: EditionContent, examined: Examined, stored: PreviousBuild) -> Changes:
    """What is different in the state after this build."""
    read = examined.read  # of the others, the front matter is where it was and not looked at
    entries = {e.document.path: e.meta for e in examined.loaded.entries if e.document.path in read}
    return Changes(
        whole=not stored.record.outlines,
        sources={path: (entries.get(path), examined.bodies[path]) for path in read},
        removed=frozenset(stored.record.outlines.keys() - examined.bodies.keys()),
    )
