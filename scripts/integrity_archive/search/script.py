"""Script: data as scripts, the form in which pages on ``file://`` can read them."""

from __future__ import annotations

import json
from typing import Any


def as_script(payload: Any) -> str:
    """JSON that is also a valid script in browsers older than ES2019."""
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
