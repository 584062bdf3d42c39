"""Proof: what of an entry stands on the books at hand, and what does not."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from integrity_archive.cli.main import main
from integrity_archive.proof.books import BooksError, chapters, read_books, split_passages, volumes
from integrity_archive.proof.matching import find_exact, nearest_match
from integrity_archive.proof.numerals import spellings, to_chinese, to_int
from trees import write_tree

YANG = """\
## 后汉书·列传·杨震列传（后汉书/列传/杨震列传）
〔后汉书卷五十四；杨震传〕

楊震字伯起，弘農華陰人也。故所舉荆州茂才王密為昌邑令，謁見，至夜懷金十斤以遺震。
震曰：天知，神知，我知，子知。何謂無知！密愧而出。性公廉，不受私謁。子孫常蔬食步行。

## 太平御览·人事部六十六（太平御览/人事部六十六）
〔太平御览卷四百二十五〕

续汉书曰：杨震为东莱太守。

## 续汉书·杨震传

天知地知。
"""
SOURCES = [{"work": "后汉书", "locator": "卷五十四 杨震列传", "tier": "正史", "checked": True}]


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("ARCHIVE_CACHE", str(folder))
    return folder


def archive(folder: Path, body: str = "正文。", **values: Any) -> Path:
    story = {"set": {"sources": SOURCES, "places": ["昌邑"], "textual_note": "只据本传。", **values}, "body": body}
    return write_tree(folder / "archive", {"stories/yang.md": story})


def books(folder: Path, files: dict[str, str | bytes] | None = None) -> Path:
    for name, text in (files or {"yang.md": YANG}).items():
        path = folder / "books" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder / "books"


def run(root: Path, texts: Path, *more: str) -> Any:
    return CliRunner().invoke(main, ["--root", str(root), "-q", "proof", "--texts", str(texts), *more])


def found(root: Path, texts: Path) -> list[tuple[str, str, str]]:
    """Kind, level and claim of everything found."""
    result = run(root, texts, "--format", "json")
    assert result.exit_code in (0, 1), result.output
    return [(f["kind"], f["level"], f["claim"]) for f in json.loads(result.stdout)["findings"]]


def quote(text: str, work: str = "后汉书", locator: str = "卷五十四") -> dict[str, str]:
    return {"text": text, "work": work, "locator": locator}


# --- quotations ------------------------------------------------------------------------------------------------------


def test_a_quotation_is_found_in_traditional_characters_across_punctuation(tmp_path: Path) -> None:
    root = archive(tmp_path, quotes=[quote("天知，神知，我知，子知")])
    assert ("quote", "found", "天知，神知，我知，子知") in found(root, books(tmp_path))


def test_a_wrong_character_is_marked_beside_the_nearest_passage(tmp_path: Path) -> None:
    root = archive(tmp_path, quotes=[quote("天知，地知，我知，子知")])
    result = run(root, books(tmp_path), "--format", "json")
    (finding,) = (f for f in json.loads(result.stdout)["findings"] if f["kind"] == "quote")
    assert (result.exit_code, finding["level"]) == (1, "open")
    assert finding["pieces"] == [["天知，", True], ["地", False], ["知，我知，子知", True]]
    assert finding["excerpts"][0]["text"].startswith("天知，神知")
    assert (
        finding["line"]
        == (root / "stories/yang.md").read_text("utf-8").split("\n").index("- text: 天知，地知，我知，子知") + 1
    )


@pytest.mark.parametrize(
    ("work", "locator", "says"),
    [
        ("史记", "卷一", "不在手边"),
        ("太平御览", "卷四百二十五", "里没有，别的书里有"),
        ("后汉书", "卷五十五", "另一卷"),
    ],
)
def test_a_quotation_of_another_book_or_volume_is_told(tmp_path: Path, work: str, locator: str, says: str) -> None:
    root = archive(tmp_path, quotes=[quote("性公廉，不受私谒", work, locator)])
    assert says in run(root, books(tmp_path)).stdout


def test_words_in_quotation_marks_are_held_against_the_entrys_own_passage(tmp_path: Path) -> None:
    body = "书上写“不受私谒，子孙常蔬食步行”。\n\n他说“天知神知你知我知”。\n\n“谁也没有看见呀”，“清白吏子孙遗之”。"
    root = archive(tmp_path, body)
    assert [f for f in found(root, books(tmp_path)) if f[0] == "quoted"] == [
        ("quoted", "found", "不受私谒，子孙常蔬食步行"),
        ("quoted", "open", "天知神知你知我知"),
        ("quoted", "today", "谁也没有看见呀"),
        ("quoted", "reread", "清白吏子孙遗之"),
    ]


def test_words_that_another_book_than_the_one_named_before_them_has_are_listed(tmp_path: Path) -> None:
    body = "《续汉书》写“不受私谒，子孙常蔬食步行”。\n\n《续汉书》不同。《后汉书·杨震列传》写“性公廉，不受私谒”。"
    root = archive(tmp_path, body, sources=[*SOURCES, {"work": "续汉书", "locator": "杨震传", "tier": "典籍"}])
    result = run(root, books(tmp_path), "--format", "json")
    got = [(f["level"], f["what"]) for f in json.loads(result.stdout)["findings"] if f["kind"] == "quoted"]
    assert got == [("reread", "手边的《续汉书》里没有，别的书里有"), ("found", "一字不差")]


def test_a_book_whose_parts_count_their_volumes_anew_cannot_contradict_a_volume(tmp_path: Path) -> None:
    parts = {"a.txt": "后汉书 卷一\n光武帝纪", "b.txt": "后汉书 卷一\n性公廉，不受私谒，杨震昌邑"}
    source = {"work": "后汉书", "locator": "卷五十四", "tier": "正史", "checked": True}
    root = archive(tmp_path, quotes=[quote("性公廉，不受私谒")], sources=[source])
    got = found(root, books(tmp_path, parts))
    assert [f[:2] for f in got if f[0] in ("quote", "chapter", "checked")] == [
        ("quote", "reread"),
        ("chapter", "reread"),
    ]
    excerpts = {name: f"## 别的书\n文\n\n## {text.replace(chr(10), chr(10) * 2)}" for name, text in parts.items()}
    for name in parts:
        (tmp_path / "books" / name).unlink()
    got = found(root, books(tmp_path, {f"{name}.md": text for name, text in excerpts.items()}))
    assert [f[:2] for f in got if f[0] in ("quote", "chapter", "checked")] == [("quote", "open"), ("checked", "open")]


def test_what_the_textual_note_answers_is_no_fault(tmp_path: Path) -> None:
    wrong = "天知，地知，我知，子知"
    root = archive(tmp_path, quotes=[quote(wrong)], textual_note=f"别本作“{wrong}”，今从之。")
    assert ("quote", "answered", wrong) in found(root, books(tmp_path))
    assert run(root, books(tmp_path)).exit_code == 0


# --- sources ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ({"work": "后汉书", "locator": "卷六十 马融列传"}, ("chapter", "reread")),
        ({"work": "后汉书", "locator": "卷六十 马融列传", "checked": True}, ("checked", "open")),
        ({"work": "三国志", "locator": "卷一", "checked": True}, ("checked", "open")),
        ({"work": "三国志", "locator": "卷一"}, ("source", "reread")),
        ({"work": "三国志", "locator": "卷一", "checked": True, "url": "https://a.b"}, ("checked", "reread")),
        ({"work": "太平御览", "locator": "卷四百二十五（引《续汉书》）"}, ("through", "open")),
        ({"work": "太平御览", "locator": "卷四百二十五"}, ("unused", "open")),
    ],
)
def test_a_source_that_does_not_hold_is_named(
    tmp_path: Path, source: dict[str, Any], expected: tuple[str, str]
) -> None:
    root = archive(tmp_path, "杨震说天知神知。", sources=[*SOURCES, {"tier": "典籍", **source}])
    kinds = [f[:2] for f in found(root, books(tmp_path))]
    assert expected in kinds


def test_a_book_is_found_under_its_other_name(tmp_path: Path) -> None:
    source = {"work": "范史", "locator": "卷五十四", "tier": "正史", "checked": True, "note": "又名《后汉书》"}
    root = archive(tmp_path, sources=[source], quotes=[quote("性公廉，不受私谒", "范史")])
    got = found(root, books(tmp_path))
    assert [f[:2] for f in got if f[0] in ("quote", "checked", "source")] == [("quote", "found")]


def test_reports_of_today_are_not_expected_among_books(tmp_path: Path) -> None:
    texts = books(tmp_path, {"yang.md": YANG})
    root = archive(tmp_path, sources=[*SOURCES, {"work": "某报", "locator": "某日", "tier": "新闻"}])
    assert not [f for f in found(root, texts) if f[0] == "source"]


def test_a_source_is_in_use_when_it_is_named_or_its_words_are(tmp_path: Path) -> None:
    root = archive(tmp_path, "杨震举荐过王密，夜里怀金十斤以遗震。")
    assert not [f for f in found(root, books(tmp_path)) if f[0] in ("unused", "chapter", "checked", "source")]


def test_a_book_named_in_the_text_belongs_into_the_sources(tmp_path: Path) -> None:
    root = archive(tmp_path, "《续汉书·杨震传》另有说法，《没有这书》也是。")
    assert [f for f in found(root, books(tmp_path)) if f[0] == "unlisted"] == [("unlisted", "open", "续汉书")]


# --- what books do not say -------------------------------------------------------------------------------------------


def test_silences_numbers_and_names_are_listed(tmp_path: Path) -> None:
    body = "来的人带了十斤金子，另有三十匹绢。书上没有写王密后来怎样。"
    root = archive(tmp_path, body, people=["杨震", "王密", "王圣"], places=["昌邑", "龙口"], summary="一夜的事。")
    got = found(root, books(tmp_path))
    assert [f for f in got if f[0] in ("silence", "person", "place", "number")] == [
        ("silence", "reread", "书上没有写王密后来怎样。"),
        ("person", "open", "王圣"),
        ("place", "reread", "龙口"),
        ("number", "reread", "三十匹"),
    ]


@pytest.mark.parametrize(
    ("sentence", "listed"),
    [
        ("王密后来怎样，史书不载。", True),
        ("传里没说出来历。", False),
        ("他没有说话，走了。", False),
        ("他的话没有说完。", False),
        ("裴注还说了别的，片中没有讲。", False),
        ("信封没写名字。", False),
        ("传文中没有写来历。", True),
        ("正文也没有讲，因为《后汉书》没有写。", True),
    ],
)
def test_a_silence_is_one_of_a_source(tmp_path: Path, sentence: str, listed: bool) -> None:
    got = found(archive(tmp_path, sentence), books(tmp_path))
    assert [f[2] for f in got if f[0] == "silence"] == [sentence] * listed


def test_a_silence_in_a_text_with_omissions_is_marked(tmp_path: Path) -> None:
    texts = books(tmp_path, {"yang.md": YANG.replace("性公廉", "\n［…］\n\n性公廉")})
    assert "杨震列传（有删节）" in run(archive(tmp_path, "书上没有写王密后来怎样。"), texts).stdout


@pytest.mark.parametrize(
    ("words", "listed"),
    [
        ("三十匹", ["三十匹"]),
        ("1944 年 11 月 17 日", []),
        ("二〇二七年", []),
        ("一千六百多年", []),
        ("八九岁", []),
        ("五六百个钱", []),
        ("百千万金", []),
        ("三百多人", ["三百多人"]),
    ],
)
def test_numbers_that_are_ours_are_not_looked_for(tmp_path: Path, words: str, listed: list[str]) -> None:
    texts = books(tmp_path, {"yang.md": YANG.replace("性公廉", "与百千万金无异。性公廉")})
    root = archive(tmp_path, f"有{words}。", summary="一夜的事。")
    assert [f[2] for f in found(root, texts) if f[0] == "number"] == listed


@pytest.mark.parametrize(
    ("place", "listed"), [("弘农郡", []), ("陈国", []), ("掖县", []), ("晋国", ["晋国"]), ("龙口", ["龙口"])]
)
def test_a_place_is_known_without_its_rank(tmp_path: Path, place: str, listed: list[str]) -> None:
    texts = books(tmp_path, {"yang.md": YANG.replace("性公廉", "陈王与掖人，性公廉")})
    got = found(archive(tmp_path, places=[place]), texts)
    assert [f[2] for f in got if f[0] == "place"] == listed


@pytest.mark.parametrize(
    ("name", "levels"),
    [
        ("汉灵帝", []),
        ("灵光帝", ["reread"]),
        ("景公", ["reread"]),
        ("弘农王", ["reread"]),
        ("杨伯起", []),
        ("邓震", ["reread"]),
        ("王圣", ["open"]),
    ],
)
def test_rulers_and_given_names_are_known(tmp_path: Path, name: str, levels: list[str]) -> None:
    texts = books(tmp_path, {"yang.md": YANG.replace("性公廉", "灵帝时，性公廉")})
    got = found(archive(tmp_path, people=[name]), texts)
    assert [level for kind, level, _ in got if kind == "person"] == levels


def test_a_lesson_stands_on_the_sources_of_what_it_uses(tmp_path: Path) -> None:
    root = archive(tmp_path)
    activity = {"title": "读", "kind": "阅读", "minutes": 45, "entries": ["stories/yang"]}
    write_tree(
        root, {"docs/lessons/a.md": {"set": {"activities": [activity]}, "body": "《后汉书》写“性公廉，不受私谒”。"}}
    )
    result = run(root, books(tmp_path), "lessons/a", "--format", "json")
    got = [(f["kind"], f["level"]) for f in json.loads(result.stdout)["findings"]]
    assert ("quoted", "found") in got
    assert not [kind for kind, level in got if level == "open"]


@given(st.integers(1, 99_999_999))
def test_a_number_is_read_as_it_is_written(number: int) -> None:
    assert to_int(to_chinese(number)) == number
    assert all(to_int(s) == number for s in spellings(number) if "有" not in s and "两" not in s)


@pytest.mark.parametrize(
    ("numeral", "value"),
    [("一百三十二", 132), ("廿五", 25), ("二〇一八", 2018), ("五四", 54), ("万", 10_000), ("132", 132), ("十", 10)],
)
def test_numerals_of_either_script(numeral: str, value: int) -> None:
    assert to_int(numeral) == value


# --- books -----------------------------------------------------------------------------------------------------------


def test_books_of_any_nesting_and_encoding_are_read(tmp_path: Path) -> None:
    folder = books(
        tmp_path,
        {
            "史部/宋史/卷三.txt": "宋史 卷三\n\n太祖本纪。".encode("gb18030"),
            "a.md": "# 说苑·至公\n楚令尹虞丘子。",
            "README.md": "## 后汉书\n说明",
            ".git/x.md": "## 汉书\n不读",
            "utf16.txt": "新书\n正文".encode("utf-16"),
        },
    )
    titles = {p.title for p in read_books(folder).passages}
    assert titles == {"宋史 卷三", "说苑·至公", "新书"}
    assert [p.path for p in read_books(folder).of("宋史")] == ["史部/宋史/卷三.txt"]


def test_what_is_no_book_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    folder = books(tmp_path, {"yang.md": YANG, "b.txt": b"\0\1\2", "c.txt": b"\xff\xff\xff", "d.txt": b""})
    with open(folder / "big.txt", "wb") as stream:
        stream.truncate(200 << 20)
    os.mkfifo(folder / "pipe.txt")
    (folder / "link.txt").symlink_to("yang.md")
    (folder / "loop").symlink_to(".")
    (folder / "dangling.txt").symlink_to("nowhere")
    said = {p.path: p.what for p in read_books(folder).problems}
    assert sorted(said) == ["b.txt", "big.txt", "c.txt", "d.txt", "dangling.txt", "link.txt", "loop", "pipe.txt"]
    assert "空字节" in said["b.txt"] and "200 MB" in said["big.txt"] and "编码" in said["c.txt"]
    assert run(archive(tmp_path), folder).exit_code in (0, 1)


def test_a_damaged_place_does_not_cost_the_book(tmp_path: Path) -> None:
    data = YANG.encode()
    at = data.index("震曰".encode())
    folder = books(tmp_path, {"yang.md": data[: at + 1] + b"\xff" + data[at + 1 :], "cut.txt": data[:-5]})
    read = read_books(folder)
    assert any("性公廉" in p.body for p in read.of("后汉书"))
    assert {p.path for p in read.problems} == {"yang.md", "cut.txt"}
    assert "第 5 行" in next(p.what for p in read.problems if p.path == "yang.md")


def test_wide_characters_that_are_broken_are_refused(tmp_path: Path) -> None:
    folder = books(tmp_path, {"yang.md": YANG, "w.txt": b"\xff\xfe\x00\xd8\x41"})
    assert [p.path for p in read_books(folder).problems] == ["w.txt"]


def test_a_folder_that_cannot_be_entered_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = books(tmp_path, {"yang.md": YANG, "closed/a.md": YANG})
    scandir = os.scandir

    def refuse(path: str) -> Any:
        if os.path.basename(path) == "closed":
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr("os.scandir", refuse)
    assert [(p.path, p.what) for p in read_books(folder).problems] == [("closed", "读不了：没有权限")]


def test_a_name_that_is_no_text_can_be_displayed_and_written(tmp_path: Path) -> None:
    folder = books(tmp_path, {"yang.md": YANG})
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff\xfe.txt")).write_bytes(b"\0")
    for form in ("text", "json", "html"):
        out = tmp_path / f"proof.{form}"
        result = run(archive(tmp_path), folder, "--format", form, "--out", str(out))
        assert result.exit_code in (0, 1) and not isinstance(result.exception, Exception), result.output
        assert "空字节" in out.read_text("utf-8")


def test_a_heading_without_end_costs_no_time(tmp_path: Path) -> None:
    folder = books(tmp_path, {"yang.md": YANG, "long.md": "## " + "(" * 1_000_000 + "\n杨震"})
    assert run(archive(tmp_path), folder).exit_code in (0, 1)


@pytest.mark.parametrize("files", [{}, {"a.pdf": "x"}, {"a.txt": "english only"}])
def test_a_folder_without_books_is_refused_in_words(tmp_path: Path, files: dict[str, str | bytes]) -> None:
    folder = tmp_path / "books"
    folder.mkdir()
    if files:
        books(tmp_path, files)
    with pytest.raises(BooksError, match="没有可读的原文"):
        read_books(folder)
    result = run(archive(tmp_path), tmp_path / "nowhere")
    assert (result.exit_code, "没有这个文件夹" in result.output) == (1, True)


def test_titles_and_locators_are_understood() -> None:
    assert volumes("卷五十四 杨震列传；卷 8") >= {54}
    assert volumes("后汉书卷二十五、第3卷") >= {25, 3}
    assert chapters("卷五十四 杨震列传（并章怀注）") == {"杨震列传"}
    (one,) = split_passages("宋史-1941.txt", "宋史 卷四十六\n\n河渠三")
    assert one.volumes == {46} and "宋史" in one.names


def test_a_text_that_was_cut_does_not_show_what_is_not_in_it(tmp_path: Path) -> None:
    root = archive(tmp_path, quotes=[quote("此句在删去的那一段里")])
    whole = books(tmp_path)
    assert ("quote", "open", "此句在删去的那一段里") in found(root, whole)
    books(tmp_path, {"yang.md": YANG.replace("性公廉", "\n［…］\n\n性公廉")})
    assert ("quote", "reread", "此句在删去的那一段里") in found(root, whole)
    books(tmp_path, {"other.txt": "通鉴\n此句在删去的那一段里"})
    assert ("quote", "reread", "此句在删去的那一段里") in found(root, whole)
    books(tmp_path, {"yang.md": YANG})
    assert ("quote", "open", "此句在删去的那一段里") in found(root, whole)


def test_a_heading_may_note_that_a_text_is_not_at_hand(tmp_path: Path) -> None:
    folder = books(tmp_path, {"yang.md": YANG + "\n## 三国志·卷一 — 语料中没有\n\n只有网页。"})
    assert read_books(folder).of("三国志") == ()


HAN = st.text("天地神人知金玉清廉", min_size=4, max_size=12)


@given(st.lists(st.tuples(HAN, HAN), min_size=1, max_size=6), st.lists(HAN, min_size=1, max_size=6))
def test_wordings_are_found_where_they_are_and_nowhere_else(
    tmp_path_factory: pytest.TempPathFactory, texts: list[tuple[str, str]], wordings: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("books")
    for number, (one, two) in enumerate(texts):
        (folder / f"{number}.txt").write_text(f"题\n{one}。{two}", "utf-8")
    read = read_books(folder)
    for _ in range(2):  # looked for, then remembered
        got = find_exact(read, wordings)
        for wording in wordings:
            assert list(got[wording]) == [p for p in read.passages if wording in p.folded]


def test_the_nearest_passage_is_the_one_with_most_in_common(tmp_path: Path) -> None:
    read = read_books(books(tmp_path))
    near = nearest_match("至夜怀金二十斤以遗震", read.passages)
    assert near is not None and near.passage.title.startswith("后汉书")
    assert near.passage.folded[near.start : near.end] == "至夜怀金十斤以遗震"
    assert nearest_match("此语任何书上皆无", read.passages) is None


# --- output ----------------------------------------------------------------------------------------------------------


def test_the_page_stands_alone_and_shows_entry_and_book(tmp_path: Path) -> None:
    root = archive(tmp_path, "他说“<b>天知，地知，我知，子知</b>”。", quotes=[quote("天知，地知，我知，子知")])
    out = tmp_path / "proof.html"
    assert run(root, books(tmp_path), "--format", "html", "--out", str(out)).exit_code == 1
    page = out.read_text("utf-8")
    assert '<span class="differs">地</span>' in page and "杨震拒金" in page
    assert "<b>" not in page and "src=" not in page and "<script" not in page
    assert run(root, books(tmp_path), "--format", "html", "--out", str(out)).exit_code == 1  # its own like


def test_the_page_of_several_entries_begins_with_those_that_have_something_to_do(tmp_path: Path) -> None:
    root = archive(tmp_path, quotes=[quote("天知，地知，我知，子知")])
    write_tree(root, {"stories/b.md": {"set": {"title": "乙", "sources": SOURCES}, "body": "“性公廉，不受私谒”。"}})
    out = tmp_path / "proof.html"
    run(root, books(tmp_path), "--format", "html", "--out", str(out))
    page = out.read_text("utf-8")
    contents = page[page.index("<nav") : page.index("</nav>")]
    assert '<a href="#stories/yang">' in contents and "要改 1" in contents and "stories/b" not in contents
    assert '<section id="stories/yang">' in page and '<section id="stories/b">' in page


def test_a_file_of_others_and_the_archive_itself_are_not_written_over(tmp_path: Path) -> None:
    root = archive(tmp_path)
    mine = tmp_path / "mine.txt"
    mine.write_text("我的", "utf-8")
    for place in (mine, root / "stories/yang.md", root / "stories/new.txt", root):
        result = run(root, books(tmp_path), "--out", str(place))
        assert result.exit_code in (1, 2) and "Traceback" not in result.output
    assert mine.read_text("utf-8") == "我的"
    assert sorted(p.name for p in (root / "stories").iterdir()) == ["yang.md"]


def test_only_the_named_entries_are_held_and_an_unknown_one_is_refused(tmp_path: Path) -> None:
    root = archive(tmp_path)
    write_tree(root, {"stories/b.md": {"set": {"title": "乙"}}})
    assert "核对 1 个条目" in run(root, books(tmp_path), "stories/yang").stdout
    assert "核对 1 个条目" in run(root, books(tmp_path), str(root / "stories/yang.md")).stdout
    result = run(root, books(tmp_path), "stories/no")
    assert (result.exit_code, "没有“stories/no”这个条目" in result.output) == (2, True)


def test_a_damaged_cache_is_as_if_it_were_not_there(tmp_path: Path, cache: Path) -> None:
    root, texts = archive(tmp_path, quotes=[quote("天知，神知，我知，子知")]), books(tmp_path)
    first = found(root, texts)
    (file,) = (cache / "proof").iterdir()
    file.write_bytes(b"damaged" * 100)
    assert found(root, texts) == first
