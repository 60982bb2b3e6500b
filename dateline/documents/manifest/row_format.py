"""The rows of the manifest's table: each with a checksum, and nearly each stored twice.

A damaged row is never returned. `document_copy` repeats `document`, and so on for all but
stories, so that no single damaged page loses a row: one that is damaged or missing in a table is
read from its copy.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from hashlib import blake2b
from operator import attrgetter
from typing import Any, Generic, TypeVar

from dateline.documents.manifest.columns import (
    BOOLEAN,
    DIGEST,
    MEDIA_TYPE,
    NUMBER,
    PACKED_TEXT,
    StoredForm,
)
from dateline.documents.manifest.records import DocumentListing, EntryListing, FormerListing

VERSION = 8  # of the tables (`PRAGMA user_version`); 0 in older ones, without checksums
PLAIN = 7  # of those until 28 November 2026, which have all texts as they are, stories by id
_CHECKED = json.JSONEncoder(ensure_ascii=False, default=repr)
_Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryListing:
    """The story of an entry that was not taken down, as `dateline.rules.story_json` writes it."""

    sequence: int
    story: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainStory:
    """The story of an entry in a table of version `PLAIN`."""

    id: str
    story: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceRow:
    """A member of a feed; its `entry` is the sequence, which is shorter than the id.

    It is the id where the table has no such entry, and None for an empty place.
    """

    feed: str
    number: int
    entry: int | str | None
    part: int
    published: int
    archive: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A text about the table: a copy of the manifest's head, or the numbers of rows."""

    name: str
    text: str


Row = DocumentListing | EntryListing | PlaceRow | FormerListing | StoryListing | PlainStory | Note
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
    forms: Mapping[str, StoredForm] = field(default_factory=dict, hash=False)

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
        # Texts have no declared type: in a column of text SQLite stores numbers as texts.
        types = {
            one.name: "" if "str" in str(one.type) else " INTEGER" for one in fields(self.make)
        }
        columns = ", ".join(f"{name}{types[name]}" for name in self.columns)
        key, form = ", ".join(self.key), "" if self.is_text else " WITHOUT ROWID"
        return "".join(
            f"CREATE TABLE IF NOT EXISTS {table} "
            f"({columns}, checksum INTEGER, PRIMARY KEY ({key})){form};\n"
            for table in self.tables
        )

    @cached_property
    def _of(self) -> Callable[[R], _Key]:
        return attrgetter(*self.columns)

    @cached_property
    def _key_of(self) -> Callable[[R], Any]:
        return attrgetter(*self.key)

    @cached_property
    def _formed(self) -> list[tuple[int, StoredForm]]:
        return [(self.columns.index(name), form) for name, form in self.forms.items()]

    @property
    def _elsewhere(self) -> tuple[str, ...]:
        return ("story",) if self.make is EntryListing else ()

    def values(self, row: R) -> _Key:
        """Return the values of a row as they are stored, the checksum last."""
        values = [*self._of(row)]
        for place, form in self._formed:
            values[place] = form.stored(values[place])
        return (*values, checksum(values))

    def read(self, found: Sequence[Any]) -> R | None:
        """Return the row of these values, without a story; None if they are damaged."""
        if checksum(found[:-1]) != found[-1] and _plain_checksum(found[:-1]) != found[-1]:
            return None
        return self.made(dict(zip(self.columns, found, strict=False)))

    def made(self, values: Mapping[str, Any]) -> R:
        """Return the row of these values by the names of their columns."""
        read = {name: form.read(values[name]) for name, form in self.forms.items()}
        return self.make(**{**dict.fromkeys(self._elsewhere, ""), **values, **read})

    def key_of(self, row: R) -> _Key:
        """Return the key of a row."""
        found = self._key_of(row)
        return found if len(self.key) > 1 else (found,)

    def stored_key(self, key: _Key) -> _Key:
        """Return a key as it is stored, in the same order as others."""
        return tuple(
            self.forms[name].stored(value) if name in self.forms else value
            for name, value in zip(self.key, key, strict=True)
        )

    def find(self, tables: sqlite3.Connection, key: _Key) -> R | None:
        """Return the row with this key, or None if there is none.

        Raises `Damaged` if damage leaves in doubt whether there is one, or its values.
        """
        fault: Exception | None = None
        for table in self.tables:
            try:
                found = tables.execute(self._one(table), self.stored_key(key)).fetchone()
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


DOCUMENTS = RowKind(
    "document",
    DocumentListing,
    ("path",),
    forms={"media_type": MEDIA_TYPE, "role": NUMBER, "digest": DIGEST, "links": PACKED_TEXT},
)
ENTRIES = RowKind(
    "entry",
    EntryListing,
    ("id",),
    forms={
        "path": DIGEST,
        "content": DIGEST,
        "headline": DIGEST,
        "kept": BOOLEAN,
        "purged": BOOLEAN,
    },
)
STORIES = RowKind("story", StoryListing, ("sequence",), is_text=True, forms={"story": PACKED_TEXT})
PLAIN_STORIES = RowKind("story", PlainStory, ("id",), is_text=True)
MEMBERS = RowKind("member", PlaceRow, ("feed", "number"))
FORMER = RowKind("former", FormerListing, ("digest",), forms={"digest": DIGEST})
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


def advice_on_refusal(error: BaseException, what: str) -> str:
    """Return what helps where the machine refuses to use `what`, a database, as a sentence.

    Empty for any other error.
    """
    number = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if number in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return " Another program uses it: type this again when that has ended."
    if number not in _REFUSALS:
        return ""
    return (
        f" Make room on the disk, or let the user that runs serve read and write {what}, the files "
        "beside it whose names begin with its name, and their folder."
    )


def checksum(values: Sequence[Any]) -> int:
    """Return a checksum of the values of a row, as SQLite stores it."""
    return _number_of(ascii(tuple(values)).encode())  # the same in every release of Python


def _plain_checksum(values: Sequence[Any]) -> int:
    """Return the checksum of a row in a table of version `PLAIN`."""
    return _number_of(_CHECKED.encode(values).encode("utf-8", "surrogatepass"))


def _number_of(data: bytes) -> int:
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big", signed=True)
