"""What nodes have in common: PostgreSQL, PgBouncer before it, and SeaweedFS, on one machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from cluster.network import SERVICES, Machine
from outside import buckets, postgresql
from outside.postgresql import DatabaseServer

POOLED = 6432  # port of PgBouncer


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The addresses of PostgreSQL, directly and through PgBouncer, and of the store of objects.

    The address of the ledger has no password: that is `postgresql.PASSWORD`. `database` is the
    server, to stop it.
    """

    database: DatabaseServer
    ledger: str
    pooled: str
    endpoint: str

    @property
    def database_ports(self) -> tuple[int, ...]:
        """Return the ports at which the database is reached."""
        return (postgresql.PORT, POOLED)

    @property
    def store_port(self) -> int:
        """Return the port of the store."""
        return int(self.endpoint.rpartition(":")[2])


@contextmanager
def services(machine: Machine, folder: Path) -> Iterator[Services]:
    """Run all of them on a machine."""
    with ExitStack() as stack:
        database = machine.inside(lambda: stack.enter_context(postgresql.database_server(SERVICES)))
        machine.inside(lambda: stack.enter_context(postgresql.pooler(database, POOLED)))
        store = folder / "seaweedfs"
        store.mkdir()
        endpoint = machine.inside(lambda: stack.enter_context(buckets.server(store, SERVICES)))
        address = "postgresql+psycopg://postgres@{}:{}/postgres"
        yield Services(
            database=database,
            ledger=address.format(SERVICES, postgresql.PORT),
            pooled=address.format(SERVICES, POOLED),
            endpoint=endpoint,
        )
