"""Every rule an author can break, each as a case in ``golden/check``."""

from __future__ import annotations

import re
from pathlib import Path

import integrity_archive
from integrity_archive.build.examine import RULES, examine
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
