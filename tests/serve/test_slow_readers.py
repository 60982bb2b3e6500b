"""Clients that are slow for seconds are cut off while memory is short, and no others."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack

import pytest

from dateline.serve.workers.slow_readers import Wait, check

pytestmark = pytest.mark.skipif("sys.platform != 'linux'", reason="other systems do not show it")

SMALLEST = 2304  # bytes of a receive buffer, the least that Linux has
READS = 1_000_000  # bytes


class Connection:
    """A connection: `server` has sent more than `client` has room for."""

    def __init__(self, stack: ExitStack, listening: socket.socket) -> None:
        self.client = stack.enter_context(socket.socket())
        self.client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALLEST)
        self.client.connect(listening.getsockname())
        self.client.settimeout(5)
        self.server = stack.enter_context(listening.accept()[0])
        self.server.setblocking(False)  # noqa: FBT003 - its only argument
        self.send()

    def send(self) -> None:
        """Send until the system takes no more."""
        try:
            while True:
                self.server.send(bytes(65536))
        except BlockingIOError:
            pass

    def read(self, size: int) -> None:
        """Read so much, while the server sends more."""
        while size > 0:
            size -= len(self.client.recv(min(size, 65536)))
            self.send()

    def read_all(self) -> None:
        """Read until nothing waits."""
        self.server.shutdown(socket.SHUT_WR)
        while self.client.recv(65536):
            pass

    @property
    def is_open(self) -> bool:
        """Return whether the server can send."""
        try:
            self.send()
        except BrokenPipeError:
            return False
        return True


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    """Yield a socket that listens."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        yield found


@pytest.fixture
def clients(listening: socket.socket) -> Iterator[Sequence[Connection]]:
    """Yield four connections whose clients have something to read."""
    with ExitStack() as stack:
        yield [Connection(stack, listening) for _ in range(4)]


def checked(*moments: float) -> Mapping[int, Wait]:
    """Check at each of these moments, in seconds, and return what waits."""
    waits: Mapping[int, Wait] = {}
    for moment in moments:
        waits = check(waits, moment)
    return waits


def test_a_client_that_reads_nothing_for_seconds_is_cut_off(clients: Sequence[Connection]) -> None:
    """Not sooner, and not one that reads meanwhile."""
    before = checked(100, 101, 104.9)
    known = len(before)
    clients[0].read(READS)
    states = [one.is_open for one in clients]

    after = check(before, 105)

    assert known == len(clients)
    assert states == [True] * 4
    assert [one.is_open for one in clients] == [True, False, False, False]
    assert len(after) == 1


def test_a_client_is_judged_by_what_it_has_read_lately(clients: Sequence[Connection]) -> None:
    """One that stops after a fast beginning is cut off as well, after some seconds."""
    waits = checked(100)
    clients[0].read(READS)
    waits = check(waits, 105)

    check(waits, 109.9)
    assert clients[0].is_open

    check(waits, 110)
    assert not clients[0].is_open


def test_a_response_that_was_just_sent_harms_no_old_connection(
    clients: Sequence[Connection],
) -> None:
    """Whatever the time since its last one: it begins to wait only now."""
    clients[0].read_all()
    waits = checked(100, 103)
    assert len(waits) == 3

    with ExitStack() as stack, socket.create_server(("127.0.0.1", 0)) as other:
        late = Connection(stack, other)
        for moment in (105, 105.25):
            waits = check(waits, moment)
        assert late.is_open
        assert len(waits) == 1


def test_a_client_that_pauses_for_a_second_stays(clients: Sequence[Connection]) -> None:
    """Checks in between are no reason, nor is a round trip longer than the time between them."""
    waits: Mapping[int, Wait] = {}
    for tick in range(80):
        if tick % 5 == 0:
            for one in clients:
                one.read(50_000)
        waits = check(waits, 100 + tick / 4)

    assert [one.is_open for one in clients] == [True] * 4


def test_the_slowest_are_cut_off_at_once_where_memory_still_grows(
    clients: Sequence[Connection],
) -> None:
    """As many as hold what is too much; those that were found a moment ago are not judged."""
    waits = check({}, 100, 0.5)
    waits = check(waits, 100.1, 0.5)
    assert len(waits) == 4
    for one in clients[:2]:
        one.read(READS)

    check(waits, 100.25, 0.5)

    assert [one.is_open for one in clients] == [True, True, False, False]


def test_no_listening_socket_is_closed(
    clients: Sequence[Connection], listening: socket.socket
) -> None:
    """A worker still accepts connections after it has cut off others."""
    with socket.create_connection(listening.getsockname()):  # which waits to be accepted
        checked(100, 105)
        accepted, _ = listening.accept()
        accepted.close()

    assert not clients[0].is_open
