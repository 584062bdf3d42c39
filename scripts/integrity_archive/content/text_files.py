"""Reading text as authors really save it: every encoding is recognised or named, nothing is guessed or mangled."""

from __future__ import annotations

import codecs
import os
import re

from integrity_archive.support.problems import Problem, why

SIZE_LIMIT = 1 << 20
"""Largest Markdown or YAML file read, in bytes. A story of 1,500 characters has about 5 KB."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]")
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_text(root: str, path: str) -> tuple[str | None, list[Problem]]:
    """Read ``path`` below ``root`` as UTF-8 text with ``\\n`` line ends.

    Returns the text, or None when it cannot be used, and the problems found.
    """
    try:
        with open(os.path.join(root, *path.split("/")), "rb") as stream:
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


def _unreadable(error: OSError) -> tuple[str, str]:
    """What is wrong and what to do when the system will not give us a file."""
    if isinstance(error, FileNotFoundError):
        return "没有这个文件", "补上它；若当前文件夹不是馆藏，先进入馆藏的文件夹或用 --root 指明"
    if isinstance(error, PermissionError):
        return "没有读取的权限", "改文件的权限，或换有权限的账户"
    return f"读不出来（{why(error)}）", "检查磁盘与文件"


def decode(data: bytes, path: str) -> tuple[str | None, list[Problem]]:
    """Decode bytes that should be UTF-8; name the encoding when they are not."""
    problems: list[Problem] = []
    if data.startswith(codecs.BOM_UTF8):
        data = data[3:]
        problems.append(Problem(path, 1, "", "", "文件开头有 BOM 标记", "另存为“UTF-8（无 BOM）”", "bom", "warning"))
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
        what = f"有控制字符 U+{ord(control[0]):04X}"
        return None, [Problem(path, line, "", "", what, "删掉这个看不见的字符", "control-character")]
    return text, problems


def _encoding(path: str, line: int, name: str) -> Problem:
    remedy = (
        "在编辑器里“以编码重新打开”选 " + name + "，确认中文正常，再“以编码保存”选 UTF-8；"
        f"或运行 iconv -f {name} -t UTF-8 {path} > 新文件"
    )
    return Problem(path, line, "", "", f"文件是 {name} 编码，本馆只收 UTF-8", remedy, "encoding")
