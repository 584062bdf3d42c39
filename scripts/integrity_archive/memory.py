"""Memory: what a build leaves behind, so that the next one after an edit costs the edit and not the archive.

In the user's cache, a folder for each site that is built::

    head            what was built, from what, and sums of the files below
    base-…/         the last whole build: entries, bodies, rest, search/

A site may be amended many times upon one base; what was edited since stands in the head, which is written last.
Whatever is damaged, missing or made by another version is as if it were not there: then everything is built.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import shutil
import sys
import tempfile
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Any

from integrity_archive.body import Body
from integrity_archive.build import Behind
from integrity_archive.edition import Edition
from integrity_archive.entry import Document, Entry
from integrity_archive.export import Written
from integrity_archive.films.cache import cache_folder, key_of
from integrity_archive.films.film import Film
from integrity_archive.frontmatter import Tree
from integrity_archive.home import Home
from integrity_archive.load import Loaded, scan
from integrity_archive.model import Record
from integrity_archive.problems import Problem
from integrity_archive.relate import Archive
from integrity_archive.resources import overrides_dir
from integrity_archive.site import Site
from integrity_archive.timeline import Era
from integrity_archive.vocabulary import Vocabulary
from integrity_archive.whole import read_sealed, write_sealed

Stamp = tuple[int, int] | None
"""Size and time of a file; None where it was so young that a later change may bear the same time."""
YOUNG = 2_000_000_000
"""Nanoseconds: FAT notes every other second."""
_DAMAGED = (OSError, LookupError, EOFError, ValueError, TypeError, AttributeError, ImportError, pickle.UnpicklingError)


@dataclass(frozen=True)
class Version:
    """An entry as it was at some time, with its converted body."""

    entry: Entry
    body: Body
    problems: tuple[Problem, ...] = ()
    """Reminders of it."""

    def same(self, other: Version) -> bool:
        """Whether nothing but the source's own layout tells them apart."""
        return self.entry.meta == other.entry.meta and self.body == other.body


@dataclass(frozen=True)
class Head:
    """What a site was built from."""

    ground: str
    base: str
    sums: Mapping[str, int]
    """CRC-32 of the files of the base."""
    stamps: Mapping[str, Stamp]
    """Every file below the content folders and ``docs/``."""
    files: Mapping[str, tuple[int, int]]
    """Every file of the site, with size and time."""
    shown: Mapping[str, Version]
    """Entries edited since the base, as the site shows them, by path."""
    search: bytes | None = None
    """What the next edit is told of the search; None for the base's own."""


@dataclass(frozen=True)
class Base:
    """The last whole build."""

    entries: Mapping[str, Entry]
    """By path; without their front matter's lines and their bodies' sources, which only checks want."""
    bodies: Mapping[str, Body]
    rest: bytes
    """See ``Rest``."""


@dataclass(frozen=True)
class Rest:
    """What else a base knows, with the entries in it as they are now."""

    loaded: Loaded
    """Without entries and files."""
    archive: Archive
    home: Home
    eras: tuple[Era, ...]
    films: Mapping[str, Film]
    catalogue: Written
    pages: Mapping[str, Any]
    """``Plan.pages``."""
    problems: tuple[Problem, ...]


class Memory:
    """The memory of one site."""

    def __init__(self, folder: Path, target: Path) -> None:
        self.folder = folder
        self.target = target

    def head(self, ground: str) -> Head | None:
        """What was last built, upon the same ground; None otherwise."""
        try:
            head: Head = pickle.loads(read_sealed(self.folder / "head"))  # noqa: S301 - of the user's own cache, its sum checked
        except _DAMAGED:
            return None
        return head if head.ground == ground else None

    def base(self, head: Head) -> Base | None:
        """The last whole build; None if it is damaged."""
        base = self.folder / head.base
        try:
            if any(_crc(base / name) != total for name, total in head.sums.items()):
                return None
            entries = {path: _Kept(path, said, data) for path, said, data in _rows(base / "entries")}
            bodies = _Bodies({path: data for path, _, data in _rows(base / "bodies")})
            return Base(entries, bodies, (base / "rest").read_bytes())
        except _DAMAGED:
            return None

    def begin(self) -> Path:
        """A folder for the base of a whole build.

        Raises:
            OSError: it cannot be made.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        base = Path(tempfile.mkdtemp(prefix="base-", dir=self.folder))
        (base / "search").mkdir()
        return base

    def learn(self, behind: Behind, pages: Mapping[str, Any], head: Head) -> None:
        """Remember a whole build.

        Raises:
            OSError: there is no room, or no permission.
        """
        base, loaded = self.folder / head.base, behind.stock.loaded
        _write_rows(base / "entries", map(_row, loaded.entries))
        _write_rows(base / "bodies", ((path, (), body) for path, body in behind.stock.bodies.items()))
        with open(base / "rest", "wb") as stream:
            _Pickler(stream, 5).dump(_rest_of(behind, pages))
        sums = {name: _crc(base / name) for name in _names(base)}
        self.note(replace(head, sums=sums, shown={}, search=None))
        self._sweep(base.name)

    def note(self, head: Head) -> None:
        """Remember what the site is now.

        Raises:
            OSError: there is no room, or no permission.
        """
        write_sealed(self.folder / "head", pickle.dumps(head, 5))

    def forget(self) -> None:
        """Remember nothing."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _sweep(self, base: str) -> None:
        """Remove what older and broken-off builds left, and the memories of sites that are gone."""
        for path in self.folder.glob("base-*"):
            if path.name != base:
                shutil.rmtree(path, ignore_errors=True)
        for other in self.folder.parent.glob("*/target"):
            if not Path(other.read_text("utf-8")).is_dir():
                shutil.rmtree(other.parent, ignore_errors=True)
        (self.folder / "target").write_text(str(self.target), "utf-8")


def memory_of(root: str, edition: Edition, target: Path) -> Memory:
    """The memory of the site of an edition of the archive at ``root`` that stands at ``target``."""
    name = key_of(os.path.realpath(root), edition.name, os.path.realpath(target))
    return Memory(cache_folder().parent / "builds" / name, target)


def ground_of(root: str, site: Site, edition: Edition, settings: object, folders: Iterable[Path] = ()) -> str:
    """A key of everything a site is made of beside the files of the archive: programs, templates, settings.

    Args:
        root: folder of the archive.
        site: what its settings say of it.
        edition: what is built.
        settings: what else is set, with a ``repr`` that says all.
        folders: templates of the archive's own.
    """
    package = Path(__file__).resolve().parent
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


def stamps(root: str) -> dict[str, Stamp]:
    """Every file of an archive as it stands now, before it is read."""
    now = time.time_ns()
    found: dict[str, Stamp] = {}
    for path, entry in scan(root):
        stat = entry.stat(follow_symlinks=False)
        found[path] = (stat.st_size, stat.st_mtime_ns) if stat.st_mtime_ns < now - YOUNG else None
    return found


def files_of(site: Path) -> dict[str, tuple[int, int]]:
    """Every file of a site, by its path below it."""
    found: dict[str, tuple[int, int]] = {}
    pending = [("", str(site))]
    while pending:
        prefix, folder = pending.pop()
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    pending.append((f"{prefix}{entry.name}/", entry.path))
                else:
                    stat = entry.stat(follow_symlinks=False)
                    found[prefix + entry.name] = stat.st_size, stat.st_mtime_ns
    return found


# --- how it is written -----------------------------------------------------------------------------------------------


def _rest_of(behind: Behind, pages: Mapping[str, Any]) -> tuple[Any, ...]:
    """The parts of ``Rest``, mappings as plain dictionaries."""
    stock, archive = behind.stock, behind.stock.archive
    return (
        replace(stock.loaded, vocabulary=None, entries=(), faulty=(), files=frozenset()),
        (
            dict(archive.entries),
            dict(archive.related),
            {name: dict(values) for name, values in archive.facets.items()},
            dict(archive.values),
            dict(archive.neighbours),
        ),
        behind.home,
        behind.eras,
        stock.films,
        behind.catalogue,
        dict(pages),
        behind.problems,
    )


def rest_of(base: Base, entries: Mapping[str, Entry], vocabulary: Vocabulary) -> Rest:
    """What a base knows, with these entries, by id, in the place of those that had their ids."""
    loaded, parts, home, eras, films, catalogue, pages, problems = _Unpickler(base.rest, entries).load()
    by_id, related, facets, values, neighbours = parts
    archive = Archive(
        MappingProxyType(by_id),
        MappingProxyType(related),
        MappingProxyType({name: MappingProxyType(values) for name, values in facets.items()}),
        values,
        vocabulary,
    )
    archive.__dict__["neighbours"] = neighbours  # already known: see functools.cached_property
    return Rest(replace(loaded, vocabulary=vocabulary), archive, home, eras, films, catalogue, pages, problems)


class _Pickler(pickle.Pickler):
    """Writes entries as their ids, so that whoever reads may put others in their places."""

    def persistent_id(self, obj: Any) -> str | None:
        return obj.id if isinstance(obj, Entry) else None


class _Unpickler(pickle.Unpickler):
    """Reads what ``_Pickler`` wrote."""

    def __init__(self, data: bytes, entries: Mapping[str, Entry]) -> None:
        super().__init__(BytesIO(data))
        self._entries = entries

    def persistent_load(self, pid: str) -> Entry:
        return self._entries[pid]


def _row(entry: Entry) -> tuple[str, tuple[Any, ...], object]:
    """What ``_Kept`` is made of."""
    return entry.document.path, (entry.id, entry.kind, entry.title, entry.published), entry.meta


def _write_rows(path: Path, rows: Iterable[tuple[str, tuple[Any, ...], object]]) -> None:
    """Write objects one by one, each under a name and with what is to be known of it without reading it."""
    index = []
    with open(path, "wb") as stream:
        for name, said, value in rows:
            data = pickle.dumps(value, 5)
            index.append((name, said, len(data)))
            stream.write(data)
        end = stream.tell()
        pickle.dump(index, stream, 5)
        stream.write(end.to_bytes(8, "big"))


def _rows(path: Path) -> Iterator[tuple[str, tuple[Any, ...], memoryview]]:
    """What ``_write_rows`` wrote, the objects as they lie in the file."""
    data = memoryview(path.read_bytes())
    at = 0
    for name, said, size in pickle.loads(data[int.from_bytes(data[-8:], "big") : -8]):  # noqa: S301 - its sum is checked
        yield name, said, data[at : at + size]
        at += size


class _Kept(Entry):
    """An entry of which little is read before it is asked for: of ten thousand, a few dozen are."""

    def __init__(self, path: str, said: tuple[Any, ...], meta: memoryview) -> None:
        id_, *kept = said
        self.__dict__.update(id=id_, document=Document(path, Tree({}, {}), "", 1), kept=(*kept, meta))

    @cached_property
    def meta(self) -> Record:
        meta: Record = pickle.loads(self.__dict__["kept"][3])  # noqa: S301 - of the user's own cache, its sum checked
        return meta

    @property
    def kind(self) -> str:
        return str(self.__dict__["kept"][0])

    @property
    def title(self) -> str:
        return str(self.__dict__["kept"][1])

    @property
    def published(self) -> bool:
        return bool(self.__dict__["kept"][2])


class _Bodies(Mapping[str, Body]):
    """Bodies that are read when they are asked for."""

    def __init__(self, data: Mapping[str, memoryview]) -> None:
        self._data = data

    def __getitem__(self, path: str) -> Body:
        body: Body = pickle.loads(self._data[path])  # noqa: S301 - of the user's own cache, its sum checked
        return body

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)


def _names(base: Path) -> list[str]:
    """Files of a base; those of the search have sums of their own."""
    return sorted(path.name for path in base.iterdir() if path.is_file())


def _crc(path: Path) -> int:
    return zlib.crc32(path.read_bytes())
