"""Formats: findings as text, as JSON, and as a page that displays entry and books side by side."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path

from jinja2 import Environment

from integrity_archive.proof.findings import KINDS, LEVELS, Finding, count_levels
from integrity_archive.support.problems import Problem

TEMPLATE = Path(__file__).with_name("page.html")
SIGNATURE = "archive proof"
"""At the beginning of every report, so that a later run recognises its own files."""
SHOWN = ("open", "reread")
"""Levels that the text report lists one by one; the others are only counted."""


def as_text(findings: Sequence[Finding], titles: Mapping[str, str], problems: Iterable[Problem] = ()) -> str:
    """Findings by entry, then the number of each level.

    Args:
        findings: the findings, grouped by entry.
        titles: title of every examined entry, by id.
        problems: books that could not be read.
    """
    lines = [f"对读（{SIGNATURE}）", *map(str, problems)]
    for id_, of_entry in groupby(findings, key=lambda f: f.entry):
        listed = [f for f in of_entry if f.level in SHOWN]
        if listed:
            lines += [f"\n== {titles.get(id_, id_)}（{id_}）==", *map(str, listed)]
    lines.append(f"\n{summary(findings, len(titles))}")
    return "\n".join(lines)


def summary(findings: Iterable[Finding], entries: int) -> str:
    """The number of findings of each level, on one line."""
    return (
        f"核对 {entries} 个条目："
        + "，".join(f"{LEVELS[level]} {n}" for level, n in count_levels(findings).items())
        + "。"
    )


def as_json(findings: Sequence[Finding], titles: Mapping[str, str], problems: Iterable[Problem] = ()) -> str:
    """An object with ``made_by``, ``entries`` (id, title), ``findings`` (as ``Finding``), ``unread`` and ``counts``."""
    data = {
        "made_by": SIGNATURE,
        "entries": [{"id": id_, "title": title} for id_, title in titles.items()],
        "findings": [asdict(finding) for finding in findings],
        "unread": [asdict(problem) for problem in problems],
        "counts": dict(count_levels(findings)),
    }
    return json.dumps(data, ensure_ascii=False, indent=2)


def as_html(findings: Sequence[Finding], titles: Mapping[str, str], problems: Iterable[Problem] = ()) -> str:
    """One page that needs no other file: statements of entries on the left, books on the right."""
    groups = [(id_, titles.get(id_, id_), list(of)) for id_, of in groupby(findings, key=lambda f: f.entry)]
    page = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(TEMPLATE.read_text("utf-8"))
    return page.render(
        groups=groups,
        levels=LEVELS,
        kinds=KINDS,
        problems=list(problems),
        signature=SIGNATURE,
        summary=summary(findings, len(titles)),
    )
