"""Rules on pictures, by their content: what cannot be made right for readers, and what will not look as hoped."""

from __future__ import annotations

import os
from collections.abc import Iterator

from integrity_archive.archive.publication import file_at
from integrity_archive.checks.context import CheckContext, Converted
from integrity_archive.checks.places import body_problem, field_problem
from integrity_archive.checks.rule import BODY, WRITTEN_ENTRY, rule
from integrity_archive.content.entry import Entry, InvalidEntry
from integrity_archive.content.markup.svg import SIZE_LIMIT
from integrity_archive.content.model.marks import Media
from integrity_archive.intake.picture_file import (
    LONGEST,
    PICTURE_SUFFIXES,
    SIZE_REMEDY,
    PictureError,
    PictureInfo,
    is_raster,
    read_picture,
)
from integrity_archive.support.problems import Problem, Severity

HEAVY_DRAWING = 1 << 20
"""Bytes from which a drawing is slow to load and to show on a telephone."""
HEAVY_MOTION = 2 << 20
"""Bytes from which a moving picture is too heavy; it is given to readers as it is."""
SLENDER = 4
"""Longer side by shorter side from which little can be seen of a picture that is fitted into the limit."""

Fault = tuple[str, str, Severity]
"""Fault and remedy, in Chinese, and how grave it is."""


@rule(scope=BODY)
def body_pictures(text: Converted, context: CheckContext) -> Iterator[Problem]:
    """Pictures that a body shows or links."""
    for link in text.body.links:
        path = file_at(context.loaded.files, link.target) if link.target else None
        for what, remedy, severity in _faults(context, path):
            yield body_problem(text.document, link.line, link.written, what, remedy, "picture", severity=severity)


@rule(scope=WRITTEN_ENTRY)
def field_pictures(entry: Entry | InvalidEntry, context: CheckContext) -> Iterator[Problem]:
    """Pictures that an entry's fields name: covers, posters."""
    for value, mark in context.marked(entry, Media):
        path = entry.document.resolve(value.value)
        if mark.shown and path in context.loaded.files:
            for what, remedy, severity in _faults(context, path):
                yield field_problem(entry, value.loc, value.value, what, remedy, "picture", severity=severity)


def _faults(context: CheckContext, path: str | None) -> Iterator[Fault]:
    """What is wrong with the picture at a path below the root; nothing where the file is none."""
    if path is None or not path.lower().endswith(PICTURE_SUFFIXES):
        return
    full = os.path.join(context.loaded.root, *path.split("/"))
    try:
        if is_raster(path):
            yield from _raster_faults(read_picture(full))
        else:
            yield from _drawing_faults(full)
    except PictureError as error:
        yield error.what, error.remedy, "error"
    except OSError:
        yield "读不出来", "看看文件的权限，或重新拷贝一次", "error"


def _raster_faults(picture: PictureInfo) -> Iterator[Fault]:
    width, height = int(picture.width), int(picture.height)
    longer, shorter = max(width, height), min(width, height)
    if picture.animated and not picture.plain:
        yield "是动图，里面记着拍摄地点，或颜色、方向特别", "用看图软件另存一次，去掉拍摄信息；或改成影片", "error"
    elif picture.animated and (picture.bytes > HEAVY_MOTION or longer > LONGEST):
        what = f"是动图，{width}×{height} 像素，{picture.bytes / 1e6:.1f} MB，手机上打开很慢"
        yield what, "改成影片，或缩短、缩小", "warning"
    elif longer > LONGEST and longer > SLENDER * shorter:
        what = f"{width}×{height} 像素，太长，缩小到 {LONGEST} 像素就看不清了"
        yield what, "截成几段，一段一幅图", "warning"


def _drawing_faults(path: str) -> Iterator[Fault]:
    size = os.path.getsize(path)
    if not size:
        yield "是空的", "重新导出一次", "error"
        return
    if size > SIZE_LIMIT:
        return  # an error by itself, see ``checks.files.drawings``
    drawing = read_picture(path, framed=False)
    if size > HEAVY_DRAWING:
        yield f"有 {size / 1e6:.1f} MB，手机上打开很慢", "导出成 PNG，或减少其中的点", "warning"
    if not drawing.sized:
        yield "没有写宽高，网页上按 300×150 显示，会裁掉或留白", SIZE_REMEDY, "warning"
