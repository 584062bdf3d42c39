"""A disk whose process is killed while it writes; a module of its own so that killed processes start quickly."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable
from pathlib import Path

from integrity_archive.support.safe_folder import SafeFolder
from integrity_archive.usb.delta import apply_delta
from integrity_archive.usb.manifest import Manifest
from integrity_archive.usb.marker import BESIDE
from integrity_archive.usb.sync import Disk, sync


class Doomed(Disk):
    """Ends its process at the n-th thing it does, sometimes half-way through a file."""

    def __init__(self, steps: int, half: bool) -> None:
        self.steps, self.half = steps, half

    def _count(self, folder: SafeFolder, name: str, content: bytes = b"") -> None:
        self.steps -= 1
        if self.steps == 0:
            if self.half and content:
                folder.create(name, [content[: len(content) // 2]])
            os.kill(os.getpid(), signal.SIGKILL)

    def copy(self, folder: SafeFolder, blocks: Iterable[bytes], name: str) -> None:
        content = b"".join(blocks)
        self._count(folder, name, content)
        super().copy(folder, [content], name)

    def write(self, folder: SafeFolder, name: str, content: bytes) -> None:
        self._count(folder, BESIDE, content)
        super().write(folder, name, content)

    def move(self, folder: SafeFolder, source: str, target: str) -> None:
        self._count(folder, target)
        super().move(folder, source, target)

    def remove(self, folder: SafeFolder, name: str) -> None:
        self._count(folder, name)
        super().remove(folder, name)


def bring_and_die(site: Path, dest: Path, manifest: Manifest, steps: int, half: bool) -> None:
    """Bring a stick up to date and be killed at it."""
    sync(site, dest, manifest, Doomed(steps, half))


def apply_and_die(delta: Path, dest: Path, steps: int, half: bool) -> None:
    """Update a stick with a delta and be killed at it."""
    apply_delta(delta, dest, Doomed(steps, half))
