"""The state of a site: what its last build was made of and what it gave, in one SQLite file per site.

A build after an edit reads from it the sources that did not change, and makes only the pages and files whose inputs
did. What is read by ``pickle`` carries a keyed sum (``support.signed_cache``), so that only this user's own builds
are believed. A state that is missing, damaged or of other programs or settings counts as empty: everything is built.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import shutil
import sqlite3
import stat
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from integrity_archive.archive.edition import Edition
from integrity_archive.archive.slugs import Spelling
from integrity_archive.content.loader import scan
from integrity_archive.content.markup.markdown import Body
from integrity_archive.content.model.record import Record
from integrity_archive.content.outline import Outline
from integrity_archive.intake.renditions import Renditions
from integrity_archive.output.file_record import YOUNG
from integrity_archive.support.cache import state_folder
from integrity_archive.support.problems import Problem
from integrity_archive.support.regular_file import read_regular
from integrity_archive.support.signed_cache import MAC_SIZE, is_mac_of, mac_of, signing_key

Stamp = tuple[int, int] | None
"""Size and time of a file; None where it was so young that a later change may bear the same time."""

_SCHEMA = """
create table if not exists record (name text primary key, data blob not null);
create table if not exists source (path text primary key, meta blob not null, body blob not null);
"""


_RECORD = "select data from record where name = ?"
_SEARCH = "search-"
"""Prefix of the names of what the search keeps."""
LONGEST = 512 << 20
"""Largest value that is read from a state, in bytes."""
LONGEST_PATH = 64 << 10
"""Longest path of a site, in bytes."""


class DamagedError(Exception):
    """What was kept is not what was written."""


@dataclass(frozen=True)
class BuildRecord:
    """What a site was built from and what the build gave."""

    config_hash: str = ""
    """Of programs, templates, settings."""
    stamps: Mapping[str, Stamp] = field(default_factory=dict)
    """Every file below the content folders and ``docs/``."""
    outlines: Mapping[str, Outline] = field(default_factory=dict)
    """Of every Markdown file, by path."""
    problems: frozenset[Problem] = frozenset()
    """Reminders on single sources."""
    films: bytes = b""
    """Films and storyboards, pickled: (films by id, storyboards by id)."""
    outputs: Mapping[str, str] = field(default_factory=dict)
    """Keys of what each page and generated or copied file was made from, by its place in the site."""
    pictures: Mapping[str, Renditions] = field(default_factory=dict)
    """Renditions of the raster pictures of the site, by place in it."""
    spellings: Mapping[str, Spelling] = field(default_factory=dict)
    """Of the names in the archive."""
    solar_terms: Mapping[int, str] = field(default_factory=dict)
    """Days of the solar terms by year, as ``site.solar_terms`` computes them."""
    marker: str = ""
    """Signature of the site's marker, which records its files; empty of a site that only ``mkdocs serve`` shows."""
    search: Mapping[str, str] = field(default_factory=dict)
    """Key of every document of the search as it was last built whole, by id; see ``State.search``."""


class State:
    """The state of one site."""

    def __init__(self, folder: Path, target: Path) -> None:
        self.folder = folder
        """Where it lies."""
        self.target = target
        self._record: BuildRecord | None = None
        self._reader: sqlite3.Connection | None = None
        self._forgotten = False
        """Even where the files could not be removed: what failed once would fail again and again."""

    @property
    def spare(self) -> Path:
        """A second copy of the site, in links, which an edit is put into before the two change places."""
        return self.folder / "spare"

    @property
    def _path(self) -> Path:
        return self.folder / "state.sqlite"

    def record(self, config_hash: str) -> BuildRecord:
        """What was last built with the same programs and settings; an empty record where nothing was."""
        if self._forgotten:
            return BuildRecord()
        with contextlib.suppress(DamagedError):
            record = self._record or _loaded(self._one(_RECORD, "build"), b"build")
            if isinstance(record, BuildRecord) and record.config_hash == config_hash:
                self._record = record
                return record
        return BuildRecord()

    def meta(self, path: str) -> Record:
        """Front matter of the entry at a path.

        Raises:
            DamagedError: it is not what was kept.
        """
        meta: Record = _loaded(self._one("select meta from source where path = ?", path), b"meta", path)
        return meta

    def body(self, path: str) -> Body:
        """Converted body of the document at a path.

        Raises:
            DamagedError: it is not what was kept.
        """
        body: Body = _loaded(self._one("select body from source where path = ?", path), b"body", path)
        return body

    def rows(self) -> Mapping[str, tuple[str, str]]:
        """The line of every entry of the site in the catalogue, as JSON and as CSV, by id.

        Raises:
            DamagedError: they are not what was kept.
        """
        rows: Mapping[str, tuple[str, str]] = _loaded(self._one(_RECORD, "rows"), b"rows")
        return rows

    def search(self, name: str) -> bytes:
        """What an overlay needs of the search that was last built whole, by the name that it was noted by.

        Raises:
            DamagedError: it is not what was kept.
        """
        data: bytes = _loaded(self._one(_RECORD, _SEARCH + name), b"search", name)
        return data

    def note(
        self,
        record: BuildRecord,
        changes: Changes,
        rows: Mapping[str, tuple[str, str]],
        search: Mapping[str, bytes],
    ) -> None:
        """Remember what the site is now.

        Args:
            record: what it was built from and what the build gave.
            changes: sources that were read or are gone.
            rows: see ``State.rows``.
            search: see ``State.search``; what is kept by other names stays.

        Raises:
            OSError: there is no room, or no permission.
        """
        self._record = None
        self._close()
        self.folder.mkdir(parents=True, exist_ok=True)
        if not _is_valid(self._path):
            for suffix in ("", "-journal", "-wal", "-shm"):  # what SQLite lays beside a file would be put into the new
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        try:
            with self._open() as database, database:
                database.executescript(_SCHEMA)
                if changes.whole:
                    database.execute("delete from source")
                database.executemany("delete from source where path = ?", [(path,) for path in changes.removed])
                database.executemany("insert or replace into source values (?, ?, ?)", _source_rows(changes))
                values = [("build", _dumped(record, b"build")), ("rows", _dumped(dict(rows), b"rows"))]
                values += [(_SEARCH + name, _dumped(data, b"search", name)) for name, data in search.items()]
                database.executemany("insert or replace into record values (?, ?)", values)
        except (sqlite3.Error, DamagedError) as error:
            raise OSError(str(error)) from None
        self._record, self._forgotten = record, False
        (self.folder / "target").write_text(str(self.target), "utf-8")
        self._sweep()

    def forget(self) -> None:
        """Remember nothing."""
        self._record, self._forgotten = None, True
        self._close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _sweep(self) -> None:
        """Remove the states of sites that are gone."""
        for other in self.folder.parent.glob("*/target"):
            with contextlib.suppress(OSError, ValueError):
                place = Path(read_regular(other, LONGEST_PATH).decode())
                if not place.is_dir() and other.parent != self.folder:
                    shutil.rmtree(other.parent, ignore_errors=True)

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        database = _connected(self._path)
        try:
            yield database
        except sqlite3.DatabaseError as error:
            raise DamagedError(f"{self._path}: {error}") from None
        finally:
            database.close()

    def _close(self) -> None:
        """Let go of the file, before it is written or removed."""
        if self._reader:
            self._reader.close()
            self._reader = None

    def _one(self, query: str, key: str) -> bytes:
        if not os.path.lexists(self._path):
            raise DamagedError(self._path)
        try:
            self._reader = self._reader or _connected(self._path)
            row = self._reader.execute(query, (key,)).fetchone()
        except sqlite3.Error as error:
            self._close()
            raise DamagedError(f"{self._path}: {error}") from None
        if row is None or not isinstance(row[0], bytes):
            raise DamagedError(key)
        return row[0]


def _connected(path: Path) -> sqlite3.Connection:
    """Open the file of a state, or a new one; the only way to open it.

    SQLite runs what a file's schema says: a view in the place of a table can compute without end, a trigger can
    delete (https://www.sqlite.org/security.html). So nothing but our own tables may be in it.

    Raises:
        DamagedError: it cannot be opened, is a link or no regular file, or has another schema than ours.
    """
    if os.path.lexists(path) and not stat.S_ISREG(path.lstat().st_mode):
        raise DamagedError(path)
    try:
        # Under ``mkdocs serve`` the thread that ends a build is not the one that reads for the next.
        database = sqlite3.connect(path, timeout=20, check_same_thread=False)
    except sqlite3.Error:
        raise DamagedError(path) from None
    try:
        database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
        database.execute("pragma trusted_schema = off")
        database.execute("pragma cell_size_check = on")
        found = _schema_of(database)
    except (sqlite3.Error, sqlite3.Warning, UnicodeError) as error:
        database.close()
        raise DamagedError(f"{path}: {error}") from None
    with contextlib.closing(sqlite3.connect(":memory:")) as ours:
        ours.executescript(_SCHEMA)
        known = _schema_of(ours)
    if found and found != known:
        database.close()
        raise DamagedError(path)
    return database


def _schema_of(database: sqlite3.Connection) -> list[tuple[object, ...]]:
    """Every table, index, view and trigger of a database; more than ours have are not read."""
    return database.execute("select type, name, tbl_name, sql from sqlite_master order by 1, 2 limit 99").fetchall()


def _is_valid(path: Path) -> bool:
    """Whether a state can be written into the file at a path."""
    try:
        _connected(path).close()
    except DamagedError:
        return False
    return True


@dataclass(frozen=True)
class Changes:
    """What is different in the sources since the last build."""

    whole: bool
    """Whether nothing that was kept before holds any more."""
    sources: Mapping[str, tuple[Record | None, Body]]
    """Front matter, of entries, and converted body of every Markdown file that was read, by path."""
    removed: frozenset[str]
    """Markdown files that are gone."""


def _source_rows(changes: Changes) -> Iterator[tuple[str, bytes, bytes]]:
    for path, (meta, body) in changes.sources.items():
        yield path, _dumped(meta, b"meta", path), _dumped(body, b"body", path)


def _dumped(value: object, kind: bytes, name: str = "") -> bytes:
    data = pickle.dumps(value, 5)
    return mac_of(_signed(data, kind, name), signing_key()) + data


def _loaded(data: bytes | None, kind: bytes, name: str = "") -> Any:
    if not data or not is_mac_of(data[:MAC_SIZE], _signed(data[MAC_SIZE:], kind, name), signing_key()):
        raise DamagedError(name or kind.decode())
    try:
        return pickle.loads(data[MAC_SIZE:])  # noqa: S301 - signed
    except Exception as error:  # another version of the program wrote it, and its classes may be gone or different
        raise DamagedError(name or kind.decode()) from error


def _signed(data: bytes, kind: bytes, name: str) -> bytes:
    """What the sum of a value is of: a value cannot stand in the place of another."""
    return kind + b"\0" + name.encode() + b"\0" + data


def state_of(root: str, edition: Edition, target: Path) -> State:
    """The state of the site of an edition of the archive at ``root`` that stands at ``target``."""
    return State(state_folder(root, edition.name, target), target)


def stamps(root: str) -> dict[str, Stamp]:
    """Every file of an archive as it stands now, before it is read."""
    now = time.time_ns()
    found: dict[str, Stamp] = {}
    for path, entry in scan(root):
        stat = entry.stat(follow_symlinks=False)
        found[path] = (stat.st_size, stat.st_mtime_ns) if stat.st_mtime_ns < now - YOUNG else None
    return found
