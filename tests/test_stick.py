"""A stick: packed, proven whole, brought up to date, and pulled out at every moment."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from integrity_archive.archive.stick_names import name_problems
from integrity_archive.cli.main import main
from integrity_archive.support.safe_folder import SafeFolder
from integrity_archive.usb.capacity import CLUSTER, space_of
from integrity_archive.usb.delta import apply_delta, write_delta
from integrity_archive.usb.manifest import FileRecord, Manifest, ManifestError, manifest_of, read_manifest
from integrity_archive.usb.marker import BESIDE
from integrity_archive.usb.places import WORK
from integrity_archive.usb.survey import NOTE, SyncError, standing
from integrity_archive.usb.sync import Disk, sync
from integrity_archive.usb.verify import verify
from trees import MKDOCS_YML, write_tree

OLD = {
    "index.html": "旧首页 <a href=a.html>",
    "a.html": "旧甲",
    "gone/b.html": "要走的",
    "assets/s-1.js": "旧",
    "same.css": "不变",
}
NEW = {
    "index.html": "新首页 <a href=c.html>",
    "a.html": "新甲",
    "c.html": "新丙",
    "assets/s-2.js": "新",
    "copy.css": "不变",
    "same.css": "不变",
}


def tree(folder: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    return folder


def manifest(folder: Path) -> Manifest:
    return manifest_of(folder, "试验馆", "0.1.0", "2026-11-24")


def ours(dest: Path) -> dict[str, str]:
    """What stands on a stick besides its papers and the work under way."""
    return {
        p.relative_to(dest).as_posix(): p.read_text("utf-8")
        for p in sorted(dest.rglob("*"))
        if p.is_file() and p.name not in ("manifest.json", "SHA256SUMS") and WORK not in p.parts
    }


class PulledOutError(OSError):
    """The stick is gone."""


class Failing(Disk):
    """Works until it has done so many things, then fails at the next, half-way through where it can."""

    def __init__(self, steps: int, error: Exception) -> None:
        self.left = steps
        self.error = error

    def _step(self) -> bool:
        self.left -= 1
        return self.left < 0

    def copy(self, folder: SafeFolder, blocks: Iterable[bytes], name: str) -> None:
        if self._step():
            content = b"".join(blocks)
            folder.create(name, [content[: len(content) // 2]])
            raise self.error
        super().copy(folder, blocks, name)

    def write(self, folder: SafeFolder, name: str, content: bytes) -> None:
        if self._step():
            folder.create(BESIDE, [content[: len(content) // 2]])
            raise self.error
        super().write(folder, name, content)

    def move(self, folder: SafeFolder, source: str, target: str) -> None:
        if self._step():
            raise self.error
        super().move(folder, source, target)

    def remove(self, folder: SafeFolder, name: str) -> None:
        if self._step():
            raise self.error
        super().remove(folder, name)

    def make_folder(self, folder: SafeFolder, name: str) -> None:
        if self._step():
            raise self.error
        super().make_folder(folder, name)


@pytest.fixture
def sites(tmp_path: Path) -> tuple[Path, Path]:
    return tree(tmp_path / "old", OLD), tree(tmp_path / "new", NEW)


# --- bringing a stick up to date -------------------------------------------------------------------------------------


def test_an_update_copies_what_changed_and_removes_what_left(tmp_path: Path, sites: tuple[Path, Path]) -> None:
    old, new = sites
    dest = tmp_path / "盘"
    dest.mkdir()
    (dest / "我的照片.jpg").write_bytes(b"mine")
    first = sync(old, dest, manifest(old))
    assert (first.before, first.copied) == ("", len(OLD))
    second = sync(new, dest, manifest(new))
    assert (second.before, second.after) == (manifest(old).id, manifest(new).id)
    assert (second.copied, second.removed) == (5, 2)  # same.css stays; two files went
    assert {k: v for k, v in ours(dest).items() if k != "我的照片.jpg"} == NEW
    assert not (dest / "gone").exists()
    assert os.listdir(dest / WORK) == ["stick.json"]  # by which the folder is known for ours
    assert verify(dest).whole
    assert verify(dest).extra == ("我的照片.jpg",)
    again = sync(new, dest, manifest(new))
    assert (again.copied, again.removed) == (0, 0)


@pytest.mark.parametrize("fault", [PulledOutError(5, "I/O error"), OSError(28, "No space left on device")])
def test_pulled_out_at_any_moment_it_opens_and_the_next_run_completes_it(
    tmp_path: Path, sites: tuple[Path, Path], fault: OSError
) -> None:
    old, new = sites
    steps = 0
    while True:
        dest = tmp_path / f"盘{steps}"
        dest.mkdir()
        (dest / "我的.txt").write_text("别动", "utf-8")
        sync(old, dest, manifest(old))
        try:
            sync(new, dest, manifest(new), Failing(steps, fault))
        except OSError:
            cut = True
        else:
            cut = False
        standing_files = {k: v for k, v in ours(dest).items() if k != "我的.txt"}
        verdict = verify(dest)
        assert verdict.manifest is not None
        noted = (dest / NOTE).exists()
        if cut and not noted and verdict.manifest.id == manifest(old).id:
            assert standing_files == OLD  # nothing has been touched
            assert verdict.whole
        for path in ("index.html", "a.html", "same.css"):
            assert standing_files[path] in (OLD[path], NEW[path])
        if standing_files["index.html"] == NEW["index.html"]:
            assert NEW.items() <= standing_files.items()  # the front page is the last to change
        if noted and verdict.manifest.id != manifest(new).id:
            assert verdict.under_way == manifest(new).id
            assert not verdict.whole
        done = sync(new, dest, manifest(new))
        assert done.finished == noted
        assert {k: v for k, v in ours(dest).items() if k != "我的.txt"} == NEW
        assert verify(dest).whole
        assert (dest / "我的.txt").read_text("utf-8") == "别动"
        if not cut:
            break
        steps += 1
    assert steps > 20


def test_a_first_run_cut_off_is_taken_up_again(tmp_path: Path, sites: tuple[Path, Path]) -> None:
    old, _ = sites
    for steps in range(16):
        dest = tmp_path / f"盘{steps}"
        dest.mkdir()
        with pytest.raises(PulledOutError):
            sync(old, dest, manifest(old), Failing(steps, PulledOutError(5, "I/O error")))
        assert not verify(dest).whole
        sync(old, dest, manifest(old))
        assert ours(dest) == OLD
        assert verify(dest).whole


def test_a_read_only_file_is_replaced(tmp_path: Path, sites: tuple[Path, Path]) -> None:
    old, new = sites
    dest = tmp_path / "盘"
    dest.mkdir()
    sync(old, dest, manifest(old))
    (dest / "a.html").chmod(0o444)
    sync(new, dest, manifest(new))
    assert ours(dest) == NEW


def test_files_of_others_under_our_names_are_never_overwritten(tmp_path: Path, sites: tuple[Path, Path]) -> None:
    old, _ = sites
    dest = tree(tmp_path / "盘", {"index.html": "我自己的首页"})
    with pytest.raises(SyncError, match="index"):
        sync(old, dest, manifest(old))
    assert ours(dest) == {"index.html": "我自己的首页"}


def test_a_damaged_file_is_named_and_mended_when_it_is_asked_for(tmp_path: Path, sites: tuple[Path, Path]) -> None:
    old, _ = sites
    dest = tmp_path / "盘"
    dest.mkdir()
    sync(old, dest, manifest(old))
    (dest / "a.html").write_text("旧乙", "utf-8")  # as long as before
    assert verify(dest).changed == ("a.html",)
    with pytest.raises(SyncError, match=r"1 个文件.*a\.html.*--set-aside"):  # it may be somebody's work
        sync(old, dest, manifest(old))
    done = sync(old, dest, manifest(old), set_aside=True)
    assert (done.copied, done.aside) == (1, ("a.html.old",))
    assert verify(dest).whole
    assert (dest / "a.html.old").read_text("utf-8") == "旧乙"


# --- deltas ----------------------------------------------------------------------------------------------------------


def test_a_delta_does_to_a_stick_what_packing_it_does(tmp_path: Path, sites: tuple[Path, Path]) -> None:
    old, new = sites
    dest = tmp_path / "盘"
    dest.mkdir()
    sync(old, dest, manifest(old))
    made = write_delta(new, manifest(old), manifest(new), tmp_path / "d.zip")
    assert (made.files, made.removed) == (5, 2)
    with zipfile.ZipFile(tmp_path / "d.zip") as packed:
        assert "files/same.css" not in packed.namelist()
    done = apply_delta(tmp_path / "d.zip", dest)
    assert (done.before, done.after) == (manifest(old).id, manifest(new).id)
    assert ours(dest) == NEW
    assert verify(dest).whole
    assert apply_delta(tmp_path / "d.zip", dest).copied == 0


def test_a_delta_cut_off_at_any_moment_is_completed_by_the_next(tmp_path: Path, sites: tuple[Path, Path]) -> None:
    old, new = sites
    write_delta(new, manifest(old), manifest(new), tmp_path / "d.zip")
    for steps in range(0, 22, 3):
        dest = tmp_path / f"盘{steps}"
        dest.mkdir()
        sync(old, dest, manifest(old))
        with pytest.raises(PulledOutError):
            apply_delta(tmp_path / "d.zip", dest, Failing(steps, PulledOutError(5, "I/O error")))
        apply_delta(tmp_path / "d.zip", dest)
        assert ours(dest) == NEW
        assert verify(dest).whole


def test_a_delta_that_does_not_fit_touches_nothing(tmp_path: Path, sites: tuple[Path, Path]) -> None:
    old, new = sites
    other = tree(tmp_path / "other", {**OLD, "index.html": "另一版"})
    out = tmp_path / "d.zip"
    write_delta(new, manifest(old), manifest(new), out)
    dest, another = tmp_path / "盘", tmp_path / "另一个"
    dest.mkdir()
    another.mkdir()
    with pytest.raises(SyncError, match="不像本馆"):
        apply_delta(out, dest)
    sync(other, another, manifest(other))
    with pytest.raises(SyncError, match="对不上"):
        apply_delta(out, another)
    sync(old, dest, manifest(old))
    (dest / "same.css").write_text("坏了", "utf-8")
    with pytest.raises(SyncError, match="same"):
        apply_delta(out, dest)
    (dest / "same.css").write_text("不变", "utf-8")
    whole = out.read_bytes()
    for broken in (b"", b"PK", whole[: len(whole) // 2], whole.replace(b"files/c.html", b"files/x.html")):
        out.write_bytes(broken)
        with pytest.raises(SyncError):
            apply_delta(out, dest)
    assert ours(dest) == OLD


# --- the manifest ----------------------------------------------------------------------------------------------------


def test_the_id_follows_the_content_and_nothing_else(tmp_path: Path) -> None:
    a, b = tree(tmp_path / "a", OLD), tree(tmp_path / "b", OLD)
    assert manifest(a).id == manifest_of(b, "别馆", "9.9.9", "2030-01-01").id
    (b / "a.html").write_text("旧乙", "utf-8")
    assert manifest(a).id != manifest(b).id
    (a / "a.html").rename(a / "z.html")
    assert manifest(a).id != manifest_of(tree(tmp_path / "c", OLD), "", "", "").id


def test_a_manifest_whose_number_was_changed_and_not_its_content_is_found_out(tmp_path: Path) -> None:
    # Kolibri issue 13501: the version number changed and the content did not.
    text = manifest(tree(tmp_path / "a", OLD)).to_json()
    data = json.loads(text)
    with pytest.raises(ManifestError, match="改动"):
        read_manifest(json.dumps({**data, "id": "0" * 12}))
    data["files"]["a.html"]["sha256"] = "0" * 64
    with pytest.raises(ManifestError, match="改动"):
        read_manifest(json.dumps(data))


@given(
    st.text()
    | st.recursive(st.none() | st.integers() | st.text(), lambda c: st.dictionaries(st.text(), c)).map(json.dumps)
)
def test_whatever_stands_in_a_manifest_is_read_or_refused(text: str) -> None:
    try:
        read_manifest(text)
    except ManifestError as error:
        assert str(error)


@pytest.mark.parametrize("path", ["../a", "/a", "a/../../b", "a\\b", ""])
def test_a_manifest_that_points_outside_is_refused(path: str) -> None:
    found = Manifest("馆", "1", "", {path: FileRecord(1, "0" * 64, "text/html")})
    with pytest.raises(ManifestError):
        read_manifest(found.to_json())


# --- what fits -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("stories/杨震.html", "英文"),
        ("stories/con.html", "保留"),
        ("aux/a.html", "保留"),
        ("a" * 181, "181"),
        ("a?.html", "不许"),
        ("a./b.html", "不许"),
        ("stories/A.html", "大小写"),
        ("DCIM/IMG_1.jpg", "读者自己的文件夹"),
        ("my files/a.html", "读者自己的文件夹"),
        ("photo.jpg", "最上一层"),
    ],
)
def test_names_some_computer_cannot_read_are_named_before_copying(path: str, said: str) -> None:
    sizes = {"stories/a.html": 1, path: 1}
    problems = list(name_problems(sizes, dict.fromkeys(sizes, "stories/来处.md")))
    assert len(problems) == 1
    assert said in problems[0].what
    assert problems[0].path == "stories/来处.md"


def test_a_file_of_four_gibibytes_is_one_byte_too_many() -> None:
    limit = (1 << 32) - 1
    assert not list(name_problems({"v/a.mp4": limit}, {}))
    assert list(name_problems({"v/a.mp4": limit + 1}, {}))


def test_space_counts_whole_clusters() -> None:
    space = space_of(
        {"a": FileRecord(1, "", ""), "b/c": FileRecord(CLUSTER, "", ""), "b/d": FileRecord(CLUSTER + 1, "", "")}
    )
    assert space.needed == (1 + 1 + 2 + 2) * CLUSTER  # two folders
    assert space.largest[0] == ("b/d", CLUSTER + 1)


# --- the commands and scripts ----------------------------------------------------------------------------------------


def run(root: Path, *arguments: str) -> Any:
    return CliRunner().invoke(main, ["--root", str(root), "-q", *arguments])


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stick")
    root = write_tree(folder / "archive", {"mkdocs.yml": MKDOCS_YML, "stories/a.md": {"set": {}}})
    (folder / "U 盘").mkdir()
    result = run(root, "pack", "usb", str(folder / "U 盘"))
    assert result.exit_code == 0, result.output
    return folder / "U 盘"


def test_a_packed_stick_is_whole_and_says_what_it_is(packed: Path) -> None:
    assert run(packed, "verify", str(packed)).output.startswith("完整：试验馆，版本 ")
    assert (packed / "说明.txt").read_bytes().startswith(b"\xef\xbb\xbf")
    assert (packed / "verify.ps1").read_bytes().startswith(b"\xef\xbb\xbf")
    assert not (packed / "verify.cmd").read_bytes().startswith(b"\xef\xbb\xbf")
    held = standing(packed)
    assert held is not None
    assert held.files["index.html"].type == "text/html"


def test_sha256sum_itself_finds_it_whole(packed: Path) -> None:
    done = subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=packed, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_script_finds_what_the_command_finds(packed: Path, tmp_path: Path) -> None:
    stick = tmp_path / "U 盘"
    shutil.copytree(packed, stick)
    sound = subprocess.run(["sh", str(stick / "verify.sh")], capture_output=True, text=True)
    assert (sound.returncode, sound.stdout.strip()) == (0, "完整。")
    (stick / "search.html").unlink()
    with open(stick / "index.html", "a", encoding="utf-8") as stream:
        stream.write(" ")
    (stick / "我的 照片.jpg").write_bytes(b"x")
    found = subprocess.run(["sh", str(stick / "verify.sh")], capture_output=True, text=True)
    assert found.returncode == 1
    for said in ("缺：search.html", "与原来不同：index.html", "不是本馆的：我的 照片.jpg"):
        assert said in found.stdout
    command = run(stick, "verify", str(stick))
    assert command.exit_code == 1
    for said in ("缺 1 个：search.html", "与原来不同 1 个：index.html", "不是本馆的 1 个：我的 照片.jpg"):
        assert said in command.output
    for place in (tmp_path, tmp_path / "nowhere", stick / "index.html"):
        assert run(stick, "verify", str(place)).exit_code == 2


def test_a_stick_too_small_is_told_before_anything_is_copied(
    packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write_tree(tmp_path / "archive", {"mkdocs.yml": MKDOCS_YML, "stories/a.md": {"set": {}}})
    (tmp_path / "小盘").mkdir()
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: type(usage)(10**6, 10**6 - 1000, 1000))
    result = run(root, "pack", "usb", str(tmp_path / "小盘"))
    assert result.exit_code == 1
    assert "放不下" in result.output
    assert " KB  " in result.output
    assert os.listdir(tmp_path / "小盘") == []
