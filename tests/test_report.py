"""The report of what an editor still has to do."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from integrity_archive.cli import main
from trees import write_tree

SAYINGS = "sayings:\n  - {text: 清、慎、勤, work: 官箴, locator: 首条, tier: 典籍, units: [机关]}\n"
SENTENCE = "他把那十斤金子原样推了回去，一句重话也没有说。"


def said(root: Path) -> dict[str, list[str]]:
    """Lines of each section by its title."""
    result = CliRunner().invoke(main, ["--root", str(root), "report"])
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


def test_an_archive_with_errors_gets_those_first(tmp_path: Path) -> None:
    write_tree(tmp_path, {"stories/a.md": {"set": {"period": "战国"}}})
    result = CliRunner().invoke(main, ["--root", str(tmp_path), "report"])
    assert result.exit_code == 1
    assert "stories/a.md" in result.output


def test_the_projects_own_collection_is_balanced_and_leads_everywhere() -> None:
    report = said(Path(__file__).resolve().parents[1])
    assert report["不均衡的地方"] == []
    assert report["与别的条目没有联系的条目"] == []
    assert report["没有一课、一馆用到的故事"] == []
