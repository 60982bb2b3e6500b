"""Leadership: the lease by which a node may publish, and the epoch by which its work counts.

The lease only keeps nodes from working in vain. What makes two publishers impossible is the
epoch: it rises with each change of the leader, and each commit of a writer reads it in its own
transaction (`Fence`). A node that was paused, cut off or slow writes nothing after its successor
has begun. The two are rows of different tables, since a lease that is renewed all the time must
not wait for a commit that holds the epoch.

All moments are milliseconds of the database's clock. The tables are no part of the ledger's text:
they exist only where there is a cluster, and another database has leaders of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from dateline.errors import LeadershipError
from dateline.ledger.engine import IDLE_LIMIT, unusable
from dateline.ledger.session import Session, open_session

_metadata = sa.MetaData()
_LONGEST = 60_000  # milliseconds: what ends later is of a clock that has been set back since
_ONLY = 1  # the number of the only row
_LOCK = 5_201_314  # of PostgreSQL's advisory locks: while tables are created
# A node that stops or is cut off before its commit would keep its successor waiting: for ever, if
# a pooler is between them, which goes on answering the server.
_MOST_IDLE = "2000"  # milliseconds
_WRITER = "dateline, epoch "
_SERIALIZATION_FAILURE = "40001"  # of SQLSTATE: the row has changed since the snapshot

# The epoch in force, and the node that began it. Epochs begin with 1 and strictly rise.
leadership = sa.Table(
    "leadership",
    _metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("epoch", sa.BigInteger, nullable=False),
    sa.Column("holder", sa.Text, nullable=False),
)

# The lease of that node: until when no other may begin an epoch, 0 if it has stepped down.
lease = sa.Table(
    "lease",
    _metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("epoch", sa.BigInteger, nullable=False),
    sa.Column("expires", sa.BigInteger, nullable=False),
)

# The nodes: `run` is a token of the process, `seen` its last sign of life, `generation` what it
# serves, `behind` the moment since when that is not the newest one, or null, `ahead` by how much
# its clock is ahead of the database's, and `able` whether it could lead.
node = sa.Table(
    "node",
    _metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("run", sa.String(32), nullable=False),
    sa.Column("seen", sa.BigInteger, nullable=False),
    sa.Column("generation", sa.BigInteger, nullable=False),
    sa.Column("behind", sa.BigInteger),
    sa.Column("ahead", sa.BigInteger, nullable=False),
    sa.Column("able", sa.Boolean, nullable=False),
)

# The bucket that each node has as its store: all should have one. It is a table of its own, which
# nodes of an earlier release do not know.
node_store = sa.Table(
    "node_store",
    _metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("url", sa.Text, nullable=False),
)


class DatabaseMoment(FunctionElement[int]):
    """The present moment by the database's clock, also within a transaction."""

    type = sa.BigInteger()
    inherit_cache = True


@compiles(DatabaseMoment, "postgresql")
def _of_postgresql(*_: object, **__: object) -> str:
    return "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"


@compiles(DatabaseMoment, "sqlite")
def _of_sqlite(*_: object, **__: object) -> str:
    return "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leadership:
    """The state of leadership: who began the `epoch`, and for how many seconds nobody else may.

    `moment` is the database's, in milliseconds. Before the first leader the epoch is 0.

    >>> Leadership(epoch=3, holder="web1", left=2.5, moment=1_764_000_000_000).is_held
    True
    """

    epoch: int
    holder: str
    left: float
    moment: int

    @property
    def is_held(self) -> bool:
        """True if the lease has not expired."""
        return self.left > 0

    def is_of(self, epoch: int, name: str) -> bool:
        """Return whether a node has begun this epoch."""
        return (self.epoch, self.holder) == (epoch, name)


_CURRENT = sa.select(
    leadership.c.epoch, leadership.c.holder, lease.c.expires, DatabaseMoment()
).where(leadership.c.number == _ONLY, lease.c.number == leadership.c.number)
_ENDS = DatabaseMoment() + sa.bindparam("length")
_CLAIM = (
    sa.update(lease)
    .where(
        lease.c.number == _ONLY,
        ~lease.c.expires.between(DatabaseMoment() + 1, DatabaseMoment() + _LONGEST),
    )
    .values(epoch=lease.c.epoch + 1, expires=_ENDS)
    .returning(lease.c.epoch)
)
_BEGIN = (
    sa.update(leadership)
    .where(leadership.c.number == _ONLY)
    .values(epoch=sa.bindparam("begun"), holder=sa.bindparam("name"))
)
# Also of its holder: a database that lost its last moments in a failover counts them again.
_OF_EPOCH = (
    lease.c.number == _ONLY,
    lease.c.epoch == sa.bindparam("held"),
    lease.c.expires > 0,
    sa.exists().where(
        leadership.c.epoch == lease.c.epoch, leadership.c.holder == sa.bindparam("name")
    ),
)
# All sessions on the server whose transaction is of an epoch (`Fence`).
_END_OTHERS = sa.text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
    "AND usename = current_user AND application_name LIKE :writer AND pid <> pg_backend_pid()"
)
_RENEW = sa.update(lease).where(*_OF_EPOCH).values(expires=_ENDS)
_RELEASE = sa.update(lease).where(*_OF_EPOCH).values(expires=0)
_IN_FORCE = (
    sa.select(leadership.c.epoch, leadership.c.holder)
    .where(leadership.c.number == _ONLY)
    .with_for_update(read=True)
)
_LIMITED = _IN_FORCE.add_columns(
    sa.func.set_config("idle_in_transaction_session_timeout", _MOST_IDLE, sa.true())
)


def open_present(url: str) -> Session:
    """Open the ledger at a URL such that each statement sees the present, as leadership needs.

    A transaction that sees one moment only could not change a lease that is renewed meanwhile. The
    server ends one that is left open. Raises `LedgerError` if it cannot be opened.
    """
    session = open_session(url)
    if session.connection.dialect.name == "postgresql":
        try:
            session.connection.rollback()
            options = {"isolation_level": "READ COMMITTED", IDLE_LIMIT: _MOST_IDLE}
            session.connection.execution_options(**options)
        except SQLAlchemyError as error:
            session.close()
            raise unusable(error) from error
    return session


@contextmanager
def present(url: str) -> Iterator[sa.Connection]:
    """Yield a connection as `open_present` opens it. Raises `LedgerError` for what it refuses."""
    with closing(open_present(url)) as opened:
        try:
            yield opened.connection
        except SQLAlchemyError as error:
            raise unusable(error) from error


def create(connection: sa.Connection) -> None:
    """Create the tables of a cluster where they are missing, and commit."""
    if connection.dialect.name == "postgresql":  # several nodes may start at once
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    _metadata.create_all(connection)
    for table, row in ((leadership, {"holder": ""}), (lease, {"expires": 0})):
        if connection.scalar(sa.select(table.c.number)) is None:
            connection.execute(sa.insert(table), {"number": _ONLY, "epoch": 0, **row})
    connection.commit()


def current(connection: sa.Connection) -> Leadership:
    """Return the state of leadership."""
    epoch, holder, expires, moment = connection.execute(_CURRENT).one()
    left = expires - moment if expires and expires - moment <= _LONGEST else 0
    return Leadership(epoch=epoch, holder=holder, left=left / 1000, moment=moment)


def note_store(connection: sa.Connection, name: str, url: str) -> None:
    """Note the bucket of a node, and forget those of nodes that are gone; without a commit."""
    is_gone = node_store.c.name.not_in(sa.select(node.c.name))
    connection.execute(sa.delete(node_store).where(sa.or_(node_store.c.name == name, is_gone)))
    if url:
        connection.execute(sa.insert(node_store), {"name": name, "url": url})


def could_another(
    connection: sa.Connection, name: str, state: Leadership, silence: float, generation: int
) -> bool:
    """Return whether a node other than this one could publish, and has a later edition."""
    alive = node.c.seen.between(state.moment - silence, state.moment + silence)
    others = (node.c.able, node.c.name != name, alive, node.c.generation > generation)
    return connection.scalar(sa.select(node.c.name).where(*others).limit(1)) is not None


def is_in_force(url: str, epoch: int, name: str) -> bool:
    """Return whether the epoch of a node is in force at a URL. Raises `LedgerError`."""
    with present(url) as connection:
        return current(connection).is_of(epoch, name)


def claim(connection: sa.Connection, name: str, length: float) -> int | None:
    """Begin an epoch for `length` seconds, without a commit, and return it.

    Return None if another node has the lease. Commits that have checked the epoch before are
    waited for; no later one succeeds. What an earlier leader left open on the server is ended: of
    one that is stopped or cut off, it would keep the new one waiting for the rows it has changed.
    """
    epoch: int | None = connection.scalar(_CLAIM, {"length": _milliseconds(length)})
    if epoch is not None:
        if connection.dialect.name == "postgresql":
            connection.execute(_END_OTHERS, {"writer": f"{_WRITER}%"})
        connection.execute(_BEGIN, {"begun": epoch, "name": name})
    return epoch


def renew(connection: sa.Connection, epoch: int, name: str, length: float) -> bool:
    """Renew the lease of a node's epoch for `length` seconds, without a commit.

    Return False if another epoch has begun, or the leader was asked to step down.
    """
    values = {"held": epoch, "name": name, "length": _milliseconds(length)}
    return connection.execute(_RENEW, values).rowcount == 1


def release(connection: sa.Connection, epoch: int, name: str) -> bool:
    """End the lease of a node's epoch, without a commit; return whether it was in force."""
    return connection.execute(_RELEASE, {"held": epoch, "name": name}).rowcount == 1


class Fence:
    """The check of each commit of this process: that the `epoch` of its node is in force.

    The row stays locked until the transaction ends: no other epoch begins in between. On a server
    all transactions of the process have the `name`.
    """

    def __init__(self, epoch: int, holder: str) -> None:
        self.epoch = epoch
        self.holder = holder
        self.name = f"{_WRITER}{epoch}"

    def __call__(self, connection: sa.Connection) -> None:
        """Raise `LeadershipError` if another epoch has begun; the caller rolls back."""
        is_postgresql = connection.dialect.name == "postgresql"
        try:
            epoch, holder = connection.execute(_LIMITED if is_postgresql else _IN_FORCE).one()[:2]
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", "") != _SERIALIZATION_FAILURE:
                raise
            raise LeadershipError("Another node leads now: this work is void.") from error
        if (epoch, holder) != (self.epoch, self.holder):
            raise LeadershipError(
                f"{holder} leads now, with epoch {epoch}: the work of epoch {self.epoch} is void."
            )


def refuse(_: sa.Connection) -> Any:
    """Refuse a commit of a process that does not lead: the check before any `Fence`."""
    raise LeadershipError("This node does not lead, and writes nothing to the ledger.")


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
