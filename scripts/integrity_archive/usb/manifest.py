"""Manifest: every file of a stick with its size and SHA-256, its entries, and the edition's id.

The id is computed from the files, so that one cannot change without the other. Only the page of changes is excluded: it
depends on the previous edition, and two sticks with the same content are the same edition.
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
"""Format of ``manifest.json``. The first had no entries, the second no edition number; later ones are refused."""
NUMBERED = 3
"""First format with an edition number."""
INTERNAL = "--include-internal"
"""Part of ``Manifest.choice`` if the stick may contain internal material."""
HISTORY = frozenset({page_url(CHANGES_URI)})
"""Files about the previous edition, which do not count for the id."""


class ManifestError(Exception):
    """A manifest cannot be read; the message says why, in Chinese."""


class NewerError(ManifestError):
    """A manifest was written by a newer program, so its stick must not be changed."""


@dataclass(frozen=True)
class FileRecord:
    """The expected content of one file."""

    size: int
    """In bytes."""
    sha256: str
    type: str
    """Media type (RFC 6838)."""

    def is_at(self, folder: SafeFolder, name: str) -> bool:
        """Whether the file ``name`` has this size and hash."""
        try:
            return folder.size(name) == self.size and folder.sha256(name) == self.sha256
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError, NotRegularError):
            return False


@dataclass(frozen=True)
class Manifest:
    """The content of a stick."""

    name: str
    """Name of the archive."""
    version: str
    """Version of the program that made it."""
    dated: str
    """Day of its newest entry, ISO 8601; empty if no entry has a date."""
    files: Mapping[str, FileRecord]
    """By path below the stick's root, with forward slashes, sorted."""
    entries: Mapping[str, EntryRecord] = field(default_factory=dict)
    """By id, in reading order; the next edition is compared with them."""
    choice: str = ""
    """The options that selected its content; empty for everything public."""
    edition: int = 0
    """Number of the edition: one more than that of the different edition it replaced; 0 if unknown."""
    format: int = FORMAT
    """Format of the text from which it was read."""

    @cached_property
    def id(self) -> str:
        """``digest.edition_id`` of its files, without ``HISTORY``."""
        return edition_id({path: record.sha256 for path, record in self.files.items() if path not in HISTORY})

    @property
    def day(self) -> datetime.date | None:
        """``dated`` as a date."""
        try:
            return datetime.date.fromisoformat(self.dated)
        except ValueError:
            return None

    @property
    def internal(self) -> bool:
        """Whether its files may contain internal material."""
        return INTERNAL in self.choice.split() or any(work.internal for work in self.entries.values())

    @property
    def size(self) -> int:
        """Total size of the files, in bytes."""
        return sum(record.size for record in self.files.values())

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
        """The text of ``SHA256SUMS`` for coreutils' ``sha256sum --check``; it includes the manifest."""
        own = hashlib.sha256(self.to_json().encode()).hexdigest()
        lines = {**{path: record.sha256 for path, record in self.files.items()}, MANIFEST: own}
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
    """The manifest of all files below ``folder``, with these entries."""
    paths = sorted(files_below(folder))
    files = {}
    for path in progress(paths, "算校验和", len(paths)):
        where = folder / path
        files[path] = FileRecord(where.stat().st_size, sha256_of(where), media_type(path))
    return Manifest(name, version, dated, files, entries or {}, choice)


def read_manifest(text: str | bytes) -> Manifest:
    """Parse the text of ``manifest.json``, which is not trusted.

    Raises:
        ManifestError: it is damaged, or its id does not match its files.
    """
    try:
        _refuse_newer(read_form(HeadForm, text).format)
        form = read_form(ManifestForm, text)
    except NoJsonError:
        raise ManifestError(f"{MANIFEST} 不是完整的 JSON，可能没有写完") from None
    except FormError:
        raise ManifestError(f"{MANIFEST} 的内容不合格式") from None
    return manifest_from(form)


def manifest_from(form: ManifestForm) -> Manifest:
    """The manifest of validated values.

    Raises:
        ManifestError: its format is newer, or its id does not match its files.
    """
    _refuse_newer(form.format)
    manifest = Manifest(
        form.name,
        form.version,
        form.dated,
        {path: FileRecord(record.size, record.sha256, record.type) for path, record in form.files.items()},
        {id_: EntryRecord(w.title, w.label, w.url, w.sha256, w.internal) for id_, w in form.entries.items()},
        form.choice,
        form.edition,
        form.format,
    )
    if form.id != manifest.id:
        raise ManifestError(f"{MANIFEST} 写的版本是 {form.id}，按文件算是 {manifest.id}：被改动过")
    return manifest


def _refuse_newer(format_: int) -> None:
    if format_ > FORMAT:
        raise NewerError(f"{MANIFEST} 的格式是 {format_}，这个程序只认到 {FORMAT}，请换新版程序")


def media_type(path: str) -> str:
    """The media type of a file, by its suffix."""
    own = {".js": "text/javascript", ".vtt": "text/vtt", ".epub": "application/epub+zip"}
    return own.get(os.path.splitext(path)[1]) or mimetypes.guess_type(path)[0] or "application/octet-stream"
