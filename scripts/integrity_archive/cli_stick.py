"""The commands for sticks: ``archive pack``, ``archive apply`` and ``archive verify``."""

from __future__ import annotations

import contextlib
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click

from integrity_archive.edition import USB
from integrity_archive.problems import as_text
from integrity_archive.resources import version
from integrity_archive.shell import Shell
from integrity_archive.stick.bring import BringError, Done, bring, standing
from integrity_archive.stick.delta import apply_delta, write_delta
from integrity_archive.stick.fit import Space, name_problems, sources, space_of
from integrity_archive.stick.manifest import Manifest, ManifestError, manifest_of, read_manifest
from integrity_archive.stick.pack import README, add_papers
from integrity_archive.stick.verify import verify as verify_stick


@click.group()
def pack() -> None:
    """做成能带走的盘。"""


@pack.command()
@click.argument("dest", type=click.Path(exists=True, file_okay=False))
@click.pass_obj
def usb(shell: Shell, dest: str) -> None:
    """把全馆放到 DEST（U 盘的盘符，或一个文件夹）；盘上已有旧版时，只复制变了的。

    随时可以中断：盘总能打开，再运行一次接着做完。盘里别的文件不动。
    """
    target = Path(dest)
    with _built(shell) as (site, manifest), _plain_errors(target):
        _check_space(manifest, target)
        done = bring(site, target, manifest, track=shell.track)
    _say(done, f"全盘 {len(manifest.files)} 个文件，{manifest.size / 1e6:.0f} MB。")


@pack.command()
@click.option(
    "--from", "old", type=click.Path(exists=True, dir_okay=False), required=True, help="旧盘上的 manifest.json。"
)
@click.argument("out", type=click.Path(dir_okay=False))
@click.pass_obj
def delta(shell: Shell, old: str, out: str) -> None:
    """把旧盘到现在的变化做成一个 ZIP（OUT），可以寄给拿着旧盘的人，用 archive apply 更新。"""
    try:
        before = read_manifest(Path(old).read_text("utf-8"))
    except (ManifestError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{old}：{error}。") from None
    target = Path(out)
    with _built(shell) as (site, manifest), _plain_errors(target):
        made = write_delta(site, before, manifest, target)
    if made.before == made.after:
        click.echo(f"内容没有变，还是版本 {made.after}；{out} 里没有要更新的文件。")
        return
    size = target.stat().st_size / 1e6
    click.echo(f"{out}：从 {made.before} 到 {made.after}，{made.files} 个文件，删去 {made.removed} 个，{size:.1f} MB。")


@contextlib.contextmanager
def _built(shell: Shell) -> Iterator[tuple[Path, Manifest]]:
    """The archive built for a stick, with the papers that go beside it, until it has been used."""
    from integrity_archive.mkdocs_build import BuildError, build_plan  # MkDocs takes half a second to import

    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        try:
            plan = build_plan(shell.root, str(site), shell.track, USB)
        except BuildError as error:
            raise click.ClickException(str(error)) from None
        dated = plan.archive.dated.isoformat() if plan.archive.dated else ""
        add_papers(site, plan.site.name, dated)
        manifest = manifest_of(site, plan.site.name, version(), dated, shell.track)
        named = {path: held for path, held in manifest.files.items() if path != README}
        if problems := list(name_problems(named, sources(plan.media, shell.root))):
            raise click.ClickException("有的文件放不到 U 盘上，什么也没有复制：\n" + as_text(problems))
        yield site, manifest


@contextlib.contextmanager
def _plain_errors(target: Path) -> Iterator[None]:
    """What a stick can refuse, in plain words."""
    try:
        yield
    except BringError as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        said = f"写不进 {target}：{error.strerror or error}。盘还能打开；换好盘或腾出地方后，再运行一次接着做。"
        raise click.ClickException(said) from None


def _say(done: Done, more: str) -> None:
    if done.finished:
        click.echo("先做完了上次中断的更新。")
    if done.before == done.after and not done.copied:
        click.echo(f"已经是版本 {done.after}，没有要复制的。")
        return
    what = f"从 {done.before} 更新到 {done.after}" if done.before else f"版本 {done.after}"
    click.echo(f"{what}：复制 {done.copied} 个文件，删去 {done.removed} 个。{more}")


def _check_space(manifest: Manifest, target: Path) -> None:
    """Room for what is new: it stands beside the old until all of it is there."""
    try:
        held = standing(target)
    except ManifestError:
        held = None
    known = held.files if held else {}
    space = space_of({path: h for path, h in manifest.files.items() if known.get(path) != h})
    free = shutil.disk_usage(target).free
    if space.needed > free:
        largest = "\n".join(f"  {size / 1e6:8.1f} MB  {path}" for path, size in space.largest)
        said = f"{target} 放不下：要复制 {_mb(space)}，空着的有 {free / 1e6:.0f} MB。什么也没有复制。"
        raise click.ClickException(f"{said}最大的几个：\n{largest}")


def _mb(space: Space) -> str:
    return f"{space.needed / 1e6:.0f} MB（{space.files} 个文件，其中簇的零头 {space.slack / 1e6:.0f} MB）"


@click.command()
@click.argument("dest", type=click.Path(exists=True, file_okay=False))
@click.pass_obj
def verify(shell: Shell, dest: str) -> None:
    """核对盘上的文件：缺的、变了的、多出来的。

    完整时退出码为 0；缺、变或没有更新完为 1；不像本馆做的盘为 2。
    """
    verdict = verify_stick(Path(dest), shell.track)
    for line in verdict.lines():
        click.echo(line)
    sys.exit(0 if verdict.whole else 2 if verdict.fault else 1)


@click.command()
@click.argument("zip_file", metavar="OUT.zip", type=click.Path(exists=True, dir_okay=False))
@click.argument("dest", type=click.Path(exists=True, file_okay=False))
@click.pass_obj
def apply(shell: Shell, zip_file: str, dest: str) -> None:
    """用 archive pack delta 做的增量包更新 DEST 上的盘；对不上的盘不动。"""
    with _plain_errors(Path(dest)):
        done = apply_delta(Path(zip_file), Path(dest), track=shell.track)
    _say(done, "")
