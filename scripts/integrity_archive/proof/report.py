"""Report: what an editor still has to do: balance, sources, gaps, similar sentences, unused entries. No errors."""

from __future__ import annotations

import datetime
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

from integrity_archive.archive.graph import Archive
from integrity_archive.content.entry import Entry
from integrity_archive.content.markup.markdown import Body
from integrity_archive.content.markup.plain_text import entry_text, plain_text, text_rows
from integrity_archive.content.model.facets import FACETS
from integrity_archive.content.model.marks import Ref
from integrity_archive.content.model.sayings import PATH as SAYINGS_PATH
from integrity_archive.content.model.sayings import Sayings
from integrity_archive.content.model.schema import KINDS, Article, Hall, Lesson, Story
from integrity_archive.proof import claims
from integrity_archive.proof.statements import EntryText

UNIT_LEAST = 8
"""Fewest entries that make the page of a unit useful."""
ALIKE = 0.6
"""Least share of character pairs that two similar sentences have in common (Dice's coefficient)."""
SENTENCE_LEAST = 14
"""Fewest characters of a sentence to be compared; shorter ones are often similar by chance."""
COMMON_PAIR = 60
"""A pair of characters that occurs in more sentences than this is ignored: it says nothing about similarity."""

STORY_LENGTH = (600, 1800)
"""Fewest and most characters of a story's body: less is not a scene, more is several."""
QUESTIONS_LEAST = 2
"""Fewest questions of a story: a discussion needs two sides."""
NOTE_LEAST = 20
"""Fewest characters of a useful textual note."""

OPENING_SHORT = 25
"""Most characters of a first paragraph that counts as short."""
HABITS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "问“该不该”“算不算”": re.compile("该不该|算不算"),
        "写“也许”“大约”“多半”": re.compile("也许|大约|多半"),
        "写“可是”": re.compile("可是"),
        "写“两样”“两头”": re.compile("两样|两头"),
    }
)
"""Turns of phrase that are good once but tiring in every story."""

_GAP = re.compile("待补|待核")
_SENTENCE = re.compile(r"[^。！？；\n]+")
_SIGN = re.compile(r"\W+")


@dataclass(frozen=True)
class Section:
    """One question of the report, and the answers to it."""

    title: str
    lines: tuple[str, ...]


def report(
    archive: Archive,
    bodies: Mapping[str, Body],
    sayings: Sayings,
    written: Sequence[EntryText],
    law_before: datetime.date,
) -> tuple[Section, ...]:
    """All sections, also those without answers, so that an editor sees that the question was asked.

    Args:
        archive: entries, related.
        bodies: their converted bodies, by path.
        sayings: the archive's sayings.
        written: all statements of the entries.
        law_before: articles whose ``as_of`` is an earlier day are listed.
    """
    entries = list(archive.entries.values())
    return (
        Section("条目", tuple(_counts(archive))),
        Section("不均衡的地方", tuple(_unbalanced(archive))),
        Section("篇幅、讨论题、史料辨析不合要求的故事", tuple(_thin(entries, bodies))),
        Section("没有一条出处核对过的条目", tuple(_unchecked(entries))),
        Section("没有核对过的短句", tuple(_unchecked_sayings(sayings))),
        Section("待补与待核", tuple(_gaps(entries))),
        Section("不同条目里相近的句子", tuple(_echoes(entries, bodies))),
        Section("与别的条目没有联系的条目", tuple(e.id for e in entries if not archive.related.get(e.id))),
        Section("没有一课、一馆用到的故事", tuple(_unused(entries))),
        Section(f"法规依据早于 {law_before} 的条目", tuple(_old_law(entries, law_before))),
        Section("故事里常用的写法", tuple(_habits(written, bodies))),
        Section("对读时要问的（archive proof）", tuple(_to_prove(written))),
    )


def _counts(archive: Archive) -> Iterator[str]:
    yield "　".join(f"{KINDS[k].label} {len(entries)}" for k, entries in archive.collections.items())
    for name, facet in FACETS.items():
        values = sorted(archive.facets[name].values(), key=lambda v: -len(v.entries))
        if facet.controlled:
            yield f"{facet.label}：" + "　".join(f"{v.label} {len(v.entries)}" for v in values)
        else:
            yield f"{facet.label}：{len(values)} 个"


def _unbalanced(archive: Archive) -> Iterator[str]:
    for label in archive.vocabulary["units"]:
        value = archive.facets["units"].get(label)
        count = len(value.entries) if value else 0
        if count < UNIT_LEAST:
            yield f"单元“{label}”只有 {count} 条，不到 {UNIT_LEAST} 条"
    for label in archive.vocabulary["virtues"]:
        value = archive.facets["virtues"].get(label)
        if value is None or len(value.entries) < 2:
            yield f"德目“{label}”用了 {len(value.entries) if value else 0} 次"


def _thin(entries: Iterable[Entry], bodies: Mapping[str, Body]) -> Iterator[str]:
    """Stories that do not meet the guide for authors; see ``docs/handbook/writing.md``."""
    least, most = STORY_LENGTH
    for entry in entries:
        if not isinstance(entry.meta, Story):
            continue
        length = len(_SIGN.sub("", plain_text(bodies[entry.document.path].html)))
        if not least <= length <= most:
            line = entry.document.body_line
            yield f"{entry.document.path}:{line}: 正文 {length} 字（不计标点），宜在 {least}—{most} 字"
        if len(entry.meta.questions) < QUESTIONS_LEAST:
            line = entry.line(("questions",))
            yield f"{entry.document.path}:{line}: 只有 {len(entry.meta.questions)} 道讨论题，宜有两三道"
        if len(entry.meta.textual_note) < NOTE_LEAST:
            line = entry.line(("textual_note",))
            length = len(entry.meta.textual_note)
            yield f"{entry.document.path}:{line}: 史料辨析只有 {length} 字，说清依据哪部书、有没有异文"


def _unchecked(entries: Iterable[Entry]) -> Iterator[str]:
    for entry in entries:
        if entry.meta.sources and not any(s.checked for s in entry.meta.sources):
            yield f"{entry.document.path}:{entry.line(('sources',))}"


def _unchecked_sayings(sayings: Sayings) -> Iterator[str]:
    for index, saying in enumerate(sayings.items):
        if not saying.checked:
            line = sayings.tree.line(("sayings", index))
            yield f"{SAYINGS_PATH}:{line}: {saying.text}（{saying.work}）"


def _gaps(entries: Iterable[Entry]) -> Iterator[str]:
    """Every line of a body or of the front matter that says something is still missing."""
    for entry in entries:
        document = entry.document
        for offset, line in enumerate(document.body.split("\n")):
            if _GAP.search(line):
                yield f"{document.path}:{document.body_line + offset}: {_near(line)}"
        for _, number, line in sorted(text_rows(document.tree), key=lambda row: row[1]):
            if _GAP.search(line):
                yield f"{document.path}:{number}: {_near(line)}"


def _near(line: str) -> str:
    gap = _GAP.search(line)
    at = gap.start() if gap else 0
    return line[max(0, at - 18) : at + 14].strip()


def _echoes(entries: Sequence[Entry], bodies: Mapping[str, Body]) -> Iterator[str]:
    """Pairs of sentences of two entries that are similar in their words."""
    sentences = [
        (entry, sentence, frozenset(pairwise(words)))
        for entry in entries
        for sentence in _SENTENCE.findall(entry_text(entry, bodies[entry.document.path]))
        if len(words := _SIGN.sub("", sentence)) >= SENTENCE_LEAST
    ]
    holders: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, (_, _, pairs) in enumerate(sentences):
        for pair in pairs:
            holders[pair].append(number)
    common: Counter[tuple[int, int]] = Counter()
    for numbers in holders.values():
        if len(numbers) <= COMMON_PAIR:
            common.update((a, b) for i, a in enumerate(numbers) for b in numbers[i + 1 :])
    # A lesson may repeat the questions of the stories it uses.
    used = {(e.id, v.value) for e in entries if isinstance(e.meta, Lesson) for v in e.marks if isinstance(v.mark, Ref)}
    for (a, b), shared in sorted(common.items()):
        (one, sentence_a, mine), (other, sentence_b, theirs) = sentences[a], sentences[b]
        apart = one.id != other.id and not {(one.id, other.id), (other.id, one.id)} & used
        if apart and 2 * shared >= ALIKE * (len(mine) + len(theirs)):
            yield f"{one.id} “{sentence_a.strip()}” ／ {other.id} “{sentence_b.strip()}”"


def _old_law(entries: Iterable[Entry], before: datetime.date) -> Iterator[str]:
    for entry in entries:
        if isinstance(entry.meta, Article) and entry.meta.as_of and entry.meta.as_of < before:
            yield f"{entry.document.path}:{entry.line(('as_of',))}: 依据截至 {entry.meta.as_of}"


def _habits(written: Iterable[EntryText], bodies: Mapping[str, Body]) -> Iterator[str]:
    """How many stories have each habit of style: one that most stories have has become a pattern."""
    stories = [w for w in written if isinstance(w.entry.meta, Story)]
    counts: Counter[str] = Counter()
    for story in stories:
        paragraphs = plain_text(bodies[story.entry.document.path].html).split("\n")
        counts["正好三道讨论题"] += len(getattr(story.entry.meta, "questions", ())) == 3
        counts[f"第一段不过 {OPENING_SHORT} 字"] += len(_SIGN.sub("", paragraphs[0])) <= OPENING_SHORT
        counts["最后一段写“没有”"] += "没有" in paragraphs[-1]
        counts["说书上没有"] += any(True for _ in claims.silences(story))
        text = "\n".join(s.text for s in story.statements)
        for habit, words in HABITS.items():
            counts[habit] += bool(words.search(text))
    for habit, count in sorted(counts.items(), key=lambda item: -item[1]):
        yield f"{habit}：{count} 篇，共 {len(stories)} 篇"


def _to_prove(written: Sequence[EntryText]) -> Iterator[str]:
    """How many statements there are to compare with books."""
    asked = {
        "引文": claims.declared_quotes,
        "引号里六个字以上的话": claims.quoted_phrases,
        "提到的书": claims.works_named,
        "说书上没有的句子": claims.silences,
        "数目": claims.numbers,
    }
    for what, find in asked.items():
        yield f"{what}：{sum(1 for w in written for _ in find(w))}"
    yield f"出处：{sum(len(w.entry.meta.sources) for w in written)}"
    yield f"标了核对的出处：{sum(s.checked for w in written for s in w.entry.meta.sources)}"
    yield f"人名：{sum(len(w.entry.meta.people) for w in written)}"
    yield f"地名：{sum(len(w.entry.meta.places) for w in written)}"


def _unused(entries: Iterable[Entry]) -> Iterator[str]:
    """Stories that no lesson and no hall refers to."""
    entries = list(entries)
    used = {
        value.value
        for entry in entries
        if isinstance(entry.meta, (Lesson, Hall))
        for value in entry.marks
        if isinstance(value.mark, Ref)
    }
    return (e.id for e in entries if isinstance(e.meta, Story) and e.id not in used)
