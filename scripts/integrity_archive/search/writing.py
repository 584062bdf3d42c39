"""Writing: writes or moves the files of a search to their places below a folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TypeAlias

Scratch: TypeAlias = Callable[[], AbstractContextManager[Path]]
"""Gives a temporary folder, which is removed when the context ends."""


def write_files(files: Iterable[tuple[str, bytes]], folder: Path) -> None:
    """Write files, given by path and content, below a folder."""
    for path, content in files:
        target = folder.joinpath(*path.split("/"))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def move_files(paths: Iterable[str], made: Path, site: Path) -> None:
    """Move files below one folder to the same paths below another, which may be on another disk."""
    for path in paths:
        target = site / path
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.replace(made / path, target)
        except OSError:
            shutil.copyfile(made / path, target)
