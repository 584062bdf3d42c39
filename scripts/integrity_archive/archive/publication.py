"""Publication: who may see which page and file, and which files an edition contains. Checks and builds both use it.

A file belongs to the entry in whose own folder it lies, or to the entries that name it in their fields. Readers who may
not see its entry do not get the file either, whatever page links to it.
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
from integrity_archive.intake.picture_file import PICTURE_SUFFIXES

MADE_PAGES = frozenset({"404.md", "my-list.md", "search.md", "timeline.md", "whats-new.md"})
"""Pages that the program generates, by ``src_uri``; authors' pages may not have these names."""
MADE_FILES = frozenset(
    ["catalogue.csv", "catalogue.json", "collectionbuilder.csv", "feed.xml", "sitemap.xml",
     "manifest.json", "manifest.sig", "sha256sums", "说明.txt", "verify.cmd", "verify.ps1", "verify.sh"]
)  # fmt: skip
"""Files that the program writes into the root of an edition or of a stick, in lower case. Authors' files may not have
these names, and a stick takes no other file at its root but pages, styles and scripts (``usb.places``)."""
HOSTING = frozenset({"CNAME", "robots.txt"})
"""Files in ``docs/`` for the host of the site; no page links to them."""

LINKABLE = (
    *PICTURE_SUFFIXES, ".mp4", ".m4v", ".webm", ".mov", ".mp3", ".m4a", ".ogg", ".wav", ".vtt", ".srt", ".pdf",
    ".epub", ".txt", ".csv", ".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp",
)  # fmt: skip
"""File types that a page may display or link: opening one of them runs no program."""


@dataclass(frozen=True)
class Owners:
    """Which entries own a file, and who may see it."""

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
        """Entries that name a file in their fields, by the file's path."""
        naming: dict[str, dict[str, Entry | InvalidEntry]] = {}
        for entry in self.loaded.written:
            for path in entry.files:
                naming.setdefault(path, {})[entry.document.path] = entry
        return {path: tuple(entries.values()) for path, entries in naming.items()}

    def of(self, path: str) -> tuple[Entry | InvalidEntry, ...]:
        """The entries that own a file; empty if none does."""
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
    """The file that a link means, by its path in the archive or by its place in the site, where ``docs/`` is the
    root."""
    return next((c for c in (target, f"docs/{target}", target.removeprefix("docs/")) if c in files), None)


def media_of(archive: Archive, targets: Iterable[str], loaded: LoadedArchive, edition: Edition) -> dict[str, str]:
    """Media files that the pages of an edition show or link: place in the site to absolute path.

    Args:
        archive: the entries of the edition.
        targets: what the texts of the edition link to, texts beside the entries included.
        loaded: all that was read.
        edition: what is built.
    """
    found = {path for entry in archive.entries.values() for path in entry.published_files}
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


def edition_documents(archive: Archive, loaded: LoadedArchive, edition: Edition) -> tuple[Document, ...]:
    """Every document whose text appears in an edition, on a page or in print."""
    folders = {e.document.folder for e in archive.entries.values() if e.document.path.endswith("/index.md")}
    companions = (d for d in loaded.companions.values() if d.folder in folders and edition.for_desktop)
    entries = (e.document for e in archive.entries.values())
    return (*entries, *edition_introductions(loaded, edition).values(), *edition_pages(loaded, edition), *companions)


def edition_pages(loaded: LoadedArchive, edition: Edition) -> tuple[Document, ...]:
    """The pages of an edition that are neither entries nor generated."""
    return tuple(page for page in loaded.pages if edition.for_desktop and edition.reaches(page.reach))


def edition_introductions(loaded: LoadedArchive, edition: Edition) -> Mapping[str, Document]:
    """The introductions of lists in an edition, by the path of the list."""
    return {key: intro for key, intro in loaded.intros.items() if edition.reaches(intro.reach)}
