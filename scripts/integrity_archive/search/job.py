"""Job: the search built beside everything else. A big one is built by a process of its own, on the second processor,
while pages are rendered; its arrays never count towards the memory of the process that holds the archive."""

from __future__ import annotations

import pickle
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from .documents import Document, FacetOrder

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
