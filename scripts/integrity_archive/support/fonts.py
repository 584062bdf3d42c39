"""Fonts: the Chinese font families of this system, for films and print. Without one, characters appear as boxes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

SERIFS = ("Noto Serif CJK SC", "Source Han Serif SC", "Songti SC", "STSong", "SimSun")
SANS = ("Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", "SimHei")
"""In the order of preference; the first that is installed is used."""


class FontError(Exception):
    """No Chinese font is installed."""

    what = "系统里没有中文宋体，字会成方框"
    remedy = "Debian 或 Ubuntu 上安装 fonts-noto-cjk；Windows 与 macOS 自带，不应缺少"

    def __str__(self) -> str:
        return f"{self.what}。{self.remedy}。"


def serif(families: Iterable[str] | None = None) -> str:
    """The serif font family for titles and text; ``families`` are the installed ones, asked of typst by default.

    Raises:
        FontError: there is none.
    """
    family = _first(SERIFS, families)
    if family is None:
        raise FontError
    return family


def sans(families: Iterable[str] | None = None) -> str:
    """The sans-serif font family for headings; the serif if there is none.

    Raises:
        FontError: there is neither.
    """
    return _first(SANS, families) or serif(families)


def _first(names: Sequence[str], families: Iterable[str] | None) -> str | None:
    import typst  # needed by few builds, and slow to load

    installed = set(typst.Fonts().families() if families is None else families)
    return next((name for name in names if name in installed), None)
