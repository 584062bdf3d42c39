"""Film: the files and data of one film for the site, whether drawn or recorded."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from integrity_archive.films.captions import Cue
from integrity_archive.films.measurement import MediaInfo


@dataclass(frozen=True)
class Film:
    """A film as published on a site."""

    files: Mapping[str, str]
    """Its files (film, poster, captions): address in the site to path on disk."""
    url: str
    """Address of the film itself."""
    poster: str
    """Address of its poster."""
    screen: str
    """Address of the portrait version with burnt-in captions; empty for none."""
    measured: MediaInfo
    captions: str
    """WebVTT; empty for none."""
    transcript: tuple[Cue, ...]
    """All text readable in it, with times: captions, and text that fills the screen."""
    chapters: tuple[tuple[float, str], ...]
    """Start in seconds and title."""

    @property
    def megabytes(self) -> float:
        """Size of the film in megabytes, displayed for download."""
        return os.path.getsize(self.files[self.url]) / 1e6

    @property
    def screen_megabytes(self) -> float:
        """Size of the portrait version in megabytes."""
        return os.path.getsize(self.files[self.screen]) / 1e6
