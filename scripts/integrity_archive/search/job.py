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

from .documents import FacetOrder, SearchDocument
from .writing import move_files, write_files

_DOCUMENTS, _FILES = "documents", "files"
APART_FROM = 1_500
"""Documents from which the start of a process, about a second, is repaid."""


class SearchJob:
    """The files of a search, begun when it is made, and there when they are asked for."""

    def __init__(
        self, documents: Sequence[SearchDocument], order: FacetOrder, keep: Path | None = None, secret: bytes = b""
    ) -> None:
        """Begin to build the search of these documents.

        Args:
            documents: what is to be found.
            order: order of the values of each facet.
            keep: folder for what amends it later; None where nothing will.
            secret: key of the sums of what is kept.
        """
        self._pool: ProcessPoolExecutor | None = None
        self._folder = ""
        if len(documents) < APART_FROM:
            self._files = _build(documents, order, keep, secret)
            return
        self._folder = tempfile.mkdtemp(prefix="archive-search-")
        # One after another into a file: the pipe between processes would hold all of them once more.
        with open(Path(self._folder, _DOCUMENTS), "wb") as stream:
            for document in documents:
                pickle.dump(document, stream)
        # Started afresh: a fork of a process whose libraries have threads may hang.
        self._pool = ProcessPoolExecutor(1, get_context("spawn"))
        self._done: Future[None] = self._pool.submit(_write, order, self._folder, keep, secret)

    def write(self, site: Path) -> Sequence[str]:
        """Put the files of the search into a site, when they are ready; to be asked for once. Returns their paths.

        Raises:
            OSError: there was no room for them.
        """
        if self._pool is None:
            write_files(self._files.items(), site)
            return list(self._files)
        try:
            self._done.result()
            made = Path(self._folder, _FILES)
            paths = [p.relative_to(made).as_posix() for p in sorted(made.rglob("*")) if p.is_file()]
            move_files(paths, made, site)
            return paths
        finally:
            self.drop()

    def drop(self) -> None:
        """Let go of what was begun and is not wanted."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            shutil.rmtree(self._folder, ignore_errors=True)


def _build(
    documents: Iterable[SearchDocument], order: FacetOrder, keep: Path | None, secret: bytes
) -> dict[str, bytes]:
    from . import build  # loads numpy, which the process with the archive may do without

    if keep is None:
        return build.build(documents, order)[1]
    from . import amend, kept_pairs

    pairs = kept_pairs.Keeper(keep)
    built, files = build.build(documents, order, pairs)
    amend.keep(built, pairs, keep, secret)
    return files


def _write(order: FacetOrder, folder: str, keep: Path | None, secret: bytes) -> None:
    files = _build(_read(Path(folder, _DOCUMENTS)), order, keep, secret)
    while files:  # what is written needs no room any more
        write_files([files.popitem()], Path(folder, _FILES))


def _read(path: Path) -> Iterator[SearchDocument]:
    with open(path, "rb") as stream:
        while True:
            try:
                yield pickle.load(stream)  # noqa: S301 - written a moment ago by the process that started this one
            except EOFError:
                return
