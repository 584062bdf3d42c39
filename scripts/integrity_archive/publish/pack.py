"""Pack: a lesson as a ZIP for teachers: plan, slides, handout, quiz, films, sources."""

from __future__ import annotations

import hashlib
import html
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pypandoc

from integrity_archive.films.measurement import MediaError
from integrity_archive.lessons.qti import qti_package
from integrity_archive.publish.office import READING_HEAD, Label, PandocError, write_docx
from integrity_archive.publish.paper_slides import PaperSlide, SlideImageError, paper_slides, pictures_of
from integrity_archive.publish.papers import LessonPack, Papers, pack_url
from integrity_archive.publish.pdf import HERE, TypesetError, as_typst, as_typst_all, full_width, value, write_pdf
from integrity_archive.publish.pptx import write_pptx
from integrity_archive.site.page_spec import Download
from integrity_archive.support.cache import cache_folder, cached_file, fingerprint, is_intact, key_of
from integrity_archive.support.problems import Problem
from integrity_archive.support.progress import Progress, no_progress
from integrity_archive.support.zip_files import zipped

VERSION = 10
"""Increase it when the same lesson would give a different pack."""

_BEFORE_TABLE = re.compile(r"\n\n([^\n#=+-][^\n]*)\n\n#figure\(")
"""A paragraph followed by a table: a question must be on the same page as the space for its answer."""

DOING = "装资料包"
SUMS = "SHA256SUMS"
AGAIN = "看看这一课刚改过的地方，改回去能做成，毛病就在那里；找不到就把这句话发给维护的人"
"""Remedy for authors if a program cannot convert a document."""


class PackError(Exception):
    """A lesson's pack cannot be made; ``problem`` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


def make_packs(
    kits: Sequence[LessonPack], progress: Progress = no_progress, jobs: int | None = None
) -> dict[str, Download]:
    """The packs of these lessons, by lesson id; a pack whose content has not changed comes from the cache.

    Raises:
        FontError: the system has no Chinese font.
        PackError: a document cannot be written.
    """
    papers = Papers()  # sets up its templates once for all packs
    paths = {kit.entry.id: _path(kit, papers) for kit in kits}
    missing = [(kit, paths[kit.entry.id]) for kit in kits if not is_intact(paths[kit.entry.id])]
    jobs = min(jobs or os.cpu_count() or 1, len(missing))
    if jobs > 1:
        # "spawn", because a fork of a process whose libraries have threads may hang.
        with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
            _exhaust(progress(pool.map(_make_pack, missing), DOING, len(missing)))
    else:
        _exhaust(progress(map(_make_pack, missing), DOING, len(missing)))
    return {kit.entry.id: _pack(kit, paths[kit.entry.id]) for kit in kits}


def _exhaust(made: Iterable[str]) -> None:
    for _ in made:
        pass


def _pack(kit: LessonPack, path: Path) -> Download:
    return Download(pack_url(kit.entry), f"{_top(kit)}.zip", str(path))


def _top(kit: LessonPack) -> str:
    """Name of a pack and of the folder in it."""
    return file_name(kit.lesson.title) + ("（内部资料）" if kit.notice else "")


def _path(kit: LessonPack, papers: Papers) -> Path:
    return cache_folder("packs") / f"{_key(kit, papers)}.zip"


def _key(kit: LessonPack, papers: Papers) -> str:
    templates = [path.read_bytes() for path in sorted([*HERE.glob("*.typ"), *HERE.glob("reference.*")])]
    documents = [papers.html(name, kit) for name in ("plan", "handout", "quiz")]
    films = [fingerprint(path) for path in (*(film.path for film in kit.films), *pictures_of(kit))]
    inputs = (kit.header, kit.maker, kit.films_in_edition, kit.lesson, documents)
    return key_of(VERSION, pypandoc.get_pandoc_version(), inputs, *templates, kit.slides, *films)


def _make_pack(wanted: tuple[LessonPack, Path]) -> str:
    """Make a pack at a path of the cache if it is not there; returns the path.

    Raises:
        FontError: the system has no Chinese font.
        PackError: a document cannot be written.
    """
    kit, target = wanted

    def make(path: str) -> None:
        try:
            with tempfile.TemporaryDirectory() as folder:
                Path(path).write_bytes(_zip(kit, folder))
        except SlideImageError as error:
            at = f"{kit.entry.document.folder}/slides.md"
            raise PackError(Problem(at, 0, "幻灯", error.title, error.what, error.remedy, "pack")) from None
        except (PandocError, TypesetError, MediaError) as error:
            at, what = kit.entry.document.path, f"资料包做不成：{error}"
            raise PackError(Problem(at, 0, "", kit.lesson.title, what, AGAIN, "pack")) from None

    return cached_file(target.name, make, "packs")


def _zip(kit: LessonPack, folder: str) -> bytes:
    files = {name: Path(path).read_bytes() for name, path in _files(kit, folder)}
    files["出处.txt"] = _sources(kit).encode("utf-8-sig")
    sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(files.items()))
    files[SUMS] = sums.encode()
    return zipped({f"{_top(kit)}/{name}": data for name, data in files.items()})


def _files(kit: LessonPack, folder: str) -> Iterator[tuple[str, str]]:
    papers = Papers()
    documents = [("教案", papers.html("plan", kit), True), ("学生讲义", papers.html("handout", kit), True)]
    if kit.lesson.quiz:
        documents += [
            ("测验卷", papers.html("quiz", kit, answers=False), False),
            ("测验答案", papers.html("quiz", kit, answers=True), False),
        ]
    for number, (name, markup, paged) in enumerate(documents, start=1):
        docx = os.path.join(folder, f"{number}.docx")
        label = Label(f"{kit.lesson.title}：{name}", kit.maker, kit.header, first_reading_apart=bool(kit.handout))
        write_docx(markup, docx, label)
        yield f"{name}.docx", docx
        if paged:
            pdf = os.path.join(folder, f"{number}.pdf")
            write_paper_pdf(markup, pdf, label)
            yield f"{name}.pdf", pdf
    if kit.slides:
        pptx, pdf = os.path.join(folder, "slides.pptx"), os.path.join(folder, "slides.pdf")
        slides = paper_slides(kit)
        write_pptx(kit, slides, pptx)
        yield "幻灯.pptx", pptx
        write_slides_pdf(kit, slides, pdf)
        yield "幻灯.pdf", pdf
    if kit.lesson.quiz:
        qti = os.path.join(folder, "qti.zip")
        Path(qti).write_bytes(qti_package(kit.lesson, kit.entry.id.rpartition("/")[2], kit.notice))
        yield "测验-QTI2.1.zip", qti
    for film in kit.films if not kit.films_in_edition else ():
        yield f"影片/{film.file}", film.path


def write_paper_pdf(markup: str, out: str, label: Label) -> None:
    """Write HTML as a PDF on A4."""
    inputs = {"title": label.title, "maker": label.maker, "header": label.header}
    first, *further = _BEFORE_TABLE.sub(r"\n\n#block(sticky: true)[\1]\n\n#figure(", as_typst(markup)).split(
        f"\n== {READING_HEAD}"
    )
    breaks = [label.first_reading_apart, *(True for _ in further[1:])]
    readings = (
        f"\n{'#pagebreak(weak: true)' if apart else ''}\n== {READING_HEAD}{text}"
        for apart, text in zip(breaks, further, strict=False)
    )
    write_pdf("paper.typ", "".join([first, *readings]), out, inputs)


def write_slides_pdf(kit: LessonPack, slides: Sequence[PaperSlide], out: str) -> None:
    """Write the slides as a PDF, one a page; a film becomes a still picture with its times."""
    paths = [item.drawing or item.path for slide in slides for item in slide.images]
    names = {path: f"image{n}{Path(path).suffix.lower()}" for n, path in enumerate(dict.fromkeys(paths))}
    words = as_typst_all([part for s in slides for part in (f"<p>{html.escape(s.title)}</p>", s.words)])
    texts = zip(words[::2], words[1::2], slides, strict=True)
    text = "\n".join(_typst_slide(n, title, body, s, names) for n, (title, body, s) in enumerate(texts, start=1))
    inputs = {
        "title": kit.lesson.title,
        "maker": kit.maker,
        "header": kit.header,
        "notice": kit.notice,
        "count": len(slides),
    }
    write_pdf("slides.typ", text, out, inputs, {name: path for path, name in names.items()})


def _typst_slide(number: int, title: str, body: str, slide: PaperSlide, names: Mapping[str, str]) -> str:
    pictures = [
        {"file": names[s.drawing or s.path], "caption": s.caption, "alt": s.alt, "proportion": s.proportion}
        for s in slide.images
    ]
    flags = {"first": number == 1, "few": slide.few, "centred": slide.centred, "above": slide.above}
    options = ", ".join(f"{name}: {str(is_so).lower()}" for name, is_so in flags.items())
    words = f"[\n{full_width(body)}\n]" if slide.words else "none"
    return f"#slide({number}, [{title}], {words}, {options}, images: {value(pictures)})"


def _sources(kit: LessonPack) -> str:
    lines = [
        kit.lesson.title,
        *filter(None, [kit.notice]),
        "",
        "出处",
        *(f"{n}. {s}" for n, s in enumerate(kit.sources, start=1)),
    ]
    lines += ["", f"权利：{kit.lesson.rights or kit.site.rights}", f"来自：{kit.site.name}"]
    lines += [f"网址：{kit.site.absolute(kit.entry.url)}"] if kit.site.url else []
    if kit.films_in_edition and kit.films:
        lines += ["", "影片在盘上：", *(f"《{film.file.removesuffix('.mp4')}》 {film.url}" for film in kit.films)]
    lines += ["", f"核对文件是否完整：sha256sum -c {SUMS}（Windows：certutil -hashfile 文件名 SHA256）"]
    return "\r\n".join(lines) + "\r\n"


def file_name(title: str) -> str:
    """A title as a file name that is valid on Windows."""
    return "".join(c for c in title if c not in '<>:"/\\|?*' and c >= " ").strip(". ") or "资料"
