"""Subscribers of a hub on real sockets, which behave as a test wants.

A subscriber is a path on this server. It records each delivery, and whether its signature is
right: the secret of `/a` is `secret of /a`.
"""

from __future__ import annotations

import asyncio
import hmac
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from time import monotonic

ACCEPTED = b"HTTP/1.1 204 No Content\r\n\r\n"


def answer(status: int, *fields: str, body: bytes = b"") -> bytes:
    """Return the bytes of a response."""
    lines = (f"HTTP/1.1 {status} .", *fields, f"Content-Length: {len(body)}", "", "")
    return "\r\n".join(lines).encode() + body


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """One delivery: where, when, its fields by lower-case names, and its body."""

    path: str
    moment: float
    fields: Mapping[str, str]
    body: bytes

    @property
    def is_signed(self) -> bool:
        """Whether it has the signature of its subscriber's secret."""
        method, _, found = self.fields.get("x-hub-signature", "").partition("=")
        if method not in {"sha1", "sha256", "sha384", "sha512"}:
            return False
        return hmac.new(secret_of(self.path).encode(), self.body, method).hexdigest() == found


def secret_of(path: str) -> str:
    """Return the secret of the subscriber at a path."""
    return f"secret of {path}"


@dataclass
class Subscribers:
    """A running server of subscribers, and what was delivered to it.

    `answers` has, by path or by address of the server, what to answer: a response, sent in parts
    if it is a list, or nothing at all if that is empty; all others `accept`. A path that is `held`
    is answered when it no longer is. `most` is the number
    of deliveries that waited for an answer at one time, and `opened` that of connections.
    """

    port: int = 0
    answers: dict[str, bytes | list[bytes]] = field(default_factory=dict)
    accept: bytes = ACCEPTED
    pause: float = 0.0
    held: set[str] = field(default_factory=set)
    delivered: list[Delivered] = field(default_factory=list)
    opened: int = 0
    waiting: int = 0
    most: int = 0
    tasks: list[asyncio.Task[None] | None] = field(default_factory=list)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        """Return the address of a subscriber."""
        return f"http://{host}:{self.port}{path}"

    def of(self, path: str) -> list[Delivered]:
        """Return what was delivered to one subscriber."""
        return [one for one in self.delivered if one.path == path]

    @property
    def paths(self) -> list[str]:
        """The paths of all deliveries, sorted."""
        return sorted(one.path for one in self.delivered)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until the client closes it."""
        self.opened += 1
        self.tasks.append(asyncio.current_task())  # the loop alone would not keep one that waits
        host = writer.get_extra_info("sockname")[0]
        with suppress(OSError, EOFError, asyncio.CancelledError), closing(writer):
            while True:
                path = await self._receive(reader)
                self.waiting += 1
                self.most = max(self.most, self.waiting)
                try:
                    while path in self.held:  # noqa: ASYNC110 - another thread releases it
                        await asyncio.sleep(0.01)
                    await self._answer(writer, self.answers.get(path, self.answers.get(host)))
                finally:
                    self.waiting -= 1

    async def _receive(self, reader: asyncio.StreamReader) -> str:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[:-2]
        names = (line.split(": ", 1) for line in head[1:])
        fields = {name.lower(): value for name, value in names}
        body = await reader.readexactly(int(fields["content-length"]))
        path = head[0].split()[1]
        one = Delivered(path=path, moment=monotonic(), fields=fields, body=body)
        self.delivered.append(one)
        return path

    async def _answer(
        self, writer: asyncio.StreamWriter, chosen: bytes | list[bytes] | None
    ) -> None:
        if chosen is not None and not chosen:
            await asyncio.Event().wait()
        if self.pause:
            await asyncio.sleep(self.pause)
        parts = chosen if isinstance(chosen, list) else [chosen or self.accept]
        for part in parts:
            writer.write(part)
            await writer.drain()
            if len(parts) > 1:
                await asyncio.sleep(0.05)
        if any(part.lower().find(b"connection: close") >= 0 for part in parts):
            raise ConnectionResetError


@contextmanager
def subscribers(hosts: Sequence[str] = ("127.0.0.1",), port: int = 0) -> Iterator[Subscribers]:
    """Run subscribers at some addresses of this machine, all at one port."""
    own = Subscribers(port=port)
    loop = asyncio.new_event_loop()
    servers: list[asyncio.Server] = []

    async def listen() -> None:
        for host in hosts:
            servers.append(await asyncio.start_server(own.serve, host, own.port, backlog=1000))
            own.port = servers[0].sockets[0].getsockname()[1]

    async def end() -> None:
        for server in servers:
            server.close()
        connections = asyncio.all_tasks() - {asyncio.current_task()}
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        await asyncio.sleep(0)  # transports close in the next turn of the loop

    loop.run_until_complete(listen())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield own
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(end())
        loop.close()
