"""The search of a site after an edit: amended where only texts changed, else built again."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from integrity_archive.build.previous_build import PreviousBuild
from integrity_archive.build.state import State, StoredEntry
from integrity_archive.content.entry import Entry
from integrity_archive.content.outline import Outline, digest_of
from integrity_archive.output.folder import scratch_dir
from integrity_archive.search.amend_job import AmendJob
from integrity_archive.search.documents import FacetOrder, SearchDocument
from integrity_archive.search.edit import Change, Edit, Told
from integrity_archive.search.job import SearchJob
from integrity_archive.site.edition_content import EditionContent
from integrity_archive.site.search_documents import document_of, documents, facet_order
from integrity_archive.support.signed_cache import signing_key


class SearchPlan:
    """The search of a site in the making; its files are written last."""

    def __init__(
        self,
        job: SearchJob | AmendJob | None,
        told: Told,
        order: str,
        edited: Mapping[str, tuple[SearchDocument, SearchDocument]] | None = None,
    ) -> None:
        """
        Args:
            job: builds or amends; None where the search stays as it is.
            told: what the next edit is told of it.
            order: see ``BuildRecord.order``.
            edited: see ``State.edited``.
        """
        self._job = job
        self.told = told
        self.order = order
        self.edited = edited or {}

    def write(self, site: Path, before: frozenset[str] = frozenset()) -> frozenset[str]:
        """Put its files into a site when they are ready; to be asked for once.

        Args:
            site: folder of the site.
            before: files of the search that was there.

        Returns:
            The files of these that it has no more.

        Raises:
            OSError: there was no room for them.
        """
        if self._job is None:
            return frozenset()
        names = self._job.write(site)
        if isinstance(self._job, AmendJob):
            self.told = self._job.told
            if self._job.renewed:
                self.edited = {}
        return before - frozenset(names)

    def drop(self) -> None:
        """Let go of what was begun and is not wanted; as often as one likes."""
        if self._job is not None:
            self._job.drop()


def _order(content: EditionContent) -> str:
    """Digest of all that an amended search takes over: ids, kinds and facets of the documents, in their order."""
    entries = content.archive.entries.values()
    return digest_of(
        [(e.id, e.facts.kind, e.facts.values, e.facts.figure) for e in entries], facet_order(content.archive)
    )


def plan_search(
    content: EditionContent,
    outlines: Mapping[str, Outline],
    stored: PreviousBuild,
    state: State | None,
    begun: AmendJob | None,
) -> SearchPlan:
    """Begin the search of an edition.

    Args:
        content: what is to be found.
        outlines: of every Markdown file.
        stored: what of the last build still holds.
        state: where the search is remembered; None where it is not.
        begun: a job for an edit that was begun before the edit was known.
    """
    record, order = stored.record, _order(content)
    if state is None or not record.search.state or record.order != order:
        if begun:
            begun.drop()
        return _whole(content, state, order)
    changed = [e for e in content.archive.entries.values() if _differs(e, content, outlines, stored)]
    if not changed:
        if begun:
            begun.drop()
        return SearchPlan(None, record.search, order, state.edited())
    job = begun or AmendJob(state.folder, state.target, signing_key(), scratch_dir)
    known = dict(state.edited())
    changes = {id_: Change(kept, shown, shown) for id_, (kept, shown) in known.items()}
    for entry in changed:
        path, film = entry.document.path, content.films.get(entry.id)
        now = document_of(entry, content.archive, content.bodies[path], film.transcript if film else ())
        shown = known[entry.id][1] if entry.id in known else _stored_document(path, content, stored, state)
        kept = known[entry.id][0] if entry.id in known else shown
        changes[entry.id] = Change(kept, shown, now)
    job.amend(record.search, Edit(tuple(changes.values()), record.search.shown), lambda: _everything(content))
    return SearchPlan(job, record.search, order, {id_: (c.kept, c.now) for id_, c in changes.items()})


def _differs(entry: Entry, content: EditionContent, outlines: Mapping[str, Outline], stored: PreviousBuild) -> bool:
    """Whether the document of an entry is another than at the last build."""
    path, film = entry.document.path, content.films.get(entry.id)
    before = stored.record.outlines.get(path)
    if before is None or before.digest != outlines[path].digest:
        return True
    return film is not None and film != stored.film_before(entry.id)


def _stored_document(path: str, content: EditionContent, stored: PreviousBuild, state: State) -> SearchDocument:
    """An entry as the search of the last build has it."""
    entry = StoredEntry(stored.record.outlines[path], state, stored.root)
    film = stored.film_before(entry.id)
    return document_of(entry, content.archive, state.body(path), film.transcript if film else ())


def _whole(content: EditionContent, state: State | None, order: str) -> SearchPlan:
    keep = None
    if state:
        with contextlib.suppress(OSError):  # without room for it, the next edit builds it again
            state.folder.mkdir(parents=True, exist_ok=True)
            keep = Path(tempfile.mkdtemp(prefix="search-", dir=state.folder))
    job = SearchJob(*_everything(content), scratch_dir, keep, signing_key() if keep else b"")
    return SearchPlan(job, Told(keep.name if keep else ""), order)


def _everything(content: EditionContent) -> tuple[Sequence[SearchDocument], FacetOrder]:
    cues = {id_: film.transcript for id_, film in content.films.items()}
    return list(documents(content.archive, content.bodies, cues)), facet_order(content.archive)
