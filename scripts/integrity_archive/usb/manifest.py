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
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from integrity_archive.archive.changes import NEWS_URI, Work
from integrity_archive.content.entry import page_url
from integrity_archive.support.digest import edition_id, files_below, sha256_of
from integrity_archive.support.progress import Track, untracked

MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
SIGNATURE = "manifest.sig"
_OUTWARD = re.compile(r'[\\:*?"<>|\x00-\x1f]')
"""Signs by which a path would leave the stick on Windows, or could not stand there."""
FORMAT = 2
"""Of ``manifest.json``. The first knew no entries; a later number is refused."""
HISTORY = frozenset({page_url(NEWS_URI)})
"""Files that tell of the edition before, and do not count for the id."""


class ManifestError(Exception):
    """A manifest that cannot be read; the message says why, in Chinese."""


class NewerError(ManifestError):
    """A manifest of a newer program, which this one must not touch."""


@dataclass(frozen=True)
class Held:
    """One file as it should be."""

    size: int
    """In bytes."""
    sha256: str
    type: str
    """Media type (RFC 6838)."""

    def is_at(self, path: Path) -> bool:
        """Whether this very file stands at ``path``."""
        try:
            return path.stat().st_size == self.size and sha256_of(path) == self.sha256
        except (FileNotFoundError, NotADirectoryError):
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
    files: Mapping[str, Held]
    """By path below the stick's root, with forward slashes, sorted."""
    entries: Mapping[str, Work] = field(default_factory=dict)
    """By id, in reading order; what the next edition is compared with."""
    choice: str = ""
    """What of the archive it is, in words; empty for all that is public."""

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
    def size(self) -> int:
        """Of all files, in bytes."""
        return sum(held.size for held in self.files.values())

    def to_json(self) -> str:
        """The text of ``manifest.json``."""
        files = {p: {"size": h.size, "sha256": h.sha256, "type": h.type} for p, h in sorted(self.files.items())}
        head = {"format": FORMAT, "name": self.name, "id": self.id, "version": self.version, "dated": self.dated}
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
    entries: Mapping[str, Work] | None = None,
    track: Track = untracked,
    choice: str = "",
) -> Manifest:
    """The manifest of everything below ``folder``, which shows these entries."""
    paths = sorted(files_below(folder))
    files = {}
    for path in track(paths, "算校验和", len(paths)):
        where = folder / path
        files[path] = Held(where.stat().st_size, sha256_of(where), media_type(path))
    return Manifest(name, version, dated, files, entries or {}, choice)


def read_manifest(text: str) -> Manifest:
    """A manifest from the text of ``manifest.json``.

    Raises:
        ManifestError: it is damaged, or its id does not follow from its files.
    """
    try:
        data = json.loads(text)
    except ValueError:
        raise ManifestError(f"{MANIFEST} 不是完整的 JSON，可能没有写完") from None
    try:
        if type(data["format"]) is int and data["format"] > FORMAT:
            raise NewerError(f"{MANIFEST} 的格式是 {data['format']}，这个程序只认到 {FORMAT}，请换新版程序")
        found = Manifest(
            str(data["name"]),
            str(data["version"]),
            str(data["dated"]),
            {p: _held(p, h) for p, h in data["files"].items()},
            {id_: _work(work) for id_, work in data.get("entries", {}).items()},
            str(data.get("choice", "")),
        )
        said = data["id"]
    except (KeyError, TypeError, AttributeError, ValueError):
        raise ManifestError(f"{MANIFEST} 的内容不合格式") from None
    if said != found.id:
        raise ManifestError(f"{MANIFEST} 写的版本是 {said}，按文件算是 {found.id}：被改动过")
    return found


def is_place(path: object) -> bool:
    """Whether a path names a file below a stick's root, on every system, and none of the stick's own papers."""
    if not isinstance(path, str) or _OUTWARD.search(path) or path in (MANIFEST, SUMS, SIGNATURE):
        return False
    parts = path.split("/")
    return all(part.strip(". ") for part in parts) and not parts[0].startswith(".")


def _held(path: str, data: Any) -> Held:
    if not is_place(path):
        raise ValueError(path)
    held = Held(data["size"], data["sha256"], str(data["type"]))
    if type(held.size) is not int or held.size < 0 or not isinstance(held.sha256, str) or len(held.sha256) != 64:
        raise ValueError(path)
    return held


def _work(data: Any) -> Work:
    title, label, url, sha256 = (str(data[name]) for name in ("title", "label", "url", "sha256"))
    return Work(title, label, url, sha256, bool(data.get("internal", False)))


def media_type(path: str) -> str:
    """The media type by a file's name."""
    own = {".js": "text/javascript", ".vtt": "text/vtt", ".epub": "application/epub+zip"}
    return own.get(os.path.splitext(path)[1]) or mimetypes.guess_type(path)[0] or "application/octet-stream"
