"""Measures five nodes over PostgreSQL, PgBouncer and SeaweedFS, in namespaces of one machine.

First, how long it takes until a dropped entry is on all nodes, and how late embargoes are: clocks
of two nodes are a minute apart. Then failures of the node that leads, one after another, of a kind
and at a moment chosen by chance: until news that was dropped during each is on all the nodes that
it left alone. Then the database and the store are away, for `--outage` seconds each. Last, how
long an empty node takes. Readers ask all nodes all the time, and each promise that they see broken
is counted. Needs root, and what `tests/outside/install` brings.

Runs add up (`python -m bench.failing_report`). The failures of a run are numbered, and each
depends on the seed and its number alone: `--first` repeats one.
    python -m bench.failing --failures 100 --entries 1000 --seed 1
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep

from bench.results import RESULTS, Results
from cluster.failures import FAILURES, NEEDS_SMALL_DISKS, OUTAGES, Recovery, outage, recovery
from cluster.line import Line
from cluster.nodes import Node
from cluster.readers import get
from cluster.running import Cluster, cluster
from support.serving import until

_EMBARGO = 5  # seconds from the drop
_PATIENCE = 300.0
_SWEPT_EVERY = 20  # failures
_CLOCKS = {1: 30, 2: -30}  # seconds
_STOPPED = 130  # as shells say of a program that SIGINT ended


def main() -> int:
    """Measure, and return 1 if a promise was broken."""
    chosen = _chosen()
    run = _Run(chosen, Results("failing", {}, chosen.results))
    code = 0
    try:
        with tempfile.TemporaryDirectory() as folder, _cluster(chosen, Path(folder)) as it:
            run.measure(it)
    except KeyboardInterrupt:
        code = _STOPPED
    print(f"seed {chosen.seed}: {run.done} failures, {run.faults} promises broken")
    return code or int(run.faults > 0)


def _chosen() -> argparse.Namespace:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--failures", type=int, default=20)
    options.add_argument("--entries", type=int, default=1000, help="how many are there before")
    options.add_argument("--drops", type=int, default=50)
    options.add_argument("--embargoes", type=int, default=10)
    options.add_argument("--outage", type=float, default=0, help="seconds of each; 0 for none")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--first", type=int, default=1, help="number of the first failure")
    options.add_argument("--only", choices=sorted(FAILURES | NEEDS_SMALL_DISKS))
    options.add_argument("--delay", type=float, default=0, help="of the network, in seconds")
    options.add_argument("--loss", type=float, default=0, help="share of packets")
    options.add_argument("--results", type=Path, default=RESULTS)
    return options.parse_args()


def _cluster(chosen: argparse.Namespace, folder: Path) -> AbstractContextManager[Cluster]:
    has_line = chosen.delay or chosen.loss
    return cluster(
        folder,
        entries=chosen.entries,
        line=Line(delay=chosen.delay, loss=chosen.loss) if has_line else None,
        are_disks_small=chosen.only in NEEDS_SMALL_DISKS,
        clocks=_CLOCKS,
    )


class _Run:
    """One run: how many failures are `done`, and how many `faults` were found."""

    def __init__(self, chosen: argparse.Namespace, results: Results) -> None:
        self._chosen = chosen
        self._results = results
        self.done = self.faults = 0

    def measure(self, it: Cluster) -> None:
        """Measure everything."""
        self._state_use(it, "first")
        for seconds in drops(it, self._chosen.drops):
            self._add("drop to all nodes", seconds)
        for seconds in embargoes(it, self._chosen.embargoes):
            self._add("embargo on all nodes", seconds)
        self._look(it, "before failures", it.reader.faults)
        first = self._chosen.first
        for number in range(first, first + self._chosen.failures):
            self._fail(it, number)
        for name in OUTAGES if self._chosen.outage else ():
            self._note(it, name, outage(it, name, self._chosen.outage))
        self._state_use(it, "last")
        for what, seconds in empty_node(it):
            self._add(what, seconds)
        self._look(it, "in all", [*it.notices.faults(), *self._repeated(it)])
        self._add("requests of readers", None, answers=it.reader.answers)

    def _repeated(self, it: Cluster) -> Iterator[str]:
        """Yield a fault if the hub was notified more often than it had to be.

        A publisher that is killed while it notifies sends once more.
        """
        generation, pings = it.report()["generation"], it.notices.pings("news.json")
        if pings > generation + self.done:
            yield f"the hub was notified {pings} times of {generation} editions"

    def _fail(self, it: Cluster, number: int) -> None:
        """Let the failure with a number happen."""
        chance = random.Random(f"{self._chosen.seed} {number}")  # noqa: S311 - repeatable
        name = self._chosen.only or chance.choice(sorted(FAILURES))
        try:
            found = recovery(it, name, chance)
        except AssertionError as error:
            found = Recovery(failure=name, seconds=None, faults=[str(error)])
        self._note(it, f"failure {number}", found)
        if number % _SWEPT_EVERY == 0:
            it.leader().command("store", "sweep")

    def _note(self, it: Cluster, where: str, found: Recovery) -> None:
        self.done += 1
        self._add(found.failure, found.seconds, faults=len(found.faults))
        self._look(it, f"{where}, {found.failure}", found.faults)

    def _look(self, it: Cluster, where: str, faults: Sequence[str]) -> None:
        """Print each broken promise, with what repeats it."""
        self.faults += len(faults)
        for fault in faults:
            print(f"BROKEN (seed {self._chosen.seed}, {where}): {fault}", file=sys.stderr)
        it.reader.faults.clear()

    def _state_use(self, it: Cluster, when: str) -> None:
        """State the memory and the open files of the node that has most of each."""
        used = [one.used() for one in it.nodes]
        memory, files = (max(some) for some in zip(*used, strict=True))
        self._add(f"use of a node, {when}", None, memory=memory, files=files)

    def _add(self, what: str, seconds: float | None, **figures: float) -> None:
        chosen = self._chosen
        about = {"entries": chosen.entries, "seed": chosen.seed, "loss": chosen.loss}
        self._results.add(what=what, seconds=seconds, **figures, **about, delay=chosen.delay)


def drops(it: Cluster, number: int) -> Iterator[float]:
    """Yield after how many seconds each of some entries was on the last of the nodes."""
    for _ in range(number):
        title, began = it.drop()
        assert not it.wait(title, it.nodes)
        yield max(it.reader.delays(title, began).values())


def embargoes(it: Cluster, number: int) -> Iterator[float]:
    """Yield how late the last of the nodes showed each of some embargoed entries, in seconds."""
    for _ in range(number):
        title, due = it.embargo(_EMBARGO)
        assert not it.wait(title, it.nodes)
        ago = (datetime.now(UTC) - due).total_seconds()
        yield max(it.reader.delays(title, monotonic() - ago).values())


def empty_node(it: Cluster) -> list[tuple[str, float]]:
    """Return how long a node with empty folders takes until it has feeds, and everything."""
    leader = it.leader()
    node = it.others(leader)[0]
    node.lose_power()
    for folder in ("feeds", "state"):
        shutil.rmtree(node.folder / folder)
    began = monotonic()
    node.start()
    assert until(lambda: _has(it, node, "news.atom"), _PATIENCE)
    feeds = monotonic() - began
    whole = {one.relative_to(leader.feeds) for one in leader.feeds.rglob("*.html")}
    while not all((node.feeds / path).exists() for path in whole):
        assert monotonic() < began + _PATIENCE
        sleep(0.1)
    return [("empty node: feeds", feeds), ("empty node: everything", monotonic() - began)]


def _has(it: Cluster, node: Node, path: str) -> bool:
    try:
        return it.network.services.inside(lambda: get(node, path, {})).status == 200
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main())
