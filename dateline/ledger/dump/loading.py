"""Loading of many rows into the empty tables of a ledger.

Filled row by row, an index of anything but the keys is written in a random order, and each row
that names another is looked up. So both are taken off the tables first, and are made from all rows
at the end, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from dateline.ledger.migrations import TAKES_LONG
from dateline.ledger.session import Session, stored
from dateline.ledger.tables import metadata

_SERVER = "postgresql"
# What each engine knows of its indexes: the name of the table, its own, and the statement that
# makes it. Those that belong to a constraint stay.
_INDEXES = {
    "sqlite": "SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'index' AND sql > ''",
    _SERVER: (
        "SELECT tablename, indexname, indexdef FROM pg_indexes "
        "WHERE schemaname = current_schema() AND indexname NOT IN (SELECT conname "
        "FROM pg_constraint WHERE connamespace = current_schema()::regnamespace)"
    ),
}
_KEYS = (
    "SELECT relname, conname, pg_get_constraintdef(pg_constraint.oid) FROM pg_constraint "
    "JOIN pg_class ON pg_class.oid = conrelid "
    "WHERE contype = 'f' AND connamespace = current_schema()::regnamespace"
)


@contextmanager
def bare_tables(session: Session) -> Iterator[None]:
    """Take indexes and foreign keys off all tables, and put them back at the end.

    The foreign keys of SQLite stay: they cannot be taken off. Raises `SQLAlchemyError` where rows
    do not fit together.
    """
    execute, engine = session.connection.exec_driver_sql, session.connection.dialect.name
    if engine == _SERVER:
        execute(TAKES_LONG)  # an index of all rows takes its time
    else:
        execute("BEGIN IMMEDIATE")  # Python would commit each statement of these by itself
    indexes = _own(session, _INDEXES[engine])
    keys = _own(session, _KEYS) if engine == _SERVER else []
    for table, name, _ in keys:
        execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for _, name, _ in indexes:
        execute(f"DROP INDEX {name}")
    yield
    for _, _, statement in indexes:
        execute(statement)
    for table, name, definition in keys:
        execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def _own(session: Session, query: str) -> list[tuple[str, str, str]]:
    """Return the rows of a query that are of tables of the ledger."""
    found = session.connection.exec_driver_sql(query).all()
    return [(table, name, text) for table, name, text in found if table in metadata.tables]


def load(session: Session, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows, which have the same columns. Raises `SQLAlchemyError`."""
    dialect = session.connection.dialect
    if dialect.name != _SERVER:
        session.insert(table, rows)
        return
    values = itemgetter(*rows[0])
    columns = ", ".join(rows[0])  # SQL's own words are none of them: SQLite would refuse these, too
    statement = f"COPY {table.name} ({columns}) FROM STDIN"
    cursor: Any = session.connection.connection.cursor()  # SQLAlchemy knows nothing of its `copy`
    try:
        with closing(cursor), cursor.copy(statement) as copy:
            for row in stored(table, rows, dialect):
                copy.write_row(values(row))
    except dialect.loaded_dbapi.Error as error:
        raise sa.exc.DBAPIError(statement, None, error) from error
