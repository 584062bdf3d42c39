"""SVG: which content is allowed in published drawings: nothing that loads, runs or leads elsewhere.

In a page a drawing is an image, and its scripts do not run; but opened by itself it is a document that can run scripts
(https://www.w3.org/TR/SVG2/conform.html#processing-modes).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from integrity_archive.content.text_files import UNTYPED, untyped_fault

SIZE_LIMIT = 8 << 20
"""Largest drawing that is read, in bytes."""
DEPTH_LIMIT = 64
"""Deepest nesting of elements."""
AGAIN = "在画图软件里删去它，或另存为“普通 SVG”；再不行就导出成 PNG"

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_ACTING = ("http://www.w3.org/1999/xhtml", "http://www.w3.org/1998/Math/MathML", "http://www.w3.org/2001/xml-events",
           "http://www.w3.org/1999/XSL/Transform", "http://www.w3.org/2001/XInclude")  # fmt: skip
"""Namespaces whose elements have an effect in programs; namespaces of drawing programs have none and are allowed."""
_ELEMENTS = frozenset([
    "a", "animate", "animateMotion", "animateTransform", "circle", "clipPath", "defs", "desc", "ellipse",
    "feBlend", "feColorMatrix", "feComponentTransfer", "feComposite", "feConvolveMatrix", "feDiffuseLighting",
    "feDisplacementMap", "feDistantLight", "feDropShadow", "feFlood", "feFuncA", "feFuncB", "feFuncG",
    "feFuncR", "feGaussianBlur", "feImage", "feMerge", "feMergeNode", "feMorphology", "feOffset",
    "fePointLight", "feSpecularLighting", "feSpotLight", "feTile", "feTurbulence", "filter", "font",
    "font-face", "font-face-name", "font-face-src", "g", "glyph", "glyphRef", "hkern", "image", "line",
    "linearGradient", "marker", "mask", "metadata", "missing-glyph", "mpath", "path", "pattern", "polygon",
    "polyline", "radialGradient", "rect", "set", "solidcolor", "stop", "style", "svg", "switch", "symbol",
    "text", "textPath", "title", "tspan", "use", "view", "vkern",
])  # fmt: skip
_DECLARATION = re.compile(rb"<!(?:ENTITY|ATTLIST|ELEMENT|NOTATION)\b", re.I)
"""Declarations that can add attributes and content from elsewhere."""
_PICTURE_DATA = re.compile(r"data:image/(?:png|jpe?g|gif|webp);base64,[A-Za-z0-9+/=]*")
_URL = re.compile(r"url\(\s*(?:[\"']\s*)?(?!\s*[\"']?#)", re.I)
_CSS = re.compile(r"\\|@import|@font-face|image-set\(|\bimage\(|\bsrc\(|expression\(|-moz-binding|behavior:", re.I)
_SCRIPT = re.compile(r"(?:java|vb|live)script:", re.I)
_SPACE = re.compile(r"[\x00-\x20\x7f-\xa0]+")
_ANIMATED = ("href", "style", "class")


@dataclass(frozen=True)
class Fault:
    """Content that is not allowed in a drawing."""

    line: int
    """Counted from 1; 0 for the whole file."""
    value: str
    what: str
    """In Chinese."""
    remedy: str


def svg_faults(data: bytes) -> Iterator[Fault]:
    """Everything that is not allowed in a drawing, given as the bytes of its file."""
    if len(data) > SIZE_LIMIT:
        yield Fault(0, "", f"大于 {SIZE_LIMIT >> 20} MB", "导出成 PNG，或减少其中的点")
        return
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        yield Fault(0, "", "不是 UTF-8 编码", "另存为 UTF-8")
        return
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", 0) or 0
        yield Fault(line, "", "不是完整的 SVG，读到这里读不下去", "重新导出一次")
        return
    if declared := _DECLARATION.search(data):
        yield Fault(data.count(b"\n", 0, declared.start()) + 1, declared[0].decode(), "里面有声明", AGAIN)
    if untyped := UNTYPED.search(_SPACE.sub(" ", str(root.xpath("string()")))):
        yield Fault(0, "", *untyped_fault(untyped[0]))
    yield from _head_faults(root)
    yield from _element_faults(root)


def _head_faults(root: Any) -> Iterator[Fault]:
    """Faults before the root element."""
    tree = root.getroottree()
    if (tree.docinfo.encoding or "UTF-8").upper() not in ("UTF-8", "ASCII", "US-ASCII"):
        yield Fault(1, tree.docinfo.encoding, "不是 UTF-8 编码", "另存为 UTF-8")
    before = root.getprevious()
    while before is not None:
        if isinstance(before, etree._ProcessingInstruction):
            yield Fault(before.sourceline or 1, f"<?{before.target}?>", "会装入别的文件", AGAIN)
        before = before.getprevious()


def _element_faults(root: Any) -> Iterator[Fault]:
    pending = [(root, 1)]
    while pending:
        element, depth = pending.pop()
        line = element.sourceline or 0
        if depth > DEPTH_LIMIT:
            yield Fault(line, "", f"嵌套超过 {DEPTH_LIMIT} 层", "在画图软件里取消编组，再导出")
            continue
        if isinstance(element, etree._ProcessingInstruction | etree._Entity):
            yield Fault(line, element.text or "", "里面有处理指令或实体", AGAIN)
        elif isinstance(element.tag, str):
            yield from _faults_of(element, line)
            pending += [(child, depth + 1) for child in reversed(element)]


def _faults_of(element: Any, line: int) -> Iterator[Fault]:
    name = etree.QName(element)
    if name.namespace in _ACTING or (name.namespace in (_SVG, None) and name.localname not in _ELEMENTS):
        yield Fault(line, f"<{name.localname}>", "图里不能有这样的东西：它会运行，或装入别的内容", AGAIN)
        return
    if name.namespace not in (_SVG, None):
        return
    if name.localname == "style":
        if len(element):  # browsers read the text around an element in it as one
            yield Fault(line, "<style>", "样式里有别的东西", AGAIN)
        yield from _style_faults("".join(element.itertext()), line, "<style>")
    for key, value in element.attrib.items():
        attribute = etree.QName(key)
        if attribute.namespace in (None, _SVG, _XLINK):
            yield from _attribute_faults(name.localname, attribute.localname, value, line)


def _attribute_faults(tag: str, name: str, value: str, line: int) -> Iterator[Fault]:
    attribute = f"{name}={value}"
    bare = _SPACE.sub("", value)
    if name.lower().startswith("on"):
        yield Fault(line, name, "图里不能有会运行的属性", AGAIN)
    elif _SCRIPT.search(bare):
        yield Fault(line, attribute, "图里不能有脚本", AGAIN)
    elif name in ("href", "src"):
        pictured = tag in ("image", "feImage") and _PICTURE_DATA.fullmatch(bare)
        if not (bare.startswith("#") or pictured):
            yield Fault(line, attribute, "图里连着别的地方", "在画图软件里删去链接；是图片就嵌入再导出")
    elif name == "attributeName" and (bare.split(":")[-1] in _ANIMATED or bare.lower().startswith("on")):
        yield Fault(line, attribute, "动画不能改链接和样式", AGAIN)
    elif name == "style" or "(" in value:
        yield from _style_faults(value, line, attribute)


def _style_faults(text: str, line: int, place: str) -> Iterator[Fault]:
    if _URL.search(text) or _CSS.search(text):
        yield Fault(line, place, "样式里连着别的地方", AGAIN)
