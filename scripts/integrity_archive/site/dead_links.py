"""Strays: links to pages that an edition made around some entries does not have. They become plain words."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from urllib.parse import unquote, urlsplit

from selectolax.lexbor import LexborHTMLParser


def without_dead_links(html: str, url: str, known: Callable[[str], bool]) -> str:
    """The page ``html`` at ``url`` without links to pages that are not there.

    Args:
        known: whether the edition has a page at this address below the site's root.
    """
    tree = LexborHTMLParser(html)
    strays = [a for a in tree.css("a[href]") if _strays(a.attrs.get("href") or "", url, known)]
    for link in strays:
        link.unwrap()
    return tree.html or "" if strays else html


def _strays(href: str, url: str, known: Callable[[str], bool]) -> bool:
    parts = urlsplit(href)
    if parts.scheme or parts.netloc or not parts.path.endswith(".html"):
        return False
    return not known(posixpath.normpath(posixpath.join(posixpath.dirname(url), unquote(parts.path))))
