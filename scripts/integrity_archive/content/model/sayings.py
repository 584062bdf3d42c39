"""Sayings: ``docs/sayings.yml``, short lines from books for the home page, unit pages, screens and posters."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field, StrictBool

from integrity_archive.content.data_file import read_data
from integrity_archive.content.front_matter import Tree, field_name
from integrity_archive.content.model.field_types import Part, Text, Texts
from integrity_archive.content.model.marks import Controlled
from integrity_archive.content.model.record import Quote
from integrity_archive.content.model.vocabulary import Vocabulary, unknown_terms
from integrity_archive.support.problems import Problem

PATH = "docs/sayings.yml"


class Saying(Quote):
    """一句短语。"""

    tier: Annotated[Text, Controlled("tiers")]
    """来源层级"""
    checked: StrictBool = False
    """与原书逐字核对过写 true；没有核对的不上墙、不上屏"""
    units: Annotated[Texts, Controlled("units"), Field(min_length=1)]
    """适用的“七廉”单元"""
    virtues: Annotated[Texts, Controlled("virtues")] = ()
    """德目"""
    note: Text | None = None
    """版本、上下文、异文的一句说明"""


class SayingsFile(Part):
    """短句文件。"""

    sayings: tuple[Saying, ...] = ()
    """短句，按书的先后"""


@dataclass(frozen=True)
class Sayings:
    """The sayings, and their lines in the file."""

    items: tuple[Saying, ...] = ()
    tree: Tree = field(default_factory=lambda: Tree({}, {}))

    @property
    def checked(self) -> tuple[Saying, ...]:
        """The sayings that may be published."""
        return tuple(s for s in self.items if s.checked)


def load_sayings(root: str, vocabulary: Vocabulary | None) -> tuple[Sayings, list[Problem]]:
    """Read the sayings of the archive at ``root``; an archive without the file has none."""
    if not os.path.exists(os.path.join(root, PATH)):
        return Sayings(), []
    file, tree, problems = read_data(root, PATH, SayingsFile)
    if file is None:
        return Sayings(), problems
    problems += _repeated(file.sayings, tree)
    if vocabulary:
        problems += unknown_terms(PATH, file, tree, vocabulary)
    return Sayings(file.sayings, tree), problems


def _repeated(sayings: Iterable[Saying], tree: Tree) -> list[Problem]:
    seen: set[str] = set()
    problems = []
    for index, saying in enumerate(sayings):
        if saying.text in seen:
            loc = ("sayings", index, "text")
            where = (PATH, tree.line(loc), field_name(loc), saying.text)
            problems.append(Problem(*where, "写了两次", "删去一处", "repeated-value"))
        seen.add(saying.text)
    return problems
