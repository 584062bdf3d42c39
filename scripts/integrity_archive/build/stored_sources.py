"""Stored sources: documents, entries and bodies of the last build, whose content is read when it is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from integrity_archive.build.state import State
from integrity_archive.content.entry import Document, Entry, Reach, reach_of
from integrity_archive.content.front_matter import Tree
from integrity_archive.content.loader import read_document
from integrity_archive.content.markup.markdown import Body
from integrity_archive.content.model.facts import Facts
from integrity_archive.content.model.record import Record
from integrity_archive.content.outline import Outline


class StoredDocument(Document):
    """A document of which only the path is known until its text is asked for."""

    def __init__(self, path: str, root: str) -> None:
        self.__dict__.update(path=path, _root=root)

    @cached_property
    def _read(self) -> Document:
        document, _ = read_document(self.__dict__["_root"], self.path)
        return document or Document(self.path, Tree({}, {}), "", 1)

    @property
    def tree(self) -> Tree:
        return self._read.tree

    @property
    def body(self) -> str:
        return self._read.body

    @property
    def body_line(self) -> int:
        return self._read.body_line


class StoredEntry(Entry):
    """An entry of which only the outline is known until more is asked for."""

    def __init__(self, outline: Outline, state: State, root: str) -> None:
        assert outline.facts is not None
        self.__dict__.update(
            id=outline.facts.id,
            document=StoredDocument(outline.path, root),
            facts=outline.facts,
            files=outline.files,
            published_files=outline.published_files,
            _internal=outline.internal,
            _state=state,
        )

    def __reduce__(self) -> tuple[object, ...]:
        # Another process has no state.
        return Entry, (self.id, self.meta, Document(self.document.path, Tree({}, {}), "", 1))

    @cached_property
    def meta(self) -> Record:
        state: State = self.__dict__["_state"]
        return state.meta(self.document.path)

    @property
    def _facts(self) -> Facts:
        facts: Facts = self.__dict__["facts"]
        return facts

    @property
    def kind(self) -> str:
        return self._facts.kind

    @property
    def title(self) -> str:
        return self._facts.title

    @property
    def internal(self) -> bool:
        return bool(self.__dict__["_internal"])

    @property
    def reach(self) -> Reach:
        return reach_of("published" if self._facts.published else "draft", "internal" if self.internal else "public")

    def slim(self) -> Entry:
        return self


class Bodies(Mapping[str, Body]):
    """Converted bodies by path: those of this build, and of unchanged documents those of the last, read when asked."""

    def __init__(self, fresh: Mapping[str, Body], stored: Iterable[str], state: State | None) -> None:
        self._made: dict[str, Body | None] = {**dict.fromkeys(stored), **fresh}
        self._state = state

    def __getitem__(self, path: str) -> Body:
        body = self._made[path]
        if body is None:
            assert self._state is not None
            body = self._made[path] = self._state.body(path)
        return body

    def __contains__(self, path: object) -> bool:
        return path in self._made

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)
