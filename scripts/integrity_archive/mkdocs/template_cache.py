"""Compiled: templates as Python code, kept between builds: compiling takes longer than rendering a hundred pages."""

from __future__ import annotations

import contextlib
from pathlib import Path

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from integrity_archive.support.cache import cache_folder
from integrity_archive.support.signed_cache import read_signed, write_signed


class TemplateCache(BytecodeCache):
    """Compiled templates in the user's cache, each with its sum: a damaged one is compiled again.

    Jinja finds out itself whether one is of the same source and of the same Python.
    """

    def load_bytecode(self, bucket: Bucket) -> None:
        """As Jinja asks."""
        with contextlib.suppress(OSError, ValueError):
            bucket.bytecode_from_string(read_signed(_path(bucket)))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """As Jinja asks; without room for it the next build compiles again."""
        with contextlib.suppress(OSError):
            write_signed(_path(bucket), bucket.bytecode_to_string())


def _path(bucket: Bucket) -> Path:
    return cache_folder("templates") / bucket.key
