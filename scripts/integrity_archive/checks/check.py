"""Check: runs the rules."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from integrity_archive.checks import body, dates, files, links, media, references, values
from integrity_archive.checks.context import CheckContext, Rule
from integrity_archive.content.loader import LoadedArchive
from integrity_archive.support.problems import Problem

if TYPE_CHECKING:
    pass


MODULES = (values, dates, references, media, links, body, files)
RULES: tuple[Rule, ...] = tuple(rule for module in MODULES for rule in module.RULES)
TOGETHER: tuple[Rule, ...] = tuple(rule for module in MODULES for rule in module.TOGETHER)


def check(case: CheckContext | None, loaded: LoadedArchive, more: Iterable[Rule] = ()) -> list[Problem]:
    """All problems of an archive: those found while loading and those the rules find, sorted by place.

    Args:
        case: the data that the rules examine; None if the vocabulary cannot be read.
        loaded: what was loaded.
        more: rules of the features above this folder.
    """
    if case is None:
        return sorted(set(loaded.problems))
    return sorted({*check_sources(case, more), *check_together(case, more)})


def check_sources(case: CheckContext, more: Iterable[Rule] = ()) -> set[Problem]:
    """Problems of single sources: those found while loading, and those of ``case.paths`` that rules find.

    After an edit, enough to be run on what changed and on what refers to it.
    """
    return set(case.loaded.problems).union(*(rule(case) for rule in (*RULES, *more) if rule not in TOGETHER))


def check_together(case: CheckContext, more: Iterable[Rule] = ()) -> set[Problem]:
    """Problems that only all sources together can have. These rules read no more of an entry than its facts."""
    return set().union(*(rule(case) for rule in (*TOGETHER, *more)))
