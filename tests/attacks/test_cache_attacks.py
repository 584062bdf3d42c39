"""The cache: what somebody else put there is not believed, and runs nothing."""

from __future__ import annotations

import os
import pickle
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from integrity_archive.build.state import BuildRecord, Changes, DamagedError, State
from integrity_archive.support import signed_cache
from integrity_archive.support.signed_cache import config_folder, mac_of, read_signed, signing_key, write_signed


class Bomb:
    """Runs something where it is unpickled."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.place),)


@pytest.fixture(autouse=True)
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    monkeypatch.delenv("APPDATA", raising=False)
    signing_key.cache_clear()
    yield
    signing_key.cache_clear()


def of_another_user(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on the programs have another key."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(path))
    signing_key.cache_clear()


def test_the_key_is_the_users_alone_and_lasts(tmp_path: Path) -> None:
    first = signing_key()
    signing_key.cache_clear()
    assert (signing_key(), len(first)) == (first, signed_cache.KEY_SIZE)
    key = config_folder() / "cache.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600 or os.name == "nt"
    assert not key.is_relative_to(os.environ.get("ARCHIVE_CACHE", "/nowhere"))


@pytest.mark.parametrize("damage", ["short", "link", "folder", "unwritable"])
def test_without_a_key_of_ones_own_nothing_kept_is_believed(tmp_path: Path, damage: str) -> None:
    write_signed(tmp_path / "kept", b"x")
    key = config_folder() / "cache.key"
    content = key.read_bytes()
    key.unlink()
    if damage == "short":
        key.write_bytes(content[:5])
    elif damage == "link":
        (tmp_path / "elsewhere").write_bytes(content)
        key.symlink_to(tmp_path / "elsewhere")
    elif damage == "folder":
        key.mkdir()
    else:
        shutil.rmtree(config_folder())
        config_folder().write_bytes(b"")
    signing_key.cache_clear()
    with pytest.raises(ValueError, match="damaged"):
        read_signed(tmp_path / "kept")


def test_a_signed_file_of_others_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "kept"
    of_another_user(tmp_path / "theirs", monkeypatch)
    write_signed(path, pickle.dumps(Bomb(tmp_path / "ran")))
    of_another_user(tmp_path / "ours", monkeypatch)
    with pytest.raises(ValueError, match="damaged"):
        read_signed(path)
    for content in (b"", b"x" * 7, path.read_bytes()[:-1]):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="damaged"):
            read_signed(path)


def test_a_state_of_others_and_values_in_other_places_are_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "state"
    bomb: Any = Bomb(tmp_path / "ran")
    site = tmp_path / "site"
    site.mkdir()
    of_another_user(tmp_path / "theirs", monkeypatch)
    changes = Changes(True, {"a": (bomb, bomb)}, frozenset())
    State(folder, site).note(BuildRecord("x"), changes, {"a": bomb}, {"base": pickle.dumps(bomb)})
    of_another_user(tmp_path / "ours", monkeypatch)
    theirs = State(folder, site)
    assert theirs.record("x") == BuildRecord()
    for read in (lambda: theirs.meta("a"), lambda: theirs.body("a"), theirs.rows, lambda: theirs.search("base")):
        with pytest.raises(DamagedError):
            read()
    ours = State(folder, site)
    body: Any = "一"
    other: Any = "二"
    ours.note(BuildRecord("x"), Changes(True, {"a": (None, body), "b": (None, other)}, frozenset()), {}, {})
    assert State(folder, site).record("x") == BuildRecord("x")
    assert (ours.body("a"), ours.body("b")) == ("一", "二")
    with sqlite3.connect(folder / "state.sqlite") as database:
        database.execute("update source set body = (select body from source where path = 'b') where path = 'a'")
        database.execute("update source set meta = body where path = 'b'")
    database.close()
    with pytest.raises(DamagedError):
        ours.body("a")
    with pytest.raises(DamagedError):
        ours.meta("b")
    assert not (tmp_path / "ran").exists()


def test_sums_depend_on_the_key() -> None:
    assert mac_of(b"x", b"a") != mac_of(b"x", b"b") != mac_of(b"y", b"b")
