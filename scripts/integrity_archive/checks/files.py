"""Rules on the files of an archive, and on files that one entry or page uses of another.

Who may see a file is decided in ``archive.publication``, for the checks as for the build.
"""

from __future__ import annotations

import os
import posixpath
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urlsplit

from integrity_archive.archive.publication import HOSTING, LINKABLE, MADE_FILES, MADE_PAGES, file_at
from integrity_archive.checks.context import CheckContext, Converted
from integrity_archive.checks.places import body_problem, field_problem, file_problem
from integrity_archive.checks.rule import ARCHIVE, BODY, WRITTEN_ENTRY, rule
from integrity_archive.content.data_file import BENCHMARK_PATH, SCREENS_PATH
from integrity_archive.content.entry import (
    FOLDERS,
    Document,
    Entry,
    InvalidEntry,
    Reach,
    film_folder,
    page_url,
    section,
    site_uri,
)
from integrity_archive.content.loader import LoadedArchive
from integrity_archive.content.markup.svg import svg_faults
from integrity_archive.content.model.facets import FACETS
from integrity_archive.content.model.marks import Media
from integrity_archive.content.model.sayings import PATH as SAYINGS_PATH
from integrity_archive.content.model.schema import KINDS, Video
from integrity_archive.content.model.vocabulary import PATH as VOCABULARY_PATH
from integrity_archive.content.settings import PATH as SETTINGS_PATH
from integrity_archive.content.settings import custom_dir, extra_files, nav_pages, own_templates, read_settings
from integrity_archive.output.marker import MARKER
from integrity_archive.support.private_keys import holds_private_key
from integrity_archive.support.problems import Problem, Severity, nearest
from integrity_archive.support.resources import overrides_dir, theme_dir

DATA_FILES = (VOCABULARY_PATH, SAYINGS_PATH, SCREENS_PATH, BENCHMARK_PATH)
"""Files below ``docs/`` that pages are made from and that are not published."""
PAGE_TEMPLATES = frozenset({"home.html", "main.html"})
"""Templates that a page may use; the others need values that only entries and lists have."""
FILM_FILES = ("captions.vtt", "film.mp4", "poster.jpg", "screen.mp4")
"""Files made of a film; see ``films.production``."""
PROGRAM_FOLDERS = ("assets/", "browse/", "packs/", "search/")
"""Folders of the site that are reserved for the program's own files."""


@rule(scope=BODY)
def linked_files(text: Converted, context: CheckContext) -> Iterator[Problem]:
    """Files that a page displays or links, but whose type may run a program or whose entry its readers may not see."""
    document = text.document
    for link in text.body.links:
        file = file_at(context.loaded.files, link.target) if link.target else None
        if file is None or file.endswith(".md"):
            continue
        if not file.lower().endswith(LINKABLE):
            kind = posixpath.splitext(file)[1]
            what = f"{f'{kind} ' if kind else '没有扩展名的'}文件不能放进网站：打开它可能运行程序"
            remedy = "换成 PDF、图片、docx、xlsx、pptx 等，或删去链接"
            yield body_problem(document, link.line, link.written, what, remedy, "file-type")
        elif fault := _hidden_file(context, file, context.owners.reach(document.path), document):
            yield body_problem(document, link.line, link.written, *fault, "hidden-file")


@rule(scope=WRITTEN_ENTRY)
def files_of_others(entry: Entry | InvalidEntry, context: CheckContext) -> Iterator[Problem]:
    """Files that an entry's fields name, but that belong to an entry with fewer readers."""
    for value, _ in context.marked(entry, Media):
        path = entry.document.resolve(value.value)
        if path in context.loaded.files and (fault := _hidden_file(context, path, entry.reach, entry.document)):
            yield field_problem(entry, value.loc, value.value, *fault, "hidden-file")


def _hidden_file(context: CheckContext, path: str, source: Reach, document: Document) -> tuple[str, str] | None:
    """Fault and remedy if the readers of ``document`` may not see the file; None if they may."""
    reach = context.owners.reach(path)
    if reach <= source:
        return None
    owner = max(context.owners.of(path), key=lambda o: o.reach).document.path
    kind = "草稿" if reach == Reach.DRAFT else "内部资料"
    what = f"是{kind} {owner} 的文件，读者看不到"
    return what, f"在 {document.folder}/ 里另放一个可以公开的文件，或删去"


@rule(scope=ARCHIVE)
def drawings(loaded: LoadedArchive, context: CheckContext) -> Iterator[Problem]:
    """SVG drawings that contain scripts, external resources or links."""
    used = context.linked_files | {path for entry in loaded.written for path in entry.files}
    folders = {
        e.document.folder
        for e in loaded.entries
        if e.kind == Video.kind and isinstance(e.meta, Video) and e.meta.storyboard
    }
    for path in sorted(f for f in loaded.files if f.lower().endswith(".svg")):
        if path not in used and posixpath.dirname(path) in folders:
            continue  # the pictures of a storyboard are drawn by the program and not given to readers
        try:
            with open(os.path.join(loaded.root, *path.split("/")), "rb") as stream:
                data = stream.read()
        except OSError:
            continue  # reported where the file is used
        for fault in svg_faults(data) if data else ():
            yield Problem(path, fault.line, "", fault.value, fault.what, fault.remedy, "svg")


@rule(scope=ARCHIVE)
def clashes(loaded: LoadedArchive, context: CheckContext) -> Iterator[Problem]:
    """Files and pages at places that the program uses for its own."""
    program = None
    for path in sorted(loaded.files):
        uri = _place_key(site_uri(path))
        if uri.startswith(PROGRAM_FOLDERS):
            program = _program_files() if program is None else program
            what = "与程序自己的文件同名" if uri in program else "放在程序自己的文件夹里"
            yield _clash(path, what, "换一个文件夹，如 docs/files/")
        elif uri in MADE_FILES or uri in MADE_PAGES or _LATER_PAGE.fullmatch(uri):
            yield _clash(path, "与程序自己做的文件同名", "换一个文件名")
        elif path.endswith(".md") and path.startswith("docs/") and _in_index(path):
            yield _clash(path, "放在程序自己做索引页的文件夹里", "换一个文件夹")


@rule(scope=ARCHIVE)
def same_places(loaded: LoadedArchive, context: CheckContext) -> Iterator[Problem]:
    """Two sources with one place in the site: one would silently replace the other, or be shown as the other.

    Places are compared as FAT and other file systems without case do. What lies in an entry's folder and is not
    published yet counts too: it is published as soon as somebody uses it.
    """
    at: dict[str, str] = {}
    folders: dict[str, str] = {}
    for path in sorted(loaded.files):
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
    yield from _made_of_films(context, at)


def _made_of_films(context: CheckContext, at: Mapping[str, str]) -> Iterator[Problem]:
    """Files that readers get and that have the place of one made of a film."""
    loaded = context.loaded
    used = context.linked_files | {path for entry in loaded.entries for path in entry.published_files}
    for entry in loaded.entries:
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
    return file_problem(path, what, remedy, "clash")


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


@rule(scope=ARCHIVE)
def unused_files(loaded: LoadedArchive, context: CheckContext) -> Iterator[Problem]:
    """Files in ``docs/`` that no page uses: they are not published, which their author may not know."""
    settings, _ = read_settings(loaded.root)
    used = context.linked_files | {f"docs/{uri}" for uri in (*HOSTING, *extra_files(settings))} | set(DATA_FILES)
    reported = {problem.path for problem in (*loaded.problems, *clashes.find(loaded, context))}
    for path in sorted(loaded.files - used - reported):
        if path.startswith("docs/") and not path.endswith(".md") and not path.startswith(_ENTRY_FOLDERS):
            what, remedy = "没有一页用到它，不会发布", "在要用它的一页里链接它，或把它移出 docs/"
            yield file_problem(path, what, remedy, "unused-file", severity="warning")


_ENTRY_FOLDERS = tuple(folder + "/" for folder in FOLDERS)


@rule(scope=ARCHIVE)
def page_templates(loaded: LoadedArchive, context: CheckContext) -> Iterator[Problem]:
    """Templates that a page names but cannot use."""
    for page in loaded.pages:
        template = page.values.get("template")
        if not isinstance(template, str) or template in PAGE_TEMPLATES:
            continue
        own = own_templates(loaded.root)
        if template not in own:
            line, known = page.tree.line(("template",)), "、".join(sorted({*PAGE_TEMPLATES, *own}))
            what = "不是一般页面能用的模板"
            yield Problem(page.path, line, "template", template, what, f"可选：{known}；或整行删去", "template")


@rule(scope=ARCHIVE)
def navigation(loaded: LoadedArchive, context: CheckContext) -> Iterator[Problem]:
    """Pages that the navigation names but that do not exist, or that readers may not see."""
    settings, _ = read_settings(loaded.root)
    hidden = {d.uri: d for d in _hidden_pages(loaded)}
    made = {"index.md", *MADE_PAGES, *(f"{section(kind)}/index.md" for kind in KINDS)}
    uris = {site_uri(path) for path in loaded.files} | made
    for loc, uri in nav_pages(settings):
        if uri not in uris and not _elsewhere(uri) and uri.split("/")[0] not in FACETS:
            guess = nearest(uri, uris)
            remedy = f"是不是“{guess}”？" if guess else "路径从 docs/ 或馆藏的文件夹写起，如 stories/index.md"
            yield Problem(SETTINGS_PATH, settings.line(loc), "nav", uri, "没有这一页", remedy, "navigation")
        elif uri in hidden:
            kind = "草稿" if hidden[uri].reach == Reach.DRAFT else "内部资料"
            what = f"导航里有{kind} {hidden[uri].path}，读者看不到"
            remedy = "从 nav 里删去这一行，或把那一页公开"
            yield Problem(SETTINGS_PATH, settings.line(loc), "nav", uri, what, remedy, "navigation")


def _elsewhere(uri: str) -> bool:
    """Whether an item of the navigation is the address of another site, or one on this host."""
    return uri.startswith(("/", "#")) or urlsplit(uri).scheme != ""


def _hidden_pages(loaded: LoadedArchive) -> Iterable[Document]:
    pages = (page for page in loaded.pages if page.reach > Reach.PUBLIC)
    return (*pages, *(e.document for e in loaded.entries if not e.public))


@rule(scope=ARCHIVE)
def private_keys(loaded: LoadedArchive, context: CheckContext) -> Iterator[Problem]:
    """Private keys in the archive: they are published with it, or given away with a copy of it."""
    root = loaded.root
    own_theme = custom_dir(root, read_settings(root)[0])
    published = ["docs", *FOLDERS, *([os.path.relpath(own_theme, root)] if own_theme else [])]
    for where, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f not in _OF_TOOLS)
        below = os.path.relpath(where, root).replace(os.sep, "/")
        if MARKER in names:
            published.append(below)
        for path in (posixpath.normpath(f"{below}/{name}") for name in names if not name.endswith(_NO_KEYS)):
            if not holds_private_key(os.path.join(root, path)):
                continue
            severity: Severity
            if any(path.startswith(f"{folder}/") for folder in published):
                what, severity = "是私钥，会跟着网站发出去", "error"
            else:
                what, severity = "是私钥，谁拷走馆藏，谁就拿到它", "warning"
            remedy = "移到馆藏外面自己的文件夹里；馆藏给过别人、传上过网，就换一副钥匙"
            yield Problem(path, 0, "", "", what, remedy, "private-key", severity=severity)


_NO_KEYS = (".md", ".html", ".js", ".css", ".json", ".svg")
"""Suffixes of the many small files of an archive and its site, under which nobody stores a key."""
_OF_TOOLS = ("node_modules", "__pycache__")
"""Folders of tools for programmers, which authors do not have."""
