"""The table of the manifest: every document, entry, member and former address.

A run writes the rows that changed, and notes how many rows there are and of which generation.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from dateline.documents.manifest.head import HEAD, content_of, write_head
from dateline.documents.manifest.records import Head, ManifestChange
from dateline.documents.manifest.row_format import (
    DOCUMENTS,
    ENTRIES,
    FORMER,
    KINDS,
    MEMBERS,
    NOTES,
    SCHEMA,
    STORIES,
    UNREADABLE,
    Damaged,
    Kind,
    Note,
    R,
    StoryListing,
    is_passing,
)
from dateline.errors import StoreError
from dateline.text.urls import fingerprint

TABLE = ".manifest.sqlite"
WAIT = 10.0  # seconds for another run
_PART = 500  # rows
_PAGE = 4096  # bytes: SQLite's own, unless it is told otherwise
HEAD_NOTE, COUNTS = "head", "counts"


def write(folder: Path, head: Head, change: ManifestChange, *, anew: bool = False) -> None:
    """Add to the table what changed, then put the head in place, which makes it seen.

    Where all is written `anew`, the table is a new one, and readers keep the old till then.
    Raises `StoreError`, and `Damaged` where the table must be written anew.
    """
    if not (folder / TABLE).exists():
        if not anew and (folder / HEAD).exists():
            raise Damaged(f"{TABLE} is missing")
        anew = True
    table = folder / (f"{TABLE}.new" if anew else TABLE)
    with in_our_words(table):
        if anew:
            table.unlink(missing_ok=True)
        with closing(open_table(table, "rwc" if anew else "rw")) as tables, tables:
            if anew:
                tables.executescript(SCHEMA)
            _write(tables, head, change, anew=anew)
        if anew:
            _roll_back(folder / TABLE)
            table.replace(folder / TABLE)
    with in_our_words(folder):
        write_head(folder, replace(head, table=mark(folder / TABLE)))


def _write(tables: sqlite3.Connection, head: Head, change: ManifestChange, *, anew: bool) -> None:
    writing = _Writing(tables, anew=anew)
    back = []
    for documents in _parts(change.documents):
        writing.put(DOCUMENTS, documents)
        back += [] if anew else [(fingerprint(one.path),) for one in documents]
    writing.delete(DOCUMENTS, [(path,) for path in change.gone])
    for entries in _parts(change.entries):
        writing.put(ENTRIES, entries)
        stories = [StoryListing(id=one.id, story=one.story) for one in entries if one.story]
        writing.put(STORIES, stories)
        writing.delete(STORIES, [(one.id,) for one in entries if not one.story])
    for members in _parts(change.members):
        writing.put(MEMBERS, members)
    writing.delete(FORMER, back)
    for former in _parts(change.former):
        writing.put(FORMER, former)
    writing.end(head)


class _Writing:
    """Rows on their way into the tables, and the copies of these, counted."""

    def __init__(self, tables: sqlite3.Connection, *, anew: bool) -> None:
        self._tables = tables
        self._anew = anew
        self._counts = Counter[str]() if anew else Counter(counts_of(tables))

    def put(self, kind: Kind[R], rows: Sequence[R]) -> None:
        """Add rows, or replace those of the same names."""
        rows = [*{kind.key_of(row): row for row in rows}.values()]
        if not self._anew or kind is FORMER:  # the same address may be former for two reasons
            self.delete(kind, [kind.key_of(row) for row in rows])
        values = [kind.values(row) for row in rows]
        marks = ", ".join("?" for _ in (*kind.columns, "checksum"))
        names = ", ".join((*kind.columns, "checksum"))
        for table in kind.tables:
            statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 - ours
            self._tables.executemany(statement, values)
        self._counts[kind.table] += len(rows)

    def delete(self, kind: Kind[R], keys: Sequence[tuple[Any, ...]]) -> None:
        """Delete the rows of these names, where they are there."""
        where = " AND ".join(f"{name} = ?" for name in kind.key)
        for table in kind.tables if keys else ():
            found = self._tables.executemany(f"DELETE FROM {table} WHERE {where}", keys)  # noqa: S608 - ours
            if table == kind.table:
                self._counts[table] -= found.rowcount

    def end(self, head: Head) -> None:
        """Note of which generation the table is, and how many rows it has."""
        counts = json.dumps({kind.table: self._counts[kind.table] for kind in KINDS})
        self.put(
            NOTES, [Note(name=HEAD_NOTE, text=content_of(head)), Note(name=COUNTS, text=counts)]
        )


def counts_of(tables: sqlite3.Connection) -> dict[str, int]:
    """Return how many rows each kind should have."""
    try:
        counts: dict[str, int] = json.loads(note_of(tables, COUNTS))
    except ValueError as error:
        raise Damaged(f"{TABLE} does not say how many rows it has") from error
    return counts


def note_of(tables: sqlite3.Connection, name: str) -> str:
    """Return a text of the table about itself, or an empty one."""
    note = NOTES.find(tables, (name,))
    return note.text if note else ""


def mark(path: Path) -> str:
    """Return what stands for a table: its size, and its first page, which every change changes."""
    with path.open("rb") as file:
        return f"{path.stat().st_size}-{hashlib.sha256(file.read(_PAGE)).hexdigest()}"


# ---- How it is opened


def open_table(path: Path, mode: str) -> sqlite3.Connection:
    """Open a table to be changed; `mode` as in SQLite's addresses."""
    tables = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=WAIT)
    try:
        tables.execute("PRAGMA journal_mode=DELETE")
        tables.execute("PRAGMA secure_delete=ON")  # what is taken down is not left in free pages
    except sqlite3.Error:
        tables.close()
        raise
    return tables


def _roll_back(path: Path) -> None:
    """Undo what a run that was killed left in a table; else it would be done to the next one."""
    journal = path.with_name(f"{path.name}-journal")
    if not journal.exists():
        return
    with closing(sqlite3.connect(path)) as tables:
        try:
            tables.execute("SELECT * FROM sqlite_schema").fetchone()
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:  # no table at all, and replaced in a moment
            pass
    journal.unlink(missing_ok=True)


@contextmanager
def in_our_words(path: Path) -> Iterator[None]:
    """Let what the machine refuses be a `StoreError`, and anything else `Damaged`."""
    try:
        yield
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}.") from error
    except UNREADABLE as error:
        if is_passing(error):
            raise StoreError(f"{path} cannot be used: {error}.") from error
        raise Damaged(str(error)) from error


def _parts(rows: Iterable[R]) -> Iterator[list[R]]:
    left = iter(rows)
    while part := [*islice(left, _PART)]:
        yield part
