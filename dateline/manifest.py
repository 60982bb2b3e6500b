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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, fields, replace
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeVar

from dateline.address import fingerprint
from dateline.errors import StoreError

HEAD = ".manifest.json"
_TABLES = ".manifest.sqlite"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS document (
    path TEXT PRIMARY KEY, media_type TEXT, role INTEGER, changed INTEGER, size INTEGER,
    digest TEXT, links TEXT, max_age INTEGER, expires INTEGER, codings TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS entry (
    id TEXT PRIMARY KEY, sequence INTEGER, slug TEXT, path TEXT, content TEXT, headline TEXT,
    published INTEGER, updated INTEGER, retracted INTEGER, kept INTEGER, withdrawn INTEGER,
    purged INTEGER, expires INTEGER, corrections TEXT, story TEXT, revision INTEGER,
    original TEXT
);
CREATE TABLE IF NOT EXISTS member (
    feed TEXT, number INTEGER, entry TEXT, part INTEGER, published INTEGER, archive INTEGER,
    PRIMARY KEY (feed, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS former (digest TEXT PRIMARY KEY, target TEXT) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One document that can be asked for.

    `changed` and `expires` are seconds since 1970, `max_age` seconds, `size` bytes; `digest`
    is the SHA-256 of the bytes. `codings` has the size of each coded form that lies beside it,
    like "br=1024 gzip=1100".
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
    codings: str = ""

    @property
    def sizes(self) -> dict[str, int]:
        """Give the size of each coded form by its content coding."""
        pairs = (form.split("=") for form in self.codings.split())
        return {coding: int(size) for coding, size in pairs}

    @property
    def etag(self) -> str:
        """Give the strong validator of the plain form."""
        return etag(self.changed, self.size)


def etag(changed: int, size: int) -> str:
    """Give a strong validator in nginx's form: moment and length in hex (RFC 9110, 8.8.3)."""
    return f'"{changed:x}-{size:x}"'


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryListing:
    """One published entry: all that a ledger that was lost needs to go on.

    `path` is the digest of its file's path, `story` as `dateline.record` writes it, without
    what is the newsroom's own, or empty where it was taken down; `corrections` are a list of
    moments and texts, as JSON. `revision` and `original` as in `dateline.ledger.tables`.
    """

    id: str
    sequence: int
    slug: str
    path: str
    content: str
    headline: str
    published: int
    updated: int
    retracted: int | None
    kept: bool
    withdrawn: int | None
    purged: bool
    expires: int | None
    corrections: str
    story: str
    revision: int = 0
    original: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberListing:
    """The place of an entry in a feed (`dateline.ledger.tables`, `member`)."""

    feed: str
    number: int
    entry: str | None
    part: int
    published: int
    archive: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerListing:
    """An address, as its digest, at which nothing is any more; `target` is where it went."""

    digest: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is new in the tables; `gone` are the paths of documents that are not promised now."""

    documents: Iterable[Listing]
    gone: Sequence[str] = ()
    entries: Iterable[EntryListing] = ()
    members: Iterable[MemberListing] = ()
    former: Iterable[FormerListing] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What workers hold in memory; `founded` is the publication's first run.

    `former_hosts` has each machine that the site was at, and the address it has now; `explained`
    the path of the page to which a browser is led that opens a feed, by the feed's name. `embargo`
    is when the next entry appears that is not out yet, in seconds since 1970: no feed and no
    page is fresh for longer.
    """

    generation: int
    founded: int
    documents: Mapping[str, Listing]
    former_hosts: Mapping[str, str] = field(default_factory=dict)
    explained: Mapping[str, str] = field(default_factory=dict)
    embargo: int | None = None


_Row = Listing | EntryListing | MemberListing | FormerListing
_R = TypeVar("_R", bound=_Row)
_DOCUMENT = ", ".join(field.name for field in fields(Listing))
_FORMAT = 6  # of the tables
_WAIT = 10.0  # seconds for another run
_PATIENCE = 3.0  # seconds of a web worker, which has others to answer, for a run that syncs


def read_head(folder: Path) -> Head | None:
    """Give the head of the manifest in `folder`, or None where nothing was published.

    Raises `StoreError` where it cannot be read.
    """
    try:
        record = json.loads((folder / HEAD).read_bytes())
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    except OSError as error:
        raise StoreError(f"{folder / HEAD} cannot be read: {error.strerror}.") from error
    if record.get("format") != _FORMAT:  # another release's
        return None
    documents = {path: Listing(**listing) for path, listing in record["documents"].items()}
    return Head(
        generation=record["generation"],
        founded=record["founded"],
        documents=documents,
        former_hosts=record["former_hosts"],
        explained=record["explained"],
        embargo=record["embargo"],
    )


def write(folder: Path, head: Head, change: Change, *, anew: bool = False) -> None:
    """Add to the tables what changed, then put the head in place, which makes it seen.

    Where all is written `anew`, the tables are new ones, and readers keep the old till then.
    Raises `StoreError`.
    """
    table_file = folder / (f"{_TABLES}.new" if anew else _TABLES)
    documents = change.documents if anew else [*change.documents]
    back = [] if anew else [fingerprint(one.path) for one in documents]
    with _in_our_words(table_file):
        if anew:
            table_file.unlink(missing_ok=True)
        with closing(_open(table_file)) as tables, tables:
            _replace(tables, "document", documents)
            _delete(tables, "document", "path", change.gone)
            _replace(tables, "entry", change.entries)
            _replace(tables, "member", change.members)
            _delete(tables, "former", "digest", back)
            _replace(tables, "former", change.former)
        if anew:
            _roll_back(folder / _TABLES)
            table_file.replace(folder / _TABLES)
    with _in_our_words(folder / HEAD):
        _write_head(folder, head)


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


def _write_head(folder: Path, head: Head) -> None:
    documents = {path: _shallow(listing) for path, listing in head.documents.items()}
    record = _shallow(head) | {"format": _FORMAT, "documents": documents}
    temporary = folder / f"{HEAD}.new"
    with temporary.open("w", encoding="utf-8") as file:
        # Neither `indent` nor `dump`: both are done in Python, ten times as slowly.
        file.write(json.dumps(record, ensure_ascii=False, sort_keys=True, default=dict))
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(folder / HEAD)


def _shallow(value: Head | Listing) -> dict[str, object]:
    return {field.name: getattr(value, field.name) for field in fields(value)}


def entries(folder: Path) -> Iterator[EntryListing]:
    """Give every published entry that the manifest in `folder` remembers."""
    for one in _rows(folder, "entry", "sequence", EntryListing):
        yield replace(one, kept=bool(one.kept), purged=bool(one.purged))


def members(folder: Path) -> Iterator[MemberListing]:
    """Give the members of all feeds that the manifest in `folder` remembers."""
    return _rows(folder, "member", "feed, number", MemberListing)


def former(folder: Path) -> Iterator[FormerListing]:
    """Give the addresses at which nothing is any more, as the manifest in `folder` has them."""
    return _rows(folder, "former", "digest", FormerListing)


def documents(folder: Path) -> Iterator[Listing]:
    """Give every document that the manifest in `folder` promises."""
    return _rows(folder, "document", "path", Listing)


def _rows(folder: Path, table: str, order: str, kind: type[_R]) -> Iterator[_R]:
    names = ", ".join(field.name for field in fields(kind))
    with _in_our_words(folder / _TABLES), closing(_open(folder / _TABLES)) as tables:
        for row in tables.execute(f"SELECT {names} FROM {table} ORDER BY {order}"):  # noqa: S608 - ours
            yield kind(**row)


class Reader:
    """Looks up single documents, and changes none (`dateline.web`)."""

    def __init__(self, folder: Path) -> None:
        self._address = (folder / _TABLES).absolute().as_uri()

    def find(self, path: str) -> Listing | None:
        """Give the document called `path`, or None where publishing promised none."""
        row = self._row(f"SELECT {_DOCUMENT} FROM document WHERE path = ?", path)  # noqa: S608 - ours
        return Listing(**row) if row else None

    def former(self, path: str) -> str | None:
        """Say where what was called `path` went, an empty text where it is gone for good.

        None where publishing never promised it.
        """
        row = self._row("SELECT target FROM former WHERE digest = ?", fingerprint(path))
        return row["target"] if row else None

    def _row(self, query: str, key: str) -> dict[str, Any] | None:
        try:
            return self._asked("ro", query, key)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_READONLY_ROLLBACK:
                raise
        # A publisher was killed amid a change: who may write undoes it (sqlite.org/lockingv3.html).
        return self._asked("rw", query, key)

    def _asked(self, mode: str, query: str, key: str) -> dict[str, Any] | None:
        address = f"{self._address}?mode={mode}"
        with closing(sqlite3.connect(address, uri=True, timeout=_PATIENCE)) as tables:
            tables.row_factory = _by_name
            row: dict[str, Any] | None = tables.execute(query, (key,)).fetchone()
            return row

    def count_entries(self) -> int:
        """Say how many entries are published, without those that were withdrawn."""
        query = "SELECT count(*) FROM entry WHERE withdrawn IS NULL AND NOT purged"
        with closing(sqlite3.connect(self._address, uri=True, timeout=_PATIENCE)) as tables:
            return int(tables.execute(query).fetchone()[0])


def _open(path: Path) -> sqlite3.Connection:
    tables = sqlite3.connect(path, timeout=_WAIT)
    tables.row_factory = _by_name
    try:
        tables.execute("PRAGMA journal_mode=DELETE")
        tables.execute("PRAGMA secure_delete=ON")  # what is taken down is not left in free pages
        tables.executescript(_SCHEMA)
    except sqlite3.Error:
        tables.close()
        raise
    return tables


@contextmanager
def _in_our_words(path: Path) -> Iterator[None]:
    """Let what the machine refuses, or SQLite, be a `StoreError`."""
    try:
        yield
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}.") from error
    except sqlite3.OperationalError as error:  # the disk is full, or the like
        raise StoreError(f"{path} cannot be used: {error}.") from error
    except sqlite3.Error as error:
        raise StoreError(
            f"{path} cannot be used ({error}). Delete it, then build again."
        ) from error


def _by_name(rows: sqlite3.Cursor, row: Sequence[Any]) -> dict[str, Any]:
    return {column[0]: value for column, value in zip(rows.description, row, strict=True)}


def _replace(tables: sqlite3.Connection, table: str, rows: Iterable[_Row]) -> None:
    for kind, some in groupby(rows, key=type):
        names = [field.name for field in fields(kind)]
        marks = ", ".join("?" for _ in names)
        statement = f"INSERT OR REPLACE INTO {table} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608 - ours
        tables.executemany(statement, map(attrgetter(*names), some))


def _delete(tables: sqlite3.Connection, table: str, key: str, values: Iterable[str]) -> None:
    statement = f"DELETE FROM {table} WHERE {key} = ?"  # noqa: S608 - our own names
    tables.executemany(statement, [(value,) for value in values])
