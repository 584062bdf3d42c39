"""Build: the stages in their order, from an archive's folders to the sheets a site generator writes out.

``prepare`` is the whole pipeline as one pure call; whatever wraps sheets in templates comes after it.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from integrity_archive.body import Body, convert_all
from integrity_archive.browse import browse_files
from integrity_archive.captions import inlined
from integrity_archive.check import check, errors
from integrity_archive.edition import WEB, Edition, is_hall
from integrity_archive.entry import FOLDERS, Document, Entry, film_folder, section, site_uri
from integrity_archive.export import Catalogue, atom_feed, catalogue, catalogue_csv, catalogue_json, sitemaps
from integrity_archive.films.film import Film
from integrity_archive.findable import documents, facet_order, labels
from integrity_archive.fonts import FontError
from integrity_archive.handbook import expand
from integrity_archive.home import Home, SolarPieces, home
from integrity_archive.kiosk.pages import kiosk_sheets
from integrity_archive.kiosk.screens import PATH as SCREENS_PATH
from integrity_archive.lessons.clips import playable
from integrity_archive.lessons.list_item import list_item
from integrity_archive.lessons.slides import DeckSlide, deck_slide, slides_of, without_fences
from integrity_archive.listing import Listing, listings
from integrity_archive.load import Loaded, load
from integrity_archive.measured import PATH as MEASURED_PATH
from integrity_archive.measured import Run, runs_of
from integrity_archive.model import KINDS, Article, Hall, Lesson, Media
from integrity_archive.news import NEWS_URI, Work, news, works
from integrity_archive.problems import Problem
from integrity_archive.publish.papers import Kit, kit_of
from integrity_archive.relate import Archive, relate
from integrity_archive.render import TEMPLATES, entry_view, lengths_of, listing_crumbs
from integrity_archive.resources import overrides_dir
from integrity_archive.sayings import PATH as SAYINGS_PATH
from integrity_archive.sayings import Saying
from integrity_archive.search.job import SearchJob
from integrity_archive.settings import PATH as SETTINGS_PATH
from integrity_archive.settings import check_settings
from integrity_archive.sheet import Sheet
from integrity_archive.site import Site
from integrity_archive.timeline import timeline
from integrity_archive.track import Track, untracked
from integrity_archive.vocabulary import PATH as VOCABULARY_PATH

if TYPE_CHECKING:
    from integrity_archive.films.storyboard import Board
    from integrity_archive.publish.pack import Pack

DATA_FILES = (VOCABULARY_PATH, SAYINGS_PATH, SCREENS_PATH, MEASURED_PATH)
"""Files below ``docs/`` that pages are made of and no reader gets."""


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
    search: SearchJob
    """The search, which may still be in the making; its files are written last."""
    claimed: frozenset[str]
    """Files MkDocs would pick up by itself but must not: the archive makes its own of them, or no reader gets them."""
    films: Mapping[str, Film]
    """By id."""
    works: Mapping[str, Work]
    """What a later edition is compared with, by id; only of one that is carried about."""

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
    runs, faults = _measured(root)
    pages = [expand(page, loaded.vocabulary, runs) for page in loaded.pages]
    beside = map(without_fences, loaded.companions.values())
    sources = [*(e.document for e in loaded.written), *loaded.intros.values(), *pages, *beside]
    converted = track(convert_all(sources, jobs=os.cpu_count() or 1), "转换正文", len(sources))
    bodies = {d.path: b for d, b in zip(sources, converted, strict=True)}
    return loaded, bodies, sorted([*check_settings(root), *faults, *check(loaded, bodies)])


def _measured(root: str) -> tuple[Sequence[Run], list[Problem]]:
    """Runs of the benchmark that an archive keeps; most have none."""
    try:
        return runs_of(Path(root, MEASURED_PATH).read_text("utf-8")), []
    except FileNotFoundError:
        return (), []
    except ValueError as error:
        remedy = "用 scripts/bench all --keep 重写，或删去它"
        return (), [Problem(MEASURED_PATH, 0, "", "", str(error), remedy, "measured")]


@dataclass(frozen=True)
class Stock:
    """What an edition is made of, and what is published on paper: entries related, bodies converted, films made."""

    loaded: Loaded
    archive: Archive
    bodies: Mapping[str, Body]
    films: Mapping[str, Film]
    site: Site
    edition: Edition

    def kits(self) -> list[Kit]:
        """What the teacher packs of all lessons are made of."""
        kits = []
        for entry in self.archive.collections.get("lesson", ()):
            handout = self.bodies.get(f"{entry.document.folder}/handout.md")
            slides, said = self.deck(entry), handout.html if handout else ""
            root = self.loaded.root
            kits.append(
                kit_of(entry, self.archive, self.site, root, self.bodies, self.films, slides, said, self.edition)
            )
        return kits

    def slides(self, entry: Entry) -> Document | None:
        """The ``slides.md`` beside a lesson."""
        return self.loaded.companions.get(f"{entry.document.folder}/slides.md")

    def deck(self, entry: Entry) -> tuple[DeckSlide, ...]:
        """A lesson's slides; none where it has no ``slides.md``."""
        document = self.slides(entry)
        if document is None:
            return ()
        return tuple(deck_slide(s, document.url, self.archive.entries, self.films) for s in slides_of(document))


def stock_of(
    root: str, site: Site, edition: Edition = WEB, track: Track = untracked
) -> tuple[Stock | None, list[Problem]]:
    """Everything up to pages and papers, or None when there are errors; with all problems."""
    loaded, bodies, problems = examine(root, track)
    problems += [*_unfit(site, edition, loaded)]
    if errors(problems) or loaded.vocabulary is None:
        return None, problems
    archive = relate(
        loaded.entries, loaded.vocabulary, edition.choice(loaded.entries, _named_beside(loaded, bodies, edition))
    )
    films, unmade = _films(archive, loaded.boards, root, site, edition, track)
    if unmade:
        return None, sorted([*problems, *unmade])
    return Stock(loaded, archive, bodies, films, site, edition), problems


def _films(
    archive: Archive, boards: Mapping[str, Board], root: str, site: Site, edition: Edition, track: Track
) -> tuple[dict[str, Film], list[Problem]]:
    """The films of an archive by id, and why others could not be made."""
    videos = archive.collections.get("video", ())
    if not videos:
        return {}, []
    from integrity_archive.films.making import make_films  # loads FFmpeg
    from integrity_archive.films.render import Maker

    return make_films(videos, boards, root, Maker(site.name, _mark()), site.film_size, edition.small_films, track)


def _named_beside(loaded: Loaded, bodies: Mapping[str, Body], edition: Edition) -> Callable[[Entry], Iterable[str]]:
    """Ids of the entries that the texts beside an entry link to, and of the films a hall's screens play."""
    by_path = {entry.document.path: entry.id for entry in loaded.entries}
    texts: dict[str, list[str]] = {}
    for path, document in loaded.companions.items():
        texts.setdefault(document.folder, []).append(path)

    def named(entry: Entry) -> Iterable[str]:
        if entry.id == edition.hall:
            return _screened(loaded, entry)
        paths = texts.get(entry.document.folder, ()) if entry.document.path.endswith("/index.md") else ()
        return (by_path[link.target] for path in paths for link in bodies[path].links if link.target in by_path)

    return named


def _screened(loaded: Loaded, hall: Entry) -> Iterable[str]:
    """Films of the public screens, and of the touch screen where the hall names none."""
    yield from (id_ for _, id_ in loaded.screens.films)
    if isinstance(hall.meta, Hall) and not hall.meta.playlist:
        yield from (entry.id for entry in loaded.entries if entry.kind == "video")


def _unfit(site: Site, edition: Edition, loaded: Loaded) -> Iterable[Problem]:
    """What an edition needs and the archive does not have."""
    if not edition.sealed:
        yield from _unknown_lessons(edition, loaded)
    elif edition.hall and not is_hall(edition.hall, loaded.entries):
        halls = "、".join(e.id for e in loaded.entries if is_hall(e.id, loaded.entries))
        what, remedy = "没有这个展馆，或者它没有公开", f"可选的：{halls or '还没有'}"
        yield Problem("docs/halls", 0, "--hall", edition.hall, what, remedy, "edition")
    if edition.sealed and not site.kiosk_pin:
        remedy = '在 plugins 的 archive 下面加一行 kiosk_pin: "2580"，换成自己的 4 至 8 位数字'
        yield Problem(SETTINGS_PATH, 0, "plugins.archive", "kiosk_pin", "触摸屏版要有维护页的密码", remedy, "edition")


def _unknown_lessons(edition: Edition, loaded: Loaded) -> Iterable[Problem]:
    lessons = {e.id: e.meta for e in loaded.entries if isinstance(e.meta, Lesson) and edition.admits(e)}
    for id_ in edition.only:
        if id_ not in lessons:
            remedy = "可选的：" + ("、".join(lessons) or "还没有")
            yield Problem("docs/lessons", 0, "--lesson", id_, "没有这一课，或者它没有公开", remedy, "edition")
    taught = {meta.course for meta in lessons.values()}
    for course in edition.courses:
        if course not in taught:
            remedy = "可选的：" + ("、".join(sorted(taught)) or "还没有")
            yield Problem("docs/lessons", 0, "--path", course, "没有这门课程，或者其中没有公开的课", remedy, "edition")


def prepare(
    root: str, site: Site, edition: Edition = WEB, track: Track = untracked
) -> tuple[Plan | None, list[Problem]]:
    """The plan of a site, or None when there are errors; with all problems."""
    stock, problems = stock_of(root, site, edition, track)
    if stock is None:
        return None, problems
    loaded, archive, bodies, films = stock.loaded, stock.archive, stock.bodies, stock.films
    packs, unmade = _packs(stock, track) if edition.desk else ({}, [])
    if unmade:
        return None, sorted([*problems, *unmade])
    told = {id_: film.told for id_, film in films.items()}
    search = SearchJob(list(documents(archive, bodies, told)), facet_order(archive))
    shown_at_home = home(archive, loaded.sayings)
    remembered = works(archive.entries, root) if edition.carried else {}
    pages = loaded.pages if edition.desk else ()
    sheets = (
        *_entry_sheets(stock, packs, shown_at_home.terms),
        *_listing_sheets(archive, loaded, bodies, shown_at_home.terms),
        *_page_sheets(pages, bodies, shown_at_home),
        *_home_sheet(pages, site, shown_at_home, archive.entries.get(edition.hall)),
        *_timeline_sheet(archive),
        _search_sheet(),
        *((*_deck_sheets(stock), _list_sheet()) if edition.desk else ()),
        *((_news_sheet(edition, remembered),) if edition.carried else ()),
        *(kiosk_sheets(archive, films, loaded, site, edition, shown_at_home) if edition.sealed else ()),
    )
    folders = {e.document.folder for e in archive.entries.values()}
    beside = (d for d in loaded.companions.values() if d.folder in folders and edition.desk)
    shown = (*(e.document for e in archive.entries.values()), *loaded.intros.values(), *pages, *beside)
    table = catalogue(archive, site)
    plan = Plan(
        archive=archive,
        site=site,
        sheets=tuple(replace(s, template=edition.templates.get(s.template, s.template)) for s in sheets),
        media=_media(archive, shown, bodies, root)
        | {uri: path for f in films.values() for uri, path in f.files.items()}
        | {pack.url: pack.path for pack in packs.values()},
        search=search,
        exports=_exports(archive, films, table, site)
        | (_desk_exports(archive, films, table) if edition.desk else {})
        | (_public_exports(archive, site, sheets) if edition.desk and not edition.carried else {}),
        # The theme's sitemap would date every page with the day of the build.
        claimed=frozenset(
            [
                *map(site_uri, (VOCABULARY_PATH, SAYINGS_PATH, SCREENS_PATH, MEASURED_PATH)),
                "sitemap.xml",
                *_uris(loaded),
            ]
        ),
        films=films,
        works=remembered,
    )
    return plan, problems


def _packs(stock: Stock, track: Track) -> tuple[Mapping[str, Pack], list[Problem]]:
    """The teacher packs of all lessons, or why they could not be made."""
    kits = stock.kits()
    if not kits:
        return {}, []
    from integrity_archive.publish.pack import PackError, make_packs  # loads what writes office files

    try:
        return make_packs(kits, track), []
    except FontError as error:
        return {}, [Problem("docs/lessons", 0, "", "", error.what, error.remedy, "pack")]
    except PackError as error:
        return {}, [error.problem]


def _uris(loaded: Loaded) -> Iterable[str]:
    """Where MkDocs would put the Markdown files the archive makes pages of."""
    return (document.uri for document in (*loaded.pages, *loaded.intros.values()))


def _entry_sheets(stock: Stock, packs: Mapping[str, Pack], terms: SolarPieces) -> list[Sheet]:
    archive, bodies, films = stock.archive, stock.bodies, stock.films
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
                    "view": entry_view(entry, body, archive, stock.site, films.get(entry.id)),
                    "list_item": list_item(entry, body, films.get(entry.id)),
                    "pack": packs.get(entry.id),
                    **_of_its_kind(entry, stock, terms),
                },
                updated=entry.meta.updated,
            )
        )
    return sheets


def _deck_sheets(stock: Stock) -> list[Sheet]:
    """The slides of the lessons that have them."""
    sheets = []
    for entry in stock.archive.collections.get("lesson", ()):
        document = stock.slides(entry)
        if document:
            sheets.append(
                Sheet(
                    uri=document.uri,
                    path=document.path,
                    title=f"{entry.meta.title}：幻灯",
                    description=entry.meta.summary,
                    template="deck.html",
                    context={"lesson": entry, "slides": stock.deck(entry)},
                    updated=entry.meta.updated,
                )
            )
    return sheets


def _of_its_kind(entry: Entry, stock: Stock, terms: SolarPieces) -> Mapping[str, Any]:
    """What only the template of a film, of a lesson, or of a column on a solar term, shows."""
    if isinstance(entry.meta, Lesson):
        clips = [[playable(c, stock.archive.entries, stock.films) for c in a.clips] for a in entry.meta.activities]
        slides = stock.slides(entry) if stock.edition.desk else None
        return {"clips": [[clip for clip in row if clip] for row in clips], "slides": slides}
    if entry.id in stock.films:
        film = stock.films[entry.id]
        return {"film": film, "cues": film.told, "track": film.captions and inlined(film.captions)}
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
    """Units and courses have doors of their own; their further pages are plain lists."""
    doors = {"units": "unit.html", "courses": "course.html"}
    return doors.get(listing.shared[0], "listing.html") if listing.number == 1 else "listing.html"


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


def _home_sheet(pages: Sequence[Document], site: Site, shown: Home, hall: Entry | None) -> list[Sheet]:
    """A home page where none is written."""
    if any(page.uri == "index.md" for page in pages):
        return []
    context = {"home": shown, "hall": hall}
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


def _news_sheet(edition: Edition, now: Mapping[str, Work]) -> Sheet:
    found = None if edition.before is None else news(edition.before, now)
    return Sheet(
        uri=NEWS_URI,
        path=None,
        title="本次更新",
        description="这一版比上一版多了什么、改了什么",
        template="whats-new.html",
        context={"news": found, "before_dated": edition.before_dated, "works": list(now.values())},
    )


def _list_sheet() -> Sheet:
    return Sheet(
        uri="my-list.md",
        path=None,
        title="我的课单",
        description="挑选条目与课程，排好次序，算出总分钟数，放映、打印或存成文件",
        template="my-list.html",
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


def _exports(archive: Archive, films: Mapping[str, Film], table: Catalogue, site: Site) -> dict[str, bytes]:
    """What the pages themselves read, and the catalogue by which a folder is known as ours."""
    return {
        **browse_files(archive, lengths_of(films)),
        "catalogue.json": catalogue_json(table, site),
    }


def _desk_exports(archive: Archive, films: Mapping[str, Film], table: Catalogue) -> dict[str, bytes]:
    """What people take away."""
    captions = {id_: film.captions for id_, film in films.items()}
    return {
        **{f"{film_folder(archive.entries[i])}/captions.vtt": t.encode() for i, t in captions.items() if t},
        "catalogue.csv": catalogue_csv(table),
    }


def _public_exports(archive: Archive, site: Site, sheets: Sequence[Sheet]) -> dict[str, bytes]:
    """What machines read at a public address."""
    return {"feed.xml": atom_feed(archive, site), **sitemaps([(s.url, s.updated) for s in sheets], site)}
