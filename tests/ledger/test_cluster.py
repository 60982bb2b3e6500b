"""One node of a cluster leads at a time, and only what it commits counts."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa

from dateline.config import ClusterSettings
from dateline.errors import LeadershipError
from dateline.ledger import Ledger, migrations, session
from dateline.ledger.cluster import status
from dateline.ledger.cluster.leadership import (
    Fence,
    Leadership,
    current,
    leadership,
    lease,
    node,
    node_store,
    note_store,
    present,
    refuse,
)
from dateline.ledger.cluster.membership import _RAISE, ClusterMember
from dateline.ledger.engine import engine_at
from dateline.ledger.session import open_session
from support.serving import until

LEASE = 4


@dataclass
class Times:
    """The database's clock, and the monotonic one of every node, in seconds."""

    database: float = 1_764_000_000.0
    monotonic: float = 100.0

    def pass_by(self, seconds: float) -> None:
        """Let both clocks go on."""
        self.database += seconds
        self.monotonic += seconds


@dataclass
class Room:
    """Nodes that share a ledger, whose clock the test sets."""

    url: str
    times: Times = field(default_factory=Times)
    served: dict[str, int] = field(default_factory=dict)

    def node(self, name: str, *, lead: bool = True) -> ClusterMember:
        """Return a node, which has not taken a turn yet."""
        settings = ClusterSettings(name=name, lead=lead, lease=LEASE)
        return ClusterMember(
            self.url, settings, lambda: self.served.get(name, 0), lambda: self.times.monotonic
        )

    def epoch(self) -> int:
        """Return the epoch in force."""
        return self.state().epoch

    def state(self) -> Leadership:
        """Return the state of leadership."""
        with closing(open_session(self.url)) as opened:
            return current(opened.connection)

    @contextmanager
    def writing(self, epoch: int) -> Iterator[Ledger]:
        """Open the ledger as a process of an epoch does."""
        session.fence(self.url, Fence(epoch, self.state().holder))
        try:
            with Ledger(self.url) as ledger:
                yield ledger
        finally:
            session.fence(self.url, None)

    def write(self, epoch: int, number: int) -> None:
        """Commit something as a process of an epoch does."""
        with self.writing(epoch) as ledger:
            ledger.state.generation = number
            ledger.commit()


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    """Return a room; its database's clock is the test's, in each connection."""
    made = Room(f"sqlite:///{tmp_path}/ledger.sqlite")

    def set_clock(connection: sa.Connection) -> None:
        raw = connection.connection.driver_connection
        assert raw is not None
        days = lambda _: made.times.database / 86400 + 2440587.5  # noqa: E731
        raw.create_function("julianday", 1, days)

    engine = engine_at(made.url)  # no other place sees each connection
    sa.event.listen(engine, "engine_connect", set_clock)
    yield made
    sa.event.remove(engine, "engine_connect", set_clock)


def test_each_node_notes_its_bucket(room: Room) -> None:
    """Another one is noted at the next turn; what nodes that are gone had is forgotten."""
    first, second = room.node("web1"), room.node("web2")
    first.store, second.store = "s3://news/a", "s3://news/b"
    for _ in range(2):
        for one in (first, second):
            one.turn()
        room.times.pass_by(LEASE / 4)
    before = {one.name: one.store for one in status.read(room.url).nodes}
    second.store = "s3://news/a"
    second.turn()
    after = {one.name: one.store for one in status.read(room.url).nodes}
    with present(room.url) as connection:
        connection.execute(sa.delete(node).where(node.c.name == "web1"))
        note_store(connection, "web2", "")
        left = connection.scalar(sa.select(sa.func.count()).select_from(node_store))

    assert before == {"web1": "s3://news/a", "web2": "s3://news/b"}
    assert after == {"web1": "s3://news/a", "web2": "s3://news/a"}
    assert left == 0


def test_a_cluster_of_an_earlier_release_gets_the_table(room: Room) -> None:
    """Its nodes have no bucket that is known, until each is of this release."""
    room.node("web1").turn()
    with present(room.url) as connection:
        node_store.drop(connection)
        connection.commit()

    room.node("web2").turn()

    assert {one.name: one.store for one in status.read(room.url).nodes} == {"web1": "", "web2": ""}


def test_a_node_reports_at_once_what_it_serves(tmp_path: Path) -> None:
    """And whether it could lead. Purges of caches, and an unable leader, wait for others."""
    url, served = f"sqlite:///{tmp_path}/ledger.sqlite", [1]
    settings = ClusterSettings(name="web1", lead=True, lease=4000)
    member = ClusterMember(url, settings, lambda: served[-1])
    member.start()
    try:
        served.append(2)
        reported = until(lambda: status.read(url).nodes[0].generation == 2)
        member.note_ability(is_able=False)
        is_unable = until(lambda: not _is_able(url))
    finally:
        member.stop()

    assert reported
    assert is_unable


def test_a_fault_of_one_turn_does_not_end_taking_part(tmp_path: Path) -> None:
    """It is logged, and the next turns go on."""
    url = f"sqlite:///{tmp_path}/ledger.sqlite"
    faults: list[str] = []

    def serves() -> int:
        if faults:
            raise RuntimeError(faults.pop())
        return served

    served = 1
    settings = ClusterSettings(name="web1", lead=True, lease=4000)
    member = ClusterMember(url, settings, serves)
    member.start()
    try:
        faults.append("deque mutated during iteration")
        served = 2
        assert until(lambda: status.read(url).nodes[0].generation == 2)
    finally:
        member.stop()

    assert not faults


def _is_able(url: str) -> bool:
    """Return whether the only node has noted that it could lead."""
    with present(url) as connection:
        return connection.scalar(sa.select(node.c.able)) is True


def test_one_node_leads_and_another_takes_over(room: Room) -> None:
    """A second node leads as soon as the lease of the first has expired, with the next epoch."""
    first, second = room.node("web1"), room.node("web2")

    first.turn()
    second.turn()
    before = (first.epoch, second.epoch)
    room.times.pass_by(3.9)
    second.turn()
    early = second.epoch
    room.times.pass_by(0.2)
    second.turn()

    assert before == (1, None)
    assert early is None
    assert (first.epoch, second.epoch) == (None, 2)


def test_a_leader_that_is_not_confirmed_stops_by_itself(room: Room) -> None:
    """Three seconds after its last turn a node of a lease of four knows that it leads no longer."""
    alone = room.node("web1")
    alone.turn()

    room.times.pass_by(2.9)
    still = alone.epoch
    room.times.pass_by(0.2)

    assert (still, alone.epoch) == (1, None)


def test_a_lease_is_renewed(room: Room) -> None:
    """A node that takes its turns keeps its epoch, whatever the others do."""
    first, second = room.node("web1"), room.node("web2")

    for _ in range(10):
        first.turn()
        second.turn()
        room.times.pass_by(1)

    assert (first.epoch, second.epoch) == (1, None)


def test_a_slow_database_does_not_delay_the_next_turn(room: Room) -> None:
    """The pause is between the beginnings of two turns: else the lease ends before the second."""
    settings = ClusterSettings(name="web1", lead=True, lease=LEASE)
    slow = 0.0

    def serves() -> int:
        room.times.pass_by(slow)
        return 1

    node = ClusterMember(room.url, settings, serves, lambda: room.times.monotonic)
    quick = node.turn()
    slow = 0.75
    late = node.turn()
    slow = 1.25

    assert (quick, late, node.turn()) == (1, 0.25, 0)


def test_a_lease_that_was_not_renewed_in_time_is_logged(
    room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    """With what to change, once: nothing else says why news is late."""
    alone = room.node("web1")
    alone.turn()
    room.times.pass_by(3.5)

    alone.turn()
    alone.turn()

    found = [one.getMessage() for one in caplog.records if one.levelname == "WARNING"]
    assert found == [f"This node leads no longer: its lease was not renewed in time. {_RAISE}"]


def test_a_node_that_steps_down_lets_others_come_first(room: Room) -> None:
    """Another node leads at once; the first may lead again after the length of a lease."""
    first, second = room.node("web1"), room.node("web2")
    first.turn()
    with closing(open_session(room.url)) as opened:
        connection = opened.connection
        connection.execute(sa.text("UPDATE lease SET expires = 0"))
        connection.commit()

    first.turn()
    after = first.epoch
    second.turn()

    assert (after, second.epoch) == (None, 2)


def test_a_node_that_ends_steps_down_and_leaves(room: Room) -> None:
    """Another node leads at its next turn, and no row of the first is left."""
    first, second = room.node("web1"), room.node("web2")
    first.start()
    first.stop()

    second.turn()

    assert (first.epoch, second.epoch) == (None, 2)
    with closing(open_session(room.url)) as opened:
        assert opened.scalars(sa.select(node.c.name)).all() == ["web2"]


def test_a_lead_that_is_left_is_taken_before_the_next_turn(tmp_path: Path) -> None:
    """The other node looks whether it was left: its next turn is a quarter of a lease away."""
    url = f"sqlite:///{tmp_path}/ledger.sqlite"

    def member(name: str, *, lead: bool = True) -> ClusterMember:
        return ClusterMember(url, ClusterSettings(name=name, lead=lead, lease=60), lambda: 0)

    first, second, reader = member("web1"), member("web2"), member("web3", lead=False)
    for one in (first, second, reader):
        one.start()
    before = (first.epoch, second.epoch)
    try:
        first.stop()
        has_followed = until(lambda: second.epoch == 2, 10)
    finally:
        second.stop()
        reader.stop()

    assert before == (1, None)
    assert has_followed
    assert reader.epoch is None


def test_a_node_has_figures_of_itself(room: Room) -> None:
    """Whether it leads, the epoch, what it serves, and since when a newer generation exists."""
    one = room.node("web1")
    one.turn()
    room.write(1, number=7)
    one.turn()
    room.times.pass_by(1)
    one.turn()
    behind, ahead = one.figures(), one.ahead
    room.served["web1"] = 7
    one.turn()

    assert behind == {
        "leads": 1,
        "epoch": 1,
        "generation": 0,
        "lag_seconds": 1.0,
        "clock_ahead_seconds": round(ahead, 1),
    }
    assert one.figures()["lag_seconds"] == 0


def test_a_node_that_only_serves_never_leads(room: Room) -> None:
    """With `lead = false` it takes turns, and claims nothing."""
    reader = room.node("web1", lead=False)

    reader.turn()

    assert (reader.epoch, room.epoch()) == (None, 0)


def test_a_node_that_cannot_publish_leaves_the_lead_to_one_that_can(room: Room) -> None:
    """After half a second with a lease of four; where nobody can, it goes on."""
    first, second, third = room.node("web1"), room.node("web2"), room.node("web3", lead=False)
    first.turn()
    second.note_ability(is_able=False)
    first.note_ability(is_able=False)
    for _ in range(2 * LEASE):
        for one in (first, second, third):
            one.turn()
        room.times.pass_by(1)
    assert (first.epoch, second.epoch, third.epoch) == (1, None, None)

    second.note_ability(is_able=True)
    for _ in range(2):
        second.turn()
        first.turn()

    assert (first.epoch, second.epoch) == (None, 2)


def test_a_node_where_publishing_has_failed_lets_others_try(room: Room) -> None:
    """It leaves the lead once, and then comes second: nobody leads for no longer than a lease."""
    first, second, third = map(room.node, ("web1", "web2", "web3"))
    first.turn()
    first.let_others_try(300)
    first.turn()
    led = first.epoch
    for one in (second, third):
        one.turn()
    first.let_others_try(300)
    first.turn()
    second.turn()
    leaders = [(first.epoch, second.epoch)]
    room.times.pass_by(LEASE + 0.1)  # the second one is dead
    for one in (first, third):
        one.turn()
    leaders.append((first.epoch, third.epoch))
    first.turn()
    room.times.pass_by(LEASE + 0.1)  # and the third
    first.turn()
    leaders.append((first.epoch, third.epoch))
    room.times.pass_by(LEASE)
    first.turn()

    assert led == 1  # nobody else could publish
    assert leaders == [(None, 2), (None, 3), (None, None)]
    assert first.epoch == 4


def test_nodes_where_publishing_has_failed_take_a_free_lead_soon(room: Room) -> None:
    """Others have an eighth of a lease to be first: not the length of another one."""
    first, second, third = map(room.node, ("web1", "web2", "web3"))
    for one in (first, second, third):
        one.turn()
    second.let_others_try(300)
    room.times.pass_by(LEASE + 0.1)  # the first and the third are dead
    pause = second.turn()
    before = second.epoch
    room.times.pass_by(pause)
    second.turn()

    assert before is None
    assert pause == LEASE / 8
    assert second.epoch == 2


def test_a_leader_without_its_store_leaves_the_lead_to_one_where_publishing_has_failed(
    room: Room,
) -> None:
    """That one may be well again, and the leader is not."""
    first, second = room.node("web1"), room.node("web2")
    room.served = {"web1": 7, "web2": 7}
    for one in (first, second):
        one.turn()
    second.let_others_try(300)
    first.note_ability(is_able=False)
    first.turn()
    room.times.pass_by(LEASE / 8)

    for _ in range(LEASE + 1):
        for one in (first, second):
            one.turn()
        room.times.pass_by(1)

    assert (first.epoch, second.epoch) == (None, 2)


@pytest.mark.long
def test_nodes_that_fail_only_when_they_lead_lead_ever_longer(room: Room) -> None:
    """A store that takes nothing is noticed by none that follows; one of them must report it."""
    nodes = [*map(room.node, ("web1", "web2", "web3"))]
    led, began = list[int](), dict[int | None, int]()
    for second in range(1200):
        for one in nodes:
            fails = one.epoch and second - began.setdefault(one.epoch, second) > 1
            one.note_ability(is_able=second > 1000 or not fails)
            one.turn()
        led.append(room.epoch())
        room.times.pass_by(1)

    assert led[60] < 10
    assert led[1000] - led[600] < 10
    assert led[-1] - led[1010] < 2


def test_a_node_gives_others_the_time_to_notice_what_it_lacks(room: Room) -> None:
    """A store that nobody reaches must not make them lead in turn."""
    first, second = room.node("web1"), room.node("web2")
    for one in (first, second):
        one.turn()
    first.note_ability(is_able=False)
    pause = first.turn()
    before = first.epoch
    room.times.pass_by(pause)
    first.turn()

    assert (pause, before, first.epoch) == (LEASE / 8, 1, None)


def test_a_database_whose_clock_is_set_back_keeps_nobody_waiting(room: Room) -> None:
    """A failover leads to another clock: the lease of a node that died with it ends, too."""
    dead, other = room.node("web1"), room.node("web2")
    dead.turn()
    other.turn()
    room.times.database -= 3600
    again = room.node("web1")

    other.turn()
    room.times.pass_by(LEASE / 8)
    other.turn()
    found = status.read(room.url)
    again.turn()

    assert other.epoch == 2
    assert [(one.name, one.is_alive) for one in found.nodes] == [("web1", False), ("web2", True)]
    assert status.read(room.url).nodes[0].is_alive


def test_a_node_of_an_older_release_leaves_the_lead(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It could publish nothing since a node of a newer one has upgraded the ledger."""
    older, newer = room.node("web1"), room.node("web2")
    older.turn()
    newer.turn()
    with closing(open_session(room.url)) as opened:
        opened.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
        opened.connection.commit()

    older.turn()
    room.times.pass_by(LEASE)
    monkeypatch.setattr(migrations, "HEAD", "9999")
    newer.turn()
    room.times.pass_by(LEASE / 8)
    newer.turn()

    assert older.away.startswith("The ledger was written by a newer release")
    assert (older.epoch, newer.epoch) == (None, 2)


def test_a_node_that_lacks_documents_leaves_the_lead_to_one_that_has_them(room: Room) -> None:
    """It would have to fetch them before it publishes; where nobody has them, it leads."""
    first, empty, second = room.node("web1"), room.node("web2"), room.node("web3")
    room.served = {"web1": 7, "web3": 7}
    for one in (first, empty, second):
        one.turn()
    room.times.pass_by(3.5)
    second.turn()
    room.times.pass_by(0.6)

    empty.turn()
    second.turn()
    taken = (empty.epoch, second.epoch)
    room.times.pass_by(5)
    empty.turn()

    assert taken == (None, 2)
    assert empty.epoch == 3


@pytest.mark.parametrize("is_alive", [True, False])
def test_a_node_that_has_more_than_a_restored_ledger_comes_first(
    room: Room, *, is_alive: bool
) -> None:
    """It alone knows what was published since the backup; nobody waits for one that is silent."""
    first, old, newer = room.node("web1"), room.node("web2"), room.node("web3")
    room.served = {"web1": 7, "web2": 7, "web3": 9}
    for one in (first, old, newer):
        one.turn()
    room.times.pass_by(3.5)
    if is_alive:
        newer.turn()
    room.times.pass_by(0.6)

    old.turn()
    newer.turn()

    assert (old.epoch, newer.epoch) == ((None, 2) if is_alive else (2, None))


def test_a_leader_without_documents_leaves_the_lead_to_a_node_that_has_them(room: Room) -> None:
    """Ledger and its own documents are lost: the other node's are all that is known."""
    empty, other = room.node("web1"), room.node("web2")
    empty.turn()
    began = empty.epoch
    room.served = {"web2": 7}

    other.turn()
    empty.turn()
    other.turn()

    assert (began, empty.epoch, other.epoch) == (1, None, 2)


def test_a_commit_of_an_old_epoch_is_refused(room: Room) -> None:
    """The error names the node that leads, and nothing is written."""
    first, second = room.node("web1"), room.node("web2")
    first.turn()
    room.write(1, number=7)
    room.times.pass_by(5)
    second.turn()

    with pytest.raises(LeadershipError, match="web2 leads now, with epoch 2"):
        room.write(1, number=8)

    with Ledger(room.url) as ledger:
        assert ledger.state.generation == 7


def test_an_epoch_that_a_failover_has_lost_is_not_that_of_its_successor(room: Room) -> None:
    """The copy lacks its beginning, and so counts it again: of two nodes with it, one leads."""
    first, second = room.node("web1"), room.node("web2")
    first.turn()
    second.turn()
    with closing(open_session(room.url)) as opened:
        opened.execute(sa.update(leadership).values(epoch=0, holder=""))
        opened.execute(sa.update(lease).values(epoch=0, expires=0))
        opened.connection.commit()

    second.turn()
    room.times.pass_by(LEASE / 8)
    second.turn()
    with room.writing(1) as ledger:
        session.fence(room.url, Fence(1, "web1"))
        with pytest.raises(LeadershipError, match="web2 leads now"):
            ledger.commit()
    first.turn()

    assert (first.epoch, second.epoch) == (None, 1)
    assert (first.may_send(), second.may_send()) == (False, True)


def test_a_process_that_does_not_lead_commits_nothing(room: Room) -> None:
    """It may read."""
    session.fence(room.url, refuse)
    try:
        with Ledger(room.url) as ledger, pytest.raises(LeadershipError, match="does not lead"):
            ledger.commit()
    finally:
        session.fence(room.url, None)


def test_a_database_that_does_not_answer_is_away(room: Room) -> None:
    """Although a pooler keeps the connection, until a turn has ended."""
    one = room.node("web1")
    one.turn()
    before = one.away
    room.times.pass_by(11)
    during = one.away
    one.turn()

    assert (before, during, one.away) == ("", "It does not answer.", "")


def test_a_name_belongs_to_one_live_node(room: Room) -> None:
    """A second one is refused; one whose namesake is dead takes its place."""
    first, second = room.node("web1"), room.node("web1")
    first.turn()

    second.turn()
    room.times.pass_by(1)
    first.turn()
    second.turn()

    assert second.epoch is None
    assert second.away.startswith("Another node of the cluster is called web1.")
    assert first.away == ""


def test_a_name_is_free_once_its_node_is_dead(room: Room) -> None:
    """A node that is started again after a crash joins when its last turn is long enough ago."""
    before, now = room.node("web1"), room.node("web1")
    before.turn()

    now.turn()
    early = now.figures()["epoch"]
    room.times.pass_by(5)
    now.turn()

    assert early == 0
    assert (now.epoch, now.away) == (2, "")


def test_nodes_go_on_after_a_database_was_restored_under_them(room: Room) -> None:
    """A backup has the rows of the processes of its day, which were restarted since."""
    with closing(open_session(room.url)) as session:
        for name in ("web1", "web2"):
            before = room.node(name)
            before.turn()
        rows = [row._asdict() for row in session.connection.execute(sa.select(node))]
    room.times.pass_by(86400)
    nodes = [room.node(name) for name in ("web1", "web2")]
    for _ in range(3):
        for one in nodes:
            one.turn()
        room.times.pass_by(1)
    led = [one.epoch for one in nodes]
    with closing(open_session(room.url)) as session:
        session.connection.execute(sa.delete(node))
        session.connection.execute(sa.insert(node), rows)
        session.connection.commit()
    for _ in range(12):
        for one in nodes:
            one.turn()
        room.times.pass_by(1)

    assert any(led)
    assert any(one.epoch for one in nodes)
    assert [one.away for one in nodes] == ["", ""]


@pytest.mark.parametrize("seed", range(6))
def test_epochs_rise_and_no_old_one_commits(room: Room, seed: int) -> None:
    """Whatever nodes pause, and for how long: one holder of an epoch, commits in their order.

    A node that is paused goes on with the epoch that it had. Its clock jumps in between.
    """
    choose = random.Random(seed)  # noqa: S311 - no secret
    nodes = [room.node(f"web{number}") for number in range(choose.choice((2, 3)))]
    holders: dict[int, str] = {}
    believed: dict[str, int] = {}
    committed: list[int] = []

    for number in range(60):
        one = choose.choice(nodes)
        name = one.settings.name
        if choose.random() < 0.7:
            one.turn()
            if one.epoch is not None:
                assert holders.setdefault(one.epoch, name) == name
                believed[name] = one.epoch
        elif name in believed:
            try:
                room.write(believed[name], number)
                committed.append(believed[name])
            except LeadershipError:
                assert believed[name] < room.epoch()
        room.times.pass_by(choose.choice((0, 0.1, 1, 1, 3, 5)))
        room.times.database += choose.choice((0, 0, 0, 0.5, -0.5, 30, -2))

    assert committed == sorted(committed)
    assert sorted(holders) == list(range(1, len(holders) + 1))
    assert len(holders) > 1
