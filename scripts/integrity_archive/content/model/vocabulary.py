"""Vocabulary: ``docs/vocabulary.yml``, the controlled lists of terms, which another county replaces by its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated

from pydantic import Field, StrictInt

from integrity_archive.content.data_file import read_data
from integrity_archive.content.front_matter import Tree, field_name
from integrity_archive.content.model.field_types import Part, Text, Texts
from integrity_archive.content.model.marks import Controlled, marked
from integrity_archive.support.problems import Problem, nearest
from integrity_archive.support.windows import is_reserved

PATH = "docs/vocabulary.yml"

Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


class VocabularyValue(Part):
    """词表里的一个词。"""

    id: Slug
    """网址里的名字：小写拼音，定了不改"""
    label: Text
    """条目里写的词"""
    hint: Text | None = None
    """一句说明"""
    aliases: Texts = ()
    """常被写成的别的词"""


class Period(VocabularyValue):
    """一个朝代。"""

    start: StrictInt = Field(alias="from")
    """起始公元年，公元前用负数"""
    end: StrictInt = Field(alias="to")
    """终止公元年"""


class VocabularyFile(Part):
    """词表文件。"""

    periods: tuple[Period, ...] = Field(min_length=1)
    """朝代，按先后"""
    virtues: tuple[VocabularyValue, ...] = Field(min_length=1)
    """德目"""
    units: tuple[VocabularyValue, ...] = Field(min_length=1)
    """七廉单元"""
    audiences: tuple[VocabularyValue, ...] = Field(min_length=1)
    """人群"""
    tiers: tuple[VocabularyValue, ...] = Field(min_length=1)
    """来源层级，由硬到软"""
    series: tuple[VocabularyValue, ...] = Field(min_length=1)
    """专栏系列"""
    courses: tuple[VocabularyValue, ...] = Field(min_length=1)
    """课程系列"""
    activities: tuple[VocabularyValue, ...] = Field(min_length=1)
    """教学环节的类型"""


LISTS = tuple(VocabularyFile.model_fields)


@dataclass(frozen=True)
class Vocabulary:
    """The lists, each a mapping from label to value in the order of the file."""

    lists: Mapping[str, Mapping[str, VocabularyValue]]

    def __getitem__(self, name: str) -> Mapping[str, VocabularyValue]:
        return self.lists[name]

    def period(self, label: str) -> Period | None:
        """The period of that label."""
        value = self.lists["periods"].get(label)
        return value if isinstance(value, Period) else None

    def suggest(self, name: str, value: str) -> str | None:
        """The label an author probably meant: the most similar label, or the one whose alias is most similar."""
        meant = {word: label for label, term in self.lists[name].items() for word in (label, *term.aliases)}
        guess = value if value in meant else nearest(value, meant)
        return meant[guess] if guess else None

    def unknown_term(self, name: str, value: str) -> tuple[str, str] | None:
        """Fault and remedy for a value that is not in the list; None if it is."""
        if value in self.lists[name]:
            return None
        guess = self.suggest(name, value)
        return f"不在词表 {name} 里", f"是不是“{guess}”？" if guess else "词表里有：" + "、".join(self.lists[name])


def load_vocabulary(root: str) -> tuple[Vocabulary | None, list[Problem]]:
    """Read the vocabulary of the archive at ``root``; None if it cannot be used."""
    file, tree, problems = read_data(root, PATH, VocabularyFile)
    if file is None:
        return None, problems
    lists = {}
    for name in LISTS:
        values: tuple[VocabularyValue, ...] = getattr(file, name)
        lists[name] = MappingProxyType({v.label: v for v in values})
        problems += _duplicates(name, values, tree.line)
        for index, value in enumerate(values):
            if value.id == "index" or is_reserved(value.id):
                what, line = "不能做文件名：程序自己要用，或是 Windows 保留的", tree.line((name, index, "id"))
                problems.append(Problem(PATH, line, f"{name}.id", value.id, what, "换一个拼音", "bad-slug"))
    return Vocabulary(MappingProxyType(lists)), problems


def _duplicates(name: str, values: tuple[VocabularyValue, ...], line: object) -> list[Problem]:
    problems = []
    for attribute in ("id", "label"):
        seen: dict[str, int] = {}
        for index, value in enumerate(values):
            word = getattr(value, attribute)
            if word in seen:
                at = line((name, index, attribute))  # type: ignore[operator]
                problems.append(
                    Problem(
                        PATH,
                        at,
                        f"{name}.{attribute}",
                        word,
                        "与同一词表里的另一项重复",
                        "改成不同的词",
                        "vocabulary-duplicate",
                    )
                )
            seen[word] = index
    return problems


def unknown_terms(path: str, file: Part, tree: Tree, vocabulary: Vocabulary) -> list[Problem]:
    """Values of a data file that should be in the vocabulary but are not."""
    return [
        Problem(path, tree.line(v.loc), field_name(v.loc), v.value, *fault, "vocabulary")
        for v in marked(file)
        if isinstance(v.mark, Controlled) and (fault := vocabulary.unknown_term(v.mark.list, v.value))
    ]
