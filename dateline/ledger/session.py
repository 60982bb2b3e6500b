"""A session of the ledger on any engine: one connection, one transaction, one run at a time.

What differs by engine is in `dateline.ledger.engine`.
"""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from functools import cache
from itertools import chain
from operator import itemgetter
from pathlib import Path
from time import sleep
from typing import Any, TextIO, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql.compiler import SQLCompiler

try:
    import fcntl
except ImportError:  # Windows has no such lock: staff run one command at a time there
    fcntl = None  # type: ignore[assignment]

from dateline.errors import LedgerError, RunAtWorkError, advice_on_disk
from dateline.ledger.engine import (
    analyze,
    connect,
    empty_log,
    is_file,
    name_transactions,
    rewrite,
    set_cache,
)
from dateline.system import heartbeat
from dateline.system.writing import make_private_folder

_MANY = 5000  # new rows of a table
_AT_A_TIME = 1000  # rows: one at a time takes three times as long
_BATCH = 500  # values in one IN (…), which every engine accepts
VALUES = "values"  # the parameter of `one_of`
_Value = TypeVar("_Value", str, int)
_PAUSE = 0.01  # seconds between two attempts to take the lock
# The check of each commit of this process, by the URL of a ledger that a cluster shares.
_fences: dict[str, Callable[[sa.Connection], object]] = {}


class Session:
    """One transaction on one connection: no other sees its changes until `commit`."""

    def __init__(self, connection: sa.Connection, url: str = "") -> None:
        self.connection = connection
        self._url = url
        self.execute = connection.execute
        self.scalar = connection.scalar
        self.scalars = connection.scalars
        # What was read of entries and feeds: the queries that fill it also keep it true.
        self.memo: dict[Hashable, Any] = {}
        self._purging = self._expects_many = False
        self._added: Counter[str] = Counter()  # rows, by table
        self._analyzed: Counter[str] = Counter()  # how many of them a server has seen

    def confirm(self) -> None:
        """Raise `LeadershipError` if a node of a cluster may not write any more."""
        if (check := _fences.get(self._url)) is not None:
            check(self.connection)

    def commit(self) -> None:
        """Commit. Raises `LeadershipError` as `confirm` does; then nothing is committed."""
        self.confirm()
        self.memo.clear()
        self.connection.commit()
        self._expect_few()

    def expect_many(self) -> None:
        """Take more memory until the next commit, before which there will be many new rows."""
        self._expects_many = True
        set_cache(self.connection, is_large=True)

    def _expect_few(self) -> None:
        if self._expects_many:
            self._expects_many = False
            set_cache(self.connection, is_large=False)

    def close(self, *, is_kept: bool = True) -> None:
        """Close without a commit; what was deleted to be purged leaves the disk.

        After an error, a connection to a file is not kept for the next session.
        """
        with suppress(SQLAlchemyError):  # a server that has ended it has rolled back, too
            self.connection.rollback()
            self._expect_few()
            if self._purging:  # deleted text would stay in SQLite's write-ahead log
                empty_log(self.connection)
            if not is_kept and is_file(self._url):
                self.connection.invalidate()
            self.connection.close()
        if self._purging:
            rewrite(self._url)

    def purge_on_close(self) -> None:
        """Leave no deleted text on disk once this session is closed."""
        self._purging = True

    @property
    def is_on_server(self) -> bool:
        """True if a database server keeps the ledger: it leaves deleted text in its files."""
        return not is_file(self._url)

    def each(
        self, query: sa.Select[Any], parameters: Mapping[str, object] | None = None
    ) -> Iterator[sa.Row[Any]]:
        """Yield the rows of a query, which may be all of a table."""
        found = self.connection.execute(query, parameters)
        return chain.from_iterable(found.partitions(_AT_A_TIME))

    def among(
        self,
        query: sa.Select[Any] | sa.CompoundSelect[Any],
        values: Sequence[_Value],
        **others: object,
    ) -> Iterator[sa.Row[Any]]:
        """Yield the rows for which a column is `one_of` these values, however many there are."""
        for some in batches(values):
            yield from self.connection.execute(query, {VALUES: some, **others}).all()

    def insert(self, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add rows, which have the same columns."""
        if not rows:
            return
        compiled = _compiled(table, tuple(rows[0]), self.connection.dialect)
        if compiled.positiontup is None:
            self.connection.execute(_insertion(table), rows)
        else:  # the driver takes them as they are: SQLAlchemy's own way takes twice as long
            values = itemgetter(*compiled.positiontup)
            own = stored(table, rows, self.connection.dialect)
            self.connection.exec_driver_sql(compiled.string, [values(row) for row in own])
        self._note_added(table.name, len(rows))

    def _note_added(self, table: str, number: int) -> None:
        """Have the rows of a table analyzed when it has grown much, and again when it has doubled.

        Of rows that are not committed a server would know nothing, and plan for a few.
        """
        self._added[table] += number
        before = self._analyzed[table]
        if self._added[table] - before >= max(_MANY, before):
            self._analyzed[table] = self._added[table]
            analyze(self.connection, table)

    def delete(self, table: sa.Table, key: sa.Column[Any], values: Sequence[str]) -> None:
        """Delete the rows whose `key` is one of `values`."""
        self.change(_deletion(table, key), values)

    def change(self, statement: sa.Update | sa.Delete, values: Sequence[str]) -> None:
        """Change the rows in which a column is `one_of` these values, however many there are.

        Of very many, a server notes at once what they contain now: it would do so a minute later,
        and plan for what they contained.
        """
        for some in batches(values):
            self.connection.execute(statement, {VALUES: some})
        if len(values) >= _MANY:
            analyze(self.connection, statement.table.name)  # type: ignore[union-attr]  # of the ledger

    def replace(
        self,
        table: sa.Table,
        key: sa.Column[Any],
        rows: Sequence[Mapping[str, Any]],
        there: Collection[str] | None = None,
    ) -> None:
        """Update the rows whose keys are in the table, and insert the others.

        The keys that are `there` are asked for, if the caller does not know them.
        """
        if there is None:
            there = {row[0] for row in self.among(_keys(key), [row[key.name] for row in rows])}
        self.insert(table, [row for row in rows if row[key.name] not in there])
        changed = [{**row, "_key": row[key.name]} for row in rows if row[key.name] in there]
        if changed:
            names = tuple(name for name in rows[0] if name != key.name)
            self.connection.execute(_update(table, key, names), changed)


def one_of(column: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Return the condition that a column is one of the values given at execution.

    Building a query takes SQLAlchemy three times as long as executing it, so the queries of
    each run are built once, as constants of their modules.
    """
    return column.in_(sa.bindparam(VALUES, expanding=True))


@cache
def _keys(key: sa.Column[Any]) -> sa.Select[Any]:
    return sa.select(key).where(one_of(key))


@cache
def _deletion(table: sa.Table, key: sa.Column[Any]) -> sa.Delete:
    return sa.delete(table).where(one_of(key))


@cache
def _insertion(table: sa.Table) -> sa.Insert:
    return sa.insert(table)


@cache
def _compiled(table: sa.Table, names: tuple[str, ...], dialect: sa.Dialect) -> SQLCompiler:
    """Return the statement that adds rows with these columns, in an engine's own words."""
    found = _insertion(table).compile(dialect=dialect, column_keys=list(names))
    assert isinstance(found, SQLCompiler)  # noqa: S101 - as that of every statement
    return found


def stored(
    table: sa.Table, rows: Sequence[Mapping[str, Any]], dialect: sa.Dialect
) -> Iterable[Mapping[str, Any]]:
    """Return rows as they are stored, with the values of our own types as the driver takes them."""
    own = {c.name: c.type for c in table.c if isinstance(c.type, sa.TypeDecorator)}
    if not own:
        return rows
    return (
        {**row, **{name: own[name].process_bind_param(row[name], dialect) for name in own}}
        for row in rows
    )


@cache
def _update(table: sa.Table, key: sa.Column[Any], names: tuple[str, ...]) -> sa.Update:
    values: dict[str, Any] = {name: sa.bindparam(name) for name in names}
    return sa.update(table).where(key == sa.bindparam("_key")).values(values)


def batches(values: Sequence[_Value]) -> Iterator[Sequence[_Value]]:
    """Yield parts of `values` that fit into one statement."""
    for start in range(0, len(values), _BATCH):
        yield values[start : start + _BATCH]


def open_session(url: str) -> Session:
    """Open the ledger at an SQLAlchemy URL, and upgrade it to this release's tables.

    Raises `LedgerError` if it cannot be opened, or another release wrote it.
    """
    return Session(connect(url), url)


def fence(url: str, check: Callable[[sa.Connection], object] | None) -> None:
    """Check each commit of this process to the ledger at a URL, or no longer check it.

    `check` raises `LeadershipError` where the process may not write.
    """
    if check is None:
        _fences.pop(url, None)
    else:
        _fences[url] = check
    name_transactions(url, getattr(check, "name", ""))


def fence_at(url: str) -> Callable[[sa.Connection], object] | None:
    """Return the check of commits to the ledger at a URL, or None."""
    return _fences.get(url)


def epoch_of(url: str) -> int:
    """Return the epoch under which this process writes to a ledger, 0 without a cluster."""
    return int(getattr(_fences.get(url), "epoch", 0))


def holder_of(url: str) -> str:
    """Return the node of a cluster for which this process writes, or an empty text."""
    return str(getattr(_fences.get(url), "holder", ""))


@contextmanager
def exclusive(folder: Path, *, patience: float = math.inf) -> Iterator[None]:
    """Hold the lock of the ledger in a folder; other runs wait for it.

    Raises `LedgerError` if the folder cannot be used, and `RunAtWorkError` if another run has the
    lock for longer than `patience` seconds.
    """
    try:
        make_private_folder(folder)
        lock = (folder / ".lock").open("a")  # "w" would change its time, also for one who waits
    except OSError as error:
        raise _unusable(folder, error) from error
    with closing(lock):
        _take(folder, lock, patience)
        with suppress(OSError):
            os.utime(lock.name)  # that of the file is since when a run has the lock
        yield


def _unusable(folder: Path, error: OSError) -> LedgerError:
    advice = " Let the user that runs serve write there, or type the command as that user."
    return LedgerError(
        f"The ledger in {folder} cannot be used: {error.strerror}."
        f"{advice if isinstance(error, PermissionError) else advice_on_disk(error)}"
    )


def _take(folder: Path, lock: TextIO, patience: float) -> None:
    """Lock a file; the heartbeat goes on while another process has it."""
    waited = 0.0
    while fcntl is not None:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waited += _PAUSE
            if waited > patience:
                begun = os.fstat(lock.fileno()).st_mtime
                raise RunAtWorkError(datetime.fromtimestamp(begun, UTC)) from None
            heartbeat.waiting()
            sleep(_PAUSE)
        except OSError as error:
            raise _unusable(folder, error) from error
        else:
            return
