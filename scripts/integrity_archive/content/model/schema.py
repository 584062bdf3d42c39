"""Schema: the content model, with the front matter of each kind of entry.

Here and in ``record`` every field is defined and documented once. The checks, the JSON Schemas and the tables of the
handbook are all made from it, so a docstring under a field is written for authors, in Chinese.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, StrictBool, StrictFloat, StrictInt

from integrity_archive.content.model.dates import AnyDates, Dates, dates_in_words
from integrity_archive.content.model.field_types import (
    VIDEO_SUFFIXES,
    Clock,
    Credibility,
    NameText,
    Part,
    SolarTerm,
    Text,
    Texts,
    clock_seconds,
    fault,
)
from integrity_archive.content.model.marks import Controlled, Media, Name, Ref
from integrity_archive.content.model.record import CoverStyle, Order, Quote, Record, Source
from integrity_archive.intake.picture_file import PICTURE_SUFFIXES

# --- parts of entries ---------------------------------------------------------------------------------------------


class Figure(Part):
    """人物小传。"""

    name: Annotated[NameText, Name("people")]
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


def _time_of_day(value: Any) -> Any:
    if not isinstance(value, str) or not re.match(TIME_OF_DAY, value):
        raise fault("time", f"“{value}”不是钟点", "写成时:分，如 9:00、14:30")
    return value


TIME_OF_DAY = r"^([01]?\d|2[0-3]):[0-5]\d$"
TimeOfDay = Annotated[str, BeforeValidator(_time_of_day), Field(pattern=TIME_OF_DAY)]
"""A time of day as authors write it, ``9:00``."""


class EventDays(Part):
    """活动的一天，或连着的几天。全天的可直接写日期：2026-11-30，或 2026-11-30/2026-12-02。"""

    day: AnyDates
    """哪一天 2026-11-30，或连着的哪几天 2026-11-30/2026-12-02"""
    opens: TimeOfDay | None = Field(None, alias="from")
    """几点开始，如 "9:00"；全天不写"""
    closes: TimeOfDay | None = Field(None, alias="to")
    """几点结束"""

    def model_post_init(self, context: Any) -> None:
        if self.day.circa or not (self.day.since.day and self.day.final.day):
            raise fault("event_day", "活动要写到哪一天", "写成 2026-11-30，或 2026-11-30/2026-12-02")
        if self.closes and not self.opens:
            raise fault("event_hours", "有结束的钟点，没有开始的", "补上 from，或删去 to")
        if self.opens and self.closes and clock_seconds(self.closes) <= clock_seconds(self.opens):
            raise fault("event_hours", f"结束的 {self.closes} 不在开始的 {self.opens} 之后", "对调 from 与 to")

    @property
    def in_words(self) -> str:
        """The days and hours for readers: ``2026 年 11 月 30 日 9:00—11:30``."""
        days = dates_in_words(self.day.since, self.day.final)
        if not self.opens:
            return days
        return f"{days} {self.opens}—{self.closes}" if self.closes else f"{days} {self.opens} 起"


def _whole_days(value: Any) -> Any:
    return {"day": value} if isinstance(value, (str, int, datetime.date)) else value


# --- kinds --------------------------------------------------------------------------------------------------------


class Story(Record):
    """清官廉吏故事：一个人、一件事。"""

    kind: ClassVar[str] = "story"
    folder: ClassVar[str] = "stories"
    label: ClassVar[str] = "故事"
    collection: ClassVar[str] = "清官廉吏故事"
    cover_style: ClassVar[CoverStyle] = CoverStyle("qing", "ming")
    opens_with_film: ClassVar[bool] = True
    featured: ClassVar[bool] = True
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

    @property
    def subject(self) -> str:
        """Name of the person whom it is about."""
        return self.figure.name

    @property
    def other_names(self) -> tuple[str, ...]:
        """Other names of that person, under which readers search for the entry."""
        return (*filter(None, [self.figure.courtesy_name]), *self.figure.aliases)


class Craft(Record):
    """非遗话清廉：一门手艺，一道取喻的工序。"""

    kind: ClassVar[str] = "craft"
    folder: ClassVar[str] = "heritage"
    label: ClassVar[str] = "工艺"
    collection: ClassVar[str] = "非遗话清廉"
    cover_style: ClassVar[CoverStyle] = CoverStyle("moss", "craft")
    opens_with_film: ClassVar[bool] = True
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
    cover_style: ClassVar[CoverStyle] = CoverStyle("ink", "video")
    display: ClassVar[str] = "video"
    is_film: ClassVar[bool] = True
    reading_order: ClassVar[tuple[Order, ...]] = ("sequence", "history")
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

    media: Annotated[Text, Media(VIDEO_SUFFIXES, shown=False)] | None = None
    """摄像机拍的影片文件；按分镜做的不写"""
    storyboard: Annotated[Text, Media((".yml",), shown=False)] | None = None
    """分镜文件，写 storyboard.yml；摄像机拍的不写"""
    shapes: Annotated[tuple[Literal["横屏", "竖屏"], ...], Field(min_length=1)] = ("横屏",)
    """按分镜做哪几种：横屏用于网页与投影，竖屏把字幕印在画面里，给没有声音的公共屏"""
    series: Annotated[Text, Controlled("series")] | None = None
    """所属系列"""
    episode: Annotated[StrictInt, Field(ge=1)] | None = None
    """在系列里的次序"""
    poster_at: Annotated[StrictInt | StrictFloat, Field(ge=0)] | None = None
    """取第几秒的画面作海报；不写取开头"""
    captions: Annotated[Text, Media((".vtt",), shown=False)] | None = None
    """字幕（WebVTT）"""
    poster: Annotated[Text, Media(PICTURE_SUFFIXES)] | None = None
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
    def picture(self) -> str | None:
        """File in the entry's folder with its picture for lists; without one a frame of the film is used."""
        return self.cover or self.poster

    @property
    def captioned(self) -> bool:
        """Whether it has captions: a file of them, or those that a storyboard gives."""
        return bool(self.captions or self.storyboard)

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
    cover_style: ClassVar[CoverStyle] = CoverStyle("earth", "hall")
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
    cover_style: ClassVar[CoverStyle] = CoverStyle("indigo", "lesson")
    reading_order: ClassVar[tuple[Order, ...]] = ("sequence", "history")
    unnumbered_last: ClassVar[bool] = True
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
    cover_style: ClassVar[CoverStyle] = CoverStyle("qing", "article")
    door_style: ClassVar[CoverStyle | None] = CoverStyle("wine", "article")
    solar_year: ClassVar[bool] = True
    in_feed: ClassVar[bool] = True
    reading_order: ClassVar[tuple[Order, ...]] = ("newest", "solar_year", "history")
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


class Event(Record):
    """活动：巡演、展览、宣讲、课。"""

    kind: ClassVar[str] = "event"
    folder: ClassVar[str] = "docs/events"
    label: ClassVar[str] = "活动"
    collection: ClassVar[str] = "活动"
    cover_style: ClassVar[CoverStyle] = CoverStyle("moss", "hall")
    counter: ClassVar[str] = "场"
    schema_type: ClassVar[str] = "Event"
    schema_dates: ClassVar[tuple[str] | tuple[str, str]] = ("startDate", "endDate")
    reading_order: ClassVar[tuple[Order, ...]] = ("latest",)
    sequence: ClassVar[str] = "tour"
    number: ClassVar[str] = "stop"
    skeleton: ClassVar[str] = """\
form: 展览            # 巡演、展览、宣讲、课、其他
event_status: 预告    # 办过以后改成已办；还有改期、取消
days:
  - {today}        # 全天；有钟点的写 {{day: {today}, from: "9:00", to: "11:00"}}
venue: 待补
organiser: 待补
units: []
shows: []
"""

    form: Literal["巡演", "展览", "宣讲", "课", "其他"]
    """哪一种活动"""
    event_status: Literal["预告", "已办", "改期", "取消"]
    """预告 还没有办；已办 办过了；改期 days 写新日子；取消 不办了"""
    days: tuple[Annotated[EventDays, BeforeValidator(_whole_days)], ...] = Field(min_length=1)
    """哪几天，一条一行，以 - 开头"""
    venue: Text | None = None
    """在哪里办，不确知不写，页面显示“待补”"""
    organiser: Text | None = None
    """主办单位"""
    tour: Text | None = None
    """巡演的名称，同一巡演各场写得一样"""
    stop: Annotated[StrictInt, Field(ge=1)] | None = None
    """巡演第几站"""
    shows: Annotated[Texts, Ref("exhibits")] = ()
    """展出、讲到、演到的条目，写 id"""

    def model_post_init(self, context: Any) -> None:
        if self.dates:
            raise fault("event_dates", "dates 和 days 都写了日子", "删去 dates，活动只写 days")
        if self.stop and not self.tour:
            raise fault("event_stop", "stop 写了第几站，没有 tour", "补上 tour（巡演的名称），或删去 stop")

    @property
    def time_span(self) -> Dates:
        """From its first day to its last."""
        first = min(days.day.since for days in self.days)
        return Dates.model_validate({"from": first, "to": max(days.day.final for days in self.days)})

    @property
    def cover_words(self) -> str:
        """What names the entry on its cover."""
        return self.form

    @property
    def card_notes(self) -> tuple[str, ...]:
        """Notes above the title in lists, after the kind and the period."""
        span = self.time_span
        notes = (self.form, dates_in_words(span.since, span.final))
        return notes if self.event_status == "已办" else (*notes, self.event_status)


RECORDS: tuple[type[Record], ...] = (Story, Craft, Video, Hall, Lesson, Article, Event)
"""All kinds, in the order of the collections."""

KINDS: Mapping[str, type[Record]] = MappingProxyType({r.kind: r for r in RECORDS})
