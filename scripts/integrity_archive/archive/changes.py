"""News: what an edition has that the one before it had not."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from integrity_archive.content.entry import Entry
from integrity_archive.support.cache import fingerprint

CHANGES_URI = "whats-new.md"
"""Page of what is new in an edition that is carried about."""


@dataclass(frozen=True)
class EntryRecord:
    """An entry as an edition remembers it."""

    title: str
    label: str
    """What its kind is called."""
    url: str
    sha256: str
    """Of all that its author wrote, hex digits: what is made of it may change without it."""
    internal: bool = False
    """Whether only an edition with internal material may name it."""


@dataclass(frozen=True)
class EditionChanges:
    """The difference between two editions, each list in reading order."""

    added: tuple[EntryRecord, ...]
    changed: tuple[EntryRecord, ...]
    gone: int
    """How many went; what was withdrawn is not named again."""

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.gone)


def changes_since(before: Mapping[str, EntryRecord], now: Mapping[str, EntryRecord]) -> EditionChanges:
    """What came, changed and went."""
    return EditionChanges(
        tuple(work for id_, work in now.items() if id_ not in before),
        tuple(work for id_, work in now.items() if id_ in before and before[id_].sha256 != work.sha256),
        sum(id_ not in now for id_ in before),
    )


def entry_records(entries: Mapping[str, Entry], root: str) -> dict[str, EntryRecord]:
    """The entries of an edition by id."""
    base = Path(root)
    return {
        id_: EntryRecord(e.meta.title, e.meta.label, e.url, _written(e, base), not e.public)
        for id_, e in entries.items()
    }


def _written(entry: Entry, root: Path) -> str:
    """The sum of an entry's file, or of all files of its folder where it has one of its own."""
    source = root / entry.document.path
    files = sorted(p for p in source.parent.rglob("*") if p.is_file()) if source.name == "index.md" else [source]
    total = hashlib.sha256()
    for path in files:
        total.update(f"{path.relative_to(source.parent).as_posix()}\0".encode() + fingerprint(str(path)))
    return total.hexdigest()
