"""A running cluster, and what happens to machines: each failure begins and ends."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep

from cluster.network import Network, network
from cluster.nodes import Node, drop, leader
from cluster.readers import Reader
from cluster.services import Services, services
from support.serving import until

_LIMIT = 60.0  # seconds for news to arrive


@dataclass(slots=True, kw_only=True)
class Cluster:
    """Nodes that share `entries`, a ledger and a store, with a reader that asks all of them.

    `published` are the titles of the entries that were dropped.
    """

    network: Network
    services: Services
    nodes: Sequence[Node]
    entries: Path
    reader: Reader
    published: list[str] = field(default_factory=list)

    def drop(self, **fields: str) -> tuple[str, float]:
        """Drop an entry; return its title and the moment."""
        number = len(self.published)
        title = drop(self.entries, number, **fields)
        self.published.append(title)
        return title, monotonic()

    def wait(self, title: str, nodes: Sequence[Node], limit: float = _LIMIT) -> list[str]:
        """Wait until these nodes show an entry; return the names of those that do not."""
        names = {one.name for one in nodes}

        def missing() -> set[str]:
            return names - self.reader.delays(title, 0).keys()

        until(lambda: not missing(), limit)
        return sorted(missing())

    def leader(self, among: Sequence[Node] | None = None) -> Node:
        """Return the node that leads; only some may be able to say."""
        return leader([*(among or self.nodes)])

    def others(self, node: Node) -> list[Node]:
        """Return all other nodes."""
        return [one for one in self.nodes if one is not node]

    def generations(self) -> set[int]:
        """Return the generations that the nodes serve."""
        return {one["generation"] for one in self.nodes[0].report()["nodes"]}


@contextmanager
def cluster(folder: Path, number: int = 5, entries: int = 0, more: str = "") -> Iterator[Cluster]:
    """Run a cluster of so many nodes, which publish so many entries first."""
    with ExitStack() as stack:
        net = stack.enter_context(network(number))
        own = stack.enter_context(services(net.services, folder))
        (folder / "entries").mkdir()
        nodes = [
            Node(machine=machine, folder=folder / f"web{at}")
            for at, machine in enumerate(net.machines, start=1)
        ]
        reader = Reader(place=net.services, nodes=nodes)
        made = Cluster(
            network=net, services=own, nodes=nodes, entries=folder / "entries", reader=reader
        )
        for _ in range(max(1, entries)):
            made.drop()
        for one in nodes:
            one.configure(own.pooled, own.endpoint, more)
            one.start()
            stack.callback(one.lose_power)
        stack.enter_context(reader)
        assert not made.wait(made.published[-1], nodes, _LIMIT + entries / 20), nodes[0].printed()
        reader.silences.clear()  # before they served
        yield made


# ---- Failures of the node that leads

Failure = Callable[[Cluster, Node, ExitStack], None]


def power(_: Cluster, node: Node, over: ExitStack) -> None:
    """Switch the leader's machine off, and at the end on again."""
    node.lose_power()
    over.callback(node.start)


def killed(_: Cluster, node: Node, __: ExitStack) -> None:
    """Kill the process that publishes; its supervisor stays."""
    for process in node.machine.processes():
        command = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
        if b"follow" in command:
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


def database_restarts(it: Cluster, _: Node, __: ExitStack) -> None:
    """End the database at once, and start it again."""
    it.services.database.stop()
    it.network.services.inside(it.services.database.start)


FAILURES: Mapping[str, Failure] = {
    "power off": power,
    "publisher killed": killed,
    "cut off": cut_off,
    "no database": without_database,
    "no store": without_store,
    "paused": paused,
    "database restarts": database_restarts,
}
# Those in which the leader itself may be silent or late meanwhile.
OF_ONE_NODE = frozenset({"power off", "cut off", "no database", "no store", "paused"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """How a cluster came over a failure: seconds until news was on the nodes that it left alone."""

    failure: str
    seconds: float
    faults: Sequence[str]


def recovery(it: Cluster, name: str, chance: random.Random, lasts: float = 8.0) -> Recovery:
    """Let one failure happen around the drop of an entry, at a random moment of its publication."""
    before = len(it.reader.faults)
    node = it.leader()
    left = it.others(node) if name in OF_ONE_NODE else [*it.nodes]
    title, _ = it.drop()
    sleep(chance.uniform(0, 1))
    began = monotonic()
    with ExitStack() as over:
        FAILURES[name](it, node, over)
        late, _ = it.drop()
        missing = it.wait(late, left) or it.wait(title, left)
        delays = it.reader.delays(late, began)
        seconds = max(delays.get(one.name, _LIMIT) for one in left)
        sleep(max(0.0, lasts - seconds) if node not in left else 0.0)
    missing += it.wait(late, it.nodes) + it.wait(title, it.nodes)
    faults = [*it.reader.faults[before:], *(f"{one} lacks news" for one in missing)]
    return Recovery(failure=name, seconds=seconds, faults=faults)
