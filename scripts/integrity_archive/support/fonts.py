"""Fonts: the Chinese font families of this system, for films and print. Without one, characters appear as boxes."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence

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


SHOWN_BY = (
    (0x20000, 0x2EBEF, "生僻字", "花园明朝（Debian 的 fonts-hanazono），或 Windows 的 SimSun-ExtB"),
    (0x2EBF0, 0x3FFFF, "生僻字", "BabelStone Han 或遍黑体"),
    (0x0F00, 0x0FFF, "藏文", "Noto Serif Tibetan（Debian 的 fonts-noto-core），或 Windows 的 Microsoft Himalaya"),
    (0x1800, 0x18AF, "蒙古文", "Noto Sans Mongolian（Debian 的 fonts-noto-core），或 Windows 的 Mongolian Baiti"),
    (0x2600, 0x27BF, "符号", "Noto Sans Symbols 2（Debian 的 fonts-noto-core）"),
    (0x1F000, 0x1FAFF, "表情符号", "Noto Color Emoji（Debian 的 fonts-noto-color-emoji）"),
)
"""Ranges of code points, first and last, what is in them, and the fonts that have them."""
OTHERS = ("字", "Noto（Debian 的 fonts-noto-core、fonts-noto-extra）")
_SIZE = 24
"""Pixels of a drawn character."""


def shown_by(character: str) -> tuple[str, str]:
    """What kind of character it is, and the font to install for it, both in Chinese."""
    code = ord(character)
    return next(((kind, font) for first, last, kind, font in SHOWN_BY if first <= code <= last), OTHERS)


def without_glyph(characters: Iterable[str], files: Iterable[tuple[str, int]] | None = None) -> str:
    """The characters that no installed font has, in the order of their codes: typst sets a box in their place.

    Args:
        characters: single characters; spaces, marks and controls are left out.
        files: path and index of each font; those that typst finds, by default.
    """
    import typst

    rest = {c for c in characters if not c.isascii() and unicodedata.category(c)[0] not in "CMZ"}
    found = [(f.path, f.index, f.family) for f in typst.Fonts().fonts() if f.path]
    # The fonts for Chinese have nearly all of them.
    ordered = sorted(found, key=lambda font: font[2] not in (*SERIFS, *SANS))
    for path, index in dict.fromkeys((p, i) for p, i, _ in ordered) if files is None else files:
        if not rest:
            break
        rest -= set(_glyphs(path, index, rest))
    return "".join(sorted(rest))


def _glyphs(path: str, index: int, characters: Iterable[str]) -> Iterator[str]:
    """The characters that a font has: they look otherwise than one that no font can have."""
    from PIL import Image, ImageDraw, ImageFont

    try:
        font = ImageFont.truetype(path, _SIZE, index=index)
    except OSError:  # a font of pictures in one size, as those for emoji are
        try:
            font = ImageFont.truetype(path, 109, index=index)
        except OSError:
            return

    def drawn(character: str) -> bytes:
        image = Image.new("L", (6 * _SIZE, 6 * _SIZE))
        ImageDraw.Draw(image).text((_SIZE, _SIZE), character, 255, font=font)
        return image.tobytes()

    none = drawn("\U0010ffff")
    yield from (c for c in characters if drawn(c) != none)


def _first(names: Sequence[str], families: Iterable[str] | None) -> str | None:
    import typst  # needed by few builds, and slow to load

    installed = set(typst.Fonts().families() if families is None else families)
    return next((name for name in names if name in installed), None)
