"""A search with an overlay gives the answers of one that was built at once."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrity_archive.search import SearchDocument, SearchField, terms
from integrity_archive.search.build import Built, build, build_search
from integrity_archive.search.job import MOST, fits
from integrity_archive.search.overlay import overlay_files
from integrity_archive.search.terms import file_terms, refile, terms_of
from search.engine import ask, assert_same_answers, questions_about

PEOPLE = ("淳于髡", "齐威王", "单父", "曾参", "杨震")
ORDER = {"period": ("先秦", "明")}
Documents = Mapping[str, SearchDocument]


def document(number: int, text: str, chance: random.Random) -> SearchDocument:
    """A document that shares people, places and sentences with others."""
    fields = (
        SearchField("summary", text[:20]),
        *(SearchField("people", name) for name in chance.sample(PEOPLE, chance.randint(0, 2))),
        *(SearchField("tags", chance.choice("清廉慎勤") + chance.choice("公正")) for _ in range(2)),
        SearchField("headings", "史料" + chance.choice("辨析")),
        SearchField("body", text),
        SearchField("captions", f"第{number}句，DVD {number % 7}。", 1.5),
    )
    facets = {"period": (chance.choice(("先秦", "明", "清")),), "virtue": tuple(chance.sample("清慎勤", 2))}
    kind = chance.choice(("story", "craft"))
    return SearchDocument(f"d/{number:03}", f"d/{number:03}.html", f"题{text[:4]}{number}", kind, fields, facets)


def prose(chance: random.Random) -> str:
    """Text with common and rare characters, some of them beyond the BMP."""
    common, rare = "齐威王之时喜隐好为淫乐长夜饮酒一斗亦醉", "髡徙𠮷齊国國穀谷里裡"
    words = (chance.choice(common if chance.random() < 0.97 else rare) for _ in range(chance.randint(5, 300)))
    return "".join(c + ("，" if chance.random() < 0.1 else "") for c in words)


def some_documents(numbers: Iterable[int], chance: random.Random) -> dict[str, SearchDocument]:
    made = (document(n, prose(chance), chance) for n in numbers)
    return {d.id: d for d in made}


def over(base: Built, before: Documents, now: Documents) -> dict[str, bytes]:
    """The files of the search after an edit."""
    edited = [d for id_, d in now.items() if before.get(id_) != d]
    listed = {id_: (d.kind, d.facets) for id_, d in now.items()}
    return base.files | overlay_files(base.base, lambda: base.filing, edited, listed, ORDER)


def written(folder: Path, files: Mapping[str, bytes]) -> Path:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def assert_same(before: Documents, now: Documents, files: Mapping[str, bytes], chance: random.Random) -> None:
    """What is asked for may be in either, or gone."""
    both = [*before.values(), *now.values()]
    texts = [f.text for d in chance.sample(both, min(12, len(both))) for f in d.all_fields if len(f.text) > 3]
    names = [*PEOPLE, *(d.title for d in chance.sample(both, min(8, len(both))))]
    questions = questions_about(texts, names, {"period": ["先秦"], "virtue": ["清", "慎"]}, chance)
    with TemporaryDirectory() as folder:
        one = written(Path(folder, "one"), files)
        two = written(Path(folder, "two"), build_search(now.values(), ORDER))
        assert_same_answers(one, two, questions)


@settings(max_examples=10)
@given(
    count=st.integers(0, 60),
    removed=st.sets(st.integers(0, 60), max_size=6),
    edited=st.sets(st.integers(0, 60), max_size=6),
    added=st.sets(st.integers(61, 90), max_size=20),
    seed=st.integers(0, 2**32),
)
def test_answers_are_those_of_a_whole_build(
    count: int, removed: set[int], edited: set[int], added: set[int], seed: int
) -> None:
    chance = random.Random(seed)
    before = some_documents(range(0, 2 * count, 2), chance)
    now = {id_: d for id_, d in before.items() if int(id_[2:]) // 2 not in removed}
    now |= {id_: d for id_, d in some_documents((2 * n for n in edited if n < count), chance).items() if id_ in now}
    now |= some_documents((2 * n - 91 for n in added), chance)
    assert_same(before, now, over(build(before.values(), ORDER), before, now), chance)


def test_many_documents() -> None:
    """Several shards of each family, pairs above and below the rare limit, more hits than have their texts read."""
    chance = random.Random(5)
    before = some_documents(range(0, 800, 2), chance)
    now = dict(before)
    for n in range(0, 80, 4):
        del now[f"d/{n:03}"]
    now |= some_documents([*range(202, 240, 4), *range(301, 341, 2)], chance)
    base = build(before.values(), ORDER)
    assert base.base.manifest["families"]["pairs"][0] > 2
    assert_same(before, now, over(base, before, now), chance)


def test_a_document_that_moves_every_other_one() -> None:
    """The first id of all; and the last."""
    chance = random.Random(2)
    before = some_documents(range(10, 40), chance)
    for n in (1, 999):
        now = {**before, **some_documents([n], chance)}
        assert_same(before, now, over(build(before.values(), ORDER), before, now), chance)


def test_nothing_is_left_of_an_edit_that_is_taken_back() -> None:
    documents = some_documents(range(20), random.Random(1))
    base = build(documents.values(), ORDER)
    assert over(base, documents, documents) == base.files


def test_a_change_of_filters_alone(tmp_path: Path) -> None:
    """A document whose words stay is found under its new value and no more under the old one."""
    chance = random.Random(4)
    before = some_documents(range(20), chance)
    first = next(iter(before.values()))
    now = {**before, first.id: replace(first, facets={"period": ("唐",)})}
    files = over(build(before.values(), ORDER), before, now)
    assert_same(before, now, files, chance)
    (answer,) = ask(written(tmp_path, files), [("find", "题", {"limit": 9, "filters": {"period": ["唐"]}})]).answers
    assert [hit["id"] for hit in answer["hits"]] == [first.id]


def test_a_base_alone_is_read_without_further_requests(tmp_path: Path) -> None:
    documents = some_documents(range(40), random.Random(3))
    site = written(tmp_path, build_search(documents.values(), ORDER))
    loaded = ask(site, [("find", "威王", {"limit": 1})]).loaded
    families = [path.removeprefix("search/").split("-")[0].split(".")[0] for path in loaded]
    assert families[:3] == ["manifest", "tables", "pairs"]
    assert set(families[3:]) == {"texts"}


def test_an_edit_of_a_text_writes_a_few_files() -> None:
    """Terms, which are of all documents, only where they change."""
    chance = random.Random(6)
    before = some_documents(range(600), chance)
    base = build(before.values(), ORDER)
    (id_, old), *_ = before.items()
    body = replace(old, fields=(*old.fields[:-1], SearchField("captions", "再漏粉。")))
    made = over(base, before, before | {id_: body}).keys() - base.files.keys()
    assert sorted(path.split("/")[1].split("-")[0].split(".")[0] for path in made) == [
        "cards", "chars", "pairs", "tables", "texts", "words",
    ]  # fmt: skip
    made = over(base, before, before | {id_: replace(old, title="鸣于山冈")}).keys() - base.files.keys()
    assert any("terms-" in path for path in made)


def test_an_overlay_is_folded_in_before_it_is_large() -> None:
    assert fits(8, 10)
    assert not fits(20, 10)
    assert fits(40, 166)
    assert fits(MOST, 10_000)
    assert not fits(MOST + 1, 10_000)


named = st.lists(st.tuples(st.integers(0, 5), st.text("齐威王淳于髡", min_size=1, max_size=4)), max_size=4, unique=True)


@given(
    before=st.lists(named, min_size=1, max_size=40), edits=st.lists(st.tuples(st.integers(0, 39), named), max_size=4)
)
def test_refiled_as_filed(before: list[list[tuple[int, str]]], edits: list[tuple[int, list[tuple[int, str]]]]) -> None:
    """Also where there is no room for all terms under a key, and an edit makes some or takes it."""
    old = [tuple(sorted(mine)) for mine in before]
    new = list(old)
    for n, mine in edits:
        new[n % len(old)] = tuple(sorted(mine))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(terms, "FEW", 2)
        patch.setattr(terms, "MANY", 3)
        filing, whole = file_terms(terms_of(old)), file_terms(terms_of(new))
        refiled = refile(filing, old, new)
        assert {*refiled.terms} == {*whole.terms}
        if filing.bits == whole.bits:
            files = [filing.file(n, refiled.changes.get(n, {})) for n in range(len(filing.shards))]
            assert files == whole.files()
