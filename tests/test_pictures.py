"""Pictures are made right for readers, or named with what to do; the originals stay as they are."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from integrity_archive.build.examine import edition_content, examine
from integrity_archive.content.site_settings import Site
from integrity_archive.films.drawing import drawn_size
from integrity_archive.intake.picture_file import PictureError, published_name, read_picture, source_name
from integrity_archive.intake.renditions import page_renditions, paper_picture
from integrity_archive.publish.command import publish_all
from integrity_archive.support import cache
from picture_files import GPS, exif, file, grain, opened, photo, profile, sides
from sites import broken_links, build, page
from trees import MKDOCS_YML, contents, write_tree

UPRIGHT = "red blue red"
"""``sides`` of a photograph as it was seen."""


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cache.ENVIRONMENT, str(tmp_path_factory.mktemp("cache")))


def transparent() -> Image.Image:
    made = photo().quantize(8)
    made.info["transparency"] = 0
    return made


def sixteen() -> Image.Image:
    return Image.fromarray((np.linspace(0, 65535, 400 * 300).reshape(300, 400)).astype(np.uint16))


# Name, what it holds, what readers see at the left, right and bottom left.
CASES: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "right": ("a.jpg", lambda: file(photo(), "JPEG"), UPRIGHT),
    "png called jpg": ("a.jpg", lambda: file(photo(), "PNG"), UPRIGHT),
    "jpg called png": ("a.png", lambda: file(photo(), "JPEG"), UPRIGHT),
    "heic": ("a.HEIC", lambda: file(photo(), "HEIF"), UPRIGHT),
    "heic called jpg": ("a.jpg", lambda: file(photo(), "HEIF"), UPRIGHT),
    "heic with place": ("a.heic", lambda: file(photo(), "HEIF", exif=exif(placed=True).tobytes()), UPRIGHT),
    "tiff": ("a.tif", lambda: file(photo(), "TIFF"), UPRIGHT),
    "cmyk tiff": ("a.tiff", lambda: file(photo(mode="CMYK"), "TIFF"), UPRIGHT),
    "bmp": ("a.bmp", lambda: file(photo(), "BMP"), UPRIGHT),
    "bmp called jpg": ("a.jpg", lambda: file(photo(), "BMP"), UPRIGHT),
    "cmyk": ("a.jpg", lambda: file(photo(mode="CMYK"), "JPEG"), UPRIGHT),
    "grey": ("a.jpg", lambda: file(photo(mode="L"), "JPEG"), "? ? ?"),
    "20,000 px": ("a.jpg", lambda: file(photo((20_000, 500)), "JPEG"), UPRIGHT),
    "moving gif": ("a.gif", lambda: file(photo(), "GIF", save_all=True, append_images=[photo((400, 300))]), UPRIGHT),
    "16 bits": ("a.png", lambda: file(sixteen(), "PNG"), "? ? ?"),
    "16-bit tiff": ("a.tif", lambda: file(sixteen(), "TIFF"), "? ? ?"),
    "with place": ("a.jpg", lambda: file(photo(), "JPEG", exif=exif(placed=True)), UPRIGHT),
    "png with place": ("a.png", lambda: file(photo(), "PNG", exif=exif(placed=True)), UPRIGHT),
    "place in xmp": ("a.jpg", lambda: file(photo(), "JPEG", xmp=b"<x exif:GPSLatitude='30,15N'/>"), UPRIGHT),
    "profile": ("a.png", lambda: file(photo(), "PNG", icc_profile=profile()), UPRIGHT),
    "transparent palette": ("a.png", lambda: file(transparent(), "PNG"), "? blue ?"),
    "webp": ("a.webp", lambda: file(photo(), "WEBP"), UPRIGHT),
    "avif": ("a.avif", lambda: file(photo(), "AVIF"), UPRIGHT),
    **{
        f"orientation {n}": ("a.jpg", lambda n=n: file(held(n), "JPEG", exif=exif(orientation=n)), UPRIGHT)
        for n in range(2, 9)
    },
}


def held(orientation: int) -> Image.Image:
    """What the chip of a telephone saw that was held so."""
    turns = {2: [0], 3: [3], 4: [1], 5: [5], 6: [2], 7: [6], 8: [4]}
    made = photo()
    for turn in turns[orientation]:
        made = made.transpose(Image.Transpose(turn))
    return made


@pytest.mark.parametrize("case", CASES)
def test_every_picture_is_right_on_pages_and_on_paper(case: str, tmp_path: Path) -> None:
    name, make, seen = CASES[case]
    path = tmp_path / name
    path.write_bytes(make())
    original = path.read_bytes()

    made, paper = page_renditions(str(path)), Path(paper_picture(str(path)))
    whole = opened(Path(made.whole).read_bytes())
    suffix = Path(published_name(name)).suffix
    assert whole.format == {".jpg": "JPEG", ".png": "PNG", ".gif": "GIF", ".webp": "WEBP", ".avif": "AVIF"}[suffix]
    assert opened(paper.read_bytes()).format == {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG"}[paper.suffix]
    for of in (Path(made.whole), paper, *(Path(p) for _, p in made.narrower)):
        image = opened(of.read_bytes())
        assert max(image.size) <= 2560
        assert not image.getexif().get_ifd(GPS)
        assert image.getexif().get(0x0112, 1) == 1
        assert b"GPS" not in of.read_bytes()
        assert image.mode in ("RGB", "RGBA", "P", "L")
        if "?" not in seen:
            assert sides(image) == seen
    assert (made.width, made.height) == whole.size
    assert round(made.width / made.height, 1) == (1.3 if case != "20,000 px" else 40.0)
    assert all(Path(p).stat().st_size <= 300_000 for _, p in made.narrower)
    assert path.read_bytes() == original


def test_what_is_right_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(file(photo(), "JPEG"))
    assert page_renditions(str(path)).whole == paper_picture(str(path)) == str(path)


def test_16_bits_keep_their_shades_and_transparency_is_kept(tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_bytes(file(sixteen(), "TIFF"))
    shades = np.asarray(opened(Path(page_renditions(str(tmp_path / "a.tif")).whole).read_bytes()).convert("L"))
    assert shades[0].mean() < 3
    assert shades[150].mean() == pytest.approx(128, abs=3)
    assert shades[-1].mean() > 252
    (tmp_path / "b.png").write_bytes(file(transparent(), "PNG"))
    for _, narrow in page_renditions(str(tmp_path / "b.png")).narrower:
        assert opened(Path(narrow).read_bytes()).mode == "RGBA"


BROKEN: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "是空的"),
    "text": ("不是图".encode(), "不是能读的图片"),
    "cut jpg": (file(photo(), "JPEG")[:1500], "读不到底"),
    "cut png": (file(grain((64, 64)), "PNG")[:3000], "读不到底"),
    "cut heic": (file(grain((256, 256)), "HEIF")[:9000], "读不到底"),
    "cut tiff": (file(photo(), "TIFF")[:9000], "不"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_cannot_be_read_is_named_wherever_it_stands(case: str, tmp_path: Path) -> None:
    data, what = BROKEN[case]
    body = "正文。\n\n![图](tu.jpg)\n"
    files: dict[str, Any] = {
        "stories/a/index.md": {"set": {"cover": "mian.jpg", "cover_alt": "图"}, "body": body},
        "stories/a/mian.jpg": data,
        "stories/a/tu.jpg": data,
        "docs/about.md": "# 关于\n\n![图](about.jpg)\n",
        "docs/about.jpg": data,
    }
    problems = examine(str(write_tree(tmp_path, files))).problems
    found = [p for p in problems if p.rule == "picture"]
    assert [(p.path, p.value) for p in found] == [
        ("docs/about.md", "about.jpg"),
        ("stories/a/index.md", "mian.jpg"),
        ("stories/a/index.md", "tu.jpg"),
    ]
    assert all(what in p.what and p.line and p.remedy and p.severity == "error" for p in found)


def test_reminders_of_what_readers_will_not_see_well(tmp_path: Path) -> None:
    frames = [grain((600, 600)).rotate(90 * n) for n in range(4)] * 3
    files: dict[str, Any] = {
        "docs/about.md": "# 关于\n\n"
        + "\n\n".join(f"![图]({n})" for n in ("c.png", "d.gif", "e.svg", "f.svg", "g.svg")),
        "docs/c.png": file(photo((300, 9000)), "PNG"),
        "docs/d.gif": file(frames[0], "GIF", save_all=True, append_images=frames[1:]),
        "docs/e.svg": '<svg xmlns="http://www.w3.org/2000/svg"/>',
        "docs/f.svg": f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="{"M0 0" * 400_000}"/></svg>',
        "docs/g.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="40px" height="30px"/>',
    }
    problems = [p for p in examine(str(write_tree(tmp_path, files))).problems if p.rule == "picture"]
    assert [(p.value, p.severity) for p in problems] == [(n, "warning") for n in ("c.png", "d.gif", "e.svg", "f.svg")]
    for problem, what in zip(problems, ("太长", "动图", "没有写宽高", "1.6 MB"), strict=True):
        assert what in problem.what


def test_no_picture_takes_the_place_of_another(tmp_path: Path) -> None:
    files = {"docs/about.md": "# 关于\n\n![图](a.heic)\n", "docs/a.heic": file(photo(), "HEIF")}
    root = write_tree(tmp_path, {**files, "docs/a.heic.jpg": file(photo(), "JPEG")})
    assert "clash" in [p.rule for p in examine(str(root)).problems if p.path == "docs/a.heic.jpg"]


def test_names_lead_there_and_back() -> None:
    for name in ("a.HEIC", "a.tif", "照片.bmp", "a.jpg", "a.heic.png", "a.md"):
        assert source_name(published_name(name)) == name


# --- sites -----------------------------------------------------------------------------------------------------------


def archive() -> dict[str, Any]:
    small = file(photo(), "JPEG")
    return {
        "stories/a/index.md": {
            "set": {"cover": "mian.HEIC", "cover_alt": "封面"},
            "body": "正文。\n\n![大](da.jpg)\n\n![小](xiao.jpg)\n\n"
            "![窄](xiao.jpg){: width=200 }\n\n[原图](saomiao.tif)\n",
        },
        "stories/a/mian.HEIC": file(photo((1600, 1200)), "HEIF"),
        "stories/a/da.jpg": file(grain((3000, 2000)), "JPEG", quality=92, exif=exif(placed=True)),
        "stories/a/xiao.jpg": small,
        "stories/a/saomiao.tif": file(photo(), "TIFF"),
        "stories/b.md": {"set": {"title": "另一篇", "people": ["羊续"]}},
        "docs/lessons/ke/index.md": {
            "set": {
                "activities": [{"title": "读", "kind": "阅读", "minutes": 45, "entries": ["stories/a"], "note": "白"}]
            }
        },
        "docs/lessons/ke/slides.md": "## 看图\n\n![图](deng.heic)\n\n## 再看\n\n![图](jia.jpg)\n",
        "docs/lessons/ke/deng.heic": file(photo((3000, 2000)), "HEIF"),
        "docs/lessons/ke/jia.jpg": file(photo(), "PNG"),
    }


def test_pages_offer_light_copies_of_known_size(tmp_path: Path) -> None:
    site = build(tmp_path, archive(), MKDOCS_YML + "site_url: https://archive.example\n")
    assert broken_links(site) == []
    found = page(site, "stories/a/index.html")
    great, small, narrow = found.css(".prose img")
    assert [great.attributes[k] for k in ("src", "width", "height")] == ["da.jpg", "2560", "1707"]
    offered = [candidate.split(" ") for candidate in str(great.attributes["srcset"]).split(", ")]
    assert [width for _, width in offered] == ["480w", "960w", "1440w", "2560w"]
    for url, width in offered:
        copy = site / "stories/a" / url
        assert f"{opened(copy.read_bytes()).width}w" == width
        assert copy.stat().st_size <= 300_000 or width == "2560w"
    assert great.attributes["sizes"]
    assert [small.attributes.get(k) for k in ("width", "height", "srcset")] == ["400", "300", None]
    assert [narrow.attributes.get(k) for k in ("width", "height")] == ["200", "150"]
    cover = found.css_first(".entry__cover")
    assert [cover.attributes[k] for k in ("src", "width", "height")] == [
        "../../stories/a/mian.HEIC.jpg",
        "320",
        "240",
    ]
    assert "mian.HEIC.jpg" in str(found.css_first("meta[property='og:image']").attributes["content"])
    assert found.css_first("a[href='saomiao.tif.jpg']")
    for name in ("mian.HEIC.jpg", "saomiao.tif.jpg", "da.jpg"):
        assert opened((site / "stories/a" / name).read_bytes()).format == "JPEG"
        assert b"GPS" not in (site / "stories/a" / name).read_bytes()
    assert not list(site.rglob("*.HEIC")) + list(site.rglob("*.tif"))
    card = page(site, "stories/index.html").css_first(".cover--picture img")
    copy = site / str(card.attributes["src"]).removeprefix("../")
    assert opened(copy.read_bytes()).size == (480, 360)
    assert copy.relative_to(site).as_posix() in (site / "browse/cards-0.js").read_text("utf-8")
    slide = page(site, "lessons/ke/slides.html").css_first("img")
    assert slide.attributes["sizes"] == "100vw"
    assert opened((site / "lessons/ke" / str(slide.attributes["src"])).read_bytes()).size == (2560, 1707)


def test_packs_and_books_get_pictures_that_office_reads(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "archive", archive())
    (root / "mkdocs.yml").write_text(MKDOCS_YML, "utf-8")
    before = contents(root)
    content, problems = edition_content(str(root), Site(name="试验馆"))
    assert not problems
    assert content
    for what in ("packs", "book", "poster"):
        assert list(publish_all(what, content, tmp_path / what))
    (pack,) = (tmp_path / "packs").rglob("*.zip")
    with zipfile.ZipFile(pack) as files:
        deck = next(files.read(name) for name in files.namelist() if name.endswith(".pptx"))
    (book,) = (tmp_path / "book").glob("*.epub")
    for data, folder in ((deck, "ppt/media/"), (book.read_bytes(), "EPUB/media/")):
        with zipfile.ZipFile(io.BytesIO(data)) as files:
            pictures = [name for name in files.namelist() if name.startswith(folder)]
            assert pictures
            for name in pictures:
                if not name.endswith(".svg"):
                    kind = {"jpg": "JPEG", "jpeg": "JPEG", "png": "PNG"}[name.rpartition(".")[2]]
                    assert opened(files.read(name)).format == kind
    assert contents(root) == before


def test_a_storyboard_draws_any_picture(tmp_path: Path) -> None:
    for name, data in (("a.jpg", file(held(6), "JPEG", exif=exif(orientation=6))), ("b.jpg", file(photo(), "PNG"))):
        (tmp_path / name).write_bytes(data)
        assert drawn_size(str(tmp_path / name), (0, 0, 960, 720))[0] > 960


def test_a_clean_check_means_that_the_build_succeeds(tmp_path: Path) -> None:
    """Over pictures that were cut and bent at random."""
    chance = random.Random(5)
    kinds = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "HEIF", "AVIF")
    outcomes = set()
    for n in range(80):
        data = bytearray(file(grain((96, 64)), chance.choice(kinds)))
        for _ in range(chance.randrange(4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        if chance.random() < 0.3:
            del data[chance.randrange(len(data)) :]
        path = tmp_path / f"{n}{chance.choice(('.jpg', '.png', '.webp', '.gif', '.heic', '.tif', '.bmp', '.avif'))}"
        path.write_bytes(data)
        try:
            read_picture(str(path))
        except PictureError as error:
            outcomes.add("named")
            assert error.what and error.remedy
            continue
        outcomes.add("made")
        assert page_renditions(str(path)).width
        assert paper_picture(str(path))
    assert outcomes == {"named", "made"}
