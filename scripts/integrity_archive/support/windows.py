"""Windows: what its computers want of file names and of text files."""

from __future__ import annotations

import re

_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9]|lpt[0-9]) *(\.|$)", re.I)
BOM = b"\xef\xbb\xbf"


def is_reserved(name: str) -> bool:
    """Whether Windows keeps a name for itself, with any suffix (Microsoft, Naming Files, Paths, and Namespaces)."""
    return _RESERVED.match(name) is not None


def text_file(text: str, *, mark: bool) -> bytes:
    """A text file as Windows reads it; ``mark``: whether it begins with the mark for UTF-8.

    PowerShell 5 and Notepad take a file without one for the system's code page; cmd.exe takes the mark for a command.
    """
    return (BOM if mark else b"") + text.replace("\n", "\r\n").encode()
