"""Marker: by which ``.archive`` is known for ours, and what a stick remembers beside its edition."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass

from integrity_archive.support.safe_folder import Kind, LinkError, SafeFolder
from integrity_archive.usb.places import WORK
from integrity_archive.usb.untrusted import FormError, MarkerForm, read_form

MARKER = f"{WORK}/stick.json"
BESIDE = f"{MARKER}.part"
"""Where papers are written before they are moved to their place; between runs it is not there."""
FORMAT = 1
_HEAD = b'{"format": 1, "id": "'
_MOST = 1 << 16


class MarkerError(Exception):
    """There is something that is no whole marker of this program; the message says what, in Chinese."""


@dataclass(frozen=True)
class Marker:
    """What a stick remembers."""

    id: str
    """Of the stick, at random."""
    internal: bool = False
    """Whether internal material may be among its files, or among those copied beside."""
    key: str = ""
    """Public key of those who sign its manifests, see ``signature.public_key``; empty for none."""
    edition: int = 0
    """Number of the last edition that was put there as a whole."""
    sums: str = ""
    """SHA-256 of that edition's ``SHA256SUMS``; empty before the first."""

    def to_json(self) -> str:
        """The text of ``.archive/stick.json``."""
        values = asdict(self)
        return json.dumps({"format": FORMAT, "id": values.pop("id"), **values}) + "\n"


def new_marker() -> Marker:
    """For a stick that has none."""
    return Marker(secrets.token_hex(16))


def read_marker(folder: SafeFolder) -> Marker | None:
    """The marker of a stick; None where there is none.

    Raises:
        LinkError: ``.archive`` or the marker is a link.
        MarkerError: it cannot be read.
    """
    try:
        form = read_form(MarkerForm, folder.read(MARKER, _MOST))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except LinkError:
        raise
    except (FormError, OSError):
        raise MarkerError(f"{folder.place(MARKER)} 坏了，或不是本馆放的") from None
    return Marker(form.id, form.internal, form.key, form.edition, form.sums)


def may_become_ours(folder: SafeFolder) -> bool:
    """Whether ``.archive`` can be taken: it is not there, is empty, or holds what a first run had just begun."""
    kind = folder.kind(WORK)
    if kind is not Kind.FOLDER:
        return kind is Kind.ABSENT
    found = folder.names(WORK)
    if found != {BESIDE.rpartition("/")[2]: Kind.FILE}:
        return not found
    try:
        begun = folder.read(BESIDE, _MOST).rstrip(b"\0")
    except OSError:
        return False
    return begun.startswith(_HEAD) or _HEAD.startswith(begun)
