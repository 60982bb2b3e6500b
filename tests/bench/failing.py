"""Measures five nodes over PostgreSQL, PgBouncer and SeaweedFS, in namespaces of one machine.

First, how long it takes until a dropped entry is on all nodes, and how late embargoes are. Then
failures of the node that leads, one after another, of a kind and at a moment chosen by chance:
until news that was dropped during each is on all the nodes that it left alone. Last, how long an
empty node takes. Readers ask all nodes all the time, and each promise that they see broken is
counted. Needs root, and what `tests/outside/install` brings.
    python -m bench.failing --failures 100 --entries 1000 --seed 1
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep, time

from bench.results import Results
from cluster.failures import FAILURES, Cluster, cluster, recovery
from cluster.readers import get
from support.serving import until

_EMBARGO = 5  # seconds from the drop
_PATIENCE = 300.0


def main() -> int:
    """Measure, and return 1 if a promise was broken."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--failures", type=int, default=20)
    options.add_argument("--entries", type=int, default=1000, help="how many are there before")
    options.add_argument("--drops", type=int, default=50)
    options.add_argument("--embargoes", type=int, default=10)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    results = Results("failing", {})
    faults = 0
    with (
        tempfile.TemporaryDirectory() as folder,
        cluster(Path(folder), entries=chosen.entries) as it,
    ):
        about = {"entries": chosen.entries, "seed": chosen.seed}
        for seconds in drops(it, chosen.drops):
            results.add(what="drop to all nodes", seconds=seconds, **about)
        for seconds in embargoes(it, chosen.embargoes):
            results.add(what="embargo on all nodes", seconds=seconds, **about)
        chance = random.Random(chosen.seed)  # noqa: S311 - repeatable
        for _ in range(chosen.failures):
            found = recovery(it, chance.choice(sorted(FAILURES)), chance)
            faults += len(found.faults)
            results.add(
                what=found.failure, seconds=found.seconds, faults=len(found.faults), **about
            )
            for fault in found.faults:
                print(fault, file=sys.stderr)
        for what, seconds in empty_node(it):
            results.add(what=what, seconds=seconds, **about)
        results.add(what="requests of readers", seconds=None, answers=it.reader.answers, **about)
        faults += len(it.reader.faults)
    print(f"{faults} promises broken")
    return int(faults > 0)


def drops(it: Cluster, number: int) -> list[float]:
    """Return after how many seconds each of some entries was on the last of the nodes."""
    found = []
    for _ in range(number):
        title, began = it.drop()
        assert not it.wait(title, it.nodes)
        found.append(max(it.reader.delays(title, began).values()))
    return found


def embargoes(it: Cluster, number: int) -> list[float]:
    """Return how late the last of the nodes showed each of some embargoed entries, in seconds."""
    found = []
    for _ in range(number):
        due = (datetime.now(UTC) + timedelta(seconds=_EMBARGO)).replace(microsecond=0)
        title, _ = it.drop(date=f"{due:%FT%TZ}")
        assert not it.wait(title, it.nodes)
        ago = time() - due.timestamp()
        delays = it.reader.delays(title, monotonic() - ago)
        assert min(delays.values()) >= 0, "an embargo was broken"
        found.append(max(delays.values()))
    return found


def empty_node(it: Cluster) -> list[tuple[str, float]]:
    """Return how long a node with empty folders takes until it has feeds, and everything."""
    node = it.others(it.leader())[0]
    node.lose_power()
    for folder in ("feeds", "state"):
        shutil.rmtree(node.folder / folder)
    began = monotonic()
    node.start()

    def has(path: str) -> bool:
        try:
            status, _, _ = it.network.services.inside(lambda: get(node, path, {}))
        except OSError:
            return False
        return status == 200

    assert until(lambda: has("news.atom"), _PATIENCE)
    feeds = monotonic() - began
    whole = {one.relative_to(it.leader().feeds) for one in it.leader().feeds.rglob("*.html")}
    while not all((node.feeds / path).exists() for path in whole):
        assert monotonic() < began + _PATIENCE
        sleep(0.1)
    return [("empty node: feeds", feeds), ("empty node: everything", monotonic() - began)]


if __name__ == "__main__":
    sys.exit(main())
