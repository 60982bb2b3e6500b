"""The database engines that keep a ledger: SQLite in a file, or PostgreSQL on a server.

A URL never has a password: PostgreSQL's comes from the environment, or from the files of libpq.
Each setting of a session is made in its transaction, so that a pooler of transactions (PgBouncer)
can stand between.
"""

from __future__ import annotations

import atexit
import logging
import os
import sqlite3
from collections.abc import Mapping
from contextlib import ExitStack, closing
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    DisconnectionError,
    IntegrityError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.pool import ConnectionPoolEntry

from dateline.errors import LedgerAwayError, LedgerError
from dateline.ledger import migrations
from dateline.ledger.tables import NOTE_REWRITTEN, metadata
from dateline.messages import program
from dateline.system import heartbeat

PASSWORD = "DATELINE_LEDGER_PASSWORD"  # noqa: S105 - the name of an environment variable
_NAME = "dateline"
_SQLITE = "sqlite"
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")
_EMPTY_LOG = "PRAGMA wal_checkpoint(TRUNCATE)"
# Of SQLite's pages in memory, in KiB: its default, and for many new rows. Most go anywhere in an
# index, whose pages would be written to the log and read again several times before the commit.
_CACHE, _LARGE_CACHE = "PRAGMA cache_size=-2000", "PRAGMA cache_size=-16000"
_PATIENCE = 5  # seconds for which a statement waits for other processes
# What is known of a connection to a file: the device and number of the file that was opened, its
# state when the connection was last used, and the number of rows that were changed until then.
_FILE, _STATE, _CHANGES = "file", "state", "changes"
# A server that is switched off, or cut off, answers nothing: in seconds, in libpq's own words.
_TIMEOUTS = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,  # milliseconds
}
# A statement takes a part of a second. Between two, a run renders, writes and uploads, of a whole
# publication perhaps for hours; a dead client is found by the keepalives, if it is no pooler.
_OF_TRANSACTION = (
    "SET LOCAL statement_timeout = '60s'; SET LOCAL tcp_keepalives_idle = 5; "
    "SET LOCAL tcp_keepalives_interval = 2; SET LOCAL tcp_keepalives_count = 3"
)
_MOST_IDLE = "6h"
IDLE_LIMIT = "idle_limit"  # the execution option of a connection with another one
# Classes of SQLSTATE: no connection, too many of them, and a server that stops or starts.
_AWAY = ("08", "533", "57P0", "25P03")
_TOO_LARGE = "54"  # of a row, or a row of an index
_CLOSED: Mapping[str, Any] = {"poolclass": sa.NullPool}
_KEPT: Mapping[str, Any] = {
    "poolclass": sa.QueuePool,
    "pool_size": 2,
    "max_overflow": 50,
    "pool_use_lifo": True,
    "pool_pre_ping": True,
}
_KEPT_FILE: Mapping[str, Any] = {**_KEPT, "pool_size": 1, "pool_pre_ping": False}
_pool = _pool_of_files = _CLOSED
_names: dict[str, str] = {}  # that transactions have on the server, by the ledger's URL
_log = logging.getLogger(__name__)

_FileState: TypeAlias = tuple[int, ...] | None
# By its path, each file to which a connection is kept, as that was put back last.
_idle: dict[str, tuple[sa.Engine, _FileState]] = {}


def connect(url: str) -> sa.Connection:
    """Open a connection to the ledger at a URL, and upgrade it to this release's tables.

    Raises `LedgerError` if it cannot be opened, or another release wrote it.
    """
    try:
        with ExitStack() as opened:
            connection = opened.enter_context(closing(engine_at(url).connect()))
            _prepare(connection)
            opened.pop_all()  # a connection that fails before is closed, and locks nothing
    except (SQLAlchemyError, UnicodeDecodeError) as error:  # SQLite quotes a damaged schema
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
    """Raise `LedgerAwayError` if a server takes no changes, as one that follows another.

    Connections are closed: what makes them read-only may be a setting that the database had as they
    were opened, and would last as long as they are kept.
    """
    if connection.exec_driver_sql("SHOW transaction_read_only").scalar() == "on":
        connection.invalidate()
        connection.engine.dispose()  # those that nobody uses
        raise LedgerAwayError("The database of the ledger is read-only at present.")


def empty_log(connection: sa.Connection) -> None:
    """Empty SQLite's write-ahead log of what is committed, and return its space to the disk."""
    if connection.dialect.name == _SQLITE:
        connection.exec_driver_sql(_EMPTY_LOG)
        connection.commit()


def set_cache(connection: sa.Connection, *, is_large: bool) -> None:
    """Keep more of SQLite's pages in memory, for many new rows, or as few as usual."""
    if connection.dialect.name == _SQLITE:
        connection.exec_driver_sql(_LARGE_CACHE if is_large else _CACHE)


def analyze(connection: sa.Connection, table: str) -> None:
    """Have a server note what a table contains, for its plans; SQLite's follow the indexes."""
    if connection.dialect.name != _SQLITE:
        connection.exec_driver_sql(f"ANALYZE {table}")


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
            connection.execute(NOTE_REWRITTEN)
    except SQLAlchemyError as error:
        _log.warning(
            "Text that was taken down may still be on the disk of the database (%s). Dateline "
            "tries again, at most once an hour. To do it now, type in its psql: VACUUM FULL",
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


def sentence(error: SQLAlchemyError | LedgerError) -> str:
    """Return what went wrong with a ledger, as a sentence."""
    return str(error) if isinstance(error, LedgerError) else f"{reason(error)}."


def reason(error: Exception) -> str:
    """Return the engine's message in one line, without the rows that it is about."""
    message = str(error.orig if isinstance(error, DBAPIError) else error)
    return message.partition("\n")[0].rstrip(".")


def is_of_value(error: Exception) -> bool:
    """Return whether an error is of values that no ledger takes, or is none of a ledger."""
    state = str(getattr(getattr(error, "orig", None), "sqlstate", ""))
    is_refused = isinstance(error, DataError | IntegrityError) or state.startswith(_TOO_LARGE)
    return is_refused or not isinstance(error, SQLAlchemyError)


def refusal(error: BaseException | None) -> LedgerError | None:
    """Return the error of a ledger that refused a statement, if that is one."""
    return unusable(error) if isinstance(error, SQLAlchemyError) else None


def unusable(error: SQLAlchemyError) -> LedgerError:
    """Return the error of a ledger that was opened, and refuses a statement."""
    begin = f"The ledger cannot be used: {reason(error)}."
    return LedgerAwayError(begin) if _is_away(error) else LedgerError(f"{begin}{_advice(error)}")


def _unopened(url: str, error: SQLAlchemyError | UnicodeDecodeError) -> LedgerError:
    why = reason(error) if isinstance(error, SQLAlchemyError) else "its schema is damaged"
    begin = f"The ledger {shown(url)} cannot be opened: {why}."
    if _is_away(error):
        return LedgerAwayError(begin)
    if not is_file(url):
        return LedgerError(begin)
    otherwise = f" If it can be read by its owner, type {program.name()} ledger recover."
    return LedgerError(f"{begin}{_advice(error) or otherwise}")


def _advice(error: Exception) -> str:
    """Return what helps where the machine refuses to use a file, or an empty text."""
    from dateline.documents.manifest import advice_on_refusal  # noqa: PLC0415 - few are refused

    return advice_on_refusal(getattr(error, "orig", None) or error, "the ledger's file")


def _is_away(error: Exception) -> bool:
    """Return whether a database server cannot be reached, or has ended the connection."""
    if not isinstance(error, DBAPIError) or not hasattr(error.orig, "sqlstate"):
        return False
    state: object = getattr(error.orig, "sqlstate", None)
    if state is None:  # libpq's own errors, of the network, have none
        return error.connection_invalidated or isinstance(error, OperationalError)
    return str(state).startswith(_AWAY)


def keep_connections(*, also_to_file: bool = False) -> None:
    """Keep connections to servers open between sessions, in a process that goes on.

    One that has failed meanwhile is opened again. The process that publishes keeps one
    `also_to_file` if the ledger is in SQLite: statements stay prepared, and pages in memory.
    """
    global _pool, _pool_of_files  # noqa: PLW0603 - one for all threads of the process
    _pool = _KEPT
    _pool_of_files = _KEPT_FILE if also_to_file else _CLOSED
    engine_at.cache_clear()


def close_replaced() -> None:
    """Close kept connections to a file that was replaced, or written by another process.

    As long as one is open, SQLite in other processes takes its log for that of the new file.
    """
    for path, (made, state) in [*_idle.items()]:
        if state != _state(path):
            _idle.pop(path, None)
            made.dispose()


def name_transactions(url: str, name: str) -> None:
    """Show the transactions of this process under a name in the server's list of sessions."""
    _names[url] = name or _NAME


@cache
def engine_at(url: str) -> sa.Engine:
    """Return the engine at a URL, which caches compiled queries."""
    if is_file(url):
        return _of_file(url, _pool_of_files)
    engine = sa.create_engine(
        url,
        **_pool,
        isolation_level="REPEATABLE READ",  # as in SQLite, all that a page shows is of one moment
        use_native_hstore=False,
        connect_args=_arguments(),
    )
    sa.event.listen(engine, "begin", partial(_begin, url))
    _end_in_children(engine)
    return engine


def _end_in_children(engine: sa.Engine) -> None:
    """Drop the connections of an engine in children of this process, which share them."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=partial(engine.dispose, close=False))


def _arguments() -> dict[str, Any]:
    """Return what libpq is given beside the URL: a pooler keeps no prepared statements.

    The encoding of text is not left to the server: psycopg decodes nothing in one of SQL_ASCII.
    """
    password = {"password": os.environ[PASSWORD]} if os.environ.get(PASSWORD) else {}
    own = {"prepare_threshold": None, "application_name": _NAME, "client_encoding": "UTF8"}
    return {**_TIMEOUTS, **own, **password}


def _begin(url: str, connection: sa.Connection) -> None:
    idle = connection.get_execution_options().get(IDLE_LIMIT, _MOST_IDLE)
    name = _names.get(url, _NAME)
    connection.exec_driver_sql(
        f"{_OF_TRANSACTION}; SET LOCAL idle_in_transaction_session_timeout = '{idle}'; "
        f"SET LOCAL application_name = '{name}'"
    )


def _prepare(connection: sa.Connection) -> None:
    heartbeat.waiting(heartbeat.LONG)
    migrations.upgrade(connection)
    heartbeat.waiting()
    connection.rollback()  # what this one reads first is as new as its first question


# ---- Files


def _of_file(url: str, pool: Mapping[str, Any]) -> sa.Engine:
    """Return the engine of a file, or of a database in memory, with connections in a pool.

    Of a kept connection that nobody uses, the file has no lock, and the write-ahead log is empty:
    what was committed is in the file itself. A file that was replaced, restored or deleted
    beneath it is opened again.
    """
    made = sa.create_engine(url, connect_args={"timeout": _PATIENCE}, **pool)
    path = made.url.database
    sa.event.listen(made, "connect", partial(_set_up, path))
    if path:
        sa.event.listen(made, "checkout", partial(_verify, path))
        sa.event.listen(made, "checkin", partial(_put_back, path, made))
    if path and pool is not _CLOSED:
        atexit.register(made.dispose)
        _end_in_children(made)
    return made


def _set_up(path: str | None, connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
    with closing(connection.cursor()) as cursor:
        for pragma in _PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
    record.info[_FILE] = _file(_state(path))


def _verify(path: str, _: sqlite3.Connection, record: ConnectionPoolEntry, __: object) -> None:
    """Refuse a connection if its file is another than it was left, so that a new one is opened.

    Another process that has written leads to the same: pages in memory are read again.
    """
    if _STATE in record.info and record.info[_STATE] != _state(path):
        raise DisconnectionError


def _put_back(
    path: str, made: sa.Engine, connection: sqlite3.Connection | None, record: ConnectionPoolEntry
) -> None:
    """Put what was committed into the file itself; close the connection if that must wait."""
    if connection is None:
        return
    try:
        is_done = _empties_log(connection, record)
    except sqlite3.Error:  # it has been locked, or damaged
        is_done = False
    record.info[_STATE] = now = _state(path)
    if not is_done or _file(now) != record.info[_FILE]:
        record.invalidate()
    elif isinstance(made.pool, sa.QueuePool):
        _idle[path] = (made, now)


def _empties_log(connection: sqlite3.Connection, record: ConnectionPoolEntry) -> bool:
    """Empty the write-ahead log of what this session wrote; return whether nobody reads there.

    Raises `sqlite3.Error` for a new connection that is read-only: SQLite opens a file in that way
    where a full disk refuses to open it otherwise, and keeps to it once there is room.
    """
    if connection.total_changes == record.info.get(_CHANGES):
        return True
    with closing(connection.cursor()) as cursor:
        cursor.execute("PRAGMA busy_timeout=0")  # nobody waits for a reader
        (is_read, *_), *_ = cursor.execute(_EMPTY_LOG)
        cursor.execute(f"PRAGMA busy_timeout={1000 * _PATIENCE}")
    record.info[_CHANGES] = connection.total_changes
    return not is_read


def _file(state: _FileState) -> _FileState:
    return state and state[:2]


def _state(path: str | None) -> _FileState:
    """Return what changes when a file is replaced or written, or None if there is none."""
    try:
        found = Path(path or "").stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
