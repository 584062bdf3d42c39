"""Digest: hashes of files and of a whole folder. Equal content gives an equal id, different content a different one."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path


def files_below(folder: Path) -> Iterator[str]:
    """Paths of all files below a folder, with forward slashes."""
    for where, _, names in os.walk(folder):
        for name in names:
            yield os.path.relpath(os.path.join(where, name), folder).replace(os.sep, "/")


def sha256_of(path: Path) -> str:
    """Hex digits of the SHA-256 of a file."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def edition_id(sums: Mapping[str, str]) -> str:
    """The id of an edition: the first 12 hex digits of the SHA-256 of all paths and the SHA-256 of their files.

    It replaces a version number, which somebody would have to raise and could raise without a change of content.
    """
    total = hashlib.sha256()
    for path in sorted(sums):
        total.update(f"{path}\0{sums[path]}\n".encode())
    return total.hexdigest()[:12]
