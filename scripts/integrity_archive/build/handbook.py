"""The handbook's generated parts: tables of fields, vocabulary and crosswalk, made from the code they describe.

A page of ``docs/`` asks for one with a line of its own, ``<!-- archive: fields story -->``.
"""

from __future__ import annotations

import dataclasses
import re
import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from integrity_archive.build.benchmark_runs import Run, chart
from integrity_archive.content.entry import Document
from integrity_archive.content.model.dates import Moment
from integrity_archive.content.model.field_types import Part
from integrity_archive.content.model.marks import Controlled, Mark, Media, Name, Ref, marks_of
from integrity_archive.content.model.record import Record
from integrity_archive.content.model.sayings import Saying
from integrity_archive.content.model.schema import KINDS, RECORDS
from integrity_archive.content.model.vocabulary import Period, Vocabulary, VocabularyFile
from integrity_archive.content.site_settings import PluginOptions
from integrity_archive.exports.crosswalk import crosswalk
from integrity_archive.films.storyboard import Storyboard
from integrity_archive.kiosk.screens import ScreensFile

_MARKER = re.compile(r"^<!-- archive: (\w+)(?: (\w+))? -->$", re.M)

_MODELS: Mapping[str, type[BaseModel]] = types.MappingProxyType(
    {
        "common": Record,
        "vocabulary": VocabularyFile,
        "sayings": Saying,
        "screens": ScreensFile,
        "storyboard": Storyboard,
    }
)
"""What else has a table of fields, by the word that asks for it."""


def expand(document: Document, vocabulary: Vocabulary | None, runs: Sequence[Run] = ()) -> Document:
    """The document with its markers replaced by what they ask for; an unknown marker stays and is reported as HTML."""
    if "<!-- archive:" not in document.body or vocabulary is None:
        return document
    return dataclasses.replace(document, body=_MARKER.sub(lambda m: _replace(m, vocabulary, runs), document.body))


def _replace(found: re.Match[str], vocabulary: Vocabulary, runs: Sequence[Run]) -> str:
    what, which = found.groups()
    if what == "measured":
        return "\n".join(chart(runs))
    if what == "terms":
        return "\n".join(_terms(vocabulary))
    if what == "options":
        return "\n".join(_options())
    if what == "kinds":
        return "\n".join(_kinds())
    if what == "fields" and which == "kinds":
        return "\n".join(_fields_of_kinds())
    if what == "fields" and which in KINDS:
        return "\n".join(_tables(KINDS[which], without=Record))
    if what == "fields" and which in _MODELS:
        return "\n".join(_tables(_MODELS[which]))
    if what == "crosswalk":
        return "\n".join(_crosswalk())
    return found[0]


def _kinds() -> Iterator[str]:
    yield from ("| 种类 | 写什么 | 放在 |", "|---|---|---|")
    for record in RECORDS:
        yield f"| `{record.kind}` | {record.collection} | `{record.folder}/` |"


def _fields_of_kinds() -> Iterator[str]:
    for record in RECORDS:
        yield f"\n## {record.label} {record.kind}\n"
        yield from _tables(record, without=Record)


def _tables(model: type[BaseModel], without: type[BaseModel] | None = None) -> Iterator[str]:
    """A table of a model's own fields, then one for each part used in them."""
    known = without.model_fields if without else {}
    fields = {
        n: f
        for n, f in model.model_fields.items()
        if n not in known or str(f.annotation) != str(known[n].annotation) or f.is_required() != known[n].is_required()
    }
    yield from ("| 字段 | 必填 | 写法 | 说明 |", "|---|---|---|---|")
    parts: dict[str, type[Part]] = {}
    for name, field in fields.items():
        need = "是" if field.is_required() else ""
        marks = marks_of(field)
        yield f"| `{field.alias or name}` | {need} | {_kind(field.annotation, marks)} | {_cell(field.description)} |"
        parts.update({p.__name__: p for p in _parts(field.annotation)})
    for part in parts.values():
        names = "、".join(f"`{f.alias or n}`" for n, f in fields.items() if part in set(_parts(f.annotation)))
        yield f"\n{names} 里写：{(part.__doc__ or '').strip().rstrip('。')}。\n"
        yield from _tables(part)


def _cell(text: str | None) -> str:
    """Text as it is in a table's cell: no brace is read as attributes."""
    return (text or "").replace("{", "\\{").replace("|", "\\|")


def _parts(annotation: Any) -> Iterator[type[Part]]:
    if isinstance(annotation, type) and issubclass(annotation, Part):
        yield annotation
    for argument in get_args(annotation):
        yield from _parts(argument)


def _kind(annotation: Any, marks: Sequence[Mark]) -> str:
    """How a value is written, in an author's words."""
    many = get_origin(annotation) is tuple
    for mark in marks:
        match mark:
            case Controlled():
                return f"词表 {mark.list}" + ("，列表" if many else "")
            case Ref():
                return "条目 id" + ("，列表" if many else "")
            case Media():
                return "文件名（" + " ".join(mark.suffixes) + "）"
            case Name():
                return "名字" + ("，列表" if many else "")
    return _plain_kind(annotation)


def _plain_kind(annotation: Any) -> str:
    origin = get_origin(annotation)
    arguments = [a for a in get_args(annotation) if a is not type(None) and a is not Ellipsis]
    if origin is Literal:
        return "、".join(map(str, arguments)) + " 之一"
    if origin is tuple:
        return "列表" if not any(_parts(annotation)) else "列表，每项一组字段"
    if origin in (Union, types.UnionType):
        kinds = {_plain_kind(a) for a in arguments}
        return "数" if "数" in kinds else _plain_kind(arguments[0])
    if hasattr(annotation, "__metadata__"):
        return _plain_kind(arguments[0])
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return "一组字段"
    names: Mapping[Any, str] = {str: "文字", int: "整数", float: "数", bool: "true 或 false", Moment: "年份或日期"}
    return names.get(annotation, "日期")


def _crosswalk() -> Iterator[str]:
    yield from ("| 字段 | Dublin Core | schema.org / LRMI | CollectionBuilder |", "|---|---|---|---|")
    for row in crosswalk():
        yield f"| `{row.field}` | {row.dc} | {row.schema} | {row.cb} |"


def _terms(vocabulary: Vocabulary) -> Iterator[str]:
    for name, field in VocabularyFile.model_fields.items():
        yield f"\n### {field.description}（`{name}`）\n"
        yield from ("| 词 | 说明 | 写成这些会提示改用它 |", "|---|---|---|")
        for term in vocabulary[name].values():
            years = f"{term.start} 至 {term.end}" if isinstance(term, Period) else ""
            yield f"| {term.label} | {years or term.hint or ''} | {'、'.join(term.aliases)} |"


def _options() -> Iterator[str]:
    yield from ("| 选项 | 默认 | 说明 |", "|---|---|---|")
    for name, field in PluginOptions.model_fields.items():
        yield f"| `{name}` | {field.default} | {field.description} |"
