"""List item: the data of an entry in a teacher's own list (我的课单), complete in itself, carried in an address."""

from __future__ import annotations

import json
import math
from urllib.parse import quote

from integrity_archive.content.entry import Entry
from integrity_archive.content.markup.markdown import Body
from integrity_archive.content.markup.plain_text import plain_text
from integrity_archive.content.model.schema import Lesson
from integrity_archive.films.film import Film

READING_SPEED = 300
"""Characters per minute that a class reads."""


def list_item(entry: Entry, body: Body, film: Film | None) -> str:
    """The item for the hash of an address: JSON, percent-encoded."""
    item = {
        "url": entry.url,
        "title": entry.meta.title,
        "kind": entry.meta.label,
        "minutes": _minutes(entry, body, film),
    }
    return quote(json.dumps(item, ensure_ascii=False, separators=(",", ":")), safe="")


def _minutes(entry: Entry, body: Body, film: Film | None) -> int:
    """An estimate that the teacher can change."""
    if isinstance(entry.meta, Lesson):
        return entry.meta.minutes
    if film:
        return math.ceil(film.measured.seconds / 60)
    return max(2, math.ceil(len(plain_text(body.html)) / READING_SPEED))
