"""Entry: a Markdown document as read, and an entry, which is a document whose front matter fits the model."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import Any
from urllib.parse import quote

from integrity_archive.content.front_matter import Tree
from integrity_archive.content.model.facts import Facts, facts_of
from integrity_archive.content.model.field_types import Loc
from integrity_archive.content.model.marks import Marked, Media, marked, marked_raw
from integrity_archive.content.model.record import Record
from integrity_archive.content.model.schema import KINDS, RECORDS
from integrity_archive.intake.picture_file import published_name

FOLDERS: Mapping[str, type[Record]] = {record.folder: record for record in RECORDS}
"""Content folders below the archive's root, with the kind that each contains."""


class Reach(IntEnum):
    """Who may see a page or a file; a larger value means fewer people."""

    PUBLIC = 0
    INTERNAL = 1
    """Only readers of editions with internal material."""
    DRAFT = 2
    """No reader of any edition."""


def reach_of(status: object, visibility: object) -> Reach:
    """The reach that ``status`` and ``visibility`` of a front matter give; an invalid value restricts it."""
    if status != "published":
        return Reach.DRAFT
    return Reach.PUBLIC if visibility == "public" else Reach.INTERNAL


@dataclass(frozen=True)
class Document:
    """A Markdown file, divided into front matter and body."""

    path: str
    """Path below the archive's root, with forward slashes: ``docs/halls/ren-chang-lun.md``."""
    tree: Tree
    body: str
    body_line: int

    @property
    def uri(self) -> str:
        """MkDocs' ``src_uri``: the path within the site, ``halls/ren-chang-lun.md``."""
        return site_uri(self.path)

    @property
    def url(self) -> str:
        """Address of the page below the site's root."""
        return page_url(self.uri)

    @property
    def folder(self) -> str:
        """Folder of the file below the archive's root."""
        return posixpath.dirname(self.path)

    @property
    def values(self) -> Mapping[str, Any]:
        """The front matter as plain values."""
        return self.tree.values

    def resolve(self, name: str) -> str:
        """Path below the archive's root of a file that the document names from its own folder."""
        return posixpath.normpath(posixpath.join(self.folder, name))

    @property
    def reach(self) -> Reach:
        """Who may see it, by its own front matter; a companion text has none and follows its entry."""
        return reach_of(self.values.get("status", "published"), self.values.get("visibility", "public"))


@dataclass(frozen=True)
class Entry:
    """One entry of the archive."""

    id: str
    """Path without suffix, stable for ever: ``stories/yang-zhen-si-zhi``."""
    meta: Record
    document: Document

    @property
    def kind(self) -> str:
        return self.meta.kind

    @property
    def title(self) -> str:
        return self.meta.title

    @property
    def url(self) -> str:
        return self.document.url

    @cached_property
    def marks(self) -> tuple[Marked, ...]:
        """Its marked values; cached, because many stages use them."""
        return tuple(marked(self.meta))

    @cached_property
    def facts(self) -> Facts:
        """The few values that are needed of every entry."""
        return facts_of(self.id, self.meta, self.marks)

    @cached_property
    def files(self) -> tuple[str, ...]:
        """Paths below the archive's root of the files that its fields name."""
        return tuple(self.document.resolve(m.value) for m in self.marks if isinstance(m.mark, Media))

    @cached_property
    def published_files(self) -> tuple[str, ...]:
        """Of these, the ones that readers get. Of a film only its poster and its cover: the rest is made into it."""
        return tuple(self.document.resolve(m.value) for m in self.marks if isinstance(m.mark, Media) and m.mark.shown)

    @property
    def reach(self) -> Reach:
        return reach_of(self.meta.status, self.meta.visibility)

    @property
    def internal(self) -> bool:
        """Whether it is internal material, published or draft."""
        return self.meta.visibility != "public"

    @property
    def public(self) -> bool:
        """Whether readers of a public edition may see it."""
        return self.reach == Reach.PUBLIC

    @property
    def published(self) -> bool:
        return self.facts.published

    def line(self, loc: Loc) -> int:
        """Line of a value in the front matter."""
        return self.document.tree.line(loc)

    def slim(self) -> Entry:
        """The entry without its text and line numbers, which only checks need and which are half of its size."""
        entry = Entry(self.id, self.meta, Document(self.document.path, Tree({}, {}), "", 1))
        # Walked already: see functools.cached_property.
        entry.__dict__.update(
            marks=self.marks, facts=self.facts, files=self.files, published_files=self.published_files
        )
        return entry


@dataclass(frozen=True)
class InvalidEntry:
    """An entry file whose front matter does not fit the model; it is in no archive, but its references are checked."""

    id: str
    record: type[Record]
    document: Document

    @property
    def reach(self) -> Reach:
        """Who may see it after it is corrected."""
        return self.document.reach

    @property
    def internal(self) -> bool:
        """Whether it is internal material, published or draft."""
        return bool(self.document.values.get("visibility", "public") != "public")

    @property
    def files(self) -> tuple[str, ...]:
        """Paths below the archive's root of the files that its fields name."""
        marks = marked_raw(self.record, self.document.values)
        return tuple(self.document.resolve(m.value) for m in marks if isinstance(m.mark, Media))

    @property
    def public(self) -> bool:
        """Whether it would be public after it is corrected."""
        return self.reach == Reach.PUBLIC

    def line(self, loc: Loc) -> int:
        """Line of a value in the front matter."""
        return self.document.tree.line(loc)


def site_uri(path: str) -> str:
    """A path below the archive's root as one in the site: ``docs/`` is its root, next to the other folders.

    A picture that browsers do not show is there under the name of its JPEG.
    """
    return published_name(path.removeprefix("docs/"))


def page_url(uri: str) -> str:
    """Address of a Markdown page, the same on http and on ``file://``; so it always names a file, never a folder."""
    return uri[: -len(".md")] + ".html" if uri.endswith(".md") else uri


def section(kind: str) -> str:
    """First part of the ids and addresses of a kind, for example ``halls``."""
    return posixpath.basename(KINDS[kind].folder)


def entry_id(path: str) -> str:
    """The id of the entry at a path: ``stories/a.md`` and ``stories/a/index.md`` are both ``stories/a``."""
    stem = site_uri(path).removesuffix(".md")
    return stem.removesuffix("/index")


def companion(path: str) -> str:
    """Name of a companion text, ``slides`` for ``docs/lessons/a/slides.md``; empty if the file is not a companion."""
    folder, _, name = path.removesuffix(".md").rpartition("/")
    record = FOLDERS.get(posixpath.dirname(folder))
    return name if record and name in record.companions else ""


def film_folder(entry: Entry) -> str:
    """Folder in the site for the files of a film."""
    return entry.url.removesuffix(".html").removesuffix("/index")


def file_url(entry: Entry, name: str) -> str:
    """Address, below the site's root, of a file in the entry's folder."""
    return quote(site_uri(f"{entry.document.folder}/{name}"))
