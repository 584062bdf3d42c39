"""Pictures on pages: each image of pixels gets its width and height, so that nothing moves while it loads, and lighter
copies to choose from. Works on finished pages, so that bodies, covers and slides are treated alike.
"""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Mapping
from urllib.parse import quote, unquote

from integrity_archive.intake.renditions import Renditions, narrow_uri

_IMAGE = re.compile(r"<img\b[^>]*>")
_ATTRIBUTE = re.compile(r"""\s([a-z]+)="([^"]*)\"""")
TEXT = "(min-width: 46em) 43rem, 100vw"
"""Width of the text column, ``--measure``, to browsers that choose a copy before they have read the style sheets."""
COVER_BOX = (320, 240)
"""Greatest width and height of a cover at the head of its page, in pixels: 20 and 15 rem, see ``entry.css``."""
SLIDE = "100vw"


def with_renditions(page: str, url: str, pictures: Mapping[str, Renditions], *, slides: bool = False) -> str:
    """The page ``page`` at ``url`` with sizes and lighter copies for the images that are among ``pictures``.

    Args:
        page: HTML.
        url: its address below the site's root.
        pictures: renditions by the picture's place in the site.
        slides: whether its images are shown as large as the screen.
    """
    folder = posixpath.dirname(url)

    def image(found: re.Match[str]) -> str:
        tag = found[0]
        attributes = {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(tag)}
        uri = posixpath.normpath(posixpath.join(folder, unquote(attributes.get("src", ""))))
        picture = pictures.get(uri)
        if picture is None:
            return tag
        box = COVER_BOX if "entry__cover" in attributes.get("class", "") else (picture.width, picture.height)
        added = _sides(picture, attributes, box) | _copies(picture, uri, folder)
        if "srcset" in added:
            own = attributes.get("width", "") or (added["width"] if box == COVER_BOX else "")
            added["sizes"] = f"{own}px" if own.isdigit() else SLIDE if slides else TEXT
        words = "".join(f' {name}="{html.escape(value)}"' for name, value in added.items())
        end = "/>" if tag.endswith("/>") else ">"
        return f"{tag[: -len(end)].rstrip()}{words}{' ' if end == '/>' else ''}{end}"

    return _IMAGE.sub(image, page) if pictures else page


def _sides(picture: Renditions, attributes: Mapping[str, str], box: tuple[int, int]) -> dict[str, str]:
    """Width and height within ``box``, as far as the author gave none; what is given keeps the proportion."""
    width, height = attributes.get("width", ""), attributes.get("height", "")
    if width and height:
        return {}
    if width.isdigit():
        return {"height": str(max(1, round(int(width) * picture.height / picture.width)))}
    if height.isdigit():
        return {"width": str(max(1, round(int(height) * picture.width / picture.height)))}
    scale = min(1.0, box[0] / picture.width, box[1] / picture.height)
    return {"width": str(max(1, round(picture.width * scale))), "height": str(max(1, round(picture.height * scale)))}


def _copies(picture: Renditions, uri: str, folder: str) -> dict[str, str]:
    """The copies by width, the whole picture last; none for a picture that is narrow itself or that moves."""
    widths = [width for width, _ in picture.narrower if width < picture.width]
    if not widths or picture.moves:
        return {}
    named = [(narrow_uri(uri, width), width) for width in widths] + [(uri, picture.width)]
    return {"srcset": ", ".join(f"{quote(posixpath.relpath(to, folder or '.'))} {width}w" for to, width in named)}
