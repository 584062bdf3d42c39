"""Settings: checks of the parts of ``mkdocs.yml`` that the archive reads."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from importlib.metadata import entry_points
from urllib.parse import urlsplit

from pydantic import ValidationError

from integrity_archive.content.front_matter import Tree, parse_yaml
from integrity_archive.content.leftovers import is_leftover
from integrity_archive.content.model.field_types import Loc
from integrity_archive.content.model.model_errors import model_problems
from integrity_archive.content.site_settings import PluginOptions
from integrity_archive.content.text_files import is_link, link_problem, read_text
from integrity_archive.support.problems import Problem, nearest
from integrity_archive.support.resources import overrides_dir

PATH = "mkdocs.yml"
TEXTS = ("site_name", "site_url", "site_description", "site_author", "copyright")
"""Settings of MkDocs that are one line of text."""
NO_ADDRESS = ("不是完整的网址", "写成 https:// 开头的，如 https://example.cn/；没有公网地址，就删去这一行")
"""Fault and remedy of a ``site_url``."""


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
    problems += [*_site_problems(tree), *_docs_dir_problems(tree)]
    problems += [*_theme_problems(root, tree), *_linked_templates(root, tree)]
    plugins = tree.values.get("plugins") or []
    named = dict(map(_named, plugins)) if isinstance(plugins, list) else {}
    problems += _plugin_problems(tree, plugins)
    if "archive" not in named:
        line = tree.line(("plugins",))
        return [*problems, Problem(PATH, line, "plugins", "", "没有 archive", "加上一行 - archive", "settings")]
    at = next(i for i, plugin in enumerate(plugins) if _named(plugin)[0] == "archive")
    options = named["archive"]
    return [
        *problems,
        *_option_problems(tree, ("plugins", at, "archive"), options if isinstance(options, dict) else {}),
    ]


def _option_problems(tree: Tree, loc: Loc, options: Mapping[object, object]) -> Iterator[Problem]:
    """Options of the plugin that do not exist, and values they cannot have; without a value they have their default."""
    tags = {str(name): tree.tags.get((*loc, str(name)), "") for name in options}
    # A value with ``!ENV`` comes from the environment.
    given = {str(n): v for n, v in options.items() if v is not None and not tags[str(n)].startswith("!")}
    # Without quotes YAML reads 0123 and 12:30 as numbers, though here they are as their author wrote them.
    read = {name: 0 if tags[name] and isinstance(value, str) else value for name, value in given.items()}
    try:
        PluginOptions.model_validate(read)
    except ValidationError as error:
        for problem in model_problems(error, PluginOptions, Tree({}, {}), PATH):
            name = problem.field
            line, where, value = tree.line((*loc, name)), f"plugins.archive.{name}", str(given[name])
            what, remedy = problem.what, problem.remedy
            if name not in PluginOptions.model_fields:
                guess = nearest(name, PluginOptions.model_fields)
                where, value, what = "plugins.archive", name, "没有这个选项"
                remedy = f"是不是“{guess}”？" if guess else "可用的选项：" + "、".join(PluginOptions.model_fields)
            yield Problem(PATH, line, where, value, what, remedy, "settings")


def _site_problems(tree: Tree) -> Iterator[Problem]:
    """Problems of the site's name, address and descriptions."""
    if tree.values.get("site_name") is None:
        yield Problem(PATH, 0, "site_name", "", "没有馆名", "加上一行，如 site_name: 某县清风馆", "settings")
    for name in TEXTS:
        value, tag = tree.values.get(name), tree.tags.get((name,), "")
        if value is None or tag.startswith("!"):  # ``!ENV``: the value comes from the environment
            continue
        where = (PATH, tree.line((name,)), name, str(value))
        if tag or not isinstance(value, str):
            yield Problem(*where, *_no_text(name, value), "settings")
        elif name == "site_url" and not is_address(value):
            yield Problem(*where, *NO_ADDRESS, "settings")


def is_address(value: str) -> bool:
    """Whether a value can be the public address of a site; an empty one means that there is none."""
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return not value or (parts.scheme in ("http", "https") and parts.netloc != "")


def _no_text(name: str, value: object) -> tuple[str, str]:
    """Fault and remedy of a value that has to be text."""
    if isinstance(value, (list, dict)):
        return "要的是一行字", f"写成 {name}: 一行字"
    return "没有引号，会当成数字、日期或真假", f'加上引号：{name}: "{value}"'


def _theme_problems(root: str, tree: Tree) -> Iterator[Problem]:
    """Themes that are not installed, and a folder of templates that is not there."""
    theme = tree.values.get("theme")
    name = theme.get("name") if isinstance(theme, dict) else theme
    # What this program brings is there; finding what else is installed takes a while.
    if isinstance(name, str) and name != "material" and name not in _installed("mkdocs.themes"):
        line = tree.line(("theme", "name"))
        yield Problem(PATH, line, "theme", name, "没有装这个主题", "写 material，这个馆的页面是照它做的", "settings")
    if (folder := custom_dir(root, tree)) and not os.path.isdir(folder):
        where = (PATH, tree.line(("theme", "custom_dir")), "theme.custom_dir", os.path.relpath(folder, root))
        yield Problem(*where, "没有这个文件夹", "建一个，放自己的模板；没有自己的模板，就删去这一行", "settings")


def _plugin_problems(tree: Tree, plugins: object) -> Iterator[Problem]:
    """Plugins that are not installed."""
    names = [name for name, _ in map(_named, plugins)] if isinstance(plugins, list) else []
    installed = frozenset({"archive"}) if set(names) <= {"archive"} else _installed("mkdocs.plugins")
    for number, name in enumerate(names):
        if name not in installed and f"material/{name}" not in installed:
            remedy = "名字写错了就改；用不着，就删去这一行"
            yield Problem(
                PATH, tree.line(("plugins", number)), "plugins", str(name), "没有装这个插件", remedy, "settings"
            )


def _installed(group: str) -> frozenset[str]:
    """Names that installed packages declare in a group of entry points."""
    return frozenset(point.name for point in entry_points(group=group))


def _docs_dir_problems(tree: Tree) -> Iterator[Problem]:
    docs = tree.values.get("docs_dir", "docs")
    if docs != "docs":
        line = tree.line(("docs_dir",))
        yield Problem(
            PATH, line, "docs_dir", str(docs), "馆藏的页面只放在 docs 里", "删去这一行，把文件放进 docs/", "settings"
        )


def _linked_templates(root: str, tree: Tree) -> Iterator[Problem]:
    """Links in the folder of the archive's own templates: their targets would be published without a check."""
    top = custom_dir(root, tree)
    for where, folders, names in os.walk(top) if top else ():
        for path in (os.path.join(where, name) for name in sorted([*folders, *names])):
            if is_link(path):
                yield link_problem(os.path.relpath(path, root).replace(os.sep, "/"))
    if top and is_link(top):
        yield link_problem(os.path.relpath(top, root).replace(os.sep, "/"))


def custom_dir(root: str, tree: Tree) -> str:
    """Folder of the archive's own templates; empty for none."""
    theme = tree.values.get("theme")
    named = theme.get("custom_dir") if isinstance(theme, dict) else None
    return os.path.join(root, named) if isinstance(named, str) and named else ""


def static_files(folder: str) -> Iterator[str]:
    """Paths, below a folder of templates, of the files that come into a site: all but templates and what is for
    programmers."""
    for where, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not is_leftover(name)]
        for name in names:
            if not is_leftover(name) and not name.lower().endswith((*_NOT_COPIED, *FOR_PROGRAMMERS)):
                yield os.path.relpath(os.path.join(where, name), folder).replace(os.sep, "/")


FOR_PROGRAMMERS = (".map", ".d.ts")
"""Ends of the names of files beside scripts that no page loads."""
_NOT_COPIED = (".html", ".md", ".py", ".pyc", "mkdocs_theme.yml")
"""Ends of the names of files in a folder of templates that MkDocs keeps to itself."""


def own_templates(root: str) -> frozenset[str]:
    """Names of an archive's own templates that replace none of the program's."""
    tree, _ = read_settings(root)
    folder = custom_dir(root, tree)
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


def _named(plugin: object) -> tuple[object, object]:
    """Name and options of an item in the list of plugins."""
    return next(iter(plugin.items())) if isinstance(plugin, dict) and plugin else (plugin, None)
