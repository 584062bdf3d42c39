"""Papers: files added to a built site for a stick: scripts that verify it, and a note for readers."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from integrity_archive.archive.stick_names import README
from integrity_archive.support.windows import text_file


def add_papers(site: Path, name: str, dated: str, *, internal: bool) -> None:
    """Add the verifying scripts and the note for readers to ``site``."""
    folder = resources.files("integrity_archive.usb").joinpath("scripts")
    (site / "verify.sh").write_bytes(folder.joinpath("verify.sh").read_bytes())
    (site / "verify.ps1").write_bytes(text_file(folder.joinpath("verify.ps1").read_text("utf-8"), mark=True))
    (site / "verify.cmd").write_bytes(text_file(folder.joinpath("verify.cmd").read_text("utf-8"), mark=False))
    text = (
        folder.joinpath("readme.txt")
        .read_text("utf-8")
        .format(name=f"{name}（内部资料，注意保管，请勿外传）" if internal else name, dated=dated or "待补")
    )
    (site / README).write_bytes(text_file(text, mark=True))
