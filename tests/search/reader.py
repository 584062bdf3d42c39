"""A second reader of the search files, in Python, so that the format is tested apart from the engine."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from integrity_archive.search.bits import ESCAPE, UNIT_BASE
from integrity_archive.search.fold import SINGLE, WORD, class_table, normal
from integrity_archive.search.postings import HEADER_BITS, MIX, word_hash


class Bits:
    """The stream of bits in a packed payload."""

    def __init__(self, text: str) -> None:
        self.bits = "".join(f"{ord(c) - UNIT_BASE:015b}" for c in text)
        self.at = 0

    def read(self, width: int) -> int:
        value = int(self.bits[self.at : self.at + width] or "0", 2)
        self.at += width
        return value

    def zeros(self, most: int) -> int:
        count = 0
        while count < most:
            self.at += 1
            if self.bits[self.at - 1] == "1":
                return count
            count += 1
        return most

    def rice(self, parameter: int) -> int:
        quotient = self.zeros(ESCAPE)
        return self.read(32) if quotient == ESCAPE else (quotient << parameter) + self.read(parameter)

    def gamma(self) -> int:
        width = self.zeros(60)
        return (1 << width) + self.read(width)


def rice_parameter(universe: int, count: int) -> int:
    return max(universe * 11 // (count * 16), 1).bit_length() - 1


class Index:
    """The files of a search, read from bytes."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.payloads: dict[str, list[Any]] = {}
        for path, content in files.items():
            encoding = "utf-16" if content[:2] == b"\xff\xfe" else "utf-8"
            name, payload = json.loads(f"[{content.decode(encoding).strip()[len('archiveData(') : -1]}]")[:2]
            assert f"{name}.js" == path
            self.payloads[name.split("/")[1].split(".")[0]] = payload
        self.manifest: Any = self.payloads["manifest"]
        self.records = [r for name in self.names("texts") for r in self.payloads[name]]
        bits = Bits(self.payloads["tables"][1])
        self.columns = [[bits.rice(p) for _ in self.records] for p in self.manifest["parameters"]]
        self.owner = [d for d, slots in enumerate(self.columns[0]) for _ in range(slots)]

    def names(self, family: str) -> list[str]:
        return sorted((n for n in self.payloads if n.split("-")[0] == family), key=lambda n: int(n.split("-")[1], 16))

    def entries(self, family: str, packed: str) -> Iterator[tuple[int, bool, list[int]]]:
        """Key, whether it has positions, and documents or positions of every entry."""
        if not packed:
            return
        bits = Bits(packed)
        entries, parameter = divmod(bits.read(HEADER_BITS), 32)
        key = -1
        for _ in range(entries):
            key += bits.rice(parameter) + 1
            count = bits.gamma()
            dense = family == "pairs" and count > self.manifest["rare"]
            universe = len(self.owner) * self.manifest["slot"] if dense else self.manifest["documents"]
            value, values = -1, []
            for _ in range(count):
                value += bits.rice(rice_parameter(universe, count)) + 1
                values.append(value)
                if not dense and bits.read(1):
                    bits.read(1)
            yield key, dense, values

    def lookup(self, family: str, shard: int, key: int) -> tuple[bool, list[int]]:
        payload = self.payloads.get(f"{family}-{shard:03x}", "")
        packed = payload[1] if family == "words" and payload else payload
        return next(((dense, values) for k, dense, values in self.entries(family, packed) if k == key), (False, []))

    def pair(self, two: str) -> tuple[bool, list[int]]:
        bits = self.manifest["families"]["pairs"][0]
        first, second = map(code, two)
        return self.lookup("pairs", (second + first * MIX) & ((1 << bits) - 1), (second >> bits << 16) | first)

    def find(self, phrase: str) -> set[int]:
        """Numbers of the documents that hold the folded phrase: postings first, then the text where in doubt."""
        kinds = {int(class_table()[code(c)]) for c in phrase}
        if kinds == {SINGLE} and len(phrase) == 1:
            bits = self.manifest["families"]["chars"][0]
            return set(self.lookup("chars", code(phrase) & ((1 << bits) - 1), code(phrase) >> bits)[1])
        if kinds == {WORD}:
            shard = word_hash(phrase) & ((1 << self.manifest["families"]["words"][0]) - 1)
            words = self.payloads.get(f"words-{shard:03x}", [""])[0].split(" ")
            return set(self.lookup("words", shard, words.index(phrase))[1]) if phrase in words else set()
        assert kinds == {SINGLE}
        lists = [self.pair(phrase[i : i + 2]) for i in range(len(phrase) - 1)]
        if all(dense for dense, _ in lists):
            places = set.intersection(*({p - i for p in places} for i, (_, places) in enumerate(lists)))
            return {self.owner[p // self.manifest["slot"]] for p in places}
        found = set.intersection(*(set(self.documents(*each)) for each in lists))
        return found if len(lists) == 1 else {d for d in found if holds(self.records[d], phrase)}

    def documents(self, dense: bool, values: list[int]) -> list[int]:
        return [self.owner[p // self.manifest["slot"]] for p in values] if dense else values


def code(character: str) -> int:
    value = ord(character)
    return 0xD800 + value % 2048 if value > 0xFFFF else value


def holds(record: list[Any], phrase: str) -> bool:
    return any(phrase in normal(text) for text in (record[2], *(field[1] for field in record[4])))
