"""A new entry: a valid draft to fill in, with every required field and a pinyin slug."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from types import MappingProxyType

from integrity_archive.content.placeholders import PLACEHOLDER, PLACEHOLDER_BODY
from integrity_archive.content.schema import KINDS
from integrity_archive.content.vocabulary import Vocabulary

IN_FOLDERS = frozenset(("video", "lesson"))
"""Kinds whose entries have files beside them from the start."""

_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "story": """\
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
""",
        "craft": """\
places: []
virtues: []
units: []
sources: []
credibility: 存疑
listing:
  level: 未核
collecting: true      # 查到工序后删去这一行，写 steps 与 metaphor
""",
        "video": """\
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
""",
        "hall": """\
places: []
units: []
sources: []
zones:
  - title: 待补
    exhibits: []
""",
        "lesson": """\
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
""",
        "article": """\
series: {series}
virtues: []
units: []
sources: []
""",
    }
)


def skeleton(kind: str, title: str, slug: str, vocabulary: Vocabulary, today: datetime.date) -> tuple[str, str]:
    """Path below the archive's root and text of a new draft."""
    first = {name: next(iter(vocabulary[name])) for name in ("periods", "tiers", "courses", "audiences", "activities")}
    fields = _FIELDS[kind].format(
        slug=slug,
        period=_quoted(first["periods"]),
        tier=_quoted(first["tiers"]),
        course=_quoted(first["courses"]),
        audience=_quoted(first["audiences"]),
        activity=_quoted(first["activities"]),
        series=_quoted(next(iter(vocabulary["series"]))),
    )
    head = f"title: {_quoted(title)}\nsummary: {PLACEHOLDER}\n"
    tail = f"published: {today.isoformat()}\nstatus: draft          # 写好后改成 published\n"
    name = f"{slug}/index.md" if kind in IN_FOLDERS else f"{slug}.md"
    return f"{KINDS[kind].folder}/{name}", f"---\n{head}{fields}{tail}---\n\n{PLACEHOLDER_BODY}\n"


def _quoted(text: str) -> str:
    """The text as a YAML double-quoted scalar."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'
