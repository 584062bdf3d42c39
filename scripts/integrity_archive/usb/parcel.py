"""Parcel: reads the ZIP of a delta, which is not trusted.

The ZIP's directory alone decides whether it can be one of ours: names, number, sizes, methods, offsets. After that each
file is read as a stream, never more bytes than the manifest says, and nothing is unpacked to a folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from integrity_archive.support.problems import why
from integrity_archive.support.progress import Progress
from integrity_archive.support.safe_folder import SafeFolder
from integrity_archive.usb.manifest import NUMBERED, Manifest, ManifestError, read_manifest
from integrity_archive.usb.places import MANIFEST, SIGNATURE
from integrity_archive.usb.survey import SyncError, refuse_last
from integrity_archive.usb.untrusted import (
    MOST_FILES,
    MOST_TEXT,
    SIGNATURE_TEXT,
    DeltaForm,
    FormError,
    NoJsonError,
    read_form,
)

FILES = "files/"
"""Prefix of the changed files in the ZIP."""
DELTA = "delta.json"
DELTA_SIGNATURE = "delta.sig"
OLD_BASE = "base.txt"
"""File of older programs instead of ``DELTA``; it was not signed."""
FORMAT = 1
_PAPERS = {MANIFEST: MOST_TEXT, SIGNATURE: 1 << 10, DELTA: 1 << 16, DELTA_SIGNATURE: 1 << 10}
"""The other files in the ZIP, with their largest size in bytes."""
_BLOCK = 1 << 20
_END = struct.Struct("<4s4H2LH")
_RECORD64, _LOCATOR64 = 56, 20
"""Bytes of the ZIP64 records before the end record (APPNOTE 4.3.14, 4.3.15), in a ZIP of more than 65,535 files."""
_DIRECTORY_ENTRY = 46
"""Bytes of a directory entry before its name (APPNOTE 4.3.12)."""
_LOCAL = struct.Struct("<4s2xH18xHH")
"""A file's header before its name (APPNOTE 4.3.7): mark, flags, bytes of the name and of the extra field."""
_DESCRIPTOR = 0x8
"""Flag of a file with more data after its content (APPNOTE 4.3.9), as streams have that cannot be rewound."""
_MOST_DIRECTORY = (MOST_FILES + len(_PAPERS)) * (_DIRECTORY_ENTRY + 256)
_RATIO = 200
"""Largest ratio of all unpacked files to the ZIP: text reaches 20, deflate at most 1032."""
_FREE = 64 << 20
"""Unpacked bytes up to which the ratio is not checked."""
_ENCRYPTED = 0x1 | 0x40 | 0x2000
"""Flags of an encrypted file or name (APPNOTE 4.4.4)."""
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True)
class Change:
    """The editions that a delta connects; its JSON text is signed."""

    base: str
    """Id of the edition that is updated."""
    id: str
    edition: int
    """Number of the new edition."""
    manifest: str
    """SHA-256 of the new ``manifest.json``."""

    def to_json(self) -> str:
        """The text of ``delta.json``."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1) + "\n"


def change_of(base: str, new: Manifest) -> Change:
    """The change from the edition ``base`` to ``new``."""
    return Change(base, new.id, new.edition, hashlib.sha256(new.to_json().encode()).hexdigest())


class Parcel:
    """The content of a delta; only checked data is available."""

    def __init__(self, place: Path, stream: BinaryIO, size: int) -> None:
        """Read the directory and the small files.

        Raises:
            SyncError: it is not a delta, one of an older program, or damaged.
        """
        self._place = place
        self._stream = stream
        self._packed = zipfile.ZipFile(stream)
        infos = _infos(self._packed)
        if OLD_BASE in infos and DELTA not in infos:
            raise SyncError(f"{place} 是旧程序做的增量包，没有签进版本和次序。请馆里用新程序重做一份。")
        if not _PAPERS.keys() <= infos.keys():
            raise _NotOursError
        papers = {name: self._paper(infos[name], most) for name, most in _PAPERS.items()}
        self.text = papers[MANIFEST]
        """Of ``manifest.json``."""
        self.change_text = papers[DELTA]
        """Of ``delta.json``."""
        self.signature = _signature(papers[SIGNATURE])
        self.change_signature = _signature(papers[DELTA_SIGNATURE])
        self.manifest = _manifest(place, self.text)
        self.change = _change(place, self.change_text)
        if self.change != change_of(self.change.base, self.manifest) or self.manifest.format < NUMBERED:
            raise SyncError(f"{place} 里的 {DELTA} 与 {MANIFEST} 对不上，文件坏了或被改过。请重新要一份。")
        if self.manifest.to_json().encode() != self.text:
            raise SyncError(f"{place} 里的 {MANIFEST} 不是本馆的程序写的。请重新要一份。")
        refuse_last(self.change.edition, place, "请重新要一份。")
        self._infos = {name.removeprefix(FILES): info for name, info in infos.items() if name not in _PAPERS}
        self._check_directory(infos, size)

    @property
    def paths(self) -> list[str]:
        """Paths of the changed files, sorted."""
        return sorted(self._infos)

    def has(self, path: str) -> bool:
        """Whether the file is in the ZIP."""
        return path in self._infos

    def blocks(self, path: str) -> Iterator[bytes]:
        """The bytes of a file, one block at a time, never more than the manifest says.

        Raises:
            SyncError: it is damaged.
        """
        left = self.manifest.files[path].size
        with _plain_faults(self._place), self._packed.open(self._infos[path]) as stream:
            while block := stream.read(_BLOCK):
                left -= len(block)
                if left < 0:
                    raise self._unlike(path)
                yield block

    def check_files(self, progress: Progress) -> None:
        """Read every file once and compare it with the manifest.

        Raises:
            SyncError: one does not match.
        """
        for path in progress(self.paths, "核对增量包", len(self.paths)):
            total = hashlib.sha256()
            for block in self.blocks(path):
                total.update(block)
            if total.hexdigest() != self.manifest.files[path].sha256:
                raise self._unlike(path)

    def _paper(self, info: zipfile.ZipInfo, most: int) -> bytes:
        _check_method(info)
        if info.file_size > most:
            raise _NotOursError
        with self._packed.open(info) as stream:
            return stream.read(most)

    def _check_directory(self, infos: dict[str, zipfile.ZipInfo], size: int) -> None:
        files = self.manifest.files
        for name in infos.keys() - _PAPERS.keys():
            if not name.startswith(FILES) or name.removeprefix(FILES) not in files:
                raise SyncError(f"{self._place} 里的 {name!a} 不在它自己的清单里，不能用。")
        for path, info in self._infos.items():
            _check_method(info)
            if info.file_size != files[path].size:
                raise self._unlike(path)
        _check_layout(self._stream, list(infos.values()), self._packed.start_dir)
        total = sum(info.file_size for info in infos.values())
        if total > max(_FREE, size * _RATIO):
            raise SyncError(f"{self._place} 解开来会有 {total / 1e6:.0f} MB，大得不合常理，没有解开。请重新要一份。")

    def _unlike(self, path: str) -> SyncError:
        return SyncError(f"{self._place} 里的 {path} 与清单不符，文件坏了或被改过。请重新要一份。")


@contextlib.contextmanager
def open_parcel(place: Path) -> Iterator[Parcel]:
    """Open the delta in a file.

    Raises:
        SyncError: it is not a delta, or cannot be read.
    """
    whole = place.resolve()
    with contextlib.ExitStack() as stack:
        with _plain_faults(place):
            stream = stack.enter_context(SafeFolder(whole.parent).open(whole.name))
            size = _check_end(stream)
            parcel = Parcel(place, stream, size)
        yield parcel


class _NotOursError(Exception):
    """A ZIP that no program of ours made."""


@contextlib.contextmanager
def _plain_faults(place: Path) -> Iterator[None]:
    """Convert all errors that a damaged or malicious ZIP can cause to ``SyncError``."""
    try:
        yield
    except (_NotOursError, zipfile.BadZipFile, zlib.error, EOFError, struct.error, UnicodeError):
        raise SyncError(f"{place} 不是本馆的增量包，或没有下载完整。请重新要一份。") from None
    except (NotImplementedError, RuntimeError, ValueError, OverflowError):  # methods, encryption, impossible numbers
        raise SyncError(f"{place} 不是本馆的增量包，或没有下载完整。请重新要一份。") from None
    except OSError as error:
        raise SyncError(f"{place} 读不出来：{why(error)}。请重新要一份。") from None


def _check_end(stream: BinaryIO) -> int:
    """Refuse a directory that is too long, by the end record (APPNOTE 4.3.16); returns the bytes of the file."""
    size = stream.seek(0, 2)
    if size < _END.size:
        raise _NotOursError
    stream.seek(size - _END.size)
    mark, _, _, _, _, length, _, comment = _END.unpack(stream.read(_END.size))
    stream.seek(max(0, size - _END.size - _LOCATOR64 - _RECORD64))
    before = stream.read(_RECORD64 + _LOCATOR64)
    if before[_RECORD64:].startswith(b"PK\x06\x07"):  # the true length is in a ZIP64 record (APPNOTE 4.3.14)
        length = int.from_bytes(before[40:48], "little")
    if mark != b"PK\x05\x06" or comment or length > _MOST_DIRECTORY:
        raise _NotOursError
    return size


def _infos(packed: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The directory of a ZIP, by name."""
    entries = packed.infolist()
    infos = {info.filename: info for info in entries}
    if len(infos) != len(entries) or len(entries) > MOST_FILES + len(_PAPERS):
        raise _NotOursError
    return infos


def _check_method(info: zipfile.ZipInfo) -> None:
    if info.flag_bits & _ENCRYPTED or info.compress_type not in _METHODS or info.orig_filename != info.filename:
        raise _NotOursError


def _check_layout(stream: BinaryIO, infos: list[zipfile.ZipInfo], end: int) -> None:
    """Refuse a ZIP whose files do not follow one another from its first byte to its directory.

    Files that share bytes could unpack to a multiple of the ZIP's size; bytes between or before them are those of
    another file in the same place, such as a program.
    """
    at = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        stream.seek(at)
        local = _LOCAL.unpack(stream.read(_LOCAL.size))
        if info.header_offset != at or local[0] != b"PK\x03\x04" or local[1] & _DESCRIPTOR:
            raise _NotOursError
        at += _LOCAL.size + local[2] + local[3] + info.compress_size
    if at != end:
        raise _NotOursError


def _signature(data: bytes) -> str:
    text = data.decode("ascii")
    if not SIGNATURE_TEXT.fullmatch(text):
        raise _NotOursError
    return text


def _manifest(place: Path, text: bytes) -> Manifest:
    try:
        return read_manifest(text)
    except ManifestError as error:
        raise SyncError(f"{place}：{error}。请重新要一份。") from None


def _change(place: Path, text: bytes) -> Change:
    try:
        form = read_form(DeltaForm, text)
    except (FormError, NoJsonError):
        raise SyncError(f"{place} 里的 {DELTA} 不合格式。请重新要一份。") from None
    if form.format > FORMAT:
        raise SyncError(f"{place} 的格式是 {form.format}，这个程序只认到 {FORMAT}，请换新版程序。")
    return Change(form.base, form.id, form.edition, form.manifest)
