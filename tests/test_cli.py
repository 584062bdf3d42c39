"""The command ``archive`` as an author uses it."""

from __future__ import annotations

import gettext
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import click
import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from click.testing import CliRunner
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from film_files import film
from integrity_archive.archive.edition import EDITIONS
from integrity_archive.build.json_schemas import editor_settings
from integrity_archive.cli import messages
from integrity_archive.cli.build import NAMES
from integrity_archive.cli.main import main
from integrity_archive.content.model.schema import KINDS
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


def test_a_homophone_is_told_the_next_free_name(tmp_path: Path) -> None:
    root = write_tree(tmp_path, {"stories/li-bai.md": "李白", "stories/li-bai-2/index.md": "李柏", "docs/x.md": "x"})
    said = run(root, "new", "story", "李拜")
    assert said.exit_code == 1
    assert "--slug li-bai-3" in said.output
    assert run(root, "new", "story", "李拜", "--slug", "li-bai-3").exit_code == 0
    assert 'title: "李拜"' in (root / "stories/li-bai-3.md").read_text("utf-8")
    for slug in ("李拜", "Li", "con", "../x", "a" * 81, "a\n"):
        refused = run(root, "new", "story", "李拜", "--slug", slug)
        assert refused.exit_code == 2
        assert "--slug" in refused.output


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


# --- the language -----------------------------------------------------------------------------------------------------

WORDS = frozenset(
    {"archive", "dist", "halls", "html", "json", "key", "kiwix", "manifest", "pub", "schema", "schemas", "site"}
    | {"stories", "txt", "yang", "zhen", "zhi", "ren", "chang", "lun", "zip", "zim"}
)
"""ASCII words that stand in Chinese messages: names of programs, formats, files, ids."""


def _commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner
            yield from _commands(inner, (*path, name))


ALL = dict(_commands(main))
COMMANDS = [path for path, command in ALL.items() if not isinstance(command, click.Group)]


def _own_words(command: click.Command) -> set[str]:
    """Names of commands and values that a user has to type as they are."""
    choices = (c for p in command.params if isinstance(p.type, click.Choice) for c in p.type.choices)
    return {word.lower() for path in ALL for word in path} | {c.lower() for c in choices}


def english(said: str, *known: str) -> list[str]:
    """English words in a message, apart from options, paths, and the names of things."""
    said = re.sub(r"--?[a-z][a-z-]*", " ", said)
    for path, command in ALL.items():
        known = (*known, *path, *_own_words(command))
    words = re.findall(r"[A-Za-z]{3,}", said)
    return [word for word in words if word.lower() not in WORDS and word.lower() not in {k.lower() for k in known}]


def in_english(root: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str):
    """Run a command on the computer of a user whose system speaks English."""
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, "en_US.UTF-8")
    return CliRunner().invoke(main, ["--root", str(root), *arguments], prog_name="archive")


def test_the_test_sees_english() -> None:
    assert english("Usage: archive build [OPTIONS]") == ["Usage", "OPTIONS"]
    assert english("Error: No such option '--x'.") == ["Error", "such", "option"]
    assert english("用法： archive build --edition [web|kiosk|usb] 生成 ZIM。") == []


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_help_is_in_chinese(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: tuple[str, ...]) -> None:
    said = in_english(tmp_path, monkeypatch, *path, "--help")
    assert said.exit_code == 0
    assert english(said.output) == []
    assert "用法：" in said.output
    assert "选项" in said.output


def _mistakes(path: tuple[str, ...], place: Path) -> Iterator[list[str]]:
    """Every kind of wrong command line that a command can be given."""
    arguments = [p for p in ALL[path].params if isinstance(p, click.Argument)]
    right = ["story" if p.name == "kind" else "book" if p.name == "what" else str(place) for p in arguments]
    yield [*path, "--qq"]
    for parameter in ALL[path].params:
        option = [parameter.opts[-1]] if isinstance(parameter, click.Option) else []
        if parameter.required:
            yield [*path, *(["qq"] if not option and parameter is not arguments[0] else [])]
        if option and getattr(parameter, "is_flag", False):
            yield [*path, f"{option[0]}=qq"]
        elif option:
            yield [*path, *option]
        if isinstance(parameter.type, (click.Choice, click.DateTime)):
            yield [*path, *(option or []), "qq", *(right if option else right[1:])]
        if isinstance(parameter.type, click.Path) and parameter.type.exists:
            yield [*path, *(right if option else []), *option, "qq", *([] if option else right[1:])]
        if isinstance(parameter.type, click.Path) and not parameter.type.dir_okay:
            yield [*path, *(right if option else []), *option, str(place), *([] if option else right[1:])]
    if all(p.nargs == 1 for p in arguments):
        yield [*path, *right, "qq", "qq"]


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_wrong_command_line_is_answered_in_chinese(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: tuple[str, ...]
) -> None:
    place = tmp_path / "1"
    place.mkdir()
    monkeypatch.chdir(tmp_path)
    for line in _mistakes(path, place):
        said = in_english(tmp_path, monkeypatch, *line)
        assert said.exit_code in (1, 2), line
        assert english(said.output.replace(str(tmp_path), ""), "qq") == [], (line, said.output)
        assert "错误：" in said.output, line


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (["bild"], "没有 'bild' 这个命令。"),
        (["pack", "cd"], "没有 'cd' 这个命令。"),
        (["new"], "少写了 '种类'。可选的：\n\tstory,"),
        (["new", "story"], "少写了 '题名'。"),
        (["new", "poem", "甲"], "'种类'：没有 'poem' 这一种。可选的：'story',"),
        (["build", "--editon", "web"], "没有 '--editon' 这个选项。 是不是 '--edition'？"),
        (["build", "甲", "乙"], "多写了 甲 乙。名字里有空格的，用引号括起来。"),
        (["report", "--law-before", "昨天"], "'昨天' 不是日期。写成 2026-01-01 这样。"),
        (
            ["pack", "delta", "甲.zip", "--from", "没有.json"],
            "'--from'：没有 '没有.json'。名字或路径写错了，或还没有建。",
        ),
        (["--root", "没有", "check"], "'--root'：没有 '没有'。"),
    ],
)
def test_a_wrong_command_line_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: list[str], answer: str
) -> None:
    assert answer in in_english(tmp_path, monkeypatch, *line).output


def test_the_language_of_other_programs_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = gettext.textdomain()
    in_english(tmp_path, monkeypatch, "nix")
    assert gettext.textdomain() == before
    assert os.environ["LANGUAGE"] == "en_US.UTF-8"


def test_python_m_speaks_chinese_too(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "integrity_archive", "--bad"]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=tmp_path, env={**os.environ, "LC_ALL": "C.UTF-8"}
    )
    assert done.returncode == 2
    assert "错误：没有 '--bad' 这个选项。" in done.stderr


def test_the_compiled_messages_are_those_of_the_source() -> None:
    folder = messages.FOLDER / messages.LANGUAGE / "LC_MESSAGES"
    with open(folder / "click.po", "rb") as source, open(folder / "click.mo", "rb") as compiled:
        catalogs = read_po(source, locale=messages.LANGUAGE), read_mo(compiled)
    written, used = ({"|".join([*m.id]): "".join(m.string) for m in catalog if m.id} for catalog in catalogs)
    assert used == written, "run pybabel compile -f -i click.po -o click.mo"


# --- mkdocs.yml, for MkDocs itself ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "answer"),
    [
        ("site_name: 2024\n", "mkdocs.yml:1: site_name “2024” — 没有引号"),
        ("site_name: 馆\nsite_url: example.cn\n", "mkdocs.yml:2: site_url “example.cn” — 不是完整的网址"),
        ("site_name: 馆\nstrict: 3\n", "mkdocs.yml:2: strict “3” — 这个值 MkDocs 用不了"),
        ("site_name: [馆\n", "括号没有收尾"),
        ("site_name: 馆\nnav: [stories/no.md]\n", "mkdocs.yml:2: nav “stories/no.md” — 没有这一页"),
        ("site_name: 馆\nsite_url: !ENV OUR_URL\n", "mkdocs.yml:2: site_url “example.cn” — 不是完整的网址"),
    ],
)
def test_a_build_says_in_chinese_what_is_wrong_with_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, settings: str, answer: str
) -> None:
    monkeypatch.setenv("OUR_URL", "example.cn")
    root = write_tree(tmp_path, {"stories/a.md": {"set": {}}})
    more = "theme: {name: material, font: false}\nplugins: [archive]\n"
    (root / "mkdocs.yml").write_text(settings + more, "utf-8")
    result = run(root, "build")
    assert result.exit_code == 1
    assert answer in result.output + caplog.text
    assert "Config" not in result.output
    assert "条目里" not in result.output


def test_mkdocs_itself_says_in_chinese_what_is_wrong_with_our_options(tmp_path: Path) -> None:
    root = write_tree(tmp_path, {"stories/a.md": {"set": {}}})
    options = "plugins:\n  - archive:\n      kiosk_pin: 0123\n"
    (root / "mkdocs.yml").write_text("site_name: 馆\ntheme: {name: material, font: false}\n" + options, "utf-8")
    command = [sys.executable, "-m", "mkdocs", "build", "-q"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert done.returncode == 1
    assert "错误：mkdocs.yml:5: plugins.archive.kiosk_pin “0123” — 不是 4 至 8 位数字的密码" in done.stderr
    assert "Aborted" not in done.stdout + done.stderr


def test_a_port_in_use_is_said_in_chinese() -> None:
    from integrity_archive.mkdocs.plugin import ArchivePlugin, BuildStoppedError

    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = SimpleNamespace(server_address=taken.getsockname())
        with pytest.raises(BuildStoppedError, match=r"端口用不了：已有别的程序.*换一个端口"):
            ArchivePlugin().on_serve(server, SimpleNamespace(), lambda: None)


# --- private keys -----------------------------------------------------------------------------------------------------


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the user's keys; the current folder is an archive."""
    monkeypatch.setenv("APPDATA" if os.name == "nt" else "XDG_CONFIG_HOME", str(tmp_path / "settings"))
    if os.name != "nt":
        monkeypatch.delenv("APPDATA", raising=False)
    root = write_tree(tmp_path / "archive", {"stories/a.md": {"set": {}}, "mkdocs.yml": MKDOCS_YML})
    (tmp_path / "stick").mkdir()
    monkeypatch.chdir(root)
    return tmp_path / "settings/integrity-archive/keys"


def test_a_private_key_never_comes_into_the_archive(keys: Path, tmp_path: Path) -> None:
    root = Path.cwd()
    before = set(root.rglob("*"))
    said = run(root, "key", "馆")
    assert said.exit_code == 0, said.output
    assert {p.name for p in root.rglob("*") if p not in before} == {"馆.pub"}
    assert [p.name for p in keys.iterdir()] == ["馆.key"]
    assert (keys / "馆.key").stat().st_mode & 0o077 == 0
    assert "--sign 馆。" in said.output
    assert "已经有了" in run(root, "key", "馆").output
    assert "错误 0 处，提醒 0 条" in run(root, "check").output
    # By its name, and by its path.
    for key in ("馆", str(keys / "馆.key")):
        signed = run(root, "pack", "usb", str(tmp_path / "stick"), "--sign", key)
        assert signed.exit_code == 0, signed.output
    assert "签名是馆里的" in run(root, "verify", str(tmp_path / "stick"), "--trust", "馆.pub").output
    assert not [p for p in (tmp_path / "stick").rglob("*") if p.is_file() and b"PRIVATE KEY" in p.read_bytes()]


@pytest.mark.parametrize(
    ("place", "answer"),
    [
        ("archive/馆", "在馆藏"),
        ("archive/docs/馆", "在馆藏"),
        ("stick/馆", "在做好的盘"),
        ("checkout/deep/馆", "在 git 仓库"),
        ("site/馆", "在生成的网站"),
    ],
)
def test_a_place_from_which_a_key_would_get_out_is_refused(keys: Path, tmp_path: Path, place: str, answer: str) -> None:
    root = Path.cwd()
    (tmp_path / "checkout/.git").mkdir(parents=True)
    (tmp_path / "checkout/deep").mkdir()
    if place.startswith("stick"):
        assert run(root, "pack", "usb", str(tmp_path / "stick")).exit_code == 0
    if place.startswith("site"):
        assert run(root, "build", "--out", str(tmp_path / "site")).exit_code == 0
    said = run(root, "key", str(tmp_path / place))
    assert said.exit_code == 1
    assert answer in said.output
    assert not [*tmp_path.rglob("*.key"), *tmp_path.rglob("馆.pub")]


def test_each_wrong_key_is_called_what_it_is(keys: Path, tmp_path: Path) -> None:
    root, there = Path.cwd(), tmp_path / "here"
    there.mkdir()
    assert run(root, "key", str(there / "馆")).exit_code == 0
    pem = (there / "馆.key").read_text()

    def written(name: str, text: str, mode: int = 0o600) -> str:
        (there / name).write_text(text, "utf-8")
        (there / name).chmod(mode)
        return str(there / name)

    short = pem.replace(pem.splitlines()[1], "AAAA")
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8)
    password = serialization.BestAvailableEncryption(b"si zhi")
    locked = Ed25519PrivateKey.generate().private_bytes(*form, password).decode()
    for key, answer in {
        "没有": "没有叫 没有 的私钥：这里没有",
        str(there / "没有.key"): "路径写错了就改",
        str(there / "馆.pub"): "是公钥，签名要用私钥。写同一副里的 馆.key",
        str(there): "不是文件",
        written("信.txt", "杨震四知"): "不是私钥文件",
        written("大.key", "x" * 70_000): "太大，不是钥匙",
        written("坏.key", short): "坏了，里面的私钥读不出来",
        written("锁.key", locked): "加了密码",
        written("别种.key", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n"): "是别种钥匙",
        written("开.key", pem, 0o644): "别的用户也能读。运行 chmod 600",
    }.items():
        said = run(root, "pack", "usb", str(tmp_path / "stick"), "--sign", key)
        assert said.exit_code == 1
        assert answer in said.output, key
    for key, answer in {
        "没有.pub": "没有 没有.pub",
        str(there / "馆.key"): "是私钥，核对用不着它，也不要给别人。写同一副里的公钥 馆.pub",
        str(there / "信.txt"): "不是公钥文件",
        written("坏.pub", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"): "坏了",
    }.items():
        said = run(root, "verify", str(tmp_path / "stick"), "--trust", key)
        assert said.exit_code == 2
        assert answer in said.output, key
    assert list((tmp_path / "stick").iterdir()) == []


def test_a_private_key_in_what_is_published_stops_a_build(keys: Path, tmp_path: Path) -> None:
    root = Path.cwd()
    assert run(root, "key", str(tmp_path / "k")).exit_code == 0
    secret = (tmp_path / "k.key").read_text()
    (root / "stories/a.md").unlink()
    write_tree(root, {"stories/a/index.md": {"set": {}, "body": "[附](fu.txt)"}, "stories/a/fu.txt": secret})
    said = run(root, "check")
    assert said.exit_code == 1
    assert "stories/a/fu.txt: 是私钥，会跟着网站发出去" in said.output
    assert run(root, "build").exit_code == 1
    assert not (root / "site").exists()
