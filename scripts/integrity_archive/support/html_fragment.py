"""HTML fragments: parses part of a page."""

from __future__ import annotations

from typing import Any

from selectolax.lexbor import LexborHTMLParser


def fragment(markup: str) -> Any:
    """A node (``LexborNode``) whose children are the elements and texts of the markup."""
    return LexborHTMLParser(f"<body>{markup}").body
