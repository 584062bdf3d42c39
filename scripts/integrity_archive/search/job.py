"""Job: builds the search in the background.

A large search is built by a second process while pages are rendered, so that its arrays do not add to the memory of the
process with the archive.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path

from .documents import FacetOrder, SearchDocument
from .writing import Scratch, move_files, write_files

_DOCUMENTS, _FILES = "documents", "files"
APART_FROM = 1_500
"""Number of documents from which a second process, whose start takes about a second, is worth it."""


class SearchJob:
    """A build of the search that begins at construction and whose files are written on request."""

    def __init__(
        self,
        documents: Sequence[SearchDocument],
        order: FacetOrder,
        scratch: Scratch,
        keep: Path | None = None,
        secret: bytes = b"",
    ) -> None:
        """Begin to build the search of these documents.

        Args:
            documents: the documents to index.
            order: order of the values of each facet.
            scratch: gives a temporary folder.
            keep: folder for the data that a later amendment needs; None if there will be none.
            secret: key of the message authentication codes of this data.
        """
        self._pool: ProcessPoolExecutor | None = None
        self._held = ExitStack()
        if len(documents) < APART_FROM:
            self._files = _build(documents, order, keep, secret)
            return
        self._folder = str(self._held.enter_context(scratch()))
        # Through a file, one document at a time: a pipe would hold all of them in memory once more.
        with open(Path(self._folder, _DOCUMENTS), "wb") as stream:
            for document in documents:
                pickle.dump(document, stream)
        # "spawn", because a fork of a process whose libraries have threads may hang.
        self._pool = ProcessPoolExecutor(1, get_context("spawn"))
        self._done: Future[None] = self._pool.submit(_write, order, self._folder, keep, secret)

    def write(self, site: Path) -> Sequence[str]:
        """Wait for the files and write them into a site; call it once. Returns their paths.

        Raises:
            OSError: there is no room for them.
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
        """Stop the build and remove its temporary files."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._held.close()


def _build(
    documents: Iterable[SearchDocument], order: FacetOrder, keep: Path | None, secret: bytes
) -> dict[str, bytes]:
    from . import build  # loads numpy, which the process with the archive may not need

    if keep is None:
        return build.build(documents, order)[1]
    from . import amend, kept_pairs

    pairs = kept_pairs.Keeper(keep)
    built, files = build.build(documents, order, pairs)
    amend.keep(built, pairs, keep, secret)
    return files


def _write(order: FacetOrder, folder: str, keep: Path | None, secret: bytes) -> None:
    files = _build(_read(Path(folder, _DOCUMENTS)), order, keep, secret)
    while files:  # a written file is removed from memory
        write_files([files.popitem()], Path(folder, _FILES))


def _read(path: Path) -> Iterator[SearchDocument]:
    with open(path, "rb") as stream:
        while True:
            try:
                yield pickle.load(stream)  # noqa: S301 - written a moment ago by the process that started this one
            except EOFError:
                return
