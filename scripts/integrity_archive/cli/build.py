"""Build commands: ``archive build`` and ``archive publish``."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from integrity_archive.build.garbage import skip_last_collection
from integrity_archive.cli.console import CommandContext, CommandError, OutPath, print_problems
from integrity_archive.cli.messages import Command
from integrity_archive.output.destination import SITES, OutputError, output_folder, place_in, shown, write_fault
from integrity_archive.output.folder import output_lock, replace_dir, staging_dir

NAMES = ("web", "kiosk", "usb")
"""Names of ``edition.EDITIONS``, repeated here because that module is slow to load."""


@click.command(cls=Command)
@click.option(
    "--edition",
    "name",
    type=click.Choice(NAMES),
    default=NAMES[0],
    help="web 网络版，kiosk 触摸屏版，usb 盘上版。",
)
@click.option("--hall", default="", metavar="展馆", help="只做一个展馆的触摸屏版：展馆的 id，如 halls/ren-chang-lun。")
@click.option("--only-current", is_flag=True, help="触摸屏版只留最新的一个版本，以前的马上删掉。")
@click.option("--out", type=OutPath(), metavar="文件夹", help="放在哪里，默认网络版在 site/，别的在 dist/ 下。")
@click.pass_obj
def build(shell: CommandContext, name: str, hall: str, only_current: bool, out: str | None) -> None:
    """生成网站。出错或中断时，原来的原样保留。"""
    from integrity_archive.archive.edition import EDITIONS, WEB
    from integrity_archive.cli.withdrawn import remind_of_catalogue
    from integrity_archive.content.entry import section
    from integrity_archive.content.model.schema import Hall
    from integrity_archive.mkdocs.build_site import BuildError, build_plan, renew_site

    if hall and name != "kiosk":
        raise click.BadParameter("只有触摸屏版（--edition kiosk）分展馆", param_hint="--hall")
    if only_current and name != "kiosk":
        raise click.BadParameter("只有触摸屏版（--edition kiosk）留着旧版本", param_hint="--only-current")
    wanted = Path(out or os.path.join(shell.root, "site" if name == "web" else f"dist/{name}")).absolute()
    target = _output_folder(shell.root, wanted, ("kiosk",) if name == "kiosk" else SITES)
    edition = EDITIONS[name]
    if hall:
        edition = replace(edition, only=(hall if "/" in hall else f"{section(Hall.kind)}/{hall}",))
    try:
        with output_lock(target):
            report = note = ""
            if edition == WEB:
                count, replaced = renew_site(shell.root, target, shell.progress)
                note = replaced.note
            else:
                with staging_dir(target) as staging:
                    made = staging.content / "made"
                    count = len(build_plan(shell.root, str(made), shell.progress, edition).pages)
                    if edition.is_kiosk:
                        report = _deliver(made, target, only_current)
                    else:
                        note = replace_dir(made, staging, edition.name).note
    except BuildError as error:
        raise CommandError(str(error)) from None
    except OSError as error:
        raise CommandError(f"{write_fault(error, target)}；原来的网站没有动。") from None
    if note:
        click.echo(note, err=True)
    if edition == WEB:
        remind_of_catalogue(shell.root, target / "catalogue.json")
    click.echo(f"共 {count} 页。{report}打开 {shown(target / 'index.html')}")
    skip_last_collection()


def _output_folder(root: str, wanted: Path, editions: Sequence[str]) -> Path:
    try:
        return output_folder(root, wanted, editions)
    except OutputError:
        from integrity_archive.usb.marker import stick_refusal  # seldom needed, and slow to load

        if message := stick_refusal(wanted, "--out"):
            raise CommandError(message) from None
        raise


def _deliver(site: Path, target: Path, only_current: bool) -> str:
    from integrity_archive.kiosk.delivery import deliver

    done = deliver(site, target, only_current)
    what = "新版本" if done.new else "内容没有变，还是版本"
    gone = f"删掉了 {done.removed} 个旧版本。" if done.removed else ""
    if done.repaired:
        gone += f"其中 {done.repaired} 个文件缺了或改过，重新写好了。"
    if done.aside:
        gone += f"改过的 {len(done.aside)} 个文件改名留着：{'、'.join(done.aside)}。"
    if done.left:
        gone += f"{'、'.join(done.left)} 里有不是本程序写的或改过的文件，没有动它们；不要的版本，自己删去。"
    size = f"{done.files} 个文件，{done.megabytes:.0f} MB"
    return f"{what} {done.id}，{size}。{gone}怎样装：{shown(target / 'install.html')}。"


PUBLISHED = {"packs": "教师资料包", "book": "两本书（EPUB 与 A5 PDF）", "poster": "A3 海报"}


@click.command(cls=Command)
@click.argument("what", metavar="哪一种", type=click.Choice(list(PUBLISHED)))
@click.option("--out", type=OutPath(file_okay=False), metavar="文件夹", help="放在哪里，默认是馆藏里的 dist/。")
@click.pass_obj
def publish(shell: CommandContext, what: str, out: str | None) -> None:
    """做成能带走、能印的文件：packs 教师资料包，book 书，poster 海报。

    一个文件做好了才换下旧的；出错或中断时，旧文件原样保留。
    """
    from integrity_archive.build.examine import edition_content
    from integrity_archive.mkdocs.build_site import BuildError, site_of
    from integrity_archive.output.issued import issued_file, note_issued
    from integrity_archive.publish.command import PublishError, publish_all

    target = place_in(shell.root, Path(out or os.path.join(shell.root, "dist")).absolute())
    try:
        content, problems = edition_content(shell.root, site_of(shell.root), progress=shell.progress)
        if content is None:
            print_problems(problems, "text", 0)
            raise CommandError("先改好上面的错误，再做。")
        for path in publish_all(what, content, target, shell.progress, lambda p: click.echo(str(p), err=True)):
            # All entries, because a pack, book or poster may name more than those it is made of.
            note_issued(shell.root, [issued_file(path, content.archive.entries)])
            click.echo(f"{shown(path)}（{path.stat().st_size / 1e6:.1f} MB）")
    except (BuildError, PublishError) as error:
        raise CommandError(str(error)) from None
    except OSError as error:
        raise CommandError(f"{write_fault(error, target)}；原来的文件没有动。") from None
