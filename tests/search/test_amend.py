"""An amended search is byte for byte the one that a build of everything gives."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrity_archive.search import SearchDocument, SearchField, terms
from integrity_archive.search.amend import State, amended, keep, kept, told_of
from integrity_archive.search.build import build, build_search
from integrity_archive.search.edit import Change, Edit
from integrity_archive.search.kept_pairs import Keeper
from integrity_archive.search.terms import file_terms, refile, terms_of

LETTERS = "齐威王之时喜隐好为淫𠮷乐，。 a1"
ORDER = {"period": ("先秦", "明")}
Text = tuple[str, str]
"""Title and body."""

texts = st.tuples(st.text(LETTERS, max_size=6), st.text(LETTERS, max_size=90))


def state_of(documents: list[SearchDocument]) -> State:
    """What an edit of the search of these documents starts from."""
    with TemporaryDirectory() as folder:
        pairs = Keeper(Path(folder))
        keep(build(documents, ORDER, pairs)[0], pairs, Path(folder))
        return kept(Path(folder))


def document(number: int, text: Text) -> SearchDocument:
    title, body = text
    fields = (SearchField("people", "淳于髡"), SearchField("body", body + "，饮酒一斗亦醉，饮一石亦醉。" * 6))
    return SearchDocument(f"d{number:03}", f"d{number:03}.html", title, "story", fields, {"period": ("先秦",)})


@given(
    before=st.lists(texts, min_size=1, max_size=40),
    edits=st.lists(st.tuples(st.integers(0, 39), texts, texts), min_size=1, max_size=4),
    renewed=st.booleans(),
)
def test_amended_as_built(before: list[Text], edits: list[tuple[int, Text, Text]], renewed: bool) -> None:
    """Whatever was edited before and now; the site that is replaced has had edits of its own, and may be kept anew."""
    old = [document(n, text) for n, text in enumerate(before)]
    shown, now = list(old), list(old)
    for place, first, second in edits:
        n = place % len(old)
        shown[n], now[n] = document(n, first), document(n, second)
    state, base = state_of(old), old
    site, told = build_search(old, ORDER), None
    for site_of, after in ((old, shown), (shown, now)):
        changes = tuple(Change(*d) for d in zip(base, site_of, after, strict=True) if not d[0] == d[1] == d[2])
        with TemporaryDirectory() as folder:
            keep_in = Path(folder) if renewed else None
            found = amended(state, Edit(changes, told), site.__getitem__, keep_in)
            if found is None:
                return
            files, built = found
            told = told_of(built)
            if keep_in:
                state, base, told = kept(keep_in), after, None
        site |= files
        names = {*built.paths(), *files}
        assert {path: site[path] for path in names} == build_search(after, ORDER)


def test_most_edits_are_amended() -> None:
    """A word for another fits; what outgrows its slot, or is filed otherwise, is left to a whole build."""
    old = [document(n, ("篇", "齐威王之时")) for n in range(30)]
    base, site = state_of(old), build_search(old, ORDER)

    def possible(now: SearchDocument) -> bool:
        return amended(base, Edit((Change(old[7], old[7], now),)), site.__getitem__) is not None

    assert possible(document(7, ("篇", "齐威王好隐")))
    assert possible(document(7, ("题", "齐威王之时喜")))
    assert not possible(document(7, ("篇", "齐威王之时" * 40)))
    assert not possible(replace(old[7], facets={"period": ("明",)}))


def test_what_is_damaged_is_not_amended(tmp_path: Path) -> None:
    """Whichever of the files that are kept has a byte that is another."""
    old = [document(n, ("篇", "齐威王之时")) for n in range(30)]
    edit = Edit((Change(old[3], old[3], document(3, ("好隐", "齐威王"))),))
    pairs, site = Keeper(tmp_path), build_search(old, ORDER)
    keep(build(old, ORDER, pairs)[0], pairs, tmp_path)
    assert amended(kept(tmp_path), edit, site.__getitem__)
    for path in sorted(tmp_path.iterdir()):
        sound = path.read_bytes()
        path.write_bytes(bytes((*sound[:-1], sound[-1] ^ 1)))
        with pytest.raises((ValueError, LookupError)):
            amended(kept(tmp_path), edit, site.__getitem__)
        path.write_bytes(sound)


Names = list[tuple[int, str]]
"""Kinds and texts that a document names."""

named = st.lists(st.tuples(st.integers(0, 5), st.text("淳于髡春醇余", min_size=1, max_size=4)), max_size=4, unique=True)
changes = st.lists(st.tuples(st.integers(0, 39), named), max_size=4)


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
        assert (refiled is None) == (filing.bits != whole.bits)
        if refiled:
            files = [filing.file(n, refiled.changes.get(n, {})) for n in range(len(filing.shards))]
            assert files == whole.files()
            assert {*refiled.terms} == {*whole.terms}
