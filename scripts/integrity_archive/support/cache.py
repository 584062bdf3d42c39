"""Cache: where what was made is kept for the next build, under names that change with everything it was made from."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeAlias

from integrity_archive.support.atomic_file import MAKING, made_whole

ENVIRONMENT = "ARCHIVE_CACHE"
"""Names another folder than the user's own cache, for films and all else that is kept."""

STALE = 24 * 60 * 60
"""Seconds after which nobody is still writing a file; the longest film is made in less."""

SAMPLE = 1 << 20
"""Bytes read at either end of a camera's file to tell it from others; reading gigabytes at each build would not do."""


Kind: TypeAlias = Literal["films", "packs", "templates", "builds", "locks", "work", "proof"]

SWEPT: tuple[Kind, ...] = ("films", "packs")
"""Kinds whose files may take so long to make that runs are killed meanwhile; the others clean up by themselves."""


def cache_folder(kind: Kind) -> Path:
    """Where things of a kind are kept."""
    if os.environ.get(ENVIRONMENT):
        return Path(os.environ[ENVIRONMENT], kind)
    base = os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(base, "integrity-archive", kind)


def memory_folder(root: str, edition: str, target: Path) -> Path:
    """What the build of an edition of the archive at ``root``, by its name, into ``target`` left behind."""
    return cache_folder("builds") / key_of(os.path.realpath(root), edition, os.path.realpath(target))


def sweep() -> None:
    """Remove what killed runs left half-made; what is younger may be in the making by another run."""
    old = time.time() - STALE
    for kind in SWEPT:
        for path in cache_folder(kind).rglob(f"{MAKING}*"):
            # Another run may sweep too, and on Windows a file in use stays.
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < old:
                    path.unlink()


def key_of(*parts: object) -> str:
    """A name that changes with any part; parts are bytes or have a ``repr`` that says all."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part if isinstance(part, bytes) else repr(part).encode()
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def fingerprint(path: str) -> bytes:
    """Tells a big file from others: size, beginning and end."""
    size = os.path.getsize(path)
    with open(path, "rb") as stream:
        first = stream.read(SAMPLE)
        stream.seek(max(0, size - SAMPLE))
        return hashlib.blake2b(first + stream.read() + size.to_bytes(8, "big"), digest_size=16).digest()


def kept(name: str, make: Callable[[str], None], kind: Kind = "films") -> str:
    """Path of the file ``name`` in the cache; made, beside its place and then moved there, when it is not yet.

    A run that dies half-way leaves nothing that a later one would take for whole.
    """
    target = cache_folder(kind) / name
    if not target.exists():
        made_whole(target, make)
    return str(target)
