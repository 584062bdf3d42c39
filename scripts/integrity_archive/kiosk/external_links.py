"""External links: replaces every link out of the edition by a QR code that the reader scans with a telephone."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from markupsafe import escape
from selectolax.lexbor import LexborHTMLParser, LexborNode

from integrity_archive.content.site_settings import Site
from integrity_archive.support.qr import qr_svg

_PAGE = "qr-page"
"""Anchor of the panel with the page's own address."""


@dataclass(frozen=True)
class _Panel:
    """A panel with the QR code of one address."""

    anchor: str
    title: str
    address: str

    @property
    def html(self) -> str:
        # An SVG from segno; all else is escaped.
        return (
            f'<aside class="phone" id="{self.anchor}" aria-label="用手机打开" data-phone><div class="phone__card">'
            f"<h2>用手机打开</h2><p>{escape(self.title)}</p>{qr_svg(self.address)}"
            f'<p class="phone__address">{escape(self.address)}</p>'
            f'<p><a class="button" href="#content" data-phone-close>关上</a></p></div></aside>'
        )


def without_external_links(html: str, url: str, title: str, site: Site, known: Callable[[str], bool]) -> str:
    """The page ``html`` at ``url``, in which every link out of the edition is removed or leads to a QR code.

    Args:
        html: the page.
        url: its address below the site's root.
        title: its title.
        site: the settings, for the public address.
        known: whether the edition has a page at this address below the site's root.
    """
    tree = LexborHTMLParser(html)
    panels: dict[str, _Panel] = {}
    if site.url:
        panels[site.absolute(url)] = _Panel(_PAGE, title, site.absolute(url))
    for link in tree.css("link[rel=alternate], link[rel=canonical]"):
        link.decompose()
    for link in list(tree.css("a[href], area[href]")):
        address = _outward(link, url, site, known)
        if address is None:
            continue
        if not address:
            _drop(link)
            continue
        panel = panels.setdefault(address, _Panel(f"qr-{len(panels) + 1}", link.text().strip() or address, address))
        link.attrs["href"] = f"#{panel.anchor}"
        link.attrs["class"] = f"{link.attrs.get('class') or ''} to-phone".strip()
        for name in ("download", "target", "rel"):
            if name in link.attrs:
                del link.attrs[name]
    result = tree.html or ""
    return result.replace("</body>", "".join(p.html for p in panels.values()) + "</body>", 1)


def outward_links(html: str) -> Iterator[str]:
    """Links of a finished page that still lead out of the site or start a download: the check of the edition."""
    for link in LexborHTMLParser(html).css("a[href], area[href], form[action]"):
        href = link.attrs.get("href") or link.attrs.get("action") or ""
        if urlsplit(href).scheme or href.startswith("//") or "download" in link.attrs or "target" in link.attrs:
            yield href


def _outward(link: LexborNode, url: str, site: Site, known: Callable[[str], bool]) -> str | None:
    """The address for the telephone; None if the link may stay, empty if no address can replace it."""
    href = link.attrs.get("href") or ""
    parts = urlsplit(href)
    if parts.scheme in ("http", "https"):
        return href
    if parts.scheme or href.startswith("//"):
        return ""
    if not parts.path:
        return None
    target = posixpath.normpath(posixpath.join(posixpath.dirname(url), unquote(parts.path)))
    if target.endswith(".html") and "download" not in link.attrs and known(target):
        if "target" in link.attrs:
            del link.attrs["target"]
        return None
    return site.absolute(target) if site.url and not target.startswith("..") else ""


def _drop(link: LexborNode) -> None:
    """Remove a link: a button completely, a link in a sentence except for its text."""
    if re.search(r"\bbutton\b", link.attrs.get("class") or "") or "download" in link.attrs:
        link.decompose()
    else:
        link.unwrap()
