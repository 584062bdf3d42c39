"""JSON Schemas of the kinds and the data files, for editors."""

from __future__ import annotations

import json
import types
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel

from integrity_archive.content.data_file import SCREENS_PATH
from integrity_archive.content.model.field_types import Part
from integrity_archive.content.model.marks import Controlled
from integrity_archive.content.model.sayings import PATH as SAYINGS_PATH
from integrity_archive.content.model.sayings import SayingsFile
from integrity_archive.content.model.schema import KINDS, Video
from integrity_archive.content.model.vocabulary import PATH as VOCABULARY_PATH
from integrity_archive.content.model.vocabulary import Vocabulary, VocabularyFile
from integrity_archive.films.storyboard import NAME as STORYBOARD_NAME
from integrity_archive.films.storyboard import Storyboard
from integrity_archive.kiosk.screens import ScreensFile
from integrity_archive.output.marker import read_json

DRAFT = "http://json-schema.org/draft-07/schema#"
GENERATED = "archive schema 写的；再运行一次，这里的改动会被盖掉"


EDITOR_SETTINGS = ".vscode/settings.json"
"""Settings of Visual Studio Code for an archive, below its root."""

_DATA_FILES: Mapping[str, tuple[type[BaseModel], str]] = types.MappingProxyType(
    {
        "vocabulary": (VocabularyFile, VOCABULARY_PATH),
        "sayings": (SayingsFile, SAYINGS_PATH),
        "screens": (ScreensFile, SCREENS_PATH),
        "storyboard": (Storyboard, f"{Video.folder}/**/{STORYBOARD_NAME}"),
    }
)
"""Models of the data files by the name of the schema, and where the files lie."""


def schemas(vocabulary: Vocabulary) -> Mapping[str, str]:
    """Schema files by name: one a kind, and one for each data file."""
    models: dict[str, type[BaseModel]] = {**KINDS, **{name: model for name, (model, _) in _DATA_FILES.items()}}
    return {_file_name(name): _dump(_schema(model, vocabulary)) for name, model in models.items()}


def editor_settings() -> str:
    """``EDITOR_SETTINGS``: which schema describes which files."""
    places = {
        **{kind: f"{record.folder}/**/*.md" for kind, record in KINDS.items()},
        **{name: place for name, (_, place) in _DATA_FILES.items()},
    }
    settings = {
        "$comment": GENERATED,
        "yaml.schemas": {f"schemas/{_file_name(name)}": place for name, place in places.items()},
        "yaml.customTags": ["!ENV sequence"],
        "files.encoding": "utf8",
        "files.eol": "\n",
    }
    return _dump(settings)


def is_schema(path: Path) -> bool:
    """Whether a file is a schema that was written here: it says so, and that its changes will be lost."""
    return _says(path, {"$schema": DRAFT, "$comment": GENERATED})


def is_editor_settings(path: Path) -> bool:
    """Whether a file is one of settings that was written here: it says so, and that its changes will be lost."""
    return _says(path, {"$comment": GENERATED})


def _says(path: Path, wanted: Mapping[str, str]) -> bool:
    found = read_json(path)
    return isinstance(found, dict) and {key: found.get(key) for key in wanted} == wanted


def _file_name(name: str) -> str:
    return f"{name}.schema.json"


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
