"""Destination: where a command may write. A wrong place is refused, in Chinese, before anything is made."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path

from integrity_archive.output.marker import MARKER, WORK_PREFIX, has_marker, read_marker
from integrity_archive.support.cache import ENVIRONMENT, cache_folder
from integrity_archive.support.problems import printable, why
from integrity_archive.support.signed_cache import config_folder

SOURCES = ("docs", "stories", "heritage", "videos", "overrides", "scripts", "tests", "schemas")
"""Folders of an archive's sources. Folders with pages, or with a name that begins with a dot, are sources too."""
OLD_SITE = ("catalogue.json", "sitemap.xml", "assets/css/tokens.css", "current.js")
"""Files by which the output of a version of this program without markers is recognised."""
SITES = ("web", "usb")
"""Editions that replace a whole folder: all but the kiosk's. The names are of ``archive.edition``, a floor above."""
ALMOST_FULL = 1 << 20
"""Free bytes below which a disk counts as full."""


class OutputError(Exception):
    """A place cannot be written to; the message says why and what to do, in Chinese."""


def shown(path: Path | str) -> str:
    """A path on one printable line, whatever bytes its name consists of."""
    return printable(str(path))


def place_in(root: str, target: Path, allowed: Collection[str] = ()) -> Path:
    """The real path of ``target``, links followed, if something may be added there.

    Args:
        root: folder of the archive.
        target: a folder or file, existing or not.
        allowed: names in ``SOURCES`` that are allowed for this output.

    Raises:
        OutputError: it is the archive itself, a folder above it, or among its sources.
    """
    real, archive = _resolved(target), Path(os.path.realpath(root))
    if _same(real, archive):
        raise OutputError(f"{shown(target)} 就是馆藏的文件夹，写进去会盖住馆藏。换一个地方，什么也没有动。")
    if any(_same(real, folder) for folder in archive.parents):
        raise OutputError(f"{shown(target)} 是馆藏 {shown(archive)} 上面的文件夹。换一个地方，什么也没有动。")
    if real.is_dir() and _is_home(real):
        raise OutputError(f"{shown(target)} 是用户的主文件夹。在里面建一个文件夹，放到那里，什么也没有动。")
    inside = list(_within(real, archive))
    if inside and (name := _source(inside, archive, allowed)):
        raise OutputError(f"{shown(target)} 在馆藏的 {shown(name)} 里，那里放的是原稿。换一个地方，什么也没有动。")
    return real


def place_outside(root: str, target: Path, allowed: Collection[str] = ()) -> Path:
    """As ``place_in``, but nowhere in the archive, from which everything may be committed and published.

    Args:
        root: folder of the archive.
        target: a folder or file, existing or not.
        allowed: names of folders of the archive in which it may be.

    Raises:
        OutputError: it is in the archive, or ``place_in`` refuses it.
    """
    real = place_in(root, target)
    inside = list(_within(real, Path(os.path.realpath(root))))
    if inside and inside[-1].name not in allowed:
        or_in = f"，或它的 {'、'.join(f'{name}/' for name in allowed)} 里" if allowed else ""
        what = f"{shown(target)} 在馆藏的文件夹里，会跟着馆藏提交、发布出去。"
        raise OutputError(f"{what}放到馆藏外面{or_in}，什么也没有动。")
    return real


def _resolved(target: Path) -> Path:
    try:
        real = Path(os.path.realpath(target))
        if real.is_symlink():
            raise OutputError(f"{shown(target)} 是绕成圈的链接。换一个地方，什么也没有动。")
        real.parent.exists()
    except ValueError:
        raise OutputError(f"“{shown(target)}”里有不能用在文件名里的字符。换一个名字，什么也没有动。") from None
    except OSError as error:
        raise OutputError(f"{shown(target)} 用不了：{why(error)}。换一个地方，什么也没有动。") from None
    return real


def _same(one: Path, other: Path) -> bool:
    """Whether two paths are the same folder, also on case-insensitive disks or disks mounted twice."""
    try:
        return one == other or os.path.samefile(one, other)
    except OSError:
        return False


def _within(real: Path, archive: Path) -> Iterator[Path]:
    """The path and the folders above it, up to the archive; empty if it is not inside the archive."""
    inside: list[Path] = []
    for folder in (real, *real.parents):
        if _same(folder, archive):
            yield from inside
            return
        inside.append(folder)


def _source(inside: list[Path], archive: Path, allowed: Collection[str]) -> str:
    """The source folder of the archive that contains a path; empty for none."""
    top = inside[-1]
    for name in SOURCES:
        if name not in allowed and _same(top, archive / name):
            return name
    if top.name.startswith(".") or (top.name in SOURCES and top.name not in allowed):
        return top.name
    for folder in inside:
        if read_marker(folder):
            return ""
        if top.name not in allowed and folder.is_dir() and any(p.suffix.lower() == ".md" for p in folder.iterdir()):
            return folder.relative_to(top.parent).as_posix()
    return ""


def output_folder(root: str, target: Path, editions: Collection[str], setting: str = "--out") -> Path:
    """The real path of ``target``, links followed, if one of these editions may replace it.

    Args:
        root: folder of the archive.
        target: a folder, existing or not.
        editions: names of editions, see ``Marker.edition``.
        setting: what the user changes to choose another folder.

    Raises:
        OutputError: nothing of ours may be written there, or it contains files that are not ours.
        OSError: it cannot be read.
    """
    real = place_in(root, target)
    if os.path.lexists(real) and not real.is_dir():
        raise OutputError(f"{shown(target)} 是一个文件，要的是文件夹。换一个地方，什么也没有动。")
    if real == real.parent or os.path.ismount(real):
        raise OutputError(f"{shown(target)} 是一个盘的根。在里面建一个文件夹，放到那里，什么也没有动。")
    if real.is_dir() and any(real.iterdir()):
        _require_ours(real, target, editions, setting)
    return real


def _is_home(real: Path) -> bool:
    home = Path(os.path.realpath(Path.home()))
    others = home.parent != Path(home.anchor) and _same(real.parent, home.parent)
    return others or any(_same(real, folder) for folder in (home, *home.parents))


def _require_ours(real: Path, target: Path, editions: Collection[str], setting: str) -> None:
    marker = read_marker(real)
    if marker is None and has_marker(real):
        raise OutputError(not_our_marker(target, setting))
    if marker is None:
        foreign = f"{shown(target)} 里有别的文件，不是本程序生成的（没有 {MARKER}）。"
        if any((real / name).is_file() for name in OLD_SITE):
            old = "如果它是旧版程序生成的网站，把这个文件夹改名一次，再运行；以后就认得了。"
            raise OutputError(f"{foreign}{old}不是的话，换一个 {setting}。什么也没有动。")
        raise OutputError(f"{foreign}换一个 {setting}。什么也没有动。")
    if marker.edition not in editions:
        what = f"{shown(target)} 里放的是另一种（{shown(marker.edition)}），不能混在一起。"
        raise OutputError(f"{what}换一个 {setting}，或把这个文件夹改名。什么也没有动。")


def not_our_marker(target: Path, setting: str) -> str:
    """A message: a folder has a marker that this user's key did not sign.

    Args:
        target: the folder.
        setting: what the user changes to choose another folder.
    """
    what = f"{shown(target)} 里的 {MARKER} 不是这台电脑上的这个用户写的，被改过，或是旧版程序写的"
    why_kept = f"分不清里面哪些文件是程序的、哪些是您的（认自己写的，靠 {shown(config_folder())} 里的钥匙）"
    return f"{what}；{why_kept}。把这个文件夹改名，或换一个 {setting}，再运行。什么也没有动。"


def output_file(root: str, target: Path) -> Path:
    """The real path of ``target``, links followed, if a file may be written there.

    Raises:
        OutputError: nothing of ours may be written there, or it is not a regular file.
    """
    real = place_in(root, target)
    try:
        regular = stat.S_ISREG(real.stat().st_mode)
    except FileNotFoundError:
        return real
    except OSError as error:
        raise OutputError(f"{shown(target)} 用不了：{why(error)}。换一个地方，什么也没有动。") from None
    if not regular:
        raise OutputError(f"{shown(target)} 不是文件，不能写。换一个名字，什么也没有动。")
    return real


def write_fault(error: OSError, target: Path) -> str:
    """A message: what could not be written, why, and what to do; without a full stop.

    Args:
        error: the error of the system.
        target: the file or folder that was to be written.
    """
    if error.filename is None and error.errno == errno.ENOENT and "temporary directory" in str(error):
        return "没有能用的临时文件夹：都满了，或不许写。腾出磁盘空间，或用环境变量 TMPDIR 指一个别的文件夹"
    place = _failed_place(error, target)
    for folder, remedy in _helpers():
        if place.is_relative_to(folder) and not target.is_relative_to(folder):
            return f"写不进 {shown(folder)}：{why(error)}。腾出磁盘空间，检查权限，或用环境变量 {remedy}"
    what = "写不进" if place in (target, target.parent) else "读写不了"
    return f"{what} {shown(place)}：{why(error)}。检查磁盘空间与权限，或换一个地方"


def _helpers() -> Iterator[tuple[Path, str]]:
    """Folders for temporary files, each with the setting that selects another."""
    cache = cache_folder("work").parent
    yield cache, f"{ENVIRONMENT} 给缓存指一个别的文件夹"
    try:
        yield Path(tempfile.gettempdir()), "TMPDIR 给临时文件指一个别的文件夹"
    except OSError:
        return


def _failed_place(error: OSError, target: Path) -> Path:
    """The path that an error concerns; an error about a full disk may name none."""
    named = error.filename2 or error.filename
    if isinstance(named, (str, bytes)) and named:
        return _meant(Path(os.fsdecode(named)).absolute(), target, error)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        for folder in (target.parent, *(helper for helper, _ in _helpers())):
            if folder.is_dir() and shutil.disk_usage(folder).free < ALMOST_FULL:
                return target if folder == target.parent else folder
    return target


def _meant(place: Path, target: Path, error: OSError) -> Path:
    """The path to name in a message: the target for a file in its working folder, or the folder that is read-only."""
    if not place.is_relative_to(target.parent):
        return place
    first = place.relative_to(target.parent).parts[:1]
    if not first or not first[0].startswith(WORK_PREFIX):
        return target if first == (target.name,) else place
    forbidden = error.errno in (errno.EACCES, errno.EPERM, errno.EROFS) and place.parent == target.parent
    return target.parent if forbidden else target
