"""Placeholders: texts in a new draft that its author still has to replace."""

from __future__ import annotations

PLACEHOLDER = "待补"
PLACEHOLDER_BODY = "正文从这里写起。"
