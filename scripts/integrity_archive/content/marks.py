"""Schema: the content model, with the front matter of each kind of entry.

This module is the one place where a field is defined and documented. The checks, the JSON Schemas and the
tables of the handbook are all made from it, so a docstring under a field is written for authors, in Chinese.

A field that refers to something carries a mark: ``Controlled`` (a term of the vocabulary), ``Ref`` (the id of another
entry), ``Media`` (a file in the entry's folder) or ``Name`` (a free name that gets an index page of its own).
``marked()`` yields every marked value of a record with its location, so that a rule about references or media is
written once and holds for all fields, future ones too.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictFloat, StrictInt
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

Loc = tuple[str | int, ...]
"""Location of a value in the front matter, e.g. ``("sources", 0, "work")``."""

QUOTE_LIMIT = 20
"""Longest quotation from a source, in characters without punctuation."""


# --- marks ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Controlled:
    """The value must be a label of this list of the vocabulary."""

    list: str


@dataclass(frozen=True)
class Ref:
    """The value is the id of another entry; ``relation`` names the type of relation."""

    relation: str
    kinds: tuple[str, ...] = ()
    """Kinds allowed for the target; empty for any."""
    reverse: bool = False
    """Whether the relation runs from the target to this entry."""


@dataclass(frozen=True)
class Media:
    """The value is a file in the entry's folder."""

    suffixes: tuple[str, ...]


@dataclass(frozen=True)
class Name:
    """The value is the name of a person or place that gets an index page."""

    index: Literal["people", "places"]


Mark = Controlled | Ref | Media | Name

IMAGE_SUFFIXES = (".svg", ".png", ".jpg", ".jpeg", ".webp")
VIDEO_SUFFIXES = (".mp4", ".mov", ".m4v", ".webm", ".mkv", ".avi", ".mts", ".3gp")
"""Formats of cameras and telephones; a file that does not play everywhere is converted to MP4."""


# --- values -----------------------------------------------------------------------------------------------------


def fault(code: str, message: str, remedy: str) -> PydanticCustomError:
    """The exception for validators: with a message and a remedy for authors, in Chinese."""
    return PydanticCustomError("archive_" + code, "{message}", {"message": message, "remedy": remedy})


def _not_blank(text: str) -> str:
    if not text.strip():
        raise fault("blank", "是空的", "填上内容；暂缺就整行删去或写“待补”")
    return text.strip()


def _quote_length(text: str) -> str:
    length = sum(not unicodedata.category(c).startswith(("P", "Z")) for c in text)
    if length > QUOTE_LIMIT:
        raise fault("quote", f"引文有 {length} 字，超过 {QUOTE_LIMIT} 字", "只引最要紧的一句，其余用自己的话转述")
    return text


def clock_seconds(stamp: str) -> int:
    """A time as authors write it, ``1:05``, in seconds."""
    total = 0
    for part in stamp.split(":"):
        total = total * 60 + int(part)
    return total


def _year_shorthand(value: Any) -> Any:
    return {"from": value} if isinstance(value, int) and not isinstance(value, bool) else value


CLOCK = r"^(\d+:)?[0-5]?\d:[0-5]\d$"


def _clock(value: Any) -> Any:
    if not isinstance(value, str) or not re.match(CLOCK, value):
        raise fault("clock", f"“{value}”不是时间", "写成分:秒，如 0:30；一小时以上写 1:02:30")
    return value


Clock = Annotated[str, BeforeValidator(_clock), Field(pattern=CLOCK)]
"""A time in a film as authors write it; see ``clock_seconds``."""
Text = Annotated[str, AfterValidator(_not_blank)]
Texts = tuple[Text, ...]
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


class Dates(Part):
    """年代：一个年份或一段年份。也可直接写一个数字。"""

    start: StrictInt = Field(alias="from", ge=-9999, le=9999)
    """起始公元年；公元前用负数，前 356 年写 -356，没有 0 年"""
    end: StrictInt | None = Field(None, alias="to", ge=-9999, le=9999)
    """终止公元年；只有一年就不写"""
    circa: StrictBool = False
    """约数写 true，页面显示“约”"""

    def model_post_init(self, context: Any) -> None:
        if 0 in (self.start, self.end):
            raise fault("year_zero", "公元没有 0 年", "公元前 1 年写 -1，公元 1 年写 1")
        if self.end is not None and self.end < self.start:
            raise fault("year_order", f"终止年 {self.end} 早于起始年 {self.start}", "对调 from 与 to；公元前用负数")

    @property
    def last(self) -> int:
        """The last year covered."""
        return self.start if self.end is None else self.end


class Source(Part):
    """一条出处。"""

    work: Text
    """书名、文章名或网站名，不加书名号"""
    locator: Text
    """卷、篇、页，或网页标题与日期；没有就写“全文”"""
    tier: Annotated[Text, Controlled("tiers")]
    """来源层级"""
    url: Annotated[str, Field(pattern=r"^https?://[^\s<>\"']+$")] | None = None
    """网址，以 http:// 或 https:// 开头"""
    checked: StrictBool = False
    """与原书逐字核对过写 true"""
    note: Text | None = None
    """版本、异文等一句话说明"""


class Quote(Part):
    """一句引文。"""

    text: Annotated[Text, AfterValidator(_quote_length)]
    """原文，不加引号，20 字以内（标点不计）"""
    work: Text
    """书名，不加书名号"""
    locator: Text
    """卷、篇"""


class Figure(Part):
    """人物小传。"""

    name: Annotated[Text, Name("people")]
    """姓名"""
    courtesy_name: Text | None = None
    """字"""
    aliases: Texts = ()
    """别号、封谥、俗称等，供检索"""
    native_place: Text | None = None
    """籍贯，照史书写法；无载写“史无载”"""
    offices: Texts = ()
    """历官，按先后"""
    lifespan: Text | None = None
    """生卒，照史书所载；不详就不写"""


class HeritageListing(Part):
    """非遗名录信息。"""

    level: Literal["国家级", "省级", "市级", "县级", "未核"]
    """名录级别；没有查到公布文件写“未核”"""
    year: StrictInt | None = None
    """公布年份"""
    applicant: Text | None = None
    """申报地区或单位，照公布文件"""
    note: Text | None = None
    """需要说明的情况，如别处所申报"""


class Step(Part):
    """一道工序。"""

    name: Text
    """工序名"""
    text: Text
    """怎么做，一两句"""


class Metaphor(Part):
    """廉喻：从工序里长出来的道理。"""

    step: Text
    """取喻的工序名，须是 steps 里的一道"""
    text: Text
    """道理"""


class Chapter(Part):
    """影片的一章。"""

    at: Clock
    """起点，分:秒，如 0:30"""
    title: Text
    """章名"""


class Panel(Part):
    """一块展板。"""

    title: Text
    """标题"""
    text: Text
    """文字"""


class Zone(Part):
    """一个展区。"""

    title: Text
    """展区名"""
    text: Text | None = None
    """导语"""
    exhibits: Annotated[Texts, Ref("exhibits")] = ()
    """展出的条目，写 id"""
    panels: tuple[Panel, ...] = ()
    """展板"""


class Clip(Part):
    """影片的一段，课上只放这一段。"""

    film: Annotated[Text, Ref("uses", kinds=("video",))]
    """影片 id"""
    start: Clock = Field("0:00", alias="from")
    """从哪里放起，分:秒，如 "0:08"；不写从头"""
    end: Clock | None = Field(None, alias="to")
    """放到哪里停；不写放到完"""
    note: Text | None = None
    """放映提示，只给老师看"""

    def model_post_init(self, context: Any) -> None:
        if self.end and clock_seconds(self.end) <= clock_seconds(self.start):
            raise fault("clip", f"止点 {self.end} 不在起点 {self.start} 之后", "from 写在前，to 写在后")


class Activity(Part):
    """课中的一个环节。"""

    title: Text
    """环节名"""
    kind: Annotated[Text, Controlled("activities")]
    """类型"""
    minutes: Annotated[StrictInt, Field(ge=1, le=240)]
    """分钟"""
    text: Text | None = None
    """做什么，给学员看"""
    entries: Annotated[Texts, Ref("uses")] = ()
    """用到的条目，写 id；阅读环节用到的，全文印进学生讲义"""
    clips: tuple[Clip, ...] = ()
    """用到的影片片段"""
    note: Text | None = None
    """教师提示"""


class Question(Part):
    """一道题。"""

    kind: Literal["单选", "多选", "判断", "简答", "情境"]
    """题型：判断题答对或错；情境题是处境里的选择，每个选项都有回应"""
    question: Text
    """题干"""
    options: Texts = ()
    """选项，至少两个；判断、简答不写"""
    answer: Texts = Field(min_length=1)
    """答案：选择题与选项一字不差；判断写对或错；简答写要点；情境写较妥的做法"""
    feedback: Texts = ()
    """各选项的回应，与 options 一一对应；只有情境题写"""
    explanation: Text
    """解析"""

    @property
    def choices(self) -> Texts:
        """The possible answers; empty for a short answer."""
        return RIGHT_WRONG if self.kind == "判断" else self.options

    def model_post_init(self, context: Any) -> None:
        open_ended = self.kind in ("判断", "简答")
        if open_ended and self.options:
            raise fault("options", f"{self.kind}题不写选项", "删去 options，或把 kind 改成单选")
        if not open_ended and len(self.options) < 2:
            raise fault("options", f"{self.kind}题只有 {len(self.options)} 个选项", "至少写两个")
        if len(set(self.options)) < len(self.options):
            raise fault("options", "有两个选项一样", "改掉一个")
        stray = [a for a in self.answer if self.choices and a not in self.choices]
        if stray:
            remedy = "写对或错" if self.kind == "判断" else "把答案改成与某个选项一字不差"
            raise fault("answer", f"答案“{stray[0]}”不在选项里", remedy)
        if self.kind in ("单选", "判断") and len(self.answer) > 1:
            raise fault("answer", f"{self.kind}题有 {len(self.answer)} 个答案", "只留一个，或把 kind 改成多选")
        if self.kind == "多选" and len(self.answer) < 2:
            raise fault("answer", "多选题只有一个答案", "补上别的答案，或把 kind 改成单选")
        if self.kind == "情境" and len(self.feedback) != len(self.options):
            counts = f"有 {len(self.options)} 个选项、{len(self.feedback)} 条 feedback"
            raise fault("feedback", f"情境题{counts}", "每个选项写一条回应，次序相同")
        if self.kind != "情境" and self.feedback:
            raise fault("feedback", f"{self.kind}题不写 feedback", "写进 explanation，或把 kind 改成情境")


RIGHT_WRONG: Texts = ("对", "错")
"""The possible answers of a 判断 question."""


# --- entries ----------------------------------------------------------------------------------------------------


class Record(Part):
    """各类条目共有的字段。"""

    kind: ClassVar[str]
    folder: ClassVar[str]
    """Folder below the archive's root that contains the entries of this kind."""
    label: ClassVar[str]
    """Name of one entry of this kind."""
    collection: ClassVar[str]
    """Title of the collection page."""
    companions: ClassVar[tuple[str, ...]] = ()
    """File names, without ``.md``, of companion texts in an entry's folder."""
    counter: ClassVar[str] = "篇"
    """Counter word: 三篇, 上一篇."""
    schema_type: ClassVar[str] = "Article"
    """Type in the vocabulary of schema.org."""
    in_folder: ClassVar[bool] = False
    """Whether a new entry gets a folder of its own, because it needs other files."""
    cover_by_period: ClassVar[bool] = False
    """Whether the drawn cover depends on the period instead of the kind."""
    printed: ClassVar[bool] = False
    """Whether a class reads its text, so that handouts and books contain it in full."""
    skeleton: ClassVar[str] = ""
    """Front matter of a new draft, between summary and publication; ``skeleton.py`` fills the placeholders in
    braces."""
    sequence: ClassVar[str] = "period"
    """Field whose values divide a collection into sequences, for links to the previous and the next entry."""
    number: ClassVar[str] = ""
    """Field with an entry's number within its sequence; empty if the order is that of history or the calendar."""

    title: Annotated[Text, Field(max_length=40)]
    """题名，40 字以内"""
    summary: Annotated[Text, Field(max_length=120)]
    """提要，120 字以内：让人想读下去的一两句"""
    people: Annotated[Texts, Name("people")] = ()
    """人物，用通行姓名"""
    places: Annotated[Texts, Name("places")] = ()
    """地点，古今地名皆可"""
    period: Annotated[Text, Controlled("periods")] | None = None
    """朝代"""
    dates: Annotated[Dates, BeforeValidator(_year_shorthand)] | None = None
    """年代：写一个年份，或 {from: 起, to: 止, circa: true}"""
    virtues: Annotated[Texts, Controlled("virtues")] = ()
    """德目"""
    units: Annotated[Texts, Controlled("units")] = ()
    """适用的“七廉”单元"""
    audiences: Annotated[Texts, Controlled("audiences")] = ()
    """适合的人群"""
    tags: Texts = ()
    """自由标签"""
    sources: tuple[Source, ...] = ()
    """出处"""
    credibility: Credibility | None = None
    """可信程度"""
    rights: Text | None = None
    """权利说明；不写用全馆默认"""
    cover: Annotated[Text, Media(IMAGE_SUFFIXES)] | None = None
    """封面图，放在条目自己的文件夹里"""
    cover_alt: Text | None = None
    """封面图的文字说明，给看不见图的人"""
    related: Annotated[Texts, Ref("related")] = ()
    """相关条目的 id；只在一边写，两边都会显示"""
    published: datetime.date | None = None
    """入馆日期，如 2026-11-23"""
    reviewed: datetime.date | None = None
    """最近一次审校的日期"""
    status: Literal["draft", "published"] = "published"
    """draft 草稿不发布；published 发布"""
    visibility: Literal["public", "internal"] = "public"
    """public 公开；internal 内部资料，公开版里不出现"""

    @property
    def updated(self) -> datetime.date | None:
        """The day of the last change that readers should know of."""
        return self.reviewed or self.published

    @property
    def cover_words(self) -> str:
        """Name of the entry on its cover; if it is too long, the label of the kind is used."""
        return self.title

    @property
    def card_notes(self) -> tuple[str, ...]:
        """Notes above the title in lists, after the kind and the period."""
        return ()


class Story(Record):
    """清官廉吏故事：一个人、一件事。"""

    kind: ClassVar[str] = "story"
    folder: ClassVar[str] = "stories"
    label: ClassVar[str] = "故事"
    collection: ClassVar[str] = "清官廉吏故事"
    cover_by_period: ClassVar[bool] = True
    printed: ClassVar[bool] = True
    skeleton: ClassVar[str] = """\
people: []
places: []
period: {period}
virtues: []
units: []
audiences: []
sources:
  - work: 待补
    locator: 待补
    tier: {tier}
credibility: 存疑
related: []
figure:
  name: 待补
quotes: []
questions:
  - 待补
textual_note: 待补
"""

    period: Annotated[Text, Controlled("periods")]
    """朝代"""
    sources: tuple[Source, ...] = Field(min_length=1)
    """出处，至少一条"""
    credibility: Credibility
    """可信程度"""
    figure: Figure
    """人物小传"""
    quotes: tuple[Quote, ...] = ()
    """引文，20 字以内，注明书与卷"""
    questions: Annotated[Texts, Field(min_length=1)]
    """讨论题，能让人争起来的两三个"""
    textual_note: Text
    """史料辨析：异文、存疑、史书的批评；空一行分段"""

    @property
    def cover_words(self) -> str:
        """Name of the person, for the cover."""
        return self.figure.name


class Craft(Record):
    """非遗话清廉：一门手艺，一道取喻的工序。"""

    kind: ClassVar[str] = "craft"
    folder: ClassVar[str] = "heritage"
    label: ClassVar[str] = "工艺"
    collection: ClassVar[str] = "非遗话清廉"
    counter: ClassVar[str] = "项"
    schema_type: ClassVar[str] = "HowTo"
    printed: ClassVar[bool] = True
    skeleton: ClassVar[str] = """\
places: []
virtues: []
units: []
sources: []
credibility: 存疑
listing:
  level: 未核
collecting: true      # 查到工序后删去这一行，写 steps 与 metaphor
"""

    listing: HeritageListing
    """名录信息"""
    collecting: StrictBool = False
    """资料征集中写 true：只登记名称，不写工序与廉喻"""
    steps: tuple[Step, ...] = ()
    """工序，按先后"""
    metaphor: Metaphor | None = None
    """廉喻"""
    film: Annotated[Text, Ref("film", kinds=("video",))] | None = None
    """讲这门手艺的影片 id"""

    def model_post_init(self, context: Any) -> None:
        if self.collecting and (self.steps or self.metaphor):
            raise fault("collecting", "资料征集中的条目不写工序与廉喻", "删去 steps 与 metaphor，或去掉 collecting")
        if not self.collecting and not self.steps:
            raise fault("steps", "没有工序", "写上 steps；资料还没有查到就写 collecting: true")
        if self.metaphor and self.metaphor.step not in {s.name for s in self.steps}:
            raise fault(
                "metaphor",
                f"廉喻所取的工序“{self.metaphor.step}”不在 steps 里",
                "改成 " + "、".join(s.name for s in self.steps) + " 之一",
            )


class Video(Record):
    """影片：摄像机拍的或按分镜做的。时长由程序测量，不填写。"""

    kind: ClassVar[str] = "video"
    folder: ClassVar[str] = "videos"
    label: ClassVar[str] = "影片"
    collection: ClassVar[str] = "影像"
    counter: ClassVar[str] = "部"
    schema_type: ClassVar[str] = "VideoObject"
    in_folder: ClassVar[bool] = True
    sequence: ClassVar[str] = "series"
    number: ClassVar[str] = "episode"
    skeleton: ClassVar[str] = """\
media: {slug}.mp4      # 影片文件放在旁边；按分镜做的，这一行换成 storyboard: storyboard.yml
about: []
credits: []
# captions: captions.zh-Hans.vtt   # 拍的影片的字幕；按分镜做的不写
# poster_at: 3                     # 取第 3 秒的画面作海报
# series: {series}
# episode: 1                       # 在系列里排第几
# places: []
# virtues: []
# units: []
# audiences: [{audience}]
# sources:
#   - {{work: 待补, locator: 待补, tier: {tier}}}
# credibility: 存疑
"""

    media: Annotated[Text, Media(VIDEO_SUFFIXES)] | None = None
    """摄像机拍的影片文件；按分镜做的不写"""
    storyboard: Annotated[Text, Media((".yml",))] | None = None
    """分镜文件，写 storyboard.yml；摄像机拍的不写"""
    shapes: Annotated[tuple[Literal["横屏", "竖屏"], ...], Field(min_length=1)] = ("横屏",)
    """按分镜做哪几种：横屏用于网页与投影，竖屏把字幕印在画面里，给没有声音的公共屏"""
    series: Annotated[Text, Controlled("series")] | None = None
    """所属系列"""
    episode: Annotated[StrictInt, Field(ge=1)] | None = None
    """在系列里的次序"""
    poster_at: Annotated[StrictInt | StrictFloat, Field(ge=0)] | None = None
    """取第几秒的画面作海报；不写取开头"""
    captions: Annotated[Text, Media((".vtt",))] | None = None
    """字幕（WebVTT）"""
    poster: Annotated[Text, Media(IMAGE_SUFFIXES)] | None = None
    """海报图；不写就从影片里取一帧"""
    chapters: tuple[Chapter, ...] = ()
    """章节"""
    about: Annotated[Texts, Ref("film", reverse=True)] = ()
    """所讲的条目 id"""
    credits: Texts = ()
    """制作人员与单位"""

    def model_post_init(self, context: Any) -> None:
        if bool(self.media) == bool(self.storyboard):
            raise fault(
                "film", "影片要有 media 或 storyboard，只能有一样", "摄像机拍的写 media，按分镜做的写 storyboard"
            )
        if self.storyboard and (self.captions or self.chapters):
            raise fault("film", "按分镜做的影片，字幕与章节都写在分镜里", "删去 captions 与 chapters")

    @property
    def card_notes(self) -> tuple[str, ...]:
        """Notes above the title in lists, after the kind and the period."""
        return (self.series,) if self.series else ()


class Hall(Record):
    """展馆与阵地。"""

    kind: ClassVar[str] = "hall"
    folder: ClassVar[str] = "docs/halls"
    label: ClassVar[str] = "展馆"
    collection: ClassVar[str] = "展馆阵地"
    counter: ClassVar[str] = "处"
    schema_type: ClassVar[str] = "Museum"
    skeleton: ClassVar[str] = """\
places: []
units: []
sources: []
zones:
  - title: 待补
    exhibits: []
"""

    address: Text | None = None
    """地址，不确知不写，页面显示“待补”"""
    hours: Text | None = None
    """开放时间，不确知不写，页面显示“待补”"""
    zones: tuple[Zone, ...] = Field(min_length=1)
    """展区，按参观顺序"""
    playlist: Annotated[Texts, Ref("playlist", kinds=("video",))] = ()
    """触摸屏循环播放的影片 id"""


class Lesson(Record):
    """廉课堂的一课。"""

    kind: ClassVar[str] = "lesson"
    folder: ClassVar[str] = "docs/lessons"
    label: ClassVar[str] = "课程"
    collection: ClassVar[str] = "廉课堂"
    counter: ClassVar[str] = "课"
    schema_type: ClassVar[str] = "LearningResource"
    in_folder: ClassVar[bool] = True
    companions: ClassVar[tuple[str, ...]] = ("slides", "handout")
    sequence: ClassVar[str] = "course"
    number: ClassVar[str] = "order"
    skeleton: ClassVar[str] = """\
course: {course}
audiences: [{audience}]
units: []
minutes: 45
objectives:
  - 待补
activities:
  - title: 待补
    kind: {activity}
    minutes: 45
    entries: []
"""

    course: Annotated[Text, Controlled("courses")]
    """所属课程系列"""
    order: Annotated[StrictInt, Field(ge=1)] | None = None
    """在课程系列里的次序；不写排在最后"""
    audiences: Annotated[Texts, Controlled("audiences"), Field(min_length=1)]
    """适合的人群"""
    minutes: Annotated[StrictInt, Field(ge=5, le=480)]
    """总分钟数，须等于各环节之和"""
    objectives: Annotated[Texts, Field(min_length=1)]
    """学习目标：学完能做什么"""
    materials: Texts = ()
    """课前要准备的东西"""
    activities: tuple[Activity, ...] = Field(min_length=1)
    """教学环节"""
    questions: Texts = ()
    """讨论题，能让一个班分成两边"""
    quiz: tuple[Question, ...] = ()
    """测验"""
    requires: Annotated[Texts, Ref("requires", kinds=("lesson",))] = ()
    """先修课程的 id"""

    def model_post_init(self, context: Any) -> None:
        if wrong := wrong_sum(self.minutes, [a.minutes for a in self.activities]):
            raise fault("minutes", *wrong)

    @property
    def cover_words(self) -> str:
        """What names the entry on its cover."""
        return self.course

    @property
    def card_notes(self) -> tuple[str, ...]:
        """Notes above the title in lists, after the kind and the period."""
        return (f"{self.minutes} 分钟",)


def wrong_sum(minutes: int, parts: Sequence[int]) -> tuple[str, str] | None:
    """Fault and remedy if the minutes of the activities do not add up to those of the lesson; None if they do."""
    total = sum(parts)
    if total == minutes:
        return None
    return f"各环节共 {total} 分钟，与 minutes {minutes} 不符", f"把 minutes 改为 {total}，或调整环节"


class Article(Record):
    """专栏文章。"""

    kind: ClassVar[str] = "article"
    folder: ClassVar[str] = "docs/columns"
    label: ClassVar[str] = "专栏"
    collection: ClassVar[str] = "专栏"
    printed: ClassVar[bool] = True
    sequence: ClassVar[str] = "series"
    skeleton: ClassVar[str] = """\
series: {series}
virtues: []
units: []
sources: []
"""

    series: Annotated[Text, Controlled("series")]
    """所属系列"""
    published: datetime.date
    """入馆日期，订阅源据此排序"""
    solar_term: SolarTerm | None = None
    """节气，只用于节气系列"""
    issue: Annotated[StrictInt, Field(ge=1)] | None = None
    """期号"""
    quotes: tuple[Quote, ...] = ()
    """引文，20 字以内，注明书与卷"""
    as_of: datetime.date | None = None
    """讲法规、纪律的，依据截至哪一天：那以后改了的不在内，页面上会写出来"""

    @property
    def cover_words(self) -> str:
        """What names the entry on its cover."""
        return self.solar_term or self.series

    @property
    def card_notes(self) -> tuple[str, ...]:
        """Notes above the title in lists, after the kind and the period."""
        return (self.series,)


RECORDS: tuple[type[Record], ...] = (Story, Craft, Video, Hall, Lesson, Article)
"""All kinds, in the order of the collections."""

KINDS: Mapping[str, type[Record]] = MappingProxyType({r.kind: r for r in RECORDS})


# --- walking marked values ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Marked:
    """A value with a mark, and its location."""

    loc: Loc
    value: str
    mark: Mark


@dataclass(frozen=True)
class _Walk:
    """A field that has marks or contains a part."""

    attribute: str
    name: str
    """Its name in the front matter."""
    marks: tuple[Mark, ...]
    part: type[Part] | None
    """Type of the nested part, if any."""


@cache
def _plan(model: type[Part]) -> tuple[_Walk, ...]:
    plan = []
    for attribute, field in model.model_fields.items():
        marks = marks_of(field)
        part = _part_in(field.annotation)
        if marks or part:
            plan.append(_Walk(attribute, field.alias or attribute, marks, part))
    return tuple(plan)


def marks_of(field: FieldInfo) -> tuple[Mark, ...]:
    """The marks of a field, also if its annotation is ``X | None``."""
    inner = (m for arg in get_args(field.annotation) for m in getattr(arg, "__metadata__", ()))
    return tuple(m for m in (*field.metadata, *inner) if isinstance(m, Mark))


def _part_in(annotation: Any) -> type[Part] | None:
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return annotation
    return next((p for a in get_args(annotation) if (p := _part_in(a))), None)


def marked(part: Part, loc: Loc = ()) -> Iterator[Marked]:
    """Every marked value of a record, in the order of its fields, nested parts included."""
    for walk in _plan(type(part)):
        value = getattr(part, walk.attribute)
        for index, item in enumerate(value) if isinstance(value, tuple) else [(None, value)]:
            here = (*loc, walk.name) if index is None else (*loc, walk.name, index)
            if isinstance(item, Part):
                yield from marked(item, here)
            elif isinstance(item, str):
                yield from (Marked(here, item, mark) for mark in walk.marks)


def marked_raw(model: type[Part], values: Mapping[str, Any], loc: Loc = ()) -> Iterator[Marked]:
    """``marked`` for plain values that may not fit the model; values of a wrong type are skipped."""
    for walk in _plan(model):
        value = values.get(walk.name)
        for index, item in enumerate(value) if isinstance(value, list) else [(None, value)]:
            here = (*loc, walk.name) if index is None else (*loc, walk.name, index)
            if isinstance(item, Mapping) and walk.part:
                yield from marked_raw(walk.part, item, here)
            elif isinstance(item, str) and item.strip():
                yield from (Marked(here, item.strip(), mark) for mark in walk.marks)
