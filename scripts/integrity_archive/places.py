"""Places: where the user's cache keeps what is remembered of a site."""

from __future__ import annotations

import os
from pathlib import Path

from integrity_archive.films.cache import cache_folder, key_of


def memory_folder(root: str, edition: str, target: Path) -> Path:
    """What the build of an edition of the archive at ``root``, by its name, into ``target`` left behind."""
    name = key_of(os.path.realpath(root), edition, os.path.realpath(target))
    return cache_folder().parent / "builds" / name
