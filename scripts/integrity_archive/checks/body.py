"""Rules on the text of bodies: HTML and headings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from integrity_archive.checks.context import CheckContext, Rule
from integrity_archive.content.entry import Document
from integrity_archive.content.markdown import Body
from integrity_archive.content.sanitizer import SCHEMES
from integrity_archive.support.problems import Problem

if TYPE_CHECKING:
    pass


def raw_html(case: CheckContext) -> Iterator[Problem]:
    """HTML in a body that is not in the list of allowed elements, and attributes that could run code."""
    for path, document in case.documents.items():
        body = case.bodies.get(path)
        if not body:
            continue
        for tag in body.raw:
            line = document.body_line + tag.line
            yield Problem(
                path,
                line,
                "正文",
                tag.text,
                "正文里不能写这样的 HTML",
                "改用 Markdown 写法；要显示尖括号就写 &lt;",
                "raw-html",
            )
        for name in body.attributes:
            line = document.body_line + name.line
            yield Problem(path, line, "正文", name.text, "不能给文字加这样的属性", "删去花括号里的这一项", "raw-html")
        yield from _sanitized(document, body)


def _sanitized(document: Document, body: Body) -> Iterator[Problem]:
    """Code that only the sanitizer found, and character references that are not text."""
    reported = "\n".join(tag.text.lower() for tag in (*body.raw, *body.attributes))
    if any(link.scheme not in ("", *SCHEMES) for link in body.links):
        reported += "\nhref\nsrc"
    for removed in body.removed:
        if removed.text.lower().rstrip(">") not in reported:
            what, remedy = "正文里不能有这样的写法", "删去它；代码块的花括号里只写语言，如 ```python"
            yield Problem(
                document.path, document.body_line + removed.line, "正文", removed.text, what, remedy, "raw-html"
            )
    for code in body.codes:
        what, remedy = "这个字符码不是文字，别的电脑上没有这个字", "删去它，直接写字"
        yield Problem(
            document.path, document.body_line + code.line, "正文", code.text, what, remedy, "control-character"
        )


def first_level_headings(case: CheckContext) -> Iterator[Problem]:
    """A heading of level 1 in the body of an entry."""
    for entry in case.sound:
        body = case.bodies.get(entry.document.path)
        for heading in body.headings if body else ():
            if heading.level == 1:
                what, remedy = "正文里有一级标题，题名已经是一级", "改成 ## 小标题"
                line = entry.document.body_line
                yield Problem(entry.document.path, line, "正文", heading.text, what, remedy, "heading", "warning")


RULES = (
    raw_html,
    first_level_headings,
)
TOGETHER: tuple[Rule, ...] = ()
