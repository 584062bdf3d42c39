"""Rules: what can be wrong with an archive, found all at once.

A rule is a function from ``CheckContext`` to problems, listed in ``RULES``. Faults that concern one file alone
(encoding, YAML, types) are found while loading; these rules compare values with each other and examine the bodies.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from integrity_archive.archive.publication import Owners, file_at
from integrity_archive.checks.files import RULES as FILE_RULES
from integrity_archive.checks.files import TOGETHER as FILE_RULES_TOGETHER
from integrity_archive.content.bounds import NESTING
from integrity_archive.content.entry import FOLDERS, Document, Entry, InvalidEntry, Reach, companion, entry_id
from integrity_archive.content.front_matter import field_name
from integrity_archive.content.loader import LoadedArchive, introduces
from integrity_archive.content.markdown import Body, Link
from integrity_archive.content.placeholders import PLACEHOLDER, PLACEHOLDER_BODY
from integrity_archive.content.sanitizer import SCHEMES
from integrity_archive.content.schema import (
    CLOCK,
    KINDS,
    Controlled,
    Lesson,
    Loc,
    Marked,
    Media,
    Name,
    Ref,
    Video,
    clock_seconds,
    marked_raw,
    wrong_sum,
)
from integrity_archive.content.text_files import read_text
from integrity_archive.content.vocabulary import Vocabulary
from integrity_archive.films.captions import SRT, caption_faults, cues
from integrity_archive.films.measurement import MediaError, MediaInfo
from integrity_archive.lessons.clips import span
from integrity_archive.lessons.slides import slide_faults, slide_html_faults
from integrity_archive.support.problems import Problem, nearest

if TYPE_CHECKING:
    from integrity_archive.films.storyboard import LoadedStoryboard

ACYCLIC = ("requires", "uses")
"""Relations that must not form a circle."""


@dataclass(frozen=True)
class CheckContext:
    """The data that the rules examine."""

    loaded: LoadedArchive
    vocabulary: Vocabulary
    bodies: Mapping[str, Body]
    """Converted bodies by path; documents without one are not examined."""
    boards: Mapping[str, LoadedStoryboard] = field(default_factory=dict)
    """Storyboards of the drawn films, by id."""
    paths: frozenset[str] | None = None
    """Markdown files whose content is to be looked at; None for all."""
    stored_targets: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What the bodies of the other files link to, below the archive's root, by path."""

    @cached_property
    def looked_at(self) -> Sequence[Entry | InvalidEntry]:
        """The entries to examine, valid or not."""
        written = self.loaded.written
        return written if self.paths is None else [e for e in written if e.document.path in self.paths]

    @cached_property
    def sound(self) -> Sequence[Entry]:
        """The entries to examine that fit the model."""
        return [e for e in self.looked_at if isinstance(e, Entry)]

    @cached_property
    def entries(self) -> Mapping[str, Entry]:
        return {e.id: e for e in self.loaded.entries}

    @cached_property
    def written_ids(self) -> frozenset[str]:
        """Ids of all entry files, also of those that could not be read."""
        return frozenset(
            entry_id(f)
            for f in self.loaded.files
            if f.endswith(".md")
            and not companion(f)
            and any(f.startswith(d + "/") and f != f"{d}/index.md" for d in FOLDERS)
        )

    @cached_property
    def marks(self) -> Mapping[str, Sequence[Marked]]:
        """Marked values of every entry, by path; also of entries that do not fit the model."""
        return {
            e.document.path: e.marks if isinstance(e, Entry) else tuple(marked_raw(e.record, e.document.values))
            for e in self.looked_at
        }

    @cached_property
    def files_by_lower(self) -> Mapping[str, str]:
        return {f.lower(): f for f in self.loaded.files}

    @cached_property
    def companions(self) -> Sequence[Document]:
        """The texts beside entries to look at."""
        return [d for d in self.loaded.companions.values() if self.paths is None or d.path in self.paths]

    @cached_property
    def documents(self) -> Mapping[str, Document]:
        """Every document to examine whose body appears on a page or in print, by path."""
        loaded = self.loaded
        pages = [d for d in (*loaded.intros.values(), *loaded.pages) if self.paths is None or d.path in self.paths]
        documents = (*(e.document for e in self.looked_at), *pages, *self.companions)
        return {d.path: d for d in documents}

    @cached_property
    def targets(self) -> Mapping[str, Sequence[str]]:
        """What every body links to, below the archive's root, by path."""
        fresh = (path for path in self.bodies if path not in self.stored_targets)
        read = {path: [link.target for link in self.bodies[path].links if link.target] for path in fresh}
        return {**self.stored_targets, **read}

    @cached_property
    def entry_at(self) -> Mapping[str, Entry | InvalidEntry]:
        return {e.document.path: e for e in self.loaded.written}

    @cached_property
    def owners(self) -> Owners:
        """The owners of files."""
        return Owners(self.loaded)

    @cached_property
    def collection_pages(self) -> frozenset[str]:
        """Paths of the collection pages; a collection has one as soon as it has an entry."""
        return frozenset(f"{KINDS[e.kind].folder}/index.md" for e in self.loaded.entries)

    @cached_property
    def _measured(self) -> dict[str, MediaInfo | MediaError | None]:
        return {}

    def measured(self, film: str) -> MediaInfo | MediaError | None:
        """What the camera file of a film, by its id, holds, or why it cannot be read; None where there is none."""
        if film not in self._measured:
            self._measured[film] = self._measure(film)
        return self._measured[film]

    def _measure(self, film: str) -> MediaInfo | MediaError | None:
        entry = self.entries.get(film)
        if entry is None or not isinstance(entry.meta, Video) or not entry.meta.media:
            return None
        path = entry.document.beside(entry.meta.media)
        if path not in self.loaded.files:
            return None
        from integrity_archive.films.media import measure  # loads FFmpeg

        try:
            return measure(os.path.join(self.loaded.root, *path.split("/")))
        except MediaError as error:
            return error

    def film_seconds(self, film: str) -> float | None:
        """Length of a film, or None where it is not known."""
        measured = self.measured(film)
        if isinstance(measured, MediaInfo):
            return measured.seconds
        board = self.boards.get(film)
        return board.seconds if board else None

    def marked_as(self, mark: type) -> Iterator[tuple[Entry | InvalidEntry, Marked]]:
        """Every value with a mark of this type."""
        for entry in self.looked_at:
            for value in self.marks[entry.document.path]:
                if isinstance(value.mark, mark):
                    yield entry, value


Rule = Callable[[CheckContext], Iterable[Problem]]


def check(case: CheckContext | None, loaded: LoadedArchive, more: Iterable[Rule] = ()) -> list[Problem]:
    """All problems of an archive: those found while loading and those the rules find, sorted by place.

    Args:
        case: the data that the rules examine; None if the vocabulary cannot be read.
        loaded: what was loaded.
        more: rules of the features above this folder.
    """
    if case is None:
        return sorted(set(loaded.problems))
    return sorted({*check_sources(case), *check_together(case, more)})


def check_sources(case: CheckContext) -> set[Problem]:
    """Problems of single sources: those found while loading, and those of ``case.paths`` that rules find.

    After an edit, enough to be run on what changed and on what refers to it.
    """
    return set(case.loaded.problems).union(*(rule(case) for rule in RULES if rule not in TOGETHER))


def check_together(case: CheckContext, more: Iterable[Rule] = ()) -> set[Problem]:
    """Problems that only all sources together can have. These rules read no more of an entry than its facts."""
    return set().union(*(rule(case) for rule in (*TOGETHER, *more)))


def _at(entry: Entry | InvalidEntry, loc: Loc, value: str, what: str, remedy: str, rule: str) -> Problem:
    return Problem(entry.document.path, entry.line(loc), field_name(loc), value, what, remedy, rule)


# --- values ------------------------------------------------------------------------------------------------------


def terms(case: CheckContext) -> Iterator[Problem]:
    """A value that is not in the vocabulary."""
    for entry, value in case.marked_as(Controlled):
        assert isinstance(value.mark, Controlled)
        if fault := case.vocabulary.stranger(value.mark.list, value.value):
            yield _at(entry, value.loc, value.value, *fault, "vocabulary")


def repeated_values(case: CheckContext) -> Iterator[Problem]:
    """The same value twice in one list."""
    for entry in case.looked_at:
        seen: set[tuple[Loc, str]] = set()
        for value in case.marks[entry.document.path]:
            if not isinstance(value.loc[-1], int):
                continue
            key = (value.loc[:-1], value.value)
            if key in seen:
                yield _at(entry, value.loc, value.value, "在同一列表里写了两次", "删去一个", "repeated-value")
            seen.add(key)


def dates_in_period(case: CheckContext) -> Iterator[Problem]:
    """Dates outside the period that the entry names."""
    for entry in case.sound:
        dates, period = entry.meta.dates, case.vocabulary.period(entry.meta.period or "")
        if not dates or not period or (dates.start <= period.end and dates.last >= period.start):
            continue
        fitting = [
            label
            for label in case.vocabulary["periods"]
            if (p := case.vocabulary.period(label)) and dates.start <= p.end and dates.last >= p.start
        ]
        what = f"与朝代“{period.label}”（{period.start} 至 {period.end}）不合"
        if period.start <= -dates.start <= period.end:
            remedy = f"公元前用负数：{-dates.start}"
        else:
            remedy = f"改年份，或把朝代改为“{'”或“'.join(fitting)}”" if fitting else "核对年份；公元前用负数"
        years = str(dates.start) if dates.end is None else f"{dates.start} 至 {dates.end}"
        yield _at(entry, ("dates",), years, what, remedy, "period-dates")


def cover_alt(case: CheckContext) -> Iterator[Problem]:
    """A cover without a description for people who cannot see it, or a description without a cover."""
    for entry in case.sound:
        meta = entry.meta
        if meta.cover and not meta.cover_alt:
            yield _at(
                entry,
                ("cover",),
                meta.cover,
                "有封面图而没有 cover_alt",
                "加一行 cover_alt，说清图上是什么",
                "cover-alt",
            )
        if meta.cover_alt and not meta.cover:
            yield _at(
                entry, ("cover_alt",), "", "有 cover_alt 而没有 cover", "补上 cover，或删去 cover_alt", "cover-alt"
            )


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
            yield _at(entry, ("title",), entry.title, what, "改一个能分清的题名", "duplicate-title")
        by_title.setdefault((entry.kind, entry.title), entry)


# --- references ----------------------------------------------------------------------------------------------------


def references(case: CheckContext) -> Iterator[Problem]:
    """References to an entry that does not exist, to itself, to the wrong kind, or to one that readers may not see."""
    for entry, value in case.marked_as(Ref):
        assert isinstance(value.mark, Ref)
        if value.value == entry.id:
            yield _at(entry, value.loc, value.value, "引用了自己", "删去", "self-reference")
        elif fault := reference_fault(case, value.value, value.mark.kinds, public=entry.public):
            yield _at(entry, value.loc, value.value, *fault)


def reference_fault(case: CheckContext, id_: str, kinds: Sequence[str], *, public: bool) -> tuple[str, str, str] | None:
    """Fault, remedy and rule of a wrong reference; ``public``: whether all readers can follow it."""
    target = case.entries.get(id_)
    if target is None:
        if id_ in case.written_ids:
            return None  # the fault of that entry is reported at its own file
        guess = _nearest_id(id_, case.entries)
        remedy = f"是不是“{guess}”？" if guess else "id 是文件的路径去掉 .md，如 stories/yang-zhen-si-zhi"
        return "没有这个条目", remedy, "dangling-reference"
    if kinds and target.kind not in kinds:
        wanted = "、".join(KINDS[k].label for k in kinds)
        return f"应当是{wanted}，这是{target.meta.label}", f"改成{wanted}的 id", "reference-kind"
    if public and not target.public:
        return (*_hidden(target.reach), "hidden-reference")
    return None


def _hidden(reach: Reach) -> tuple[str, str]:
    if reach == Reach.DRAFT:
        return "是草稿，读者看不到", "先发布它（status: published），或删去引用"
    return "是内部资料，公开条目不能引用", "删去引用，或把本条也设为 visibility: internal"


def _nearest_id(value: str, ids: Iterable[str]) -> str | None:
    ids = list(ids)
    same_slug = [i for i in ids if i.rsplit("/", 1)[-1] == value.rsplit("/", 1)[-1]]
    return same_slug[0] if same_slug else nearest(value, ids)


def mutual_related(case: CheckContext) -> Iterator[Problem]:
    """``related`` written on both sides: harmless, but two places to keep in step."""
    for entry in case.sound:
        for index, other_id in enumerate(entry.meta.related):
            other = case.entries.get(other_id)
            if other and other_id > entry.id and entry.id in other.meta.related:
                yield Problem(
                    entry.document.path,
                    entry.line(("related", index)),
                    f"related[{index + 1}]",
                    other_id,
                    "两边都写了，写一边就够",
                    "删去其中一处",
                    "mutual-related",
                    "warning",
                )


def circles(case: CheckContext) -> Iterator[Problem]:
    """Lessons that require or use each other in a circle."""
    for relation in ACYCLIC:
        edges: dict[str, list[str]] = defaultdict(list)
        for entry in case.loaded.entries:
            for reference in entry.facts.references:
                if reference.relation == relation and reference.target != entry.id:
                    edges[entry.id].append(reference.target)
        for circle in _circles(edges):
            entry = case.entries[circle[0]]
            references = (m for m in entry.marks if isinstance(m.mark, Ref) and m.mark.relation == relation)
            value = next(m for m in references if m.value == circle[1])
            what = "引用成了一个圈：" + " → ".join(circle)
            yield _at(entry, value.loc, value.value, what, "去掉其中一环", "circular-reference")


def _circles(edges: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    """Each circle once, beginning with its smallest id."""
    done: set[str] = set()
    for start in sorted(edges):
        trail = [start]
        pending = [iter(edges[start])]
        while pending:
            step = next(pending[-1], None)
            if step is None:
                pending.pop()
                done.add(trail.pop())
            elif step in trail:
                circle = trail[trail.index(step) :]
                first = circle.index(min(circle))
                yield [*circle[first:], *circle[:first], circle[first]]
            elif step in edges and step not in done:
                trail.append(step)
                pending.append(iter(edges[step]))


# --- media -----------------------------------------------------------------------------------------------------------


def media(case: CheckContext) -> Iterator[Problem]:
    """Media files named in the front matter that are missing or in the wrong place."""
    for entry, value in case.marked_as(Media):
        assert isinstance(value.mark, Media)
        fault = _file_fault(case, entry.document, value.value, value.mark.suffixes)
        if fault:
            problem = _at(entry, value.loc, value.value, *fault)
            draft = isinstance(entry, Entry) and not entry.published
            yield replace(problem, severity="warning") if draft else problem


def _file_fault(
    case: CheckContext, document: Document, name: str, suffixes: Sequence[str] = ()
) -> tuple[str, str, str] | None:
    """Fault, remedy and rule of a file that an entry names; None if it is right."""
    remedy = f"把文件放在 {document.folder}/ 里，只写文件名"
    if "\\" in name or name.startswith("/") or "://" in name:
        return "不是条目文件夹里的文件", remedy, "media-outside"
    path = document.beside(name)
    if not path.startswith(document.folder + "/"):
        return "在条目的文件夹之外", remedy, "media-outside"
    if suffixes and posixpath.splitext(name)[1].lower() not in suffixes:
        subtitles = ".vtt" in suffixes and name.lower().endswith(".srt")
        return "文件类型不合用", SRT if subtitles else "用 " + "、".join(suffixes), "media-type"
    if path in case.loaded.files:
        return None
    actual = case.files_by_lower.get(path.lower())
    if actual:
        return "文件名大小写不符", f"改成 {posixpath.relpath(actual, document.folder)}", "media-case"
    siblings = [
        posixpath.relpath(f, document.folder)
        for f in case.loaded.files
        if posixpath.dirname(f) == posixpath.dirname(path) and (not suffixes or f.lower().endswith(tuple(suffixes)))
    ]
    guess = nearest(name, siblings)
    return "没有这个文件", f"是不是“{guess}”？" if guess else f"把文件放进 {document.folder}/", "media-missing"


# --- bodies ----------------------------------------------------------------------------------------------------------


def body_links(case: CheckContext) -> Iterator[Problem]:
    """Links and images of the bodies that are broken, hidden, unsafe or without a description."""
    for path, document in case.documents.items():
        body = case.bodies.get(path)
        for link in body.links if body else ():
            value = link.alt if not link.written else link.written
            for what, remedy, rule in _link_faults(case, document, link):
                line = document.body_line + link.line
                yield Problem(path, line, "正文", value, what, remedy, rule)


def _link_faults(case: CheckContext, document: Document, link: Link) -> Iterator[tuple[str, str, str]]:
    if link.image and not link.alt.strip():
        yield "图片没有文字说明", "写成 ![说明](文件名)，说清图上是什么", "image-alt"
    if not link.written.strip():
        yield "链接是空的", "在圆括号里写上要去的文件或网址", "broken-link"
        return
    if link.scheme:
        if len(link.scheme) == 1:
            yield "这是本机的路径，别人打不开", "把文件放进条目的文件夹，写文件名", "broken-link"
        elif link.scheme not in SCHEMES:
            yield f"不能用 {link.scheme} 链接", "只用 http、https、mailto 或相对路径", "link-scheme"
        elif link.image:
            yield "图片在馆外，U 盘上看不到", "把图片存进条目的文件夹", "media-outside"
        return
    if link.written.startswith("/"):
        yield "以 / 开头的链接在 U 盘上打不开", "写从本文件出发的相对路径", "broken-link"
        return
    if link.image:
        fault = _file_fault(case, document, link.target and posixpath.relpath(link.target, document.folder))
        if fault:
            yield fault
        return
    yield from _page_link_faults(case, document, link)


def _page_link_faults(case: CheckContext, document: Document, link: Link) -> Iterator[tuple[str, str, str]]:
    known = (case.loaded.files, case.collection_pages)
    candidates = (file_at(files, link.target) for files in known) if link.target else (document.path,)
    path = next(filter(None, candidates), None)
    if path is None:
        yield "链接的文件不存在", _link_remedy(case, document, link), "broken-link"
        return
    reach = Reach.PUBLIC if introduces(path) else case.owners.reach(path)  # a list exists without its introduction
    if path.endswith(".md") and reach > case.owners.reach(document.path):
        yield (*_hidden(reach), "hidden-reference")
    if companion(path) == "handout":
        yield "讲义不是网页，打不开", "删去链接；讲义在教师资料包里", "broken-link"
    body, target = case.bodies.get(path), case.entry_at.get(path)
    if isinstance(target, Entry) and isinstance(target.meta, Video) and span(link.anchor):
        return
    if link.anchor and body and link.anchor not in body.anchors:
        guess = nearest(link.anchor, body.anchors)
        remedy = f"是不是“#{guess}”？" if guess else "去掉 # 后面的部分，或在目标处加标题"
        yield f"目标页没有“#{link.anchor}”这个位置", remedy, "broken-anchor"


def _link_remedy(case: CheckContext, document: Document, link: Link) -> str:
    if link.written.startswith("www."):
        return f"馆外的网址写全：https://{link.written}"
    slugs = {_slug(f): f for f in sorted(case.loaded.files) if f.endswith(".md") and f != document.path}
    guess = nearest(_slug(link.target), slugs)
    if guess is None:
        return "写从本文件到目标 .md 文件的相对路径"
    return f"是不是“{posixpath.relpath(slugs[guess], document.folder)}”？"


def _slug(path: str) -> str:
    return path.removesuffix(".md").removesuffix("/index").rsplit("/", 1)[-1]


def raw_html(case: CheckContext) -> Iterator[Problem]:
    """HTML in a body that is not in the list of allowed elements, and attributes that could run code."""
    for path, document in case.documents.items():
        body = case.bodies.get(path)
        if not body:
            continue
        for tag in body.raw:
            line = document.body_line + tag.line
            yield Problem(
                path,
                line,
                "正文",
                tag.text,
                "正文里不能写这样的 HTML",
                "改用 Markdown 写法；要显示尖括号就写 &lt;",
                "raw-html",
            )
        for name in body.attributes:
            line = document.body_line + name.line
            yield Problem(path, line, "正文", name.text, "不能给文字加这样的属性", "删去花括号里的这一项", "raw-html")
        yield from _sanitized(document, body)


def _sanitized(document: Document, body: Body) -> Iterator[Problem]:
    """Code that only the sanitizer found, and character references that are not text."""
    reported = "\n".join(tag.text.lower() for tag in (*body.raw, *body.attributes))
    if any(link.scheme not in ("", *SCHEMES) for link in body.links):
        reported += "\nhref\nsrc"
    for removed in body.removed:
        if removed.text.lower().rstrip(">") not in reported:
            what, remedy = "正文里不能有这样的写法", "删去它；代码块的花括号里只写语言，如 ```python"
            yield Problem(
                document.path, document.body_line + removed.line, "正文", removed.text, what, remedy, "raw-html"
            )
    for code in body.codes:
        what, remedy = "这个字符码不是文字，别的电脑上没有这个字", "删去它，直接写字"
        yield Problem(
            document.path, document.body_line + code.line, "正文", code.text, what, remedy, "control-character"
        )


def nesting(case: CheckContext) -> Iterator[Problem]:
    """Text so deep in quotations, lists, emphasis or links that not every output can contain it."""
    for path, document in case.documents.items():
        body = case.bodies.get(path)
        if body and body.deep:
            line, text = document.body_line + body.deep.line, body.deep.text
            what = f"引文、列表、强调、链接一层套一层，超过 {NESTING} 层，有的版本排不出来"
            yield Problem(path, line, "正文", text, what, "少套几层", "too-much")


def first_level_headings(case: CheckContext) -> Iterator[Problem]:
    """A heading of level 1 in the body of an entry."""
    for entry in case.sound:
        body = case.bodies.get(entry.document.path)
        for heading in body.headings if body else ():
            if heading.level == 1:
                what, remedy = "正文里有一级标题，题名已经是一级", "改成 ## 小标题"
                line = entry.document.body_line
                yield Problem(entry.document.path, line, "正文", heading.text, what, remedy, "heading", "warning")


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


def review_dates(case: CheckContext) -> Iterator[Problem]:
    """A review dated before the entry was published."""
    for entry in case.sound:
        meta = entry.meta
        if meta.published and meta.reviewed and meta.reviewed < meta.published:
            what = f"早于入馆日期 {meta.published.isoformat()}"
            remedy = "核对 published 与 reviewed"
            yield Problem(
                entry.document.path, entry.line(("reviewed",)), "reviewed", meta.reviewed.isoformat(), what, remedy,
                "review-date", "warning",
            )  # fmt: skip


def names(case: CheckContext) -> Iterator[Problem]:
    """Names that are obviously not names: each would get an index page."""
    for entry, value in case.marked_as(Name):
        assert isinstance(value.mark, Name)
        if len(value.value) > 30 or any(c in value.value for c in "，、；,;"):
            what = "不像一个名字"
            yield _at(entry, value.loc, value.value, what, "一个名字一项：[杨震, 王密]", "name")


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


def camera_films(case: CheckContext) -> Iterator[Problem]:
    """Film files that cannot be played, and times after their end."""
    for entry in case.sound:
        meta = entry.meta
        measured = case.measured(entry.id) if isinstance(meta, Video) else None
        if not isinstance(meta, Video) or measured is None:
            continue
        if isinstance(measured, MediaError):
            remedy = "用播放器打开看看；不行就重新导出成 MP4（H.264），或重新拷贝"
            yield Problem(entry.document.beside(meta.media or ""), 0, "", "", str(measured), remedy, "film")
            continue
        yield from _unheard(case, entry, meta, measured)
        times: list[tuple[Loc, str, float]] = [(("poster_at",), str(meta.poster_at), float(meta.poster_at or 0))]
        times += [(("chapters", n, "at"), c.at, float(clock_seconds(c.at))) for n, c in enumerate(meta.chapters)]
        for loc, written, at in times:
            if at > measured.seconds:
                yield _at(entry, loc, written, "在影片结束之后", f"影片长 {_clock(measured.seconds)}，改早一些", "film")
        yield from _late_captions(case, entry, measured.seconds)


def _unheard(case: CheckContext, entry: Entry, meta: Video, film: MediaInfo) -> Iterator[Problem]:
    """Missing captions or sound of a recorded film: warnings, because both may be intended."""
    if not film.sound:
        what, remedy = "没有声音", "是本来就没有，还是没录上？没录上就带着声音重新导出"
        yield replace(_at(entry, ("media",), meta.media or "", what, remedy, "film"), severity="warning")
    if meta.captions:
        return
    siblings = sorted(f for f in case.loaded.files if posixpath.dirname(f) == entry.document.folder)
    for path in (f for f in siblings if f.lower().endswith((".vtt", ".srt"))):
        name = posixpath.basename(path)
        remedy = f"在 {posixpath.basename(entry.document.path)} 里加一行 captions: {name}"
        if path.lower().endswith(".srt"):
            remedy = f"{SRT}，再写 captions: {posixpath.splitext(name)[0]}.vtt"
        yield Problem(path, 0, "", "", "字幕文件放在旁边，没有写进 captions，读者看不到", remedy, "film", "warning")
        return
    what, remedy = "没有字幕：听不见的人看不懂，检索也找不到里面的话", "写一个 captions.zh-Hans.vtt，在 captions 里写上"
    yield replace(_at(entry, ("media",), meta.media or "", what, remedy, "film"), severity="warning")


def _late_captions(case: CheckContext, entry: Entry, seconds: float) -> Iterator[Problem]:
    assert isinstance(entry.meta, Video)
    path = entry.document.beside(entry.meta.captions) if entry.meta.captions else ""
    text = read_text(case.loaded.root, path)[0] if path in case.loaded.files else None
    # Players round lengths: a tenth of a second too late is not a fault.
    for cue in (cue for cue in cues(text or "") if cue.end > seconds + 0.1):
        what = f"在影片结束（{_clock(seconds)}）之后"
        yield Problem(path, cue.line, "字幕", cue.text, what, "删去这一条，或改它的时间", "captions")


def clips(case: CheckContext) -> Iterator[Problem]:
    """Parts of films, in lessons and on slides, that end after the film."""
    for entry, loc, clip in _clips(case):
        length = case.film_seconds(str(clip.get("film")))
        for name in ("from", "to"):
            written = clip.get(name)
            if length is None or not isinstance(written, str) or not re.match(CLOCK, written):
                continue
            if clock_seconds(written) > length + 0.5:
                yield _at(entry, (*loc, name), written, f"在影片结束（{_clock(length)}）之后", "改早一些", "clip")
    for document in case.companions:
        body = case.bodies.get(document.path)
        for link in body.links if body else ():
            times, length = span(link.anchor), case.film_seconds(entry_id(link.target))
            if times and length is not None and max(times[0], times[1] or 0) > length + 0.5:
                line, what = document.body_line + link.line, f"在影片结束（{_clock(length)}）之后"
                yield Problem(document.path, line, "幻灯", link.written, what, "改早一些", "clip")


def _clips(case: CheckContext) -> Iterator[tuple[Entry | InvalidEntry, Loc, Mapping[str, Any]]]:
    """The clips of all lessons as written, also of lessons that do not fit the model."""
    for entry in case.looked_at:
        for n, activity in enumerate(_items(entry.document.values.get("activities"))):
            for m, clip in enumerate(_items(activity.get("clips"))):
                yield entry, ("activities", n, "clips", m), clip


def _items(value: object) -> list[Mapping[str, Any]]:
    """A list of mappings as written; an item that is not a mapping becomes an empty one."""
    return [item if isinstance(item, Mapping) else {} for item in value] if isinstance(value, list) else []


def minutes_of_faulty_lessons(case: CheckContext) -> Iterator[Problem]:
    """Minutes that do not add up, in lessons that do not fit the model; in the others the model reports it."""
    reported = {p.path for p in case.loaded.problems if p.rule == "minutes"}
    for faulty in case.loaded.faulty:
        minutes = faulty.document.values.get("minutes")
        parts = [a.get("minutes") for a in _items(faulty.document.values.get("activities"))]
        numbers = [p for p in parts if type(p) is int]
        if type(minutes) is not int or not parts or len(numbers) < len(parts) or faulty.document.path in reported:
            continue
        if wrong := wrong_sum(minutes, numbers):
            yield _at(faulty, ("minutes",), "", *wrong, "minutes")


def slides(case: CheckContext) -> Iterator[Problem]:
    """Slides that cannot be shown as written."""
    for document in case.companions:
        if companion(document.path) == "slides":
            yield from slide_faults(document)
            body = case.bodies.get(document.path)
            if body and not (body.raw or body.removed or body.deep):
                yield from slide_html_faults(document)


def lesson_order(case: CheckContext) -> Iterator[Problem]:
    """Two lessons of one course with the same ``order``."""
    taken: dict[tuple[str, int], Entry] = {}
    for entry in case.loaded.entries:
        course, order = entry.facts.sequence, entry.facts.number
        if entry.kind != Lesson.kind or not order:
            continue
        first = taken.setdefault((course, order), entry)
        if first is not entry:
            what = f"与 {first.document.path} 在“{course}”里同一个次序"
            yield _at(entry, ("order",), str(order), what, "改其中一个", "lesson-order")


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def captions_text(case: CheckContext) -> Iterator[Problem]:
    """Caption files that are not UTF-8 text, contain no caption, or have captions too long to read in time."""
    for entry in case.sound:
        if not isinstance(entry.meta, Video) or not entry.meta.captions:
            continue
        path = entry.document.beside(entry.meta.captions)
        if path not in case.loaded.files or not path.lower().endswith(".vtt"):
            continue
        text, faults = read_text(case.loaded.root, path)
        yield from faults
        faults_of_text = list(caption_faults(text or ""))
        if text is not None and not any(cues(text)) and not any(f.what.startswith("时间里") for f in faults_of_text):
            yield Problem(
                path,
                0,
                "",
                "",
                "里面没有一条字幕",
                "写成 WebVTT：首行 WEBVTT，空一行，时间行 00:01.000 --> 00:03.000，下一行文字",
                "captions",
            )
        elif text is not None:
            for fault in caption_faults(text):
                yield Problem(
                    path, fault.line, "字幕", fault.value, fault.what, fault.remedy, "captions", fault.severity
                )


RULES: tuple[Rule, ...] = (
    terms,
    repeated_values,
    names,
    placeholders,
    review_dates,
    first_level_headings,
    dates_in_period,
    cover_alt,
    duplicates,
    references,
    mutual_related,
    circles,
    media,
    captions_text,
    camera_films,
    clips,
    minutes_of_faulty_lessons,
    slides,
    lesson_order,
    list_intros,
    body_links,
    raw_html,
    nesting,
    *FILE_RULES,
)

TOGETHER: tuple[Rule, ...] = (duplicates, circles, lesson_order, list_intros, *FILE_RULES_TOGETHER)
"""Rules on all sources together."""
