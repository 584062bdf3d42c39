"""Findings: compares an entry with the available books and reports what they contradict or a reader must check."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from integrity_archive.content.model.record import Source
from integrity_archive.proof import claims
from integrity_archive.proof.books import Books, Holdings, Passage, book_name, chapters, han_characters
from integrity_archive.proof.claims import Quotation
from integrity_archive.proof.matching import differences, find_exact, nearest_match
from integrity_archive.proof.numerals import spellings
from integrity_archive.proof.statements import EntryText, Statement
from integrity_archive.support.progress import Progress, no_progress

Level = Literal["open", "reread", "answered", "today", "found"]
LEVELS: Mapping[Level, str] = {
    "open": "要改",
    "reread": "要重读",
    "answered": "已在辨析里说明",
    "today": "今天的话",
    "found": "查到",
}
"""Names of the levels for editors: ``open`` contradicts the books, ``reread`` must be judged by a reader, ``today`` is
in quotation marks but no wording of a book."""

MISQUOTED = 0.75
"""Least similarity to a passage at which words in quotation marks count as a wrong quotation."""
TITLES_SHOWN = 6
"""Most titles listed for rereading; those cited by the sources come first."""
RUN = 3
"""Characters in a run; shared runs show that a source was used."""
SHARED_LEAST = 3
"""Fewest runs in common with the entry that show that an unnamed source was used."""
NAME_LEAST = 2
"""Fewest characters of a name that is searched for."""
RANKS = ("国", "郡", "县", "州", "府", "路", "街道")
"""Last characters of places' names that books often leave out: 齐 for 齐国, 掖 for 掖县."""
AFTER_A_PLACE = "王侯公君人令长相"
"""Characters of which one follows a place's name of a single character: 掖人, 鬲令."""
RULERS = ("帝", "宗", "祖", "公", "王", "后")
"""Last characters of rulers' titles; books call a ruler by this character alone, or only 上."""
IN_PRINT = ("正史", "典籍", "方志")
"""Tiers of sources that a folder of books can be expected to contain."""


@dataclass(frozen=True)
class Excerpt:
    """A part of a book, displayed next to a claim."""

    path: str
    line: int
    title: str
    before: str
    text: str
    after: str


@dataclass(frozen=True)
class Finding:
    """One claim and the result of its comparison with the books."""

    entry: str
    path: str
    line: int
    field: str
    kind: str
    """Stable name for tools; see ``KINDS``."""
    level: Level
    claim: str
    what: str
    """The result, in Chinese."""
    excerpts: tuple[Excerpt, ...] = ()
    pieces: tuple[tuple[str, bool], ...] = ()
    """The claim in pieces, each with whether the nearest passage contains it; empty if there is no difference."""

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
"""Names of the kinds of findings for editors."""


def check_against_books(
    entries: Sequence[EntryText], books: Books, progress: Progress = no_progress
) -> tuple[Finding, ...]:
    """Compare entries with books.

    Args:
        entries: their texts.
        books: the available books.
        progress: reports progress.
    """
    quotations = [(*claims.declared_quotes(e), *claims.quoted_phrases(e)) for e in entries]
    where = find_exact(books, {q.folded for of_entry in quotations for q in of_entry}, progress)
    own: dict[str, list[Passage]] = {}
    for passage in books.passages:
        own.setdefault(passage.slug, []).append(passage)
    findings: list[Finding] = []
    for entry, quoted in progress(list(zip(entries, quotations, strict=True)), "逐条核对", len(entries)):
        findings += _Reading(entry, quoted, books, where, tuple(_near_passages(entry, own))).findings()
    return tuple(findings)


def _near_passages(written: EntryText, own: Mapping[str, Sequence[Passage]]) -> Iterator[Passage]:
    """Passages in files named like an entry, or like the entries it uses."""
    for entry in (written.entry, *written.used):
        yield from own.get(entry.id.rsplit("/", 1)[-1], ())


@dataclass(frozen=True)
class _Reading:
    """The comparison of one entry with the books."""

    written: EntryText
    quotations: tuple[Quotation, ...]
    books: Books
    where: Mapping[str, tuple[Passage, ...]]
    """Passages that contain a quotation word for word, by quotation."""
    near: tuple[Passage, ...]
    """Passages that belong to the entry."""

    @cached_property
    def sources(self) -> tuple[tuple[Source, Holdings], ...]:
        """Its sources, each with the available passages."""
        return tuple((s, self._holdings(s.work, s.locator)) for s in self.written.entry.meta.sources)

    def _holdings(self, work: str, locator: str) -> Holdings:
        """The available passages of a book, under its other name if there are none under the one that is cited."""
        at_hand = self.books.holdings(work, locator)
        other = None if at_hand.book else self.other_names.get(book_name(work))
        return self.books.holdings(other, locator) if other else at_hand

    @cached_property
    def other_names(self) -> Mapping[str, str]:
        """Other names of the cited books, by name."""
        return {book_name(s.work): other for s in self.listed if (other := claims.other_name(s))}

    @cached_property
    def listed(self) -> tuple[Source, ...]:
        """Its sources and those of the entries it uses."""
        return tuple(s for entry in (self.written.entry, *self.written.used) for s in entry.meta.sources)

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """The entry's own passages, and those of the chapters it cites."""
        return tuple(dict.fromkeys([*self.near, *self.cited]))

    @cached_property
    def cited(self) -> tuple[Passage, ...]:
        """Passages of the chapters that its sources name."""
        return tuple(p for _, at_hand in self.sources for p in at_hand.chapter)

    @cached_property
    def passage_text(self) -> str:
        """The text of these passages, folded; with titles, which name the person of a biography."""
        return "\n".join(han_characters(p.title) + p.folded for p in self.passages)

    @cached_property
    def note(self) -> str:
        return han_characters(self.written.note)

    @cached_property
    def locators(self) -> str:
        """The locators of its sources, folded: a report about a person has the name in its title."""
        return "\n".join(han_characters(source.locator) for source, _ in self.sources)

    @cached_property
    def text(self) -> str:
        """The text of the entry, folded."""
        return "\n".join(han_characters(s.text) for s in self.written.statements)

    def findings(self) -> Iterator[Finding]:
        yield from self._quotations()
        yield from self._sources()
        yield from self._works()
        yield from self._silences()
        if self.passages:
            yield from self._names()
            yield from self._numbers()

    def _finding(self, at: Quotation | Statement, kind: str, level: Level, what: str, answer: str = "") -> Finding:
        """A finding; it counts as answered if the textual note contains ``answer``."""
        if level != "found" and answer and han_characters(answer) in self.note:
            level = "answered"
        return Finding(self.written.entry.id, at.path, at.line, at.field, kind, level, at.text, what)

    # --- quotations ---------------------------------------------------------------------------------------------

    def _quotations(self) -> Iterator[Finding]:
        for quote in self.quotations:
            kind = "quote" if quote.work else "quoted"
            at_hand = self._holdings(quote.work, quote.locator)
            holding = self.where.get(quote.folded) or tuple(p for p in self.passages if quote.folded in p.folded)
            if holding:
                passage, what, level = self._best(quote, at_hand, holding)
                start = passage.folded.index(quote.folded)
                excerpt = _excerpt(passage, start, start + len(quote.folded))
                yield replace(self._finding(quote, kind, level, what, quote.text), excerpts=(excerpt,))
            else:
                yield self._not_found(quote, kind, at_hand)

    def _best(self, quote: Quotation, at_hand: Holdings, holding: Sequence[Passage]) -> tuple[Passage, str, Level]:
        """The best passage for a quotation, the message, and the level, which depends on the place of the passage."""
        if not quote.work:
            of_book = set(self.books.of(quote.beside)) if quote.beside else set()
            if of_book and not of_book.intersection(holding):
                return holding[0], f"手边的《{quote.beside}》里没有，别的书里有", "reread"
            mine = [p for p in holding if p in self.passages and (not of_book or p in of_book)]
            return (mine or [p for p in holding if p in of_book] or holding)[0], "一字不差", "found"
        named = [p for p in holding if p in at_hand.book]
        if not named:
            if not at_hand.chapter:
                return holding[0], f"《{quote.work}》的这一篇不在手边，别处有这句话", "reread"
            if all(p.has_omissions for p in at_hand.chapter):
                return holding[0], f"手边的《{quote.work}》有删节，里面没有，别的书里有", "reread"
            return holding[0], f"《{quote.work}》里没有，别的书里有", "open"
        right = [p for p in named if p in at_hand.possible]
        if not right and self.books.is_numbered_by_part(quote.work):
            return named[0], f"在“{named[0].short_title}”里；这套书分部计卷，对不上“{quote.locator}”", "reread"
        if not right:
            return named[0], f"在《{quote.work}》的另一卷，不是“{quote.locator}”", "open"
        return right[0], "一字不差", "found"

    def _not_found(self, quote: Quotation, kind: str, at_hand: Holdings) -> Finding:
        close = nearest_match(quote.folded, dict.fromkeys([*self.passages, *at_hand.book]))
        if close is None and quote.is_of_today:
            return self._of_today(quote)
        if close is None:
            known = any(not p.has_omissions for p in at_hand.chapter) if quote.work else bool(self.passages)
            level: Level = "open" if kind == "quote" and known else "reread"
            what = "手边的书里没有，也没有相近的话" if known else "没有可对的原文"
            return self._finding(quote, kind, level, what, quote.text)
        if quote.is_of_today and close.like < MISQUOTED:
            return self._of_today(quote)
        level = "reread"  # less similar words are probably a retelling
        if kind == "quote" or close.like >= MISQUOTED:
            level = "reread" if close.passage.has_omissions else "open"
        excerpt = _excerpt(close.passage, close.start, close.end)
        finding = self._finding(quote, kind, level, "与书上的字不同", quote.text)
        return replace(finding, excerpts=(excerpt,), pieces=differences(quote.text, excerpt.text))

    def _of_today(self, quote: Quotation) -> Finding:
        return self._finding(quote, "quoted", "today", "今天的说法，手边的书里没有相近的话", quote.text)

    # --- sources ------------------------------------------------------------------------------------------------

    def _sources(self) -> Iterator[Finding]:
        for number, (source, at_hand) in enumerate(self.sources):
            at = self._at("sources", number, source.work)
            for other in sorted(claims.secondary_citations(source.work, source.locator, source.note or "")):
                if self.books.of(other):
                    what = f"手边就有《{other}》的原书，不必从《{source.work}》转引"
                    yield self._finding(at, "through", "open", what, other)
            if not at_hand.book:
                if self.near and source.tier in IN_PRINT:
                    kind, level = _unproved(source, "source")
                    if source.url:
                        level = "reread"
                    yield self._finding(at, kind, level, "手边没有这部书", source.work)
            elif not at_hand.possible and self.books.is_numbered_by_part(source.work):
                what = f"这套书分部计卷，认不出“{source.locator}”"
                yield self._finding(at, "chapter", "reread", what, source.work)
            elif not at_hand.possible:
                have = "、".join(sorted({p.title for p in at_hand.book})[:5])
                what = f"手边的书里没有“{source.locator}”，有的是：{have}"
                yield self._finding(at, *_unproved(source, "chapter"), what, source.work)
            elif source.tier in IN_PRINT and not source.note and not self._uses(source, at_hand):
                level = "reread" if any(p.has_omissions for p in at_hand.book) else "open"
                yield self._finding(at, "unused", level, "没有一句话用到它，也没有提到它", source.work)

    def _at(self, field: str, number: int, text: str) -> Statement:
        """An item of a list in the front matter, as a statement."""
        document = self.written.entry.document
        return Statement(document.path, document.tree.line((field, number)), field, text)

    def _uses(self, source: Source, at_hand: Holdings) -> bool:
        if book_name(source.work) in self.named or any(c in self.named for c in chapters(source.locator)):
            return True
        text = "\n".join(p.folded for p in at_hand.possible)
        return sum(run in text for run in self.runs) >= SHARED_LEAST

    @cached_property
    def named(self) -> str:
        """The texts in which the entry may name a book: statements, notes, works of its quotations; folded."""
        return self.text + self.note + han_characters("".join(q.work for q in self.quotations))

    @cached_property
    def runs(self) -> frozenset[str]:
        """Runs of ``RUN`` characters in its text."""
        runs = (self.text[n : n + RUN] for n in range(len(self.text) - RUN + 1))
        return frozenset(run for run in runs if "\n" not in run)

    def _works(self) -> Iterator[Finding]:
        listed = {book_name(s.work) for s in self.listed}
        listed |= {book_name(q.work) for q in self.quotations if q.work}
        locator_text = han_characters("".join(f"{s.locator}{s.note or ''}" for s in self.listed))
        seen: set[str] = set()
        for mention in claims.works_named(self.written):
            name = book_name(mention.text)
            if name in seen or name in listed or name in locator_text:
                continue
            seen.add(name)
            if self.books.of(mention.text):
                yield self._finding(mention, "unlisted", "open", "正文提到了，出处里没有", mention.text)

    # --- what books do not say ----------------------------------------------------------------------------------

    def _silences(self) -> Iterator[Finding]:
        passages = (*self.cited, *self.near)
        whole = {p.short_title for p in passages if not p.has_omissions}
        titles = [t if t in whole else f"{t}（有删节）" for t in dict.fromkeys(p.short_title for p in passages)]
        more = f"，连同别的 {len(titles) - TITLES_SHOWN} 篇" if len(titles) > TITLES_SHOWN else ""
        what = f"重读全篇再说没有：{'、'.join(titles[:TITLES_SHOWN])}{more}" if titles else "手边没有它的原文"
        for mention in claims.silences(self.written):
            yield self._finding(mention, "silence", "reread", what)

    def _names(self) -> Iterator[Finding]:
        for field, kind in (("people", "person"), ("places", "place")):
            for number, name in enumerate(getattr(self.written.entry.meta, field)):
                level = self._named(name, kind)
                if level != "found":
                    yield self._finding(self._at(field, number, name), kind, level, "它的原文里没有这个名字", name)

    def _named(self, name: str, kind: str) -> Level:
        """Whether the passages name a person or a place."""
        wanted = han_characters(name)
        if len(wanted) < NAME_LEAST or wanted in self.passage_text or wanted in self.locators:
            return "found"
        names = self._place_names(wanted) if kind == "place" else self._personal_names(wanted)
        if any(other in self.passage_text for other in names):
            return "found"
        unsure = kind == "place" or wanted[1:] in self.passage_text or wanted.endswith(RULERS) or not self.is_complete
        return "reread" if unsure else "open"

    def _place_names(self, name: str) -> Iterator[str]:
        """What books may call a place: without its rank, with a word that shows that it is one."""
        for rank in RANKS:
            short = name.removesuffix(rank)
            if short != name:
                yield from (short,) if len(short) >= NAME_LEAST else (short + c for c in AFTER_A_PLACE)

    def _personal_names(self, name: str) -> Iterator[str]:
        """What books may call a person: without the surname, the dynasty or the state (德宗, 景公), or by a reign (康熙
        for 康熙帝)."""
        yield from (part for part in (name[1:], name.removesuffix("帝")) if NAME_LEAST <= len(part) < len(name))

    @cached_property
    def is_complete(self) -> bool:
        """Whether the passages of the entry are at hand, its own or all that its sources cite."""
        return bool(self.near) or all(h.chapter for s, h in self.sources if s.tier in IN_PRINT)

    def _numbers(self) -> Iterator[Finding]:
        seen: set[tuple[str, int]] = set()
        for mention, value in claims.numbers(self.written):
            forms = {han_characters(mention.text), *map(han_characters, spellings(value))}
            if (mention.text, value) not in seen and not any(form in self.passage_text for form in forms):
                yield self._finding(mention, "number", "reread", "它的原文里没有这个数", mention.text)
            seen.add((mention.text, value))


def _unproved(source: Source, kind: str) -> tuple[str, Level]:
    """Kind and level of a source that is not available; it is open if the entry says that the source was checked."""
    return ("checked", "open") if source.checked else (kind, "reread")


def _excerpt(passage: Passage, start: int, end: int) -> Excerpt:
    return Excerpt(passage.path, passage.line, passage.title, *passage.context(start, end))


def count_levels(findings: Iterable[Finding]) -> Mapping[Level, int]:
    """The number of findings of each level."""
    counts = dict.fromkeys(LEVELS, 0)
    for finding in findings:
        counts[finding.level] += 1
    return counts
