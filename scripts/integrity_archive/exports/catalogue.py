"""Catalogue: the archive as a table with the column names of CollectionBuilder: a sheet for Excel, a file for
CollectionBuilder, which reads no sheet for Excel, and JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from integrity_archive.content.entry import Entry, file_url
from integrity_archive.content.site_settings import Site
from integrity_archive.exports.crosswalk import CrosswalkRow, crosswalk, field_value, texts


@dataclass(frozen=True)
class Catalogue:
    """The archive as a table: one row for each entry, several values in a cell separated by ``; ``."""

    columns: tuple[str, ...]
    """Names of columns: those of CollectionBuilder and our own."""
    rows: tuple[Mapping[str, str], ...]


ID = "objectid"
"""Column with the id of an entry."""
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
    return texts(value)


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


def collectionbuilder_csv(catalogue: CatalogueRows) -> bytes:
    """The catalogue as CollectionBuilder reads it: UTF-8 without BOM, which Ruby takes for a part of the first name.

    Its ``objectid`` becomes a file name and may have no slash
    (https://collectionbuilder.github.io/cb-docs/docs/metadata/csv_metadata/); no slug of ours has an underscore.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(catalogue.columns)
    for row in map(json.loads, catalogue.json):
        writer.writerow(_object_id(row[name]) if name == ID else row.get(name, "") for name in catalogue.columns)
    return out.getvalue().encode("utf-8")


def _object_id(id_: str) -> str:
    return id_.replace("/", "_")


def _csv_line(cells: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(map(_no_formula, cells))
    return out.getvalue()


def _no_formula(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would run as a formula: -0355/-0319 is one as well.

    Chinese and Japanese Excel take the full-width signs for the others
    (https://owasp.org/www-community/attacks/CSV_Injection).
    """
    return "'" + text if text.startswith(tuple("=+-@＝＋－＠\t\r\n")) else text


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
