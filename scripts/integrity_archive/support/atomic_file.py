"""Whole: files written beside their place and then moved there, so that nobody ever meets half of one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

MAKING = ".making-"
"""How the names of files begin that are being written."""


def write_whole(target: Path, content: bytes) -> Path:
    """Put ``content`` at ``target``.

    Raises:
        OSError: it cannot be written; what stood there still does.
    """
    return made_whole(target, lambda beside: Path(beside).write_bytes(content))


def made_whole(target: Path, make: Callable[[str], object]) -> Path:
    """Have ``make`` write a file of the same suffix beside ``target``, then put it there; whatever it raises passes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(prefix=MAKING, suffix=target.suffix, dir=target.parent)
    os.close(handle)
    try:
        make(beside)
        os.chmod(beside, 0o644)
        os.replace(beside, target)
    finally:
        Path(beside).unlink(missing_ok=True)
    return target
