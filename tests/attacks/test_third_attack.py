"""What a third hostile reading of the program found: each kind of fault, by what it did to somebody."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner, Result

from integrity_archive.archive.slugs import name_slugs, spellings
from integrity_archive.build.examine import examine
from integrity_archive.build.state import BuildRecord, Changes, State
from integrity_archive.cli.main import main
from integrity_archive.kiosk.delivery import FILES, WATCHERS, current, deliver
from integrity_archive.output.foreign_files import ClashError
from integrity_archive.output.marker import MARKER
from integrity_archive.support import cache
from integrity_archive.support.problems import Problem, errors
from integrity_archive.support.windows import is_reserved
from lesson_files import FILES as LESSON_FILES
from trees import MKDOCS_YML, write_tree

KIOSK_YML = MKDOCS_YML.replace("plugins: [archive]", "plugins: [{archive: {kiosk_pin: '2580'}}]")
SVG = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 4 3'/>"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cache.ENVIRONMENT, str(tmp_path / "cache"))


def run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--root", str(root), "--quiet", *arguments])


def faults(root: Path, files: dict[str, Any]) -> list[Problem]:
    return errors(examine(str(write_tree(root, files))).problems)


# --- the folder of screens -------------------------------------------------------------------------------------------


def edition(folder: Path, files: dict[str, str]) -> Path:
    """A built edition for screens, as far as ``deliver`` looks at it."""
    scripts = {f"assets/js/{name}": "0;\n" for name in WATCHERS}
    doors = {f"folder-{name}.html": "<!doctype html>\n" for name in ("index", "signage", "install")}
    return write_tree(
        folder, {"index.html": "<!doctype html>\n", "docs/vocabulary.yml": "", **scripts, **doors, **files}
    )


def read_all(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_list_that_somebody_planted_deletes_nothing(tmp_path: Path) -> None:
    out = tmp_path / "kiosk"
    deliver(edition(tmp_path / "1", {}), out)
    theirs = out / "e/abcdefabcdef"
    theirs.mkdir()
    (theirs / "photo.jpg").write_bytes(b"mine")
    (theirs / FILES).write_text('archiveData("zz-files", ["photo.jpg"]);\n', "utf-8")
    os.utime(theirs, (1, 1))
    done = deliver(edition(tmp_path / "2", {"stories/a.html": "甲"}), out, only_current=True)
    assert (theirs / "photo.jpg").read_bytes() == b"mine"
    assert done.left == ("e/abcdefabcdef",)


def test_of_an_edition_only_what_was_written_goes(tmp_path: Path) -> None:
    out = tmp_path / "kiosk"
    first = deliver(edition(tmp_path / "1", {"stories/a.html": "甲", "stories/b.html": "乙"}), out).id
    old = out / "e" / first
    (old / "stories/a.html").write_text("改过", "utf-8")
    (old / "stories/c.html").write_text("我的", "utf-8")
    listed = (old / FILES).read_text("utf-8")
    (old / FILES).write_text(listed.replace("stories/b.html", "stories/c.html"), "utf-8")
    (old / ".archive-output.json").write_text("{}", "utf-8")
    shutil.move(old / "assets/js", tmp_path / "outside")
    shutil.rmtree(tmp_path / "outside/kiosk")
    (tmp_path / "outside/kiosk").mkdir()
    (old / "assets/js").symlink_to(tmp_path / "outside")
    done = deliver(edition(tmp_path / "2", {}), out, only_current=True)
    assert done.left == (f"e/{first}",)
    left = {".archive-output.json", "stories/a.html", "stories/c.html", FILES}
    assert set(read_all(old)) == left
    assert (tmp_path / "outside/kiosk").is_dir()
    assert (tmp_path / "outside/loader.js").is_file()


def test_a_record_that_is_not_ours_is_not_believed(tmp_path: Path) -> None:
    out = tmp_path / "kiosk"
    first = deliver(edition(tmp_path / "1", {"stories/a.html": "甲"}), out).id
    data = (out / MARKER).read_bytes()
    (out / MARKER).write_bytes(data.replace(first.encode(), b"abcdefabcdef"))
    before = read_all(out)
    with pytest.raises(ClashError):
        deliver(edition(tmp_path / "2", {}), out, only_current=True)
    assert read_all(out) == before


def test_a_damaged_edition_is_made_whole(tmp_path: Path) -> None:
    out, outside = tmp_path / "kiosk", tmp_path / "outside"
    files = {"stories/a.html": "甲", "stories/b.html": "乙", "heritage/c.html": "丙"}
    target = out / "e" / deliver(edition(tmp_path / "1", files), out).id
    whole = read_all(target)
    (target / "index.html").write_text("broken", "utf-8")
    shutil.rmtree(target / "stories")
    shutil.move(target / "heritage", outside)
    (target / "heritage").symlink_to(outside)
    (target / FILES).unlink()
    done = deliver(edition(tmp_path / "2", files), out)
    assert (done.new, done.repaired) == (False, 5)
    assert {f"e/{done.id}/index.html.old", f"e/{done.id}/heritage.old"} == set(done.aside)
    found = {path: data for path, data in read_all(target).items() if ".old" not in path}
    assert found == whole
    assert (target / "index.html.old").read_text("utf-8") == "broken"
    assert read_all(outside) == {"c.html": whole["heritage/c.html"]}
    assert deliver(edition(tmp_path / "3", files), out).repaired == 0


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _deep(path: Path) -> None:
    path.write_text("x = " + "[" * 200_000, "utf-8")


@pytest.mark.parametrize("plant", [_fifo, _endless, _deep])
@pytest.mark.parametrize("name", ["e/abcdefabcdef/zz-files.js", "e/ID/published.json", "e/ID/zz-files.js"])
def test_what_is_planted_in_the_folder_of_screens_stops_no_delivery(
    tmp_path: Path, plant: Callable[[Path], None], name: str
) -> None:
    out = tmp_path / "kiosk"
    files = {"published.json": "[]"}
    place = out / name.replace("ID", deliver(edition(tmp_path / "1", files), out).id)
    place.parent.mkdir(exist_ok=True)
    place.unlink(missing_ok=True)
    plant(place)
    deliver(edition(tmp_path / "2", files), out)
    assert os.path.lexists(place)
    deliver(edition(tmp_path / "3", {"stories/a.html": "甲"}), out)


def test_a_deep_pointer_is_read_as_none(tmp_path: Path) -> None:
    out = tmp_path / "kiosk"
    deliver(edition(tmp_path / "1", {}), out)
    _deep(out / "current.js")
    assert current(out) == {}
    with pytest.raises(ClashError, match=r"current\.js"):  # it may be somebody's work
        deliver(edition(tmp_path / "2", {}), out)
    (out / "current.js").unlink()
    done = deliver(edition(tmp_path / "3", {}), out)
    assert current(out)["id"] == done.id
    (out / "current.js").unlink()
    _fifo(out / "current.js")
    assert current(out) == {}


def test_names_of_programmes_stay_with_the_staff(tmp_path: Path) -> None:
    programmes = "programmes:\n  - {name: 局长来时播这个, cards: [{text: 抬头见廉}]}\n"
    files = {"mkdocs.yml": KIOSK_YML, "stories/a.md": {}, "docs/screens.yml": programmes}
    root, out = write_tree(tmp_path / "archive", files), tmp_path / "kiosk"
    assert run(root, "build", "--edition", "kiosk", "--out", str(out)).exit_code == 0
    written = b"".join(read_all(out).values())
    assert "抬头见廉".encode() in written
    for secret in ("局长来时播这个", json.dumps("局长来时播这个")[1:-1]):
        assert secret.encode() not in written


# --- check clean, and then it fails ----------------------------------------------------------------------------------

DEEP = {
    "quotes": ">" * 30 + " 深处",
    "lists": "\n".join("    " * level + "- 深处" for level in range(9)),
    "numbers": "> " * 5 + "1. " * 4 + "深处",
    "emphasis": "*a **b " * 50 + "深处" + " b** a*" * 50,
    "html": "<u><sub>" * 5 + "深处" + "</sub></u>" * 5,
    "beyond the converter": "- " * 1000 + "深处",
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
@pytest.mark.parametrize("path", ["stories/x.md", "docs/x.md", "docs/lessons/ke/slides.md", "docs/lessons/ke/index.md"])
def test_what_is_nested_too_deep_is_said_with_its_line(tmp_path: Path, path: str, text: str) -> None:
    heads = {"stories/x.md": {"body": f"上文。\n\n{text}"}, "docs/x.md": f"# 页\n\n{text}\n"}
    slides = {"docs/lessons/ke/slides.md": f"## 一\n\n文\n\n## 二\n\n::: notes\n{text}\n:::\n"}
    lesson = {"docs/lessons/ke/index.md": {**LESSON_FILES["docs/lessons/ke/index.md"], "body": f"上文。\n\n{text}"}}
    content = {**heads, **slides, **lesson}[path]
    found = [p for p in faults(tmp_path, {**LESSON_FILES, path: content}) if p.rule == "too-much"]
    assert [p.path for p in found] == [path]
    lines = (tmp_path / path).read_text("utf-8").split("\n")
    assert "深处" in lines[found[0].line - 1]


def test_what_is_allowed_to_be_nested_is_made_in_every_output(tmp_path: Path) -> None:
    deepest = [
        ">" * 8 + " 甲",
        "\n".join("    " * level + "- 乙" for level in range(8)),
        "> " * 4 + "1. " * 3 + "**丙**",
    ]
    slides = "## 题\n\n文\n\n" + "\n\n".join(f"## 第{n}张\n\n{text}" for n, text in enumerate(deepest, 1)) + "\n"
    files = {**LESSON_FILES, "docs/lessons/ke/slides.md": slides, "mkdocs.yml": MKDOCS_YML}
    for name in ("docs/lessons/ke/index.md", "stories/yang-zhen.md"):
        files[name] = {**files[name], "body": "\n\n".join(f"段。\n\n{text}" for text in deepest)}
    root, out = write_tree(tmp_path / "archive", files), tmp_path / "out"
    for arguments in (
        ("check",),
        ("build", "--out", str(out / "web")),
        ("publish", "book", "--out", str(out / "book")),
    ):
        result = run(root, *arguments)
        assert result.exit_code == 0, (arguments, result.output, result.exception)


SVG_HEADS = {
    "no view": "viewBox='0 0 0 0'",
    "no size": "width='0' height='0'",
    "view but no size": "viewBox='0 0 4 3' width='0' height='0'",
    "not a number": "viewBox='nan nan inf 3'",
    "no number": "viewBox='0 0 1.2.3 4'",
    "line": "viewBox='0 0 1e9 1e-9'",
    "thread": "width='1e-9' height='5'",
    "thread in view": "viewBox='0 0 4 3' width='1e-9' height='5'",
    "half a size": "width='1e-9'",
    "share": "viewBox='0 0 4 3' width='100%' height='0.001%'",
}


@pytest.mark.parametrize("head", SVG_HEADS.values(), ids=SVG_HEADS)
@pytest.mark.parametrize("place", ["slide", "body", "cover"])
def test_a_picture_without_a_size_is_said(tmp_path: Path, place: str, head: str) -> None:
    drawing = f"<svg xmlns='http://www.w3.org/2000/svg' {head}/>"
    story = {"set": {"title": "画", "cover": "t.svg", "cover_alt": "图"}, "body": "文。"}
    files: dict[str, Any] = {
        "slide": {"docs/lessons/ke/slides.md": "## 一\n\n![图](t.svg)\n", "docs/lessons/ke/t.svg": drawing},
        "body": {"stories/x/index.md": {"set": {"title": "画"}, "body": "![图](t.svg)"}, "stories/x/t.svg": drawing},
        "cover": {"stories/x/index.md": story, "stories/x/t.svg": drawing},
    }[place]
    found = faults(tmp_path, {**LESSON_FILES, **files})
    assert [(p.path, p.rule) for p in found] == [(next(path for path in files if path.endswith(".md")), "picture")]
    lines = (tmp_path / found[0].path).read_text("utf-8").split("\n")
    assert "t.svg" in lines[found[0].line - 1]


def test_a_cut_photograph_is_said(tmp_path: Path) -> None:
    from io import BytesIO

    from PIL import Image

    for kind, suffix in (("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp")):
        whole = BytesIO()
        Image.effect_noise((200, 200), 60).convert("RGB").save(whole, kind)
        data = whole.getvalue()
        for share, count in ((1.0, 0), (0.5, 1)):
            root = tmp_path / f"{suffix}{share}"
            files = {
                "stories/x.md": {"body": f"![图](t.{suffix})"},
                f"stories/t.{suffix}": data[: int(len(data) * share)],
            }
            assert len(faults(root, files)) == count, (suffix, share)


def test_a_tall_drawing_is_drawn_in_little_memory(tmp_path: Path) -> None:
    from PIL import Image

    from integrity_archive.publish.paper_slides import picture

    (tmp_path / "t.svg").write_text(SVG.replace("0 0 4 3", "0 0 1 90"), "utf-8")
    with Image.open(picture(str(tmp_path / "t.svg"), "").path) as made:
        assert max(made.size) <= 1601


# --- one place, two sources ------------------------------------------------------------------------------------------

TWINS = {
    "page and entry": ("docs/stories/a.md", "stories/a.md"),
    "page and entry in a folder": ("docs/stories/b/index.md", "stories/b/index.md"),
    "media": ("docs/stories/mi/p.svg", "stories/mi/p.svg"),
    "case": ("docs/Stories/A.md", "stories/a.md"),
    "case of media": ("stories/mi/P.svg", "stories/mi/p.svg"),
    "unicode": ("docs/files/e\u0301.svg", "docs/files/\u00e9.svg"),
    "introduction": ("docs/stories/index.md", "stories/index.md"),
}


@pytest.mark.parametrize("twins", TWINS.values(), ids=TWINS)
def test_two_sources_with_one_place_are_named(tmp_path: Path, twins: tuple[str, str]) -> None:
    files: dict[str, Any] = {"stories/z.md": {"set": {"title": "末"}}}
    for path in twins:
        entry = path.startswith("stories/") and not path.endswith("stories/index.md")
        files[path] = SVG if path.endswith(".svg") else {"set": {"title": path}} if entry else "# 页\n\n文。\n"
    found = [p for p in faults(tmp_path, files) if p.rule == "clash"]
    assert len(found) == 1
    assert all(path in str(found[0]) for path in twins)


MADE = [
    "docs/people/x.md",
    "docs/People/x.md",
    "docs/stories/page.2.md",
    "docs/说明.txt",
    "docs/browse/a.pdf",
    "docs/404.md",
]


@pytest.mark.parametrize("path", [*MADE, "docs/Catalogue.JSON", "docs/feed.xml", "docs/search/a.pdf", "docs/SEARCH.md"])
def test_a_source_at_the_place_of_something_made_is_said(tmp_path: Path, path: str) -> None:
    found = faults(tmp_path, {"stories/a.md": {}, path: "# 页\n\n文。\n"})
    assert {p.path for p in found} == {path}
    assert "clash" in {p.rule for p in found}


def test_a_picture_at_the_place_of_a_film_s_poster_is_said(tmp_path: Path) -> None:
    from io import BytesIO

    from PIL import Image

    made = BytesIO()
    Image.new("RGB", (8, 6)).save(made, "JPEG")
    video = {"videos/dou/index.md": {**LESSON_FILES["videos/dou/index.md"], "body": "![图](poster.jpg)"}}
    found = faults(tmp_path, {**LESSON_FILES, **video, "videos/dou/poster.jpg": made.getvalue()})
    assert [(p.path, p.rule) for p in found] == [("videos/dou/poster.jpg", "clash")]


def test_a_file_and_a_folder_with_one_name_are_named(tmp_path: Path) -> None:
    found = faults(tmp_path, {"stories/a.md": {}, "docs/x.md": "# 页\n\n文。\n", "docs/x.html/a.svg": SVG})
    assert [(p.path, p.rule) for p in found] == [("docs/x.md", "clash")]


# --- names of devices ------------------------------------------------------------------------------------------------


def test_no_name_is_a_device_of_windows(tmp_path: Path) -> None:
    names = ["CON", "Aux", "nul", "com1", "Lpt9", "index", "杨震"]
    slugs = name_slugs(spellings(names, {}))
    assert len(set(slugs.values())) == len(names)
    assert not any(slug == "index" or is_reserved(slug) for slug in slugs.values())
    root = write_tree(tmp_path, {"mkdocs.yml": MKDOCS_YML, "stories/a.md": {"set": {"people": names}}})
    assert run(root, "new", "story", "CON").exit_code == 0
    assert run(root, "new", "story", "index").exit_code == 0
    assert not faults(root, {})


def test_words_and_files_with_names_of_devices_are_said(tmp_path: Path) -> None:
    root = write_tree(tmp_path, {"stories/a.md": {}, "stories/aux/index.md": {}, "docs/con.pdf": b"%PDF"})
    vocabulary = root / "docs/vocabulary.yml"
    text = vocabulary.read_text("utf-8")
    first = text.split("id: ", 1)[1].split(",")[0].split("\n")[0].strip()
    vocabulary.write_text(text.replace(f"id: {first}", "id: nul", 1), "utf-8")
    found = [p for p in errors(examine(str(root)).problems) if p.rule == "bad-slug"]
    assert [(p.path, p.value) for p in found] == [
        ("docs/con.pdf", "con"), ("docs/vocabulary.yml", "nul"), ("stories/aux/index.md", "aux")
    ]  # fmt: skip


# --- the state of a build --------------------------------------------------------------------------------------------

HOSTILE = [
    "drop table record; create view record as with recursive t(x) as (select 1 union all select x + 1 from t)"
    " select x as name, x as data from t",
    "create trigger t after insert on source begin delete from record; end",
    "create table more (x)",
    "create index more on record (data)",
    "drop table source; create table source (path text, meta blob, body blob, more generated always as (abs(1)))",
]


@pytest.mark.parametrize("statements", HOSTILE)
def test_a_state_with_another_schema_counts_as_empty(tmp_path: Path, statements: str) -> None:
    state = State(tmp_path / "state", tmp_path)
    record, changes = BuildRecord(config_hash="x"), Changes(True, {}, frozenset())
    state.note(record, changes, {}, {})
    assert State(tmp_path / "state", tmp_path).record("x") == record
    with sqlite3.connect(tmp_path / "state/state.sqlite") as database:
        database.executescript(statements)
    database.close()
    again = State(tmp_path / "state", tmp_path)
    assert again.record("x") == BuildRecord()
    again.note(record, changes, {}, {})
    assert State(tmp_path / "state", tmp_path).record("x") == record


def test_a_state_of_another_version_of_the_program_counts_as_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Removed:
        """A class that the next version has no more."""

    module = ModuleType("integrity_archive.removed")
    Removed.__module__, Removed.__qualname__ = module.__name__, "Removed"
    vars(module)["Removed"] = Removed
    monkeypatch.setitem(sys.modules, module.__name__, module)
    record = BuildRecord(config_hash="x", outputs={"index.html": Removed()})  # type: ignore[dict-item]
    State(tmp_path / "state", tmp_path).note(record, Changes(True, {}, frozenset()), {}, {})
    monkeypatch.delitem(sys.modules, module.__name__)
    assert State(tmp_path / "state", tmp_path).record("x") == BuildRecord()


@pytest.mark.parametrize("plant", [_fifo, _endless])
def test_a_state_that_is_no_file_counts_as_empty(tmp_path: Path, plant: Callable[[Path], None]) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "other").mkdir()
    plant(tmp_path / "state/state.sqlite")
    plant(tmp_path / "other/target")
    state = State(tmp_path / "state", tmp_path)
    assert state.record("x") == BuildRecord()
    state.note(BuildRecord(config_hash="x"), Changes(True, {}, frozenset()), {}, {})
    assert State(tmp_path / "state", tmp_path).record("x").config_hash == "x"
