"""Editions: which entries a delivery of the archive may show."""

from __future__ import annotations

from dataclasses import dataclass

from integrity_archive.entry import Entry


@dataclass(frozen=True)
class Edition:
    """One way the site is delivered."""

    name: str
    label: str

    def admits(self, entry: Entry) -> bool:
        """Whether the edition may show an entry. Drafts and internal entries are in no public edition."""
        return entry.public


WEB = Edition("web", "网络版")
