"""Build: the stages in their order, from an archive's folders to the sheets a site generator writes out.

``prepare`` is the whole pipeline as one pure call; whatever wraps sheets in templates comes after it.
"""

from __future__ import annotations

import datetime
import os
import posixpath
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from integrity_archive.archive.changes import Work, works
from integrity_archive.archive.edition import WEB, Edition
from integrity_archive.archive.graph import Archive
from integrity_archive.build.benchmark_runs import PATH as MEASURED_PATH
from integrity_archive.build.examine import edition_content
from integrity_archive.content.entry import FOLDERS, Document, film_folder, page_url, section, site_uri
from integrity_archive.content.loader import Loaded
from integrity_archive.content.markdown import Body
from integrity_archive.content.sayings import PATH as SAYINGS_PATH
from integrity_archive.content.schema import KINDS, Media
from integrity_archive.content.site_settings import Site
from integrity_archive.content.vocabulary import PATH as VOCABULARY_PATH
from integrity_archive.exports.export import (
    Written,
    atom_feed,
    catalogue,
    catalogue_csv,
    catalogue_json,
    sitemaps,
    written,
)
from integrity_archive.films.captions import Cue
from integrity_archive.films.film import Film
from integrity_archive.kiosk.names import SCREENS
from integrity_archive.publish.papers import Kit, kits_of
from integrity_archive.search.amend_job import AmendJob
from integrity_archive.search.job import SearchJob
from integrity_archive.site.edition_content import EditionContent
from integrity_archive.site.filter_data import browse_files
from integrity_archive.site.home import Home, home
from integrity_archive.site.page_spec import Download, Sheet
from integrity_archive.site.pages import make_sheets
from integrity_archive.site.search_documents import documents, facet_order
from integrity_archive.site.timeline import Era, timeline
from integrity_archive.site.views import lengths_of
from integrity_archive.support.fonts import FontError
from integrity_archive.support.problems import Problem
from integrity_archive.support.progress import Track, untracked

DATA_FILES = (VOCABULARY_PATH, SAYINGS_PATH, SCREENS, MEASURED_PATH)
"""Files below ``docs/`` that pages are made of and no reader gets."""


@dataclass(frozen=True)
class Behind:
    """What a plan was made of, for whoever amends the site later."""

    content: EditionContent
    home: Home
    eras: tuple[Era, ...]
    catalogue: Written
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Plan:
    """Everything to be written, before any of it is."""

    archive: Archive
    site: Site
    sheets: tuple[Sheet, ...]
    """Pages to be written."""
    pages: Mapping[str, datetime.date | None]
    """Every page of the site by ``src_uri``, also those that stay as they were, with the day of its last change."""
    media: Mapping[str, str]
    """Files to copy: place in the site, and where they are, films in the cache among them."""
    exports: Mapping[str, bytes]
    """Files to write: place in the site, content."""
    search: SearchJob | AmendJob
    """The search, which may still be in the making; its files are written last."""
    claimed: frozenset[str]
    """Files MkDocs would pick up by itself but must not: the archive makes its own of them, or no reader gets them."""
    films: Mapping[str, Film]
    """By id."""
    works: Mapping[str, Work]
    """What a later edition is compared with, by id; only of one that is carried about."""
    behind: Behind | None
    """What it was made of; None where it only amends a site."""

    @property
    def claimed_folders(self) -> tuple[str, ...]:
        """Folders below ``docs/`` that hold entries; nothing in them is copied unless an entry shows it."""
        return tuple(site_uri(f) + "/" for f in FOLDERS if f.startswith("docs/"))

    def nav(self) -> list[dict[str, str]]:
        """Sections for a site that names none. Never entries: every page carries the navigation."""
        home = [{"首页": "index.md"}] if "index.md" in self.pages else []
        return home + [{KINDS[k].collection: f"{section(k)}/index.md"} for k in self.archive.collections]


def prepare(
    root: str, site: Site, edition: Edition = WEB, track: Track = untracked, keep: Path | None = None
) -> tuple[Plan | None, list[Problem]]:
    """The plan of a site, or None when there are errors; with all problems.

    Args:
        root: folder of the archive.
        site: what its settings say.
        edition: what is to be built.
        track: shows progress.
        keep: empty folder for what an amended search starts from; None where nothing will be amended.
    """
    content, problems = edition_content(root, site, edition, track)
    if content is None:
        return None, problems
    loaded, archive, bodies, films = content.loaded, content.archive, content.bodies, content.films
    packs, unmade = make_all_packs(kits_of(content), track) if edition.desk else ({}, [])
    if unmade:
        return None, sorted([*problems, *unmade])
    search = SearchJob(list(documents(archive, bodies, told_in(films))), facet_order(archive), keep)
    shown_at_home = home(archive, loaded.sayings)
    remembered = works(archive.entries, root) if edition.carried else {}
    eras = timeline(archive)
    sheets = make_sheets(content, packs, shown_at_home, eras, remembered)
    sheets = tuple(
        replace(s, template=edition.templates.get(s.template, s.template))
        for s in (*sheets, *_kiosk_sheets(content, shown_at_home))
    )
    pages = loaded.pages if edition.desk else ()
    folders = {e.document.folder for e in archive.entries.values()}
    beside = (d for d in loaded.companions.values() if d.folder in folders and edition.desk)
    shown = (*(e.document for e in archive.entries.values()), *loaded.intros.values(), *pages, *beside)
    table = written(catalogue(archive.entries.values(), site))
    dated = {sheet.uri: sheet.updated for sheet in sheets}
    plan = Plan(
        archive=archive,
        site=site,
        sheets=sheets,
        pages=dated,
        media=_media(archive, shown, bodies, root)
        | {uri: path for f in films.values() for uri, path in f.files.items()}
        | {pack.url: pack.path for pack in packs.values()},
        search=search,
        exports=browse_files(archive, lengths_of(films))
        | catalogues(table, site, edition)
        | (_captions(archive, films) if edition.desk else {})
        | (public_exports(archive, site, dated) if edition.desk and not edition.carried else {}),
        claimed=claimed_of(loaded),
        films=films,
        works=remembered,
        behind=Behind(content, shown_at_home, eras, table, tuple(problems)),
    )
    return plan, problems


def _kiosk_sheets(content: EditionContent, shown: Home) -> Sequence[Sheet]:
    if not content.edition.sealed:
        return ()
    from integrity_archive.kiosk.pages import kiosk_sheets  # for touch screens only
    from integrity_archive.kiosk.screens import load_screens

    screens, _ = load_screens(content.loaded.root, content.loaded.vocabulary)
    return kiosk_sheets(content, screens, shown)


def told_in(films: Mapping[str, Film]) -> Mapping[str, Sequence[Cue]]:
    """What films tell, by id."""
    return {id_: film.told for id_, film in films.items()}


def make_all_packs(kits: Sequence[Kit], track: Track) -> tuple[Mapping[str, Download], list[Problem]]:
    """The teacher packs of these lessons by id, or why they could not be made."""
    if not kits:
        return {}, []
    from integrity_archive.publish.pack import PackError, make_packs  # loads what writes office files

    try:
        return make_packs(kits, track), []
    except FontError as error:
        return {}, [Problem("docs/lessons", 0, "", "", error.what, error.remedy, "pack")]
    except PackError as error:
        return {}, [error.problem]


def claimed_of(loaded: Loaded) -> frozenset[str]:
    """Files MkDocs must not pick up by itself."""
    pages = (document.uri for document in (*loaded.pages, *loaded.intros.values()))
    # The theme's sitemap would date every page with the day of the build.
    return frozenset([*map(site_uri, DATA_FILES), "sitemap.xml", *pages])


def _media(archive: Archive, documents: Iterable[Document], bodies: Mapping[str, Body], root: str) -> dict[str, str]:
    """Files of the content folders that the pages show, and no others: an internal entry's pictures stay behind.

    Of a film only its poster: what else it names is made into the film.
    """
    named = {
        posixpath.normpath(posixpath.join(entry.document.folder, value.value))
        for entry in archive.entries.values()
        for value in entry.marks
        if isinstance(value.mark, Media) and (entry.kind != "video" or value.loc[0] in ("poster", "cover"))
    }
    linked = {
        link.target
        for document in documents
        for link in bodies[document.path].links
        if not link.target.endswith(".md") and link.target.startswith(tuple(f + "/" for f in FOLDERS))
    }
    return {site_uri(p): os.path.join(root, *p.split("/")) for p in sorted(named | linked)}


def catalogues(table: Written, site: Site, edition: Edition) -> dict[str, bytes]:
    """The catalogue by which a folder is known as ours, and the one people take away."""
    people = {"catalogue.csv": catalogue_csv(table)} if edition.desk else {}
    return {"catalogue.json": catalogue_json(table, site), **people}


def _captions(archive: Archive, films: Mapping[str, Film]) -> dict[str, bytes]:
    captions = {id_: film.captions for id_, film in films.items()}
    return {f"{film_folder(archive.entries[i])}/captions.vtt": t.encode() for i, t in captions.items() if t}


def public_exports(archive: Archive, site: Site, pages: Mapping[str, datetime.date | None]) -> dict[str, bytes]:
    """What machines read at a public address."""
    urls = [(page_url(uri), updated) for uri, updated in pages.items()]
    return {"feed.xml": atom_feed(archive, site), **sitemaps(urls, site)}
