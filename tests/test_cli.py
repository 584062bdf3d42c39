"""The command ``archive`` as an author uses it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from film_files import film
from integrity_archive.archive.edition import EDITIONS
from integrity_archive.build.json_schemas import editor_settings
from integrity_archive.cli.build import NAMES
from integrity_archive.cli.main import main
from integrity_archive.content.schema import KINDS
from trees import MKDOCS_YML, write_tree


def run(root: Path, *arguments: str):
    return CliRunner().invoke(main, ["--root", str(root), "-q", *arguments])


def test_check_says_nothing_wrong_with_exit_code_0(tmp_path: Path) -> None:
    result = run(write_tree(tmp_path, {"stories/a.md": {"set": {}}}), "check")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "共 1 个条目，错误 0 处，提醒 0 条。" in result.stderr


def test_check_exits_with_1_on_errors_and_with_0_on_reminders(tmp_path: Path) -> None:
    root = write_tree(tmp_path, {"stories/a.md": {"set": {"period": "战国"}}})
    result = run(root, "check")
    assert result.exit_code == 1
    assert result.stdout == "stories/a.md:8: period “战国” — 不在词表 periods 里；是不是“先秦”？\n"
    write_tree(root, {"stories/a.md": {"encoding": "utf-8-sig"}})
    assert run(root, "check").exit_code == 0


def test_check_reports_only_the_paths_asked_for(tmp_path: Path) -> None:
    root = write_tree(tmp_path, {"stories/a.md": "", "stories/b.md": "", "heritage/c.md": ""})
    assert run(root, "check", "stories/a.md").stdout.count("\n") == 1
    assert run(root, "check", str(root / "stories")).stdout.count("\n") == 2
    missing = run(root, "check", "stories/no.md")
    assert missing.exit_code == 2
    assert "“stories/no.md”里没有馆藏文件" in missing.output


def test_check_speaks_json(tmp_path: Path) -> None:
    root = write_tree(tmp_path, {"stories/a.md": {"set": {"period": "战国"}}})
    (problem,) = json.loads(run(root, "check", "--format", "json").stdout)
    assert problem == {
        "path": "stories/a.md",
        "line": 8,
        "field": "period",
        "value": "战国",
        "what": "不在词表 periods 里",
        "remedy": "是不是“先秦”？",
        "rule": "vocabulary",
        "severity": "error",
    }


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_entry_is_valid_at_once(tmp_path: Path, kind: str) -> None:
    root = write_tree(tmp_path, {})
    result = run(root, "new", kind, "杨震“四知”: 一夜")
    assert result.exit_code == 0, result.output
    path = f"{KINDS[kind].folder}/yang-zhen-si-zhi-yi-ye" + ("/index.md" if KINDS[kind].in_folder else ".md")
    assert path in result.output
    if kind == "video":
        (root / path).with_name("yang-zhen-si-zhi-yi-ye.mp4").write_bytes(film(2))
    checked = run(root, "check")
    assert checked.exit_code == 0, checked.output
    published = (root / path).read_text("utf-8").replace("status: draft", "status: published")
    (root / path).write_text(published, "utf-8")
    assert run(root, "check").exit_code == 0


def test_a_new_entry_never_overwrites(tmp_path: Path) -> None:
    root = write_tree(tmp_path, {"stories/yang-zhen.md": "我的稿子"})
    assert run(root, "new", "story", "杨震").exit_code == 1
    assert (root / "stories/yang-zhen.md").read_text("utf-8") == "我的稿子"


def test_outside_an_archive_every_command_says_so(tmp_path: Path) -> None:
    for arguments in (["check"], ["build"], ["new", "story", "甲"], ["schema"]):
        result = run(tmp_path, *arguments)
        assert result.exit_code == 1
        assert "--root" in result.output


def test_a_failed_build_leaves_the_site_as_it_was(tmp_path: Path) -> None:
    root = write_tree(tmp_path, {"stories/a.md": {"set": {}}})
    (root / "mkdocs.yml").write_text(MKDOCS_YML, "utf-8")
    assert run(root, "build").exit_code == 0
    before = {p: p.read_bytes() for p in (root / "site").rglob("*") if p.is_file()}
    write_tree(root, {"stories/a.md": {"set": {"period": "战国"}}})
    assert run(root, "build").exit_code == 1
    assert {p: p.read_bytes() for p in (root / "site").rglob("*") if p.is_file()} == before
    assert [p.name for p in root.iterdir() if p.name.startswith(".site")] == []


def test_build_never_replaces_a_folder_that_is_not_a_site(tmp_path: Path) -> None:
    root = write_tree(tmp_path, {"stories/a.md": {"set": {}}})
    (root / "mkdocs.yml").write_text(MKDOCS_YML, "utf-8")
    (root / "photos").mkdir()
    (root / "photos/a.jpg").touch()
    result = run(root, "build", "--out", str(root / "photos"))
    assert result.exit_code == 1
    assert (root / "photos/a.jpg").exists()


def test_schemas_allow_what_the_vocabulary_allows(tmp_path: Path) -> None:
    root = write_tree(tmp_path, {})
    assert run(root, "schema").exit_code == 0
    schema = json.loads((root / "schemas/story.schema.json").read_text("utf-8"))
    assert "东汉" in schema["properties"]["period"]["enum"]
    assert "清" in schema["properties"]["virtues"]["items"]["enum"]
    assert "正史" in schema["$defs"]["Source"]["properties"]["tier"]["enum"]
    assert schema["properties"]["title"]["description"] == "题名，40 字以内"


def test_schema_renews_the_settings_of_the_editor_that_it_wrote_and_no_others(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "archive", {})
    settings = root / ".vscode/settings.json"
    assert run(root, "schema").exit_code == 0
    assert not settings.parent.exists()
    settings.parent.mkdir()
    settings.write_text('{"mine": true}', "utf-8")
    assert run(root, "schema").exit_code == 0
    assert settings.read_text("utf-8") == '{"mine": true}'
    old = editor_settings().replace("stories/**", "elsewhere/**")
    settings.write_text(old, "utf-8")
    assert run(root, "schema", "--out", str(tmp_path / "out")).exit_code == 0
    assert settings.read_text("utf-8") == old
    assert run(root, "schema").exit_code == 0
    assert settings.read_text("utf-8") == editor_settings()
    theirs = tmp_path / "settings.json"
    theirs.write_text(old, "utf-8")
    settings.unlink()
    settings.symlink_to(theirs)
    assert run(root, "schema").exit_code == 0
    assert (theirs.read_text("utf-8"), settings.is_symlink()) == (old, True)


@pytest.mark.parametrize("command", ["build", "schema"])
def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, command: str) -> None:
    root = write_tree(tmp_path, {"stories/a.md": {"set": {}}})
    (root / "mkdocs.yml").write_text(MKDOCS_YML, "utf-8")
    result = run(root, command, "--out", str(root / "mkdocs.yml" / "x"))
    assert result.exit_code == 1
    assert "写不进" in result.output


def test_the_editions_the_command_names_are_those_there_are() -> None:
    assert tuple(EDITIONS) == NAMES
    assert [e.name for e in EDITIONS.values() if e.is_kiosk] == ["kiosk"]
