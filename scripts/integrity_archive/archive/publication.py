"""Publication: who may see which page and file, and which files an edition has. The checks ask it, and every build.

A file belongs to the entry in whose own folder it lies, or to the entries that name it in their fields. It reaches
nobody whom its entry does not reach, whatever links to it.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from integrity_archive.archive.edition import Edition
from integrity_archive.archive.graph import Archive
from integrity_archive.content.entry import Document, Entry, InvalidEntry, Reach, site_uri
from integrity_archive.content.loader import LoadedArchive

MADE_PAGES = frozenset({"404.md", "my-list.md", "search.md", "timeline.md", "whats-new.md"})
"""Pages the program makes itself, by ``src_uri``."""
MADE_FILES = frozenset({"catalogue.csv", "catalogue.json", "feed.xml", "sitemap.xml", "manifest.json", "sha256sums"})
"""Files it makes in the root of an edition, in small letters."""
HOSTING = frozenset({"CNAME", "robots.txt"})
"""Files in ``docs/`` for whoever serves the site; no page links to them."""


@dataclass(frozen=True)
class Owners:
    """To which entries files belong, and who may see what."""

    loaded: LoadedArchive

    @cached_property
    def _by_path(self) -> Mapping[str, Entry | InvalidEntry]:
        return {e.document.path: e for e in self.loaded.written}

    @cached_property
    def _by_folder(self) -> Mapping[str, Entry | InvalidEntry]:
        """Entries with a folder of their own."""
        return {e.document.folder: e for e in self.loaded.written if e.document.path.endswith("/index.md")}

    @cached_property
    def _pages(self) -> Mapping[str, Document]:
        return {d.path: d for d in (*self.loaded.pages, *self.loaded.intros.values())}

    @cached_property
    def _naming(self) -> Mapping[str, tuple[Entry | InvalidEntry, ...]]:
        """Entries that name a file in their fields, by its path."""
        found: dict[str, dict[str, Entry | InvalidEntry]] = {}
        for entry in self.loaded.written:
            for path in entry.files:
                found.setdefault(path, {})[entry.document.path] = entry
        return {path: tuple(entries.values()) for path, entries in found.items()}

    def of(self, path: str) -> tuple[Entry | InvalidEntry, ...]:
        """The entries to which a file belongs; none where it is nobody's own."""
        folder = posixpath.dirname(path)
        while folder:
            if folder in self._by_folder:
                return (self._by_folder[folder],)
            folder = posixpath.dirname(folder)
        return self._naming.get(path, ())

    def reach(self, path: str) -> Reach:
        """Who may see the page or the file at a path."""
        if path in self._by_path:
            return self._by_path[path].reach
        if path in self._pages:
            return self._pages[path].reach
        owners = self.of(path)
        if any(owner.internal for owner in owners):
            # An internal entry's file stays internal, also where a public entry names it too.
            return max(Reach.INTERNAL, min(owner.reach for owner in owners))
        return min((owner.reach for owner in owners), default=Reach.PUBLIC)


def file_at(files: Collection[str], target: str) -> str | None:
    """The file a link means: as on disk, or as the site sees it, where ``docs/`` is the root."""
    return next((c for c in (target, f"docs/{target}", target.removeprefix("docs/")) if c in files), None)


def media_of(
    archive: Archive, targets: Iterable[str], loaded: LoadedArchive, edition: Edition
) -> dict[str, str]:
    """Files that an edition has because its pages show them: place in the site, and where they are.

    Args:
        archive: the entries of the edition.
        targets: what the texts of the edition link to, texts beside the entries included.
        loaded: all that was read.
        edition: what is built.
    """
    found = {path for entry in archive.entries.values() for path in entry.shown_files}
    for target in targets:
        path = file_at(loaded.files, target)
        if path and not path.endswith(".md"):
            found.add(path)
    owners = Owners(loaded)
    return {
        site_uri(path): os.path.join(loaded.root, *path.split("/"))
        for path in sorted(found)
        if edition.reaches(owners.reach(path))
    }


def shown_documents(archive: Archive, loaded: LoadedArchive, edition: Edition) -> tuple[Document, ...]:
    """Every document whose text an edition shows or prints."""
    folders = {e.document.folder for e in archive.entries.values() if e.document.path.endswith("/index.md")}
    beside_entries = (d for d in loaded.companions.values() if d.folder in folders and edition.for_desktop)
    entries = (e.document for e in archive.entries.values())
    return (*entries, *shown_intros(loaded, edition).values(), *shown_pages(loaded, edition), *beside_entries)


def shown_pages(loaded: LoadedArchive, edition: Edition) -> tuple[Document, ...]:
    """The pages beside the entries that an edition has."""
    return tuple(page for page in loaded.pages if edition.for_desktop and edition.reaches(page.reach))


def shown_intros(loaded: LoadedArchive, edition: Edition) -> Mapping[str, Document]:
    """The introductions of lists that an edition has, by the path of the list."""
    return {key: intro for key, intro in loaded.intros.items() if edition.reaches(intro.reach)}
