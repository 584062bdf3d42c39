"""Running MkDocs from our own command: configuration, the build itself, and its failures in plain words."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Collection, Mapping
from pathlib import Path

from mkdocs.commands.build import build
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort, MkDocsException

from integrity_archive.archive.edition import WEB, Edition
from integrity_archive.build.output_folder import link_tree, move_tree, same_disk
from integrity_archive.build.pipeline import Plan
from integrity_archive.build.state import DamagedError, State, state_of
from integrity_archive.content.front_matter import Tree
from integrity_archive.content.settings import NO_ADDRESS, check_settings, read_settings
from integrity_archive.content.settings import PATH as SETTINGS_PATH
from integrity_archive.content.site_settings import Site
from integrity_archive.mkdocs.plugin import ArchivePlugin, BuildStoppedError
from integrity_archive.output.file_record import records_below
from integrity_archive.output.folder import Replaced, Staging, replace_dir, staging_dir, target_contents
from integrity_archive.output.foreign_files import contents_of
from integrity_archive.support.problems import Problem, as_text, errors, nearest
from integrity_archive.support.progress import Progress

log = logging.getLogger("mkdocs")


class TouchedError(Exception):
    """A site is not what it was when it was built."""


class BuildError(Exception):
    """The site could not be built; the message says why."""


def build_plan(root: str, site_dir: str, progress: Progress, edition: Edition = WEB) -> Plan:
    """Build an edition of the archive at ``root`` into ``site_dir``; what was built.

    Raises:
        BuildError: ``mkdocs.yml`` is missing or wrong, or the archive has errors.
    """
    return _build(root, site_dir, progress, edition).plan


def renew_site(root: str, target: Path, progress: Progress) -> tuple[int, Replaced]:
    """Build the web edition where the site is at ``target``; only what changed since its last build is made again.

    Call it while holding ``output_lock``. Returns the number of pages of the site, and what was done
    with the files that were there.

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


def _renew(root: str, staging: Staging, state: State, progress: Progress) -> tuple[int, Replaced]:
    made, target = staging.content / "made", staging.target
    built = _build(root, str(made), progress, WEB, state)
    plan = built.plan
    try:
        site = replace_dir(made, staging, WEB.name) if plan.whole else _put_changes(built, made, staging, state)
    finally:
        plan.search.drop()
    if built.remember(site.marker.signature) and plan.whole and same_disk(state.folder, target):
        with contextlib.suppress(OSError):  # then the next edit does it
            link_tree(state.spare, target, contents_of(target, site.marker.files).inodes)
    return len(plan.pages), site


def _put_changes(built: ArchivePlugin, made: Path, staging: Staging, state: State) -> Replaced:
    """Put what changed into a second copy of the site, and that into its place."""
    target, marker = staging.target, staging.marker
    if marker is None or marker.signature != built.marker_before:
        raise TouchedError(target)
    lasting = same_disk(state.folder, target)
    spare = state.spare if lasting else staging.content / "spare"
    standing = target_contents(staging)
    if len(standing.ours) < len(marker.files):
        raise TouchedError(target)
    link_tree(spare, target, standing.inodes)
    files = dict(standing.ours)
    for path in built.write_search(made, marker.files) | built.plan.removed:
        (spare / path).unlink(missing_ok=True)
        files.pop(path, None)
    files |= records_below(made, {})
    move_tree(made, spare)
    return replace_dir(spare, staging, WEB.name, files, standing, keep=spare if lasting else None)


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
    except BuildStoppedError as error:
        raise BuildError(str(error)) from None
    except Abort:
        raise BuildError("没有生成网站，原因见上。") from None
    except MkDocsException as error:
        raise BuildError(f"没有生成网站。MkDocs 说：{error}") from None
    return plugin


def site_of(root: str) -> Site:
    """What the ``mkdocs.yml`` of the archive at ``root`` says of it.

    Raises:
        BuildError: ``mkdocs.yml`` is missing or wrong.
    """
    _log_to_stderr()
    config, plugin = _configured(root, None)
    return plugin.site_of(config)


def _configured(root: str, site_dir: str | None) -> tuple[MkDocsConfig, ArchivePlugin]:
    path = os.path.join(root, "mkdocs.yml")
    if not os.path.isfile(path):
        raise BuildError(f"{root} 里没有 mkdocs.yml。先进入馆藏的文件夹，或用 --root 指明。")
    if faults := errors(check_settings(root)):
        raise BuildError(as_text(faults))  # what MkDocs says of it is for programmers
    config = _loaded(root, path, {"site_dir": site_dir} if site_dir else {})
    plugin = config.plugins.get("archive")
    if not isinstance(plugin, ArchivePlugin):
        raise BuildError(f"{path} 的 plugins 里没有 archive。加上 plugins: [archive]。")
    return config, plugin


def _loaded(root: str, path: str, options: Mapping[str, str]) -> MkDocsConfig:
    """The settings, with options in place of some; as ``mkdocs.config.load_config``, which reports in English.

    Raises:
        BuildError: a value cannot be used, though the archive's own checks let it pass.
    """
    config = MkDocsConfig(config_file_path=path)
    with open(path, "rb") as stream:
        config.load_file(stream)
    config.load_dict(dict(options))
    faults, doubts = config.validate()
    tree, _ = read_settings(root)
    known = {name for name, _ in config._schema}
    problems = [_unusable(tree, name, config.get(name)) for name, _ in faults]
    problems += [_unknown(tree, name, known) for name, _ in doubts if name not in known]
    if errors(problems):
        raise BuildError(as_text(problems))
    if problems:
        log.warning("%s", as_text(problems))
    return config


def _unusable(tree: Tree, name: str, value: object) -> Problem:
    where = (SETTINGS_PATH, tree.line((name,)), name, str(value))
    if name == "site_url":
        return Problem(*where, *NO_ADDRESS, "settings")
    remedy = "对照 MkDocs 的说明改（https://www.mkdocs.org/user-guide/configuration/），或删去这一项"
    return Problem(*where, "这个值 MkDocs 用不了", remedy, "settings")


def _unknown(tree: Tree, name: str, known: Collection[str]) -> Problem:
    guess = nearest(name, known)
    remedy = f"是不是“{guess}”？" if guess else "删去它"
    return Problem(
        SETTINGS_PATH, tree.line((name,)), name, "", "没有这个选项，不起作用", remedy, "settings", severity="warning"
    )


def _log_to_stderr() -> None:
    logger = logging.getLogger("mkdocs")
    if not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(message)s"))
        logger.addHandler(handler)
    logger.setLevel(logging.WARNING)
