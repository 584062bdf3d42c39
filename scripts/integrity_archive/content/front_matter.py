"""Front matter: the YAML between two ``---`` lines, with the line of every value.

MkDocs reports no error in a broken front matter but prints it on the page, so the archive has its own reader.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from integrity_archive.content.markup.line_breaks import separator
from integrity_archive.content.model.field_types import Loc
from integrity_archive.content.text_files import UNTYPED, invisible_problem, untyped_fault, without_invisible
from integrity_archive.content.yaml_hints import QUOTE_ALL, dash_fault, syntax_problem
from integrity_archive.support.problems import Problem, Severity, errors, shorten

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # PyYAML built without libyaml
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

_FENCE = re.compile(r"^---[ \t]*$", re.M)
_LINE_END = "\ue000"
"""Marks the end of a line in a text that is read again; no text contains it (``UNTYPED``)."""
_FOLDED = re.compile(rf"(\S){_LINE_END} (?=(\S))")
_DATE = re.compile(r"^\d{4}-\d{1,2}-\d{1,2}$")
DEPTH_LIMIT = 12
"""Deepest nesting that is read; the model needs five levels."""


@dataclass(frozen=True)
class Tree:
    """Plain values, and the line of each."""

    values: dict[str, Any]
    lines: Mapping[Loc, int]
    blocks: Mapping[Loc, int] = field(default_factory=dict)
    """Line of the first row of each literal block (``|``), which is the one below its field."""
    tags: Mapping[Loc, str] = field(default_factory=dict)
    """Tag of every value without quotes that YAML 1.1 does not read as text: ``int`` (``0123`` too), ``!ENV`` …"""

    def line(self, loc: Loc) -> int:
        """Line of the value at ``loc``, or of the nearest value that contains it."""
        while loc not in self.lines and loc:
            loc = loc[:-1]
        return self.lines.get(loc, 1)

    def line_within(self, loc: Loc, row: int) -> int:
        """Line of a row (from 0) of the text at ``loc``: exact for a literal block, else the line of the value."""
        return self.blocks[loc] + row if loc in self.blocks else self.line(loc)


@dataclass(frozen=True)
class FrontMatter:
    """A Markdown file, divided into front matter and body."""

    tree: Tree
    body: str
    body_line: int
    """Line of the file at which the body begins."""


def split(text: str, path: str) -> tuple[FrontMatter | None, list[Problem]]:
    """Divide a Markdown file into front matter and body."""
    remedy = "在文件最前面写 --- ，逐行写字段，再写一行 ---"
    if not _FENCE.match(text):
        return None, [Problem(path, 1, "", "", "缺少文件头（front matter）", remedy, "front-matter-missing")]
    opening = text.index("\n") + 1 if "\n" in text else len(text)
    closing = _FENCE.search(text, opening)
    if closing is None:
        return None, [Problem(path, 1, "", "", "文件头没有结束", "在字段之后单独写一行 ---", "front-matter-unclosed")]
    tree, problems = parse_yaml(text[opening : closing.start()], path, first_line=2)
    if errors(problems):
        return None, problems
    body = text[closing.end() :].lstrip("\n")
    body_line = text.count("\n", 0, len(text) - len(body)) + 1
    return FrontMatter(tree, body, body_line), problems


def plain_yaml(text: str) -> Any:
    """The values of a YAML text, without the lines where they stand.

    Raises:
        yaml.YAMLError: it is no YAML.
    """
    return yaml.load(text, _Loader)


def parse_yaml(text: str, path: str, first_line: int) -> tuple[Tree, list[Problem]]:
    """Parse a YAML mapping. ``first_line`` is the line of the file at which ``text`` begins."""
    nothing = Tree({}, {})
    if _deeper_than(text, DEPTH_LIMIT):
        return nothing, [Problem(path, first_line, "", "", "嵌套太深", "对照手册减少层级", "yaml-depth")]
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        return nothing, [syntax_problem(error, text, path, first_line)]
    except RecursionError:
        return nothing, [Problem(path, first_line, "", "", "嵌套太深", "对照手册减少层级", "yaml-depth")]
    except yaml.YAMLError:
        return nothing, [Problem(path, first_line, "", "", "YAML 写法有误", "对照手册里的例子修改", "yaml")]
    if not isinstance(node, yaml.MappingNode):
        what = "文件头里没有字段"
        return nothing, [Problem(path, first_line, "", "", what, "每行写“字段: 值”，冒号用半角并留一个空格", "yaml")]
    reader = _Reader(path, first_line, text.split("\n"))
    values = reader.read(node, ())
    return Tree(values, reader.lines, reader.blocks, reader.tags), reader.problems


def _deeper_than(text: str, limit: int) -> bool:
    """Whether the nesting may exceed ``limit``; estimated from the text, because the parser itself is recursive."""
    depth = 0
    for c in re.findall(r"[\[\]{}]", text):
        depth += 1 if c in "[{" else -1
        if depth > limit:
            return True
    indents = [len(m) for m in re.findall(r"^([ -]+)\S", text, re.M)]
    return max(indents, default=0) > 16 * limit


class _Reader:
    """Converts YAML nodes to plain values, records their lines, and reports what an author cannot have intended."""

    def __init__(self, path: str, first_line: int, rows: list[str]) -> None:
        self.rows = rows
        self.path = path
        self.first_line = first_line
        self.lines: dict[Loc, int] = {}
        self.blocks: dict[Loc, int] = {}
        self.tags: dict[Loc, str] = {}
        self.problems: list[Problem] = []
        self._seen: set[int] = set()

    def read(self, node: yaml.Node, loc: Loc) -> Any:
        line = node.start_mark.line + self.first_line
        self.lines.setdefault(loc, line)
        tag = node.tag.removeprefix("tag:yaml.org,2002:")
        if tag not in ("str", "seq", "map"):
            self.tags[loc] = tag
        if isinstance(node, yaml.ScalarNode):
            if node.style == "|":
                self.blocks[loc] = line + 1
            # An escape sequence in quotation marks may give a character that is not allowed in the file itself.
            if untyped := UNTYPED.search(str(node.value).replace("\n", "").replace("\t", "")):
                self._report(line, loc, "", *untyped_fault(untyped[0]), "control-character")
            if not node.style:
                self._plain(node, loc)
            value = _scalar(node)
            return self._text(node, value, loc) if isinstance(value, str) else value
        if id(node) in self._seen:
            self._report(
                line, loc, "", "用了 YAML 锚点或别名（& *）", "直接写出内容；值以 & 或 * 开头时加引号", "yaml-alias"
            )
            return None
        self._seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            return [self.read(item, (*loc, index)) for index, item in enumerate(node.value)]
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "?"
            here = (*loc, key)
            key_line = key_node.start_mark.line + self.first_line
            if key in values:
                first = self.lines[here]
                self._report(key_line, here, "", f"字段写了两次，第一次在第 {first} 行", "只留一处", "duplicate-key")
                continue
            self.lines[here] = key_line
            values[key] = self.read(value_node, here)
            if values[key] is None and "#" in self.rows[key_line - self.first_line]:
                what = "井号 # 后面的字被当成注释，字段成了空的"
                self._report(key_line, here, "", what, "整个值用引号括起来", "yaml-comment")
        return values

    def _plain(self, node: yaml.ScalarNode, loc: Loc) -> None:
        """Report what an author meant otherwise in a value without quotes: items of a list, and ``#``."""
        start, end = node.start_mark, node.end_mark
        for number in range(start.line, min(end.line + 1, len(self.rows))):
            whole = number > start.line or not self.rows[number][: start.column].strip()
            if whole and self.rows[number].strip() and (fault := dash_fault(self.rows[number])):
                written = self.rows[number].strip()
                self._report(number + self.first_line, loc, written, *fault, "yaml-list")
                return
        rest = self.rows[end.line][end.column :] if end.line < len(self.rows) else ""
        if node.value and node.tag.endswith(":str") and re.match(r"\s+#\S", rest):
            what = f"井号起被当成注释，值只到“{shorten(str(node.value))}”"
            remedy = f"{QUOTE_ALL}；真是注释，就在 # 后面留一个空格"
            self._report(end.line + self.first_line, loc, rest.strip(), what, remedy, "yaml-comment", "warning")

    def _text(self, node: yaml.ScalarNode, value: str, loc: Loc) -> str:
        """A text without what its escape sequences say and nobody sees, and without gaps where its lines end."""
        text, found = without_invisible(self._joined(node, value))
        if found:
            characters = "".join(dropped for _, dropped in found)
            self.problems.append(
                invisible_problem(self.path, node.start_mark.line + self.first_line, field_name(loc), characters)
            )
        return text

    def _joined(self, node: yaml.ScalarNode, value: str) -> str:
        """A text on several lines without the spaces that YAML leaves between them, where Chinese has none."""
        first, last = node.start_mark, node.end_mark
        if first.line == last.line or node.style == "|" or " " not in value:
            return value
        rows = [self.rows[first.line][first.column :], *self.rows[first.line + 1 : last.line]]
        rows.append(self.rows[last.line][: last.column] if last.line < len(self.rows) else "")
        # YAML itself says which spaces are line breaks: the text is read again with a mark at every end of a line.
        start = 1 if node.style == ">" else 0
        marked = [row.rstrip() + _LINE_END if n >= start and row.strip() else row for n, row in enumerate(rows[:-1])]
        try:
            again = str(plain_yaml("_: " + "\n".join([*marked, rows[-1]]))["_"])
        except (yaml.YAMLError, TypeError, KeyError):
            return value
        if again.replace(_LINE_END, "") != node.value:
            return value
        return _FOLDED.sub(lambda m: m[1] + separator(m[1], m[2]), again).replace(_LINE_END, "")

    def _report(
        self, line: int, loc: Loc, value: str, what: str, remedy: str, rule: str, severity: Severity = "error"
    ) -> None:
        self.problems.append(Problem(self.path, line, field_name(loc), value, what, remedy, rule, severity=severity))


def _scalar(node: yaml.ScalarNode) -> Any:
    """The plain value; YAML 1.1's octal and sexagesimal numbers remain text, as the author typed them."""
    kind, text = node.tag.rsplit(":", 1)[-1], str(node.value)
    if kind == "null":
        return None
    if kind == "bool" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if kind == "int" and re.fullmatch(r"[-+]?(0|[1-9]\d{0,17})", text):
        return int(text)
    if kind == "float" and re.fullmatch(r"[-+]?\d{1,15}\.\d{1,15}", text):
        return float(text)
    if not node.style and _DATE.match(text):
        try:
            return datetime.date(*map(int, text.split("-")))
        except ValueError:
            return text
    return text


def field_name(loc: Loc) -> str:
    """A location as displayed to authors: ``sources[1].work``, list items counted from 1."""
    name = ""
    for part in loc:
        name += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if name else str(part)
    return name
