"""The line runs at the start, on schedule, when a file is dropped, and whatever goes wrong."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import sleep, time

import pytest

from dateline.config import Config, Schedule
from dateline.documents import manifest
from dateline.errors import IntakeError, StoreError
from dateline.publish import schedule
from support.publication import Newsroom, entry_file, picture
from support.serving import PATIENCE, serve, until

STILL = 0.3  # seconds for which a file must have been left alone


@dataclass
class Runs:
    """What `run_forever` calls; `answers` are given, or raised, in turn, and then None."""

    answers: list[datetime | Exception | None] = field(default_factory=list)
    moments: list[datetime] = field(default_factory=list)
    told: list[schedule.ChangedPaths] = field(default_factory=list)
    looks: list[tuple[datetime, datetime]] = field(default_factory=list)

    def looked(self, now: datetime, late: datetime) -> None:
        """Take note of a run that went well, and of when three looks will have been missed."""
        self.looks.append((now, late))

    def __call__(self, now: datetime, told: schedule.ChangedPaths) -> datetime | None:
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
        """Wait until there is nothing left to run for; give how many runs there were.

        Two are sure to come, however slow the machine is: at the start, and for what was
        dropped before the folder was watched.
        """
        self.more_than(1)
        while self.more_than(len(self.moments), seconds=0.6):
            pass
        return len(self.moments)


@pytest.fixture
def config(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> Config:
    """Give a configuration whose schedule alone starts nothing during a test."""
    monkeypatch.setattr(schedule, "_CHECKS_EVERY", 200)  # a second would be five times the wait
    return replace(newsroom.config, schedule=Schedule(interval=3600))


def unheard(_now: datetime, _late: datetime) -> None:
    """Take no note of a run."""


@contextmanager
def running(config: Config, runs: schedule.Run, looked: schedule.Done = unheard) -> Iterator[None]:
    """Run the loop in a thread, which ends when it is told to."""
    stop = threading.Event()
    thread = threading.Thread(target=schedule.run_forever, args=(config, runs, looked, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(PATIENCE)
    assert not thread.is_alive()


# ---- Why it runs


def test_it_runs_at_the_start_and_then_rests(config: Config) -> None:
    """Once, and once more for what was dropped before the folder was watched."""
    runs = Runs()

    with running(config, runs):
        assert runs.more_than(0)
        assert runs.settled() <= 2


def test_a_dropped_file_starts_a_run(config: Config) -> None:
    """Also in a folder that was made just now."""
    runs = Runs()
    with running(config, runs):
        for name in ("a.toml", "2026/b.toml"):
            before = runs.settled()
            path = config.entries / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(entry_file(), "utf-8")

            assert runs.more_than(before)


def test_a_changed_configuration_starts_a_run(config: Config) -> None:
    """Within seconds, and one for all files; a second change too."""
    runs = Runs()
    with running(config, runs):
        for number in (1, 2):
            before = runs.settled()
            text = config.path.read_text("utf-8")
            config.path.write_text(f"{text}# {number}\n", "utf-8")

            assert runs.more_than(before)
            assert runs.told[before] is None


def test_a_run_is_told_what_changed(config: Config) -> None:
    """At the start, and after one that failed, any file may have; else those that somebody saw."""
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
        (config.entries / "c.toml").write_text(entry_file(), "utf-8")
        assert runs.more_than(last)

    assert set(runs.told[:before]) == {None}
    assert set(runs.told[before:after]) == {frozenset({"a.toml"})}
    assert runs.told[last] is None


def test_an_entry_that_is_being_written_starts_no_run_that_can_only_wait(config: Config) -> None:
    """There is one for it and what comes meanwhile, as soon as it held still."""
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
            if beside.stat().st_ctime - written < 0.2:  # else the machine was too busy
                break

    assert runs.told[before:] == [frozenset({"a.toml", "p.png"})]


def test_what_is_no_entry_waits_for_nothing(config: Config) -> None:
    """Nor does what is gone: else a picture that is being copied would make news late."""
    for name in ("young.toml", "p.png"):
        (config.entries / name).touch()
    begun, pause = datetime.now(UTC), timedelta(seconds=STILL)

    for name in ("gone.toml", "p.png", ".young.toml.swp"):
        assert schedule.readable_at(config.entries, [name]) <= datetime.now(UTC)
    assert schedule.readable_at(config.entries, ["p.png", "young.toml"]) > begun + 0.5 * pause


@pytest.mark.parametrize("change", ["edit", "rename", "delete"])
def test_whatever_happens_to_a_file_starts_a_run(config: Config, change: str) -> None:
    """Not only its coming."""
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
    """Nothing that comes while the line is busy is forgotten."""
    takes_long, begun, go_on = threading.Event(), threading.Event(), threading.Event()
    runs = Runs()

    def run(now: datetime, told: schedule.ChangedPaths) -> None:
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
        sleep(2 * STILL)  # by then its run is asked for, while the line is busy
        go_on.set()

        assert until(lambda: any("b.toml" in told for told in runs.told[before:] if told))


def test_the_next_moment_starts_a_run(config: Config) -> None:
    """Neither before it, nor long after; a later answer takes an earlier one's place."""
    due = datetime.now(UTC) + timedelta(seconds=2)
    runs = Runs([due + timedelta(hours=1), due])

    with running(config, runs):
        assert until(lambda: any(moment >= due for moment in runs.moments))

    early = [moment for moment in runs.moments if moment < due]
    assert len(early) <= 2


def test_a_moment_that_has_passed_starts_a_run_at_once(config: Config) -> None:
    """A machine that slept does what it missed."""
    runs = Runs([datetime.now(UTC) - timedelta(days=1)])

    with running(config, runs):
        assert runs.more_than(1)


def test_one_moment_after_another_that_has_passed_is_not_lost(config: Config) -> None:
    """Not even while the scheduler is still busy with the last."""
    runs = Runs([datetime.now(UTC)] * 500)

    with running(config, runs):
        assert runs.more_than(500)


@pytest.mark.parametrize("wanted", [[], [datetime(2100, 1, 1, tzinfo=UTC)] * 10])
def test_the_interval_starts_runs(config: Config, wanted: list[datetime]) -> None:
    """By itself, when the file system tells nothing, and the next moment is far."""
    runs = Runs([*wanted])

    with running(replace(config, schedule=Schedule(interval=1)), runs):
        assert runs.more_than(3)


@pytest.mark.parametrize(
    "first", [datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 10, 24, tzinfo=UTC)]
)
@pytest.mark.parametrize("zone", ["Europe/Vienna", "America/Santiago", "Australia/Lord_Howe"])
def test_cron_is_in_utc_where_no_hour_comes_twice(
    monkeypatch: pytest.MonkeyPatch, zone: str, first: datetime
) -> None:
    """In autumn a local 02:30 would come twice, and in spring not at all."""
    monkeypatch.setenv("TZ", zone)

    days = chain("30 2 * * *", first, 3)
    hours = chain("30 * * * *", first, 72)

    assert days == [first + timedelta(days=day, hours=2.5) for day in range(3)]
    assert hours == [first + timedelta(hours=hour + 0.5) for hour in range(72)]


def chain(cron: str, now: datetime, count: int) -> list[datetime]:
    """Give the next moments of a cron line; each run is some milliseconds late."""
    moments = []
    for _ in range(count):
        moments.append(schedule._next_full_run(Schedule(cron=cron), now, 0))  # noqa: SLF001 - its whole point
        now = moments[-1] + timedelta(milliseconds=3)
    return moments


def test_a_moment_that_passes_during_a_run_is_not_skipped() -> None:
    """What counts is when the run began."""
    begun = datetime(2026, 11, 25, 10, 59, 59, 900_000, tzinfo=UTC)

    assert chain("0 * * * *", begun, 1) == [datetime(2026, 11, 25, 11, tzinfo=UTC)]


def test_a_cron_line_whose_day_never_comes_is_run_daily() -> None:
    """The 30th of February, say."""
    now = datetime(2026, 11, 25, tzinfo=UTC)

    assert chain("0 0 30 2 *", now, 1) == [now + timedelta(days=1)]


@pytest.mark.parametrize("ahead", [3600, -3600, 0.5])
def test_a_clock_that_is_set_starts_a_run(
    config: Config, monkeypatch: pytest.MonkeyPatch, ahead: float
) -> None:
    """As does a machine that wakes; one run, however far the clock was put."""
    runs = Runs()
    with running(config, runs):
        before = runs.settled()

        monkeypatch.setattr(schedule, "time", lambda: time() + ahead)

        assert runs.more_than(before)
        assert runs.settled() == before + 1


@pytest.mark.parametrize("plan", [Schedule(interval=3600), Schedule(cron="0 0 30 2 *")])
def test_a_report_of_damage_starts_a_run(config: Config, plan: Schedule) -> None:
    """At once, whatever the schedule; it is for no file."""
    runs = Runs()
    config.feeds_folder.mkdir()

    def run(now: datetime, told: schedule.ChangedPaths) -> datetime | None:
        manifest.take_report(config.feeds_folder)
        return runs(now, told)

    with running(replace(config, schedule=plan), run):
        before = runs.settled()
        manifest.report_damage(config.feeds_folder, "news.rss")

        assert runs.more_than(before)
        assert runs.settled() == before + 1
    assert runs.told[before] == frozenset()


def test_a_report_repeats_no_run_that_failed(config: Config) -> None:
    """The report is still there; what stopped the run, a full disk for one, is, too."""
    runs = Runs()
    config.feeds_folder.mkdir()
    with running(config, runs):
        before = runs.settled()
        runs.answers = [StoreError("no")] * 10
        manifest.report_damage(config.feeds_folder, "news.rss")

        assert runs.more_than(before)
        assert runs.settled() == before + 1


# ---- What is said of its looks


def test_a_look_that_took_long_is_not_late_before_the_next_ones(config: Config) -> None:
    """Each comes after twenty times as long as the last took, if that is longer."""
    runs = Runs()

    def run(now: datetime, told: schedule.ChangedPaths) -> datetime | None:
        sleep(0.5)
        return runs(now, told)

    with running(replace(config, schedule=Schedule(interval=1)), run, runs.looked):
        assert until(lambda: bool(runs.looks))

    now, late = runs.looks[0]
    assert late - now >= 3 * 20 * timedelta(seconds=0.5)


def test_a_look_that_took_long_puts_no_run_off(config: Config) -> None:
    """A damaged manifest waits for an interval; only files wait for the next look."""
    runs = Runs()

    def run(now: datetime, told: schedule.ChangedPaths) -> datetime | None:
        sleep(1 if told is None else 0)
        return runs(now, told)

    with running(replace(config, schedule=Schedule(interval=1)), run, runs.looked):
        assert until(lambda: frozenset() in runs.told)

    number = runs.told.index(frozenset())
    assert runs.moments[number] - runs.moments[number - 1] < timedelta(seconds=10)
    assert runs.looks[number][1] == runs.looks[number - 1][1]


def test_a_run_for_one_file_puts_no_look_off(config: Config) -> None:
    """Every file is looked at as late, or as soon, as before."""
    runs = Runs()
    with running(config, runs, runs.looked):
        before = runs.settled()
        (config.entries / "a.toml").write_text(entry_file(), "utf-8")
        assert until(lambda: len(runs.looks) > before)

    assert runs.told[before] == frozenset({"a.toml"})
    assert runs.looks[before] == (runs.moments[before], runs.looks[before - 1][1])


def test_a_run_that_failed_is_no_look(config: Config) -> None:
    """Else nobody would see that all of them fail."""
    runs = Runs([IntakeError("no")])
    with running(config, runs, runs.looked):
        assert until(lambda: bool(runs.looks))

    assert runs.moments[0] not in [now for now, _ in runs.looks]


def test_a_look_that_cannot_be_noted_is_told_and_delays_nothing(
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


# ---- What goes wrong


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (IntakeError("The entries folder cannot be looked at."), "The entries folder cannot be"),
        (KeyError("something"), "for a reason that Dateline does not know"),
        (OSError(28, "No space left on device"), "No space left on device"),
    ],
)
def test_a_run_that_fails_is_told_and_tried_again(
    config: Config, error: Exception, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Publishing goes on with the next file."""
    runs = Runs([error, error])

    with running(config, runs):
        before = runs.settled()
        (config.entries / "a.toml").write_text(entry_file(), "utf-8")
        assert runs.more_than(before)

    assert said in caplog.text
    assert ("Traceback" in caplog.text) == (not isinstance(error, IntakeError))


def test_a_run_that_fails_is_tried_again_by_itself(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not only at the next tick, which may be tomorrow's."""
    monkeypatch.setattr(schedule, "_AGAIN", timedelta(seconds=2))
    runs = Runs([None, KeyError(), KeyError()])

    with running(config, runs):
        assert runs.more_than(3)


@pytest.mark.parametrize("above", [0, 1])
def test_a_folder_that_is_replaced_is_watched_again(config: Config, above: int) -> None:
    """By another of its name, as a deployment does it; or with the folder that it lies in."""
    entries = config.entries / "en" / "entries"
    entries.mkdir(parents=True)
    replaced, runs = [entries, entries.parent][above], Runs()
    with running(replace(config, entries=entries), runs):
        runs.settled()
        replaced.rename(config.entries / "old")
        entries.mkdir(parents=True)
        before = runs.settled()

        (entries / "a.toml").write_text(entry_file(), "utf-8")

        assert runs.more_than(before)


@pytest.mark.parametrize("gone_for", [0.0, 1.0])
def test_a_folder_that_is_deleted_is_watched_when_it_comes_back(
    config: Config, gone_for: float, caplog: pytest.LogCaptureFixture
) -> None:
    """Also where it gets the old one's number; that it is missing is told once."""
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


def test_a_folder_that_was_never_there_is_waited_for(config: Config) -> None:
    """The loop runs all the same: it is the run that says what is wrong."""
    config.entries.rmdir()
    runs = Runs()
    with running(config, runs):
        assert runs.more_than(0)
        config.entries.mkdir()

        assert runs.more_than(1)


# ---- All of it


def test_a_dropped_file_reaches_a_client(newsroom: Newsroom) -> None:
    """Through `publisher.py serve`, into all formats and its own page."""
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


def test_publishing_goes_on_after_the_folder_was_away(newsroom: Newsroom) -> None:
    """Serving never stopped."""
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


def test_the_interval_grows_with_the_time_that_a_look_takes() -> None:
    """To look takes a twentieth of the time at most; a short look changes nothing."""
    started = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
    waits = {
        took: (
            schedule.third_full_run(Schedule(interval=60), started, took) - started
        ).total_seconds()
        for took in (0, 3, 30)
    }

    assert {took: round(wait) for took, wait in waits.items()} == {0: 180, 3: 180, 30: 1800}


def test_after_a_run_that_failed_every_file_is_looked_at(config: Config) -> None:
    """What it was told of is not forgotten with it."""
    runs = Runs()
    with running(config, runs):
        before = runs.settled()
        runs.answers.append(KeyError())
        (config.entries / "a.toml").write_text(entry_file(), "utf-8")
        assert runs.more_than(before)
        failed = runs.settled()
        (config.entries / "b.toml").write_text(entry_file(), "utf-8")
        assert runs.more_than(failed)

    assert runs.told[before] == frozenset({"a.toml"})
    assert None in runs.told[before + 1 :]


def test_the_interval_looks_at_every_file(config: Config) -> None:
    """Whatever the watching missed is found then."""
    runs = Runs()
    with running(replace(config, schedule=Schedule(interval=1)), runs):
        assert runs.more_than(4)

    assert runs.told.count(None) >= 4
