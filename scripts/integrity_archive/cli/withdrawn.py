"""Withdrawn command: ``archive withdrawn``, and the reminder of it that other commands print."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable
from pathlib import Path

import click

from integrity_archive.cli.console import CommandContext, CommandError
from integrity_archive.cli.messages import Command
from integrity_archive.content.entry import Entry, InvalidEntry, Reach
from integrity_archive.output.destination import shown
from integrity_archive.output.issued import Issued, forget_issued, holding_withdrawn, issued


def remind_withdrawn(root: str, written: Iterable[Entry | InvalidEntry]) -> None:
    """Print a reminder if files or sticks made before hold entries that are withdrawn or internal now."""
    _remind(root, *_ids(written))


def remind_of_catalogue(root: str, catalogue: Path) -> None:
    """As ``remind_withdrawn``, from the ``catalogue.json`` of a site that was just built."""
    if issued(root):
        items = json.loads(catalogue.read_text("utf-8"))["items"]
        _remind(root, {item["objectid"] for item in items}, None)


def _remind(root: str, public: Collection[str], existing: Collection[str] | None) -> None:
    held = list(holding_withdrawn(root, public, existing))
    if held:
        gone = sorted({id_ for _, ids in held for id_ in ids})
        what = f"撤下、改成草稿或内部的条目（{_listed(gone)}），以前做的 {len(held)} 份文件或盘里可能还有"
        click.echo(f"提醒：{what}。运行 archive withdrawn 看是哪些，加 --clear 清掉。", err=True)


@click.command(cls=Command)
@click.option("--clear", is_flag=True, help="删去还是原样的文件；改过的、盘，只列出来。")
@click.option("--forget", metavar="盘", help="这个盘已经收回或毁掉，不再提醒；写做盘时的盘符或文件夹。")
@click.pass_obj
def withdrawn(shell: CommandContext, clear: bool, forget: str | None) -> None:
    """列出以前做的资料包、书、海报、增量包、ZIM 和盘，里面可能还有已经撤下、改成草稿或内部的条目。"""
    from integrity_archive.content.loader import load  # the reminder comes from commands that have loaded already

    if forget is not None:
        place = os.path.abspath(forget)
        sticks = {item.stick for item in issued(shell.root) if item.stick and item.place == place}
        if not sticks:
            raise CommandError(f"没有在 {shown(forget)} 做过盘的记录。")
        forget_issued(shell.root, sticks)
    held = list(holding_withdrawn(shell.root, *_ids(load(shell.root, shell.progress).written)))
    for item, gone in held:
        click.echo(f"{_clear(item) if clear else _what(item)}：{_listed(gone)}")
    if not held:
        click.echo("这台电脑上做过的文件和盘里，没有撤下的条目。")
    elif not clear and any(item.is_unchanged for item, _ in held):
        click.echo("文件可以用 archive withdrawn --clear 删去，再照旧做一遍。")


def _clear(item: Issued) -> str:
    """Remove a file that is as it was made; returns what is said of it."""
    if not item.is_unchanged:
        return _what(item)
    Path(item.place).unlink()
    return f"删去了 {shown(item.place)}"


def _what(item: Issued) -> str:
    place = shown(item.place)
    if item.stick:
        return f"盘 {place}，要插上再做一遍（archive pack usb）"
    return place if item.is_unchanged else f"{place}，做好以后改过，没有动，请自己看"


def _ids(written: Iterable[Entry | InvalidEntry]) -> tuple[Collection[str], Collection[str]]:
    """Ids of the entries for everybody, and of those for internal readers too."""
    entries = tuple(written)
    return {e.id for e in entries if e.public}, {e.id for e in entries if e.reach <= Reach.INTERNAL}


def _listed(ids: Collection[str]) -> str:
    return "、".join([*ids][:5]) + (f" 等 {len(ids)} 个" if len(ids) > 5 else "")
