"""Whatever is in a file, loading and checking answer with problems, never with a traceback."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from integrity_archive.archive.slugs import name_slugs, slugify, spellings
from integrity_archive.build.examine import examine
from integrity_archive.content.front_matter import split
from integrity_archive.content.markup.markdown import Converter, relative_url, resolve
from integrity_archive.content.model.schema import KINDS
from integrity_archive.content.text_files import decode
from integrity_archive.films.captions import caption_faults, cues
from test_fuzz import some
from trees import BASES, write_tree

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20) | st.dates()
VALUES = st.recursive(
    SCALARS, lambda v: st.lists(v, max_size=3) | st.dictionaries(st.text(max_size=8), v, max_size=3), max_leaves=6
)
FIELDS = sorted({f for base in BASES.values() for f in base} | {"related", "dates", "cover", "quotes", "quiz"})
MARKUP = st.lists(
    st.sampled_from(
        [
            "# 题",
            "[a](b.md)",
            "![x](y.svg)",
            "<script>",
            "`",
            "```",
            "{: .x }",
            "[^1]",
            "[^1]: 注",
            "|a|b|",
            "|-|-|",
            "&lt;",
            "\n",
            "\n\n",
            "  ",
            "> ",
            "- ",
            "<br>",
            "\\",
        ]
    )
    | st.text(max_size=6),
    max_size=30,
).map("".join)


@some(150)
@given(st.binary(max_size=200))
def test_any_bytes_are_text_or_a_problem(data: bytes) -> None:
    text, problems = decode(data, "stories/a.md")
    assert text is not None or problems
    assert all(p.severity == "warning" for p in problems) or text is None


@some(150)
@given(st.text(max_size=200))
def test_any_front_matter_is_values_or_a_problem_with_a_place(text: str) -> None:
    matter, problems = split("---\n" + text, "stories/a.md")
    assert (matter is None) == bool(problems)
    assert all(p.line >= 1 and p.remedy for p in problems)


@some(60)
@given(
    st.sampled_from(sorted(BASES)),
    st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=6), VALUES, max_size=4),
    MARKUP,
)
def test_any_values_and_body_are_checked_without_a_traceback(kind: str, values: dict[str, Any], body: str) -> None:
    folder = KINDS[kind].folder
    head = yaml.safe_dump({**BASES[kind], **values}, allow_unicode=True)
    with TemporaryDirectory() as root:
        write_tree(Path(root), {f"{folder}/a.md": f"---\n{head}---\n{body}\n".encode("utf-8", "ignore")})
        problems = examine(root).problems
    assert all(p.path and p.what and p.remedy for p in problems)


@some(200)
@given(MARKUP)
def test_no_body_smuggles_a_script(body: str) -> None:
    converted = Converter().convert("stories/a.md", body)
    assert "<script" not in converted.html.lower() or converted.raw


@some(100)
@given(st.text(max_size=40))
def test_a_slug_is_safe_on_every_file_system(title: str) -> None:
    slug = slugify(title)
    assert slug
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert len(slug) <= 60


@some(100)
@given(st.lists(st.sampled_from(["王时中", "王世中", "刘宠", "刘崇", "index", "!", "A", "a"]), max_size=8))
def test_names_get_distinct_slugs_whatever_their_order(names: list[str]) -> None:
    slugs = name_slugs(spellings(names, {}))
    assert len(set(slugs.values())) == len(set(names))
    assert slugs == name_slugs(spellings(reversed(names), {}))


def test_links_resolve_from_disk_and_lead_between_pages() -> None:
    assert resolve("docs/lessons/a.md", "../../stories/b.md#c") == ("stories/b.md", "c")
    assert relative_url("docs/lessons/a.md", "stories/b.md", "c") == "../stories/b.html#c"
    assert relative_url("docs/index.md", "stories/b/index.md") == "stories/b/index.html"


@given(st.text(alphabet=st.sampled_from(list("WEBVTT \n\r:.->0123456789<>清廉\ufeff")), max_size=200))
def test_any_caption_text_gives_cues_and_faults_with_places(text: str) -> None:
    lines = text.count("\n") + 1
    assert all(1 <= cue.line <= lines for cue in cues(text))
    assert all(1 <= fault.line <= lines for fault in caption_faults(text))
