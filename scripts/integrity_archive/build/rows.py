"""Rows: many objects in one file, each under a name and with a sum, of which few are ever read again.

After an edit, a few dozen of ten thousand entries are looked at; reading all of them would cost more than the edit.
Objects are pickled, so none is read whose sum is not that of this user's cache (``support.signed_cache``).
"""

from __future__ import annotations

import mmap
import pickle
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from integrity_archive.support.signed_cache import MAC_SIZE, is_mac_of, mac_of, signing_key

T = TypeVar("T")

_PLACE = 8
"""Bytes that say where the index begins."""
_END = _PLACE + MAC_SIZE
"""Bytes at the end of a file: where the index begins, and its sum."""


class DamagedError(Exception):
    """What was kept is not what was written."""


def write_rows(path: Path, rows: Iterable[tuple[str, object]], said: Iterable[Any] = ()) -> None:
    """Write objects one by one.

    Args:
        path: file to write.
        rows: name and object of each.
        said: what is to be known of each without reading it.

    Raises:
        OSError: there is no room, or no permission.
    """
    names, ends, sums, secret = [], array("Q"), [], signing_key()
    with open(path, "wb") as stream:
        for name, value in rows:
            made = pickle.dumps(value, 5)
            stream.write(made)
            names.append(name)
            ends.append(stream.tell())
            sums.append(mac_of(_row(name, made), secret))
        begin = stream.tell()
        index = pickle.dumps((names, ends, sums, list(said)), 5)
        stream.write(index + begin.to_bytes(_PLACE, "big") + mac_of(index, secret))


def _row(name: str, made: bytes | memoryview) -> bytes:
    """What the sum of a row is of: a row cannot stand under another name."""
    return name.encode() + b"\0" + made


class Rows:
    """What ``write_rows`` wrote."""

    def __init__(self, path: Path) -> None:
        """Open a file.

        Raises:
            OSError: it is not there.
            DamagedError: it is not what was written.
        """
        self._path = path
        with open(path, "rb") as stream:
            try:
                self._data = memoryview(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ))
            except ValueError:  # nothing in it
                raise DamagedError(path) from None
        self._secret = signing_key()
        begin, total = int.from_bytes(self._data[-_END:-MAC_SIZE], "big"), bytes(self._data[-MAC_SIZE:])
        index = self._data[begin:-_END]
        if not len(index) or not is_mac_of(total, index, self._secret):
            raise DamagedError(path)
        names, self._ends, self._sums, self.said = pickle.loads(index)  # noqa: S301 - signed
        self._places = {name: n for n, name in enumerate(names)}

    @property
    def names(self) -> Iterable[str]:
        """In the order in which they were written."""
        return self._places.keys()

    def __getitem__(self, name: str) -> Any:
        """An object.

        Raises:
            KeyError: there is none of this name.
            DamagedError: it is not what was written.
        """
        n = self._places[name]
        data = self._data[self._ends[n - 1] if n else 0 : self._ends[n]]
        if not is_mac_of(self._sums[n], _row(name, data), self._secret):
            raise DamagedError(self._path)
        return pickle.loads(data)  # noqa: S301 - signed


class Lazy(Mapping[str, T]):
    """A mapping whose values are made when they are asked for, once."""

    def __init__(self, keys: Iterable[str], make: Callable[[str], T]) -> None:
        self._made: dict[str, T | None] = dict.fromkeys(keys)
        self._make = make

    def __getitem__(self, key: str) -> T:
        value = self._made[key]
        if value is None:
            value = self._made[key] = self._make(key)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)
