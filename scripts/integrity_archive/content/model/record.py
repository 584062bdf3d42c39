"""Record: the fields that all kinds of entries share, and what a kind says of itself."""

from __future__ import annotations

import datetime
import unicodedata
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, StrictBool

from integrity_archive.content.model.dates import AnyDates, Dates
from integrity_archive.content.model.field_types import Credibility, Names, Part, Text, Texts, fault
from integrity_archive.content.model.marks import Controlled, Media, Name, Ref
from integrity_archive.intake.picture_file import PICTURE_SUFFIXES

QUOTE_LIMIT = 20
"""Longest quotation from a source, in characters without punctuation."""


def _quote_length(text: str) -> str:
    length = sum(not unicodedata.category(c).startswith(("P", "Z")) for c in text)
    if length > QUOTE_LIMIT:
        raise fault("quote", f"引文有 {length} 字，超过 {QUOTE_LIMIT} 字", "只引最要紧的一句，其余用自己的话转述")
    return text


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


@dataclass(frozen=True)
class CoverStyle:
    """The look of a drawn cover, or of the door to a collection."""

    cloth: Literal["qing", "moss", "indigo", "earth", "wine", "ink"]
    """Colour of the binding: ``--book-…`` in ``tokens.css``."""
    motif: str
    """Name of a drawing in ``assets/img/motifs/`` that ``cover.css`` knows."""


Order = Literal["newest", "solar_year", "sequence", "history", "latest"]
"""A key by which entries of a kind are ordered; ``archive.graph`` says what each means."""


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
    schema_dates: ClassVar[tuple[str] | tuple[str, str]] = ("temporalCoverage",)
    """Properties of schema.org for its dates: one for the whole time, or two for its first and last day."""
    in_folder: ClassVar[bool] = False
    """Whether a new entry gets a folder of its own, because it needs other files."""
    cover_style: ClassVar[CoverStyle]
    """Drawn cover of an entry without a picture."""
    cover_by_period: ClassVar[bool] = False
    """Whether the drawn cover depends on the period, where an entry has one."""
    door_style: ClassVar[CoverStyle | None] = None
    """Door to the collection on home pages; None where it looks like the covers."""
    display: ClassVar[str] = "record"
    """Template of an item's page in CollectionBuilder."""
    is_film: ClassVar[bool] = False
    """Whether an entry is a film, which is made or converted from its media."""
    opens_with_film: ClassVar[bool] = False
    """Whether a page begins with the films about its entry."""
    featured: ClassVar[bool] = False
    """Whether the home page shows one each day."""
    solar_year: ClassVar[bool] = False
    """Whether the collection page shows the year of the solar terms."""
    in_feed: ClassVar[bool] = False
    """Whether the feed has its newest entries."""
    printed: ClassVar[bool] = False
    """Whether a class reads its text, so that handouts and books contain it in full."""
    skeleton: ClassVar[str] = ""
    """Front matter of a new draft, between summary and publication; ``skeleton.py`` fills the placeholders in
    braces."""
    reading_order: ClassVar[tuple[Order, ...]] = ("history",)
    """Reading order of a collection, most important key first."""
    sequence: ClassVar[str] = "period"
    """Field whose values divide a collection into sequences, for links to the previous and the next entry."""
    number: ClassVar[str] = ""
    """Field with an entry's number within its sequence; empty if the order is that of history or the calendar."""
    unnumbered_last: ClassVar[bool] = False
    """Whether entries without a number stand at the end of their sequence, not at its beginning."""

    title: Annotated[Text, Field(max_length=40)]
    """题名，40 字以内"""
    summary: Annotated[Text, Field(max_length=120)]
    """提要，120 字以内：让人想读下去的一两句"""
    people: Annotated[Names, Name("people")] = ()
    """人物，用通行姓名"""
    places: Annotated[Names, Name("places")] = ()
    """地点，古今地名皆可"""
    period: Annotated[Text, Controlled("periods")] | None = None
    """朝代"""
    dates: AnyDates | None = None
    """年代：写一个年份、一天 2026-11-30、一段 2026-11-30/2026-12-02，或 {from: 起, to: 止, circa: true}"""
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
    cover: Annotated[Text, Media(PICTURE_SUFFIXES)] | None = None
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
    def time_span(self) -> Dates | None:
        """The time it is about, by which it is ordered and which exports tell."""
        return self.dates

    @property
    def updated(self) -> datetime.date | None:
        """The day of the last change that readers should know of."""
        return self.reviewed or self.published

    @property
    def cover_words(self) -> str:
        """Name of the entry on its cover; if it is too long, the label of the kind is used."""
        return self.title

    @property
    def picture(self) -> str | None:
        """File in the entry's folder with its picture for lists."""
        return self.cover

    @property
    def captioned(self) -> bool:
        """Whether it has captions."""
        return False

    @property
    def subject(self) -> str:
        """Name of the person whom it is about; empty for none."""
        return ""

    @property
    def other_names(self) -> tuple[str, ...]:
        """Other names of that person, under which readers search for the entry."""
        return ()

    @property
    def card_notes(self) -> tuple[str, ...]:
        """Notes above the title in lists, after the kind and the period."""
        return ()
