"""Loader: reads the archive's folders. Every fault becomes a problem; a faulty file is left out, never interpreted."""

from __future__ import annotations

import os
import posixpath
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import ValidationError

from integrity_archive.content.entry import FOLDERS, Document, Entry, InvalidEntry, companion, entry_id
from integrity_archive.content.front_matter import Tree, split
from integrity_archive.content.leftovers import is_conflict, is_leftover, original_of
from integrity_archive.content.markup.bounds import body_faults
from integrity_archive.content.model.facets import FACETS
from integrity_archive.content.model.field_types import Part, Text
from integrity_archive.content.model.model_errors import model_problems
from integrity_archive.content.model.record import Record
from integrity_archive.content.model.sayings import Sayings, load_sayings
from integrity_archive.content.model.vocabulary import Vocabulary, load_vocabulary
from integrity_archive.content.text_files import UNTYPED, is_link, link_problem, read_text, special_problem
from integrity_archive.support.problems import Problem, errors
from integrity_archive.support.progress import Progress, no_progress
from integrity_archive.support.windows import is_reserved

TAKEN_APART = (
    "文件名里带声调的字母是拆开存的（NFD，多半来自苹果电脑），看着一样，别的程序却不认",
    "把文件名里的这些字母删去重打，最好整个改成拼音",
)
"""Fault and remedy of a file name that is not in Unicode's composed form (https://www.unicode.org/reports/tr15/)."""
_SLUG = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*\Z")
_OFFICE = (".doc", ".docx", ".wps", ".rtf", ".odt", ".txt")
_MARKDOWN = (".md", ".markdown", ".mdown", ".mkdown", ".mkdn", ".mkd", ".mdwn", ".mdtxt", ".mdtext", ".mdx")
"""Suffixes that other programs use for Markdown."""


class Intro(Part):
    """合集首页（各文件夹的 index.md）与索引页的导语（如 docs/units/ji-guan.md）。"""

    title: Text | None = None
    """合集标题"""
    summary: Text | None = None
    """一句话介绍"""
    status: Literal["draft", "published"] = "published"
    """draft 草稿不发布；published 发布"""
    visibility: Literal["public", "internal"] = "public"
    """public 公开；internal 内部资料，公开版里不出现"""


class PageMeta(Intro):
    """条目以外的页面，如首页、作者手册。"""

    template: Text | None = None
    """模板：home.html 首页，main.html 一般页面；不写是 main.html"""


@dataclass(frozen=True)
class LoadedArchive:
    """Everything read from an archive's folders."""

    root: str
    vocabulary: Vocabulary | None
    entries: tuple[Entry, ...]
    """Sorted by id, drafts and internal ones included."""
    faulty: tuple[InvalidEntry, ...]
    """Entries that do not fit the model; ``problems`` say why."""
    intros: Mapping[str, Document]
    """Introductions of lists, by path without ``index``: ``stories``, ``docs/units/ji-guan``."""
    pages: tuple[Document, ...]
    """Markdown pages below ``docs/`` that are not entries."""
    companions: Mapping[str, Document]
    """Companion texts of entries, by path: slides and handout of a lesson."""
    sayings: Sayings
    files: frozenset[str]
    """Every file below the content folders and ``docs/``, for checks of links and media."""
    problems: tuple[Problem, ...]

    @property
    def written(self) -> tuple[Entry | InvalidEntry, ...]:
        """All entries, those that do not fit the model included."""
        return (*self.entries, *self.faulty)


def introduces(path: str) -> str:
    """The list that a Markdown file introduces, a collection or a value of a facet; empty for any other page."""
    stem = path.removesuffix(".md")
    if stem.removesuffix("/index") in FOLDERS:
        return stem.removesuffix("/index")
    parts = stem.split("/")
    facet = FACETS.get(parts[1]) if len(parts) == 3 and parts[0] == "docs" else None
    return stem if facet and facet.controlled else ""


def load(
    root: str,
    progress: Progress = no_progress,
    stored: Callable[[str], Entry | Document | None] = lambda path: None,
) -> LoadedArchive:
    """Read the archive at ``root``.

    Args:
        root: folder of the archive.
        progress: shows progress.
        stored: what an earlier run read from the entry or the text beside an entry at a path; None where that is
            to be read anew.
    """
    vocabulary, problems = load_vocabulary(root)
    sayings, faults = load_sayings(root, vocabulary)
    problems += faults
    files, faults = _walk(root)
    problems += faults
    entries: list[Entry] = []
    faulty: list[InvalidEntry] = []
    intros: dict[str, Document] = {}
    pages: list[Document] = []
    companions: dict[str, Document] = {}
    markdown = sorted(f for f in files if f.endswith(".md"))
    for path in progress(markdown, "读入条目", len(markdown)):
        known = stored(path)
        if isinstance(known, Entry):
            entries.append(known)
            continue
        if known is not None and companion(path):
            companions[path] = known
            continue
        folder = next((f for f in FOLDERS if path.startswith(f + "/")), None)
        document, faults = read_document(root, path)
        problems += faults
        if document is None:
            continue
        if companion(path):
            companions[path] = document
            problems += _companion_problems(document, files)
        elif introduces(path):
            intros[introduces(path)] = document
            problems += _page_problems(document, Intro)
        elif folder is None:
            pages.append(document)
            problems += _page_problems(document, PageMeta)
        else:
            entry, faults = _entry(document, FOLDERS[folder])
            problems += faults
            if isinstance(entry, Entry):
                entries.append(entry)
            else:
                faulty.append(entry)
    return LoadedArchive(
        root,
        vocabulary,
        tuple(sorted(entries, key=lambda e: e.id)),
        tuple(faulty),
        intros,
        tuple(pages),
        companions,
        sayings,
        frozenset(files),
        tuple(problems),
    )


def _walk(root: str) -> tuple[set[str], list[Problem]]:
    files: set[str] = set()
    problems: list[Problem] = []
    found = dict(scan(root))
    copies = _copies(found)
    for path, entry in found.items():
        if path in copies:
            problems += copies[path]
        elif is_link(entry.path):
            problems.append(link_problem(path))
        elif not entry.is_file(follow_symlinks=False):
            problems.append(special_problem(path))
        else:
            files.add(path)
            problems += _name_problems(path)
    return files, problems


def _copies(paths: Iterable[str]) -> Mapping[str, list[Problem]]:
    """The files that are copies or other versions of files beside them, or lie in a folder that is one.

    Each has one reminder, those of a folder only the first of them.
    """
    beside: dict[str, dict[str, str]] = {}
    """By folder: every name in it, with the path of the first file that has it or lies in it."""
    for path in paths:
        parts = path.split("/")
        for depth, name in enumerate(parts):
            beside.setdefault("/".join(parts[:depth]), {}).setdefault(name, path)
    originals = {
        f"{folder}/{name}": (original, first)
        for folder, names in beside.items()
        for name, first in names.items()
        if folder and (original := original_of(name, names))
    }
    problems: dict[str, list[Problem]] = {}
    for path in paths if originals else ():
        parts = path.split("/")
        copy = next((c for n in range(2, len(parts) + 1) if (c := "/".join(parts[:n])) in originals), "")
        if copy:
            original, first = originals[copy]
            problems[path] = [_copy_problem(path, copy, original)] if path == first else []
    return problems


def _copy_problem(path: str, copy: str, original: str) -> Problem:
    """The reminder of a file that is a copy, or the first file in a folder that is one."""
    folder = "" if copy == path else "整个文件夹"
    if is_conflict(posixpath.basename(copy)):
        what = f"是同步软件留下的“{original}”的另一份，{folder}没有发布"
        remedy = "对照两份，把要的内容合到一份里，再把这一份移走"
    else:
        what = f"像是“{original}”的副本，{folder}没有发布"
        remedy = "不要就移走；要用，就改成自己的名字"
    value = posixpath.basename(copy) if folder else ""
    return Problem(path, 0, "", value, what, remedy, "copy", severity="warning")


def scan(root: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Every file of an archive with its path below the root, without ``leftovers``.

    Links are included but not followed; so are copies and other versions, which are no content, but are named.
    """
    tops = ("docs", *(f for f in FOLDERS if "/" not in f))
    try:
        with os.scandir(root) as entries:
            by_name = {entry.name: entry for entry in entries if entry.name in tops}
    except OSError:
        return
    for top in tops:
        if top in by_name and is_link(by_name[top].path):
            yield top, by_name[top]
        else:
            yield from _scan(root, top)


def _scan(root: str, folder: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    try:
        with os.scandir(os.path.join(root, *folder.split("/"))) as entries:
            ordered = sorted(entries, key=lambda e: e.name)
    except OSError:
        return
    for entry in ordered:
        if is_leftover(entry.name):
            continue
        path = f"{folder}/{entry.name}"
        if not is_link(entry.path) and entry.is_dir(follow_symlinks=False):
            yield from _scan(root, path)
        else:
            yield path, entry


def _name_problems(path: str) -> list[Problem]:
    """Faults of a file's name, which becomes an id, an address and a file on a stick."""
    suffix = os.path.splitext(path)[1]
    if suffix.lower() in _MARKDOWN and suffix != ".md":
        return [Problem(path, 0, "", "", f"扩展名 {suffix} 不认", "改成小写的 .md", "bad-slug")]
    if UNTYPED.search(path):
        what = "文件名里有看不见的字符，或程序自己用的字符"
        return [Problem(path, 0, "", "", what, "重新起一个名字", "control-character")]
    if reserved := next(filter(is_reserved, path.split("/")), None):
        what = "是 Windows 保留的名字"
        return [Problem(path, 0, "", reserved.partition(".")[0], what, "换一个文件名", "bad-slug")]
    if not unicodedata.is_normalized("NFC", path):
        return [Problem(path, 0, "", "", *TAKEN_APART, "nfd")]
    folder = next((f for f in FOLDERS if path.startswith(f + "/")), None)
    return _entry_name_problems(path, folder) if folder else []


def _entry_name_problems(path: str, folder: str) -> list[Problem]:
    inside = path[len(folder) + 1 :]
    stem, suffix = os.path.splitext(inside)
    if suffix.lower() in _OFFICE:
        what = f"{suffix} 文件不会发布"
        return [
            Problem(
                path, 0, "", "", what, "把内容写进 Markdown 条目，再把这个文件移走", "office-file", severity="warning"
            )
        ]
    if suffix != ".md":
        return []
    parts = stem.split("/")
    if len(parts) > 2 or (len(parts) == 2 and parts[1] != "index" and not companion(path)):
        remedy = f"一个条目写成 {folder}/题名拼音.md，或 {folder}/题名拼音/index.md"
        if FOLDERS[folder].companions:
            remedy += "，旁边只认 " + "、".join(f"{name}.md" for name in FOLDERS[folder].companions)
        return [Problem(path, 0, "", "", "条目放得太深", remedy, "bad-place")]
    slug = parts[0]
    fault = slug_fault(slug)
    return [Problem(path, 0, "", slug, *fault, "bad-slug")] if fault else []


def slug_fault(slug: str) -> tuple[str, str] | None:
    """Fault and remedy of a name that an entry cannot have; None for one that it can."""
    if not _SLUG.match(slug):
        return "文件名只能用小写字母、数字和连字符", "改成拼音，如 yang-zhen-si-zhi.md"
    if is_reserved(slug):
        return "是 Windows 保留的名字", "换一个文件名"
    if len(slug) > 80:
        return "文件名超过 80 个字符", "缩短"
    return None


def read_document(root: str, path: str) -> tuple[Document | None, list[Problem]]:
    """One Markdown file of an archive, taken apart; None where it cannot be."""
    folder = next((f for f in FOLDERS if path.startswith(f + "/")), None)
    return _document(root, path, entry=folder is not None and not companion(path))


def _document(root: str, path: str, *, entry: bool) -> tuple[Document | None, list[Problem]]:
    text, problems = read_text(root, path)
    if text is None:
        return None, problems
    if not entry and not text.startswith("---"):
        document = Document(path, Tree({}, {}), text, 1)
    else:
        matter, faults = split(text, path)
        problems += faults
        if matter is None:
            return None, problems
        document = Document(path, matter.tree, matter.body, matter.body_line)
    problems += body_faults(path, document.body, document.body_line)
    return (None if errors(problems) else document), problems


def _entry(document: Document, record: type[Record]) -> tuple[Entry | InvalidEntry, list[Problem]]:
    try:
        meta = record.model_validate(document.tree.values)
    except ValidationError as error:
        faults = model_problems(error, record, document.tree, document.path)
        return InvalidEntry(entry_id(document.path), record, document), faults
    return Entry(entry_id(document.path), meta, document), []


def _page_problems(document: Document, model: type[Intro]) -> list[Problem]:
    try:
        model.model_validate(document.tree.values)
    except ValidationError as error:
        return model_problems(error, model, document.tree, document.path)
    return []


def _companion_problems(document: Document, files: Iterable[str]) -> list[Problem]:
    """Faults of a companion text: it must have no front matter, and an ``index.md`` in the same folder."""
    problems = []
    if document.values:
        remedy = "删去开头两行 --- 和其间的内容；题名、时长等写在 index.md 里"
        problems.append(Problem(document.path, 1, "", "", "这个文件不写 YAML 头", remedy, "companion"))
    if f"{document.folder}/index.md" not in files:
        what, remedy = "旁边没有 index.md", "把课的正文写成同一文件夹里的 index.md"
        problems.append(Problem(document.path, 0, "", "", what, remedy, "companion"))
    return problems
