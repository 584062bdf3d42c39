"""The kiosk edition off the screen: what a hall's edition holds, how pages are sealed, how the folder is updated."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import av
import numpy
import pytest
from click.testing import CliRunner
from selectolax.lexbor import LexborHTMLParser

from integrity_archive.cli.main import main
from integrity_archive.content.site_settings import Site
from integrity_archive.kiosk.completeness import with_end_marker
from integrity_archive.kiosk.delivery import current
from integrity_archive.kiosk.external_links import outward_links, without_external_links
from trees import ROOT, write_tree

MKDOCS_YML = """\
site_name: 试验馆
site_url: https://lian.example.cn/
theme: {name: material, language: zh, font: false}
plugins:
  - archive: {kiosk_pin: "2580"}
"""
FILES: dict[str, Any] = {
    "mkdocs.yml": MKDOCS_YML,
    "stories/a.md": {"set": {"title": "甲", "related": ["stories/b"]}},
    "stories/b.md": {"set": {"title": "乙"}, "body": "见[丙](c.md)，又见[网页](https://example.org/a?b=1&c=2)。"},
    "stories/c.md": {"set": {"title": "丙"}},
    "stories/d.md": {"set": {"title": "丁", "visibility": "internal"}, "body": "内部独一句。"},
    "docs/halls/ting.md": {"set": {"title": "厅", "zones": [{"title": "序", "exhibits": ["stories/a"]}]}},
    "docs/halls/bie.md": {"set": {"title": "别厅"}},
}


def run(root: Path, *arguments: str) -> Any:
    return CliRunner().invoke(main, ["--root", str(root), "-q", *arguments])


def kiosk(root: Path, *more: str) -> Path:
    """The edition's folder, built."""
    result = run(root, "build", "--edition", "kiosk", "--out", str(root / "屏"), *more)
    assert result.exit_code == 0, result.output
    return root / "屏" / "e" / current(root / "屏")["id"]


# --- what an edition holds -------------------------------------------------------------------------------------------


def test_a_hall_has_what_it_shows_and_what_that_names(tmp_path: Path) -> None:
    site = kiosk(write_tree(tmp_path, FILES), "--hall", "halls/ting")
    stories = {p.stem for p in (site / "stories").glob("?.html")}
    assert stories == {"a", "b"}
    assert {p.stem for p in (site / "halls").glob("*.html")} == {"index", "ting"}
    assert "丙" in LexborHTMLParser((site / "stories/b.html").read_text("utf-8")).css_first(".prose").text()
    assert not LexborHTMLParser((site / "stories/b.html").read_text("utf-8")).css('a[href$="c.html"]')
    assert "厅" in (site / "index.html").read_text("utf-8")


def test_a_hall_has_the_films_of_its_screens_and_all_where_it_names_none(tmp_path: Path) -> None:
    films = {
        f"videos/{name}.md": {"set": {"title": name, "media": f"{name}.mp4"}} for name in ("fang", "ping", "duo")
    } | {f"videos/{name}.mp4": {"film": 1} for name in ("fang", "ping", "duo")}
    screens = "programmes:\n- name: 平时\n  films: [videos/ping]\n"
    root = write_tree(tmp_path, {**FILES, **films, "docs/screens.yml": screens})
    hall = {"title": "厅", "zones": [{"title": "序"}], "playlist": ["videos/fang"]}

    def shown(site: Path) -> tuple[set[str], set[str]]:
        """Films with a page, and films the touch screen plays."""
        page = LexborHTMLParser((site / "kiosk.html").read_text("utf-8"))
        settings = json.loads(page.css_first("html").attrs["data-settings"] or "")
        played = {piece["title"] for piece in settings["reel"] if piece["kind"] == "film"}
        return {p.stem for p in (site / "videos").glob("*.html")} - {"index"}, played

    write_tree(root, {"docs/halls/ting.md": {"set": hall}})
    assert shown(kiosk(root, "--hall", "halls/ting")) == ({"fang", "ping"}, {"fang"})
    write_tree(root, {"docs/halls/ting.md": {"set": {**hall, "playlist": None}}})
    assert shown(kiosk(root, "--hall", "halls/ting")) == ({"fang", "ping", "duo"}, {"fang", "ping", "duo"})


def test_without_a_hall_it_has_all_that_is_public(tmp_path: Path) -> None:
    site = kiosk(write_tree(tmp_path, FILES))
    assert {p.stem for p in (site / "stories").glob("?.html")} == {"a", "b", "c"}
    assert not any("内部独一句" in p.read_text("utf-8", "replace") for p in site.rglob("*") if p.is_file())
    for desk in ("catalogue.csv", "feed.xml", "my-list.html", "sitemap.xml", "404.html", "screens.yml"):
        assert not (site / desk).exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--edition", "kiosk", "--hall", "halls/tnig"], "没有这个展馆"),
        (["--edition", "kiosk", "--hall", "stories/a"], "没有这个展馆"),
        (["--hall", "halls/ting"], "只有触摸屏版"),
    ],
)
def test_a_hall_that_is_none_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, arguments: list[str], said: str
) -> None:
    result = run(write_tree(tmp_path, FILES), "build", *arguments)
    assert result.exit_code != 0
    assert said in result.output + caplog.text


def test_without_a_pin_nothing_is_built(tmp_path: Path) -> None:
    root = write_tree(tmp_path, {**FILES, "mkdocs.yml": MKDOCS_YML.replace(': {kiosk_pin: "2580"}', "")})
    assert run(root, "build", "--edition", "kiosk").exit_code != 0
    assert run(root, "build").exit_code == 0
    assert not (root / "site/assets/js/kiosk").exists()


def test_a_folder_that_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    root = write_tree(tmp_path, FILES)
    (root / "屏").mkdir()
    (root / "屏" / "照片.jpg").write_bytes(b"x")
    result = run(root, "build", "--edition", "kiosk", "--out", str(root / "屏"))
    assert result.exit_code == 1
    assert "换一个 --out" in result.output
    assert [p.name for p in (root / "屏").iterdir()] == ["照片.jpg"]


# --- sealing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("site_url", ["https://lian.example.cn/", ""])
def test_a_sealed_page_keeps_its_words_and_no_way_out(site_url: str) -> None:
    page = (
        '<!doctype html><html><head><link rel="alternate" href="../feed.xml"></head><body><p>见'
        '<a href="https://example.org/?a=1&amp;b=2" target="_blank" rel="noopener">外面</a>、'
        '<a href="mailto:a@example.org">写信</a>、<a href="//example.org/">无名</a>、'
        '<a href="javascript:alert(1)">点我</a>、<a href="b.html#x">里面</a>、<a href="no.html">没有</a>、'
        '<a href="#x">本页</a>、<a href="../media/a.pdf">文件</a>。</p>'
        '<a class="button" href="film.mp4" download="片.mp4">下载</a></body></html>'
    )
    sealed = without_external_links(page, "stories/a.html", "甲", Site(url=site_url), {"stories/b.html"}.__contains__)
    tree = LexborHTMLParser(sealed)
    assert list(outward_links(sealed)) == []
    kept = {a.text(): a.attrs["href"] for a in tree.css("p a") if not (a.attrs["href"] or "").startswith("#qr")}
    assert kept == {"里面": "b.html#x", "本页": "#x", "关上": "#content"}
    words = tree.css_first("p").text()
    for word in ("外面", "写信", "无名", "点我", "里面", "没有", "本页", "文件"):
        assert word in words
    panels = {p.attrs["id"]: p.css_first(".phone__address").text() for p in tree.css("aside.phone")}
    codes = {a.text(): panels[(a.attrs["href"] or "")[1:]] for a in tree.css("a.to-phone")}
    assert codes["外面"] == "https://example.org/?a=1&b=2"
    if site_url:
        assert codes["文件"] == "https://lian.example.cn/media/a.pdf"
        assert codes["下载"] == "https://lian.example.cn/stories/film.mp4"
        assert panels["qr-page"] == "https://lian.example.cn/stories/a.html"
    else:
        assert set(codes) == {"外面"}
        assert "下载" not in sealed


# --- files that prove themselves whole ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("suffix", "content"),
    [
        (".html", b"<!doctype html><html><head><style>/* a */ p {}</style></head><body>2 */ 3</body></html>"),
        (".html", b'<!doctype html><script type="application/ld+json">{"a": "*/"}</script><p>x</p>'),
        (".js", b"(function () { 'use strict'; }()); // @ts-check"),
        (".js", b"\xff\xfe" + "archiveData('a', '\ud800');".encode("utf-16-le", "surrogatepass")),
        (".js", b"// \xd6\xd0"),
        (".css", b"p { color: red }"),
        (".svg", b"<svg/>"),
        (".mp4", b"no film at all"),
    ],
)
def test_what_proves_itself_whole_keeps_its_content_and_is_made_so_once(suffix: str, content: bytes) -> None:
    made = with_end_marker(suffix, content)
    assert with_end_marker(suffix, made) == made
    if suffix in (".js", ".css"):
        assert content.removeprefix(b"\xff\xfe") in made
    if suffix == ".html":
        page = made.decode()
        assert page.count("*/") == 1  # its own, at the end
        tree, before = LexborHTMLParser(page), LexborHTMLParser(content.decode())
        assert tree.body and before.body
        assert tree.body.text().rstrip() == before.body.text().rstrip()
        assert "doctype" in (tree.html or "").lower()
    if suffix in (".svg", ".mp4"):
        assert made == content


def test_a_film_with_its_index_at_the_end_shows_the_same_pictures(tmp_path: Path) -> None:
    film = tmp_path / "a.mp4"
    with av.open(str(film), "w", options={"movflags": "faststart"}) as out:
        stream = out.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for n in range(30):
            frame = av.VideoFrame.from_ndarray(numpy.full((48, 64, 3), n * 8, "uint8"), "rgb24")
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    before = film.read_bytes()
    after = with_end_marker(".mp4", before)
    assert before.find(b"moov") < before.find(b"mdat")
    assert after.find(b"moov") > after.find(b"mdat")
    assert len(after) == len(before)
    assert with_end_marker(".mp4", after) == after

    def pictures(raw: bytes) -> list[bytes]:
        with av.open(io.BytesIO(raw)) as source:
            return [f.to_ndarray().tobytes() for f in source.decode(video=0)]

    assert len(pictures(before)) == 30
    assert pictures(after) == pictures(before)


# --- the folder ------------------------------------------------------------------------------------------------------


def test_the_same_archive_makes_the_same_edition_and_another_word_another(tmp_path: Path) -> None:
    root = write_tree(tmp_path, FILES)
    first = kiosk(root)
    assert kiosk(root) == first
    write_tree(root, {"stories/c.md": {"set": {"title": "丙"}, "body": "改了一个字。"}})
    second = kiosk(root)
    assert second != first
    assert first.is_dir()  # screens that still show it are not disturbed
    assert current(root / "屏") == {"id": second.name, "previous": first.name}
    write_tree(root, {"stories/c.md": {"set": {"title": "丙"}, "body": "又改了。"}})
    third = kiosk(root)
    assert {p.name for p in (root / "屏/e").iterdir()} == {first.name, second.name, third.name}  # a visit may last
    days_ago = time.time() - 2 * 24 * 3600
    for path in (root / "屏/e").iterdir():
        os.utime(path, (days_ago, days_ago))
    write_tree(root, {"stories/c.md": {"set": {"title": "丙"}, "body": "再改。"}})
    fourth = kiosk(root)
    # The second and the first were last current days ago; the third until now.
    assert {p.name for p in (root / "屏/e").iterdir()} == {third.name, fourth.name}
    os.utime(third, (days_ago, days_ago))
    write_tree(root, {"stories/c.md": {"set": {"title": "丙"}, "body": "还改。"}})
    fifth = kiosk(root)
    assert {p.name for p in (root / "屏/e").iterdir()} == {fourth.name, fifth.name}


def test_the_list_of_files_is_what_is_there(tmp_path: Path) -> None:
    site = kiosk(write_tree(tmp_path, FILES))
    listed = (site / "zz-files.js").read_text("utf-8")
    for path in site.rglob("*"):
        if path.is_file() and path.name != "zz-files.js":
            assert f'"{path.relative_to(site).as_posix()}"' in listed


def test_a_fleet_is_kept_current_and_one_interrupted_replica_never_shows_half(tmp_path: Path) -> None:
    root = write_tree(tmp_path, FILES)
    first = kiosk(root).name
    source = root / "屏"
    replicas = [tmp_path / f"屏 {n}" for n in range(3)]

    def update(replica: Path, **more: Any) -> subprocess.Popen[bytes]:
        return subprocess.Popen(["sh", str(source / "linux/update.sh"), str(source), str(replica)], **more)

    for replica in replicas:
        assert update(replica).wait() == 0
        assert current(replica)["id"] == first
    (root / "stories/c.md").write_text((root / "stories/c.md").read_text("utf-8") + "\n补一段。\n", "utf-8")
    write_tree(root, {"stories/e.md": {"set": {"title": "戊"}}})
    second = kiosk(root).name
    assert second != first
    # One is cut off at several moments of its update: it says either edition, and what it says is whole.
    for moment in (0.02, 0.05, 0.1, 0.2):
        half = update(replicas[0], start_new_session=True)
        time.sleep(moment)
        os.killpg(half.pid, signal.SIGKILL)
        half.wait()
        shown = current(replicas[0])["id"]
        assert shown in (first, second)
        assert _files(replicas[0] / "e" / shown) == _files(source / "e" / shown)
    for replica in replicas:
        assert update(replica).wait() == 0
        assert current(replica) == current(source)
        assert _files(replica / "e") == _files(source / "e")
        same = replica / "e" / second / "stories/a.html"
        assert same.stat().st_ino == (replica / "e" / first / "stories/a.html").stat().st_ino  # nothing copied twice


def test_a_source_without_an_edition_is_said_and_nothing_changes(tmp_path: Path) -> None:
    kiosk(write_tree(tmp_path / "馆", FILES))
    replica = tmp_path / "馆/屏"
    before = _files(replica)
    script = str(replica / "linux/update.sh")
    (tmp_path / "空/e").mkdir(parents=True)
    for source, said in ((tmp_path / "空", "来源里没有版本"), (tmp_path / "没有", "到不了来源")):
        result = subprocess.run(["sh", script, str(source), str(replica)], capture_output=True, text=True)
        assert result.returncode == 1
        assert said in result.stderr
        assert _files(replica) == before


def test_a_replica_keeps_what_it_showed_within_the_day(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "馆", FILES)
    first = kiosk(root).name
    source, replica = root / "屏", tmp_path / "屏 二"
    update = ["sh", str(source / "linux/update.sh"), str(source), str(replica)]
    subprocess.run(update, check=True)
    week_ago = time.time() - 7 * 24 * 3600
    os.utime(replica / "e" / first, (week_ago, week_ago))
    write_tree(root, {"stories/c.md": {"set": {"title": "丙"}, "body": "改了。"}})
    second = kiosk(root).name
    shutil.rmtree(source / "e" / first)  # the host was rebuilt from nothing
    subprocess.run(update, check=True)
    assert {p.name for p in (replica / "e").iterdir()} == {first, second}
    os.utime(replica / "e" / first, (week_ago, week_ago))
    subprocess.run(update, check=True)
    assert {p.name for p in (replica / "e").iterdir()} == {second}


def _files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_the_launcher_opens_the_folder_and_opens_it_again_after_a_crash(tmp_path: Path) -> None:
    folder = tmp_path / "数字 馆"
    (folder / "linux").mkdir(parents=True)
    (folder / "index.html").write_text("")
    shutil.copy(ROOT / "scripts/integrity_archive/kiosk/launchers/kiosk.sh", folder / "linux/kiosk.sh")
    fake = tmp_path / "bin/chromium"
    fake.parent.mkdir()
    fake.write_text(f'#!/bin/sh\nfor last; do :; done\necho "$last" >> "{tmp_path}/opened"\n', "utf-8")
    fake.chmod(0o755)
    environment = {**os.environ, "PATH": f"{fake.parent}:{os.environ['PATH']}", "XDG_DATA_HOME": str(tmp_path / "data")}
    launcher = subprocess.Popen(["sh", str(folder / "linux/kiosk.sh")], env=environment, start_new_session=True)
    time.sleep(3.5)
    os.killpg(launcher.pid, signal.SIGKILL)
    launcher.wait()
    opened = (tmp_path / "opened").read_text("utf-8").split()
    assert len(opened) == 2
    assert {unquote(url) for url in opened} == {f"file://{folder}/index.html"}
    assert all(url.isascii() for url in opened)


def test_a_screen_is_stopped_and_stays_so_until_it_is_started_again(tmp_path: Path) -> None:
    folder, data = tmp_path / "数字 馆", tmp_path / "我的 数据"
    (folder / "linux").mkdir(parents=True)
    for name in ("kiosk.sh", "stop.sh"):
        shutil.copy(ROOT / "scripts/integrity_archive/kiosk/launchers" / name, folder / "linux" / name)
    fake = tmp_path / "bin/chromium"
    fake.parent.mkdir()
    fake.write_text(f'#!/bin/sh\necho x >> "{tmp_path}/opened"\nwhile :; do sleep 0.1; done\n', "utf-8")
    fake.chmod(0o755)
    environment = {**os.environ, "PATH": f"{fake.parent}:{os.environ['PATH']}", "XDG_DATA_HOME": str(data)}
    opened = tmp_path / "opened"
    for times in (1, 2):
        launcher = subprocess.Popen(["sh", str(folder / "linux/kiosk.sh")], env=environment, start_new_session=True)
        for _ in range(100):
            if opened.exists() and len(opened.read_text().split()) == times:
                break
            time.sleep(0.1)
        result = subprocess.run(["sh", str(folder / "linux/stop.sh")], env=environment, capture_output=True, text=True)
        assert result.returncode == 0
        assert "已停下" in result.stdout
        assert launcher.wait(timeout=10) == 0
        assert len(opened.read_text().split()) == times


def test_windows_launchers_are_utf_8_with_windows_lines(tmp_path: Path) -> None:
    kiosk(write_tree(tmp_path, FILES))
    for name in ("start-kiosk.cmd", "start-signage.cmd", "stop.cmd"):
        raw = (tmp_path / "屏/windows" / name).read_bytes()
        assert not raw.startswith(b"\xef\xbb\xbf")  # cmd.exe would take it for a command
        assert raw.count(b"\n") == raw.count(b"\r\n") > 1
        raw.decode("utf-8")
    assert "--kiosk" in (tmp_path / "屏/windows/start-kiosk.cmd").read_text("utf-8")
