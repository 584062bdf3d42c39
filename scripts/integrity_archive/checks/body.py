"""Rules on the text of bodies: HTML, characters and headings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from integrity_archive.checks.context import CheckContext, Converted
from integrity_archive.checks.places import body_problem
from integrity_archive.checks.rule import BODY, ENTRY, rule
from integrity_archive.content.entry import Entry
from integrity_archive.content.markup.bounds import NESTING
from integrity_archive.content.markup.misread import Kind
from integrity_archive.content.markup.sanitizer import SCHEMES
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
def nesting(text: Converted, context: CheckContext) -> Iterator[Problem]:
    """Text so deep in quotations, lists, emphasis or links that not every output can contain it."""
    if deep := text.body.deep:
        what = f"引文、列表、强调、链接一层套一层，超过 {NESTING} 层，有的版本排不出来"
        yield body_problem(text.document, deep.line, deep.text, what, "少套几层", "too-much")


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


_MISREAD: Mapping[Kind, tuple[str, str]] = {
    "indented": ("行首有四个空格或制表符，这一段成了代码", "删去行首的空格；真是代码，就在前后各写一行 ```"),
    "long-row": ("这一行的格子比表头多，多出的不会显示", "补上表头的格，或删去多出的；格子里的竖线写成 \\|"),
    "no-table": ("没有认成表格", "表格前后各空一行，分隔行与表头的格数写得一样"),
    "note-without-text": ("脚注没有注文，记号照原样印出来", "另起一行写 [^1]: 注文；不是脚注，就把 [ 写成 \\["),
    "note-without-mark": ("脚注的注文没有地方用到", "在正文里要注的地方写上同样的记号，如 [^1]"),
    "note-colon": ("脚注的冒号是全角的，没有认成注文", "改成半角冒号加一个空格"),
    "wide-note": ("脚注的括号是全角的，没有认出来", "括号改成半角 [ ]"),
    "wide-link": ("括号是全角的，没有认成链接或图片", "括号都改成半角：[文字](文件名)、![说明](文件名)"),
    "wide-image": ("感叹号是全角的，图片成了链接", "改成半角：![说明](文件名)"),
    "wiki-link": ("没有认成链接，照原样印出来", "写成 [文字](文件名.md)"),
    "stars": ("星号没有成对，照原样印出来", "粗体写成 **字**，星号与字之间不留空格；真要星号就写 \\*"),
    "tildes": ("不认删除线，波浪号照原样印出来", "删去波浪号"),
}
"""Fault and remedy, in Chinese."""


@rule(scope=BODY)
def misread_markdown(text: Converted, context: CheckContext) -> Iterator[Problem]:
    """Markdown that means something else than its writer thinks."""
    for misread in text.body.misread:
        fault = _MISREAD[misread.kind]
        yield body_problem(text.document, misread.line, misread.text, *fault, "misread", severity="warning")


@rule(scope=ENTRY)
def first_level_headings(entry: Entry, context: CheckContext) -> Iterator[Problem]:
    """A heading of level 1 in the body of an entry."""
    body = context.bodies.get(entry.document.path)
    for heading in body.headings if body else ():
        if heading.level == 1:
            what, remedy = "正文里有一级标题，题名已经是一级", "改成 ## 小标题"
            yield body_problem(entry.document, 0, heading.text, what, remedy, "heading", severity="warning")
