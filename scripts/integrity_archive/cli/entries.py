"""Entry commands, for authors: ``archive check``, ``report``, ``new`` and ``schema``."""

from __future__ import annotations

import datetime
import itertools
import os
import sys
from pathlib import Path

import click

from integrity_archive.archive.edition import WEB
from integrity_archive.archive.graph import relate
from integrity_archive.archive.slugs import name_slugs, slugify, spellings
from integrity_archive.build.examine import examine
from integrity_archive.build.json_schemas import (
    EDITOR_SETTINGS,
    editor_settings,
    is_editor_settings,
    is_schema,
    schemas,
)
from integrity_archive.cli.console import CommandContext, CommandError, OutPath, paths_below_root, print_problems
from integrity_archive.cli.messages import Command
from integrity_archive.cli.withdrawn import remind_withdrawn
from integrity_archive.content.loader import slug_fault
from integrity_archive.content.model.schema import KINDS
from integrity_archive.content.model.skeleton import skeleton
from integrity_archive.output.destination import place_in, shown, write_fault
from integrity_archive.output.folder import make_file
from integrity_archive.proof.report import report as make_report
from integrity_archive.proof.statements import entry_texts
from integrity_archive.support.problems import errors


@click.command(cls=Command)
@click.argument("paths", nargs=-1, metavar="[路径]...")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="输出格式。")
@click.pass_obj
def check(shell: CommandContext, paths: tuple[str, ...], form: str) -> None:
    """检查全部条目；写了路径，只报告这些文件或文件夹的问题。

    有错误时退出码为 1，只有提醒或没有问题时为 0。
    """
    examined = examine(shell.root, shell.progress)
    loaded, problems = examined.loaded, list(examined.problems)
    wanted = paths_below_root(shell.root, paths)
    if wanted:
        known = (*loaded.files, *(p.path for p in problems))
        for given, path in zip(paths, wanted, strict=True):
            if not any(_within(f, path) for f in known):
                raise click.BadParameter(f"“{given}”里没有馆藏文件", param_hint="路径")
        problems = [p for p in problems if any(_within(p.path, w) for w in wanted)]
    print_problems(problems, form, len(loaded.entries))
    remind_withdrawn(shell.root, loaded.written)
    sys.exit(1 if errors(problems) else 0)


def _within(path: str, folder: str) -> bool:
    return folder == "." or path == folder or path.startswith(folder.rstrip("/") + "/")


@click.command(cls=Command)
@click.option(
    "--law-before",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="年-月-日",
    help="列出法规依据截至这一天以前的条目，如 2026-01-01；不写是一年以前。",
)
@click.pass_obj
def report(shell: CommandContext, law_before: datetime.datetime | None) -> None:
    """报告还要做的编辑工作：各类的数目、没有核对的出处、待补待核、相近的句子、没有联系的条目、旧了的法规依据、常用的写法。

    这些都不是错误，不妨碍生成网站。有错误的条目不在报告里。
    """
    before = law_before.date() if law_before else datetime.date.today() - datetime.timedelta(days=365)
    examined = examine(shell.root, shell.progress)
    loaded, bodies, problems = examined.loaded, examined.bodies, list(examined.problems)
    if loaded.vocabulary is None:
        print_problems(problems, "text", len(loaded.entries))
        raise CommandError("词表读不出来，先改好上面的错误，再看报告。")
    if faults := errors(problems):
        click.echo(f"有 {len(faults)} 处错误（运行 archive check 看），读不出来的条目没有算进来。", err=True)
    archive = relate(loaded.entries, loaded.vocabulary, WEB.admits)
    texts = tuple(entry_texts(loaded, examined.boards, archive.entries.values()))
    for section in make_report(archive, bodies, loaded.sayings, texts, before):
        click.echo(
            f"\n== {section.title}（{len(section.lines)}）==" if section.lines else f"\n== {section.title}：无 =="
        )
        for line in section.lines:
            click.echo(line)


@click.command(cls=Command)
@click.argument("kind", metavar="种类", type=click.Choice(list(KINDS)))
@click.argument("title", metavar="题名")
@click.option("--slug", metavar="文件名", help="文件名，用小写英文、数字和连字符；不写就是题名的拼音。")
@click.pass_obj
def new(shell: CommandContext, kind: str, title: str, slug: str | None) -> None:
    """新建一个条目的草稿。

    种类：story 故事，craft 手艺，video 影片，hall 展馆，lesson 课，article 专栏文章。题名里有空格的，用引号括起来。
    """
    if not title.strip():
        raise click.BadParameter("题名是空的", param_hint="题名")
    if slug is not None and (fault := slug_fault(slug)):
        raise click.BadParameter(f"“{slug}”{'；'.join(fault)}", param_hint="--slug")
    name = slug or name_slugs(spellings([title.strip()], {}))[title.strip()]
    folder = Path(shell.root, KINDS[kind].folder)
    if _taken(folder, name):
        free = next(f"{name}-{n}" for n in itertools.count(2) if not _taken(folder, f"{name}-{n}"))
        raise CommandError(
            f"{KINDS[kind].folder}/{name} 已经有了。是同一条，就直接修改那个文件；"
            f"是另一条，只是同音，就加上 --slug {free}。"
        )
    path, text = skeleton(kind, title.strip(), name, shell.vocabulary(), datetime.date.today())
    target = Path(shell.root, path)
    _refuse_links(shell.root, target.parent, path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with open(target, "x", encoding="utf-8", newline="\n") as stream:  # "x" follows no link, replaces no file
            stream.write(text)
    except FileExistsError:
        raise CommandError(f"{path} 已经有了。换一个题名，或直接修改那个文件。") from None
    except OSError as error:
        raise CommandError(f"{write_fault(error, target)}。") from None
    if not slug and not slugify(title, fallback=""):
        click.echo(f"题名里没有能转成拼音的字，文件名用了 {target.stem}，可以改成好认的名字。")
    click.echo(f"已新建 {path}。写好后把 status 改成 published，再运行 archive check。")


def _taken(folder: Path, name: str) -> bool:
    """Whether a folder has an entry of this name, as a file or as a folder."""
    return any(os.path.lexists(folder / taken) for taken in (name, f"{name}.md"))


def _refuse_links(root: str, folder: Path, path: str) -> None:
    """Refuse a folder that is a link out of the archive."""
    if _leads_out(root, folder):
        raise CommandError(f"{path} 不能新建：{shown(folder)} 是指到馆藏外面的链接。换成真的文件夹。")


def _leads_out(root: str, path: Path) -> bool:
    """Whether a path leads out of the archive, through links."""
    return not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


@click.command(cls=Command)
@click.option("--out", type=OutPath(file_okay=False), metavar="文件夹", help="放在哪里，默认是馆藏里的 schemas/。")
@click.pass_obj
def schema(shell: CommandContext, out: str | None) -> None:
    """导出各类条目的 JSON Schema，供编辑器提示用。"""
    folder = place_in(shell.root, Path(out or os.path.join(shell.root, "schemas")).absolute(), ("schemas",))
    files = schemas(shell.vocabulary())
    written = {folder / name: text for name, text in files.items()}
    settings = Path(shell.root, EDITOR_SETTINGS)
    if not out and is_editor_settings(settings) and not _leads_out(shell.root, settings):
        written[settings] = editor_settings()
    for name in files:
        if os.path.lexists(folder / name) and not is_schema(folder / name):
            raise CommandError(f"{shown(folder / name)} 不是导出的 JSON Schema，没有动它。把它移走，或换一个 --out。")
    try:
        for path, text in written.items():
            make_file(path, lambda beside, text=text: beside.write_bytes(text.encode()))  # type: ignore[misc]
    except OSError as error:
        raise CommandError(f"{write_fault(error, folder)}。") from None
    click.echo(f"已写入 {shown(folder)}")
