"""Pages: the page specs of an edition, before any template is filled."""

from __future__ import annotations

import datetime
import posixpath
from collections.abc import Mapping, Sequence
from typing import Any

from integrity_archive.archive.changes import CHANGES_URI, EntryRecord, changes_since
from integrity_archive.archive.edition import Edition
from integrity_archive.archive.graph import Archive
from integrity_archive.archive.publication import edition_introductions, edition_pages
from integrity_archive.content.entry import Document, Entry, entry_id
from integrity_archive.content.markup.markdown import Body
from integrity_archive.content.model.sayings import Saying
from integrity_archive.content.model.schema import RECORDS, Lesson, Video
from integrity_archive.films.captions import inlined
from integrity_archive.lessons.clips import playable
from integrity_archive.lessons.list_item import list_item
from integrity_archive.site.aspects import Aspects
from integrity_archive.site.edition_content import EditionContent
from integrity_archive.site.home import Home, SolarPieces
from integrity_archive.site.listing import Listing, listings
from integrity_archive.site.page_spec import Download, PageContent, PageSpec
from integrity_archive.site.search_documents import labels
from integrity_archive.site.timeline import TimelinePeriod
from integrity_archive.site.views import RELATED_LIMIT, TEMPLATES, entry_view, listing_crumbs

TIMELINE, SEARCH, LIST = "timeline.md", "search.md", "my-list.md"


def page_specs(
    content: EditionContent,
    aspects: Aspects,
    packs: Mapping[str, Download],
    home: Home,
    eras: Sequence[TimelinePeriod],
    records: Mapping[str, EntryRecord],
) -> tuple[PageSpec, ...]:
    """The page specs of an edition.

    Args:
        content: the content of the edition.
        aspects: keys of what pages show of its entries.
        packs: the teacher packs of the lessons, by id; they need to be there when the content of a lesson is made.
        home: the home page.
        eras: the timeline.
        records: the records of entries with which a later edition is compared.
    """
    archive, edition = content.archive, content.edition
    pages = edition_pages(content.loaded, edition)
    return (
        *(_entry_spec(e, content, aspects, packs, home.terms) for e in archive.entries.values()),
        *_listing_specs(content, aspects, home.terms),
        *(_page_spec(page, content, aspects, home) for page in pages),
        *_home_spec(pages, content, aspects, home),
        *_timeline_spec(eras, aspects),
        _search_spec(archive),
        *(_deck_specs(content, aspects) if edition.for_desktop else ()),
        *((_list_spec(),) if edition.for_desktop else ()),
        *((_news_spec(edition, records),) if edition.is_usb else ()),
    )


def _entry_spec(
    entry: Entry, content: EditionContent, aspects: Aspects, packs: Mapping[str, Download], terms: SolarPieces
) -> PageSpec:
    def make() -> PageContent:
        body, film = content.bodies[entry.document.path], content.films.get(entry.id)
        return PageContent(
            title=entry.meta.title,
            description=entry.meta.summary,
            html=body.html,
            anchors=body.anchors,
            context={
                "view": entry_view(entry, body, content.archive, content.site, film),
                "list_item": list_item(entry, body, film),
                "pack": packs.get(entry.id),
                **_of_its_kind(entry, content, terms),
            },
        )

    return PageSpec(
        uri=entry.document.uri,
        path=entry.document.path,
        template=TEMPLATES[entry.kind],
        make=make,
        made_of=lambda: _shown_by_entry(entry, content, aspects),
        updated=_day(entry.facts.updated),
    )


def _shown_by_entry(entry: Entry, content: EditionContent, aspects: Aspects) -> object:
    archive = content.archive
    related = [
        (group.label, len(group.entries), [aspects.card(e) for e in group.entries[: 5 * RELATED_LIMIT]])
        for group in archive.related.get(entry.id, ())
    ]
    values = [[(v.label, v.slug) for v in of] for of in archive.values.get(entry.id, {}).values()]
    neighbours = [aspects.card(e) for e in archive.neighbours[entry.id] if e]
    terms = aspects.terms if entry.facts.solar_term else None
    return aspects.whole(entry), related, values, neighbours, _used(entry, content, aspects), terms


def _used(entry: Entry, content: EditionContent, aspects: Aspects) -> object:
    """What an entry names; a lesson's pack has the texts of it."""
    found = (content.archive.entries.get(reference.target) for reference in entry.facts.references)
    aspect = aspects.whole if entry.kind == Lesson.kind else aspects.card
    return [aspect(other) for other in found if other]


def _day(text: str) -> datetime.date | None:
    return datetime.date.fromisoformat(text) if text else None


def _deck_specs(content: EditionContent, aspects: Aspects) -> list[PageSpec]:
    """The slides of the lessons that have them."""
    lessons = content.archive.collections.get(Lesson.kind, ())
    return [_deck_spec(e, slides, content, aspects) for e in lessons if (slides := content.slides(e))]


def _deck_spec(entry: Entry, slides: Document, content: EditionContent, aspects: Aspects) -> PageSpec:
    def make() -> PageContent:
        return PageContent(
            title=f"{entry.meta.title}：幻灯",
            description=entry.meta.summary,
            context={"lesson": entry, "slides": content.deck(entry)},
        )

    def made_of() -> object:
        targets = aspects.outlines[slides.path].targets
        linked = (content.archive.entries.get(entry_id(target)) for target in targets)
        films = [aspects.whole(e) for e in linked if e and e.kind == Video.kind]
        return aspects.whole(entry), _used(entry, content, aspects), films

    return PageSpec(slides.uri, slides.path, DECK, make, made_of, _day(entry.facts.updated))


def _of_its_kind(entry: Entry, content: EditionContent, terms: SolarPieces) -> Mapping[str, Any]:
    """The template variables that only a film, a lesson or an entry on a solar term has."""
    if isinstance(entry.meta, Lesson):
        clips = [[playable(c, content.archive.entries, content.films) for c in a.clips] for a in entry.meta.activities]
        slides = content.slides(entry) if content.edition.for_desktop else None
        return {"clips": [[clip for clip in row if clip] for row in clips], "slides": slides}
    if entry.id in content.films:
        film = content.films[entry.id]
        return {"film": film, "cues": film.transcript, "track": film.captions and inlined(film.captions)}
    if entry.facts.solar_term:
        return {"terms": terms}
    return {}


def _listing_specs(content: EditionContent, aspects: Aspects, terms: SolarPieces) -> list[PageSpec]:
    sayings = content.loaded.sayings.checked
    found = listings(content.archive, edition_introductions(content.loaded, content.edition))
    return [_listing_spec(listing, content.bodies, aspects, sayings, terms) for listing in found]


def _listing_spec(
    listing: Listing, bodies: Mapping[str, Body], aspects: Aspects, sayings: Sequence[Saying], terms: SolarPieces
) -> PageSpec:
    def make() -> PageContent:
        intro = bodies[listing.intro.path] if listing.intro else None
        return PageContent(
            title=listing.title if listing.number == 1 else f"{listing.title}（第 {listing.number} 页）",
            description=listing.lead,
            html=intro.html if intro else "",
            anchors=intro.anchors if intro else frozenset(),
            context={
                "listing": listing,
                "crumbs": listing_crumbs(listing),
                "sayings": _sayings_of(listing, sayings),
                "terms": terms if _has_solar_year(listing) and any(terms.values()) else None,
            },
        )

    def made_of() -> object:
        # The door of a course and the list of courses show the minutes and audiences of their lessons.
        lessons = [e for value in listing.values for e in value.entries if value.facet.name == "courses"]
        aspect = aspects.whole if template == COURSE else aspects.card
        return (
            (listing.title, listing.lead, listing.uris, listing.total, listing.shared),
            [aspect(e) for e in listing.entries],
            [(v.label, v.slug, v.hint, len(v.entries)) for v in listing.values],
            [aspects.whole(e) for e in lessons],
            aspects.document(listing.intro.path) if listing.intro else None,
            _sayings_of(listing, sayings),
            aspects.terms if _has_solar_year(listing) else None,
        )

    template = _listing_template(listing)
    return PageSpec(listing.uri, listing.intro.path if listing.intro else None, template, make, made_of)


COURSE, DECK = "course.html", "deck.html"


def _listing_template(listing: Listing) -> str:
    """The first page of a unit or of a course has a template of its own; the others are plain lists."""
    doors = {"units": "unit.html", "courses": COURSE}
    return doors.get(listing.shared[0], "listing.html") if listing.number == 1 else "listing.html"


def _sayings_of(listing: Listing, sayings: Sequence[Saying]) -> tuple[Saying, ...]:
    """The sayings for the unit that is listed."""
    name, value = listing.shared
    return tuple(s for s in sayings if name == "units" and value in s.units)


def _has_solar_year(listing: Listing) -> bool:
    """Whether the listing is the first page of a collection that shows the solar year."""
    return listing.number == 1 and any(r.solar_year and listing.shared == ("kind", r.label) for r in RECORDS)


def _timeline_spec(eras: Sequence[TimelinePeriod], aspects: Aspects) -> list[PageSpec]:
    if not eras:
        return []

    def made_of() -> object:
        return [
            (e.period, e.value.slug, e.more, [(f.name, f.dates, list(map(aspects.card, f.entries))) for f in e.figures])
            for e in eras
        ]

    content = PageContent("人物长卷", "馆里讲过故事的人，按朝代排", context={"eras": eras})
    return [PageSpec(TIMELINE, None, "timeline.html", lambda: content, made_of)]


def _page_spec(document: Document, content: EditionContent, aspects: Aspects, home: Home) -> PageSpec:
    """A page below ``docs/`` that is no entry: home, handbook."""
    template = str(document.values.get("template") or MAIN)

    def make() -> PageContent:
        body, values = content.bodies[document.path], document.values
        first = body.headings[0].text if body.headings else posixpath.basename(document.uri).removesuffix(".md")
        return PageContent(
            title=str(values.get("title") or first),
            description=str(values.get("summary") or ""),
            html=body.html,
            anchors=body.anchors,
            context={"home": home},
        )

    def made_of() -> object:
        own = aspects.document(document.path)
        return own if template == MAIN else (own, _home_aspects(home, content, aspects))

    return PageSpec(document.uri, document.path, template, make, made_of)


MAIN = "main.html"
"""Template of a page that shows nothing but its own text."""


def _home_aspects(home: Home, content: EditionContent, aspects: Aspects) -> object:
    archive = content.archive
    return (
        aspects.terms,
        home.days,
        [aspects.whole(e) for e in home.featured],
        [aspects.card(e) for e in home.newest],
        home.sayings,
        [(kind, len(entries)) for kind, entries in archive.collections.items()],
        [(value.label, value.slug, len(value.entries)) for value in archive.facets["units"].values()],
    )


def _home_spec(pages: Sequence[Document], content: EditionContent, aspects: Aspects, home: Home) -> list[PageSpec]:
    """A home page if the author has written none."""
    if any(page.uri == "index.md" for page in pages):
        return []
    hall = content.archive.entries.get(content.edition.hall)
    made = PageContent(content.site.name, content.site.description, context={"home": home, "hall": hall})
    return [PageSpec("index.md", None, "home.html", lambda: made, lambda: _home_aspects(home, content, aspects))]


def _search_spec(archive: Archive) -> PageSpec:
    named = labels(archive)
    content = PageContent("检索", "按词句、人名、拼音检索全馆", context={"search_labels": named})
    return PageSpec(SEARCH, None, "search.html", lambda: content, lambda: named)


def _news_spec(edition: Edition, now: Mapping[str, EntryRecord]) -> PageSpec:
    found = None if edition.before is None else changes_since(edition.before, now)
    content = PageContent(
        title="本次更新",
        description="这一版比上一版多了什么、改了什么",
        context={"news": found, "before_dated": edition.before_dated, "works": list(now.values())},
    )
    return PageSpec(CHANGES_URI, None, "whats-new.html", lambda: content)


def _list_spec() -> PageSpec:
    content = PageContent("我的课单", "挑选条目与课程，排好次序，算出总分钟数，放映、打印或存成文件")
    return PageSpec(LIST, None, "my-list.html", lambda: content)
