"""Settings: checks of the parts of ``mkdocs.yml`` that the archive reads."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from integrity_archive.content.field_types import Loc
from integrity_archive.content.front_matter import Tree, parse_yaml
from integrity_archive.content.site_settings import OPTIONS
from integrity_archive.content.text_files import is_link, link_problem, read_text
from integrity_archive.support.problems import Problem, nearest
from integrity_archive.support.resources import overrides_dir

PATH = "mkdocs.yml"
PIN = re.compile(r"[0-9]{4,8}")
IDLE = range(20, 601)


def read_settings(root: str) -> tuple[Tree, list[Problem]]:
    """The settings as written, and problems; both empty if the file does not exist."""
    if not os.path.exists(os.path.join(root, PATH)):
        return Tree({}, {}), []
    text, problems = read_text(root, PATH)
    if text is None:
        return Tree({}, {}), problems
    tree, faults = parse_yaml(text, PATH, first_line=1)
    if "INHERIT" in tree.values:
        what, remedy = "不能从别的文件接过设置", "把那个文件里的设置抄到 mkdocs.yml，删去这一行"
        where = (PATH, tree.line(("INHERIT",)), "INHERIT", str(tree.values["INHERIT"]))
        faults = [*faults, Problem(*where, what, remedy, "settings")]
    return tree, problems + faults


def check_settings(root: str) -> list[Problem]:
    """Problems of the site's settings; none if the file does not exist, because only a build needs it."""
    tree, problems = read_settings(root)
    if any(p.severity == "error" for p in problems) or not tree.values:
        return problems
    problems += [*_docs_dir_problems(tree), *_linked_templates(root, tree)]
    plugins = tree.values.get("plugins") or []
    named = dict(map(_named, plugins)) if isinstance(plugins, list) else {}
    if "archive" not in named:
        line = tree.line(("plugins",))
        return [*problems, Problem(PATH, line, "plugins", "", "没有 archive", "加上一行 - archive", "settings")]
    known = [option.name for option in OPTIONS]
    options = named["archive"]
    at = next(i for i, plugin in enumerate(plugins) if _named(plugin)[0] == "archive")
    for name, value in options.items() if isinstance(options, dict) else ():
        line = tree.line(("plugins", at, "archive", name))
        if name not in known:
            guess = nearest(str(name), known)
            remedy = f"是不是“{guess}”？" if guess else "可用的选项：" + "、".join(known)
            problems.append(Problem(PATH, line, "plugins.archive", str(name), "没有这个选项", remedy, "settings"))
        elif wrong := _wrong(str(name), value):
            problems.append(Problem(PATH, line, f"plugins.archive.{name}", str(value), *wrong, "settings"))
    return problems


def _docs_dir_problems(tree: Tree) -> Iterator[Problem]:
    docs = tree.values.get("docs_dir", "docs")
    if docs != "docs":
        line = tree.line(("docs_dir",))
        yield Problem(
            PATH, line, "docs_dir", str(docs), "馆藏的页面只放在 docs 里", "删去这一行，把文件放进 docs/", "settings"
        )


def _linked_templates(root: str, tree: Tree) -> Iterator[Problem]:
    """Links in the folder of the archive's own templates: their targets would be published without a check."""
    top = _custom_dir(root, tree)
    for where, folders, names in os.walk(top) if top else ():
        for path in (os.path.join(where, name) for name in sorted([*folders, *names])):
            if is_link(path):
                yield link_problem(os.path.relpath(path, root).replace(os.sep, "/"))
    if top and is_link(top):
        yield link_problem(os.path.relpath(top, root).replace(os.sep, "/"))


def _custom_dir(root: str, tree: Tree) -> str:
    """Folder of the archive's own templates; empty for none."""
    theme = tree.values.get("theme")
    named = theme.get("custom_dir") if isinstance(theme, dict) else None
    return os.path.join(root, named) if isinstance(named, str) and named else ""


def own_templates(root: str) -> frozenset[str]:
    """Names of an archive's own templates that replace none of the program's."""
    tree, _ = read_settings(root)
    folder = _custom_dir(root, tree)
    names = os.listdir(folder) if folder and os.path.isdir(folder) else ()
    return frozenset(n for n in names if n.endswith(".html") and not os.path.exists(os.path.join(overrides_dir(), n)))


def extra_files(tree: Tree) -> frozenset[str]:
    """Files below ``docs/`` that the settings add to every page: styles, scripts, the theme's logo."""
    references: list[object] = []
    for name in ("extra_css", "extra_javascript"):
        items = tree.values.get(name)
        references += items if isinstance(items, list) else []
    theme = tree.values.get("theme")
    references += [theme.get("logo"), theme.get("favicon")] if isinstance(theme, dict) else []
    paths = (item.get("path") if isinstance(item, dict) else item for item in references)
    return frozenset(path for path in paths if isinstance(path, str))


def nav_pages(tree: Tree) -> Iterator[tuple[Loc, str]]:
    """Pages named in the navigation, with their location in the settings."""
    pending: list[tuple[Loc, object]] = [(("nav",), tree.values.get("nav"))]
    while pending:
        loc, item = pending.pop()
        if isinstance(item, str):
            yield loc, item
        elif isinstance(item, dict):
            pending += [((*loc, name), below) for name, below in item.items()]
        elif isinstance(item, list):
            pending += [((*loc, number), below) for number, below in enumerate(item)]


def _wrong(name: str, value: object) -> tuple[str, str] | None:
    """Fault and remedy of an option's value; None if it is right."""
    if name == "kiosk_pin" and value != "" and not (isinstance(value, str) and PIN.fullmatch(value)):
        return "不是 4 至 8 位数字的密码", '写成带引号的数字，如 "2580"'
    if name == "kiosk_idle" and not (type(value) is int and value in IDLE):
        return "不是 20 至 600 之间的整数", "写秒数，如 60"
    return None


def _named(plugin: object) -> tuple[object, object]:
    """Name and options of an item in the list of plugins."""
    return next(iter(plugin.items())) if isinstance(plugin, dict) and plugin else (plugin, None)
