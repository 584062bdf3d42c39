"""What the search is given."""

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
"""Weight class of a field: 0 weighs most. A document's text is laid out in this order."""

BODY_CLASS = 4
"""Class of every field not named above: body, captions, transcripts."""


FacetOrder = Mapping[str, Sequence[str]]
"""Names of the facets in the order to show them, each with its values in order; other values follow by name."""


@dataclass(frozen=True)
class SearchField:
    """One stretch of text. Matches never run from one field into the next."""

    name: str
    text: str
    time: float | None = None
    """For a caption: where it starts in the video, in seconds."""

    @property
    def weight_class(self) -> int:
        """The class that ranking and layout use."""
        return FIELD_CLASSES.get(self.name, BODY_CLASS)


@dataclass(frozen=True)
class SearchDocument:
    """One page that can be found."""

    id: str
    url: str
    """Relative to the site's root."""
    title: str
    kind: str
    fields: tuple[SearchField, ...] = ()
    """Every text but the title."""
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Values to filter by, such as ``{"period": ("明",)}``."""

    @cached_property
    def all_fields(self) -> tuple[SearchField, ...]:
        """The title and the other fields, heaviest class first, as the index lays them out."""
        return tuple(sorted((SearchField("title", self.title), *self.fields), key=lambda part: part.weight_class))


def clean(text: str) -> str:
    """The text without lone surrogates, which no file can hold; the length stays."""
    if text.isascii():
        return text
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)
    return text
