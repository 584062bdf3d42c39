"""Running MkDocs from our own command: configuration, the build itself, and its failures in plain words."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort, ConfigurationError, MkDocsException

from integrity_archive.build import Plan
from integrity_archive.edition import WEB, Edition
from integrity_archive.memory import Memory, files_of, memory_of
from integrity_archive.plugin import ArchivePlugin
from integrity_archive.site import Site
from integrity_archive.swap import TouchedError, beside, fill, put
from integrity_archive.track import Track


class BuildError(Exception):
    """The site could not be built; the message says why."""


def build_plan(root: str, site_dir: str, track: Track, edition: Edition = WEB) -> Plan:
    """Build an edition of the archive at ``root`` into ``site_dir``; what was built.

    Raises:
        BuildError: ``mkdocs.yml`` is missing or wrong, or the archive has errors.
    """
    return _build(root, site_dir, track, edition, None).plan


def renew_site(root: str, target: Path, track: Track) -> int:
    """Build the web edition where the site stands at ``target``, of which only what an edit changed is made again.

    To be called ``alone``. Returns the number of pages of the site.

    Raises:
        BuildError: ``mkdocs.yml`` is missing or wrong, or the archive has errors.
        OSError: there is no room, or no permission; what stood there still does.
    """
    memory = memory_of(root, WEB, target)
    while True:
        with beside(target) as made:
            built = _build(root, str(made), track, WEB, memory)
            try:
                if built.plan.behind is None:
                    _fill(built, made, target)
            except TouchedError:
                memory.forget()  # then everything is built, and nothing of what stands there is taken over
                continue
            finally:
                built.plan.search.drop()
            files = files_of(made)
            put(made, target)
            built.remember(files)
            return len(built.plan.pages)


def _fill(built: ArchivePlugin, made: Path, target: Path) -> None:
    """Put what an edit left alone into the new site."""
    files = built.head.files
    fill(made, target, {path: known for path, known in files.items() if not path.startswith("search/")})
    built.write_search(made)
    dropped = built.dropped()
    fill(made, target, {p: known for p, known in files.items() if p.startswith("search/") and p not in dropped})


def _build(root: str, site_dir: str, track: Track, edition: Edition, memory: Memory | None) -> ArchivePlugin:
    _log_to_stderr()
    try:
        config, plugin = _configured(root, site_dir)
        plugin.track = track
        plugin.edition = edition
        plugin.memory = memory
        config.plugins.on_startup(command="build", dirty=False)
        build(config)
        config.plugins.on_shutdown()
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
