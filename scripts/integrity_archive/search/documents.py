"""Documents: the input of the search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

FIELD_CLASSES: Mapping[str, int] = {
    "title": 0,
    "people": 1,
    "aliases": 1,
    "tags": 2,
    "places": 2,
    "headings": 2,
    "summary": 3,
}
"""Weight class of a field: 0 has the greatest weight. The text of a document is arranged in this order."""

BODY_CLASS = 4
"""Class of all other fields: body, captions, transcripts."""


FacetOrder = Mapping[str, Sequence[str]]
"""Names of the facets in the order of display, each with its values in order; other values follow by name."""
Filed = tuple[str, Mapping[str, tuple[str, ...]]]
"""Kind and facets of a document."""


@dataclass(frozen=True)
class SearchField:
    """One text of a document. A match never extends from one field into the next."""

    name: str
    text: str
    time: float | None = None
    """Start of a caption in the film, in seconds."""

    @property
    def weight_class(self) -> int:
        """The class for ranking and layout."""
        return FIELD_CLASSES.get(self.name, BODY_CLASS)


@dataclass(frozen=True)
class SearchDocument:
    """One page that can be found."""

    id: str
    url: str
    """Address relative to the site's root."""
    title: str
    kind: str
    fields: tuple[SearchField, ...] = ()
    """All texts except the title."""
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Values for filters, such as ``{"period": ("明",)}``."""

    @cached_property
    def all_fields(self) -> tuple[SearchField, ...]:
        """The title and the other fields, by weight class, in the order of the index."""
        return tuple(sorted((SearchField("title", self.title), *self.fields), key=lambda part: part.weight_class))


def clean(text: str) -> str:
    """The text with lone surrogates, which UTF-8 cannot encode, replaced; the length does not change."""
    if text.isascii():
        return text
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)
    return text
