"""Relations are typed, run both ways, and lead only to what the edition shows."""

from __future__ import annotations

from pathlib import Path

from integrity_archive.archive.edition import WEB
from integrity_archive.archive.graph import relate
from integrity_archive.content.loader import load
from trees import write_tree


def test_relations_run_both_ways(relate_case: Path, golden, tmp_path: Path) -> None:
    case = golden(relate_case)
    write_tree(tmp_path, case.given["files"])
    loaded = load(str(tmp_path))
    assert loaded.vocabulary is not None
    archive = relate(loaded.entries, loaded.vocabulary, WEB.admits)
    relations = [
        f"{id_} {group.label}: {' '.join(e.id for e in group.entries)}"
        for id_ in archive.entries
        for group in archive.related.get(id_, ())
    ]
    facets = [
        f"{value.url} {value.label}: {' '.join(e.id for e in value.entries)}"
        for values in archive.facets.values()
        for value in values.values()
    ]
    case.compare([*archive.entries, *relations, *facets])
