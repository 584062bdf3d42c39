"""Output marker: the file by which a folder that this program made is known, with the list of what was written there.

A folder is replaced only if it holds one, and of what is in it only the listed files are ours.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MARKER = ".archive-output.json"
MADE_BY = "integrity-archive"
WORK_PREFIX = ".archive-work-"
"""How the names of working folders begin; by the name alone none is touched."""
FORMAT = 1
PUBLISH = "publish"
"""What stands for the edition in a folder of published papers."""
MOST_BYTES = 256 << 20
"""A marker is not read beyond that; one of 30,000 files has 2 MB."""

_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Marker:
    """What a marker says."""

    id: str
    """Of the folder: 32 random hex digits, the same as long as it exists."""
    edition: str
    """``web``, ``usb``, ``kiosk``, or ``PUBLISH``."""
    files: frozenset[str]
    """Every file that was written, by its path below the folder with forward slashes; the marker itself apart."""

    def to_json(self) -> bytes:
        """The content of the file."""
        said = {"format": FORMAT, "made_by": MADE_BY, "id": self.id, "edition": self.edition}
        return (json.dumps({**said, "files": sorted(self.files)}, ensure_ascii=False, indent=0) + "\n").encode()


def new_id() -> str:
    """An id for a folder that has none yet."""
    return secrets.token_hex(16)


def read_marker(folder: Path) -> Marker | None:
    """The marker of a folder; None where there is none, or none that this version wrote."""
    found = read_json(folder / MARKER)
    if not isinstance(found, dict) or not _is_ours(found):
        return None
    files, edition = found.get("files"), found.get("edition")
    if not isinstance(edition, str) or not isinstance(files, list) or not all(map(is_relative, files)):
        return None
    return Marker(found["id"], edition, frozenset(files))


def _is_ours(found: dict[str, Any]) -> bool:
    named = found.get("made_by") == MADE_BY and type(found.get("format")) is int and found["format"] == FORMAT
    return named and is_id(found.get("id"))


def is_id(value: object) -> bool:
    """Whether a value is the id of a folder."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def is_relative(path: object) -> bool:
    """Whether a value is a normalised path below a folder."""
    return isinstance(path, str) and "\0" not in path and not {"", ".", ".."}.intersection(path.split("/"))


def read_json(path: Path) -> Any:
    """The value in a JSON file; None unless it is a regular file of bounded size that can be read."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return None
        with open(os.open(path, flags), "rb") as stream:
            if os.fstat(stream.fileno()).st_size > MOST_BYTES:
                return None
            return json.load(stream)
    except (OSError, ValueError, RecursionError):
        return None


def write_marker(folder: Path, id_: str, edition: str, files: Iterable[str]) -> None:
    """Write the marker into a folder that is not yet in its place.

    Raises:
        OSError: there is no room, or no permission.
    """
    (folder / MARKER).unlink(missing_ok=True)  # may be the same file as that of another folder, by another name
    (folder / MARKER).write_bytes(Marker(id_, edition, frozenset(files)).to_json())
