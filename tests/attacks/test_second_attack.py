"""What a second hostile reading of the program found: each kind of fault, by what it did to somebody."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from click.testing import CliRunner, Result

from integrity_archive.build.examine import examine
from integrity_archive.build.json_schemas import DRAFT
from integrity_archive.cli.main import main
from integrity_archive.content.markup.svg import svg_faults
from integrity_archive.exports.catalogue import Catalogue, catalogue_rows
from integrity_archive.support import cache
from integrity_archive.support.cache import cached_file
from integrity_archive.support.problems import Problem, errors
from integrity_archive.usb.zim import ROOM
from trees import MKDOCS_YML, write_tree

SECRET = "绝无仅有的一句暗语"
KIOSK_YML = MKDOCS_YML.replace("plugins: [archive]", "plugins: [{archive: {kiosk_pin: '2580'}}]")


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cache.ENVIRONMENT, str(tmp_path / "cache"))


def run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--root", str(root), "--quiet", *arguments])


def film(path: Path, colour: int) -> bytes:
    """A second of one grey."""
    with av.open(str(path), "w", format="mp4") as out:
        stream: Any = out.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        for _ in range(25):
            picture = av.VideoFrame.from_ndarray(np.full((96, 128, 3), colour, np.uint8), format="rgb24")
            out.mux(stream.encode(picture))
        out.mux(stream.encode())
    return path.read_bytes()


# --- files of others -------------------------------------------------------------------------------------------------


def _their_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("manifest.json", "{}")
        packed.writestr("manifest.sig", "")
        packed.writestr("photos/a.jpg", b"photo")


def test_a_file_of_the_same_kind_is_not_ours(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "archive", {"stories/a.md": {}, "mkdocs.yml": MKDOCS_YML})
    theirs, books, stick = tmp_path / "theirs", tmp_path / "books", tmp_path / "stick"
    for folder in (theirs, books, stick):
        folder.mkdir()
    (books / "shi-ji.txt").write_text("齐威王之时喜隐，好为淫乐长夜之饮。\n" * 50, "utf-8")
    (theirs / "wiki.zim").write_bytes(b"ZIM\x04" + b"an encyclopedia" * 100)
    (theirs / "notes.txt").write_text("archive proof 的结果我抄在这里：自己写的笔记。\n", "utf-8")
    (theirs / "story.schema.json").write_text(json.dumps({"$schema": DRAFT, "title": "mine"}), "utf-8")
    _their_zip(theirs / "photos.zip")
    assert run(root, "pack", "usb", str(stick)).exit_code == 0
    (root / "stories/a.md").write_text((root / "stories/a.md").read_text("utf-8") + "\n添一句。\n", "utf-8")
    before = {path.name: path.read_bytes() for path in theirs.iterdir()}
    for arguments in (
        ("pack", "zim", str(theirs / "wiki.zim")),
        ("pack", "delta", "--from", str(stick / "manifest.json"), str(theirs / "photos.zip")),
        ("proof", "--texts", str(books), "--out", str(theirs / "notes.txt")),
        ("schema", "--out", str(theirs)),
    ):
        done = run(root, *arguments)
        assert done.exit_code == 1, arguments
        assert "没有动它" in done.output
    assert {path.name: path.read_bytes() for path in theirs.iterdir()} == before


def test_a_file_we_wrote_is_written_again_until_somebody_changes_it(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "archive", {"stories/a.md": {}, "mkdocs.yml": MKDOCS_YML})
    (tmp_path / "books").mkdir()
    (tmp_path / "books/shi-ji.txt").write_text("齐威王之时喜隐，好为淫乐长夜之饮。\n" * 50, "utf-8")
    out = tmp_path / "dui-du.txt"
    command = ("proof", "--texts", str(tmp_path / "books"), "--out", str(out))
    for _ in range(2):
        assert "没有动它" not in run(root, *command).output
    out.write_text(out.read_text("utf-8") + "我的批注。\n", "utf-8")
    assert "有人改过" in run(root, *command).output
    assert "我的批注" in out.read_text("utf-8")


def test_nothing_is_spread_in_a_home_and_no_key_in_a_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_tree(tmp_path / "archive", {"stories/a.md": {}, "mkdocs.yml": MKDOCS_YML})
    home = tmp_path / "home" / "li"
    home.mkdir(parents=True)
    (home / ".profile").write_text("", "utf-8")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    for arguments in (
        ("pack", "usb", str(home)),
        ("publish", "book", "--out", str(home)),
        ("schema", "--out", str(home)),
    ):
        assert "主文件夹" in run(root, *arguments).output, arguments
    assert [path.name for path in home.iterdir()] == [".profile"]
    assert run(root, "build").exit_code == 0
    done = run(root, "key", str(root / "site" / "guan"))
    assert done.exit_code == 1
    assert "私钥会跟着网站一起发出去" in done.output
    assert not list((root / "site").glob("guan*"))


# --- what is not public ----------------------------------------------------------------------------------------------


def _film_page(title: str, media: str, more: str = "") -> str:
    return f"---\ntitle: {title}\nsummary: 一段。\nmedia: {media}\n{more}---\n正文。\n"


def test_a_film_that_names_another_file_is_no_film(tmp_path: Path) -> None:
    hidden = film(tmp_path / "mi.mp4", 200)
    root = write_tree(
        tmp_path / "archive",
        {
            "mkdocs.yml": MKDOCS_YML,
            "videos/mi/index.md": _film_page("密片", "film.mp4", "visibility: internal\n"),
            "videos/mi/film.mp4": hidden,
            "videos/gong/index.md": _film_page("公片", "gong.mp4"),
            "videos/gong/gong.mp4": b"ffconcat version 1.0\nfile ../mi/film.mp4\nduration 1\n",
        },
    )
    assert [p.path for p in errors(list(examine(str(root)).problems))] == ["videos/gong/gong.mp4"]
    (root / "videos/gong/gong.mp4").write_bytes(b"#EXTM3U\n#EXTINF:1,\n../mi/film.mp4\n#EXT-X-ENDLIST\n")
    assert run(root, "build").exit_code == 1


def test_a_hall_keeps_no_introduction_and_no_saying_that_was_withdrawn(tmp_path: Path) -> None:
    said = "sayings:\n  - {{text: {}, work: 书, locator: 卷, tier: 正史, checked: true, units: [机关]}}\n"
    root = write_tree(
        tmp_path / "archive",
        {
            "mkdocs.yml": KIOSK_YML,
            "stories/a.md": {},
            "stories/index.md": f"---\ntitle: 故事\n---\n{SECRET}\n",
            "docs/sayings.yml": said.format("天知"),
        },
    )
    out = tmp_path / "hall"
    for path, text in (
        ("stories/index.md", f"---\ntitle: 故事\nvisibility: internal\n---\n{SECRET}\n"),
        ("docs/sayings.yml", said.format("地知")),
    ):
        assert run(root, "build", "--edition", "kiosk", "--out", str(out)).exit_code == 0
        assert len(list((out / "e").iterdir())) == 1
        (root / path).write_text(text, "utf-8")
    assert run(root, "build", "--edition", "kiosk", "--out", str(out)).exit_code == 0
    assert len(list((out / "e").iterdir())) == 1
    assert not [p for p in out.rglob("*") if p.is_file() and SECRET.encode() in p.read_bytes()]
    # What only got a word more leaves the edition that a visitor has open.
    (root / "stories/a.md").write_text((root / "stories/a.md").read_text("utf-8") + "\n添一句。\n", "utf-8")
    assert run(root, "build", "--edition", "kiosk", "--out", str(out)).exit_code == 0
    assert len(list((out / "e").iterdir())) == 2


# --- what runs or loads ----------------------------------------------------------------------------------------------


def test_a_drawing_of_a_film_that_a_page_links_is_looked_at(tmp_path: Path) -> None:
    """A link may be written as on disk or as in the site."""
    drawing = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 4 3'><title>图</title>{}</svg>"
    scene = "scenes:\n  - {picture: tu.svg, seconds: 4, captions: [一句。]}\n"
    root = write_tree(
        tmp_path / "archive",
        {
            "mkdocs.yml": MKDOCS_YML,
            "videos/si-zhi/index.md": {"set": {"storyboard": "storyboard.yml"}},
            "videos/si-zhi/storyboard.yml": scene,
            "videos/si-zhi/tu.svg": drawing.format(""),
            "videos/si-zhi/huai.svg": drawing.format("<script>alert(1)</script>"),
            "docs/shuo-ming.md": "---\ntitle: 说明\n---\n[图](videos/si-zhi/huai.svg)\n",
        },
    )
    assert ("videos/si-zhi/huai.svg", "svg") in {(p.path, p.rule) for p in errors(list(examine(str(root)).problems))}


@pytest.mark.parametrize(
    "inside",
    [
        "<style>@im<g>x</g>port 'http://example.net/a.css'</style>",
        "<a><animate attributeName=' href' values='javascript:alert(1)'/></a>",
        "<rect><set attributeName='\thref' to='http://example.net'/></rect>",
    ],
)
def test_a_drawing_whose_parts_only_a_browser_joins_is_refused(inside: str) -> None:
    assert list(svg_faults(f"<svg xmlns='http://www.w3.org/2000/svg'>{inside}</svg>".encode()))


@pytest.mark.parametrize(
    ("text", "guarded"),
    [
        ("-2026+cmd|'/C calc'!A0", True),
        ("-0355", True),  # a spreadsheet would compute with it
        ("-0355/-0319", True),
        ("＝1+1", True),
        ("0355", False),
        ("=1+1", True),
        ("@x", True),
    ],
)
def test_a_cell_that_a_spreadsheet_would_run_is_text(text: str, guarded: bool) -> None:
    line = catalogue_rows(Catalogue(("a",), ({"a": text},))).csv[0]
    assert line == ("'" + text if guarded else text) + "\r\n"


def test_a_name_does_not_speak_to_the_terminal() -> None:
    said = str(Problem("docs/\x1b]0;pwned\x07.md", 3, "", "\x1b[2J", "什么", "怎么办", "rule"))
    assert all(character.isprintable() for character in said)


# --- what never ends -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("[" * 30_000, "too-much"),
        ("![" * 60_000, "too-much"),
        ("[a](" * 60_000, "too-much"),
        ("[^1]" * 20_000, "too-much"),
        ("# 题\n\n" * 30_000, "too-much"),
        ("<a " * 40_000, "too-much"),
        ("<http://" * 30_000, "too-much"),
        ("<a@" * 60_000, "too-much"),
        ("<![CDATA[" * 3_000, "too-much"),
        ("<br>" * 30_000, "too-much"),
        ("字  \n" * 60_000, "too-much"),
        ("".join("    " * n + "- 甲\n" for n in range(400)), "too-much"),
        ("字\n\n" * 9_000, ""),
        ("[甲](b.md)\n\n" * 90, "broken-link"),
    ],
)
def test_a_small_text_does_not_stop_a_check(tmp_path: Path, text: str, rule: str) -> None:
    root = write_tree(tmp_path, {"stories/a.md": {"body": text}, "stories/b.md": {}})
    begun = time.monotonic()
    found = {problem.rule for problem in errors(list(examine(str(root)).problems))}
    assert time.monotonic() - begun < 60  # it was minutes to never
    assert (rule in found) if rule == "too-much" else "too-much" not in found


def test_a_zim_file_without_room_is_refused_before_it_is_begun(tmp_path: Path, disk_of: Any) -> None:
    pytest.importorskip("libzim")
    root = write_tree(tmp_path / "archive", {"stories/a.md": {}, "mkdocs.yml": MKDOCS_YML})
    disk = disk_of(f"{ROOM // 2048}k")
    done = run(root, "pack", "zim", str(disk / "guan.zim"))
    assert done.exit_code == 1
    assert "磁盘满了" in done.output
    assert list(disk.iterdir()) == []


# --- the cache -------------------------------------------------------------------------------------------------------


def test_a_file_in_the_cache_is_what_we_put_there(tmp_path: Path) -> None:
    made: list[str] = []

    def make(path: str) -> None:
        made.append(path)
        Path(path).write_bytes(b"ours")

    place = Path(cached_file("a.bin", make))
    private = tmp_path / "private"
    private.write_bytes(b"private")
    for harm in (
        lambda: None,
        lambda: place.write_bytes(b"evil"),
        lambda: (place.unlink(), place.symlink_to(private)),
        lambda: (place.unlink(), os.mkfifo(place)) if hasattr(os, "mkfifo") else None,
        lambda: place.with_name("a.bin.sum").unlink(),
        lambda: place.with_name("a.bin.sum").write_bytes(b"forged"),
    ):
        harm()
        count = len(made)
        assert Path(cached_file("a.bin", make)).read_bytes() == b"ours"
        assert not place.is_symlink()
        assert private.read_bytes() == b"private"
        assert len(made) - count <= 1
    os.utime(place)  # as a backup or a copy to another disk may do
    count = len(made)
    cached_file("a.bin", make)
    assert len(made) == count


# --- words -----------------------------------------------------------------------------------------------------------


def test_mkdocs_build_says_what_is_wrong_and_nothing_else(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "archive", {"stories/a.md": {}, "mkdocs.yml": MKDOCS_YML})
    (root / "site").mkdir()
    (root / "site" / "foto.jpg").write_bytes(b"photo")
    command = [sys.executable, "-m", "mkdocs", "build", "-q"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode
    assert "Traceback" not in done.stderr
    assert "_restore" not in done.stderr
    assert (root / "site" / "foto.jpg").read_bytes() == b"photo"
    (root / "site" / "foto.jpg").unlink()
    (root / "stories/a.md").write_text("---\ntitle: [\n---\n", "utf-8")
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode
    assert "写不进" not in done.stderr
    assert "Traceback" not in done.stderr


def test_settings_from_another_file_are_refused_in_words(tmp_path: Path) -> None:
    root = write_tree(tmp_path, {"stories/a.md": {}, "mkdocs.yml": "INHERIT: /etc/passwd\n" + MKDOCS_YML})
    done = run(root, "build")
    assert done.exit_code == 1
    assert isinstance(done.exception, SystemExit)
    assert "INHERIT" in done.output


def test_a_file_that_another_run_has_just_made_is_there_all_the_time() -> None:
    place = Path(cached_file("b.bin", lambda path: Path(path).write_bytes(b"first")))
    place.with_name("b.bin.sum").unlink()  # the other run has not written it yet

    def make(path: str) -> None:
        assert place.read_bytes() == b"first"
        Path(path).write_bytes(b"second")

    assert Path(cached_file("b.bin", make)).read_bytes() == b"second"
