"""Rules on the values of fields: words of the vocabulary, names, titles, texts not yet written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from integrity_archive.checks.context import CheckContext, Rule
from integrity_archive.checks.places import field_problem
from integrity_archive.content.entry import FOLDERS, Entry
from integrity_archive.content.front_matter import field_name
from integrity_archive.content.placeholders import PLACEHOLDER, PLACEHOLDER_BODY
from integrity_archive.content.schema import (
    Controlled,
    Loc,
    Name,
)
from integrity_archive.support.problems import Problem, nearest

if TYPE_CHECKING:
    pass


def terms(case: CheckContext) -> Iterator[Problem]:
    """A value that is not in the vocabulary."""
    for entry, value in case.marked_as(Controlled):
        assert isinstance(value.mark, Controlled)
        if fault := case.vocabulary.stranger(value.mark.list, value.value):
            yield field_problem(entry, value.loc, value.value, *fault, "vocabulary")


def repeated_values(case: CheckContext) -> Iterator[Problem]:
    """The same value twice in one list."""
    for entry in case.looked_at:
        seen: set[tuple[Loc, str]] = set()
        for value in case.marks[entry.document.path]:
            if not isinstance(value.loc[-1], int):
                continue
            key = (value.loc[:-1], value.value)
            if key in seen:
                yield field_problem(entry, value.loc, value.value, "在同一列表里写了两次", "删去一个", "repeated-value")
            seen.add(key)


def names(case: CheckContext) -> Iterator[Problem]:
    """Names that are obviously not names: each would get an index page."""
    for entry, value in case.marked_as(Name):
        assert isinstance(value.mark, Name)
        if len(value.value) > 30 or any(c in value.value for c in "，、；,;"):
            what = "不像一个名字"
            yield field_problem(entry, value.loc, value.value, what, "一个名字一项：[杨震, 王密]", "name")


def placeholders(case: CheckContext) -> Iterator[Problem]:
    """A skeleton that was published before it was filled in."""
    for entry in case.sound:
        if not entry.published:
            continue
        for name in ("title", "summary"):
            if getattr(entry.meta, name) == PLACEHOLDER:
                yield _remind(entry, (name,), PLACEHOLDER, "还没有写就发布了", "写上内容，或把 status 改回 draft")
        for value in case.marks[entry.document.path]:
            if isinstance(value.mark, Name) and value.value == PLACEHOLDER:
                yield _remind(entry, value.loc, PLACEHOLDER, "会成为一个叫“待补”的人名或地名", "写上名字，或整行删去")
        if entry.document.body.strip() == PLACEHOLDER_BODY:
            yield _remind(entry, ("title",), entry.meta.title, "正文还没有写", "写上正文，或把 status 改回 draft")


def _remind(entry: Entry, loc: Loc, value: str, what: str, remedy: str) -> Problem:
    path, line = entry.document.path, entry.line(loc)
    return Problem(path, line, field_name(loc), value, what, remedy, "placeholder", "warning")


def duplicates(case: CheckContext) -> Iterator[Problem]:
    """Two entries with one id, or with one title within a collection."""
    by_id: dict[str, Entry] = {}
    by_title: dict[tuple[str, str], Entry] = {}
    # Drafts come last, so that the problem is reported at the draft.
    for entry in sorted(case.loaded.entries, key=lambda e: (not e.published, e.id)):
        path = entry.document.path
        if other := by_id.get(entry.id):
            what = f"id {entry.id} 与 {other.document.path} 重复"
            yield Problem(path, 0, "", "", what, "只留一个，或改文件名", "duplicate-id")
            continue
        by_id[entry.id] = entry
        if twin := by_title.get((entry.kind, entry.title)):
            what = f"与 {twin.document.path} 同题"
            yield field_problem(entry, ("title",), entry.title, what, "改一个能分清的题名", "duplicate-title")
        by_title.setdefault((entry.kind, entry.title), entry)


def list_intros(case: CheckContext) -> Iterator[Problem]:
    """An introduction to a word that is not in the vocabulary: its page would never be made."""
    for key, document in case.loaded.intros.items():
        if key in FOLDERS:
            continue
        _, name, slug = key.split("/")
        ids = [term.id for term in case.vocabulary[name].values()]
        if slug not in ids:
            guess = nearest(slug, ids)
            what = f"词表 {name} 里没有 id 是 {slug} 的词"
            remedy = f"是不是“{guess}.md”？" if guess else "文件名用词表里的 id：" + "、".join(ids)
            yield Problem(document.path, 0, "", "", what, remedy, "intro")


RULES = (
    terms,
    repeated_values,
    names,
    placeholders,
    duplicates,
    list_intros,
)
TOGETHER: tuple[Rule, ...] = (
    duplicates,
    list_intros,
)
