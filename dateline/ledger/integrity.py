"""Checks of a ledger in an SQLite file, and the move of a damaged one to another name."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import default

from dateline.documents.manifest import is_refusal
from dateline.errors import LedgerError
from dateline.ledger.migrations import HEAD
from dateline.ledger.queries import state
from dateline.ledger.rows import file_record, stamps_of
from dateline.ledger.tables import metadata
from dateline.model.acts import Act
from dateline.rules import story_json

_BESIDE = ("", "-wal", "-shm", "-journal")
_SHOWN = 80
_DIALECT = default.DefaultDialect()


def damage(path: Path) -> str:
    """Return the first damage in the ledger at `path`, or an empty text.

    SQLite checks every page, then each value is read as a run would read it.
    """
    if not path.exists():
        return ""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)) as tables:
            return next(_faults(tables), "")
    except sqlite3.DatabaseError as error:
        return "" if is_refusal(error) else str(error)
    except (UnicodeError, OverflowError) as error:
        return str(error)


def is_refused(error: BaseException | None) -> bool:
    """Return whether the cause of an error is that the machine refuses to open the ledger."""
    while error is not None:
        if is_refusal(error):
            return True
        error = error.__cause__ or error.__context__
    return False


def set_aside(path: Path, now: datetime) -> Path:
    """Rename a ledger and the files that SQLite keeps beside it; return the new path.

    Nothing is deleted. Raises `LedgerError` if the files cannot be renamed.
    """
    stem = f"{path.stem}.damaged-{now:%Y%m%d-%H%M%S}"
    names = (stem, *(f"{stem}-{number}" for number in range(2, 1000)))
    aside = next(path.with_name(f"{name}{path.suffix}") for name in names if _is_free(path, name))
    try:
        for ending in _BESIDE:
            beside = path.with_name(f"{path.name}{ending}")
            if beside.exists():
                beside.rename(aside.with_name(f"{aside.name}{ending}"))
    except OSError as error:
        raise LedgerError(f"{path} cannot be moved aside: {error.strerror}.") from error
    return aside


def _is_free(path: Path, stem: str) -> bool:
    return not path.with_name(f"{stem}{path.suffix}").exists()


def _faults(tables: sqlite3.Connection) -> Iterator[str]:
    names = {name for (name,) in tables.execute("SELECT name FROM sqlite_schema")}
    for (line,) in tables.execute("PRAGMA integrity_check(1)"):
        if line != "ok":
            yield " ".join(line.split())[:_SHOWN]
    if not names:
        return
    if "alembic_version" not in names:
        yield "it does not say of which revision it is"
    revisions = [name for (name,) in tables.execute("SELECT version_num FROM alembic_version")]
    if revisions == [HEAD]:
        yield from _of_values(tables)
        yield from _of_records(tables)
        for table, *_ in tables.execute("PRAGMA foreign_key_check"):
            yield f"a row of {table} belongs to no other"
    elif len(revisions) != 1 or not str(revisions[0]).isdecimal():
        yield "its revision cannot be read"


def _of_values(tables: sqlite3.Connection) -> Iterator[str]:
    """Yield the columns that have a value of another type, or one that cannot be read."""
    for table in metadata.sorted_tables:
        query = sa.select(*table.c).compile()
        for row in tables.execute(str(query)):
            for column, value in zip(table.c, row, strict=True):
                if not _is_value(column, value):
                    yield f"{column} is not what it should be"


def _of_records(tables: sqlite3.Connection) -> Iterator[str]:
    """Yield what a run could not read of files and of single values."""
    tables.row_factory = sqlite3.Row
    for row in tables.execute("SELECT * FROM file"):
        try:
            file_record(SimpleNamespace(**row))
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
            yield "file.problems is not what it should be"
    yield from state.faults(tables)


def _is_value(column: sa.Column[Any], value: Any) -> bool:
    if value is None:
        return bool(column.nullable)
    kind = column.type.python_type
    if isinstance(column.type, sa.TypeDecorator):
        value = _unpacked(column.type, value)
    if kind is bool:
        return value in {0, 1}
    if not isinstance(value, kind):
        return False
    read = _READ.get(str(column))
    try:
        return read is None or read(value) is not None
    except (ValueError, TypeError, KeyError, AttributeError):
        return False


def _unpacked(type_: sa.TypeDecorator[Any], value: Any) -> Any:
    """Return a value as a run reads it, or None if it cannot be read."""
    try:
        return type_.process_result_value(value, _DIALECT)
    except (ValueError, TypeError):
        return None


_READ = {
    "act.act": Act,
    "version.story": story_json.load,
    "file.beside": stamps_of,
}
