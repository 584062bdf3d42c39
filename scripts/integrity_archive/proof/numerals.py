"""Numerals: numbers as Chinese books and retellings write them."""

from __future__ import annotations

import re

DIGITS = "零一二三四五六七八九"
_VALUES = {c: n for n, c in enumerate(DIGITS)} | {"〇": 0, "两": 2, "廿": 20, "卅": 30, "元": 1}
_UNITS = {"十": 10, "百": 100, "千": 1000}
NUMERAL = re.compile(r"[零〇一二三四五六七八九十百千万两廿卅]+|[0-9]+")
"""A Chinese or Arabic numeral."""


def to_int(numeral: str) -> int | None:
    """The value of a Chinese or Arabic numeral below a hundred million; None if it is not a numeral.

    ``一七`` and ``二〇一八`` are read digit by digit.
    """
    if numeral.isascii():
        return int(numeral) if numeral.isdigit() else None
    if len(numeral) > 1 and all(c in DIGITS or c == "〇" for c in numeral):
        return int("".join(str(_VALUES[c]) for c in numeral))
    total = part = digit = 0
    for c in numeral:
        if c == "万":
            total, part, digit = (total + part + digit or 1) * 10_000, 0, 0
        elif c in _UNITS:
            part, digit = part + (digit or 1) * _UNITS[c], 0
        elif c in "廿卅":
            part += _VALUES[c]
        elif c in _VALUES:
            digit = _VALUES[c]
        else:
            return None
    return total + part + digit


def to_chinese(number: int) -> str:
    """A number from 1 to 99,999,999 in Chinese: ``一百三十二``, ``十五``."""
    if number >= 10_000:
        rest = number % 10_000
        zero = "零" if 0 < rest < 1000 else ""
        return f"{to_chinese(number // 10_000)}万{zero}{to_chinese(rest) if rest else ''}"
    numeral, gap = "", False
    for unit, sign in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            numeral += ("零" if gap else "") + DIGITS[digit] + sign
            gap = False
        elif numeral and number:
            gap = True
    return numeral.removeprefix("一") if numeral.startswith("一十") else numeral


def spellings(number: int) -> frozenset[str]:
    """All spellings of a number that books may use: ``一百三十二``, ``百三十二``, ``廿五``, without ``零``."""
    plain = to_chinese(number)
    variants = {plain, plain.replace("零", "")}
    variants |= {s.removeprefix("一") for s in variants if s[1:2] in ("百", "千", "万")}
    variants |= {s.replace("二十", "廿").replace("三十", "卅") for s in variants}
    variants |= {s.replace("二", "两") for s in variants}
    if number >= 20:
        variants |= {s.replace("十", "十有") for s in variants if not s.endswith("十")}
    return frozenset(variants)
