"""Papers: the documents of a lesson as HTML, made with the templates in ``overrides/print``."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from secrets import token_hex
from typing import Any

import jinja2
from selectolax.lexbor import LexborNode

from integrity_archive.archive.graph import Archive
from integrity_archive.content.entry import Entry
from integrity_archive.content.markup.markdown import Body
from integrity_archive.content.model.record import Quote
from integrity_archive.content.model.schema import Lesson, Story
from integrity_archive.content.site_settings import Site
from integrity_archive.exports.citation import cite
from integrity_archive.films.film import Film
from integrity_archive.lessons.clips import Playable, playable
from integrity_archive.lessons.slides import DeckSlide
from integrity_archive.site.edition_content import EditionContent
from integrity_archive.site.views import FILTERS, clock
from integrity_archive.support.html_fragment import fragment
from integrity_archive.support.resources import overrides_dir

READING = "阅读"
"""The kind of activity whose entries are printed in full for the class."""

FIELDS = ("lesson", "handout", "readings", "films", "uses", "requires", "sources")
"""Fields of a ``LessonPack`` that templates use under the same name."""

_INTERNAL_LINK = 'a[href]:not([href^="http:"]):not([href^="https:"])'
_HEADING = re.compile(r"(</?h)([2-5])")


@dataclass(frozen=True)
class Reading:
    """An entry that the class reads."""

    title: str
    quotes: tuple[Quote, ...]
    text: str
    """Its body as HTML."""
    note: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class UsedFilm:
    """A film that a lesson uses, and its place in the pack."""

    id: str
    file: str
    path: str
    url: str
    """Address in the site."""
    seconds: float


@dataclass(frozen=True)
class LessonPack:
    """Everything that a lesson's documents are made from."""

    entry: Entry
    lesson: Lesson
    site: Site
    folder: str
    """Path of the folder with the lesson's own files."""
    body: str
    slides: tuple[DeckSlide, ...]
    handout: str
    """The author's own handout as HTML; empty for none."""
    readings: tuple[Reading, ...]
    films: tuple[UsedFilm, ...]
    uses: tuple[tuple[str, ...], ...]
    """For each activity, the names of the entries and clips it uses."""
    requires: tuple[str, ...]
    sources: tuple[str, ...]
    films_in_edition: bool
    """Whether the films are delivered next to the pack, which then does not contain them."""
    notice: str
    """Notice on every document if the edition has internal material; empty otherwise."""

    @property
    def header(self) -> str:
        """Header of every page."""
        return f"{self.site.name}　{self.lesson.title}{'　内部资料' if self.notice else ''}"

    @property
    def maker(self) -> str:
        """The institution that publishes the documents."""
        return self.site.organiser or self.site.name


def pack_url(entry: Entry) -> str:
    """Place of a lesson's pack in the site."""
    return f"packs/{entry.id.rpartition('/')[2]}.zip"


def lesson_packs(content: EditionContent, ids: Collection[str] | None = None) -> list[LessonPack]:
    """What the teacher packs of lessons are made of: of all lessons, or of those with these ids."""
    lessons = content.archive.collections.get(Lesson.kind, ())
    return [lesson_pack(e, content) for e in lessons if ids is None or e.id in ids]


def lesson_pack(entry: Entry, content: EditionContent) -> LessonPack:
    """Collect the content of a lesson's pack from the archive."""
    archive, site, root, edition = content.archive, content.site, content.loaded.root, content.edition
    bodies, films, slides = content.bodies, content.films, content.deck(entry)
    handout_body = bodies.get(f"{entry.document.folder}/handout.md")
    handout = handout_body.html if handout_body else ""
    lesson = entry.meta
    assert isinstance(lesson, Lesson)
    clips = [[playable(clip, archive.entries, films) for clip in a.clips] for a in lesson.activities]
    on_slides = [part for slide in slides for part in slide.parts if isinstance(part, Playable)]
    played = [clip for row in clips for clip in row if clip] + on_slides
    used = [archive.entries[i] for a in lesson.activities for i in a.entries if i in archive.entries]
    read = [
        archive.entries[i]
        for a in lesson.activities
        if a.kind == READING
        for i in a.entries
        if i in archive.entries and archive.entries[i].meta.printed
    ]
    return LessonPack(
        entry=entry,
        lesson=lesson,
        site=site,
        folder=os.path.join(root, *entry.document.folder.split("/")),
        body=printable(bodies[entry.document.path].html),
        slides=tuple(slides),
        handout=printable(handout),
        readings=tuple(_reading(e, bodies[e.document.path]) for e in _once(read)),
        films=tuple(_film(e, films[e.id]) for e in _once(clip.film for clip in played)),
        uses=tuple(
            (*_named(a.entries, archive), *(_clip_words(clip) for clip in row if clip))
            for a, row in zip(lesson.activities, clips, strict=True)
        ),
        requires=tuple(archive.entries[i].meta.title for i in lesson.requires if i in archive.entries),
        films_in_edition=edition.is_usb,
        notice=edition.notice,
        sources=tuple(dict.fromkeys(cite(s) for e in [*_once(used), entry] for s in e.meta.sources)),
    )


def _named(ids: Iterable[str], archive: Archive) -> Iterator[str]:
    for entry in (archive.entries[i] for i in ids if i in archive.entries):
        yield f"{entry.meta.label}《{entry.meta.title}》"


def _clip_words(clip: Playable) -> str:
    return f"影片《{clip.film.meta.title}》{clock(clip.start)}—{clock(clip.end)}"


def _once(entries: Iterable[Entry]) -> list[Entry]:
    return list({e.id: e for e in entries}.values())


def _reading(entry: Entry, body: Body) -> Reading:
    meta = entry.meta
    story = meta if isinstance(meta, Story) else None
    return Reading(
        title=meta.title,
        quotes=story.quotes if story else (),
        text=_demoted(printable(body.html)),
        note=story.textual_note if story else "",
        sources=tuple(cite(s) for s in meta.sources),
    )


def _film(entry: Entry, film: Film) -> UsedFilm:
    return UsedFilm(entry.id, f"{entry.meta.title}.mp4", film.files[film.url], film.url, film.measured.seconds)


@dataclass(frozen=True)
class Footnotes:
    """A body whose footnotes are apart from it."""

    text: str
    """HTML without the notes, and with ``mark(n)`` where the note ``n`` is referred to."""
    notes: tuple[str, ...]
    """HTML of each note, in order."""
    key: str
    """Part of every mark; no author can have typed it."""

    def mark(self, number: int) -> str:
        """What stands for a reference to this note, counted from 0."""
        return f"{self.key}n{number}e"


def footnotes_apart(markup: str) -> Footnotes:
    """Take the footnotes of converted Markdown out of it."""
    body = fragment(markup)
    key = f"note{token_hex(16)}"
    items = body.css('div.footnote li[id^="fn:"]')
    found = Footnotes("", tuple(_note(item) for item in items), key)
    numbers = {f"#{item.attributes['id']}": number for number, item in enumerate(items)}
    for reference in body.css("a.footnote-ref"):
        number = numbers.get(reference.attributes.get("href") or "")
        if number is not None and reference.parent is not None:
            reference.parent.replace_with(found.mark(number))
    for notes in body.css("div.footnote"):
        notes.decompose()
    return replace(found, text=str(body.inner_html))


def _note(item: LexborNode) -> str:
    """The HTML of a note; if it has one paragraph, what is in it."""
    for back in item.css("a.footnote-backref"):
        back.decompose()
    paragraphs = item.css("p")
    return str((paragraphs[0] if len(paragraphs) == 1 else item).inner_html).replace("\u00a0", " ").strip()


def printable(markup: str) -> str:
    """HTML without what works only on a page of the site: internal links, pictures, anchors, ways back from notes."""
    body = fragment(markup)
    for element in body.css("a.footnote-backref"):
        element.decompose()
    for element in body.css(f"{_INTERNAL_LINK}, div.table"):
        element.unwrap()
    for picture in body.css("img"):
        picture.decompose()
    for element in body.css("[id]"):
        del element.attrs["id"]
    return str(body.inner_html)


def _demoted(markup: str) -> str:
    """HTML with headings one level lower, below the entry's title."""
    return _HEADING.sub(lambda m: m[1] + str(int(m[2]) + 1), markup)


class Papers:
    """The templates, set up once for many documents."""

    def __init__(self) -> None:
        loader = jinja2.FileSystemLoader(overrides_dir())
        self._environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True)
        self._environment.filters.update(FILTERS)

    def html(self, name: str, kit: LessonPack, **more: Any) -> str:
        """The document ``name`` of a lesson: ``plan``, ``handout``, ``quiz``."""
        fields = {name: getattr(kit, name) for name in FIELDS}
        return self._environment.get_template(f"print/{name}.html").render(text=kit.body, **fields, **more)
