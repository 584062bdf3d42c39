"""Settings: what an author can get wrong in ``mkdocs.yml``, as far as the archive reads it."""

from __future__ import annotations

import os

from integrity_archive.frontmatter import parse_yaml
from integrity_archive.problems import Problem, nearest
from integrity_archive.reading import read_text
from integrity_archive.site import OPTIONS

PATH = "mkdocs.yml"


def check_settings(root: str) -> list[Problem]:
    """Problems of the site's settings; none when the file is not there, which only a build has to mind."""
    if not os.path.exists(os.path.join(root, PATH)):
        return []
    text, problems = read_text(root, PATH)
    if text is None:
        return problems
    tree, faults = parse_yaml(text, PATH, first_line=1)
    if faults:
        return problems + faults
    plugins = tree.values.get("plugins") or []
    named = dict(map(_named, plugins)) if isinstance(plugins, list) else {}
    if "archive" not in named:
        line = tree.line(("plugins",))
        return [*problems, Problem(PATH, line, "plugins", "", "没有 archive", "加上一行 - archive", "settings")]
    known = [option.name for option in OPTIONS]
    options = named["archive"]
    for name in options if isinstance(options, dict) else {}:
        if name not in known:
            guess = nearest(str(name), known)
            remedy = f"是不是“{guess}”？" if guess else "可用的选项：" + "、".join(known)
            at = next(i for i, plugin in enumerate(plugins) if _named(plugin)[0] == "archive")
            line = tree.line(("plugins", at, "archive", name))
            problems.append(Problem(PATH, line, "plugins.archive", str(name), "没有这个选项", remedy, "settings"))
    return problems


def _named(plugin: object) -> tuple[object, object]:
    """A plugin of the list as its name and its options."""
    return next(iter(plugin.items())) if isinstance(plugin, dict) and plugin else (plugin, None)
