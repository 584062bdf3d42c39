"""USB commands: ``archive pack``, ``archive apply``, ``archive verify`` and ``archive key``."""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from integrity_archive.archive.edition import USB, Edition
from integrity_archive.archive.graph import Archive
from integrity_archive.archive.stick_names import README, name_problems
from integrity_archive.build.pipeline import Plan
from integrity_archive.cli.console import CommandContext, CommandError, replaceable_file
from integrity_archive.cli.messages import Command, Group
from integrity_archive.content.model.vocabulary import PATH as VOCABULARY
from integrity_archive.content.site_settings import Site
from integrity_archive.output.destination import output_file, place_outside, shown, write_fault
from integrity_archive.output.folder import BusyError, output_lock, scratch_dir
from integrity_archive.output.issued import Issued, issued_file, note_issued
from integrity_archive.output.written_files import make_own_file
from integrity_archive.support.cache import cache_folder
from integrity_archive.support.problems import as_text, shorten, why
from integrity_archive.support.progress import Progress
from integrity_archive.support.resources import version
from integrity_archive.support.safe_folder import LinkError, SafeFolder
from integrity_archive.usb.capacity import (
    SIZES,
    USABLE,
    SpaceNeeded,
    size_text,
    small_films,
    sources,
    space_of,
)
from integrity_archive.usb.delta import Delta, apply_delta, write_delta
from integrity_archive.usb.manifest import INTERNAL, Manifest, ManifestError, manifest_of, read_manifest
from integrity_archive.usb.marker import read_marker
from integrity_archive.usb.papers import add_papers
from integrity_archive.usb.signature import (
    PRIVATE,
    PUBLIC,
    KeyFileError,
    Sign,
    keys_folder,
    new_keys,
    private_key_file,
    signer,
    unsafe_place,
    unsigned,
)
from integrity_archive.usb.survey import (
    StickState,
    SyncError,
    refuse_note_to_older,
    refuse_other_key,
    staged_bytes,
    standing,
    survey,
)
from integrity_archive.usb.sync import SyncResult, sync
from integrity_archive.usb.untrusted import MOST_TEXT
from integrity_archive.usb.verify import THEIRS
from integrity_archive.usb.verify import verify as verify_stick
from integrity_archive.usb.zim import ZimMissingError, write_zim


class NoFolderError(CommandError):
    """What was given is no folder: an error of usage, with click's exit code for those."""

    exit_code = 2


class Stick(click.ParamType):  # type: ignore[type-arg]
    """A stick: an existing folder or a drive."""

    name = "folder"

    def convert(self, value: str, param: click.Parameter | None, context: click.Context | None) -> Path:
        """The path of a folder; anything else is an error with a message in Chinese."""
        path = Path(value)
        if not path.exists():
            raise NoFolderError(f"没有 {value}：盘没有插好，或盘符、文件夹名写错了。")
        if not path.is_dir():
            raise NoFolderError(f"{value} 是一个文件，不是盘，也不是文件夹。")
        return path


@dataclass(frozen=True)
class PackOptions:
    """What to pack, from the command line."""

    edition: Edition = USB
    size: str = ""
    """Size printed on the stick, a key of ``SIZES``; empty for no limit."""
    sign: Sign = unsigned


def _wanting(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of ``pack usb``, ``pack delta`` and ``pack zim``; the command gets them as ``wanted``."""

    @click.option("--include-internal", is_flag=True, help="连内部条目一起放；每一页都标“内部资料”。")
    @click.option(
        "--lesson",
        "lessons",
        multiple=True,
        metavar="课",
        help="只放这一课和它用到的条目，如 di-yi-ke-si-zhi；可写几次。",
    )
    @click.option(
        "--path", "courses", multiple=True, metavar="课程", help="只放这门课程的各课，如 党校必修课；可写几次。"
    )
    @click.option("--size", type=click.Choice(list(SIZES)), help="盘的大小；放不下时，影片换成小的。")
    @click.option("--sign", "key", metavar="钥匙", help="给清单签名：写做钥匙时用的名字，或私钥（.key）的路径。")
    @functools.wraps(command)
    def wrapped(
        *arguments: Any,
        include_internal: bool,
        lessons: tuple[str, ...],
        courses: tuple[str, ...],
        size: str | None,
        key: str | None,
        **more: Any,
    ) -> None:
        only = tuple(id_ if "/" in id_ else f"lessons/{id_}" for id_ in lessons)
        edition = replace(USB, only=only, courses=courses, internal=include_internal)
        with _plain_keys():
            wanted = PackOptions(edition, size or "", signer(private_key_file(key)) if key else unsigned)
        command(*arguments, wanted=wanted, **more)

    return wrapped


@click.group(cls=Group)
def pack() -> None:
    """做成能带走的盘。"""


_SET_ASIDE = click.option(
    "--set-aside", is_flag=True, help="占着本馆名字的别的文件、改过的文件，改名留在旁边，不停下来。"
)


@pack.command()
@click.argument("dest", metavar="盘", type=Stick())
@click.option("--among", is_flag=True, help="盘里有别的文件，也放进去；别的文件不动。")
@click.option("--change", is_flag=True, help="盘上那一版用的是别的选项，也换成这一种。")
@click.option("--new-key", is_flag=True, help="盘上原来是用别的钥匙签的，从此改用 --sign 的这一把。")
@click.option("--older", is_flag=True, help="上次用 apply --older 换回旧版没有做完，先接着做完。")
@_SET_ASIDE
@_wanting
@click.pass_obj
def usb(
    shell: CommandContext,
    dest: Path,
    among: bool,
    change: bool,
    new_key: bool,
    set_aside: bool,
    older: bool,
    wanted: PackOptions,
) -> None:
    """把全馆放到盘里（写 U 盘的盘符，或一个文件夹）；盘上已有旧版时，只复制变了的。

    随时可以中断：盘总能打开，再运行一次接着做完。盘里别的文件不动。
    """
    dest = _stick_place(shell, dest, wanted.edition.internal)
    if new_key and not wanted.sign.key:
        raise CommandError("--new-key 要和 --sign 一起用：写上新的私钥。")
    with _plain_errors(dest):
        state = survey(SafeFolder(dest))
        refuse_other_key(state, wanted.sign, new_key)
        refuse_note_to_older(SafeFolder(dest), state, older)
    if not among and not state.ours:
        _refuse_foreign(dest)
    if state.damage and state.known:
        click.echo(f"{dest}：{state.damage}。按 SHA256SUMS 认出了本馆的文件，照新盘来做。", err=True)
    before = _before(state)
    if not change:
        _refuse_other_choice(before, wanted.edition, "盘上")
    with _built(shell, wanted, before) as (site, manifest, plan), _plain_errors(dest), output_lock(dest):
        _check_space(manifest, dest, before)
        done = sync(
            site,
            dest,
            manifest,
            progress=shell.progress,
            sign=wanted.sign,
            new_key=new_key,
            set_aside=set_aside,
            older=older,
        )
        _note_stick(shell, dest)
    _say(done, f"全盘 {len(manifest.files)} 个文件，{_mb(space_of(manifest.files))}。")
    if plan.small:
        click.echo(f"为了放得下，{len(plan.small)} 部影片用了 480p。")


@pack.command()
@click.option(
    "--from",
    "old",
    type=click.Path(exists=True, dir_okay=False),
    required=True,
    metavar="清单",
    help="旧盘上的 manifest.json。",
)
@click.argument("out", metavar="文件", type=click.Path(dir_okay=False))
@_wanting
@click.pass_obj
def delta(shell: CommandContext, old: str, out: str, wanted: PackOptions) -> None:
    """把旧盘到现在的变化做成一个 ZIP 文件，可以寄给拿着旧盘的人，用 archive apply 更新。

    旧盘做的时候用了哪些选项（--lesson、--size 等），这里也要照样写。
    """
    try:
        given = Path(old).resolve()
        if os.path.isfile(given) and zipfile.is_zipfile(given):
            raise CommandError(f"{old} 是 ZIP 文件，不是清单。--from 写旧盘上的 manifest.json。")
        before = read_manifest(SafeFolder(given.parent).read(given.name, MOST_TEXT))
    except ManifestError as error:
        raise CommandError(f"{old}：{error}。") from None
    except OSError as error:
        raise CommandError(f"{old} 读不出来：{why(error)}。") from None
    target = _stick_file(shell, out, wanted)
    _refuse_other_choice(before, wanted.edition, "旧盘")
    with _built(shell, wanted, before) as (site, manifest, _), _plain_errors(target):
        if before.id == manifest.id:
            click.echo(f"内容没有变，还是版本 {manifest.id}；没有做增量包。")
            return
        results: list[Delta] = []
        make_own_file(target, lambda beside: results.append(write_delta(site, before, manifest, beside, wanted.sign)))
        made = results[0]
        _note_file(shell, target, manifest, wanted)
    size = size_text(target.stat().st_size)
    click.echo(f"{out}：从 {made.before} 到 {made.after}，{made.files} 个文件，删去 {made.removed} 个，{size}。")


@pack.command()
@click.argument("out", metavar="文件", type=click.Path(dir_okay=False))
@_wanting
@click.pass_obj
def zim(shell: CommandContext, out: str, wanted: PackOptions) -> None:
    """做成一个 ZIM 文件，在平板上用 Kiwix 打开。"""
    target = _stick_file(shell, out, wanted)
    if wanted.sign is not unsigned:
        raise CommandError("ZIM 文件不能签名；去掉 --sign。")
    if target.suffix != ".zim":
        raise CommandError(f"{out} 的扩展名要是 .zim，Kiwix 才认。")
    with _built(shell, wanted, None) as (site, manifest, plan), _plain_errors(target):
        make_own_file(
            target, lambda beside: write_zim(site, manifest, plan.archive, plan.site, str(beside), shell.progress)
        )
        _note_file(shell, target, manifest, wanted)
    click.echo(f"{out}：版本 {manifest.id}，{size_text(target.stat().st_size)}。用 Kiwix 打开。")


@dataclass(frozen=True)
class _Built:
    """The parts of a build that are needed afterwards."""

    archive: Archive
    site: Site
    small: frozenset[str]
    """Ids of the films that were reduced in size."""


@contextlib.contextmanager
def _built(
    shell: CommandContext, wanted: PackOptions, before: Manifest | None
) -> Iterator[tuple[Path, Manifest, _Built]]:
    """Build the archive for a stick, with the added papers, in a temporary folder that exists within the context."""
    edition = wanted.edition
    if before:
        # A public edition does not even name earlier internal entries.
        named = {id_: work for id_, work in before.entries.items() if edition.internal or not work.internal}
        edition = replace(edition, before=named, before_dated=before.day)
    with _scratch_folder() as folder:
        site, manifest, plan = _build(shell, edition, folder / "site")
        small: frozenset[str] = frozenset()
        if wanted.size:
            room = int(SIZES[wanted.size] * USABLE)
            space = space_of(manifest.files)
            if space.needed > room:
                small = small_films(space, room, _savings(plan, shell.progress))
                shutil.rmtree(site)
                site, manifest, plan = _build(shell, replace(edition, small_films=small), site)
                space = space_of(manifest.files)
            if space.needed > room:
                message = f"{wanted.size} 的盘放不下：要 {_mb(space)}，影片都换成小的也不够。什么也没有复制。"
                raise CommandError(message + _largest(space))
        yield site, manifest, _Built(plan.archive, plan.site, small)


@contextlib.contextmanager
def _scratch_folder() -> Iterator[Path]:
    with contextlib.ExitStack() as stack:
        try:
            folder = stack.enter_context(scratch_dir())
        except OSError as error:
            raise CommandError(_unusable(error)) from None
        yield folder


def _build(shell: CommandContext, edition: Edition, site: Path) -> tuple[Path, Manifest, Plan]:
    from integrity_archive.mkdocs.build_site import BuildError, build_plan  # MkDocs takes half a second to import

    try:
        plan = build_plan(shell.root, str(site), shell.progress, edition)
    except BuildError as error:
        raise CommandError(str(error)) from None
    except OSError as error:
        raise CommandError(_unusable(error)) from None
    dated = plan.archive.dated.isoformat() if plan.archive.dated else ""
    add_papers(site, plan.site.name, dated, internal=edition.internal)
    manifest = manifest_of(site, plan.site.name, version(), dated, plan.works, shell.progress, _choice(edition))
    sizes = {path: record.size for path, record in manifest.files.items() if path != README}
    if problems := list(name_problems(sizes, sources(plan.media, shell.root))):
        raise CommandError("有的文件放不到 U 盘上，什么也没有复制：\n" + as_text(problems))
    return site, manifest, plan


def _stick_place(shell: CommandContext, dest: Path, internal: bool) -> Path:
    """The real path of a stick; in the archive it may lie in ``dist/``, which is not published, and only if public."""
    return place_outside(shell.root, dest, () if internal else ("dist",))


def _stick_file(shell: CommandContext, out: str, wanted: PackOptions) -> Path:
    """The real path of a file to be written; one with internal material never lies in the archive."""
    target = replaceable_file(shell, out)
    return place_outside(shell.root, target) if wanted.edition.internal else target


def _note_file(shell: CommandContext, target: Path, manifest: Manifest, wanted: PackOptions) -> None:
    note_issued(shell.root, [issued_file(target, manifest.entries, wanted.edition.internal)])


def _note_stick(shell: CommandContext, dest: Path) -> None:
    marker, manifest = read_marker(SafeFolder(dest)), standing(dest)
    if marker and manifest:
        made = Issued(str(dest), tuple(manifest.entries), stick=marker.id, internal=manifest.internal)
        note_issued(shell.root, [made])


def _choice(edition: Edition) -> str:
    """The options that select an edition's content, as written on the command line."""
    parts = [f"--lesson {id_.removeprefix('lessons/')}" for id_ in edition.only]
    parts += [f"--path {course}" for course in edition.courses]
    return " ".join([*parts, INTERNAL] if edition.internal else parts)


def _refuse_other_choice(before: Manifest | None, edition: Edition, where: str) -> None:
    """Refuse options that differ from those of the previous edition, in case one was forgotten."""
    now, then = _choice(edition), before.choice if before else ""
    if before and before.entries and now != then:
        message = f"{where}那一版的选项是“{shorten(then) or '没有选项'}”，这次是“{now or '没有选项'}”。"
        raise CommandError(message + "照旧的写；真要改成这一种，加上 --change。什么也没有动。")


def _savings(plan: Plan, progress: Progress) -> dict[str, int]:
    """Bytes saved by each film at the smallest size, by id; the smaller films are made here and cached."""
    from integrity_archive.films.production import smaller  # loads FFmpeg

    films = progress(list(plan.films.items()), "压小影片", len(plan.films))
    return {
        id_: os.path.getsize(film.files[film.url]) - os.path.getsize((small := smaller(film)).files[small.url])
        for id_, film in films
    }


def _before(state: StickState) -> Manifest | None:
    """The stick's edition, or the one an interrupted run was installing; None if unknown."""
    return state.note.manifest if state.note else state.manifest


def _refuse_foreign(dest: Path) -> None:
    """Refuse a stick with files of others, unless ``--among`` is given."""
    theirs = [name for name in SafeFolder(dest).names() if name not in THEIRS and not name.startswith(".")]
    if theirs:
        listed = "、".join(map(shorten, theirs[:5])) + (" 等" if len(theirs) > 5 else "")
        remedy = "在里面建一个空文件夹，放到那里；要就放在这里，加上 --among"
        raise CommandError(f"{dest} 里已有别的文件：{listed}，不是本馆做的盘。什么也没有动。{remedy}。")


@contextlib.contextmanager
def _plain_keys() -> Iterator[None]:
    try:
        yield
    except KeyFileError as error:
        raise CommandError(str(error)) from None


@contextlib.contextmanager
def _plain_errors(target: Path) -> Iterator[None]:
    """Convert the errors of a stick to messages in Chinese."""
    try:
        yield
    except (SyncError, KeyFileError, BusyError, ZimMissingError) as error:
        raise CommandError(str(error)) from None
    except LinkError as error:
        raise CommandError(f"{error.filename} 是一个链接，通到别处。先把它移走，再运行。") from None
    except OSError as error:
        raise CommandError(_refused(error, target)) from None


def _refused(error: OSError, target: Path) -> str:
    """The message for an error of the system, with its place, which is not always on the stick."""
    place = Path(os.path.abspath(os.fsdecode(error.filename))) if isinstance(error.filename, (str, bytes)) else target
    own = target if target.is_dir() else target.parent  # a file is first written next to its place
    if place.is_relative_to(os.path.abspath(own)):
        remedy = "盘还能打开；换好盘或腾出地方后，再运行一次接着做。"
        return f"写不进 {target}：{why(error)}。{remedy}"
    return _unusable(error)


def _unusable(error: OSError) -> str:
    """The message for an error at a place other than the stick, usually the user's cache."""
    place = Path(error.filename) if isinstance(error.filename, str) else cache_folder("work")
    return f"{write_fault(error, place)}。再运行一次。"


def _say(done: SyncResult, more: str) -> None:
    if done.finished:
        click.echo("先做完了上次中断的更新。")
    if done.aside:
        listed = "、".join(map(shorten, done.aside[:5])) + (" 等" if len(done.aside) > 5 else "")
        click.echo(f"不是本馆放的或改过的 {len(done.aside)} 个文件，改名留在盘上：{listed}。")
    if done.before == done.after and not done.copied:
        click.echo(f"已经是版本 {done.after}，没有要复制的。")
        return
    what = f"从 {done.before} 更新到 {done.after}" if done.before not in ("", done.after) else f"版本 {done.after}"
    click.echo(f"{what}：复制 {done.copied} 个文件，删去 {done.removed} 个。{more}")


def _check_space(manifest: Manifest, target: Path, before: Manifest | None) -> None:
    """Check that there is room for the new files, which are on the stick together with the old ones for a while."""
    known = before.files if before else {}
    space = space_of({path: h for path, h in manifest.files.items() if known.get(path) != h})
    free = shutil.disk_usage(target).free + staged_bytes(target)
    if space.needed > free:
        message = (
            f"{target} 放不下：要复制 {space.files} 个文件，{_mb(space)}，空着的有 {size_text(free)}。什么也没有复制。"
        )
        raise CommandError(message + _largest(space))


def _largest(space: SpaceNeeded) -> str:
    return "最大的几个：\n" + "\n".join(f"  {size / 1e3:10,.0f} KB  {path}" for path, size in space.largest)


def _mb(space: SpaceNeeded) -> str:
    return f"{size_text(space.needed)}（其中簇的零头 {size_text(space.slack)}）"


_TRUST = click.option(
    "--trust", type=click.Path(path_type=Path), metavar="公钥", help="馆里的公钥（.pub）；不是用它签的不认。"
)


@click.command(cls=Command)
@click.argument("dest", metavar="盘", type=Stick())
@_TRUST
@click.pass_obj
def verify(shell: CommandContext, dest: Path, trust: Path | None) -> None:
    """核对盘上的文件：缺的、变了的、多出来的。

    完整时退出码为 0；缺、变或没有更新完为 1；不像本馆做的盘、签名不对为 2。
    """
    try:
        verdict = verify_stick(dest, shell.progress, trust)
    except KeyFileError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    for line in verdict.lines():
        click.echo(line)
    sys.exit(0 if verdict.whole else 2 if verdict.fault or verdict.distrust else 1)


@click.command(cls=Command)
@click.argument("zip_file", metavar="增量包", type=click.Path(exists=True, dir_okay=False))
@click.argument("dest", metavar="盘", type=Stick())
@_TRUST
@click.option("--older", is_flag=True, help="增量包比盘上的旧，也换回去。")
@click.option("--new-key", is_flag=True, help="盘上原来是用别的钥匙签的，从此改认 --trust 的这一把。")
@_SET_ASIDE
@click.pass_obj
def apply(
    shell: CommandContext,
    zip_file: str,
    dest: Path,
    trust: Path | None,
    older: bool,
    new_key: bool,
    set_aside: bool,
) -> None:
    """用 archive pack delta 做的增量包更新手里的盘；对不上的盘不动。"""
    with _plain_errors(dest):
        dest = _stick_place(shell, dest, survey(SafeFolder(dest)).internal)
    if new_key and not trust:
        raise CommandError("--new-key 要和 --trust 一起用：写上新的公钥。")
    with _plain_errors(dest), output_lock(dest):
        done = apply_delta(
            Path(zip_file),
            dest,
            None,
            shell.progress,
            trust,
            older,
            new_key,
            set_aside,
            accept=lambda new: _stick_place(shell, dest, new.internal),
        )
        if os.path.lexists(Path(shell.root, VOCABULARY)):  # not where a stick was sent: there is no archive there
            _note_stick(shell, dest)
    _say(done, "")


@click.command(cls=Command)
@click.argument("name", metavar="名字", type=click.Path(dir_okay=False))
@click.pass_obj
def key(shell: CommandContext, name: str) -> None:
    """做一副签名用的钥匙：私钥收在自己的设置文件夹里，公钥（名字.pub）放在当前文件夹，发给要核对的人。

    名字写成路径，如 D:\\钥匙\\馆，两个文件就都放在那里。
    """
    plain, stem = os.path.basename(name) == name, name.removesuffix(PRIVATE)
    if not os.path.basename(stem).strip("."):
        raise click.BadParameter("没有写名字。起一个，如 馆", param_hint="名字")
    private = output_file(shell.root, Path(keys_folder() if plain else "", stem + PRIVATE).absolute())
    public = output_file(shell.root, Path(stem + PUBLIC).absolute())
    if reason := unsafe_place(private):
        raise CommandError(f"{shown(private)} {reason}。换一个地方，什么也没有写。")
    try:
        if plain:
            private.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new_keys(private, public)
    except FileExistsError as error:
        raise CommandError(f"{shown(error.filename)} 已经有了，没有动它。换一个名字。") from None
    except OSError as error:
        raise CommandError(f"{write_fault(error, private)}。两个文件都没有留下。") from None
    click.echo(f"{shown(private)} 是私钥，另存一份备份，不要给别人，也不要放进馆藏、放到盘上。")
    click.echo(f"{shown(public)} 是公钥，可以发给任何人。签名时写 --sign {shown(stem if plain else private)}。")
