"""The command ``archive``: check, build and extend an archive."""

from __future__ import annotations

import datetime
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click

from integrity_archive.check import errors
from integrity_archive.edition import EDITIONS, WEB
from integrity_archive.heap import leaving
from integrity_archive.kiosk.folder import deliver, is_kiosk_folder
from integrity_archive.model import KINDS
from integrity_archive.problems import Problem, as_json, as_text
from integrity_archive.relate import relate
from integrity_archive.report import report as make_report
from integrity_archive.schema import schemas
from integrity_archive.shell import Shell
from integrity_archive.skeleton import skeleton
from integrity_archive.slug import slugify
from integrity_archive.stock import examine, stock_of
from integrity_archive.swap import BusyError, alone, beside, put

STICK = ("pack", "apply", "verify", "key")
"""Commands of ``cli_stick``, which loads what signs and packs."""


class _Commands(click.Group):
    """The commands; those for sticks are loaded when one is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *STICK])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in STICK:
            return super().get_command(ctx, cmd_name)
        from integrity_archive import cli_stick

        command: click.Command = getattr(cli_stick, cmd_name)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="integrity-archive", message="%(version)s")
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False),
    default=".",
    help="馆藏所在的文件夹，默认是当前文件夹。",
)
@click.option("--quiet", "-q", is_flag=True, help="不显示进度。")
@click.pass_context
def main(context: click.Context, root: str, quiet: bool) -> None:
    """清廉文化数字馆：检查条目，生成网站。"""
    context.obj = Shell(os.path.abspath(root), quiet)


@main.command()
@click.argument("paths", nargs=-1)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="输出格式。")
@click.pass_obj
def check(shell: Shell, paths: tuple[str, ...], form: str) -> None:
    """检查全部条目；给出 PATHS 时只报告这些文件或文件夹的问题。

    有错误时退出码为 1，只有提醒或没有问题时为 0。
    """
    loaded, _, problems = examine(shell.root, shell.track)
    wanted = _below(shell.root, paths)
    if wanted:
        known = (*loaded.files, *(p.path for p in problems))
        for given, path in zip(paths, wanted, strict=True):
            if not any(_within(f, path) for f in known):
                raise click.BadParameter(f"“{given}”里没有馆藏文件", param_hint="PATHS")
        problems = [p for p in problems if any(_within(p.path, w) for w in wanted)]
    _print_problems(problems, form, len(loaded.entries))
    sys.exit(1 if errors(problems) else 0)


def _below(root: str, paths: tuple[str, ...]) -> list[str]:
    """Paths as given, relative to the root, with forward slashes."""
    return [
        os.path.relpath(p if os.path.exists(p) else os.path.join(root, p), root).replace(os.sep, "/") for p in paths
    ]


def _within(path: str, folder: str) -> bool:
    return folder == "." or path == folder or path.startswith(folder.rstrip("/") + "/")


def _print_problems(problems: list[Problem], form: str, count: int) -> None:
    if form == "json":
        click.echo(as_json(problems))
        return
    if problems:
        click.echo(as_text(problems))
    faults = len(errors(problems))
    click.echo(f"共 {count} 个条目，错误 {faults} 处，提醒 {len(problems) - faults} 条。", err=True)


@main.command()
@click.pass_obj
def report(shell: Shell) -> None:
    """报告还要做的编辑工作：各类的数目、没有核对的出处、待补待核、相近的句子、没有联系的条目。

    这些都不是错误，不妨碍生成网站。有错误的条目不在报告里。
    """
    loaded, bodies, problems = examine(shell.root, shell.track)
    if loaded.vocabulary is None:
        _print_problems(problems, "text", len(loaded.entries))
        raise click.ClickException("词表读不出来，先改好上面的错误，再看报告。")
    if faults := errors(problems):
        click.echo(f"有 {len(faults)} 处错误（运行 archive check 看），读不出来的条目没有算进来。", err=True)
    archive = relate(loaded.entries, loaded.vocabulary, WEB.admits)
    for section in make_report(archive, bodies, loaded.sayings):
        click.echo(
            f"\n== {section.title}（{len(section.lines)}）==" if section.lines else f"\n== {section.title}：无 =="
        )
        for line in section.lines:
            click.echo(line)


@main.command()
@click.option(
    "--edition",
    "name",
    type=click.Choice(list(EDITIONS)),
    default=WEB.name,
    help="web 网络版，kiosk 触摸屏版，usb 盘上版。",
)
@click.option("--hall", default="", help="只做一个展馆的触摸屏版：展馆的 id，如 halls/ren-chang-lun。")
@click.option("--out", type=click.Path(file_okay=False), help="放在哪里，默认网络版在 site/，别的在 dist/ 下。")
@click.pass_obj
def build(shell: Shell, name: str, hall: str, out: str | None) -> None:
    """生成网站。出错或中断时，原来的原样保留。"""
    from integrity_archive.mkdocs_build import (  # MkDocs takes half a second to import
        BuildError,
        build_plan,
        renew_site,
    )

    edition = EDITIONS[name]
    if hall and not edition.sealed:
        raise click.BadParameter("只有触摸屏版（--edition kiosk）分展馆", param_hint="--hall")
    if hall:
        edition = replace(edition, only=(hall if "/" in hall else f"halls/{hall}",))
    target = Path(out or os.path.join(shell.root, "site" if edition == WEB else f"dist/{name}")).absolute()
    _refuse_foreign(target, is_kiosk_folder if edition.sealed else _is_site)
    try:
        with alone(target):
            said = ""
            if edition == WEB:
                count = renew_site(shell.root, target, shell.track)
            else:
                with beside(target) as made:
                    count = len(build_plan(shell.root, str(made), shell.track, edition).pages)
                    if edition.sealed:
                        said = _deliver(made, target)
                    else:
                        put(made, target)
    except (BuildError, BusyError) as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(
            f"写不进 {target}：{error.strerror}。检查磁盘空间与权限，或换一个 --out；原来的网站没有动。"
        ) from None
    click.echo(f"共 {count} 页。{said}打开 {target / 'index.html'}")
    leaving()


def _deliver(site: Path, target: Path) -> str:
    done = deliver(site, target)
    what = "新版本" if done.new else "内容没有变，还是版本"
    return f"{what} {done.id}，{done.files} 个文件，{done.megabytes:.0f} MB。怎样装：{target / 'install.html'}。"


PUBLISHED = {"packs": "教师资料包", "book": "两本书（EPUB 与 A5 PDF）", "poster": "A3 海报"}


@main.command()
@click.argument("what", type=click.Choice(list(PUBLISHED)))
@click.option("--out", type=click.Path(file_okay=False), help="放在哪里，默认是馆藏里的 dist/。")
@click.pass_obj
def publish(shell: Shell, what: str, out: str | None) -> None:
    """做成能带走、能印的文件：packs 教师资料包，book 书，poster 海报。

    一个文件做好了才换下旧的；出错或中断时，旧文件原样保留。
    """
    from integrity_archive.mkdocs_build import BuildError, site_of
    from integrity_archive.publish.command import PublishError, publish_all

    target = Path(out or os.path.join(shell.root, "dist"))
    try:
        stock, problems = stock_of(shell.root, site_of(shell.root), track=shell.track)
        if stock is None:
            _print_problems(problems, "text", 0)
            raise click.ClickException("先改好上面的错误，再做。")
        for path in publish_all(what, stock, target, shell.track):
            click.echo(f"{path}（{path.stat().st_size / 1e6:.1f} MB）")
    except (BuildError, PublishError) as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"写不进 {target}：{error.strerror}。检查磁盘空间与权限，或换一个 --out。") from None


def _is_site(folder: Path) -> bool:
    return (folder / "catalogue.json").is_file()


def _refuse_foreign(target: Path, ours: Callable[[Path], bool]) -> None:
    """Never replace a folder that does not look like one we made."""
    if target.is_dir() and any(target.iterdir()) and not ours(target):
        raise click.ClickException(f"{target} 里有别的文件，不像以前生成的网站。换一个 --out，或先把它清空。")


@main.command()
@click.argument("kind", type=click.Choice(list(KINDS)))
@click.argument("title")
@click.pass_obj
def new(shell: Shell, kind: str, title: str) -> None:
    """新建一个条目的草稿。KIND 是种类，TITLE 是题名。"""
    if not title.strip():
        raise click.BadParameter("题名是空的", param_hint="TITLE")
    path, text = skeleton(kind, title.strip(), shell.vocabulary(), datetime.date.today())
    target = Path(shell.root, path)
    plain = Path(shell.root, path.removesuffix("/index.md").removesuffix(".md"))
    if plain.exists() or plain.with_name(plain.name + ".md").exists():
        raise click.ClickException(f"{path} 已经有了。换一个题名，或直接修改那个文件。")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8", newline="\n")
    if not slugify(title, fallback=""):
        click.echo(f"题名里没有能转成拼音的字，文件名用了 {target.stem}，可以改成好认的名字。")
    click.echo(f"已新建 {path}。写好后把 status 改成 published，再运行 archive check。")


@main.command()
@click.option("--out", type=click.Path(file_okay=False), help="放在哪里，默认是馆藏里的 schemas/。")
@click.pass_obj
def schema(shell: Shell, out: str | None) -> None:
    """导出各类条目的 JSON Schema，供编辑器提示用。"""
    folder = Path(out or os.path.join(shell.root, "schemas"))
    files = schemas(shell.vocabulary())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise click.ClickException(f"写不进 {folder}：{error.strerror}。换一个 --out。") from None
    click.echo(f"已写入 {folder}")
