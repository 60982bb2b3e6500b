"""The network that tests of clusters use does what they say."""

from __future__ import annotations

import gc
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from time import monotonic, sleep

import pytest
import sqlalchemy as sa

from cluster.line import Line, lines
from cluster.network import SERVICES, Machine, Network, network
from cluster.services import services
from outside import postgresql
from outside.programs import missing

pytestmark = pytest.mark.outside
_PORTS = (7001, 7002)


@pytest.fixture
def pair() -> Iterator[Network]:
    """Yield a network of two machines."""
    if sentence := missing():
        pytest.fail(sentence, pytrace=False)
    with network(2) as made:
        yield made


def reached(machine: Machine) -> list[int]:
    """Return the ports of services that a machine reaches."""

    def ask() -> list[int]:
        found = []
        for port in _PORTS:
            with suppress(TimeoutError), socket.create_connection((SERVICES, port), 0.3):
                found.append(port)
        return found

    return machine.inside(ask)


def test_machines_are_cut_off_and_connected_again(pair: Network) -> None:
    """From one service or from all, each by itself."""
    first, second = pair.machines
    sockets = pair.services.inside(
        lambda: [socket.create_server((SERVICES, port)) for port in _PORTS]
    )

    first.cut(_PORTS[1])
    second.cut()
    assert (reached(first), reached(second)) == ([_PORTS[0]], [])
    first.heal()
    second.heal()
    assert reached(first) == reached(second) == [*_PORTS]
    for one in sockets:
        one.close()


def test_a_line_delays_loses_and_cuts(pair: Network) -> None:
    """What arrives is whole and in its order; a connection that is cut ends."""
    line, data = Line(delay=0.05, loss=0.5), os.urandom(20_000)
    with ExitStack() as stack:
        server = pair.services.inside(lambda: socket.create_server((SERVICES, _PORTS[0])))
        stack.enter_context(server)
        port = stack.enter_context(lines(pair.services, line, [_PORTS[0]]))[0]

        def send() -> bytes:
            with socket.create_connection((SERVICES, port)) as client:
                far, _ = server.accept()
                with far, far.makefile("rb") as file:
                    with suppress(OSError):  # it may be cut already
                        client.sendall(data)
                        client.shutdown(socket.SHUT_WR)
                    return file.read()

        begun = monotonic()
        assert pair.machines[0].inside(send) == data
        assert monotonic() - begun > line.delay
        line.cuts = 1.0
        assert pair.machines[0].inside(send) == b""


def test_a_line_keeps_a_connection_whose_client_says_no_more(pair: Network) -> None:
    """A machine that fails leaves such ones; the loop alone would not keep what it waits for."""
    with ExitStack() as stack:
        server = pair.services.inside(lambda: socket.create_server((SERVICES, _PORTS[0])))
        stack.enter_context(server)
        port = stack.enter_context(lines(pair.services, Line(), [_PORTS[0]]))[0]

        def ask() -> bytes:
            with socket.create_connection((SERVICES, port)) as client:
                far, _ = server.accept()
                with far, client.makefile("rb") as file:
                    client.shutdown(socket.SHUT_WR)
                    assert far.recv(1) == b""
                    sleep(0.1)  # the line has passed it on, and waits for the answer
                    gc.collect()
                    far.sendall(b"the answer")
                    far.shutdown(socket.SHUT_WR)
                    return file.read()

        assert pair.machines[0].inside(ask) == b"the answer"


def test_another_database_takes_over_with_all_that_was_committed(
    pair: Network, tmp_path: Path
) -> None:
    """Clients name both, and find the one that takes writes."""
    with ExitStack() as stack:
        primary = stack.enter_context(services(pair.services, tmp_path)).database
        standby = pair.services.inside(
            lambda: stack.enter_context(postgresql.standby_of(primary, postgresql.PORT + 1))
        )

        def ask(statement: str, hosts: str) -> object:
            address = f"postgresql+psycopg://postgres@/postgres?{hosts}"
            url = sa.make_url(address).set(password=postgresql.PASSWORD)
            engine = sa.create_engine(url, poolclass=sa.NullPool)
            with closing(engine.connect()) as connection:
                found = connection.execute(sa.text(statement))
                connection.commit()
                return found.scalar() if found.returns_rows else None

        both = "&".join(f"host={SERVICES}:{one.port}" for one in (primary, standby))
        both += "&target_session_attrs=read-write"
        machine = pair.machines[0]
        machine.inside(lambda: ask("CREATE TABLE kept AS SELECT 7 AS number", both))
        primary.stop()
        standby.promote()

        assert machine.inside(lambda: ask("SELECT number FROM kept", both)) == 7
