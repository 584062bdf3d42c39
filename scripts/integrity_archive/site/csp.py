"""Policy: what a page may load and run (Content Security Policy Level 3, https://www.w3.org/TR/CSP3/).

Nothing but the archive's own files: whatever an entry smuggled into a page, it could load nothing, run nothing and
send nothing. ``file:`` stands beside ``'self'`` because a page opened by double click has no origin of its own.
Style attributes stay allowed: Markdown writes the alignment of table cells into them, and they load nothing from
outside.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable

OWN = "'self' file:"


def policy(scripts: Iterable[str] = ()) -> str:
    """The policy of a page.

    Args:
        scripts: texts of the scripts that stand in the page itself; no others run.
    """
    rules = {
        "default-src": "'none'",
        "script-src": " ".join([OWN, *map(_hashed, scripts)]),
        "style-src": f"{OWN} 'unsafe-inline'",
        "img-src": f"{OWN} data:",
        "media-src": f"{OWN} data: blob:",
        "font-src": OWN,
        "frame-src": OWN,
        "form-action": OWN,
        "base-uri": "'none'",
    }
    return "; ".join(f"{name} {sources}" for name, sources in rules.items())


def _hashed(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
