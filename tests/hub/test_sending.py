"""Deliveries are sent to real servers, whatever these do."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import socket
from contextlib import closing
from time import monotonic

import pytest

from dateline.hub.sending import Answer, Sender, signature
from support.receiving import drip
from support.subscribers import ACCEPTED, Subscribers, answer, subscribers

FIELDS = {"Content-Type": "application/rss+xml", "Link": '<https://example.org/hub>; rel="hub"'}
NO_ANSWER = Answer(0)


def anywhere(_: str) -> bool:
    """Allow every address."""
    return True


def post(*urls: str, body: bytes = b"<rss/>", limit: float = 10.0) -> list[Answer]:
    """Send deliveries, one after the other, in one session."""

    async def run() -> list[Answer]:
        async with Sender(anywhere, limit=limit) as sender:
            return [await sender.post(url, FIELDS, body) for url in urls]

    return asyncio.run(run())


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha384", "sha512"])
def test_a_signature_is_that_of_section_8(algorithm: str) -> None:
    """It is the method, and the HMAC of the body by the secret, in hex."""
    body, secret = "Grüße".encode(), "ключ"
    expected = hmac.new(secret.encode(), body, getattr(hashlib, algorithm)).hexdigest()

    assert signature(secret, body, algorithm) == f"{algorithm}={expected}"


def test_a_delivery_is_sent_as_it_is() -> None:
    """The body, its length, and the fields; no other that names codings or types to accept."""
    with subscribers() as there:
        assert post(there.url("/a?b=%C3%BC%2F&c"), body=b"x" * 3_000_000) == [Answer(204)]
        (one,) = there.delivered

    assert one.path == "/a?b=%C3%BC%2F&c"
    assert one.body == b"x" * 3_000_000
    assert {name: one.fields[name.lower()] for name in FIELDS} == FIELDS
    assert set(one.fields) == {"host", "content-type", "link", "content-length", "user-agent"}


def test_a_connection_is_kept_for_the_next_delivery() -> None:
    """Also after an answer with a short body, which nobody needs."""
    with subscribers() as there:
        there.answers["/b"] = [answer(200, body=b"thanks")[:-3], b"nks"]
        assert post(*map(there.url, ("/a", "/b", "/a"))) == [Answer(204), Answer(200), Answer(204)]

        assert there.opened == 1


def test_few_connections_are_kept() -> None:
    """Each takes a file that the ledger and the feeds need, and there may be very many hosts."""
    hosts = [f"127.0.0.{number}" for number in range(1, 5)]
    with subscribers(hosts) as there:
        urls = [there.url("/a", host) for host in hosts]

        async def run() -> list[int]:
            opened = []
            async with Sender(anywhere, kept=2) as sender:
                for _ in range(2):
                    for url in urls:
                        assert await sender.post(url, FIELDS, b"<rss/>") == Answer(204)
                    opened.append(there.opened)
            return opened

        assert asyncio.run(run()) == [4, 6]


def test_a_long_answer_is_not_read() -> None:
    """Its status counts, and its connection is closed."""
    with subscribers() as there:
        there.answers["/a"] = [b"HTTP/1.1 200 OK\r\n\r\n", *[b"x" * 4096] * 2000]
        began = monotonic()
        assert post(there.url("/a"), there.url("/b"), limit=60.0) == [Answer(200), Answer(204)]

        assert there.opened == 2
        assert monotonic() - began < 50.0


def test_a_delivery_is_sent_again_where_a_kept_connection_was_closed() -> None:
    """A server may close a connection at the moment at which it is used again."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]

        async def serve() -> list[bytes]:
            loop = asyncio.get_running_loop()
            server.settimeout(0)
            first, _ = await loop.sock_accept(server)
            received = [await read(loop, first)]
            await loop.sock_sendall(first, ACCEPTED)
            received.append(await read(loop, first))
            first.close()  # without an answer
            second, _ = await loop.sock_accept(server)
            received.append(await read(loop, second))
            await loop.sock_sendall(second, ACCEPTED)
            second.close()
            return received

        async def read(loop: asyncio.AbstractEventLoop, one: socket.socket) -> bytes:
            data = b""
            while not data.endswith(b"<rss/>"):
                data += await loop.sock_recv(one, 65536)
            return data

        async def run() -> tuple[list[Answer], list[bytes]]:
            serving = asyncio.create_task(serve())
            async with Sender(anywhere) as sender:
                url = f"http://127.0.0.1:{port}/"
                answers = [await sender.post(url, FIELDS, b"<rss/>") for _ in range(2)]
            return answers, await serving

        answers, received = asyncio.run(run())

    assert answers == [Answer(204), Answer(204)]
    assert len(received) == 3


@pytest.mark.parametrize("status", [301, 307, 400, 404, 410, 500])
def test_only_a_2xx_is_a_success(status: int) -> None:
    """A redirect is not followed (section 7)."""
    with subscribers() as there:
        there.answers["/a"] = answer(status, f"Location: {there.url('/b')}")
        (found,) = post(there.url("/a"))

        assert (found.status, found.is_success) == (status, False)
        assert there.paths == ["/a"]


def test_what_a_subscriber_asks_for_is_returned() -> None:
    """As it was sent."""
    with subscribers() as there:
        there.answers["/a"] = answer(429, "Retry-After: 120")
        assert post(there.url("/a")) == [Answer(429, "120")]


def test_a_subscriber_that_does_not_answer_is_given_up() -> None:
    """One that is silent, one that sends a byte at a time, and one that nobody answers for."""
    with (
        subscribers() as there,
        drip(b"HTTP/1.1 ", 60) as slow,
        closing(socket.create_server(("127.0.0.1", 0), backlog=0)) as full,
    ):
        there.answers["/a"] = b""
        port = full.getsockname()[1]
        queued = [socket.socket() for _ in range(4)]
        for one in queued:  # the queue of connections is full: the next is not answered
            one.settimeout(0)
            one.connect_ex(("127.0.0.1", port))
        urls = (there.url("/a"), f"http://127.0.0.1:{slow.port}/", f"http://127.0.0.1:{port}/")
        assert post(*urls, limit=0.5) == [NO_ANSWER] * 3
        slow.is_over.set()
        for one in queued:
            one.close()


@pytest.mark.parametrize(
    "sent",
    [
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 100_000,
        b"HTTP/1.1 200 OK\r\nA: " + b"b" * 1_000_000,
        b"HTTP/1.1 99999 OK\r\n\r\n",
        b"\0" * 5000,
    ],
)
def test_what_is_no_answer_counts_as_none(sent: bytes) -> None:
    """Nothing that a server sends raises, nor fills the memory."""
    with subscribers() as there:
        there.accept = sent
        assert post(there.url("/a"), limit=5.0) == [NO_ANSWER]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/",
        "http://nowhere.invalid/",
        "http://[::1/",
        "http:///a",
        "ftp://127.0.0.1/",
        "http://" + "a" * 300 + ".example/",
        "https://127.0.0.1:{port}/",
    ],
)
def test_an_address_that_leads_nowhere_has_no_answer(url: str) -> None:
    """Whatever is wrong with it."""
    with subscribers() as there:
        assert post(url.replace("{port}", str(there.port)), limit=1.0) == [NO_ANSWER]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1"])
def test_the_address_is_checked_as_it_is_connected_to(host: str) -> None:
    """However it is written; nothing is sent to a forbidden one."""
    asked: list[str] = []

    def never(address: str) -> bool:
        asked.append(address)
        return False

    async def run(there: Subscribers) -> Answer:
        async with Sender(never) as sender:
            return await sender.post(there.url("/a", host), FIELDS, b"")

    with subscribers() as there:
        assert asyncio.run(run(there)) == NO_ANSWER
        assert (there.opened, there.delivered) == (0, [])
    # aiohttp itself refuses digits and dots that are no address as they should be.
    assert "127.0.0.1" in asked or host in {"2130706433", "127.1"}


def test_no_proxy_stands_between(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would look the host up again, and find another address."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with subscribers() as there:
        assert post(there.url("/a")) == [Answer(204)]
