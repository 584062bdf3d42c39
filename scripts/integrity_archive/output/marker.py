"""Marker: the file that identifies an output folder of this program and lists the files written there.

Only a folder with a marker is replaced, and only the listed files count as ours.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from integrity_archive.support.regular_file import read_regular

MARKER = ".archive-output.json"
MADE_BY = "integrity-archive"
WORK_PREFIX = ".archive-work-"
"""Prefix of the names of working folders; the name alone is no reason to touch one."""
FORMAT = 1
PUBLISH = "publish"
"""Replaces the edition's name in a folder of published papers."""
MOST_BYTES = 256 << 20
"""Largest marker that is read, in bytes; one of 30,000 files has 2 MB."""

_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Marker:
    """The content of a marker."""

    id: str
    """Id of the folder: 32 random hex digits, constant as long as it exists."""
    edition: str
    """``web``, ``usb``, ``kiosk``, or ``PUBLISH``."""
    files: frozenset[str]
    """Path of every file that was written, below the folder, with forward slashes; without the marker itself."""

    def to_json(self) -> bytes:
        """The content of the file."""
        head = {"format": FORMAT, "made_by": MADE_BY, "id": self.id, "edition": self.edition}
        return (json.dumps({**head, "files": sorted(self.files)}, ensure_ascii=False, indent=0) + "\n").encode()


def new_id() -> str:
    """An id for a new folder."""
    return secrets.token_hex(16)


def read_marker(folder: Path) -> Marker | None:
    """The marker of a folder; None if it has none of this version."""
    content = read_json(folder / MARKER)
    if not isinstance(content, dict) or not _is_ours(content):
        return None
    files, edition = content.get("files"), content.get("edition")
    if not isinstance(edition, str) or not isinstance(files, list) or not all(map(is_relative, files)):
        return None
    return Marker(content["id"], edition, frozenset(files))


def _is_ours(content: dict[str, Any]) -> bool:
    named = content.get("made_by") == MADE_BY and type(content.get("format")) is int and content["format"] == FORMAT
    return named and is_id(content.get("id"))


def is_id(value: object) -> bool:
    """Whether a value is the id of a folder."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def is_relative(path: object) -> bool:
    """Whether a value is a normalised path below a folder."""
    return isinstance(path, str) and "\0" not in path and not {"", ".", ".."}.intersection(path.split("/"))


def read_json(path: Path) -> Any:
    """The value in a JSON file; None if it is not a regular file, too large, or not readable."""
    try:
        return json.loads(read_regular(path, MOST_BYTES))
    except (OSError, ValueError, RecursionError):
        return None


def write_marker(folder: Path, id_: str, edition: str, files: Iterable[str]) -> None:
    """Write the marker into a folder that is not yet at its place.

    Raises:
        OSError: there is no room, or no permission.
    """
    (folder / MARKER).unlink(missing_ok=True)  # it may be a hard link to the marker of another folder
    (folder / MARKER).write_bytes(Marker(id_, edition, frozenset(files)).to_json())
