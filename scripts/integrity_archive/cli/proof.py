"""Proof command: ``archive proof``, which compares entries with digitised books."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from integrity_archive.build.examine import examine
from integrity_archive.cli.console import CommandContext, CommandError, OutPath, paths_below_root, replaceable_file
from integrity_archive.cli.messages import Command
from integrity_archive.content.entry import Entry, entry_id
from integrity_archive.output.destination import shown, write_fault
from integrity_archive.output.written_files import make_own_file
from integrity_archive.proof.books import BooksError, read_books
from integrity_archive.proof.findings import check_against_books, count_levels
from integrity_archive.proof.formats import as_html, as_json, as_text, summary
from integrity_archive.proof.statements import entry_texts

FORMS = {"text": as_text, "json": as_json, "html": as_html}


@click.command(cls=Command)
@click.argument("entries", nargs=-1, metavar="[条目]...")
@click.option(
    "--texts",
    required=True,
    type=click.Path(path_type=Path),
    metavar="文件夹",
    help="放电子书的文件夹，里面是 .txt 或 .md。",
)
@click.option("--format", "form", type=click.Choice(list(FORMS)), default="text", help="输出格式；html 可以左右对读。")
@click.option("--out", type=OutPath(dir_okay=False), metavar="文件", help="写到哪个文件，不写就显示在屏幕上。")
@click.pass_obj
def proof(shell: CommandContext, entries: tuple[str, ...], texts: Path, form: str, out: str | None) -> None:
    """拿原文核对条目：引文、出处、卷次、说书上没有的话、人名、地名、数目。

    条目写编号（如 stories/yang-zhen-si-zhi）或文件，不写就核对全部。有要改的地方时退出码为 1。
    """
    target = replaceable_file(shell, out) if out else None  # refused before the work, not after it
    examined = examine(shell.root, shell.progress)
    chosen = _chosen(examined.loaded.entries, entries, shell.root)
    try:
        books = read_books(texts, shell.progress)
    except BooksError as error:
        raise CommandError(str(error)) from None
    findings = check_against_books(tuple(entry_texts(examined.loaded, examined.boards, chosen)), books, shell.progress)
    titles = {entry.id: entry.title for entry in chosen}
    output = FORMS[form](findings, titles, books.problems)
    if target is None:
        click.echo(output)
    else:
        try:
            make_own_file(target, lambda beside: beside.write_text(output, "utf-8"))
        except OSError as error:
            raise CommandError(f"{write_fault(error, target)}。") from None
        click.echo(f"{summary(findings, len(titles))}已写入 {shown(target)}")
    sys.exit(1 if count_levels(findings)["open"] else 0)


def _chosen(entries: Sequence[Entry], wanted: tuple[str, ...], root: str) -> Sequence[Entry]:
    if not wanted:
        return entries
    by_id = {entry.id: entry for entry in entries}
    ids = [entry_id(path) for path in paths_below_root(root, wanted)]
    for given, id_ in zip(wanted, ids, strict=True):
        if id_ not in by_id:
            raise click.BadParameter(f"没有“{given}”这个条目。写编号，如 stories/yang-zhen-si-zhi", param_hint="条目")
    return [by_id[id_] for id_ in ids]
