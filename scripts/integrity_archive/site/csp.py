"""CSP: what a page may load and run (Content Security Policy Level 3, https://www.w3.org/TR/CSP3/).

Only the archive's own files: code that an entry had brought into a page could load, run and send nothing. ``file:`` is
listed as well as ``'self'`` because a page opened by double click has no origin. Inline scripts and style sheets are
allowed by their hashes only, and no element has a style attribute; scripts may still set styles through the DOM.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable

OWN = "'self' file:"


def policy(scripts: Iterable[str] = (), styles: Iterable[str] = ()) -> str:
    """The policy of a page.

    Args:
        scripts: texts of the page's inline scripts; no others run.
        styles: texts of its inline style sheets.
    """
    rules = {
        "default-src": "'none'",
        "script-src": " ".join([OWN, *map(_hashed, scripts)]),
        "style-src": " ".join([OWN, *map(_hashed, styles)]),
        "img-src": f"{OWN} data:",
        "media-src": f"{OWN} data: blob:",
        "font-src": OWN,
        "frame-src": OWN,
        "form-action": OWN,
        "base-uri": "'none'",
    }
    return "; ".join(f"{name} {sources}" for name, sources in rules.items())


def _hashed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
