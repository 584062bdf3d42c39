"""Console: what every command needs: the archive's folder, progress, vocabulary, messages."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from integrity_archive.output.destination import output_file, shown
from integrity_archive.output.written_files import is_written_by_us
from integrity_archive.support.problems import Problem, as_json, as_text, errors
from integrity_archive.support.progress import Progress

if TYPE_CHECKING:
    from integrity_archive.content.model.vocabulary import Vocabulary


class CommandError(click.ClickException):
    """The command stops; the message says why, in Chinese."""

    def show(self, file: IO[str] | None = None) -> None:
        click.echo(f"错误：{self.format_message()}", file=file, err=file is None)


class OutPath(click.Path):
    """Where to write: a path that is not empty, as it is if a variable of a script has no value."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path; an empty one is an error with a message in Chinese."""
        if not value:
            raise CommandError("--out 后面是空的。写上要放的地方，或去掉 --out。什么也没有动。")
        return super().convert(value, param, ctx)


class CommandContext:
    """The archive's folder and the options that all commands share."""

    def __init__(self, root: str, quiet: bool) -> None:
        self.root = root
        self.quiet = quiet or not sys.stderr.isatty()

    @property
    def progress(self) -> Progress:
        """Progress bars on a terminal, otherwise nothing."""
        return _silent if self.quiet else self._bar

    def _bar(self, items: Iterable[Any], what: str, total: int) -> Iterable[Any]:
        from rich.console import Console  # not needed by quiet runs
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            yield from progress.track(items, total=total, description=what)

    def vocabulary(self) -> Vocabulary:
        """The archive's vocabulary.

        Raises:
            CommandError: it cannot be used; the message lists its problems.
        """
        from integrity_archive.content.model.vocabulary import PATH, load_vocabulary  # not every command reads one

        vocabulary, problems = load_vocabulary(self.root)
        if vocabulary is None or errors(problems):
            hint = f"{self.root} 不像一个馆藏文件夹：要有 {PATH}。先进入馆藏的文件夹，或用 --root 指明。"
            raise CommandError(as_text(problems) + "\n" + hint)
        return vocabulary


def paths_below_root(root: str, paths: tuple[str, ...]) -> list[str]:
    """Paths from the command line, relative to the root, with forward slashes."""
    return [
        os.path.relpath(p if os.path.exists(p) else os.path.join(root, p), root).replace(os.sep, "/") for p in paths
    ]


def replaceable_file(shell: CommandContext, out: str) -> Path:
    """The real path of ``out``; an existing file is replaced only if it is just what we wrote there before.

    Raises:
        CommandError: there is a file of others, or one that was changed.
        OutputError: nothing may be written there.
    """
    target = output_file(shell.root, Path(out).absolute())
    if os.path.lexists(target) and not is_written_by_us(target):
        what = f"{shown(out)} 已经有了，不是这台电脑上一次写的那个文件，或者写好以后有人改过，没有动它"
        raise CommandError(f"{what}。换一个名字，或先把它移走。")
    return target


def print_problems(problems: list[Problem], form: str, count: int) -> None:
    """Print the problems of an archive with ``count`` entries; ``form`` is ``text`` or ``json``."""
    if form == "json":
        click.echo(as_json(problems))
        return
    if problems:
        click.echo(as_text(problems))
    faults = len(errors(problems))
    click.echo(f"共 {count} 个条目，错误 {faults} 处，提醒 {len(problems) - faults} 条。", err=True)


def _silent(items: Iterable[Any], what: str, total: int) -> Iterable[Any]:
    return items
