"""Plain build: redirects ``mkdocs build`` to a working folder, which replaces the site when MkDocs has finished."""

from __future__ import annotations

import atexit
from contextlib import ExitStack
from pathlib import Path

from integrity_archive.archive.edition import WEB
from integrity_archive.output.destination import SITES, OutputError, output_folder, write_fault
from integrity_archive.output.folder import Replaced, Staging, output_lock, replace_dir, staging_dir

SETTING = "mkdocs.yml 里的 site_dir（或命令后面的 --site-dir）"
"""What the user changes to have the site elsewhere."""


class PlainBuild:
    """One run of ``mkdocs build`` or ``mkdocs gh-deploy``."""

    def __init__(self) -> None:
        self._held = ExitStack()
        self._staging: Staging | None = None
        atexit.register(self._held.close)  # MkDocs calls no hook when the user interrupts a run

    @property
    def _made(self) -> Path:
        assert self._staging is not None
        return self._staging.content / "site"

    def begin(self, root: str, site_dir: str) -> str:
        """The folder into which MkDocs must write instead of ``site_dir``.

        Raises:
            OutputError: nothing of ours may be written there, or another run is writing.
        """
        target = Path(site_dir)
        try:
            target = _output_folder(root, target)
            self._held.enter_context(output_lock(target))
            self._staging = self._held.enter_context(staging_dir(target))
        except OSError as error:
            raise OutputError(write_fault(error, target) + "。") from None
        return str(self._made)

    def finish(self) -> Replaced | None:
        """Put the finished site into its place; returns what was done, None if nothing was begun.

        Raises:
            OutputError: it cannot be put there; the previous site is unchanged.
        """
        if self._staging is None:
            return None
        target = self._staging.target
        try:
            return replace_dir(self._made, self._staging, WEB.name)
        except OSError as error:
            raise OutputError(f"{write_fault(error, target)}；原来的网站没有动。") from None
        finally:
            self.drop()

    def drop(self) -> None:
        """Remove the working folder and release the lock; may be called repeatedly."""
        self._held.close()
        self._staging = None


def _output_folder(root: str, target: Path) -> Path:
    try:
        return output_folder(root, target, SITES, SETTING)
    except OutputError:
        from integrity_archive.usb.marker import stick_refusal  # seldom needed

        if message := stick_refusal(target, SETTING):
            raise OutputError(message) from None
        raise
