"""Previous build: what of it still holds, which is sources that did not change, and what was found out about them."""

from __future__ import annotations

import os
import pickle
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from integrity_archive.build.state import BuildRecord, Stamp, State
from integrity_archive.build.stored_sources import Bodies, StoredDocument, StoredEntry
from integrity_archive.content.entry import Document, Entry, companion
from integrity_archive.content.loader import LoadedArchive
from integrity_archive.content.markup.markdown import Body
from integrity_archive.content.model.vocabulary import PATH as VOCABULARY_PATH
from integrity_archive.content.outline import Outline, folder_of
from integrity_archive.films.film import Film
from integrity_archive.films.storyboard import LoadedStoryboard
from integrity_archive.intake.renditions import Renditions
from integrity_archive.support.cache import cache_folder, is_intact
from integrity_archive.support.problems import Problem


@dataclass(frozen=True)
class PreviousBuild:
    """What the last build left, seen from the files as they stand now."""

    root: str
    state: State | None
    """None where nothing is stored."""
    record: BuildRecord
    now: Mapping[str, Stamp]
    """Every file of the archive."""

    @cached_property
    def changed(self) -> frozenset[str]:
        """Paths of the files that were added, changed or removed since."""
        before = self.record.stamps
        added = {path for path, stamp in self.now.items() if stamp is None or before.get(path) != stamp}
        return frozenset(added | (before.keys() - self.now.keys()))

    def stamp(self, path: str) -> object:
        """Size and time of a file of the archive, by its absolute path; empty for files of the cache, whose names say
        all."""
        below = os.path.relpath(path, self.root).replace(os.sep, "/") if self.root else ""
        return self.now.get(below, "") or ("" if below.startswith("..") else time.time_ns())

    def renditions(self, uri: str, path: str) -> Renditions | None:
        """The renditions of the picture at an absolute path, ``uri`` in the site; None where they are to be made."""
        made = self.record.pictures.get(uri)
        if made is None or os.path.relpath(path, self.root).replace(os.sep, "/") in self.changed:
            return None
        return made if all(map(os.path.isfile, made.files(uri).values())) else None

    @cached_property
    def rows(self) -> Mapping[str, tuple[str, str]]:
        """Lines of the catalogue by id, as JSON and as CSV."""
        return self.state.rows() if self.state and self.record.outlines else {}

    def has(self, path: str) -> bool:
        """Whether the Markdown file at a path is as it was."""
        return path in self.record.outlines and path not in self.changed

    def source(self, path: str) -> Entry | Document | None:
        """The entry, or the text beside one, at a path; None where it is to be read."""
        if self.state is None or not self.has(path):
            return None
        outline = self.record.outlines[path]
        if outline.facts is not None:
            return StoredEntry(outline, self.state, self.root)
        return StoredDocument(path, self.root) if companion(path) else None

    def bodies(self, fresh: Mapping[str, Body]) -> Mapping[str, Body]:
        """Bodies by path: those converted now, and those of files that are as they were."""
        return Bodies(fresh, (path for path in self.record.outlines if self.has(path)), self.state)

    def targets(self, fresh: Mapping[str, Body]) -> Mapping[str, Sequence[str]]:
        """What the bodies that are as they were link to, by path."""
        return {p: o.targets for p, o in self.record.outlines.items() if self.has(p) and p not in fresh}

    # --- checks ---------------------------------------------------------------------------------------------------

    def to_check(self, loaded: LoadedArchive, fresh: Mapping[str, Body]) -> frozenset[str] | None:
        """Markdown files whose content has to be checked again; None for all of them.

        These are the ones that were read, and the ones that refer to something that changed.
        """
        kinds = {outline.facts.kind for outline in self.record.outlines.values() if outline.facts}
        if not self.record.outlines or VOCABULARY_PATH in self.changed or kinds != {e.kind for e in loaded.entries}:
            return None  # with its first entry a collection gets a page, with its last it loses it
        touched = set(self.changed) | fresh.keys()
        before = self.record.outlines
        # Whoever may see an entry's files depends on the entry.
        named = [(path, before[path].files) for path in touched & before.keys()]
        named += [(e.document.path, e.files) for e in loaded.written if e.document.path in touched]
        touched.update(file for _, files in named for file in files)
        folders = tuple({f"{folder}/" for path, _ in named if (folder := folder_of(path))})
        touched.update(path for path in self.now if path.startswith(folders))
        # An entry is as changed as its film, its captions or its storyboard.
        touched.update(path for path, outline in before.items() if not touched.isdisjoint(outline.files))
        owners = {os.path.dirname(path) + "/index.md" for path in touched if not path.endswith(".md")}
        touched.update(owners & before.keys())
        ids = {outline.facts.id for p in touched if (outline := before.get(p)) and outline.facts}
        ids |= {entry.id for entry in loaded.written if entry.document.path in touched}
        return frozenset(p for p in self.now if p in touched or self._refers(before.get(p), touched, ids))

    def _refers(self, outline: Outline | None, paths: set[str], ids: set[str]) -> bool:
        if outline is None:
            return False
        targets = (
            outline.targets,
            (f"docs/{t}" for t in outline.targets),
            (t.removeprefix("docs/") for t in outline.targets),
        )
        if any(not paths.isdisjoint(found) for found in (*targets, outline.files)):
            return True
        return outline.facts is not None and any(r.target in ids for r in outline.facts.references)

    def problems(self, checked: frozenset[str] | None, loaded: LoadedArchive) -> set[Problem]:
        """Reminders on sources that were not checked again."""
        if checked is None:
            return set()
        again = self.changed | checked
        again |= {path for entry in loaded.written if entry.document.path in checked for path in entry.files}
        return {problem for problem in self.record.problems if problem.path not in again}

    # --- films ------------------------------------------------------------------------------------------------------

    @cached_property
    def _before(self) -> tuple[Mapping[str, Film], Mapping[str, LoadedStoryboard]]:
        """Films and storyboards of the last build."""
        if not self.record.films:
            return {}, {}
        films, boards = pickle.loads(self.record.films)  # noqa: S301 - part of a signed record
        return films, boards

    def film_before(self, id_: str) -> Film | None:
        """A film as it was at the last build."""
        return self._before[0].get(id_)

    @cached_property
    def _same_folder(self) -> frozenset[str]:
        """Ids of the entries in whose folders no file was added, changed or removed."""
        touched = {folder.as_posix() for path in self.changed for folder in PurePosixPath(path).parents}
        facts = {path: outline.facts for path, outline in self.record.outlines.items() if outline.facts}
        return frozenset(f.id for path, f in facts.items() if os.path.dirname(path) not in touched)

    @cached_property
    def films(self) -> Mapping[str, Film]:
        """Films whose files and folders are as they were, by id."""
        cache = str(cache_folder("films"))
        return {
            id_: film
            for id_, film in self._before[0].items()
            if id_ in self._same_folder and all(is_intact(Path(p)) for p in film.files.values() if p.startswith(cache))
        }

    @cached_property
    def boards(self) -> Mapping[str, LoadedStoryboard]:
        """Storyboards whose folders are as they were, by id; a film has everything it is drawn from in its folder."""
        return {id_: board for id_, board in self._before[1].items() if id_ in self._same_folder}


NO_PREVIOUS_BUILD = PreviousBuild("", None, BuildRecord(), {})
"""For builds that leave nothing behind: everything is read."""
