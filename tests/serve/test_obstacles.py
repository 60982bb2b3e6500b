"""Why an address gave no response is told apart: by its server, or by this machine."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
import sys
import threading

import pytest

from dateline.errors import FetchError
from dateline.serve.doctor.delivery import fault_of
from dateline.serve.doctor.obstacles import Obstacle, obstacle, obstacle_to
from dateline.system import http
from dateline.system.condition import Code
from support.serving import free_port

URL = "https://news.example.org/"


def failure(address: str, own: str | None = None) -> FetchError:
    """Return the error of a request."""
    with pytest.raises(FetchError) as caught:
        http.ask(address, {}, limit=5, own=own)
    return caught.value


def caused_by(error: BaseException) -> FetchError:
    """Return the error of a request that this one made fail."""
    found = FetchError("it cannot be reached")
    found.__cause__ = error
    return found


@pytest.mark.parametrize(
    ("address", "own", "expected"),
    [
        ("http://no-such-host.example.org/", None, Obstacle.NAME),
        ("http://no-such-host.example.org/", "", Obstacle.NAME),
        ("http://127.0.0.1/", "", Obstacle.PRIVATE),
        ("http://127.0.0.1:{port}/", None, Obstacle.OTHER),
    ],
)
def test_real_requests_fail_for_their_reasons(
    address: str, own: str | None, expected: Obstacle
) -> None:
    """A name, a private address, and a server that refuses."""
    assert obstacle(failure(address.format(port=free_port()), own)) is expected


@pytest.mark.parametrize("said", [bytes([21, 3, 3, 0, 2, 2, 80]), b"HTTP/1.1 400 Bad\r\n\r\n"])
def test_a_server_that_has_no_certificate_is_no_want_of_a_network(said: bytes) -> None:
    """Its error of TLS has the number of an operation that is not permitted."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(said)

        threading.Thread(target=answer, daemon=True).start()
        port = server.getsockname()[1]
        assert obstacle(failure(f"https://127.0.0.1:{port}/")) is Obstacle.OTHER


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OSError(errno.ENETUNREACH, "Network is unreachable"), Obstacle.NETWORK),
        (OSError(errno.EHOSTUNREACH, "No route to host"), Obstacle.OTHER),
        (ConnectionResetError(errno.ECONNRESET, "Connection reset"), Obstacle.OTHER),
        (TimeoutError(), Obstacle.OTHER),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure"), Obstacle.NAME),
        (ssl.SSLCertVerificationError("certificate has expired"), Obstacle.CERTIFICATE),
        (ssl.SSLError("wrong version number"), Obstacle.OTHER),
        (ssl.SSLError(1, "alert internal error"), Obstacle.OTHER),
        (
            ExceptionGroup("both", [OSError(errno.ENETUNREACH, "no"), OSError(errno.EPERM, "no")]),
            Obstacle.NETWORK,
        ),
        (
            ExceptionGroup(
                "IPv6, IPv4",
                [OSError(errno.EADDRNOTAVAIL, "no"), OSError(errno.ENETUNREACH, "no")],
            ),
            Obstacle.NETWORK,
        ),
        (
            ExceptionGroup(
                "IPv4, IPv6",
                [OSError(errno.ECONNREFUSED, "no"), OSError(errno.ENETUNREACH, "no")],
            ),
            Obstacle.OTHER,
        ),
    ],
)
def test_each_error_has_its_reason(error: Exception, expected: Obstacle) -> None:
    """However deep it is; without a network are those whose addresses all are."""
    assert obstacle(caused_by(caused_by(error))) is expected


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the second address differs")
def test_a_server_that_refuses_is_told_from_an_address_without_a_route() -> None:
    """As on a machine without IPv6, which asks a public name that has both."""

    async def find(_: str, port: int) -> object:
        return [(0, 0, 0, "", (address, port)) for address in ("127.0.0.1", "127.255.255.255")]

    address = f"http://news.example.org:{free_port()}/"
    with pytest.raises(FetchError) as caught:
        asyncio.run(http.ask_stranger(address, allowed=["127.0.0.0/8"], find=find, most=100))

    assert obstacle(caught.value) is Obstacle.OTHER


def test_only_what_readers_meet_is_a_fault() -> None:
    """A machine without a network knows nothing of readers."""
    faults = [
        fault_of(caused_by(error), URL)
        for error in (
            socket.gaierror(socket.EAI_NONAME, "unknown"),
            OSError(errno.ENETUNREACH, "no route"),
            ssl.SSLCertVerificationError("expired"),
            TimeoutError(),
        )
    ]

    assert [one and one.code for one in faults] == [
        None,
        None,
        Code.CERTIFICATE,
        Code.UNREACHABLE,
    ]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://127.1:8000/", Obstacle.PRIVATE),
        ("http://[::1]/", Obstacle.PRIVATE),
        ("https://93.184.215.14/", None),
        ("https://no-such-host.example.org/", Obstacle.NAME),
    ],
)
def test_an_address_is_public_or_not(address: str, expected: Obstacle | None) -> None:
    """As it is resolved, not as it is written."""
    assert obstacle_to(address) is expected
