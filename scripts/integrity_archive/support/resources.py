"""Resources: the package's own templates, styles and scripts, and its version."""

from __future__ import annotations

from pathlib import Path


def overrides_dir() -> str:
    """The folder of templates: next to the sources in a checkout, inside the package in a wheel.

    Raises:
        FileNotFoundError: the installation is incomplete.
    """
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "overrides", package.parents[1] / "overrides"):
        if folder.is_dir():
            return str(folder)
    raise FileNotFoundError(f"integrity_archive 安装不完整：{package} 里没有 overrides 文件夹，请重新安装")


def theme_dir() -> str:
    """The folder of the theme's templates and files; empty if the theme is not installed."""
    import importlib.util  # only the checks on names ask for it

    spec = importlib.util.find_spec("material")
    return (
        str(Path(spec.submodule_search_locations[0], "templates")) if spec and spec.submodule_search_locations else ""
    )


def version() -> str:
    """The version of the installed package, from ``pyproject.toml``."""
    import importlib.metadata  # not for every command

    return importlib.metadata.version("integrity-archive")
