"""The handbook and the README keep step with the code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from pydantic import BaseModel

from integrity_archive.archive.edition import EDITIONS
from integrity_archive.build.handbook import expand
from integrity_archive.build.json_schemas import EDITOR_SETTINGS, editor_settings, schemas
from integrity_archive.cli.build import NAMES
from integrity_archive.cli.main import main
from integrity_archive.content.entry import Document
from integrity_archive.content.front_matter import Tree
from integrity_archive.content.loader import load
from integrity_archive.content.markup.markdown import Converter
from integrity_archive.content.model.field_types import Part
from integrity_archive.content.model.record import Record
from integrity_archive.content.model.schema import KINDS
from integrity_archive.content.model.vocabulary import Vocabulary, load_vocabulary
from integrity_archive.content.site_settings import PluginOptions, Site
from integrity_archive.exports.crosswalk import crosswalk
from integrity_archive.output.destination import SITES
from trees import ROOT, write_tree


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    found, _ = load_vocabulary(str(ROOT))
    assert found is not None
    return found


@pytest.fixture(scope="module")
def handbook(vocabulary: Vocabulary) -> str:
    pages = sorted((ROOT / "docs/handbook").glob("*.md"))
    return "\n".join(expand(Document(p.name, Tree({}, {}), p.read_text("utf-8"), 1), vocabulary).body for p in pages)


def _models(base: type[BaseModel]) -> list[type[BaseModel]]:
    return [
        m
        for sub in base.__subclasses__()
        if sub.__module__.startswith("integrity_archive.")
        for m in (sub, *_models(sub))
    ]


def test_every_field_is_in_the_handbook(handbook: str) -> None:
    assert {Record, *KINDS.values()} <= set(_models(Part))
    written = [m for m in _models(Part) if m is not Site]  # what Site adds are settings of MkDocs
    fields = {f.alias or n for m in written for n, f in m.model_fields.items()}
    assert [f for f in sorted(fields) if f"`{f}`" not in handbook] == []


def test_every_field_says_what_it_is() -> None:
    assert [f"{m.__name__}.{n}" for m in _models(Part) for n, f in m.model_fields.items() if not f.description] == []


def _names(command: click.Command, name: str) -> Iterator[str]:
    """A command, its options, and those of its own commands."""
    yield name
    yield from (o for p in command.params if isinstance(p, click.Option) for o in p.opts if o.startswith("--"))
    if isinstance(command, click.Group):
        context = click.Context(command)
        for below in command.list_commands(context):
            inner = command.get_command(context, below)
            assert inner
            yield from _names(inner, f"{name} {below}")


def test_every_command_and_option_is_in_the_handbook(handbook: str) -> None:
    names = list(_names(main, "archive"))
    assert "archive pack usb" in names
    assert "--size" in names
    assert [n for n in names if n not in handbook] == []


def test_every_option_of_the_plugin_is_in_the_handbook(handbook: str) -> None:
    from integrity_archive.mkdocs.plugin import ArchivePlugin

    assert [name for name, _ in ArchivePlugin.config_scheme] == list(PluginOptions.model_fields)
    assert [name for name in PluginOptions.model_fields if f"`{name}`" not in handbook] == []


def test_the_schemas_for_editors_agree_with_the_models(vocabulary: Vocabulary) -> None:
    files = {path.name: path.read_text("utf-8") for path in (ROOT / "schemas").iterdir()}
    stale = [name for name, text in schemas(vocabulary).items() if files.pop(name, None) != text]
    assert (stale, sorted(files)) == ([], []), "run archive schema"


def test_the_settings_of_the_editor_agree_with_the_models() -> None:
    assert (ROOT / EDITOR_SETTINGS).read_text("utf-8") == editor_settings(), "run archive schema"


def test_every_kind_has_a_template_and_the_pictures_of_its_covers() -> None:
    css = (ROOT / "overrides/assets/css/cover.css").read_text("utf-8")
    for record in KINDS.values():
        assert (ROOT / "overrides" / f"{record.kind}.html").is_file()
        for style in filter(None, (record.cover_style, record.door_style)):
            assert f".cloth--{style.cloth} " in css
            assert f".motif--{style.motif} " in css
            assert (ROOT / f"overrides/assets/img/motifs/{style.motif}.svg").is_file()


def test_every_crosswalk_field_exists() -> None:
    fields = {n for record in KINDS.values() for n in record.model_fields}
    made = {"id", "kind", "url", "publisher", "language", "display"}
    assert [c.field for c in crosswalk() if c.field not in fields | made] == []


def test_the_handbooks_example_is_valid(tmp_path: Path) -> None:
    text = (ROOT / "docs/handbook/index.md").read_text("utf-8")
    example = re.search(r"```markdown\n(---\n.*?)```", text, re.S)
    assert example
    write_tree(tmp_path, {"stories/yang-zhen.md": example[1]})
    loaded = load(str(tmp_path))
    assert [str(p) for p in loaded.problems] == []
    assert [e.meta.title for e in loaded.entries] == ["杨震昌邑拒金"]


def test_readme_opens_with_the_two_commands() -> None:
    head = (ROOT / "README.md").read_text("utf-8")[:1500]
    assert "scripts/build" in head
    assert "scripts/test" in head


def test_code_fences_in_a_body_are_no_raw_html() -> None:
    assert Converter().convert("docs/a.md", "```html\n<script>\n```").raw == ()


def test_the_map_of_the_package_names_what_is_there() -> None:
    package = ROOT / "scripts/integrity_archive"
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    table = text[text.index("| floor | folder |") : text.index("Only `mkdocs/` imports MkDocs")]
    rows = table.strip().splitlines()[2:]
    folders = {name for row in rows for name in re.findall(r"`(\w+)/`", row.split("|")[2])}
    assert folders == {path.parent.name for path in package.glob("*/__init__.py")}
    for row in rows:
        here = re.findall(r"`(\w+)/`", row.split("|")[2])
        modules = {path.stem for name in here for path in (package / name).rglob("*.py")}
        named = set(re.findall(r"`(\w+)`", row.split("|")[3]))
        assert named - modules - {"archive", "entry", "page", "proof"} == set(), row


def test_every_edition_but_the_kiosk_replaces_its_folder() -> None:
    assert set(SITES) == {edition.name for edition in EDITIONS.values() if not edition.is_kiosk}
    assert set(NAMES) == set(EDITIONS)
