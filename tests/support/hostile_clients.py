"""Clients that are slow or broken, many at once: those of `data/attacks/clients.toml`."""

from __future__ import annotations

import resource
import socket
import struct
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from time import sleep

import pytest

from support.attacks import Attack, whole
from support.serving import PATIENCE

_SMALLEST = 2304  # bytes of a receive buffer, the least that Linux has
_OTHERS = 500  # files that a test has open besides


def opened(
    port: int, attack: Attack, stack: ExitStack, *, source: str = "", pause: float = 0
) -> list[socket.socket]:
    """Open the connections of an attack, from an address, and send what each sends.

    After 50 of them there is a pause, in seconds: where the queue of a server is full, the next
    connection waits for a whole second.
    """
    data = whole(attack["sends"]).encode("latin-1")
    found = []
    for number in range(attack["clients"]):
        if number % 50 == 49:
            sleep(pause)
        one = stack.enter_context(socket.socket())
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALLEST)
        one.settimeout(PATIENCE)
        if source:
            one.bind((source, 0))
        one.connect(("127.0.0.1", port))
        with suppress(ConnectionError):
            one.sendall(data)
        if attack.get("breaks"):  # by a reset, in the middle of what it sends or receives
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            one.close()
        found.append(one)
    return found


@contextmanager
def many_files(most: int) -> Iterator[None]:
    """Let this process have so many connections; the test is skipped where it cannot."""
    most += _OTHERS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < most:
        pytest.skip("this machine lets nobody have so many connections")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
