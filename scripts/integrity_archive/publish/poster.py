"""Poster: sayings and stories on A3 for corridors and culture walls (宣传栏、文化墙)."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from integrity_archive.content.entry import Entry
from integrity_archive.content.model.sayings import Saying
from integrity_archive.content.model.schema import Story
from integrity_archive.content.site_settings import Site
from integrity_archive.exports.citation import cite
from integrity_archive.publish.pdf import value, write_pdf
from integrity_archive.support.qr import qr_svg
from integrity_archive.support.resources import overrides_dir

SHORT = 2
"""A phrase of at most this many characters does not get a column of its own."""

_MARKS = re.compile(r"([，。；、：？！])")
_STOPS = "。；：？！"
"""Marks that end a sentence or a part of one; phrases are not joined across them."""

MARK = os.path.join("assets", "img", "mark.svg")


def write_saying_posters(sayings: Sequence[Saying], site: Site, out: str) -> None:
    """Write a page for every saying; the caller passes checked sayings only.

    Raises:
        FontError: the system has no Chinese font.
    """
    calls = [f"#saying({n}, {value({'columns': columns(s.text), 'source': cite(s)})})" for n, s in enumerate(sayings)]
    _write("短句海报", calls, site, out, {})


def columns(text: str) -> list[list[str]]:
    """A saying as vertical columns from right to left, each a list of phrases between punctuation marks.

    Short phrases share a column, as they are read in one breath: 取，伤廉 and 俭，德之共也 are not divided after their
    first character, and 礼、义、廉、耻 is one column, because four columns of one character would be read from the
    left.
    """
    pieces = _MARKS.split(text)
    made: list[list[str]] = []
    joins = False
    for words, mark in zip(pieces[::2], [*pieces[1::2], ""], strict=True):
        if not words:
            continue
        if joins:
            made[-1].append(words)
        else:
            made.append([words])
        joins = sum(map(len, made[-1])) <= SHORT and mark not in _STOPS
    if len(made) > 1 and sum(map(len, made[-1])) <= SHORT:
        last = made.pop()
        made[-1] += last
    return made


def write_story_posters(stories: Sequence[Entry], site: Site, out: str) -> None:
    """Write a page for every story: summary, quotation, questions, and a QR code if the site has an address.

    Raises:
        FontError: the system has no Chinese font.
    """
    with tempfile.TemporaryDirectory() as folder:
        pictures: dict[str, str] = {}
        calls = []
        for n, entry in enumerate(stories):
            meta = entry.meta
            assert isinstance(meta, Story)
            code = f"qr{n}.svg" if site.url else ""
            if code:
                pictures[code] = os.path.join(folder, code)
                Path(pictures[code]).write_text(_standing(qr_svg(site.absolute(entry.url))), "utf-8")
            item = {
                "title": meta.title,
                "kicker": " · ".join(filter(None, (meta.period, meta.credibility))),
                "summary": meta.summary,
                "quote": meta.quotes[0].text if meta.quotes else "",
                "quote_source": cite(meta.quotes[0]) if meta.quotes else "",
                "questions": list(meta.questions[:2]),
                "sources": "出处：" + "；".join(cite(s) for s in meta.sources[:3]),
                "qr": code,
            }
            calls.append(f"#story({n}, {value(item)})")
        _write("故事海报", calls, site, out, pictures)


def _standing(svg: str) -> str:
    """An SVG that is valid as a file."""
    return svg if "xmlns=" in svg else svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)


def _write(title: str, calls: Sequence[str], site: Site, out: str, pictures: Mapping[str, str]) -> None:
    inputs = {"title": title, "maker": site.organiser or site.name}
    mark = {"mark.svg": os.path.join(overrides_dir(), MARK)}
    write_pdf("poster.typ", "\n".join(calls), out, inputs, {**mark, **pictures})
