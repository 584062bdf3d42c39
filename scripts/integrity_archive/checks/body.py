"""Rules on the text of bodies: HTML, characters and headings."""

from __future__ import annotations

from collections.abc import Iterator

from integrity_archive.checks.context import CheckContext, Converted
from integrity_archive.checks.places import body_problem
from integrity_archive.checks.rule import BODY, ENTRY, rule
from integrity_archive.content.entry import Entry
from integrity_archive.content.sanitizer import SCHEMES
from integrity_archive.support.problems import Problem


@rule(scope=BODY)
def raw_html(text: Converted, context: CheckContext) -> Iterator[Problem]:
    """HTML in a body that is not in the list of allowed elements, and attributes that could run code."""
    document, body = text.document, text.body
    for tag in body.raw:
        what, remedy = "正文里不能写这样的 HTML", "改用 Markdown 写法；要显示尖括号就写 &lt;"
        yield body_problem(document, tag.line, tag.text, what, remedy, "raw-html")
    for name in body.attributes:
        what, remedy = "不能给文字加这样的属性", "删去花括号里的这一项"
        yield body_problem(document, name.line, name.text, what, remedy, "raw-html")


@rule(scope=BODY)
def sanitized_html(text: Converted, context: CheckContext) -> Iterator[Problem]:
    """Code that only the sanitizer found."""
    body = text.body
    reported = "\n".join(tag.text.lower() for tag in (*body.raw, *body.attributes))
    if any(link.scheme not in ("", *SCHEMES) for link in body.links):
        reported += "\nhref\nsrc"
    for removed in body.removed:
        if removed.text.lower().rstrip(">") not in reported:
            what, remedy = "正文里不能有这样的写法", "删去它；代码块的花括号里只写语言，如 ```python"
            yield body_problem(text.document, removed.line, removed.text, what, remedy, "raw-html")


@rule(scope=BODY)
def character_references(text: Converted, context: CheckContext) -> Iterator[Problem]:
    """Character references (``&#…;``) that are not text."""
    for code in text.body.codes:
        what, remedy = "这个字符码不是文字，别的电脑上没有这个字", "删去它，直接写字"
        yield body_problem(text.document, code.line, code.text, what, remedy, "control-character")


@rule(scope=BODY)
def invisible_references(text: Converted, context: CheckContext) -> Iterator[Problem]:
    """Character references to characters that nobody sees."""
    for code in text.body.invisible:
        what, remedy = "这个字符码代表看不见的字符，没有收", "删去它"
        yield body_problem(text.document, code.line, code.text, what, remedy, "invisible", severity="warning")


@rule(scope=ENTRY)
def first_level_headings(entry: Entry, context: CheckContext) -> Iterator[Problem]:
    """A heading of level 1 in the body of an entry."""
    body = context.bodies.get(entry.document.path)
    for heading in body.headings if body else ():
        if heading.level == 1:
            what, remedy = "正文里有一级标题，题名已经是一级", "改成 ## 小标题"
            yield body_problem(entry.document, 0, heading.text, what, remedy, "heading", severity="warning")
