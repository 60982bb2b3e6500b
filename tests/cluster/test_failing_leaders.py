"""Five nodes publish one newsroom's entries, over PostgreSQL and SeaweedFS, whatever fails."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import time

import pytest

from cluster.failures import FAILURES, Cluster, cluster, recovery
from cluster.readers import get
from outside import buckets, postgresql
from outside.programs import missing
from support.serving import until

pytestmark = pytest.mark.outside
_SECRETS = (postgresql.PASSWORD, buckets.WRITER.secret)


@pytest.fixture(scope="module")
def five(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Yield five nodes that serve."""
    if sentence := missing():
        pytest.fail(sentence, pytrace=False)
    with cluster(tmp_path_factory.mktemp("cluster")) as made:
        yield made


def test_one_node_leads_and_all_serve_the_same(five: Cluster) -> None:
    """The same bytes under the same validators, so a 304 of one node is right on another."""
    title, _ = five.drop()
    assert five.wait(title, five.nodes) == []

    def ask() -> list[tuple[int, str, bytes]]:
        return [get(one, "news.atom", {}) for one in five.nodes]

    found = five.network.services.inside(ask)
    assert len({(tag, data) for _, tag, data in found}) == 1
    assert len({one.report()["leader"] for one in five.nodes}) == 1
    assert five.reader.faults == []


@pytest.mark.parametrize("name", sorted(FAILURES))
def test_news_arrives_although_the_leader_fails(five: Cluster, name: str) -> None:
    """Nothing is lost, doubled or taken back, and other nodes answer all the time."""
    before = dict(five.reader.silences)
    node = five.leader()

    found = recovery(five, name, random.Random(name))  # noqa: S311 - repeatable

    assert found.faults == []
    others = {one.name for one in five.others(node)}
    silent = {one: number for one, number in five.reader.silences.items() if one in others}
    assert silent == {one: before[one] for one in silent}


def test_epochs_and_generations_rise(five: Cluster) -> None:
    """With each change of the leader."""
    before = five.leader().report()

    five.leader().command("cluster", "step-down")
    assert until(lambda: five.nodes[0].report()["epoch"] > before["epoch"])
    title, _ = five.drop()
    assert five.wait(title, five.nodes) == []
    assert five.nodes[0].report()["generation"] > before["generation"]


def test_an_embargo_ends_on_all_nodes_by_the_clock_of_the_database(five: Cluster) -> None:
    """Although the clock of the node that publishes is a minute fast."""
    node = five.leader()
    node.lose_power()
    library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    # The monotonic clock goes on, as where somebody sets a clock.
    fast = {"FAKETIME": "+60s", "FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1"}
    node.variables |= {"LD_PRELOAD": str(library), **fast}
    node.start()

    def leads() -> bool:
        found = five.leader()
        if found is not node:
            found.command("cluster", "step-down")
        return found is node

    assert until(leads, 90)
    due = (datetime.now(UTC) + timedelta(seconds=5)).replace(microsecond=0)
    title, dropped = five.drop(date=f"{due:%FT%TZ}")
    left = due.timestamp() - time()

    assert five.wait(title, five.nodes) == []
    assert min(five.reader.delays(title, dropped + left).values()) >= 0
    clocks = {one["name"]: one["clock"] for one in five.nodes[0].report()["nodes"]}
    assert clocks[node.name] > 50


def test_secrets_are_nowhere(five: Cluster) -> None:
    """Neither in messages, nor in files, nor in the list of processes."""
    listed = subprocess.run(["ps", "-eww", "-o", "args"], capture_output=True, check=True).stdout
    files = [one for one in five.entries.parent.glob("web*/**/*") if one.is_file()]
    found = [listed, *(one.read_bytes() for one in files)]

    assert len(files) > 100
    assert not [one for one in found for secret in _SECRETS if secret.encode() in one]


def test_an_empty_node_never_says_that_something_is_not_there(five: Cluster) -> None:
    """What it has not yet is answered with 503, never with 404 or 410."""
    node = five.others(five.leader())[0]
    node.lose_power()
    for folder in ("feeds", "state"):
        shutil.rmtree(node.folder / folder)
    answers: Counter[int] = Counter()

    def ask() -> bool:
        with suppress(OSError):
            status, _, _ = five.network.services.inside(lambda: get(node, "sitemap.xml", {}))
            answers[status] += 1
        return answers[200] > 0

    node.start()
    assert until(ask, 40), node.printed()
    assert answers.keys() <= {200, 503}
