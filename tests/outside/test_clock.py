"""The publisher keeps its times when the clock is set, and when the machine sleeps.

libfaketime shows a process a clock that a test sets, as NTP sets a real one: waiting depends on
another clock, which nobody sets. To a process, waking from sleep looks the same.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep

import pytest

from dateline.serve import processes
from outside.programs import missing
from support.process_tree import children
from support.publication import Newsroom, entry_file
from support.serving import Served, serve, until

pytestmark = pytest.mark.outside

TICKING = Path(__file__).parent / "ticking.py"
SOON = 10.0  # seconds, for a slow and busy machine: the promise is a quarter of one
HOUR, YEAR = timedelta(hours=1), timedelta(days=365)


@dataclass
class Clock:
    """The clock of the processes that are started, and its offset from ours."""

    file: Path
    ahead: timedelta = timedelta(0)

    @property
    def now(self) -> datetime:
        """Return the time that it shows."""
        return datetime.now(UTC) + self.ahead

    def put(self, ahead: timedelta) -> None:
        """Set it, in one step, in whole seconds."""
        new = self.file.with_suffix(".new")
        new.write_text(f"{ahead.total_seconds():+.0f}", encoding="ascii")
        new.replace(self.file)
        self.ahead = ahead


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Return a clock that shows the true time so far."""
    library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
    if library is None:
        pytest.fail(missing(), pytrace=False)
    found = Clock(tmp_path / "clock")
    found.put(timedelta(0))
    monkeypatch.setenv("LD_PRELOAD", str(library))
    monkeypatch.setenv("FAKETIME_TIMESTAMP_FILE", str(found.file))
    monkeypatch.setenv("FAKETIME_NO_CACHE", "1")
    monkeypatch.setenv("FAKETIME_DONT_FAKE_MONOTONIC", "1")
    monkeypatch.setenv("NO_FAKE_STAT", "1")  # files keep their times when a clock is set
    return found


@pytest.fixture
def served(newsroom: Newsroom, clock: Clock) -> Iterator[Served]:
    """Serve a publication with one entry, whose schedule alone starts nothing during a test."""
    assert clock.ahead == timedelta(0)
    configure(newsroom, "interval = 3600")
    newsroom.drop("out.toml", entry_file("Out already"))
    with serve(newsroom.folder) as found:
        assert until(lambda: titles(found) == ["Out already"])
        yield found


def configure(newsroom: Newsroom, schedule: str) -> None:
    """Set the publication's schedule."""
    with (newsroom.folder / "config.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[schedule]\n{schedule}\n")


def embargo(newsroom: Newsroom, served: Served, title: str, moment: datetime) -> None:
    """Drop an entry that is due at a moment, and wait until the publisher has read it."""
    name = f"{title.lower()}.toml"
    newsroom.drop(name, entry_file(title, f"{moment:%FT%T}Z"))
    assert until(lambda: name in served.printed())


def titles(served: Served) -> list[str]:
    """Return the published titles, newest first."""
    answer = served.get("news.json")
    return [item["title"] for item in answer.json()["items"]] if answer.is_success else []


# ---- An embargo


def test_a_clock_set_forward_publishes_due_entries(
    newsroom: Newsroom, served: Served, clock: Clock
) -> None:
    """At once, not at the next regular check; correcting a wrong clock withdraws nothing."""
    embargo(newsroom, served, "Embargoed", clock.now + HOUR / 2)
    assert seconds_until_shown(served, clock, HOUR, "Embargoed") < SOON

    clock.put(timedelta(0))
    newsroom.drop("next.toml", entry_file("Next", f"{clock.now:%F}"))
    assert until(lambda: {*titles(served)} == {"Next", "Embargoed", "Out already"})

    embargo(newsroom, served, "Later", clock.now + 20 * YEAR)
    assert seconds_until_shown(served, clock, 30 * YEAR, "Later") < SOON


def seconds_until_shown(served: Served, clock: Clock, ahead: timedelta, title: str) -> float:
    """Set the clock forward, and return how long an entry takes to be published."""
    clock.put(ahead)
    begun = monotonic()
    assert until(lambda: title in titles(served))
    return monotonic() - begun


def test_a_clock_set_back_publishes_nothing_early(
    newsroom: Newsroom, served: Served, clock: Clock
) -> None:
    """The remaining wait is recalculated; published entries stay."""
    due = clock.now.replace(microsecond=0) + timedelta(seconds=12)
    embargo(newsroom, served, "Embargoed", due)

    clock.put(timedelta(seconds=-4))

    while True:
        found = titles(served)
        if (seen := clock.now) >= due:
            break
        assert found == ["Out already"], f"{due - seen} early"
        sleep(0.05)
    assert until(lambda: titles(served) == ["Embargoed", "Out already"])
    assert clock.now - due < timedelta(seconds=SOON)


def test_a_resumed_publisher_publishes_what_it_missed(
    newsroom: Newsroom, served: Served, clock: Clock
) -> None:
    """As soon as it goes on."""
    publisher = next(
        number
        for number in children(served.process.pid)
        if b"follow" in Path(f"/proc/{number}/cmdline").read_bytes()
    )
    due = clock.now + timedelta(seconds=15)
    embargo(newsroom, served, "Embargoed", due)
    os.kill(publisher, signal.SIGSTOP)
    sleep((due - clock.now).total_seconds() + 1)
    assert titles(served) == ["Out already"]

    os.kill(publisher, signal.SIGCONT)
    begun = monotonic()

    assert until(lambda: "Embargoed" in titles(served))
    assert monotonic() - begun < SOON


# ---- The schedule


@pytest.mark.parametrize("ahead", [HOUR, -HOUR, 30 * YEAR, -30 * YEAR])
def test_the_schedule_continues_from_the_new_time(
    newsroom: Newsroom, clock: Clock, ahead: timedelta
) -> None:
    """It neither repeats years of missed runs, nor waits for years that have passed."""
    configure(newsroom, "interval = 1")
    output = newsroom.folder / "output.txt"
    command = [sys.executable, str(TICKING), str(newsroom.folder / "config.toml")]
    with (
        output.open("wb") as file,
        subprocess.Popen(command, stdout=file, env=processes.environment()) as process,
    ):
        try:
            assert until(lambda: len(run_times(output)) > 2)
            clock.put(ahead)
            sleep(4.5)
        finally:
            process.kill()

    after = [
        moment for moment in run_times(output) if abs(clock.now - moment) < timedelta(minutes=1)
    ]
    assert 3 <= len(after) <= 6, after


def run_times(output: Path) -> list[datetime]:
    """Return the times of the runs so far."""
    return [datetime.fromisoformat(line) for line in output.read_text("ascii").splitlines()]
