"""The site's search engine, run by Node on the files of a site: two searches are the same if it answers the same."""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SCRIPTS = HERE.parents[1] / "overrides" / "assets" / "js"
Question = tuple[str, str, Any]
"""Method of the engine, query, options."""
ALL = 500
"""More hits than a test has documents."""


@dataclass(frozen=True)
class Asked:
    answers: list[Any]
    """What the engine said to each question."""
    loaded: list[str]
    """Files that it read."""


def ask(site: Path, questions: Sequence[Question]) -> Asked:
    """The engine's answers from the search below a site, none of whose files is missing."""
    command = [_node(), str(HERE / "engine.js"), str(site), str(SCRIPTS)]
    done = subprocess.run(command, input=json.dumps(questions).encode(), capture_output=True, check=True)
    found = json.loads(done.stdout)
    assert found["missing"] == []
    return Asked(found["answers"], found["loaded"])


def assert_same_answers(site: Path, other: Path, questions: Sequence[Question]) -> None:
    """Two searches give the same hits, in the same order and with the same excerpts, counts and suggestions."""
    for question, one, two in zip(questions, ask(site, questions).answers, ask(other, questions).answers, strict=True):
        assert one == two, question


def questions_about(
    texts: Iterable[str], names: Iterable[str], filters: Any, chance: random.Random, most: int = 150
) -> list[Question]:
    """Pieces of texts, whole names, their beginnings and their sound; sorted, filtered and paged in every manner.

    Args:
        texts: what may be found; some pieces are turned round, so that most of these are not.
        names: titles, people, places; each is asked for.
        filters: values by facet.
        chance: picks the pieces.
        most: number of queries, taken at random.
    """
    queries = list(dict.fromkeys(_queries(list(texts), list(names), chance)))
    queries = chance.sample(queries, min(most, len(queries)))
    ways = [{"sort": "score"}, {"sort": "order"}, {"sort": "period"}, {"filters": filters}]
    found: list[Question] = []
    for n, query in enumerate(queries):
        found.append(("find", query, {"limit": 20, "facets": True, **ways[n % len(ways)]}))
        found.append(("suggest", query, 50))
        if n % 3 == 0:
            found.append(("find", query, {"limit": ALL, "offset": n % 2 * 10, **ways[n // 3 % len(ways)]}))
    return found


def _queries(texts: Sequence[str], names: Sequence[str], chance: random.Random) -> Iterator[str]:
    from integrity_archive.search.pinyin import spell

    for name in names:
        yield name
        yield name[: chance.randint(1, 3)]
        yield name[: len(name) // 2] + "齐" + name[len(name) // 2 :]
        for reading in spell(name)[:1]:
            yield reading.replace(" ", "")
            yield "".join(syllable[0] for syllable in reading.split())
            yield reading[: chance.randint(1, 4)]
    for text in texts:
        for _ in range(3):
            at, size = chance.randrange(max(1, len(text))), chance.randint(1, 8)
            piece = re.sub(r"\s", "", text[at : at + size])
            yield from (piece, piece[::-1], f"{piece} {chance.choice(texts)[:2]}", f"{piece[:2]} -{piece[2:4]}")
            yield f"“{piece}”"


@cache
def _node() -> str:
    if found := shutil.which("node"):
        return found
    import playwright  # brings a Node of its own

    return str(Path(playwright.__file__).parent / "driver" / "node")
