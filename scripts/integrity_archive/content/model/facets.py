"""Facets: the ways to group entries, with a page for every value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Facet:
    """A way to group entries, with a page for every value."""

    name: str
    """Folder of its pages in the site, and name of its list in the vocabulary if it has one."""
    label: str
    controlled: bool
    """Whether the values come from the vocabulary."""


FACETS: Mapping[str, Facet] = MappingProxyType(
    {
        f.name: f
        for f in (
            Facet("periods", "朝代", True),
            Facet("people", "人物", False),
            Facet("places", "地点", False),
            Facet("virtues", "德目", True),
            Facet("units", "七廉单元", True),
            Facet("audiences", "人群", True),
            Facet("series", "系列", True),
            Facet("courses", "课程系列", True),
        )
    }
)
