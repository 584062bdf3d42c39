"""Every rule an author can break, each as a case in ``golden/check``."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

import integrity_archive
from integrity_archive.build.examine import RULES, examine
from integrity_archive.content.front_matter import parse_yaml
from trees import write_tree


def test_says_everything_wrong_at_once(check_case: Path, golden, tmp_path: Path) -> None:
    case = golden(check_case)
    write_tree(tmp_path, case.given["files"])
    problems = examine(str(tmp_path)).problems
    case.compare([str(p) for p in problems])


def test_every_declared_rule_is_run() -> None:
    sources = [path.read_text("utf-8") for path in Path(integrity_archive.__file__).parent.rglob("*.py")]
    declared = [name for text in sources for name in re.findall(r"^@rule\(.*\)\ndef (\w+)", text, re.M)]
    assert len(declared) > 30
    assert sorted(declared) == sorted(rule.name for rule in RULES)


@given(st.lists(st.text("甲a1 -:#&*!|>%@`?,.[]{}'\"\\\t\n~=<－：", max_size=12), min_size=1, max_size=4))
@example(["%YAML 9", "甲"])
@example(["a: &甲", "b: *乙"])
@example(["a: !!int 甲", "...", "b: 1"])
def test_what_is_wrong_with_yaml_is_said_in_chinese_and_at_a_line_of_it(rows: list[str]) -> None:
    text = "\n".join(f"a{number}: {row}" for number, row in enumerate(rows)) + "\n"
    for written in (text, "\n".join(rows)):
        for problem in parse_yaml(written, "a.md", first_line=1)[1]:
            said = re.sub(r"“.*?”|以 . 开头|YAML", "", f"{problem.what}{problem.remedy}", flags=re.S)
            assert not re.search(r"[A-Za-z]{2}", said), (written, said)
            assert 1 <= problem.line <= written.count("\n") + 1
            assert "\t" in written or "制表符" not in problem.what
