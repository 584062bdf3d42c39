"""Watching: lets the system report saved files, instead of polling all files.

``mkdocs serve`` checks every watched file twice a second. With ten thousand entries that takes a large part of a
processor, delays what an author waits for, and slows down the build that follows.
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
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.polling import PollingObserver

from integrity_archive.content.leftovers import is_leftover

if TYPE_CHECKING:
    from mkdocs.livereload import LiveReloadServer

CHANGES = (FileCreatedEvent, FileDeletedEvent, FileModifiedEvent, FileMovedEvent)
"""Events that change a file; opening one, as the build does, is not one of them."""

POLL_SECONDS = 0.5
"""Interval for polling files whose changes the system does not report; the same as MkDocs' own."""

MOUNTS = Path("/proc/mounts")
"""List of mounted file systems, on Linux."""
ELSEWHERE = re.compile(r"9p|afs|cifs|drvfs|fuse\b.*|nfs\d?|prl_fs|smb3?|vboxsf|virtiofs")
"""File systems that other computers (or the host of a virtual machine) change too, without notifying this one."""


class _OfContent(FileSystemEventHandler):
    """Passes on what happens to content, and not what a program does with its ``leftovers`` meanwhile."""

    def __init__(self, handler: FileSystemEventHandler) -> None:
        self._handler = handler

    def dispatch(self, event: FileSystemEvent) -> None:
        """Pass an event on; a file that is renamed has two names, of which one may be a leftover's."""
        names = [os.path.basename(os.fsdecode(path)) for path in (event.src_path, event.dest_path) if path]
        if not all(map(is_leftover, names)):
            self._handler.dispatch(event)


class Watcher:
    """An observer for ``LiveReloadServer``: notifications of the system for folders, polling for single files.

    Single files are polled because an editor that saves by renaming replaces a file, and the system continues to watch
    the old one.
    """

    def __init__(self, mounts: Path = MOUNTS) -> None:
        self._mounts = mounts
        self._looking = PollingObserver(timeout=POLL_SECONDS)
        self._told = Observer()
        self._folders: list[tuple[FileSystemEventHandler, str, bool]] = []

    def schedule(self, handler: FileSystemEventHandler, path: str, *, recursive: bool) -> Any:
        """Watch a folder or a file."""
        handler = _OfContent(handler)
        if os.path.isfile(path) or self._is_elsewhere(path):
            return self._looking.schedule(handler, path, recursive=recursive)
        self._folders.append((handler, path, recursive))
        return self._told.schedule(handler, path, recursive=recursive, event_filter=list(CHANGES))

    def _is_elsewhere(self, path: str) -> bool:
        """Whether a folder is on a file system of ``ELSEWHERE``."""
        try:
            mounts = [line.split(" ") for line in self._mounts.read_text("utf-8", "replace").splitlines()]
        except OSError:  # not Linux: rely on the system's notifications
            return False
        folder = os.path.join(os.path.realpath(path), "")
        places = {os.path.join(place.replace(r"\040", " "), ""): kind for _, place, kind, *_ in mounts}
        nearest = max((place for place in places if folder.startswith(place)), key=len, default="")
        return ELSEWHERE.fullmatch(places.get(nearest, "")) is not None

    def unschedule(self, watch: Any) -> None:
        """Stop watching a folder or a file."""
        for observer in (self._told, self._looking):
            with suppress(KeyError):
                observer.unschedule(watch)

    def start(self) -> None:
        """Begin; if the system refuses to watch so many folders, they are polled."""
        try:
            self._told.start()
        except OSError:
            self._told.unschedule_all()
            for handler, path, recursive in self._folders:
                self._looking.schedule(handler, path, recursive=recursive)
        self._looking.start()

    def stop(self) -> None:
        """Stop both observers."""
        for observer in (self._told, self._looking):
            observer.stop()


def watch_by_the_system(server: LiveReloadServer, *watched: str) -> None:
    """Replace a server's observer by a ``Watcher``, which also takes over the paths it watches already.

    Args:
        server: the server of ``mkdocs serve``.
        watched: paths that it may be watching.
    """
    paths = []
    for path in watched:
        with suppress(KeyError):  # not watched
            server.unwatch(path)
            paths.append(path)
    server.observer = Watcher()  # type: ignore[assignment]
    for path in paths:
        server.watch(path)
