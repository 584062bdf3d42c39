"""File rules: problems with the files of an archive, and with files that one entry or page uses of another.

Who may see a file is decided in ``archive.publication``, for the checks as for the build.
"""

from __future__ import annotations

import os
import posixpath
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from integrity_archive.archive.publication import HOSTING, MADE_FILES, MADE_PAGES, file_at
from integrity_archive.content.data_file import BENCHMARK_PATH, SCREENS_PATH
from integrity_archive.content.entry import FOLDERS, Document, Reach, film_folder, page_url, site_uri
from integrity_archive.content.facets import FACETS
from integrity_archive.content.front_matter import field_name
from integrity_archive.content.sayings import PATH as SAYINGS_PATH
from integrity_archive.content.schema import Media, Video
from integrity_archive.content.settings import PATH as SETTINGS_PATH
from integrity_archive.content.settings import extra_files, nav_pages, own_templates, read_settings
from integrity_archive.content.svg import svg_faults
from integrity_archive.content.vocabulary import PATH as VOCABULARY_PATH
from integrity_archive.films.picture_file import FORMATS, PictureError, read_picture
from integrity_archive.support.problems import Problem
from integrity_archive.support.resources import overrides_dir, theme_dir

if TYPE_CHECKING:
    from integrity_archive.checks.rules import CheckContext

DATA_FILES = (VOCABULARY_PATH, SAYINGS_PATH, SCREENS_PATH, BENCHMARK_PATH)
"""Files below ``docs/`` that pages are made from and that are not published."""
LINKABLE = (
    ".svg", ".png", ".jpg", ".jpeg", ".webp", ".gif", ".avif", ".mp4", ".m4v", ".webm", ".mov", ".mp3", ".m4a", ".ogg",
    ".wav", ".vtt", ".srt", ".pdf", ".epub", ".txt", ".csv", ".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp",
)  # fmt: skip
"""File types that a page may display or link: opening one of them runs no program."""
PAGE_TEMPLATES = frozenset({"home.html", "main.html"})
"""Templates that a page may use; the others need values that only entries and lists have."""
FILM_FILES = ("captions.vtt", "film.mp4", "poster.jpg", "screen.mp4")
"""Files made of a film; see ``films.production``."""
PROGRAM_FOLDERS = ("assets/", "browse/", "packs/", "search/")
"""Folders of the site that are reserved for the program's own files."""


def linked_files(case: CheckContext) -> Iterator[Problem]:
    """Files that a page displays or links, but whose type may run a program or whose entry its readers may not see."""
    for path, document in case.documents.items():
        body = case.bodies.get(path)
        for link in body.links if body else ():
            file = file_at(case.loaded.files, link.target) if link.target else None
            if file is None or file.endswith(".md"):
                continue
            where = (path, document.body_line + link.line, "正文", link.written)
            if not file.lower().endswith(LINKABLE):
                kind = posixpath.splitext(file)[1]
                what = f"{f'{kind} ' if kind else '没有扩展名的'}文件不能放进网站：打开它可能运行程序"
                remedy = "换成 PDF、图片、docx、xlsx、pptx 等，或删去链接"
                yield Problem(*where, what, remedy, "file-type")
            elif fault := _beyond(case, file, case.owners.reach(path), document):
                yield Problem(*where, *fault, "hidden-file")


def named_by_others(case: CheckContext) -> Iterator[Problem]:
    """Files that an entry's fields name, but that belong to an entry with fewer readers."""
    for entry, value in case.marked_as(Media):
        found = entry.document.beside(value.value)
        if found in case.loaded.files and (fault := _beyond(case, found, entry.reach, entry.document)):
            where = (entry.document.path, entry.line(value.loc), field_name(value.loc), value.value)
            yield Problem(*where, *fault, "hidden-file")


def _beyond(case: CheckContext, path: str, source: Reach, document: Document) -> tuple[str, str] | None:
    """Fault and remedy if the readers of ``document`` may not see the file; None if they may."""
    reach = case.owners.reach(path)
    if reach <= source:
        return None
    owner = max(case.owners.of(path), key=lambda o: o.reach).document.path
    kind = "草稿" if reach == Reach.DRAFT else "内部资料"
    what = f"是{kind} {owner} 的文件，读者看不到"
    return what, f"在 {document.folder}/ 里另放一个可以公开的文件，或删去"


def drawings(case: CheckContext) -> Iterator[Problem]:
    """SVG drawings that contain scripts, external resources or links."""
    used = {file_at(case.loaded.files, target) for targets in case.targets.values() for target in targets}
    used |= {path for entry in case.loaded.written for path in entry.files}
    folders = {
        e.document.folder
        for e in case.loaded.entries
        if e.kind == Video.kind and isinstance(e.meta, Video) and e.meta.storyboard
    }
    for path in sorted(f for f in case.loaded.files if f.lower().endswith(".svg")):
        if path not in used and posixpath.dirname(path) in folders:
            continue  # the pictures of a storyboard are drawn by the program and not given to readers
        try:
            with open(os.path.join(case.loaded.root, *path.split("/")), "rb") as stream:
                data = stream.read()
        except OSError:
            continue  # reported where the file is used
        for fault in svg_faults(data) if data else ():
            yield Problem(path, fault.line, "", fault.value, fault.what, fault.remedy, "svg")


def pictures(case: CheckContext) -> Iterator[Problem]:
    """Pictures of bodies, slides and fields that cannot be read, or have no size: no output could lay them out."""
    used: dict[str, tuple[str, int, str, str]] = {}
    for path, document in case.documents.items():
        body = case.bodies.get(path)
        for link in body.links if body else ():
            if link.image:
                used.setdefault(link.target, (path, document.body_line + link.line, "正文", link.written))
    for entry, value in case.marked_as(Media):
        where = (entry.document.path, entry.line(value.loc), field_name(value.loc), value.value)
        used.setdefault(entry.document.beside(value.value), where)
    for path, where in used.items():
        if path in case.loaded.files and path.lower().endswith(FORMATS):
            try:
                read_picture(os.path.join(case.loaded.root, *path.split("/")), framed=False)
            except PictureError as error:
                yield Problem(*where, error.what, error.remedy, "picture")


def clashes(case: CheckContext) -> Iterator[Problem]:
    """Files and pages at places that the program uses for its own."""
    program = None
    for path in sorted(case.loaded.files):
        uri = _place_key(site_uri(path))
        if uri.startswith(PROGRAM_FOLDERS):
            program = _program_files() if program is None else program
            what = "与程序自己的文件同名" if uri in program else "放在程序自己的文件夹里"
            yield _clash(path, what, "换一个文件夹，如 docs/files/")
        elif uri in MADE_FILES or uri in MADE_PAGES or _LATER_PAGE.fullmatch(uri):
            yield _clash(path, "与程序自己做的文件同名", "换一个文件名")
        elif path.endswith(".md") and path.startswith("docs/") and _in_index(path):
            yield _clash(path, "放在程序自己做索引页的文件夹里", "换一个文件夹")


def same_places(case: CheckContext) -> Iterator[Problem]:
    """Two sources with one place in the site: one would silently replace the other, or be shown as the other.

    Places are compared as FAT and other file systems without case do. What lies in an entry's folder and is not
    published yet counts too: it is published as soon as somebody uses it.
    """
    at: dict[str, str] = {}
    folders: dict[str, str] = {}
    for path in sorted(case.loaded.files):
        key = _place_key(page_url(site_uri(path)))
        if key in at:
            what = f"和 {at[key]} 在网站里是同一个位置（不分大小写），只能留一个"
            yield _clash(path, what, "改其中一个的文件名，或移到别的文件夹")
        at.setdefault(key, path)
        while (key := key.rpartition("/")[0]) and key not in folders:
            folders[key] = path
    for key, path in at.items():
        if key in folders:
            yield _clash(path, f"和 {folders[key]} 的文件夹在网站里同名", "改其中一个的名字")
    yield from _made_of_films(case, at)


def _made_of_films(case: CheckContext, at: Mapping[str, str]) -> Iterator[Problem]:
    """Files that readers get and that have the place of one made of a film."""
    used = {file_at(case.loaded.files, target) for targets in case.targets.values() for target in targets}
    used |= {path for entry in case.loaded.entries for path in entry.shown_files}
    for entry in case.loaded.entries:
        for name in FILM_FILES if entry.kind == Video.kind else ():
            path = at.get(_place_key(f"{film_folder(entry)}/{name}"))
            if path in used and path is not None and path not in entry.files:
                yield _clash(path, f"与影片 {entry.document.path} 做出来的 {name} 同名", "换一个文件名")


def _place_key(place: str) -> str:
    """The same for all places that one file system or another takes for one."""
    if place.isascii():
        return place.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", place).casefold())


_LATER_PAGE = re.compile(rf"(?:{'|'.join(map(site_uri, FOLDERS))})/page\.\d+\.md")
"""The further pages of a list."""


def _clash(path: str, what: str, remedy: str) -> Problem:
    return Problem(path, 0, "", "", what, remedy, "clash")


def _in_index(path: str) -> bool:
    """Whether a page lies among the generated pages of a facet and is not the introduction of one of them."""
    parts = path.split("/")
    facet = FACETS.get(_place_key(parts[1])) if len(parts) > 2 else None
    return facet is not None and not (facet.controlled and len(parts) == 3)


def _program_files() -> frozenset[str]:
    """Files of the theme and of the program, by their place in the site, in lower case."""
    return frozenset(
        _place_key(os.path.relpath(os.path.join(where, name), top).replace(os.sep, "/"))
        for top in (overrides_dir(), theme_dir())
        for where, _, names in os.walk(os.path.join(top, "assets"))
        for name in names
    )


def unused_files(case: CheckContext) -> Iterator[Problem]:
    """Files in ``docs/`` that no page uses: they are not published, which their author may not know."""
    settings, _ = read_settings(case.loaded.root)
    used = {file_at(case.loaded.files, target) for targets in case.targets.values() for target in targets}
    used |= {f"docs/{uri}" for uri in (*HOSTING, *extra_files(settings))} | set(DATA_FILES)
    reported = {problem.path for problem in (*case.loaded.problems, *clashes(case))}
    for path in sorted(case.loaded.files - used - reported):
        if path.startswith("docs/") and not path.endswith(".md") and not path.startswith(_ENTRY_FOLDERS):
            what, remedy = "没有一页用到它，不会发布", "在要用它的一页里链接它，或把它移出 docs/"
            yield Problem(path, 0, "", "", what, remedy, "unused-file", "warning")


_ENTRY_FOLDERS = tuple(folder + "/" for folder in FOLDERS)


def page_templates(case: CheckContext) -> Iterator[Problem]:
    """Templates that a page names but cannot use."""
    for page in case.loaded.pages:
        template = page.values.get("template")
        if not isinstance(template, str) or template in PAGE_TEMPLATES:
            continue
        own = own_templates(case.loaded.root)
        if template not in own:
            line, known = page.tree.line(("template",)), "、".join(sorted({*PAGE_TEMPLATES, *own}))
            what = "不是一般页面能用的模板"
            yield Problem(page.path, line, "template", template, what, f"可选：{known}；或整行删去", "template")


def navigation(case: CheckContext) -> Iterator[Problem]:
    """Pages that the navigation names but readers may not see."""
    settings, _ = read_settings(case.loaded.root)
    hidden = {d.uri: d for d in _hidden_pages(case)}
    for loc, uri in nav_pages(settings):
        if uri in hidden:
            kind = "草稿" if hidden[uri].reach == Reach.DRAFT else "内部资料"
            what = f"导航里有{kind} {hidden[uri].path}，读者看不到"
            remedy = "从 nav 里删去这一行，或把那一页公开"
            yield Problem(SETTINGS_PATH, settings.line(loc), "nav", uri, what, remedy, "navigation")


def _hidden_pages(case: CheckContext) -> Iterable[Document]:
    loaded = case.loaded
    pages = (page for page in loaded.pages if page.reach > Reach.PUBLIC)
    return (*pages, *(e.document for e in loaded.entries if not e.public))


TOGETHER = (drawings, clashes, same_places, unused_files, page_templates, navigation)
"""Rules on all files together."""
RULES = (linked_files, named_by_others, pictures, *TOGETHER)
