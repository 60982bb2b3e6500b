"""Deliveries to subscribers over HTTP, and their signatures (WebSub, sections 7 and 8.1).

The door to aiohttp, which takes a tenth of httpx's time for each of thousands of requests. It
keeps connections open between deliveries to one host, follows no redirect, and reads nothing of
an answer but its status. An address is checked as it is connected to: a name may lead elsewhere
than when the subscription was verified.
"""

from __future__ import annotations

import asyncio
import hmac
import socket
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from io import BytesIO
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from dateline.hub.lookups import Lookups
from dateline.system.http import OWN, trusted

LIMIT = 30.0  # seconds for one delivery, from the connection to the status
_CONNECTED = 10.0  # seconds of these to connect
_REST = 1.0  # seconds more for the rest of a short answer, so that the connection can be kept
_SHORT = 4096  # bytes of such an answer
_KEPT = 4.0  # seconds that an idle connection is kept: servers close theirs after five or more
_MOST_KEPT = 100  # such connections
_ACKNOWLEDGED = 0.8  # of the limit, until the other machine has confirmed each byte (tcp(7))
_LOOKUPS = 64  # hosts looked up at the same time: a name server may be silent for many seconds
_LARGE = 2**20  # bytes of a body from which on aiohttp sends it in parts

_timeout: ContextVar[asyncio.Timeout] = ContextVar("timeout")  # of the delivery
_host: ContextVar[str] = ContextVar("host")  # of its subscriber

MayReach = Callable[[str], bool]
"""Whether deliveries may go to an IP address."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a delivery: its status, 0 without an answer, and its `Retry-After`."""

    status: int
    retry_after: str = ""

    @property
    def is_success(self) -> bool:
        """True if the subscriber has accepted the delivery: any 2xx, and no 3xx (section 7)."""
        return 200 <= self.status < 300  # noqa: PLR2004 - RFC 9110, section 15.3


class Sender:
    """Sends many deliveries at a time; `async with` opens and closes its connections.

    The caller limits how many there are in all, and to one host. `limit` is in seconds. So many
    connections are `kept` at most, since each takes one of the files that this process may open:
    while there are as many, any other is closed after its delivery.
    """

    def __init__(
        self, may_reach: MayReach, *, limit: float = LIMIT, kept: int = _MOST_KEPT
    ) -> None:
        self._may_reach = may_reach
        self._limit = limit
        self._kept = _Kept(kept)
        self._keeping: aiohttp.ClientSession
        self._closing: aiohttp.ClientSession

    async def __aenter__(self) -> Self:
        """Open the sessions in the running loop."""
        resolver = _Resolver(self._limit)
        self._keeping = self._session(
            resolver=resolver,
            keepalive_timeout=_KEPT,
            socket_factory=lambda place: self._kept.with_host(self._socket(place)),
        )
        self._closing = self._session(
            resolver=resolver, force_close=True, socket_factory=self._socket
        )
        return self

    def _session(self, **values: Any) -> aiohttp.ClientSession:
        connected = min(self._limit, _CONNECTED)
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ssl=trusted(), **values),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=connected),
            headers={"User-Agent": OWN["User-Agent"]},
            auto_decompress=False,
            trust_env=False,  # a proxy would look the host up again
            skip_auto_headers=("Accept", "Accept-Encoding"),
        )

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close all connections."""
        await self._keeping.close()
        await self._closing.close()

    async def post(self, callback: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send one delivery, and return the answer; nothing that a subscriber does raises.

        If the subscriber closes a connection that was kept, the delivery is sent once more.
        """
        try:
            url = URL(callback, encoded=True)
            try:
                return await self._post(url, headers, body)
            except (aiohttp.ServerDisconnectedError, ConnectionResetError):
                return await self._post(url, headers, body)
        except (aiohttp.ClientError, OSError, ValueError):  # TimeoutError is an OSError
            return Answer(0)

    def _socket(self, place: aiohttp.AddrInfoType) -> _Socket:
        """Return a socket for an address that is about to be connected to. Raises `OSError`."""
        family, kind, protocol, _, address = place
        if not self._may_reach(str(address[0])):
            raise OSError(f"{address[0]} is a private address")
        own = _Socket(family, kind, protocol)
        if sys.platform == "linux":  # what is given up must not arrive later, after a newer one
            within = int(self._limit * _ACKNOWLEDGED * 1000)
            own.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, within)
        return own

    async def _post(self, url: URL, headers: Mapping[str, str], body: bytes) -> Answer:
        data = body if len(body) < _LARGE else BytesIO(body)
        with self._kept.using(url.authority) as is_kept:
            session = self._keeping if is_kept else self._closing
            sent = session.post(url, data=data, headers=headers, allow_redirects=False)
            async with asyncio.timeout(self._limit) as timeout:
                _timeout.set(timeout)
                return await self._answer(sent)

    @staticmethod
    async def _answer(sent: AbstractAsyncContextManager[aiohttp.ClientResponse]) -> Answer:
        async with sent as answer:
            with suppress(RuntimeError):  # what came counts, even if the rest does not
                _timeout.get().reschedule(None)
            if not answer.content.at_eof():
                with suppress(TimeoutError, EOFError, aiohttp.ClientError):
                    async with asyncio.timeout(_REST):
                        await answer.content.readexactly(_SHORT)
            return Answer(answer.status, answer.headers.get("Retry-After", ""))


def signature(secret: str, body: bytes, algorithm: str) -> str:
    """Return the value of `X-Hub-Signature` for a body, by one of the four algorithms.

    >>> signature("s", b"", "sha1")
    'sha1=71d58ad26842efdab8a2d541818921d2066afebd'
    """
    return f"{algorithm}={hmac.digest(secret.encode(), body, algorithm).hex()}"


class _Socket(socket.socket):
    """A socket that does something once it is closed."""

    at_end: Callable[[], None] | None = None

    def close(self) -> None:
        """Close it."""
        at_end, self.at_end = self.at_end, None
        if at_end:
            at_end()
        super().close()


class _Kept:
    """The connections that are kept between deliveries, so many at `most`, by host."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: Counter[str] = Counter()
        self._used: Counter[str] = Counter()
        self._count = 0  # of those that are open, and of deliveries, some of which have none yet

    @contextmanager
    def using(self, host: str) -> Iterator[bool]:
        """Yield whether a delivery may use such a connection: an idle one, or one more."""
        if self._count >= self._most and self._open[host] <= self._used[host]:
            yield False
            return
        _host.set(host)
        self._used[host] += 1
        self._count += 1
        try:
            yield True
        finally:
            self._leave(self._used, host)

    def with_host(self, own: _Socket) -> _Socket:
        """Count the socket of a new connection until it is closed."""
        host = _host.get()
        self._open[host] += 1
        self._count += 1
        own.at_end = lambda: self._leave(self._open, host)
        return own

    def _leave(self, some: Counter[str], host: str) -> None:
        self._count -= 1
        some[host] -= 1
        if not some[host]:
            del some[host]


class _Resolver(AbstractResolver):
    """Looks hosts up, which does not count in the time of a delivery."""

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._lookups = Lookups(_LOOKUPS, min(limit, _CONNECTED))

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the addresses of a host. Raises `OSError`."""
        timeout, loop = _timeout.get(), asyncio.get_running_loop()
        with suppress(RuntimeError):  # it was given up meanwhile
            timeout.reschedule(None)
        found = await self._lookups.find(host, port, family)
        with suppress(RuntimeError):
            timeout.reschedule(loop.time() + self._limit)
        return [
            ResolveResult(
                hostname=host,
                host=str(address[0]),
                port=port,
                family=family,
                proto=protocol,
                flags=socket.AI_NUMERICHOST,
            )
            for family, _, protocol, _, address in found
        ]

    async def close(self) -> None:
        """Look nothing up any more; a look-up that has begun is not waited for."""
        self._lookups.close()
