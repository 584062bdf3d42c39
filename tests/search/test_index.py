"""The index says what a substring search would say, in the same bytes every time."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrity_archive.search import SearchDocument, SearchField
from integrity_archive.search.bits import as_text, gamma, pack, rice
from integrity_archive.search.build import build_search
from integrity_archive.search.fold import normal
from integrity_archive.search.pinyin import spell
from integrity_archive.search.postings import RARE
from integrity_archive.search.terms import named_in, terms_of
from search.reader import Bits, Index

LETTERS = "齐威王之时喜隐好为淫𠮷乐，。 a1"


def document(number: int, *texts: str, **more: object) -> SearchDocument:
    fields = tuple(SearchField("body", text) for text in texts)
    return replace(SearchDocument(f"d{number:04}", f"d{number:04}.html", f"篇{number}", "story", fields), **more)  # type: ignore[arg-type]


def truth(documents: Sequence[SearchDocument], phrase: str) -> set[int]:
    return {
        n
        for n, d in enumerate(sorted(documents, key=lambda d: d.id))
        if any(phrase in normal(field.text) for field in d.all_fields)
    }


def phrases_in(documents: Sequence[SearchDocument], chance: random.Random, count: int = 60) -> set[str]:
    """Phrases of one to eight characters that occur, that nearly occur, and that do not."""
    found: set[str] = set()
    for _ in range(count):
        text = normal(chance.choice(chance.choice(documents).all_fields).text)
        at, size = chance.randrange(max(1, len(text))), chance.randint(1, 8)
        found |= {text[at : at + size], text[at : at + size][::-1]}
    return {p for p in found if p and all(c in "齐威王之时喜隐好为淫𠮷乐篇" for c in p)}


@settings(max_examples=60)
@given(st.lists(st.text(alphabet=LETTERS, max_size=150), min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_equals_substring_search(texts: list[str], chance: random.Random) -> None:
    """Recall and precision are whole, for rare pairs and for common ones."""
    documents = [document(n, text[: len(text) // 2], text[len(text) // 2 :]) for n, text in enumerate(texts)]
    index = Index(build_search(documents))
    for phrase in phrases_in(documents, chance):
        assert index.find(phrase) == truth(documents, phrase), phrase


def test_many_documents_and_shards() -> None:
    """The same over several shards, with pairs above and below the rare limit."""
    chance = random.Random(7)
    han = [chr(c) for c in range(0x4E00, 0x4E00 + 400)]
    weights = [1 / (n + 1) for n in range(len(han))]
    documents = [document(n, "".join(chance.choices(han, weights, k=chance.randint(0, 900)))) for n in range(RARE * 20)]
    index = Index(build_search(documents))
    assert index.manifest["families"]["pairs"][0] > 1
    for _ in range(60):
        text = chance.choice(documents[:-1]).fields[0].text
        at, size = chance.randrange(max(1, len(text))), chance.randint(1, 6)
        if phrase := text[at : at + size]:
            assert index.find(phrase) == truth(documents, phrase), phrase


def test_words_and_numbers() -> None:
    """A Latin word or a number is found whole."""
    documents = [document(1, "2012年，DVD 与 VR"), document(2, "20121 dvd")]
    index = Index(build_search(documents))
    assert index.find("2012") == {0}
    assert index.find("dvd") == {0, 1}
    assert index.find("vr") == {0}
    assert index.find("v") == set()


def test_no_match_across_fields_or_punctuation() -> None:
    """The end of one field and the start of the next are not neighbours, nor are two sides of a comma."""
    index = Index(build_search([document(1, "齐威", "王之"), document(2, "齐威，王之")]))
    assert index.find("威王") == set()
    assert index.find("王之") == {0, 1}


@pytest.mark.parametrize("documents", [[], [document(1)], [document(1, "")], [document(1, "，。")]])
def test_little_or_nothing(documents: list[SearchDocument]) -> None:
    """An archive without text builds too."""
    files = build_search(documents)
    assert "search/manifest.js" in files
    assert Index(files).manifest["documents"] == len(documents)


def test_hostile_text_survives() -> None:
    """Quotes, markup, controls, line separators, lone surrogates and emoji neither break a script nor shift offsets."""
    text = "\"'\\</script>\u2028\u2029\x00\ud83d齐威王😀之时"
    index = Index(build_search([document(1, text, title="<b>“篇”</b>")]))
    assert index.find("齐威王") == {0}
    assert index.find("之时") == {0}
    assert index.records[0][4][0][1] == text.replace("\ud83d", "\ufffd")


def test_same_documents_same_bytes() -> None:
    """Whatever the order they come in."""
    documents = [document(n, f"齐威王{n}之时", facets={"period": ("先秦",)}) for n in range(50)]
    assert build_search(documents) == build_search(documents[::-1])


def test_unchanged_shards_keep_their_names() -> None:
    """Editing one document leaves the texts of the others, and most of the index, as they were."""
    chance = random.Random(3)
    han = [chr(c) for c in range(0x4E00, 0x5E00)]
    documents = [document(n, "".join(chance.choices(han, k=1400))) for n in range(200)]
    before = build_search(documents)
    changed = documents[100].fields[0].text + "齐威王之时"
    documents[100] = replace(documents[100], fields=(SearchField("body", changed),))
    after = build_search(documents)
    gone = [path for path in before if path not in after]
    assert sum("texts-" in path for path in gone) == 1
    assert sum("pairs-" in path for path in gone) <= 5  # one new pair each
    assert len(gone) <= 12


def test_codes_round_trip() -> None:
    """Packed numbers are read back, whatever their size, each stream from a word of its own."""
    values = np.array([0, 1, 5, 300, 2**31, 7, 2**20], dtype=np.int64)
    code, length = rice(values, np.full(len(values), 3))
    count, width = gamma(values + 1)
    first, second = (
        Bits(as_text(units))
        for units in pack(np.concatenate((code, count)), np.concatenate((length, width)), np.array([0, len(values)]))
    )
    assert [first.rice(3) for _ in values] == values.tolist()
    assert [second.gamma() - 1 for _ in values] == values.tolist()


@pytest.mark.parametrize(
    ("term", "readings"),
    [
        ("淳于髡", ["chun yu kun"]),
        ("费直", ["bi zhi", "fei zhi"]),
        ("单父", ["shan fu"]),
        ("祭酒", ["ji jiu"]),
        ("单超", ["shan chao"]),
        ("曾参", ["zeng shen"]),
        ("绿柳书屋", ["lv liu shu wu"]),
        ("王时中", ["wang shi zhong"]),
        ("5G 时代", ["5g shi dai"]),
        ("？", []),
    ],
)
def test_pinyin(term: str, readings: list[str]) -> None:
    """Old names and characters of several readings are read as attested."""
    assert spell(term, person=True) == readings


def test_terms() -> None:
    """People weigh most; several names in a field are several terms; the count says how many documents name one."""
    one = document(1, title="一鸣惊人", fields=(SearchField("people", "淳于髡、齐威王"), SearchField("places", "临淄")))
    two = document(2, title="淳于髡", fields=(SearchField("aliases", "齐威王"),))
    found = {t.text: (t.kind, t.count) for t in terms_of(map(named_in, [one, two]))}
    assert found["淳于髡"] == (0, 2)
    assert found["齐威王"] == (0, 2)
    assert found["临淄"] == (3, 1)


def test_a_whole_term_is_found_however_many_begin_like_it() -> None:
    """Beyond the room under two initials a term is filed under all of its pinyin; the others are not."""
    names = [f"陈陈{chr(0x4E00 + 3 * n)}" for n in range(400)]
    documents = [document(n, title=name) for n, name in enumerate(names)]
    index = Index(build_search(documents))
    filed = {key: rows for name in index.names("terms") for key, rows in index.payloads[name].items()}
    crowded = {key for key, rows in filed.items() if len(key) == 2 and key.isascii() and rows.count("\n") > 200}
    whole = {key for key in filed if key[0] == "="}
    assert crowded and whole
    assert {key[1:3] for key in whole if len(key) == 4} == crowded == {"cc"}
