"""Measures five nodes over PostgreSQL, PgBouncer and SeaweedFS, in namespaces of one machine.

First, how long it takes until a dropped entry is on all nodes, and how late embargoes are: clocks
of two nodes are a minute apart. Then failures of the node that leads, one after another, of a kind
and at a moment chosen by chance: until news that was dropped during each is on all the nodes that
it left alone. Then the database and the store are away, for `--outage` seconds each. Last, how
long an empty node takes. Readers ask all nodes all the time, and each promise that they see broken
is counted. Needs root, and what `tests/outside/install` brings.

Runs add up (`python -m bench.failing_report`), and with `--record` they are kept in the repository
(`bench.runs`). The failures of a run are numbered, and each depends on the seed and its number
alone: `--first` repeats one. With `--at-once`, several clusters share the failures, in processes of
their own, and the outages; the first also does the rest.
    python -m bench.failing --failures 100 --entries 1000 --seed 1
"""

from __future__ import annotations

import argparse
import fcntl
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import monotonic, sleep
from typing import NoReturn

from bench import failing_report, runs
from bench.results import RESULTS, Line, Results
from cluster.failures import FAILURES, NEEDS_SMALL_DISKS, OUTAGES, Recovery, outage, recovery
from cluster.line import Line as NetworkLine
from cluster.nodes import Node
from cluster.readers import get
from cluster.running import Cluster, cluster
from support.serving import until

_EMBARGO = 5  # seconds from the drop
_PATIENCE = 900.0  # seconds: three times the bound of an empty node
_SWEPT_EVERY = 20  # failures
_MANY = 10_000  # entries, of whose documents a sweep lists more than are swept
_CLOCKS = {1: 30, 2: -30}  # seconds
_HOPELESS = 3
_STOPPED = 130  # as shells say of a program that SIGINT ended


def main() -> int:
    """Measure, and return 1 if a promise was broken."""
    chosen = chosen_of()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    if chosen.at_once > 1 and not chosen.share:
        return _at_once(chosen.at_once)
    run = _Run(chosen, Results("failing", {}, chosen.results))
    code = 0
    try:
        with tempfile.TemporaryDirectory() as folder, _cluster(chosen, Path(folder)) as it:
            run.measure(it)
    except KeyboardInterrupt:
        code = _STOPPED
    return code or int(run.faults > 0)


def _interrupt(*_: object) -> NoReturn:
    """End, once: what was measured is kept, and all that runs is ended."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _at_once(number: int) -> int:
    """Run so many clusters at once; return the exit code of one that failed."""
    command = [sys.executable, "-m", "bench.failing", *sys.argv[1:], "--share"]
    running = [subprocess.Popen([*command, f"{at}"]) for at in range(1, number + 1)]
    try:
        return max(one.wait() for one in running)
    except KeyboardInterrupt:
        for one in running:
            one.terminate()  # a terminal has interrupted them already, `kill` has not
        return max(_STOPPED, *(one.wait() for one in running))


def _take_share(chosen: argparse.Namespace) -> None:
    """Leave a cluster its share of the failures and outages, and all but the first nothing else."""
    each = -(-chosen.failures // chosen.at_once)
    before = each * (chosen.share - 1)
    chosen.first += before
    chosen.failures = max(0, min(each, chosen.failures - before))
    chosen.outages = chosen.outages[chosen.share - 1 :: chosen.at_once]
    if chosen.share > 1:
        chosen.drops = chosen.embargoes = chosen.empty = 0


def _processors() -> tuple[int, int]:
    """Return how long the processors were busy, and how long they were there (proc_stat(5))."""
    first = Path("/proc/stat").read_text("ascii").partition("\n")[0]
    user, nice, system, idle, wait, irq, softirq, steal = map(int, first.split()[1:9])
    busy = user + nice + system + irq + softirq + steal
    return busy, busy + idle + wait


def chosen_of(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Return what the command line chooses, of one cluster of several its share."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--failures", type=int, default=20)
    options.add_argument("--entries", type=int, default=1000, help="how many are there before")
    options.add_argument("--drops", type=int, default=50)
    options.add_argument("--embargoes", type=int, default=10)
    options.add_argument("--outage", type=float, default=0, help="seconds of each; 0 for none")
    options.add_argument("--empty", type=int, default=1, help="how many empty nodes")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--first", type=int, default=1, help="number of the first failure")
    options.add_argument("--only", choices=sorted(FAILURES | NEEDS_SMALL_DISKS))
    options.add_argument("--delay", type=float, default=0, help="of the network, in seconds")
    options.add_argument("--loss", type=float, default=0, help="share of packets")
    options.add_argument("--at-once", type=int, default=1, help="how many clusters")
    options.add_argument("--share", type=int, default=0, help=argparse.SUPPRESS)
    options.add_argument("--results", type=Path, default=RESULTS)
    options.add_argument("--record", action="store_true", help="keep the run in docs/runs/")
    options.set_defaults(outages=[*OUTAGES])
    chosen = options.parse_args(words)
    if chosen.share:
        _take_share(chosen)
    return chosen


def _cluster(chosen: argparse.Namespace, folder: Path) -> AbstractContextManager[Cluster]:
    has_line = chosen.delay or chosen.loss
    return cluster(
        folder,
        entries=chosen.entries,
        line=NetworkLine(delay=chosen.delay, loss=chosen.loss) if has_line else None,
        are_disks_small=chosen.only in NEEDS_SMALL_DISKS,
        clocks=_CLOCKS,
    )


class _Run:
    """One run: how many failures are `done`, and how many `faults` were found.

    A step that goes wrong ends that step alone, until as many failures as `_HOPELESS` in a row were
    not overcome.
    """

    def __init__(self, chosen: argparse.Namespace, results: Results) -> None:
        self._chosen = chosen
        self._results = results
        self._lines: list[Line] = []
        self._broken: list[str] = []
        self._began, self._load = monotonic(), os.getloadavg()[0]
        self._last = chosen.first - 1  # the number of the latest failure
        self._lasting = 0  # failures in a row that were not overcome
        self.done = self.faults = 0

    def measure(self, it: Cluster) -> None:
        """Measure everything; what was measured is kept, whatever ends it."""
        began, used = monotonic(), _processors()
        print(f"The cluster serves after {began - self._began:.0f} s.", file=sys.stderr)
        try:
            for where, step in self._steps(it):
                self._try(it, where, step)
                if self._lasting >= _HOPELESS:
                    break
        finally:
            self._add("requests of readers", None, answers=it.reader.answers)
            busy, every = (now - old for now, old in zip(_processors(), used, strict=True))
            print(
                f"seed {self._chosen.seed}: {self.done} failures in {monotonic() - began:.0f} s, "
                f"processors busy {busy / every:.0%}, {self.faults} promises broken"
            )
            if self._chosen.record and self.done:
                self._record(monotonic() - began, busy=round(busy / every, 2))

    def _steps(self, it: Cluster) -> Iterator[tuple[str, Callable[[], None]]]:
        """Yield each step, and where it is in the run."""
        chosen = self._chosen
        yield "first", lambda: self._state_use(it, "first")
        yield "drops", lambda: self._time("drop to all nodes", drops(it, chosen.drops))
        yield (
            "embargoes",
            lambda: self._time("embargo on all nodes", embargoes(it, chosen.embargoes)),
        )
        yield "before failures", lambda: self._look(it, "before failures", it.reader.faults)
        for number in range(chosen.first, chosen.first + chosen.failures):
            yield f"failure {number}", partial(self._fail, it, number)
        for name in chosen.outages if chosen.outage else ():
            yield name, partial(self._take_away, it, name)
        yield "last", lambda: self._state_use(it, "last")
        for _ in range(chosen.empty):
            yield "empty node", lambda: self._empty(it)
        yield (
            "in all",
            lambda: self._look(it, "in all", [*it.notices.faults(), *self._repeated(it)]),
        )

    def _try(self, it: Cluster, where: str, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception as error:  # noqa: BLE001 - a run of an hour goes on
            traceback.print_exc()
            self._look(it, where, [f"{type(error).__name__}: {error}"])

    def _time(self, what: str, found: Iterator[float]) -> None:
        for seconds in found:
            self._add(what, seconds)

    def _take_away(self, it: Cluster, name: str) -> None:
        self._note(it, name, outage(it, name, self._chosen.outage))

    def _empty(self, it: Cluster) -> None:
        for what, seconds in empty_node(it):
            self._add(what, seconds)

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
        except Exception as error:  # noqa: BLE001 - it is one of many
            found = Recovery(
                failure=name, seconds=None, faults=[f"{type(error).__name__}: {error}"]
            )
        self._last = number
        self._lasting = self._lasting + 1 if found.seconds is None else 0
        self._note(it, f"failure {number}", found)
        if number % _SWEPT_EVERY == 0 and self._chosen.entries <= _MANY:
            it.leader().command("store", "sweep")

    def _note(self, it: Cluster, where: str, found: Recovery) -> None:
        self.done += 1
        self._add(found.failure, found.seconds, faults=len(found.faults))
        self._look(it, f"{where}, {found.failure}", found.faults)

    def _look(self, it: Cluster, where: str, faults: Sequence[str]) -> None:
        """Print each broken promise, with what repeats it."""
        self.faults += len(faults)
        for fault in faults:
            self._broken.append(f"{where}: {fault}")
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
        rounded = None if seconds is None else round(seconds, 3)
        self._lines.append({"what": what, "seconds": rounded, **figures})

    def _record(self, seconds: float, *, busy: float) -> None:
        """Keep the run in the repository; other clusters may end at the same moment.

        `busy` is the share of the processors' time, with whatever else ran on the machine. The
        load that is kept is of the minute before.
        """
        chosen = self._chosen
        requests = sum(float(one.get("answers") or 0) for one in self._lines)
        numbers = f", failures {chosen.first} to {self._last}" if chosen.failures else ""
        with Path(__file__).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            runs.record(
                failing_report.RUNS,
                seeds=f"{chosen.seed}{numbers}",
                figures={"hours": seconds / 3600, "faults": self.done, "requests": requests},
                broken=self._broken,
                entries=chosen.entries,
                delay=chosen.delay,
                loss=chosen.loss,
                at_once=chosen.at_once,
                load=round(self._load, 1),
                busy=busy,
                lines=self._lines,
            )
            failing_report.write_section()


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


def empty_node(it: Cluster) -> list[tuple[str, float | None]]:
    """Return how long a node with empty folders takes until it has feeds, and everything.

    None is longer than anybody waits here.
    """
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
        if monotonic() > began + _PATIENCE:
            return [("empty node: feeds", feeds), ("empty node: everything", None)]
        sleep(0.1)
    return [("empty node: feeds", feeds), ("empty node: everything", monotonic() - began)]


def _has(it: Cluster, node: Node, path: str) -> bool:
    try:
        return it.network.services.inside(lambda: get(node, path, {})).status == 200
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main())
