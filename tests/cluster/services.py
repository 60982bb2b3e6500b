"""What nodes have in common: PostgreSQL, PgBouncer before it, and SeaweedFS, on one machine."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from cluster.network import SERVICES, Machine
from outside import buckets, postgresql
from outside.postgresql import DatabaseServer

POOLED = 6432  # port of PgBouncer
_PATIENCE = 20
_POOL = """
[databases]
* = host={host} port={port}
[pgbouncer]
listen_addr = {host}
listen_port = {pooled}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {home}/users
pool_mode = transaction
default_pool_size = 20
server_login_retry = 1
logfile = {home}/log
pidfile = {home}/pid
"""


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
    def store_port(self) -> int:
        """Return the port of the store."""
        return int(self.endpoint.rpartition(":")[2])


@contextmanager
def services(machine: Machine, folder: Path) -> Iterator[Services]:
    """Run all of them on a machine."""
    with ExitStack() as stack:
        database = machine.inside(lambda: stack.enter_context(postgresql.database_server(SERVICES)))
        machine.inside(lambda: stack.enter_context(_pgbouncer()))
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


@contextmanager
def _pgbouncer() -> Iterator[None]:
    with postgresql.private_folder() as home:
        Path(home, "users").write_text(f'"postgres" "{postgresql.PASSWORD}"\n', "ascii")
        settings = _POOL.format(home=home, host=SERVICES, port=postgresql.PORT, pooled=POOLED)
        Path(home, "settings").write_text(settings, "ascii")
        command = ["/usr/sbin/pgbouncer", "--quiet", f"{home}/settings"]
        owner = Path(home).owner()
        with subprocess.Popen(command, user=owner, group=owner) as process:
            try:
                _wait(process)
                yield
            finally:
                process.kill()


def _wait(process: subprocess.Popen[bytes]) -> None:
    """Wait until PgBouncer lets a client ask the database."""
    address = f"host={SERVICES} port={POOLED} user=postgres dbname=postgres"
    command = ["psql", f"{address} password={postgresql.PASSWORD}", "-qc", "SELECT 1"]
    end = monotonic() + _PATIENCE
    while subprocess.run(command, check=False, capture_output=True).returncode:
        if monotonic() > end or process.poll() is not None:
            raise TimeoutError("PgBouncer does not answer")
        sleep(0.1)
