"""Job: the search built beside everything else. A big one is built by a process of its own, on the second processor,
while pages are rendered; its arrays never count towards the memory of the process that holds the archive."""

from __future__ import annotations

import contextlib
import json
import pickle
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from .documents import Document, FacetOrder
from .edit import NAMES, SHOWN, UNKNOWN, Edit

_DOCUMENTS, _FILES = "documents", "files"
APART_FROM = 1_500
"""Documents from which the start of a process, about a second, is repaid."""


class SearchJob:
    """The files of a search, begun when it is made, and there when they are asked for."""

    def __init__(self, documents: Sequence[Document], order: FacetOrder, keep: Path | None = None) -> None:
        """Begin to build the search of these documents; what amends it later goes into the folder ``keep``."""
        self._pool: ProcessPoolExecutor | None = None
        self._folder = ""
        if len(documents) < APART_FROM:
            self._files = _build(documents, order, keep)
            return
        self._folder = tempfile.mkdtemp(prefix="archive-search-")
        # One after another into a file: the pipe between processes would hold all of them once more.
        with open(Path(self._folder, _DOCUMENTS), "wb") as stream:
            for document in documents:
                pickle.dump(document, stream)
        # Started afresh: a fork of a process whose libraries have threads may hang.
        self._pool = ProcessPoolExecutor(1, get_context("spawn"))
        self._done: Future[None] = self._pool.submit(_write, order, self._folder, keep)

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Path below the site's root and content of each file; to be asked for once.

        Raises:
            OSError: there was no room for them.
        """
        if self._pool is None:
            yield from self._files.items()
            return
        try:
            self._done.result()
            root = Path(self._folder, _FILES)
            for path in sorted(p for p in root.rglob("*") if p.is_file()):
                yield path.relative_to(root).as_posix(), path.read_bytes()
        finally:
            self.drop()

    def drop(self) -> None:
        """Let go of what was begun and is not wanted."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            shutil.rmtree(self._folder, ignore_errors=True)


def write_files(files: Iterable[tuple[str, bytes]], folder: Path) -> None:
    """Write files, given by path and content, below a folder."""
    for path, content in files:
        target = folder.joinpath(*path.split("/"))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _build(documents: Iterable[Document], order: FacetOrder, keep: Path | None) -> dict[str, bytes]:
    from . import amend, build  # load numpy, which the process with the archive may do without

    built, files = build.build(documents, order)
    amend.keep(built, keep)
    return files


def _write(order: FacetOrder, folder: str, keep: Path | None) -> None:
    from . import amend, build

    built, files = build.build(_read(Path(folder, _DOCUMENTS)), order)
    while files:  # what is written needs no room any more
        write_files([files.popitem()], Path(folder, _FILES))
    amend.keep(built, keep)


def _read(path: Path) -> Iterator[Document]:
    with open(path, "rb") as stream:
        while True:
            try:
                yield pickle.load(stream)  # noqa: S301 - written a moment ago by the process that started this one
            except EOFError:
                return


class AmendJob:
    """The files of a search that an edit changes, begun when it is made. A process of its own does it (``amend``)."""

    def __init__(self, state: Path) -> None:
        """Begin to read what the last whole build kept in the folder ``state``."""
        self._folder = Path(tempfile.mkdtemp(prefix="archive-search-"))
        command = [sys.executable, "-m", "integrity_archive.search.amend", str(state), str(self._folder)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603 - our own program
        self.names: frozenset[str] = frozenset()
        """Every file of the search, once the new ones have been asked for."""
        self.shown = UNKNOWN
        """What to tell the next edit of this search."""

    def amend(self, edit: Edit, whole: Callable[[], tuple[Sequence[Document], FacetOrder]]) -> None:
        """Begin to amend.

        Args:
            edit: what is different since.
            whole: everything, for an edit that cannot be told from the rest.
        """
        self._whole = whole
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError), self._process.stdin as stream:
            pickle.dump(edit, stream)

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Path below the site's root and content of each file that is new; to be asked for once."""
        try:
            self._process.wait()
            root = self._folder
            if not (root / NAMES).is_file():
                files = dict(SearchJob(*self._whole()).files())
                self.names = frozenset(files)
                yield from files.items()
                return
            self.names = frozenset(json.loads((root / NAMES).read_text("utf-8")))
            self.shown = (root / SHOWN).read_bytes()
            for path in sorted(p for p in root.rglob("*") if p.is_file() and p.name not in (NAMES, SHOWN)):
                yield path.relative_to(root).as_posix(), path.read_bytes()
        finally:
            self.drop()

    def drop(self) -> None:
        """Let go of what was begun and is not wanted."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        if self._process.stdin:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
        shutil.rmtree(self._folder, ignore_errors=True)
