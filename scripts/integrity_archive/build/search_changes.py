"""The search of a site: an overlay over that of the last whole build while few documents differ, else built whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from integrity_archive.build.previous_build import PreviousBuild
from integrity_archive.build.state import State
from integrity_archive.content.outline import Outline, digest_of
from integrity_archive.films.captions import Cue
from integrity_archive.output.folder import scratch_dir
from integrity_archive.search.documents import SearchDocument
from integrity_archive.search.job import BASE, FILING, OverlayJob, SearchJob, fits
from integrity_archive.site.edition_content import EditionContent
from integrity_archive.site.search_documents import document_key, document_of, facet_order, filed

MANIFEST = "search/manifest.js"
"""Output that is keyed for the search as a whole."""


class SearchPlan:
    """The search of a site in the making; its files are written last."""

    def __init__(self, job: SearchJob | OverlayJob | None, base: Mapping[str, str], key: str) -> None:
        """
        Args:
            job: makes the files; None where the search stays as it is.
            base: see ``BuildRecord.search``.
            key: of everything that the search is made from.
        """
        self._job = job
        self.base = base
        self.key = key

    @property
    def kept(self) -> Mapping[str, bytes]:
        """What the next edit needs of a search that was written whole; see ``State.search``."""
        return self._job.kept if self._job else {}

    def write(self, site: Path, before: frozenset[str] = frozenset()) -> frozenset[str]:
        """Put its files into a site when they are ready; call it once.

        Args:
            site: folder of the site.
            before: files of the search that was there.

        Returns:
            Those of them that it has no more.

        Raises:
            OSError: there was no room for them.
        """
        return before.difference(self._job.write(site)) if self._job else frozenset()

    def drop(self) -> None:
        """Stop what was begun and is not wanted; may be called several times."""
        if self._job:
            self._job.drop()


def plan_search(
    content: EditionContent, outlines: Mapping[str, Outline], stored: PreviousBuild, state: State | None
) -> SearchPlan:
    """Begin the search of an edition.

    Args:
        content: what is to be found.
        outlines: of every Markdown file.
        stored: what of the last build still holds.
        state: where the next edit finds what it needs of the search; None where there is none.

    Raises:
        DamagedError: what was kept of the last search cannot be read.
    """
    archive, order, base = content.archive, facet_order(content.archive), stored.record.search
    keys = {
        id_: document_key(entry, archive, outlines[entry.document.path].digest, _cues(content, id_))
        for id_, entry in archive.entries.items()
    }
    key = digest_of(sorted(keys.items()), order)
    if stored.record.outputs.get(MANIFEST) == key:
        return SearchPlan(None, base, key)
    changed = {id_ for id_, _ in keys.items() ^ base.items()}
    if state is None or not base or not fits(len(changed), len(base)):
        return SearchPlan(SearchJob(_documents(content, keys), order, scratch_dir), keys, key)
    listed = {id_: filed(entry, archive) for id_, entry in archive.entries.items()}
    edited = _documents(content, [id_ for id_ in keys if id_ in changed])
    job = OverlayJob(state.search(BASE), lambda: state.search(FILING), edited, listed, order)
    return SearchPlan(job, base, key)


def _documents(content: EditionContent, ids: Iterable[str]) -> list[SearchDocument]:
    """The search documents of these entries."""
    archive, bodies = content.archive, content.bodies
    entries = (archive.entries[id_] for id_ in ids)
    return [document_of(e, archive, bodies[e.document.path], _cues(content, e.id)) for e in entries]


def _cues(content: EditionContent, id_: str) -> Sequence[Cue]:
    film = content.films.get(id_)
    return film.transcript if film else ()
