"""Template cache: keeps compiled templates between builds; compiling takes longer than rendering a hundred pages."""

from __future__ import annotations

import contextlib
from pathlib import Path

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from integrity_archive.support.cache import cache_folder
from integrity_archive.support.signed_cache import read_signed, write_signed


class TemplateCache(BytecodeCache):
    """Compiled templates in the user's cache, signed: a damaged or foreign file is compiled again.

    Jinja itself checks that a compiled template belongs to the same source and the same Python version.
    """

    def load_bytecode(self, bucket: Bucket) -> None:
        """Called by Jinja to load a compiled template; an unusable file is ignored."""
        with contextlib.suppress(OSError, ValueError):
            bucket.bytecode_from_string(read_signed(_path(bucket)))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Called by Jinja to store a compiled template; if that fails, the next build compiles it again."""
        with contextlib.suppress(OSError):
            write_signed(_path(bucket), bucket.bytecode_to_string())


def _path(bucket: Bucket) -> Path:
    return cache_folder("templates") / bucket.key
