"""The revisions of the ledger's tables (Alembic), and the upgrade to the newest of them.

A new ledger in SQLite gets its tables from `newest.sql`, which has what all revisions together
create: to run them takes longer than to publish a few entries.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from dateline.errors import LedgerError
from dateline.messages import program

FIRST = "0005"
HEAD = "0009"
# Later revisions only add tables to these, or store their values in another way: the text of such
# a ledger fits this one.
IMPORTABLE = (FIRST, "0006", "0007", "0008", HEAD)
_QUERY = sa.text("SELECT version_num FROM alembic_version")
_NEWEST = Path(__file__).with_name("newest.sql")
_LOCK = 0x6461_7465  # the advisory lock of PostgreSQL that upgrades take
# For a transaction whose statements take long, while all others wait: it is ended soon after its
# client was cut off.
TAKES_LONG = (
    "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = '60s'"
)


def upgrade(connection: sa.Connection) -> None:
    """Create the ledger's tables, or upgrade them to this release's.

    Raises `LedgerError` for a ledger that a newer release wrote, or a development version from
    before the first one.
    """
    if _revision(connection) == HEAD:
        return
    if connection.dialect.name == "postgresql":
        with _alone(connection):
            _upgrade(connection)
    else:
        _upgrade(connection)


def has_tables(connection: sa.Connection) -> bool:
    """Return whether a database has the tables of a ledger, of any release."""
    return sa.inspect(connection).has_table("alembic_version")


def refuse_newer(connection: sa.Connection) -> None:
    """Raise `LedgerError` if a newer release has upgraded an open ledger meanwhile."""
    _refuse_newer(connection, connection.scalar(_QUERY))


def _refuse_newer(connection: sa.Connection, revision: str) -> None:
    if revision > HEAD:
        raise LedgerError(
            f"The ledger was written by a newer release of Dateline ({revision}). Install that "
            f"one.{_advice(connection)}"
        )


def _upgrade(connection: sa.Connection) -> None:
    revision = _revision(connection)
    if revision == HEAD:  # since another process upgraded them
        return
    _refuse_newer(connection, revision)
    if "" < revision < FIRST:
        raise LedgerError(
            f"The ledger was written by a version of Dateline from before its first release "
            f"({revision}). To keep it under another name and fill a new one from feeds/, type "
            f"{program.name()} ledger recover."
        )
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        # Python would commit each table by itself, and half of them could not be repaired.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    if is_sqlite and not has_tables(connection):
        _create(connection)
    else:
        revise(connection)
    connection.commit()
    if revision and is_sqlite:
        _return_space(connection)


def _create(connection: sa.Connection) -> None:
    """Create the tables of this release in an empty database."""
    for statement in _NEWEST.read_text("utf-8").split(";\n"):
        connection.exec_driver_sql(statement)
    connection.execute(
        sa.text("INSERT INTO alembic_version (version_num) VALUES (:head)"), {"head": HEAD}
    )


def revise(connection: sa.Connection) -> None:
    """Run all revisions that a database does not have yet, within the transaction."""
    # Importing Alembic takes as long as a whole run, so only where it is needed.
    import alembic.command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "dateline.ledger:migrations")
    config.attributes["connection"] = connection
    alembic.command.upgrade(config, "head")


def _return_space(connection: sa.Connection) -> None:
    """Return the space that an upgrade has freed to the disk, if the disk has room for that.

    While others read the ledger, it stays as large as it is, and is filled again.
    """
    with suppress(OperationalError):
        connection.exec_driver_sql("VACUUM")
    connection.rollback()


def _advice(connection: sa.Connection) -> str:
    """Return what to do about a damaged file; a database is restored from its own backup."""
    if connection.dialect.name != "sqlite":
        return ""
    named = f"{program.name()} ledger recover"
    return f" If there never was one, the ledger is damaged: type {named}."


@contextmanager
def _alone(connection: sa.Connection) -> Iterator[None]:
    """Begin a transaction for which the upgrades of other processes wait.

    It sees what others commit while it waits, which its usual isolation would hide.
    """
    connection.rollback()
    usual = connection.get_isolation_level()
    connection.execution_options(isolation_level="READ COMMITTED")
    connection.exec_driver_sql(TAKES_LONG)
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
    yield
    connection.rollback()
    connection.execution_options(isolation_level=usual)


def _revision(connection: sa.Connection) -> str:
    """Return the revision of the tables, or an empty text if there are none.

    SQLite is asked at once: nearly every ledger has tables. An error would end the transaction of
    PostgreSQL, and its lock.
    """
    if connection.dialect.name != "sqlite" and not has_tables(connection):
        return ""
    try:
        return connection.scalar(_QUERY) or ""
    except OperationalError:
        if has_tables(connection):
            raise
    return ""
