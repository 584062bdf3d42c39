"""XML elements: what feed and sitemap share."""

from __future__ import annotations

from xml.etree import ElementTree


def add_text(parent: ElementTree.Element, tag: str, text: str) -> None:
    """Add a child element with a text."""
    ElementTree.SubElement(parent, tag).text = text


def as_xml(root: ElementTree.Element) -> bytes:
    """The document, indented, in UTF-8."""
    ElementTree.indent(root)
    text: str = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()
