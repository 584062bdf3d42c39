"""Fragment cache: ``{% cache key, … %} … {% endcache %}``, a part of a template that is rendered once for each key.

Page rendering is most of a big build, and header, footer and cards are the same on many pages. The values after the
tag's name must include everything that the part depends on and that differs between pages, above all ``base_url``.
Two parts of the templates never share a key: where a part stands (template and line) belongs to its key.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable

from jinja2 import Environment, nodes
from jinja2.ext import Extension
from jinja2.parser import Parser


class FragmentCache(Extension):
    """The tag ``cache``, with what was rendered for the environment it belongs to: MkDocs makes one for each build."""

    tags = {"cache"}  # noqa: RUF012 - the base class declares it so

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self._rendered: dict[Hashable, str] = {}

    def parse(self, parser: Parser) -> nodes.Node:
        """As Jinja asks: the tag as a call, whose caller renders the part."""
        line = next(parser.stream).lineno
        key = parser.parse_tuple()
        body = parser.parse_statements(("name:endcache",), drop_needle=True)
        place = [nodes.Const(parser.name), nodes.Const(line)]
        return nodes.CallBlock(self.call_method("_once", [*place, key]), [], [], body).set_lineno(line)

    def _once(self, template: str | None, line: int, key: Hashable, caller: Callable[[], str]) -> str:
        """The part at ``line`` of ``template`` for ``key``; rendered if it has not been."""
        whole = (template, line, key)
        if whole not in self._rendered:
            self._rendered[whole] = caller()
        return self._rendered[whole]
