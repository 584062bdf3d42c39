"""Graph: entries related to an archive, with typed relations in both directions and an index of every facet.

It is computed once, from the entries that an edition admits only; so nothing else can be reached through it.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from integrity_archive.archive.slugs import Spelling, name_slugs, spellings
from integrity_archive.content.entry import Entry
from integrity_archive.content.model.dates import Moment
from integrity_archive.content.model.facets import FACETS, Facet
from integrity_archive.content.model.facts import Facts
from integrity_archive.content.model.field_types import SOLAR_TERMS
from integrity_archive.content.model.marks import Controlled, marks_of
from integrity_archive.content.model.record import Order, Record
from integrity_archive.content.model.schema import KINDS, RECORDS
from integrity_archive.content.model.vocabulary import Vocabulary


@dataclass(frozen=True)
class RelationType:
    """A type of relation and its name from either end."""

    forward: str
    backward: str


RELATIONS: Mapping[str, RelationType] = MappingProxyType(
    {
        "film": RelationType("影片", "影片所讲"),
        "uses": RelationType("课中用到", "用到本条的课"),
        "requires": RelationType("先修课程", "后续课程"),
        "exhibits": RelationType("展出的条目", "在哪里展出"),
        "playlist": RelationType("循环播放", "播放本片的展馆"),
        "related": RelationType("相关条目", "相关条目"),
    }
)
"""In the order of display on a page."""


@dataclass(frozen=True)
class Related:
    """The entries at the other end of one type of relation."""

    label: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class FacetValue:
    """One value of a facet and the entries that have it."""

    facet: Facet
    label: str
    slug: str
    hint: str
    entries: tuple[Entry, ...]
    initial: str = ""
    """Of a name, the letter of its pinyin under which an index lists it."""

    @property
    def uri(self) -> str:
        """``src_uri`` of its page."""
        return f"{self.facet.name}/{self.slug}.md"

    @property
    def url(self) -> str:
        return f"{self.facet.name}/{self.slug}.html"


@dataclass(frozen=True)
class Archive:
    """The entries of one edition, related."""

    entries: Mapping[str, Entry]
    """By id, in reading order."""
    related: Mapping[str, tuple[Related, ...]]
    """By id: relations in both directions."""
    facets: Mapping[str, Mapping[str, FacetValue]]
    """By facet name, then by label; values in the order of the vocabulary or by pinyin."""
    values: Mapping[str, Mapping[str, tuple[FacetValue, ...]]]
    """By id, then by facet name: the entry's values."""
    vocabulary: Vocabulary
    spellings: Mapping[str, Spelling]
    """Of every name that is a value of a facet."""

    @cached_property
    def collections(self) -> Mapping[str, tuple[Entry, ...]]:
        """Entries by kind, in reading order; a kind without entries is left out."""
        by_kind: dict[str, list[Entry]] = defaultdict(list)
        for entry in self.entries.values():
            by_kind[entry.kind].append(entry)
        return {kind: tuple(by_kind[kind]) for kind in KINDS if kind in by_kind}

    @property
    def dated(self) -> datetime.date | None:
        """Day of the newest entry, or of the newest change to one; None if no entry has a date."""
        days = [day for e in self.entries.values() for day in (e.facts.updated, e.facts.day) if day]
        return datetime.date.fromisoformat(max(days)) if days else None

    @cached_property
    def neighbours(self) -> Mapping[str, tuple[Entry | None, Entry | None]]:
        """By id: the previous and the next entry of the same sequence (a story's period, a series, a course).

        Numbered entries follow their numbers, also where the collection is read in another order.
        """
        sequences: dict[tuple[str, str], list[Entry]] = defaultdict(list)
        for entry in self.entries.values():
            sequences[entry.kind, entry.facts.sequence].append(entry)
        for sequence in sequences.values():
            sequence.sort(key=lambda entry: _number_key(entry.facts))
        return {
            entry.id: (sequence[n - 1] if n else None, sequence[n + 1] if n + 1 < len(sequence) else None)
            for sequence in sequences.values()
            for n, entry in enumerate(sequence)
        }


NO_SPELLINGS: Mapping[str, Spelling] = MappingProxyType({})


def relate(
    entries: Iterable[Entry],
    vocabulary: Vocabulary,
    admits: Callable[[Entry], bool],
    known: Mapping[str, Spelling] = NO_SPELLINGS,
) -> Archive:
    """Build the archive of the entries an edition admits.

    Args:
        entries: all entries.
        vocabulary: that of the archive.
        admits: whether the edition contains an entry.
        known: spellings of names, from an earlier build.
    """
    admitted = sorted((e for e in entries if admits(e)), key=_reading_order(vocabulary))
    by_id = {e.id: e for e in admitted}
    names = {label for e in admitted for name, label in e.facts.values if not FACETS[name].controlled}
    spelled = spellings(names, known)
    facets, values = _facets(by_id, vocabulary, spelled)
    return Archive(
        MappingProxyType(by_id),
        MappingProxyType(_relations(by_id)),
        MappingProxyType(facets),
        values,
        vocabulary,
        MappingProxyType(spelled),
    )


_NEVER = 10_000
"""After every year that ``Dates`` allows, also backwards."""


def _reading_order(vocabulary: Vocabulary) -> Callable[[Entry], tuple[object, ...]]:
    """A sort key: by kind, then by the keys that the kind declares (``Record.reading_order``), last by id."""
    keys = _order_keys(vocabulary)
    ranked = {record.kind: (rank, [keys[name] for name in record.reading_order]) for rank, record in enumerate(RECORDS)}

    def order(entry: Entry) -> tuple[object, ...]:
        rank, of_kind = ranked[entry.facts.kind]
        return (rank, *(key(entry.facts) for key in of_kind), entry.facts.id)

    return order


def _order_keys(vocabulary: Vocabulary) -> Mapping[Order, Callable[[Facts], object]]:
    """What each key of ``Record.reading_order`` means, as a function from facts to values that sort.

    newest: by the day of publication, backwards; what belongs to a solar term comes round each year and stands last.
    solar_year: by solar term, from the beginning of spring.
    sequence: by the vocabulary's order of sequences (series, courses), then by number.
    history: by period, then by date; without a date at the period's end.
    latest: by the last date, backwards; without a date last.
    """
    periods = {label: rank for rank, label in enumerate(vocabulary["periods"])}
    sequences = {record.kind: _sequence_ranks(record, vocabulary) for record in RECORDS}

    def newest(facts: Facts) -> int:
        return 0 if facts.solar_term or not facts.day else -datetime.date.fromisoformat(facts.day).toordinal()

    def solar_year(facts: Facts) -> int:
        return SOLAR_TERMS.index(facts.solar_term) if facts.solar_term else 0

    def sequence(facts: Facts) -> tuple[int, tuple[bool, int]]:
        return sequences[facts.kind].get(facts.sequence, 0), _number_key(facts)

    def history(facts: Facts) -> tuple[int, Moment]:
        start = facts.dates[0] if facts.dates else Moment(_period_end(vocabulary, facts.period))
        return periods.get(facts.period, len(periods)), start

    def latest(facts: Facts) -> tuple[int, ...]:
        return tuple(-part for part in facts.dates[1]) if facts.dates else (_NEVER,)

    return {"newest": newest, "solar_year": solar_year, "sequence": sequence, "history": history, "latest": latest}


def _number_key(facts: Facts) -> tuple[bool, int]:
    """Order within a sequence, by number."""
    return KINDS[facts.kind].unnumbered_last and not facts.number, facts.number


def _sequence_ranks(record: type[Record], vocabulary: Vocabulary) -> Mapping[str, int]:
    """Ranks of a kind's sequences by label; empty where their names are not from the vocabulary."""
    marks = marks_of(record.model_fields[record.sequence])
    labels = (label for mark in marks if isinstance(mark, Controlled) for label in vocabulary[mark.list])
    return {label: rank for rank, label in enumerate(labels)}


def _period_end(vocabulary: Vocabulary, label: str) -> int:
    period = vocabulary.period(label)
    return period.end if period else 9999


def _relations(by_id: Mapping[str, Entry]) -> dict[str, tuple[Related, ...]]:
    """For each entry the entries it is related to, grouped by the label that the relation has on its side."""
    ends: dict[str, dict[str, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))
    for entry in by_id.values():
        for reference in entry.facts.references:
            if reference.target not in by_id:
                continue
            source, target = entry.id, reference.target
            if reference.reverse:
                source, target = target, source
            relation = RELATIONS[reference.relation]
            ends[source][relation.forward][target] = None
            ends[target][relation.backward][source] = None
    labels = list(dict.fromkeys(label for r in RELATIONS.values() for label in (r.backward, r.forward)))
    position = {id_: i for i, id_ in enumerate(by_id)}
    return {
        id_: tuple(
            Related(label, tuple(by_id[i] for i in sorted(by_label[label], key=position.__getitem__)))
            for label in labels
            if label in by_label
        )
        for id_, by_label in ends.items()
    }


def _facets(
    by_id: Mapping[str, Entry], vocabulary: Vocabulary, spelled: Mapping[str, Spelling]
) -> tuple[dict[str, Mapping[str, FacetValue]], dict[str, Mapping[str, tuple[FacetValue, ...]]]]:
    members: dict[str, dict[str, dict[str, None]]] = {name: defaultdict(dict) for name in FACETS}
    carried: dict[str, dict[str, dict[str, None]]] = {}
    for entry in by_id.values():
        mine = carried[entry.id] = {}
        for name, label in entry.facts.values:
            members[name][label][entry.id] = None
            mine.setdefault(name, {})[label] = None
    facets = {
        name: MappingProxyType(_values(facet, members[name], by_id, vocabulary, spelled))
        for name, facet in FACETS.items()
    }
    values = {
        id_: {name: tuple(facets[name][label] for label in labels) for name, labels in mine.items()}
        for id_, mine in carried.items()
    }
    return dict(facets), dict(values)


def _values(
    facet: Facet,
    members: Mapping[str, Mapping[str, None]],
    by_id: Mapping[str, Entry],
    vocabulary: Vocabulary,
    spelled: Mapping[str, Spelling],
) -> dict[str, FacetValue]:
    if facet.controlled:
        return {
            label: FacetValue(facet, label, term.id, term.hint or "", tuple(by_id[i] for i in members[label]))
            for label, term in vocabulary[facet.name].items()
            if label in members
        }
    mine = {label: spelled[label] for label in members}
    slugs = name_slugs(mine)
    return {
        label: FacetValue(facet, label, slugs[label], "", tuple(by_id[i] for i in members[label]), mine[label].initial)
        for label in sorted(members, key=lambda label: mine[label].sort_key)
    }
