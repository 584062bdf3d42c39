"""The report of what an editor still has to do."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from integrity_archive.cli.main import main
from trees import entry_text, write_tree

SAYINGS = "sayings:\n  - {text: 清、慎、勤, work: 官箴, locator: 首条, tier: 典籍, units: [机关]}\n"
SENTENCE = "他把那十斤金子原样推了回去，一句重话也没有说。"


def said(root: Path, *options: str) -> dict[str, list[str]]:
    """Lines of each section by its title."""
    result = CliRunner().invoke(main, ["--root", str(root), "report", *options])
    assert result.exit_code == 0, result.output
    sections: dict[str, list[str]] = {}
    for line in result.stdout.splitlines():
        if line.startswith("== "):
            title = line.strip("= ").split("（")[0].split("：")[0]
            sections[title] = []
        elif line:
            sections[title].append(line)
    return sections


def test_the_report_names_every_loose_end_with_its_place(tmp_path: Path) -> None:
    unchecked = [{"work": "某报", "locator": "某日", "tier": "新闻"}]
    write_tree(
        tmp_path,
        {
            "stories/a.md": {"set": {"title": "甲"}, "body": f"夜里。\n\n{SENTENCE}\n\n生年待补。"},
            "stories/b.md": {
                "set": {"title": "乙", "sources": unchecked, "textual_note": "批次待核。"},
                "body": SENTENCE.replace("原样", "照样"),
            },
            "docs/halls/c.md": {"set": {"title": "丙", "zones": [{"title": "序厅", "exhibits": ["stories/a"]}]}},
            "docs/sayings.yml": SAYINGS,
        },
    )
    report = said(tmp_path)
    assert report["没有一条出处核对过的条目"] == ["stories/b.md:13"]
    assert report["没有核对过的短句"] == ["docs/sayings.yml:2: 清、慎、勤（官箴）"]
    assert report["待补与待核"] == ["stories/a.md:31: 生年待补。", "stories/b.md:22: 批次待核。"]
    assert report["与别的条目没有联系的条目"] == ["stories/b"]
    assert report["没有一课、一馆用到的故事"] == ["stories/b"]
    assert any("“机关”只有 2 条" in line for line in report["不均衡的地方"])
    [echo] = report["不同条目里相近的句子"]
    assert "stories/a" in echo
    assert "stories/b" in echo


def test_a_gap_in_a_long_note_is_named_by_its_own_line(tmp_path: Path) -> None:
    story = entry_text("story", {"textual_note": None}).replace(
        "published:", "textual_note: |\n  四知的字句各本不同。\n\n  生年待补。\n  卒年无考，葬地待核。\npublished:"
    )
    write_tree(tmp_path, {"stories/a.md": story})
    rows = story.split("\n")
    assert said(tmp_path)["待补与待核"] == [
        f"stories/a.md:{rows.index('  生年待补。') + 1}: 生年待补。",
        f"stories/a.md:{rows.index('  卒年无考，葬地待核。') + 1}: 卒年无考，葬地待核。",
    ]


def test_a_story_that_is_thin_is_named_with_what_it_lacks(tmp_path: Path) -> None:
    write_tree(tmp_path, {"stories/a.md": {"set": {"textual_note": "无。"}, "body": "太短。"}})
    assert said(tmp_path)["篇幅、讨论题、史料辨析不合要求的故事"] == [
        "stories/a.md:27: 正文 2 字（不计标点），宜在 600—1800 字",
        "stories/a.md:21: 只有 1 道讨论题，宜有两三道",
        "stories/a.md:23: 史料辨析只有 2 字，说清依据哪部书、有没有异文",
    ]


def test_the_report_is_given_beside_errors(tmp_path: Path) -> None:
    write_tree(tmp_path, {"stories/a.md": {"set": {"title": None}}, "stories/b.md": {"set": {"title": "乙"}}})
    result = CliRunner().invoke(main, ["--root", str(tmp_path), "report"])
    assert result.exit_code == 0
    assert "有 1 处错误" in result.stderr
    assert "故事 1" in result.stdout


def test_without_a_vocabulary_there_is_no_report(tmp_path: Path) -> None:
    write_tree(tmp_path, {"stories/a.md": {}, "docs/vocabulary.yml": "periods: 3\n"})
    result = CliRunner().invoke(main, ["--root", str(tmp_path), "report"])
    assert result.exit_code == 1
    assert "docs/vocabulary.yml" in result.output


def test_old_law_and_habits_of_prose_are_counted_and_so_is_what_is_to_be_proved(tmp_path: Path) -> None:
    body = "短句。\n\n也许有人会问，可是书上没有写。"
    write_tree(
        tmp_path,
        {
            "stories/a.md": {"set": {"questions": ["该不该收？", "为什么？", "后来呢？"]}, "body": body},
            "stories/b.md": {"set": {"title": "乙"}, "body": "他说“天知，神知，我知，子知”，" * 3},
            "docs/columns/c.md": {"set": {"title": "丙", "as_of": "2024-05-01"}},
            "docs/columns/d.md": {"set": {"title": "丁", "as_of": "2026-05-01"}},
        },
    )
    sections = said(tmp_path, "--law-before", "2025-01-01")
    (old,) = sections["法规依据早于 2025-01-01 的条目"]
    assert old.startswith("docs/columns/c.md:") and old.endswith("依据截至 2024-05-01")
    habits = sections["故事里常用的写法"]
    for habit in ("正好三道讨论题", "第一段不过 25 字", "最后一段写“没有”", "说书上没有", "写“可是”"):
        assert f"{habit}：1 篇，共 2 篇" in habits
    assert "引号里六个字以上的话：3" in sections["对读时要问的"]
    assert "说书上没有的句子：1" in sections["对读时要问的"]
    assert "人名：2" in sections["对读时要问的"]
