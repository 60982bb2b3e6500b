"""The table of the manifest: every document, entry, member and former address.

A run writes the rows that changed, the numbers of rows, and a copy of the head.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from dateline.documents import in_parts, refuse_obstacle
from dateline.documents.manifest.head import content_of, write_head
from dateline.documents.manifest.records import Head, ManifestChange, MemberListing
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
    Note,
    PlaceRow,
    R,
    RowKind,
    StoryListing,
    advice_on_refusal,
    is_refusal,
)
from dateline.documents.scratch import NEW
from dateline.errors import StoreError
from dateline.system.safe_files import open_regular
from dateline.system.writing import sync_file_system
from dateline.text.urls import fingerprint

TABLE = ".manifest.sqlite"
_BEGUN = f"{NEW}/manifest.sqlite"
WAIT = 10.0  # seconds for another run
_PART = 500  # rows
_PAGE = 4096  # bytes, SQLite's default
# KiB of pages in memory: with SQLite's 2,000 each page of a new table is written several times.
_CACHE = 8_000
HEAD_NOTE, COUNTS = "head", "counts"
_SEQUENCES = """
SELECT id, sequence FROM entry JOIN entry_copy USING (id, sequence)
WHERE id IN (SELECT value FROM json_each(?))
"""


def begin(folder: Path, change: ManifestChange) -> None:
    """Begin a new table with the rows of a change; `write` completes it.

    Raises `StoreError`, and `Damaged` if the table cannot be completed.
    """
    table = folder / _BEGUN
    with translated_errors(table):
        table.parent.mkdir(parents=True, exist_ok=True)
        table.unlink(missing_ok=True)
        with closing(open_table(table, "rwc")) as tables, tables:
            tables.executescript(SCHEMA)
            writing = _Writing(tables, Counter())
            writing.put_all(change)
            writing.keep_counts()


def extend(folder: Path, change: ManifestChange) -> None:
    """Add rows to a table that was begun. Raises as `begin`."""
    table = folder / _BEGUN
    if not table.exists():
        raise Damaged(f"{_BEGUN} is missing")
    with translated_errors(table), closing(open_table(table, "rw")) as tables, tables:
        writing = _Writing(tables, Counter(counts_of(tables)))
        writing.put_all(change)
        writing.keep_counts()


def write(
    folder: Path,
    head: Head,
    change: ManifestChange,
    *,
    rebuild: bool = False,
    is_begun: bool = False,
    wait_for_names: Callable[[], None] | None = None,
) -> None:
    """Write what changed to the table, then put the head in place, which publishes it.

    All that it names is on disk before, and the head itself when this returns: `wait_for_names`
    waits until the names of the documents are. Readers use the table meanwhile.

    A `rebuild` writes all rows to a new table, and readers use the old one until it is complete;
    one that `is_begun` has some of them already. Raises `StoreError`, and `Damaged` if the table
    must be rebuilt.
    """
    if not rebuild and not (folder / TABLE).exists():  # a folder deleted during the run has none
        raise Damaged(f"{TABLE} is missing")
    if is_begun and not (folder / _BEGUN).exists():
        raise Damaged(f"{_BEGUN} is missing")
    is_new = rebuild and not is_begun
    table = folder / (_BEGUN if is_begun else f"{TABLE}.new" if rebuild else TABLE)
    with translated_errors(table):
        if is_new:
            table.unlink(missing_ok=True)
        with closing(open_table(table, "rwc" if is_new else "rw")) as tables, tables:
            if is_new:
                tables.executescript(SCHEMA)
            if not rebuild:
                # Pages written early would lock readers out until the end (sqlite.org/pragma.html).
                tables.execute("PRAGMA cache_spill=OFF")
            counts = Counter[str]() if is_new else Counter(counts_of(tables))
            writing = _Writing(tables, counts, rebuild=rebuild)
            writing.put_all(change)
            writing.end(head)
            with translated_errors(folder):
                # The rows and the head lead there.
                (wait_for_names or partial(sync_file_system, folder))()
        if rebuild:
            _roll_back(folder / TABLE)
            table.replace(folder / TABLE)
            with suppress(OSError):
                (folder / NEW).rmdir()
    with translated_errors(folder):
        write_head(folder, replace(head, table=signature(folder / TABLE)))


class _Writing:
    """A change of the tables and their copies, with the numbers of rows."""

    def __init__(
        self, tables: sqlite3.Connection, counts: Counter[str], *, rebuild: bool = True
    ) -> None:
        self._tables = tables
        self._is_rebuild = rebuild
        self._counts = counts

    def put_all(self, change: ManifestChange) -> None:
        """Add the rows of a change, and delete those that it replaces."""
        back = []
        for documents in in_parts(change.documents, _PART):
            self.put(DOCUMENTS, documents)
            back += [] if self._is_rebuild else [(fingerprint(one.path),) for one in documents]
        self.delete(DOCUMENTS, [(path,) for path in change.gone])
        for entries in in_parts(change.entries, _PART):
            self.put(ENTRIES, entries)
            told = [StoryListing(sequence=o.sequence, story=o.story) for o in entries if o.story]
            self.put(STORIES, told)
            self.delete(STORIES, [(one.sequence,) for one in entries if not one.story])
        for members in in_parts(change.members, _PART):
            self.put(MEMBERS, self.places(members))
        self.delete(FORMER, back)
        for former in in_parts(change.former, _PART):
            self.put(FORMER, former)

    def put(self, kind: RowKind[R], rows: Sequence[R]) -> None:
        """Add rows, or replace those with the same keys."""
        rows = [*{kind.key_of(row): row for row in rows}.values()]
        # An address may be former for two reasons, and a table that was begun has notes.
        if not self._is_rebuild or kind in {FORMER, NOTES}:
            self.delete(kind, [kind.key_of(row) for row in rows])
        values = [kind.values(row) for row in rows]
        marks = ", ".join("?" for _ in (*kind.columns, "checksum"))
        names = ", ".join((*kind.columns, "checksum"))
        for table in kind.tables:
            statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 - ours
            self._tables.executemany(statement, values)
        self._counts[kind.table] += len(rows)

    def delete(self, kind: RowKind[R], keys: Sequence[tuple[Any, ...]]) -> None:
        """Delete the rows with these keys, if there are any."""
        where = " AND ".join(f"{name} = ?" for name in kind.key)
        for table in kind.tables if keys else ():
            found = self._tables.executemany(
                f"DELETE FROM {table} WHERE {where}",  # noqa: S608 - our own names
                map(kind.stored_key, keys),
            )
            if table == kind.table:
                self._counts[table] -= found.rowcount

    def places(self, members: Sequence[MemberListing]) -> list[PlaceRow]:
        """Return members with the sequences of their entries.

        A sequence on which the two tables disagree is damaged, and not taken.
        """
        ids = json.dumps([one.entry for one in members if one.entry is not None])
        found = dict(self._tables.execute(_SEQUENCES, (ids,)))
        return [
            PlaceRow(
                feed=one.feed,
                number=one.number,
                entry=found.get(one.entry, one.entry),
                part=one.part,
                published=one.published,
                archive=one.archive,
            )
            for one in members
        ]

    def end(self, head: Head) -> None:
        """Write the copy of the head and the numbers of rows."""
        self.put(NOTES, [Note(name=HEAD_NOTE, text=content_of(head))])
        self.keep_counts()

    def keep_counts(self) -> None:
        """Write the numbers of rows."""
        counts = json.dumps({kind.table: self._counts[kind.table] for kind in KINDS})
        self.put(NOTES, [Note(name=COUNTS, text=counts)])


def counts_of(tables: sqlite3.Connection) -> dict[str, int]:
    """Return the number of rows that each kind should have."""
    try:
        counts: dict[str, int] = json.loads(note_of(tables, COUNTS))
    except ValueError as error:
        raise Damaged(f"{TABLE} does not say how many rows it has") from error
    return counts


def note_of(tables: sqlite3.Connection, name: str) -> str:
    """Return a text about the table by its name, or an empty one."""
    note = NOTES.find(tables, (name,))
    return note.text if note else ""


def signature(path: Path) -> str:
    """Return the signature of a table: its size and its first page, which each change changes."""
    with open_regular(path) as file:
        return f"{path.stat().st_size}-{hashlib.sha256(file.read(_PAGE)).hexdigest()}"


# ---- Files


def open_table(path: Path, mode: str) -> sqlite3.Connection:
    """Open a table for changes; `mode` is as in SQLite's URIs."""
    tables = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=WAIT)
    try:
        tables.execute("PRAGMA journal_mode=DELETE")
        tables.execute(f"PRAGMA cache_size=-{_CACHE}")
        tables.execute("PRAGMA secure_delete=ON")  # else entries taken down stay in free pages
    except sqlite3.Error:
        tables.close()
        raise
    return tables


def _roll_back(path: Path) -> None:
    """Roll back a killed run's change, whose journal would otherwise apply to the new table."""
    journal = path.with_name(f"{path.name}-journal")
    if not journal.exists():
        return
    with closing(sqlite3.connect(path)) as tables:
        try:
            tables.execute("SELECT * FROM sqlite_schema").fetchone()
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:  # no database, and about to be replaced
            pass
    journal.unlink(missing_ok=True)


@contextmanager
def translated_errors(path: Path) -> Iterator[None]:
    """Turn refusals of the machine into `StoreError`, and any other error into `Damaged`."""
    try:
        yield
    except OSError as error:
        refuse_obstacle(Path(error.filename2 or error.filename or path), path)
        raise StoreError(f"{path} cannot be written: {error.strerror}.") from error
    except UNREADABLE as error:
        if is_refusal(error):
            advice = advice_on_refusal(error, path.name)
            raise StoreError(f"{path} cannot be used: {error}.{advice}") from error
        raise Damaged(str(error)) from error
