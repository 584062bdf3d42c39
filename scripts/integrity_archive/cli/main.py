"""Main: the command ``archive`` with its subcommands, which are loaded on demand."""

from __future__ import annotations

import errno
import os
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from integrity_archive.cli.console import CommandContext, CommandError
from integrity_archive.cli.messages import Group
from integrity_archive.output.destination import OutputError, write_fault

COMMANDS = {
    "build": "build",
    "check": "entries",
    "new": "entries",
    "proof": "proof",
    "publish": "build",
    "report": "entries",
    "schema": "entries",
    "pack": "usb",
    "apply": "usb",
    "verify": "usb",
    "key": "usb",
    "withdrawn": "withdrawn",
}
"""Module of ``cli`` for each command. It is loaded when needed, because loading may take longer than the work."""


class _Commands(Group):
    """The subcommands."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"integrity_archive.cli.{COMMANDS[cmd_name]}"), cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except OutputError as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise  # the reader closed the pipe: click ends without a message
            raise CommandError(f"{write_fault(error, Path.cwd())}。") from None


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="integrity-archive", message="%(version)s", help="显示版本。")
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False),
    default=".",
    metavar="文件夹",
    help="馆藏所在的文件夹，默认是当前文件夹。",
)
@click.option("--quiet", "-q", is_flag=True, help="不显示进度。")
@click.pass_context
def main(context: click.Context, root: str, quiet: bool) -> None:
    """清廉文化数字馆：检查条目，生成网站。"""
    context.obj = CommandContext(os.path.abspath(root), quiet)
