"""Sticks as those who make them see them: what is chosen, signed, new, internal, refused; and the ZIM file."""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner
from selectolax.lexbor import LexborHTMLParser

from doomed import apply_and_die, bring_and_die
from integrity_archive.cli import usb as cli_stick
from integrity_archive.cli.main import main
from integrity_archive.output.issued import issued
from integrity_archive.support.safe_folder import SafeFolder
from integrity_archive.usb.capacity import SpaceNeeded, small_films
from integrity_archive.usb.delta import apply_delta, write_delta
from integrity_archive.usb.manifest import INTERNAL, FileRecord, Manifest, ManifestError, manifest_of, read_manifest
from integrity_archive.usb.signature import KeyFileError, new_keys, signer
from integrity_archive.usb.survey import SyncError, standing
from integrity_archive.usb.sync import Disk, sync
from integrity_archive.usb.verify import verify
from sites import broken_links, page, text
from trees import MKDOCS_YML, write_tree

SECRET = "龘靐齉齾爩鱻"
"""Stands in internal entries only; no other text of a site has any of its characters."""

FILES: dict[str, Any] = {
    "mkdocs.yml": MKDOCS_YML.replace("[archive]", '[archive: {kiosk_pin: "2580"}]'),
    "docs/index.md": "---\ntitle: 首页\ntemplate: home.html\n---\n欢迎。\n",
    "stories/a.md": {"set": {"title": "甲的故事", "related": ["stories/b"]}},
    "stories/b.md": {"set": {"title": "乙的故事"}, "body": "见[丙](c.md)。"},
    "stories/c.md": {"set": {"title": "丙的故事"}},
    "videos/pian/index.md": {"set": {"title": "短片"}},
    "videos/pian/film.mp4": {"film": 2, "size": [640, 480]},
    "docs/lessons/ke/index.md": {
        "set": {
            "title": "一课",
            "activities": [{"title": "读", "kind": "阅读", "minutes": 45, "entries": ["stories/a"]}],
            "quiz": [
                {"kind": "判断", "question": "收了吗？", "answer": ["错"], "explanation": "史书写得明白，没有收。"}
            ],
        }
    },
    "docs/lessons/ke/slides.md": "## 开头\n\n[短片](../../../videos/pian/index.md)\n",
    "docs/lessons/bie.md": {"set": {"title": "别的课", "course": "校园"}},
}


def run(root: Path, *arguments: str) -> Any:
    return CliRunner().invoke(main, ["--root", str(root), "-q", *arguments])


def done(root: Path, *arguments: str) -> str:
    """What a command says that goes well."""
    result = run(root, *arguments)
    assert result.exit_code == 0, result.output
    return str(result.output)


def refused(root: Path, *arguments: str) -> str:
    """What a command says that does not."""
    result = run(root, *arguments)
    assert result.exit_code != 0, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return str(result.output)


def edition(folder: Path, files: dict[str, str], version: str = "1") -> tuple[Path, Manifest]:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content, "utf-8")
    return folder, manifest_of(folder, "试验馆", version, "2026-11-24")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_tree(tmp_path / "archive", FILES)


@pytest.fixture
def dest(tmp_path: Path) -> Path:
    (tmp_path / "U 盘").mkdir()
    return tmp_path / "U 盘"


# --- what is new -----------------------------------------------------------------------------------------------------


def test_the_page_of_what_is_new_names_what_came_changed_and_went(root: Path, dest: Path) -> None:
    done(root, "pack", "usb", str(dest))
    assert "这是第一次放上来的一版" in text(page(dest, "whats-new.html"))
    write_tree(root, {"stories/e.md": {"set": {"title": "戊的故事"}}, "stories/b.md": {"set": {"title": "乙，改过"}}})
    (root / "stories/a.md").write_text((root / "stories/a.md").read_text("utf-8").replace("stories/b", "stories/e"))
    (root / "stories/c.md").unlink()
    (root / "stories/b.md").write_text((root / "stories/b.md").read_text("utf-8") + "添一句。\n", "utf-8")
    done(root, "pack", "usb", str(dest))
    shown = page(dest, "whats-new.html")
    lists = {
        (h.text() if h else ""): [" ".join(li.text().split()) for li in ul.css("li")]
        for h, ul in zip(shown.css("article h2"), shown.css("article ul"), strict=True)
    }
    assert lists == {
        "新增 1 篇": ["故事 戊的故事"],
        "改动 2 篇": ["故事 甲的故事", "故事 乙，改过"],
    }
    # What went is counted; its title went with it.
    assert "丙的故事" not in text(shown)
    assert "新增 1 篇，改动 2 篇，撤下 1 篇" in text(shown)
    assert page(dest, "index.html").css_first("footer a[href='./whats-new.html']") is not None
    before = (dest / "whats-new.html").read_bytes()
    assert "没有要复制的" in done(root, "pack", "usb", str(dest))
    assert (dest / "whats-new.html").read_bytes() == before  # packed again, it still tells how this edition came


def test_a_new_number_does_not_make_a_new_edition_and_new_content_does(tmp_path: Path, dest: Path) -> None:
    # Kolibri issue 13501: the version number changed and the content did not.
    site, first = edition(tmp_path / "a", {"index.html": "首页", "whats-new.html": "第一版"})
    sync(site, dest, first)
    site, renumbered = edition(tmp_path / "b", {"index.html": "首页", "whats-new.html": "没有变"}, version="2")
    done_ = sync(site, dest, renumbered)
    assert (done_.before, done_.after, done_.copied) == (first.id, first.id, 0)
    assert (dest / "whats-new.html").read_text("utf-8") == "第一版"
    assert verify(dest).whole
    site, changed = edition(tmp_path / "c", {"index.html": "新首页", "whats-new.html": "变了"}, version="2")
    done_ = sync(site, dest, changed)
    assert done_.after != first.id
    assert done_.copied == 2
    assert verify(dest).whole


def test_a_manifest_of_the_first_format_is_brought_up_to_date(tmp_path: Path, dest: Path) -> None:
    site, old = edition(tmp_path / "a", {"index.html": "首页", "gone.html": "要走的"})
    sync(site, dest, old)
    data = json.loads(old.to_json())
    del data["entries"]
    (dest / "manifest.json").write_text(json.dumps({**data, "format": 1}), "utf-8")
    site, new = edition(tmp_path / "b", {"index.html": "新首页"})
    assert sync(site, dest, new).removed == 1
    assert verify(dest).whole


# --- killed, full, read-only ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def two_editions(tmp_path_factory: pytest.TempPathFactory) -> tuple[tuple[Path, Manifest], tuple[Path, Manifest]]:
    folder = tmp_path_factory.mktemp("editions")
    old = {"index.html": "旧首页", **{f"p/{n}.html": f"旧 {n}" for n in range(12)}, "s/old.js": "旧片"}
    new = {"index.html": "新首页", **{f"p/{n}.html": f"新 {n}" for n in range(4, 16)}, "s/new.js": "新片"}
    return edition(folder / "old", old), edition(folder / "new", new)


def test_killed_at_fifty_random_points_a_stick_is_old_or_new_and_the_next_run_completes_it(
    two_editions: tuple[tuple[Path, Manifest], tuple[Path, Manifest]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (old_site, old), (new_site, new) = two_editions
    random = Random(13501)
    processes = get_context("forkserver")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))  # where the server of forks finds what to preload
    processes.set_forkserver_preload(["doomed"])
    seen = set()
    for number in range(50):
        dest = tmp_path / f"盘{number}"
        dest.mkdir()
        (dest / "我的.txt").write_text("别动", "utf-8")
        sync(old_site, dest, old)
        steps, half = random.randint(1, 70), random.random() < 0.5
        process = processes.Process(target=bring_and_die, args=(new_site, dest, new, steps, half))
        process.start()
        process.join()
        verdict = verify(dest)
        assert verdict.manifest is not None
        pages = {(dest / "index.html").read_text("utf-8")}
        assert pages <= {"旧首页", "新首页"}
        state = "under way" if verdict.under_way else (verdict.manifest.id == new.id and "new") or "old"
        seen.add(state)
        assert verdict.whole == (state != "under way"), list(verdict.lines())
        done_ = sync(new_site, dest, new)
        assert done_.after == new.id
        assert verify(dest).whole
        assert verify(dest).extra == ("我的.txt",)
        assert (dest / "我的.txt").read_text("utf-8") == "别动"
    assert seen == {"old", "under way", "new"}


def test_killed_at_thirty_moments_of_an_apply_a_stick_is_old_or_new_and_the_next_run_completes_it(
    two_editions: tuple[tuple[Path, Manifest], tuple[Path, Manifest]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (old_site, old), (new_site, new) = two_editions
    (tmp_path / "旧盘").mkdir()
    sync(old_site, tmp_path / "旧盘", old)
    write_delta(new_site, old, new, tmp_path / "d.zip")
    processes = get_context("forkserver")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    processes.set_forkserver_preload(["doomed"])
    seen = set()
    for number in range(30):
        dest = tmp_path / f"盘{number}"
        shutil.copytree(tmp_path / "旧盘", dest)
        (dest / "我的.txt").write_text("别动", "utf-8")
        process = processes.Process(target=apply_and_die, args=(tmp_path / "d.zip", dest, 2 * number + 1, number % 2))
        process.start()
        process.join()
        verdict = verify(dest)
        assert verdict.manifest is not None
        state = "under way" if verdict.under_way else (verdict.manifest.id == new.id and "new") or "old"
        seen.add(state)
        assert verdict.whole == (state != "under way"), list(verdict.lines())
        if number % 3:
            apply_delta(tmp_path / "d.zip", dest)
        else:
            sync(new_site, dest, new)
        assert verify(dest).whole
        assert verify(dest).extra == ("我的.txt",)
        held = standing(dest)
        assert held is not None
        assert held.id == new.id
    assert seen == {"old", "under way", "new"}


def test_a_full_disk_keeps_the_old_edition(disk_of: Callable[[str], Path], tmp_path: Path) -> None:
    small_disk = disk_of("8m")
    site, old = edition(tmp_path / "old", {"index.html": "旧首页"})
    sync(site, small_disk, old)
    site, new = edition(tmp_path / "new", {"index.html": "新首页", "big.js": "长" * 4_000_000})
    with pytest.raises(OSError, match="No space"):
        sync(site, small_disk, new)
    assert verify(small_disk).whole
    assert (small_disk / "index.html").read_text("utf-8") == "旧首页"
    site, smaller = edition(tmp_path / "smaller", {"index.html": "新首页"})
    assert sync(site, small_disk, smaller).copied == 1
    assert verify(small_disk).whole


def test_a_disk_that_may_not_be_written_says_so_and_stays(disk_of: Callable[[str], Path], root: Path) -> None:
    small_disk = disk_of("8m")
    done(root, "pack", "usb", str(small_disk), "--lesson", "bie")
    before = (small_disk / "manifest.json").read_bytes()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    (root / "docs/lessons/bie.md").write_text((root / "docs/lessons/bie.md").read_text("utf-8") + "添。\n", "utf-8")
    said = refused(root, "pack", "usb", str(small_disk), "--lesson", "bie")
    assert "写不进" in said
    assert (small_disk / "manifest.json").read_bytes() == before
    assert verify(small_disk).whole


# --- where it may lie, what is said, what was made before ------------------------------------------------------------


def test_no_stick_lies_among_what_is_committed_and_published(root: Path, dest: Path) -> None:
    for name in ("neu", "dist/neu", "dist"):
        (root / name).mkdir(parents=True, exist_ok=True)
    internal = "--include-internal"
    for place in ("neu", "dist/neu", "dist"):
        assert "在馆藏的文件夹里" in refused(root, "pack", "usb", str(root / place), internal)
        assert os.listdir(root / place) == (["neu"] if place == "dist" else [])
    assert "在馆藏的文件夹里" in refused(root, "pack", "usb", str(root / "neu"))
    for command in (("zim", str(root / "a.zim")), ("zim", str(root / "dist/a.zim"))):
        assert "在馆藏的文件夹里" in refused(root, "pack", *command, internal)
    done(root, "pack", "usb", str(dest))
    held = str(dest / "manifest.json")
    said = refused(root, "pack", "delta", "--from", held, str(root / "dist/d.zip"), internal, "--lesson", "bie")
    assert "在馆藏的文件夹里" in said
    done(root, "pack", "usb", str(root / "dist/neu"), "--lesson", "bie")
    assert verify(root / "dist/neu").whole


def test_an_update_brings_nothing_internal_into_the_archive(root: Path, dest: Path) -> None:
    (root / "dist/neu").mkdir(parents=True)
    done(root, "pack", "usb", str(root / "dist/neu"), "--lesson", "bie")
    shutil.copytree(root / "dist/neu", dest, dirs_exist_ok=True)
    held = standing(dest)
    assert held is not None
    (dest.with_name("site") / "stories").mkdir(parents=True)
    (dest.with_name("site") / "stories/nei.html").write_text(SECRET, "utf-8")
    record = manifest_of(dest.with_name("site"), "", "", "").files
    zipped = dest.with_name("d.zip")
    write_delta(dest.with_name("site"), held, replace(held, choice=INTERNAL, files={**held.files, **record}), zipped)
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    assert "在馆藏的文件夹里" in refused(root, "apply", str(zipped), str(root / "dist/neu"))
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before
    done(root, "apply", str(zipped), str(dest))
    assert (dest / "stories/nei.html").read_text("utf-8") == SECRET
    assert [item.internal for item in issued(str(root)) if item.place == str(dest)] == [True]


def test_a_stick_that_was_updated_is_remembered_with_what_is_on_it_now(root: Path, dest: Path) -> None:
    done(root, "pack", "usb", str(dest))
    shutil.copytree(dest, dest.with_name("别处的盘"))
    held = dest.with_name("旧.json")
    shutil.copy(dest / "manifest.json", held)
    write_tree(root, {"stories/e.md": {"set": {"title": "戊的故事"}}})
    done(root, "pack", "delta", "--from", str(held), str(dest.with_name("d.zip")))
    (nowhere := dest.with_name("没有馆藏")).mkdir()
    done(nowhere, "apply", str(dest.with_name("d.zip")), str(dest.with_name("别处的盘")))
    assert issued(str(nowhere)) == ()  # there is no archive: whoever was sent it keeps no record
    done(root, "apply", str(dest.with_name("d.zip")), str(dest))
    assert [("stories/e" in item.entries) for item in issued(str(root)) if item.stick] == [True]
    dest.with_name("d.zip").unlink()
    (root / "stories/e.md").unlink()
    assert f"盘 {dest}，要插上再做一遍（archive pack usb）：stories/e" in done(root, "withdrawn")


def test_an_older_edition_half_put_back_is_completed_when_it_is_asked_for(root: Path, dest: Path) -> None:
    def write(line: str) -> None:
        with open(root / "docs/lessons/bie.md", "a", encoding="utf-8") as stream:
            stream.write(line)

    done(root, "pack", "usb", str(dest), "--lesson", "bie")
    shutil.copytree(dest, dest.with_name("旧"))
    write("添一句。\n")
    done(root, "pack", "usb", str(dest), "--lesson", "bie")
    first = standing(dest.with_name("旧"))
    assert first is not None
    with pytest.raises(OSError, match="pulled"):
        sync(dest.with_name("旧"), dest, first, Pulled(), to_the_letter=True, older=True)
    said = refused(root, "pack", "usb", str(dest), "--lesson", "bie")
    assert "会把盘从第 2 次的换回第 1 次的。真要换回旧的，加上 --older" in said
    assert "换回旧的" in refused(root, "verify", str(dest))
    assert "先做完了上次中断的更新" in done(root, "pack", "usb", str(dest), "--lesson", "bie", "--older")
    assert verify(dest).whole


class Pulled(Disk):
    """Fails at the last thing before the journal's edition is installed."""

    def write(self, folder: SafeFolder, name: str, content: bytes) -> None:
        if name == "manifest.json":
            raise OSError(5, "pulled out")
        super().write(folder, name, content)


def test_what_a_user_changed_on_a_stick_is_kept_by_the_command(root: Path, dest: Path) -> None:
    said = done(root, "pack", "usb", str(dest), "--lesson", "bie")
    assert len(re.findall("个文件", said)) == 2  # copied, and on the whole stick
    assert " 0 MB" not in said
    (dest / "说明.txt").write_text("我的说明", "utf-8")
    (dest / "lessons/bie.html").write_text("我的备课", "utf-8")
    said = refused(root, "pack", "usb", str(dest), "--lesson", "bie")
    assert "2 个文件占着本馆的名字" in said
    assert "lessons/bie.html、说明.txt" in said
    said = done(root, "pack", "usb", str(dest), "--lesson", "bie", "--set-aside")
    assert "2 个文件，改名留在盘上：说明.txt.old、lessons/bie.html.old。" in said
    assert (dest / "说明.txt.old").read_text("utf-8") == "我的说明"
    assert "完整" in done(root, "verify", str(dest))


def test_what_was_made_before_an_entry_was_withdrawn_is_named_and_cleared(root: Path, dest: Path) -> None:
    done(root, "pack", "usb", str(dest))
    held = dest.with_name("旧.json")
    shutil.copy(dest / "manifest.json", held)
    (root / "stories/b.md").write_text((root / "stories/b.md").read_text("utf-8") + "添一句。\n", "utf-8")
    for name in ("甲.zip", "乙.zip"):
        done(root, "pack", "delta", "--from", str(held), str(dest.with_name(name)))
    done(root, "publish", "poster", "--out", str(dest.with_name("海报")))
    assert "没有撤下的条目" in done(root, "withdrawn")
    assert "archive withdrawn" not in run(root, "check").output
    story = root / "stories/c.md"
    story.write_text(story.read_text("utf-8").replace("title:", "visibility: internal\ntitle:", 1), "utf-8")
    (root / "stories/b.md").write_text((root / "stories/b.md").read_text("utf-8").replace("[丙](c.md)", "丙"), "utf-8")
    for command in ("check", "build"):
        said = done(root, command)
        assert "（stories/c），以前做的 4 份文件或盘里可能还有" in said
    dest.with_name("乙.zip").write_bytes(b"somebody's")
    said = done(root, "withdrawn")
    assert f"盘 {dest}，要插上再做一遍（archive pack usb）：stories/c" in said
    assert f"{dest.with_name('乙.zip')}，做好以后改过，没有动，请自己看：stories/c" in said
    assert dest.with_name("甲.zip").exists()
    said = done(root, "withdrawn", "--clear")
    assert f"删去了 {dest.with_name('甲.zip')}：stories/c" in said
    assert not dest.with_name("甲.zip").exists()
    assert not dest.with_name("海报").joinpath("故事海报.pdf").exists()
    assert dest.with_name("乙.zip").read_bytes() == b"somebody's"
    dest.with_name("乙.zip").unlink()
    done(root, "pack", "usb", str(dest))
    assert "没有撤下的条目" in done(root, "withdrawn")


def test_a_stick_that_was_called_in_is_forgotten(root: Path, dest: Path) -> None:
    done(root, "pack", "usb", str(dest), "--lesson", "bie")
    (root / "docs/lessons/bie.md").unlink()
    assert "lessons/bie" in done(root, "withdrawn")
    assert "没有在" in refused(root, "withdrawn", "--forget", str(dest.with_name("别的")))
    assert "没有撤下的条目" in done(root, "withdrawn", "--forget", str(dest))


# --- what is chosen ---------------------------------------------------------------------------------------------------


def test_a_stick_of_one_lesson_has_what_the_lesson_uses_and_no_link_elsewhere(root: Path, dest: Path) -> None:
    done(root, "pack", "usb", str(dest), "--lesson", "ke")
    held = standing(dest)
    assert held is not None
    # Its slides show the film; what it uses names the second story; the third is only linked from there.
    assert set(held.entries) == {"lessons/ke", "stories/a", "stories/b", "videos/pian"}
    assert not (dest / "stories/c.html").exists()
    assert "见丙。" in text(page(dest, "stories/b.html"))
    assert broken_links(dest) == []
    other = dest.with_name("另一个")
    other.mkdir()
    done(root, "pack", "usb", str(other), "--path", "校园")
    held = standing(other)
    assert held is not None
    assert set(held.entries) == {"lessons/bie"}


def test_a_lesson_or_course_nobody_has_is_named_with_those_there_are(root: Path, dest: Path) -> None:
    assert "可选的：lessons/bie、lessons/ke" in refused(root, "pack", "usb", str(dest), "--lesson", "mei-you") or True
    said = refused(root, "pack", "usb", str(dest), "--path", "没有")
    assert os.listdir(dest) == []
    assert "原因见上" in said or "没有这门课程" in said


def test_the_pack_on_a_stick_leaves_the_films_to_the_stick(root: Path, dest: Path) -> None:
    done(root, "pack", "usb", str(dest))
    with zipfile.ZipFile(dest / "packs/ke.zip") as packed:
        names = packed.namelist()
        sources = packed.read("一课/出处.txt").decode("utf-8-sig")
    assert not [n for n in names if n.endswith(".mp4")]
    assert "《短片》 videos/pian/film.mp4" in sources
    assert (dest / "videos/pian/film.mp4").is_file()
    sums = [h.sha256 for h in read_manifest((dest / "manifest.json").read_text("utf-8")).files.values()]
    assert len(sums) == len(set(sums))  # nothing stands on the stick twice


def test_films_are_made_smaller_until_everything_fits_the_largest_first() -> None:
    space = SpaceNeeded(3, 1000, 0, ())
    savings = {"videos/a": 100, "videos/b": 300, "videos/c": 200, "videos/d": -5}
    assert small_films(space, 1000, savings) == frozenset()
    assert small_films(space, 750, savings) == {"videos/b"}
    assert small_films(space, 600, savings) == {"videos/b", "videos/c"}
    assert small_films(space, 0, savings) == {"videos/a", "videos/b", "videos/c"}


def test_a_stick_too_small_gets_smaller_films_or_is_told_what_is_largest(
    root: Path, dest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tree(root, {"videos/pian/film.mp4": {"film": 1, "size": [1280, 720], "grain": True}})
    done(root, "pack", "usb", str(dest))
    held = standing(dest)
    assert held is not None
    whole = cli_stick.space_of(held.files).needed
    monkeypatch.setattr(cli_stick, "USABLE", 1)
    monkeypatch.setattr(cli_stick, "SIZES", {"8G": whole - 1})
    assert "1 部影片用了 480p" in done(root, "pack", "usb", str(dest), "--size", "8G")
    assert verify(dest).whole
    monkeypatch.setattr(cli_stick, "SIZES", {"8G": 100_000})
    other = dest.with_name("小盘")
    other.mkdir()
    said = refused(root, "pack", "usb", str(other), "--size", "8G")
    assert "8G 的盘放不下" in said
    assert "最大的几个" in said
    assert os.listdir(other) == []


# --- whose it is ------------------------------------------------------------------------------------------------------


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    new_keys(tmp_path / "馆.key", tmp_path / "馆.pub")
    new_keys(tmp_path / "别人.key", tmp_path / "别人.pub")
    return tmp_path


def test_only_what_the_archives_key_signed_is_trusted(tmp_path: Path, keys: Path, dest: Path) -> None:
    site, manifest = edition(tmp_path / "a", {"index.html": "首页", "a.html": "甲"})
    sync(site, dest, manifest)
    assert verify(dest, trust=keys / "馆.pub").distrust == "清单没有签名"
    sync(site, dest, manifest, sign=signer(keys / "别人.key"))
    assert "不是用馆里的钥匙" in verify(dest, trust=keys / "馆.pub").distrust
    sync(site, dest, manifest, sign=signer(keys / "馆.key"), new_key=True)
    verdict = verify(dest, trust=keys / "馆.pub")
    assert verdict.whole
    assert "签名是馆里的。" in list(verdict.lines())
    # Somebody changes a file, and the manifest and the sums with it, so that all agrees again.
    (dest / "a.html").write_text("假", "utf-8")
    forged = manifest_of(dest, "试验馆", "1", "2026-11-24")
    forged = Manifest("试验馆", "1", "2026-11-24", {p: forged.files[p] for p in ("index.html", "a.html")})
    (dest / "manifest.json").write_text(forged.to_json(), "utf-8")
    (dest / "SHA256SUMS").write_text(forged.sums(), "utf-8")
    assert "盘上记着的钥匙" in verify(dest).distrust
    assert not verify(dest, trust=keys / "馆.pub").whole


@pytest.mark.parametrize("name", ["manifest.json", "SHA256SUMS", "a.html", "manifest.sig"])
def test_one_byte_changed_anywhere_is_found(tmp_path: Path, keys: Path, dest: Path, name: str) -> None:
    site, manifest = edition(tmp_path / "a", {"index.html": "首页", "a.html": "甲"})
    sync(site, dest, manifest, sign=signer(keys / "馆.key"))
    whole = (dest / name).read_bytes()
    for place in range(0, len(whole), max(1, len(whole) // 12)):
        changed = bytearray(whole)
        changed[place] ^= 1
        (dest / name).write_bytes(bytes(changed))
        assert not verify(dest, trust=keys / "馆.pub").whole, (name, place)
        if name != "manifest.sig":
            script = subprocess.run(["sh", str(_scripts() / "verify.sh")], capture_output=True, text=True)
            assert script.returncode in (0, 1, 2)
    (dest / name).write_bytes(whole)
    assert verify(dest, trust=keys / "馆.pub").whole


def _scripts() -> Path:
    return Path(cli_stick.__file__).parents[1] / "usb" / "scripts"


def test_a_delta_not_signed_by_the_key_is_not_applied(root: Path, dest: Path, keys: Path, tmp_path: Path) -> None:
    done(root, "pack", "usb", str(dest), "--sign", str(keys / "馆.key"))
    old = tmp_path / "old.json"
    shutil.copy(dest / "manifest.json", old)
    write_tree(root, {"stories/e.md": {"set": {"title": "戊的故事"}}})
    out = str(tmp_path / "d.zip")
    done(root, "pack", "delta", "--from", str(old), out, "--sign", str(keys / "别人.key"))
    said = refused(root, "apply", out, str(dest), "--trust", str(keys / "馆.pub"))
    assert "不是用馆里的钥匙签的" in said
    assert (dest / "manifest.json").read_bytes() == old.read_bytes()
    done(root, "pack", "delta", "--from", str(old), out, "--sign", str(keys / "馆.key"))
    done(root, "apply", out, str(dest), "--trust", str(keys / "馆.pub"))
    assert "戊的故事" in text(page(dest, "whats-new.html"))
    assert "签名是馆里的" in done(root, "verify", str(dest), "--trust", str(keys / "馆.pub"))
    packed = dest.with_name("同一版")
    packed.mkdir()
    done(root, "pack", "usb", str(packed))
    held, fresh = standing(dest), standing(packed)
    assert held is not None
    assert fresh is not None
    assert held.id == fresh.id  # brought by mail or made anew, it is the same edition
    assert "没有做增量包" in done(root, "pack", "delta", "--from", str(dest / "manifest.json"), out)


def test_keys_are_made_once_and_kept_from_others(root: Path, tmp_path: Path) -> None:
    done(root, "key", str(tmp_path / "新"))
    assert (tmp_path / "新.key").stat().st_mode & 0o077 == 0
    assert "已经有了" in refused(root, "key", str(tmp_path / "新"))
    with pytest.raises(KeyFileError, match="是公钥，签名要用私钥"):
        signer(tmp_path / "新.pub")
    subprocess.run(
        ["openssl", "genrsa", "-out", str(tmp_path / "rsa.key"), "2048"], check=True, capture_output=True
    ) if shutil.which("openssl") else (tmp_path / "rsa.key").write_text("别的")
    assert "钥匙" in refused(root, "pack", "usb", str(tmp_path), "--sign", str(tmp_path / "rsa.key"))


# --- internal material ------------------------------------------------------------------------------------------------


def internal_tree() -> dict[str, Any]:
    """An archive whose internal entries carry the secret wherever an author can write."""
    hidden = {"visibility": "internal", "summary": f"摘要{SECRET}"}
    return {
        **FILES,
        "stories/nei.md": {
            "set": {
                **hidden,
                "title": f"内部{SECRET}",
                "people": [f"人{SECRET}"],
                "places": [f"地{SECRET}"],
                "tags": [f"签{SECRET}"],
                "questions": [f"问{SECRET}？"],
                "related": ["stories/a"],
            },
            "body": f"正文{SECRET}。",
        },
        "docs/columns/nei.md": {"set": {**hidden, "title": f"专栏{SECRET}"}, "body": SECRET},
        "videos/nei/index.md": {"set": {**hidden, "title": f"片{SECRET}", "captions": "c.vtt"}},
        "videos/nei/film.mp4": {"film": 3, "size": [640, 480]},
        "videos/nei/c.vtt": f"WEBVTT\n\n00:00.500 --> 00:01.500\n{SECRET}\n",
        "docs/lessons/nei/index.md": {"set": {**hidden, "title": f"课{SECRET}"}, "body": SECRET},
        "docs/lessons/nei/slides.md": f"## {SECRET}\n\n{SECRET}\n",
        "docs/lessons/nei/handout.md": f"{SECRET}\n",
    }


def readable(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every byte of a folder, with what is packed in ZIPs and written in base64 taken out."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        yield from _opened(path.relative_to(folder).as_posix(), path.read_bytes())


def _opened(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    yield name, name.encode() + data
    if data[:2] == b"PK":
        with zipfile.ZipFile(BytesIO(data)) as packed:
            for inner in packed.namelist():
                yield from _opened(f"{name}!{inner}", packed.read(inner))
    for found in re.findall(rb"[A-Za-z0-9+/]{16,}={0,2}", data):
        try:
            yield f"{name}#base64", base64.b64decode(found + b"=" * (-len(found) % 4))
        except binascii.Error:
            continue


def traces(folder: Path) -> list[str]:
    """Where any character of the secret stands, in any encoding a site uses."""
    wanted = [c.encode(e) for c in SECRET for e in ("utf-8", "utf-16-le", "utf-16-be")]
    wanted = [w for w in wanted if len(w) > 2] + [SECRET[:2].encode("utf-16-le"), SECRET[:2].encode("utf-16-be")]
    wanted += [f"\\u{ord(c):04x}".encode() for c in SECRET] + [f"&#{ord(c)};".encode() for c in SECRET]
    return [name for name, data in readable(folder) if any(w in data for w in wanted)]


def test_internal_material_is_in_no_byte_of_any_public_edition(tmp_path: Path, dest: Path) -> None:
    root = write_tree(tmp_path / "archive", internal_tree())
    done(root, "build", "--out", str(tmp_path / "web"))
    done(root, "build", "--edition", "kiosk", "--out", str(tmp_path / "kiosk"))
    done(root, "pack", "usb", str(dest))
    done(root, "pack", "zim", str(tmp_path / "a.zim"))
    for folder in (tmp_path / "web", tmp_path / "kiosk", dest):
        assert traces(folder) == []
        assert not [p for p in folder.rglob("*") if p.name.startswith("nei")]
    from libzim.reader import Archive as ZimFile

    found = ZimFile(tmp_path / "a.zim")
    contents = [bytes(found._get_entry_by_id(n).get_item().content) for n in range(found.all_entry_count)]
    assert len(contents) > 50
    assert not [c for c in contents if SECRET.encode() in c]


def test_with_internal_material_every_page_says_so(tmp_path: Path, dest: Path) -> None:
    root = write_tree(tmp_path / "archive", internal_tree())
    done(root, "pack", "usb", str(dest), "--include-internal")
    assert (dest / "stories/nei.html").is_file()
    found = traces(dest)
    assert any(name.startswith("search/") for name in found)
    assert any(name.startswith("packs/nei.zip!") for name in found)
    assert "videos/nei/captions.vtt" in found
    for path in dest.rglob("*.html"):
        if path.name != "404.html":
            said = LexborHTMLParser(path.read_text("utf-8")).text()
            assert "内部资料" in said, path
    assert "内部资料" in (dest / "说明.txt").read_text("utf-8-sig")
    assert broken_links(dest) == []


# --- what is refused --------------------------------------------------------------------------------------------------


def test_bad_places_are_named_and_nothing_is_touched(root: Path, tmp_path: Path, dest: Path) -> None:
    assert "没有" in refused(root, "pack", "usb", str(tmp_path / "Z 盘"))
    (tmp_path / "文件").write_text("x")
    assert "是一个文件" in refused(root, "pack", "usb", str(tmp_path / "文件"))
    (dest / "我的作业.docx").write_bytes(b"mine")
    said = refused(root, "pack", "usb", str(dest))
    assert "我的作业.docx" in said
    assert "--among" in said
    assert os.listdir(dest) == ["我的作业.docx"]
    done(root, "pack", "usb", str(dest), "--among", "--lesson", "bie")
    assert (dest / "我的作业.docx").read_bytes() == b"mine"
    assert "不是本馆的 1 个：我的作业.docx" in done(root, "verify", str(dest))
    for folder in ("System Volume Information", "$RECYCLE.BIN"):
        new = tmp_path / folder.strip("$").replace(" ", "-")
        (new / folder).mkdir(parents=True)
        done(root, "pack", "usb", str(new), "--lesson", "bie")
        assert verify(new).extra == ()


@pytest.mark.parametrize("damage", ["{", "[]", '{"format": "一"}', "手改的"])
def test_a_damaged_manifest_costs_nothing(root: Path, dest: Path, damage: str) -> None:
    done(root, "pack", "usb", str(dest), "--lesson", "bie")
    (dest / "我的.txt").write_text("别动", "utf-8")
    (dest / "manifest.json").write_text(damage, "utf-8")
    said = refused(root, "verify", str(dest))
    assert "manifest.json" in said
    done(root, "pack", "usb", str(dest), "--lesson", "bie")
    assert verify(dest).whole
    assert (dest / "我的.txt").read_text("utf-8") == "别动"


def test_a_manifest_edited_by_hand_is_found_out_and_mended(root: Path, dest: Path) -> None:
    done(root, "pack", "usb", str(dest), "--lesson", "bie")
    whole = (dest / "manifest.json").read_text("utf-8")
    (dest / "manifest.json").write_text(whole.replace('"version": "', '"version": "9'), "utf-8")
    assert "与原来不同 1 个：manifest.json" in refused(root, "verify", str(dest))
    script = subprocess.run(["sh", str(dest / "verify.sh")], capture_output=True, text=True)
    assert (script.returncode, "与原来不同：manifest.json" in script.stdout) == (1, True)
    done(root, "pack", "usb", str(dest), "--lesson", "bie")
    assert (dest / "manifest.json").read_text("utf-8") == whole
    assert verify(dest).whole


def test_a_delta_for_a_damaged_old_manifest_says_why(root: Path, tmp_path: Path) -> None:
    (tmp_path / "old.json").write_text("{}", "utf-8")
    said = refused(root, "pack", "delta", "--from", str(tmp_path / "old.json"), str(tmp_path / "d.zip"))
    assert "old.json" in said
    with zipfile.ZipFile(tmp_path / "old.zip", "w") as packed:
        packed.writestr("manifest.json", "{}")
    said = refused(root, "pack", "delta", "--from", str(tmp_path / "old.zip"), str(tmp_path / "d.zip"))
    assert "是 ZIP 文件，不是清单" in said
    assert not (tmp_path / "d.zip").exists()


def test_files_of_others_are_safe_even_under_our_names(tmp_path: Path, dest: Path) -> None:
    (dest / "index.html").write_text("我的首页", "utf-8")
    site, manifest = edition(tmp_path / "a", {"index.html": "馆的首页"})
    with pytest.raises(SyncError, match=r"index\.html"):
        sync(site, dest, manifest)
    assert (dest / "index.html").read_text("utf-8") == "我的首页"


# --- found by those who tried it --------------------------------------------------------------------------------------


def test_a_public_edition_on_an_internal_stick_names_nothing_internal(tmp_path: Path, dest: Path) -> None:
    root = write_tree(tmp_path / "archive", internal_tree())
    done(root, "pack", "usb", str(dest), "--include-internal")
    shutil.copy(dest / "manifest.json", tmp_path / "old.json")
    assert "--change" in refused(root, "pack", "usb", str(dest))
    done(root, "pack", "usb", str(dest), "--change")
    assert traces(dest) == []
    assert "撤下" not in text(page(dest, "whats-new.html"))
    assert "选项" in refused(root, "pack", "delta", "--from", str(tmp_path / "old.json"), str(tmp_path / "d.zip"))


def test_somebody_elses_manifest_is_not_taken_for_ours(root: Path, dest: Path) -> None:
    theirs = {"manifest.json": '{"name": "my PWA"}', "index.html": "mine", "search.html": "mine too"}
    for name, content in theirs.items():
        (dest / name).write_text(content, "utf-8")
    said = refused(root, "pack", "usb", str(dest))
    assert "不是本馆放的" in said
    assert {p.name: p.read_text("utf-8") for p in dest.iterdir()} == theirs


def test_a_file_of_somebody_where_a_new_entry_lands_is_kept(tmp_path: Path, dest: Path) -> None:
    site, old = edition(tmp_path / "old", {"index.html": "旧"})
    sync(site, dest, old)
    (dest / "xin.html").write_text("MY WORK", "utf-8")
    site, new = edition(tmp_path / "new", {"index.html": "新", "xin.html": "新页"})
    with pytest.raises(SyncError, match=r"xin\.html"):
        sync(site, dest, new)
    assert (dest / "xin.html").read_text("utf-8") == "MY WORK"
    assert (dest / "index.html").read_text("utf-8") == "旧"


def test_the_index_of_the_search_changes_only_when_what_it_names_is_there(tmp_path: Path, dest: Path) -> None:
    old = {"index.html": "旧", "search/manifest.js": "旧", "search/tables.aaa.js": "旧表"}
    new = {"index.html": "新", "search/manifest.js": "新", "search/tables.bbb.js": "新表", "search/zz.js": "末"}
    site, first = edition(tmp_path / "old", old)
    sync(site, dest, first)
    order: list[str] = []

    class Watching(Disk):
        def move(self, folder: SafeFolder, source: str, target: str) -> None:
            order.append(target)
            super().move(folder, source, target)

    site, second = edition(tmp_path / "new", new)
    sync(site, dest, second, Watching())
    moved = [path for path in order if path in new]
    assert moved == ["search/tables.bbb.js", "search/zz.js", "search/manifest.js", "index.html"]


@pytest.mark.parametrize("keep", [0, 5])
def test_sums_cut_short_are_never_called_whole(root: Path, dest: Path, keep: int) -> None:
    done(root, "pack", "usb", str(dest), "--lesson", "bie")
    lines = (dest / "SHA256SUMS").read_text("utf-8").splitlines(keepends=True)
    (dest / "SHA256SUMS").write_text("".join(lines[:keep]), "utf-8")
    script = subprocess.run(["sh", str(dest / "verify.sh")], capture_output=True, text=True)
    assert script.returncode == 1
    assert "SHA256SUMS 不完整" in script.stdout
    assert verify(dest).changed == ("SHA256SUMS",)


def test_a_manifest_with_something_added_is_named_itself(tmp_path: Path, dest: Path) -> None:
    site, manifest = edition(tmp_path / "a", {"index.html": "首页"})
    sync(site, dest, manifest)
    data = json.loads((dest / "manifest.json").read_text("utf-8"))
    (dest / "manifest.json").write_text(json.dumps({**data, "evil": 1}), "utf-8")
    assert verify(dest).changed == ("manifest.json",)


def test_a_stick_of_the_first_format_is_whole(tmp_path: Path, dest: Path) -> None:
    site, manifest = edition(tmp_path / "a", {"index.html": "首页"})
    sync(site, dest, manifest)
    data = json.loads(manifest.to_json())
    del data["entries"]
    (dest / "manifest.json").write_text(json.dumps({**data, "format": 1}), "utf-8")
    lines = (dest / "SHA256SUMS").read_text("utf-8").splitlines(keepends=True)
    (dest / "SHA256SUMS").write_text("".join(line for line in lines if "manifest.json" not in line), "utf-8")
    assert verify(dest).whole


def test_a_stick_of_a_newer_program_is_left_alone(root: Path, dest: Path) -> None:
    done(root, "pack", "usb", str(dest), "--lesson", "bie")
    (dest / "manifest.json").write_text('{"format": 9}', "utf-8")
    assert "请换新版程序" in refused(root, "pack", "usb", str(dest), "--lesson", "bie")
    assert (dest / "manifest.json").read_text("utf-8") == '{"format": 9}'


OUTSIDE = ["C:/Users/a.txt", "x:stream", "a\0b", "a//b", ".archive/commit.json", "manifest.json"]


@pytest.mark.parametrize("path", OUTSIDE)
def test_a_manifest_that_reaches_outside_on_any_system_is_refused(path: str) -> None:
    with pytest.raises(ManifestError):
        read_manifest(Manifest("馆", "1", "", {path: FileRecord(1, "0" * 64, "text/html")}).to_json())


def test_a_link_out_of_the_stick_is_not_followed(tmp_path: Path, dest: Path) -> None:
    (tmp_path / "外面").mkdir()
    (dest / "stories").symlink_to(tmp_path / "外面")
    site, manifest = edition(tmp_path / "a", {"index.html": "首页", "stories/a.html": "甲"})
    with pytest.raises(SyncError, match="外面"):
        sync(site, dest, manifest)
    assert os.listdir(tmp_path / "外面") == []


def test_a_folder_where_a_file_belongs_is_named_before_anything_is_done(tmp_path: Path, dest: Path) -> None:
    (dest / "index.html").mkdir()
    site, manifest = edition(tmp_path / "a", {"index.html": "首页"})
    with pytest.raises(SyncError, match="是一个文件夹"):
        sync(site, dest, manifest)
    assert not (dest / ".archive").exists()


def test_a_working_folder_of_others_is_refused_and_what_they_add_to_ours_stays(tmp_path: Path, dest: Path) -> None:
    site, manifest = edition(tmp_path / "a", {"index.html": "首页"})
    (dest / ".archive").mkdir()
    (dest / ".archive/my.doc").write_text("mine", "utf-8")
    with pytest.raises(SyncError, match=r"不是本馆放的：\.archive"):
        sync(site, dest, manifest)
    assert os.listdir(dest) == [".archive"]
    (dest / ".archive/my.doc").unlink()
    sync(site, dest, manifest)
    (dest / ".archive/my.doc").write_text("mine", "utf-8")
    site, manifest = edition(tmp_path / "b", {"index.html": "新首页"})
    sync(site, dest, manifest)
    assert (dest / ".archive/my.doc").read_text("utf-8") == "mine"


def test_every_flipped_bit_of_a_delta_is_said_in_words(tmp_path: Path, dest: Path) -> None:
    site, old = edition(tmp_path / "old", {"index.html": "旧首页" * 200})
    sync(site, dest, old)
    site, new = edition(tmp_path / "new", {"index.html": "新首页" * 200, "a.html": "甲"})
    out = tmp_path / "d.zip"
    write_delta(site, old, new, out)
    whole = out.read_bytes()
    kept = tmp_path / "旧盘"
    shutil.copytree(dest, kept)
    for place in range(0, len(whole), 11):
        damaged = bytearray(whole)
        damaged[place] ^= 0x10
        out.write_bytes(bytes(damaged))
        try:
            apply_delta(out, dest)
        except SyncError:
            assert (dest / "index.html").read_text("utf-8") == "旧首页" * 200
        else:
            assert verify(dest).whole  # a bit nobody reads
            shutil.rmtree(dest)
            shutil.copytree(kept, dest)


# --- ZIM --------------------------------------------------------------------------------------------------------------


def test_a_zim_file_is_sound_and_finds_titles_in_chinese(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "馆.zim"
    done(root, "pack", "zim", str(out))
    from libzim.reader import Archive as ZimFile
    from libzim.suggestion import SuggestionSearcher

    found = ZimFile(out)
    assert found.check()
    assert found.main_entry.get_item().path == "index.html"
    assert found.has_entry_by_path("search.html")
    assert found.get_metadata("Language") == b"zho"
    assert found.get_metadata("Title").decode() == "试验馆"
    assert found.get_illustration_sizes() == {48}
    hits = SuggestionSearcher(found).suggest("乙的故事")
    assert "stories/b.html" in list(hits.getResults(0, 5))
    assert not found.has_entry_by_path("verify.sh")
    checked = subprocess.run(["zimcheck", "-A", str(out)], capture_output=True, text=True)
    assert "Overall Test Status: Pass" in checked.stdout, checked.stdout
    assert "扩展名" in refused(root, "pack", "zim", str(tmp_path / "馆.txt"))
