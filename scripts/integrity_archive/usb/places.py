"""Places: which paths a file may have on a stick, valid on every system that reads it."""

from __future__ import annotations

from collections.abc import Iterable

from integrity_archive.archive.stick_names import README, faults, foreign_type, like_the_users

MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
SIGNATURE = "manifest.sig"
PAPERS = (MANIFEST, SUMS, SIGNATURE)
"""Files at the root that are not part of the site."""
WORK = ".archive"
"""Folder of all other files of ours."""


def is_place(path: str) -> bool:
    """Whether a path is valid on every system, below the stick's root, and one that an edition can have."""
    if path == README:
        return True
    parts = path.split("/")
    return (
        all(parts)
        and path.lower() not in {paper.lower() for paper in PAPERS}
        and not any(faults(path))
        and not any(foreign_type(path))
        and not any(like_the_users(path))
    )


def clash(paths: Iterable[str]) -> str:
    """The first path that differs from another only in case, or whose folder has the name of a file; empty for none."""
    seen: set[str] = set()
    folders: dict[str, str] = {}
    for path in paths:
        lower = path.lower()
        if lower in seen:
            return path
        seen.add(lower)
        while lower := lower.rpartition("/")[0]:
            if folders.setdefault(lower, path) != path:
                break
    return next((path for folder, path in folders.items() if folder in seen), "")
