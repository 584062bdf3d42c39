"""Watching: hear of a saved file from the system, in place of asking for the state of all of them.

``mkdocs serve`` looks at every file that it watches twice a second. With ten thousand entries that takes a good part
of a processor, delays what an author waits for, and slows the build that follows.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from watchdog.events import (
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.polling import PollingObserver

if TYPE_CHECKING:
    from mkdocs.livereload import LiveReloadServer

CHANGES = (FileCreatedEvent, FileDeletedEvent, FileModifiedEvent, FileMovedEvent)
"""What is a change of a file; to open one, as the build does, is none."""

POLL_SECONDS = 0.5
"""How often files are looked at of which the system tells nothing; MkDocs' own."""

MOUNTS = Path("/proc/mounts")
"""What is mounted where, on Linux."""
ELSEWHERE = re.compile(r"9p|afs|cifs|drvfs|fuse\b.*|nfs\d?|prl_fs|smb3?|vboxsf|virtiofs")
"""File systems whose files others change too, the host of a virtual machine among them, of which we are not told."""


class Watcher:
    """An observer as ``LiveReloadServer`` wants one: the system's for folders, one that looks again for single files.

    An editor that saves under another name and renames replaces a file, and what was asked of the system was asked of
    the old one.
    """

    def __init__(self, mounts: Path = MOUNTS) -> None:
        self._mounts = mounts
        self._looking = PollingObserver(timeout=POLL_SECONDS)
        self._told = Observer()
        self._folders: list[tuple[FileSystemEventHandler, str, bool]] = []

    def schedule(self, handler: FileSystemEventHandler, path: str, *, recursive: bool) -> Any:
        """Watch a folder or file."""
        if os.path.isfile(path) or self._is_elsewhere(path):
            return self._looking.schedule(handler, path, recursive=recursive)
        self._folders.append((handler, path, recursive))
        return self._told.schedule(handler, path, recursive=recursive, event_filter=list(CHANGES))

    def _is_elsewhere(self, path: str) -> bool:
        """Whether a folder lies on a disk that others write to."""
        try:
            mounts = [line.split(" ") for line in self._mounts.read_text("utf-8", "replace").splitlines()]
        except OSError:  # not Linux, where the system knows
            return False
        folder = os.path.join(os.path.realpath(path), "")
        places = {os.path.join(place.replace(r"\040", " "), ""): kind for _, place, kind, *_ in mounts}
        nearest = max((place for place in places if folder.startswith(place)), key=len, default="")
        return ELSEWHERE.fullmatch(places.get(nearest, "")) is not None

    def unschedule(self, watch: Any) -> None:
        """Watch something no more."""
        for observer in (self._told, self._looking):
            with suppress(KeyError):
                observer.unschedule(watch)

    def start(self) -> None:
        """Begin; where the system lets us watch no more folders, they are looked at."""
        try:
            self._told.start()
        except OSError:
            self._told.unschedule_all()
            for handler, path, recursive in self._folders:
                self._looking.schedule(handler, path, recursive=recursive)
        self._looking.start()

    def stop(self) -> None:
        """End."""
        for observer in (self._told, self._looking):
            observer.stop()


def watch_by_the_system(server: LiveReloadServer, *watched: str) -> None:
    """Have a server told of changes, also of those to what it watches already."""
    mine = []
    for path in watched:
        with suppress(KeyError):  # not watched
            server.unwatch(path)
            mine.append(path)
    server.observer = Watcher()  # type: ignore[assignment]
    for path in mine:
        server.watch(path)
