"""Dead links: in a partial edition, links to pages that it does not contain are replaced by their text."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from urllib.parse import unquote, urlsplit

from selectolax.lexbor import LexborHTMLParser


def without_dead_links(html: str, url: str, known: Callable[[str], bool]) -> str:
    """The page ``html`` at ``url`` without links to pages that do not exist.

    Args:
        html: the page.
        url: its address below the site's root.
        known: whether the edition has a page at this address below the site's root.
    """
    tree = LexborHTMLParser(html)
    dead = [a for a in tree.css("a[href]") if _is_dead(a.attrs.get("href") or "", url, known)]
    for link in dead:
        link.unwrap()
    return tree.html or "" if dead else html


def _is_dead(href: str, url: str, known: Callable[[str], bool]) -> bool:
    parts = urlsplit(href)
    if parts.scheme or parts.netloc or not parts.path.endswith(".html"):
        return False
    return not known(posixpath.normpath(posixpath.join(posixpath.dirname(url), unquote(parts.path))))
