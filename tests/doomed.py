"""A disk whose process is killed while it writes; a module of its own so that killed processes start quickly."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from integrity_archive.usb.manifest import Manifest
from integrity_archive.usb.sync import Disk, bring


class Doomed(Disk):
    """Ends its process at the n-th thing it does, sometimes half-way through a file."""

    def __init__(self, steps: int, half: bool) -> None:
        self.steps, self.half = steps, half

    def _count(self, target: Path, content: bytes = b"") -> None:
        self.steps -= 1
        if self.steps == 0:
            if self.half and content:
                target.write_bytes(content[: len(content) // 2])
            os.kill(os.getpid(), signal.SIGKILL)

    def copy(self, source: Path, target: Path) -> None:
        self._count(target, source.read_bytes())
        super().copy(source, target)

    def write(self, target: Path, content: bytes) -> None:
        self._count(target.with_name(target.name + ".part"), content)
        super().write(target, content)

    def move(self, source: Path, target: Path) -> None:
        self._count(target)
        super().move(source, target)

    def remove(self, target: Path) -> None:
        self._count(target)
        super().remove(target)


def bring_and_die(site: Path, dest: Path, manifest: Manifest, steps: int, half: bool) -> None:
    """Bring a stick up to date and be killed at it."""
    bring(site, dest, manifest, Doomed(steps, half))
