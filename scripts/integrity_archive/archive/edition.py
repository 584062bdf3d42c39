"""Editions: how the archive is delivered, and which entries a delivery may show."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from integrity_archive.archive.changes import EntryRecord
from integrity_archive.content.entry import Entry, Reach
from integrity_archive.content.schema import Hall, Lesson, Ref

INTERNAL_NOTICE = "内部资料　注意保管，请勿外传"


@dataclass(frozen=True)
class Edition:
    """One way the site is delivered."""

    name: str
    label: str
    for_desktop: bool = True
    """Whether it has what is worked with at a desk: packs, slides, lists of one's own, handbook, catalogue, feed."""
    is_kiosk: bool = False
    """Whether nothing may lead out of it: other addresses and downloads are shown as QR codes."""
    is_usb: bool = False
    """Whether it is carried about: no address of its own, every film once, a page of what is new."""
    only: tuple[str, ...] = ()
    """Ids of the entries it is made around, with what they use; empty for the whole archive."""
    courses: tuple[str, ...] = ()
    """Courses whose lessons it is made around as well."""
    internal: bool = False
    """Whether internal entries are in it; every page then says so."""
    small_films: frozenset[str] = frozenset()
    """Films it has at the smaller size, by id."""
    before: Mapping[str, EntryRecord] | None = None
    """What the edition before it had, by id; None where there was none."""
    before_dated: datetime.date | None = None
    """Day of the newest entry of the edition before it."""
    templates: Mapping[str, str] = field(default_factory=dict)
    """Templates it has instead of the usual ones."""

    @property
    def notice(self) -> str:
        """What everything made for it says where it holds internal material; empty where it holds none."""
        return INTERNAL_NOTICE if self.internal else ""

    @property
    def hall(self) -> str:
        """Id of the only hall a screen is for; empty for all."""
        return self.only[0] if self.is_kiosk and self.only else ""

    @property
    def partial(self) -> bool:
        """Whether it is made around some entries."""
        return bool(self.only or self.courses)

    def admits(self, entry: Entry) -> bool:
        """Whether the edition may show an entry. Drafts are in no edition, internal entries in no public one."""
        return self.reaches(entry.reach)

    def reaches(self, reach: Reach) -> bool:
        """Whether the edition may show a page or a file of this reach."""
        return reach <= (Reach.INTERNAL if self.internal else Reach.PUBLIC)

    def choice(
        self, entries: Collection[Entry], beside: Callable[[Entry], Iterable[str]] = lambda entry: ()
    ) -> Callable[[Entry], bool]:
        """Which of all entries the edition shows: those it admits, or of these what belongs to its roots.

        Args:
            entries: all of them.
            beside: ids that the texts beside an entry name: a lesson's slides.
        """
        if not self.partial:
            return self.admits
        roots = {*self.only, *(e.id for e in entries if isinstance(e.meta, Lesson) and e.meta.course in self.courses)}
        belonging = _belonging(roots, {e.id: e for e in entries}, beside)
        return lambda entry: self.admits(entry) and entry.id in belonging


def _belonging(
    roots: Collection[str], entries: Mapping[str, Entry], beside: Callable[[Entry], Iterable[str]]
) -> frozenset[str]:
    """The roots, what they show, and what that names itself; not the lessons that use them."""
    near = {id_ for root in roots if root in entries for id_ in (*_named(entries[root]), *beside(entries[root]))}
    return frozenset({*roots, *near, *(far for id_ in near if id_ in entries for far in _named(entries[id_]))})


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
    """Whether readers may see a hall of this id."""
    return any(e.id == id_ and e.public and isinstance(e.meta, Hall) for e in entries)
