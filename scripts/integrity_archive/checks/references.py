"""Rules on references from one entry to another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from integrity_archive.checks.context import CheckContext
from integrity_archive.checks.places import field_problem
from integrity_archive.checks.rule import ARCHIVE, ENTRY, WRITTEN_ENTRY, rule
from integrity_archive.content.entry import Entry, InvalidEntry, Reach
from integrity_archive.content.loader import LoadedArchive
from integrity_archive.content.model.marks import Ref
from integrity_archive.content.model.schema import KINDS
from integrity_archive.support.problems import Problem, nearest

ACYCLIC = ("requires", "uses")
"""Relations that must not form a circle."""


@rule(scope=WRITTEN_ENTRY)
def references(entry: Entry | InvalidEntry, context: CheckContext) -> Iterator[Problem]:
    """References to an entry that does not exist, to itself, to the wrong kind, or to one that readers may not see."""
    for value, mark in context.marked(entry, Ref):
        if value.value == entry.id:
            yield field_problem(entry, value.loc, value.value, "引用了自己", "删去", "self-reference")
        elif fault := reference_fault(context, value.value, mark.kinds, public=entry.public):
            yield field_problem(entry, value.loc, value.value, *fault)


def reference_fault(
    context: CheckContext, id_: str, kinds: Sequence[str], *, public: bool
) -> tuple[str, str, str] | None:
    """Fault, remedy and rule of a wrong reference; None if it is right.

    Args:
        context: the archive.
        id_: what is referred to.
        kinds: kinds that may be referred to; empty for all.
        public: whether every reader can follow the reference.
    """
    target = context.entries.get(id_)
    if target is None:
        if id_ in context.written_ids:
            return None  # the fault of that entry is reported at its own file
        guess = _nearest_id(id_, context.entries)
        remedy = f"是不是“{guess}”？" if guess else "id 是文件的路径去掉 .md，如 stories/yang-zhen-si-zhi"
        return "没有这个条目", remedy, "dangling-reference"
    if kinds and target.kind not in kinds:
        wanted = "、".join(KINDS[k].label for k in kinds)
        return f"应当是{wanted}，这是{target.meta.label}", f"改成{wanted}的 id", "reference-kind"
    if public and not target.public:
        return (*hidden_fault(target.reach), "hidden-reference")
    return None


def hidden_fault(reach: Reach) -> tuple[str, str]:
    """Fault and remedy of a reference to an entry that has fewer readers than the one that refers to it."""
    if reach == Reach.DRAFT:
        return "是草稿，读者看不到", "先发布它（status: published），或删去引用"
    return "是内部资料，公开条目不能引用", "删去引用，或把本条也设为 visibility: internal"


def _nearest_id(value: str, ids: Iterable[str]) -> str | None:
    ids = list(ids)
    same_slug = [i for i in ids if i.rsplit("/", 1)[-1] == value.rsplit("/", 1)[-1]]
    return same_slug[0] if same_slug else nearest(value, ids)


@rule(scope=ENTRY)
def mutual_related(entry: Entry, context: CheckContext) -> Iterator[Problem]:
    """``related`` written on both sides: harmless, but two places to keep in step."""
    for index, other_id in enumerate(entry.meta.related):
        other = context.entries.get(other_id)
        if other and other_id > entry.id and entry.id in other.meta.related:
            what, remedy, loc = "两边都写了，写一边就够", "删去其中一处", ("related", index)
            yield field_problem(entry, loc, other_id, what, remedy, "mutual-related", severity="warning")


@rule(scope=ARCHIVE)
def circles(loaded: LoadedArchive, context: CheckContext) -> Iterator[Problem]:
    """Entries that require or use each other in a circle."""
    for relation in ACYCLIC:
        edges: dict[str, list[str]] = defaultdict(list)
        for entry in loaded.entries:
            for reference in entry.facts.references:
                if reference.relation == relation and reference.target != entry.id:
                    edges[entry.id].append(reference.target)
        for circle in _circles(edges):
            entry = context.entries[circle[0]]
            same_relation = (m for m in entry.marks if isinstance(m.mark, Ref) and m.mark.relation == relation)
            value = next(m for m in same_relation if m.value == circle[1])
            what = "引用成了一个圈：" + " → ".join(circle)
            yield field_problem(entry, value.loc, value.value, what, "去掉其中一环", "circular-reference")


def _circles(edges: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    """Each circle once, beginning with its smallest id."""
    done: set[str] = set()
    for start in sorted(edges):
        trail = [start]
        pending = [iter(edges[start])]
        while pending:
            step = next(pending[-1], None)
            if step is None:
                pending.pop()
                done.add(trail.pop())
            elif step in trail:
                circle = trail[trail.index(step) :]
                first = circle.index(min(circle))
                yield [*circle[first:], *circle[:first], circle[first]]
            elif step in edges and step not in done:
                trail.append(step)
                pending.append(iter(edges[step]))
