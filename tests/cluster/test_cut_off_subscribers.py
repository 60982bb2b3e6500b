"""Subscribers whose packets are dropped hold up nobody, and get the newest edition afterwards."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AbstractContextManager, ExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path
from time import sleep

import pytest

from cluster.network import Network, network
from dateline.config import Config
from dateline.hub.delivery import Distributor
from dateline.hub.sending import Sender
from outside.programs import missing
from support.delivering import delivering, figures, subscribe
from support.publication import PUBLICATION, Newsroom, entry_file
from support.serving import until
from support.subscribers import Subscribers, subscribers

pytestmark = pytest.mark.outside

NUMBER = 30  # subscribers of each machine
LIMIT = 8.0  # seconds for a delivery
LATER = timedelta(hours=8)  # than any pause


def published(folder: Path) -> Newsroom:
    """Return a publication with one entry."""
    room = Newsroom(folder)
    (folder / "config.toml").write_text(PUBLICATION, encoding="utf-8")
    room.drop("first.toml")
    room.build()
    return room


def change(room: Newsroom, title: str) -> bytes:
    """Publish an entry, and return the new edition."""
    room.drop(f"{title}.toml", entry_file(title))
    room.build()
    return (room.config.feeds_folder / "news.rss").read_bytes()


def from_services(
    net: Network, config: Config, after: timedelta = timedelta()
) -> AbstractContextManager[Distributor]:
    """Deliver from the machine of the services, `after` a time from now."""
    return delivering(
        config,
        after=after,
        enter=net.services.enter,
        limit=LIMIT,
        may_reach=lambda one: one.startswith("10.77."),
    )


def has(there: Subscribers, title: str) -> int:
    """Return how many subscribers have an entry."""
    mark = f"<title>{title}</title>".encode()
    return len({one.path for one in there.delivered if mark in one.body})


def test_who_is_cut_off_holds_up_nobody_and_gets_the_newest(tmp_path: Path) -> None:
    """Also on connections that were open before; nothing in between is sent any more."""
    if sentence := missing():
        pytest.fail(sentence, pytrace=False)
    room = published(tmp_path)
    with network(2) as net, ExitStack() as stack:
        near, far = (
            one.inside(partial(stack.enter_context, subscribers([one.address])))
            for one in net.machines
        )
        places = zip((near, far), net.machines, strict=True)
        urls = [own.url(f"/{n}", one.address) for own, one in places for n in range(NUMBER)]
        subscribe(room.config, urls)
        with from_services(net, room.config):
            change(room, "Second")
            assert until(lambda: has(near, "Second") == has(far, "Second") == NUMBER)
            assert until(lambda: figures(room.config).behind == 0)
            net.machines[1].cut()
            change(room, "Third")
            assert until(lambda: has(near, "Third") == NUMBER)
            assert figures(room.config).failing == 0  # nobody waited for that
            assert until(lambda: figures(room.config).failing > 0)
            newest = change(room, "Fourth")
            assert until(lambda: has(near, "Fourth") == NUMBER)
            net.machines[1].heal()
        with from_services(net, room.config, LATER):
            assert until(lambda: figures(room.config).behind == 0)
            sleep(0.3)  # nothing more comes

    assert Counter(one.body for one in far.delivered)[newest] == NUMBER
    assert {one.path: one.body for one in far.delivered} == dict.fromkeys(near.paths, newest)
    late = len(far.delivered) - 2 * NUMBER
    assert late <= 1  # the attempt that was under way, which began before the newest was there
    assert all(one.is_signed for one in (*near.delivered, *far.delivered))


def test_what_was_given_up_never_arrives() -> None:
    """Otherwise the system would go on to send it for minutes, on a connection that is closed."""
    if sentence := missing():
        pytest.fail(sentence, pytrace=False)
    with network(1) as net, ExitStack() as stack:
        (far,) = net.machines
        there = far.inside(partial(stack.enter_context, subscribers([far.address])))
        url = there.url("/1", far.address)

        async def deliver() -> list[int]:
            async with Sender(lambda _: True, limit=1.5) as own:
                first = await own.post(url, {}, b"first")
                far.cut()
                second = await own.post(url, {}, b"second")
            return [first.status, second.status]

        statuses = net.services.inside(lambda: asyncio.run(deliver()))
        far.heal()
        sleep(4)  # by then the system would have sent it again

    assert statuses == [204, 0]
    assert [one.body for one in there.delivered] == [b"first"]
