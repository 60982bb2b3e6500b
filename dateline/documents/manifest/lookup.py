"""Queries of the manifest's table: single documents for workers, all rows for a recovery."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, Generic, TypeVar

from dateline.documents.manifest.checks import head_in
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
    PLAIN,
    PLAIN_STORIES,
    STORIES,
    UNREADABLE,
    Damaged,
    PlaceRow,
    PlainStory,
    R,
    RowKind,
    StoryListing,
    advice_on_refusal,
    is_refusal,
)
from dateline.documents.manifest.table import TABLE, counts_of
from dateline.errors import StoreError
from dateline.model import Role
from dateline.text.urls import fingerprint

_TIMEOUT = 3.0  # seconds for which a web worker waits for a run that syncs
_T = TypeVar("_T")


class ManifestReader:
    """Read-only queries for single documents (`dateline.serve.app`).

    Raises `sqlite3.Error` if the answer is in doubt: none is taken from a damaged row.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, path: str) -> DocumentListing | None:
        """Return the document at `path`, or None if none was published there."""
        return self._query(lambda tables: _find(tables, DOCUMENTS, path))

    def former(self, path: str) -> str | None:
        """Return the target of a former address, an empty text if it is gone for good.

        None if nothing was ever published there.
        """
        found = self._query(lambda tables: _find(tables, FORMER, fingerprint(path)))
        return found.address if found else None

    def withdrawn(self, path: str) -> int | None:
        """Return when the entry at `path` was withdrawn, in seconds since 1970, if it is known.

        Of an entry that was taken down it is not.
        """
        found = self._query(lambda tables: _find(tables, FORMER, fingerprint(path)))
        return found.withdrawn if found else None

    def entries(self, ids: Sequence[str]) -> list[EntryListing]:
        """Return the entries with these ids, in their order, without those that there are not."""
        return self._query(lambda tables: [*_entries(tables, ids)])

    def head(self) -> Head:
        """Return the head from the table, for a worker that finds no head file."""
        return self._query(
            lambda tables: replace(_head_note(tables), documents=_subscriptions(tables))
        )

    def head_note(self) -> Head:
        """Return the head from the table without documents, which reads a single row."""
        return self._query(_head_note)

    def count_entries(self) -> int:
        """Return the number of published entries, without those that were withdrawn."""
        query = "SELECT count(*) FROM entry WHERE withdrawn IS NULL AND NOT purged"
        return self._query(lambda tables: int(tables.execute(query).fetchone()[0]))

    def _query(self, ask: Callable[[sqlite3.Connection], _T]) -> _T:
        try:
            return self._query_as("ro", ask)
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", 0) != sqlite3.SQLITE_READONLY_ROLLBACK:
                raise
        # A publisher was killed during a change, which only a writer can roll back
        # (sqlite.org/lockingv3.html).
        return self._query_as("rw", ask)

    def _query_as(self, mode: str, ask: Callable[[sqlite3.Connection], _T]) -> _T:
        address = f"{(self._folder / TABLE).absolute().as_uri()}?mode={mode}"
        with closing(sqlite3.connect(address, uri=True, timeout=_TIMEOUT)) as tables:
            try:
                return ask(tables)
            except (ValueError, OverflowError) as error:
                raise Damaged(str(error)) from error


class Rows(Generic[_T]):
    """All intact rows of one kind, in the order of their keys.

    Once all are read, `lost` is the number of the others, None if that is unknown. An entry
    whose story is damaged comes without one and counts in `storyless`; a member whose entry is lost
    is lost as well. Raises `StoreError` if the machine refuses to read the table.
    """

    def __init__(self, folder: Path, kind: RowKind[Any]) -> None:
        self._folder = folder
        self._kind = kind
        self.lost: int | None = None
        self.storyless = 0

    def __iter__(self) -> Iterator[_T]:
        """Yield the rows from the beginning of the table."""
        path = self._folder / TABLE
        if not path.exists():
            return
        count = 0
        try:
            with closing(
                sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)
            ) as tables:
                for row in self._complete(tables):
                    count += 1
                    yield row
                expected = count if _is_older(tables) else _expected(tables, self._kind)
                self.lost = None if expected is None else expected - count
        except UNREADABLE as error:
            if is_refusal(error):
                advice = advice_on_refusal(error, path.name)
                raise StoreError(f"{path} cannot be used: {error}.{advice}") from error

    def _complete(self, tables: sqlite3.Connection) -> Iterator[Any]:
        rows = _whole(tables, self._kind)
        if self._kind is ENTRIES:
            return (self._with_story(tables, row) for row in rows)
        return _members(tables, rows) if self._kind is MEMBERS else rows

    def _with_story(self, tables: sqlite3.Connection, row: EntryListing) -> EntryListing:
        if row.story or row.purged:
            return row
        found = _with_story(tables, row)
        self.storyless += not found.story and row.withdrawn is None
        return found


def entries(folder: Path) -> Rows[EntryListing]:
    """Return every published entry in the manifest of a folder."""
    return Rows(folder, ENTRIES)


def members(folder: Path) -> Rows[MemberListing]:
    """Return the members of all feeds in the manifest of a folder."""
    return Rows(folder, MEMBERS)


def former(folder: Path) -> Rows[FormerListing]:
    """Return the former addresses in the manifest of a folder."""
    return Rows(folder, FORMER)


def documents(folder: Path) -> Rows[DocumentListing]:
    """Return every document in the manifest of a folder."""
    return Rows(folder, DOCUMENTS)


def documents_after(folder: Path, path: str, count: int) -> list[DocumentListing]:
    """Return the next documents after a path, in the order of their paths.

    Those whose rows are damaged in the copy, too, are left out. Raises `StoreError`.
    """
    return _asked(folder, lambda tables: _rows_after(tables, DOCUMENTS, path, count))


def entries_after(folder: Path, id_: str, count: int) -> list[EntryListing]:
    """Return the next entries after an id, in the order of their ids.

    Those whose rows are damaged in the copy, too, are left out; a damaged story is empty. Raises
    `StoreError`.
    """
    return _asked(
        folder,
        lambda tables: [
            _with_story(tables, one) for one in _rows_after(tables, ENTRIES, id_, count)
        ],
    )


def _asked(folder: Path, ask: Callable[[sqlite3.Connection], _T]) -> _T:
    table = folder / TABLE
    try:
        with closing(sqlite3.connect(f"{table.absolute().as_uri()}?mode=rw", uri=True)) as tables:
            return ask(tables)
    except UNREADABLE as error:
        advice = advice_on_refusal(error, table.name)
        raise StoreError(f"{table} cannot be used: {error}.{advice}") from error


def _rows_after(tables: sqlite3.Connection, kind: RowKind[R], key: str, count: int) -> list[R]:
    """Return the next `count` rows after a key, damaged ones from the copy of the table."""
    found: dict[tuple[Any, ...], R] = {}
    rest = f"WHERE {kind.key[0]} > ? ORDER BY {kind.key[0]} LIMIT ?"
    for table in kind.tables:
        rows = _read(tables, f"{kind.select(table)} {rest}", *kind.stored_key((key,)), count)
        for row in filter(None, map(kind.read, rows)):
            found.setdefault(kind.key_of(row), row)
        if len(found) == count:
            break
    return [row for _, row in sorted(found.items())][:count]


def _with_story(tables: sqlite3.Connection, row: EntryListing) -> EntryListing:
    """Return an entry with its story, an empty text if that is damaged."""
    try:
        return replace(row, story=_story(tables, row))
    except UNREADABLE:
        return row


def _find(tables: sqlite3.Connection, kind: RowKind[R], key: str) -> R | None:
    if _is_older(tables):
        return next(_older(tables, kind, f"WHERE {kind.key[0]} = ?", key), None)
    return kind.find(tables, (key,))


def _entries(tables: sqlite3.Connection, ids: Sequence[str]) -> Iterator[EntryListing]:
    for id_ in ids:
        found = _find(tables, ENTRIES, id_)
        if found is not None:
            yield found if _is_older(tables) else replace(found, story=_story(tables, found))


def _story(tables: sqlite3.Connection, entry: EntryListing) -> str:
    """Return the story of an entry, an empty text if there is none."""
    found: StoryListing | PlainStory | None
    if _version(tables) == PLAIN:
        found = PLAIN_STORIES.find(tables, (entry.id,))
    else:
        found = STORIES.find(tables, (entry.sequence,))
    return found.story if found else ""


def _members(tables: sqlite3.Connection, rows: Iterable[PlaceRow]) -> Iterator[MemberListing]:
    """Yield members with the ids of their entries, without those whose entries are lost."""
    ids: dict[int, str] | None = None
    for row in rows:
        id_ = row.entry
        if isinstance(id_, int):
            if ids is None:
                ids = {one.sequence: one.id for one in _whole(tables, ENTRIES)}
            id_ = ids.get(id_)
        if id_ is not None or row.entry is None:
            values = {name: getattr(row, name) for name in MEMBERS.columns}
            yield MemberListing(**values | {"entry": id_})


def _head_note(tables: sqlite3.Connection) -> Head:
    head = head_in(tables)
    if not isinstance(head, Head):
        raise Damaged(f"{TABLE} is {head}")
    return head


def _subscriptions(tables: sqlite3.Connection) -> dict[str, DocumentListing]:
    """Return the subscription documents, without those whose rows are damaged."""
    found: dict[str, DocumentListing] = {}
    for table in DOCUMENTS.tables:
        query = f"{DOCUMENTS.select(table)} WHERE role = {Role.SUBSCRIPTION:d}"
        for row in map(DOCUMENTS.read, _read(tables, query)):
            if row is not None:
                found.setdefault(row.path, row)
    return found


def _whole(tables: sqlite3.Connection, kind: RowKind[R]) -> Iterator[R]:
    """Yield the intact rows, from the table and from its copy."""
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


def _read(tables: sqlite3.Connection, query: str, *values: object) -> Iterator[Any]:
    """Yield rows until the end, or until a damaged page."""
    try:
        yield from tables.execute(query, values)
    except UNREADABLE as error:
        if is_refusal(error):
            raise


def _expected(tables: sqlite3.Connection, kind: RowKind[Any]) -> int | None:
    """Return the number of rows there should be, or None if that is damaged."""
    try:
        return counts_of(tables).get(kind.table)
    except UNREADABLE:
        return None


# ---- Tables until 26 November 2026


def _is_older(tables: sqlite3.Connection) -> bool:
    return _version(tables) == 0


def _version(tables: sqlite3.Connection) -> int:
    return int(tables.execute("PRAGMA user_version").fetchone()[0])


def _older(tables: sqlite3.Connection, kind: RowKind[R], rest: str, *values: str) -> Iterator[R]:
    """Yield rows that have no checksum, after a check of the types of their values."""
    names = [*kind.columns, *(["story"] if kind is ENTRIES else [])]
    query = f"SELECT {', '.join(names)} FROM {kind.table} {rest}"  # noqa: S608 - our own names
    for found in tables.execute(query, values):
        row = kind.made(dict(zip(names, found, strict=True)))
        try:
            yield typed(row)
        except TypeError as error:
            raise Damaged(f"{kind.table} is damaged") from error
