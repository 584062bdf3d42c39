"""Delta: what changed between two editions of a stick, small enough to send by mail."""

from __future__ import annotations

import errno
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from integrity_archive.support.atomic_file import made_whole
from integrity_archive.support.progress import Track, untracked
from integrity_archive.support.zip_files import write_zip
from integrity_archive.usb.capacity import space_of
from integrity_archive.usb.manifest import MANIFEST, SIGNATURE, Manifest, ManifestError, read_manifest
from integrity_archive.usb.signature import Sign, is_signed, unsigned
from integrity_archive.usb.sync import BringError, Disk, Done, bring, staged_bytes, standing, unfinished

BASE = "base.txt"
"""In the ZIP: the id of the edition it starts from."""
FILES = "files"
"""Folder of the changed files in the ZIP."""


@dataclass(frozen=True)
class Delta:
    """What a delta holds."""

    before: str
    after: str
    files: int
    removed: int


def write_delta(site: Path, old: Manifest, new: Manifest, out: Path, sign: Sign = unsigned) -> Delta:
    """Write the ZIP that brings a stick from ``old`` to ``new``, with files of ``site``."""
    changed = [path for path in sorted(new.files) if old.files.get(path) != new.files[path]]
    text = new.to_json().encode()
    papers: dict[str, bytes | Path] = {
        MANIFEST: text,
        BASE: f"{old.id}\n".encode(),
        SIGNATURE: sign(text).encode(),
    }
    content = papers | {f"{FILES}/{path}": site / path for path in changed}

    def write(beside: str) -> None:
        with open(beside, "wb") as stream:
            write_zip(stream, content)

    made_whole(out, write)
    return Delta(old.id, new.id, len(changed), len(set(old.files) - set(new.files)))


def is_delta(path: Path) -> bool:
    """Whether a file is a ZIP of ``write_delta``, by the names of what it holds."""
    try:
        with zipfile.ZipFile(path) as packed:
            return {MANIFEST, SIGNATURE}.issubset(packed.namelist())
    except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError):
        return False


def apply_delta(
    delta: Path, dest: Path, disk: Disk | None = None, track: Track = untracked, trust: Path | None = None
) -> Done:
    """Bring the stick at ``dest`` up to date from a ZIP of ``write_delta``, as safely as ``bring``.

    Args:
        delta: the ZIP.
        dest: root of the stick.
        disk: does the writing.
        track: shows progress.
        trust: public key by which the ZIP must be signed.

    Raises:
        BringError: the ZIP is damaged, none of ours or not signed by the key, or does not fit what stands on the stick.
        KeyFileError: ``trust`` is no public key.
        OSError: the stick refuses.
    """
    with tempfile.TemporaryDirectory() as folder:
        try:
            with zipfile.ZipFile(delta) as packed:
                text, signature = packed.read(MANIFEST), packed.read(SIGNATURE).decode("ascii")
                new = read_manifest(text.decode("utf-8"))
                if trust and not is_signed(text, signature, trust):
                    raise BringError(f"{delta} 不是用馆里的钥匙签的，没有用它。请向馆里要一份。")
                base = packed.read(BASE).decode("ascii").strip()
                names = {n.removeprefix(f"{FILES}/"): n for n in packed.namelist() if n.startswith(f"{FILES}/")}
                _check_fit(dest, base, new)
                if not signature and (dest / SIGNATURE).exists():
                    raise BringError(f"盘上的清单有签名，{delta} 没有签。向馆里要一份签了名的。盘没有动。")
                _check_room(dest, new, names)
                for path in track(sorted(names), "解开", len(names)):
                    if path not in new.files or ".." in PurePosixPath(path).parts:
                        raise BringError(f"{delta} 里的 {path} 不在它自己的清单里，不能用。")
                    target = Path(folder) / path
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(packed.read(names[path]))
                    if not new.files[path].is_at(target):
                        raise BringError(f"{delta} 里的 {path} 与清单不符，文件坏了或被改过。请重新要一份。")
        except (zipfile.BadZipFile, zlib.error, KeyError, UnicodeDecodeError, EOFError, NotImplementedError):
            raise BringError(f"{delta} 不是本馆的增量包，或没有下载完整。请重新要一份。") from None
        except (ValueError, OSError) as error:
            if isinstance(error, OSError) and error.errno == errno.ENOSPC:
                raise
            raise BringError(f"{delta} 坏了，读到一半读不下去。请重新要一份。") from None
        except ManifestError as error:
            raise BringError(f"{delta}：{error}。请重新要一份。") from None
        return bring(Path(folder), dest, new, disk, track, lambda text: signature, to_the_letter=True)


def _check_room(dest: Path, new: Manifest, names: Iterable[str]) -> None:
    needed = space_of({path: new.files[path] for path in names if path in new.files}).needed
    free = shutil.disk_usage(dest).free + staged_bytes(dest)
    if needed > free:
        raise BringError(f"{dest} 放不下：要 {needed / 1e6:.1f} MB，空着的有 {free / 1e6:.1f} MB。盘没有动。")


def _check_fit(dest: Path, base: str, new: Manifest) -> None:
    try:
        old = standing(dest)
    except ManifestError as error:
        raise BringError(f"{dest}：{error}。增量包补不好它，要用 archive pack usb 重做。") from None
    if old is None:
        raise BringError(f"{dest} 里没有 {MANIFEST}，不像本馆做的盘。")
    pending = unfinished(dest)  # this very update may have been cut off
    if old.id not in (base, new.id) and not (pending and pending.id == new.id):
        raise BringError(
            f"这份增量包从 {base} 更新到 {new.id}，盘上是 {old.id}，对不上。要一份从 {old.id} 起的，或重做全盘。"
        )
