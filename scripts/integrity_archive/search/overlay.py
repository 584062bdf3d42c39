"""Overlay: the search after an edit, as a second segment over an index that stays as it is.

The overlay is the index of the documents that were edited or added since the base was built, made by the same code; the
documents of the base that were edited or removed are masked. The reader numbers the documents of both by id, as an
index of all of them would, so that answers, ranking and order are the same (``search-index.js``). What is about all
documents together, facets and terms, is written as a whole build would write it; of the terms only shards that change.

Every pair of an overlay has its positions: a pair that is rare here may be common in both segments together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from .build import Base, Family, make_segment, manifest_file, pinyin_file
from .documents import FacetOrder, Filed, SearchDocument
from .facets import facet_file
from .shards import File, hash_of
from .terms import Filing, Named, named_in, refile


def overlay_files(
    base: Base,
    filing: Callable[[], Filing],
    edited: Sequence[SearchDocument],
    listed: Mapping[str, Filed],
    order: FacetOrder,
) -> dict[str, bytes]:
    """The files that the search has beside those of the base, by path; the manifest among them replaces the base's.

    Args:
        base: the index below.
        filing: gives the filing of the base's terms; asked only where the terms change.
        edited: the documents that the base does not have, or has otherwise.
        listed: every document that can be found now, by id.
        order: see ``FacetOrder``.
    """
    fresh = {document.id: document for document in sorted(edited, key=lambda document: document.id)}
    ids = sorted(listed)
    masked = [n for n, id_ in enumerate(base.ids) if id_ in fresh or id_ not in listed]
    facets = facet_file([listed[id_] for id_ in ids], order)
    files = dict([facets])
    manifest = {**base.manifest, "facets": hash_of(facets[0])}
    if fresh or masked:
        terms, readings, shards = _terms(base, filing, masked, list(map(named_in, fresh.values())))
        segment = make_segment(list(fresh.values()), rare=0)
        part, tables = segment.part(terms)
        files |= {**segment.files, **shards, **dict([tables])}
        numbers = [n for n, id_ in enumerate(ids) if id_ in fresh]
        manifest |= {"pinyin": readings, "overlay": {**part, "masked": masked, "numbers": numbers}}
    return files | dict([manifest_file(manifest)])


def _terms(
    base: Base, filing: Callable[[], Filing], masked: Sequence[int], fresh: Sequence[Named]
) -> tuple[Family, str, dict[str, bytes]]:
    """The family of the terms, the hash of the readings, and the files of both that are new."""
    gone = sorted(base.named[n] for n in masked)
    if [named for named in gone if named] == sorted(named for named in fresh if named):
        return base.terms, base.manifest["pinyin"], {}
    hidden = set(masked)
    kept: list[Named] = [() if n in hidden else named for n, named in enumerate(base.named)]
    before = filing()
    refiled = refile(before, [*base.named, *[()] * len(fresh)], [*kept, *fresh])
    shards = {n: before.file(n, changes) for n, changes in refiled.changes.items()}
    bits, paths = base.terms
    now = [_path(shards[n]) if n in shards else path for n, path in enumerate(paths)]
    readings = pinyin_file(refiled.terms)
    return (bits, now), hash_of(readings[0]), dict([readings, *filter(None, shards.values())])


def _path(shard: File | None) -> str | None:
    return shard[0] if shard else None
