"""Context: the data that the rules examine."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from integrity_archive.archive.publication import Owners, file_at
from integrity_archive.content.entry import FOLDERS, Document, Entry, InvalidEntry, companion, entry_id
from integrity_archive.content.loader import LoadedArchive
from integrity_archive.content.markup.markdown import Body
from integrity_archive.content.model.marks import Mark, Marked, marked_raw
from integrity_archive.content.model.schema import KINDS
from integrity_archive.content.model.vocabulary import Vocabulary

M = TypeVar("M", bound=Mark)
F = TypeVar("F")


@dataclass(frozen=True)
class Converted:
    """A document and its converted body."""

    document: Document
    body: Body


@dataclass(frozen=True)
class CheckContext:
    """The data that the rules examine.

    What is “to be examined” is limited by ``paths``; everything else covers the whole archive.
    """

    loaded: LoadedArchive
    vocabulary: Vocabulary
    bodies: Mapping[str, Body]
    """Converted bodies by path; documents without one are not examined."""
    paths: frozenset[str] | None = None
    """Markdown files to be examined; None for all."""
    stored_targets: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What the bodies of unchanged files link to, below the archive's root, by path."""
    features: tuple[object, ...] = ()
    """What the rules of features examine besides, one object of a class of its own for each feature."""

    def feature(self, kind: type[F]) -> F:
        """What a feature's rules examine besides."""
        return next(value for value in self.features if isinstance(value, kind))

    # --- to be examined -------------------------------------------------------------------------------------------

    @cached_property
    def examined(self) -> Sequence[Entry | InvalidEntry]:
        """Entries to be examined, also those that do not fit the model."""
        written = self.loaded.written
        return written if self.paths is None else [e for e in written if e.document.path in self.paths]

    @cached_property
    def examined_entries(self) -> Sequence[Entry]:
        """Entries to be examined that fit the model."""
        return [e for e in self.examined if isinstance(e, Entry)]

    @cached_property
    def converted(self) -> Sequence[Converted]:
        """Documents to be examined whose body appears on a page or in print."""
        loaded = self.loaded
        others = (*loaded.intros.values(), *loaded.pages, *loaded.companions.values())
        documents = (
            *(e.document for e in self.examined),
            *(d for d in others if self.paths is None or d.path in self.paths),
        )
        return [Converted(d, self.bodies[d.path]) for d in documents if d.path in self.bodies]

    def marked(self, entry: Entry | InvalidEntry, mark: type[M]) -> Iterator[tuple[Marked, M]]:
        """The values of an entry with a mark of this type, also of an entry that does not fit the model."""
        for value in self.marks(entry):
            if isinstance(value.mark, mark):
                yield value, value.mark

    def marks(self, entry: Entry | InvalidEntry) -> Sequence[Marked]:
        """All marked values of an entry, also of one that does not fit the model."""
        return entry.marks if isinstance(entry, Entry) else tuple(marked_raw(entry.record, entry.document.values))

    # --- the whole archive ----------------------------------------------------------------------------------------

    @cached_property
    def entries(self) -> Mapping[str, Entry]:
        """Entries that fit the model, by id."""
        return {e.id: e for e in self.loaded.entries}

    @cached_property
    def entry_at(self) -> Mapping[str, Entry | InvalidEntry]:
        """Entries by path."""
        return {e.document.path: e for e in self.loaded.written}

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
    def files_by_lower(self) -> Mapping[str, str]:
        """Files by their path in lower case."""
        return {f.lower(): f for f in self.loaded.files}

    @cached_property
    def files_by_looks(self) -> Mapping[str, str]:
        """Files whose path is not in Unicode's composed form, by this form, which looks the same."""
        return {nfc: f for f in self.loaded.files if (nfc := unicodedata.normalize("NFC", f)) != f}

    @cached_property
    def targets(self) -> Mapping[str, Sequence[str]]:
        """What every body links to, below the archive's root, by path."""
        fresh = (path for path in self.bodies if path not in self.stored_targets)
        read = {path: [link.target for link in self.bodies[path].links if link.target] for path in fresh}
        return {**self.stored_targets, **read}

    @cached_property
    def linked_files(self) -> frozenset[str | None]:
        """Files that any body links to or displays."""
        return frozenset(file_at(self.loaded.files, target) for targets in self.targets.values() for target in targets)

    @cached_property
    def owners(self) -> Owners:
        """The owners of files."""
        return Owners(self.loaded)

    @cached_property
    def collection_pages(self) -> frozenset[str]:
        """Paths of the collection pages; a collection has one as soon as it has an entry."""
        return frozenset(f"{KINDS[e.kind].folder}/index.md" for e in self.loaded.entries)
