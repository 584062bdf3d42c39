"""Edition content: related entries, converted bodies and films, from which all pages and papers are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from integrity_archive.archive.edition import Edition
from integrity_archive.archive.graph import Archive
from integrity_archive.content.entry import Document, Entry
from integrity_archive.content.loader import LoadedArchive
from integrity_archive.content.markup.markdown import Body
from integrity_archive.content.site_settings import Site
from integrity_archive.films.film import Film
from integrity_archive.lessons.slides import DeckSlide, deck_slide, slides_of


@dataclass(frozen=True)
class EditionContent:
    """Everything from which an edition's pages and papers are made."""

    loaded: LoadedArchive
    archive: Archive
    bodies: Mapping[str, Body]
    films: Mapping[str, Film]
    """By id of the entry."""
    site: Site
    edition: Edition

    def slides(self, entry: Entry) -> Document | None:
        """The ``slides.md`` of a lesson; None if it has none."""
        return self.loaded.companions.get(f"{entry.document.folder}/slides.md")

    def deck(self, entry: Entry) -> tuple[DeckSlide, ...]:
        """A lesson's slides; empty if it has no ``slides.md``."""
        document = self.slides(entry)
        if document is None:
            return ()
        return tuple(deck_slide(s, document.url, self.archive.entries, self.films) for s in slides_of(document))
