"""Feed: the newest column articles as an Atom feed (RFC 4287)."""

from __future__ import annotations

import datetime
import uuid
from xml.etree import ElementTree

from integrity_archive.archive.graph import Archive
from integrity_archive.content.model.schema import KINDS, RECORDS
from integrity_archive.content.site_settings import LANGUAGE, Site
from integrity_archive.exports.xml_elements import add_text, as_xml

FEED_LENGTH = 30
"""Number of articles in the feed, newest first."""


_ATOM = "http://www.w3.org/2005/Atom"


def atom_feed(archive: Archive, site: Site) -> bytes:
    """The newest column articles as an Atom feed (RFC 4287)."""
    newest = [e for e in archive.entries.values() if KINDS[e.kind].in_feed][:FEED_LENGTH]
    feed = ElementTree.Element("feed", {"xmlns": _ATOM, "xml:lang": LANGUAGE})
    add_text(feed, "title", f"{site.name} · {'、'.join(r.collection for r in RECORDS if r.in_feed)}")
    add_text(feed, "id", _urn(site, "feed"))
    add_text(feed, "updated", _instant(max((e.meta.updated for e in newest if e.meta.updated), default=None)))
    add_text(ElementTree.SubElement(feed, "author"), "name", site.organiser or site.name)
    ElementTree.SubElement(feed, "link", {"rel": "self", "href": site.absolute("feed.xml")})
    ElementTree.SubElement(feed, "link", {"rel": "alternate", "type": "text/html", "href": site.absolute("index.html")})
    for entry in newest:
        item = ElementTree.SubElement(feed, "entry")
        add_text(item, "title", entry.meta.title)
        add_text(item, "id", _urn(site, entry.id))
        add_text(item, "published", _instant(entry.meta.published))
        add_text(item, "updated", _instant(entry.meta.updated))
        ElementTree.SubElement(
            item, "link", {"rel": "alternate", "type": "text/html", "href": site.absolute(entry.url)}
        )
        if entry.facts.sequence:
            ElementTree.SubElement(item, "category", {"term": entry.facts.sequence})
        add_text(item, "summary", entry.meta.summary)
    return as_xml(feed)


def _urn(site: Site, id_: str) -> str:
    """An id that does not change when the site moves to another address."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{site.name}/{id_}").urn


def _instant(day: datetime.date | None) -> str:
    return f"{(day or datetime.date(1970, 1, 1)).isoformat()}T00:00:00+08:00"
