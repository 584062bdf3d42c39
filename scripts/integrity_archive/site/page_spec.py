"""Page spec: one page of a site, its content and what its template needs, before any template is filled."""

from __future__ import annotations

import datetime
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class PageSpec:
    """One page: its content, and what its template needs."""

    uri: str
    """``src_uri``: where the page stands in the site, with ``.md`` for ``.html``."""
    path: str | None
    """Source below the archive's root; None for generated pages."""
    title: str
    description: str
    template: str
    html: str = ""
    anchors: frozenset[str] = frozenset()
    context: Mapping[str, Any] = field(default_factory=dict)
    updated: datetime.date | None = None

    @property
    def url(self) -> str:
        return self.uri.removesuffix(".md") + ".html"


@dataclass(frozen=True)
class Download:
    """A file that a page offers: a lesson's pack."""

    url: str
    """Where it stands in the site."""
    name: str
    """What it is called when it is saved."""
    path: str
    """Where it lies on this computer."""

    @property
    def megabytes(self) -> float:
        """Size, for those who download it."""
        return os.path.getsize(self.path) / 1e6


@dataclass(frozen=True)
class PageFilter:
    """Which pages are to be made."""

    uris: frozenset[str] | None = None
    """By ``src_uri``; None for all."""

    def __call__(self, uri: str) -> bool:
        return self.uris is None or uri in self.uris

    def below(self, folder: str) -> bool:
        """Whether any page in a folder is."""
        return self.uris is None or any(uri.startswith(folder + "/") for uri in self.uris)


ALL_PAGES = PageFilter()
