"""Film: what a site shows of one entry's film, whether it was drawn or shot."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from integrity_archive.films.captions import Cue
from integrity_archive.films.measurement import MediaInfo


@dataclass(frozen=True)
class Film:
    """A film as it goes into a site."""

    files: Mapping[str, str]
    """Files by their address in the site: the film, its poster, its captions; where each lies now."""
    url: str
    """Address of the film itself."""
    poster: str
    """Address of its poster."""
    screen: str
    """Address of the portrait version with captions burnt in; empty where there is none."""
    measured: MediaInfo
    captions: str
    """WebVTT; empty for a film without."""
    transcript: tuple[Cue, ...]
    """All that can be read in it and when: captions, and words that fill the screen."""
    chapters: tuple[tuple[float, str], ...]
    """Start in seconds and title."""

    @property
    def megabytes(self) -> float:
        """Size of the film, for those who copy it."""
        return os.path.getsize(self.files[self.url]) / 1e6

    @property
    def screen_megabytes(self) -> float:
        """Size of the portrait version."""
        return os.path.getsize(self.files[self.screen]) / 1e6
