"""Requests have a time limit."""

from __future__ import annotations

import asyncio
import sys
from time import monotonic

import pytest

from dateline.errors import FetchError
from dateline.system import http
from support.receiving import drip, silent, webhook
from support.serving import PATIENCE, free_port


def post(address: str, limit: float = 5) -> None:
    """Post a few bytes."""
    http.post(address, b"{}", media_type="application/json", limit=limit)


def test_a_post_arrives_unchanged() -> None:
    """It is sent to the whole address, with the given body."""
    with webhook() as received:
        post(f"http://127.0.0.1:{received.port}/hooks/secret?a=b")

    assert (received.data, received.paths) == ([b"{}"], ["/hooks/secret?a=b"])


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_failed_post_does_not_reveal_the_address(status: int) -> None:
    """An address may hold a password, which must not reach the log."""
    with webhook() as received:
        received.status = status

        with pytest.raises(FetchError) as caught:
            post(f"http://127.0.0.1:{received.port}/hooks/secret")

    assert str(caught.value) == f"127.0.0.1 answered with {status}"


def test_an_answer_leads_nowhere_and_is_not_read() -> None:
    """Neither a redirect nor a body without end keeps or moves the sender."""
    start = monotonic()
    with webhook() as elsewhere:
        place = f"Location: http://127.0.0.1:{elsewhere.port}/\r\n\r\n"
        with (
            drip(f"HTTP/1.1 307 Temporary Redirect\r\n{place}".encode(), 3 * PATIENCE) as received,
            pytest.raises(FetchError, match="answered with 307"),
        ):
            post(f"http://127.0.0.1:{received.port}/")
        with drip(b"HTTP/1.1 200 OK\r\n\r\n", 3 * PATIENCE) as received:
            post(f"http://127.0.0.1:{received.port}/")

    assert elsewhere.paths == []
    assert monotonic() - start < PATIENCE


def test_an_unreachable_server_is_a_failure() -> None:
    """It is named."""
    port = free_port()

    with pytest.raises(FetchError, match=r"127\.0\.0\.1 cannot be reached"):
        post(f"http://127.0.0.1:{port}/")


def test_a_slow_web_server_is_given_up() -> None:
    """A server that sends byte by byte exceeds the total time limit."""
    with drip(b"HTTP/1.1 200 OK\r\nX: ", 3 * PATIENCE) as received:
        start = monotonic()

        with pytest.raises(FetchError, match="did not answer within 1 seconds"):
            post(f"http://127.0.0.1:{received.port}/", limit=0.6)

    assert 0.5 < monotonic() - start < PATIENCE


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a full queue refuses")
@pytest.mark.parametrize("is_connected", [True, False])
def test_what_was_sent_may_have_arrived_once_there_is_a_connection(*, is_connected: bool) -> None:
    """Not where a firewall drops all packets, as in most outages."""
    with webhook() as received, silent("127.0.0.2", received.port):
        received.pause = 3
        host = "127.0.0.1" if is_connected else "127.0.0.2"

        with pytest.raises(FetchError, match="did not answer") as caught:
            post(f"http://{host}:{received.port}/", limit=1.5)

    assert caught.value.may_have_arrived == is_connected


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a full queue refuses")
def test_a_silent_address_leaves_time_for_the_next_one() -> None:
    """As that of IPv6 where a network loses it: the host answers at the other one."""
    with webhook() as received, silent("127.0.0.2", received.port):

        async def find(_: str, port: int) -> object:
            return [(0, 0, 0, "", (address, port)) for address in ("127.0.0.2", "127.0.0.1")]

        address = f"http://news.example.org:{received.port}/"
        asked = http.ask_stranger(address, allowed=["127.0.0.0/8"], find=find, limit=5, most=100)
        reply = asyncio.run(asked)

    assert reply.status == 200
    assert received.paths == ["/"]


@pytest.mark.parametrize("target", ["/a/../b?c", "/{id}/`^?", "/?c=d/./e", "/%7E%zz/?[1]=|", "//a"])
def test_a_stranger_is_asked_at_the_very_address_that_it_gave(target: str) -> None:
    """Deliveries go there: the same server has to answer both."""

    async def find(_: str, port: int) -> object:
        return [(0, 0, 0, "", ("127.0.0.1", port))]

    with webhook() as received:
        address = f"http://news.example.org:{received.port}{target}"
        asked = http.ask_stranger(address, allowed=["127.0.0.0/8"], find=find, most=100)
        asyncio.run(asked)

    assert received.paths == [target.rstrip("?").replace("//", "/")]  # as `http.server` reads it
