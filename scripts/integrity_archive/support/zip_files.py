"""ZIP files: the same bytes for the same content, with names that Windows reads in Chinese."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

MOMENT = (2000, 1, 1, 0, 0, 0)
STORED = (".mp4", ".zip", ".docx", ".pptx", ".jpg", ".png")
"""Suffixes of formats that are compressed already."""


def zipped(files: Mapping[str, bytes], *, first: str = "") -> bytes:
    """A ZIP of these files in their order; ``first`` is put uncompressed at the front, as EPUB demands of
    ``mimetype``."""
    buffer = BytesIO()
    write_zip(buffer, files, first=first)
    return buffer.getvalue()


def write_zip(stream: BinaryIO, files: Mapping[str, bytes | Path], *, first: str = "") -> None:
    """``zipped`` into a stream; a file given by its path is read only when it is written.

    Names that are not ASCII carry the UTF-8 flag (APPNOTE 4.4.4, bit 11), which ``zipfile`` sets.
    """
    with zipfile.ZipFile(stream, "w") as archive:
        for name in sorted(files, key=lambda n: n != first):
            info = zipfile.ZipInfo(name, MOMENT)
            info.create_system = 0
            info.external_attr = 0
            stored = name == first or name.lower().endswith(STORED)
            info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            content = files[name]
            archive.writestr(info, content if isinstance(content, bytes) else content.read_bytes())


def rezipped(data: bytes, *, first: str = "") -> bytes:
    """The same ZIP with all timestamps replaced by a constant one."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return zipped({name: archive.read(name) for name in archive.namelist()}, first=first)
