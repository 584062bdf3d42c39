"""Manifest: every file of a stick with its size and SHA-256, its entries, and the edition's id.

The id follows from the files, so that it cannot change without them, nor they without it. Only the page of what is new
does not count: it tells how the stick came to be, and two sticks with the same content are the same edition.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import mimetypes
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path

from integrity_archive.archive.changes import CHANGES_URI, EntryRecord
from integrity_archive.content.entry import page_url
from integrity_archive.support.digest import edition_id, files_below, sha256_of
from integrity_archive.support.progress import Progress, no_progress
from integrity_archive.support.safe_folder import NotRegularError, SafeFolder
from integrity_archive.usb.places import MANIFEST
from integrity_archive.usb.untrusted import FormError, HeadForm, ManifestForm, NoJsonError, read_form

FORMAT = 3
"""Of ``manifest.json``. The first knew no entries, the second no number; a later one is refused."""
NUMBERED = 3
"""The first format with the edition's number."""
INTERNAL = "--include-internal"
"""In a manifest's choice: it may hold internal material."""
HISTORY = frozenset({page_url(CHANGES_URI)})
"""Files that tell of the edition before, and do not count for the id."""


class ManifestError(Exception):
    """A manifest that cannot be read; the message says why, in Chinese."""


class NewerError(ManifestError):
    """A manifest of a newer program, which this one must not touch."""


@dataclass(frozen=True)
class FileRecord:
    """One file as it should be."""

    size: int
    """In bytes."""
    sha256: str
    type: str
    """Media type (RFC 6838)."""

    def is_at(self, folder: SafeFolder, name: str) -> bool:
        """Whether this very file stands at ``name``."""
        try:
            return folder.size(name) == self.size and folder.sha256(name) == self.sha256
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError, NotRegularError):
            return False


@dataclass(frozen=True)
class Manifest:
    """What a stick holds."""

    name: str
    """Of the archive."""
    version: str
    """Of the software that made it."""
    dated: str
    """Day of its newest entry, ISO 8601; empty where none has one."""
    files: Mapping[str, FileRecord]
    """By path below the stick's root, with forward slashes, sorted."""
    entries: Mapping[str, EntryRecord] = field(default_factory=dict)
    """By id, in reading order; what the next edition is compared with."""
    choice: str = ""
    """What of the archive it is, in words; empty for all that is public."""
    edition: int = 0
    """Number of the edition: one more than that of the other one it took the place of; 0 where nobody counted."""
    format: int = FORMAT
    """Of the text it was read from."""

    @cached_property
    def id(self) -> str:
        """``digest.edition_id`` of its files, without ``HISTORY``."""
        return edition_id({path: held.sha256 for path, held in self.files.items() if path not in HISTORY})

    @property
    def day(self) -> datetime.date | None:
        """``dated`` as a date."""
        try:
            return datetime.date.fromisoformat(self.dated)
        except ValueError:
            return None

    @property
    def internal(self) -> bool:
        """Whether internal material may be among the files."""
        return INTERNAL in self.choice.split() or any(work.internal for work in self.entries.values())

    @property
    def size(self) -> int:
        """Of all files, in bytes."""
        return sum(held.size for held in self.files.values())

    def to_json(self) -> str:
        """The text of ``manifest.json``."""
        files = {p: {"size": h.size, "sha256": h.sha256, "type": h.type} for p, h in sorted(self.files.items())}
        head: dict[str, object] = {"format": self.format, "name": self.name, "id": self.id}
        head |= {"edition": self.edition} if self.format >= NUMBERED else {}
        head |= {"version": self.version, "dated": self.dated}
        head |= {"choice": self.choice} if self.choice else {}
        entries = {id_: asdict(work) for id_, work in self.entries.items()}
        return json.dumps({**head, "files": files, "entries": entries}, ensure_ascii=False, indent=1) + "\n"

    def sums(self) -> str:
        """The text of ``SHA256SUMS``, as coreutils' ``sha256sum --check`` reads it; the manifest is among the files."""
        own = hashlib.sha256(self.to_json().encode()).hexdigest()
        lines = {**{path: held.sha256 for path, held in self.files.items()}, MANIFEST: own}
        return "".join(f"{sha256}  {path}\n" for path, sha256 in sorted(lines.items()))


def manifest_of(
    folder: Path,
    name: str,
    version: str,
    dated: str,
    entries: Mapping[str, EntryRecord] | None = None,
    progress: Progress = no_progress,
    choice: str = "",
) -> Manifest:
    """The manifest of everything below ``folder``, which shows these entries."""
    paths = sorted(files_below(folder))
    files = {}
    for path in progress(paths, "算校验和", len(paths)):
        where = folder / path
        files[path] = FileRecord(where.stat().st_size, sha256_of(where), media_type(path))
    return Manifest(name, version, dated, files, entries or {}, choice)


def read_manifest(text: str | bytes) -> Manifest:
    """A manifest from the text of ``manifest.json``, which anybody may have written.

    Raises:
        ManifestError: it is damaged, or its id does not follow from its files.
    """
    try:
        _refuse_newer(read_form(HeadForm, text).format)
        found = read_form(ManifestForm, text)
    except NoJsonError:
        raise ManifestError(f"{MANIFEST} 不是完整的 JSON，可能没有写完") from None
    except FormError:
        raise ManifestError(f"{MANIFEST} 的内容不合格式") from None
    return manifest_from(found)


def manifest_from(form: ManifestForm) -> Manifest:
    """A manifest of values that have the right form.

    Raises:
        ManifestError: its format is a newer one, or its id does not follow from its files.
    """
    _refuse_newer(form.format)
    found = Manifest(
        form.name,
        form.version,
        form.dated,
        {path: FileRecord(held.size, held.sha256, held.type) for path, held in form.files.items()},
        {id_: EntryRecord(w.title, w.label, w.url, w.sha256, w.internal) for id_, w in form.entries.items()},
        form.choice,
        form.edition,
        form.format,
    )
    if form.id != found.id:
        raise ManifestError(f"{MANIFEST} 写的版本是 {form.id}，按文件算是 {found.id}：被改动过")
    return found


def _refuse_newer(format_: int) -> None:
    if format_ > FORMAT:
        raise NewerError(f"{MANIFEST} 的格式是 {format_}，这个程序只认到 {FORMAT}，请换新版程序")


def media_type(path: str) -> str:
    """The media type by a file's name."""
    own = {".js": "text/javascript", ".vtt": "text/vtt", ".epub": "application/epub+zip"}
    return own.get(os.path.splitext(path)[1]) or mimetypes.guess_type(path)[0] or "application/octet-stream"
