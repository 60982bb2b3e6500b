"""Export of a ledger as text, and import of that text.

The text is JSON Lines and the same from every engine. The first line has the release and the
revision that wrote it, then comes a line for each row, and the last line has the number of rows
and the digest of all lines before it::

    {"digest":"sha256","release":"0.1.0","revision":"0005"}
    {"table":"fact","row":{"name":"generation","value":"3"}}
    {"rows":1,"sha256":"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"}

Tables are in the order of their foreign keys, rows in that of their primary keys by code point,
columns in that of their names. Bytes are in Base64.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from dateline import __version__
from dateline.documents import in_parts
from dateline.errors import LedgerError
from dateline.ledger.dump.loading import bare_tables, load
from dateline.ledger.engine import reason
from dateline.ledger.migrations import FIRST, HEAD, IMPORTABLE
from dateline.ledger.queries.state import of_publication
from dateline.ledger.session import Session
from dateline.ledger.tables import metadata
from dateline.messages import program

HEAD_SIZE = 1000  # bytes: more than the first line has
_PART = 500  # rows in memory at a time
_DIGEST = "sha256"
_DIGESTS = (None, _DIGEST)
# The collation that sorts texts by code point, where it is not the engine's default.
_COLLATIONS = {"postgresql": "C"}
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """The result of an import. A text from before 26 November 2026 has no digest."""

    rows: int
    has_digest: bool


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    table: sa.Table
    values: Mapping[str, Any]


def is_empty(session: Session) -> bool:
    """Return whether the ledger has no rows at all."""
    return not any(
        session.scalar(sa.select(sa.literal(1)).select_from(table).limit(1))
        for table in metadata.sorted_tables
    )


def is_export(begin: bytes) -> bool:
    """Return whether a file with this beginning is an export, of any release."""
    try:
        head = json.loads(begin.partition(b"\n")[0])
    except (ValueError, RecursionError):
        return False
    return isinstance(head, dict) and {"release", "revision"} <= head.keys()


def export(session: Session) -> Iterator[str]:
    r"""Yield the lines of the whole ledger, each with its `\n`.

    Raises `LedgerError` if the engine cannot read it.
    """
    rows, digest = 0, hashlib.sha256()
    for line in _content(session):
        digest.update(line.encode())
        yield line
        rows += 1
    yield _line({"rows": rows - 1, "sha256": digest.hexdigest()})


def _content(session: Session) -> Iterator[str]:
    """Yield all lines but the last."""
    yield _line({"digest": _DIGEST, "release": __version__, "revision": HEAD})
    if session.connection.dialect.name == "postgresql":  # by bytes, as no index sorts its rows
        session.connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    try:
        for table in metadata.sorted_tables:
            yield from _lines(table, session)
    except SQLAlchemyError as error:
        raise LedgerError(f"The ledger cannot be read: {reason(error)}.") from error


def import_(session: Session, lines: Iterable[str]) -> Imported:
    """Fill an empty ledger from its text, without a commit.

    Raises `LedgerError` if the ledger is not empty, if the text is from another revision, was
    cut off or is not what was exported, and at the first line that does not fit the tables.
    """
    if not is_empty(session):
        raise LedgerError("The ledger is not empty. Move it away first: only a new one is filled.")
    text = _Text(lines)
    count = 0
    try:
        with bare_tables(session):
            for part in _parts(text.rows()):
                _load(session, part)
                count += len(part)
    except SQLAlchemyError as error:
        raise LedgerError(f"The rows do not fit together: {reason(error)}.") from error
    return Imported(rows=count, has_digest=text.has_digest)


# ---- To text


def _lines(table: sa.Table, session: Session) -> Iterator[str]:
    columns = sorted(table.c, key=lambda column: column.name)
    names = [column.name for column in columns]
    of_bytes = [column.name for column in columns if column.type.python_type is bytes]
    for values in session.execute(_in_order(table, columns, session)):
        row = dict(zip(names, values, strict=True))
        for name in of_bytes:
            row[name] = b64encode(row[name]).decode()
        yield _line({"table": table.name, "row": row})


def _in_order(
    table: sa.Table, columns: Sequence[sa.Column[Any]], session: Session
) -> sa.Select[Any]:
    collation = _COLLATIONS.get(session.connection.dialect.name)
    keys = (
        sa.collate(key, collation) if collation and isinstance(key.type, sa.String) else key
        for key in table.primary_key
    )
    return of_publication(sa.select(*columns).order_by(*keys).execution_options(yield_per=_PART))


def _line(record: Mapping[str, Any]) -> str:
    return _ENCODE(record) + "\n"


# ---- From text


class _Text:
    """A text that is being read, and checked for completeness at its end."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = enumerate(lines, start=1)
        self._digest = hashlib.sha256()
        self.has_digest = False

    def rows(self) -> Iterator[_Row]:
        """Yield the rows; after the last, check that all are there as they were exported."""
        number, line = next(self._lines, (1, ""))
        head = _object(number, line) if line else {}
        _check(head)
        self.has_digest = head.get("digest") == _DIGEST
        self._add(line)
        count, end = 0, None
        for number, line in self._lines:
            if end is not None:
                raise LedgerError(f"Line {number} stands after the end of the ledger: take it out.")
            found = _object(number, line)
            if "rows" in found:
                end = found
                continue
            yield _row(number, found)
            self._add(line)
            count += 1
        self._end(count, end)

    def _add(self, line: str) -> None:
        """Add a line to the digest, without its line ending, which differs by machine."""
        self._digest.update(f"{line.rstrip()}\n".encode(errors="surrogateescape"))

    def _end(self, count: int, end: Mapping[str, Any] | None) -> None:
        if end is None:
            raise LedgerError("The text was cut off: it does not end with how many rows there are.")
        if end["rows"] != count:
            raise LedgerError(
                f"The text should have {end['rows']} rows and has {count}: it was changed."
            )
        if self.has_digest and end.get("sha256") != self._digest.hexdigest():
            raise LedgerError(
                "The text is not what was exported: something in it was changed. "
                "Take another copy of it, or export again."
            )


def _object(number: int, line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise LedgerError(f"Line {number} is none of a ledger: the text was cut off or changed.")
    return found


def _check(head: Mapping[str, Any]) -> None:
    if head.keys() - {"digest"} != {"release", "revision"} or head.get("digest") not in _DIGESTS:
        raise LedgerError("This is no ledger's text: its first line does not say who wrote it.")
    if str(head["revision"]) < FIRST:
        raise LedgerError(
            "The text was exported by a version of Dateline from before its first release "
            f"({head['revision']}). Import a later one, or fill a ledger from feeds/: type "
            f"{program.name()} ledger recover."
        )
    if head["revision"] not in IMPORTABLE:
        raise LedgerError(
            f"The text has revision {head['revision']} of the ledger, this release {HEAD}. "
            f"Import it with {head['release']}, then let this one open that ledger."
        )


def _row(number: int, found: Mapping[str, Any]) -> _Row:
    if found.keys() != {"table", "row"} or not isinstance(found["row"], dict):
        raise LedgerError(f"Line {number} is no row of a ledger: the text was changed.")
    name, row = found["table"], found["row"]
    table = metadata.tables.get(str(name))
    if table is None:
        raise LedgerError(f"Line {number}: the ledger has no table {name}.")
    kinds = _kinds(table)
    if row.keys() != kinds.keys():
        raise _other_columns(number, table, row)
    for column, (kind, is_nullable) in kinds.items():
        value = row[column]
        if type(value) is not kind and not (value is None and is_nullable):
            row[column] = _decoded(number, table.c[column], value)
    return _Row(number, table, row)


@cache
def _kinds(table: sa.Table) -> Mapping[str, tuple[type, bool]]:
    """Return the type of each column's values, and whether it may have none."""
    return {one.name: (one.type.python_type, bool(one.nullable)) for one in table.c}


def _other_columns(number: int, table: sa.Table, row: Mapping[str, Any]) -> LedgerError:
    column = next(iter([*row.keys() - table.c.keys(), *table.c.keys() - row.keys()]))
    verb = "has no" if column in row else "needs the"
    return LedgerError(f"Line {number}: the table {table.name} {verb} column {column}.")


def _decoded(number: int, column: sa.Column[Any], value: Any) -> bytes:
    """Return bytes that are in Base64. SQLite would accept a value of any other type."""
    try:
        if column.type.python_type is bytes:
            return b64decode(value, validate=True)
    except (TypeError, ValueError):
        pass
    written = json.dumps(value, ensure_ascii=False)
    raise LedgerError(f"Line {number}: {column} cannot be {written:.40}.")


def _parts(rows: Iterable[_Row]) -> Iterator[Sequence[_Row]]:
    """Yield the rows in parts of one table each."""
    for _, some in groupby(rows, key=lambda row: row.table.name):
        yield from in_parts(some, _PART)


def _load(session: Session, part: Sequence[_Row]) -> None:
    try:
        load(session, part[0].table, [row.values for row in part])
    except (SQLAlchemyError, OverflowError, UnicodeError) as error:
        raise LedgerError(
            f"A row in lines {part[0].line} to {part[-1].line} does not fit: {reason(error)}."
        ) from error
