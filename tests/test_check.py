"""Every rule an author can break, each as a case in ``golden/check``."""

from __future__ import annotations

from pathlib import Path

from integrity_archive.build.examine import examine
from trees import write_tree


def test_says_everything_wrong_at_once(check_case: Path, golden, tmp_path: Path) -> None:
    case = golden(check_case)
    write_tree(tmp_path, case.given["files"])
    problems = examine(str(tmp_path)).problems
    case.compare([str(p) for p in problems])
