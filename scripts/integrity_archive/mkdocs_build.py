"""Running MkDocs from our own command: configuration, the build itself, and its failures in plain words."""

from __future__ import annotations

import logging
import os

from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort, ConfigurationError, MkDocsException

from integrity_archive.track import Track


class BuildError(Exception):
    """The site could not be built; the message says why."""


def build_site(root: str, site_dir: str, track: Track) -> int:
    """Build the archive at ``root`` into ``site_dir``; the number of pages written.

    Raises:
        BuildError: ``mkdocs.yml`` is missing or wrong, or the archive has errors.
    """
    path = os.path.join(root, "mkdocs.yml")
    if not os.path.isfile(path):
        raise BuildError(f"{root} 里没有 mkdocs.yml。先进入馆藏的文件夹，或用 --root 指明。")
    _log_to_stderr()
    try:
        config = load_config(path, site_dir=site_dir)
        plugin = config.plugins.get("archive")
        if plugin is None:
            raise BuildError(f"{path} 的 plugins 里没有 archive。加上 plugins: [archive]。")
        plugin.track = track
        config.plugins.on_startup(command="build", dirty=False)
        build(config)
        config.plugins.on_shutdown()
    except Abort:
        raise BuildError("没有生成网站，原因见上。") from None
    except (ConfigurationError, MkDocsException) as error:
        raise BuildError(f"{path}：{error}") from None
    return len(plugin.plan.sheets)


def _log_to_stderr() -> None:
    logger = logging.getLogger("mkdocs")
    if not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(message)s"))
        logger.addHandler(handler)
    logger.setLevel(logging.WARNING)
