"""Five nodes publish one newsroom's entries, over PostgreSQL and SeaweedFS, whatever fails."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from time import time

import pytest
import sqlalchemy as sa

from cluster.failures import (
    FAILURES,
    NEEDS_SMALL_DISKS,
    OUTAGES,
    follower_disk_full,
    outage,
    recovery,
)
from cluster.line import Line
from cluster.nodes import AFTER, SITE
from cluster.promises import Answer
from cluster.readers import get
from cluster.running import LIMIT, Cluster, cluster
from cluster.subscribing import proven, subscribing
from dateline.ledger.session import open_session
from dateline.ledger.tables import delivery
from dateline.system.condition import DELIVERY
from outside import buckets, postgresql
from outside.programs import missing
from support.serving import until

pytestmark = pytest.mark.outside
PROOFS = {one.value for one in DELIVERY}
_SECRETS = (postgresql.PASSWORD, buckets.WRITER.secret)


# What happens to clusters most often; test-release runs the others.
OFTEN = {"power off", "cut off", "disk full", "ledger-away"}


@pytest.fixture(scope="module")
def line() -> Line:
    """Return the line between the nodes and the services."""
    return Line()


@pytest.fixture(scope="module")
def five(tmp_path_factory: pytest.TempPathFactory, line: Line) -> Iterator[Cluster]:
    """Yield five nodes that serve."""
    if sentence := missing():
        pytest.fail(sentence, pytrace=False)
    folder = tmp_path_factory.mktemp("cluster")
    with cluster(folder, line=line, are_disks_small=True) as made:
        yield made


def test_one_node_leads_and_all_serve_the_same(five: Cluster) -> None:
    """The same bytes under the same validators, so a 304 of one node is right on another."""
    title, _ = five.drop()
    assert five.wait(title, five.nodes) == []

    def ask() -> list[Answer]:
        return [get(one, "news.atom", {}) for one in five.nodes]

    assert len({*five.network.services.inside(ask)}) == 1
    assert len({five.report([one])["leader"] for one in five.nodes}) == 1
    assert five.reader.faults == []


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(one, marks=() if one in OFTEN else pytest.mark.release)
        for one in sorted(FAILURES | NEEDS_SMALL_DISKS)
    ],
)
def test_news_arrives_although_the_leader_fails(five: Cluster, name: str) -> None:
    """Nothing is lost, doubled or taken back, and other nodes answer all the time."""
    before = dict(five.reader.silences)
    node = five.leader()

    found = recovery(five, name, random.Random(name))  # noqa: S311 - repeatable

    assert found.faults == []
    others = {one.name for one in five.others(node)}
    silent = {one: number for one, number in five.reader.silences.items() if one in others}
    assert silent == {one: before[one] for one in silent}


@pytest.mark.release
def test_a_leader_without_its_store_is_followed_where_publishers_were_killed(five: Cluster) -> None:
    """All other nodes have let others try, and may lead again."""
    for name in ["publisher killed"] * 4 + ["no store"]:
        assert recovery(five, name, random.Random(name)).faults == []  # noqa: S311 - repeatable


@pytest.mark.parametrize(
    "name",
    [pytest.param(one, marks=() if one in OFTEN else pytest.mark.release) for one in OUTAGES],
)
def test_readers_notice_nothing_of_an_outage(five: Cluster, name: str) -> None:
    """Each node reports it, one alarm begins and ends, and the news of that time comes then."""
    assert outage(five, name, AFTER).faults == []


def test_a_follower_whose_disk_is_full_goes_on_with_what_it_has(five: Cluster) -> None:
    """It reports that, and follows again when there is room."""
    assert follower_disk_full(five) == []


def test_news_arrives_over_a_bad_line(five: Cluster, line: Line) -> None:
    """Packets to the database and the store are late or lost, and connections end."""
    line.delay, line.loss, line.cuts = 0.03, 0.01, 0.0005
    try:
        missing = [name for _ in range(3) for name in five.wait(five.drop()[0], five.nodes)]
    finally:
        line.delay = line.loss = line.cuts = 0.0

    assert (missing, five.reader.faults) == ([], [])


def test_epochs_and_generations_rise(five: Cluster) -> None:
    """With each change of the leader."""
    before = five.report()

    five.leader().command("cluster", "step-down")
    assert until(lambda: five.report()["epoch"] > before["epoch"], LIMIT)
    title, _ = five.drop()
    assert five.wait(title, five.nodes) == []
    assert five.report()["generation"] > before["generation"]


def test_an_embargo_ends_on_all_nodes_by_the_clock_of_the_database(five: Cluster) -> None:
    """Although the clock of the node that publishes is a minute fast."""
    node = five.leader()
    node.lose_power()
    node.set_clock(60)
    node.start()

    with ExitStack() as cut:
        for one in five.others(node):
            cut.callback(one.machine.heal)
            one.machine.cut(*five.services.database_ports)
        assert until(lambda: five.leader() is node, LIMIT), node.printed()
    title, _ = five.embargo(5)

    assert five.wait(title, five.nodes) == []
    assert five.reader.faults == []  # it was not early
    clocks = {one["name"]: one["clock"] for one in five.report()["nodes"]}
    assert clocks[node.name] > 50


def test_the_hub_and_the_proof_go_on_with_the_next_leader(five: Cluster) -> None:
    """Every node takes requests; no subscription, no news and no signature is lost."""
    with proven(five), subscribing(five) as own:
        alarms = len(five.notices.alarms())
        node = five.leader()
        others = five.others(node)
        asked = {"leader": node.url, "follower": others[0].url, "public": SITE}
        answers = {name: own.subscribe(name, url).status_code for name, url in asked.items()}
        assert answers == dict.fromkeys(asked, 202)
        assert until(lambda: len(own.own.questions()) == len(asked))
        title, _ = five.drop()
        assert until(lambda: not own.lack([title]), LIMIT)
        node.lose_power()
        refused = own.subscribe("nobody", others[0].url)
        began = time()
        late, _ = five.drop()
        assert until(lambda: not own.lack([title, late]), LIMIT), own.lack([title, late])
        node.start()
        assert until(lambda: pushed(five, began) == len(asked), LIMIT)

        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
        assert own.wrongly_signed() == []
        begun = [one for one in five.notices.alarms()[alarms:] if one.code in PROOFS]
        assert len([one for one in begun if not one.is_over]) <= 1
        assert five.wait(late, five.nodes) == []


def pushed(it: Cluster, since: float) -> int:
    """Return to how many subscribers an entry was pushed that reached the public address since."""
    noted = sa.select(sa.func.max(delivery.c.pushed)).where(
        delivery.c.noted >= int(since * 1000), delivery.c.reached.is_not(None)
    )
    with closing(open_session(it.services.database.url)) as session:
        return session.scalar(noted) or 0


def test_each_alarm_begins_and_ends_once(five: Cluster) -> None:
    """After all these failures."""
    assert five.notices.faults() == []


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
            answer = five.network.services.inside(lambda: get(node, "sitemap.xml", {}))
            answers[answer.status] += 1
        return answers[200] > 0

    node.start()
    assert until(ask, LIMIT), node.printed()
    assert answers.keys() <= {200, 503}
