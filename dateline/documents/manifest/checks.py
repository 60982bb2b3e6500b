"""Checks of the manifest: a quick one of head and table, and one of every row of the table."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from dateline.documents import refuse_obstacle
from dateline.documents.manifest.head import HEAD, ManifestFault, head_of_content, open_head
from dateline.documents.manifest.records import Head
from dateline.documents.manifest.row_format import (
    KINDS,
    NOTES,
    PLAIN,
    VERSION,
    Damaged,
    RowKind,
)
from dateline.documents.manifest.table import (
    COUNTS,
    HEAD_NOTE,
    TABLE,
    counts_of,
    note_of,
    open_table,
    signature,
    translated_errors,
)
from dateline.errors import StoreError

_PART = 500  # rows
_SHARES = 100  # of each table, in each of which all rows are read
_BAD = ("damaged",)
_TABLES = [(kind, table) for kind in KINDS for table in kind.tables]
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestStatus:
    """The head of a manifest, and the faults of head and table.

    `generation` is the head's or, without a head, the table's; 0 if neither has one.
    """

    head: Head | None
    head_fault: ManifestFault | None
    table_fault: ManifestFault | None
    generation: int

    @property
    def is_whole(self) -> bool:
        """True if nothing must be written again."""
        return self.head_fault is None and self.table_fault is None

    @property
    def faults(self) -> dict[str, ManifestFault]:
        """The faults by the names of the files."""
        found = {HEAD: self.head_fault, TABLE: self.table_fault}
        return {name: fault for name, fault in found.items() if fault is not None}


def status(folder: Path) -> ManifestStatus:
    """Return the status of the manifest in `folder`, at a cost independent of its size.

    Raises `StoreError` if the machine refuses to read it.
    """
    found = open_head(folder)
    head = found if isinstance(found, Head) else None
    table = table_fault(folder, head)
    own = head or (head_in_table(folder) if table is None else table)
    return ManifestStatus(
        head=head,
        head_fault=None if isinstance(found, Head) else found,
        table_fault=table,
        generation=own.generation if isinstance(own, Head) else 0,
    )


def table_fault(folder: Path, head: Head | None) -> ManifestFault | None:
    """Return the fault of the table that a quick check finds, at a cost independent of its size.

    Without a `head` the check is only that the table is there and can be read.
    Raises `StoreError` if the machine refuses to read it.
    """
    path = folder / TABLE
    with _refusals_reported(path):
        if not path.exists():
            return ManifestFault.MISSING
        refuse_obstacle(path, folder)
        if not path.is_file():
            return ManifestFault.DAMAGED
    found = _query(folder, _fault)
    if found is not None:
        return found
    with translated_errors(path):
        return ManifestFault.OTHER if head and head.table != signature(path) else None


@contextmanager
def _refusals_reported(path: Path) -> Iterator[None]:
    """Raise `StoreError` where the machine refuses to look at a file."""
    try:
        yield
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}.") from error


def _fault(tables: sqlite3.Connection) -> ManifestFault | None:
    version = _version(tables)
    if version != VERSION:
        return _other_version(tables, version)
    for table in (table for kind in (*KINDS, NOTES) for table in kind.tables):
        tables.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone()  # noqa: S608 - our own names
    return None if note_of(tables, HEAD_NOTE) and note_of(tables, COUNTS) else ManifestFault.DAMAGED


def head_in_table(folder: Path) -> Head | ManifestFault:
    """Return the copy of the head in the table of a folder, without documents.

    Raises `StoreError` if the machine refuses to read it.
    """
    path = folder / TABLE
    with _refusals_reported(path):
        is_there = path.is_file()
    return _query(folder, head_in) if is_there else ManifestFault.MISSING


def latest_generation(folder: Path, found: ManifestStatus) -> int:
    """Return the later generation of those that the head and the table of a folder have.

    Where they differ, the table is that of a run that was killed, or of a later copy.
    """
    table = found.table_fault is ManifestFault.OTHER and head_in_table(folder)
    return max(found.generation, table.generation if isinstance(table, Head) else 0)


def head_in(tables: sqlite3.Connection) -> Head | ManifestFault:
    """Return the copy of the head in an open table, without documents."""
    version = _version(tables)
    if version not in {VERSION, PLAIN}:
        return _other_version(tables, version)
    return head_of_content(note_of(tables, HEAD_NOTE))


def damage(folder: Path, pause: Callable[[], None] = lambda: None) -> str:
    """Return the first damage in any row of the table, or an empty text.

    All rows are read, a part at a time; `pause` is called after each part, while the table is
    not locked. A publisher may go on at the same time.
    """
    found = table_fault(folder, None) or head_in_table(folder)
    if isinstance(found, ManifestFault):
        return f"{TABLE} is {found}"
    for kind, table in _TABLES:
        count = _query(folder, partial(_count, kind))
        read = _read_all(folder, kind, table, pause)
        if isinstance(read, ManifestFault):
            return f"{TABLE} is {read}: {table}"
        now = head_in_table(folder)
        is_same = isinstance(now, Head) and now.generation == found.generation
        if is_same and read != count:
            return f"{TABLE} has {read} of {count} rows: {table}"
    return ""


def check_share(folder: Path, begin: str) -> tuple[str, bool]:
    """Read one share of all rows; return where the next begins, and whether a row is damaged.

    The first share begins with an empty text. All rows are read in a few hundred shares.
    """
    try:
        number, *key = json.loads(begin or "[0]")
        place = int(number) % len(_TABLES)
    except (ValueError, TypeError):  # the ledger, which keeps it, is damaged
        place, key = 0, []
    kind, table = _TABLES[place]
    found = _query(folder, partial(_share, kind, table, tuple(key)))
    if isinstance(found, ManifestFault) or found is _BAD:
        return "", True
    return json.dumps([place, *found] if found else [(place + 1) % len(_TABLES)]), False


def _share(
    kind: RowKind[Any], table: str, after: tuple[Any, ...], tables: sqlite3.Connection
) -> tuple[Any, ...]:
    """Return the key of the last row of a share, an empty one at the end; `_BAD` for damage.

    The share is damaged too if the copy of the table has another number of rows between the
    same keys.
    """
    count = max(_PART, (_count(kind, tables) or 0) // _SHARES)
    rows = [kind.read(values) for values in _next(kind, table, after, tables, limit=count)]
    keys = [kind.key_of(row) for row in rows if row]
    if len(keys) < len(rows) or keys != sorted({*keys}):
        return _BAD
    last = keys[-1] if len(keys) == count else ()
    names, marks = ", ".join(kind.key), ", ".join("?" for _ in kind.key)
    bounds = [
        f"({names}) {operator} ({marks})" for operator, key in ((">", after), ("<=", last)) if key
    ]
    where = f"WHERE {' AND '.join(bounds)}" if bounds else ""
    for other in kind.tables:
        query = f"SELECT count(*) FROM {other} {where}"  # noqa: S608 - our own names
        within = [value for key in (after, last) if key for value in kind.stored_key(key)]
        if tables.execute(query, within).fetchone()[0] != len(keys):
            return _BAD
    return last


def _read_all(
    folder: Path, kind: RowKind[Any], table: str, pause: Callable[[], None]
) -> int | ManifestFault:
    """Return the number of rows if all are intact, or the fault."""
    after: tuple[Any, ...] | None = None
    count = 0
    while True:
        found = _query(folder, partial(_next, kind, table, after))
        if isinstance(found, ManifestFault):
            return found
        rows = [kind.read(values) for values in found]
        keys = [kind.key_of(row) for row in rows if row]
        is_in_order = keys == sorted({*keys}) and (not after or not keys or after < keys[0])
        if len(keys) < len(rows) or not is_in_order:
            return ManifestFault.DAMAGED
        count += len(keys)
        if len(keys) < _PART:
            return count
        after = keys[-1]
        pause()


def _next(
    kind: RowKind[Any],
    table: str,
    after: tuple[Any, ...] | None,
    tables: sqlite3.Connection,
    limit: int = _PART,
) -> list[Any]:
    key, marks = ", ".join(kind.key), ", ".join("?" for _ in kind.key)
    where = f"WHERE ({key}) > ({marks})" if after else ""
    query = f"{kind.select(table)} {where} ORDER BY {key} LIMIT {limit}"
    return tables.execute(query, kind.stored_key(after) if after else ()).fetchall()


def _count(kind: RowKind[Any], tables: sqlite3.Connection) -> int | None:
    return counts_of(tables).get(kind.table)


def _version(tables: sqlite3.Connection) -> int:
    return int(tables.execute("PRAGMA user_version").fetchone()[0])


def _other_version(tables: sqlite3.Connection, version: int) -> ManifestFault:
    if version:
        older = ManifestFault.OLDER if version == PLAIN else ManifestFault.DAMAGED
        return ManifestFault.FOREIGN if version > VERSION else older
    names = {name for (name,) in tables.execute("SELECT name FROM sqlite_schema")}
    return (
        ManifestFault.OLDER
        if {"document", "entry", "member", "former"} <= names
        else ManifestFault.DAMAGED
    )


def _query(folder: Path, ask: Callable[[sqlite3.Connection], _T]) -> _T | ManifestFault:
    """Return the result of a query, or `ManifestFault.DAMAGED`; a refusal is a `StoreError`."""
    try:
        with (
            translated_errors(folder / TABLE),
            closing(open_table(folder / TABLE, "rw")) as tables,
        ):
            return ask(tables)
    except (Damaged, TypeError):
        return ManifestFault.DAMAGED
