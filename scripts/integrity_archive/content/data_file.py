"""Data files: YAML files other than entries, such as the vocabulary and the sayings, each read into one model."""

from __future__ import annotations

from typing import TypeVar

from pydantic import ValidationError

from integrity_archive.content.front_matter import Tree, parse_yaml
from integrity_archive.content.model.field_types import Part
from integrity_archive.content.model.model_errors import model_problems
from integrity_archive.content.text_files import read_text
from integrity_archive.support.problems import Problem, errors

SCREENS_PATH = "docs/screens.yml"
"""The programmes of public screens; read by ``kiosk``."""
BENCHMARK_PATH = "docs/measured.yml"
"""Results of the benchmark for the handbook; read by ``build``."""

Model = TypeVar("Model", bound=Part)


def read_data(root: str, path: str, model: type[Model]) -> tuple[Model | None, Tree, list[Problem]]:
    """Read the YAML file at ``path`` below ``root``.

    Returns the model (None if the file cannot be used), the tree with the line of every value, and the problems.
    """
    text, problems = read_text(root, path)
    if text is None:
        return None, Tree({}, {}), problems
    tree, faults = parse_yaml(text, path, first_line=1)
    problems += faults
    if errors(faults):
        return None, tree, problems
    try:
        return model.model_validate(tree.values), tree, problems
    except ValidationError as error:
        return None, tree, problems + model_problems(error, model, tree, path)
