"""Prose: synthetic Chinese text recombined from the archive's own stories, the same for the same seed."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from pathlib import Path

_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章"
_GIVEN = "文武德明清廉正直仁义礼智信忠孝廷安国邦子元伯仲叔季学思敬恭俭让宽裕升平瑞景云山海川"
_STEMS = (
    "夜深时他仍在灯下看卷",
    "来人把匣子放在案上",
    "县里的水渠三年没有修",
    "仓吏报来的数目对不上",
    "老人们说起那年的大旱",
    "他把俸米分给了邻舍",
    "船到渡口已是黄昏",
    "堂上只剩下两个书吏",
)


class Prose:
    """An endless source of different sentences."""

    def __init__(self, seed: int, clauses: Sequence[str]) -> None:
        self._random = random.Random(seed)
        self._clauses = list(clauses)
        self._said: set[str] = set()

    def name(self) -> str:
        """A person's name of two or three characters."""
        given = self._random.sample(_GIVEN, self._random.choice((1, 2, 2)))
        return self._random.choice(_SURNAMES) + "".join(given)

    def sentence(self) -> str:
        """A sentence of two to five clauses."""
        while True:
            parts = self._random.sample(self._clauses, self._random.randint(2, 5))
            if self._random.random() < 0.3:
                parts.insert(0, self.name())
            text = "，".join(parts) + "。"
            if text not in self._said:
                self._said.add(text)
                return text

    def paragraphs(self, characters: int) -> str:
        """Paragraphs of about this many characters in total."""
        out: list[str] = []
        length = 0
        while length < characters:
            paragraph = "".join(self.sentence() for _ in range(self._random.randint(2, 5)))
            out.append(paragraph)
            length += len(paragraph)
        return "\n\n".join(out)


def clauses_of(folder: Path) -> list[str]:
    """The distinct clauses of all Markdown bodies below a folder, in order of appearance."""
    clauses: dict[str, None] = dict.fromkeys(_STEMS)
    for path in sorted(folder.rglob("*.md")):
        body = path.read_text(encoding="utf-8").split("\n---\n", 1)[-1]
        for clause in re.split(r"[，。；：？！、“”‘’《》「」（）—…\s]+", body):
            if 3 <= len(clause) <= 18 and not re.search(r"[\[\]#>*_`|A-Za-z<]", clause):
                clauses[clause] = None
    return list(clauses)
