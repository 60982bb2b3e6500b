"""What nodes have in common: PostgreSQL, PgBouncer before it, and SeaweedFS, on one machine.

Another program there receives notices for a hub, and alarms.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from cluster.line import Line, lines
from cluster.network import SERVICES, Machine
from outside import buckets, postgresql
from outside.postgresql import DatabaseServer
from support.receiving import Received, webhook

POOLED = 6432  # port of PgBouncer
_STORE = 8330  # port of the store, whose address the ledger keeps
_RECEIVER = 35_079  # port of what receives notices: the address of a hub is in each document
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The addresses of PostgreSQL, directly and through PgBouncer, and of the store of objects.

    The address of the ledger has no password: that is `postgresql.PASSWORD`. `database` is the
    server, to stop it, and `received` what was sent to `receiver`.
    """

    database: DatabaseServer
    ledger: str
    pooled: str
    endpoint: str
    received: Received

    @property
    def database_ports(self) -> tuple[int, ...]:
        """Return the ports at which the database is reached."""
        return (postgresql.PORT, POOLED, _port(self.pooled.rpartition("/")[0]))

    @property
    def store_port(self) -> int:
        """Return the port of the store."""
        return _port(self.endpoint)

    @property
    def receiver(self) -> str:
        """Return the address that receives notices and alarms."""
        return f"http://{SERVICES}:{self.received.port}/"


def _port(address: str) -> int:
    return int(address.rpartition(":")[2])


@contextmanager
def services(
    machine: Machine, folder: Path, line: Line | None = None, kept: Path | None = None
) -> Iterator[Services]:
    """Run all of them on a machine, with a `line` before PgBouncer and the store.

    They begin with what is `kept` in a folder, if one is given.
    """
    store = folder / "seaweedfs"
    if kept:
        shutil.copytree(kept / "objects", store / "data")
    else:
        store.mkdir()
    with ExitStack() as stack:

        def begin(service: AbstractContextManager[_T]) -> _T:
            return machine.inside(lambda: stack.enter_context(service))

        ledger = kept / "database" if kept else None
        database = begin(postgresql.database_server(SERVICES, kept=ledger))
        begin(postgresql.pooler(database, POOLED))
        endpoint = begin(buckets.server(store, SERVICES, _STORE))
        received = begin(webhook(SERVICES, _RECEIVER))
        ports: Sequence[int] = (POOLED, _port(endpoint))
        if line is not None:
            ports = stack.enter_context(lines(machine, line, ports))
        address = "postgresql+psycopg://postgres@{}:{}/postgres"
        yield Services(
            database=database,
            ledger=address.format(SERVICES, postgresql.PORT),
            pooled=address.format(SERVICES, ports[0]),
            endpoint=f"http://{SERVICES}:{ports[1]}",
            received=received,
        )
