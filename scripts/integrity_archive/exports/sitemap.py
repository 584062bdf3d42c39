"""Sitemap: the addresses of all pages for search engines (https://www.sitemaps.org/protocol.html)."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote
from xml.etree import ElementTree

from integrity_archive.content.site_settings import Site
from integrity_archive.exports.xml_elements import add_text, as_xml

SITEMAP_LENGTH = 50_000
"""Most addresses in one sitemap (sitemaps.org)."""


_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"


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
        add_text(ElementTree.SubElement(index, "sitemap"), "loc", site.absolute(name))
    return {"sitemap.xml": as_xml(index), **named}


def _urlset(pages: Iterable[tuple[str, datetime.date | None]], site: Site) -> bytes:
    urlset = ElementTree.Element("urlset", {"xmlns": _SITEMAP})
    for url, changed in pages:
        item = ElementTree.SubElement(urlset, "url")
        add_text(item, "loc", site.absolute(quote(url)))
        if changed:
            add_text(item, "lastmod", changed.isoformat())
    return as_xml(urlset)
