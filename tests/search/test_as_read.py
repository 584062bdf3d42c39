"""Text as readers see it is text as search finds it: what is not seen, or not meant, hides no phrase."""

from __future__ import annotations

import json
import random
import subprocess
import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrity_archive.content.markup.markdown import Converter
from integrity_archive.content.markup.plain_text import plain_text
from integrity_archive.search import SearchDocument, SearchField
from integrity_archive.search.build import build_search
from integrity_archive.search.fold import DROPPED, WORD, class_table, code_point_classes, fold_pairs, normal
from search.engine import HERE, SCRIPTS, _node, ask

UNSEEN = "\u200b\u00ad\u2060\ufeff\u202e\U000e0100\ufe00\u200d\x0b"
SPACES = " \u3000\u00a0\u2009\t"
SAME = [
    ("第 5 条", "第5条"),
    ("AI 时代", "AI时代"),
    ("1,800 两", "1800两"),
    ("12,345,678 两", "12345678两"),
    ("杨　震", "杨震"),
    ("zho\u0304ng", "zhōng"),
    ("ye\u0301", "yé"),
    ("й", "и\u0306"),
    ("ＹＺ", "yz"),
    ("奥•托", "奥·托"),
    ("奥・托", "奥·托"),
    ("葛\U000e0100洪", "葛洪"),
    ("夜\u200b半", "夜半"),
    ("夜\u00ad半", "夜半"),
    ("夜\u2060半", "夜半"),
    ("夜\ufeff半", "夜半"),
    ("夜\u202e半", "夜半"),
    ("Open  Source", "open source"),
    ("open \u200b source", "open source"),
    ("知， 人", "知，人"),
]
DIFFERENT = [
    ("open source", "opensource"),
    ("1998,1999", "19981999"),
    ("甲,800", "甲800"),
    ("100，200，300", "100200300"),
    ("甲\n乙", "甲乙"),
    ("3.5", "35"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_for_a_reader(one: str, other: str) -> None:
    assert normal(one) == normal(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_not_the_same_for_a_reader(one: str, other: str) -> None:
    """Words stay apart, lists of numbers do not grow together, and a paragraph ends."""
    assert normal(one) != normal(other)


def in_browser(asked: Sequence[tuple[str, Sequence[str]]]) -> list[Any]:
    """What the script of the site says: the normal form of each text, and its parts that read like the words."""
    given = json.dumps({"folds": _folds(), "asked": asked}).encode()
    done = subprocess.run([_node(), str(HERE / "text.js"), str(SCRIPTS)], input=given, capture_output=True, check=True)
    found: list[Any] = json.loads(done.stdout)
    return found


@cache
def _folds() -> tuple[str, str]:
    every = np.array([c for c in range(0x110000) if not 0xD800 <= c < 0xE000], dtype=np.uint32)
    return fold_pairs(every)


def test_browser_and_builder_agree() -> None:
    """On every single character, beside a Chinese one and beside letters, and on random mixtures."""
    chance = random.Random(5)
    odd = [
        chr(c)
        for c in range(0x110000)
        if not 0xD800 <= c < 0xE000 and (c < 0x3400 or code_point_classes()[c] == DROPPED)
    ]
    odd = [c for c in odd if ord(c) < 0xE0110]
    texts = ["".join(f"知{c}a{c}b" for c in odd[n : n + 500]) for n in range(0, len(odd), 500)]
    signs = [*UNSEEN, *SPACES, *"齐威王齊知，。·•ab5１,，\n\u0304Ａ", "𠮷"]
    texts += ["".join(chance.choices(signs, k=40)) for _ in range(2000)]
    for text, found in zip(texts, in_browser([(text, []) for text in texts]), strict=True):
        assert found["normal"] == normal(text), repr(text)


phrases = st.text(st.sampled_from("齐威王之时喜隐𠮷"), min_size=2, max_size=8)
noise = st.lists(st.text(st.sampled_from(UNSEEN + SPACES), max_size=2), min_size=8, max_size=8)


@settings(max_examples=8, deadline=None)
@given(st.lists(st.tuples(phrases, noise, st.booleans()), min_size=30, max_size=60))
def test_found_and_marked_whatever_stands_between(cases: list[tuple[str, list[str], bool]]) -> None:
    """A phrase or a query with such characters put in: found, and the mark has all that is seen."""
    asked, wanted = [], []
    for phrase, between, in_text in cases:
        disturbed = "".join(a + b for a, b in zip(phrase, between, strict=False)).rstrip(UNSEEN + SPACES)
        text, query = (disturbed, phrase) if in_text else (phrase, disturbed)
        asked.append((f"先说，{text}。后说", [query]))
        wanted.append((phrase, text))
    for (phrase, text), found in zip(wanted, in_browser(asked), strict=True):
        assert len(found["marks"]) == 1
        mark = found["marks"][0]
        assert mark.rstrip(UNSEEN) == text.rstrip(UNSEEN)
        assert "".join(c for c in mark if c not in UNSEEN + SPACES) == phrase


def test_marks_keep_letters_with_their_accents() -> None:
    decomposed = unicodedata.normalize("NFD", "见zhōng字")
    assert in_browser([(decomposed, ["zhong"])])[0]["marks"] == [unicodedata.normalize("NFD", "zhōng")]


BODY = """\
却说淳于<ruby>髡<rt>kūn</rt></ruby>见齐王，天上星辰[^1]照夜路，一句话写到行
末又接着写。葛\U000e0100洪著书。

第 5 条说 AI 时代，折银 1,800 两，杨　震不受。奥•托来过，读作 zho\u0304ng。

另起一段<br>
诗分两行

[^1]: 注在这里。
"""
FOUND = [
    ("淳于髡见齐王", "淳于髡见齐王"),
    ("天上星辰照夜路", "天上星辰照夜路"),
    ("写到行末又接着", "写到行末又接着"),
    ("葛洪著书", "葛\U000e0100洪著书"),
    ("葛\U000e0101洪", "葛\U000e0100洪"),
    ("第5条", "第 5 条"),
    ("“第 5 条”", "第 5 条"),
    ("AI时代", "AI 时代"),
    ("1800两", "1,800 两"),
    ("1,800两", "1,800 两"),
    ("杨震不受", "杨　震不受"),
    ("奥·托", "奥•托"),
    ("奥・托", "奥•托"),
    ("zhōng", "zho\u0304ng"),
    ("zho\u0304ng", "zho\u0304ng"),
    ("一段诗分两", "一段 诗分两"),
    ("先看\ufeff影片", "先看 影片"),
    ("先看影片", "先看 影片"),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("read")
    text = plain_text(Converter().convert("stories/a.md", BODY).html)
    fields = (
        SearchField("people", "杨震"),
        SearchField("body", text),
        SearchField("captions", "先看 影片", 3.0),
    )
    others = [
        SearchDocument(f"b{n}", f"b{n}.html", f"别篇{n}", "story", (SearchField("body", "天上。星辰。"),))
        for n in range(12)
    ]
    for path, content in build_search([SearchDocument("a", "a.html", "一篇", "story", fields), *others]).items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


@pytest.mark.parametrize(("query", "marked"), FOUND)
def test_found_and_marked_in_the_original(site: Path, query: str, marked: str) -> None:
    """The hit is exact, its excerpt and its link mark what stands in the text."""
    found = ask(site, [("find", query, {"limit": 10})]).answers[0]
    assert [hit["id"] for hit in found["hits"]] == ["a"]
    assert marked in [text for text, is_marked in found["hits"][0]["excerpt"] if is_marked]
    assert marked in found["hits"][0]["words"]


def test_wide_letters_are_pinyin(site: Path) -> None:
    found = ask(site, [("find", "ＹＺ", {"limit": 10}), ("suggest", "ｙａｎｇzhen", 5)]).answers
    assert found[0]["via"] == ["杨震"]
    assert [term["text"] for term in found[1]] == ["杨震"]


def test_spaces_do_not_join_words() -> None:
    """A space is kept between Latin words only: classes are those of the index."""
    assert normal("a b 甲 c　d") == "a b甲c d"
    assert class_table()[ord("a")] == WORD
