"""Fixtures and the ``--accept`` option for golden cases."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import settings

# How long an example takes says something of the machine only; speed is measured by scripts/bench.
settings.register_profile("tests", deadline=None)
settings.load_profile("tests")

GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="write what golden cases print now; read the diff")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test with a ``<folder>_case`` argument runs once for each file of that golden folder."""
    for name in metafunc.fixturenames:
        folder = GOLDEN / name.removesuffix("_case")
        if name.endswith("_case") and folder.is_dir():
            cases = sorted(folder.glob("*.yml"))
            metafunc.parametrize(name, cases, ids=[c.stem for c in cases])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where processes share out the tests, long ones begin first: none shall be alone under way at the end."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: item.get_closest_marker("long") is None)


class Golden:
    """A case file: what goes in, then after a line ``=====`` what comes out, line by line."""

    def __init__(self, path: Path, accept: bool) -> None:
        self.path = path
        self.accept = accept
        text = path.read_text(encoding="utf-8")
        given, _, expected = text.partition("\n=====\n")
        self.given = yaml.safe_load(given)
        self._given_text = given
        self.expected = expected.strip().split("\n") if expected.strip() else []

    def compare(self, actual: list[str]) -> None:
        """Fail with a readable difference, or with ``--accept`` write it down."""
        if self.accept:
            self.path.write_text(
                self._given_text.rstrip("\n") + "\n=====\n" + "".join(f"{a}\n" for a in actual), "utf-8"
            )
        else:
            assert actual == self.expected, f"{self.path.name}: {self.given.get('says', '')}"


@pytest.fixture
def golden(request: pytest.FixtureRequest):
    """Opens a golden case."""
    return lambda path: Golden(path, request.config.getoption("--accept"))


@pytest.fixture
def disk_of(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Gives a disk of a size like ``512k``, where this system lets us have one."""
    made: list[Path] = []

    def disk(size: str) -> Path:
        where = tmp_path / f"disk{len(made)}"
        where.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(where)]
        if subprocess.run(command, capture_output=True).returncode:
            pytest.skip("may not mount")
        made.append(where)
        return where

    yield disk
    for where in made:
        subprocess.run(["umount", "-l", str(where)], check=True)
