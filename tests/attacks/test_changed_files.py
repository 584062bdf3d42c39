"""Files of ours that somebody changed, and markers that somebody forged: no byte is lost that we did not write."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import string
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import example, given
from hypothesis import strategies as st
from mkdocs.__main__ import cli as mkdocs_cli

from integrity_archive.cli.main import main
from integrity_archive.kiosk.delivery import WATCHERS, deliver
from integrity_archive.output.destination import OutputError, output_folder
from integrity_archive.output.folder import Replaced, SharedFolder, output_lock, replace_dir, scratch_dir, staging_dir
from integrity_archive.output.foreign_files import ClashError
from integrity_archive.output.marker import MARKER, PUBLISH, WORK_PREFIX, read_marker, write_marker
from integrity_archive.search.documents import SearchDocument, SearchField
from integrity_archive.search.job import SearchJob
from integrity_archive.support import signed_cache
from trees import MKDOCS_YML, contents, write_tree

PAGES = ("index.html", "favicon.ico", "stories/a.html", "stories/b.html")
PACKAGE = Path(main.callback.__code__.co_filename).parents[1]  # type: ignore[union-attr]


@pytest.fixture(autouse=True)
def settings(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A user with a cache and a key of their own."""
    folder = tmp_path_factory.mktemp("user")
    monkeypatch.setenv("ARCHIVE_CACHE", str(folder / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "settings"))
    signed_cache.signing_key.cache_clear()
    yield folder
    signed_cache.signing_key.cache_clear()


def run(root: Path, *arguments: str | Path) -> Any:
    return CliRunner().invoke(main, ["--root", str(root), "-q", *map(str, arguments)])


def put_new(target: Path, word: str, pages: tuple[str, ...] = PAGES) -> Replaced:
    """What a build does, without MkDocs."""
    with output_lock(target), staging_dir(target) as staging:
        made = staging.content / "made"
        write_all(made, dict.fromkeys(pages, word))
        return replace_dir(made, staging, "web")


def write_all(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")


# --- files of ours that somebody changed ------------------------------------------------------------------------------


def _edited(path: Path) -> None:
    path.write_text("手改的", "utf-8")


def _edited_same_size(path: Path) -> None:
    path.write_text("改", "utf-8")


def _replaced(path: Path) -> None:
    beside = path.with_name("beside")
    beside.write_text("换", "utf-8")
    os.replace(beside, path)


def _edited_within_the_clock(path: Path) -> None:
    """As on a disk that notes every other second."""
    changed = path.stat().st_mtime_ns
    path.write_text("改", "utf-8")
    os.utime(path, ns=(changed, changed))


CHANGES = [_edited, _edited_same_size, _replaced, _edited_within_the_clock]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("path", PAGES)
def test_a_changed_file_of_ours_stops_the_build(tmp_path: Path, path: str, change: Callable[[Path], None]) -> None:
    site = tmp_path / "site"
    put_new(site, "一")
    change(site / path)
    before = contents(tmp_path)
    with pytest.raises(ClashError, match="有人改过") as stopped:
        put_new(site, "二")
    assert str(site / path) in str(stopped.value)
    assert "移走或改名" in str(stopped.value)
    assert contents(tmp_path) == before
    os.replace(site / path, site / "mine.txt")
    put_new(site, "二")
    assert (site / path).read_text("utf-8") == "二"
    assert (site / "mine.txt").read_bytes() == before[f"site/{path}"]


def test_a_changed_page_that_the_site_has_no_more_is_kept_and_named(tmp_path: Path) -> None:
    site = tmp_path / "site"
    put_new(site, "一")
    _edited(site / "stories/b.html")
    done = put_new(site, "二", PAGES[:3])
    assert "stories/b.html" in done.note
    assert (site / "stories/b.html").read_text("utf-8") == "手改的"
    assert put_new(site, "三", PAGES[:3]).note == ""
    assert (site / "stories/b.html").read_text("utf-8") == "手改的"


def test_a_copy_of_a_site_is_ours_whatever_its_times(tmp_path: Path) -> None:
    site, copied = tmp_path / "site", tmp_path / "copied"
    put_new(site, "一")
    shutil.copytree(site, copied, copy_function=shutil.copyfile)
    for path in copied.rglob("*"):
        os.utime(path, (1, 1))
    put_new(copied, "二")
    assert (copied / "index.html").read_text("utf-8") == "二"


def test_archive_build_says_which_page_was_changed_and_goes_on_without_it(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "archive", {"mkdocs.yml": MKDOCS_YML, "stories/a.md": {"set": {}}})
    assert run(root, "build").exit_code == 0
    site = root / "site"
    write_all(site, {"stories/a.html": "我手改的一页"})
    for body in ("一", "二"):
        write_tree(root, {"stories/a.md": {"set": {}, "body": body}})
        before = contents(site)
        result = run(root, "build")
        assert result.exit_code == 1
        assert str(site / "stories/a.html") in result.output
        assert "有人改过" in result.output
        assert contents(site) == before
    os.replace(site / "stories/a.html", site / "mine.html")
    assert run(root, "build").exit_code == 0
    assert "二" in (site / "stories/a.html").read_text("utf-8")
    assert (site / "mine.html").read_text("utf-8") == "我手改的一页"
    write_all(site, {"stories/a.html": "又手改了"})
    (root / "stories/a.md").unlink()
    write_tree(root, {"stories/b.md": {"set": {}}})
    result = run(root, "build")
    assert result.exit_code == 0
    assert "stories/a.html" in result.output
    assert (site / "stories/a.html").read_text("utf-8") == "又手改了"


def test_a_published_paper_finished_by_hand_is_not_replaced(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "archive", {"mkdocs.yml": MKDOCS_YML, "stories/a.md": {"set": {}}})
    out = tmp_path / "papers"
    for _ in range(2):
        assert run(root, "publish", "poster", "--out", out).exit_code == 0
    poster = out / "故事海报.pdf"
    poster.write_bytes(poster.read_bytes() + "我的批注".encode())
    before = contents(out)
    result = run(root, "publish", "poster", "--out", out)
    assert result.exit_code == 1
    assert "有人改过" in result.output
    assert contents(out) == before


def test_a_paper_put_in_place_by_a_killed_run_is_still_ours(tmp_path: Path) -> None:
    out = tmp_path / "papers"

    def put(word: str) -> None:
        with staging_dir(out / MARKER) as staging:
            shared = SharedFolder(out, ["a.pdf", "b/c.pdf"], staging, PUBLISH)
            for name in ("a.pdf", "b/c.pdf"):
                made = staging.content / "made"
                made.write_text(word, "utf-8")
                shared.put({name: made})

    put("一")
    replace, step = os.replace, 0
    while True:
        step += 1
        child = os.fork()
        if child == 0:
            count = [0]

            def killing(source: Any, target: Any, count: list[int] = count, step: int = step) -> None:
                count[0] += 1
                if count[0] == step:
                    os.kill(os.getpid(), signal.SIGKILL)
                replace(source, target)

            os.replace = killing
            put("二二")
            os._exit(0)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0:
            break
        put("一")
    assert step > 4
    assert {path: text for path, text in contents(out).items() if path != MARKER} == dict.fromkeys(
        ("a.pdf", "b/c.pdf"), "二二".encode()
    )


def _edition(folder: Path, files: dict[str, str]) -> Path:
    """A built edition for screens, as far as ``deliver`` looks at it."""
    scripts = {f"assets/js/{name}": "0;\n" for name in WATCHERS}
    doors = {f"folder-{name}.html": "<!doctype html>\n" for name in ("index", "signage", "install")}
    write_all(folder, {"index.html": "<!doctype html>\n", **scripts, **doors, **files})
    return folder


def test_a_changed_file_in_an_old_edition_for_screens_is_kept(tmp_path: Path) -> None:
    out = tmp_path / "kiosk"
    first = deliver(_edition(tmp_path / "1", {"stories/a.html": "甲", "media/a.jpg": "图"}), out).id
    (out / "e" / first / "media/a.jpg").write_text("我的照片", "utf-8")
    deliver(_edition(tmp_path / "2", {}), out, only_current=True)
    assert contents(out / "e" / first) == {"media/a.jpg": "我的照片".encode()}


def test_a_list_in_an_edition_for_screens_that_names_photos_is_not_believed(tmp_path: Path) -> None:
    out = tmp_path / "kiosk"
    deliver(_edition(tmp_path / "1", {}), out)
    forged = {"zz-files.js": 'archiveData("zz-files", ["photo.jpg"]);\n', "photo.jpg": "照片"}
    write_all(out / "e/000000000000", forged)
    deliver(_edition(tmp_path / "2", {"stories/a.html": "甲"}), out, only_current=True)
    assert contents(out / "e/000000000000") == {path: text.encode() for path, text in forged.items()}


# --- markers that somebody forged -------------------------------------------------------------------------------------


def _format_1(folder: Path) -> str:
    head = {"format": 1, "made_by": "integrity-archive", "id": "0" * 32, "edition": "web"}
    return json.dumps({**head, "files": ["a.jpg", "b/c.jpg"]})


def _true_sums(folder: Path) -> str:
    records = ",\n".join(
        f'"{path}": [{len(data)}, {(folder / path).stat().st_mtime_ns}, "{hashlib.sha256(data).hexdigest()}"]'
        for path, data in contents(folder).items()
    )
    head = f'"format": 2, "made_by": "integrity-archive", "id": "{"0" * 32}", "edition": "web"'
    return f'{{"signature": "{"0" * 32}",\n{head},\n"files":\n{{\n{records}\n}}}}\n'


def _another_users(folder: Path) -> str:
    elsewhere = folder.parent / "elsewhere"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(elsewhere))
        signed_cache.signing_key.cache_clear()
        put_new(elsewhere / "site", "照片", ("a.jpg", "b/c.jpg"))
    signed_cache.signing_key.cache_clear()
    said = (elsewhere / "site" / MARKER).read_text("utf-8")
    shutil.rmtree(elsewhere)
    return said


FORGED = {
    "of the version before": _format_1,
    "with true sums": _true_sums,
    "of another user": _another_users,
    "empty": lambda _: "",
    "not text": lambda _: '{"signature": "\x00é',
    "deep": lambda _: "[" * 100_000,
}


@pytest.mark.parametrize("kind", FORGED)
def test_a_forged_marker_makes_no_command_touch_photos(tmp_path: Path, kind: str) -> None:
    root = write_tree(tmp_path / "archive", {"mkdocs.yml": MKDOCS_YML, "stories/a.md": {"set": {}}})
    photos = tmp_path / "photos"
    write_all(photos, {"a.jpg": "照片", "b/c.jpg": "照片"})
    write_all(photos, {MARKER: FORGED[kind](photos)})
    before = contents(photos)
    assert read_marker(photos) is None
    for command in (["build"], ["build", "--edition", "kiosk"], ["build", "--edition", "usb"], ["publish", "poster"]):
        result = run(root, *command, "--out", photos)
        assert result.exit_code == 1, command
        assert "改名" in result.output
        assert "--out" in result.output
        assert isinstance(result.exception, SystemExit)
        assert contents(photos) == before
    with pytest.raises(ClashError):
        put_new(photos, "一")
    assert contents(photos) == before


def test_a_true_marker_beside_photos_makes_them_ours_by_no_name(tmp_path: Path) -> None:
    site, photos = tmp_path / "site", tmp_path / "photos"
    put_new(site, "一")
    write_all(photos, dict.fromkeys(PAGES, "照片"))
    shutil.copy2(site / MARKER, photos)
    before = contents(photos)
    with pytest.raises(ClashError):
        put_new(photos, "二")
    assert contents(photos) == before
    done = put_new(photos, "二", ("other.html",))
    assert {path: (photos / path).read_text("utf-8") for path in PAGES} == dict.fromkeys(PAGES, "照片")
    assert set(done.kept) == set(PAGES)


def test_a_site_stays_ours_without_the_cache_but_not_without_the_key(tmp_path: Path, settings: Path) -> None:
    site = tmp_path / "site"
    put_new(site, "一")
    shutil.rmtree(settings / "cache")
    signed_cache.signing_key.cache_clear()
    assert output_folder(str(tmp_path / "archive"), site, ("web",)) == site
    shutil.rmtree(settings / "settings")
    signed_cache.signing_key.cache_clear()
    before = contents(site)
    with pytest.raises(OutputError, match="改名"):
        output_folder(str(tmp_path / "archive"), site, ("web",))
    assert contents(site) == before


def test_a_marker_says_again_what_was_written_into_it(tmp_path: Path) -> None:
    done = put_new(tmp_path / "site", "一", ("index.html", '故事/"引号"\\.html', "stories/\n.html"))
    read = read_marker(tmp_path / "site")
    assert read == done.marker
    assert read is not None
    assert read.files == done.marker.files
    json.loads((tmp_path / "site" / MARKER).read_bytes())
    write_marker(tmp_path, "0" * 32, "web", {})
    empty = read_marker(tmp_path)
    assert empty is not None
    assert empty.files == {}


# --- whatever a user does between two builds --------------------------------------------------------------------------

_NAMES = st.sampled_from(
    ("index.html", "favicon.ico", "stories/a.html", "stories", "mine.txt", "stories/mine", "x/y/z")
)
_CHANGES = st.sampled_from(("edit", "edit, same size", "replace", "delete", "add", "chmod", "rename", "link", "touch"))
_ACTS = st.lists(st.tuples(_CHANGES, _NAMES, _NAMES), max_size=5)
_BUILDS = st.sets(st.sampled_from((*PAGES, "x/y/z", "stories/mine")), min_size=1)


def _act(site: Path, change: str, path: Path, other: Path, token: str) -> None:
    """What a user may do; what the system refuses is left undone."""
    match change:
        case "edit":
            path.write_text(token, "utf-8")
        case "edit, same size":
            path.write_bytes(token.encode()[-path.stat().st_size :])
        case "replace":
            (site.parent / "draft").write_text(token, "utf-8")
            os.replace(site.parent / "draft", path)
        case "delete":
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        case "add":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(token, "utf-8")
        case "chmod":
            path.chmod(0o700 if path.is_dir() else 0o600)
        case "rename":
            path.rename(other)
        case "link":
            path.rename(site.parent / f"moved-{token}")
            path.symlink_to(site.parent / f"moved-{token}")
        case "touch":
            os.utime(path)


def _users(folder: Path, ours: set[bytes]) -> dict[str, bytes]:
    """Files and links below a folder that have another content than what builds wrote."""
    found = {}
    for where, folders, files in os.walk(folder):
        for path in (Path(where, name) for name in (*folders, *files)):
            if path.is_symlink():
                found[str(path)] = os.readlink(path).encode()
            elif path.is_file() and path.name != MARKER and (said := path.read_bytes()) not in ours:
                found[str(path)] = said
    return found


@given(st.lists(st.tuples(_ACTS, _BUILDS), min_size=1, max_size=4))
@example([([("edit", "index.html", "index.html")], {"index.html"})])
@example([([("link", "stories", "stories")], {"favicon.ico"}), ([], {"stories/a.html"})])
@example([([("rename", "index.html", "mine.txt"), ("add", "index.html", "x/y/z")], {"favicon.ico"})])
def test_whatever_a_user_changes_between_builds_no_byte_of_theirs_is_lost(
    rounds: list[tuple[list[tuple[str, str, str]], set[str]]],
) -> None:
    with TemporaryDirectory() as folder:
        site = Path(folder, "site")
        put_new(site, string.ascii_letters)
        ours = {string.ascii_letters.encode()}
        for number, (acts, pages) in enumerate(rounds):
            for at, (change, path, other) in enumerate(acts):
                try:
                    _act(site, change, site / path, site / other, f"{number}-{at}-" + "user" * 20)
                except OSError:
                    continue
            theirs, whole = _users(Path(folder), ours), _users(Path(folder), set())
            word = f"{string.ascii_letters[:-3]}{number:03}"
            try:
                put_new(site, word, tuple(sorted(pages)))
                ours.add(word.encode())
            except ClashError:
                assert _users(Path(folder), set()) == whole
            now = _users(Path(folder), ours)
            assert {path: now.get(path) for path in theirs} == theirs
            assert not [name for name in os.listdir(folder) if name.startswith(WORK_PREFIX)]


# --- what is said ---------------------------------------------------------------------------------------------------


def test_an_empty_out_is_refused_in_plain_words(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "archive", {"mkdocs.yml": MKDOCS_YML, "stories/a.md": {"set": {}}})
    before = contents(tmp_path)
    for command in (["build"], ["publish", "poster"], ["schema"], ["proof", "--texts", str(tmp_path)]):
        result = run(root, *command, "--out", "")
        assert result.exit_code == 1
        assert "--out 后面是空的" in result.output
    assert contents(tmp_path) == before


def test_a_stick_is_named_as_one_and_by_what_it_is_written(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "archive", {"mkdocs.yml": MKDOCS_YML, "stories/a.md": {"set": {}}})
    stick = tmp_path / "stick"
    stick.mkdir()
    assert run(root, "pack", "usb", stick).exit_code == 0
    before = contents(stick)
    said = run(root, "build", "--out", stick).output
    assert "archive pack usb" in said
    assert "--out" in said
    plain = CliRunner().invoke(mkdocs_cli, ["build", "-f", str(root / "mkdocs.yml"), "-d", str(stick)])
    assert plain.exit_code == 1
    assert "archive pack usb" in plain.output
    assert contents(stick) == before


def test_mkdocs_build_names_what_its_user_can_change(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "archive", {"mkdocs.yml": MKDOCS_YML, "stories/a.md": {"set": {}}})
    write_all(root / "site", {"index.html": "别人的"})
    result = CliRunner().invoke(mkdocs_cli, ["build", "-f", str(root / "mkdocs.yml")])
    assert result.exit_code == 1
    assert "site_dir" in result.output
    assert "--site-dir" in result.output
    assert "--out" not in result.output
    assert contents(root / "site") == {"index.html": "别人的".encode()}


def test_no_message_advises_to_destroy(tmp_path: Path) -> None:
    handbook = Path(__file__).parents[2] / "docs/handbook"
    for path in (*PACKAGE.rglob("*.py"), *handbook.rglob("*.md")):
        text = path.read_text("utf-8")
        for advice in (
            "先把它清空",
            "把盘清空",
            "先把它删掉",
            "文件夹删掉或改名",
            "要删掉或改名",
            "；是坏了的旧文件，就删掉",
        ):
            assert advice not in text, path


# --- what lies about afterwards -------------------------------------------------------------------------------------


def test_the_folder_of_a_killed_search_is_swept_by_the_next_run(
    tmp_path: Path, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "tmp"
    write_all(temporary, {"archive-search-mine/notes.txt": "我的"})
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    monkeypatch.setattr("integrity_archive.search.job.APART_FROM", 1)
    documents = [SearchDocument("a", "a.html", "一鸣惊人", "story", (SearchField("body", "齐威王之时"),))]
    child = os.fork()
    if child == 0:
        SearchJob.__init__.__globals__["ProcessPoolExecutor"] = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
        SearchJob(documents, {}, scratch_dir)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert list((settings / "cache").rglob("documents"))
    with scratch_dir():
        assert not list((settings / "cache").rglob("documents"))
    assert contents(temporary) == {"archive-search-mine/notes.txt": "我的".encode()}
