"""Check: runs the rules."""

from __future__ import annotations

from collections.abc import Iterable

from integrity_archive.checks import body, dates, files, links, media, pictures, references, sticks, values
from integrity_archive.checks.context import CheckContext
from integrity_archive.checks.rule import ARCHIVE, Rule, rules_of
from integrity_archive.support.problems import Problem

RULES = rules_of(values, dates, references, media, links, body, pictures, files, sticks)
"""The rules on every archive; features bring further ones."""


def check_sources(context: CheckContext, rules: Iterable[Rule]) -> set[Problem]:
    """Problems of single sources: those found while loading, and those of the files to examine that rules find.

    After an edit it is enough to examine what changed and what refers to it: see ``CheckContext.paths``.
    """
    found = (rule.problems(context) for rule in rules if rule.scope is not ARCHIVE)
    return set(context.loaded.problems).union(*found)


def check_archive(context: CheckContext, rules: Iterable[Rule]) -> set[Problem]:
    """Problems that only all sources together can have."""
    return set().union(*(rule.problems(context) for rule in rules if rule.scope is ARCHIVE))
