"""Jobs: make the search of a site, whole or as an overlay.

A large search is built by a second process while pages are rendered, so that its arrays do not add to the memory of the
process with the archive. An overlay is small, and is made when it is written.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from .documents import FacetOrder, Filed, SearchDocument
from .writing import Scratch, move_files, write_files

if TYPE_CHECKING:
    from .build import Base
    from .terms import Filing

_DOCUMENTS, _FILES = "documents", "files"
BASE, FILING = "base", "filing"
"""Names of what a later overlay needs: ``build.Base`` and ``terms.Filing``, each pickled."""
APART_FROM = 1_500
"""Number of documents from which a second process, whose start takes about a second, is worth it."""

MOST, LEAST, SHARE = 200, 8, 4
"""Most documents that differ from those of a base: ``MOST``; over a small base ``LEAST``, and one in ``SHARE`` of it.
Every edit builds all of them again, which takes 0.3 s for 200; and a reader asks two segments."""


class SearchJob:
    """A build of the search that begins at construction and whose files are written on request."""

    kept: Mapping[str, bytes]
    """What a later overlay needs, by name, once the files are written."""

    def __init__(self, documents: Sequence[SearchDocument], order: FacetOrder, scratch: Scratch) -> None:
        """Begin to build the search of these documents.

        Args:
            documents: the documents to index.
            order: order of the values of each facet.
            scratch: gives a temporary folder.
        """
        self._pool: ProcessPoolExecutor | None = None
        self._held = ExitStack()
        if len(documents) < APART_FROM:
            self._files, self.kept = _build(documents, order)
            return
        self._folder = str(self._held.enter_context(scratch()))
        # Through a file, one document at a time: a pipe would hold all of them in memory once more.
        with open(Path(self._folder, _DOCUMENTS), "wb") as stream:
            for document in documents:
                pickle.dump(document, stream)
        # "spawn", because a fork of a process whose libraries have threads may hang.
        self._pool = ProcessPoolExecutor(1, get_context("spawn"))
        self._done: Future[None] = self._pool.submit(_write, order, self._folder)

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
            self.kept = {name: Path(self._folder, name).read_bytes() for name in (BASE, FILING)}
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


class OverlayJob:
    """An overlay over the search that a ``SearchJob`` wrote into the site before."""

    kept: Mapping[str, bytes] = MappingProxyType({})
    """Nothing: the next overlay needs the same base."""

    def __init__(
        self,
        base: bytes,
        filing: Callable[[], bytes],
        edited: Sequence[SearchDocument],
        listed: Mapping[str, Filed],
        order: FacetOrder,
    ) -> None:
        """
        Args:
            base, filing: see ``BASE``; they must be this program's own.
            edited, listed, order: see ``overlay.overlay_files``.
        """
        self._base = base
        self._filing = filing
        self._edited = edited
        self._listed = listed
        self._order = order

    def write(self, site: Path) -> Sequence[str]:
        """Write the files of the overlay into a site. Returns their paths and those of the base.

        Raises:
            OSError: there is no room for them.
        """
        from . import overlay  # loads numpy

        base: Base = pickle.loads(self._base)  # noqa: S301 - whoever keeps it makes sure that it is ours

        def filing() -> Filing:
            found: Filing = pickle.loads(self._filing())  # noqa: S301 - the same
            return found

        files = overlay.overlay_files(base, filing, self._edited, self._listed, self._order)
        write_files(files.items(), site)
        return [*base.paths, *files]

    def drop(self) -> None:
        """Nothing was begun."""


def fits(changed: int, documents: int) -> bool:
    """Whether an overlay with so many documents edited, added or removed is better than a new base of all documents."""
    return changed <= min(MOST, LEAST + documents // SHARE)


def _build(documents: Sequence[SearchDocument], order: FacetOrder) -> tuple[dict[str, bytes], dict[str, bytes]]:
    from . import build  # loads numpy, which the process with the archive may not need

    built = build.build(documents, order)
    return built.files, {BASE: pickle.dumps(built.base, 5), FILING: pickle.dumps(built.filing, 5)}


def _write(order: FacetOrder, folder: str) -> None:
    files, kept = _build(list(_read(Path(folder, _DOCUMENTS))), order)
    write_files(kept.items(), Path(folder))
    while files:  # a written file is removed from memory
        write_files([files.popitem()], Path(folder, _FILES))


def _read(path: Path) -> Iterator[SearchDocument]:
    with open(path, "rb") as stream:
        while True:
            try:
                yield pickle.load(stream)  # noqa: S301 - written a moment ago by the process that started this one
            except EOFError:
                return
