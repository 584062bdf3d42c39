"""Page spec: one page of a site, with its content and the data for its template, before the template is filled."""

from __future__ import annotations

import datetime
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class PageSpec:
    """One page: its content, and the data for its template."""

    uri: str
    """``src_uri``: the place of the page in the site, with ``.md`` instead of ``.html``."""
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
    """A file that a page offers for download, such as a lesson's pack."""

    url: str
    """Address in the site."""
    name: str
    """File name under which the browser saves it."""
    path: str
    """Path of the file on disk."""

    @property
    def megabytes(self) -> float:
        """Size in megabytes, displayed for download."""
        return os.path.getsize(self.path) / 1e6


@dataclass(frozen=True)
class PageFilter:
    """A selection of pages."""

    uris: frozenset[str] | None = None
    """``src_uri`` of the pages to make; None for all."""

    def __call__(self, uri: str) -> bool:
        return self.uris is None or uri in self.uris

    def below(self, folder: str) -> bool:
        """Whether any page in a folder is selected."""
        return self.uris is None or any(uri.startswith(folder + "/") for uri in self.uris)


ALL_PAGES = PageFilter()
