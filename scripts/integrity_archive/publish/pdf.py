"""PDF: typesets Typst text."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from secrets import token_hex

import typst

from integrity_archive.publish.office import pandoc
from integrity_archive.support.fonts import sans, serif

HERE = Path(__file__).parent
_COLUMNS = re.compile(r"(#table\(\s*columns: )(\d+),")


class TypesetError(Exception):
    """Typst cannot typeset a document; the message is Typst's own."""


def write_pdf(
    template: str, text: str, out: str, values: Mapping[str, object], pictures: Mapping[str, str] | None = None
) -> None:
    """Typeset ``text`` after a template of this package.

    Args:
        template: name of the template's file.
        text: Typst text.
        out: path of the PDF.
        values: values for the template, as JSON.
        pictures: paths by the name under which ``text`` refers to them.

    Raises:
        FontError: the system has no Chinese font.
        TypesetError: Typst failed.
    """
    inputs = {"serif": serif(), "sans": sans(), **values}
    with tempfile.TemporaryDirectory() as folder:
        for name, path in (pictures or {}).items():
            shutil.copyfile(path, os.path.join(folder, name))
        source = Path(folder, "sheet.typ")
        source.write_text((HERE / template).read_text("utf-8") + "\n" + text, "utf-8")
        try:
            made = typst.compile(str(source), root=folder, sys_inputs={"data": json.dumps(inputs, ensure_ascii=False)})
        except RuntimeError as error:
            # The path of the temporary folder means nothing to an author.
            raise TypesetError(" ".join(str(error).replace(folder, "").split())) from None
    Path(out).write_bytes(made)


def as_typst_all(markups: Sequence[str]) -> list[str]:
    """Convert pieces of HTML to Typst text in one run of Pandoc, which takes longer to start than to convert.

    Raises:
        PandocError: Pandoc failed.
        TypesetError: the result has another number of pieces.
    """
    between = f"between{token_hex(16)}"  # no author can have typed it
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "made.typ")
        pandoc(f"<p>{between}</p>".join(markups), ["--to=typst", "--wrap=none"], path)
        texts = [text.strip() for text in Path(path).read_text("utf-8").split(between)]
    if len(texts) != len(markups):
        raise TypesetError(f"Pandoc made {len(texts)} texts of {len(markups)}")
    return texts


def as_typst(markup: str) -> str:
    """HTML as Typst text."""
    return as_typst_all([markup])[0]


def full_width(text: str) -> str:
    """Pandoc's Typst text, with full width for tables that have no column widths."""
    return _COLUMNS.sub(r"\1(1fr,) * \2,", text)


def value(data: object) -> str:
    """A value as an argument in Typst code, encoded as JSON in a string."""
    return f"json(bytes({json.dumps(json.dumps(data, ensure_ascii=False), ensure_ascii=False)}))"
