"""Failures of a cluster: each begins and ends, and news arrives all the same."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import urlsplit

from cluster.nodes import AFTER, Node
from cluster.readers import get
from cluster.running import LIMIT, Cluster
from support.serving import until

_STAND = 10  # entries that are left of those that were dropped
_AT_ONCE = 3  # that are withdrawn
_BACK_WITHIN = 2.0  # seconds
_GONE = 410

# ---- Failures of the node that leads

Failure = Callable[[Cluster, Node, ExitStack], None]


def power(_: Cluster, node: Node, over: ExitStack) -> None:
    """Switch the leader's machine off, and at the end on again."""
    node.lose_power()
    over.callback(node.start)


def killed(_: Cluster, node: Node, __: ExitStack) -> None:
    """Kill the process that publishes; its supervisor stays."""
    publishers = [
        process
        for process in node.machine.processes()
        if b"follow" in Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
    ]
    assert publishers, f"{node.name} has no publisher"
    for process in publishers:
        os.kill(process, signal.SIGKILL)


def cut_off(_: Cluster, node: Node, over: ExitStack) -> None:
    """Cut the leader off from everybody."""
    node.machine.cut()
    over.callback(node.machine.heal)


def without_database(it: Cluster, node: Node, over: ExitStack) -> None:
    """Cut the leader off from the database."""
    node.machine.cut(*it.services.database_ports)
    over.callback(node.machine.heal)


def without_store(it: Cluster, node: Node, over: ExitStack) -> None:
    """Cut the leader off from the store."""
    node.machine.cut(it.services.store_port)
    over.callback(node.machine.heal)


def paused(_: Cluster, node: Node, over: ExitStack) -> None:
    """Stop all processes of the leader, which later go on as if nothing had been."""
    node.machine.signal(signal.SIGSTOP)
    over.callback(node.machine.signal, signal.SIGCONT)


def disk_full(_: Cluster, node: Node, over: ExitStack) -> None:
    """Leave no room on the leader's disk; it must be a small one."""
    node.fill_disk()
    over.callback(node.make_room)


def database_restarts(it: Cluster, _: Node, __: ExitStack) -> None:
    """End the database at once, and start it again."""
    it.services.database.stop()
    it.network.services.inside(it.services.database.start)


FAILURES: dict[str, Failure] = {
    "power off": power,
    "publisher killed": killed,
    "cut off": cut_off,
    "no database": without_database,
    "no store": without_store,
    "paused": paused,
    "database restarts": database_restarts,
}
NEEDS_SMALL_DISKS: dict[str, Failure] = {"disk full": disk_full}
_EVERY = FAILURES | NEEDS_SMALL_DISKS
# Those in which the leader itself may be silent or late meanwhile.
_OF_ONE_NODE = _EVERY.keys() - {"publisher killed", "database restarts"}
# Those whose bound begins when they are over.
_BRIEF = frozenset({"database restarts"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """How a cluster came over a failure: seconds until news was on the nodes that it left alone.

    They are None if it did not.
    """

    failure: str
    seconds: float | None
    faults: Sequence[str]


def recovery(it: Cluster, name: str, chance: random.Random) -> Recovery:
    """Let one failure happen around the drop of an entry, at a random moment of its publication.

    Earlier entries are withdrawn at the same time. A leader that was alone comes back at a random
    moment after its successor has published.
    """
    before = len(it.reader.faults)
    node = it.leader()
    left = it.others(node) if name in _OF_ONE_NODE else [*it.nodes]
    gone = tidied(it)
    title, _ = it.drop()
    sleep(chance.uniform(0, 1))
    began = monotonic()
    with ExitStack() as over:
        _EVERY[name](it, node, over)
        began = monotonic() if name in _BRIEF else began
        pings = it.notices.pings("news.json")
        late, _ = it.drop()
        missing = it.wait(late, left) or it.wait(title, left)
        delays = it.reader.delays(late, began)
        seconds = max(delays.get(one.name, LIMIT) for one in left)
        sent = it.notices.begun_by(node.machine.address)
        sleep(chance.uniform(0, _BACK_WITHIN) if node not in left else 0.0)
    missing += it.wait(late, it.nodes) + it.wait(title, it.nodes)
    faults = [f"{one} lacks news" for one in missing]
    for one in gone:
        faults += without(it, one)
    if name == "paused" and it.notices.begun_by(node.machine.address) > sent:
        faults.append(f"{node.name} sent something after another node led")
    if not until(lambda: it.notices.pings("news.json") > pings, LIMIT):
        faults.append("the hub was not notified")
    return Recovery(failure=name, seconds=seconds, faults=[*faults, *it.reader.faults[before:]])


def tidied(it: Cluster) -> list[str]:
    """Withdraw the oldest of the entries that were dropped, if there are many; return the titles.

    They are few at once: staff who delete many files are asked first.
    """
    titles = it.standing[: max(0, min(len(it.standing) - _STAND, _AT_ONCE))]
    for one in titles:
        it.withdraw(one)
    return titles


def without(it: Cluster, title: str) -> list[str]:
    """Wait until an entry is gone from all nodes, and its page says so; return what is not."""
    path = urlsplit(it.reader.promises.address(title)).path[1:]
    faults = [f"{one} still has {title}" for one in it.wait_gone(title, it.nodes)]

    def ask() -> dict[str, int]:
        return {one.name: get(one, path, {}).status for one in it.nodes}

    answers = it.network.services.inside(ask)
    if {*answers.values()} != {_GONE}:
        faults.append(f"answers for {path}: {answers}")
    it.reader.promises.forget(title)
    return faults


# ---- Failures of what all nodes need


def database_away(it: Cluster, over: ExitStack) -> None:
    """End the database; at the end it is there again."""
    it.services.database.stop()
    over.callback(it.network.services.inside, it.services.database.start)


def store_away(it: Cluster, over: ExitStack) -> None:
    """Cut all nodes off from the store."""
    for one in it.nodes:
        one.machine.cut(it.services.store_port)
        over.callback(one.machine.heal)


OUTAGES: Mapping[str, Callable[[Cluster, ExitStack], None]] = {
    "ledger-away": database_away,
    "store-away": store_away,
}


def outage(it: Cluster, name: str, lasts: float) -> Recovery:
    """Take away what all nodes need; `seconds` are from its return until news is everywhere.

    Meanwhile no reader notices anything, each node says so, and one sends one alarm.
    """
    before, silent = len(it.reader.faults), dict(it.reader.silences)
    alarms = len(it.notices.alarms())
    faults: list[str] = []

    def says(node: Node) -> bool:
        return until(lambda: name in it.health(node), LIMIT)

    with ExitStack() as over:
        OUTAGES[name](it, over)
        began = monotonic()
        title, _ = it.drop()
        faults += [f"{one.name} is silent about {name}" for one in it.nodes if not says(one)]
        if not until(lambda: len(it.notices.alarms()) > alarms, AFTER + LIMIT):
            faults.append(f"no alarm of {name}")
        sleep(max(0.0, began + lasts - monotonic()))
    back = monotonic()
    faults += [f"{one} lacks news" for one in it.wait(title, it.nodes)]
    seconds = max(it.reader.delays(title, back).values(), default=LIMIT)
    until(lambda: len(_of(it, name, alarms)) > 1, LIMIT)
    if (sent := _of(it, name, alarms)) != [False, True]:
        faults.append(f"alarms of {name}, over or not: {sent}")
    if it.reader.silences != silent:
        faults.append(f"readers got no answer: {it.reader.silences}, before {silent}")
    return Recovery(failure=name, seconds=seconds, faults=[*faults, *it.reader.faults[before:]])


def follower_disk_full(it: Cluster) -> list[str]:
    """Leave no room on the disk of a node that follows; return which promises that breaks.

    It goes on with what it has, reports it, and follows again when there is room.
    """
    before, silent = len(it.reader.faults), dict(it.reader.silences)
    node = it.others(it.leader())[0]
    node.fill_disk()
    title, _ = it.drop()
    faults = [f"{one} lacks news" for one in it.wait(title, it.others(node))]
    if not until(lambda: "disk-full" in it.health(node), LIMIT):
        faults.append(f"{node.name} does not report its disk")
    node.make_room()
    faults += [f"{one} lacks news" for one in it.wait(title, it.nodes)]
    if not until(lambda: "disk-full" not in it.health(node), LIMIT):
        faults.append(f"{node.name} reports its disk for ever")
    if it.reader.silences != silent:
        faults.append("readers got no answer")
    return [*faults, *it.reader.faults[before:]]


def _of(it: Cluster, name: str, since: int) -> list[bool]:
    """Return the alarms of a condition, whether each said that it was over."""
    return [one.is_over for one in it.notices.alarms()[since:] if one.code == name]
