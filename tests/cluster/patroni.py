"""PostgreSQL that Patroni keeps running: two machines, of which the second one takes over.

Each commit waits for the second, so nothing is lost. They agree by etcd, which runs where all
other services do.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cluster.network import SERVICES, Machine
from outside.postgresql import PASSWORD, PORT, private_folder
from outside.programs import BROUGHT
from support.serving import until

TAKES_OVER_WITHIN = 120.0  # seconds; Patroni waits for 20 of them
_STARTS_WITHIN = 180.0
_CLIENTS, _PEERS = 2379, 2380  # ports of etcd
_REST = 8008  # port of Patroni
_AS_OWNER = ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups")
_SETTINGS = """
scope: news
name: {name}
restapi: {{listen: '{host}:{rest}', connect_address: '{host}:{rest}'}}
etcd3: {{host: '{etcd}'}}
bootstrap:
  dcs: {{ttl: 20, loop_wait: 1, retry_timeout: 3, synchronous_mode: true}}
  initdb: [encoding: UTF8, locale: C.UTF-8, no-sync]
postgresql:
  listen: '{host}:{port}'
  connect_address: '{host}:{port}'
  data_dir: {home}/data
  bin_dir: {programs}
  pgpass: {home}/pgpass
  authentication:
    superuser: {{username: postgres, password: {password}}}
    replication: {{username: replicator, password: {password}}}
  pg_hba: [local all all trust, host all all samenet scram-sha-256,
           host replication all samenet scram-sha-256]
  parameters: {{unix_socket_directories: {home}, fsync: 'off'}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two machines with a server each. `ledger` is the address of whichever takes writes."""

    machines: Sequence[Machine]

    @property
    def ledger(self) -> str:
        """Return the address, which has no password."""
        hosts = "&".join(f"host={one.address}:{PORT}" for one in self.machines)
        return f"postgresql+psycopg://postgres@/postgres?{hosts}&target_session_attrs=read-write"

    def primary(self) -> Machine | None:
        """Return the machine whose server takes writes, if one does."""
        return next((one for one in self.machines if _state(one).get("role") in _PRIMARY), None)

    def is_whole(self) -> bool:
        """Return whether one takes writes, and the other follows it before each commit ends."""
        return self.primary() is not None and any(
            one.get("sync_standby") for one in map(_state, self.machines)
        )


_PRIMARY = frozenset({"primary", "master"})


def _state(machine: Machine) -> Mapping[str, Any]:
    """Return what Patroni says on a machine; nothing if it does not answer."""

    def ask() -> Mapping[str, Any]:
        address = f"http://{machine.address}:{_REST}/patroni"
        with urllib.request.urlopen(address, timeout=2) as answer:
            found: Mapping[str, Any] = json.load(answer)
            return found

    try:
        return machine.inside(ask)
    except OSError:
        return {}


@contextmanager
def databases(services: Machine, machines: Sequence[Machine]) -> Iterator[Pair]:
    """Run both servers, and etcd where the services are."""
    with ExitStack() as stack:
        home = stack.enter_context(private_folder())
        etcd = _start(services, home, [*_etcd(home)])
        stack.callback(etcd.wait)
        stack.callback(etcd.kill)
        for at, one in enumerate(machines, start=1):
            own = stack.enter_context(private_folder())
            patroni = _start(one, own, [*_AS_OWNER, *_patroni(one, own, f"db{at}")])
            stack.callback(patroni.wait)
            stack.callback(one.power_off)
        made = Pair(machines=machines)
        assert until(made.is_whole, _STARTS_WITHIN), Path(own, "log").read_text("utf-8")
        yield made


def _etcd(home: str) -> Iterator[str]:
    yield f"{BROUGHT}/etcd-server/usr/bin/etcd"
    yield from ("--data-dir", f"{home}/etcd", "--unsafe-no-fsync")
    for name in ("listen", "advertise"):
        yield from (f"--{name}-client-urls", f"http://{SERVICES}:{_CLIENTS}")
    yield from ("--listen-peer-urls", f"http://127.0.0.1:{_PEERS}")


def _patroni(machine: Machine, home: str, name: str) -> Iterator[str]:
    # The server's account may not reach the folder of installed programs.
    shutil.copytree(BROUGHT / "patroni/usr/lib/python3/dist-packages", f"{home}/libraries")
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"))
    settings = Path(home, "settings")
    settings.write_text(
        _SETTINGS.format(
            name=name, host=machine.address, rest=_REST, etcd=f"{SERVICES}:{_CLIENTS}",
            port=PORT, home=home, programs=programs, password=PASSWORD,
        ),
        "utf-8",
    )  # fmt: skip
    settings.chmod(0o644)
    yield from ("/usr/bin/python3", "-m", "patroni", str(settings))


def _start(machine: Machine, home: str, command: Sequence[str]) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": f"{home}/libraries", "HOME": home}
    with Path(home, "log").open("wb") as log:
        return machine.start(command, log, folder=Path(home), environment=environment)
