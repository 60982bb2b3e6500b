"""Monitoring: real publishers that fail, and real receivers of alarms."""

from __future__ import annotations

import errno
import json
import os
import signal
import socket
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from functools import partial
from itertools import pairwise
from pathlib import Path
from subprocess import PIPE, Popen, run
from time import sleep
from typing import Any

import pytest

from dateline.config import Config
from dateline.errors import IntakeError, LedgerError, RecoveryError, StoreError
from dateline.publish import RunRequest, build, ledger_url
from dateline.publish.notify import websub
from dateline.publish.schedule import wake
from dateline.serve import NodeCommands, health, processes
from dateline.serve.monitoring import incidents, monitor
from dateline.serve.monitoring.incidents import Incident
from dateline.serve.monitoring.monitor import Monitor, Notifier
from dateline.system import condition, heartbeat, supervisor
from dateline.system.condition import DELIVERY, Code, Condition, of_error
from dateline.system.heartbeat import HeartbeatReader, PublisherCheck
from dateline.system.writing import temporary_name
from support.faults import full_disk
from support.process_tree import child_with
from support.publication import CONFIG, Newsroom, entry_file
from support.receiving import Received, drip, mailbox, webhook
from support.serving import PATIENCE, PUBLISHER, free_port, granian, serve, until

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
BAD = entry_file().replace("2026-11-24", '"30 February 2026"')
FULL = Condition(code=Code.DISK_FULL, detail="No space left on device")
HUB = Condition(code=Code.HUB, about="https://hub.example.org/", detail="HTTP 500")

# A publisher that does at the opening of a file what a file called `act` says: it lets the disk
# be full, hangs, or ends. All that it waits for takes less time.
FAILING = """
import datetime, errno, os, pathlib, runpy, sys, time
from dateline.publish import schedule
folder, publisher = sys.argv[1:3]
del sys.argv[1:3]
act = pathlib.Path(folder, "act")
schedule._AGAIN_AT_MOST = datetime.timedelta(seconds=0.5)
schedule._PART = 1  # a slow machine must not make checks rare
def hear(event, words):
    if event != "open" or isinstance(words[0], int):
        return
    path, is_written = os.fsdecode(words[0]), words[2] & (os.O_WRONLY | os.O_RDWR)
    if not is_written or not path.startswith(folder):
        return
    found = act.read_text() if act.exists() else ""
    if found == "full":
        raise OSError(errno.ENOSPC, "No space left on device", words[0])
    while found == "hang" and act.exists():
        time.sleep(0.1)
    if found == "crash":
        os._exit(3)
sys.addaudithook(hear)
runpy.run_path(publisher, run_name="__main__")
"""

# A publisher that never finishes reading a file with a certain word.
ENDLESS = """
import runpy, sys
from dateline.entries import reader
publisher = sys.argv[2]
del sys.argv[1:3]
def parse(source, *, today, now, really=reader.parse):
    while b"endless" in source.data:
        pass
    return really(source, today=today, now=now)
reader.parse = parse
runpy.run_path(publisher, run_name="__main__")
"""

# A publisher that never finishes deciding on one with a certain word.
UNDECIDED = """
import runpy, sys
from dateline.publish import assess
publisher = sys.argv[2]
del sys.argv[1:3]
def decide(stories, *others, really=assess.decide, **named):
    while any("endless" in story.title for story in stories):
        pass
    return really(stories, *others, **named)
assess.decide = decide
runpy.run_path(publisher, run_name="__main__")
"""

UNRENDERED = """
import runpy, sys
from dateline.render import pages
publisher = sys.argv[2]
del sys.argv[1:3]
def entry(self, entry, *others, really=pages.Pages.entry):
    while "endless" in entry.story.title:
        pass
    return really(self, entry, *others)
pages.Pages.entry = entry
runpy.run_path(publisher, run_name="__main__")
"""


@pytest.fixture
def hook() -> Iterator[Received]:
    """Yield a working webhook."""
    with webhook() as received:
        yield received


def configure(newsroom: Newsroom, *lines: str, after: int = 1) -> Config:
    """Write these lines into the newsroom's `[alarm]`."""
    alarm = "\n".join([f"[alarm]\nafter = {after}", *lines])
    text = f"{CONFIG}\n[schedule]\ninterval = 1\n[serve]\nport = {free_port()}\n{alarm}\n"
    (newsroom.folder / "config.toml").write_text(text, encoding="utf-8")
    return newsroom.config


def to(received: Received) -> str:
    """Return the line that names a webhook."""
    return f'webhook = "http://127.0.0.1:{received.port}/hook"'


def conditions_sent(received: Received) -> list[tuple[str, bool]]:
    """Return the condition of each message to a webhook, and whether it is over."""
    messages: list[dict[str, Any]] = [json.loads(data) for data in received.data]
    return [(one["condition"], m["over"]) for m in messages for one in m["conditions"]]


def has_sent(received: Received, name: str, *, over: bool) -> bool:
    """Return whether a webhook has received this."""
    return (name, over) in conditions_sent(received)


def sent(
    notifier: Notifier, config: Config, found: tuple[Incident, ...], now: datetime
) -> tuple[Incident, ...]:
    """Send all that is due; return the incidents with what was sent."""
    return [found, *notifier.send(config, found, now)][-1]


@contextmanager
def monitored(config: Config) -> Iterator[Monitor]:
    """Run a monitor that hears of a hub that refuses, as long as `serve` runs."""
    own = Monitor(config, lambda: datetime.now(UTC))
    own.is_web = False
    own.hear(PublisherCheck(is_good=True, conditions=(HUB,)))
    own.start()
    try:
        yield own
    finally:
        own.stop()


@contextmanager
def supervised(
    newsroom: Newsroom,
    monkeypatch: pytest.MonkeyPatch,
    settles: float = 1000,
    publisher: str = FAILING,
) -> Iterator[None]:
    """Serve with a publisher that fails on command."""
    monkeypatch.setattr(supervisor, "_HUNG_AFTER", 8.0)
    monkeypatch.setattr(monitor, "_SETTLES_AFTER", settles)
    monkeypatch.setattr(monitor, "_EVERY", 0.1)
    config = newsroom.folder / "config.toml"
    monkeypatch.setenv("DATELINE_CONFIG", str(config))
    script = newsroom.folder / "failing.py"
    script.write_text(publisher, "utf-8")
    command = [sys.executable, str(script), str(newsroom.folder), str(PUBLISHER)]
    command += ["follow", "--config", str(config)]
    monkeypatch.setenv("PYTHONPATH", str(PUBLISHER.parent))
    stop = threading.Event()
    commands = NodeCommands(publisher=command, newsroom=(), replica=())
    arguments = (commands, lambda: newsroom.config, stop, threading.Event())
    thread = threading.Thread(target=processes.serve, args=arguments)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30)
    assert not thread.is_alive()


def publisher() -> int:
    """Return the process number of this process's publisher; 0 if none runs."""
    return child_with(os.getpid(), b"\0follow\0")


# ---- With real processes


@pytest.mark.long
def test_each_condition_and_its_end_are_sent_once(
    newsroom: Newsroom, hook: Received, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One after another: a full disk, no folder, a publisher that crashes or hangs."""
    with mailbox() as mail, webhook() as pinged:
        mails = f'smtp = "127.0.0.1:{mail.port}"\nmail_from = "n@example.org"'
        mails += '\nmail_to = ["e@example.org"]'
        beat = f'heartbeat = "http://127.0.0.1:{pinged.port}/ping"'
        config = configure(newsroom, to(hook), mails, beat)
        newsroom.drop("a.toml")
        act, entries, feeds = newsroom.folder / "act", config.entries, config.feeds_folder

        faults: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
            "disk-full": (lambda: act.write_text("full"), act.unlink),
            "entries-gone": (
                lambda: entries.rename(newsroom.folder / "away"),
                lambda: (newsroom.folder / "away").rename(entries),
            ),
            "publisher-crashing": (lambda: act.write_text("crash"), act.unlink),
            "publisher-hung": (lambda: act.write_text("hang"), act.unlink),
        }
        with supervised(newsroom, monkeypatch):
            assert until(lambda: bool(pinged.paths))
            for name, (begin, end) in faults.items():
                begin()
                assert until(partial(has_sent, hook, name, over=False)), (
                    name,
                    conditions_sent(hook),
                )
                named = incidents.published(feeds)
                assert until(lambda: is_silent(pinged))
                pings = len(pinged.paths)
                end()
                assert until(partial(has_sent, hook, name, over=True)), (
                    name,
                    conditions_sent(hook),
                )
                assert [one["condition"] for one in named] == [name]
            assert until(lambda: incidents.published(feeds) == [])
            assert until(lambda: len(pinged.paths) > pings)

    assert conditions_sent(hook) == [
        pair for name in faults for pair in ((name, False), (name, True))
    ]
    assert len(mail.data) == len(hook.data)
    assert {*pinged.paths} == {"/ping"}
    assert incidents.load(config.state) == ()


def is_silent(pinged: Received) -> bool:
    """Return whether no ping comes for a while, in which there would be several."""
    pings = len(pinged.paths)
    sleep(0.3)
    return len(pinged.paths) == pings


@pytest.mark.long
def test_a_publisher_that_hangs_is_killed_and_replaced(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Even if it ignores signals; then news is published again."""
    config = configure(newsroom)
    newsroom.drop("a.toml")
    with supervised(newsroom, monkeypatch):
        assert until((config.feeds_folder / "news.json").exists)
        stopped = publisher()
        os.kill(stopped, signal.SIGSTOP)

        assert until(lambda: publisher() not in {0, stopped})
        newsroom.drop("b.toml", entry_file("Once more"))
        assert until(lambda: any(item["title"] == "Once more" for item in newsroom.items()))

    assert "gave no sign of life for 8 s, and is killed." in caplog.text


@pytest.mark.long
def test_a_file_in_which_the_publisher_hangs_is_held_until_it_changes(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Everything else is published, as is its next version."""
    feed = configure(newsroom).feeds_folder / "news.json"
    problems = newsroom.folder / "entries/b.toml.problem.txt"
    newsroom.drop("b.toml", entry_file("An endless text"))
    newsroom.drop("c.toml", entry_file("Another"))
    with supervised(newsroom, monkeypatch, publisher=ENDLESS):
        assert until(feed.exists)
        assert [item["title"] for item in newsroom.items()] == ["Another"]
        assert until(problems.exists)
        held = problems.read_text("utf-8")
        newsroom.drop("d.toml", entry_file("A third"))
        assert until(lambda: len(newsroom.items()) == 2)

        newsroom.drop("b.toml", entry_file("A text with an end"))
        assert until(lambda: len(newsroom.items()) == 3)

    assert "stopped Dateline twice" in held
    assert caplog.text.count("s while it read b.toml, and is killed.") == 2
    assert not problems.exists()


@pytest.mark.long
@pytest.mark.parametrize(
    ("others", "hanging"),
    [
        pytest.param(1, UNDECIDED, id="among"),
        pytest.param(0, UNDECIDED, id="alone", marks=pytest.mark.release),
        pytest.param(1, UNRENDERED, id="page", marks=pytest.mark.release),
    ],
)
def test_a_file_that_the_publisher_never_finishes_is_held_until_it_changes(
    newsroom: Newsroom,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    others: int,
    hanging: str,
) -> None:
    """Everything else is published, as is its next version, also of files that came together."""
    problems = newsroom.folder / "entries/b.toml.problem.txt"
    newsroom.build()
    newsroom.drop("b.toml", entry_file("An endless text"))
    if others:
        newsroom.drop("c.toml", entry_file("Another"))
    configure(newsroom)
    with supervised(newsroom, monkeypatch, publisher=hanging):
        assert until(problems.exists, 4 * PATIENCE)
        assert until(lambda: len(newsroom.items()) == others)
        newsroom.drop("b.toml", entry_file("A text with an end"))
        assert until(lambda: len(newsroom.items()) == others + 1, 3 * PATIENCE)

    assert "s while it read b.toml, and is killed." in caplog.text


def test_the_default_times_are_those_documented() -> None:
    """The tests above shorten them; an idle publisher sends several beats in the shortest."""
    assert supervisor._HUNG_AFTER == 60  # noqa: SLF001 - docs/operating.md promises it
    assert heartbeat.LONG == 600
    assert wake._READS_REPORTS_EVERY * 6 < supervisor._HUNG_AFTER  # noqa: SLF001
    assert monitor._EVERY <= 1  # noqa: SLF001


@pytest.mark.long
def test_a_publisher_that_waits_for_the_lock_does_not_count_as_hanging(
    newsroom: Newsroom,
    hook: Received,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A long `build` has the ledger's lock, so the publisher is late without a fault."""
    config = configure(newsroom, to(hook))
    newsroom.build()
    holds = "import sys; from pathlib import Path; from dateline.ledger import exclusive\n"
    holds += "with exclusive(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    with supervised(newsroom, monkeypatch, settles=1):
        assert until(lambda: publisher() != 0)
        first = publisher()
        command = [sys.executable, "-c", holds, str(config.state)]
        with Popen(command, cwd=PUBLISHER.parent, stdin=PIPE, stdout=PIPE) as build:
            assert build.stdout
            assert build.stdout.readline() == b"held\n"
            sleep(11)
            assert until(partial(has_sent, hook, "check-late", over=False)), conditions_sent(hook)

        assert until(lambda: publisher() == first)  # Linux may skip one while another ends
        assert until(partial(has_sent, hook, "check-late", over=True)), conditions_sent(hook)
    assert "no sign of life" not in caplog.text
    assert conditions_sent(hook)[-2:] == [("check-late", False), ("check-late", True)]


@pytest.mark.long
def test_unresponsive_workers_are_a_condition(
    newsroom: Newsroom, hook: Received, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Readers get nothing then, whatever the publisher does."""
    for name, value in (("_SETTLES_AFTER", 0), ("_EVERY", 0.1), ("_PROBES_EVERY", 0.2)):
        monkeypatch.setattr(monitor, name, value)
    newsroom.drop("a.toml")
    newsroom.build()
    config = configure(newsroom, to(hook))
    now = datetime.now(UTC)
    health.record(config.feeds_folder, now, now + HOUR)
    watch = monitor.Monitor(config, lambda: datetime.now(UTC))
    watch.hear(PublisherCheck(is_good=True))
    watch.start()
    try:
        assert until(partial(has_sent, hook, "not-served", over=False))
        with granian(config, config.port):
            assert until(partial(has_sent, hook, "not-served", over=True))
            watch.stop()
    finally:
        watch.stop()

    assert conditions_sent(hook) == [("not-served", False), ("not-served", True)]


def test_workers_that_end_with_the_node_are_no_condition(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be kept, and sent at the next start."""
    for name in ("_SETTLES_AFTER", "_PROBES_EVERY"):
        monkeypatch.setattr(monitor, name, 0)
    newsroom.build()
    config = configure(newsroom)
    now = datetime.now(UTC)
    health.record(config.feeds_folder, now, now + HOUR)
    is_over = threading.Event()
    watch = monitor.Monitor(config, lambda: datetime.now(UTC), is_ending=is_over.is_set)
    watch.hear(PublisherCheck(is_good=True))
    threading.Timer(0.5, is_over.set).start()  # while the worker owes its answer
    with socket.create_server(("127.0.0.1", config.port)):
        watch._step()  # noqa: SLF001

    assert incidents.load(config.state) == ()


def test_what_a_process_has_not_found_itself_is_not_sent(
    newsroom: Newsroom, hook: Received, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process before this one found it, and it may have ended meanwhile."""
    for name in ("_SETTLES_AFTER", "_PROBES_EVERY"):
        monkeypatch.setattr(monitor, name, 0)
    newsroom.build()
    config = configure(newsroom, to(hook))
    now = datetime.now(UTC)
    health.record(config.feeds_folder, now, now + HOUR)
    found = Incident(condition=Condition(code=Code.NOT_SERVED), opened=now - HOUR)
    assert incidents.save(config.state, [found])
    watch = monitor.Monitor(config, lambda: datetime.now(UTC))
    watch.is_web = False
    watch.hear(PublisherCheck(is_good=True))
    watch._step()  # noqa: SLF001
    before = conditions_sent(hook)
    watch.is_web = True
    watch._step()  # noqa: SLF001

    assert (before, conditions_sent(hook)) == ([], [("not-served", False)])


@pytest.mark.long
def test_a_build_without_serve_sends_alarms(newsroom: Newsroom, hook: Received) -> None:
    """Its state is kept from one command to the next."""
    with webhook() as pinged:
        beat = f'heartbeat = "http://127.0.0.1:{pinged.port}/ping"'
        config = configure(newsroom, to(hook), beat)
        newsroom.drop("a.toml")
        away = newsroom.folder / "away"

        def build() -> int:
            command = [sys.executable, str(PUBLISHER), "build"]
            return run(command, cwd=newsroom.folder, check=False, capture_output=True).returncode

        codes = [build()]
        config.entries.rename(away)
        codes.append(build())
        sleep(1.1)
        codes += [build(), build()]
        away.rename(config.entries)
        codes += [build(), build()]

    assert codes == [0, 2, 2, 2, 0, 0]
    assert conditions_sent(hook) == [("entries-gone", False), ("entries-gone", True)]
    assert len(pinged.paths) == 3


@pytest.mark.long
def test_a_build_beside_serve_sends_no_alarms(newsroom: Newsroom, hook: Received) -> None:
    """Both would send every alarm."""
    with webhook() as pinged:
        config = configure(newsroom, to(hook))
        text = config.path.read_text("utf-8").replace("interval = 1\n", "interval = 3600\n")
        config.path.write_text(text, "utf-8")
        newsroom.drop("a.toml")
        with serve(newsroom.folder, port=config.port, says_port=False):
            assert until((config.feeds_folder / "news.json").exists)
            beat = f'heartbeat = "http://127.0.0.1:{pinged.port}/ping"'
            other = newsroom.folder / "other.toml"  # `serve` itself would take up a changed file
            other.write_text(text.replace("after = 1", f"after = 1\n{beat}"), "utf-8")
            command = [sys.executable, str(PUBLISHER), "build", "--config", str(other)]
            run(command, cwd=newsroom.folder, check=True)

    assert pinged.paths == []


@pytest.mark.long
def test_a_hub_that_refuses_is_a_condition(newsroom: Newsroom) -> None:
    """Until it accepts a notification, or has none left to receive."""
    with webhook() as hub:
        hub.status = 500
        config = newsroom.folder / "config.toml"
        line = f'hubs = ["http://127.0.0.1:{hub.port}/hub"]\n[[feed]]'
        config.write_text(CONFIG.replace("[[feed]]", line, 1), "utf-8")
        newsroom.drop("a.toml")
        before = newsroom.build()
        herald = websub.HubNotifier(ledger_url(newsroom.config), lambda: newsroom.now)
        herald.tell(newsroom.config)
        herald.wait(10)
        failing = newsroom.build()
        hub.status = 204
        newsroom.build(after=HOUR)
        herald.tell(newsroom.config)
        herald.wait(10)
        after = newsroom.build()

    assert (before.conditions, after.conditions) == ((), ())
    assert [(one.code, one.detail) for one in failing.conditions] == [(Code.HUB, "HTTP 500")]


def test_a_hub_that_cannot_be_reached_gives_no_answer(newsroom: Newsroom) -> None:
    """A connection that is refused is no timeout."""
    line = f'hubs = ["http://127.0.0.1:{free_port()}/hub"]\n[[feed]]'
    config = newsroom.folder / "config.toml"
    config.write_text(CONFIG.replace("[[feed]]", line, 1), "utf-8")
    newsroom.drop("a.toml")
    newsroom.build()
    notifier = websub.HubNotifier(ledger_url(newsroom.config), lambda: newsroom.now)
    notifier.tell(newsroom.config)
    notifier.wait(10)

    (failing,) = newsroom.build().conditions

    assert (failing.code, failing.detail) == (Code.HUB, "no answer")


def test_a_clock_that_is_behind_the_newest_entry_is_a_condition(newsroom: Newsroom) -> None:
    """By more than an entry may be dated ahead."""
    newsroom.drop("a.toml", entry_file("Today", date="2026-11-25"))
    fine = newsroom.build()
    behind = newsroom.build(after=timedelta(days=-1))
    right = newsroom.build(after=timedelta(days=1))

    assert [(one.code, one.detail) for one in behind.conditions] == [
        (Code.CLOCK, "2026-11-24 10:01 < 2026-11-25 10:01 UTC")
    ]
    assert (fine.conditions, right.conditions) == ((), ())


@pytest.mark.long
def test_a_clock_that_is_behind_the_newest_file_is_a_condition(newsroom: Newsroom) -> None:
    """Until the clock is right, or the file is gone."""

    def look(hours: float) -> tuple[Condition, ...]:
        clock = datetime.now(UTC) + timedelta(hours=hours)
        return build(newsroom.config, RunRequest(now=newsroom.now, clock=clock)).conditions

    newsroom.drop("a.toml")
    path = newsroom.drop("b.toml", BAD)
    behind, still, right = look(-2), look(-2), look(1)
    again = look(-2)
    path.unlink()

    assert [one.code for one in (*behind, *still)] == [Code.CLOCK, Code.CLOCK]
    assert behind[0].detail.startswith("2026-11-25 10:00 < ")
    assert [one.code for one in again] == [Code.CLOCK]
    assert (right, look(1)) == ((), ())


# ---- Incidents


def test_incidents_survive_a_restart_and_an_unwritable_folder(tmp_path: Path) -> None:
    """Their file is private, and half of one counts as none."""
    found = incidents.observe((), [FULL, HUB], now=NOW, channels=["mail"])
    sent = tuple(one.sent("mail", over=False) for one in found)

    assert incidents.save(tmp_path, sent)
    assert incidents.load(tmp_path) == sent
    assert (tmp_path / "incidents.json").stat().st_mode & 0o777 == 0o600
    assert not incidents.save(tmp_path / "nowhere", sent)
    for text in ("", "[", "{}", '[{"condition": "unknown"}]', "[1]"):
        (tmp_path / "incidents.json").write_text(text)
        assert incidents.load(tmp_path) == ()


def test_health_reveals_nothing_private(tmp_path: Path) -> None:
    """It has kinds and times, but neither hubs nor paths."""
    found = incidents.observe((), [FULL, HUB], now=NOW, channels=[])
    incidents.publish(tmp_path, found)

    since = "2026-11-25T10:00:00Z"
    assert incidents.published(tmp_path) == [
        {"condition": "disk-full", "since": since},
        {"condition": "hub-refuses", "since": since},
    ]
    assert "hub.example" not in (tmp_path / ".incidents.json").read_text()


def test_incidents_are_kept_and_reported_where_no_file_can_be_made(tmp_path: Path) -> None:
    """On a full or failing disk they are written over a file that has room for them."""
    found = incidents.observe((), [FULL], now=NOW, channels=["mail"])
    assert incidents.publish(tmp_path, (), keeps_room=True)
    assert incidents.save(tmp_path, (), keeps_room=True)
    before = [*incidents.published(tmp_path), *incidents.load(tmp_path)]
    temporary_name(tmp_path / "incidents.json", f".{os.getpid()}").mkdir()  # no file can be new

    assert incidents.publish(tmp_path, found, keeps_room=True)
    assert incidents.save(tmp_path, found, keeps_room=True)
    assert before == []
    assert [one["condition"] for one in incidents.published(tmp_path)] == ["disk-full"]
    assert incidents.load(tmp_path) == found


def test_one_outage_with_changing_causes_is_one_incident() -> None:
    """It begins with the first cause and ends with the last."""
    causes = [FULL, Condition(code=Code.HUNG), Condition(code=Code.FAILED, detail="no")]
    found: tuple[incidents.Incident, ...] = ()
    for minutes, cause in enumerate(causes):
        moment = NOW + timedelta(minutes=minutes)
        found = incidents.observe(found, [cause, HUB], now=moment, channels=["mail"])

    assert [(one.condition.code, one.opened, one.closed) for one in found] == [
        (Code.FAILED, NOW, None),
        (Code.HUB, NOW, None),
    ]


def test_an_incident_from_the_future_began_now() -> None:
    """The clock was ahead when it began."""
    found = incidents.observe((), [FULL], now=NOW + 9000 * HOUR, channels=["mail"])

    (seen,) = incidents.observe(found, [FULL], now=NOW, channels=["mail"])

    assert seen.opened == NOW


def test_an_unchecked_condition_is_not_over() -> None:
    """After a restart its state is unknown until the first check."""
    found = incidents.observe((), [FULL], now=NOW, channels=["mail"])

    assert (
        incidents.observe(found, [], now=NOW, channels=["mail"], is_known=lambda _: False) == found
    )


def test_an_undelivered_message_is_sent_again(newsroom: Newsroom, hook: Received) -> None:
    """With growing pauses; the end is sent only to recipients of the beginning."""
    config = replace(configure(newsroom, to(hook), after=60))
    found = incidents.observe((), [HUB], now=NOW, channels=["webhook"])
    notifier, counts = Notifier(), []
    hook.status = 500
    for minutes in range(1, 9):
        found = sent(notifier, config, found, NOW + timedelta(minutes=minutes))
        counts.append(len(hook.data))
    hook.status = 200
    found = sent(notifier, config, found, NOW + HOUR)
    found = incidents.observe(found, [], now=NOW + HOUR, channels=["webhook"])
    found = sent(notifier, config, found, NOW + HOUR)

    assert counts == [1, 2, 2, 3, 3, 3, 3, 4]
    assert conditions_sent(hook)[-2:] == [("hub-refuses", False), ("hub-refuses", True)]
    assert incidents.observe(found, [], now=NOW + HOUR, channels=["webhook"]) == ()


@pytest.mark.parametrize(("status", "ends"), [(0, 1), (500, 0)])
@pytest.mark.parametrize("channel", ["webhook", "mail"])
def test_an_end_is_sent_where_the_beginning_may_have_arrived(
    newsroom: Newsroom, channel: str, status: int, ends: int
) -> None:
    """The recipient had the message and its answer was lost; one that refuses it has none."""
    with webhook() if channel == "webhook" else mailbox() as received:
        lines = [f'smtp = "127.0.0.1:{received.port}"', 'mail_from = "n@example.org"']
        lines += ['mail_to = ["e@example.org"]']
        config = configure(newsroom, *([to(received)] if channel == "webhook" else lines))
        newsroom.build()
        received.status = status
        received.refuses = frozenset({"e@example.org"} if status else ())
        found = incidents.observe((), [HUB], now=NOW, channels=[channel])
        incidents.save(config.state, sent(Notifier(), config, found, NOW + HOUR))
        received.status, received.refuses = 200, frozenset()
        known, before = incidents.load(config.state), len(received.data)
        found = incidents.observe(known, [], now=NOW + 2 * HOUR, channels=[channel])
        found = sent(Notifier(), config, found, NOW + 2 * HOUR)

    assert len(received.data) - before == ends
    assert incidents.observe(found, [], now=NOW + 3 * HOUR, channels=[channel]) == ()


def test_a_message_that_is_being_sent_at_the_end_is_recorded(
    newsroom: Newsroom, hook: Received
) -> None:
    """As at each restart: the next process does not send it again."""
    config = configure(newsroom, to(hook))
    newsroom.build()
    hook.pause = 1
    with monitored(config):
        assert until(lambda: bool(hook.data))
    (told,) = incidents.load(config.state)

    assert not told.wants("webhook", after=config.alarm.after, now=datetime.now(UTC))
    assert conditions_sent(hook) == [("hub-refuses", False)]


def test_each_message_is_recorded_before_the_next_one(newsroom: Newsroom, hook: Received) -> None:
    """A process that is killed while it sends a mail does not repeat what the webhook got."""
    with drip(b"220-", 3 * PATIENCE) as mail:
        lines = f'smtp = "127.0.0.1:{mail.port}"\nmail_from = "n@example.org"'
        config = configure(newsroom, to(hook), lines, 'mail_to = ["e@example.org"]')
        newsroom.build()
        with monitored(config):
            assert until(lambda: bool(mail.data))
            (told,) = incidents.load(config.state)
            mail.is_over.set()

    assert not told.wants("webhook", after=config.alarm.after, now=datetime.now(UTC))
    assert told.wants("mail", after=config.alarm.after, now=datetime.now(UTC))


def test_a_node_that_does_not_lead_sends_nothing(newsroom: Newsroom, hook: Received) -> None:
    """What waits is sent once it may."""
    config = configure(newsroom, to(hook), after=60)
    found = incidents.observe((), [HUB], now=NOW, channels=["webhook"])
    may = [False, True]
    notifier = Notifier(lambda: may.pop(0))

    found = sent(notifier, config, found, NOW + HOUR)
    before = conditions_sent(hook)
    sent(notifier, config, found, NOW + HOUR)

    assert before == []
    assert conditions_sent(hook) == [("hub-refuses", False)]


def test_a_node_that_no_longer_leads_ends_what_was_its_own(
    newsroom: Newsroom, hook: Received
) -> None:
    """No other node knows that the database is there again for this one."""
    config = configure(newsroom, to(hook), after=60)
    away = Condition(code=Code.LEDGER_AWAY, detail="Connection refused.")
    found = incidents.observe((), [HUB, away], now=NOW, channels=["webhook"])
    found = sent(Notifier(), config, found, NOW + HOUR)
    found = incidents.observe(found, [], now=NOW + HOUR, channels=["webhook"])

    sent(Notifier(lambda: False), config, found, NOW + HOUR)

    begun = [("hub-refuses", False), ("ledger-away", False)]
    assert conditions_sent(hook) == [*begun, ("ledger-away", True)]


def test_a_node_has_conditions_of_its_own(newsroom: Newsroom, hook: Received) -> None:
    """Its clock is more than five seconds off, or the database is out of reach: in `/health`."""
    config = configure(newsroom, to(hook))
    config.feeds_folder.mkdir()
    watch = monitor.Monitor(config, lambda: datetime.now(UTC), lambda: False)
    found = []

    watch.rest()
    for ahead, away in ((4.0, ""), (-61.0, ""), (0.0, "Connection refused."), (0.0, "")):
        watch.note_node(ahead, away)
        watch._step()  # noqa: SLF001 - what its thread does each second
        rows = incidents.published(config.feeds_folder)
        found.append([row["condition"] for row in rows])

    assert found == [[], ["node-clock-off"], ["ledger-away"], []]
    assert conditions_sent(hook) == []


def test_a_changed_alarm_is_used_without_a_signal(newsroom: Newsroom, hook: Received) -> None:
    """The alarms about files are; people who have seen one expect the others, too."""
    config = configure(newsroom)
    config.feeds_folder.mkdir()
    with webhook() as pinged:
        watch = monitor.Monitor(config, lambda: datetime.now(UTC))
        watch.is_web = False
        watch.hear(PublisherCheck(is_good=True))
        watch._step()  # noqa: SLF001 - what its thread does each second
        beat = f'heartbeat = "http://127.0.0.1:{pinged.port}/ping"'
        configure(newsroom, to(hook), beat)
        file = newsroom.folder / "config.toml"
        text = file.read_text("utf-8").replace('title = "Example news"', 'title = "Other news"')
        file.write_text(text, encoding="utf-8")
        watch.hear(PublisherCheck(is_good=True))
        watch._step()  # noqa: SLF001
        watch.hear(PublisherCheck(is_good=True, conditions=(FULL,)))
        watch._step()  # noqa: SLF001
        sleep(1.1)
        watch._step()  # noqa: SLF001

    assert pinged.paths == ["/ping"]
    assert conditions_sent(hook) == [("disk-full", False)]
    assert json.loads(hook.data[0])["publication"] == "Other news"


# ---- Conditions of errors


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, Code.DISK_FULL),
        (errno.EDQUOT, Code.DISK_FULL),
        (errno.EACCES, Code.NOT_WRITABLE),
        (errno.EROFS, Code.NOT_WRITABLE),
        (errno.EIO, Code.FAILED),
    ],
)
@pytest.mark.parametrize("kind", [StoreError, LedgerError, None])
def test_the_cause_of_an_error_names_the_condition(
    number: int, code: Code, kind: type[Exception] | None
) -> None:
    """Through any number of exceptions in between."""
    cause: Exception = OSError(number, os.strerror(number))
    error = kind("It failed.") if kind else cause
    error.__cause__ = cause if kind else None

    assert of_error(error).code == code


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Windows limits no files")
def test_a_disk_that_is_full_before_the_ledger_is_opened_is_called_so(newsroom: Newsroom) -> None:
    """SQLite says that input or output failed."""
    newsroom.build()
    newsroom.drop("a.toml")
    assert not [*newsroom.config.state.glob("*-shm")]

    with full_disk(4096), pytest.raises(LedgerError, match="disk I/O error") as caught:
        newsroom.build()

    assert of_error(caught.value).code == Code.DISK_FULL


def test_a_damaged_database_is_the_ledger_or_the_manifest(tmp_path: Path) -> None:
    """This depends on the caller."""
    path = tmp_path / "x"
    path.write_bytes(b"no database" * 500)
    with pytest.raises(sqlite3.DatabaseError) as caught:
        sqlite3.connect(path).execute("SELECT 1 FROM sqlite_master")
    error = LedgerError("It cannot be used.")
    error.__cause__ = caught.value

    assert of_error(error).code == Code.LEDGER
    assert of_error(caught.value).code == Code.MANIFEST
    assert of_error(RecoveryError("nothing is whole")).code == Code.LEDGER
    assert of_error(IntakeError("gone")).code == Code.ENTRIES_GONE
    assert of_error(KeyError("x")).code == Code.FAILED


@pytest.mark.parametrize("language", ["en", "fr", "es"])
@pytest.mark.parametrize("code", [*Code])
def test_every_condition_has_a_message(code: Code, language: str) -> None:
    """In each language, with braces in a reason too."""
    said = Condition(code=code, about="{hub}", detail="a {b} [/c].").message(language)

    assert said.strip()
    assert "{detail}" not in said


# ---- The pipe of beats


@pytest.mark.long
def test_an_unread_pipe_blocks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beats are lost, and the next report is complete."""
    ours = HeartbeatReader()
    monkeypatch.setattr(heartbeat, "_pipe", ours.writing)
    for _ in range(200_000):
        heartbeat.beat()
    lost = PublisherCheck(is_good=True, conditions=(FULL,))
    heartbeat.report(lost)
    ours.read()
    heartbeat.beat(600)
    many = tuple(replace(HUB, about=f"https://hub.example.org/{n}" * 20) for n in range(100))
    heartbeat.report(PublisherCheck(is_good=False, conditions=many))

    within, (check,) = ours.read()
    ours.close()

    assert within == 0
    assert not check.is_good
    assert 0 < len(check.conditions) < len(many)
    assert all(a != b for a, b in pairwise(check.conditions))


def test_the_mail_of_a_condition_is_in_plain_words(newsroom: Newsroom) -> None:
    """It has the problem, its beginning, and a remedy."""
    with mailbox() as mail:
        lines = f'smtp = "127.0.0.1:{mail.port}"\nmail_from = "n@example.org"'
        config = configure(newsroom, lines, 'mail_to = ["e@example.org"]')
        found = incidents.observe((), [FULL], now=NOW, channels=["mail"])
        sent(Notifier(), config, found, NOW + HOUR)

    (message,) = [message_from_bytes(data, policy=policy.default) for data in mail.data]
    body = message.get_body()
    assert message["Subject"] == "Example news: news does not go out as it should"
    assert body
    assert body.get_content().split("\r\n")[0] == (
        "Since 2026-11-25 11:00: The disk is full, and no news goes out: No space left on device. "
        "Make room."
    )
    assert condition.Code.DISK_FULL.stops_news


@pytest.mark.parametrize(("passed", "is_due"), [(599, False), (600, True), (601, True)])
def test_an_alarm_is_due_after_the_configured_time(passed: int, *, is_due: bool) -> None:
    """It is sent once to each channel."""
    began = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
    one = incidents.Incident(condition=Condition(code=Code.DISK_FULL), opened=began)
    now, after = began + timedelta(seconds=passed), timedelta(minutes=10)

    assert one.wants("mail", after=after, now=now) == is_due
    assert not one.sent("mail", over=False).wants("mail", after=after, now=now)
    assert one.sent("mail", over=False).wants("webhook", after=after, now=now) == is_due


def test_what_readers_found_is_sent_at_once() -> None:
    """It was repeated before; other conditions have to last."""
    stale = Condition(code=Code.STALE, about="news.example.org")
    found = [Incident(condition=one, opened=NOW) for one in (stale, FULL)]

    assert [one.wants("webhook", after=HOUR, now=NOW) for one in found] == [True, False]


def test_nothing_ends_while_nobody_knows() -> None:
    """A publisher that has just begun, or has no network, knows nothing of readers."""
    stale = Condition(code=Code.STALE, about="news.example.org")
    open_ = [Incident(condition=stale, opened=NOW)]
    after = {
        is_known: incidents.observe(
            open_,
            (),
            now=NOW + HOUR,
            channels=["webhook"],
            is_known=partial(
                monitor.knows,
                PublisherCheck(is_good=True, unknown=() if is_known else DELIVERY),
            ),
        )
        for is_known in (False, True)
    }

    assert [one.closed for one in after[False]] == [None]
    assert after[True] == ()


def test_what_is_unknown_passes_the_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    """The supervisor reads what the publisher wrote, the longest line too."""
    reader = HeartbeatReader()
    monkeypatch.setattr(heartbeat, "_pipe", reader.writing)
    check = PublisherCheck(is_good=True, conditions=(HUB,), unknown=DELIVERY)
    heartbeat.report(check)
    _, found = reader.read()
    reader.close()

    assert found == [check]


def test_a_pipe_that_cannot_be_read_for_a_moment_ends_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without memory a call of the system fails; what was written is there later."""

    def fail(*_: object) -> bytes:
        raise OSError(errno.ENOMEM, "Cannot allocate memory")

    reader = HeartbeatReader()
    monkeypatch.setattr(heartbeat, "_pipe", reader.writing)
    heartbeat.report(PublisherCheck(is_good=True))
    with monkeypatch.context() as without_memory:
        without_memory.setattr(os, "read", fail)
        _, during = reader.read()
    _, after = reader.read()
    reader.close()

    assert (during, after) == ([], [PublisherCheck(is_good=True)])
