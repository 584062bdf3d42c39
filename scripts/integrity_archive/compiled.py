"""Compiled: templates as Python code, kept between builds: compiling takes longer than rendering a hundred pages."""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from integrity_archive.films.cache import cache_folder
from integrity_archive.whole import write_whole

_SUM = 16


class Compiled(BytecodeCache):
    """Compiled templates in the user's cache, each with its sum: a damaged one is compiled again.

    Jinja finds out itself whether one is of the same source and of the same Python.
    """

    def load_bytecode(self, bucket: Bucket) -> None:
        """As Jinja asks."""
        with contextlib.suppress(OSError):
            data = _path(bucket).read_bytes()
            if _sum(data[_SUM:]) == data[:_SUM]:
                bucket.bytecode_from_string(data[_SUM:])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """As Jinja asks; without room for it the next build compiles again."""
        with contextlib.suppress(OSError):
            data = bucket.bytecode_to_string()
            write_whole(_path(bucket), _sum(data) + data)


def _path(bucket: Bucket) -> Path:
    return cache_folder().parent / "templates" / bucket.key


def _sum(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=_SUM).digest()
