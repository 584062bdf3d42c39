"""Editions: how the archive is delivered, and which entries an edition may contain."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from integrity_archive.archive.changes import EntryRecord
from integrity_archive.content.entry import Entry, Reach
from integrity_archive.content.model.marks import Ref
from integrity_archive.content.model.schema import Hall, Lesson

INTERNAL_NOTICE = "内部资料　注意保管，请勿外传"


@dataclass(frozen=True)
class Edition:
    """One form in which the site is delivered."""

    name: str
    label: str
    for_desktop: bool = True
    """Whether it contains what people use at a desk: packs, slides, personal lists, handbook, catalogue, feed."""
    is_kiosk: bool = False
    """Whether no link may lead out of it: external addresses and downloads become QR codes."""
    is_usb: bool = False
    """Whether it is carried on a stick: no address of its own, every film once, a page of what is new."""
    only: tuple[str, ...] = ()
    """Ids of the entries that a partial edition is made for, with what they refer to; empty for the whole archive."""
    courses: tuple[str, ...] = ()
    """Courses whose lessons are added to ``only``."""
    internal: bool = False
    """Whether it contains internal entries; every page then carries a notice."""
    small_films: frozenset[str] = frozenset()
    """Ids of the films that it contains in the smaller size."""
    before: Mapping[str, EntryRecord] | None = None
    """Entries of the previous edition, by id; None if there was none."""
    before_dated: datetime.date | None = None
    """Day of the newest entry of the previous edition."""
    templates: Mapping[str, str] = field(default_factory=dict)
    """Names of templates, each with the template that replaces it in this edition."""

    @property
    def notice(self) -> str:
        """The notice on everything made for an edition with internal material; empty for a public edition."""
        return INTERNAL_NOTICE if self.internal else ""

    @property
    def hall(self) -> str:
        """Id of the one hall that a screen belongs to; empty for all halls."""
        return self.only[0] if self.is_kiosk and self.only else ""

    @property
    def partial(self) -> bool:
        """Whether it contains only a selection of the entries; links to the others then become text."""
        return bool(self.only or self.courses)

    def admits(self, entry: Entry) -> bool:
        """Whether the edition may contain an entry. Drafts are in no edition, internal entries in no public one."""
        return self.reaches(entry.reach)

    def reaches(self, reach: Reach) -> bool:
        """Whether the edition may contain a page or a file of this reach."""
        return reach <= (Reach.INTERNAL if self.internal else Reach.PUBLIC)

    def choice(
        self, entries: Collection[Entry], companion_ids: Callable[[Entry], Iterable[str]] = lambda entry: ()
    ) -> Callable[[Entry], bool]:
        """A predicate for the entries of the edition: all it admits or, in a partial edition, the selection.

        Args:
            entries: all entries.
            companion_ids: ids that the companion texts of an entry name, for example a lesson's slides.
        """
        if not self.partial:
            return self.admits
        roots = {*self.only, *(e.id for e in entries if isinstance(e.meta, Lesson) and e.meta.course in self.courses)}
        belonging = _belonging(roots, {e.id: e for e in entries}, companion_ids)
        return lambda entry: self.admits(entry) and entry.id in belonging


def _belonging(
    roots: Collection[str], entries: Mapping[str, Entry], companion_ids: Callable[[Entry], Iterable[str]]
) -> frozenset[str]:
    """The roots, the entries they name, and the entries these name; not the lessons that use the roots."""
    named = {
        id_ for root in roots if root in entries for id_ in (*_named(entries[root]), *companion_ids(entries[root]))
    }
    return frozenset({*roots, *named, *(far for id_ in named if id_ in entries for far in _named(entries[id_]))})


def _named(entry: Entry) -> tuple[str, ...]:
    return tuple(value.value for value in entry.marks if isinstance(value.mark, Ref))


WEB = Edition("web", "网络版")
KIOSK = Edition(
    "kiosk",
    "触摸屏版",
    for_desktop=False,
    is_kiosk=True,
    templates={"home.html": "kiosk/home.html", "search.html": "kiosk/search.html"},
)
USB = Edition("usb", "U 盘版", is_usb=True)
EDITIONS: Mapping[str, Edition] = {edition.name: edition for edition in (WEB, KIOSK, USB)}


def is_hall(id_: str, entries: Collection[Entry]) -> bool:
    """Whether there is a public hall with this id."""
    return any(e.id == id_ and e.public and isinstance(e.meta, Hall) for e in entries)
