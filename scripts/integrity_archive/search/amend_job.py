"""Amend job: the search of a site after an edit, made by a process of its own (``amend``)."""

from __future__ import annotations

import contextlib
import json
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from .documents import FacetOrder, SearchDocument
from .edit import MANY, NAMES, SHOWN, STATES, Edit, Told
from .writing import Scratch, move_files


class AmendJob:
    """The files of a search that an edit changes, begun when it is made."""

    def __init__(self, memory: Path, site: Path, secret: bytes, scratch: Scratch) -> None:
        """Begin to read what is remembered.

        Args:
            memory: folder with what was remembered of the site.
            site: folder of the site.
            secret: key of the sums of what is remembered.
            scratch: gives a temporary folder.
        """
        self._memory = memory
        self._secret = secret
        self._scratch = scratch
        self._held = contextlib.ExitStack()
        self._folder = self._held.enter_context(scratch())
        places = map(str, (memory, site, self._folder))
        command = [sys.executable, "-m", "integrity_archive.search.amend", *places]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603 - our own program
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            pickle.dump(secret, self._process.stdin)
            self._process.stdin.flush()
        self.names: frozenset[str] = frozenset()
        """Every file of the search, once the new ones are written."""
        self.renewed = False
        """Whether the search was kept anew: then ``told`` names another state."""
        self._keep: Path | None = None

    def amend(self, told: Told, edit: Edit, whole: Callable[[], tuple[Sequence[SearchDocument], FacetOrder]]) -> None:
        """Begin to amend.

        Args:
            told: what was told of the search of the site.
            edit: what is different since.
            whole: everything, for an edit that cannot be told from the rest.
        """
        self._whole = whole
        self.told = told
        """What to tell the next edit, once the new files are written."""
        self._keep = self._room() if len(edit.changes) >= MANY else None
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError), self._process.stdin as stream:
            pickle.dump((told.state, edit, self._keep), stream)

    def write(self, site: Path) -> frozenset[str]:
        """Put the files that are new into a site, when they are ready; to be asked for once. Returns the paths of all.

        Raises:
            OSError: there was no room for them.
        """
        try:
            self._process.wait()
            made = self._folder
            if not (made / NAMES).is_file():
                from .job import SearchJob  # seldom needed, and slow to load

                # Whatever it was that could not be amended, the next edit can start from here.
                self._keep = self._room()
                self.names = frozenset(SearchJob(*self._whole(), self._scratch, self._keep, self._secret).write(site))
                self._renew()
                return self.names
            names = json.loads((made / NAMES).read_text("utf-8"))
            self.names = frozenset(names["all"])
            if names["kept"]:
                self._renew()
            else:
                self.told = Told(self.told.state, (made / SHOWN).read_bytes())
            move_files(names["new"], made, site)
            return self.names
        finally:
            self.drop()

    def _renew(self) -> None:
        self.told = Told(self._keep.relative_to(self._memory).as_posix() if self._keep else "")
        self.renewed = True

    def _room(self) -> Path | None:
        """A folder for another state beside the one there is; None where there can be none."""
        base = (self._memory / self.told.state).parent
        try:
            return Path(tempfile.mkdtemp(prefix="search-", dir=base))
        except OSError:
            return None

    def drop(self) -> None:
        """Let go of what was begun and is not wanted; as often as one likes."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        if self._process.stdin:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
        self._held.close()


def begun(memory: Path, site: Path, secret: bytes, scratch: Scratch) -> AmendJob | None:
    """A job for an edit that is not known yet; None where nothing is remembered that it could amend."""
    return AmendJob(memory, site, secret, scratch) if any(memory.glob(STATES)) else None
