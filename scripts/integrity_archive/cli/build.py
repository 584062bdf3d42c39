"""The commands that make things of the archive: ``archive build`` and ``archive publish``."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click

from integrity_archive.build.garbage import leaving
from integrity_archive.build.output_folder import BusyError, alone, beside, put
from integrity_archive.cli.console import Refusal, Shell, print_problems
from integrity_archive.search.amend_job import AmendJob, begun
from integrity_archive.support.cache import memory_folder
from integrity_archive.support.problems import why

NAMES = ("web", "kiosk", "usb")
"""Names of ``edition.EDITIONS``, which is not loaded for them."""


@click.command()
@click.option(
    "--edition",
    "name",
    type=click.Choice(NAMES),
    default=NAMES[0],
    help="web 网络版，kiosk 触摸屏版，usb 盘上版。",
)
@click.option("--hall", default="", help="只做一个展馆的触摸屏版：展馆的 id，如 halls/ren-chang-lun。")
@click.option("--out", type=click.Path(file_okay=False), help="放在哪里，默认网络版在 site/，别的在 dist/ 下。")
@click.pass_obj
def build(shell: Shell, name: str, hall: str, out: str | None) -> None:
    """生成网站。出错或中断时，原来的原样保留。"""
    if hall and name != "kiosk":
        raise click.BadParameter("只有触摸屏版（--edition kiosk）分展馆", param_hint="--hall")
    target = Path(out or os.path.join(shell.root, "site" if name == "web" else f"dist/{name}")).absolute()
    # Begun before anything is loaded: it has a second's worth to load and to read itself.
    search = begun(memory_folder(shell.root, name, target), target) if name == "web" else None
    try:
        _build(shell, name, hall, target, search)
    finally:
        if search:
            search.drop()
    leaving()


def _build(shell: Shell, name: str, hall: str, target: Path, search: AmendJob | None) -> None:
    from integrity_archive.archive.edition import EDITIONS, WEB
    from integrity_archive.kiosk.delivery import is_kiosk_folder
    from integrity_archive.mkdocs.build_site import BuildError, build_plan, renew_site

    edition = EDITIONS[name]
    if hall:
        edition = replace(edition, only=(hall if "/" in hall else f"halls/{hall}",))
    _refuse_foreign(target, is_kiosk_folder if edition.sealed else _is_site)
    try:
        with alone(target):
            said = ""
            if edition == WEB:
                count = renew_site(shell.root, target, shell.track, search)
            else:
                with beside(target) as made:
                    count = len(build_plan(shell.root, str(made), shell.track, edition).pages)
                    if edition.sealed:
                        said = _deliver(made, target)
                    else:
                        put(made, target)
    except (BuildError, BusyError) as error:
        raise Refusal(str(error)) from None
    except OSError as error:
        raise Refusal(
            f"写不进 {target}：{why(error)}。检查磁盘空间与权限，或换一个 --out；原来的网站没有动。"
        ) from None
    click.echo(f"共 {count} 页。{said}打开 {target / 'index.html'}")


def _deliver(site: Path, target: Path) -> str:
    from integrity_archive.kiosk.delivery import deliver

    done = deliver(site, target)
    what = "新版本" if done.new else "内容没有变，还是版本"
    return f"{what} {done.id}，{done.files} 个文件，{done.megabytes:.0f} MB。怎样装：{target / 'install.html'}。"


PUBLISHED = {"packs": "教师资料包", "book": "两本书（EPUB 与 A5 PDF）", "poster": "A3 海报"}


@click.command()
@click.argument("what", type=click.Choice(list(PUBLISHED)))
@click.option("--out", type=click.Path(file_okay=False), help="放在哪里，默认是馆藏里的 dist/。")
@click.pass_obj
def publish(shell: Shell, what: str, out: str | None) -> None:
    """做成能带走、能印的文件：packs 教师资料包，book 书，poster 海报。

    一个文件做好了才换下旧的；出错或中断时，旧文件原样保留。
    """
    from integrity_archive.build.examine import edition_content
    from integrity_archive.mkdocs.build_site import BuildError, site_of
    from integrity_archive.publish.command import PublishError, publish_all

    target = Path(out or os.path.join(shell.root, "dist"))
    try:
        content, problems = edition_content(shell.root, site_of(shell.root), track=shell.track)
        if content is None:
            print_problems(problems, "text", 0)
            raise Refusal("先改好上面的错误，再做。")
        for path in publish_all(what, content, target, shell.track):
            click.echo(f"{path}（{path.stat().st_size / 1e6:.1f} MB）")
    except (BuildError, PublishError) as error:
        raise Refusal(str(error)) from None
    except OSError as error:
        raise Refusal(f"写不进 {target}：{why(error)}。检查磁盘空间与权限，或换一个 --out。") from None


def _is_site(folder: Path) -> bool:
    return (folder / "catalogue.json").is_file()


def _refuse_foreign(target: Path, ours: Callable[[Path], bool]) -> None:
    """Never replace a folder that does not look like one we made."""
    if target.is_dir() and any(target.iterdir()) and not ours(target):
        raise Refusal(f"{target} 里有别的文件，不像以前生成的网站。换一个 --out，或先把它清空。")
