"""JSON-LD: an entry in the terms of schema.org (https://www.w3.org/TR/json-ld11/)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from integrity_archive.archive.graph import Archive
from integrity_archive.content.entry import Entry, file_url
from integrity_archive.content.model.dates import Dates
from integrity_archive.content.site_settings import Site
from integrity_archive.exports.crosswalk import crosswalk, edtf, field_value, iso_moment, texts
from integrity_archive.films.film import Film


def json_ld(entry: Entry, archive: Archive, site: Site, film: Film | None = None) -> str:
    """The entry as schema.org JSON-LD, safe inside a ``<script>`` element."""
    data: dict[str, Any] = {"@context": "https://schema.org", "@type": entry.meta.schema_type}
    for crossing in crosswalk():
        value = field_value(entry, crossing.field, site) if crossing.schema else None
        if isinstance(value, Dates):
            data |= _dates(value, entry.meta.schema_dates)
            continue
        if isinstance(value, str):
            value = crossing.values.get(value, value)
        shaped = _shape(value, crossing.shape, entry, archive, site) if value else None
        if shaped:
            known = data.get(crossing.schema)
            data[crossing.schema] = [*known, *shaped] if isinstance(known, list) else shaped
    if film:
        data |= {
            "thumbnailUrl": [site.absolute(film.poster)],
            "duration": [f"PT{round(film.measured.seconds)}S"],
        }
    flat = {k: v[0] if isinstance(v, list) and len(v) == 1 else v for k, v in data.items()}
    text = json.dumps(flat, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _dates(dates: Dates, properties: Sequence[str]) -> dict[str, Any]:
    """Dates under one property as a whole, or under two as beginning and end."""
    if len(properties) == 1:
        return {properties[0]: edtf(dates)}
    return dict(zip(properties, (iso_moment(dates.since), iso_moment(dates.final)), strict=True))


def _shape(value: Any, shape: str, entry: Entry, archive: Archive, site: Site) -> list[Any]:
    match shape:
        case "text":
            return texts(value)
        case "minutes":
            return [f"PT{value}M"]
        case "file":
            return [site.absolute(file_url(entry, value))]
        case "page":
            if isinstance(value, str):
                return [site.absolute(value)]
            return [site.absolute(archive.entries[i].url) for i in value if i in archive.entries]
        case "HowToStep":
            return [{"@type": shape, "name": step.name, "text": step.text} for step in value]
        case "Audience":
            return [{"@type": shape, "audienceType": text} for text in texts(value)]
    return [{"@type": shape, "name": text} for text in texts(value)]
