"""Issued: which files and sticks were made from an archive, and which entries are in them.

When an entry is withdrawn or turns internal, those made before still hold it. The record lies in the user's cache and
is signed (``support.signed_cache``); it knows only what this user made with this cache.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from integrity_archive.support.cache import cache_folder, key_of
from integrity_archive.support.digest import sha256_of
from integrity_archive.support.signed_cache import read_signed, write_signed


@dataclass(frozen=True)
class Issued:
    """A file or stick that a command made."""

    place: str
    """Its absolute path when it was made."""
    entries: tuple[str, ...]
    """Ids of the entries that are in it, or may be."""
    sha256: str = ""
    """Of a file; empty for a stick."""
    stick: str = ""
    """Id in the marker of a stick; empty for a file."""
    internal: bool = False
    """Whether it was made with internal material."""

    @property
    def is_unchanged(self) -> bool:
        """Whether it is a file that is byte for byte as it was made."""
        try:
            return bool(self.sha256) and not os.path.islink(self.place) and sha256_of(Path(self.place)) == self.sha256
        except OSError:
            return False


def issued_file(path: Path, entries: Collection[str], internal: bool = False) -> Issued:
    """The record of a file that was just made.

    Raises:
        OSError: it cannot be read.
    """
    return Issued(os.path.abspath(path), tuple(sorted(entries)), sha256=sha256_of(path), internal=internal)


def issued(root: str) -> tuple[Issued, ...]:
    """What was made from the archive at ``root``; files that no longer exist are left out."""
    try:
        found = json.loads(read_signed(_record(root)))
    except (OSError, ValueError):
        return ()
    made = (Issued(**{**values, "entries": tuple(values["entries"])}) for values in found)
    return tuple(item for item in made if item.stick or os.path.lexists(item.place))


def note_issued(root: str, made: Collection[Issued]) -> None:
    """Remember what was just made; it replaces what is known of the same files and sticks."""
    replaced = {item.stick or item.place for item in made}
    forget_issued(root, replaced, made)


def forget_issued(root: str, names: Collection[str], instead: Collection[Issued] = ()) -> None:
    """Remove files by their place, and sticks by their id, from the record, and add others."""
    kept = [item for item in issued(root) if (item.stick or item.place) not in names]
    with contextlib.suppress(OSError):  # without the record nobody is reminded; nothing else is lost
        write_signed(_record(root), json.dumps([asdict(item) for item in (*kept, *instead)]).encode())


def holding_withdrawn(
    root: str, public: Collection[str], existing: Collection[str] | None
) -> Iterator[tuple[Issued, tuple[str, ...]]]:
    """What was made from an archive and holds entries that may no longer be in it, with their ids.

    Args:
        root: folder of the archive.
        public: ids of the entries that a public edition has now.
        existing: ids of those that an internal edition has; None if unknown.
    """
    for item in issued(root):
        allowed = existing if item.internal else public
        if allowed is not None and (gone := tuple(id_ for id_ in item.entries if id_ not in allowed)):
            yield item, gone


def _record(root: str) -> Path:
    return cache_folder("written") / key_of("issued", os.path.realpath(root))
