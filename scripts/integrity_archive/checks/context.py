"""Context: the data that the rules examine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from integrity_archive.archive.publication import Owners
from integrity_archive.content.entry import FOLDERS, Document, Entry, InvalidEntry, companion, entry_id
from integrity_archive.content.loader import LoadedArchive
from integrity_archive.content.markdown import Body
from integrity_archive.content.schema import (
    KINDS,
    Marked,
    Video,
    marked_raw,
)
from integrity_archive.content.vocabulary import Vocabulary
from integrity_archive.films.measurement import MediaError, MediaInfo
from integrity_archive.support.problems import Problem

if TYPE_CHECKING:
    from integrity_archive.films.storyboard import LoadedStoryboard


@dataclass(frozen=True)
class CheckContext:
    """The data that the rules examine."""

    loaded: LoadedArchive
    vocabulary: Vocabulary
    bodies: Mapping[str, Body]
    """Converted bodies by path; documents without one are not examined."""
    boards: Mapping[str, LoadedStoryboard] = field(default_factory=dict)
    """Storyboards of the drawn films, by id."""
    paths: frozenset[str] | None = None
    """Markdown files whose content is to be looked at; None for all."""
    stored_targets: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What the bodies of the other files link to, below the archive's root, by path."""

    @cached_property
    def looked_at(self) -> Sequence[Entry | InvalidEntry]:
        """The entries to examine, valid or not."""
        written = self.loaded.written
        return written if self.paths is None else [e for e in written if e.document.path in self.paths]

    @cached_property
    def sound(self) -> Sequence[Entry]:
        """The entries to examine that fit the model."""
        return [e for e in self.looked_at if isinstance(e, Entry)]

    @cached_property
    def entries(self) -> Mapping[str, Entry]:
        return {e.id: e for e in self.loaded.entries}

    @cached_property
    def written_ids(self) -> frozenset[str]:
        """Ids of all entry files, also of those that could not be read."""
        return frozenset(
            entry_id(f)
            for f in self.loaded.files
            if f.endswith(".md")
            and not companion(f)
            and any(f.startswith(d + "/") and f != f"{d}/index.md" for d in FOLDERS)
        )

    @cached_property
    def marks(self) -> Mapping[str, Sequence[Marked]]:
        """Marked values of every entry, by path; also of entries that do not fit the model."""
        return {
            e.document.path: e.marks if isinstance(e, Entry) else tuple(marked_raw(e.record, e.document.values))
            for e in self.looked_at
        }

    @cached_property
    def files_by_lower(self) -> Mapping[str, str]:
        return {f.lower(): f for f in self.loaded.files}

    @cached_property
    def companions(self) -> Sequence[Document]:
        """The texts beside entries to look at."""
        return [d for d in self.loaded.companions.values() if self.paths is None or d.path in self.paths]

    @cached_property
    def documents(self) -> Mapping[str, Document]:
        """Every document to examine whose body appears on a page or in print, by path."""
        loaded = self.loaded
        pages = [d for d in (*loaded.intros.values(), *loaded.pages) if self.paths is None or d.path in self.paths]
        documents = (*(e.document for e in self.looked_at), *pages, *self.companions)
        return {d.path: d for d in documents}

    @cached_property
    def targets(self) -> Mapping[str, Sequence[str]]:
        """What every body links to, below the archive's root, by path."""
        fresh = (path for path in self.bodies if path not in self.stored_targets)
        read = {path: [link.target for link in self.bodies[path].links if link.target] for path in fresh}
        return {**self.stored_targets, **read}

    @cached_property
    def entry_at(self) -> Mapping[str, Entry | InvalidEntry]:
        return {e.document.path: e for e in self.loaded.written}

    @cached_property
    def owners(self) -> Owners:
        """The owners of files."""
        return Owners(self.loaded)

    @cached_property
    def collection_pages(self) -> frozenset[str]:
        """Paths of the collection pages; a collection has one as soon as it has an entry."""
        return frozenset(f"{KINDS[e.kind].folder}/index.md" for e in self.loaded.entries)

    @cached_property
    def _measured(self) -> dict[str, MediaInfo | MediaError | None]:
        return {}

    def measured(self, film: str) -> MediaInfo | MediaError | None:
        """What the camera file of a film, by its id, holds, or why it cannot be read; None where there is none."""
        if film not in self._measured:
            self._measured[film] = self._measure(film)
        return self._measured[film]

    def _measure(self, film: str) -> MediaInfo | MediaError | None:
        entry = self.entries.get(film)
        if entry is None or not isinstance(entry.meta, Video) or not entry.meta.media:
            return None
        path = entry.document.beside(entry.meta.media)
        if path not in self.loaded.files:
            return None
        from integrity_archive.films.media import measure  # loads FFmpeg

        try:
            return measure(os.path.join(self.loaded.root, *path.split("/")))
        except MediaError as error:
            return error

    def film_seconds(self, film: str) -> float | None:
        """Length of a film, or None where it is not known."""
        measured = self.measured(film)
        if isinstance(measured, MediaInfo):
            return measured.seconds
        board = self.boards.get(film)
        return board.seconds if board else None

    def marked_as(self, mark: type) -> Iterator[tuple[Entry | InvalidEntry, Marked]]:
        """Every value with a mark of this type."""
        for entry in self.looked_at:
            for value in self.marks[entry.document.path]:
                if isinstance(value.mark, mark):
                    yield entry, value


Rule = Callable[[CheckContext], Iterable[Problem]]
