"""Synthetic archive: many entries of all kinds with many relations, only for measuring."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from integrity_archive.bench.prose import Prose, clauses_of
from integrity_archive.content.model.schema import KINDS
from integrity_archive.content.model.vocabulary import Vocabulary, load_vocabulary

SHARES = {"story": 0.62, "craft": 0.12, "hall": 0.04, "lesson": 0.1, "article": 0.12}
"""Shares of the kinds. There are no films, because their cost is in media, not in pages."""
CHARACTERS = 1_000
"""Mean length of a body, in characters."""

MKDOCS_YML = "site_name: 试验馆\ntheme: {name: material, language: zh, font: false}\nplugins: [archive]\n"


def write_archive(project: Path, target: Path, entries: int, seed: int = 1) -> None:
    """Write an archive of ``entries`` entries into the empty folder ``target``."""
    vocabulary, _ = load_vocabulary(str(project))
    if vocabulary is None:
        raise FileNotFoundError(project / "docs" / "vocabulary.yml")
    (target / "docs").mkdir(parents=True)
    shutil.copy(project / "docs" / "vocabulary.yml", target / "docs" / "vocabulary.yml")
    shutil.copy(project / "docs" / "index.md", target / "docs" / "index.md")
    (target / "mkdocs.yml").write_text(MKDOCS_YML, encoding="utf-8")
    maker = _Maker(vocabulary, Prose(seed, clauses_of(project / "stories")), random.Random(seed), entries)
    for path, text in maker.files():
        file = target / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


class _Maker:
    def __init__(self, vocabulary: Vocabulary, prose: Prose, chance: random.Random, entries: int) -> None:
        self.prose = prose
        self.chance = chance
        self.labels = {name: list(terms) for name, terms in vocabulary.lists.items()}
        self.periods = [p for label in vocabulary["periods"] if (p := vocabulary.period(label))]
        self.people = [prose.name() for _ in range(max(20, entries // 5))]
        self.places = [prose.name()[:2] + self.chance.choice("县州郡里镇") for _ in range(max(10, entries // 20))]
        self.counts = {kind: max(1, int(entries * share)) for kind, share in SHARES.items()}
        self.counts["story"] += entries - sum(self.counts.values())

    def files(self) -> list[tuple[str, str]]:
        """Path and text of every entry."""
        return [
            (f"{KINDS[kind].folder}/{self._slug(kind, n)}.md", self._entry(kind, n))
            for kind, count in self.counts.items()
            for n in range(count)
        ]

    def _slug(self, kind: str, number: int) -> str:
        return f"{kind}-{number:05d}"

    def _id(self, kind: str) -> str:
        section = KINDS[kind].folder.rsplit("/", 1)[-1]
        return f"{section}/{self._slug(kind, self.chance.randrange(self.counts[kind]))}"

    def _some(self, items: list[str], most: int, least: int = 1) -> list[str]:
        return self.chance.sample(items, min(len(items), self.chance.randint(least, most)))

    def _entry(self, kind: str, number: int) -> str:
        period = self.chance.choice(self.periods)
        record: dict[str, Any] = {
            "title": f"{self.prose.name()}{self.prose.sentence()[:8].rstrip('，。')}{number}",
            "summary": self.prose.sentence()[:110],
            "people": list(dict.fromkeys(self._some(self.people, 3))),
            "places": list(dict.fromkeys(self._some(self.places, 2))),
            "period": period.label,
            "dates": {"from": self.chance.randint(period.start, period.end) or 1, "circa": True},
            "virtues": self._some(self.labels["virtues"], 3),
            "units": self._some(self.labels["units"], 2),
            "audiences": self._some(self.labels["audiences"], 2),
            "tags": [self.prose.name() for _ in range(2)],
            "sources": [self._source() for _ in range(self.chance.randint(1, 3))],
            "credibility": self.chance.choice(["史实", "存疑", "传说"]),
            "related": sorted({self._id("story") for _ in range(2)} - {f"stories/{self._slug('story', number)}"}),
            "published": f"2026-{self.chance.randint(1, 11):02d}-{self.chance.randint(1, 28):02d}",
            **self._own(kind),
        }
        head = "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in record.items())
        return f"---\n{head}---\n\n{self._body(kind)}\n"

    def _source(self) -> dict[str, Any]:
        tier = self.chance.choice(self.labels["tiers"])
        return {"work": self.prose.name() + "志", "locator": f"卷{self.chance.randint(1, 300)}", "tier": tier}

    def _own(self, kind: str) -> dict[str, Any]:
        own: dict[str, Callable[[], dict[str, Any]]] = {
            "story": self._story,
            "craft": self._craft,
            "hall": self._hall,
            "lesson": self._lesson,
            "article": lambda: {"series": self.chance.choice(self.labels["series"])},
        }
        return own[kind]()

    def _story(self) -> dict[str, Any]:
        return {
            "figure": {"name": self.chance.choice(self.people), "offices": [self.prose.name() for _ in range(3)]},
            "quotes": [{"text": self.prose.sentence()[:16], "work": "试书", "locator": "卷一"}],
            "questions": [self.prose.sentence() for _ in range(2)],
            "textual_note": self.prose.sentence() + self.prose.sentence(),
        }

    def _craft(self) -> dict[str, Any]:
        steps = [{"name": f"第{n}道", "text": self.prose.sentence()} for n in range(1, 8)]
        return {
            "listing": {"level": self.chance.choice(["省级", "市级", "未核"])},
            "steps": steps,
            "metaphor": {"step": "第3道", "text": self.prose.sentence()},
        }

    def _hall(self) -> dict[str, Any]:
        exhibits = [sorted({self._id("story") for _ in range(6)}) for _ in range(3)]
        return {"zones": [{"title": f"第{n}展区", "exhibits": ids} for n, ids in enumerate(exhibits, 1)]}

    def _lesson(self) -> dict[str, Any]:
        minutes = [10, 20, 15]
        return {
            "course": self.chance.choice(self.labels["courses"]),
            "minutes": sum(minutes),
            "objectives": [self.prose.sentence()],
            "activities": [
                {
                    "title": f"环节{n}",
                    "kind": self.chance.choice(self.labels["activities"]),
                    "minutes": m,
                    "entries": sorted({self._id("story"), self._id("craft")}),
                }
                for n, m in enumerate(minutes, 1)
            ],
        }

    def _body(self, kind: str) -> str:
        way = "../" if KINDS[kind].folder.count("/") == 0 else "../../"
        target = f"{way}stories/{self._slug('story', self.chance.randrange(self.counts['story']))}.md"
        length = self.chance.randint(CHARACTERS // 2, CHARACTERS * 3 // 2)
        first, second = self.prose.paragraphs(length // 2), self.prose.paragraphs(length // 2)
        return f"{first}\n\n## {self.prose.sentence()[:10]}\n\n又见[另一篇]({target})。\n\n{second}"
