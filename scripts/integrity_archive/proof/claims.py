"""Claims: the parts of an entry that can be compared with books: quotations, works, silences, numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from integrity_archive.content.model.record import Quote, Source
from integrity_archive.proof.books import book_name, han_characters
from integrity_archive.proof.numerals import NUMERAL, to_int
from integrity_archive.proof.statements import EntryText, Statement

QUOTED_LEAST = 6
"""Fewest Chinese characters in quotation marks that count as a quotation; fewer are a name or an emphasised word."""
COLLECTIONS = ("太平御览", "艺文类聚", "太平广记", "初学记", "北堂书钞", "册府元龟", "渊鉴类函", "永乐大典")
"""Encyclopaedias, which consist of excerpts from other books."""

_QUOTED = re.compile(r"“([^“”]+)”|「([^「」]+)」|‘([^‘’]+)’")
_BOOK = re.compile(r"《([^《》]+)》")
_THROUGH = re.compile(r"引《?([^》）)，；。\s]+)")
_SILENCE = re.compile(
    "没有写|没有说(?![话完破])|没有记|没有提|没有讲|没有交代|没有留下|没有传下|没写(?!名字)|没说(?!出)|没记|没提|没交代|史无载|不载|失载|未载|未记|未写|未提|无考|不可考|"
    "不见于|只字未|一字未|一个字也没|查不到|找不到|看不到记"
)
_OF_OURSELVES = re.compile(r"(?:片中|\b文中|正文)也?(?:没有?|未|不)")
"""Says what the entry itself leaves out."""
_TODAY = re.compile("[的了吗呢吧啊呀们这那您你咱哪怎]|什么|没有|一下|一个|多少|就是|也是|不是|应该|以后|不够|能不能")
"""Words that books in classical Chinese hardly use."""
_MEASURES = "斤两年人岁卷匹石斗升里亩户家顷贯文钱金镒乘级日月天条件篇尺寸丈枚次代世间所座头口骑章"
_NUMBER = re.compile(rf"({NUMERAL.pattern})(?:多|余|来)?\s?(?:个|名|位)?([{_MEASURES}])")
_OF_OUR_ERA = re.compile(r"[0-9]+\s?[年月日]|[一二][零〇一二三四五六七八九]{3}年")
_SINCE = re.compile(r".*[百千](?:多|余|来)年")
_ESTIMATE = re.compile(
    "(?<![一二三四五六七八九])(?:一二|二三|两三|三四|四五|五六|六七|七八|八九)(?![一二三四五六七八九])"
)
"""Two neighbouring digits: 八九岁, 五六百, not 一二三四."""
_OTHER_NAME = re.compile("(?:又名|一名|亦名|又称|通称|也叫)《([^《》]+)》")
_SENTENCE = re.compile(r"[^。！？；]+[。！？；]?")


@dataclass(frozen=True)
class Quotation:
    """Words that the entry presents as a quotation."""

    path: str
    line: int
    field: str
    text: str
    work: str = ""
    """Book that the entry names for them; empty for none."""
    locator: str = ""
    beside: str = ""
    """Book named before them in the same sentence: probably, not certainly, where they come from."""

    @property
    def folded(self) -> str:
        """Their Chinese characters, folded."""
        return han_characters(self.text)

    @property
    def is_of_today(self) -> bool:
        """Whether they are words of today: speech, a term, a slogan; no wording of an old book."""
        return not self.work and bool(_TODAY.search(self.text))


def declared_quotes(entry: EntryText) -> Iterator[Quotation]:
    """The quotations in the field ``quotes``."""
    quotes: tuple[Quote, ...] = getattr(entry.entry.meta, "quotes", ())
    document = entry.entry.document
    for number, quote in enumerate(quotes):
        line = document.tree.line(("quotes", number))
        yield Quotation(document.path, line, "quotes", quote.text, quote.work, quote.locator)


def quoted_phrases(entry: EntryText) -> Iterator[Quotation]:
    """Words in quotation marks that are long enough to be a quotation."""
    for statement in entry.statements:
        for match in _QUOTED.finditer(statement.text):
            words = match[1] or match[2] or match[3]
            if len(han_characters(words)) >= QUOTED_LEAST:
                sentence = re.split("[。！？；]", statement.text[: match.start()])[-1]
                named = _BOOK.findall(sentence)
                beside = book_title(named[-1]) if named else ""
                yield Quotation(statement.path, statement.line, statement.field, words, beside=beside)


def book_title(mention: str) -> str:
    """The book of a mention: 后汉书 of ``后汉书·杨震列传``."""
    return re.split("[·・•]", mention)[0].strip()


def other_name(source: Source) -> str | None:
    """Another name of the book in the note of a source: 朱子家训 of ``又名《朱子家训》``."""
    match = _OTHER_NAME.search(source.note or "")
    return match[1] if match else None


def works_named(entry: EntryText) -> Iterator[Statement]:
    """Books named in the text: ``《后汉书·杨震列传》`` names 后汉书."""
    for statement in entry.statements:
        for match in _BOOK.finditer(statement.text):
            name = book_title(match[1])
            if han_characters(name):
                yield replace(statement, text=name)


def secondary_citations(work: str, *texts: str) -> frozenset[str]:
    """Books that a source quotes through an encyclopaedia: 续汉书 for ``卷八百九（引《续汉书》）``."""
    if book_name(work) not in map(book_name, COLLECTIONS):
        return frozenset()
    return frozenset(match[1] for text in texts for match in _THROUGH.finditer(text))


def silences(entry: EntryText) -> Iterator[Statement]:
    """Sentences that say that a source does not mention something."""
    for statement in entry.statements:
        for sentence in _SENTENCE.findall(statement.text):
            if _SILENCE.search(_OF_OURSELVES.sub("", sentence)):
                yield replace(statement, text=sentence.strip())


def numbers(entry: EntryText) -> Iterator[tuple[Statement, int]]:
    """Numbers that count something, with their values; without dates of our era, ordinals, values below three,
    estimates (八九岁) and the time that has passed since (一千六百多年)."""
    for statement in entry.statements:
        for match in _NUMBER.finditer(statement.text):
            value = to_int(match[1])
            ordinal = statement.text[: match.start()].endswith(("卷", "第"))
            ours = _OF_OUR_ERA.fullmatch(match[0]) or _SINCE.fullmatch(match[0]) or _ESTIMATE.search(match[1])
            if value is not None and value >= 3 and not ours and not ordinal:
                yield replace(statement, text=match[0]), value
