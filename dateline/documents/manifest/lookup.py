"""How the manifest's table is read: one document at a time by workers, all of it after a loss."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, Generic, TypeVar

from dateline.documents.manifest.checks import head_of_table
from dateline.documents.manifest.head import typed
from dateline.documents.manifest.records import (
    DocumentListing,
    EntryListing,
    FormerListing,
    Head,
    MemberListing,
)
from dateline.documents.manifest.row_format import (
    DOCUMENTS,
    ENTRIES,
    FORMER,
    MEMBERS,
    STORIES,
    UNREADABLE,
    Damaged,
    Kind,
    R,
    is_passing,
)
from dateline.documents.manifest.table import TABLE, counts_of
from dateline.errors import StoreError
from dateline.model import Role
from dateline.text.urls import fingerprint

_PATIENCE = 3.0  # seconds of a web worker, which has others to answer, for a run that syncs
_T = TypeVar("_T")


class ManifestReader:
    """Looks up single documents, and changes none (`dateline.serve.app`).

    Raises `sqlite3.Error` where something cannot be known: it never answers from a damaged row.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, path: str) -> DocumentListing | None:
        """Return the document called `path`, or None where publishing promised none."""
        return self._asked(lambda tables: _find(tables, DOCUMENTS, path))

    def former(self, path: str) -> str | None:
        """Return where what was called `path` went, an empty text where it is gone for good.

        None where publishing never promised it.
        """
        found = self._asked(lambda tables: _find(tables, FORMER, fingerprint(path)))
        return found.target if found else None

    def head(self) -> Head:
        """Return the head as the table has it, for a worker that finds none beside it."""
        return self._asked(
            lambda tables: replace(_head_note(tables), documents=_subscriptions(tables))
        )

    def head_note(self) -> Head:
        """Return the head as the table has it, without documents: one row is read."""
        return self._asked(_head_note)

    def count_entries(self) -> int:
        """Return how many entries are published, without those that were withdrawn."""
        query = "SELECT count(*) FROM entry WHERE withdrawn IS NULL AND NOT purged"
        return self._asked(lambda tables: int(tables.execute(query).fetchone()[0]))

    def _asked(self, ask: Callable[[sqlite3.Connection], _T]) -> _T:
        try:
            return self._asked_as("ro", ask)
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", 0) != sqlite3.SQLITE_READONLY_ROLLBACK:
                raise
        # A publisher was killed amid a change: who may write undoes it (sqlite.org/lockingv3.html).
        return self._asked_as("rw", ask)

    def _asked_as(self, mode: str, ask: Callable[[sqlite3.Connection], _T]) -> _T:
        address = f"{(self._folder / TABLE).absolute().as_uri()}?mode={mode}"
        with closing(sqlite3.connect(address, uri=True, timeout=_PATIENCE)) as tables:
            try:
                return ask(tables)
            except (ValueError, OverflowError) as error:
                raise Damaged(str(error)) from error


class Rows(Generic[R]):
    """All rows of one kind that are whole, in the order of their names.

    `lost` is how many are not, once all are read: None where that cannot be known. A story that
    is damaged makes an entry without one, which is in `mute`. Raises `StoreError` where the
    machine refuses.
    """

    def __init__(self, folder: Path, kind: Kind[R]) -> None:
        self._folder = folder
        self._kind = kind
        self.lost: int | None = None
        self.mute = 0

    def __iter__(self) -> Iterator[R]:
        """Read the table from its beginning."""
        path = self._folder / TABLE
        if not path.exists():
            return
        count = 0
        try:
            with closing(
                sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)
            ) as tables:
                for row in _whole(tables, self._kind):
                    count += 1
                    yield self._with_story(tables, row)
                expected = count if _is_older(tables) else _expected(tables, self._kind)
                self.lost = None if expected is None else expected - count
        except UNREADABLE as error:
            if is_passing(error):
                raise StoreError(f"{path} cannot be used: {error}.") from error

    def _with_story(self, tables: sqlite3.Connection, row: R) -> R:
        if not isinstance(row, EntryListing) or row.story or row.purged:
            return row
        try:
            found = STORIES.find(tables, (row.id,))
        except UNREADABLE:
            found = None
        self.mute += found is None and row.withdrawn is None
        return replace(row, story=found.story) if found else row


def entries(folder: Path) -> Rows[EntryListing]:
    """Return every published entry that the manifest in `folder` remembers."""
    return Rows(folder, ENTRIES)


def members(folder: Path) -> Rows[MemberListing]:
    """Return the members of all feeds that the manifest in `folder` remembers."""
    return Rows(folder, MEMBERS)


def former(folder: Path) -> Rows[FormerListing]:
    """Return the addresses at which nothing is any more, as the manifest in `folder` has them."""
    return Rows(folder, FORMER)


def documents(folder: Path) -> Rows[DocumentListing]:
    """Return every document that the manifest in `folder` promises."""
    return Rows(folder, DOCUMENTS)


def _find(tables: sqlite3.Connection, kind: Kind[R], key: str) -> R | None:
    if _is_older(tables):
        return next(_older(tables, kind, f"WHERE {kind.key[0]} = ?", key), None)
    return kind.find(tables, (key,))


def _head_note(tables: sqlite3.Connection) -> Head:
    head = head_of_table(tables)
    if not isinstance(head, Head):
        raise Damaged(f"{TABLE} is {head}")
    return head


def _subscriptions(tables: sqlite3.Connection) -> dict[str, DocumentListing]:
    """Return the subscription documents; one whose rows are damaged is left to be looked up."""
    found: dict[str, DocumentListing] = {}
    for table in DOCUMENTS.tables:
        query = f"{DOCUMENTS.select(table)} WHERE role = {Role.SUBSCRIPTION:d}"
        for row in map(DOCUMENTS.read, _read(tables, query)):
            if row is not None:
                found.setdefault(row.path, row)
    return found


def _whole(tables: sqlite3.Connection, kind: Kind[R]) -> Iterator[R]:
    """Give the rows that are whole, from the table and from its copy."""
    if _is_older(tables):
        yield from _older(tables, kind, f"ORDER BY {', '.join(kind.key)}")
        return
    seen: set[tuple[Any, ...]] = set()
    for table in kind.tables:
        for found in _read(tables, f"{kind.select(table)} ORDER BY {', '.join(kind.key)}"):
            row = kind.read(found)
            if row is not None and (key := kind.key_of(row)) not in seen:
                seen.add(key)
                yield row
        if len(seen) == _expected(tables, kind):
            return


def _read(tables: sqlite3.Connection, query: str) -> Iterator[Any]:
    """Give rows until the end, or until a damaged page."""
    try:
        yield from tables.execute(query)
    except UNREADABLE as error:
        if is_passing(error):
            raise


def _expected(tables: sqlite3.Connection, kind: Kind[Any]) -> int | None:
    """Return how many rows there should be, or None where that is damaged."""
    try:
        return counts_of(tables).get(kind.table)
    except UNREADABLE:
        return None


# ---- Tables until 26 November 2026


def _is_older(tables: sqlite3.Connection) -> bool:
    return bool(tables.execute("PRAGMA user_version").fetchone()[0] == 0)


def _older(tables: sqlite3.Connection, kind: Kind[R], rest: str, *values: str) -> Iterator[R]:
    """Give rows that have no checksum: those whose values have their types."""
    names = [*kind.columns, *(["story"] if kind is ENTRIES else [])]
    query = f"SELECT {', '.join(names)} FROM {kind.table} {rest}"  # noqa: S608 - our own names
    for found in tables.execute(query, values):
        row = kind.made(dict(zip(names, found, strict=True)))
        try:
            yield typed(row)
        except TypeError as error:
            raise Damaged(f"{kind.table} is damaged") from error
