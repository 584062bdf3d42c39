"""Config hash: a key of everything a site is made of beside the files of the archive."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from integrity_archive.archive.edition import Edition
from integrity_archive.content.site_settings import Site
from integrity_archive.support.cache import key_of
from integrity_archive.support.resources import overrides_dir


def config_hash(root: str, site: Site, edition: Edition, settings: object, folders: Iterable[Path] = ()) -> str:
    """A key of everything a site is made of beside the files of the archive: programs, templates, settings.

    Args:
        root: folder of the archive.
        site: what its settings say of it.
        edition: what is built.
        settings: what else is set, with a ``repr`` that says all.
        folders: templates of the archive's own.
    """
    package = Path(__file__).resolve().parents[1]
    # A library's folder of that name says its version too.
    libraries = [name for f in sys.path if os.path.isdir(f) for name in sorted(os.listdir(f)) if name.endswith("-info")]
    return key_of(
        sys.version,
        libraries,
        _contents([package, Path(overrides_dir()), *folders]),
        Path(root, "mkdocs.yml").read_bytes(),
        settings,
        site,
        edition,
    )


def _contents(folders: Iterable[Path]) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for folder in folders:
        for path in sorted(p for p in folder.rglob("*") if p.suffix != ".pyc" and p.is_file()):
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.digest()
