"""A running cluster: its nodes, what they share, what staff do, and what readers see."""

from __future__ import annotations

import http.client
import json
import random
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from cluster.line import Line
from cluster.network import Network, network
from cluster.nodes import Node
from cluster.notices import Notices
from cluster.patroni import Pair, databases
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
        made = self.entries.parent / f".{number}.part"
        made.write_text(entry_file(title, **fields), "utf-8")
        made.replace(self._file(title))
        self.published.append(title)
        self.standing.append(title)
        return title, monotonic()

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
    some nodes are ahead. With a standby, the database is on two machines more.
    """
    with ExitStack() as stack:
        net = stack.enter_context(network(number + 2 * has_standby))
        own = stack.enter_context(services(net.services, folder, line))
        pair = None
        if has_standby:
            pair = stack.enter_context(databases(net.services, net.machines[number:]))
        (folder / "entries").mkdir()
        nodes = [
            Node(machine=machine, folder=folder / f"web{at}")
            for at, machine in enumerate(net.machines[:number], start=1)
        ]
        made = Cluster(
            network=net,
            services=own,
            nodes=nodes,
            entries=folder / "entries",
            reader=Reader(place=net.services, nodes=nodes),
            notices=Notices(received=own.received),
            databases=pair,
        )
        for at in range(entries):
            made.drop(date=f"{_OLD + timedelta(minutes=at):%FT%TZ}")
        for at, one in enumerate(nodes, start=1):
            if are_disks_small:
                stack.enter_context(_disk(one.folder))
            if clocks and at in clocks:
                one.set_clock(clocks[at])
            one.configure(pair.ledger if pair else own.pooled, own.endpoint, own.receiver, nodes)
            stack.callback(one.lose_power)
        stack.enter_context(made.reader)
        _start(made, entries)
        made.reader.silences.clear()  # before they served
        made.standing.clear()  # these stay
        yield made


def _start(it: Cluster, entries: int) -> None:
    """Start the nodes, and wait until all show the newest entry.

    Where there are many, the first publishes alone, and the others begin with a copy of what it
    has: to fill each from the store would take minutes.
    """
    first, *others = it.nodes

    def start(some: Sequence[Node]) -> None:
        for one in some:
            one.start()
        missing = it.wait(it.published[-1], some, _STARTS_WITHIN + entries / 10)
        assert not missing, "\n".join([*missing, *(one.printed() for one in some)])

    if entries > _MANY:
        start([first])
        for one in others:
            shutil.copytree(first.feeds, one.feeds)
    start(it.nodes if entries <= _MANY else others)


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
