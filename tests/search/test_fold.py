"""Folding keeps lengths and makes forms of one character meet."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrity_archive.search.fold import class_table, fold, fold_pairs, fold_table


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("齊威王", "齐威王"),
        ("ＡＢＣ１２３", "abc123"),
        ("Ｙáng Zhèn", "yang zhen"),
        ("爲政以德", "为政以德"),
        ("羣臣", "群臣"),
        ("後漢書", "后汉书"),
        ("二○二六", "二〇二六"),
        ("廣", "广"),
        ("豈", "岂"),
    ],
)
def test_forms_meet(one: str, other: str) -> None:
    """Traditional, wide, accented and variant forms fold to one."""
    assert fold(one) == fold(other)


@given(st.text())
def test_length_and_idempotence(text: str) -> None:
    """Offsets survive, and folding twice changes nothing."""
    assert len(fold(text)) == len(text)
    assert fold(fold(text)) == fold(text)


def test_no_phrase_conversion() -> None:
    """A character folds the same beside any other: 乾 in 乾坤 as in 乾净."""
    assert fold("乾坤")[0] == fold("乾净")[0] == fold("乾")


def test_pairs_only_for_the_alphabet() -> None:
    """A browser gets the pairs whose target occurs, and none that it can compute."""
    alphabet = np.array([ord(c) for c in "齐a"], dtype=np.uint32)
    sources, targets = fold_pairs(alphabet)
    assert dict(zip(sources, targets, strict=True))["齊"] == "齐"
    assert set(targets) <= {"齐", "a"}
    assert "Ａ" not in sources and "A" not in sources


def test_every_fold_is_one_to_one_character() -> None:
    """The table maps into code points and maps its own results to themselves."""
    table = fold_table()
    assert table.shape == (0x110000,)
    assert np.array_equal(table[table], table)
    assert class_table().shape == (0x10000,)
