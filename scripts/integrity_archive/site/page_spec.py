"""Page specs: the pages and files of a site, with what they are made of, before any template is rendered."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class PageContent:
    """What a template renders."""

    title: str
    description: str
    html: str = ""
    anchors: frozenset[str] = frozenset()
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PageSpec:
    """One page of a site."""

    uri: str
    """``src_uri``: place in the site, with ``.md`` in place of ``.html``."""
    path: str | None
    """Source file below the archive's root; None for a generated page."""
    template: str
    make: Callable[[], PageContent]
    """Makes the content; only called for pages that are rendered."""
    made_of: Callable[[], object] = tuple
    """Everything the page shows, or keys of it, as a value whose ``repr`` says all: the page is rendered again when
    it changes. Cheap: it is asked for on every page after every edit."""
    updated: datetime.date | None = None

    @property
    def url(self) -> str:
        return self.uri.removesuffix(".md") + ".html"

    @cached_property
    def content(self) -> PageContent:
        """The content, made once."""
        return self.make()


@dataclass(frozen=True)
class FileSpec:
    """One generated file of a site that is no page."""

    path: str
    """Place in the site."""
    make: Callable[[], bytes]
    made_of: Callable[[], object]
    """As for a page."""


@dataclass(frozen=True)
class Download:
    """A file that a page offers for download: the pack of a lesson."""

    url: str
    """Place in the site."""
    name: str
    """Proposed name when it is saved."""
    path: str
    """Absolute path on this computer."""

    @property
    def megabytes(self) -> float:
        """Size in MB."""
        return os.path.getsize(self.path) / 1e6
