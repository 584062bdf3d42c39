"""A site is whole, or the one before it is: when builds fail, are killed, meet, or find the disk full."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from integrity_archive.cli.main import main
from integrity_archive.output.folder import BusyError, output_lock
from integrity_archive.output.marker import MARKER
from trees import MKDOCS_YML, contents, write_tree


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = write_tree(tmp_path / "archive", {"mkdocs.yml": MKDOCS_YML, "stories/a.md": {"set": {}}})
    assert run(folder, "build").exit_code == 0
    return folder


def run(root: Path, *arguments: str) -> Any:
    return CliRunner().invoke(main, ["--root", str(root), "-q", *arguments])


def litter(root: Path) -> list[str]:
    return [p.name for p in root.iterdir() if p.name.startswith(".archive-work")]


@pytest.mark.parametrize("after", [0.1, 0.6, 1.0, 1.4, 1.8, 2.2])
def test_a_build_killed_at_any_time_leaves_the_site_and_the_next_sweeps_up(root: Path, after: float) -> None:
    before = contents(root / "site")
    (root / "stories/a.md").write_text((root / "stories/a.md").read_text("utf-8") + "添一句。\n", "utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "integrity_archive", "--root", str(root), "-q", "build"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(after)
    process.kill()
    process.wait()
    site = contents(root / "site")
    if process.returncode == -signal.SIGKILL and site != before:  # killed after the swap
        assert "添一句" in site["stories/a.html"].decode()
    assert run(root, "build").exit_code == 0
    assert "添一句" in (root / "site/stories/a.html").read_text("utf-8")
    assert litter(root) == []


def test_of_two_builds_at_once_the_second_says_so(root: Path) -> None:
    with output_lock(root / "site"):
        with pytest.raises(BusyError), output_lock(root / "site"):
            pass
        command = [sys.executable, "-m", "integrity_archive", "--root", str(root), "-q", "build"]
        second = subprocess.run(command, capture_output=True, text=True)
        assert second.returncode == 1
        assert "另一个程序正在写" in second.stderr
        assert "Traceback" not in second.stderr
    assert run(root, "build").exit_code == 0


def test_a_full_disk_is_named_and_the_site_stays(root: Path, disk_of: Callable[[str], Path]) -> None:
    small_disk = disk_of("512k")
    target = small_disk / "site"
    target.mkdir()
    for name in ("index.html", MARKER):
        shutil.copy(root / "site" / name, target / name)
    before = contents(target)
    result = run(root, "build", "--out", str(target))
    assert result.exit_code == 1
    assert f"错误：写不进 {target}：磁盘满了。" in result.output
    assert isinstance(result.exception, SystemExit)
    assert contents(target) == before
    assert sorted(os.listdir(small_disk)) == ["site"]


STRANGE = [
    {"TZ": "America/New_York", "LC_ALL": "C", "PYTHONHASHSEED": "1"},
    {"TZ": "Asia/Shanghai", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "4294967295"},
    {"TZ": "Pacific/Kiritimati", "LC_ALL": "POSIX", "PYTHONHASHSEED": "7"},
]


def test_the_bytes_depend_on_nothing_but_the_input(root: Path, tmp_path: Path) -> None:
    write_tree(
        root,
        {
            "stories/b.md": {"set": {"title": "乙", "people": ["王时中", "王世中"], "related": ["stories/a"]}},
            "docs/columns/c.md": {"set": {"solar_term": "小满"}},
            "heritage/d.md": {"set": {}},
            "docs/halls/e.md": {"set": {}},
        },
    )
    sites = []
    for number, environment in enumerate(STRANGE):
        folder = tmp_path / f"{'很深的/' * number}处 {number}"
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(root, folder, ignore=shutil.ignore_patterns("site"))
        subprocess.run(
            [sys.executable, "-m", "integrity_archive", "--root", str(folder), "-q", "build"],
            env={**os.environ, **environment},
            check=True,
            capture_output=True,
            cwd="/",
        )
        sites.append(contents(folder / "site"))
    assert len(sites[0]) > 60
    for other in sites[1:]:
        assert [p for p in sites[0] if sites[0][p] != other.get(p)] == []
        assert set(other) == set(sites[0])
