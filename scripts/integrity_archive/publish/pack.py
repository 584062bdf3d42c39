"""Packs: a lesson as a ZIP that a teacher opens in the office: plan, slides, handout, quiz, films, sources."""

from __future__ import annotations

import hashlib
import html
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import pypandoc

from integrity_archive.films.cache import cache_folder, fingerprint, kept, key_of
from integrity_archive.lessons.clips import Playable
from integrity_archive.lessons.qti import qti_package
from integrity_archive.lessons.slides import DeckSlide
from integrity_archive.publish.office import write_docx
from integrity_archive.publish.papers import Kit, Papers
from integrity_archive.publish.pdf import HERE, as_typst, write_pdf
from integrity_archive.publish.show import write_pptx
from integrity_archive.render import clock
from integrity_archive.track import Track, untracked
from integrity_archive.zipped import zipped

VERSION = 6
"""Raised whenever the same lesson would be packed differently."""

DOING = "装资料包"
SUMS = "SHA256SUMS"


@dataclass(frozen=True)
class Pack:
    """A lesson's pack."""

    url: str
    """Where it stands in the site."""
    name: str
    """What it is called when it is saved."""
    path: str

    @property
    def megabytes(self) -> float:
        """Size, for those who download it."""
        return os.path.getsize(self.path) / 1e6


def make_packs(kits: Sequence[Kit], track: Track = untracked, jobs: int | None = None) -> dict[str, Pack]:
    """The packs of these lessons by id; those whose content has not changed come from the cache.

    Raises:
        FontError: the system has no Chinese font.
        PandocError: a document could not be written.
    """
    papers = Papers()  # its templates are set up once for all
    paths = {kit.entry.id: _path(kit, papers) for kit in kits}
    missing = [(kit, paths[kit.entry.id]) for kit in kits if not paths[kit.entry.id].exists()]
    jobs = min(jobs or os.cpu_count() or 1, len(missing))
    if jobs > 1:
        # Started afresh: a fork of a process whose libraries have threads may hang.
        with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
            _exhaust(track(pool.map(_make_pack, missing), DOING, len(missing)))
    else:
        _exhaust(track(map(_make_pack, missing), DOING, len(missing)))
    return {kit.entry.id: _pack(kit, paths[kit.entry.id]) for kit in kits}


def _exhaust(made: Iterable[str]) -> None:
    for _ in made:
        pass


def _pack(kit: Kit, path: Path) -> Pack:
    slug = kit.entry.id.rpartition("/")[2]
    return Pack(f"packs/{slug}.zip", f"{file_name(kit.lesson.title)}.zip", str(path))


def _path(kit: Kit, papers: Papers) -> Path:
    return cache_folder().parent / "packs" / f"{_key(kit, papers)}.zip"


def _key(kit: Kit, papers: Papers) -> str:
    templates = [path.read_bytes() for path in sorted(HERE.glob("*.typ"))]
    said = [papers.html(name, kit) for name in ("plan", "handout", "quiz")]
    films = [fingerprint(film.path) for film in kit.films]
    told = (kit.header, kit.films_beside, kit.lesson, said)
    return key_of(VERSION, pypandoc.get_pandoc_version(), told, *templates, kit.slides, *films)


def _make_pack(wanted: tuple[Kit, Path]) -> str:
    """Make the pack of a kit at a path, unless it is there; its path."""
    kit, target = wanted

    def make(path: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            Path(path).write_bytes(_zip(kit, folder))

    return kept(target.name, make, target.parent)


def _zip(kit: Kit, folder: str) -> bytes:
    top = file_name(kit.lesson.title)
    files = {name: Path(path).read_bytes() for name, path in _files(kit, folder)}
    files["出处.txt"] = _sources(kit).encode("utf-8-sig")
    sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(files.items()))
    files[SUMS] = sums.encode()
    return zipped({f"{top}/{name}": data for name, data in files.items()})


def _files(kit: Kit, folder: str) -> Iterator[tuple[str, str]]:
    papers = Papers()
    documents = [("教案", papers.html("plan", kit), True), ("学生讲义", papers.html("handout", kit), True)]
    if kit.lesson.quiz:
        documents += [
            ("测验卷", papers.html("quiz", kit, answers=False), False),
            ("测验答案", papers.html("quiz", kit, answers=True), False),
        ]
    for number, (name, markup, paged) in enumerate(documents, start=1):
        docx = os.path.join(folder, f"{number}.docx")
        write_docx(markup, docx, kit.header)
        yield f"{name}.docx", docx
        if paged:
            pdf = os.path.join(folder, f"{number}.pdf")
            write_paper_pdf(markup, pdf, kit.lesson.title, kit.header)
            yield f"{name}.pdf", pdf
    if kit.slides:
        pptx, pdf = os.path.join(folder, "slides.pptx"), os.path.join(folder, "slides.pdf")
        write_pptx(kit, pptx)
        yield "幻灯.pptx", pptx
        write_slides_pdf(kit, pdf)
        yield "幻灯.pdf", pdf
    if kit.lesson.quiz:
        qti = os.path.join(folder, "qti.zip")
        Path(qti).write_bytes(qti_package(kit.lesson, kit.entry.id.rpartition("/")[2]))
        yield "测验-QTI2.1.zip", qti
    for film in kit.films if not kit.films_beside else ():
        yield f"影片/{film.file}", film.path


def write_paper_pdf(markup: str, out: str, title: str, header: str) -> None:
    """HTML to a PDF on A4."""
    told = {"title": title, "header": header}
    write_pdf("paper.typ", as_typst(markup), out, told)


def write_slides_pdf(kit: Kit, out: str) -> None:
    """The slides as pages; films stand as a picture with their times."""
    pictures = {f"{n}.jpg": film.poster for n, film in enumerate(kit.films) if film.poster}
    numbers = {film.id: n for n, film in enumerate(kit.films)}
    text = "\n".join(_typst_slide(n, slide, numbers, pictures) for n, slide in enumerate(kit.slides, start=1))
    told = {"title": kit.lesson.title, "header": kit.header, "count": len(kit.slides)}
    write_pdf("slides.typ", text, out, told, pictures)


def _typst_slide(number: int, slide: DeckSlide, films: Mapping[str, int], pictures: Mapping[str, str]) -> str:
    parts = []
    for part in slide.parts:
        if isinstance(part, Playable):
            name = f"{films[part.film.id]}.jpg"
            words = f"影片《{part.film.meta.title}》{clock(part.start)}—{clock(part.end)}"
            parts.append(f'#film("{name}", "{words}")' if name in pictures else words)
        else:
            parts.append(as_typst(part))
    options = f"first: {str(number == 1).lower()}, few: {str(slide.few).lower()}"
    title = as_typst(f"<p>{html.escape(slide.title)}</p>").strip()
    return f"#slide({number}, [{title}], {options})[\n" + "\n".join(parts) + "\n]"


def _sources(kit: Kit) -> str:
    lines = [kit.lesson.title, "", "出处", *(f"{n}. {s}" for n, s in enumerate(kit.sources, start=1))]
    lines += ["", f"权利：{kit.lesson.rights or kit.site.rights}", f"来自：{kit.site.name}"]
    lines += [f"网址：{kit.site.absolute(kit.entry.url)}"] if kit.site.url else []
    if kit.films_beside and kit.films:
        lines += ["", "影片在盘上：", *(f"《{film.file.removesuffix('.mp4')}》 {film.url}" for film in kit.films)]
    lines += ["", f"核对文件是否完整：sha256sum -c {SUMS}（Windows：certutil -hashfile 文件名 SHA256）"]
    return "\r\n".join(lines) + "\r\n"


def file_name(title: str) -> str:
    """A title as a file name Windows takes."""
    return "".join(c for c in title if c not in '<>:"/\\|?*' and c >= " ").strip(". ") or "资料"
