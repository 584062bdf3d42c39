"""Export: JSON-LD, catalogues, feed and sitemap, with the field names of ``crosswalk.yml``."""

from __future__ import annotations

import csv
import datetime
import io
import json
import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import yaml

from integrity_archive.archive.graph import Archive
from integrity_archive.content.entry import Entry, film_folder, site_uri
from integrity_archive.content.schema import Article, Dates, Quote, Source, Step, Video
from integrity_archive.content.site_settings import LANGUAGE, Site
from integrity_archive.films.film import Film

PRESS = "新闻"
"""Label of the tier of newspapers, stations and websites."""
FEED_LENGTH = 30
"""Number of articles in the feed, newest first."""
SITEMAP_LENGTH = 50_000
"""Most addresses in one sitemap (sitemaps.org)."""
_ATOM = "http://www.w3.org/2005/Atom"
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"


@dataclass(frozen=True)
class CrosswalkRow:
    """One row of the crosswalk: a field of the model and its names in other vocabularies."""

    field: str
    dc: str = ""
    schema: str = ""
    shape: str = ""
    cb: str = ""


@cache
def crosswalk() -> tuple[CrosswalkRow, ...]:
    """The rows of ``crosswalk.yml``, in their order."""
    text = files("integrity_archive.exports").joinpath("crosswalk.yml").read_text("utf-8")
    return tuple(CrosswalkRow(**row) for row in yaml.safe_load(text))


# --- values ------------------------------------------------------------------------------------------------------


def field_value(entry: Entry, field: str, site: Site) -> Any:
    """The value of a crosswalk field: a field of the model, or a value derived for every entry."""
    match field:
        case "id" | "kind" | "url":
            return getattr(entry, field)
        case "publisher":
            return site.organiser or site.name
        case "language":
            return LANGUAGE
        case "display":
            return "video" if entry.kind == "video" else "record"
        case "rights":
            return entry.meta.rights or site.rights
        case "film":
            return f"{film_folder(entry)}/film.mp4" if entry.kind == "video" else None
        case "captions":
            has_captions = isinstance(entry.meta, Video) and (entry.meta.captions or entry.meta.storyboard)
            return f"{film_folder(entry)}/captions.vtt" if has_captions else None
    return getattr(entry.meta, field, None)


def edtf(dates: Dates) -> str:
    """Dates in the Extended Date/Time Format, level 1: astronomical years, ``~`` for circa.

    The year before 1 CE is ``0000`` there, so 356 BCE is ``-0355``.
    """
    mark = "~" if dates.circa else ""
    years = [dates.start] if dates.end is None else [dates.start, dates.end]
    return "/".join(_iso_year(y) + mark for y in years)


def _iso_year(year: int) -> str:
    year = year + 1 if year < 0 else year
    return f"-{-year:04d}" if year < 0 else f"{year:04d}"


def cite(source: Source | Quote) -> str:
    """A source, or the source of a quotation, on one line: 《后汉书》卷五十四 杨震列传.

    A source from the press is a website as often as a paper, so its name gets no title marks: 大众网，官箴碑报道.
    """
    locator = "" if source.locator == "全文" else source.locator
    if getattr(source, "tier", None) == PRESS:
        return "，".join(filter(None, (source.work, locator)))
    return f"《{source.work}》{locator}"


def citation(entry: Entry, site: Site) -> str:
    """The entry as a reader cites it, GB/T 7714—2015 [EB/OL]; ``{today}`` is replaced by the day of access."""
    day = f"({entry.meta.updated.isoformat()})" if entry.meta.updated else ""
    address = f" {site.absolute(entry.url)}." if site.url else ""
    return f"{site.organiser or site.name}. {entry.meta.title}[EB/OL]. {day}[{{today}}].{address}"


def file_url(entry: Entry, name: str) -> str:
    """Address, below the site's root, of a file in the entry's folder."""
    return quote(f"{site_uri(entry.document.folder)}/{name}")


def _texts(value: Any) -> list[str]:
    if value is None or value == "":
        return []
    if isinstance(value, Dates):
        return [edtf(value)]
    if isinstance(value, Source):
        return [cite(value)]
    if isinstance(value, Step):
        return [value.name]
    if isinstance(value, tuple):
        return [text for item in value for text in _texts(item)]
    return [str(value)]


# --- JSON-LD -------------------------------------------------------------------------------------------------------


def json_ld(entry: Entry, archive: Archive, site: Site, film: Film | None = None) -> str:
    """The entry as schema.org JSON-LD, safe inside a ``<script>`` element."""
    data: dict[str, Any] = {"@context": "https://schema.org", "@type": entry.meta.schema_type}
    for crossing in crosswalk():
        value = field_value(entry, crossing.field, site) if crossing.schema else None
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


def _shape(value: Any, shape: str, entry: Entry, archive: Archive, site: Site) -> list[Any]:
    match shape:
        case "text":
            return _texts(value)
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
            return [{"@type": shape, "audienceType": text} for text in _texts(value)]
    return [{"@type": shape, "name": text} for text in _texts(value)]


# --- catalogues ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Catalogue:
    """The archive as a table: one row for each entry, several values in a cell separated by ``; ``."""

    columns: tuple[str, ...]
    """Names of columns: those of CollectionBuilder and our own."""
    rows: tuple[Mapping[str, str], ...]


ACCESS = "access"
"""Column that distinguishes internal entries from public ones; only if the edition contains both."""


def catalogue(entries: Iterable[Entry], site: Site, *, internal: bool = False) -> Catalogue:
    """The table of these entries, by the crosswalk; ``internal``: whether to add the column ``ACCESS``."""
    crossings = [c for c in crosswalk() if c.cb]
    more = (ACCESS,) if internal else ()
    rows = []
    for entry in entries:
        cells: dict[str, list[str]] = {}
        for crossing in crossings:
            cells.setdefault(crossing.cb, []).extend(_cell(entry, crossing, site))
        access = {ACCESS: "公开" if entry.public else "内部资料"} if internal else {}
        rows.append({name: "; ".join(values) for name, values in cells.items()} | access)
    return Catalogue((*dict.fromkeys(c.cb for c in crossings), *more), tuple(rows))


def _cell(entry: Entry, crossing: CrosswalkRow, site: Site) -> list[str]:
    value = field_value(entry, crossing.field, site)
    if value and crossing.shape == "file":
        return [site.absolute(file_url(entry, value))]
    if value and crossing.field in ("url", "film", "captions"):
        return [site.absolute(value)]
    return _texts(value)


@dataclass(frozen=True)
class CatalogueRows:
    """The catalogue as written to its files, one item for each entry."""

    columns: tuple[str, ...]
    json: tuple[str, ...]
    csv: tuple[str, ...]


def catalogue_rows(table: Catalogue) -> CatalogueRows:
    """The rows as JSON objects and as lines of CSV."""
    items = tuple(_json({k: v for k, v in row.items() if v}) for row in table.rows)
    return CatalogueRows(
        table.columns, items, tuple(_csv_line(row[name] for name in table.columns) for row in table.rows)
    )


def catalogue_csv(catalogue: CatalogueRows) -> bytes:
    """The catalogue as CSV that Excel opens correctly: UTF-8 with BOM, CRLF, no cell that is run as a formula."""
    return b"\xef\xbb\xbf" + "".join((_csv_line(catalogue.columns), *catalogue.csv)).encode("utf-8")


def _csv_line(cells: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(map(_no_formula, cells))
    return out.getvalue()


def _no_formula(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would run as a formula; negative years are unchanged."""
    return "'" + text if text[:1] in tuple("=+-@\t\r") and not re.fullmatch(r"-\d{4}[-\d/~]*", text) else text


def catalogue_json(catalogue: CatalogueRows, site: Site, notice: str = "") -> bytes:
    """The catalogue as JSON: the columns of the CSV, each with its Dublin Core name; ``notice`` is put first."""
    terms = {ACCESS: "dcterms:accessRights"}
    for crossing in crosswalk():
        if crossing.cb and crossing.dc:
            terms.setdefault(crossing.cb, crossing.dc)
    noted = {"notice": notice} if notice else {}
    head = _json({"name": site.name, **noted, "columns": {name: terms.get(name, "") for name in catalogue.columns}})
    return f'{head[:-1]},"items":[{",".join(catalogue.json)}]}}\n'.encode()


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


# --- feed and sitemap ------------------------------------------------------------------------------------------------


def atom_feed(archive: Archive, site: Site) -> bytes:
    """The newest column articles as an Atom feed (RFC 4287)."""
    articles = [e for e in archive.entries.values() if e.kind == Article.kind][:FEED_LENGTH]
    feed = ElementTree.Element("feed", {"xmlns": _ATOM, "xml:lang": LANGUAGE})
    _text(feed, "title", f"{site.name} · 专栏")
    _text(feed, "id", _urn(site, "feed"))
    _text(feed, "updated", _instant(max((e.meta.updated for e in articles if e.meta.updated), default=None)))
    _text(ElementTree.SubElement(feed, "author"), "name", site.organiser or site.name)
    ElementTree.SubElement(feed, "link", {"rel": "self", "href": site.absolute("feed.xml")})
    ElementTree.SubElement(feed, "link", {"rel": "alternate", "type": "text/html", "href": site.absolute("index.html")})
    for entry in articles:
        item = ElementTree.SubElement(feed, "entry")
        _text(item, "title", entry.meta.title)
        _text(item, "id", _urn(site, entry.id))
        _text(item, "published", _instant(entry.meta.published))
        _text(item, "updated", _instant(entry.meta.updated))
        ElementTree.SubElement(
            item, "link", {"rel": "alternate", "type": "text/html", "href": site.absolute(entry.url)}
        )
        assert isinstance(entry.meta, Article)
        ElementTree.SubElement(item, "category", {"term": entry.meta.series})
        _text(item, "summary", entry.meta.summary)
    return _xml(feed)


def _urn(site: Site, id_: str) -> str:
    """An id that does not change when the site moves to another address."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{site.name}/{id_}").urn


def _instant(day: datetime.date | None) -> str:
    return f"{(day or datetime.date(1970, 1, 1)).isoformat()}T00:00:00+08:00"


def sitemaps(pages: Sequence[tuple[str, datetime.date | None]], site: Site) -> Mapping[str, bytes]:
    """Sitemap files by name, for pages given as address and last change; empty if the site has no address."""
    if not site.url:
        return {}
    chunks = [pages[i : i + SITEMAP_LENGTH] for i in range(0, len(pages), SITEMAP_LENGTH)]
    if len(chunks) <= 1:
        return {"sitemap.xml": _urlset(pages, site)}
    index = ElementTree.Element("sitemapindex", {"xmlns": _SITEMAP})
    named = {f"sitemap-{n}.xml": _urlset(chunk, site) for n, chunk in enumerate(chunks, 1)}
    for name in named:
        _text(ElementTree.SubElement(index, "sitemap"), "loc", site.absolute(name))
    return {"sitemap.xml": _xml(index), **named}


def _urlset(pages: Iterable[tuple[str, datetime.date | None]], site: Site) -> bytes:
    urlset = ElementTree.Element("urlset", {"xmlns": _SITEMAP})
    for url, changed in pages:
        item = ElementTree.SubElement(urlset, "url")
        _text(item, "loc", site.absolute(quote(url)))
        if changed:
            _text(item, "lastmod", changed.isoformat())
    return _xml(urlset)


def _text(parent: ElementTree.Element, tag: str, text: str) -> None:
    ElementTree.SubElement(parent, tag).text = text


def _xml(root: ElementTree.Element) -> bytes:
    ElementTree.indent(root)
    text: str = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()
