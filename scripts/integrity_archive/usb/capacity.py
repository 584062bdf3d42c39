"""Capacity: whether files fit on a stick, by name and by space, checked before the first byte is copied."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from integrity_archive.support.problems import Problem
from integrity_archive.usb.manifest import FileRecord
from integrity_archive.usb.places import faults, foreign_type, like_the_users

BIGGEST = (1 << 32) - 1
"""Largest file on FAT32, in bytes."""
CLUSTER = 32 * 1024
"""Size in bytes of a cluster of FAT32 and exFAT on common sticks; every file takes whole clusters."""


@dataclass(frozen=True)
class SpaceNeeded:
    """The space that files take on a stick."""

    files: int
    bytes: int
    slack: int
    """Bytes lost at the ends of clusters."""
    largest: tuple[tuple[str, int], ...]
    """The ten largest files and their sizes."""

    @property
    def needed(self) -> int:
        """Total in bytes, slack included."""
        return self.bytes + self.slack


def space_of(files: Mapping[str, FileRecord]) -> SpaceNeeded:
    """The space for these files, in whole clusters, with one cluster for each folder."""
    sizes = {path: record.size for path, record in files.items()}
    folders = {path.rpartition("/")[0] for path in files}
    taken = sum(-(-size // CLUSTER) * CLUSTER for size in sizes.values()) + len(folders) * CLUSTER
    total = sum(sizes.values())
    largest = sorted(sizes.items(), key=lambda item: (-item[1], item[0]))[:10]
    return SpaceNeeded(len(sizes), total, taken - total, tuple(largest))


SIZES: Mapping[str, int] = {"8G": 8 * 10**9, "16G": 16 * 10**9, "32G": 32 * 10**9}
"""Size in bytes of a stick, by the size printed on it."""
USABLE = 0.97
"""Share of these bytes for files: the file system needs some, and manufacturers round up."""


def size_text(size: int) -> str:
    """A number of bytes for readers: in MB, below one MB in KB."""
    return f"{size / 1e6:.0f} MB" if size >= 1e6 else f"{max(1, round(size / 1e3))} KB"


def small_films(space: SpaceNeeded, room: int, savings: Mapping[str, int]) -> frozenset[str]:
    """Films that must be reduced in size so that everything fits: as few as possible, the largest saving first.

    Args:
        space: the space with all films at their usual size.
        room: available bytes.
        savings: bytes saved by each film, by id.
    """
    over = space.needed - room
    chosen = []
    for id_, saved in sorted(savings.items(), key=lambda item: (-item[1], item[0])):
        if over <= 0 or saved <= 0:
            break
        chosen.append(id_)
        over -= saved
    return frozenset(chosen)


def name_problems(files: Mapping[str, FileRecord], sources: Mapping[str, str]) -> Iterator[Problem]:
    """File names that are invalid on some system, and files too large for FAT32.

    Args:
        files: the files, by path on the stick.
        sources: path in the archive of each file that an author can change.
    """
    lower: dict[str, str] = {}
    for path in sorted(files):
        source = sources.get(path, path)
        for what, remedy in list(faults(path)) or (*foreign_type(path), *like_the_users(path)):
            yield _problem(source, path, what, remedy)
        if files[path].size > BIGGEST:
            yield _problem(
                source, path, f"有 {files[path].size / 1e9:.1f} GB，FAT32 的一个文件放不下 4 GiB", "压小，或分成两个"
            )
        other = lower.setdefault(path.lower(), path)
        if other != path:
            yield _problem(
                source, path, f"与 {sources.get(other, other)} 只差大小写，Windows 上是同一个文件", "改其中一个的名字"
            )


def _problem(source: str, value: str, what: str, remedy: str) -> Problem:
    return Problem(source, 0, "", value, what, remedy, "stick-name")


def sources(media: Mapping[str, str], root: str) -> dict[str, str]:
    """Path in the archive of each media file of a site, for messages."""
    return {
        uri: os.path.relpath(path, root).replace(os.sep, "/")
        for uri, path in media.items()
        if os.path.abspath(path).startswith(os.path.abspath(root) + os.sep)
    }
