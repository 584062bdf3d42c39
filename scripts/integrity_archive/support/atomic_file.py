"""Whole: files written beside their place and then moved there, so that nobody ever meets half of one."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

_SUM = 16
"""Bytes."""

MAKING = ".making-"
"""How the names of files begin that are being written."""


def write_whole(target: Path, content: bytes) -> Path:
    """Put ``content`` at ``target``.

    Raises:
        OSError: it cannot be written; what stood there still does.
    """
    return made_whole(target, lambda beside: Path(beside).write_bytes(content))


def write_sealed(target: Path, content: bytes) -> None:
    """Put ``content`` at ``target`` with its sum before it.

    Raises:
        OSError: it cannot be written; what stood there still does.
    """
    write_whole(target, _sum(content) + content)


def read_sealed(path: Path) -> bytes:
    """What ``write_sealed`` put there.

    Raises:
        OSError: it is not there.
        ValueError: it is damaged.
    """
    data = path.read_bytes()
    if _sum(data[_SUM:]) != data[:_SUM]:
        raise ValueError(f"{path} is damaged")
    return data[_SUM:]


def _sum(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_SUM).digest()


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
