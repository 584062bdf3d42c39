"""QR codes: a page's public address to take away on a telephone."""

from __future__ import annotations

import io

_MASK = 3
"""One mask for all: choosing the best of eight costs six times as long and reads no better on a screen."""


def qr_svg(text: str) -> str:
    """An SVG of the QR code (ISO/IEC 18004, level M) of a text, black on white with the quiet zone it needs."""
    import segno  # most pages have no code

    code = segno.make(text, error="m", micro=False, boost_error=False, mask=_MASK)
    out = io.BytesIO()
    code.save(out, kind="svg", xmldecl=False, svgclass="qr", lineclass=None, border=4, light="#fff", omitsize=True)
    return out.getvalue().decode()
