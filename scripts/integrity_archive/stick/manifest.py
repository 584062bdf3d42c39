"""Manifest: every file of a stick with its size and SHA-256, and the edition's id, which follows from them."""

from __future__ import annotations

import json
import mimetypes
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from integrity_archive.digest import edition_id, files_below, sha256_of
from integrity_archive.track import Track, untracked

MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
FORMAT = 1
"""Of ``manifest.json``; another number is refused."""


class ManifestError(Exception):
    """A manifest that cannot be read; the message says why, in Chinese."""


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

    @property
    def id(self) -> str:
        """``digest.edition_id`` of its files."""
        return edition_id({path: held.sha256 for path, held in self.files.items()})

    @property
    def size(self) -> int:
        """Of all files, in bytes."""
        return sum(held.size for held in self.files.values())

    def to_json(self) -> str:
        """The text of ``manifest.json``."""
        files = {p: {"size": h.size, "sha256": h.sha256, "type": h.type} for p, h in sorted(self.files.items())}
        head = {"format": FORMAT, "name": self.name, "id": self.id, "version": self.version, "dated": self.dated}
        return json.dumps({**head, "files": files}, ensure_ascii=False, indent=1) + "\n"

    def sums(self) -> str:
        """The text of ``SHA256SUMS``, as coreutils' ``sha256sum --check`` reads it."""
        return "".join(f"{held.sha256}  {path}\n" for path, held in sorted(self.files.items()))


def manifest_of(folder: Path, name: str, version: str, dated: str, track: Track = untracked) -> Manifest:
    """The manifest of everything below ``folder``."""
    paths = sorted(files_below(folder))
    files = {}
    for path in track(paths, "算校验和", len(paths)):
        where = folder / path
        files[path] = Held(where.stat().st_size, sha256_of(where), media_type(path))
    return Manifest(name, version, dated, files)


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
        if data["format"] != FORMAT:
            raise ManifestError(f"{MANIFEST} 的格式是 {data['format']}，这个程序只认 {FORMAT}，请换新版程序")
        found = Manifest(
            str(data["name"]),
            str(data["version"]),
            str(data["dated"]),
            {p: _held(p, h) for p, h in data["files"].items()},
        )
        said = data["id"]
    except (KeyError, TypeError, AttributeError, ValueError):
        raise ManifestError(f"{MANIFEST} 的内容不合格式") from None
    if said != found.id:
        raise ManifestError(f"{MANIFEST} 写的版本是 {said}，按文件算是 {found.id}：被改动过")
    return found


def _held(path: str, data: Any) -> Held:
    if path.startswith("/") or ".." in path.split("/") or "\\" in path or not path:
        raise ValueError(path)
    held = Held(data["size"], data["sha256"], str(data["type"]))
    if type(held.size) is not int or held.size < 0 or not isinstance(held.sha256, str) or len(held.sha256) != 64:
        raise ValueError(path)
    return held


def media_type(path: str) -> str:
    """The media type by a file's name."""
    own = {".js": "text/javascript", ".vtt": "text/vtt", ".epub": "application/epub+zip"}
    return own.get(os.path.splitext(path)[1]) or mimetypes.guess_type(path)[0] or "application/octet-stream"
