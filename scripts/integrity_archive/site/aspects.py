"""Aspects of entries: keys of what pages show of them, by which an edit's effect on other pages is computed."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from integrity_archive.archive.publication import file_at
from integrity_archive.content.entry import Entry
from integrity_archive.content.model.field_types import SOLAR_TERMS
from integrity_archive.content.outline import Outline, digest_of, folder_of
from integrity_archive.site.card import cover_words, picture_of
from integrity_archive.site.edition_content import EditionContent


@dataclass(frozen=True)
class Aspects:
    """Keys of the entries and texts of an edition."""

    content: EditionContent
    outlines: Mapping[str, Outline]
    """Of every Markdown file, by path."""
    stamps: Mapping[str, object]
    """Size and time of every file, by path."""

    @cached_property
    def _entries(self) -> dict[str, tuple[object, ...]]:
        return {}

    @cached_property
    def _companions(self) -> Mapping[str, tuple[str, ...]]:
        """Texts beside entries, by folder."""
        found: dict[str, tuple[str, ...]] = {}
        for path in sorted(self.content.loaded.companions):
            folder = posixpath.dirname(path)
            found[folder] = (*found.get(folder, ()), path)
        return found

    def card(self, entry: Entry) -> object:
        """What lists and links show of an entry: title, summary, cover, period, length of a film."""
        outline = self.outlines[entry.document.path]
        period = self.content.archive.vocabulary.period(entry.facts.period)
        film = self.content.films.get(entry.id)
        return entry.id, outline.card, period.id if period else "", film.measured.seconds if film else 0

    def cards(self, entries: Sequence[Entry]) -> object:
        """``card`` of each."""
        return [self.card(entry) for entry in entries]

    def whole(self, entry: Entry) -> object:
        """Everything an entry holds: its file, the texts beside it, its media and its film."""
        if entry.id not in self._entries:
            paths = (entry.document.path, *self._companions.get(folder_of(entry.document.path), ()))
            film = self.content.films.get(entry.id)
            self._entries[entry.id] = (
                self.card(entry),
                tuple(self.document(path) for path in paths),
                tuple((path, self.stamps.get(path)) for path in self.outlines[entry.document.path].files),
                digest_of(film) if film else "",
            )
        return self._entries[entry.id]

    def document(self, path: str) -> object:
        """A text and the files that it shows or links."""
        outline = self.outlines[path]
        files = self.content.loaded.files
        linked = (file_at(files, t) for t in outline.targets if not t.endswith(".md"))
        return outline.digest, tuple((f, self.stamps.get(f)) for f in linked if f)

    @cached_property
    def terms(self) -> object:
        """The entries on the solar terms."""
        found = {e.facts.solar_term: self.card(e) for e in self.content.archive.entries.values() if e.facts.solar_term}
        return tuple(found.get(term) for term in SOLAR_TERMS)


def card_values(entry: Entry) -> tuple[object, ...]:
    """The entry's own part of ``Aspects.card``: all that lists and links show of its front matter."""
    meta = entry.meta
    return meta.title, meta.summary, meta.label, meta.period, meta.card_notes, cover_words(entry), picture_of(entry)
