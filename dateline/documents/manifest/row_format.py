"""The rows of the manifest's table: each with a checksum, and nearly each stored twice.

A damaged row is never returned. `document_copy` repeats `document`, and so on for all but
stories, so that no single damaged page loses a row: one that is damaged or missing in a table is
read from its copy.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from hashlib import blake2b
from operator import attrgetter
from typing import Any, Generic, TypeVar

from dateline.documents.manifest.records import (
    DocumentListing,
    EntryListing,
    FormerListing,
    MemberListing,
)

VERSION = 7  # of the tables (`PRAGMA user_version`); 0 in older ones, without checksums
_TYPES = {"str": "TEXT", "str | None": "TEXT"}
_CHECKED = json.JSONEncoder(ensure_ascii=False, default=repr)
_BOOLEANS = frozenset({"kept", "purged"})
_Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryListing:
    """The story of an entry that was not taken down, as `dateline.rules.story_json` writes it."""

    id: str
    story: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A text about the table: a copy of the manifest's head, or the numbers of rows."""

    name: str
    text: str


Row = DocumentListing | EntryListing | MemberListing | FormerListing | StoryListing | Note
R = TypeVar("R", bound=Row)


class Damaged(sqlite3.DatabaseError):
    """Raised when the table does not hold what was written."""


@dataclass(frozen=True)
class RowKind(Generic[R]):
    """One kind of row: its table, the class of its values, and the columns of its key."""

    table: str
    make: type[R]
    key: tuple[str, ...]
    is_text: bool = False  # long: in a table with row ids, without a copy

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns, without that of the checksum."""
        return tuple(one.name for one in fields(self.make) if one.name not in self._elsewhere)

    @property
    def tables(self) -> tuple[str, ...]:
        """The names of the tables that have the rows."""
        return (self.table,) if self.is_text else (self.table, f"{self.table}_copy")

    @property
    def schema(self) -> str:
        """The statements that create the tables."""
        types = {one.name: _TYPES.get(str(one.type), "INTEGER") for one in fields(self.make)}
        columns = ", ".join(f"{name} {types[name]}" for name in self.columns)
        key, form = ", ".join(self.key), "" if self.is_text else " WITHOUT ROWID"
        return "".join(
            f"CREATE TABLE IF NOT EXISTS {table} "
            f"({columns}, checksum INTEGER, PRIMARY KEY ({key})){form};\n"
            for table in self.tables
        )

    @cached_property
    def _of(self) -> Callable[[R], _Key]:
        return attrgetter(*self.columns)

    @property
    def _elsewhere(self) -> tuple[str, ...]:
        return ("story",) if self.make is EntryListing else ()

    def values(self, row: R) -> _Key:
        """Return the values of a row as they are stored, the checksum last."""
        values = _plain(self._of(row))
        return (*values, checksum(values))

    def read(self, found: Sequence[Any]) -> R | None:
        """Return the row of these values, without a story; None if they are damaged."""
        if checksum(found[:-1]) != found[-1]:
            return None
        return self.made(dict(zip(self.columns, found, strict=False)))

    def made(self, values: Mapping[str, Any]) -> R:
        """Return the row of these values by the names of their columns."""
        booleans = {name: bool(values[name]) for name in _BOOLEANS & values.keys()}
        return self.make(**{**dict.fromkeys(self._elsewhere, ""), **values, **booleans})

    def key_of(self, row: R) -> _Key:
        """Return the key of a row."""
        return tuple(getattr(row, name) for name in self.key)

    def find(self, tables: sqlite3.Connection, key: _Key) -> R | None:
        """Return the row with this key, or None if there is none.

        Raises `Damaged` if damage leaves in doubt whether there is one, or its values.
        """
        fault: Exception | None = None
        for table in self.tables:
            try:
                found = tables.execute(self._one(table), key).fetchone()
            except UNREADABLE as error:
                if is_refusal(error):
                    raise
                fault = error
                continue
            row = self.read(found) if found else None
            if row is not None and self.key_of(row) == key:
                return row
            if found:
                fault = Damaged(f"{table} is damaged")
        if fault is not None:
            raise Damaged(str(fault)) from fault
        return None

    def select(self, table: str) -> str:
        """Return the beginning of a query for the values of rows, the checksum last."""
        return f"SELECT {', '.join((*self.columns, 'checksum'))} FROM {table}"  # noqa: S608 - ours

    def _one(self, table: str) -> str:
        return f"{self.select(table)} WHERE {' AND '.join(f'{name} = ?' for name in self.key)}"


DOCUMENTS = RowKind("document", DocumentListing, ("path",))
ENTRIES = RowKind("entry", EntryListing, ("id",))
STORIES = RowKind("story", StoryListing, ("id",), is_text=True)
MEMBERS = RowKind("member", MemberListing, ("feed", "number"))
FORMER = RowKind("former", FormerListing, ("digest",))
NOTES = RowKind("note", Note, ("name",))
KINDS: tuple[RowKind[Any], ...] = (DOCUMENTS, ENTRIES, STORIES, MEMBERS, FORMER)
SCHEMA = "".join(kind.schema for kind in (*KINDS, NOTES)) + f"PRAGMA user_version = {VERSION};"
# The exceptions that damage leads to: invalid UTF-8 and numbers out of range are no errors of
# SQLite's own.
UNREADABLE = (sqlite3.DatabaseError, ValueError, OverflowError)
# The machine refuses, or another process holds the lock: the file itself may be intact.
_REFUSALS = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_READONLY,
    }
)


def is_refusal(error: BaseException) -> bool:
    """Return whether the machine refuses to use a database, which may be intact."""
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF in _REFUSALS


def checksum(values: Sequence[Any]) -> int:
    """Return a checksum of the values of a row, as SQLite stores it."""
    data = _CHECKED.encode(values).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big", signed=True)


def _plain(values: Sequence[Any]) -> tuple[Any, ...]:
    """Return values as SQLite, which has no booleans, returns them."""
    return tuple(int(value) if isinstance(value, bool) else value for value in values)
