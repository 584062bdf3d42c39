"""Running MkDocs from our own command: configuration, the build itself, and its failures in plain words."""

from __future__ import annotations

import contextlib
import logging
import os
from pathlib import Path

from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort, ConfigurationError, MkDocsException

from integrity_archive.archive.edition import WEB, Edition
from integrity_archive.build.output_folder import TouchedError, files_of, link_tree, move_tree, same_disk
from integrity_archive.build.pipeline import Plan
from integrity_archive.build.state import DamagedError, OutputStamp, State, state_of
from integrity_archive.content.settings import read_settings
from integrity_archive.content.site_settings import Site
from integrity_archive.mkdocs.plugin import ArchivePlugin
from integrity_archive.output.folder import Staging, replace_dir, staging_dir
from integrity_archive.support.problems import as_text, errors
from integrity_archive.support.progress import Progress


class BuildError(Exception):
    """The site could not be built; the message says why."""


def build_plan(root: str, site_dir: str, progress: Progress, edition: Edition = WEB) -> Plan:
    """Build an edition of the archive at ``root`` into ``site_dir``; what was built.

    Raises:
        BuildError: ``mkdocs.yml`` is missing or wrong, or the archive has errors.
    """
    return _build(root, site_dir, progress, edition).plan


def renew_site(root: str, target: Path, progress: Progress) -> int:
    """Build the web edition where the site is at ``target``; only what changed since its last build is made again.

    Call it while holding ``output_lock``. Returns the number of pages of the site.

    Args:
        root: folder of the archive.
        target: folder of the site, which may not exist yet.
        progress: shows progress.

    Raises:
        BuildError: ``mkdocs.yml`` is missing or wrong, or the archive has errors.
        ClashError: a file of ours would replace one that is not ours.
        OSError: there is no room, or no permission; the site that stood there still does.
    """
    state = state_of(root, WEB, target)
    while True:
        with staging_dir(target) as staging:
            try:
                return _renew(root, staging, state, progress)
            except (TouchedError, DamagedError):
                state.forget()  # then everything is built, and nothing of what stands there is taken over


def _renew(root: str, staging: Staging, state: State, progress: Progress) -> int:
    made, target = staging.content / "made", staging.target
    built = _build(root, str(made), progress, WEB, state)
    plan = built.plan
    try:
        files = _put_whole(made, staging) if plan.whole else _put_changes(built, made, staging, state)
    finally:
        plan.search.drop()
    if built.remember(files) and plan.whole and same_disk(state.folder, target):
        with contextlib.suppress(OSError, TouchedError):  # then the next edit does it
            link_tree(state.spare, target, files)
    return len(plan.pages)


def _put_whole(made: Path, staging: Staging) -> dict[str, OutputStamp]:
    files = files_of(made)
    replace_dir(made, staging, WEB.name)
    return files


def _put_changes(built: ArchivePlugin, made: Path, staging: Staging, state: State) -> dict[str, OutputStamp]:
    """Put what changed into a second copy of the site, and that into its place; the files of the site."""
    target = staging.target
    if not target.is_dir():
        raise TouchedError(target)
    lasting = same_disk(state.folder, target)
    spare = state.spare if lasting else staging.content / "spare"
    files = dict(built.files_before)
    link_tree(spare, target, files)
    for path in built.write_search(made) | built.plan.removed:
        (spare / path).unlink(missing_ok=True)
        files.pop(path, None)
    files |= move_tree(made, spare)
    replace_dir(spare, staging, WEB.name, keep=spare if lasting else None)
    return files


def _build(
    root: str,
    site_dir: str,
    progress: Progress,
    edition: Edition,
    state: State | None = None,
) -> ArchivePlugin:
    _log_to_stderr()
    try:
        config, plugin = _configured(root, site_dir)
        plugin.progress = progress
        plugin.edition = edition
        plugin.state = state
        plugin.placed = True
        try:
            config.plugins.on_startup(command="build", dirty=False)
            build(config)
            config.plugins.on_shutdown()
        finally:
            plugin.placed = False
    except Abort:
        raise BuildError("没有生成网站，原因见上。") from None
    except (ConfigurationError, MkDocsException) as error:
        raise BuildError(f"{root}/mkdocs.yml：{error}") from None
    return plugin


def site_of(root: str) -> Site:
    """What the ``mkdocs.yml`` of the archive at ``root`` says of it.

    Raises:
        BuildError: ``mkdocs.yml`` is missing or wrong.
    """
    _log_to_stderr()
    try:
        config, plugin = _configured(root, None)
    except Abort:
        raise BuildError("mkdocs.yml 不能用，原因见上。") from None
    except (ConfigurationError, MkDocsException) as error:
        raise BuildError(f"{root}/mkdocs.yml：{error}") from None
    return plugin.site_of(config)


def _configured(root: str, site_dir: str | None) -> tuple[MkDocsConfig, ArchivePlugin]:
    path = os.path.join(root, "mkdocs.yml")
    if not os.path.isfile(path):
        raise BuildError(f"{root} 里没有 mkdocs.yml。先进入馆藏的文件夹，或用 --root 指明。")
    if faults := errors(read_settings(root)[1]):
        raise BuildError(as_text(faults))  # what MkDocs says of it is for programmers
    config = load_config(path, **({"site_dir": site_dir} if site_dir else {}))
    plugin = config.plugins.get("archive")
    if not isinstance(plugin, ArchivePlugin):
        raise BuildError(f"{path} 的 plugins 里没有 archive。加上 plugins: [archive]。")
    return config, plugin


def _log_to_stderr() -> None:
    logger = logging.getLogger("mkdocs")
    if not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(message)s"))
        logger.addHandler(handler)
    logger.setLevel(logging.WARNING)
