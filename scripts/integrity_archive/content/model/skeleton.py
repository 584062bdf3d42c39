"""Skeleton: a new entry as a valid draft to fill in, with every required field and a pinyin slug."""

from __future__ import annotations

import datetime

from integrity_archive.content.model.placeholders import PLACEHOLDER, PLACEHOLDER_BODY
from integrity_archive.content.model.schema import KINDS
from integrity_archive.content.model.vocabulary import Vocabulary


def skeleton(kind: str, title: str, slug: str, vocabulary: Vocabulary, today: datetime.date) -> tuple[str, str]:
    """Path (below the archive's root) and text of a new draft."""
    record = KINDS[kind]
    first = {name: next(iter(vocabulary[name])) for name in ("periods", "tiers", "courses", "audiences", "activities")}
    fields = record.skeleton.format(
        slug=slug,
        today=today.isoformat(),
        period=_quoted(first["periods"]),
        tier=_quoted(first["tiers"]),
        course=_quoted(first["courses"]),
        audience=_quoted(first["audiences"]),
        activity=_quoted(first["activities"]),
        series=_quoted(next(iter(vocabulary["series"]))),
    )
    head = f"title: {_quoted(title)}\nsummary: {PLACEHOLDER}\n"
    tail = f"published: {today.isoformat()}\nstatus: draft          # 写好后改成 published\n"
    name = f"{slug}/index.md" if record.in_folder else f"{slug}.md"
    return f"{record.folder}/{name}", f"---\n{head}{fields}{tail}---\n\n{PLACEHOLDER_BODY}\n"


def _quoted(text: str) -> str:
    """The text as a YAML double-quoted scalar."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'
