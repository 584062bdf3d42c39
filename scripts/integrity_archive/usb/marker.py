"""Marker: the file that identifies ``.archive`` as ours and stores the stick's data other than its edition."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from integrity_archive.support.problems import printable
from integrity_archive.support.safe_folder import Kind, LinkError, SafeFolder
from integrity_archive.usb.places import WORK
from integrity_archive.usb.untrusted import FormError, MarkerForm, read_form

MARKER = f"{WORK}/stick.json"
BESIDE = f"{MARKER}.part"
"""Temporary name under which the small files are written before they are renamed; it does not exist between runs."""
FORMAT = 1
_HEAD = b'{"format": 1, "id": "'
_MOST = 1 << 16


class MarkerError(Exception):
    """There is a damaged or foreign file in place of the marker; the message says so, in Chinese."""


@dataclass(frozen=True)
class Marker:
    """The data that a stick stores about itself."""

    id: str
    """Random id of the stick."""
    internal: bool = False
    """Whether its files, or those being copied, may contain internal material."""
    key: str = ""
    """Public key that signs its manifests, see ``signature.public_key``; empty for none."""
    edition: int = 0
    """Number of the last complete edition."""
    sums: str = ""
    """SHA-256 of that edition's ``SHA256SUMS``; empty before the first."""

    def to_json(self) -> str:
        """The text of ``.archive/stick.json``."""
        values = asdict(self)
        return json.dumps({"format": FORMAT, "id": values.pop("id"), **values}) + "\n"


def new_marker() -> Marker:
    """A marker for a stick without one."""
    return Marker(secrets.token_hex(16))


def read_marker(folder: SafeFolder) -> Marker | None:
    """The marker of a stick; None if it has none.

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
    """Whether ``.archive`` may be used: it is absent, empty, or has only the unfinished file of an interrupted run."""
    kind = folder.kind(WORK)
    if kind is not Kind.FOLDER:
        return kind is Kind.ABSENT
    content = folder.names(WORK)
    if content != {BESIDE.rpartition("/")[2]: Kind.FILE}:
        return not content
    try:
        begun = folder.read(BESIDE, _MOST).rstrip(b"\0")
    except OSError:
        return False
    return begun.startswith(_HEAD) or _HEAD.startswith(begun)


def stick_refusal(place: Path, setting: str) -> str:
    """A message, if a place is a stick, that a site is not written there; otherwise empty.

    Args:
        place: a folder, existing or not.
        setting: what the user changes to choose another folder.
    """
    try:
        if read_marker(SafeFolder(place)) is None:
            return ""
    except (OSError, MarkerError):
        return ""
    what = f"{printable(str(place))} 是 archive pack usb 做的盘，网站不放在这里"
    return f"{what}。要更新盘，用 archive pack usb；要网站，换一个 {setting}。什么也没有动。"
