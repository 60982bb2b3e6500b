"""A running cluster: its nodes, what they share, what staff do, and what readers see."""

from __future__ import annotations

import http.client
import json
import random
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

from cluster.line import Line
from cluster.network import Network, network
from cluster.nodes import Node
from cluster.notices import Notices
from cluster.patroni import Pair, databases
from cluster.prepared import copy, laid_over, prepared
from cluster.readers import Reader, get
from cluster.services import Services, services
from dateline.errors import LedgerError
from dateline.ledger.cluster import status
from outside import postgresql
from support.publication import entry_file
from support.serving import until

LIMIT = 120.0  # seconds for news to arrive, on a busy machine
_STARTS_WITHIN = 180.0  # seconds, and more for many entries
_LEADS_WITHIN = 90.0
_OLD = datetime(2025, 1, 1, tzinfo=UTC)
_DISK = "96m"
_MANY = 10_000  # entries


@dataclass(slots=True, kw_only=True)
class Cluster:
    """Nodes that share `entries`, a ledger and a store, with a reader that asks all of them.

    `published` are the titles of the entries that were dropped, and `standing` those of them that
    were not withdrawn, in the order of their moments.
    """

    network: Network
    services: Services
    nodes: Sequence[Node]
    entries: Path
    reader: Reader
    notices: Notices
    databases: Pair | None = None
    published: list[str] = field(default_factory=list)
    standing: list[str] = field(default_factory=list)
    _newest: tuple[int, int] = (0, 0)  # the latest epoch and generation

    def drop(self, **fields: str) -> tuple[str, float]:
        """Drop an entry, as of now; return its title and the moment."""
        number = len(self.published)
        title = f"Report {number} of the harbour"
        fields.setdefault("date", f"{datetime.now(UTC):%FT%TZ}")
        fields.setdefault("body", f'"Number {number} of the day: {self._words()}"')
        self.reader.promises.known.add(title)
        made = self.entries / f".{number}.part"
        made.write_text(entry_file(title, **fields), "utf-8")
        made.replace(self._file(title))
        self.published.append(title)
        self.standing.append(title)
        return title, monotonic()

    def take_for_dropped(self, number: int) -> None:
        """Note so many entries as dropped: their files are there."""
        self.published += [f"Report {at} of the harbour" for at in range(number)]
        self.reader.promises.known.update(self.published)

    def embargo(self, seconds: float) -> tuple[str, datetime]:
        """Drop an entry that is due in so many seconds, to the second; return that moment."""
        due = (datetime.now(UTC) + timedelta(seconds=seconds)).replace(microsecond=0)
        title = f"Report {len(self.published)} of the harbour"
        self.reader.promises.due[title] = due.timestamp()
        self.drop(date=f"{due:%FT%TZ}")
        return title, due

    def withdraw(self, title: str) -> None:
        """Delete the file of an entry."""
        self.reader.promises.withdrawn.add(title)
        self._file(title).unlink()
        self.standing.remove(title)

    def wait(self, title: str, nodes: Sequence[Node], limit: float = LIMIT) -> list[str]:
        """Wait until these nodes show an entry; return the names of those that do not."""
        names = {one.name for one in nodes}

        def missing() -> set[str]:
            return names - self.reader.delays(title, 0).keys()

        until(lambda: not missing(), limit)
        return sorted(missing())

    def wait_gone(self, title: str, nodes: Sequence[Node], limit: float = LIMIT) -> list[str]:
        """Wait until these nodes show an entry no more; return the names of those that do."""

        def showing() -> list[str]:
            shows = self.reader.promises.shows
            return [one.name for one in nodes if title in shows(one.name)]

        until(lambda: not showing(), limit)
        return showing()

    def report(self, among: Sequence[Node] = ()) -> Mapping[str, Any]:
        """Return what one of the nodes says of the cluster; no number of it ever goes back."""
        found: Mapping[str, Any] = {}
        for one in among or self.nodes:
            done = one.command("cluster", "--json")
            if done.stdout:
                found = json.loads(done.stdout)
                break
        if found:
            self._note(found["epoch"], found["generation"])
        return found

    def leader(self) -> Node:
        """Return the node that leads, as the ledger has it: a command of a node takes a second."""
        address = self.databases.ledger if self.databases else self.services.ledger
        url = address.replace("@", f":{postgresql.PASSWORD}@", 1)
        found: list[Node] = []

        def is_known() -> bool:
            try:
                seen = self.network.services.inside(lambda: status.read(url))
            except LedgerError:
                return False
            self._note(seen.epoch, seen.generation)
            found[:] = [one for one in self.nodes if one.name == seen.leader]
            return bool(found)

        assert until(is_known, _LEADS_WITHIN), "nobody leads"
        return found[0]

    def _note(self, epoch: int, generation: int) -> None:
        newest = epoch, generation
        if newest < self._newest or generation < self._newest[1]:
            self.reader.faults.append(f"epoch and generation go back: {newest}")
        self._newest = newest

    def others(self, node: Node) -> list[Node]:
        """Return all other nodes."""
        return [one for one in self.nodes if one is not node]

    def health(self, node: Node) -> str:
        """Return what a node says of itself, as text; empty if it does not answer."""
        try:
            return self.network.services.inside(lambda: get(node, "health", {})).data.decode()
        except (OSError, http.client.HTTPException):
            return ""

    def _words(self) -> str:
        """Return a text that no other entry has: it would be taken for the same one, renamed."""
        chance = random.Random(len(self.published))  # noqa: S311 - repeatable
        return " ".join(f"{chance.getrandbits(32):x}" for _ in range(20))

    def _file(self, title: str) -> Path:
        return self.entries / f"report-{title.split()[1]}.toml"


@contextmanager
def cluster(
    folder: Path,
    *,
    number: int = 5,
    entries: int = 1,
    line: Line | None = None,
    are_disks_small: bool = False,
    clocks: Mapping[int, int] | None = None,
    has_standby: bool = False,
) -> Iterator[Cluster]:
    """Run a cluster of so many nodes, which publish so many entries first.

    `line` is between the nodes and the services; `clocks` has the seconds by which the clocks of
    some nodes are ahead. With a standby, the database is on two machines more. Many entries are
    published once, for all clusters.
    """
    kept = prepared(entries, partial(_publish, entries)) if entries > _MANY else None
    with ExitStack() as stack:
        it = stack.enter_context(_built(folder, number, line, kept, has_standby=has_standby))
        stack.enter_context(_entries(it, entries, kept))
        for at, one in enumerate(it.nodes, start=1):
            if are_disks_small:
                stack.enter_context(_disk(one.folder))
            if clocks and at in clocks:
                one.set_clock(clocks[at])
            if kept:
                copy(kept / "feeds", one.feeds)
        if kept:
            it.drop()  # is on all nodes once the first run is over
        stack.enter_context(_serving(it, entries))
        yield it


@contextmanager
def _built(
    folder: Path, number: int, line: Line | None, kept: Path | None, *, has_standby: bool
) -> Iterator[Cluster]:
    """Build the network of a cluster, with what its nodes need."""
    with ExitStack() as stack:
        net = stack.enter_context(network(number + 2 * has_standby))
        own = stack.enter_context(services(net.services, folder, line, kept))
        pair = None
        if has_standby:
            pair = stack.enter_context(databases(net.services, net.machines[number:]))
        nodes = [
            Node(machine=machine, folder=folder / f"web{at}")
            for at, machine in enumerate(net.machines[:number], start=1)
        ]
        yield Cluster(
            network=net,
            services=own,
            nodes=nodes,
            entries=folder / "entries",
            reader=Reader(place=net.services, nodes=nodes),
            notices=Notices(received=own.received),
            databases=pair,
        )


@contextmanager
def _entries(it: Cluster, number: int, kept: Path | None) -> Iterator[None]:
    """Let a cluster have so many entries."""
    if kept:
        it.take_for_dropped(number)
        with laid_over(kept / "entries", it.entries):
            yield
        return
    it.entries.mkdir()
    for at in range(number):
        it.drop(date=f"{_OLD + timedelta(minutes=at):%FT%TZ}")
    yield


@contextmanager
def _serving(it: Cluster, entries: int) -> Iterator[None]:
    """Start the nodes, and wait until all show the newest entry."""
    own = it.services
    ledger = it.databases.ledger if it.databases else own.pooled
    with ExitStack() as stack:
        for one in it.nodes:
            one.configure(ledger, own.endpoint, own.receiver, it.nodes)
            stack.callback(one.lose_power)
        stack.enter_context(it.reader)
        for one in it.nodes:
            one.start()
        missing = it.wait(it.published[-1], it.nodes, _STARTS_WITHIN + entries / 10)
        assert not missing, "\n".join([*missing, *(one.printed() for one in it.nodes)])
        it.reader.silences.clear()  # before they served
        it.standing.clear()  # these stay
        yield


def _publish(entries: int, folder: Path) -> None:
    """Publish so many entries on one node, and leave in a folder what it made of them."""
    with _built(folder, 1, None, None, has_standby=False) as it:
        with _entries(it, entries, None), _serving(it, entries):
            it.nodes[0].stop()
        it.services.database.say("CHECKPOINT")
        it.services.database.stop()
        it.services.database.keep(folder / "database")
    (folder / "web1/feeds").rename(folder / "feeds")
    (folder / "seaweedfs/data").rename(folder / "objects")


@contextmanager
def _disk(folder: Path) -> Iterator[None]:
    """Give a folder a small disk of its own."""
    folder.mkdir()
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={_DISK}", "none", folder],
        check=True,
        capture_output=True,
    )
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=False, capture_output=True)
