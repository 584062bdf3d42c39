"""Places: the file and the pages around a hall's screens, by name."""

from __future__ import annotations

DOORS = ("index", "signage", "install")
FRAMES = frozenset({"kiosk.md", "signage.md", *(f"folder-{name}.md" for name in DOORS)})
"""Pages around the archive's own: they hold others, or lead to them, and have no address on a telephone."""
