"""PDF: Typst text to pages."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import typst

from integrity_archive.fonts import sans, serif
from integrity_archive.publish.office import pandoc

HERE = Path(__file__).parent
_BETWEEN = "\ue000"


def write_pdf(
    template: str, text: str, out: str, told: Mapping[str, object], pictures: Mapping[str, str] | None = None
) -> None:
    """Typeset ``text`` under a template of this package; ``pictures`` lie beside it under the names given.

    Raises:
        FontError: the system has no Chinese font.
    """
    said = {"serif": serif(), "sans": sans(), **told}
    with tempfile.TemporaryDirectory() as folder:
        for name, path in (pictures or {}).items():
            shutil.copyfile(path, os.path.join(folder, name))
        source = Path(folder, "sheet.typ")
        source.write_text((HERE / template).read_text("utf-8") + "\n" + text, "utf-8")
        made = typst.compile(str(source), root=folder, sys_inputs={"told": json.dumps(said, ensure_ascii=False)})
    Path(out).write_bytes(made)


def as_typst_all(markups: Sequence[str]) -> list[str]:
    """Pieces of HTML as Typst text, in one run of Pandoc, which takes longer to start than to convert."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "made.typ")
        pandoc(f"<p>{_BETWEEN}</p>".join(markups), ["--to=typst", "--wrap=none"], path)
        return [text.strip() for text in Path(path).read_text("utf-8").split(_BETWEEN)]


def as_typst(markup: str) -> str:
    """HTML as Typst text."""
    return as_typst_all([markup])[0]
