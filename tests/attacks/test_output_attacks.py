"""Output folders: whatever is asked of a command, and whenever it is killed, nothing that is not ours is lost."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from mkdocs.__main__ import cli as mkdocs_cli

from integrity_archive.archive.edition import EDITIONS
from integrity_archive.cli.main import main
from integrity_archive.kiosk.delivery import WATCHERS, current, deliver
from integrity_archive.mkdocs.null_paths import without_null_paths
from integrity_archive.output import folder as output
from integrity_archive.output.destination import OutputError, output_folder, place_in, write_fault
from integrity_archive.output.folder import BusyError, make_file, output_lock, replace_dir, scratch_dir, staging_dir
from integrity_archive.output.foreign_files import ClashError, contents_of, move_late_items
from integrity_archive.output.marker import MARKER, WORK_PREFIX, read_marker, write_marker
from integrity_archive.support.cache import cache_folder
from integrity_archive.usb.signature import new_keys
from trees import MKDOCS_YML, contents, write_tree

PAGES = ("index.html", "stories/a.html", "stories/b.html")
THEIRS = ("CNAME", ".nojekyll", ".git/HEAD", ".git/objects/ab/cd", ".well-known/a.txt", "stories/photo.jpg")


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("ARCHIVE_CACHE", str(folder))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("settings")))
    return folder


def run(root: Path, *arguments: str | Path) -> Any:
    return CliRunner().invoke(main, ["--root", str(root), "-q", *map(str, arguments)])


def put_new(target: Path, word: str, pages: tuple[str, ...] = PAGES) -> None:
    """What a build does, without MkDocs."""
    with output_lock(target), staging_dir(target) as staging:
        made = staging.content / "made"
        write_all(made, dict.fromkeys(pages, word))
        replace_dir(made, staging, "web")


def write_all(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")


def theirs(folder: Path) -> dict[str, str]:
    """Files of others in the output folder, as they were put there."""
    write_all(folder, {path: f"别人的 {path}" for path in THEIRS})
    (folder / ".git/refs/tags").mkdir(parents=True)
    (folder / ".git/hooks").mkdir(mode=0o750)
    (folder / "latest").symlink_to("stories/a.html")
    (folder / "outside").symlink_to("../elsewhere")
    return snapshot(folder)


def snapshot(folder: Path) -> dict[str, str]:
    """Everything below a folder: kind, permissions and content, links not followed."""
    found = {}
    for where, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(where, name)
            mode = path.lstat().st_mode
            if stat.S_ISLNK(mode):
                said = os.readlink(path)
            elif stat.S_ISREG(mode):
                said = hashlib.sha256(path.read_bytes()).hexdigest()
            else:
                said = ""
            found[path.relative_to(folder).as_posix()] = f"{stat.filemode(mode)} {said}"
    return found


def without_ours(folder: Path) -> dict[str, str]:
    ours = {*PAGES, MARKER, "stories"}
    return {path: said for path, said in snapshot(folder).items() if path not in ours}


def litter(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith(WORK_PREFIX)]


# --- what stands beside the output folder ----------------------------------------------------------------------------


def test_siblings_are_never_touched_whatever_they_are_called(tmp_path: Path) -> None:
    site = tmp_path / "site"
    put_new(site, "一")
    names = (".site-backup", ".site-old-x", ".site-test-x", ".www-data", "site-test", f"{WORK_PREFIX}mine", ".sitex")
    for name in names:
        write_all(tmp_path / name, {"photo.jpg": name, "site/index.html": name, "old/index.html": name})
    about = {"format": 1, "made_by": "integrity-archive", "id": "0" * 32}
    write_all(
        tmp_path,
        {
            f"{WORK_PREFIX}other/work.json": json.dumps({**about, "target": "site-test"}),
            f"{WORK_PREFIX}other/content/x": "别的地方的",
            f"{WORK_PREFIX}strange/work.json": json.dumps({**about, "target": "site"}),
            f"{WORK_PREFIX}damaged/work.json": "[" * 100_000,
            f"{WORK_PREFIX}true/work.json": json.dumps({**about, "format": True, "target": "site", "id": 1}),
        },
    )
    before = {path: said for path, said in snapshot(tmp_path).items() if not path.startswith("site/")}
    put_new(site, "二")
    assert (site / "index.html").read_text("utf-8") == "二"
    after = {path: said for path, said in snapshot(tmp_path).items() if not path.startswith("site/")}
    assert after == before


def test_what_a_live_run_works_with_is_not_swept_by_another(tmp_path: Path) -> None:
    with staging_dir(tmp_path / "site") as one, staging_dir(tmp_path / "site-test") as two:
        for staging in (one, two):
            write_all(staging.content / "made", {"index.html": staging.target.name})
        with staging_dir(tmp_path / "site"):  # as of another user, whose locks lie elsewhere
            assert (one.content / "made/index.html").is_file()
        replace_dir(two.content / "made", two, "web")
        replace_dir(one.content / "made", one, "web")
    assert [(tmp_path / name / "index.html").read_text() for name in ("site", "site-test")] == ["site", "site-test"]
    assert litter(tmp_path) == []


def test_a_planted_lock_is_not_written_through(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("宝贝", "utf-8")
    with output_lock(tmp_path / "site"):
        [lock] = cache_folder("locks").iterdir()
    lock.unlink()
    lock.symlink_to(precious)
    with output_lock(tmp_path / "site"), pytest.raises(BusyError), output_lock(tmp_path / "site"):
        pass
    assert precious.read_text("utf-8") == "宝贝"


# --- what others put into it -----------------------------------------------------------------------------------------


def test_files_of_others_stay_through_every_build(tmp_path: Path) -> None:
    site = tmp_path / "site"
    put_new(site, "一")
    theirs(site)
    before = without_ours(site)
    for word, pages in (("二", PAGES), ("三", PAGES[:1]), ("四", PAGES)):
        put_new(site, word, pages)
        assert without_ours(site) == before
        assert {path for path in PAGES if (site / path).is_file()} == set(pages)
    assert litter(tmp_path) == []


@pytest.mark.parametrize("path", ["stories/c.html", "stories/c.html/x", "stories", "stories/a.html"])
def test_a_file_of_others_where_a_page_must_go_stops_the_build(tmp_path: Path, path: str) -> None:
    site = tmp_path / "site"
    put_new(site, "一", ("index.html", "x/stories.html"))
    write_all(site, {path: "别人的", "CNAME": "example.cn"})
    before = snapshot(tmp_path)
    with pytest.raises(ClashError, match="移走或改名"):
        put_new(site, "二", ("index.html", "stories/a.html", "stories/c.html"))
    assert snapshot(tmp_path) == before


def test_a_pipe_and_a_link_under_our_name_stop_the_build(tmp_path: Path) -> None:
    for spoil in (
        lambda site: os.mkfifo(site / "pipe"),
        lambda site: ((site / "index.html").unlink(), (site / "index.html").symlink_to("/etc/passwd")),
        lambda site: (shutil.rmtree(site / "stories"), (site / "stories").symlink_to(tmp_path)),
    ):
        site = tmp_path / "site"
        put_new(site, "一")
        spoil(site)
        before = snapshot(tmp_path)
        with pytest.raises(ClashError):
            put_new(site, "二")
        assert snapshot(tmp_path) == before
        shutil.rmtree(site)


def test_what_appears_while_folders_change_places_is_carried_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    put_new(site, "一")
    write_all(site, {"CNAME": "old"})
    replace = os.replace

    def late(source: Any, target: Any) -> None:
        if Path(source) == site:
            write_all(site, {"upload/a.jpg": "刚传的", "stories/c.html": "别人刚写的"})
            (site / "CNAME").unlink()
            write_all(site, {"CNAME": "newer"})
        replace(source, target)

    monkeypatch.setattr(output.os, "replace", late)
    put_new(site, "二", (*PAGES, "stories/c.html"))
    assert (site / "upload/a.jpg").read_text("utf-8") == "刚传的"
    assert (site / "CNAME").read_text("utf-8") == "newer"
    assert (site / "stories/c.html").read_text("utf-8") == "二"
    assert (site / "stories__c.html.old").read_text("utf-8") == "别人刚写的"


def test_a_file_changed_since_it_was_carried_is_not_put_back(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    write_all(old, {"CNAME": "old"})
    write_all(new, {"CNAME": "young"})
    os.utime(old / "CNAME", (1, 1))
    move_late_items(contents_of(old, {}).foreign, old, new, ())
    assert (new / "CNAME").read_text() == "young"


def killed(act: Callable[[], None], at: int) -> bool:
    """Do something in another process that is killed at its ``at``-th change of the disk; whether it was."""
    child = os.fork()
    if child == 0:
        count = [0]

        def hook(event: str, arguments: tuple[Any, ...]) -> None:
            changes = ("os.rename", "os.link", "os.symlink", "os.remove", "os.rmdir", "os.mkdir", "os.chmod")
            if event in changes or (event == "open" and isinstance(arguments[2], int) and arguments[2] & os.O_WRONLY):
                count[0] += 1
                if count[0] == at:
                    os.kill(os.getpid(), signal.SIGKILL)

        try:
            sys.addaudithook(hook)
            act()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def test_killed_at_any_step_nothing_is_lost_and_the_next_run_sweeps_up(tmp_path: Path) -> None:
    site = tmp_path / "site"
    put_new(site, "一")
    theirs(site)
    before = without_ours(site)
    at, kills = 1, 0
    while killed(lambda: put_new(site, "二", PAGES[:2]), at):
        kills += 1
        with staging_dir(site):
            pass
        pages = {path: (site / path).read_text("utf-8") for path in PAGES if (site / path).exists()}
        assert pages in (dict.fromkeys(PAGES, "一"), dict.fromkeys(PAGES[:2], "二")), at
        assert without_ours(site) == before, at
        # Before it says whose it is, a working folder is not known to be ours; there is nothing in it.
        for name in litter(tmp_path):
            assert {path.name for path in (tmp_path / name).iterdir()} <= {"lock", "work.json"}
            shutil.rmtree(tmp_path / name)
        put_new(site, "一")
        at += 1
    assert kills > 30
    assert (site / "index.html").read_text("utf-8") == "二"


# --- where nothing of ours may be ------------------------------------------------------------------------------------


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small archive in a home of its own, beside things that are precious."""
    home = tmp_path / "home"
    folder = write_tree(home / "me/archive", {"mkdocs.yml": MKDOCS_YML, "stories/a.md": {"set": {}}})
    write_all(home, {"me/letters/a.txt": "信", "me/photo.jpg": "照片", "you/diary.txt": "日记"})
    write_all(home / "me/letters", {"catalogue.json": "{}", "index.html": "我的网页"})
    (folder / ".git").mkdir()
    (folder / ".git/HEAD").write_text("ref")
    monkeypatch.setenv("HOME", str(home / "me"))
    monkeypatch.chdir(home / "me")
    return folder


Destination = Callable[[Path], Path]
"""A hostile place, given the archive; it may make what stands there."""


def _link(root: Path, to: Path) -> Path:
    link = root.parent / "link"
    link.symlink_to(to)
    return link


def _file(root: Path) -> Path:
    return root.parent / "photo.jpg"


def _pipe(root: Path) -> Path:
    os.mkfifo(root.parent / "pipe")
    return root.parent / "pipe"


def _marked(root: Path, edition: str) -> Path:
    """A folder of ours of another kind, with a stranger's file in it."""
    folder = root.parent / "marked"
    write_all(folder, {"a.txt": "别人的", "manifest.json": "[]", "e/000000000000/x": "别人的"})
    write_marker(folder, "0" * 32, edition, {})
    return folder


def _forged(root: Path, said: str) -> Path:
    folder = root.parent / "forged"
    write_all(folder, {"a.txt": "别人的", MARKER: said})
    return folder


PLACES: dict[str, Destination] = {
    "the archive": lambda root: root,
    "the archive by a link": lambda root: _link(root, root),
    "above it": lambda root: root.parent,
    "far above it": lambda root: Path("/"),
    "home of another": lambda root: root.parent.parent / "you",
    "homes": lambda root: root.parent.parent,
    "docs": lambda root: root / "docs",
    "in docs": lambda root: root / "docs/new/site",
    "stories by a link": lambda root: _link(root, root / "stories"),
    "in stories by a link": lambda root: _link(root, root / "stories") / "x",
    "git": lambda root: root / ".git",
    "in git": lambda root: root / ".git/site",
    "overrides": lambda root: root / "overrides",
    "dots": lambda root: root / "docs/../stories/../../archive",
    "a file": _file,
    "below a file": lambda root: _file(root) / "x",
    "a pipe": _pipe,
    "a loop": lambda root: _link(root, root.parent / "link"),
    "a foreign folder": lambda root: root.parent / "letters",
    "a foreign folder by a link": lambda root: _link(root, root.parent / "letters"),
    "a stranger's marker": lambda root: _forged(root, '{"made_by": "integrity-archive", "format": 1}'),
    "a deep marker": lambda root: _forged(root, "[" * 100_000),
    "a marker of paths outside": lambda root: _forged(
        root,
        json.dumps(
            {"made_by": "integrity-archive", "format": 1, "id": "0" * 32, "edition": "web", "files": ["../photo.jpg"]}
        ),
    ),
    "a newline": lambda root: root / "docs/a\nb",
}
COMMANDS: dict[str, Callable[[Path], list[str | Path]]] = {
    "web": lambda place: ["build", "--out", place],
    "kiosk": lambda place: ["build", "--edition", "kiosk", "--out", place],
    "usb": lambda place: ["build", "--edition", "usb", "--out", place],
    "poster": lambda place: ["publish", "poster", "--out", place],
    "stick": lambda place: ["pack", "usb", place],
    "delta": lambda place: ["pack", "delta", "--from", Path(os.environ["ARCHIVE_CACHE"]) / "manifest.json", place],
    "zim": lambda place: ["pack", "zim", place],
    "apply": lambda place: ["apply", Path(os.environ["ARCHIVE_CACHE"]) / "delta.zip", place],
    "key": lambda place: ["key", place],
    "withdrawn": lambda place: ["withdrawn", "--clear", "--forget", place],
    "schema": lambda place: ["schema", "--out", place],
    "proof": lambda place: ["proof", "--texts", Path(os.environ["ARCHIVE_CACHE"]) / "books", "--out", place],
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("place", PLACES)
def test_no_command_changes_a_file_outside_its_target(
    root: Path, cache: Path, place: str, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = PLACES[place](root)
    write_all(cache, {"manifest.json": "{}", "delta.zip": "不是 ZIP", "books/a.txt": "后汉书\n杨震字伯起"})
    monkeypatch.setattr("integrity_archive.publish.command.publish_all", lambda *_: iter(()))
    home = root.parents[1]
    before = snapshot(home)
    result = run(root, *COMMANDS[command](target))
    assert result.exception is None or isinstance(result.exception, SystemExit)
    after = snapshot(home)
    assert {path: after.get(path) for path in before} == before
    new = {path for path in after if path not in before}
    real = os.path.realpath(target)
    beside = {f"{real}{suffix}" for suffix in (".key", ".pub")}
    assert {path for path in new if str(home / path) not in beside and not (home / path).is_relative_to(real)} == set()
    if command in ("web", "kiosk", "usb"):
        assert result.exit_code == 1
        assert "错误：" in result.output
        assert new == set()


def test_a_root_packed_with_among_keeps_its_sources(root: Path) -> None:
    before = snapshot(root)
    for arguments in (["pack", "usb", root, "--among"], ["pack", "usb", root / "docs", "--among"]):
        result = run(root, *arguments)
        assert result.exit_code == 1
        assert "馆藏" in result.output
    write_all(root, {"manifest.json": "{}", "catalogue.json": "{}"})
    assert "馆藏" in run(root, "build", "--edition", "usb", "--out", root).output
    assert {path: said for path, said in snapshot(root).items() if path in before} == before


def test_a_stick_with_photos_is_not_replaced_by_a_build(root: Path) -> None:
    stick = root.parent / "stick"
    write_all(stick, {"catalogue.json": "{}", "照片/a.jpg": "照片"})
    before = snapshot(stick)
    result = run(root, "build", "--edition", "usb", "--out", stick)
    assert result.exit_code == 1
    assert "旧版程序" in result.output
    assert snapshot(stick) == before


def test_the_root_of_a_disk_is_refused(root: Path, disk_of: Callable[[str], Path]) -> None:
    disk = disk_of("512k")
    with pytest.raises(OutputError, match="盘的根"):
        output_folder(str(root), disk, ("web",))
    assert place_in(str(root), disk) == disk  # a stick is one


def test_an_existing_file_of_another_kind_is_not_written_over(root: Path, cache: Path) -> None:
    write_all(root.parent, {"mine.zip": "我的", "mine.zim": "我的", "story.schema.json": "{}", "k.pub": "我的"})
    write_all(cache, {"manifest.json": "{}"})
    before = snapshot(root.parent)
    for arguments in (["pack", "zim", "mine.zim"], ["schema", "--out", "."], ["key", "k"]):
        result = run(root, *arguments)
        assert result.exit_code == 1
        assert snapshot(root.parent) == before


def test_a_draft_is_not_written_through_a_link(root: Path) -> None:
    outside = root.parent / "outside.md"
    (root / "stories/jia.md").symlink_to(outside)
    assert run(root, "new", "story", "甲").exit_code == 1
    assert not outside.exists()
    shutil.rmtree(root / "stories")
    (root / "stories").symlink_to(root.parent / "letters")
    assert "链接" in run(root, "new", "story", "乙").output
    assert not (root.parent / "letters/yi.md").exists()


# --- what commands make of it ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An archive with its site built, to be copied."""
    folder = tmp_path_factory.mktemp("built")
    root = write_tree(folder / "archive", {"mkdocs.yml": MKDOCS_YML, "stories/a.md": {"set": {}}})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ARCHIVE_CACHE", str(folder / "cache"))
        assert run(root, "build").exit_code == 0
    yield root


@pytest.fixture
def copy(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "archive", symlinks=True))


def test_archive_build_keeps_what_others_put_into_the_site(copy: Path) -> None:
    site = copy / "site"
    write_all(site, {"CNAME": "lian.example.cn", ".git/HEAD": "ref"})
    link = copy.parent / "www"
    link.symlink_to(site)
    id_ = read_marker(site).id  # type: ignore[union-attr]
    for body in ("一", "二"):  # everything is built, then what changed
        write_tree(copy, {"stories/a.md": {"set": {}, "body": body}})
        assert run(copy, "build", "--out", link).exit_code == 0
        assert body in (site / "stories/a.html").read_text("utf-8")
        assert (site / "CNAME").read_text() == "lian.example.cn"
        assert (site / ".git/HEAD").read_text() == "ref"
    assert link.is_symlink()
    marker = read_marker(site)
    assert marker is not None
    assert marker.id == id_
    assert set(marker.files) == set(contents(site)) - {"CNAME", ".git/HEAD"}


def test_mkdocs_build_replaces_only_what_is_ours(copy: Path) -> None:
    site = copy / "site"
    write_all(site, {"CNAME": "lian.example.cn"})
    whole = contents(site)

    def mkdocs(*more: str) -> Any:
        return CliRunner().invoke(mkdocs_cli, ["-q", "build", "-f", str(copy / "mkdocs.yml"), *more])

    assert mkdocs().exit_code == 0
    assert contents(site) == whole
    assert litter(copy) == []
    write_tree(copy, {"stories/b.md": {"set": {"period": "没有的"}}})
    assert mkdocs().exit_code == 1
    assert contents(site) == whole
    assert litter(copy) == []
    (copy / "stories/b.md").unlink()
    (copy / "foreign").mkdir()
    write_all(copy / "foreign", {"index.html": "别人的"})
    assert mkdocs("-d", str(copy / "foreign")).exit_code == 1
    assert contents(copy / "foreign") == {"index.html": "别人的".encode()}


@pytest.mark.parametrize("program", [["integrity_archive", "--root", ".", "-q", "build"], ["mkdocs", "-q", "build"]])
def test_killed_at_any_moment_a_build_loses_nothing(copy: Path, program: list[str]) -> None:
    site = copy / "site"
    theirs(site)
    before = contents(site)
    write_tree(copy, {"stories/a.md": {"set": {}, "body": "添一句。"}})
    chance = random.Random(7)
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-m", *program], cwd=copy, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.5, 6))
        process.kill()
        process.wait()
        now = contents(site)
        assert set(now) >= {*THEIRS, "index.html", "stories/a.html"}
        assert now == before or "添一句" in now["stories/a.html"].decode()
        assert (site / ".git/refs/tags").is_dir()


def test_other_bytes_of_an_address_are_answered_and_a_nul_too() -> None:
    said: list[str] = []
    app = without_null_paths(lambda environ, start: [environ["PATH_INFO"].encode()])
    assert list(app({"PATH_INFO": "/a.html"}, lambda status, headers: said.append(status))) == [b"/a.html"]  # type: ignore[arg-type,func-returns-value]
    list(app({"PATH_INFO": "/a\0"}, lambda status, headers: said.append(status)))  # type: ignore[arg-type,func-returns-value]
    assert said == ["404 Not Found"]


def test_published_papers_replace_only_their_own(copy: Path) -> None:
    out = copy.parent / "papers"
    write_all(out, {"故事海报.pdf": "我的", "a.txt": "我的"})
    before = snapshot(out)
    result = run(copy, "publish", "poster", "--out", out)
    assert result.exit_code == 1
    assert "不是本程序写的" in result.output
    assert snapshot(out) == before
    (out / "故事海报.pdf").unlink()
    for _ in range(2):
        assert run(copy, "publish", "poster", "--out", out).exit_code == 0
    assert (out / "a.txt").read_text("utf-8") == "我的"
    assert sorted(p.name for p in out.iterdir()) == [MARKER, "a.txt", "故事海报.pdf"]


# --- the folder of screens -------------------------------------------------------------------------------------------


def edition(folder: Path, files: dict[str, str]) -> Path:
    """A built edition for screens, as far as ``deliver`` looks at it."""
    scripts = {f"assets/js/{name}": "0;\n" for name in WATCHERS}
    doors = {f"folder-{name}.html": "<!doctype html>\n" for name in ("index", "signage", "install")}
    write_all(folder, {"index.html": "<!doctype html>\n", **scripts, **doors, **files})
    return folder


def editions(out: Path) -> set[str]:
    return {path.name for path in (out / "e").iterdir()}


def test_what_was_withdrawn_is_gone_from_the_folder_at_once(tmp_path: Path) -> None:
    out = tmp_path / "kiosk"
    first = deliver(edition(tmp_path / "1", {"stories/a.html": "甲"}), out).id
    second = deliver(edition(tmp_path / "2", {"stories/a.html": "甲二", "stories/b.html": "内部"}), out).id
    assert editions(out) == {first, second}
    done = deliver(edition(tmp_path / "3", {"stories/a.html": "甲三"}), out)
    assert editions(out) == {first, done.id}  # the first has nothing that was withdrawn
    assert current(out) == {"id": done.id, "previous": None}
    assert done.removed == 1
    again = deliver(edition(tmp_path / "4", {"stories/a.html": "甲四"}), out, only_current=True)
    assert editions(out) == {again.id}
    assert current(out) == {"id": again.id, "previous": None}
    assert not [p for p in out.rglob("*") if p.is_file() and "内部" in p.read_text("utf-8", "replace")]


def test_the_folder_of_screens_leaves_alone_what_is_not_ours(tmp_path: Path) -> None:
    out = tmp_path / "kiosk"
    first = deliver(edition(tmp_path / "1", {"stories/a.html": "甲"}), out).id
    mine = {"e/照片/a.jpg": "照片", "e/000000000000/a.jpg": "照片", f"e/{first}/note.txt": "记", ".old-x/a": "旧"}
    write_all(out, mine)
    (out / "e/aaaaaaaaaaaa").symlink_to(tmp_path / "1")
    deliver(edition(tmp_path / "2", {}), out, only_current=True)
    assert {path: (out / path).read_text("utf-8") for path in mine} == mine
    assert (out / "e/aaaaaaaaaaaa").is_symlink()
    assert not (out / "e" / first / "stories").exists()


@pytest.mark.parametrize("name", ["index.html", "linux", "linux/kiosk.sh", "current.js", "e"])
def test_a_link_or_file_of_others_in_the_folder_of_screens_is_refused(tmp_path: Path, name: str) -> None:
    out, outside = tmp_path / "kiosk", tmp_path / "outside"
    outside.mkdir()
    deliver(edition(tmp_path / "1", {}), out)
    if (out / name).is_dir():
        shutil.rmtree(out / name)
    else:
        (out / name).unlink()
    (out / name).symlink_to(outside)
    before = snapshot(out)
    with pytest.raises(ClashError, match="不是本程序写的"):
        deliver(edition(tmp_path / "2", {"stories/a.html": "甲"}), out)
    assert snapshot(out) == before
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("name", ["linux/kiosk.sh", "index.html"])
def test_what_a_technician_changed_beside_the_editions_is_named_and_kept(tmp_path: Path, name: str) -> None:
    out = tmp_path / "kiosk"
    deliver(edition(tmp_path / "1", {}), out)
    deliver(edition(tmp_path / "2", {"stories/a.html": "甲"}), out)
    (out / name).write_text("echo 我改的", "utf-8")
    before = snapshot(out)
    with pytest.raises(ClashError, match=f"{name} 不是本程序写的，或写好以后有人改过"):
        deliver(edition(tmp_path / "3", {"stories/b.html": "乙"}), out)
    assert snapshot(out) == before
    (out / name).rename(out / f"{name}.mine")
    deliver(edition(tmp_path / "4", {"stories/b.html": "乙"}), out)
    assert (out / f"{name}.mine").read_text("utf-8") == "echo 我改的"


def test_an_edition_named_outside_the_folder_is_not_believed(tmp_path: Path) -> None:
    out, outside = tmp_path / "kiosk", tmp_path / "outside"
    outside.mkdir()
    os.utime(outside, (1, 1))
    deliver(edition(tmp_path / "1", {}), out)
    (out / "current.js").write_text('window.archiveCurrent = {"id":"../../outside","previous":["x"]};')
    assert current(out) == {}
    with pytest.raises(ClashError, match="有人改过"):
        deliver(edition(tmp_path / "2", {"stories/a.html": "甲"}), out)
    (out / "current.js").unlink()
    deliver(edition(tmp_path / "2", {"stories/a.html": "甲"}), out)
    assert outside.stat().st_mtime == 1


# --- what lies about afterwards, and what is said --------------------------------------------------------------------


def test_what_killed_packs_left_is_swept_by_the_next(cache: Path) -> None:
    def dies() -> None:
        with scratch_dir() as folder:
            write_all(folder, {"site/index.html": "整个网站"})
            os.kill(os.getpid(), signal.SIGKILL)

    assert killed(dies, 10**9)
    assert list(cache.rglob("index.html"))
    with scratch_dir() as live:
        assert not list(cache.rglob("index.html"))
        with scratch_dir():
            assert live.is_dir()
    assert not list(cache.rglob(f"{WORK_PREFIX}*"))


def test_what_killed_runs_left_beside_a_file_is_swept_and_others_files_are_not(tmp_path: Path) -> None:
    target = tmp_path / "全馆.zim"
    write_all(tmp_path, {".making-mine.pdf": "我的"})
    assert killed(lambda: make_file(target, lambda path: os.kill(os.getpid(), signal.SIGKILL)), 10**9)
    assert len(litter(tmp_path)) == 1
    make_file(target, lambda path: path.write_text("新"))
    assert sorted(p.name for p in tmp_path.iterdir()) == [".making-mine.pdf", "全馆.zim"]


def test_keys_come_in_pairs_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    private, public = tmp_path / "馆.key", tmp_path / "馆.pub"
    public.write_text("旧的")
    with pytest.raises(FileExistsError):
        new_keys(private, public)
    assert contents(tmp_path) == {"馆.pub": "旧的".encode()}
    public.unlink()
    calls = iter((None, OSError(errno.ENOSPC, "No space left on device")))

    def full(_: int) -> None:
        if error := next(calls):
            raise error

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        new_keys(private, public)
    assert contents(tmp_path) == {}


def test_what_could_not_be_written_is_named(tmp_path: Path, cache: Path) -> None:
    target = tmp_path / "site"
    said = write_fault(OSError(errno.EROFS, "", str(cache / "locks/x.lock")), target)
    assert f"写不进 {cache}：" in said
    assert "ARCHIVE_CACHE" in said
    assert "TMPDIR" in write_fault(FileNotFoundError(2, "No usable temporary directory found in ['/tmp']"), target)
    inside = str(tmp_path / f"{WORK_PREFIX}x/content/made/a.html")
    assert f"写不进 {target}：" in write_fault(OSError(errno.ENOSPC, "", inside), target)
    assert f"写不进 {tmp_path}：" in write_fault(OSError(errno.EACCES, "", str(tmp_path / f"{WORK_PREFIX}x")), target)
    assert f"读写不了 {tmp_path / 'a.md'}：" in write_fault(OSError(errno.EIO, "", str(tmp_path / "a.md")), target)
    assert "\n" not in write_fault(OSError(errno.EACCES, ""), tmp_path / "a\nb")


def test_no_temporary_folder_is_said_in_plain_words(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object, **__: object) -> str:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp']")

    monkeypatch.setattr("tempfile.mkdtemp", none)
    for arguments in (["pack", "zim", root.parent / "a.zim"], ["build"]):
        result = run(root, *arguments)
        assert result.exit_code == 1
        assert "临时文件夹" in result.output
        assert isinstance(result.exception, SystemExit)


def test_editions_that_are_put_in_place_are_known_to_the_marker() -> None:
    assert set(EDITIONS) == {"web", "usb", "kiosk"}
