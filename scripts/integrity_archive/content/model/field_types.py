"""Field types: the values that fields of every model consist of, and the base class of the models."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from integrity_archive.content.markup.line_breaks import separator

Loc = tuple[str | int, ...]
"""Location of a value in the front matter, e.g. ``("sources", 0, "work")``."""
VIDEO_SUFFIXES = (".mp4", ".mov", ".m4v", ".webm", ".mkv", ".avi", ".mts", ".3gp")
"""Formats of cameras and telephones; a file that does not play everywhere is converted to MP4."""


def fault(code: str, message: str, remedy: str) -> PydanticCustomError:
    """The exception for validators: with a message and a remedy for authors, in Chinese."""
    return PydanticCustomError("archive_" + code, "{message}", {"message": message, "remedy": remedy})


def _not_blank(text: str) -> str:
    if not text.strip():
        raise fault("blank", "是空的", "填上内容；暂缺就整行删去或写“待补”")
    return text.strip()


def clock_seconds(stamp: str) -> int:
    """A time as authors write it, ``1:05``, in seconds."""
    total = 0
    for part in stamp.split(":"):
        total = total * 60 + int(part)
    return total


CLOCK = r"^(\d+:)?[0-5]?\d:[0-5]\d$"


def _clock(value: Any) -> Any:
    if not isinstance(value, str) or not re.match(CLOCK, value):
        raise fault("clock", f"“{value}”不是时间", "写成分:秒，如 0:30；一小时以上写 1:02:30")
    return value


Clock = Annotated[str, BeforeValidator(_clock), Field(pattern=CLOCK)]
"""A time in a film as authors write it; see ``clock_seconds``."""
Text = Annotated[str, AfterValidator(_not_blank)]
Texts = tuple[Text, ...]


_DOT = re.compile("[\u2022\u2027\u2219\u22c5\u30fb\uff65]")
_SPACES = re.compile(r"\s+")


def tidy_name(name: str) -> str:
    """A name in the form under which it is listed: 杨　震 and 杨 震 are 杨震; the dot in a foreign name is ``·``."""
    one = unicodedata.normalize("NFC", _DOT.sub("·", name.strip()))
    return _SPACES.sub(lambda m: separator(one[m.start() - 1], one[m.end()]), one)


NameText = Annotated[Text, AfterValidator(tidy_name)]
Names = tuple[NameText, ...]
SolarTerm = Literal[
    "立春", "雨水", "惊蛰", "春分", "清明", "谷雨", "立夏", "小满", "芒种", "夏至", "小暑", "大暑",
    "立秋", "处暑", "白露", "秋分", "寒露", "霜降", "立冬", "小雪", "大雪", "冬至", "小寒", "大寒",
]  # fmt: skip
SOLAR_TERMS: tuple[str, ...] = get_args(SolarTerm)
Weekday = Literal["一", "二", "三", "四", "五", "六", "日"]
WEEKDAYS: tuple[str, ...] = get_args(Weekday)
Credibility = Literal["史实", "存疑", "传说", "改编"]
CREDIBILITY: tuple[str, ...] = get_args(Credibility)


class Part(BaseModel):
    """Base of every model: frozen, no unknown field, field docs taken from the docstrings under the fields."""

    model_config = ConfigDict(
        defer_build=True,  # a run that checks one entry builds one validator, not thirty
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
        validate_by_name=False,
        validate_by_alias=True,
    )
