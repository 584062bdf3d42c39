"""Small archives written out as real folders, so that a test shows its input as a tree."""

from __future__ import annotations

import copy
import datetime
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from film_files import film_of
from integrity_archive.content.front_matter import split
from integrity_archive.content.model.placeholders import PLACEHOLDER
from integrity_archive.content.model.schema import KINDS, RECORDS
from integrity_archive.content.model.skeleton import skeleton
from integrity_archive.content.model.vocabulary import load_vocabulary
from integrity_archive.output.marker import MARKER

ROOT = Path(__file__).resolve().parents[1]

WRITTEN: Mapping[str, dict[str, Any]] = {
    "story": {
        "title": "杨震拒金",
        "summary": "夜里来的人带着十斤金子。",
        "people": ["杨震"],
        "places": ["昌邑"],
        "period": "东汉",
        "virtues": ["清"],
        "units": ["机关"],
        "sources": [{"work": "后汉书", "locator": "卷五十四", "tier": "正史", "checked": True}],
        "credibility": "史实",
        "figure": {"name": "杨震"},
        "questions": ["没有人看见的礼，收了算不算收？"],
        "textual_note": "四知的字句各本不同。",
        "published": "2026-11-23",
    },
    "craft": {
        "title": "龙口粉丝",
        "summary": "浆里来，水里去。",
        "listing": {"level": "国家级", "year": 2014, "applicant": "招远市"},
        "steps": [{"name": "推粉", "text": "石磨磨碎。"}, {"name": "晒粉", "text": "拣不起尘之地。"}],
        "metaphor": {"step": "晒粉", "text": "怕沾尘。"},
    },
    "video": {"title": "粉丝", "summary": "一碗粉丝的来路。", "media": "film.mp4"},
    "hall": {"title": "展馆", "summary": "一间屋子。", "zones": [{"title": "序厅"}]},
    "lesson": {
        "title": "第一课",
        "summary": "从四知讲起。",
        "course": "党校必修课",
        "audiences": ["党员干部"],
        "minutes": 45,
        "objectives": ["能说出四知各指什么"],
        "activities": [{"title": "读史料", "kind": "阅读", "minutes": 45}],
    },
    "article": {"title": "小满", "summary": "小满不自满。", "series": "廿四“洁”气", "published": "2026-05-21"},
}
FOLDERS = {record.folder: record.kind for record in RECORDS}


def _from_skeleton(kind: str) -> dict[str, Any]:
    """A valid entry of a kind as ``archive new`` begins it, with something in every placeholder."""
    vocabulary, _ = load_vocabulary(str(ROOT))
    assert vocabulary is not None
    _, text = skeleton(kind, KINDS[kind].label, "a", vocabulary, datetime.date(2026, 11, 23))
    matter, problems = split(text.replace(PLACEHOLDER, "某"), "a.md")
    assert matter is not None and problems == []
    return {name: value for name, value in matter.tree.values.items() if name != "status"}


BASES: Mapping[str, dict[str, Any]] = {kind: WRITTEN.get(kind) or _from_skeleton(kind) for kind in KINDS}
"""A valid entry of every kind."""


def kind_of(path: str) -> str:
    """The kind of entry that lives at a path."""
    return next(kind for folder, kind in FOLDERS.items() if path.startswith(folder + "/"))


def entry_text(kind: str, values: Mapping[str, Any] | None = None, body: str = "正文。") -> str:
    """A valid entry with some values replaced; a value of None drops the field."""
    record = {**copy.deepcopy(BASES[kind]), **(values or {})}
    head = yaml.safe_dump({k: v for k, v in record.items() if v is not None}, allow_unicode=True, sort_keys=False)
    return f"---\n{head}---\n\n{body}\n"


def write_tree(root: Path, files: Mapping[str, Any]) -> Path:
    """Write files below ``root``, which gets the project's own vocabulary unless it brings one.

    A file is its text, or a mapping: ``set``/``body`` for an entry made from a valid one, ``encoding``/``text`` for
    text in another encoding, ``repeat``/``times`` for a big one, ``film`` for a film of so many seconds, ``symlink``
    for a link, ``touch`` for an empty one.
    """
    if "docs/vocabulary.yml" not in files:
        (root / "docs").mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "docs" / "vocabulary.yml", root / "docs" / "vocabulary.yml")
    for path, content in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Mapping) and "symlink" in content:
            os.symlink(content["symlink"], target)
        elif content is not None:
            target.write_bytes(_bytes(path, content))
    return root


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, except the markers of output folders: their ids are random."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != MARKER]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def _bytes(path: str, content: Any) -> bytes:
    if isinstance(content, str):
        return content.encode()
    if isinstance(content, bytes):
        return content
    if "encoding" in content:
        return str(content.get("text") or entry_text(kind_of(path))).encode(content["encoding"])
    if "repeat" in content:
        return str(content["repeat"]).encode() * int(content["times"])
    if "film" in content:
        return film_of(content)
    if "touch" in content:
        return b""
    text = entry_text(kind_of(path), content.get("set"), content.get("body", "正文。"))
    if "replace" in content:
        for old, new in content["replace"].items():
            assert old in text, f"{old!r} is not in the entry"
            text = text.replace(old, new)
    return text.encode()


MKDOCS_YML = """\
site_name: 试验馆
theme: {name: material, language: zh, font: false}
plugins: [archive]
"""
