"""Screens: ``docs/screens.yml``, what public screens (抬头见廉) play, and when."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StrictBool, StrictInt

from integrity_archive.content.data_file import SCREENS_PATH, read_data
from integrity_archive.content.front_matter import Tree
from integrity_archive.content.model.field_types import Part, SolarTerm, Text, Texts, Weekday, fault
from integrity_archive.content.model.marks import Controlled, Ref, marked
from integrity_archive.content.model.vocabulary import Vocabulary, unknown_terms
from integrity_archive.support.problems import Problem

HOURS = r"^([01]?\d|2[0-3]):[0-5]\d-(([01]?\d|2[0-3]):[0-5]\d|24:00)$"


def _hours(value: Any) -> Any:
    if not isinstance(value, str) or not re.match(HOURS, value):
        raise fault("hours", f"“{value}”不是一段时间", "写成 07:30-09:00；过半夜写 22:00-06:00")
    if value.split("-")[0].zfill(5) == value.split("-")[1].zfill(5):
        raise fault("hours", f"“{value}”头尾是同一个时刻", "全天播就不写 hours")
    return value


class ScreenCard(Part):
    """自己写的一张字卡。"""

    text: Annotated[Text, Field(max_length=60)]
    """卡上的话，60 字以内，远处要读得见"""
    source: Text | None = None
    """出处或落款"""


class Programme(Part):
    """一段时间里播什么。"""

    name: Text
    """名称，只给工作人员看"""
    weekdays: tuple[Weekday, ...] = ()
    """星期几播；不写是每天"""
    hours: Annotated[str, BeforeValidator(_hours), Field(pattern=HOURS)] | None = None
    """几点到几点；不写是全天，可以过半夜（算在开始的那一天）"""
    solar_terms: tuple[SolarTerm, ...] = ()
    """只在这些节气里播；不写是全年"""
    films: Annotated[Texts, Ref("playlist", kinds=("video",))] = ()
    """影片 id，按次序播"""
    sayings: StrictBool = False
    """播核对过的短句"""
    units: Annotated[Texts, Controlled("units")] = ()
    """只播适用这些单元的短句；不写是全部"""
    season: StrictBool = False
    """播当令节气的那篇“洁”气"""
    cards: tuple[ScreenCard, ...] = ()
    """自己写的字卡"""
    seconds: Annotated[StrictInt, Field(ge=5, le=120)] = 14
    """一张卡停多少秒"""

    def model_post_init(self, context: Any) -> None:
        if not (self.films or self.sayings or self.season or self.cards):
            raise fault("empty_programme", "什么也没播", "写 films、sayings: true、season: true、cards 中的一样")


class ScreensFile(Part):
    """公共屏的节目单。"""

    programmes: Annotated[tuple[Programme, ...], Field(min_length=1)]
    """节目，从上往下第一个合适的就播；最后一个不写时间，给没安排的时候"""


@dataclass(frozen=True)
class Screens:
    """The programmes, and the films they name, which only the whole archive can check."""

    programmes: tuple[Programme, ...] = ()
    films: tuple[tuple[int, str], ...] = ()
    """Line and id of every film that is named."""


def load_screens(root: str, vocabulary: Vocabulary | None) -> tuple[Screens, list[Problem]]:
    """Read the programmes of the archive at ``root``; an archive without the file has none."""
    if not os.path.exists(os.path.join(root, SCREENS_PATH)):
        return Screens(), []
    file, tree, problems = read_data(root, SCREENS_PATH, ScreensFile)
    if file is None:
        return Screens(), problems
    if vocabulary:
        problems += unknown_terms(SCREENS_PATH, file, tree, vocabulary)
    problems += _silent(file, tree)
    films = tuple((tree.line(v.loc), v.value) for v in marked(file) if isinstance(v.mark, Ref))
    return Screens(file.programmes, films), problems


def _silent(file: ScreensFile, tree: Tree) -> list[Problem]:
    """Programmes that never play, and times without a programme."""
    problems = []
    always = [n for n, p in enumerate(file.programmes) if not (p.weekdays or p.hours or p.solar_terms)]
    last = len(file.programmes) - 1
    if not always:
        what, remedy = "有的时候没有节目，屏上只有馆名", "最后加一个不写时间的节目"
        problems.append(
            Problem(
                SCREENS_PATH,
                tree.line(("programmes", last)),
                "programmes",
                "",
                what,
                remedy,
                "screens",
                severity="warning",
            )
        )
    elif always[0] < last:
        line = tree.line(("programmes", always[0]))
        what = f"“{file.programmes[always[0]].name}”什么时候都合适，排在它后面的永远轮不到"
        problems.append(Problem(SCREENS_PATH, line, "programmes", "", what, "把它移到最后", "screens"))
    return problems
