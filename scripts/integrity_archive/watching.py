"""Watching: hear of a saved file from the system, in place of asking for the state of all of them.

``mkdocs serve`` looks at every file that it watches twice a second. With ten thousand entries that takes a good part
of a processor, delays what an author waits for, and slows the build that follows.
"""

from __future__ import annotations

import os
from contextlib import suppress
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


class Watcher:
    """An observer as ``LiveReloadServer`` wants one: the system's for folders, one that looks again for single files.

    An editor that saves under another name and renames replaces a file, and what was asked of the system was asked of
    the old one.
    """

    def __init__(self) -> None:
        self._looking = PollingObserver(timeout=POLL_SECONDS)
        self._told = Observer()
        self._folders: list[tuple[FileSystemEventHandler, str, bool]] = []

    def schedule(self, handler: FileSystemEventHandler, path: str, *, recursive: bool) -> Any:
        """Watch a folder or file."""
        if os.path.isfile(path):
            return self._looking.schedule(handler, path)
        self._folders.append((handler, path, recursive))
        return self._told.schedule(handler, path, recursive=recursive, event_filter=list(CHANGES))

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
