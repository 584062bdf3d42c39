"""Rules on the media files that entries name."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from integrity_archive.checks.context import CheckContext, Rule
from integrity_archive.checks.places import field_problem
from integrity_archive.content.entry import Document, Entry
from integrity_archive.content.schema import (
    Media,
)
from integrity_archive.films.captions import SRT
from integrity_archive.support.problems import Problem, nearest

if TYPE_CHECKING:
    pass


def media(case: CheckContext) -> Iterator[Problem]:
    """Media files named in the front matter that are missing or in the wrong place."""
    for entry, value in case.marked_as(Media):
        assert isinstance(value.mark, Media)
        fault = file_fault(case, entry.document, value.value, value.mark.suffixes)
        if fault:
            problem = field_problem(entry, value.loc, value.value, *fault)
            draft = isinstance(entry, Entry) and not entry.published
            yield replace(problem, severity="warning") if draft else problem


def file_fault(
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


def cover_alt(case: CheckContext) -> Iterator[Problem]:
    """A cover without a description for people who cannot see it, or a description without a cover."""
    for entry in case.sound:
        meta = entry.meta
        if meta.cover and not meta.cover_alt:
            yield field_problem(
                entry,
                ("cover",),
                meta.cover,
                "有封面图而没有 cover_alt",
                "加一行 cover_alt，说清图上是什么",
                "cover-alt",
            )
        if meta.cover_alt and not meta.cover:
            yield field_problem(
                entry, ("cover_alt",), "", "有 cover_alt 而没有 cover", "补上 cover，或删去 cover_alt", "cover-alt"
            )


RULES = (
    media,
    cover_alt,
)
TOGETHER: tuple[Rule, ...] = ()
