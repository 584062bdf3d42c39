"""Pages: the page specs of an edition, before any template is filled."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from typing import Any

from integrity_archive.archive.changes import CHANGES_URI, EntryRecord, changes_since
from integrity_archive.archive.edition import Edition
from integrity_archive.archive.publication import shown_intros, shown_pages
from integrity_archive.content.entry import Document, Entry
from integrity_archive.content.markdown import Body
from integrity_archive.content.sayings import Saying
from integrity_archive.content.schema import KINDS, Article, Lesson
from integrity_archive.content.site_settings import Site
from integrity_archive.films.captions import inlined
from integrity_archive.lessons.clips import playable
from integrity_archive.lessons.list_item import list_item
from integrity_archive.site.edition_content import EditionContent
from integrity_archive.site.home import Home, SolarPieces
from integrity_archive.site.listing import Listing, listings
from integrity_archive.site.page_spec import ALL_PAGES, Download, PageFilter, PageSpec
from integrity_archive.site.search_documents import labels
from integrity_archive.site.timeline import TimelinePeriod
from integrity_archive.site.views import TEMPLATES, entry_view, listing_crumbs

TIMELINE, SEARCH, LIST = "timeline.md", "search.md", "my-list.md"


def page_specs(
    content: EditionContent,
    packs: Mapping[str, Download],
    shown: Home,
    eras: Sequence[TimelinePeriod],
    remembered: Mapping[str, EntryRecord],
    wanted: PageFilter = ALL_PAGES,
) -> tuple[PageSpec, ...]:
    """The page specs of an edition: all, or only those ``wanted``; the others cost no time.

    Args:
        content: the content of the edition.
        packs: the teacher packs of the lessons, by id.
        shown: the home page.
        eras: the timeline.
        remembered: the records of entries with which a later edition is compared.
        wanted: selects pages by ``src_uri``.
    """
    archive, loaded, edition, site = content.archive, content.loaded, content.edition, content.site
    pages = shown_pages(loaded, edition)
    return (
        *_entry_specs(content, packs, shown.terms, wanted),
        *_listing_specs(content, shown.terms, wanted),
        *_page_specs(pages, content.bodies, shown, wanted),
        *(_home_spec(pages, site, shown, archive.entries.get(edition.hall)) if wanted("index.md") else ()),
        *(_timeline_spec(eras) if wanted(TIMELINE) else ()),
        *((_search_spec(),) if wanted(SEARCH) else ()),
        *(_deck_specs(content, wanted) if edition.for_desktop else ()),
        *((_list_spec(),) if edition.for_desktop and wanted(LIST) else ()),
        *((_news_spec(edition, remembered),) if edition.is_usb else ()),
    )


def _entry_specs(
    content: EditionContent, packs: Mapping[str, Download], terms: SolarPieces, wanted: PageFilter
) -> list[PageSpec]:
    archive, bodies, films = content.archive, content.bodies, content.films
    specs = []
    for entry in archive.entries.values():
        if not wanted(entry.document.uri):
            continue
        body = bodies[entry.document.path]
        specs.append(
            PageSpec(
                uri=entry.document.uri,
                path=entry.document.path,
                title=entry.meta.title,
                description=entry.meta.summary,
                template=TEMPLATES[entry.kind],
                html=body.html,
                anchors=body.anchors,
                context={
                    "view": entry_view(entry, body, archive, content.site, films.get(entry.id)),
                    "list_item": list_item(entry, body, films.get(entry.id)),
                    "pack": packs.get(entry.id),
                    **_of_its_kind(entry, content, terms),
                },
                updated=entry.meta.updated,
            )
        )
    return specs


def _deck_specs(content: EditionContent, wanted: PageFilter) -> list[PageSpec]:
    """The slides of the lessons that have them."""
    specs = []
    for entry in content.archive.collections.get("lesson", ()):
        document = content.slides(entry)
        if document and wanted(document.uri):
            specs.append(
                PageSpec(
                    uri=document.uri,
                    path=document.path,
                    title=f"{entry.meta.title}：幻灯",
                    description=entry.meta.summary,
                    template="deck.html",
                    context={"lesson": entry, "slides": content.deck(entry)},
                    updated=entry.meta.updated,
                )
            )
    return specs


def _of_its_kind(entry: Entry, content: EditionContent, terms: SolarPieces) -> Mapping[str, Any]:
    """Context that only the template of a film, a lesson, or a column on a solar term needs."""
    if isinstance(entry.meta, Lesson):
        clips = [[playable(c, content.archive.entries, content.films) for c in a.clips] for a in entry.meta.activities]
        slides = content.slides(entry) if content.edition.for_desktop else None
        return {"clips": [[clip for clip in row if clip] for row in clips], "slides": slides}
    if entry.id in content.films:
        film = content.films[entry.id]
        return {"film": film, "cues": film.transcript, "track": film.captions and inlined(film.captions)}
    if isinstance(entry.meta, Article) and entry.meta.solar_term:
        return {"terms": terms}
    return {}


def _listing_specs(content: EditionContent, terms: SolarPieces, wanted: PageFilter) -> list[PageSpec]:
    sayings = content.loaded.sayings.checked
    pages = listings(content.archive, shown_intros(content.loaded, content.edition), wanted)
    return [_listing_spec(listing, content.bodies, sayings, terms) for listing in pages]


def _listing_spec(
    listing: Listing, bodies: Mapping[str, Body], sayings: Sequence[Saying], terms: SolarPieces
) -> PageSpec:
    intro = bodies[listing.intro.path] if listing.intro else None
    return PageSpec(
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
    """Units and courses have a template of their own for the first page; other pages are plain lists."""
    doors = {"units": "unit.html", "courses": "course.html"}
    return doors.get(listing.shared[0], "listing.html") if listing.number == 1 else "listing.html"


def _sayings_of(listing: Listing, sayings: Sequence[Saying]) -> tuple[Saying, ...]:
    """The sayings for the unit whose entries are listed."""
    name, value = listing.shared
    return tuple(s for s in sayings if name == "units" and value in s.units)


def _of_columns(listing: Listing) -> bool:
    """Whether this is the first page of the columns, which displays the solar year."""
    return listing.shared == ("kind", KINDS["article"].label) and listing.number == 1


def _timeline_spec(eras: Sequence[TimelinePeriod]) -> list[PageSpec]:
    if not eras:
        return []
    return [
        PageSpec(
            uri=TIMELINE,
            path=None,
            title="人物长卷",
            description="馆里讲过故事的人，按朝代排",
            template="timeline.html",
            context={"eras": eras},
        )
    ]


def _page_specs(
    pages: Sequence[Document], bodies: Mapping[str, Body], shown: Home, wanted: PageFilter
) -> list[PageSpec]:
    """The other pages below ``docs/``: home, handbook."""
    specs = []
    for document in filter(lambda page: wanted(page.uri), pages):
        body = bodies[document.path]
        values = document.values
        first = body.headings[0].text if body.headings else posixpath.basename(document.uri).removesuffix(".md")
        specs.append(
            PageSpec(
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
    return specs


def _home_spec(pages: Sequence[Document], site: Site, shown: Home, hall: Entry | None) -> list[PageSpec]:
    """A home page, if the archive has not written one."""
    if any(page.uri == "index.md" for page in pages):
        return []
    context = {"home": shown, "hall": hall}
    return [PageSpec("index.md", None, site.name, site.description, "home.html", context=context)]


def _search_spec() -> PageSpec:
    return PageSpec(
        uri=SEARCH,
        path=None,
        title="检索",
        description="按词句、人名、拼音检索全馆",
        template="search.html",
        context={"search_labels": labels()},
    )


def _news_spec(edition: Edition, now: Mapping[str, EntryRecord]) -> PageSpec:
    changes = None if edition.before is None else changes_since(edition.before, now)
    return PageSpec(
        uri=CHANGES_URI,
        path=None,
        title="本次更新",
        description="这一版比上一版多了什么、改了什么",
        template="whats-new.html",
        context={"news": changes, "before_dated": edition.before_dated, "works": list(now.values())},
    )


def _list_spec() -> PageSpec:
    return PageSpec(
        uri=LIST,
        path=None,
        title="我的课单",
        description="挑选条目与课程，排好次序，算出总分钟数，放映、打印或存成文件",
        template="my-list.html",
    )
