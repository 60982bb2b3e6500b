"""Runs start at the beginning, on schedule and for dropped files, and survive every failure."""

from __future__ import annotations

import errno
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep, time

import pytest

from dateline.config import Config, Schedule
from dateline.documents import manifest
from dateline.entries import lazy_scan
from dateline.errors import IntakeError, LedgerAwayError, PostponedError, StoreError
from dateline.publish import schedule
from dateline.publish.run import GiveWay, go_on
from dateline.publish.schedule import _scheduler, wake
from dateline.publish.schedule.wake import ChangedPaths, Wake, readable_at
from dateline.system import clock, heartbeat
from dateline.system.writing import temporary_name
from support.publication import Newsroom, entry_file, picture
from support.serving import PATIENCE, serve, until
from support.users import NOBODY, as_other_user

STILL = 0.3  # seconds that a file needs to settle


@dataclass
class Runs:
    """Records calls by `run_forever`; returns or raises `answers` in turn, then returns None."""

    answers: list[datetime | Exception | None] = field(default_factory=list)
    moments: list[datetime] = field(default_factory=list)
    told: list[ChangedPaths] = field(default_factory=list)
    looks: list[tuple[datetime, datetime]] = field(default_factory=list)

    def looked(self, now: datetime, late: datetime) -> None:
        """Record a successful full scan, and the moment at which three scans will be overdue."""
        self.looks.append((now, late))

    def __call__(self, now: datetime, told: ChangedPaths, _: GiveWay = go_on) -> datetime | None:
        """Do one run."""
        self.moments.append(now)
        self.told.append(told)
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        return answer

    def more_than(self, count: int, seconds: float = PATIENCE) -> bool:
        """Wait for a run after the first `count`."""
        return until(lambda: len(self.moments) > count, seconds)

    def settled(self) -> int:
        """Wait until no reason for a run is left; return the number of runs.

        Two always happen, even on a slow machine: the first one, and one for files dropped before
        the folder was watched.
        """
        self.more_than(1)
        while self.more_than(len(self.moments), seconds=0.6):
            pass
        return len(self.moments)


@pytest.fixture
def config(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> Config:
    """Return a configuration whose schedule starts nothing during a test."""
    monkeypatch.setattr(wake, "_CHECKS_EVERY", 200)  # a second would be five times the wait
    return replace(newsroom.config, schedule=Schedule(interval=3600))


def test_the_clock_that_rules_decides_when_a_moment_has_come(config: Config) -> None:
    """Runs have its time, and it wakes them, although that of the machine is a minute behind."""
    clock.follow(time() + 60)
    try:
        wanted = clock.now() + timedelta(seconds=0.5)
        runs = Runs(answers=[wanted] * 3)
        with running(config, runs):
            assert until(lambda: runs.moments[-1:] >= [wanted])
        late = runs.moments[-1] - wanted
    finally:
        clock.follow(None)

    assert timedelta() <= late < timedelta(seconds=30)


def test_a_waiting_publisher_sends_heartbeats_now_and_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The supervisor needs one a minute, however often reports of damage are looked for."""
    reading, writing = os.pipe()
    monkeypatch.setattr(heartbeat, "_pipe", writing)
    asked = Wake(lambda _act, _moment: None)
    threading.Timer(0.4, asked.of_all).start()
    asked.wait(None, bool, ignore)
    os.close(writing)

    with os.fdopen(reading, "rb") as beats:
        assert beats.read() == b"\n"


def ignore() -> None:
    """Do nothing between runs."""


def ignore_scan(_now: datetime, _late: datetime) -> None:
    """Ignore a full scan."""


@contextmanager
def running(
    config: Config,
    runs: schedule.Run,
    looked: schedule.Done = ignore_scan,
    *,
    takes_over: bool = False,
    is_due: Callable[[], bool] = lambda: False,
    entries_now: Callable[[], Path] | None = None,
) -> Iterator[None]:
    """Run the loop in a thread, which ends on request."""
    stop = threading.Event()
    words = (config, runs, looked, stop)
    more = {"takes_over": takes_over, "is_due": is_due, "entries_now": entries_now}
    thread = threading.Thread(target=schedule.run_forever, args=words, kwargs=more)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(PATIENCE)
    assert not thread.is_alive()


# ---- Reasons for a run


def test_it_runs_at_the_start_and_then_waits(config: Config) -> None:
    """There is one run, and one for files dropped before the folder was watched."""
    runs = Runs()

    with running(config, runs):
        assert runs.more_than(0)
        assert runs.settled() <= 2


def test_who_takes_over_from_another_looks_for_news_first(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Among very many files the newest are checked, again once it watches, then at once all.

    Others check all.
    """
    monkeypatch.setattr(lazy_scan, "_MANY", 3)
    monkeypatch.setattr(schedule, "_NEWEST", 2)
    (config.entries / "2026").mkdir(parents=True)
    for name in ("b.toml", "2026/a.toml", "2026/c.toml"):
        (config.entries / name).touch()
        sleep(0.02)
    runs, others = Runs(), Runs()

    with running(config, runs, runs.looked, takes_over=True), running(config, others):
        assert runs.more_than(2)
        assert others.more_than(0)

    assert runs.told[:3] == [{"2026/a.toml", "2026/c.toml"}] * 2 + [None]
    assert runs.looks[0][1] > runs.moments[0] + timedelta(hours=2)
    assert others.told[0] is None


def test_a_dropped_file_starts_a_run(config: Config) -> None:
    """This also holds in a folder that was just created."""
    runs = Runs()
    with running(config, runs):
        for name in ("a.toml", "2026/b.toml"):
            before = runs.settled()
            path = config.entries / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(entry_file(), "utf-8")

            assert runs.more_than(before)


def test_what_lies_behind_a_link_starts_no_run(config: Config) -> None:
    """Each run writes to `state/`, and would lead to the next one."""
    entries, outside = config.entries, config.entries.parent / "elsewhere"
    (entries / "2026").mkdir()
    (outside / "inner").mkdir(parents=True)
    (entries / "st").symlink_to(outside)
    (entries / "2026" / "st").symlink_to(outside / "inner")
    runs = Runs()
    with running(config, runs):
        before = runs.settled()
        (outside / "a").touch()
        (outside / "inner" / "b").touch()
        assert runs.settled() == before
        for name in ("a.toml", "2026/b.toml", "2027/c.toml", "2027/d.toml", "2027/en/e.toml"):
            path = entries / name
            path.parent.mkdir(exist_ok=True)
            before = runs.settled()
            path.write_text(entry_file(), "utf-8")
            assert runs.more_than(before), name
        moved = outside / "new"
        moved.mkdir()
        (moved / "st").symlink_to(outside)
        moved.rename(entries / "new")
        before = runs.settled()
        (outside / "a").touch()

        assert runs.settled() == before


def test_a_folder_that_is_made_again_beside_a_link_is_watched(config: Config) -> None:
    """As `git checkout` and rsync do."""
    folder = config.entries / "2026"
    folder.mkdir()
    (config.entries / "st").symlink_to(config.state)
    runs = Runs()
    with running(config, runs):
        runs.settled()
        folder.rmdir()
        runs.settled()
        folder.mkdir()
        before = runs.settled()
        (folder / "a.toml").write_text(entry_file(), "utf-8")

        assert runs.more_than(before)


def test_a_folder_with_a_link_that_arrives_later_starts_no_run_after_another(
    config: Config,
) -> None:
    """It is moved here as a whole, while all folders are watched as one."""
    outside = config.entries.parent / "elsewhere"
    (outside / "new").mkdir(parents=True)
    (outside / "new" / "st").symlink_to(outside)
    runs = Runs()
    with running(config, runs):
        before = runs.settled()
        (outside / "new").rename(config.entries / "new")
        assert runs.more_than(before)
        before = runs.settled()
        (outside / "a").touch()
        assert runs.settled() == before
        (config.entries / "new" / "a.toml").write_text(entry_file(), "utf-8")

        assert runs.more_than(before)


def test_an_entries_folder_that_is_a_link_is_watched(config: Config) -> None:
    """Also where there are links in it."""
    there = config.entries.rename(config.entries.with_name("there"))
    config.entries.symlink_to(there)
    (there / "2026").mkdir()
    (there / "st").symlink_to(config.state)
    runs = Runs()
    with running(config, runs):
        for name in ("a.toml", "2026/b.toml"):
            before = runs.settled()
            (config.entries / name).write_text(entry_file(), "utf-8")

            assert runs.more_than(before)


def test_a_folder_that_may_not_be_read_keeps_no_other_from_being_watched(config: Config) -> None:
    """Such as `lost+found`; once it is opened, it is watched too."""
    imported = Runs()
    with running(config, imported):  # what is imported late may be unreadable for another user
        imported.settled()
    with TemporaryDirectory() as name:
        entries = Path(name, "entries")
        for folder in ("a", "b/c", "lost+found", "z/closed"):
            (entries / folder).mkdir(parents=True)
        for folder in ("lost+found", "z/closed"):
            (entries / folder).chmod(0)
        runs = Runs()
        with as_owner(Path(name)), running(config, runs, entries_now=lambda: entries):
            for folder in ("", "a", "b", "b/c", "z"):
                before = runs.settled()
                (entries / folder / "a.toml").write_text(entry_file(), "utf-8")
                assert runs.more_than(before), folder
            before = runs.settled()
            (entries / "z/closed").chmod(0o755)
            assert runs.more_than(before)
            before = runs.settled()
            (entries / "z/closed/a.toml").write_text(entry_file(), "utf-8")

            assert runs.more_than(before)


@pytest.mark.parametrize("is_there_first", [True, False])
def test_a_folder_whose_name_is_no_utf8_keeps_no_other_from_being_watched(
    config: Config, *, is_there_first: bool
) -> None:
    """As FTP or unzip leaves it, here or in a folder that a scan skips."""
    entries, runs = config.entries, Runs()
    (entries / "2026").mkdir()

    def leave_bad_names() -> None:
        for name in (b"/caf\xe9", b"/.git/caf\xe9"):
            os.makedirs(os.fsencode(entries) + name)  # noqa: PTH103 - no text is such a name

    if is_there_first:
        leave_bad_names()
    with running(config, runs):
        runs.settled()
        if not is_there_first:
            leave_bad_names()
        for name in ("a.toml", "2026/b.toml", "2027/c.toml"):
            before = runs.settled()
            path = entries / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(entry_file(), "utf-8")

            assert runs.more_than(before), name


def test_a_folder_whose_name_is_no_utf8_may_be_opened_often(config: Config) -> None:
    """Files are not all checked each time, and folders that come meanwhile are watched."""
    entries, runs = config.entries, Runs()
    bad = os.fsencode(entries) + b"/caf\xe9"
    os.mkdir(bad)  # noqa: PTH102 - no text is such a name
    with running(config, runs):
        before = runs.settled()
        for _ in range(8):
            os.listdir(bad)  # noqa: PTH208
            sleep(0.3)
        assert runs.settled() <= before + 1
        (entries / "a.toml").write_text(entry_file(), "utf-8")
        assert runs.more_than(before)
        before = runs.settled()
        os.rename(bad, os.fsencode(entries / "2026"))  # noqa: PTH104
        assert runs.more_than(before)
        before = runs.settled()
        (entries / "2026/b.toml").write_text(entry_file(), "utf-8")

        assert runs.more_than(before)


@contextmanager
def as_owner(folder: Path) -> Iterator[None]:
    """Act as another user than root, who owns this folder."""
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, NOBODY, -1)
    with as_other_user():
        yield


def test_a_changed_configuration_starts_a_run(config: Config) -> None:
    """One run within seconds covers all files; a second change starts another."""
    runs = Runs()
    with running(config, runs):
        for number in (1, 2):
            before = runs.settled()
            text = config.path.read_text("utf-8")
            config.path.write_text(f"{text}# {number}\n", "utf-8")

            assert runs.more_than(before)
            assert runs.told[before] is None


def test_a_run_gets_the_changed_paths(config: Config) -> None:
    """The first run gets none, which means all files; so does one that follows a failure."""
    runs = Runs()
    with running(config, runs):
        before = runs.settled()
        (config.entries / "a.toml").write_text(entry_file(), "utf-8")
        assert runs.more_than(before)
        after = runs.settled()
        runs.answers = [IntakeError("no")] * 10
        (config.entries / "b.toml").write_text(entry_file(), "utf-8")
        assert runs.more_than(after)
        last = runs.settled()
        runs.answers = []
        (config.entries / "c.toml").write_text(entry_file(), "utf-8")
        assert runs.more_than(last + 1)

    assert set(runs.told[:before]) == {None}
    assert set(runs.told[before:after]) == {frozenset({"a.toml"})}
    assert runs.told[last : last + 2] == [frozenset({"c.toml"}), None]


def test_an_entry_that_is_being_written_starts_no_useless_run(config: Config) -> None:
    """One run starts as soon as it has settled, for all changes until then."""
    runs, data = Runs(), picture()
    entry, beside = config.entries / "a.toml", config.entries / "p.png"
    with running(config, runs):
        for _ in range(10):
            before = runs.settled()
            entry.write_text(entry_file(), "utf-8")
            beside.write_bytes(data)
            written = entry.stat().st_ctime
            assert runs.more_than(before)
            runs.settled()
            assert runs.moments[before].timestamp() - written >= STILL
            if runs.told[before:] == [frozenset({"a.toml", "p.png"})]:
                break  # or the machine was too busy

    assert runs.told[before:] == [frozenset({"a.toml", "p.png"})]


def test_other_files_and_deletions_start_a_run_at_once(config: Config) -> None:
    """Otherwise a picture that is being copied would delay news."""
    begun, pause = datetime.now(UTC), timedelta(seconds=STILL)
    for name in ("young.toml", "p.png"):
        (config.entries / name).touch()

    for name in ("gone.toml", "p.png", ".young.toml.swp"):
        assert readable_at(config.entries, [name]) <= datetime.now(UTC)
    assert readable_at(config.entries, ["p.png", "young.toml"]) > begun + 0.5 * pause


def test_a_note_that_cannot_be_written_starts_no_run(config: Config) -> None:
    """On a full disk each run tries to write it, and would lead to the next one at once."""
    note, runs = temporary_name(config.entries / "a.toml.problem.txt"), Runs()
    with running(config, runs):
        before = runs.settled()

        note.touch()
        note.unlink()

        assert runs.settled() == before


@pytest.mark.parametrize("change", ["edit", "rename", "delete"])
def test_every_kind_of_change_starts_a_run(config: Config, change: str) -> None:
    """This covers more than new files."""
    runs, path = Runs(), config.entries / "a.toml"
    path.write_text(entry_file(), "utf-8")
    with running(config, runs):
        before = runs.settled()

        if change == "edit":
            path.write_text(entry_file("Another"), "utf-8")
        elif change == "rename":
            path.rename(path.with_name("b.toml"))
        else:
            path.unlink()

        assert runs.more_than(before)


def test_a_change_during_a_run_leads_to_one_more(config: Config) -> None:
    """No change during a run is lost."""
    takes_long, begun, go_on = threading.Event(), threading.Event(), threading.Event()
    runs = Runs()

    def run(now: datetime, told: ChangedPaths, _: GiveWay) -> None:
        runs(now, told)
        if takes_long.is_set():
            begun.set()
            go_on.wait(PATIENCE)

    with running(config, run):
        runs.settled()
        takes_long.set()
        (config.entries / "a.toml").write_text(entry_file(), "utf-8")
        assert begun.wait(PATIENCE)
        before = len(runs.moments)
        (config.entries / "b.toml").write_text(entry_file(), "utf-8")
        sleep(2 * STILL)  # by now its run is requested, during the current one
        go_on.set()

        assert until(lambda: any("b.toml" in told for told in runs.told[before:] if told))


@dataclass
class LongChecks(Runs):
    """Runs of which those that check every file take `seconds`, unless they give way."""

    seconds: float = PATIENCE
    given_way: int = 0
    is_due: bool = False

    def __call__(
        self, now: datetime, told: ChangedPaths, give_way: GiveWay = go_on
    ) -> datetime | None:
        """Do one run."""
        answer = super().__call__(now, told)
        if told is None:
            self._check(give_way)
        else:
            self.is_due = False
        return answer

    def _check(self, give_way: GiveWay) -> None:
        begun = monotonic()
        while monotonic() < begun + self.seconds:  # which a test may shorten meanwhile
            sleep(0.01)
            try:
                give_way()
            except PostponedError:
                self.given_way += 1
                raise

    def checks_of_all(self, since: datetime) -> list[datetime]:
        """Return the moments of the checks of every file that ended."""
        ended = {now for now, _ in self.looks if now >= since}
        pairs = zip(self.moments.copy(), self.told, strict=False)
        return [now for now, told in pairs if told is None and now in ended]


def drop_during_a_check(config: Config, runs: LongChecks) -> None:
    """Drop a file while all files are checked, and wait for its run; later checks are short."""
    assert runs.more_than(0)
    sleep(1)  # until the folder is watched
    (config.entries / "a.toml").write_text(entry_file(), "utf-8")
    assert runs.more_than(1, seconds=5)
    runs.seconds = 0


def test_a_dropped_file_interrupts_a_check_of_all(config: Config) -> None:
    """It is published at once, although the check takes long; then all are checked."""
    runs = LongChecks()
    with running(config, runs, runs.looked):
        drop_during_a_check(config, runs)
        assert until(lambda: len(runs.looks) > 1)

    assert runs.told[:3] == [None, frozenset({"a.toml"}), None]
    assert runs.given_way == 1
    assert [now for now, _ in runs.looks[:2]] == runs.moments[1:3]


def test_a_check_of_all_leaves_dropped_files_to_the_next_run() -> None:
    """That follows at once; a request for all is done."""
    asked = Wake(lambda _act, _moment: None)
    asked.of(["a.toml"])

    asked.begin()
    asked.take_all()

    assert is_asked(asked)
    assert not asked.is_of_all
    assert asked.take() == {"a.toml"}
    assert not asked.has_news


def test_a_check_of_all_that_is_asked_for_as_a_run_begins_is_not_lost() -> None:
    """The thread that asks is not the one that begins the run."""
    asked = Wake(lambda _act, _moment: None)
    asked.take_all()

    asked.begin()
    asked.of_all()
    asked.take()

    assert is_asked(asked)
    assert asked.is_of_all


def test_a_file_is_awaited_again_after_a_check_of_all() -> None:
    """The moment that was known may be an hour away, if the clock was set back meanwhile."""
    moments = list[datetime]()
    asked = Wake(lambda _act, moment: moments.append(moment))
    now = datetime.now(UTC)

    asked.of_young(["a.toml"], now)
    asked.of_young(["a.toml"], now)
    asked.take_all()
    asked.of_young(["a.toml"], now)

    assert moments == [now, now]


def is_asked(asked: Wake) -> bool:
    """Return whether a run follows at once."""
    end = monotonic() + 1
    asked.wait(None, lambda: monotonic() > end, ignore)
    return monotonic() < end


@pytest.mark.long
def test_what_falls_due_interrupts_a_check_of_all(config: Config) -> None:
    """An embargo ends at its moment, whatever the publisher checks."""
    due = datetime.now(UTC) + timedelta(seconds=5)
    runs = LongChecks([due] * 3, seconds=0)
    with running(config, runs):
        runs.settled()
        runs.seconds = PATIENCE
        before = len(runs.moments)
        config.path.write_text(config.path.read_text("utf-8") + "# new\n", "utf-8")
        assert runs.more_than(before)
        assert runs.moments[before] < due
        assert runs.more_than(before + 1)
        runs.seconds = 0

    assert runs.told[before : before + 2] == [None, frozenset()]
    assert timedelta() <= runs.moments[before + 1] - due < timedelta(seconds=10)


def test_a_picture_that_is_ready_interrupts_a_check_of_all(config: Config) -> None:
    """Its entry waits for it."""
    runs = LongChecks()
    with running(config, runs, is_due=lambda: runs.is_due):
        assert runs.more_than(0)
        runs.is_due = True
        assert runs.more_than(1, seconds=PATIENCE / 2)
        runs.seconds = 0

    assert runs.told[:2] == [None, frozenset()]


def test_a_check_of_all_that_gives_way_is_not_late() -> None:
    """Nobody is alarmed by it; one that is missed is late."""
    at, asked = datetime.now(UTC), Wake(lambda _act, _moment: None)
    turns = schedule._Turns(Schedule(interval=60), asked, threading.Event(), bool)  # noqa: SLF001
    turns.begin(at)
    turns.end_full(at, is_done=True)
    later = at + timedelta(minutes=5)
    missed = turns.late(later)
    turns.begin(later)
    asked.of(["a.toml"])
    with pytest.raises(PostponedError):
        turns.give_way()

    assert turns.begin(later) == frozenset({"a.toml"})
    assert missed < later < turns.late(later)


def test_a_check_of_all_that_fails_is_late() -> None:
    """Whatever news is published meanwhile."""
    at, asked = datetime.now(UTC), Wake(lambda _act, _moment: None)
    turns = schedule._Turns(Schedule(interval=60), asked, threading.Event(), bool)  # noqa: SLF001
    before = turns.late(at)
    turns.begin(at)
    turns.end_full(at + timedelta(minutes=1), is_done=False)
    turns.fail(None, is_away=False)

    assert turns.late(at + timedelta(minutes=2)) == before


@pytest.mark.long
def test_a_check_of_all_is_postponed_often_and_for_long(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then it goes on to its end, as only such a check finds what watching missed."""
    monkeypatch.setattr(schedule, "_POSTPONED_FOR", 1.0)
    monkeypatch.setattr(schedule, "_POSTPONED_TIMES", 3)
    runs = LongChecks([datetime(2008, 1, 1, tzinfo=UTC)] * 100_000, seconds=0)
    with running(config, runs, runs.looked):
        assert runs.more_than(5)
        runs.seconds = 0.5
        asked = datetime.now(UTC)
        config.path.write_text(config.path.read_text("utf-8") + "# new\n", "utf-8")
        assert until(lambda: bool(runs.checks_of_all(asked)))

    wait = runs.checks_of_all(asked)[0] - asked
    assert timedelta(seconds=1) <= wait < timedelta(seconds=30)


def test_a_check_of_all_that_was_postponed_enough_comes_after_news(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What interrupted it would wait for all of it."""
    monkeypatch.setattr(schedule, "_POSTPONED_FOR", 0.0)
    monkeypatch.setattr(schedule, "_POSTPONED_TIMES", 1)
    runs = LongChecks()
    with running(config, runs, runs.looked):
        drop_during_a_check(config, runs)

    assert runs.told[:2] == [None, frozenset({"a.toml"})]


def test_what_an_outage_kept_comes_before_a_check_of_all(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other runs that fail are followed by a check, which may do without their files."""
    monkeypatch.setattr(schedule, "_AGAIN_FIRST", timedelta(seconds=0.1))
    monkeypatch.setattr(schedule, "_AGAIN_AT_MOST", timedelta(seconds=0.1))
    told = frozenset({"a.toml"})
    for error, wanted in (
        (LedgerAwayError("It is away."), [told, told, told, told, None]),
        (KeyError(), [told, None, None, None]),
    ):
        runs = Runs()
        with running(config, runs):
            before = runs.settled()
            runs.answers = [error] * 3
            (config.entries / "a.toml").write_text(f"{entry_file()}# {error}", "utf-8")
            assert runs.more_than(before + len(wanted) - 1)

        assert runs.told[before : before + len(wanted)] == wanted


def test_who_stops_a_publisher_waits_for_no_check_of_all(config: Config) -> None:
    """A check of very many files takes long."""
    runs = LongChecks()
    with running(config, runs):
        assert runs.more_than(0)
        begun = monotonic()

    assert monotonic() - begun < PATIENCE / 2
    assert runs.given_way == 1


def test_the_next_moment_starts_a_run(config: Config) -> None:
    """It starts neither before nor long after it; a later answer replaces an earlier one."""
    due = datetime.now(UTC) + timedelta(seconds=2)
    runs = Runs([due + timedelta(hours=1), due])

    with running(config, runs):
        assert until(lambda: any(moment >= due for moment in runs.moments))

    early = [moment for moment in runs.moments if moment < due]
    assert len(early) <= 2


def test_a_past_moment_starts_a_run_at_once(config: Config) -> None:
    """A machine that slept makes up for what it missed."""
    runs = Runs([datetime.now(UTC) - timedelta(days=1)])

    with running(config, runs):
        assert runs.more_than(1)


def test_two_past_moments_in_a_row_are_not_lost(config: Config) -> None:
    """This holds even while the scheduler is busy with the first."""
    runs = Runs([datetime.now(UTC)] * 500)

    with running(config, runs):
        assert runs.more_than(500)


@pytest.mark.long
@pytest.mark.parametrize("wanted", [[], [datetime(2100, 1, 1, tzinfo=UTC)] * 10])
def test_the_interval_starts_runs(config: Config, wanted: list[datetime]) -> None:
    """It does so without any change of files, and before the next moment."""
    runs = Runs([*wanted])

    with running(replace(config, schedule=Schedule(interval=1)), runs):
        assert runs.more_than(3)


@pytest.mark.parametrize(
    "first", [datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 10, 24, tzinfo=UTC)]
)
@pytest.mark.parametrize("zone", ["Europe/Vienna", "America/Santiago", "Australia/Lord_Howe"])
def test_cron_uses_utc_in_which_no_hour_is_repeated(
    monkeypatch: pytest.MonkeyPatch, zone: str, first: datetime
) -> None:
    """A local 02:30 would happen twice in autumn, and not at all in spring."""
    monkeypatch.setenv("TZ", zone)

    days = chain("30 2 * * *", first, 3)
    hours = chain("30 * * * *", first, 72)

    assert days == [first + timedelta(days=day, hours=2.5) for day in range(3)]
    assert hours == [first + timedelta(hours=hour + 0.5) for hour in range(72)]


def chain(cron: str, now: datetime, count: int) -> list[datetime]:
    """Return the next moments of a cron line; each run is some milliseconds late."""
    moments = []
    for _ in range(count):
        moments.append(schedule._next_full_run(Schedule(cron=cron), now, 0))  # noqa: SLF001 - its whole point
        now = moments[-1] + timedelta(milliseconds=3)
    return moments


def test_a_moment_that_passes_during_a_run_is_not_skipped() -> None:
    """The next moment counts from the start of the run."""
    begun = datetime(2026, 11, 25, 10, 59, 59, 900_000, tzinfo=UTC)

    assert chain("0 * * * *", begun, 1) == [datetime(2026, 11, 25, 11, tzinfo=UTC)]


@pytest.mark.long
@pytest.mark.parametrize("ahead", [3600, -3600, 0.5])
def test_a_changed_clock_starts_a_run(
    config: Config, monkeypatch: pytest.MonkeyPatch, ahead: float
) -> None:
    """So does a machine that wakes; there is one run, however large the change."""
    runs = Runs()
    with running(config, runs):
        before = runs.settled()

        monkeypatch.setattr(wake, "time", lambda: time() + ahead)

        assert runs.more_than(before)
        assert runs.settled() == before + 1


@pytest.mark.parametrize("plan", [Schedule(interval=3600), Schedule(cron="0 0 29 2 *")])
def test_a_report_of_damage_starts_a_run(config: Config, plan: Schedule) -> None:
    """It starts at once, at any schedule, and covers no entry file."""
    runs = Runs()
    config.feeds_folder.mkdir()

    def run(now: datetime, told: ChangedPaths, _: GiveWay) -> datetime | None:
        manifest.take_report(config.feeds_folder)
        return runs(now, told)

    with running(replace(config, schedule=plan), run):
        before = runs.settled()
        manifest.report_damage(config.feeds_folder, "news.rss")

        assert runs.more_than(before)
        assert runs.settled() == before + 1
    assert runs.told[before] == frozenset()


def test_a_report_does_not_repeat_a_failed_run(config: Config) -> None:
    """The report stays, and so does the cause of the failure, such as a full disk."""
    runs = Runs()
    config.feeds_folder.mkdir()
    with running(config, runs):
        before = runs.settled()
        runs.answers = [StoreError("no")] * 10
        manifest.report_damage(config.feeds_folder, "news.rss")

        assert runs.more_than(before)
        assert runs.settled() == before + 1


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes among its files")
@pytest.mark.parametrize("kind", ["folder", "link", "pipe"])
def test_only_a_file_is_a_report_of_damage(kind: str, tmp_path: Path) -> None:
    """Anything else of its name starts no run, and neither fails one nor keeps it waiting."""
    report = tmp_path / ".manifest.damaged"
    (tmp_path / "other").write_bytes(b"news.rss")
    if kind == "folder":
        report.mkdir()
    elif kind == "link":
        report.symlink_to(tmp_path / "other")
    else:
        os.mkfifo(report)

    assert not manifest.is_reported(tmp_path)
    assert manifest.take_report(tmp_path) is None


# ---- Records of full scans


def test_a_long_scan_is_not_overdue_before_the_next_ones(config: Config) -> None:
    """The interval is at least twenty times the duration of the last scan."""
    runs = Runs()

    def run(now: datetime, told: ChangedPaths, _: GiveWay) -> datetime | None:
        sleep(0.5)
        return runs(now, told)

    with running(replace(config, schedule=Schedule(interval=1)), run, runs.looked):
        assert until(lambda: bool(runs.looks))

    now, late = runs.looks[0]
    assert late - now >= 3 * 20 * timedelta(seconds=0.5)


def test_a_long_scan_delays_no_run(config: Config) -> None:
    """Only the scan of all files waits; the repair of a manifest happens at the usual interval."""
    runs = Runs()

    def run(now: datetime, told: ChangedPaths, _: GiveWay) -> datetime | None:
        sleep(1 if told is None else 0)
        return runs(now, told)

    with running(replace(config, schedule=Schedule(interval=1)), run, runs.looked):
        assert until(lambda: frozenset() in runs.told)

    number = runs.told.index(frozenset())
    assert runs.moments[number] - runs.moments[number - 1] < timedelta(seconds=10)
    assert runs.looks[number][1] == runs.looks[number - 1][1]


def test_a_run_for_one_file_delays_no_full_scan(config: Config) -> None:
    """Full scans stay on their own schedule."""
    runs = Runs()
    with running(config, runs, runs.looked):
        before = runs.settled()
        (config.entries / "a.toml").write_text(entry_file(), "utf-8")
        assert until(lambda: len(runs.looks) > before)

    assert runs.told[before] == frozenset({"a.toml"})
    assert runs.looks[before] == (runs.moments[before], runs.looks[before - 1][1])


def test_a_failed_run_is_no_full_scan(config: Config) -> None:
    """Otherwise nobody would notice that all of them fail."""
    runs = Runs([IntakeError("no")])
    with running(config, runs, runs.looked):
        assert until(lambda: bool(runs.looks))

    assert runs.moments[0] not in [now for now, _ in runs.looks]


def test_an_error_in_recording_a_scan_is_reported_and_delays_nothing(
    config: Config, caplog: pytest.LogCaptureFixture
) -> None:
    """The next moment is kept."""
    runs = Runs([datetime.now(UTC) + timedelta(seconds=1)] * 3)

    def looked(now: datetime, late: datetime) -> None:
        runs.looked(now, late)
        raise StoreError("It cannot be written.")

    with running(config, runs, looked):
        assert runs.more_than(3)

    assert "It cannot be written." in caplog.text


# ---- Failures


@pytest.mark.long
@pytest.mark.parametrize(
    ("error", "said"),
    [
        (IntakeError("The entries folder cannot be looked at."), "The entries folder cannot be"),
        (KeyError("something"), "for a reason that Dateline does not know"),
        (OSError(28, "No space left on device"), "No space left on device"),
        (
            OSError(errno.ESTALE, "Stale file handle", "feeds/.manifest.sqlite"),
            "feeds/.manifest.sqlite: Stale file handle.",
        ),
    ],
)
def test_a_failed_run_is_reported_and_repeated(
    config: Config, error: Exception, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Publishing continues with the next file. A traceback is only for faults of Dateline."""
    runs = Runs([error, error])

    with running(config, runs):
        before = runs.settled()
        (config.entries / "a.toml").write_text(entry_file(), "utf-8")
        assert runs.more_than(before)

    assert said in caplog.text
    is_explained = isinstance(error, IntakeError) or bool(getattr(error, "filename", None))
    assert ("Traceback" in caplog.text) == (not is_explained)


def test_a_failed_run_is_repeated_soon(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next scheduled run may be a day away. The pauses double, from the first one again."""
    first = timedelta(seconds=0.1)
    monkeypatch.setattr(schedule, "_AGAIN_FIRST", first)
    runs = Runs()
    with running(config, runs):
        for name in ("a.toml", "b.toml"):
            before = runs.settled()
            runs.answers = [StoreError("It is full.")] * 4
            (config.entries / name).write_text(entry_file(), "utf-8")
            assert runs.more_than(before + 4)

            moments = runs.moments[before : before + 5]
            pauses = [later - earlier for earlier, later in pairwise(moments)]
            assert all(pause >= first * 2**at for at, pause in enumerate(pauses))
    assert moments[-1] - moments[0] < first * 2**8  # the sum, had they grown on


def test_a_run_that_fails_on_and_on_is_repeated_now_and_then(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pauses grow no longer than to a limit: they would soon be years."""
    monkeypatch.setattr(schedule, "_AGAIN_FIRST", timedelta(seconds=0.1))
    monkeypatch.setattr(schedule, "_AGAIN_AT_MOST", timedelta(seconds=0.2))
    runs = Runs([StoreError("It is full.")] * 12)

    with running(config, runs):
        assert runs.more_than(12)


def test_a_process_ends_in_which_run_after_run_fails_for_an_unknown_reason(
    config: Config, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It may be broken, as where it got no memory; a run that succeeds begins the count anew."""
    monkeypatch.setattr(schedule, "_AGAIN_FIRST", timedelta(seconds=0.01))
    known, unknown = StoreError("It is full."), KeyError("something")
    now = datetime.now(UTC)
    runs = Runs([*[unknown] * 3, now, *[unknown] * 3, known, *[unknown] * 4])

    with pytest.raises(SystemExit) as ended:
        schedule.run_forever(config, runs, runs.looked, threading.Event())

    assert (ended.value.code, runs.answers) == (3, [])
    assert "4 runs in a row have failed. A new process takes over." in caplog.text


def test_a_process_ends_in_which_the_end_of_every_run_fails_for_an_unknown_reason(
    config: Config,
) -> None:
    """The runs themselves are done; one whose end is done, too, begins the count anew."""
    ends: list[Exception | None] = [*[KeyError("something")] * 3, None, *[KeyError("it")] * 4]

    def done(_: datetime, __: datetime) -> None:
        error = ends.pop(0)
        if not ends:
            stop.set()
        if error:
            raise error

    runs, stop = Runs([datetime.now(UTC)] * 8), threading.Event()
    with pytest.raises(SystemExit) as ended:
        schedule.run_forever(config, runs, done, stop)

    assert (ended.value.code, ends) == (3, [])


def test_an_outage_of_the_ledgers_database_ends_soon(
    config: Config, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Runs follow at a short pause, and the log has its beginning and its end alone."""
    monkeypatch.setattr(schedule, "_AGAIN_FIRST", timedelta(seconds=0.1))
    runs = Runs([LedgerAwayError("It is away.")] * 3)

    with running(config, runs):
        assert runs.more_than(3)

    assert [one.message for one in caplog.records if one.name == schedule.__name__] == [
        "It is away. It is tried again every two seconds.",
        "The database of the ledger can be reached again.",
    ]


@pytest.mark.long
@pytest.mark.parametrize("above", [0, 1])
def test_a_replaced_folder_is_watched_again(config: Config, above: int) -> None:
    """A deployment may replace the folder, or a folder above it."""
    entries = config.entries / "en" / "entries"
    entries.mkdir(parents=True)
    replaced, runs = [entries, entries.parent][above], Runs()
    with running(replace(config, entries=entries, named_entries=entries), runs):
        runs.settled()
        replaced.rename(config.entries / "old")
        entries.mkdir(parents=True)
        before = runs.settled()

        (entries / "a.toml").write_text(entry_file(), "utf-8")

        assert runs.more_than(before)


def test_a_link_that_leads_to_another_folder_is_watched_again(config: Config) -> None:
    """Programs that deploy exchange the link; what was in the folder from before may stay."""
    link, new, runs = config.entries.with_name("link"), config.entries.with_name("new"), Runs()
    link.symlink_to(config.entries)
    new.mkdir()
    with running(replace(config, named_entries=link), runs):
        before = runs.settled()
        link.with_name("other").symlink_to(new)
        link.with_name("other").replace(link)
        assert runs.more_than(before)
        before = runs.settled()

        (new / "a.toml").write_text(entry_file(), "utf-8")

        assert runs.more_than(before)
        assert frozenset({"a.toml"}) in runs.told


def test_the_folder_that_the_configuration_names_now_is_watched(config: Config) -> None:
    """It may be another one since its link was exchanged, or `[paths]` was changed."""
    new, runs = config.entries.with_name("new"), Runs()
    new.mkdir()
    places = [config.entries]
    with running(config, runs, entries_now=lambda: places[-1]):
        runs.settled()
        places.append(new)
        before = runs.settled()

        (new / "a.toml").write_text(entry_file(), "utf-8")

        assert runs.more_than(before)
        assert frozenset({"a.toml"}) in runs.told


@pytest.mark.long
@pytest.mark.parametrize("gone_for", [0.0, 1.0])
def test_a_deleted_folder_is_watched_when_it_comes_back(
    config: Config, gone_for: float, caplog: pytest.LogCaptureFixture
) -> None:
    """Its inode number may be the same; its absence is reported once."""
    runs, entries = Runs(), config.entries
    with running(config, runs):
        runs.settled()
        shutil.rmtree(entries)
        assert not until(entries.exists, seconds=gone_for)
        entries.mkdir()
        before = runs.settled()

        (entries / "a.toml").write_text(entry_file(), "utf-8")

        assert runs.more_than(before)

    assert caplog.text.count("is not watched") <= 1


def test_the_loop_starts_without_the_folder(config: Config) -> None:
    """The run reports that it is missing."""
    config.entries.rmdir()
    runs = Runs()
    with running(config, runs):
        assert runs.more_than(0)
        config.entries.mkdir()

        assert runs.more_than(1)


# ---- Everything together


@pytest.mark.long
def test_a_dropped_file_reaches_a_client(newsroom: Newsroom) -> None:
    """`publisher.py serve` publishes it in all formats and on its own page."""
    with serve(newsroom.folder) as served:
        assert until(lambda: served.get("news.json").status_code == 200)
        for title in ("Dropped first", "Dropped second"):
            name = f"{title}.toml".lower().replace(" ", "-")
            text = entry_file(title, f"{datetime.now(UTC):%F}")
            (newsroom.folder / "entries" / name).write_text(text, "utf-8")

            assert until(lambda title=title: title in served.get("news.json").text)  # type: ignore[misc]  # mypy cannot infer a default's type

        news = served.get("news.json").json()["items"]
        assert [item["title"] for item in news] == ["Dropped second", "Dropped first"]
        for path in ("news.rss", "news.atom", ""):
            assert until(lambda path=path: "Dropped second" in served.get(path).text)  # type: ignore[misc]  # as above


@pytest.mark.long
def test_publishing_continues_after_the_folder_was_missing(newsroom: Newsroom) -> None:
    """Serving never stops."""
    newsroom.drop("good.toml", entry_file())
    entries = newsroom.folder / "entries"
    with serve(newsroom.folder) as served:
        assert until(lambda: served.get("news.rss").status_code == 200)
        away = Path(shutil.move(entries, newsroom.folder / "away"))
        assert until(lambda: "entries" in served.printed())
        assert served.get("news.rss").status_code == 200

        away.rename(entries)
        (entries / "new.toml").write_text(entry_file("After all"), "utf-8")

        assert until(lambda: "After all" in served.get("news.rss").text)
    assert "Traceback" not in served.printed()


def test_the_interval_grows_with_the_duration_of_a_scan() -> None:
    """Scans take at most a twentieth of the time; a short scan changes nothing."""
    started = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
    waits = {
        took: (
            schedule.third_full_run(Schedule(interval=60), started, took) - started
        ).total_seconds()
        for took in (0, 3, 30)
    }

    assert {took: round(wait) for took, wait in waits.items()} == {0: 180, 3: 180, 30: 1800}


def test_a_run_after_a_failed_one_covers_all_files(config: Config) -> None:
    """The changed paths of the failed run are not lost."""
    runs = Runs()
    with running(config, runs):
        before = runs.settled()
        runs.answers.append(KeyError())
        (config.entries / "a.toml").write_text(entry_file(), "utf-8")
        assert runs.more_than(before)
        failed = runs.settled()
        (config.entries / "b.toml").write_text(entry_file(), "utf-8")
        assert runs.more_than(failed + 1)

    assert runs.told[before] == frozenset({"a.toml"})
    assert None in runs.told[before + 1 :]


def test_the_interval_scans_all_files(config: Config) -> None:
    """It finds changes that watching missed."""
    runs = Runs()
    with running(replace(config, schedule=Schedule(interval=1)), runs):
        assert runs.more_than(4)

    assert runs.told.count(None) >= 4


@pytest.mark.long
def test_a_job_that_falls_due_at_the_end_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A publisher that is reloaded, or ends, leaves no traceback in the log."""
    errors: list[object] = []
    monkeypatch.setattr(threading, "excepthook", lambda words: errors.append(words.exc_value))

    for number in range(100):
        with _scheduler() as scheduler:
            for job in range(30):
                moment = datetime.now(UTC) + timedelta(microseconds=100 * job)
                scheduler.add_job(int, schedule._at(moment))  # noqa: SLF001 - as runs are set
            sleep(number % 20 / 5000)

    assert errors == []
