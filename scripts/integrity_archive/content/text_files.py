"""Text files: read as authors save them; every encoding is recognised or reported, nothing is guessed or damaged."""

from __future__ import annotations

import codecs
import os
import re
import stat

from integrity_archive.support.problems import Problem, why

SIZE_LIMIT = 1 << 20
"""Largest Markdown or YAML file that is read, in bytes. A story of 1,500 characters has about 5 KB."""

_NO_TEXT = r"\x7f-\x9f\u2028\u2029\ud800-\udfff\ue000-\uf8ff\ufffe\uffff\U000f0000-\U0010ffff"
_CONTROL = re.compile(rf"[\x00-\x08\x0b-\x1f{_NO_TEXT}]")
UNTYPED = re.compile(rf"[\x00-\x1f{_NO_TEXT}]")
"""Characters that are not text: control characters, line ends that only some programs know, surrogates, and the
private-use areas, which have no meaning common to two programs (https://www.unicode.org/faq/private_use.html)."""
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a]"
)
"""Characters that are not seen and mean nothing in a Chinese text: zero width, soft hyphens, directions. Telephones and
web pages leave them in what is copied. Joiners and variation selectors are not among them: they change what is seen."""
_JUNCTION = 0xA0000003
"""``IO_REPARSE_TAG_MOUNT_POINT`` (https://learn.microsoft.com/windows/win32/fileio/reparse-point-tags)."""
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_text(root: str, path: str) -> tuple[str | None, list[Problem]]:
    """Read ``path`` below ``root`` as UTF-8 text with ``\\n`` line ends. Links are not followed.

    Returns the text (None if it cannot be used) and the problems.
    """
    if linked := _link_on(root, path):
        return None, [link_problem(linked)]
    try:
        if not stat.S_ISREG(os.lstat(where := os.path.join(root, *path.split("/"))).st_mode):
            return None, [special_problem(path)]
        with open(where, "rb") as stream:
            data = stream.read(SIZE_LIMIT + 1)
    except OSError as error:
        return None, [Problem(path, 0, "", "", *_unreadable(error), "unreadable")]
    if len(data) > SIZE_LIMIT:
        return None, [
            Problem(
                path, 0, "", "", f"文件大于 {SIZE_LIMIT >> 20} MB", "拆成几个条目，图片和影片另存成文件", "too-large"
            )
        ]
    return decode(data, path)


def is_link(path: str) -> bool:
    """Whether a path is a symbolic link or a Windows junction."""
    try:
        status = os.lstat(path)
    except OSError:
        return False
    return stat.S_ISLNK(status.st_mode) or getattr(status, "st_reparse_tag", 0) == _JUNCTION


def link_problem(path: str) -> Problem:
    """The problem of a link below the archive's root."""
    what = "是符号链接，U 盘和压缩包带不走，没有读取"
    return Problem(path, 0, "", "", what, "把文件本身复制进来", "symlink")


def special_problem(path: str) -> Problem:
    """The problem of a pipe, device or folder in place of a file: reading it might never end."""
    return Problem(path, 0, "", "", "不是普通的文件，没有读取", "删去它，或换成真正的文件", "special-file")


def _link_on(root: str, path: str) -> str:
    """The first link on the path from the root to a file, as path below the root; empty for none."""
    parts = path.split("/")
    below = ("/".join(parts[:length]) for length in range(1, len(parts) + 1))
    return next((place for place in below if is_link(os.path.join(root, *place.split("/")))), "")


def _unreadable(error: OSError) -> tuple[str, str]:
    """Fault and remedy for a file that cannot be read."""
    if isinstance(error, FileNotFoundError):
        return "没有这个文件", "补上它；若当前文件夹不是馆藏，先进入馆藏的文件夹或用 --root 指明"
    if isinstance(error, PermissionError):
        return "没有读取的权限", "改文件的权限，或换有权限的账户"
    return f"读不出来（{why(error)}）", "检查磁盘与文件"


def decode(data: bytes, path: str) -> tuple[str | None, list[Problem]]:
    """Decode UTF-8 bytes; if they are not UTF-8, report the encoding."""
    problems: list[Problem] = []
    if data.startswith(codecs.BOM_UTF8):
        data = data[3:]
        problems.append(
            Problem(path, 1, "", "", "文件开头有 BOM 标记", "另存为“UTF-8（无 BOM）”", "bom", severity="warning")
        )
    if not data.strip():
        return None, [Problem(path, 0, "", "", "文件是空的", "写入内容，或删除这个文件", "empty")]
    if data.startswith(_UTF16) or data[:400].count(0) > 20:
        return None, [_encoding(path, 1, "UTF-16")]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        try:
            data.decode("gb18030")
        except UnicodeDecodeError:
            remedy = "用编辑器打开，选对原编码后另存为 UTF-8"
            return None, [Problem(path, line, "", "", "有不属于 UTF-8 的字节，认不出编码", remedy, "encoding")]
        return None, [_encoding(path, line, "GBK")]
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    control = _CONTROL.search(text)
    if control:
        line = text.count("\n", 0, control.start()) + 1
        return None, [Problem(path, line, "", "", *untyped_fault(control[0]), "control-character")]
    text, found = without_invisible(text)
    problems += (invisible_problem(path, line + 1, "", characters) for line, characters in found)
    return text, problems


def without_invisible(text: str) -> tuple[str, list[tuple[int, str]]]:
    """The text without invisible characters, and what was dropped: line, counted from 0, and characters."""
    if text.isascii() or not _INVISIBLE.search(text):
        return text, []
    rows = ((number, "".join(_INVISIBLE.findall(row))) for number, row in enumerate(text.split("\n")))
    return _INVISIBLE.sub("", text), [(number, dropped) for number, dropped in rows if dropped]


def invisible_problem(path: str, line: int, field: str, characters: str) -> Problem:
    """The reminder of invisible characters that were dropped."""
    names = "、".join(dict.fromkeys(f"U+{ord(character):04X}" for character in characters))
    what = f"有看不见的字符 {names}，没有收"
    return Problem(path, line, field, "", what, "把这一行重新打一遍，或删掉它们", "invisible", severity="warning")


def untyped_fault(character: str) -> tuple[str, str]:
    """Fault and remedy for a character of ``UNTYPED``."""
    code = f"U+{ord(character):04X}"
    if character in "\x85\u2028\u2029":
        return f"有看不见的换行符 {code}，多半是从网页或别的程序里粘来的", "删掉它；要换行就按回车"
    if ord(character) < 0xA0:
        return f"有控制字符 {code}", "删掉这个看不见的字符"
    return (
        f"有自造字区的字符 {code}，别的电脑上没有这个字，程序也不收",
        "删掉它；是生僻字就改用标准编码的字，或写明它由哪几部分合成",
    )


def _encoding(path: str, line: int, name: str) -> Problem:
    remedy = (
        "在编辑器里“以编码重新打开”选 " + name + "，确认中文正常，再“以编码保存”选 UTF-8；"
        f"或运行 iconv -f {name} -t UTF-8 {path} > 新文件"
    )
    return Problem(path, line, "", "", f"文件是 {name} 编码，本馆只收 UTF-8", remedy, "encoding")
