"""A line to the services that delays, loses and cuts: a proxy, as Linux needs a module for that.

What netem (tc-netem(8)) does with packets is imitated for what TCP makes of them: a packet that
was lost arrives later, and all that follow it wait.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from threading import Event, Thread

from cluster.network import SERVICES, Machine

_PACKET = 1448  # bytes
_AGAIN = 0.2  # seconds after which Linux sends a lost packet again, at least
_PART = 65536

_Queue = asyncio.Queue[tuple[float, bytes]]


@dataclass(slots=True, kw_only=True)
class Line:
    """Each way takes `delay` seconds; shares of packets are lost, or end their connection."""

    delay: float = 0.0
    loss: float = 0.0
    cuts: float = 0.0
    chance: random.Random = field(default_factory=random.Random)

    def takes(self, size: int) -> float:
        """Return the seconds that so many bytes take."""
        packets = range(-(-size // _PACKET))
        lost = sum(self.chance.random() < self.loss for _ in packets)
        return self.delay + lost * _AGAIN

    def is_cut(self) -> bool:
        """Return whether the connection ends here."""
        return self.chance.random() < self.cuts


@contextmanager
def lines(machine: Machine, line: Line, ports: Sequence[int]) -> Iterator[Sequence[int]]:
    """Run a proxy before each of these ports of the services; yield its ports, in their order."""
    found: list[int] = []
    ends: list[Callable[[], object]] = []
    is_open = Event()

    async def serve() -> None:
        over = asyncio.Event()
        ends.append(partial(asyncio.get_running_loop().call_soon_threadsafe, over.set))
        servers = [await _opened(line, port) for port in ports]
        found.extend(one.sockets[0].getsockname()[1] for one in servers)
        is_open.set()
        await over.wait()
        for one in servers:
            one.close()

    def run() -> None:
        machine.enter()
        asyncio.run(serve())

    thread = Thread(target=run)
    thread.start()
    is_open.wait()
    try:
        yield found
    finally:
        ends[0]()
        thread.join()


async def _opened(line: Line, port: int) -> asyncio.Server:
    connections: set[asyncio.Task[None] | None] = set()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends, ways, own = [writer], list[asyncio.Task[None]](), asyncio.current_task()
        connections.add(own)  # the loop alone would not keep one whose client says no more
        try:
            far_reader, far_writer = await asyncio.open_connection(SERVICES, port)
            ends.append(far_writer)
            for source, target in ((reader, far_writer), (far_reader, writer)):
                ways.append(asyncio.create_task(_pass(source, target, line)))
            await asyncio.gather(*ways)
        except (OSError, asyncio.CancelledError):
            pass  # an end is away, the line was cut, or all is over
        finally:
            for one in ends:
                one.transport.abort()
            await asyncio.gather(*ways, return_exceptions=True)
            connections.discard(own)

    return await asyncio.start_server(take, SERVICES, 0)


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, line: Line) -> None:
    """Pass all on from one end to the other, in order, each part when its time has come."""
    parts: _Queue = asyncio.Queue()
    sending = asyncio.create_task(_send(parts, writer))
    now = asyncio.get_running_loop().time
    due = 0.0
    try:
        while data := await reader.read(_PART):
            if line.is_cut():
                raise ConnectionResetError
            due = max(due, now() + line.takes(len(data)))
            parts.put_nowait((due, data))
        parts.put_nowait((due, b""))
        await sending
    finally:
        sending.cancel()
        with suppress(asyncio.CancelledError, OSError):
            await sending


async def _send(parts: _Queue, writer: asyncio.StreamWriter) -> None:
    now = asyncio.get_running_loop().time
    while True:
        due, data = await parts.get()
        if (pause := due - now()) > 0:
            await asyncio.sleep(pause)
        if not data:
            if writer.can_write_eof():
                writer.write_eof()
            return
        writer.write(data)
        await writer.drain()
