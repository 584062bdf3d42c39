"""Memory: what a build leaves behind, so that the next one after an edit costs the edit and not the archive.

In the user's cache, a folder for each site that is built::

    head            what was built, and from what
    base-…/         the last whole build: entries, bodies, relations, values, rest, search/
    spare/          the site once more (``swap.level``)

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
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Any

from integrity_archive.archive.edition import Edition
from integrity_archive.archive.graph import Archive, FacetValue, Related
from integrity_archive.build.output_folder import Known
from integrity_archive.build.pipeline import PlanInputs
from integrity_archive.build.rows import DamagedError, Lazy, Rows, write_rows
from integrity_archive.content.entry import Document, Entry
from integrity_archive.content.facets import FACETS
from integrity_archive.content.front_matter import Tree
from integrity_archive.content.loader import LoadedArchive, scan
from integrity_archive.content.markdown import Body
from integrity_archive.content.schema import Record
from integrity_archive.content.site_settings import Site
from integrity_archive.content.vocabulary import Vocabulary
from integrity_archive.exports.export import CatalogueRows
from integrity_archive.films.film import Film
from integrity_archive.search.edit import UNREADABLE, Told
from integrity_archive.site.home import Home
from integrity_archive.site.timeline import TimelinePeriod
from integrity_archive.support.cache import key_of, memory_folder
from integrity_archive.support.problems import Problem
from integrity_archive.support.resources import overrides_dir
from integrity_archive.support.signed_cache import read_signed, write_signed

Stamp = tuple[int, int] | None
"""Size and time of a file; None where it was so young that a later change may bear the same time."""
YOUNG = 2_000_000_000
"""Nanoseconds: FAT notes every other second."""
_ENTRIES, _BODIES, _RELATIONS, _VALUES = _ROWS = "entries", "bodies", "relations", "values"


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
    stamps: Mapping[str, Stamp]
    """Every file below the content folders and ``docs/``."""
    files: Mapping[str, Known]
    """Every file of the site."""
    shown: Mapping[str, Version]
    """Entries edited since the base, as the site shows them, by path."""
    search: Told
    """What the next edit is told of the search."""
    searched: Mapping[str, Version]
    """Entries edited between the base and the search's state, as this has them, by path."""


@dataclass(frozen=True)
class Base:
    """The last whole build."""

    entries: Mapping[str, Entry]
    """By path; without their front matter's lines and their bodies' sources, which only checks want."""
    bodies: Mapping[str, Body]
    relations: Rows
    """See ``_Ties``."""
    values: Rows
    """See ``_value_of``."""
    rest: bytes
    """See ``Rest``."""


@dataclass(frozen=True)
class Rest:
    """What else a base knows, with the entries in it as they are now."""

    loaded: LoadedArchive
    """Without entries and files."""
    archive: Archive
    home: Home
    eras: tuple[TimelinePeriod, ...]
    films: Mapping[str, Film]
    catalogue: CatalogueRows
    pages: Mapping[str, Any]
    """``Plan.pages``."""
    problems: tuple[Problem, ...]


class Memory:
    """The memory of one site."""

    def __init__(self, folder: Path, target: Path) -> None:
        self.folder = folder
        self.target = target
        self._head: Head | None = None
        """What was noted by this run; ``mkdocs serve`` builds many times."""
        self._base: tuple[str, Base] | None = None
        self._forgotten = False
        """Even where the files could not be removed: what failed once would fail again and again."""

    @property
    def spare(self) -> Path:
        """A second copy of the site, in links, which an edit is put into before the two change places."""
        return self.folder / "spare"

    def head(self, ground: str) -> Head | None:
        """What was last built, upon the same ground; None otherwise."""
        if self._forgotten:
            return None
        try:
            head: Head = self._head or pickle.loads(read_signed(self.folder / "head"))  # noqa: S301 - signed
        except UNREADABLE:
            return None
        return head if head.ground == ground else None

    def base(self, head: Head) -> Base:
        """The last whole build.

        Raises:
            DamagedError: it is not what was kept; so may whatever is read of it later.
        """
        if self._base is None or self._base[0] != head.base:
            base = self.folder / head.base
            try:
                entries, bodies, relations, values = (Rows(base / name) for name in _ROWS)
                rest = read_signed(base / "rest")
            except (OSError, ValueError):
                raise DamagedError(base) from None
            kept = {p: _Kept(p, said, entries) for p, said in zip(entries.names, entries.said, strict=True)}
            self._base = head.base, Base(kept, Lazy(bodies.names, bodies.__getitem__), relations, values, rest)
        return self._base[1]

    def begin(self) -> Path:
        """A folder for the base of a whole build.

        Raises:
            OSError: it cannot be made.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        base = Path(tempfile.mkdtemp(prefix="base-", dir=self.folder))
        (base / "search").mkdir()
        return base

    def learn(self, behind: PlanInputs, pages: Mapping[str, Any], head: Head) -> None:
        """Remember a whole build.

        Raises:
            OSError: there is no room, or no permission.
        """
        base, loaded, archive = self.folder / head.base, behind.content.loaded, behind.content.archive
        said = [(e.id, e.kind, e.title, e.published) for e in loaded.entries]
        values = (value for of in archive.facets.values() for value in of.values())
        for name, rows, more in (
            (_ENTRIES, ((e.document.path, e.meta) for e in loaded.entries), said),
            (_BODIES, behind.content.bodies.items(), ()),
            (_RELATIONS, ((id_, _ties_of(archive, id_)) for id_ in archive.entries), ()),
            (_VALUES, ((_name(value), _value_of(value)) for value in values), ()),
        ):
            write_rows(base / name, rows, more)
        write_signed(base / "rest", _pickled(_rest_of(behind, pages)))
        self.note(head)
        self._sweep(base.name)

    def note(self, head: Head) -> None:
        """Remember what the site is now.

        Raises:
            OSError: there is no room, or no permission.
        """
        self._head = None
        write_signed(self.folder / "head", pickle.dumps(head, 5))
        self._head, self._forgotten = head, False
        for state in (self.folder / head.base).glob("search*"):
            if state != self.folder / head.search.state:
                shutil.rmtree(state, ignore_errors=True)

    def forget(self) -> None:
        """Remember nothing."""
        self._head = self._base = None
        self._forgotten = True
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
    return Memory(memory_folder(root, edition.name, target), target)


def ground_of(root: str, site: Site, edition: Edition, settings: object, folders: Iterable[Path] = ()) -> str:
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


def stamps(root: str) -> dict[str, Stamp]:
    """Every file of an archive as it stands now, before it is read."""
    now = time.time_ns()
    found: dict[str, Stamp] = {}
    for path, entry in scan(root):
        stat = entry.stat(follow_symlinks=False)
        found[path] = (stat.st_size, stat.st_mtime_ns) if stat.st_mtime_ns < now - YOUNG else None
    return found


# --- how it is written -----------------------------------------------------------------------------------------------


_Ties = tuple[list[tuple[str, list[str]]], dict[str, list[str]], tuple[str | None, str | None]]
"""What binds an entry to others: ids of those related by label, names of its values by facet, ids of its neighbours."""


def _ties_of(archive: Archive, id_: str) -> _Ties:
    before, after = archive.neighbours[id_]
    return (
        [(group.label, [e.id for e in group.entries]) for group in archive.related.get(id_, ())],
        {facet: [_name(value) for value in of] for facet, of in archive.values.get(id_, {}).items()},
        (before.id if before else None, after.id if after else None),
    )


def _value_of(value: FacetValue) -> tuple[str, str, str, str, list[str]]:
    return value.facet.name, value.label, value.slug, value.hint, [e.id for e in value.entries]


def _name(value: FacetValue) -> str:
    return f"{value.facet.name} {value.label}"


def _rest_of(behind: PlanInputs, pages: Mapping[str, Any]) -> tuple[Any, ...]:
    """The parts of ``Rest``, mappings as plain dictionaries."""
    content, archive = behind.content, behind.content.archive
    return (
        replace(
            content.loaded,
            vocabulary=None,
            entries=(),
            faulty=(),
            files=frozenset(),
        ),
        {facet: [(value.label, _name(value)) for value in of.values()] for facet, of in archive.facets.items()},
        behind.home,
        behind.eras,
        content.films,
        behind.catalogue,
        dict(pages),
        behind.problems,
    )


def rest_of(base: Base, entries: Mapping[str, Entry], vocabulary: Vocabulary) -> Rest:
    """What a base knows, with these entries, by id, in the place of those that had their ids.

    Raises:
        DamagedError: some of it is not what was kept; so may whatever is read of it later.
    """
    loaded, labels, home, eras, films, catalogue, pages, problems = _Unpickler(base.rest, entries).load()

    def related(id_: str) -> tuple[Related, ...]:
        return tuple(Related(label, tuple(entries[i] for i in ids)) for label, ids in ties[id_][0])

    def value(name: str) -> FacetValue:
        facet, label, slug, hint, ids = base.values[name]
        return FacetValue(FACETS[facet], label, slug, hint, tuple(entries[i] for i in ids))

    def neighbours(id_: str) -> tuple[Entry | None, Entry | None]:
        before, after = ties[id_][2]
        return entries[before] if before else None, entries[after] if after else None

    ids = base.relations.names
    ties: Lazy[_Ties] = Lazy(ids, base.relations.__getitem__)
    values: Lazy[FacetValue] = Lazy(base.values.names, value)
    archive = Archive(
        MappingProxyType({id_: entries[id_] for id_ in ids}),
        Lazy(ids, related),
        {facet: _labelled(of, values) for facet, of in labels.items()},
        Lazy(ids, lambda id_: {f: tuple(values[name] for name in names) for f, names in ties[id_][1].items()}),
        vocabulary,
    )
    archive.__dict__["neighbours"] = Lazy(ids, neighbours)  # known already: see functools.cached_property
    return Rest(replace(loaded, vocabulary=vocabulary), archive, home, eras, films, catalogue, pages, problems)


def _labelled(labels: Iterable[tuple[str, str]], values: Mapping[str, FacetValue]) -> Mapping[str, FacetValue]:
    names = dict(labels)
    return Lazy(names, lambda label: values[names[label]])


class _Pickler(pickle.Pickler):
    """Writes entries as their ids, so that whoever reads may put others in their places."""

    def persistent_id(self, obj: Any) -> str | None:
        return obj.id if isinstance(obj, Entry) else None


def _pickled(value: object) -> bytes:
    stream = BytesIO()
    _Pickler(stream, 5).dump(value)
    return stream.getvalue()


class _Unpickler(pickle.Unpickler):
    """Reads what ``_Pickler`` wrote."""

    def __init__(self, data: bytes | memoryview, entries: Mapping[str, Entry]) -> None:
        super().__init__(BytesIO(data))
        self._entries = entries

    def persistent_load(self, pid: str) -> Entry:
        return self._entries[pid]


class _Kept(Entry):
    """An entry of which little is read before it is asked for: of ten thousand, a few dozen are."""

    def __init__(self, path: str, said: tuple[str, str, str, bool], rows: Rows) -> None:
        self.__dict__.update(id=said[0], path=path, said=said, rows=rows)

    def __reduce__(self) -> tuple[object, ...]:
        return Entry, (self.id, self.meta, self.document)  # another process has none of the files that are open here

    @cached_property
    def meta(self) -> Record:
        meta: Record = self.__dict__["rows"][self.__dict__["path"]]
        return meta

    @cached_property
    def document(self) -> Document:
        return Document(self.__dict__["path"], Tree({}, {}), "", 1)

    @property
    def kind(self) -> str:
        return str(self.__dict__["said"][1])

    @property
    def title(self) -> str:
        return str(self.__dict__["said"][2])

    @property
    def published(self) -> bool:
        return bool(self.__dict__["said"][3])
