"""Settings: what an author can get wrong in ``mkdocs.yml``, as far as the archive reads it."""

from __future__ import annotations

import os
import re

from integrity_archive.content.front_matter import parse_yaml
from integrity_archive.content.site_settings import OPTIONS
from integrity_archive.content.text_files import read_text
from integrity_archive.support.problems import Problem, nearest

PATH = "mkdocs.yml"
PIN = re.compile(r"[0-9]{4,8}")
IDLE = range(20, 601)


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


def _wrong(name: str, value: object) -> tuple[str, str] | None:
    """What is wrong with an option's value, and what to write."""
    if name == "kiosk_pin" and value != "" and not (isinstance(value, str) and PIN.fullmatch(value)):
        return "不是 4 至 8 位数字的密码", '写成带引号的数字，如 "2580"'
    if name == "kiosk_idle" and not (type(value) is int and value in IDLE):
        return "不是 20 至 600 之间的整数", "写秒数，如 60"
    return None


def _named(plugin: object) -> tuple[object, object]:
    """A plugin of the list as its name and its options."""
    return next(iter(plugin.items())) if isinstance(plugin, dict) and plugin else (plugin, None)
