"""Outlines: the little of a source file that stages over the whole archive need. Kept between builds.

A build after an edit reads the sources that changed, and of all others only their outlines.
"""

from __future__ import annotations

import hashlib
import posixpath
from typing import NamedTuple

from integrity_archive.content.entry import Document, Entry
from integrity_archive.content.markup.markdown import Body
from integrity_archive.content.model.facts import Facts


class Outline(NamedTuple):
    """The outline of one Markdown file."""

    path: str
    digest: str
    """Of its text: front matter and body."""
    targets: tuple[str, ...]
    """Paths that its body links to or shows, below the archive's root."""
    facts: Facts | None = None
    """Of an entry; None for other pages."""
    internal: bool = False
    files: tuple[str, ...] = ()
    """Paths of the files that the entry's fields name."""
    published_files: tuple[str, ...] = ()
    """Of these, the ones that readers get."""
    card: str = ""
    """Digest of what other pages show of the entry."""


def outline_of(document: Document, body: Body, entry: Entry | None = None, card: object = None) -> Outline:
    """The outline of a document that was just read.

    Args:
        document: with its text.
        body: its converted body.
        entry: the entry it holds; None for other pages.
        card: what other pages show of the entry, with a ``repr`` that says all of it.
    """
    digest = digest_of(document.tree.values, document.body, body.html)
    targets = tuple(dict.fromkeys(link.target for link in body.links if link.target))
    if entry is None:
        return Outline(document.path, digest, targets)
    return Outline(
        document.path,
        digest,
        targets,
        entry.facts,
        entry.internal,
        entry.files,
        entry.published_files,
        digest_of(card),
    )


def digest_of(*parts: object) -> str:
    """A name that changes with any part; each has a ``repr`` that says all of it."""
    return hashlib.blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def folder_of(path: str) -> str:
    """The folder that belongs to the entry at a path; empty for an entry that has none."""
    return posixpath.dirname(path) if path.endswith("/index.md") else ""
