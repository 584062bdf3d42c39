"""Messages: Click's own words in Chinese, whatever the language of the user's system.

Click asks ``gettext`` for its messages (https://click.palletsprojects.com/en/stable/support-multilingual/). Their
translations stand in ``locale/zh_CN/LC_MESSAGES/click.po``; ``click.mo`` is made from it.
"""

from __future__ import annotations

import contextlib
import gettext
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

DOMAIN = "click"
FOLDER = Path(__file__).parent / "locale"
LANGUAGE = "zh_CN"
_VARIABLE = "LANGUAGE"
"""Environment variable in which ``gettext`` looks first for the user's language."""


class Command(click.Command):
    """A command whose usage line is in Chinese."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{"options_metavar": "[选项]", **options})


class Group(click.Group):
    """A command with subcommands, whose usage line and messages are in Chinese."""

    command_class = Command

    def __init__(self, *arguments: Any, **options: Any) -> None:
        words = {"options_metavar": "[选项]", "subcommand_metavar": "命令 [参数]..."}
        super().__init__(*arguments, **{**words, **options})

    def main(self, *arguments: Any, **options: Any) -> Any:
        """Run the command."""
        with _in_chinese():
            return super().main(*arguments, **options)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a subcommand. Click puts this message together from parts, which cannot be translated one by one."""
        try:
            return super().invoke(ctx)
        except click.MissingParameter as error:
            raise click.UsageError(_missing(error), error.ctx) from None


def _missing(error: click.MissingParameter) -> str:
    if error.param is None:
        return "少写了一个参数。"
    message = f"少写了 {error.param.get_error_hint(error.ctx)}。"
    if choices := error.param.type.get_missing_message(param=error.param, ctx=error.ctx):
        return f"{message}{choices}"
    return message


@contextlib.contextmanager
def _in_chinese() -> Iterator[None]:
    domain, language = gettext.textdomain(), os.environ.get(_VARIABLE)
    gettext.bindtextdomain(DOMAIN, str(FOLDER))
    gettext.textdomain(DOMAIN)
    os.environ[_VARIABLE] = LANGUAGE
    try:
        yield
    finally:
        gettext.textdomain(domain)
        os.environ.pop(_VARIABLE)
        if language is not None:
            os.environ[_VARIABLE] = language
