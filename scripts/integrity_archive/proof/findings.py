"""Findings: what of an entry does not stand on the books at hand, or has to be read again by somebody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from integrity_archive.content.schema import Source
from integrity_archive.proof import claims
from integrity_archive.proof.books import Books, Passage, book_name, chapters, han, in_chapter
from integrity_archive.proof.claims import Quotation
from integrity_archive.proof.find import differences, find_all, nearest, place_of
from integrity_archive.proof.numerals import spellings
from integrity_archive.proof.statements import Written
from integrity_archive.support.progress import Track, untracked

Level = Literal["open", "reread", "answered", "found"]
LEVELS: Mapping[Level, str] = {"open": "要改", "reread": "要重读", "answered": "已在辨析里说明", "found": "查到"}
"""What editors read for each level: ``open`` contradicts the books at hand, ``reread`` only a reader can judge."""

MISQUOTED = 0.75
"""Share in common with a passage from which words in quotation marks are taken for a quotation gone wrong."""
TITLES_SHOWN = 6
"""Titles named to be read again; those that the sources cite come first."""
RUN = 3
"""Characters of a run by which the use of a source is known."""
SHARED_LEAST = 3
"""Runs that an entry and a source must share for the source to be in use unnamed."""
NAME_LEAST = 2
"""Characters of a name that can be looked for."""
RULERS = ("帝", "宗", "祖", "公", "王", "后")
"""How titles of rulers end, whom passages call by the last character or only 上."""
IN_PRINT = ("正史", "典籍", "方志")
"""Tiers of sources that a folder of books can be expected to hold."""


@dataclass(frozen=True)
class Excerpt:
    """A piece of a book, shown beside a claim."""

    path: str
    line: int
    title: str
    before: str
    text: str
    after: str


@dataclass(frozen=True)
class Finding:
    """One claim and what the books say to it."""

    entry: str
    path: str
    line: int
    field: str
    kind: str
    """Stable name for tools; see ``KINDS``."""
    level: Level
    claim: str
    what: str
    """What was found, in Chinese."""
    excerpts: tuple[Excerpt, ...] = ()
    pieces: tuple[tuple[str, bool], ...] = ()
    """The claim's characters, each piece with whether the nearest passage has it; empty where nothing differs."""

    def __str__(self) -> str:
        near = "".join(
            f"\n    {e.title}（{e.path}:{e.line}）：…{e.before}【{e.text}】{e.after}…" for e in self.excerpts
        )
        return f"{self.path}:{self.line}: {LEVELS[self.level]} {KINDS[self.kind]}“{self.claim}” — {self.what}{near}"


KINDS: Mapping[str, str] = {
    "quote": "引文",
    "quoted": "引号里的话",
    "source": "出处",
    "chapter": "卷次",
    "unused": "没有用到的出处",
    "unlisted": "没有列入出处的书",
    "through": "转引",
    "checked": "标了核对的出处",
    "silence": "说书上没有",
    "person": "人名",
    "place": "地名",
    "number": "数目",
}
"""What editors read for each kind of finding."""


def proof(entries: Sequence[Written], books: Books, track: Track = untracked) -> tuple[Finding, ...]:
    """Hold entries against books.

    Args:
        entries: what they say.
        books: the books at hand.
        track: shows progress.
    """
    asked = {q.folded for e in entries for q in (*claims.quotes_of(e), *claims.quoted(e))}
    where = find_all(books, asked, track)
    own: dict[str, list[Passage]] = {}
    for passage in books.passages:
        own.setdefault(passage.slug, []).append(passage)
    found: list[Finding] = []
    for entry in track(entries, "逐条核对", len(entries)):
        found += _Reading(entry, books, where, tuple(_near_passages(entry, own))).findings()
    return tuple(found)


def _near_passages(written: Written, own: Mapping[str, Sequence[Passage]]) -> Iterator[Passage]:
    """Passages in files named like an entry, or like those it uses."""
    for entry in (written.entry, *written.used):
        yield from own.get(entry.id.rsplit("/", 1)[-1], ())


@dataclass(frozen=True)
class _Reading:
    """One entry with the books open."""

    written: Written
    books: Books
    where: Mapping[str, tuple[Passage, ...]]
    """Passages that hold a quotation word for word."""
    near: tuple[Passage, ...]
    """Passages that are the entry's own."""

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        return tuple(self.written.entry.meta.sources)

    @cached_property
    def listed(self) -> tuple[Source, ...]:
        """Its sources and those of the entries it uses, which stand for them."""
        return (*self.sources, *(s for entry in self.written.used for s in entry.meta.sources))

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """The entry's own passages, and those of the chapters it cites."""
        return tuple(dict.fromkeys([*self.near, *self.cited]))

    @cached_property
    def cited(self) -> tuple[Passage, ...]:
        """Passages of the chapters that its sources name."""
        return tuple(p for s in self.sources for p in self.books.of(s.work) if in_chapter(p, [s.locator]))

    @cached_property
    def passage_text(self) -> str:
        """All that these passages say, folded; titles too, which name whose biography it is."""
        return "\n".join(han(p.title) + p.folded for p in self.passages)

    @cached_property
    def note(self) -> str:
        return han(self.written.note)

    @cached_property
    def locators(self) -> str:
        """What its sources' places name, folded: a report on somebody has his name for a title."""
        return "\n".join(han(source.locator) for source in self.sources)

    @cached_property
    def said(self) -> str:
        """All that the entry says, folded."""
        return "\n".join(han(s.text) for s in self.written.statements)

    def findings(self) -> Iterator[Finding]:
        yield from self._quotations()
        yield from self._sources()
        yield from self._works()
        yield from self._silences()
        if self.passages:
            yield from self._names()
            yield from self._numbers()

    def _finding(
        self, at: claims.Quotation | claims.Mention, kind: str, level: Level, what: str, answer: str = ""
    ) -> Finding:
        """A finding on something the entry says; ``answer`` is what the textual note has to name to answer it."""
        if level != "found" and answer and han(answer) in self.note:
            level = "answered"
        return Finding(self.written.entry.id, at.path, at.line, at.field, kind, level, at.text, what)

    # --- quotations ---------------------------------------------------------------------------------------------

    def _quotations(self) -> Iterator[Finding]:
        for quote in claims.quotes_of(self.written):
            yield self._held(quote, "quote")
        for quote in claims.quoted(self.written):
            yield self._held(quote, "quoted")

    def _held(self, quote: Quotation, kind: str) -> Finding:
        holding = self.where.get(quote.folded) or tuple(p for p in self.passages if quote.folded in p.folded)
        if not holding:
            return self._not_found(quote, kind)
        first, what, level = self._best(quote, holding)
        span = place_of(quote.folded, first)
        assert span is not None
        return replace(self._finding(quote, kind, level, what, quote.text), excerpts=(_excerpt(first, *span),))

    def _best(self, quote: Quotation, holding: Sequence[Passage]) -> tuple[Passage, str, Level]:
        """The passage to show for a quotation, what to say of it, and whether it is where the entry says."""
        if not quote.work:
            mine = [p for p in holding if p in self.passages]
            return (mine or holding)[0], "一字不差", "found"
        of_work = set(self.books.of(quote.work))
        named = [p for p in holding if p in of_work]
        if not named:
            if not any(in_chapter(p, [quote.locator]) for p in of_work):
                return holding[0], f"《{quote.work}》的这一篇不在手边，别处有这句话", "reread"
            return holding[0], f"《{quote.work}》里没有，别的书里有", "open"
        right = [p for p in named if in_chapter(p, [quote.locator]) is not False]
        if not right:
            return named[0], f"在《{quote.work}》的另一卷，不是“{quote.locator}”", "open"
        return right[0], "一字不差", "found"

    def _not_found(self, quote: Quotation, kind: str) -> Finding:
        of_work = self.books.of(quote.work) if quote.work else ()
        close = nearest(quote.folded, dict.fromkeys([*self.passages, *of_work]))
        if close is None:
            whole = [p for p in of_work if not p.is_cut]
            known = any(in_chapter(p, [quote.locator]) for p in whole) if quote.work else bool(self.passages)
            level: Level = "open" if kind == "quote" and known else "reread"
            what = "手边的书里没有，也没有相近的话" if known else "没有可对的原文"
            return self._finding(quote, kind, level, what, quote.text)
        level = "reread"  # what is less alike is more likely a retelling
        if kind == "quote" or close.like >= MISQUOTED:
            level = "reread" if close.passage.is_cut else "open"
        excerpt = _excerpt(close.passage, close.start, close.end)
        finding = self._finding(quote, kind, level, "与书上的字不同", quote.text)
        return replace(finding, excerpts=(excerpt,), pieces=differences(quote.folded, excerpt.text))

    # --- sources ------------------------------------------------------------------------------------------------

    def _sources(self) -> Iterator[Finding]:
        document = self.written.entry.document
        for number, source in enumerate(self.sources):
            at = claims.Mention(document.path, document.tree.line(("sources", number)), "sources", source.work)
            of_work = self.books.of(source.work)
            for other in sorted(claims.cited_through(source.work, source.locator, source.note or "")):
                if self.books.of(other):
                    what = f"手边就有《{other}》的原书，不必从《{source.work}》转引"
                    yield self._finding(at, "through", "open", what, other)
            if not of_work:
                if self.near:
                    level: Level = "open" if source.checked and source.url is None else "reread"
                    yield self._finding(
                        at, "checked" if source.checked else "source", level, "手边没有这部书", source.work
                    )
                continue
            if not any(in_chapter(p, [source.locator]) is not False for p in of_work):
                have = "、".join(sorted({p.title for p in of_work})[:5])
                what = f"手边的书里没有“{source.locator}”，有的是：{have}"
                if source.checked:
                    yield self._finding(at, "checked", "open", what, source.work)
                else:
                    yield self._finding(at, "chapter", "reread", what, source.work)
            elif source.tier in IN_PRINT and not source.note and not self._uses(source, of_work):
                level = "reread" if any(p.is_cut for p in of_work) else "open"
                yield self._finding(at, "unused", level, "没有一句话用到它，也没有提到它", source.work)

    def _uses(self, source: Source, of_work: Sequence[Passage]) -> bool:
        name = book_name(source.work)
        everything = self.said + self.note + han("".join(q.work for q in claims.quotes_of(self.written)))
        if name in everything or any(c in everything for c in chapters(source.locator)):
            return True
        text = "\n".join(p.folded for p in of_work if in_chapter(p, [source.locator]) is not False)
        runs = {self.said[n : n + RUN] for n in range(len(self.said) - RUN + 1)}
        return sum(run in text for run in runs if "\n" not in run) >= SHARED_LEAST

    def _works(self) -> Iterator[Finding]:
        listed = {book_name(s.work) for s in self.listed}
        listed |= {book_name(q.work) for q in claims.quotes_of(self.written)}
        beside = han("".join(f"{s.locator}{s.note or ''}" for s in self.listed))
        seen: set[str] = set()
        for mention in claims.works_named(self.written):
            name = book_name(mention.text)
            if name in seen or name in listed or name in beside:
                continue
            seen.add(name)
            if self.books.of(mention.text):
                yield self._finding(mention, "unlisted", "open", "正文提到了，出处里没有", mention.text)

    # --- what books do not say ----------------------------------------------------------------------------------

    def _silences(self) -> Iterator[Finding]:
        titles = list(dict.fromkeys(p.short_title for p in (*self.cited, *self.near)))
        more = f"，连同别的 {len(titles) - TITLES_SHOWN} 篇" if len(titles) > TITLES_SHOWN else ""
        what = f"重读全篇再说没有：{'、'.join(titles[:TITLES_SHOWN])}{more}" if titles else "手边没有它的原文"
        for mention in claims.silences(self.written):
            yield self._finding(mention, "silence", "reread", what)

    def _names(self) -> Iterator[Finding]:
        document = self.written.entry.document
        for field, kind in (("people", "person"), ("places", "place")):
            for number, name in enumerate(getattr(self.written.entry.meta, field)):
                level = self._named(name, kind)
                if level != "found":
                    at = claims.Mention(document.path, document.tree.line((field, number)), field, name)
                    yield self._finding(at, kind, level, "它的原文里没有这个名字", name)

    def _named(self, name: str, kind: str) -> Level:
        """Whether the passages name somebody: whole, or without the family, the dynasty or the state (德宗, 景公)."""
        wanted = han(name)
        if len(wanted) < NAME_LEAST or wanted in self.passage_text or wanted in self.locators:
            return "found"
        if kind == "place":
            return "reread"
        given = wanted[1:]
        if len(given) >= NAME_LEAST and given in self.passage_text:
            return "found"
        return "reread" if given in self.passage_text or wanted.endswith(RULERS) else "open"

    def _numbers(self) -> Iterator[Finding]:
        seen: set[tuple[str, int]] = set()
        for mention, value in claims.numbers(self.written):
            if (mention.text, value) not in seen and not any(han(s) in self.passage_text for s in spellings(value)):
                yield self._finding(mention, "number", "reread", "它的原文里没有这个数", mention.text)
            seen.add((mention.text, value))


def _excerpt(passage: Passage, start: int, end: int) -> Excerpt:
    return Excerpt(passage.path, passage.line, passage.title, *passage.around(start, end))


def counts(findings: Iterable[Finding]) -> Mapping[Level, int]:
    """How many findings of each level there are."""
    found = dict.fromkeys(LEVELS, 0)
    for finding in findings:
        found[finding.level] += 1
    return found
