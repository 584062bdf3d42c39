"""Rule on what sticks hold: without an error here, ``archive pack usb`` finds none in the names of files."""

from __future__ import annotations

import os
from collections.abc import Iterator

from integrity_archive.archive.stick_names import name_problems
from integrity_archive.checks.context import CheckContext
from integrity_archive.checks.rule import ARCHIVE, rule
from integrity_archive.content.entry import Reach, page_url, site_uri
from integrity_archive.content.loader import LoadedArchive
from integrity_archive.content.settings import custom_dir, extra_files, read_settings, static_files
from integrity_archive.support.problems import Problem, errors


@rule(scope=ARCHIVE)
def stick_names(loaded: LoadedArchive, context: CheckContext) -> Iterator[Problem]:
    """Published files whose names or sizes a stick cannot hold. The pages of entries have names of their own rules."""
    settings, _ = read_settings(loaded.root)
    media = {path for path in context.linked_files if path and not path.endswith(".md")}
    media.update(path for entry in loaded.entries for path in entry.published_files)
    paths = {page.path for page in loaded.pages} | (media & loaded.files)
    named = {path for path in paths if context.owners.reach(path) < Reach.DRAFT}
    named.update(path for uri in extra_files(settings) if (path := f"docs/{uri}") in loaded.files)
    named -= {problem.path for problem in errors(loaded.problems)}
    sources = {page_url(site_uri(path)): path for path in named}
    if folder := custom_dir(loaded.root, settings):
        below = os.path.relpath(folder, loaded.root).replace(os.sep, "/")
        sources |= {uri: f"{below}/{uri}" for uri in static_files(folder)}
    sizes = {uri: _size(os.path.join(loaded.root, *path.split("/"))) for uri, path in sources.items()}
    yield from name_problems(sizes, sources)


def _size(path: str) -> int:
    """Size of a file in bytes; 0 if it cannot be read, which is reported where it is."""
    try:
        return os.stat(path).st_size
    except OSError:
        return 0
