"""Statements: the texts of an entry, each with its file and line, without markup."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from integrity_archive.content.entry import Document, Entry
from integrity_archive.content.loader import LoadedArchive
from integrity_archive.content.markup.plain_text import text_rows
from integrity_archive.content.model.marks import Ref
from integrity_archive.content.model.schema import Story
from integrity_archive.films.storyboard import LoadedStoryboard

NOT_PROSE = frozenset({
    "sources", "quotes", "people", "places", "tags", "related", "media", "cover", "poster", "captions", "period",
    "virtues", "units", "audiences", "course", "series", "status", "visibility", "credibility", "rights", "listing",
    "dates", "figure", "url", "playlist", "about", "requires", "level", "solar_term",
})  # fmt: skip
"""Fields that are names, terms or references, or that other modules read."""

NOT_SHOWN = ("picture", "camera", "transition", "narration", "music")
"""Fields of a storyboard that are not readable on the screen."""

_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_TAG = re.compile(r"<rt>.*?</rt>|<[^>]+>|\[\^[^\]]*\]:?|\{[^}]*\}")
_SIGNS = re.compile(r"[*_`#>|]+")


@dataclass(frozen=True)
class Statement:
    """One paragraph, or one text of the front matter."""

    path: str
    """File, relative to the archive's root."""
    line: int
    field: str
    """Field of the front matter or of the storyboard; ``正文`` for a body."""
    text: str


@dataclass(frozen=True)
class EntryText:
    """All texts of an entry."""

    entry: Entry
    statements: tuple[Statement, ...]
    used: tuple[Entry, ...] = ()
    """Entries that it refers to; a story's field ``related`` does not count."""

    @property
    def note(self) -> str:
        """Explanations of what the sources do not say: the textual note, and the notes of the sources."""
        notes = [source.note or "" for source in self.entry.meta.sources]
        return "\n".join((getattr(self.entry.meta, "textual_note", ""), *notes))


def entry_texts(
    loaded: LoadedArchive, boards: Mapping[str, LoadedStoryboard], entries: Iterable[Entry]
) -> Iterator[EntryText]:
    """The texts of these entries, companion texts and storyboards included."""
    by_id = {entry.id: entry for entry in loaded.entries}
    companions: dict[str, list[Document]] = {}
    for document in loaded.companions.values():
        companions.setdefault(document.folder, []).append(document)
    for entry in entries:
        statements = [*_front_matter(entry.document), *_body(entry.document)]
        if entry.document.path.endswith("/index.md"):
            for document in companions.get(entry.document.folder, ()):
                statements += _body(document)
        if entry.id in boards:
            statements += _board(boards[entry.id])
        yield EntryText(entry, tuple(statements), tuple(by_id[id_] for id_ in _used(entry) if id_ in by_id))


def _used(entry: Entry) -> Iterable[str]:
    related = not isinstance(entry.meta, Story)
    used = (m.value for m in entry.marks if isinstance(m.mark, Ref) and (related or m.loc[0] != "related"))
    return dict.fromkeys(used)


def _front_matter(document: Document) -> Iterator[Statement]:
    for loc, number, line in text_rows(document.tree):
        # Most options of a quiz are wrong on purpose.
        if loc[0] not in NOT_PROSE and "options" not in loc and line.strip():
            yield Statement(document.path, number, str(loc[0]), without_markup(line))


def _body(document: Document) -> Iterator[Statement]:
    for number, line in enumerate(document.body.split("\n"), document.body_line):
        if line.strip():
            yield Statement(document.path, number, "正文", without_markup(line))


def _board(board: LoadedStoryboard) -> Iterator[Statement]:
    for loc, number, line in text_rows(board.tree):
        if loc[-1] not in NOT_SHOWN and line.strip():
            yield Statement(board.path, number, "分镜", without_markup(line))


def without_markup(line: str) -> str:
    """A line of Markdown without its markup."""
    return " ".join(html.unescape(_SIGNS.sub("", _TAG.sub("", _LINK.sub(r"\1", line)))).split())
