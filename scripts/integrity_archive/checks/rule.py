"""Rule: a function that finds problems in one thing, and the scope that says what this thing is.

A rule is declared with ``@rule(scope=…)``. Its scope says what it reads, and so when its answer may have changed: after
an edit the rules on entries and bodies are run on the files that changed and on those that refer to them, the rules on
the archive every time. Faults that concern one file alone (encoding, YAML, types) are found while loading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Generic, TypeAlias, TypeVar

from integrity_archive.checks.context import CheckContext, Converted
from integrity_archive.content.entry import Entry, InvalidEntry
from integrity_archive.content.loader import LoadedArchive
from integrity_archive.support.problems import Problem

T = TypeVar("T")
Find: TypeAlias = Callable[[T, CheckContext], Iterable[Problem]]


@dataclass(frozen=True)
class Scope(Generic[T]):
    """What a rule reads: it is called once for each of these things."""

    name: str
    things: Callable[[CheckContext], Iterable[T]]


ENTRY: Scope[Entry] = Scope("entry", lambda context: context.examined_entries)
"""An entry that fits the model, the files it names, and the entries it refers to."""
WRITTEN_ENTRY: Scope[Entry | InvalidEntry] = Scope("written entry", lambda context: context.examined)
"""As ``ENTRY``, and also an entry that does not fit the model: the rule can rely on its marked values only."""
BODY: Scope[Converted] = Scope("body", lambda context: context.converted)
"""The body of an entry, a page or a companion text, and what it links to."""
ARCHIVE: Scope[LoadedArchive] = Scope("archive", lambda context: [context.loaded])
"""Everything together. Run after every edit: it may read facts of entries, names of files and targets of links, but no
more of an unchanged entry, which would have to be loaded for it."""


@dataclass(frozen=True)
class Rule:
    """A rule, as declared by ``@rule``."""

    name: str
    scope: Scope[Any]
    find: Find[Any]

    def problems(self, context: CheckContext) -> Iterator[Problem]:
        """What it finds in everything of its scope that is to be examined."""
        for thing in self.scope.things(context):
            yield from self.find(thing, context)


def rule(*, scope: Scope[T]) -> Callable[[Find[T]], Rule]:
    """Declare a function from one thing of the scope, and the context, to problems as a rule."""

    def declare(find: Find[T]) -> Rule:
        return Rule(getattr(find, "__name__", ""), scope, find)

    return declare


def rules_of(*modules: ModuleType) -> tuple[Rule, ...]:
    """The rules that stand in these modules, in the order of their declaration."""
    return tuple(value for module in modules for value in vars(module).values() if isinstance(value, Rule))
