"""Published texts: what an edition for a hall publishes, by which a later delivery knows what was withdrawn."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator

from integrity_archive.archive.publication import edition_documents
from integrity_archive.kiosk.screens import Screens
from integrity_archive.site.edition_content import EditionContent

PUBLISHED = "published.json"
"""File of an edition with a digest of the path of every text it shows, and of every saying and card."""


def published(content: EditionContent, screens: Screens) -> bytes:
    """The content of ``published.json``. Digests, because the list itself would name what was withdrawn."""
    names = _names(content, screens)
    return json.dumps(sorted({hashlib.blake2b(n.encode(), digest_size=12).hexdigest() for n in names})).encode()


def _names(content: EditionContent, screens: Screens) -> Iterator[str]:
    documents: Iterable[str] = (d.path for d in edition_documents(content.archive, content.loaded, content.edition))
    yield from documents
    yield from (f"saying {saying.text}" for saying in content.loaded.sayings.checked)
    yield from (f"card {card.text}" for programme in screens.programmes for card in programme.cards)
