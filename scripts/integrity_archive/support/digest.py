"""Digest: what a folder of files amounts to. The same files give the same id, and no others do."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

_BLOCK = 1 << 20


def files_below(folder: Path) -> Iterator[str]:
    """Paths of all files below a folder, with forward slashes."""
    for where, _, names in os.walk(folder):
        for name in names:
            yield os.path.relpath(os.path.join(where, name), folder).replace(os.sep, "/")


def sha256_of(path: Path) -> str:
    """Hex digits of the SHA-256 of a file."""
    total = hashlib.sha256()
    with open(path, "rb") as stream:
        while block := stream.read(_BLOCK):
            total.update(block)
    return total.hexdigest()


def edition_id(sums: Mapping[str, str]) -> str:
    """The id of an edition whose files have these sums: the first 12 hex digits of the SHA-256 of names and sums.

    A number that somebody has to raise gets raised without a change of content, or not raised with one.
    """
    total = hashlib.sha256()
    for path in sorted(sums):
        total.update(f"{path}\0{sums[path]}\n".encode())
    return total.hexdigest()[:12]
