"""ZIM: the archive as one file for Kiwix on tablets (https://wiki.openzim.org/wiki/ZIM_file_format).

The pages are unchanged; their own search reads its shards as scripts, which Kiwix serves like other files. Kiwix's own
search covers the titles.
"""

from __future__ import annotations

import datetime
import errno
import os
import shutil
from io import BytesIO
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser

from integrity_archive.archive.graph import Archive
from integrity_archive.archive.slugs import slugify
from integrity_archive.archive.stick_names import PAPERS
from integrity_archive.content.site_settings import Site
from integrity_archive.support.progress import Progress, no_progress
from integrity_archive.support.resources import overrides_dir
from integrity_archive.usb.manifest import Manifest

LANGUAGE = "zho"
"""ISO 639-3, as ZIM demands."""
ICON = 48
"""Width and height in pixels."""
LONGEST = 80
"""Most characters of a description (https://wiki.openzim.org/wiki/Metadata)."""


ROOM = 20_000_000
"""Bytes for libzim's own index and tables."""


class ZimMissingError(Exception):
    """The library that writes ZIM files is not installed; it is optional because of its licence."""


def write_zim(
    site: Path, manifest: Manifest, archive: Archive, about: Site, out: str, progress: Progress = no_progress
) -> None:
    """Write the files of a built ``site`` into the ZIM file ``out``, which must not exist yet.

    Raises:
        OSError: it cannot be written.
        ZimMissingError: libzim is not installed.
    """
    try:
        from integrity_archive.usb.zim_item import Creator, page
    except ImportError:
        raise ZimMissingError("还没有装 libzim。在本文件夹运行：.venv/bin/pip install -e '.[zim]'") from None
    titles = {entry.url: entry.meta.title for entry in archive.entries.values()}
    _require_room(manifest, Path(out).parent)
    try:
        with Creator(out).config_indexing(True, LANGUAGE) as creator:
            creator.set_mainpath("index.html")
            creator.add_illustration(ICON, _icon())
            for name, value in _metadata(manifest, about).items():
                creator.add_metadata(name, value)
            paths = [path for path in manifest.files if path not in PAPERS]
            for path in progress(paths, "装入 ZIM", len(paths)):
                title = titles.get(path) or (_title(site / path) if path.endswith(".html") else "")
                # Kiwix's own search finds only entries and the front page.
                front = path in titles or path == "index.html"
                creator.add_item(page(path, title, _type(manifest.files[path].type), site / path, front))
    except RuntimeError as error:
        raise OSError(str(error)) from None  # libzim reports all failures as RuntimeError, with a message only


def _require_room(manifest: Manifest, folder: Path) -> None:
    """Stop before libzim begins: on a full disk it may never end.

    Raises:
        OSError: the disk has not twice the size of the files, which are packed beside what they are packed from.
    """
    free, needed = shutil.disk_usage(folder).free, 2 * manifest.size + ROOM
    if free < needed:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))


def _metadata(manifest: Manifest, about: Site) -> dict[str, str | datetime.date]:
    description = about.description or about.name
    return {
        "Name": f"{slugify(about.name, fallback='archive')}_{LANGUAGE}_all",
        "Title": about.name[:30],
        "Creator": about.organiser or about.name,
        "Publisher": about.organiser or about.name,
        "Date": manifest.day or datetime.date(2000, 1, 1),
        "Description": description if len(description) <= LONGEST else description[: LONGEST - 1] + "…",
        "Language": LANGUAGE,
        "License": about.rights,
        "Scraper": f"integrity-archive {manifest.version}",
        "Flavour": manifest.id,
        "Tags": "_ftindex:yes;_pictures:yes;_videos:yes;_details:yes",
    }


def _type(type_: str) -> str:
    return f"{type_}; charset=utf-8" if type_ == "text/javascript" else type_


def _title(page: Path) -> str:
    title = LexborHTMLParser(page.read_text("utf-8")).css_first("title")
    return title.text().strip() if title else ""


def _icon() -> bytes:
    """The archive's logo as PNG."""
    import typst  # needed for this alone
    from PIL import Image

    mark = Path(overrides_dir(), "assets", "img", "mark.svg").read_bytes()
    square = f"#set page(width: {ICON}pt, height: {ICON}pt, margin: 0pt, fill: none)"
    page = square + "\n#image(bytes(sys.inputs.mark), width: 100%)"
    drawn = typst.compile(page.encode(), format="png", ppi=72, sys_inputs={"mark": mark.decode()})
    picture = BytesIO()
    Image.open(BytesIO(drawn)).convert("RGBA").resize((ICON, ICON)).save(picture, "PNG")
    return picture.getvalue()
