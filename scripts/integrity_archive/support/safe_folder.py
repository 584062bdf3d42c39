"""Safe folder: files below one folder, read and written without ever following a link out of it.

Every component of a path is opened relative to its parent folder (``openat`` with ``O_NOFOLLOW``). On systems without
these calls (Windows), every component is examined first; another program could put a link there between the two steps.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from enum import Enum
from pathlib import Path
from typing import BinaryIO

_BLOCK = 1 << 20
_DESCRIPTORS = os.open in os.supports_dir_fd and os.scandir in os.supports_fd and hasattr(os, "O_NOFOLLOW")
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_READ = os.O_RDONLY | _NO_FOLLOW | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""``O_NONBLOCK``: opening a FIFO returns at once; it is refused afterwards."""
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_FOLLOW | getattr(os, "O_BINARY", 0)
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0)
_NAME_SURROGATE = 0x20000000
"""Bit of a reparse tag: the name stands for another place (Microsoft, Reparse Point Tags)."""


class LinkError(OSError):
    """There is a link where a file or folder should be; its path is ``filename``."""

    def __init__(self, place: Path) -> None:
        super().__init__(errno.EINVAL, "是一个链接，通到别处", str(place))


class NotRegularError(OSError):
    """The name is not a regular file but a pipe, a device or a socket."""

    def __init__(self, place: Path) -> None:
        super().__init__(errno.EINVAL, "不是普通的文件", str(place))


class TooLargeError(OSError):
    """A file is larger than a file of its kind can be."""

    def __init__(self, place: Path) -> None:
        super().__init__(errno.EINVAL, "大得不合常理", str(place))


class Kind(Enum):
    """What a name refers to."""

    ABSENT = "absent"
    FILE = "file"
    FOLDER = "folder"
    LINK = "link"
    OTHER = "other"
    """A pipe, a device, a socket."""


class SafeFolder:
    """A folder whose files are named by relative paths with forward slashes; ``root`` itself may be a link.

    Every method raises ``LinkError`` if a component of the name is a link (``kind`` accepts one as the last component),
    and ``OSError`` with the absolute path as ``filename`` if the system refuses.
    """

    def __init__(self, root: Path, descriptors: bool = _DESCRIPTORS) -> None:
        """Store the path of the folder.

        Args:
            root: the folder; it is opened anew for every call.
            descriptors: whether the system opens names relative to a folder.
        """
        self.root = Path(os.path.abspath(root))
        self._descriptors = descriptors

    def place(self, name: str) -> Path:
        """The absolute path of a name, for messages."""
        return self.root.joinpath(*_parts(name))

    def kind(self, name: str) -> Kind:
        """What ``name`` refers to; ``ABSENT`` also if a component of its path is a file."""
        try:
            with self._at(name) as (handle, last):
                return _kind(os.stat(last, dir_fd=handle, follow_symlinks=False))
        except (FileNotFoundError, NotADirectoryError):
            return Kind.ABSENT

    def size(self, name: str) -> int:
        """Size of a file in bytes.

        Raises:
            FileNotFoundError: there is nothing of that name.
        """
        with self._at(name) as (handle, last):
            return os.stat(last, dir_fd=handle, follow_symlinks=False).st_size

    @contextlib.contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """Open a file for reading.

        Raises:
            FileNotFoundError: there is nothing of that name.
            NotRegularError: it is not a regular file.
        """
        with self._at(name) as (handle, last), self._opened(name, handle, last) as stream:
            yield stream

    def read(self, name: str, limit: int) -> bytes:
        """The bytes of a file.

        Raises:
            FileNotFoundError: there is nothing of that name.
            NotRegularError: it is not a regular file.
            TooLargeError: it has more than ``limit`` bytes.
        """
        with self.open(name) as stream:
            data = stream.read(limit + 1)
        if len(data) > limit:
            raise TooLargeError(self.place(name))
        return data

    def sha256(self, name: str) -> str:
        """Hex digits of the SHA-256 of a file.

        Raises:
            FileNotFoundError: there is nothing of that name.
            NotRegularError: it is not a regular file.
        """
        total = hashlib.sha256()
        for block in self.blocks(name):
            total.update(block)
        return total.hexdigest()

    def blocks(self, name: str) -> Iterator[bytes]:
        """The bytes of a file, one block at a time.

        Raises:
            FileNotFoundError: there is nothing of that name.
            NotRegularError: it is not a regular file.
        """
        with self.open(name) as stream:
            while block := stream.read(_BLOCK):
                yield block

    def create(self, name: str, blocks: Iterable[bytes]) -> None:
        """Write a new file and flush it to the disk; an existing file of that name is deleted first, not overwritten.

        Raises:
            IsADirectoryError: a folder has that name.
        """
        with self._at(name) as (handle, last):
            # It may be a hard link to a file of somebody else, whose bytes must not change.
            with contextlib.suppress(FileNotFoundError):
                os.unlink(last, dir_fd=handle)
            with os.fdopen(os.open(last, _CREATE, 0o666, dir_fd=handle), "wb") as stream:
                for block in blocks:
                    stream.write(block)
                stream.flush()
                os.fsync(stream.fileno())

    def write(self, name: str, content: bytes, temporary: str) -> None:
        """Write a file under the temporary name ``temporary``, flush it to the disk, and rename it to ``name``."""
        self.create(temporary, [content])
        self.move(temporary, name)

    def move(self, source: str, target: str) -> None:
        """Rename a file, replacing an existing one."""
        with self._at(source) as (from_, old), self._at(target) as (to, new):
            if not self._descriptors:
                _make_writable(new)
            os.replace(old, new, src_dir_fd=from_, dst_dir_fd=to)

    def remove(self, name: str) -> None:
        """Delete a file; no error if it does not exist."""
        try:
            with self._at(name) as (handle, last):
                if not self._descriptors:
                    _make_writable(last)
                os.unlink(last, dir_fd=handle)
        except (FileNotFoundError, NotADirectoryError):
            return

    def make_folder(self, name: str) -> None:
        """Create a folder and its parents if they do not exist."""
        parts = _parts(name)
        for length in range(1, len(parts) + 1):
            inner = "/".join(parts[:length])
            kind = self.kind(inner)
            if kind is Kind.FOLDER:
                continue
            if kind is Kind.LINK:
                raise LinkError(self.place(inner))
            with self._at(inner) as (handle, last):
                os.mkdir(last, dir_fd=handle)

    def remove_empty_folder(self, name: str) -> bool:
        """Delete a folder if it is empty; returns whether it is gone."""
        if self.kind(name) is not Kind.FOLDER:
            return self.kind(name) is Kind.ABSENT
        try:
            with self._at(name) as (handle, last):
                os.rmdir(last, dir_fd=handle)
        except OSError:
            return False
        return True

    def names(self, folder: str = "") -> dict[str, Kind]:
        """The content of a folder by name, sorted; empty if the folder does not exist.

        Raises:
            NotADirectoryError: it is a file.
        """
        try:
            with _named(self.place(folder)), self._folder(_parts(folder)) as (handle, place):
                with os.scandir(place if handle is None else handle) as entries:
                    kinds = {entry.name: _kind(entry.stat(follow_symlinks=False)) for entry in entries}
                return dict(sorted(kinds.items()))
        except FileNotFoundError:
            return {}

    def walk(self) -> Iterator[tuple[str, Kind]]:
        """Every file, link and special file below the folder; folders that may not be read are skipped."""
        pending = [""]
        while pending:
            folder = pending.pop()
            try:
                kinds = self.names(folder)
            except OSError:
                continue
            for name, kind in kinds.items():
                inner = f"{folder}/{name}" if folder else name
                if kind is Kind.FOLDER:
                    pending.append(inner)
                else:
                    yield inner, kind

    @contextlib.contextmanager
    def _opened(self, name: str, handle: int | None, last: str) -> Iterator[BinaryIO]:
        kind = _kind(os.stat(last, dir_fd=handle, follow_symlinks=False))
        if kind is Kind.LINK:
            raise LinkError(self.place(name))
        if kind is Kind.FOLDER:
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(self.place(name)))
        if kind is not Kind.FILE:  # opening some devices has an effect already
            raise NotRegularError(self.place(name))
        with os.fdopen(os.open(last, _READ, dir_fd=handle), "rb") as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise NotRegularError(self.place(name))
            yield stream

    @contextlib.contextmanager
    def _at(self, name: str) -> Iterator[tuple[int | None, str]]:
        """Arguments of an ``os`` function for a name: open parent folder and last component, or None and the absolute
        path."""
        parts = _parts(name)
        with _named(self.place(name)), self._folder(parts[:-1]) as (handle, place):
            yield handle, parts[-1] if handle is not None else str(place / parts[-1])

    @contextlib.contextmanager
    def _folder(self, parts: list[str]) -> Iterator[tuple[int | None, Path]]:
        """Open a folder below the root, component by component; yields its descriptor (or None) and its path."""
        place = self.root
        handle = os.open(place, _FOLDER) if self._descriptors else None
        try:
            for part in parts:
                outer, place = place, place / part
                _check_folder(
                    os.stat(part if handle is not None else place, dir_fd=handle, follow_symlinks=False), place
                )
                if handle is not None:
                    inner = _open_folder(part, handle, outer)
                    os.close(handle)
                    handle = inner
            yield handle, place
        finally:
            if handle is not None:
                os.close(handle)


@contextlib.contextmanager
def _named(place: Path) -> Iterator[None]:
    """Complete the errors of calls with a descriptor: they name at most the last component of the path."""
    try:
        yield
    except OSError as error:
        if not isinstance(error.filename, str) or not os.path.isabs(error.filename):
            error.filename = str(place)
        raise


def _open_folder(part: str, handle: int, outer: Path) -> int:
    try:
        return os.open(part, _FOLDER | _NO_FOLLOW, dir_fd=handle)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR):  # replaced by a link since it was examined
            raise LinkError(outer / part) from None
        raise


def _check_folder(status: os.stat_result, place: Path) -> None:
    kind = _kind(status)
    if kind is Kind.LINK:
        raise LinkError(place)
    if kind is not Kind.FOLDER:
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(place))


def _kind(status: os.stat_result) -> Kind:
    if stat.S_ISLNK(status.st_mode) or getattr(status, "st_reparse_tag", 0) & _NAME_SURROGATE:
        return Kind.LINK
    if stat.S_ISDIR(status.st_mode):
        return Kind.FOLDER
    return Kind.FILE if stat.S_ISREG(status.st_mode) else Kind.OTHER


def _make_writable(path: str) -> None:
    """Clear the read-only mark, because Windows neither replaces nor deletes such a file."""
    with contextlib.suppress(FileNotFoundError):
        if stat.S_ISREG(os.lstat(path).st_mode) and not os.access(path, os.W_OK):
            os.chmod(path, stat.S_IREAD | stat.S_IWRITE)


def _parts(name: str) -> list[str]:
    """The components of a name.

    Raises:
        ValueError: it is not a relative path in its shortest form; names from untrusted data are checked earlier.
    """
    parts = name.split("/") if name else []
    if any(part in ("", ".", "..") or "\0" in part or (os.name == "nt" and set(part) & set("\\:")) for part in parts):
        raise ValueError(name)
    return parts
