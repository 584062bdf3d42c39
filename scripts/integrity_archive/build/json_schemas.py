"""JSON Schemas of the kinds and the data files, for editors."""

from __future__ import annotations

import json
import types
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel

from integrity_archive.content.field_types import Part
from integrity_archive.content.marks import Controlled
from integrity_archive.content.sayings import SayingsFile
from integrity_archive.content.schema import KINDS
from integrity_archive.content.vocabulary import Vocabulary, VocabularyFile
from integrity_archive.films.storyboard import Storyboard
from integrity_archive.kiosk.screens import ScreensFile
from integrity_archive.output.marker import read_json

DRAFT = "http://json-schema.org/draft-07/schema#"
GENERATED = "archive schema 写的；再运行一次，这里的改动会被盖掉"


def schemas(vocabulary: Vocabulary) -> Mapping[str, str]:
    """Schema files by name: one a kind, and one for each data file."""
    models: dict[str, type[BaseModel]] = {
        **KINDS,
        "vocabulary": VocabularyFile,
        "sayings": SayingsFile,
        "screens": ScreensFile,
        "storyboard": Storyboard,
    }
    return {f"{name}.schema.json": _dump(_schema(model, vocabulary)) for name, model in models.items()}


def is_schema(path: Path) -> bool:
    """Whether a file is a schema that was written here: it says so, and that its changes will be lost."""
    found = read_json(path)
    return isinstance(found, dict) and (found.get("$schema"), found.get("$comment")) == (DRAFT, GENERATED)


def _schema(model: type[BaseModel], vocabulary: Vocabulary) -> dict[str, Any]:
    schema = model.model_json_schema(by_alias=True)
    schema = {"$schema": DRAFT, "$comment": GENERATED, **schema}
    for owner in _models(model):
        target = schema if owner is model else schema["$defs"][owner.__name__]
        for name, field in owner.model_fields.items():
            for mark in field.metadata:
                if isinstance(mark, Controlled):
                    _limit(target["properties"][field.alias or name], list(vocabulary[mark.list]))
    return schema


def _limit(node: dict[str, Any], labels: list[str]) -> None:
    """Allow only these strings where a node allows strings."""
    for choice in (node, *node.get("anyOf", ()), node.get("items", {})):
        if choice.get("type") == "string":
            choice["enum"] = labels


def _models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """The model and the parts within it."""
    yield model
    seen = {model}
    pending: list[Any] = [f.annotation for f in model.model_fields.values()]
    while pending:
        annotation = pending.pop()
        if isinstance(annotation, type) and issubclass(annotation, Part):
            if annotation not in seen:
                seen.add(annotation)
                yield annotation
                pending += [f.annotation for f in annotation.model_fields.values()]
        elif get_origin(annotation) in (Union, types.UnionType, tuple) or get_args(annotation):
            pending += get_args(annotation)


def _dump(schema: dict[str, Any]) -> str:
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
