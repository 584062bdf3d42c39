"""Build: the stages in their order, from an archive's folders to the specs a site generator writes out.

``prepare`` is the whole pipeline as one pure call; whatever wraps specs in templates comes after it.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from integrity_archive.archive.changes import EntryRecord, entry_records
from integrity_archive.archive.edition import WEB, Edition
from integrity_archive.archive.graph import Archive
from integrity_archive.archive.publication import media_of, shown_documents
from integrity_archive.build.examine import edition_content
from integrity_archive.content.entry import film_folder, page_url, section
from integrity_archive.content.schema import KINDS
from integrity_archive.content.site_settings import Site
from integrity_archive.exports.export import (
    CatalogueRows,
    atom_feed,
    catalogue,
    catalogue_csv,
    catalogue_json,
    catalogue_rows,
    sitemaps,
)
from integrity_archive.films.captions import Cue
from integrity_archive.films.film import Film
from integrity_archive.publish.papers import LessonPack, lesson_packs
from integrity_archive.search.amend_job import AmendJob
from integrity_archive.search.job import SearchJob
from integrity_archive.site.edition_content import EditionContent
from integrity_archive.site.filter_data import browse_files
from integrity_archive.site.home import Home, home
from integrity_archive.site.page_spec import Download, PageSpec
from integrity_archive.site.pages import page_specs
from integrity_archive.site.search_documents import documents, facet_order
from integrity_archive.site.timeline import TimelinePeriod, timeline
from integrity_archive.site.views import lengths_of
from integrity_archive.support.fonts import FontError
from integrity_archive.support.problems import Problem
from integrity_archive.support.progress import Progress, no_progress
from integrity_archive.support.signed_cache import signing_key


@dataclass(frozen=True)
class PlanInputs:
    """What a plan was made of, for whoever amends the site later."""

    content: EditionContent
    home: Home
    eras: tuple[TimelinePeriod, ...]
    catalogue: CatalogueRows
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Plan:
    """Everything to be written, before any of it is."""

    archive: Archive
    site: Site
    page_specs: tuple[PageSpec, ...]
    """Pages to be written."""
    pages: Mapping[str, datetime.date | None]
    """Every page of the site by ``src_uri``, also those that stay as they were, with the day of its last change."""
    media: Mapping[str, str]
    """Files to copy: place in the site, and where they are, films in the cache among them."""
    exports: Mapping[str, bytes]
    """Files to write: place in the site, content."""
    search: SearchJob | AmendJob
    """The search, which may still be in the making; its files are written last."""
    films: Mapping[str, Film]
    """By id."""
    works: Mapping[str, EntryRecord]
    """What a later edition is compared with, by id; only of one that is carried about."""
    behind: PlanInputs | None
    """What it was made of; None where it only amends a site."""

    def nav(self) -> list[dict[str, str]]:
        """Sections for a site that names none. Never entries: every page carries the navigation."""
        home = [{"首页": "index.md"}] if "index.md" in self.pages else []
        return home + [{KINDS[k].collection: f"{section(k)}/index.md"} for k in self.archive.collections]


def prepare(
    root: str, site: Site, edition: Edition = WEB, progress: Progress = no_progress, keep: Path | None = None
) -> tuple[Plan | None, list[Problem]]:
    """The plan of a site, or None when there are errors; with all problems.

    Args:
        root: folder of the archive.
        site: what its settings say.
        edition: what is to be built.
        progress: shows progress.
        keep: empty folder for what an amended search starts from; None where nothing will be amended.
    """
    content, problems = edition_content(root, site, edition, progress)
    if content is None:
        return None, problems
    loaded, archive, bodies, films = content.loaded, content.archive, content.bodies, content.films
    packs, unmade = make_all_packs(lesson_packs(content), progress) if edition.for_desktop else ({}, [])
    if unmade:
        return None, sorted([*problems, *unmade])
    secret = signing_key() if keep else b""
    search = SearchJob(list(documents(archive, bodies, film_cues(films))), facet_order(archive), keep, secret)
    shown_at_home = home(archive, loaded.sayings)
    remembered = entry_records(archive.entries, root) if edition.is_usb else {}
    eras = timeline(archive)
    specs = page_specs(content, packs, shown_at_home, eras, remembered)
    specs = tuple(
        replace(s, template=edition.templates.get(s.template, s.template))
        for s in (*specs, *_kiosk_specs(content, shown_at_home))
    )
    table = catalogue_rows(catalogue(archive.entries.values(), site, internal=edition.internal))
    dated = {spec.uri: spec.updated for spec in specs}
    plan = Plan(
        archive=archive,
        site=site,
        page_specs=specs,
        pages=dated,
        media=media_of(archive, shown_documents(archive, loaded, edition), bodies, loaded, edition)
        | {uri: path for f in films.values() for uri, path in f.files.items()}
        | {pack.url: pack.path for pack in packs.values()},
        search=search,
        exports=browse_files(archive, lengths_of(films))
        | catalogues(table, site, edition)
        | (_captions(archive, films) if edition.for_desktop else {})
        | (public_exports(archive, site, dated) if edition.for_desktop and not edition.is_usb else {}),
        films=films,
        works=remembered,
        behind=PlanInputs(content, shown_at_home, eras, table, tuple(problems)),
    )
    return plan, problems


def _kiosk_specs(content: EditionContent, shown: Home) -> Sequence[PageSpec]:
    if not content.edition.is_kiosk:
        return ()
    from integrity_archive.kiosk.pages import kiosk_page_specs  # for touch screens only
    from integrity_archive.kiosk.screens import load_screens

    screens, _ = load_screens(content.loaded.root, content.loaded.vocabulary)
    return kiosk_page_specs(content, screens, shown)


def film_cues(films: Mapping[str, Film]) -> Mapping[str, Sequence[Cue]]:
    """What films tell, by id."""
    return {id_: film.transcript for id_, film in films.items()}


def make_all_packs(kits: Sequence[LessonPack], progress: Progress) -> tuple[Mapping[str, Download], list[Problem]]:
    """The teacher packs of these lessons by id, or why they could not be made."""
    if not kits:
        return {}, []
    from integrity_archive.publish.pack import PackError, make_packs  # loads what writes office files

    try:
        return make_packs(kits, progress), []
    except FontError as error:
        return {}, [Problem("docs/lessons", 0, "", "", error.what, error.remedy, "pack")]
    except PackError as error:
        return {}, [error.problem]


def catalogues(table: CatalogueRows, site: Site, edition: Edition) -> dict[str, bytes]:
    """The catalogue by which a folder is known as ours, and the one people take away."""
    people = {"catalogue.csv": catalogue_csv(table)} if edition.for_desktop else {}
    return {"catalogue.json": catalogue_json(table, site, edition.notice), **people}


def _captions(archive: Archive, films: Mapping[str, Film]) -> dict[str, bytes]:
    captions = {id_: film.captions for id_, film in films.items()}
    return {f"{film_folder(archive.entries[i])}/captions.vtt": t.encode() for i, t in captions.items() if t}


def public_exports(archive: Archive, site: Site, pages: Mapping[str, datetime.date | None]) -> dict[str, bytes]:
    """What machines read at a public address."""
    urls = [(page_url(uri), updated) for uri, updated in pages.items()]
    return {"feed.xml": atom_feed(archive, site), **sitemaps(urls, site)}
