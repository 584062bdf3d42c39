"""Editions: how the archive is delivered, and which entries a delivery may show."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from integrity_archive.entry import Entry
from integrity_archive.model import Hall, Ref


@dataclass(frozen=True)
class Edition:
    """One way the site is delivered."""

    name: str
    label: str
    desk: bool = True
    """Whether it has what is worked with at a desk: packs, slides, lists of one's own, handbook, catalogue, feed."""
    sealed: bool = False
    """Whether nothing may lead out of it: other addresses and downloads are shown as QR codes."""
    hall: str = ""
    """Id of the only hall it is for; empty for all."""
    templates: Mapping[str, str] = field(default_factory=dict)
    """Templates it has instead of the usual ones."""

    def admits(self, entry: Entry) -> bool:
        """Whether the edition may show an entry. Drafts and internal entries are in no public edition."""
        return entry.public

    def choice(self, entries: Collection[Entry]) -> Callable[[Entry], bool]:
        """Which of all entries the edition shows: those it admits, and of a hall what belongs to the hall."""
        if not self.hall:
            return self.admits
        belonging = _belonging(self.hall, {e.id: e for e in entries})
        return lambda entry: self.admits(entry) and entry.id in belonging


def _belonging(hall: str, entries: Mapping[str, Entry]) -> frozenset[str]:
    """The hall, what its zones and its screens show, and what these name themselves; not the lessons that use them."""
    near = _named(entries[hall])
    return frozenset({hall, *near, *(far for id_ in near if id_ in entries for far in _named(entries[id_]))})


def _named(entry: Entry) -> tuple[str, ...]:
    return tuple(value.value for value in entry.marks if isinstance(value.mark, Ref))


WEB = Edition("web", "网络版")
KIOSK = Edition(
    "kiosk",
    "触摸屏版",
    desk=False,
    sealed=True,
    templates={"home.html": "kiosk/home.html", "search.html": "kiosk/search.html"},
)
USB = Edition("usb", "U 盘版")
EDITIONS: Mapping[str, Edition] = {edition.name: edition for edition in (WEB, KIOSK)}


def is_hall(id_: str, entries: Collection[Entry]) -> bool:
    """Whether readers may see a hall of this id."""
    return any(e.id == id_ and e.public and isinstance(e.meta, Hall) for e in entries)
