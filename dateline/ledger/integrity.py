"""Checks of a ledger on any engine, and the move of a damaged file to another name."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from itertools import chain
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import default
from sqlalchemy.exc import SQLAlchemyError

from dateline.documents.manifest import is_refusal
from dateline.errors import LedgerError
from dateline.ledger.engine import connect, unusable
from dateline.ledger.migrations import HEAD
from dateline.ledger.queries import state
from dateline.ledger.rows import file_record, stamps_of
from dateline.ledger.tables import file, metadata
from dateline.model.acts import Act
from dateline.rules import story_json

ASIDE = ".damaged-"  # in the name of a ledger that was moved aside
_BESIDE = ("", "-wal", "-shm", "-journal")
_SHOWN = 80
_DIALECT = default.DefaultDialect()
_PART = 500  # rows in memory at a time
_Rows = Callable[[str], Iterable[Sequence[Any]]]


def damage(path: Path) -> str:
    """Return the first damage in the ledger at `path`, or an empty text.

    SQLite checks every page, then each value is read as a run would read it. A disk that does not
    say whether the file is there tells nothing of damage.
    """
    try:
        if not path.exists():
            return ""
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)) as tables:
            return next(_faults(tables), "")
    except sqlite3.DatabaseError as error:
        return "" if is_refusal(error) else str(error)
    except (UnicodeError, OverflowError) as error:
        return str(error)
    except OSError:
        return ""


def damage_in_database(url: str) -> str:
    """Return the first damage in a ledger on a server, which checks pages, or an empty text.

    Raises `LedgerError` if it cannot be opened.
    """
    with closing(connect(url)) as connection:

        def rows(query: str) -> Iterator[Sequence[Any]]:
            yield from connection.exec_driver_sql(query, execution_options={"yield_per": _PART})

        try:
            return next(chain(_of_values(rows), _of_records(rows)), "")
        except SQLAlchemyError as error:
            raise unusable(error) from error


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
    stem = f"{path.stem}{ASIDE}{now:%Y%m%d-%H%M%S}"
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


def remove(path: Path) -> None:
    """Remove a ledger that nothing was committed to, and the files that SQLite keeps beside it."""
    for ending in _BESIDE:
        path.with_name(f"{path.name}{ending}").unlink(missing_ok=True)


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
        yield from _of_values(tables.execute)
        yield from _of_records(tables.execute)
        for table, *_ in tables.execute("PRAGMA foreign_key_check"):
            yield f"a row of {table} belongs to no other"
    elif len(revisions) != 1 or not str(revisions[0]).isdecimal():
        yield "its revision cannot be read"


def _of_values(rows: _Rows) -> Iterator[str]:
    """Yield the columns that have a value of another type, or one that cannot be read."""
    for table in metadata.sorted_tables:
        for row in rows(_all(table)):
            for column, value in zip(table.c, row, strict=True):
                if not _is_value(column, value):
                    yield f"{column} is not what it should be"


def _of_records(rows: _Rows) -> Iterator[str]:
    """Yield what a run could not read of files and of single values."""
    for row in rows(_all(file)):
        try:
            file_record(SimpleNamespace(**dict(zip(file.c.keys(), row, strict=True))))
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
            yield "file.problems is not what it should be"
    yield from state.faults(rows)


def _all(table: sa.Table) -> str:
    return str(sa.select(*table.c).compile())


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
