"""Names: the names of the pages around a hall's screens."""

from __future__ import annotations

DOORS = ("index", "signage", "install")
FRAMES = frozenset({"kiosk.md", "signage.md", *(f"folder-{name}.md" for name in DOORS)})
"""Pages that contain or open the archive's own pages; they have no public address."""
