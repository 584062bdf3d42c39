"""Completeness: puts files into a form in which a page can find out whether each was copied completely.

On ``file://`` a page cannot read other files and learns only whether one loads; and half a page or half a film loads.
So each type of file gets a form that answers only if it is complete (``assets/js/kiosk/check.js`` asks):

- a page is also a script: one long comment, and after it a line that runs only if the page was read to its end;
- a script, when it is loaded by the check, only reports itself; half of it is a syntax error;
- a style sheet ends with a rule for an element that only the check uses;
- a film has its index (``moov``, ISO/IEC 14496-12) after its frames: half of it has no duration.

For pictures and data the check only asks whether they load.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import NamedTuple

_SAY = 'document.currentScript.setAttribute("data-look","whole")'
_PAGE = ("<!--\n/*-->", f"<!--*/{_SAY}//-->\n")
"""In HTML two comments around the page; in JavaScript a line ``<!--`` is a comment too (ECMA-262, B.1.1)."""
_SCRIPT = ('if(!document.currentScript||!document.currentScript.hasAttribute("data-look")){', f"\n}}else {_SAY}\n")
_STYLE = ("", "\n.kiosk-look{--whole:1}\n")
_FORMS = {".html": _PAGE, ".js": _SCRIPT, ".css": _STYLE}
_MARKS = {b"\xff\xfe": ("utf-16-le", "surrogatepass"), b"\xef\xbb\xbf": ("utf-8", "surrogateescape")}
"""Byte order marks with encoding and error handler: the search's files are UTF-16."""
_RAW = re.compile(r"(<(script|style)\b[^>]*>)(.*?)(</\2>)", re.S | re.I)
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.S)
_OFFSETS = {b"stco": ">I", b"co64": ">Q"}
_WAY = (b"moov", b"trak", b"mdia", b"minf", b"stbl")


def with_end_marker(suffix: str, content: bytes) -> bytes:
    """A file's content in the form that proves it complete; unchanged if it has this form already or needs none."""
    if suffix == ".mp4":
        return _index_last(content)
    if suffix not in _FORMS:
        return content
    before, after = _FORMS[suffix]
    mark = next((m for m in _MARKS if content.startswith(m)), b"")
    encoding, errors = _MARKS.get(mark, ("utf-8", "surrogateescape"))
    text = content[len(mark) :].decode(encoding, errors)
    if text.startswith(before) and text.endswith(after):
        return content
    whole = f"{before}{_without_ends(text) if suffix == '.html' else text}{after}"
    return mark + whole.encode(encoding, errors)


def _without_ends(html: str) -> str:
    """A page without ``*/``, which would end the JavaScript comment around it."""
    if "*/" not in html:
        return html
    inside = _RAW.sub(lambda m: m[1] + _raw_without_ends(m[2].lower(), m[3]) + m[4], html)
    return inside.replace("*/", "*&#47;")


def _raw_without_ends(tag: str, text: str) -> str:
    """The text of a style or script, in which character references have no effect; scripts in pages are JSON data."""
    return _CSS_COMMENT.sub("", text) if tag == "style" else text.replace("*/", "*\\/")


class _Box(NamedTuple):
    """A box of an MP4 file."""

    kind: bytes
    start: int
    body: int
    end: int


def _boxes(raw: bytes | bytearray, start: int, end: int) -> Iterator[_Box]:
    while start + 8 <= end:
        size, kind = struct.unpack_from(">I4s", raw, start)
        head = 8
        if size == 1 and start + 16 <= end:
            size, head = struct.unpack_from(">Q", raw, start + 8)[0], 16
        if size == 0:
            size = end - start
        if size < head or start + size > end:
            return
        yield _Box(kind, start, start + head, start + size)
        start += size


def _index_last(raw: bytes) -> bytes:
    """An MP4 file with its index moved to the end; any other file unchanged."""
    boxes = [*_boxes(raw, 0, len(raw))]
    moovs = [b for b in boxes if b.kind == b"moov"]
    if len(moovs) != 1 or boxes[-1] == moovs[0] or boxes[-1].end != len(raw) or any(b.kind == b"moof" for b in boxes):
        return raw
    moov = moovs[0]
    size = moov.end - moov.start
    index = bytearray(raw[moov.start : moov.end])
    for table in _tables(index, 0, size, _WAY):
        form = _OFFSETS[table.kind]
        count = struct.unpack_from(">I", index, table.body + 4)[0]
        for at in range(table.body + 8, table.body + 8 + count * struct.calcsize(form), struct.calcsize(form)):
            offset = struct.unpack_from(form, index, at)[0]
            if offset >= moov.end:
                struct.pack_into(form, index, at, offset - size)
    return raw[: moov.start] + raw[moov.end :] + bytes(index)


def _tables(raw: bytearray, start: int, end: int, way: tuple[bytes, ...]) -> Iterator[_Box]:
    """The tables with the positions in the file of each track's data."""
    for box in _boxes(raw, start, end):
        if way and box.kind == way[0]:
            yield from _tables(raw, box.body, box.end, way[1:])
        elif not way and box.kind in _OFFSETS:
            yield box
