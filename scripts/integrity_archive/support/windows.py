"""Windows: its rules for file names and text files."""

from __future__ import annotations

import re

_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³]) *(\.|$)", re.I)
BOM = b"\xef\xbb\xbf"


def is_reserved(name: str) -> bool:
    """Whether Windows reserves a name, with any suffix (Microsoft, Naming Files, Paths, and Namespaces)."""
    return _RESERVED.match(name) is not None


def text_file(text: str, *, mark: bool) -> bytes:
    """The bytes of a text file for Windows: CR LF and, if ``mark``, a byte order mark.

    PowerShell 5 and Notepad read a file without the mark in the system's code page; cmd.exe reads the mark as a
    command.
    """
    return (BOM if mark else b"") + text.replace("\n", "\r\n").encode()
