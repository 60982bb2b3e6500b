"""Which documents did publishing promise, and what is said about each on the wire?

The manifest is all that passes from the publisher to the wire. `.manifest.json` names the
subscription documents, which workers hold in memory; it is renamed last in each run.
`.manifest.sqlite` has every document, looked up on demand, and every published entry, from
which a lost ledger is rebuilt.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from dateline.errors import StoreError

HEAD = ".manifest.json"
_TABLES = ".manifest.sqlite"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS document (
    path TEXT PRIMARY KEY, media_type TEXT, role INTEGER, changed INTEGER, size INTEGER,
    digest TEXT, links TEXT, max_age INTEGER, expires INTEGER
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS entry (
    id TEXT PRIMARY KEY, sequence INTEGER, slug TEXT, path TEXT, content TEXT,
    published INTEGER, updated INTEGER
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One document that can be asked for.

    `changed` and `expires` are seconds since 1970, `max_age` seconds, `size` bytes; `digest`
    is the SHA-256 of the bytes.
    """

    path: str
    media_type: str
    role: int
    changed: int
    size: int
    digest: str
    links: str
    max_age: int
    expires: int | None

    @property
    def etag(self) -> str:
        """Give the strong validator, in nginx's form (RFC 9110, section 8.8.3)."""
        return f'"{self.changed:x}-{self.size:x}"'


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryListing:
    """One published entry; `path` is the digest of its file's path."""

    id: str
    sequence: int
    slug: str
    path: str
    content: str
    published: int
    updated: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What workers hold in memory; `founded` is the publication's first run."""

    generation: int
    founded: int
    documents: Mapping[str, Listing]


_DOCUMENT = ", ".join(field.name for field in fields(Listing))
_ENTRY = ", ".join(field.name for field in fields(EntryListing))


def read_head(folder: Path) -> Head | None:
    """Give the head of the manifest in `folder`, or None where nothing was published."""
    try:
        record = json.loads((folder / HEAD).read_bytes())
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    documents = {path: Listing(**listing) for path, listing in record["documents"].items()}
    return Head(generation=record["generation"], founded=record["founded"], documents=documents)


def write(
    folder: Path,
    head: Head,
    documents: Iterable[Listing],
    entries: Iterable[EntryListing],
    *,
    anew: bool = False,
) -> None:
    """Add to the tables what changed, then put the head in place, which makes it seen.

    Where all is written `anew`, the tables are new ones, and readers keep the old till then.
    """
    table_file = folder / (f"{_TABLES}.new" if anew else _TABLES)
    if anew:
        table_file.unlink(missing_ok=True)
    with closing(_open(table_file)) as tables, tables:
        _replace(tables, "document", documents)
        _replace(tables, "entry", entries)
    table_file.replace(folder / _TABLES)
    record = asdict(head) | {
        "documents": {path: asdict(listing) for path, listing in head.documents.items()}
    }
    temporary = folder / f"{HEAD}.new"
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(record, file, ensure_ascii=False, indent=1, sort_keys=True)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(folder / HEAD)


def entries(folder: Path) -> list[EntryListing]:
    """Give every published entry that the manifest in `folder` remembers."""
    with closing(_open(folder / _TABLES)) as tables:
        rows = tables.execute(f"SELECT {_ENTRY} FROM entry ORDER BY sequence")  # noqa: S608 - ours
        return [EntryListing(**row) for row in rows]


def documents(folder: Path) -> list[Listing]:
    """Give every document that the manifest in `folder` promises."""
    with closing(_open(folder / _TABLES)) as tables:
        rows = tables.execute(f"SELECT {_DOCUMENT} FROM document ORDER BY path")  # noqa: S608 - ours
        return [Listing(**row) for row in rows]


class Reader:
    """Looks up single documents, without ever writing (`dateline.web`)."""

    def __init__(self, folder: Path) -> None:
        self._address = f"{(folder / _TABLES).absolute().as_uri()}?mode=ro"

    def find(self, path: str) -> Listing | None:
        """Give the document called `path`, or None where publishing promised none."""
        query = f"SELECT {_DOCUMENT} FROM document WHERE path = ?"  # noqa: S608 - our own names
        with closing(sqlite3.connect(self._address, uri=True, timeout=1)) as tables:
            tables.row_factory = _by_name
            row = tables.execute(query, (path,)).fetchone()
            return Listing(**row) if row else None


def _open(path: Path) -> sqlite3.Connection:
    tables = sqlite3.connect(path, timeout=10)
    tables.row_factory = _by_name
    try:
        tables.execute("PRAGMA journal_mode=DELETE")
        tables.executescript(_SCHEMA)
    except sqlite3.DatabaseError as error:
        tables.close()
        raise StoreError(
            f"{path} cannot be used ({error}). Delete it, then build again."
        ) from error
    return tables


def _by_name(rows: sqlite3.Cursor, row: Sequence[Any]) -> dict[str, Any]:
    return {column[0]: value for column, value in zip(rows.description, row, strict=True)}


def _replace(
    tables: sqlite3.Connection, table: str, rows: Iterable[Listing | EntryListing]
) -> None:
    for row in rows:
        record = asdict(row)
        marks = ", ".join(f":{name}" for name in record)
        names = ", ".join(record)
        statement = f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 - ours
        tables.execute(statement, record)
