"""Placeholders: what a new draft has where its author has still to write."""

from __future__ import annotations

PLACEHOLDER = "待补"
PLACEHOLDER_BODY = "正文从这里写起。"
