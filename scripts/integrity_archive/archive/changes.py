"""Changes: which entries are new, changed or gone since the previous edition."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from integrity_archive.content.entry import Entry
from integrity_archive.support.cache import fingerprint

CHANGES_URI = "whats-new.md"
"""The page “what is new” of an edition that is carried on a stick."""


@dataclass(frozen=True)
class EntryRecord:
    """What an edition records of an entry, for comparison with the next edition."""

    title: str
    label: str
    """Name of its kind, in Chinese."""
    url: str
    sha256: str
    """Hex digits of the SHA-256 of the author's own files only, so that a new template is not a change."""
    internal: bool = False
    """Whether only an edition with internal material may name it."""


@dataclass(frozen=True)
class EditionChanges:
    """The difference between two editions, each list in reading order."""

    added: tuple[EntryRecord, ...]
    changed: tuple[EntryRecord, ...]
    gone: int
    """Number of removed entries; a withdrawn entry is not named again."""

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.gone)


def changes_since(before: Mapping[str, EntryRecord], now: Mapping[str, EntryRecord]) -> EditionChanges:
    """Compare the entries of the previous edition with those of this one, both by id."""
    return EditionChanges(
        tuple(work for id_, work in now.items() if id_ not in before),
        tuple(work for id_, work in now.items() if id_ in before and before[id_].sha256 != work.sha256),
        sum(id_ not in now for id_ in before),
    )


def entry_records(entries: Mapping[str, Entry], root: str) -> dict[str, EntryRecord]:
    """The records of an edition's entries, by id; ``root`` is the archive's folder."""
    base = Path(root)
    return {
        id_: EntryRecord(e.meta.title, e.meta.label, e.url, _written(e, base), not e.public)
        for id_, e in entries.items()
    }


def _written(entry: Entry, root: Path) -> str:
    """The SHA-256 of an entry's file or, if it is an ``index.md``, of all files in its folder."""
    source = root / entry.document.path
    files = sorted(p for p in source.parent.rglob("*") if p.is_file()) if source.name == "index.md" else [source]
    total = hashlib.sha256()
    for path in files:
        total.update(f"{path.relative_to(source.parent).as_posix()}\0".encode() + fingerprint(str(path)))
    return total.hexdigest()
