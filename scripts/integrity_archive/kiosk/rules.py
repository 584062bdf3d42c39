"""Rules: checks of what screens play; run together with those of ``checks``."""

from __future__ import annotations

from collections.abc import Iterator

from integrity_archive.checks.context import CheckContext
from integrity_archive.checks.references import reference_fault
from integrity_archive.content.data_file import SCREENS_PATH
from integrity_archive.kiosk.screens import Screens
from integrity_archive.support.problems import Problem


def screen_films(screens: Screens, case: CheckContext) -> Iterator[Problem]:
    """Films named for public screens that cannot be played there."""
    for line, film in screens.films:
        if fault := reference_fault(case, film, ("video",), public=True):
            yield Problem(SCREENS_PATH, line, "films", film, *fault)
