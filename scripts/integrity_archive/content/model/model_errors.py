"""Model errors: pydantic's validation errors as problems for authors: in Chinese, with line, value and remedy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from integrity_archive.content.front_matter import Tree, field_name
from integrity_archive.content.model.field_types import Loc
from integrity_archive.support.problems import Problem, nearest

_BY_LINE = "一条一行，以 - 开头"
"""In the documentation of a field: its list must be written one item a line, because the items may contain commas."""
_TYPES = {
    "string_type": ("文字", "整个用引号括起来"),
    "int_type": ("整数", "只写数字，不带单位和引号"),
    "int_parsing": ("整数", "只写数字，不带单位和引号"),
    "int_from_float": ("整数", "去掉小数"),
    "number_type": ("数字", "只写数字，如 5.5"),
    "bool_type": ("true（是）或 false（否）", "写 true 或 false，不加引号"),
    "bool_parsing": ("true（是）或 false（否）", "写 true 或 false，不加引号"),
    "tuple_type": ("列表", "写成 [甲, 乙]，或每项一行以 - 开头"),
    "list_type": ("列表", "写成 [甲, 乙]，或每项一行以 - 开头"),
    "model_type": ("一组字段", "换行缩进，写成“字段: 值”"),
    "dict_type": ("一组字段", "换行缩进，写成“字段: 值”"),
    "date_type": ("日期", "写成 2026-11-23 的样子"),
    "date_parsing": ("日期", "写成 2026-11-23 的样子"),
    "date_from_datetime_parsing": ("日期", "写成 2026-11-23 的样子"),
    "date_from_datetime_inexact": ("日期", "写成 2026-11-23 的样子，不写时刻"),
}


def model_problems(error: ValidationError, model: type[BaseModel], tree: Tree, path: str) -> list[Problem]:
    """All validation errors of one file as problems."""
    details = _once(error.errors())
    return [_problem(d, model, tree, path) for d in details if not _follows(d, details)]


def _once(details: list[ErrorDetails]) -> list[ErrorDetails]:
    """Merge the two errors for a value that is neither an int nor a float: to an author it is one fault."""
    merged: list[ErrorDetails] = []
    for detail in details:
        if detail["loc"][-1:] == ("float",) and merged and merged[-1]["loc"] == (*detail["loc"][:-1], "int"):
            merged[-1] = {**detail, "loc": detail["loc"][:-1]}
            if detail["type"] == "float_type":
                merged[-1]["type"] = "number_type"
        else:
            merged.append(detail)
    return merged


def _follows(detail: ErrorDetails, details: list[ErrorDetails]) -> bool:
    """Whether a list is too short only because some of its items are invalid, which is reported already."""
    loc = detail["loc"]
    return detail["type"] == "too_short" and any(
        len(d["loc"]) > len(loc) and d["loc"][: len(loc)] == loc for d in details
    )


def _problem(detail: ErrorDetails, model: type[BaseModel], tree: Tree, path: str) -> Problem:
    loc: Loc = tuple(detail["loc"])
    value, what, remedy = _explain(detail, loc, model)
    rule = detail["type"].removeprefix("archive_").replace("_", "-")
    return Problem(path, tree.line(loc), field_name(loc), value, what, remedy, rule)


def _explain(detail: ErrorDetails, loc: Loc, model: type[BaseModel]) -> tuple[str, str, str]:
    """Value, fault and remedy."""
    kind, ctx = detail["type"], detail.get("ctx", {})
    value = _show(detail["input"])
    if kind.startswith("archive_"):
        return ("", ctx["message"], ctx["remedy"])
    if kind == "missing":
        doc = _field_docs(model, loc[:-1]).get(str(loc[-1]), "")
        return ("", "缺少必填字段", f"补上 {loc[-1]}: {doc}".rstrip(": "))
    if kind == "extra_forbidden":
        names = _field_docs(model, loc[:-1])
        guess = nearest(str(loc[-1]), names)
        return ("", "没有这个字段", f"是不是“{guess}”？" if guess else "可用的字段：" + "、".join(names))
    if kind in _TYPES:
        return _wrong_type(detail, loc, model)
    if kind == "literal_error":
        choices = re.findall(r"'([^']*)'", str(ctx.get("expected", "")))
        guess = nearest(str(detail["input"]), choices)
        return (value, "不是可选的值", f"是不是“{guess}”？" if guess else "可选：" + "、".join(choices))
    if kind in ("string_too_long", "too_long"):
        return (value, f"超过 {ctx['max_length']} 字（现有 {len(str(detail['input']))} 字）", "缩短")
    if kind == "too_short":
        return ("", f"至少要有 {ctx['min_length']} 项", "补上")
    if kind == "string_pattern_mismatch":
        doc = _field_docs(model, loc[:-1]).get(str(loc[-1]), "")
        return (value, "写法不对", f"应为：{doc}" if doc else f"须符合 {ctx['pattern']}")
    if kind in ("greater_than_equal", "less_than_equal"):
        bound = f"不小于 {ctx['ge']}" if "ge" in ctx else f"不大于 {ctx['le']}"
        return (value, "数字超出范围", f"须{bound}")
    return (value, "不合要求", "对照手册修改")


def _wrong_type(detail: ErrorDetails, loc: Loc, model: type[BaseModel]) -> tuple[str, str, str]:
    kind, value = detail["type"], _show(detail["input"])
    wanted, remedy = _TYPES[kind]
    if detail["input"] is None:
        return ("", f"没有填，应当是{wanted}", "填上内容，或整行删去")
    if kind == "tuple_type" and _BY_LINE in _field_docs(model, loc[:-1]).get(str(loc[-1]), ""):
        remedy = _BY_LINE
    if kind == "model_type":
        remedy = _field_docs(model, loc[:-1]).get(str(loc[-1]), "").rstrip("。") or remedy
    if kind.startswith("date") and re.match(r"\d{4}-\d{1,2}-\d{1,2}$", value):
        return (value, "没有这一天", "核对年月日")
    return (value, f"类型不对，应当是{wanted}", remedy)


def _show(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{" + "、".join(map(str, value)) + "}"
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)


def _field_docs(model: type[BaseModel], loc: Loc) -> Mapping[str, str]:
    """Names and documentation of the fields allowed at ``loc``."""
    current: type[BaseModel] | None = model
    for part in loc:
        if isinstance(part, str) and current is not None:
            field = next((f for n, f in current.model_fields.items() if part in (n, f.alias)), None)
            current = _model_in(field.annotation) if field else None
    if current is None:
        return {}
    return {f.alias or name: f.description or "" for name, f in current.model_fields.items()}


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((m for a in get_args(annotation) if (m := _model_in(a))), None)
