"""Output folder of an edited site: a second copy of it, in links, takes the edit before the two change places."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from integrity_archive.output.file_record import files_in


def link_tree(folder: Path, site: Path, inodes: Mapping[str, int]) -> None:
    """Give a folder the files of a site and no others, as links; those that it has already cost nothing.

    Args:
        folder: what is in it may be anything.
        site: what it is to be like.
        inodes: of the files of the site, by path.

    Raises:
        OSError: there is no room, or no permission.
    """
    folder.mkdir(parents=True, exist_ok=True)
    there = {path: entry.inode() for path, entry in files_in(folder)}
    for path, inode in there.items():
        if inode != inodes.get(path):
            os.unlink(folder / path)
            if path not in inodes:
                with contextlib.suppress(OSError):
                    os.removedirs((folder / path).parent)
    ready: set[str] = set()
    for path, inode in inodes.items():
        if there.get(path) != inode:
            place = os.path.dirname(f"{folder}/{path}")
            if place not in ready:
                os.makedirs(place, exist_ok=True)
                ready.add(place)
            _link(f"{site}/{path}", f"{folder}/{path}")


def move_tree(made: Path, folder: Path) -> None:
    """Put every file of one folder into another on the same disk, in the place of what is there under its name.

    Never writes into a file that is there: it may be that of a site, by another name.

    Raises:
        OSError: there is no room, or no permission.
    """
    for path, _ in list(files_in(made)):
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(made / path, target)


def same_disk(*folders: Path) -> bool:
    """Whether files may be linked and moved between these folders."""
    return len({folder.stat().st_dev for folder in folders}) == 1


def _link(source: str, target: str) -> None:
    """The same file under two names; a copy where the disk cannot (FAT)."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
