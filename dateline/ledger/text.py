"""How does a ledger look as text, and how does it come back?

JSON Lines, the same from every engine: who wrote it, a line for each row, how many there are::

    {"release":"0.1.0","revision":"0001"}
    {"table":"fact","row":{"name":"generation","value":"3"}}
    {"rows":1}

Tables stand in the order of their foreign keys, rows in that of their primary keys by code
point, columns in that of their names. Bytes are written in Base64.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from dateline import __version__
from dateline.errors import LedgerError
from dateline.ledger.migrations import HEAD
from dateline.ledger.session import Session, reason
from dateline.ledger.tables import metadata

_PART = 500  # rows in memory at a time
# The collation in which texts are sorted by code point, where it is not the engine's own.
_COLLATIONS = {"postgresql": "C"}


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    table: sa.Table
    values: Mapping[str, Any]


def is_empty(session: Session) -> bool:
    """Say whether the ledger remembers nothing at all."""
    return not any(
        session.scalar(sa.select(sa.literal(1)).select_from(table).limit(1))
        for table in metadata.sorted_tables
    )


def export(session: Session) -> Iterator[str]:
    r"""Give the lines of the whole ledger, each with its `\n`.

    Raises `LedgerError` where the engine cannot read it.
    """
    rows = 0
    yield _line({"release": __version__, "revision": HEAD})
    try:
        for table in metadata.sorted_tables:
            for row in session.execute(_in_order(table, session)):
                yield _line({"table": table.name, "row": _written(row._asdict())})
                rows += 1
    except SQLAlchemyError as error:
        raise LedgerError(f"The ledger cannot be read: {reason(error)}.") from error
    yield _line({"rows": rows})


def import_(session: Session, lines: Iterable[str]) -> int:
    """Fill an empty ledger from its text, and give how many rows it has. Nothing is committed.

    Raises `LedgerError` where the ledger is not empty, where the text is another revision's
    or was cut off, and at the first line that says what this ledger cannot have.
    """
    if not is_empty(session):
        raise LedgerError("The ledger is not empty. Move it away first: only a new one is filled.")
    count = 0
    for part in _parts(_rows(lines)):
        _insert(session, part)
        count += len(part)
    return count


# ---- To text


def _in_order(table: sa.Table, session: Session) -> sa.Select[Any]:
    collation = _COLLATIONS.get(session.connection.dialect.name)
    keys = (
        sa.collate(key, collation) if collation and isinstance(key.type, sa.String) else key
        for key in table.primary_key
    )
    return sa.select(table).order_by(*keys).execution_options(yield_per=_PART)


def _written(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: b64encode(row[name]).decode() if isinstance(row[name], bytes) else row[name]
        for name in sorted(row)
    }


def _line(said: Mapping[str, Any]) -> str:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")) + "\n"


# ---- And back


def _rows(lines: Iterable[str]) -> Iterator[_Row]:
    """Read the text, and see at its end that it is whole."""
    said = ((number, _object(number, line)) for number, line in enumerate(lines, start=1))
    _, head = next(said, (0, {}))
    _check(head)
    count, told = 0, None
    for number, found in said:
        if told is not None:
            raise LedgerError(f"Line {number} stands after the end of the ledger: take it out.")
        if found.keys() == {"rows"}:
            told = found["rows"]
        else:
            yield _row(number, found)
            count += 1
    if told is None:
        raise LedgerError("The text was cut off: it does not end with how many rows there are.")
    if told != count:
        raise LedgerError(f"The text should have {told} rows and has {count}: it was changed.")


def _object(number: int, line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise LedgerError(f"Line {number} is none of a ledger: the text was cut off or changed.")
    return found


def _check(head: Mapping[str, Any]) -> None:
    if head.keys() != {"release", "revision"}:
        raise LedgerError("This is no ledger's text: its first line does not say who wrote it.")
    if head["revision"] != HEAD:
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
    for column in [*row.keys() - table.c.keys(), *table.c.keys() - row.keys()]:
        verb = "has no" if column in row else "needs the"
        raise LedgerError(f"Line {number}: the table {name} {verb} column {column}.")
    return _Row(number, table, {c.name: _read(number, c, row[c.name]) for c in table.c})


def _read(number: int, column: sa.Column[Any], value: Any) -> Any:
    """Give a column's value: SQLite would take any other, too."""
    kind = column.type.python_type
    try:
        found = b64decode(value, validate=True) if kind is bytes and value is not None else value
    except (TypeError, ValueError):
        found = ...
    if type(found) is kind or (found is None and column.nullable):
        return found
    written = json.dumps(value, ensure_ascii=False)
    raise LedgerError(f"Line {number}: {column} cannot be {written:.40}.")


def _parts(rows: Iterable[_Row]) -> Iterator[Sequence[_Row]]:
    """Cut rows into parts of one table each."""
    for _, some in groupby(rows, key=lambda row: row.table.name):
        while part := list(islice(some, _PART)):
            yield part


def _insert(session: Session, part: Sequence[_Row]) -> None:
    try:
        session.insert(part[0].table, [row.values for row in part])
    except (SQLAlchemyError, OverflowError, UnicodeError) as error:
        raise LedgerError(
            f"A row in lines {part[0].line} to {part[-1].line} does not fit: {reason(error)}."
        ) from error
