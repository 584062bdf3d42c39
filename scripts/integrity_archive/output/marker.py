"""Marker: the file that identifies an output folder of this program and records the files written there.

Only a folder with a marker is replaced, and only files whose content is recorded count as ours. A marker is believed
only if this user's own key signed it (``support.signed_cache``): one that came with a ZIP or a stick could record the
user's photos. The key is kept with the user's settings, not in the cache, which may be deleted at any time.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from integrity_archive.output.file_record import FileRecord, FileRecords
from integrity_archive.support.regular_file import read_regular
from integrity_archive.support.signed_cache import MAC_SIZE, is_mac_of, mac_of, signing_key

MARKER = ".archive-output.json"
MADE_BY = "integrity-archive"
WORK_PREFIX = ".archive-work-"
"""Prefix of the names of working folders; the name alone is no reason to touch one."""
FORMAT = 2
PUBLISH = "publish"
"""Replaces the edition's name in a folder of published papers."""
MOST_BYTES = 256 << 20
"""Largest marker that is read, in bytes; one of 30,000 files has 4 MB."""

_ID = re.compile(r"[0-9a-f]{32}")
_BEGIN, _MIDDLE, _DIGITS = b'{"signature": "', b'",\n', 2 * MAC_SIZE
_MARKER_OF, _WORK_OF = b"marker\0", b"working folder\0"
"""Part of what is signed: nothing that was signed for another purpose is believed."""
_quoted = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True)
class Marker:
    """The content of a marker."""

    id: str
    """Id of the folder: 32 random hex digits, constant as long as it exists."""
    edition: str
    """``web``, ``usb``, ``kiosk``, or ``PUBLISH``."""
    signature: str
    """Hex digits; two markers with the same are the same."""
    _lines: bytes = field(repr=False, compare=False)
    """The records, as JSON."""

    @cached_property
    def files(self) -> FileRecords:
        """Record of every file that was written, by its path below the folder; without the marker itself."""
        return {path: _records(values) for path, values in json.loads(self._lines).items()}


def _records(values: list[Any]) -> tuple[FileRecord, ...]:
    if len(values) == 3:
        return (FileRecord._make(values),)
    return tuple(FileRecord._make(values[at : at + 3]) for at in range(0, len(values), 3))


def new_id() -> str:
    """An id for a new folder."""
    return secrets.token_hex(16)


def has_marker(folder: Path) -> bool:
    """Whether a folder has a marker, be it signed or not."""
    return os.path.lexists(folder / MARKER)


def read_marker(folder: Path) -> Marker | None:
    """The marker of a folder; None if it has none of this version that this user's key signed."""
    signed = _read_signed(folder / MARKER, _MARKER_OF)
    if signed is None:
        return None
    signature, content = signed
    head, _, lines = content.partition(b'"files":\n')
    values = json.loads(b"{" + head.rstrip(b",\n") + b"}")
    if values.get("format") != FORMAT or not is_id(values.get("id")):
        return None
    return Marker(values["id"], values["edition"], signature, lines.removesuffix(b"}\n"))


def write_marker(folder: Path, id_: str, edition: str, files: FileRecords) -> Marker:
    """Write the marker into a folder that is not yet at its place; returns it.

    Raises:
        OSError: there is no room, or no permission.
    """
    lines = ",\n".join(f"{_quoted(path)}: [{_listed(records)}]" for path, records in sorted(files.items()))
    head = _quoted({"format": FORMAT, "made_by": MADE_BY, "id": id_, "edition": edition})[1:-1]
    content = f'{head},\n"files":\n{{\n{lines}\n}}}}\n'.encode("utf-8", "surrogatepass")
    (folder / MARKER).unlink(missing_ok=True)  # it may be a hard link to the marker of another folder
    signature = _write_signed(folder / MARKER, content, _MARKER_OF)
    marker = Marker(id_, edition, signature, b"")
    marker.__dict__["files"] = files
    return marker


def _listed(records: tuple[FileRecord, ...]) -> str:
    return ", ".join(
        f'{record.size}, {"null" if record.mtime_ns is None else record.mtime_ns}, "{record.sha256}"'
        for record in records
    )


def write_work(path: Path, values: Mapping[str, object]) -> None:
    """Write what identifies a working folder.

    Raises:
        OSError: there is no room, or no permission.
    """
    _write_signed(path, f"{_quoted(values)[1:]}\n".encode("utf-8", "surrogatepass"), _WORK_OF)


def read_work(path: Path) -> dict[str, Any] | None:
    """What ``write_work`` wrote; None if it is missing, damaged or not signed by this user's key."""
    signed = _read_signed(path, _WORK_OF)
    return dict(json.loads(b"{" + signed[1])) if signed else None


def _write_signed(path: Path, content: bytes, purpose: bytes) -> str:
    signature = mac_of(purpose + content, signing_key()).hex()
    path.write_bytes(_BEGIN + signature.encode() + _MIDDLE + content)
    return signature


def _read_signed(path: Path, purpose: bytes) -> tuple[str, bytes] | None:
    """Signature and signed content of a file; nothing of it is parsed before that is verified."""
    try:
        data = read_regular(path, MOST_BYTES)
    except OSError:
        return None
    begin, end = len(_BEGIN), len(_BEGIN) + _DIGITS
    try:
        signature = data[begin:end].decode()
        content = data[end + len(_MIDDLE) :]
        if is_mac_of(bytes.fromhex(signature), purpose + content, signing_key()):
            return signature, content
    except ValueError:
        pass
    return None


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
