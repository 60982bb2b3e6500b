"""Nodes that are stopped and killed under PostgreSQL: one leads, and only its commits count."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from threading import Event
from time import monotonic, sleep

import pytest
import sqlalchemy as sa

from dateline.config import ClusterSettings
from dateline.errors import LeadershipError, LedgerAwayError
from dateline.ledger import Ledger, session
from dateline.ledger.cluster import leadership
from dateline.ledger.cluster.leadership import (
    Fence,
    claim,
    create,
    current,
    open_present,
    renew,
)
from dateline.ledger.cluster.membership import ClusterMember
from dateline.ledger.engine import engine_at
from dateline.ledger.session import open_session
from outside.postgresql import server
from outside.programs import missing
from support.serving import until

pytestmark = pytest.mark.outside

# A node that writes as fast as it can while it leads: its epoch, and how often.
NODE = """
import sys
from time import sleep
import sqlalchemy as sa
from dateline.config import ClusterSettings
from dateline.errors import LedgerError
from dateline.ledger import Ledger, session
from dateline.ledger.cluster.leadership import Fence
from dateline.ledger.cluster.membership import ClusterMember

url, name = sys.argv[1:]
settings = ClusterSettings(name=name, lead=True, lease=2)
member = ClusterMember(url, settings, lambda: 0)
member.start()
while True:
    if (epoch := member.epoch) is None:
        sleep(0.01)
        continue
    session.fence(url, Fence(epoch, name))
    try:
        with Ledger(url) as ledger:
            opened = ledger._session
            opened.execute(sa.text("INSERT INTO work VALUES (:epoch, :name)"),
                           {"epoch": epoch, "name": name})
            ledger.commit()
    except LedgerError:
        pass
"""


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    """Yield the URL of a PostgreSQL that has the tables of a cluster, and one for work."""
    if sentence := missing():
        pytest.fail(sentence, pytrace=False)
    with server() as url:
        with closing(open_session(url)) as opened:
            create(opened.connection)
            opened.execute(sa.text("CREATE TABLE work (epoch bigint, name text)"))
            opened.connection.commit()
        yield url


def done(url: str) -> tuple[int, dict[int, tuple[int, int]]]:
    """Return the epoch in force, and how many commits and nodes each epoch has, at one moment."""
    query = "SELECT epoch, count(*), count(DISTINCT name) FROM work GROUP BY epoch"
    with closing(open_session(url)) as opened:
        opened.connection.commit()
        connection = opened.connection.execution_options(isolation_level="REPEATABLE READ")
        epoch = current(connection).epoch
        rows = connection.execute(sa.text(query)).all()
    return epoch, {row[0]: (row[1], row[2]) for row in rows}


def begin_epoch(connection: sa.Connection, name: str, length: float) -> int:
    """Begin an epoch of a node, whichever has the lease, and commit it."""
    connection.execute(sa.text("UPDATE lease SET expires = 0"))
    epoch = claim(connection, name, length)
    connection.commit()
    assert epoch is not None
    return epoch


@contextmanager
def nodes(url: str, count: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Run nodes, and end them."""
    running = [start(url, number) for number in range(count)]
    try:
        yield running
    finally:
        for one in running:
            one.kill()
            one.wait()


def start(url: str, number: int) -> subprocess.Popen[bytes]:
    """Start a node."""
    return subprocess.Popen([sys.executable, "-c", NODE, url, f"web{number}"], env=dict(os.environ))


def test_nodes_that_stop_and_die_never_write_out_of_turn(postgresql: str) -> None:
    """The commits of an epoch are of one node, and end when the next epoch begins."""
    choose = random.Random(21)  # noqa: S311 - no secret
    seen: dict[int, tuple[int, int]] = {}
    last, until, at_last = 0, monotonic() + 40, monotonic() + 160

    with nodes(postgresql, 3) as running:
        while monotonic() < until or (len(seen) <= 3 and monotonic() < at_last):
            one = choose.randrange(3)
            if choose.random() < 0.3:
                running[one].kill()
                running[one].wait()
                running[one] = start(postgresql, one)
            else:
                running[one].send_signal(signal.SIGSTOP)
            pause = monotonic() + choose.uniform(0.1, 4)
            while monotonic() < pause:
                epoch, counts = done(postgresql)
                assert epoch >= last
                over = {number: row for number, row in seen.items() if number < last}
                assert {number: counts[number] for number in over} == over
                last, seen = epoch, counts
                sleep(0.02)
            running[one].send_signal(signal.SIGCONT)

    assert {writers for _, writers in seen.values()} == {1}
    assert len(seen) > 3


def test_a_node_that_stops_at_its_commit_holds_nobody_up(postgresql: str) -> None:
    """PostgreSQL ends the transaction of a stopped leader, and another epoch begins."""
    with closing(open_session(postgresql)) as opened:
        held = begin_epoch(opened.connection, "stops", 0.5)
    session.fence(postgresql, Fence(held, "stops"))
    begun = monotonic()
    settings = ClusterSettings(name="goes on", lead=True, lease=2)
    other = ClusterMember(postgresql, settings, lambda: 0)
    try:
        with closing(open_session(postgresql)) as stopped:
            stopped.confirm()  # the epoch is locked from here on
            while other.epoch is None:
                assert monotonic() - begun < 30
                sleep(other.turn())
            with pytest.raises(sa.exc.SQLAlchemyError):
                stopped.connection.commit()
    finally:
        session.fence(postgresql, None)

    assert other.epoch == held + 1


def test_a_transaction_from_before_is_refused(postgresql: str) -> None:
    """Also one whose snapshot still has its own epoch in force."""
    with closing(open_session(postgresql)) as opened:
        held = begin_epoch(opened.connection, "before", 1)
    session.fence(postgresql, Fence(held, "before"))
    try:
        with Ledger(postgresql) as ledger:
            ledger.state.generation = ledger.state.generation + 1
            with closing(open_session(postgresql)) as opened:
                begin_epoch(opened.connection, "after", 1)
            with pytest.raises((LeadershipError, sa.exc.SQLAlchemyError)):
                ledger.commit()
    finally:
        session.fence(postgresql, None)


def test_a_transaction_that_is_left_open_keeps_no_other_leader_waiting(postgresql: str) -> None:
    """The node is cut off, so the server waits for it in vain; what it changed is rolled back."""
    with closing(open_session(postgresql)) as opened:
        held = begin_epoch(opened.connection, "cut off", 1)
    session.fence(postgresql, Fence(held, "cut off"))
    try:
        with closing(open_session(postgresql)) as left:
            left.execute(sa.text("INSERT INTO work VALUES (-1, 'cut off')"))
            left.execute(sa.text("LOCK TABLE work"))
            session.fence(postgresql, None)
            begun = monotonic()
            with closing(open_session(postgresql)) as opened:
                begin_epoch(opened.connection, "goes on", 1)
                found = opened.scalar(sa.text("SELECT count(*) FROM work WHERE epoch = -1"))
            assert (found, monotonic() - begun < 30) == (0, True)
    finally:
        session.fence(postgresql, None)


def test_a_lease_that_is_being_renewed_keeps_no_other_leader_waiting(postgresql: str) -> None:
    """The node is cut off before its commit; a pooler between them would answer for it for ever."""
    with closing(open_present(postgresql)) as left:
        held = begin_epoch(left.connection, "cut off", 2)
        assert renew(left.connection, held, "cut off", 2)
        settings = ClusterSettings(name="follows", lead=True, lease=2)
        other = ClusterMember(postgresql, settings, lambda: 0)

        def leads() -> bool:
            other.turn()
            return other.epoch is not None

        assert until(leads, 10)

    assert other.epoch == held + 1


def test_a_node_that_was_disconnected_while_it_waited_sees_the_present(postgresql: str) -> None:
    """Its next turns see what others commit meanwhile, as those before: they do not fail for it."""
    levels: list[str] = []
    settings = ClusterSettings(name="waits", lead=True, lease=30)
    other = ClusterMember(postgresql, settings, lambda: 0)
    engine = engine_at(postgresql)
    has_noticed = Event()

    def note(connection: sa.Connection) -> None:
        if has_noticed.is_set():
            levels.append(connection.get_isolation_level())

    sa.event.listen(engine, "begin", note)  # the thread must not find the listeners changed
    try:
        with closing(open_session(postgresql)) as opened:
            begin_epoch(opened.connection, "leads", 30)
            other.start()
            sleep(1)
            opened.execute(
                sa.text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
            opened.connection.commit()
        sleep(1)
        has_noticed.set()
        assert until(lambda: len(levels) > 2, 10)
    finally:
        has_noticed.clear()
        other.stop()
        sa.event.remove(engine, "begin", note)

    assert {*levels} == {"READ COMMITTED"}


def test_a_connection_that_ends_as_it_is_opened_is_away(
    postgresql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread that renews a lease, or follows the clock, tries again for this error."""

    def open_and_end(url: str) -> session.Session:
        with closing(open_session(url)) as other:
            opened = open_session(url)
            number = opened.connection.scalar(sa.text("SELECT pg_backend_pid()"))
            other.execute(sa.text(f"SELECT pg_terminate_backend({number})"))
        sleep(0.2)
        return opened

    monkeypatch.setattr(leadership, "open_session", open_and_end)

    with pytest.raises(LedgerAwayError):
        open_present(postgresql)
