"""Books: reads a folder of digitised texts, nested in any way, and divides them into passages with a title.

A ``.md`` file is divided at its headings of level 2, or of level 1 if it has no others; a ``.txt`` file is one passage
with its first line as title. A heading that ends in 没有 notes a missing text and gives no passage. A file with a name
in capitals (``README.md``) describes the books and is skipped. Links are not followed: none can lead in a circle.
"""

from __future__ import annotations

import codecs
import hashlib
import os
import re
import stat
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from integrity_archive.content.leftovers import is_leftover
from integrity_archive.proof.numerals import NUMERAL, to_int
from integrity_archive.search.fold import SINGLE_RANGES, code_points, fold_table
from integrity_archive.support.problems import Problem, why
from integrity_archive.support.progress import Progress, no_progress

SUFFIXES = (".txt", ".md")
SIZE_LIMIT = 64 << 20
"""Largest file that is read, in bytes: some twenty million characters."""
TITLE_LIMIT = 60
"""Longest first line that is used as a title, in characters."""
HEADING_LIMIT = 200
"""Most characters of a heading that are read: text that was marked as a heading by mistake has no end."""
DAMAGED = 0.1
"""Most broken characters, as a share of those outside ASCII, in a file that is still read as UTF-8: in other encodings
nearly every character is broken."""

_ABSENT = "没有"
_ABOUT = re.compile(r"^[A-Z]{3,}")
_HEADING = {level: re.compile(rf"^{'#' * level} +(.+?)#*$", re.M) for level in (1, 2)}
_ASIDE = re.compile(r"[（(〔\[][^）)〕\]]*[）)〕\]]")
_PARTS = re.compile(r"[\s·•・/\\，,；;：:《》<>〈〉—_-]+")
_VOLUME = re.compile(rf"卷(?:第)?({NUMERAL.pattern})|({NUMERAL.pattern})卷")
_NUMBERED = re.compile(rf"第({NUMERAL.pattern})")
_DIVISIONS = frozenset(("列传", "本纪", "世家", "内篇", "外篇", "杂篇", "全文", "纪", "志", "传"))
"""Names of book parts that are too common to identify a chapter."""
_OF_A_BOOK = re.compile("[注卷]")
_CUT = re.compile(r"[［\[](?:…+|\.{3,}|⋯+)[］\]]")
"""A transcriber's mark of an omission."""
_NOTE_LINE = re.compile(r"^〔[^〕]*〕$")
_HAN = tuple((first, last) for first, last in SINGLE_RANGES if first == 0x3005 or first >= 0x3400)


class BooksError(Exception):
    """A folder of books cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Passage:
    """One text of a book: a chapter, a biography."""

    path: str
    """File, relative to the folder of books."""
    line: int
    title: str
    note: str
    """A line in 〔〕 below the title: written by the transcriber, not part of the text."""
    body: str

    @cached_property
    def folded(self) -> str:
        """Its Chinese characters only, folded with the table of the search (``search.fold``)."""
        return han_characters(self.body)

    @cached_property
    def names(self) -> frozenset[str]:
        """Names of the book and its chapters, from path and title, folded."""
        folders = self.path.rsplit(".", 1)[0]
        parts = _PARTS.split(f"{folders} {_ASIDE.sub(' ', self.title)}")
        return frozenset(name for part in parts if (name := han_characters(part)))

    @cached_property
    def folded_title(self) -> str:
        """Title and note, folded."""
        return han_characters(f"{self.title}{self.note}")

    @cached_property
    def volumes(self) -> frozenset[int]:
        """Numbers of volumes in title and note."""
        return volumes(f"{self.title} {self.note}")

    @property
    def short_title(self) -> str:
        """Its title without the parts in brackets."""
        return " ".join(_ASIDE.sub("", self.title).split()) or self.path

    @cached_property
    def has_omissions(self) -> bool:
        """Whether the transcriber left something out: such a passage cannot prove that a chapter is silent about a
        matter."""
        return bool(_CUT.search(self.body))

    @property
    def slug(self) -> str:
        """Name of its file without suffix; a passage with the slug of an entry belongs to that entry."""
        return os.path.basename(self.path).rsplit(".", 1)[0]

    def context(self, start: int, end: int, margin: int = 40) -> tuple[str, str, str]:
        """The text before, at and after the folded characters from ``start`` to ``end``, with ``margin`` characters
        around."""
        places = np.flatnonzero(is_han(code_points(self.body)))
        first, last = int(places[start]), int(places[min(end, len(places)) - 1]) + 1
        before, after = self.body[max(0, first - margin) : first], self.body[last : last + margin]
        return " ".join(before.split()), " ".join(self.body[first:last].split()), " ".join(after.split())


@dataclass(frozen=True)
class Holdings:
    """The available passages of a book and of one of its chapters."""

    book: tuple[Passage, ...]
    chapter: tuple[Passage, ...]
    """Passages whose titles name the chapter or its volume."""
    possible: tuple[Passage, ...]
    """``chapter``, and passages whose titles do not say which chapter they belong to."""


@dataclass(frozen=True)
class Books:
    """The content of a folder of books."""

    passages: tuple[Passage, ...]
    digests: tuple[bytes, ...]
    """For each passage, a digest of its file."""
    problems: tuple[Problem, ...]
    """Files that could not be read."""

    @cached_property
    def _by_book(self) -> Mapping[str, Sequence[int]]:
        """Indexes of passages by book name: ``三国志注`` and ``三国志卷三`` count for 三国志 as well."""
        numbers_of: dict[str, set[int]] = {}
        for number, passage in enumerate(self.passages):
            for name in passage.names:
                for book in (name, *(name[: sign.start()] for sign in _OF_A_BOOK.finditer(name, 1))):
                    numbers_of.setdefault(book, set()).add(number)
        return {book: sorted(numbers) for book, numbers in numbers_of.items()}

    def of(self, work: str) -> tuple[Passage, ...]:
        """The passages of a book."""
        return tuple(self.passages[n] for n in self._by_book.get(book_name(work), ()))

    @cached_property
    def _repeated(self) -> frozenset[str]:
        """Titles that several files of one text have; a file of several texts may collect excerpts of a chapter."""
        texts = Counter(p.path for p in self.passages)
        titles = Counter(p.title for p in self.passages if texts[p.path] == 1 and not p.note)
        return frozenset(title for title, count in titles.items() if count > 1)

    def is_numbered_by_part(self, work: str) -> bool:
        """Whether the volumes of a book seem to be counted anew in each of its parts: two files are ``宋史 卷一``. Then
        a volume of the whole book cannot be identified by its number."""
        return any(p.volumes and p.title in self._repeated for p in self.of(work))

    def holdings(self, work: str, locator: str) -> Holdings:
        """The available passages of a book and of the chapter that a locator names."""
        numbers, names = volumes(locator), chapters(locator)
        book = self.of(work)
        chapter = tuple(p for p in book if numbers & p.volumes or any(name in p.folded_title for name in names))
        others = set(chapter) | {p for p in book if not (numbers and p.volumes)}
        return Holdings(book, chapter, tuple(p for p in book if p in others))


def book_name(work: str) -> str:
    """The name of a book for comparison: folded, without parts in brackets."""
    return han_characters(_ASIDE.sub("", work)) or han_characters(work)


def read_books(folder: Path, progress: Progress = no_progress) -> Books:
    """Read every book below a folder; links are not followed.

    Raises:
        BooksError: there is no such folder, or no text in it.
    """
    if not folder.is_dir():
        raise BooksError(f"没有这个文件夹：{folder}。--texts 要指一个放着电子书（.txt 或 .md）的文件夹。")
    passages: list[Passage] = []
    digests: list[bytes] = []
    problems: list[Problem] = []
    paths = sorted(_files(folder, problems))
    for path in progress(paths, "读入原文", len(paths)):
        name = _name(path, folder)
        data, fault = _bytes(path, name)
        text, decode_problems = (None, [fault] if fault else []) if data is None else _decoded(data, name)
        problems += decode_problems
        if data is None or text is None:
            continue
        if not text.strip():
            problems.append(_problem(name, "是空的", "没有用就删去"))
            continue
        digest = hashlib.blake2b(data, digest_size=16).digest()
        for passage in split_passages(name, text):
            if not passage.title.endswith(_ABSENT):
                passages.append(passage)
                digests.append(digest)
    if not any(p.folded for p in passages):
        faults = "".join(f"\n{p}" for p in problems)
        raise BooksError(f"{folder} 里没有可读的原文。要有 .txt 或 .md 的电子书，UTF-8 或 GB18030 编码。{faults}")
    return Books(tuple(passages), tuple(digests), tuple(problems))


def _name(path: str | Path, folder: Path) -> str:
    """A path below the folder; bytes that are no UTF-8 are replaced, for it is displayed and written to files."""
    return os.fsencode(os.path.relpath(path, folder)).decode("utf-8", "replace").replace(os.sep, "/")


def _files(folder: Path, problems: list[Problem]) -> Iterator[Path]:
    """The books; folders that cannot be entered are added to ``problems``."""

    def unreadable(error: OSError) -> None:
        problems.append(_problem(_name(error.filename, folder), f"读不了：{why(error)}", "检查文件夹的权限"))

    for where, folders, files in os.walk(folder, onerror=unreadable):
        folders[:] = sorted(f for f in folders if not is_leftover(f))
        for name in folders:
            if os.path.islink(os.path.join(where, name)):
                what = "是文件夹的链接，里面没有读"
                problems.append(_problem(_name(os.path.join(where, name), folder), what, "把文件夹本身放进来"))
        for name in files:
            if name.lower().endswith(SUFFIXES) and not is_leftover(name) and not _ABOUT.match(name):
                yield Path(where, name)


def _bytes(path: Path, name: str) -> tuple[bytes | None, Problem | None]:
    try:
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode) or not stat.S_ISREG(status.st_mode):
            return None, _problem(name, "不是普通的文件，没有读", "把文件本身放进来")
        if status.st_size > SIZE_LIMIT:
            limit = SIZE_LIMIT >> 20
            return None, _problem(name, f"有 {status.st_size >> 20} MB，超过 {limit} MB，没有读", "按卷分成几个文件")
        return path.read_bytes(), None
    except OSError as error:
        return None, _problem(name, f"读不了：{why(error)}", "检查文件和权限")


def _decoded(data: bytes, name: str) -> tuple[str | None, list[Problem]]:
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if not wide and b"\0" in data[:4096]:
        return None, [_problem(name, "不是文本（里面有空字节），没有读", "换成 .txt 或 .md 的文本")]
    text = _strictly(data, "utf-16" if wide else "utf-8-sig")
    if text is None and not wide:
        damaged = data.decode("utf-8-sig", "replace")
        broken = damaged.count("\ufffd")
        if broken <= DAMAGED * int((code_points(damaged) > 0x7F).sum()):
            line = damaged.count("\n", 0, damaged.index("\ufffd")) + 1
            what = f"有 {broken} 处坏字，第一处在第 {line} 行；别的字照读"
            return _plain_lines(damaged), [_problem(name, what, "补上那几个字，存为 UTF-8")]
        text = _strictly(data, "gb18030")
    if text is None:
        return None, [_problem(name, "编码既不是 UTF-8 也不是 GB18030，没有读", "用编辑器另存为 UTF-8")]
    return _plain_lines(text), []


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _plain_lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _problem(path: str, what: str, remedy: str) -> Problem:
    return Problem(path, 0, "", "", what, remedy, "proof-books", severity="warning")


def split_passages(path: str, text: str) -> Iterator[Passage]:
    """The passages of a file."""
    if path.lower().endswith(".md"):
        for level in (2, 1):
            cuts = list(_HEADING[level].finditer(text))
            if cuts:
                ends = [*(cut.start() for cut in cuts[1:]), len(text)]
                for cut, end in zip(cuts, ends, strict=True):
                    title = cut[1].strip()[:HEADING_LIMIT]
                    yield _passage(path, text.count("\n", 0, cut.start()) + 1, title, text[cut.end() : end])
                return
    first, _, rest = text.lstrip().partition("\n")
    titled = len(first) <= TITLE_LIMIT
    yield _passage(path, 1, first.strip() if titled else "", rest if titled else text)


def _passage(path: str, line: int, title: str, body: str) -> Passage:
    stripped = body.lstrip("\n")
    first, _, rest = stripped.partition("\n")
    if _NOTE_LINE.match(first.strip()):
        return Passage(path, line, title, first.strip(), rest)
    return Passage(path, line, title, "", stripped)


def volumes(text: str) -> frozenset[int]:
    """Numbers of volumes in a title or a locator."""
    numbers = (to_int(match[1] or match[2]) for match in _VOLUME.finditer(text))
    return frozenset(number for number in numbers if number is not None)


def chapters(locator: str) -> frozenset[str]:
    """Names of chapters in a locator, folded: ``杨震列传`` for ``卷五十四 杨震列传``."""
    parts = _PARTS.split(_NUMBERED.sub(" ", _VOLUME.sub(" ", _ASIDE.sub(" ", locator))))
    return frozenset(name for part in parts if len(name := han_characters(part)) >= 2 and name not in _DIVISIONS)


def is_han(codes: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
    """Which code points are Chinese characters."""
    return _han_table()[codes]


@cache
def _han_table() -> npt.NDArray[np.bool_]:
    """For each code point, whether it is a Chinese character."""
    table = np.zeros(0x110000, dtype=bool)
    for first, last in _HAN:
        table[first : last + 1] = True
    return table


def han_characters(text: str) -> str:
    """The Chinese characters of a text, folded; one character for each."""
    codes = code_points(text)
    return fold_table()[codes[is_han(codes)]].tobytes().decode("utf-32-le", "surrogatepass")
