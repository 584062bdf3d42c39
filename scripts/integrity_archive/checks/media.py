"""Rules on the media files that entries name."""

from __future__ import annotations

import posixpath
import unicodedata
from collections.abc import Iterator, Sequence

from integrity_archive.checks.context import CheckContext
from integrity_archive.checks.places import field_problem
from integrity_archive.checks.rule import ENTRY, WRITTEN_ENTRY, rule
from integrity_archive.content.entry import Document, Entry, InvalidEntry
from integrity_archive.content.loader import TAKEN_APART
from integrity_archive.content.model.marks import Media
from integrity_archive.support.problems import Problem, nearest

SRT = "SRT 改成 VTT：另存为 .vtt，最前面加一行 WEBVTT 再空一行，时间里的逗号换成句点，如 00:01.500"
"""Remedy, in Chinese: how to convert SRT, the format that most programs save, to WebVTT."""


@rule(scope=WRITTEN_ENTRY)
def media(entry: Entry | InvalidEntry, context: CheckContext) -> Iterator[Problem]:
    """Media files named in the front matter that are missing or in the wrong place."""
    draft = isinstance(entry, Entry) and not entry.published
    for value, mark in context.marked(entry, Media):
        if fault := file_fault(context, entry.document, value.value, mark.suffixes):
            yield field_problem(entry, value.loc, value.value, *fault, severity="warning" if draft else "error")


def file_fault(
    context: CheckContext, document: Document, name: str, suffixes: Sequence[str] = ()
) -> tuple[str, str, str] | None:
    """Fault, remedy and rule of a file that a document names; None if it is right."""
    remedy = f"把文件放在 {document.folder}/ 里，只写文件名"
    if "\\" in name or name.startswith("/") or "://" in name:
        return "不是条目文件夹里的文件", remedy, "media-outside"
    path = document.resolve(name)
    if not path.startswith(document.folder + "/"):
        return "在条目的文件夹之外", remedy, "media-outside"
    if suffixes and posixpath.splitext(name)[1].lower() not in suffixes:
        subtitles = ".vtt" in suffixes and name.lower().endswith(".srt")
        return "文件类型不合用", SRT if subtitles else "用 " + "、".join(suffixes), "media-type"
    if path in context.loaded.files:
        return None
    actual = context.files_by_lower.get(path.lower())
    if actual:
        return "文件名大小写不符", f"改成 {posixpath.relpath(actual, document.folder)}", "media-case"
    if fault := looks_the_same(context, path):
        return fault
    siblings = [
        posixpath.relpath(f, document.folder)
        for f in context.loaded.files
        if posixpath.dirname(f) == posixpath.dirname(path) and (not suffixes or f.lower().endswith(tuple(suffixes)))
    ]
    guess = nearest(name, siblings)
    return "没有这个文件", f"是不是“{guess}”？" if guess else f"把文件放进 {document.folder}/", "media-missing"


def looks_the_same(context: CheckContext, path: str) -> tuple[str, str, str] | None:
    """Fault, remedy and rule of a path that only looks like that of a file; None if there is none."""
    composed = unicodedata.normalize("NFC", path)
    if composed in context.files_by_looks:
        return "有一个看着同名的文件，名字里带声调的字母是拆开存的", TAKEN_APART[1], "nfd"
    if composed != path and composed in context.loaded.files:
        what = "这里写的名字，带声调的字母是拆开存的（NFD），与文件看着同名，其实不同"
        return what, "把这些字母删去重打", "nfd"
    return None


@rule(scope=ENTRY)
def cover_alt(entry: Entry, context: CheckContext) -> Iterator[Problem]:
    """A cover without a description for people who cannot see it, or a description without a cover."""
    meta = entry.meta
    if meta.cover and not meta.cover_alt:
        what, remedy = "有封面图而没有 cover_alt", "加一行 cover_alt，说清图上是什么"
        yield field_problem(entry, ("cover",), meta.cover, what, remedy, "cover-alt")
    if meta.cover_alt and not meta.cover:
        what, remedy = "有 cover_alt 而没有 cover", "补上 cover，或删去 cover_alt"
        yield field_problem(entry, ("cover_alt",), "", what, remedy, "cover-alt")
