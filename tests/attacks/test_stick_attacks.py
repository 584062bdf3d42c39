"""Attacks by way of a stick or a delta: only its own names change, and refusals are in words."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import warnings
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrity_archive.archive.changes import EntryRecord
from integrity_archive.cli import usb as cli_stick
from integrity_archive.cli.main import main
from integrity_archive.support.safe_folder import Kind, LinkError, NotRegularError, SafeFolder, TooLargeError
from integrity_archive.usb import parcel
from integrity_archive.usb.delta import apply_delta, write_delta
from integrity_archive.usb.manifest import INTERNAL, FileRecord, Manifest, ManifestError, manifest_of, read_manifest
from integrity_archive.usb.marker import MARKER
from integrity_archive.usb.places import clash, is_place
from integrity_archive.usb.signature import new_keys, public_key, signer
from integrity_archive.usb.survey import NEW, NOTE, SyncError, standing
from integrity_archive.usb.sync import Disk, sync
from integrity_archive.usb.untrusted import FormError, read_sums
from integrity_archive.usb.verify import verify

OLD = {"index.html": "旧首页", "a.html": "旧甲", "stories/b.html": "旧乙", "stories/gone.html": "要走的"}
NEXT = {"index.html": "新首页", "a.html": "新甲", "stories/b.html": "旧乙", "halls/c.html": "新丙"}
PHOTO = b"a photo of somebody's"
SECRET = b"a letter outside"
LETTER = hashlib.sha256(SECRET).hexdigest()


def edition(folder: Path, files: dict[str, str]) -> tuple[Path, Manifest]:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content, "utf-8")
    return folder, manifest_of(folder, "试验馆", "1", "2026-11-24")


def everything(folder: Path) -> dict[str, str]:
    """Every file, folder, link and pipe below a folder with what it holds."""
    found = {}
    for place in sorted(folder.rglob("*")):
        name = place.relative_to(folder).as_posix()
        if place.is_symlink():
            found[name] = f"-> {os.readlink(place)}"
        elif place.is_dir():
            found[name] = "/"
        else:
            found[name] = place.read_bytes().hex() if place.is_file() else "pipe"
    return found


SCRIPT = Path(cli_stick.__file__).parents[1] / "usb/scripts/verify.sh"


class Home:
    """A user's home: a stick in it with a photo, private letters beside it, two editions to put on the stick."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "home"
        self.dest = self.folder / "stick"
        self.outside = self.folder / "outside"
        for place in (self.dest, self.outside):
            place.mkdir(parents=True)
        (self.outside / "letter.txt").write_bytes(SECRET)
        (self.dest / "photo.jpg").write_bytes(PHOTO)
        self.site, self.old = edition(folder / "old", OLD)
        self.next_site, self.next = edition(folder / "next", NEXT)
        self.delta = folder / "d.zip"

    def pack(self, **more: Any) -> None:
        sync(self.site, self.dest, self.old, **more)

    def pack_next(self, **more: Any) -> None:
        sync(self.next_site, self.dest, self.next, **more)

    def refuses(self, act: Callable[[], object], said: str = "。") -> None:
        """The act is refused in words, and not one byte of the home has changed."""
        before = everything(self.folder)
        with pytest.raises(SyncError, match=said):
            act()
        assert everything(self.folder) == before

    def write(self, path: str, content: bytes | str) -> None:
        place = self.dest / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode())


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    new_keys(tmp_path / "馆.key", tmp_path / "馆.pub")
    new_keys(tmp_path / "别人.key", tmp_path / "别人.pub")
    return tmp_path


@pytest.fixture(autouse=True)
def never_hangs() -> Iterator[None]:
    """A pipe that is opened for reading blocks for ever: the test fails instead."""

    def ring(number: int, frame: object) -> None:
        raise TimeoutError("it hangs")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(240)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


# --- the note of a run that was cut off -------------------------------------------------------------------------------


def note_of(manifest: Manifest, **more: Any) -> dict[str, Any]:
    plain = {"manifest": json.loads(manifest.to_json()), "move": [], "remove": [], "signature": "", "key": ""}
    return {**plain, **more}


def test_a_path_of_64_characters_for_a_sum_moves_no_file_out_of_the_users_folder(home: Home) -> None:
    home.pack()
    path = "../../../outside/letter.txt"
    path = "./" * ((64 - len(path)) // 2) + path
    path = path if len(path) == 64 else "." + path.replace("./", "/", 1)
    note = note_of(home.old, move=["evil.html"])
    note["manifest"]["files"]["evil.html"] = {"size": 1, "sha256": path.ljust(64, "x"), "type": "text/html"}
    home.write(NOTE, json.dumps(note))
    home.refuses(home.pack_next, "commit.json")
    home.refuses(home.pack, "commit.json")
    assert not verify(home.dest).whole


@pytest.mark.parametrize(
    "path", ["photo.jpg", "../outside/letter.txt", ".archive/stick.json", "manifest.json", "/etc/x"]
)
def test_a_note_deletes_nothing_but_what_the_manifest_names(home: Home, path: str) -> None:
    home.pack()
    home.write(NOTE, json.dumps(note_of(home.next, remove=[path])))
    home.refuses(home.pack_next, "commit.json")


def test_a_note_moves_nothing_over_a_users_file(home: Home) -> None:
    home.pack()
    evil = b"evil"
    sha256 = hashlib.sha256(evil).hexdigest()
    home.write("stories/photo.jpg", PHOTO)
    for path, said in (("photo.jpg", "commit.json"), ("stories/photo.jpg", "photo")):
        files = {**home.old.files, path: FileRecord(len(evil), sha256, "image/jpeg")}
        forged = replace(home.old, files=files, edition=2)
        home.write(NOTE, json.dumps(note_of(forged, move=[path])))
        home.write(f"{NEW}/{sha256}", evil)
        home.refuses(home.pack_next, said)


def test_a_note_on_a_signed_stick_is_followed_only_when_it_is_signed(home: Home, keys: Path) -> None:
    home.pack(sign=signer(keys / "馆.key"))
    forged = replace(home.next, edition=2)
    other = signer(keys / "别人.key")
    text = forged.to_json().encode()
    for more in ({}, {"signature": other(text), "key": other.key}, {"signature": other(text)}):
        home.write(NOTE, json.dumps(note_of(forged, **more)))
        home.refuses(lambda: home.pack_next(sign=signer(keys / "馆.key")), "钥匙")


def replay(home: Home, site: Path, signature: str = "", key: str = "", **more: Any) -> dict[str, str]:
    """Put the journal of an earlier run on the stick again, from that run's own manifest and signature.

    Returns:
        What the stick had before.
    """
    before = everything(home.dest)
    held = standing(home.dest)
    assert held
    old = replace(home.next if site == home.next_site else home.old, **more)
    move = [path for path in old.files if held.files.get(path) != old.files[path]]
    for path in move:
        home.write(f"{NEW}/{old.files[path].sha256}", (site / path).read_bytes())
    remove = [path for path in held.files if path not in old.files]
    home.write(NOTE, json.dumps(note_of(old, move=move, remove=remove, signature=signature, key=key)))
    return before


@pytest.mark.parametrize("signed", [True, False])
def test_the_journal_of_an_old_run_does_not_bring_its_edition_back(home: Home, keys: Path, signed: bool) -> None:
    more = {"sign": signer(keys / "馆.key")} if signed else {}
    home.pack(**more)
    home.pack_next(**more)
    signature = (home.dest / "manifest.sig").read_text() if signed else ""
    home.pack(**more)
    held = standing(home.dest)
    assert held and held.edition == 3
    write_delta(home.next_site, held, home.next, home.delta, **more)
    replay(home, home.next_site, signature, more["sign"].key if signed else "", edition=2)
    for act in (home.pack_next, home.pack):
        home.refuses(lambda act=act: act(**more), "第 3 次的换回第 2 次的.*--older.*移走")
    home.refuses(lambda: apply_delta(home.delta, home.dest), "第 3 次的换回第 2 次的.*--older")
    said = list(verify(home.dest).lines())
    assert not verify(home.dest).whole
    assert any("换回旧的" in line and "--older" not in line for line in said), said
    assert not any("再运行一次 archive pack usb 就换完" in line for line in said)
    home.pack(older=True, **more)  # asked for, it is completed, and the run goes on from there
    assert verify(home.dest).whole
    assert (home.dest / "index.html").read_text("utf-8") == "旧首页"


def test_a_journal_of_a_later_edition_does_not_let_a_delta_lead_back(home: Home) -> None:
    home.pack()
    held = standing(home.dest)
    assert held
    write_delta(home.next_site, held, home.next, home.delta)
    third, new = edition(home.site.with_name("third"), {"index.html": "第三"})
    home.write(f"{NEW}/{new.files['index.html'].sha256}", (third / "index.html").read_bytes())
    later = replace(new, edition=9)
    home.write(NOTE, json.dumps(note_of(later, move=["index.html"], remove=[p for p in OLD if p != "index.html"])))
    home.refuses(lambda: apply_delta(home.delta, home.dest), "第 9 次.*--older")


def test_a_run_that_puts_an_older_edition_back_is_completed_only_by_one_that_asks_for_it(tmp_path: Path) -> None:
    class Pulled(Disk):
        left = 0

        def write(self, folder: SafeFolder, name: str, content: bytes) -> None:
            if self.left == 0:
                raise OSError(5, "pulled out")
            self.left -= 1
            super().write(folder, name, content)

    said = set()
    for steps in range(6):
        home = Home(tmp_path / str(steps))
        home.pack()
        first = standing(home.dest)
        assert first
        write_delta(home.next_site, first, home.next, home.delta)
        home.pack_next()
        home.pack()
        disk = Pulled()
        disk.left = steps
        with contextlib.suppress(OSError):
            apply_delta(home.delta, home.dest, disk, older=True)
        if (home.dest / NOTE).exists():
            home.refuses(home.pack, "--older")
            home.refuses(lambda home=home: apply_delta(home.delta, home.dest), "--older")
            said.add("asked")
        apply_delta(home.delta, home.dest, older=True)
        assert verify(home.dest).whole
        held = standing(home.dest)
        assert held and (held.id, held.edition) == (home.next.id, 2)
        assert json.loads((home.dest / MARKER).read_text())["edition"] == 2
    assert said == {"asked"}


@pytest.mark.parametrize("text", ["{", "[" * 100_000, '{"manifest": 1}', "\\ud800", "null", '"\\ud800"'])
def test_a_note_that_cannot_be_read_is_refused_in_words(home: Home, text: str) -> None:
    home.pack()
    home.write(NOTE, text)
    home.refuses(home.pack_next, "commit.json")
    assert "commit.json" in verify(home.dest).fault


# --- links, pipes, folders where files should be ----------------------------------------------------------------------

OURS = [
    "index.html",
    "stories",
    "stories/b.html",
    "stories/gone.html",
    "halls",
    "manifest.json",
    "SHA256SUMS",
    "manifest.sig",
    ".archive",
    ".archive/new",
    MARKER,
    f"{MARKER}.part",
    NOTE,
]


def put_link(home: Home, path: str) -> None:
    """Move what stands at a path to outside, and leave a link to it."""
    place = home.dest / path
    target = home.outside / place.name.strip(".")
    if place.exists():
        shutil.move(place, target)
    elif place.name in ("halls", "new"):
        target.mkdir()
    else:
        target.write_text("outside", "utf-8")
    place.symlink_to(target)


@pytest.mark.parametrize("path", OURS)
def test_a_link_where_ours_should_be_is_refused_and_nothing_outside_changes(home: Home, path: str) -> None:
    home.pack()
    write_delta(home.next_site, home.old, home.next, home.delta)
    put_link(home, path)
    home.refuses(home.pack_next, "链接")
    home.refuses(lambda: apply_delta(home.delta, home.dest), "链接")


@pytest.mark.parametrize("path", [p for p in OURS if not p.startswith((".archive", "stories/gone"))])
def test_a_first_run_does_not_follow_a_link(home: Home, path: str) -> None:
    (home.dest / path).parent.mkdir(parents=True, exist_ok=True)
    put_link(home, path)
    home.refuses(home.pack_next if "gone" not in path else home.pack)


def test_names_of_what_is_being_written_are_not_taken_from_others(home: Home) -> None:
    home.pack()
    for name in ("manifest.json.part", "SHA256SUMS.part", "manifest.sig.part"):
        (home.dest / name).symlink_to(home.outside / "letter.txt")
    os.link(home.outside / "letter.txt", home.dest / f"{MARKER}.part")
    home.pack_next()
    assert (home.outside / "letter.txt").read_bytes() == SECRET
    assert (home.dest / "manifest.json.part").is_symlink()


def test_what_lies_staged_is_replaced_and_not_written_into(home: Home) -> None:
    home.pack()
    staged = home.dest / NEW / home.next.files["a.html"].sha256
    staged.parent.mkdir()
    os.link(home.outside / "letter.txt", staged)
    home.pack_next()
    assert (home.outside / "letter.txt").read_bytes() == SECRET
    assert verify(home.dest).whole


@pytest.mark.parametrize("path", ["a.html", "stories"])
def test_a_stick_of_links_to_outside_is_not_whole(home: Home, path: str) -> None:
    home.pack()
    put_link(home, path)
    wanted = [p for p in home.old.files if p.startswith(path)]
    verdict = verify(home.dest)
    assert not verdict.whole
    assert list(verdict.changed) == wanted
    shutil.copy(SCRIPT, home.dest / "verify.sh")
    done = subprocess.run(["sh", str(home.dest / "verify.sh")], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    for name in wanted:
        assert f"与原来不同：{name}" in done.stdout


@pytest.mark.parametrize("path", ["manifest.json", "SHA256SUMS", "manifest.sig", MARKER, NOTE, "a.html"])
def test_a_pipe_where_a_file_should_be_is_refused_at_once(home: Home, path: str) -> None:
    home.pack()
    (home.dest / path).unlink(missing_ok=True)
    os.mkfifo(home.dest / path)
    home.refuses(home.pack_next, "不是普通的文件")
    if path != "manifest.sig":
        assert not verify(home.dest).whole


def test_a_pipe_for_a_delta_or_for_an_old_manifest_is_refused_at_once(home: Home, tmp_path: Path) -> None:
    home.pack()
    os.mkfifo(tmp_path / "pipe")
    home.refuses(lambda: apply_delta(tmp_path / "pipe", home.dest), "不是普通的文件")
    said = CliRunner().invoke(main, ["-q", "pack", "delta", "--from", str(tmp_path / "pipe"), str(tmp_path / "o.zip")])
    assert "不是普通的文件" in said.output


@pytest.mark.parametrize(("path", "folder"), [("stories", False), ("index.html", True), (".archive", False)])
def test_a_file_where_a_folder_belongs_is_named_before_anything_is_done(home: Home, path: str, folder: bool) -> None:
    if folder:
        (home.dest / path).mkdir()
    else:
        (home.dest / path).write_bytes(PHOTO)
    home.refuses(home.pack, path)


@pytest.mark.parametrize("descriptors", [True, False])
def test_a_safe_folder_follows_no_link_and_opens_no_pipe(tmp_path: Path, descriptors: bool) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "letter").write_bytes(SECRET)
    (tmp_path / "in/link").symlink_to(tmp_path / "letter")
    (tmp_path / "in/away").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "in/pipe")
    folder = SafeFolder(tmp_path / "in", descriptors)
    assert folder.names() == {"away": Kind.LINK, "link": Kind.LINK, "pipe": Kind.OTHER}
    assert dict(folder.walk()) == folder.names()
    acts: list[Callable[[], object]] = [
        lambda: folder.read("link", 99),
        lambda: folder.read("away/letter", 99),
        lambda: folder.sha256("away/letter"),
        lambda: folder.size("away/letter"),
        lambda: folder.kind("away/letter"),
        lambda: folder.create("away/new", [b"x"]),
        lambda: folder.remove("away/letter"),
        lambda: folder.move("away/letter", "mine"),
        lambda: folder.make_folder("away/inner"),
        lambda: folder.names("away"),
    ]
    for act in acts:
        with pytest.raises(LinkError) as caught:
            act()
        assert Path(caught.value.filename).parent == tmp_path / "in"
    with pytest.raises(NotRegularError):
        folder.read("pipe", 99)
    folder.create("link", [b"mine"])  # takes its place
    assert (tmp_path / "letter").read_bytes() == SECRET
    folder.write("inner.txt", b"text", "beside")
    folder.make_folder("a/b")
    folder.move("inner.txt", "a/b/c.txt")
    assert folder.read("a/b/c.txt", 4) == b"text"
    with pytest.raises(TooLargeError):
        folder.read("a/b/c.txt", 3)
    assert not folder.remove_empty_folder("a/b")
    folder.remove("a/b/c.txt")
    assert folder.remove_empty_folder("a/b")
    for name in ("../letter", "/etc", "a//b", "a/./b"):
        with pytest.raises(ValueError, match=name):
            folder.read(name, 99)


# --- manifests --------------------------------------------------------------------------------------------------------

BAD_PLACES = [
    *("../a", "/a", "a/../b", "a//b", "a\\b", "c:/a", "x:stream", "a\0b", "a\nb", ""),
    *("con", "stories/NUL.html", "aux.txt/a", "com1", "conin$", "con .txt", "a./b", "a /b", "a.", "b ", "..."),
    *(".archive/new/x", ".ARCHIVE/x", "ARCHIV~1/commit.json", ".hidden", "MANIFEST.JSON", "sha256sums", "manifest.sig"),
    *("DCIM/IMG_1.jpg", "My Photos/a.jpg", "Documents/a.html", "photo.jpg", "letter.txt", "notes"),
    *(
        "stories/x.exe",
        "stories/x.LNK",
        "stories/autorun.inf",
        "stories/desktop.ini",
        "x.lnk",
        "autorun.inf",
        "stories/x",
    ),
    *("stories/verify.cmd", "a/x.bat", "a/x.ps1", "a/x.sh", "a/x.hta", "a/x.url", "a/x.scr", "a/x.html.exe", "a/x.md"),
    *("-rf", "-rf/a.html", "stories/-x.html", "stories/.hidden.html", "stories/.git/a.html", "stories/$x.html"),
    *("System Volume Information/x.html", "$RECYCLE.BIN/x.html", "stories/~$a.docx", "a/$RECYCLE.BIN/x.html"),
    *("杨震.html", "\ud800.html", "a/" * 32 + "a", "a" * 181),
]


@pytest.mark.parametrize("path", BAD_PLACES)
def test_no_path_that_some_system_reads_differently_is_a_place(path: str) -> None:
    assert not is_place(path)
    text = json.dumps(json.loads(replaced(path)))
    with pytest.raises(ManifestError):
        read_manifest(text)
    with pytest.raises(FormError):
        read_sums(f"{'0' * 64}  {path}\n".encode("utf-8", "surrogatepass"))


def replaced(path: str) -> str:
    data = json.loads(Manifest("馆", "1", "", {"x": FileRecord(1, "0" * 64, "text/html")}).to_json())
    data["files"] = {path: data["files"]["x"]}
    return json.dumps(data)


@pytest.mark.parametrize("paths", [["a.html", "A.html"], ["a", "a/b"], ["A", "a/b"], ["s/x/y", "S/X"], ["S/a", "s/A"]])
def test_two_names_for_one_file_are_refused(paths: list[str]) -> None:
    assert clash(paths)
    with pytest.raises(ManifestError):
        read_manifest(Manifest("馆", "1", "", {p: FileRecord(1, "0" * 64, "text/html") for p in paths}).to_json())


@pytest.mark.parametrize("value", [9, 3.5, True, 0, -1, "2", None, [], 10**30, 3.0])
def test_only_a_whole_number_that_this_program_knows_is_a_format(value: Any) -> None:
    data = json.loads(Manifest("馆", "1", "", {"x": FileRecord(1, "0" * 64, "text/html")}).to_json())
    with pytest.raises(ManifestError):
        read_manifest(json.dumps({**data, "format": value}))


@pytest.mark.parametrize("size", [-1, 1.5, True, "1", 1 << 44, None])
@pytest.mark.parametrize("sha256", ["0" * 63 + "G", "0" * 65, "A" * 64, None])
def test_sizes_and_sums_have_their_exact_form(size: Any, sha256: Any) -> None:
    for held in ({"size": size, "sha256": "0" * 64}, {"size": 1, "sha256": sha256}):
        data = json.loads(Manifest("馆", "1", "", {"x": FileRecord(1, "0" * 64, "")}).to_json())
        data["files"]["x"] = {**held, "type": ""}
        with pytest.raises(ManifestError):
            read_manifest(json.dumps(data))


@pytest.mark.parametrize(
    "text", ["[" * 200_000, '{"a":' * 200_000, '{"format": 2, "x": ' + "[" * 9000 + "]" * 9000 + "}"]
)
def test_json_of_any_depth_is_refused_in_words(home: Home, text: str) -> None:
    with pytest.raises(ManifestError):
        read_manifest(text)
    home.pack()
    home.write("manifest.json", text)
    assert verify(home.dest).fault


LAST = 1 << 31


@pytest.mark.parametrize("number", [LAST - 1, LAST, LAST + 1, 1 << 62, 10**400])
def test_a_number_of_an_edition_that_none_can_follow_is_refused_when_it_is_read(home: Home, number: int) -> None:
    home.pack()
    held = standing(home.dest)
    assert held
    marker = (home.dest / MARKER).read_text()
    home.write(MARKER, json.dumps({**json.loads(marker), "edition": number}))
    home.refuses(home.pack_next, r"移到电脑上")
    home.write(MARKER, marker)
    home.write(
        NOTE, json.dumps(note_of(home.next) | {"manifest": json.loads(home.next.to_json()) | {"edition": number}})
    )
    home.refuses(home.pack_next, "移走|移到电脑上")
    (home.dest / NOTE).unlink()
    home.write("manifest.json", replace(held, edition=number).to_json())
    if number <= LAST:
        home.refuses(home.pack_next, "次序.*移到电脑上")
        with pytest.raises(SyncError, match="次序"):
            write_delta(home.next_site, replace(held, edition=number), home.next, home.delta)


@pytest.mark.parametrize("number", [LAST, LAST + 1])
def test_a_delta_whose_number_none_can_follow_is_refused(home: Home, number: int) -> None:
    home.pack()
    write_delta(home.next_site, home.old, home.next, home.delta)

    def change(files: dict[str, bytes]) -> None:
        new = replace(home.next, edition=number)
        files["manifest.json"] = new.to_json().encode()
        files[parcel.DELTA] = parcel.change_of(home.old.id, new).to_json().encode()

    rewritten(home.delta, change)
    home.refuses(lambda: apply_delta(home.delta, home.dest), "重新要一份")


SIZES = ["size", '"size"', ' "size": 1,', '   "size": 1,', '\n   "size": 1,\n', "size\u2028   "]


def test_a_title_that_reads_like_a_size_does_not_confuse_the_script(home: Home) -> None:
    entries = {f"stories/{n}": EntryRecord(text, text, "a.html", text) for n, text in enumerate(SIZES)}
    entries["size"] = EntryRecord("size", "size", "size", "size")
    sync(home.site, home.dest, replace(home.old, entries=entries, choice="size", version="size", dated="size"))
    shutil.copy(SCRIPT, home.dest / "verify.sh")
    done = subprocess.run(["sh", str(home.dest / "verify.sh")], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "完整。"), done.stdout
    text = (home.dest / "manifest.json").read_text("utf-8")
    # The other script cannot run here; its pattern is read from it.
    pattern = re.search(r"\[regex\]'([^']+)'", SCRIPT.with_suffix(".ps1").read_text("utf-8"))
    assert pattern and len(re.findall(pattern[1], text)) == len(home.old.files)


ODD = ["NaN", "Infinity", "-Infinity", "1e400", "-1", "1.0", "1e2", "true", "null", '"1"', "[1]", "{}", "9" * 5000]


@pytest.mark.parametrize("value", ODD)
def test_numbers_that_json_does_not_have_or_nobody_means_are_refused(home: Home, value: str) -> None:
    home.pack()
    for path in ("manifest.json", MARKER):
        whole = (home.dest / path).read_text("utf-8")
        home.write(path, re.sub(r'"edition": \d+', f'"edition": {value}', whole))
        assert verify(home.dest).fault
        if path == MARKER:
            home.refuses(home.pack_next)
        home.write(path, whole)
    whole = home.old.to_json()
    for field in ("format", "size"):
        with pytest.raises(ManifestError):
            read_manifest(re.sub(rf'"{field}": \d+', f'"{field}": {value}', whole, count=1))


def test_a_key_given_twice_is_not_read_one_way_here_and_another_way_there(home: Home) -> None:
    home.pack()
    whole = (home.dest / "manifest.json").read_text("utf-8")
    twice = whole.replace('"files": {', '"files": {}, "files": {', 1)
    for text in (twice, whole.replace('"name"', '"name": "别人", "name"', 1)):
        home.write("manifest.json", text)
        assert not verify(home.dest).whole
    write_delta(home.next_site, home.old, home.next, home.delta)
    home.write("manifest.json", whole)

    def double(files: dict[str, bytes]) -> None:
        files["manifest.json"] = files["manifest.json"].replace(b'"name"', b'"name": "x", "name"', 1)

    rewritten(home.delta, double)
    home.refuses(lambda: apply_delta(home.delta, home.dest), "重新要一份")


# --- what is not ours -------------------------------------------------------------------------------------------------

THEIRS = [
    "manifest.json",
    "SHA256SUMS",
    "manifest.sig",
    ".archive/notes.txt",
    f".archive/new/{'0' * 64}",
    f"{MARKER}.part",
    "stories",
    "halls/c.html",
]


@pytest.mark.parametrize("path", THEIRS)
def test_a_users_file_under_a_name_of_ours_is_refused_before_anything_is_touched(home: Home, path: str) -> None:
    home.write(path, PHOTO)
    home.refuses(home.pack_next, "先把它")


@pytest.mark.parametrize(
    "path", ["manifest.json.part", "SHA256SUMS.part", "stories/mine.txt", ".other/x", "commit.json"]
)
def test_a_users_other_files_stay_through_packing_and_updating(home: Home, path: str) -> None:
    home.write(path, PHOTO)
    home.pack()
    home.pack_next()
    assert (home.dest / path).read_bytes() == PHOTO
    assert (home.dest / "photo.jpg").read_bytes() == PHOTO
    assert verify(home.dest).whole


def test_a_users_signature_on_a_stick_that_was_never_signed_stays(home: Home) -> None:
    home.pack()
    home.write("manifest.sig", PHOTO)
    home.refuses(home.pack_next, "manifest.sig")


def test_what_a_user_puts_in_the_working_folder_stays(home: Home) -> None:
    home.pack()
    for path in (".archive/mine.txt", ".archive/new/mine.txt"):
        home.write(path, PHOTO)
    home.pack_next()
    assert (home.dest / ".archive/mine.txt").read_bytes() == PHOTO
    assert (home.dest / ".archive/new/mine.txt").read_bytes() == PHOTO


@pytest.mark.parametrize("content", [PHOTO, b""])
def test_a_file_that_took_the_place_of_one_that_is_to_go_is_not_deleted(home: Home, content: bytes) -> None:
    home.pack()
    home.write("stories/gone.html", content)
    home.refuses(home.pack_next, r"gone\.html")
    write_delta(home.next_site, home.old, home.next, home.delta)
    home.refuses(lambda: apply_delta(home.delta, home.dest), r"gone\.html")
    (home.dest / "stories/gone.html").unlink()
    home.pack_next()
    assert verify(home.dest).whole


EDITED = ["a.html", "stories/gone.html", "SHA256SUMS"]
"""Files that the next edition replaces, deletes and writes anew."""


@pytest.mark.parametrize("path", EDITED)
def test_what_was_changed_on_a_stick_is_named_and_kept(home: Home, path: str) -> None:
    home.pack()
    home.write(path, PHOTO)
    write_delta(home.next_site, home.old, home.next, home.delta)
    home.refuses(home.pack_next, f"1 个文件.*{path}.*--set-aside")
    home.refuses(lambda: apply_delta(home.delta, home.dest), f"{path}.*--set-aside")
    home.write(f"{path}.old", "an older one")
    done = apply_delta(home.delta, home.dest, set_aside=True)
    assert done.aside == (f"{path}.old1",)
    assert (home.dest / f"{path}.old1").read_bytes() == PHOTO
    assert (home.dest / f"{path}.old").read_text() == "an older one"
    verdict = verify(home.dest)
    assert verdict.whole
    assert set(verdict.extra) == {"photo.jpg", f"{path}.old", f"{path}.old1"}


def test_a_users_file_with_a_name_of_ours_is_set_aside_when_it_is_asked_for(home: Home) -> None:
    home.write("halls/c.html", PHOTO)
    home.pack()
    home.refuses(home.pack_next, r"halls/c\.html.*--set-aside")
    sync(home.next_site, home.dest, home.next, set_aside=True)
    assert (home.dest / "halls/c.html.old").read_bytes() == PHOTO
    assert verify(home.dest).whole


@pytest.mark.parametrize("path", sorted({*NEXT, "stories/gone.html", "SHA256SUMS", "manifest.json", MARKER, NOTE}))
@pytest.mark.parametrize("by_delta", [True, False])
def test_a_file_that_is_locked_stops_an_update_which_the_next_run_completes(
    home: Home, path: str, by_delta: bool
) -> None:
    class Locked(Disk):
        def move(self, folder: SafeFolder, source: str, target: str) -> None:
            if target == path:
                raise PermissionError(13, "in use", str(folder.place(target)))
            super().move(folder, source, target)

        def remove(self, folder: SafeFolder, name: str) -> None:
            if name == path:
                raise PermissionError(13, "in use", str(folder.place(name)))
            super().remove(folder, name)

    home.pack()
    write_delta(home.next_site, home.old, home.next, home.delta)

    def update(disk: Disk) -> None:
        if by_delta:
            apply_delta(home.delta, home.dest, disk)
        else:
            sync(home.next_site, home.dest, home.next, disk)

    with contextlib.suppress(PermissionError):
        update(Locked())
    verdict = verify(home.dest)
    assert verdict.under_way or verdict.whole
    update(Disk())
    assert verify(home.dest).whole
    held = standing(home.dest)
    assert held and held.id == home.next.id


@pytest.mark.parametrize("change", ["other", "less", "more", "order", "upper", "crlf"])
def test_sums_that_say_something_else_than_the_manifest_are_named(home: Home, change: str) -> None:
    home.pack()
    lines = (home.dest / "SHA256SUMS").read_text().splitlines(keepends=True)
    changed = {
        "other": ["0" * 64 + lines[1][64:], lines[0], *lines[2:]],
        "less": lines[1:],
        "more": [*lines, f"{LETTER}  stories/more.html\n"],
        "order": lines[::-1],
        "upper": [line[:64].upper() + line[64:] for line in lines],
        "crlf": [line.replace("\n", "\r\n") for line in lines],
    }
    home.write("SHA256SUMS", "".join(changed[change]))
    write_delta(home.next_site, home.old, home.next, home.delta)
    if change == "order":  # it says the same
        assert verify(home.dest).whole
        apply_delta(home.delta, home.dest)
    else:
        assert verify(home.dest).changed == ("SHA256SUMS",)
        home.refuses(home.pack_next, "SHA256SUMS.*--set-aside")
        home.refuses(lambda: apply_delta(home.delta, home.dest), "SHA256SUMS.*--set-aside")


def test_pulled_out_at_any_moment_what_was_changed_is_kept(tmp_path: Path) -> None:
    class Pulled(Disk):
        left = 0

        def move(self, folder: SafeFolder, source: str, target: str) -> None:
            if self.left == 0:
                raise OSError(5, "pulled out")
            self.left -= 1
            super().move(folder, source, target)

    for steps in range(12):
        home = Home(tmp_path / str(steps))
        home.pack()
        for path in EDITED[:2]:
            home.write(path, PHOTO + path.encode())
        disk = Pulled()
        disk.left = steps
        with contextlib.suppress(OSError):
            sync(home.next_site, home.dest, home.next, disk, set_aside=True)
        held = {place.read_bytes() for place in home.dest.rglob("*") if place.is_file()}
        assert held >= {PHOTO + path.encode() for path in EDITED[:2]}
        with contextlib.suppress(SyncError):  # without being asked it touches none of them
            home.pack_next()
        sync(home.next_site, home.dest, home.next, set_aside=True)
        held = {place.read_bytes() for place in home.dest.rglob("*") if place.is_file()}
        assert held >= {PHOTO + path.encode() for path in EDITED[:2]}
        assert verify(home.dest).whole


def test_a_changed_file_of_an_internal_stick_does_not_stay_on_a_public_one(home: Home) -> None:
    pack_internal(home)
    home.write("stories/gone.html", "an internal text, edited")
    home.refuses(lambda: sync(home.next_site, home.dest, home.next, set_aside=True), "内部资料.*移走")


@pytest.mark.parametrize("path", ["photo.jpg", "DCIM/IMG_1.jpg"])
def test_a_forged_manifest_does_not_get_a_users_photos_deleted(home: Home, path: str) -> None:
    home.pack()
    home.write(path, PHOTO)
    photo = FileRecord(len(PHOTO), hashlib.sha256(PHOTO).hexdigest(), "image/jpeg")
    forged = replace(home.old, files={**home.old.files, path: photo})
    home.write("manifest.json", forged.to_json())
    home.write("SHA256SUMS", forged.sums())
    home.refuses(home.pack_next, "移到电脑上的一个文件夹")


def test_a_users_file_for_the_signature_of_a_signed_stick_is_not_replaced(home: Home, keys: Path) -> None:
    ours = signer(keys / "馆.key")
    home.pack(sign=ours)
    home.write("manifest.sig", PHOTO)
    home.refuses(lambda: home.pack_next(sign=ours), "manifest.sig")


def test_a_marker_that_is_damaged_is_refused(home: Home) -> None:
    home.pack()
    home.write(MARKER, "{}")
    home.refuses(home.pack_next, r"stick\.json")


def test_a_stick_of_the_program_before_is_taken_over(home: Home) -> None:
    home.pack()
    before = replace(home.old, format=2)
    shutil.rmtree(home.dest / ".archive")
    home.write("manifest.json", before.to_json())
    home.write("SHA256SUMS", before.sums())
    assert verify(home.dest).whole
    note = note_of(replace(home.next, format=2), move=["index.html"], remove=["stories/gone.html"])
    del note["key"]
    home.write(NOTE, json.dumps(note))
    home.write(f"{NEW}/{home.next.files['index.html'].sha256}", "新首页")
    home.write("manifest.json.part", replace(home.next, format=2).to_json()[:40])
    home.pack_next()
    assert verify(home.dest).whole
    assert os.listdir(home.dest / ".archive") == ["stick.json"]
    assert set(everything(home.dest)) >= {"photo.jpg", "halls/c.html"}
    assert "manifest.json.part" not in everything(home.dest)


# --- from internal to public ------------------------------------------------------------------------------------------


def internal(manifest: Manifest) -> Manifest:
    work = EntryRecord("内部", "故事", "stories/gone.html", "0" * 64, internal=True)
    return replace(manifest, choice=INTERNAL, entries={"stories/gone": work})


def pack_internal(home: Home) -> None:
    sync(home.site, home.dest, internal(home.old))


def test_internal_material_is_removed_by_a_public_edition(home: Home) -> None:
    pack_internal(home)
    assert json.loads((home.dest / MARKER).read_text())["internal"] is True
    home.pack_next()
    assert json.loads((home.dest / MARKER).read_text())["internal"] is False
    assert verify(home.dest).extra == ("photo.jpg",)


@pytest.mark.parametrize("damage", ["{", "cut", "gone"])
@pytest.mark.parametrize("sums", ["whole", "cut", "gone"])
def test_on_an_internal_stick_with_a_damaged_manifest_a_public_edition_is_refused(
    home: Home, damage: str, sums: str
) -> None:
    pack_internal(home)
    for name, how in (("manifest.json", damage), ("SHA256SUMS", sums)):
        place = home.dest / name
        if how == "gone":
            place.unlink()
        elif how != "whole":
            place.write_text("".join(place.read_text().splitlines(keepends=True)[:2]) if how == "cut" else how)
    home.refuses(home.pack_next, "移到电脑上")


def test_internal_material_of_a_run_that_was_cut_off_is_known(home: Home) -> None:
    home.pack()

    class Full(Disk):
        def write(self, folder: SafeFolder, name: str, content: bytes) -> None:
            if name == NOTE:
                raise OSError(28, "No space left on device")
            super().write(folder, name, content)

    with pytest.raises(OSError, match="No space"):
        sync(home.next_site, home.dest, internal(home.next), Full())
    assert json.loads((home.dest / MARKER).read_text())["internal"] is True
    assert os.listdir(home.dest / NEW)
    home.pack()
    assert not (home.dest / NEW).exists()
    assert json.loads((home.dest / MARKER).read_text())["internal"] is False


def test_with_sums_that_are_whole_a_damaged_manifest_of_a_public_stick_costs_nothing(home: Home) -> None:
    home.pack()
    home.write("manifest.json", "{")
    home.pack_next()
    assert verify(home.dest).whole
    assert verify(home.dest).extra == ("photo.jpg",)
    held = standing(home.dest)
    assert held and held.edition == 2


@pytest.mark.parametrize("path", ["SHA256SUMS", "a.html"])
def test_without_manifest_and_whole_sums_nobody_knows_what_is_ours(home: Home, path: str) -> None:
    home.pack()
    home.write("manifest.json", "{")
    home.write(path, (home.dest / path).read_bytes()[:-1])
    home.refuses(home.pack_next, "移到电脑上")


# --- whose stick it is ------------------------------------------------------------------------------------------------


def test_a_stick_once_signed_stays_with_its_key(home: Home, keys: Path) -> None:
    ours, other = signer(keys / "馆.key"), signer(keys / "别人.key")
    home.pack(sign=ours)
    assert verify(home.dest).whole
    assert any("盘上记着的公钥" in line for line in verify(home.dest).lines())
    home.refuses(home.pack_next, "--sign")
    home.refuses(lambda: home.pack_next(sign=other), "--new-key")
    home.pack_next(sign=ours)
    home.pack(sign=other, new_key=True)
    assert verify(home.dest, trust=keys / "别人.pub").whole
    home.refuses(lambda: home.pack_next(sign=ours), "--new-key")


def test_a_stick_signed_by_the_program_before_stays_with_its_key(home: Home, keys: Path) -> None:
    ours, other = signer(keys / "馆.key"), signer(keys / "别人.key")
    home.pack(sign=ours)
    shutil.rmtree(home.dest / ".archive")
    home.refuses(home.pack_next, "--sign")
    home.refuses(lambda: home.pack_next(sign=other), "--new-key")
    home.pack_next(sign=ours)
    assert json.loads((home.dest / MARKER).read_text())["key"] == public_key(keys / "馆.pub")


def test_without_its_marker_a_stick_says_what_is_unknown_of_its_signature(home: Home, keys: Path) -> None:
    home.pack(sign=signer(keys / "馆.key"))
    shutil.rmtree(home.dest / ".archive")
    assert any("有签名，没有核对" in line and MARKER in line for line in verify(home.dest).lines())
    assert not any("没有核对" in line for line in verify(home.dest, trust=keys / "馆.pub").lines())
    (home.dest / "manifest.sig").unlink()
    assert any("没有签名" in line and MARKER in line for line in verify(home.dest).lines())


def test_a_signed_stick_forged_whole_is_found_out_without_a_key_at_hand(home: Home, keys: Path) -> None:
    home.pack(sign=signer(keys / "馆.key"))
    home.write("a.html", "假甲")
    forged = replace(
        home.old, files={**home.old.files, "a.html": FileRecord(6, hashlib.sha256("假甲".encode()).hexdigest(), "")}
    )
    home.write("manifest.json", forged.to_json())
    home.write("SHA256SUMS", forged.sums())
    assert "盘上记着的钥匙" in verify(home.dest).distrust


# --- deltas -----------------------------------------------------------------------------------------------------------


def rewritten(delta: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    """The same ZIP with other content."""
    with zipfile.ZipFile(delta) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    change(files)
    with zipfile.ZipFile(delta, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            packed.writestr(name, data)


def test_a_delta_carries_the_key_of_the_stick_or_is_refused(home: Home, keys: Path) -> None:
    ours, other = signer(keys / "馆.key"), signer(keys / "别人.key")
    home.pack(sign=ours)
    held = standing(home.dest)
    assert held
    for sign, said in ((other, "盘上记着的钥匙"), (None, "没有签")):
        write_delta(home.next_site, held, home.next, home.delta, **({"sign": sign} if sign else {}))
        home.refuses(lambda: apply_delta(home.delta, home.dest), said)
    write_delta(home.next_site, held, home.next, home.delta, other)
    home.refuses(lambda: apply_delta(home.delta, home.dest, trust=keys / "别人.pub"), "--new-key")
    write_delta(home.next_site, held, home.next, home.delta, ours)
    apply_delta(home.delta, home.dest)
    assert verify(home.dest, trust=keys / "馆.pub").whole


def test_a_signed_delta_for_an_unsigned_stick_asks_for_the_key(home: Home, keys: Path) -> None:
    home.pack()
    write_delta(home.next_site, home.old, home.next, home.delta, signer(keys / "馆.key"))
    home.refuses(lambda: apply_delta(home.delta, home.dest), "--trust")
    apply_delta(home.delta, home.dest, trust=keys / "馆.pub")
    assert any("盘上记着的公钥" in line for line in verify(home.dest).lines())


@pytest.mark.parametrize("name", [parcel.DELTA, "manifest.json", parcel.DELTA_SIGNATURE, "manifest.sig"])
def test_nothing_of_a_signed_delta_can_be_exchanged(home: Home, keys: Path, name: str) -> None:
    ours = signer(keys / "馆.key")
    home.pack(sign=ours)
    held = standing(home.dest)
    assert held
    other = home.delta.with_name("other.zip")
    write_delta(home.site, home.next, home.old, other, ours)
    write_delta(home.next_site, held, home.next, home.delta, ours)
    with zipfile.ZipFile(other) as packed:
        exchanged = packed.read(name)
    rewritten(home.delta, lambda files: files.update({name: exchanged}))
    home.refuses(lambda: apply_delta(home.delta, home.dest, trust=keys / "馆.pub"))


def test_an_old_edition_with_its_own_signature_does_not_come_back_by_another_base(home: Home, keys: Path) -> None:
    ours = signer(keys / "馆.key")
    home.pack(sign=ours)
    first = standing(home.dest)
    assert first
    write_delta(home.next_site, first, home.next, home.delta, ours)
    replay = home.delta.with_name("replay.zip")
    shutil.copy(home.delta, replay)
    apply_delta(home.delta, home.dest)
    home.pack(sign=ours)  # the content of the first again, as the third edition
    home.refuses(lambda: apply_delta(replay, home.dest, trust=keys / "馆.pub"), "--older")
    apply_delta(replay, home.dest, trust=keys / "馆.pub", older=True)
    assert verify(home.dest).whole

    def other_base(files: dict[str, bytes]) -> None:
        held = standing(home.dest)
        assert held
        data = json.loads(files[parcel.DELTA])
        files[parcel.DELTA] = json.dumps({**data, "base": held.id}).encode()

    home.pack(sign=ours)
    rewritten(replay, other_base)
    home.refuses(lambda: apply_delta(replay, home.dest, trust=keys / "馆.pub", older=True), "签")


def test_editions_are_counted(home: Home) -> None:
    numbers = []
    for act in (home.pack, home.pack, home.pack_next, home.pack):
        act()
        held = standing(home.dest)
        assert held
        numbers.append(held.edition)
    assert numbers == [1, 1, 2, 3]


def test_a_delta_of_the_program_before_is_refused_with_what_to_do(home: Home) -> None:
    home.pack()
    write_delta(home.next_site, home.old, home.next, home.delta)

    def older(files: dict[str, bytes]) -> None:
        del files[parcel.DELTA], files[parcel.DELTA_SIGNATURE]
        files[parcel.OLD_BASE] = home.old.id.encode()

    rewritten(home.delta, older)
    home.refuses(lambda: apply_delta(home.delta, home.dest), "旧程序.*重做一份")


def flag(data: bytes, at: int, bit: int) -> bytes:
    """A ZIP whose files all have a bit set in their local and central entries."""
    out = bytearray(data)
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        found = out.find(mark)
        while found >= 0:
            out[found + place + at] |= bit
            found = out.find(mark, found + 4)
    return bytes(out)


@pytest.mark.parametrize("damage", ["encrypted", "patched", "method", "comment", "cut", "twice", "no manifest", "deep"])
def test_a_zip_that_is_damaged_or_made_on_purpose_is_refused_in_words(home: Home, damage: str) -> None:
    home.pack()
    write_delta(home.next_site, home.old, home.next, home.delta)
    whole = home.delta.read_bytes()
    if damage == "encrypted":
        home.delta.write_bytes(flag(whole, 0, 1))
    elif damage == "patched":
        home.delta.write_bytes(flag(whole, 0, 0x20))
    elif damage == "method":
        home.delta.write_bytes(flag(whole, 2, 0x61))
    elif damage == "comment":
        home.delta.write_bytes(whole[:-2] + b"\x04\x00evil")
    elif damage == "cut":
        home.delta.write_bytes(whole[:-30])
    elif damage == "twice":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with zipfile.ZipFile(home.delta, "a") as packed:
                packed.writestr("files/a.html", "假甲")
    elif damage == "no manifest":
        rewritten(home.delta, lambda files: files.pop("manifest.json") and None)
    else:
        rewritten(home.delta, lambda files: files.update({"manifest.json": b"[" * 100_000}))
    home.refuses(lambda: apply_delta(home.delta, home.dest), "重新要一份")


@pytest.mark.parametrize(
    "path", ["files/x.html", "files/../../evil", "/evil", "files/photo.jpg", "files/A.HTML", "more"]
)
def test_a_zip_has_no_names_but_those_its_manifest_lists(home: Home, path: str) -> None:
    home.pack()
    write_delta(home.next_site, home.old, home.next, home.delta)
    rewritten(home.delta, lambda files: files.update({path: b"evil"}))
    home.refuses(lambda: apply_delta(home.delta, home.dest), "清单")


def bomb(home: Home, size: int, says: int) -> None:
    """A delta with a file of ``size`` bytes, of which the manifest says that it has ``says``."""
    site = home.site.with_name("bomb")
    site.mkdir()
    with open(site / "big.html", "wb") as stream:
        stream.truncate(size)
    new = manifest_of(site, "馆", "1", "")
    held = new.files["big.html"]
    write_delta(site, home.old, replace(new, files={"big.html": replace(held, size=says)}), home.delta)


def test_a_small_zip_that_unpacks_to_much_is_refused_before_it_is_unpacked(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.pack()
    bomb(home, 80 << 20, 80 << 20)
    assert home.delta.stat().st_size < 1 << 20
    monkeypatch.setattr(parcel.Parcel, "blocks", None)
    home.refuses(lambda: apply_delta(home.delta, home.dest), "大得不合常理")


@pytest.mark.parametrize("says", [1, 5 << 20, 1 << 42])
def test_a_file_that_is_larger_or_smaller_than_was_signed_is_refused_before_it_is_unpacked(
    home: Home, monkeypatch: pytest.MonkeyPatch, says: int
) -> None:
    home.pack()
    bomb(home, 4 << 20, says)
    monkeypatch.setattr(parcel.Parcel, "check_files", None)
    home.refuses(lambda: apply_delta(home.delta, home.dest), "与清单不符")


def test_a_directory_that_understates_a_file_does_not_get_more_unpacked(home: Home) -> None:
    home.pack()
    bomb(home, 4 << 20, 1000)
    data = home.delta.read_bytes()
    home.delta.write_bytes(data.replace((4 << 20).to_bytes(4, "little"), (1000).to_bytes(4, "little")))
    home.refuses(lambda: apply_delta(home.delta, home.dest), "重新要一份")


def test_two_files_made_of_the_same_bytes_are_refused(home: Home) -> None:
    home.pack()
    site, new = edition(home.site.with_name("twins"), {"a.html": "x" * 999, "b.html": "x" * 999})
    write_delta(site, home.old, new, home.delta)
    data = bytearray(home.delta.read_bytes())
    with zipfile.ZipFile(home.delta) as packed:
        first = packed.getinfo("files/a.html").header_offset
    entry = data.rfind(b"PK\x01\x02", 0, data.rfind(b"files/b.html"))
    data[entry + 42 : entry + 46] = first.to_bytes(4, "little")
    home.delta.write_bytes(bytes(data))
    home.refuses(lambda: apply_delta(home.delta, home.dest), "重新要一份")


def head(data: bytes, count: int) -> tuple[int, int]:
    """Place of the n-th file in a ZIP, and of the directory."""
    at = -1
    for _ in range(count):
        at = data.index(b"PK\x03\x04", at + 1)
    return at, data.index(b"PK\x01\x02")


def shifted(data: bytes, at: int, more: bytes) -> bytes:
    """A ZIP with bytes put in, and all offsets mended."""
    out = bytearray(data[:at] + more + data[at:])
    entry = out.find(b"PK\x01\x02")
    while entry >= 0:
        offset = int.from_bytes(out[entry + 42 : entry + 46], "little")
        out[entry + 42 : entry + 46] = (offset + len(more) * (offset >= at)).to_bytes(4, "little")
        entry = out.find(b"PK\x01\x02", entry + 4)
    begin = int.from_bytes(out[-6:-2], "little")
    out[-6:-2] = (begin + len(more)).to_bytes(4, "little")
    return bytes(out)


@pytest.mark.parametrize("mended", [True, False])
@pytest.mark.parametrize("count", [1, 2, 3, 0])
def test_a_zip_that_is_something_else_too_is_refused(home: Home, mended: bool, count: int) -> None:
    home.pack()
    write_delta(home.next_site, home.old, home.next, home.delta)
    data = home.delta.read_bytes()
    evil = b"MZ" * 100
    at = head(data, count)[0] if count else head(data, 1)[1]
    home.delta.write_bytes(shifted(data, at, evil) if mended else data[:at] + evil + data[at:])
    home.refuses(lambda: apply_delta(home.delta, home.dest), "重新要一份")
    home.delta.write_bytes(data + evil)
    home.refuses(lambda: apply_delta(home.delta, home.dest), "重新要一份")
    home.delta.write_bytes(data)
    apply_delta(home.delta, home.dest)


class Pipe(BytesIO):
    """What cannot be rewound: ``zipfile`` then writes the sizes after each file."""

    def seekable(self) -> bool:
        return False

    def seek(self, *arguments: int) -> int:
        raise OSError(29, "Illegal seek")

    def tell(self) -> int:
        raise OSError(29, "Illegal seek")


@pytest.mark.parametrize("kind", ["descriptors", "zip64", "link", "folder", "comment", "extra"])
def test_a_zip_written_in_another_way_is_refused_or_gives_the_same_files(home: Home, kind: str) -> None:
    home.pack()
    write_delta(home.next_site, home.old, home.next, home.delta)
    stream = Pipe() if kind == "descriptors" else BytesIO()
    with zipfile.ZipFile(home.delta) as whole, zipfile.ZipFile(stream, "w") as packed:
        for name in whole.namelist():
            info = zipfile.ZipInfo(name)
            info.external_attr = (0o120777 << 16) if kind == "link" and name.startswith("files/") else 0
            info.comment = b"evil" if kind == "comment" else b""
            info.extra = b"\x01\x99\x04\x00evil" if kind == "extra" else b""
            with packed.open(info, "w", force_zip64=kind == "zip64") as out:
                out.write(whole.read(name))
        if kind == "folder":
            packed.writestr(zipfile.ZipInfo("files/"), b"")
    home.delta.write_bytes(stream.getvalue())
    if kind in ("descriptors", "folder"):
        home.refuses(lambda: apply_delta(home.delta, home.dest), "重新要一份|清单")
    else:  # what else a directory says of a file is not used: its bytes are those that the manifest says
        apply_delta(home.delta, home.dest)
        assert verify(home.dest).whole
        assert not [place for place in home.dest.rglob("*") if place.is_symlink()]


SIGNATURES = ["", "\n", "A" * 86 + "==", "A" * 86 + "==\n", "A" * 40 + "==\n", "x\n", "ssh-ed25519 AAAA\n", "\0" * 89]


@pytest.mark.parametrize("text", [*SIGNATURES, "crlf", "twice", "spaces", "other", "bom"])
def test_only_the_signature_that_was_made_is_one(home: Home, keys: Path, text: str) -> None:
    ours = signer(keys / "馆.key")
    home.pack(sign=ours)
    held = standing(home.dest)
    assert held
    made = (home.dest / "manifest.sig").read_text()
    odd = {"crlf": made.replace("\n", "\r\n"), "twice": made * 2, "spaces": f" {made}", "bom": "\ufeff" + made}
    odd["other"] = signer(keys / "别人.key")(held.to_json().encode())
    text = odd.get(text, text)
    write_delta(home.next_site, held, home.next, home.delta, ours)
    rewritten(home.delta, lambda files: files.update({"manifest.sig": text.encode()}))
    for trust in (None, keys / "馆.pub"):
        home.refuses(lambda trust=trust: apply_delta(home.delta, home.dest, trust=trust))
    (home.dest / "manifest.sig").write_bytes(text.encode())
    for trust in (None, keys / "馆.pub"):
        assert verify(home.dest, trust=trust).distrust
    write_delta(home.next_site, held, home.next, home.delta, ours)
    with contextlib.suppress(SyncError):  # an update puts the right one there, or says whose file stands in its place
        apply_delta(home.delta, home.dest)
        assert verify(home.dest, trust=keys / "馆.pub").whole


def test_a_directory_of_a_size_no_delta_has_is_not_read(home: Home) -> None:
    home.pack()
    write_delta(home.next_site, home.old, home.next, home.delta)
    data = home.delta.read_bytes()
    home.delta.write_bytes(data[:-10] + (1 << 30).to_bytes(4, "little") + data[-6:])
    home.refuses(lambda: apply_delta(home.delta, home.dest), "重新要一份")


def test_a_fault_elsewhere_is_not_called_one_of_the_stick(home: Home, tmp_path: Path) -> None:
    home.pack()
    target = home.dest
    elsewhere = cli_stick._refused(OSError(28, "full", str(tmp_path / "tmp/x")), target)
    assert str(tmp_path / "tmp/x") in elsewhere
    assert str(target) not in elsewhere
    assert f"写不进 {target}：磁盘满了" in cli_stick._refused(OSError(28, "full", str(target / "a")), target)
    assert f"写不进 {target}" in cli_stick._refused(OSError(28, "full"), target)


# --- whatever stands on a stick ---------------------------------------------------------------------------------------

PATHS = [*OLD, *NEXT, *BAD_PLACES[:12], "photo.jpg", "../outside/letter.txt", ".archive/new", "lnk/letter.txt", "lnk"]
SUMS = [LETTER, hashlib.sha256(PHOTO).hexdigest(), "0" * 64, "../" * 21 + "x", "x" * 64]
held = st.fixed_dictionaries(
    {"size": st.sampled_from([len(SECRET), len(PHOTO), 0, -1, 6]), "sha256": st.sampled_from(SUMS), "type": st.just("")}
)


@st.composite
def manifests(draw: st.DrawFn) -> dict[str, Any]:
    """A manifest of whatever files, whose id mostly follows from them."""
    files = draw(st.dictionaries(st.sampled_from(PATHS), held, max_size=4))
    plain = Manifest("馆", "1", "", {p: FileRecord(h["size"], h["sha256"], "") for p, h in files.items()})
    right = plain.id if draw(st.integers(0, 9)) else "0" * 12
    head = {"id": right, "edition": draw(st.integers(0, 3))}
    return {**json.loads(Manifest("馆", "1", "", {}).to_json()), **head, "files": files}


@st.composite
def hostile(draw: st.DrawFn) -> dict[str, Any]:
    """What somebody put on the stick: papers, and links."""
    lists = st.lists(st.sampled_from(PATHS), max_size=3)
    papers: dict[str, Any] = {}
    if draw(st.booleans()):
        note = {"manifest": draw(manifests()), "move": draw(lists), "remove": draw(lists), "signature": "", "key": ""}
        papers[NOTE] = json.dumps(note)
    if draw(st.integers(0, 3)) == 0:
        papers["manifest.json"] = json.dumps(draw(manifests()))
    for name in draw(st.lists(st.sampled_from(SUMS[:3]), max_size=2)):
        papers[f"{NEW}/{name}"] = draw(st.sampled_from(["", SECRET.decode(), PHOTO.decode()]))
    links = draw(
        st.lists(st.sampled_from(["lnk", "halls", "stories", "a.html", NEW, "manifest.json.part"]), max_size=2)
    )
    return {"papers": papers, "links": links}


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(found=hostile(), packed=st.booleans(), by_delta=st.booleans())
def test_whatever_stands_on_a_stick_nothing_but_its_own_names_changes(
    tmp_path_factory: pytest.TempPathFactory, found: dict[str, Any], packed: bool, by_delta: bool
) -> None:
    home = Home(tmp_path_factory.mktemp("home"))
    if packed:
        home.pack()
    write_delta(home.next_site, home.old, home.next, home.delta)
    for path in found["links"]:
        place = home.dest / path
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place)
        place.unlink(missing_ok=True)
        place.parent.mkdir(exist_ok=True)
        place.symlink_to(home.outside if "." not in place.name else home.outside / "letter.txt")
    for path, text in found["papers"].items():
        if not (home.dest / path).parent.is_symlink():
            home.write(path, text)
    stated = None
    with contextlib.suppress(ManifestError):
        stated = standing(home.dest)
    before = everything(home.folder)
    try:
        apply_delta(home.delta, home.dest) if by_delta else home.pack_next()
    except SyncError as error:
        assert str(error).endswith("。")
    after = everything(home.folder)
    own = {"manifest.json", "SHA256SUMS", "manifest.sig", *NEXT, *OLD, *(stated.files if stated else ())}
    own |= {parent.as_posix() for path in own for parent in Path(path).parents}
    changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    inside = {path.removeprefix("stick/") for path in changed if path.startswith("stick/")}
    assert changed == {f"stick/{path}" for path in inside}, changed
    assert {path for path in inside if path != ".archive" and not path.startswith(".archive/")} <= own, changed
    assert not [path for path in inside if before.get(f"stick/{path}", "").startswith("->")]
