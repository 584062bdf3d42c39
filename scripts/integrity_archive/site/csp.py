"""Policy: what a page may load and run (Content Security Policy Level 3, https://www.w3.org/TR/CSP3/).

Nothing but the archive's own files: whatever an entry smuggled into a page, it could load nothing, run nothing and
send nothing. ``file:`` stands beside ``'self'`` because a page opened by double click has no origin of its own.
What stands in a page itself, script or style, is allowed by its hash alone; no element has a style attribute. Scripts
set styles by the object model, which the policy leaves to them.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable

OWN = "'self' file:"


def policy(scripts: Iterable[str] = (), styles: Iterable[str] = ()) -> str:
    """The policy of a page.

    Args:
        scripts: texts of the scripts that stand in the page itself; no others run.
        styles: texts of the style sheets that do.
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
