"""The command ``archive proof``: entries held against digitised books."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from integrity_archive.build.examine import examine
from integrity_archive.cli.console import Refusal, Shell
from integrity_archive.content.entry import Entry
from integrity_archive.output.destination import place_in, shown, write_fault
from integrity_archive.output.folder import make_file
from integrity_archive.proof.books import BooksError, read_books
from integrity_archive.proof.findings import counts
from integrity_archive.proof.findings import proof as hold
from integrity_archive.proof.output import as_html, as_json, as_text, is_ours, summary
from integrity_archive.proof.statements import written

FORMS = {"text": as_text, "json": as_json, "html": as_html}


@click.command()
@click.argument("entries", nargs=-1, metavar="[ENTRY]...")
@click.option("--texts", required=True, type=click.Path(path_type=Path), help="放电子书的文件夹，里面是 .txt 或 .md。")
@click.option("--format", "form", type=click.Choice(list(FORMS)), default="text", help="输出格式；html 可以左右对读。")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="写到哪个文件，不写就显示在屏幕上。")
@click.pass_obj
def proof(shell: Shell, entries: tuple[str, ...], texts: Path, form: str, out: Path | None) -> None:
    """拿原文核对条目：引文、出处、卷次、说书上没有的话、人名、地名、数目。

    ENTRY 是条目的编号（如 stories/yang-zhen-si-zhi）或文件，不写就核对全部。有要改的地方时退出码为 1。
    """
    if out is not None:
        _refuse_others(shell.root, out.absolute())  # before the work, not after it
    examined = examine(shell.root, shell.track)
    chosen = _chosen(examined.loaded.entries, entries, shell.root)
    try:
        books = read_books(texts, shell.track)
    except BooksError as error:
        raise Refusal(str(error)) from None
    findings = hold(tuple(written(examined.loaded, examined.boards, chosen)), books, shell.track)
    titles = {entry.id: entry.title for entry in chosen}
    said = FORMS[form](findings, titles, books.problems)
    if out is None:
        click.echo(said)
    else:
        _write(out, said)
        click.echo(f"{summary(findings, len(titles))}已写入 {shown(out.absolute())}")
    sys.exit(1 if counts(findings)["open"] else 0)


def _chosen(entries: Sequence[Entry], wanted: tuple[str, ...], root: str) -> Sequence[Entry]:
    if not wanted:
        return entries
    chosen = []
    for name in wanted:
        path = os.path.relpath(name, root).replace(os.sep, "/") if os.path.exists(name) else name
        ids = {path, path.removesuffix(".md").removesuffix("/index").removeprefix("docs/")}
        found = [e for e in entries if e.id in ids or e.document.path == path]
        if not found:
            raise click.BadParameter(f"没有“{name}”这个条目。写编号，如 stories/yang-zhen-si-zhi", param_hint="ENTRY")
        chosen += found
    return chosen


def _refuse_others(root: str, out: Path) -> None:
    """What is written takes the place of nothing but its own like."""
    place = place_in(root, out)
    try:
        if os.path.lexists(place) and not (place.is_file() and is_ours(place)):
            raise Refusal(f"{shown(out)} 已经有了，不是对读的结果，没有动它。换一个名字。")
    except OSError as error:
        raise Refusal(f"{write_fault(error, out)}。") from None


def _write(out: Path, said: str) -> None:
    try:
        make_file(out.absolute(), lambda beside: beside.write_text(said, "utf-8"))
    except OSError as error:
        raise Refusal(f"{write_fault(error, out.absolute())}。") from None
