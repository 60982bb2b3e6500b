"""Subscribers by the ten thousand, in processes of their own, for the benchmark of the hub.

The subscriber with a number is at the path of that name, on one of a thousand addresses of this
machine. It checks the signature of what it is sent, by its own secret, and notes when it came.
Some hosts are out of order: they refuse connections, accept them and say nothing, answer a byte
at a time, or leave connections unanswered.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ctypes import c_double, c_int32, c_uint32
from multiprocessing import get_context
from multiprocessing.sharedctypes import RawArray
from time import time
from typing import Any
from zlib import crc32

_ACCEPTED = b"HTTP/1.1 204 No Content\r\n\r\n"
_SIGNED = b"x-hub-signature: sha256="
_LENGTH = b"content-length: "
_HEX = 64
_DRIPS_EVERY = 0.5  # seconds
_IN_QUEUE = 8  # connections that fill the queue of a socket which nobody accepts from
DISORDERS = ("refuses", "silent", "drips", "full")


def secret_of(number: int) -> str:
    """Return the secret of a subscriber."""
    return hashlib.sha256(b"%d" % number).hexdigest()


class Receivers:
    """Subscribers with the numbers below `count`, on `hosts` addresses, of which some are `dead`.

    For each there are, of the present round: when it was sent something first, how often, and the
    checksum of what. `wrong` counts what was not signed as it should be, by process.
    """

    def __init__(self, count: int, hosts: int, dead: int = 0, processes: int = 2) -> None:
        self.count, self.hosts, self._dead = count, hosts, dead
        self._processes = processes
        self.times: Any = RawArray(c_double, count)
        self.counts: Any = RawArray(c_int32, count)
        self.sums: Any = RawArray(c_uint32, count)
        self.wrong: Any = RawArray(c_int32, processes)
        self.port = _free_port()

    def host(self, number: int) -> str:
        """Return the address at which a subscriber is."""
        return _address(number % self.hosts)

    def url(self, number: int) -> str:
        """Return the callback of a subscriber."""
        return f"http://{self.host(number)}:{self.port}/{number}"

    def is_dead(self, number: int) -> bool:
        """Return whether the host of a subscriber is out of order."""
        return number % self.hosts < self._dead

    def begin(self) -> None:
        """Begin a new round."""
        for array in (self.times, self.counts, self.sums):
            array[:] = [0] * self.count

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run the processes until the end."""
        context = get_context("fork")
        ready = context.Semaphore(0)
        started = [
            context.Process(target=self._run, args=(own, ready), daemon=True)
            for own in range(self._processes)
        ]
        for process in started:
            process.start()
        for _ in started:
            ready.acquire()
        try:
            yield
        finally:
            for process in started:
                process.kill()
                process.join()

    def _run(self, own: int, ready: Any) -> None:
        with suppress(KeyboardInterrupt):
            asyncio.run(self._serve(own, ready))

    async def _serve(self, own: int, ready: Any) -> None:
        loop = asyncio.get_running_loop()
        kept: list[object] = []
        for host in range(own, self.hosts, self._processes):
            disorder = DISORDERS[host % len(DISORDERS)] if host < self._dead else ""
            if disorder == "full":
                kept += _full(_address(host), self.port)
            elif disorder != "refuses":
                kept.append(
                    await loop.create_server(
                        lambda how=disorder: _Connection(self, own, how),  # type: ignore[misc]
                        _address(host),
                        self.port,
                        backlog=1024,
                    )
                )
        os.nice(0)
        ready.release()
        await asyncio.Event().wait()

    def take(self, own: int, head: bytes, body: bytes) -> None:
        """Note what a subscriber was sent."""
        number = int(head[: head.index(b" HTTP/")].rpartition(b"/")[2])
        fields = head.lower()
        at = fields.find(_SIGNED) + len(_SIGNED)
        right = hmac.digest(secret_of(number).encode(), body, "sha256").hex().encode()
        if fields[at : at + _HEX] != right:
            self.wrong[own] += 1
            return
        if not self.counts[number]:
            self.times[number] = time()
            self.sums[number] = crc32(body)
        self.counts[number] += 1


class _Connection(asyncio.Protocol):
    """One connection to a subscriber, which may be out of order."""

    def __init__(self, receivers: Receivers, own: int, disorder: str) -> None:
        self._receivers, self._own, self._disorder = receivers, own, disorder
        self._data = bytearray()
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if self._disorder == "drips":
            self._drip()

    def _drip(self) -> None:
        if not self._transport.is_closing():
            self._transport.write(b"H" if not self._data else b"TTP"[:1])
            asyncio.get_running_loop().call_later(_DRIPS_EVERY, self._drip)

    def data_received(self, data: bytes) -> None:
        if self._disorder:
            return
        self._data += data
        while (end := self._data.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._data[:end])
            at = head.lower().find(_LENGTH) + len(_LENGTH)
            stop = end + 4 + int(head[at:].split(b"\r", 1)[0])
            if len(self._data) < stop:
                return
            self._receivers.take(self._own, head, bytes(self._data[end + 4 : stop]))
            del self._data[:stop]
            self._transport.write(_ACCEPTED)


def _address(host: int) -> str:
    return f"127.1.{host // 250}.{host % 250 + 1}"


def _full(address: str, port: int) -> list[socket.socket]:
    """Return a socket that nobody accepts from, with the connections that fill its queue."""
    server = socket.create_server((address, port), backlog=0)
    waiting = [socket.socket() for _ in range(_IN_QUEUE)]
    for one in waiting:
        one.settimeout(0)
        one.connect_ex((address, port))
    return [server, *waiting]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as trial:
        port: int = trial.getsockname()[1]
        return port
