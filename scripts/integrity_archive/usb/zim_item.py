"""ZIM item: a file of the site in the form libzim needs. Imported only if libzim is installed."""

from __future__ import annotations

from pathlib import Path

from libzim.writer import Creator, FileProvider, Hint, Item

__all__ = ["Creator", "page"]


class _Page(Item):  # type: ignore[misc]
    def __init__(self, path: str, title: str, type_: str, source: Path, front: bool) -> None:
        super().__init__()
        self._path, self._title, self._type, self._source, self._front = path, title, type_, source, front

    def get_path(self) -> str:
        return self._path

    def get_title(self) -> str:
        return self._title

    def get_mimetype(self) -> str:
        return self._type

    def get_contentprovider(self) -> FileProvider:
        return FileProvider(self._source)

    def get_hints(self) -> dict[Hint, bool]:
        compressed = self._type.startswith(("video/", "application/zip"))
        return {Hint.FRONT_ARTICLE: self._front, Hint.COMPRESS: not compressed}


def page(path: str, title: str, type_: str, source: Path, front: bool) -> Item:
    """The item of one file; ``front``: whether Kiwix finds it by its title."""
    return _Page(path, title, type_, source, front)
