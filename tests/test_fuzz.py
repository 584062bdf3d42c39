"""Whatever an archive's folders hold, examining it gives problems with a place, never a traceback.

``FUZZ=40 pytest tests/test_fuzz.py tests/test_properties.py`` is the nightly mode: forty times the examples, over ten
thousand in all.
"""

from __future__ import annotations

import copy
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrity_archive.build.examine import examine
from integrity_archive.support.problems import Problem
from trees import BASES, ROOT, entry_text, write_tree

FACTOR = int(os.environ.get("FUZZ", "1"))


def some(examples: int) -> settings:
    """So many examples, or in nightly mode a multiple."""
    return settings(
        max_examples=examples * FACTOR,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.floats(allow_nan=True)
    | st.text(max_size=12)
    | st.sampled_from(["清", "东汉", "stories/a", "../../etc/passwd", "a.svg", "2026-11-25", "1:05", "", " ", "0", "-"])
)
ANYTHING = st.recursive(
    LEAVES, lambda v: st.lists(v, max_size=3) | st.dictionaries(st.text(max_size=6), v, max_size=3), max_leaves=5
)


def problems_of(files: dict[str, Any]) -> list[Problem]:
    """What examining a tree says; every problem has its place and its remedy."""
    with TemporaryDirectory() as folder:
        problems = examine(str(write_tree(Path(folder), files))).problems
    for problem in problems:
        assert problem.path
        assert problem.what
        assert problem.remedy
        assert problem.line >= 0
        assert str(problem)
    return problems


@st.composite
def mutated(draw: st.DrawFn, base: Any) -> Any:
    """A valid value with one place of it, however deep, replaced, dropped or doubled."""
    value = copy.deepcopy(base)
    holder = value
    while isinstance(holder, dict | list) and holder:
        key = draw(st.sampled_from(sorted(holder) if isinstance(holder, dict) else range(len(holder))))
        inner = holder[key]
        if isinstance(inner, dict | list) and inner and draw(st.booleans()):
            holder = inner
            continue
        change = draw(st.sampled_from(["replace", "drop", "rename", "double"]))
        if change == "replace":
            holder[key] = draw(ANYTHING)
        elif change == "drop":
            del holder[key]
        elif change == "rename" and isinstance(holder, dict):
            holder[draw(st.text(max_size=6))] = holder.pop(key)
        elif isinstance(holder, list):
            holder.append(inner)
        break
    return value


def dumped(value: Any) -> bytes:
    return yaml.safe_dump(value, allow_unicode=True).encode("utf-8", "replace")


STORYBOARD = yaml.safe_load((ROOT / "videos/si-zhi/storyboard.yml").read_text("utf-8"))
VOCABULARY = yaml.safe_load((ROOT / "docs/vocabulary.yml").read_text("utf-8"))
SAYINGS = yaml.safe_load((ROOT / "docs/sayings.yml").read_text("utf-8"))
SCREENS = yaml.safe_load((ROOT / "docs/screens.yml").read_text("utf-8"))
QUIZ = [
    {"kind": "单选", "question": "甲？", "options": ["一", "二"], "answer": ["一"], "explanation": "因为一。"},
    {
        "kind": "多选",
        "question": "乙？",
        "options": ["一", "二", "三"],
        "answer": ["一", "二"],
        "explanation": "都对。",
    },
    {"kind": "判断", "question": "丙？", "answer": ["对"], "explanation": "对的。"},
    {
        "kind": "情境",
        "question": "丁？",
        "options": ["收", "不收"],
        "feedback": ["收了怎样", "不收怎样"],
        "answer": ["不收"],
        "explanation": "各有道理。",
    },
]
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 90"><rect width="160" height="90"/></svg>'


@some(60)
@given(mutated(STORYBOARD))
def test_any_storyboard(board: Any) -> None:
    entry = {k: v for k, v in BASES["video"].items() if k != "media"} | {"storyboard": "storyboard.yml"}
    problems_of(
        {
            "videos/a/index.md": f"---\n{yaml.safe_dump(entry, allow_unicode=True)}---\n".encode(),
            "videos/a/storyboard.yml": dumped(board),
            "videos/a/01-ye.svg": PICTURE,
        }
    )


@some(40)
@given(mutated(VOCABULARY))
def test_any_vocabulary(vocabulary: Any) -> None:
    problems_of({"docs/vocabulary.yml": dumped(vocabulary), "stories/a.md": {"set": {}}})


@some(40)
@given(mutated(SAYINGS), mutated(SCREENS))
def test_any_sayings_and_screens(sayings: Any, screens: Any) -> None:
    problems_of({"docs/sayings.yml": dumped(sayings), "docs/screens.yml": dumped(screens), "stories/a.md": {"set": {}}})


@some(60)
@given(mutated(QUIZ))
def test_any_quiz(quiz: Any) -> None:
    head = yaml.safe_dump({**BASES["lesson"], "quiz": quiz}, allow_unicode=True)
    problems_of({"docs/lessons/a.md": f"---\n{head}---\n".encode("utf-8", "replace")})


@some(60)
@given(st.sampled_from(sorted(BASES)), st.data())
def test_any_entry_with_one_thing_wrong(kind: str, data: st.DataObject) -> None:
    record = data.draw(mutated(BASES[kind]))
    folder = {"story": "stories", "craft": "heritage", "video": "videos", "article": "docs/columns"}.get(
        kind, f"docs/{kind}s"
    )
    problems_of(
        {f"{folder}/a.md": f"---\n{yaml.safe_dump(record, allow_unicode=True)}---\n".encode("utf-8", "replace")}
    )


LETTERS = st.characters(blacklist_characters="/\x00", blacklist_categories=["Cs"])
NAMES = st.text(LETTERS, min_size=1, max_size=20).filter(lambda n: n not in (".", "..") and len(n.encode()) < 200)


@some(60)
@given(NAMES, st.sampled_from(["stories", "heritage", "videos", "docs/halls", "docs/lessons", "docs"]))
def test_any_file_name(name: str, folder: str) -> None:
    problems_of({f"{folder}/{name}.md": entry_text("story").encode(), f"{folder}/{name}": b"x"})


@some(40)
@given(
    st.text(max_size=60),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030", "big5", "shift-jis", "latin-1", "utf-32"]),
)
def test_any_encoding(body: str, encoding: str) -> None:
    problems_of({"stories/a.md": entry_text("story", body=body).encode(encoding, "replace")})


SLIDES = st.sampled_from(
    [
        "## 题",
        "::: notes",
        ":::",
        "正文",
        "![图](a.svg)",
        "[片](../../../videos/a.md#t=1,2)",
        "# 一",
        "```",
        "|a|b|",
        "",
    ]
)


@some(60)
@given(st.lists(SLIDES | st.text(max_size=8), max_size=14))
def test_any_slides(lines: list[str]) -> None:
    slides = "\n".join(lines).encode("utf-8", "replace")
    problems_of({"docs/lessons/a/index.md": {"set": {}}, "docs/lessons/a/slides.md": slides})
