"""Private keys: recognises the files that nobody but their owner may read."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

_BEGIN = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY|PuTTY-User-Key-File-)")
_HEAD = 128
"""Bytes of a file that show what it is."""
LARGEST = 1 << 16
"""Bytes of the largest file that is taken for a key; one of RSA with 16,384 bits has 13,000."""


def is_private_key(data: bytes) -> bool:
    """Whether the content of a file begins as a private key does: PEM (RFC 7468), OpenSSH, OpenPGP or PuTTY."""
    return _BEGIN.match(data) is not None


def holds_private_key(path: str | Path) -> bool:
    """Whether a file begins as a private key does; a link is not followed, and what cannot be read is none."""
    try:
        found = os.lstat(path)
        if not stat.S_ISREG(found.st_mode) or not 0 < found.st_size <= LARGEST:
            return False
        with open(path, "rb") as stream:
            return is_private_key(stream.read(_HEAD))
    except OSError:
        return False
