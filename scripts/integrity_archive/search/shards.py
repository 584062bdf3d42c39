"""Shards: files that pass their data to ``archiveData``, named by their content."""

from __future__ import annotations

from base64 import b32encode
from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt

from .bits import as_text
from .script import as_script

FOLDER = "search"

File = tuple[str, bytes]
"""Path and content."""

NAME_UNITS = 2
"""Units of a content hash of thirty bits in the tables; in a file name it has six letters."""


def content_hash(content: bytes) -> str:
    """Six letters and digits that change with the content."""
    return b32encode(blake2b(content, digest_size=5).digest())[:6].decode().lower()


def checksum(units: npt.NDArray[np.uint16]) -> int:
    """Weighted sum of the units, which the browser computes too, to detect a damaged shard."""
    weights = np.arange(1, len(units) + 1, dtype=np.uint64) & np.uint64(0xFFF)
    return int((units.astype(np.uint64) * (weights + np.uint64(1))).sum() & np.uint64(0x7FFFFFFF))


def packed_file(family: str, number: int, units: npt.NDArray[np.uint16]) -> File:
    """Path and content of a shard of packed units."""
    return _file(f"{family}-{number:03x}", f'"{as_text(units)}"', f",{checksum(units)}", "utf-16-le")


def json_file(stem: str, payload: Any, encoding: str = "utf-8") -> File:
    """Path and content of a shard of JSON; UTF-16 is shorter if most of it is Chinese."""
    return _file(stem, as_script(payload), "", encoding)


def _file(stem: str, payload: str, extra: str, encoding: str) -> File:
    body = payload.encode(encoding)
    name = f"{FOLDER}/{stem}.{content_hash(body)}"
    mark = "\ufeff" if encoding != "utf-8" else ""
    script = b"".join((f'{mark}archiveData("{name}",'.encode(encoding), body, f"{extra})\n".encode(encoding)))
    return f"{name}.js", script


def hash_of(path: str) -> str:
    """The content hash in a shard's path."""
    return path.rsplit(".", 2)[1]


def names_as_units(paths: list[str | None]) -> list[int]:
    """The hashes of a family in order, two units each; zero for an empty shard, which has no file."""
    units: list[int] = []
    for path in paths:
        value = 0 if path is None else int.from_bytes(_unbase32(hash_of(path)), "big")
        units += (value >> 15, value & 0x7FFF)
    return units


def _unbase32(name: str) -> bytes:
    value = 0
    for letter in name:
        value = value << 5 | "abcdefghijklmnopqrstuvwxyz234567".index(letter)
    return value.to_bytes(4, "big")
