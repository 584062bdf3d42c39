"""Book: a collection of entries as a print book (PDF, A5) and as an EPUB 3."""

from __future__ import annotations

import html
import json
import os
import tempfile
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import typst

from integrity_archive.archive.graph import Archive
from integrity_archive.archive.slugs import sort_key
from integrity_archive.content.entry import Entry
from integrity_archive.content.markup.markdown import Body
from integrity_archive.content.model.record import Quote, Source
from integrity_archive.content.model.schema import Craft, Story
from integrity_archive.content.site_settings import Site
from integrity_archive.exports.citation import cite
from integrity_archive.publish.office import pandoc
from integrity_archive.publish.paper_slides import SlideImage, picture
from integrity_archive.publish.papers import Footnotes, footnotes_apart, printable
from integrity_archive.publish.pdf import HERE, as_typst_all, write_pdf
from integrity_archive.site.views import paragraphs
from integrity_archive.support.cache import key_of
from integrity_archive.support.fonts import serif, shown_by, without_glyph
from integrity_archive.support.problems import Problem
from integrity_archive.support.resources import overrides_dir
from integrity_archive.support.zip_files import rezipped

_NAMESPACE = uuid.UUID("5b1f8d0e-6f0b-5b0e-9c53-3c1a6f5b7a11")
"""Namespace of the books' UUIDs: the same archive and title give the same identifier."""

CSS = """\
body { line-height: 1.8; }
h1, h2, h3 { line-height: 1.4; }
p { margin: 0 0 .6em; text-align: justify; }
p.lead, p.kicker, .source { color: #5c564b; }
blockquote { margin: 1em 0; text-align: center; font-weight: bold; }
blockquote footer { font-weight: normal; font-size: .85em; }
.note { background: #eef2ef; padding: .5em .8em; font-size: .95em; }
.drawing { text-align: center; }
.drawing img { max-width: 100%; max-height: 60vh; }
.sources { font-size: .85em; }
"""


@dataclass(frozen=True)
class Piece:
    """One entry in a book."""

    entry: Entry
    kicker: str
    text: str
    """Body as HTML, its headings at level 3."""
    footnotes: Footnotes
    """The same body, its footnotes apart."""
    quotes: tuple[Quote, ...]
    note: str
    steps: tuple[tuple[str, str], ...]
    moral: str
    picture: SlideImage | None

    @property
    def sources(self) -> tuple[Source, ...]:
        return self.entry.meta.sources


@dataclass(frozen=True)
class Book:
    """A collection, arranged as a book."""

    name: str
    """File name without suffix."""
    title: str
    about: str
    rights: str
    maker: str
    url: str
    chapters: tuple[tuple[str, tuple[Piece, ...]], ...]
    people: tuple[str, ...]
    """For the index of names, sorted by pinyin."""
    flows: bool
    """Whether a piece begins on the page where the previous one ends; short pieces would leave pages almost empty."""


def stories_book(archive: Archive, bodies: Mapping[str, Body], site: Site, root: str) -> Book:
    """《清官廉吏故事集》: the stories by period."""
    stories = archive.collections.get(Story.kind, ())
    periods = [p for p in archive.vocabulary["periods"] if any(e.meta.period == p for e in stories)]
    chapters = tuple((p, tuple(_piece(e, bodies, root) for e in stories if e.meta.period == p)) for p in periods)
    return _book("清官廉吏故事集", chapters, site, f"收故事 {len(stories)} 篇，各注出处；存疑、传说已标明。")


def crafts_book(archive: Archive, bodies: Mapping[str, Body], site: Site, root: str) -> Book:
    """《非遗话清廉》: the crafts with their drawings, without those whose material is still being collected.

    Raises:
        PictureError: a drawing cannot be read.
    """
    crafts = [e for e in archive.collections.get(Craft.kind, ()) if isinstance(e.meta, Craft) and not e.meta.collecting]
    chapters = (("手艺", tuple(_piece(e, bodies, root) for e in crafts)),) if crafts else ()
    return _book("非遗话清廉", chapters, site, f"收手艺 {len(crafts)} 门，工序与级别各注出处。", flows=True)


def _book(
    title: str, chapters: tuple[tuple[str, tuple[Piece, ...]], ...], site: Site, about: str, *, flows: bool = False
) -> Book:
    people = {name for _, pieces in chapters for piece in pieces for name in piece.entry.meta.people}
    maker = site.organiser or site.name
    return Book(title, title, about, site.rights, maker, site.url, chapters, tuple(sorted(people, key=sort_key)), flows)


def _piece(entry: Entry, bodies: Mapping[str, Body], root: str) -> Piece:
    meta = entry.meta
    body = bodies[entry.document.path].html
    apart = footnotes_apart(body)
    craft = meta if isinstance(meta, Craft) else None
    kicker = [meta.period or "", meta.credibility or "", craft.listing.level if craft and craft.listing.level else ""]
    return Piece(
        entry=entry,
        kicker=" · ".join(filter(None, kicker)),
        text=_lowered(printable(body)),
        footnotes=Footnotes(_lowered(printable(apart.text)), tuple(map(printable, apart.notes)), apart.key),
        quotes=meta.quotes if isinstance(meta, Story) else (),
        note=meta.textual_note if isinstance(meta, Story) else "",
        steps=tuple((s.name, s.text or "") for s in craft.steps) if craft else (),
        moral=craft.metaphor.text if craft and craft.metaphor else "",
        picture=picture(os.path.join(root, *f"{entry.document.folder}/{meta.cover}".split("/")), meta.cover_alt or "")
        if meta.cover
        else None,
    )


def unprintable(book: Book) -> Iterator[Problem]:
    """A reminder of every character of a book that no installed font has, at the entry where it stands."""
    texts = {
        p.entry.document.path: _typst(p, html.unescape(_inside(p, p.text)))
        for _, pieces in book.chapters
        for p in pieces
    }
    missing = set(without_glyph({c for text in texts.values() for c in text}))
    for path, text in texts.items():
        for character in sorted(missing.intersection(text)):
            kind, font = shown_by(character)
            what = f"《{book.title}》里这个{kind}（U+{ord(character):04X}）印成方框：这台电脑的字体里没有它"
            yield Problem(path, 0, "", character, what, f"装上{font}，再做一次", "font", severity="warning")


def _lowered(markup: str) -> str:
    return markup.replace("<h2", "<h3").replace("</h2>", "</h3>")


# --- print -----------------------------------------------------------------------------------------------------------


def write_book_pdf(book: Book, out: str) -> None:
    """Write the book as a PDF for print, A5.

    Raises:
        FontError: the system has no Chinese font.
    """
    pieces = [piece for _, pieces in book.chapters for piece in pieces]
    markups = [markup for p in pieces for markup in (_inside(p, p.footnotes.text), *p.footnotes.notes)]
    converted = iter(as_typst_all(markups))
    texts = {
        p.entry.id: _with_footnotes(p, next(converted), [next(converted) for _ in p.footnotes.notes]) for p in pieces
    }
    lines = []
    for chapter, chapter_pieces in book.chapters:
        # Pieces may share a page, chapters never do: so no two notes of a page have one number.
        lines += [f"#heading(level: 1, {_string(chapter)})", "#counter(footnote).update(0)"]
        lines += [_typst(piece, texts[piece.entry.id]) for piece in chapter_pieces]
    inputs = {
        "title": book.title,
        "maker": book.maker,
        "about": book.about,
        "rights": book.rights,
        "people": book.people,
        "flows": book.flows,
    }
    picture_paths = [piece.picture.drawing or piece.picture.path for piece in pieces if piece.picture]
    write_pdf(
        "book.typ",
        "\n".join([*lines, "#index()"]),
        out,
        inputs,
        {"mark.svg": _mark()} | {_name(p): p for p in picture_paths},
    )


def _name(path: str) -> str:
    """File name of a picture in the typesetting folder; a hash, because entries may use the same names."""
    return f"{key_of(path)}{os.path.splitext(path)[1].lower()}"


def _mark() -> str:
    return os.path.join(overrides_dir(), "assets", "img", "mark.svg")


def _string(text: str) -> str:
    """A Typst string literal."""
    return json.dumps(text, ensure_ascii=False)


def _with_footnotes(piece: Piece, text: str, notes: Sequence[str]) -> str:
    """Typst text with its footnotes at the foot of the page; what refers to a note again has its number again."""
    for number, note in enumerate(notes):
        mark, label = piece.footnotes.mark(number), f"<note-{_anchor(piece.entry)}-{number}>"
        text = text.replace(mark, f"#footnote[{note}]{label}", 1).replace(mark, f"#footnote({label});")
    return text


def _inside(piece: Piece, text: str) -> str:
    """The HTML between a piece's title and its sources; ``text``: its body."""
    steps = "".join(f"<li><strong>{html.escape(name)}</strong>　{html.escape(text)}</li>" for name, text in piece.steps)
    moral = f"<h3>廉喻</h3><p>{html.escape(piece.moral)}</p>" if piece.moral else ""
    return text + (f"<h3>工序</h3><ol>{steps}</ol>" if steps else "") + moral


def _typst(piece: Piece, text: str) -> str:
    meta = piece.entry.meta
    parts = [f"#heading(level: 2, {_string(meta.title)})"]
    parts += [f"#person({_string(name)})" for name in meta.people]
    parts.append(f"#lead({_string('　'.join(filter(None, (piece.kicker, meta.summary))))})")
    if piece.picture:
        parts.append(
            f"#drawing({_string(_name(piece.picture.drawing or piece.picture.path))}, {_string(piece.picture.alt)})"
        )
    parts += [f"#quoted({_string(q.text)}, {_string(cite(q))})" for q in piece.quotes[:1]]
    sources = "；".join(cite(s) for s in piece.sources)
    parts.append(text.rstrip() + (f"#footnote({_string('出处：' + sources + '。')})" if sources else ""))
    if piece.note:
        parts.append("#note[*史料辨析*　" + "#parbreak()".join(f"#{_string(p)}" for p in paragraphs(piece.note)) + "]")
    return "\n\n".join(parts)


# --- EPUB ------------------------------------------------------------------------------------------------------------


def write_epub(book: Book, out: str) -> None:
    """Write the book as an EPUB 3.

    Raises:
        FontError: the system has no Chinese font, which the cover needs.
    """
    with tempfile.TemporaryDirectory() as folder:
        cover, css, made = (os.path.join(folder, name) for name in ("cover.png", "book.css", "book.epub"))
        Path(cover).write_bytes(_cover(book))
        Path(css).write_text(CSS, "utf-8")
        metadata = {
            "title": book.title,
            "creator": book.maker,
            "rights": book.rights,
            "description": book.about,
            "identifier": f"urn:uuid:{uuid.uuid5(_NAMESPACE, book.url + book.maker + book.title)}",
            "date": _newest(book),
        }
        arguments = ["--to=epub3", f"--css={css}", f"--epub-cover-image={cover}", "--split-level=2", "--toc"]
        pandoc("\n".join(_epub_parts(book)), [*arguments, "--toc-depth=2"], made, metadata, ruby=True)
        Path(out).write_bytes(rezipped(Path(made).read_bytes(), first="mimetype"))


def _newest(book: Book) -> str:
    days = [p.entry.meta.updated for _, pieces in book.chapters for p in pieces if p.entry.meta.updated]
    return max(days).isoformat() if days else "2000-01-01"


def _epub_parts(book: Book) -> Iterator[str]:
    for chapter, pieces in book.chapters:
        yield f"<h1>{html.escape(chapter)}</h1>"
        for piece in pieces:
            yield from _epub_piece(piece)
    if book.people:
        yield '<h1 id="people">人名索引</h1><ul>'
        for name in book.people:
            links = (
                f'<a href="#{_anchor(p.entry)}">{html.escape(p.entry.meta.title)}</a>'
                for _, pieces in book.chapters
                for p in pieces
                if name in p.entry.meta.people
            )
            yield f"<li>{html.escape(name)}：{'、'.join(links)}</li>"
        yield "</ul>"


def _anchor(entry: Entry) -> str:
    return entry.id.replace("/", "-")


def _epub_piece(piece: Piece) -> Iterator[str]:
    meta = piece.entry.meta
    yield f'<h2 id="{_anchor(piece.entry)}">{html.escape(meta.title)}</h2>'
    yield f'<p class="kicker">{html.escape(piece.kicker)}</p>' if piece.kicker else ""
    yield f'<p class="lead">{html.escape(meta.summary)}</p>'
    if piece.picture:
        path = html.escape(piece.picture.drawing or piece.picture.path)
        yield f'<p class="drawing"><img src="{path}" alt="{html.escape(piece.picture.alt)}"></p>'
    for quote in piece.quotes[:1]:
        yield f"<blockquote><p>{html.escape(quote.text)}</p><p>——{html.escape(cite(quote))}</p></blockquote>"
    yield _inside(piece, piece.text)
    if piece.note:
        yield f'<div class="note"><h3>史料辨析</h3>{_escaped(paragraphs(piece.note))}</div>'
    if piece.sources:
        items = "".join(f"<li>{html.escape(cite(s))}</li>" for s in piece.sources)
        yield f'<div class="sources"><h3>出处</h3><ol>{items}</ol></div>'


def _escaped(texts: Iterable[str]) -> str:
    return "".join(f"<p>{html.escape(text)}</p>" for text in texts)


def _cover(book: Book) -> bytes:
    """The cover of the printed book as a PNG picture."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "cover.typ")
        Path(folder, "mark.svg").write_bytes(Path(_mark()).read_bytes())
        template = (HERE / "book.typ").read_text("utf-8").split("// What the reader should know of it")[0]
        source.write_text(template, "utf-8")
        inputs = {"title": book.title, "maker": book.maker, "serif": serif()}
        made = typst.compile(
            str(source), root=folder, format="png", ppi=200, sys_inputs={"data": json.dumps(inputs, ensure_ascii=False)}
        )
    pages: Sequence[bytes] = made if isinstance(made, list) else [made]
    return pages[0]
