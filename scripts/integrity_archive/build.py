"""Build: the stages in their order, from an archive's folders to the sheets a site generator writes out.

``prepare`` is the whole pipeline as one pure call; whatever wraps sheets in templates comes after it.
"""

from __future__ import annotations

import datetime
import os
import posixpath
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from integrity_archive.body import Body, convert_all
from integrity_archive.browse import browse_files
from integrity_archive.captions import cues, inlined
from integrity_archive.check import check, errors
from integrity_archive.edition import WEB, Edition
from integrity_archive.entry import FOLDERS, Document, Entry, film_folder, section, site_uri
from integrity_archive.export import atom_feed, catalogue, catalogue_csv, catalogue_json, sitemaps
from integrity_archive.films.film import Film, make_films
from integrity_archive.films.render import Maker
from integrity_archive.findable import documents, facet_order, labels
from integrity_archive.handbook import expand
from integrity_archive.home import Home, SolarPieces, home
from integrity_archive.listing import Listing, listings
from integrity_archive.load import Loaded, load
from integrity_archive.model import KINDS, Article, Media
from integrity_archive.problems import Problem
from integrity_archive.relate import Archive, relate
from integrity_archive.render import TEMPLATES, entry_view, listing_crumbs
from integrity_archive.resources import overrides_dir
from integrity_archive.sayings import PATH as SAYINGS_PATH
from integrity_archive.sayings import Saying
from integrity_archive.search import build_search
from integrity_archive.settings import check_settings
from integrity_archive.site import Site
from integrity_archive.timeline import timeline
from integrity_archive.track import Track, untracked
from integrity_archive.vocabulary import PATH as VOCABULARY_PATH


@dataclass(frozen=True)
class Sheet:
    """One page: its content, and what its template needs."""

    uri: str
    """``src_uri``: where the page stands in the site, with ``.md`` for ``.html``."""
    path: str | None
    """Source below the archive's root; None for generated pages."""
    title: str
    description: str
    template: str
    html: str = ""
    anchors: frozenset[str] = frozenset()
    context: Mapping[str, Any] = field(default_factory=dict)
    updated: datetime.date | None = None

    @property
    def url(self) -> str:
        return self.uri.removesuffix(".md") + ".html"


@dataclass(frozen=True)
class Plan:
    """Everything to be written, before any of it is."""

    archive: Archive
    site: Site
    sheets: tuple[Sheet, ...]
    media: Mapping[str, str]
    """Files to copy: place in the site, and where they are, films in the cache among them."""
    exports: Mapping[str, bytes]
    """Files to write: place in the site, content."""
    claimed: frozenset[str]
    """Files MkDocs would pick up by itself but must not: the archive makes its own of them, or no reader gets them."""

    @property
    def claimed_folders(self) -> tuple[str, ...]:
        """Folders below ``docs/`` that hold entries; nothing in them is copied unless an entry shows it."""
        return tuple(site_uri(f) + "/" for f in FOLDERS if f.startswith("docs/"))

    def nav(self) -> list[dict[str, str]]:
        """Sections for a site that names none. Never entries: every page carries the navigation."""
        home = [{"首页": "index.md"}] if any(s.uri == "index.md" for s in self.sheets) else []
        return home + [{KINDS[k].collection: f"{section(k)}/index.md"} for k in self.archive.collections]


def examine(root: str, track: Track = untracked) -> tuple[Loaded, Mapping[str, Body], list[Problem]]:
    """Load, convert and check the archive at ``root``: everything read, every body by path, every problem."""
    loaded = load(root, track)
    pages = [expand(page, loaded.vocabulary) for page in loaded.pages]
    sources = [*(e.document for e in loaded.written), *loaded.intros.values(), *pages]
    converted = track(convert_all(sources, jobs=os.cpu_count() or 1), "转换正文", len(sources))
    bodies = {d.path: b for d, b in zip(sources, converted, strict=True)}
    return loaded, bodies, sorted([*check_settings(root), *check(loaded, bodies)])


def prepare(
    root: str, site: Site, edition: Edition = WEB, track: Track = untracked
) -> tuple[Plan | None, list[Problem]]:
    """The plan of a site, or None when there are errors; with all problems."""
    loaded, bodies, problems = examine(root, track)
    if errors(problems) or loaded.vocabulary is None:
        return None, problems
    archive = relate(loaded.entries, loaded.vocabulary, edition.admits)
    films, unmade = make_films(
        archive.entries.values(), loaded.boards, root, Maker(site.name, _mark()), site.film_size, track
    )
    if unmade:
        return None, sorted([*problems, *unmade])
    shown_at_home = home(archive, loaded.sayings)
    sheets = (
        *_entry_sheets(archive, bodies, films, shown_at_home.terms, site),
        *_listing_sheets(archive, loaded, bodies, shown_at_home.terms),
        *_page_sheets(loaded.pages, bodies, shown_at_home),
        *_home_sheet(loaded.pages, site, shown_at_home),
        *_timeline_sheet(archive),
        _search_sheet(),
    )
    shown = (*(e.document for e in archive.entries.values()), *loaded.intros.values(), *loaded.pages)
    plan = Plan(
        archive=archive,
        site=site,
        sheets=sheets,
        media=_media(archive, shown, bodies, root)
        | {uri: path for f in films.values() for uri, path in f.files.items()},
        exports=_exports(archive, bodies, films, site, sheets),
        # The theme's sitemap would date every page with the day of the build.
        claimed=frozenset([*map(site_uri, (VOCABULARY_PATH, SAYINGS_PATH)), "sitemap.xml", *_uris(loaded)]),
    )
    return plan, problems


def _uris(loaded: Loaded) -> Iterable[str]:
    """Where MkDocs would put the Markdown files the archive makes pages of."""
    return (document.uri for document in (*loaded.pages, *loaded.intros.values()))


def _entry_sheets(
    archive: Archive, bodies: Mapping[str, Body], films: Mapping[str, Film], terms: SolarPieces, site: Site
) -> list[Sheet]:
    sheets = []
    for entry in archive.entries.values():
        body = bodies[entry.document.path]
        sheets.append(
            Sheet(
                uri=entry.document.uri,
                path=entry.document.path,
                title=entry.meta.title,
                description=entry.meta.summary,
                template=TEMPLATES[entry.kind],
                html=body.html,
                anchors=body.anchors,
                context={
                    "view": entry_view(entry, body, archive, site, films.get(entry.id)),
                    **_of_its_kind(entry, films, terms),
                },
                updated=entry.meta.updated,
            )
        )
    return sheets


def _of_its_kind(entry: Entry, films: Mapping[str, Film], terms: SolarPieces) -> Mapping[str, Any]:
    """What only the template of a film, or of a column on a solar term, shows."""
    if entry.id in films:
        film = films[entry.id]
        return {"film": film, "cues": tuple(cues(film.captions)), "track": film.captions and inlined(film.captions)}
    if isinstance(entry.meta, Article) and entry.meta.solar_term:
        return {"terms": terms}
    return {}


def _listing_sheets(archive: Archive, loaded: Loaded, bodies: Mapping[str, Body], terms: SolarPieces) -> list[Sheet]:
    sayings = loaded.sayings.checked
    return [_listing_sheet(listing, bodies, sayings, terms) for listing in listings(archive, loaded.intros)]


def _listing_sheet(
    listing: Listing, bodies: Mapping[str, Body], sayings: Sequence[Saying], terms: SolarPieces
) -> Sheet:
    intro = bodies[listing.intro.path] if listing.intro else None
    return Sheet(
        uri=listing.uri,
        path=listing.intro.path if listing.intro else None,
        title=listing.title if listing.number == 1 else f"{listing.title}（第 {listing.number} 页）",
        description=listing.lead,
        template=_listing_template(listing),
        html=intro.html if intro else "",
        anchors=intro.anchors if intro else frozenset(),
        context={
            "listing": listing,
            "crumbs": listing_crumbs(listing),
            "sayings": _sayings_of(listing, sayings),
            "terms": terms if _of_columns(listing) and any(terms.values()) else None,
        },
    )


def _listing_template(listing: Listing) -> str:
    """A unit has a door of its own; its further pages are plain lists."""
    first_of_unit = listing.shared[0] == "units" and listing.number == 1
    return "unit.html" if first_of_unit else "listing.html"


def _sayings_of(listing: Listing, sayings: Sequence[Saying]) -> tuple[Saying, ...]:
    """The sayings for the unit a list is of."""
    name, value = listing.shared
    return tuple(s for s in sayings if name == "units" and value in s.units)


def _of_columns(listing: Listing) -> bool:
    """Whether a list is the first page of the columns, where the solar year is shown."""
    return listing.shared == ("kind", KINDS["article"].label) and listing.number == 1


def _timeline_sheet(archive: Archive) -> list[Sheet]:
    eras = timeline(archive)
    if not eras:
        return []
    return [
        Sheet(
            uri="timeline.md",
            path=None,
            title="人物长卷",
            description="馆里讲过故事的人，按朝代排",
            template="timeline.html",
            context={"eras": eras},
        )
    ]


def _page_sheets(pages: Sequence[Document], bodies: Mapping[str, Body], shown: Home) -> list[Sheet]:
    """The other pages below ``docs/``: home, handbook."""
    sheets = []
    for document in pages:
        body = bodies[document.path]
        values = document.values
        first = body.headings[0].text if body.headings else posixpath.basename(document.uri).removesuffix(".md")
        sheets.append(
            Sheet(
                uri=document.uri,
                path=document.path,
                title=str(values.get("title") or first),
                description=str(values.get("summary") or ""),
                template=str(values.get("template") or "main.html"),
                html=body.html,
                anchors=body.anchors,
                context={"home": shown},
            )
        )
    return sheets


def _home_sheet(pages: Sequence[Document], site: Site, shown: Home) -> list[Sheet]:
    """A home page for an archive that has written none."""
    if any(page.uri == "index.md" for page in pages):
        return []
    context = {"home": shown}
    return [Sheet("index.md", None, site.name, site.description, "home.html", context=context)]


def _search_sheet() -> Sheet:
    return Sheet(
        uri="search.md",
        path=None,
        title="检索",
        description="按词句、人名、拼音检索全馆",
        template="search.html",
        context={"search_labels": labels()},
    )


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


def _mark() -> str:
    """The archive's mark, for the last picture of a film."""
    return Path(overrides_dir(), "assets", "img", "mark.svg").read_text(encoding="utf-8")


def _exports(
    archive: Archive,
    bodies: Mapping[str, Body],
    films: Mapping[str, Film],
    site: Site,
    sheets: Sequence[Sheet],
) -> dict[str, bytes]:
    table = catalogue(archive, site)
    captions = {id_: film.captions for id_, film in films.items()}
    return {
        **browse_files(archive),
        **{f"{film_folder(archive.entries[i])}/captions.vtt": t.encode() for i, t in captions.items() if t},
        **build_search(documents(archive, bodies, captions), facet_order(archive)),
        "catalogue.csv": catalogue_csv(table),
        "catalogue.json": catalogue_json(table, site),
        "feed.xml": atom_feed(archive, site),
        **sitemaps([(s.url, s.updated) for s in sheets], site),
    }
