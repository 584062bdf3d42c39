"""Rules on the links and pictures of bodies."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from integrity_archive.archive.publication import file_at
from integrity_archive.checks.context import CheckContext, Converted
from integrity_archive.checks.media import file_fault, looks_the_same
from integrity_archive.checks.places import body_problem
from integrity_archive.checks.references import hidden_fault
from integrity_archive.checks.rule import BODY, rule
from integrity_archive.content.entry import Document, Entry, Reach, companion
from integrity_archive.content.loader import introduces
from integrity_archive.content.markup.markdown import Link
from integrity_archive.content.markup.media_fragments import time_span
from integrity_archive.content.markup.sanitizer import SCHEMES
from integrity_archive.content.model.schema import Video
from integrity_archive.support.problems import Problem, nearest


@rule(scope=BODY)
def links(text: Converted, context: CheckContext) -> Iterator[Problem]:
    """Links and images of the bodies that are broken, hidden, unsafe or without a description."""
    for link in text.body.links:
        value = link.written or link.alt
        for fault in _link_faults(context, text.document, link):
            yield body_problem(text.document, link.line, value, *fault)


def _link_faults(context: CheckContext, document: Document, link: Link) -> Iterator[tuple[str, str, str]]:
    if link.image and not link.alt.strip():
        yield "图片没有文字说明", "写成 ![说明](文件名)，说清图上是什么", "image-alt"
    if not link.written.strip():
        yield "链接是空的", "在圆括号里写上要去的文件或网址", "broken-link"
        return
    if link.scheme:
        if len(link.scheme) == 1:
            yield "这是本机的路径，别人打不开", "把文件放进条目的文件夹，写文件名", "broken-link"
        elif link.scheme not in SCHEMES:
            yield f"不能用 {link.scheme} 链接", "只用 http、https、mailto 或相对路径", "link-scheme"
        elif link.image:
            yield "图片在馆外，U 盘上看不到", "把图片存进条目的文件夹", "media-outside"
        return
    if link.written.startswith("/"):
        yield "以 / 开头的链接在 U 盘上打不开", "写从本文件出发的相对路径", "broken-link"
        return
    if link.image:
        fault = file_fault(context, document, link.target and posixpath.relpath(link.target, document.folder))
        if fault:
            yield fault
        return
    yield from _page_link_faults(context, document, link)


def _page_link_faults(context: CheckContext, document: Document, link: Link) -> Iterator[tuple[str, str, str]]:
    known = (context.loaded.files, context.collection_pages)
    candidates = (file_at(files, link.target) for files in known) if link.target else (document.path,)
    path = next(filter(None, candidates), None)
    if path is None:
        if fault := looks_the_same(context, link.target):
            yield fault
            return
        yield "链接的文件不存在", _link_remedy(context, document, link), "broken-link"
        return
    reach = Reach.PUBLIC if introduces(path) else context.owners.reach(path)  # a list exists without its introduction
    if path.endswith(".md") and reach > context.owners.reach(document.path):
        yield (*hidden_fault(reach), "hidden-reference")
    if companion(path) == "handout":
        yield "讲义不是网页，打不开", "删去链接；讲义在教师资料包里", "broken-link"
    body, target = context.bodies.get(path), context.entry_at.get(path)
    if isinstance(target, Entry) and isinstance(target.meta, Video) and time_span(link.anchor):
        return
    if link.anchor and body and link.anchor not in body.anchors:
        guess = nearest(link.anchor, body.anchors)
        remedy = f"是不是“#{guess}”？" if guess else "去掉 # 后面的部分，或在目标处加标题"
        yield f"目标页没有“#{link.anchor}”这个位置", remedy, "broken-anchor"


def _link_remedy(context: CheckContext, document: Document, link: Link) -> str:
    if link.written.startswith("www."):
        return f"馆外的网址写全：https://{link.written}"
    slugs = {_slug(f): f for f in sorted(context.loaded.files) if f.endswith(".md") and f != document.path}
    guess = nearest(_slug(link.target), slugs)
    if guess is None:
        return "写从本文件到目标 .md 文件的相对路径"
    return f"是不是“{posixpath.relpath(slugs[guess], document.folder)}”？"


def _slug(path: str) -> str:
    return path.removesuffix(".md").removesuffix("/index").rsplit("/", 1)[-1]
