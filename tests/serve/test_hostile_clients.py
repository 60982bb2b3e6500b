"""Slow and broken clients by the thousand keep nobody out: `data/attacks/clients.toml`."""

from __future__ import annotations

import resource
import socket
import struct
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from support import probes
from support.attacks import Attack, attacks, name_of, whole
from support.serving import PATIENCE, Served, exchange, is_there, serve, until

pytestmark = pytest.mark.long

ASKED = b"GET /news.rss HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
SMALLEST = 2304  # bytes of a receive buffer, the least that Linux has


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Yield a server; this process may have as many connections as the attacks need."""
    most = max(attack["clients"] for attack in attacks("clients")) + 500
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < most:
        pytest.skip("this machine lets nobody have so many connections")
    folder: Path = tmp_path_factory.mktemp("clients")
    probes.publish(folder)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))
    try:
        with serve(folder) as served:
            assert until(lambda: is_there(f"{served.url}news.rss"))
            yield served
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def opened(served: Served, attack: Attack, stack: ExitStack) -> list[socket.socket]:
    """Open the connections of an attack, and send what each sends."""
    data = whole(attack["sends"]).encode("latin-1")
    found = []
    for _ in range(attack["clients"]):
        one = stack.enter_context(socket.socket())
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALLEST)
        one.settimeout(PATIENCE)
        one.connect(("127.0.0.1", served.port))
        with suppress(ConnectionError):
            one.sendall(data)
        if attack.get("breaks"):  # by a reset, in the middle of what it sends or receives
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            one.close()
        found.append(one)
    return found


@pytest.mark.parametrize("attack", attacks("clients"), ids=name_of)
def test_thousands_of_bad_clients_keep_nobody_out(served: Served, attack: Attack) -> None:
    """While they are there, others are answered; when they have gone, all is as before."""
    with ExitStack() as stack:
        clients = opened(served, attack, stack)
        answers = [exchange(served.port, ASKED) for _ in range(20)]
        for one in clients[:: max(1, len(clients) // 50)] if not attack.get("breaks") else ():
            with suppress(OSError):
                one.sendall(b"a")
        answers += [exchange(served.port, ASKED) for _ in range(20)]

    answers.append(exchange(served.port, ASKED))
    assert {one.partition(b"\r\n")[0] for one in answers} == {b"HTTP/1.1 200 OK"}
    assert served.process.poll() is None
