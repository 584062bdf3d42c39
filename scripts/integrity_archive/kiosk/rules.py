"""Rules on what public screens play."""

from __future__ import annotations

from collections.abc import Iterator

from integrity_archive.checks.context import CheckContext
from integrity_archive.checks.references import reference_fault
from integrity_archive.checks.rule import ARCHIVE, rule
from integrity_archive.content.data_file import SCREENS_PATH
from integrity_archive.content.loader import LoadedArchive
from integrity_archive.kiosk.screens import Screens
from integrity_archive.support.problems import Problem


@rule(scope=ARCHIVE)
def screen_films(loaded: LoadedArchive, context: CheckContext) -> Iterator[Problem]:
    """Films named for public screens that cannot be played there."""
    for line, film in context.feature(Screens).films:
        if fault := reference_fault(context, film, ("video",), public=True):
            yield Problem(SCREENS_PATH, line, "films", film, *fault)
