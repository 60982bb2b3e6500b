"""How rows stand in the manifest's table: each with a checksum, and nearly each twice.

A damaged row is never given out. `document_copy` repeats `document`, and so on for all but
stories, so that no single damaged page loses a row: what one of both lacks is looked for in the
other.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
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

VERSION = 7  # of the tables (`PRAGMA user_version`); older ones have none, and no checksums
_TYPES = {"str": "TEXT", "str | None": "TEXT"}
_BOOLEANS = frozenset({"kept", "purged"})
_Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryListing:
    """What an entry says, as `dateline.rules.story_json` writes it; none of what was taken down."""

    id: str
    story: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A text of the table about itself: `head` has the manifest's, `count` the number of rows."""

    name: str
    text: str


Row = DocumentListing | EntryListing | MemberListing | FormerListing | StoryListing | Note
R = TypeVar("R", bound=Row)


class Damaged(sqlite3.DatabaseError):
    """What the table holds is not what was written."""


@dataclass(frozen=True)
class Kind(Generic[R]):
    """One kind of row: its table, what it is made into, and the columns that name it."""

    table: str
    make: type[R]
    key: tuple[str, ...]
    is_text: bool = False  # long, and of a table with row ids; without a copy

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Return the names of the columns, without that of the checksum."""
        return tuple(one.name for one in fields(self.make) if one.name not in self._elsewhere)

    @property
    def tables(self) -> tuple[str, ...]:
        """Return the tables that have the rows."""
        return (self.table,) if self.is_text else (self.table, f"{self.table}_copy")

    @property
    def schema(self) -> str:
        """Return the statements that make the tables."""
        types = {one.name: _TYPES.get(str(one.type), "INTEGER") for one in fields(self.make)}
        columns = ", ".join(f"{name} {types[name]}" for name in self.columns)
        key, form = ", ".join(self.key), "" if self.is_text else " WITHOUT ROWID"
        return "".join(
            f"CREATE TABLE IF NOT EXISTS {table} "
            f"({columns}, checksum INTEGER, PRIMARY KEY ({key})){form};\n"
            for table in self.tables
        )

    @property
    def _elsewhere(self) -> tuple[str, ...]:
        return ("story",) if self.make is EntryListing else ()

    def values(self, row: R) -> _Key:
        """Return the values of a row as they are stored, the checksum last."""
        values = _plain(attrgetter(*self.columns)(row))
        return (*values, checksum(values))

    def read(self, found: Sequence[Any]) -> R | None:
        """Return the row of these values, without a story; None where they are damaged."""
        if checksum(found[:-1]) != found[-1]:
            return None
        return self.made(dict(zip(self.columns, found, strict=False)))

    def made(self, values: Mapping[str, Any]) -> R:
        """Return the row of these values by the names of their columns."""
        booleans = {name: bool(values[name]) for name in _BOOLEANS & values.keys()}
        return self.make(**{**dict.fromkeys(self._elsewhere, ""), **values, **booleans})

    def key_of(self, row: R) -> _Key:
        """Return what names a row."""
        return tuple(getattr(row, name) for name in self.key)

    def find(self, tables: sqlite3.Connection, key: _Key) -> R | None:
        """Return the row of this name, or None where there is none.

        Raises `Damaged` where it cannot be known whether there is one, or what it says.
        """
        fault: Exception | None = None
        for table in self.tables:
            try:
                found = tables.execute(self._one(table), key).fetchone()
            except UNREADABLE as error:
                if is_passing(error):
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


DOCUMENTS = Kind("document", DocumentListing, ("path",))
ENTRIES = Kind("entry", EntryListing, ("id",))
STORIES = Kind("story", StoryListing, ("id",), is_text=True)
MEMBERS = Kind("member", MemberListing, ("feed", "number"))
FORMER = Kind("former", FormerListing, ("digest",))
NOTES = Kind("note", Note, ("name",))
KINDS: tuple[Kind[Any], ...] = (DOCUMENTS, ENTRIES, STORIES, MEMBERS, FORMER)
SCHEMA = "".join(kind.schema for kind in (*KINDS, NOTES)) + f"PRAGMA user_version = {VERSION};"
# What damage looks like: names that are no UTF-8 and numbers that are too large are no errors of
# SQLite's own.
UNREADABLE = (sqlite3.DatabaseError, ValueError, OverflowError)
# What a moment later may be otherwise: another process holds the lock, or left a journal.
_PASSING = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
    }
)


def is_passing(error: Exception) -> bool:
    """Return whether the machine refuses, rather than what the table holds."""
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF in _PASSING


def checksum(values: Sequence[Any]) -> int:
    """Return a checksum of the values of a row, as SQLite stores it."""
    data = json.dumps(values, ensure_ascii=False, default=repr).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big", signed=True)


def _plain(values: Sequence[Any]) -> tuple[Any, ...]:
    """Return values as they come back: SQLite knows no booleans."""
    return tuple(int(value) if isinstance(value, bool) else value for value in values)
