"""Plain build: what ``mkdocs build`` writes is made in a working folder, and put in its place when MkDocs is done."""

from __future__ import annotations

import atexit
from contextlib import ExitStack
from pathlib import Path

from integrity_archive.archive.edition import WEB
from integrity_archive.output.destination import SITES, OutputError, output_folder, write_fault
from integrity_archive.output.folder import Staging, output_lock, replace_dir, staging_dir


class PlainBuild:
    """One run of ``mkdocs build`` or ``mkdocs gh-deploy``."""

    def __init__(self) -> None:
        self._held = ExitStack()
        self._staging: Staging | None = None
        atexit.register(self._held.close)  # MkDocs says nothing of a run that is broken off by a key

    @property
    def _made(self) -> Path:
        assert self._staging is not None
        return self._staging.content / "site"

    def begin(self, root: str, site_dir: str) -> str:
        """Where MkDocs is to write in the place of ``site_dir``.

        Raises:
            OutputError: nothing of ours may be written there, or another run does.
        """
        target = Path(site_dir)
        try:
            target = output_folder(root, target, SITES)
            self._held.enter_context(output_lock(target))
            self._staging = self._held.enter_context(staging_dir(target))
        except OSError as error:
            raise OutputError(write_fault(error, target) + "。") from None
        return str(self._made)

    def finish(self) -> Path | None:
        """Put in its place what MkDocs has written; where it is now, None if nothing was begun.

        Raises:
            OutputError: that cannot be done; what stood there still does.
        """
        if self._staging is None:
            return None
        try:
            replace_dir(self._made, self._staging, WEB.name)
        except OSError as error:
            raise OutputError(f"{write_fault(error, self._staging.target)}；原来的网站没有动。") from None
        finally:
            self.drop()
        return self._staging.target

    def drop(self) -> None:
        """Let go of what was begun; as often as one likes."""
        self._held.close()
