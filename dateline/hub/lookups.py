"""The look-ups of host names that strangers gave, of which no domain takes all threads.

A look-up cannot be ended: if the name server of a domain is silent, its thread waits for longer
than anybody waits for the answer.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from weakref import WeakValueDictionary

from dateline.system.addresses import site_of

_LIMIT = 10.0  # seconds
_WAIT = 60.0  # seconds for a thread
_SHARE = 8  # a domain has one of so many threads

Addresses = Sequence[tuple[socket.AddressFamily, socket.SocketKind, int, str, Any]]
"""What `socket.getaddrinfo` returns."""


class Lookups:
    """Looks hosts up in so many `threads` from one event loop, within `limit` seconds.

    The time that a look-up waits because of other domains does not count, up to a minute.
    """

    def __init__(self, threads: int, limit: float = _LIMIT) -> None:
        self._threads = ThreadPoolExecutor(threads, "hub-lookup")
        self._limit = limit
        self._most = max(1, threads // _SHARE)
        self._turns: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    async def find(
        self, host: str, port: int, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> Addresses:
        """Return the addresses of a host. Raises `OSError`."""
        loop, begun, site = asyncio.get_running_loop(), asyncio.Event(), site_of(host)

        def look_up() -> Addresses:
            loop.call_soon_threadsafe(begun.set)
            return socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)

        def end(_: Future[Addresses]) -> None:
            with suppress(RuntimeError):  # the loop is over
                loop.call_soon_threadsafe(turn.release)

        turn = self._turns.setdefault(site, asyncio.Semaphore(self._most))
        async with asyncio.timeout(self._limit):
            await turn.acquire()
        future = self._threads.submit(look_up)
        future.add_done_callback(end)
        try:
            async with asyncio.timeout(_WAIT):
                await begun.wait()
        except (asyncio.CancelledError, TimeoutError):
            future.cancel()
            raise
        async with asyncio.timeout(self._limit):
            return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Drop what has not begun; what has begun is not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)
