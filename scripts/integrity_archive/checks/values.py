"""Rules on the values of fields: words of the vocabulary, names, titles, texts not yet written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from integrity_archive.checks.context import CheckContext
from integrity_archive.checks.places import field_problem, file_problem
from integrity_archive.checks.rule import ARCHIVE, ENTRY, WRITTEN_ENTRY, rule
from integrity_archive.content.entry import FOLDERS, Entry, InvalidEntry
from integrity_archive.content.loader import LoadedArchive
from integrity_archive.content.model.field_types import Loc, tidy_name
from integrity_archive.content.model.marks import Controlled, Name
from integrity_archive.content.model.placeholders import PLACEHOLDER, PLACEHOLDER_BODY
from integrity_archive.support.problems import Problem, nearest


@rule(scope=WRITTEN_ENTRY)
def vocabulary_words(entry: Entry | InvalidEntry, context: CheckContext) -> Iterator[Problem]:
    """A value that is not in the vocabulary."""
    for value, mark in context.marked(entry, Controlled):
        if fault := context.vocabulary.unknown_term(mark.list, value.value):
            yield field_problem(entry, value.loc, value.value, *fault, "vocabulary")


@rule(scope=WRITTEN_ENTRY)
def repeated_values(entry: Entry | InvalidEntry, context: CheckContext) -> Iterator[Problem]:
    """The same value twice in one list."""
    seen: set[tuple[Loc, str]] = set()
    for value in context.marks(entry):
        if not isinstance(value.loc[-1], int):
            continue
        # As written: two forms of one name are only reminded of (``name_spelling``).
        key = (value.loc[:-1], _written(entry, value.loc))
        if key in seen:
            yield field_problem(entry, value.loc, value.value, "在同一列表里写了两次", "删去一个", "repeated-value")
        seen.add(key)


@rule(scope=WRITTEN_ENTRY)
def name_spelling(entry: Entry | InvalidEntry, context: CheckContext) -> Iterator[Problem]:
    """A name that is listed in another form than it was written in: with spaces, or with another dot."""
    for value, _ in context.marked(entry, Name):
        written = _written(entry, value.loc)
        if (listed := tidy_name(written)) != written:
            what = f"当作“{listed}”收录，几种写法算同一个名字"
            yield field_problem(entry, value.loc, written, what, f"写成“{listed}”", "name", severity="warning")


def _written(entry: Entry | InvalidEntry, loc: Loc) -> str:
    """The text at a location as its author wrote it."""
    value: Any = entry.document.values
    for part in loc:
        value = value[part]
    return str(value).strip()


@rule(scope=WRITTEN_ENTRY)
def names(entry: Entry | InvalidEntry, context: CheckContext) -> Iterator[Problem]:
    """Names that are obviously not names: each would get an index page."""
    for value, _ in context.marked(entry, Name):
        if len(value.value) > 30 or any(c in value.value for c in "，、；,;"):
            what = "不像一个名字"
            yield field_problem(entry, value.loc, value.value, what, "一个名字一项：[杨震, 王密]", "name")


@rule(scope=ENTRY)
def placeholders(entry: Entry, context: CheckContext) -> Iterator[Problem]:
    """A skeleton that was published before it was filled in."""
    if not entry.published:
        return
    for name in ("title", "summary"):
        if getattr(entry.meta, name) == PLACEHOLDER:
            yield _unwritten(entry, (name,), PLACEHOLDER, "还没有写就发布了", "写上内容，或把 status 改回 draft")
    for value, _ in context.marked(entry, Name):
        if value.value == PLACEHOLDER:
            yield _unwritten(entry, value.loc, PLACEHOLDER, "会成为一个叫“待补”的人名或地名", "写上名字，或整行删去")
    if entry.document.body.strip() == PLACEHOLDER_BODY:
        yield _unwritten(entry, ("title",), entry.meta.title, "正文还没有写", "写上正文，或把 status 改回 draft")


def _unwritten(entry: Entry, loc: Loc, value: str, what: str, remedy: str) -> Problem:
    return field_problem(entry, loc, value, what, remedy, "placeholder", severity="warning")


@rule(scope=ARCHIVE)
def duplicates(loaded: LoadedArchive, context: CheckContext) -> Iterator[Problem]:
    """Two entries with one id, or with one title within a collection."""
    by_id: dict[str, Entry] = {}
    by_title: dict[tuple[str, str], Entry] = {}
    # Drafts come last, so that the problem is reported at the draft.
    for entry in sorted(loaded.entries, key=lambda e: (not e.published, e.id)):
        if other := by_id.get(entry.id):
            what = f"id {entry.id} 与 {other.document.path} 重复"
            yield file_problem(entry.document.path, what, "只留一个，或改文件名", "duplicate-id")
            continue
        by_id[entry.id] = entry
        if twin := by_title.get((entry.kind, entry.title)):
            what = f"与 {twin.document.path} 同题"
            yield field_problem(entry, ("title",), entry.title, what, "改一个能分清的题名", "duplicate-title")
        by_title.setdefault((entry.kind, entry.title), entry)


@rule(scope=ARCHIVE)
def list_introductions(loaded: LoadedArchive, context: CheckContext) -> Iterator[Problem]:
    """An introduction to a word that is not in the vocabulary: its page would never be made."""
    for key, document in loaded.intros.items():
        if key in FOLDERS:
            continue
        _, name, slug = key.split("/")
        ids = [term.id for term in context.vocabulary[name].values()]
        if slug not in ids:
            guess = nearest(slug, ids)
            what = f"词表 {name} 里没有 id 是 {slug} 的词"
            remedy = f"是不是“{guess}.md”？" if guess else "文件名用词表里的 id：" + "、".join(ids)
            yield file_problem(document.path, what, remedy, "intro")
