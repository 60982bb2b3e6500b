"""Look-ups of hosts: a silent name server holds up only its own domain."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from threading import Event
from time import monotonic
from typing import Any

import pytest

from dateline.hub.lookups import Lookups
from dateline.hub.sending import Answer, Sender
from support.subscribers import subscribers

PATIENCE = 5.0  # seconds
SILENT = ".attacker.example"


@pytest.fixture(autouse=True)
def name_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Event]:
    """Let names below one domain have no answer until the event is set, and lead nowhere then."""
    answered, really = Event(), socket.getaddrinfo

    def find(host: str, *words: Any, **more: Any) -> Any:
        if str(host).endswith(SILENT):
            answered.wait()
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return really(host, *words, **more)

    monkeypatch.setattr(socket, "getaddrinfo", find)
    yield answered
    answered.set()


def test_a_domain_takes_few_threads() -> None:
    """However many names below it are looked up, others are found at once."""

    async def run() -> float:
        lookups = Lookups(16)
        silent = [asyncio.create_task(lookups.find(f"{one}{SILENT}", 80)) for one in range(200)]
        await asyncio.sleep(0.1)
        began = monotonic()
        async with asyncio.timeout(PATIENCE):
            assert await lookups.find("localhost", 80)
        took = monotonic() - began
        for one in silent:
            one.cancel()
        await asyncio.gather(*silent, return_exceptions=True)
        lookups.close()
        return took

    assert asyncio.run(run()) < 2


def test_a_look_up_is_given_up_and_keeps_its_thread(name_server: Event) -> None:
    """The system cannot end it; once it ends, the domain has its turn again."""

    async def run() -> None:
        lookups = Lookups(8, limit=0.2)
        for one in "ab":  # the second has no turn
            with pytest.raises(TimeoutError):
                await lookups.find(f"{one}{SILENT}", 80)
        name_server.set()
        with pytest.raises(socket.gaierror):
            await lookups.find(f"c{SILENT}", 80)
        lookups.close()

    asyncio.run(run())


def test_waiting_for_a_thread_does_not_count(name_server: Event) -> None:
    """Other domains have all of them; the time begins with the look-up."""

    async def run() -> None:
        lookups = Lookups(1, limit=0.2)
        silent = asyncio.create_task(lookups.find(f"a{SILENT}", 80))
        honest = asyncio.create_task(lookups.find("localhost", 80))
        await asyncio.sleep(1)
        assert not honest.done()
        name_server.set()
        assert await honest
        await asyncio.gather(silent, return_exceptions=True)
        lookups.close()

    asyncio.run(run())


def test_silent_name_servers_hold_up_no_delivery() -> None:
    """Deliveries to hosts of other domains arrive meanwhile."""

    async def run(port: int) -> Answer:
        async with Sender(lambda _: True, limit=2.0) as sender:
            silent = [
                asyncio.create_task(sender.post(f"http://{one}{SILENT}/", {}, b""))
                for one in range(100)
            ]
            await asyncio.sleep(0.1)
            async with asyncio.timeout(PATIENCE):
                found = await sender.post(f"http://localhost:{port}/a", {}, b"")
            assert {*await asyncio.gather(*silent)} == {Answer(0)}
        return found

    with subscribers() as there:
        assert asyncio.run(run(there.port)) == Answer(204)
