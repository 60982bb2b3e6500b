"""The database engines that keep a ledger: SQLite in a file, or PostgreSQL on a server.

A URL never has a password: PostgreSQL's comes from the environment, or from the files of libpq.
Each setting of a session is made in its transaction, so that a pooler of transactions (PgBouncer)
can stand between.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from contextlib import ExitStack, closing
from functools import cache, partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from dateline.errors import LedgerAwayError, LedgerError
from dateline.ledger import migrations
from dateline.ledger.tables import metadata
from dateline.messages import program
from dateline.system import heartbeat

PASSWORD = "DATELINE_LEDGER_PASSWORD"  # noqa: S105 - the name of an environment variable
_NAME = "dateline"
_SQLITE = "sqlite"
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")
# A server that is switched off, or cut off, answers nothing: in seconds, in libpq's own words.
_TIMEOUTS = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,  # milliseconds
}
# A statement takes a part of a second. Between two, a run renders, writes and uploads, of a whole
# publication perhaps for hours; a client that is dead is found by the keepalives.
_OF_TRANSACTION = (
    "SET LOCAL statement_timeout = '60s'; SET LOCAL idle_in_transaction_session_timeout = '6h'; "
    "SET LOCAL tcp_keepalives_idle = 5; SET LOCAL tcp_keepalives_interval = 2; "
    "SET LOCAL tcp_keepalives_count = 3"
)
# Classes of SQLSTATE: no connection, too many of them, and a server that stops or starts.
_AWAY = ("08", "533", "57P0", "25P03")
_CLOSED: Mapping[str, Any] = {"poolclass": sa.NullPool}
_KEPT: Mapping[str, Any] = {
    "poolclass": sa.QueuePool,
    "pool_size": 2,
    "max_overflow": 50,
    "pool_use_lifo": True,
    "pool_pre_ping": True,
}
_pool = _CLOSED
_names: dict[str, str] = {}  # that transactions have on the server, by the ledger's URL
_log = logging.getLogger(__name__)


def connect(url: str) -> sa.Connection:
    """Open a connection to the ledger at a URL, and upgrade it to this release's tables.

    Raises `LedgerError` if it cannot be opened, or another release wrote it.
    """
    try:
        with ExitStack() as opened:
            connection = opened.enter_context(closing(engine_at(url).connect()))
            _prepare(connection)
            opened.pop_all()  # a connection that fails before is closed, and locks nothing
    except SQLAlchemyError as error:
        raise _unopened(url, error) from error
    return connection


def exists(url: str) -> bool:
    """Return whether a database has a ledger. Raises `LedgerError` if that cannot be known."""
    engine = engine_at(url)
    if is_file(url):
        return os.path.exists(engine.url.database or "")  # noqa: PTH110 - as SQLite takes it
    try:
        with engine.connect() as connection:
            return migrations.has_tables(connection)
    except SQLAlchemyError as error:
        raise _unopened(url, error) from error


def refuse_read_only(connection: sa.Connection) -> None:
    """Raise `LedgerAwayError` if a server takes no changes, as one that follows another."""
    if connection.exec_driver_sql("SHOW transaction_read_only").scalar() == "on":
        raise LedgerAwayError("The database of the ledger is read-only at present.")


def rewrite(url: str) -> None:
    """Write the tables of a ledger on a server again, without the rows that were deleted.

    Deleted rows stay in its files until something else is written there. SQLite overwrites them.
    """
    if is_file(url):
        return
    heartbeat.waiting(heartbeat.LONG)
    try:
        with engine_at(url).connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            for table in metadata.sorted_tables:
                _require_free(url, table)  # others would wait as long as a backup takes
                connection.exec_driver_sql(f"VACUUM FULL {table.name}")
    except SQLAlchemyError as error:
        _log.warning(
            "Text that was taken down may still be on the disk of the database (%s). Type, in "
            "its psql: VACUUM FULL",
            reason(error),
        )
    heartbeat.waiting()


def _require_free(url: str, table: sa.Table) -> None:
    """Raise `SQLAlchemyError` if others, such as a backup, use a table for longer than seconds."""
    with engine_at(url).begin() as connection:
        connection.exec_driver_sql("SET LOCAL lock_timeout = '10s'")
        connection.exec_driver_sql(f"LOCK TABLE {table.name} IN ACCESS EXCLUSIVE MODE")


def is_file(url: str) -> bool:
    """Return whether the ledger at a URL is a file of this machine: SQLite."""
    return url.startswith(_SQLITE)


def shown(url: str) -> str:
    """Return a URL as messages may show it: without its password, if it has one."""
    return sa.make_url(url).render_as_string(hide_password=True)


def reason(error: Exception) -> str:
    """Return the engine's message in one line, without the rows that it is about."""
    message = str(error.orig if isinstance(error, DBAPIError) else error)
    return message.partition("\n")[0].rstrip(".")


def unusable(error: SQLAlchemyError) -> LedgerError:
    """Return the error of a ledger that was opened, and refuses a statement."""
    kind = LedgerAwayError if _is_away(error) else LedgerError
    return kind(f"The ledger cannot be used: {reason(error)}.")


def _unopened(url: str, error: SQLAlchemyError) -> LedgerError:
    begin = f"The ledger {shown(url)} cannot be opened: {reason(error)}."
    if _is_away(error):
        return LedgerAwayError(begin)
    if not is_file(url):
        return LedgerError(begin)
    return LedgerError(
        f"{begin} If it can be read by its owner, type {program.name()} ledger recover."
    )


def _is_away(error: SQLAlchemyError) -> bool:
    """Return whether a database server cannot be reached, or has ended the connection."""
    if not isinstance(error, DBAPIError) or not hasattr(error.orig, "sqlstate"):
        return False
    state: object = getattr(error.orig, "sqlstate", None)
    if state is None:  # libpq's own errors, of the network, have none
        return error.connection_invalidated or isinstance(error, OperationalError)
    return str(state).startswith(_AWAY)


def keep_connections() -> None:
    """Keep connections to servers open between sessions, in a process that goes on.

    One that has failed meanwhile is opened again. A file is opened in no time, so it stays closed:
    staff may put a backup in its place between two runs.
    """
    global _pool  # noqa: PLW0603 - one for all threads of the process
    _pool = _KEPT
    engine_at.cache_clear()


def name_transactions(url: str, name: str) -> None:
    """Show the transactions of this process under a name in the server's list of sessions."""
    _names[url] = name or _NAME


@cache
def engine_at(url: str) -> sa.Engine:
    """Return the engine at a URL, which caches compiled queries."""
    if is_file(url):
        return sa.create_engine(url, **_CLOSED)
    engine = sa.create_engine(
        url,
        **_pool,
        isolation_level="REPEATABLE READ",  # as in SQLite, all that a page shows is of one moment
        use_native_hstore=False,
        connect_args=_arguments(),
    )
    sa.event.listen(engine, "begin", partial(_begin, url))
    if hasattr(os, "register_at_fork"):  # a child must not speak on the connections of its parent
        os.register_at_fork(after_in_child=partial(engine.dispose, close=False))
    return engine


def _arguments() -> dict[str, Any]:
    """Return what libpq is given beside the URL: a pooler keeps no prepared statements."""
    own = {"password": os.environ[PASSWORD]} if os.environ.get(PASSWORD) else {}
    return {**_TIMEOUTS, "prepare_threshold": None, "application_name": _NAME, **own}


def _begin(url: str, connection: sa.Connection) -> None:
    name = _names.get(url, _NAME)
    connection.exec_driver_sql(f"{_OF_TRANSACTION}; SET LOCAL application_name = '{name}'")


def _prepare(connection: sa.Connection) -> None:
    if connection.dialect.name == _SQLITE:
        for pragma in _PRAGMAS:
            connection.exec_driver_sql(f"PRAGMA {pragma}")
        connection.commit()
    heartbeat.waiting(heartbeat.LONG)
    migrations.upgrade(connection)
    heartbeat.waiting()
    connection.rollback()  # what this one reads first is as new as its first question
