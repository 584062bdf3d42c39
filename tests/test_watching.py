"""What ``mkdocs serve`` is told of: every way to save a file, and nothing that only reads one."""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers.api import BaseObserver

from integrity_archive.mkdocs.watching import Watcher


class Heard(FileSystemEventHandler):
    """Names of files of which something was told, while it was listened to."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def on_any_event(self, event: FileSystemEvent) -> None:
        if not event.is_directory:
            self.names.add(Path(str(event.dest_path or event.src_path)).name)

    def within(self, seconds: float, name: str) -> bool:
        end = time.monotonic() + seconds
        while name not in self.names and time.monotonic() < end:
            time.sleep(0.02)
        return name in self.names


@pytest.fixture(params=["told", "refused", "elsewhere"])
def heard(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Heard]:
    """A folder and a file beside it that are watched; where the system refuses or cannot know, one looks."""
    (tmp_path / "stories").mkdir()
    (tmp_path / "stories/a.md").write_text("一", "utf-8")
    (tmp_path / "mkdocs.yml").write_text("site_name: 馆", "utf-8")
    mounts = tmp_path / "mounts"
    kind = "cifs" if request.param == "elsewhere" else "ext4"
    space = str(tmp_path.resolve()).replace(" ", r"\040")
    mounts.write_text(f"/dev/sda1 / ext4 rw 0 0\nproc /proc proc rw 0 0\n//馆/共享 {space} {kind} rw 0 0\n", "utf-8")
    watcher, handler = Watcher(mounts), Heard()
    if request.param == "elsewhere":
        monkeypatch.setattr(watcher._told, "schedule", lambda *_, **__: pytest.fail("the system does not know"))
    for name in ("stories", "mkdocs.yml"):
        watcher.schedule(handler, str(tmp_path / name), recursive=True)
    if request.param == "refused":

        def refused(self: BaseObserver) -> None:
            raise OSError(errno.ENOSPC, "inotify watch limit reached")

        with monkeypatch.context() as patch:
            patch.setattr(type(watcher._told), "start", refused)
            watcher.start()
    else:
        watcher.start()
    time.sleep(0.2)
    yield handler
    watcher.stop()


def in_place(path: Path) -> None:
    path.write_text("二，改过", "utf-8")


def renamed(path: Path) -> None:
    beside = path.with_name("saved~")
    beside.write_text("三，另存", "utf-8")
    beside.replace(path)


@pytest.mark.parametrize("save", [in_place, renamed])
@pytest.mark.parametrize("name", ["stories/a.md", "stories/new.md", "stories/folder/index.md", "mkdocs.yml"])
def test_every_way_to_save_is_heard(heard: Heard, tmp_path: Path, name: str, save: Callable[[Path], None]) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    for _ in range(2):  # what was replaced is still watched
        heard.names.clear()
        save(path)
        assert heard.within(10, path.name)
        time.sleep(0.7)


def test_a_build_that_reads_is_not_heard(heard: Heard, tmp_path: Path) -> None:
    (tmp_path / "stories/a.md").read_text("utf-8")
    assert not heard.within(1.5, "a.md")
    (tmp_path / "stories/a.md").unlink()
    assert heard.within(10, "a.md")


def test_what_programs_leave_beside_a_text_is_not_heard(heard: Heard, tmp_path: Path) -> None:
    names = ("~$a.docx", ".a.md.swp", "a.md~", "~WRL0005.tmp")
    for name in names:
        (tmp_path / "stories" / name).write_text("x", "utf-8")
    assert not heard.within(1.5, names[0])
    assert heard.names.isdisjoint(names)
