"""QR codes: a page's public address, to be read with a telephone."""

from __future__ import annotations

import io

_MASK = 3
"""The same mask for all codes: choosing the best of eight takes six times as long and scans no better from a screen."""


def qr_svg(text: str) -> str:
    """An SVG of the QR code (ISO/IEC 18004, level M) of a text, black on white with the quiet zone of the standard."""
    import segno  # most pages have no code

    code = segno.make(text, error="m", micro=False, boost_error=False, mask=_MASK)
    out = io.BytesIO()
    code.save(out, kind="svg", xmldecl=False, svgclass="qr", lineclass=None, border=4, light="#fff", omitsize=True)
    return out.getvalue().decode()
