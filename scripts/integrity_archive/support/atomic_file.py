"""Atomic files: written under a temporary name in the same folder, then renamed; no reader sees a partial file."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

MAKING = ".making-"
"""Prefix of the names of unfinished files."""


def write_whole(target: Path, content: bytes) -> Path:
    """Write ``content`` to ``target``.

    Raises:
        OSError: it cannot be written; the previous file is unchanged.
    """
    return made_whole(target, lambda temporary: Path(temporary).write_bytes(content))


def made_whole(target: Path, make: Callable[[str], object]) -> Path:
    """Call ``make`` with a temporary path of the same suffix, then move the file to ``target``; its exceptions pass."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=MAKING, suffix=target.suffix, dir=target.parent)
    os.close(handle)
    try:
        make(temporary)
        os.chmod(temporary, 0o644)
        os.replace(temporary, target)
    finally:
        Path(temporary).unlink(missing_ok=True)
    return target
