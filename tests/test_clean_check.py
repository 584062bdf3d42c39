"""If ``archive check`` finds no error, building, publishing and packing succeed.

The archives are small and made at random: texts as authors mistype them, pictures as telephones and chat programs send
them. ``FUZZ=40`` gives forty times the examples.
"""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from integrity_archive.build.examine import examine
from integrity_archive.cli.main import main
from integrity_archive.support.problems import errors
from lesson_files import FILES as LESSON_FILES
from picture_files import exif, file, photo
from trees import MKDOCS_YML, write_tree

EXAMPLES = 5 * int(os.environ.get("FUZZ", "1"))
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 30"><path d="M0 0h9v9z"/></svg>'
PNG, JPEG = file(photo(), "PNG"), file(photo(), "JPEG")
PICTURES: dict[str, tuple[str, bytes]] = {
    "as it should be": ("tu.png", PNG),
    "chat program": ("tu.jpg", PNG),
    "telephone": ("tu.jpg", file(photo(), "HEIF")),
    "on its side": ("tu.jpg", file(photo(), "JPEG", exif=exif(orientation=6, placed=True))),
    "print shop": ("tu.jpg", file(photo(mode="CMYK"), "JPEG")),
    "scanner": ("tu.tif", file(photo(), "TIFF")),
    "16 bits": ("tu.png", file(photo(mode="I;16"), "PNG")),
    "moving": ("tu.gif", file(photo(), "GIF", save_all=True, append_images=[photo((400, 300)).rotate(90)])),
    "slender": ("tu.png", file(photo((6000, 40)), "PNG")),
    "cut": ("tu.jpg", JPEG[: len(JPEG) // 2]),
    "empty": ("tu.png", b""),
    "drawing": ("tu.svg", SVG),
    "drawing of no size": ("tu.svg", SVG.replace(b' viewBox="0 0 40 30"', b"")),
    "drawing of a point": ("tu.svg", SVG.replace(b"viewBox", b'width="1e-9" height="5" viewBox')),
}
BLOCKS = [
    "正文一句。", "> 天知，神知", "> > > 引中引", "- 一\n- 二\n    - 三", "1. 一\n2. 二", "一句[^1]。\n\n[^1]: 注文",
    "| 甲 | 乙 |\n|---|---|\n| 一 | 二 | 三 |", "<ruby>髡<rt>kūn</rt></ruby>", "## 小标题", "**粗** *斜* `码`",
    "```\n代码 # 号\n```", "    缩进", "![图](TU)", "[链接](https://example.cn/)", "<u>下</u>", "{{ 花括号 }} {% x %}",
    "$x$ \\LaTeX #set @a", "***", "𪚥 🙂 བོད", "第 5 条\n换行的汉字\nAI 时代", "*没有成对", "&amp; < >", "---",
    "![全角]（TU）", "长" * 400, "a" * 300, "[^2] 没有注文", "\\* \\[ \\#", "～～～", "- [ ] 待办",
]  # fmt: skip
WRONG = ["[没有](mei-you.md)", "<script>x</script>", "&#11;", "> " * 30 + "深", "\ue000"]
TITLES = ["题", "“读史”四知", "[甲]乙", "CON", "size", "a\u200bb", "🙂", "﹏ # 号", "<b>粗</b>", "&amp;", "长" * 60]


@pytest.mark.long
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    title=st.sampled_from(TITLES),
    name=st.sampled_from(TITLES),
    body=st.lists(st.sampled_from(BLOCKS), max_size=6),
    slides=st.lists(st.sampled_from(BLOCKS), max_size=4),
    wrong=st.sampled_from(["", "", "", "", *WRONG]),
    picture=st.sampled_from(sorted(PICTURES)),
)
def test_what_check_passes_can_be_built_published_and_packed(
    title: str, name: str, body: list[str], slides: list[str], wrong: str, picture: str
) -> None:
    file_name, content = PICTURES[picture]
    text, deck = ("\n\n".join(blocks).replace("TU", file_name) for blocks in ([*body, wrong], slides))
    values: dict[str, Any] = {"title": title or "题", "people": ["杨震", name], "cover": file_name, "cover_alt": "图"}
    lesson = dict(LESSON_FILES)
    folder = next(path for path in lesson if path.endswith("/slides.md")).rpartition("/")[0]
    files = {
        "mkdocs.yml": MKDOCS_YML,
        **lesson,
        f"{folder}/slides.md": f"{lesson[f'{folder}/slides.md']}\n## 又一页\n\n{deck}\n",
        f"{folder}/{file_name}": content,
        "stories/zhu/index.md": {"set": values, "body": text or "正文。"},
        f"stories/zhu/{file_name}": content,
    }
    with TemporaryDirectory() as place:
        root = write_tree(Path(place, "guan"), files)
        if errors(examine(str(root)).problems):
            event("refused by check")
            return
        event(f"clean: {picture}")
        (Path(place) / "pan").mkdir()
        for command in (
            ["build", "--out", f"{place}/site"],
            ["publish", "packs", "--out", f"{place}/packs"],
            ["publish", "book", "--out", f"{place}/books"],
            ["pack", "usb", f"{place}/pan"],
        ):
            done = CliRunner().invoke(main, ["--root", str(root), "--quiet", *command])
            assert done.exit_code == 0, (command, done.output, done.exception)
