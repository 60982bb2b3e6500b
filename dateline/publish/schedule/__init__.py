"""The schedule of runs.

A run begins at the start, when a file is dropped, on schedule, at the next moment at which
anything changes by itself, when the clock was set or the machine slept, and when a web worker
reports that the manifest is damaged. Runs follow one another in one thread; a wake-up during a
run leads to one more. A run that need not check every file gets the names of those that changed.
One that checks all gives way to news.
"""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from dateline.config import Config, Schedule
from dateline.entries.lazy_scan import newest
from dateline.errors import (
    DatelineError,
    LedgerAwayError,
    PostponedError,
    StoreAwayError,
    refused_file,
)
from dateline.publish.run import GiveWay, go_on
from dateline.publish.schedule.wake import BEATS_EVERY, ChangedPaths, Wake, watching
from dateline.publish.sources.polling import Follow, follow_nothing
from dateline.system import clock, heartbeat
from dateline.system.supervisor import FAILED

# Imported where something is scheduled or watched: `build` does neither.
if TYPE_CHECKING:
    from apscheduler.schedulers.background import BackgroundScheduler
    from apscheduler.triggers.date import DateTrigger

# After a run that failed, whatever the schedule says: twice as long each time. One that did not
# reach the ledger or the store is repeated at the first of these moments every time.
_AGAIN_FIRST = timedelta(seconds=2)
_AGAIN_AT_MOST = timedelta(minutes=1)
_UNKNOWN_AT_MOST = 4  # runs in a row that fail for a reason that nobody knows
_PART = 0.05  # of the time may be spent on checks of every file
_NEWEST = 50  # files
# A check of every file is postponed until it was so both for so long and so often.
_POSTPONED_FOR = 60.0  # seconds
_POSTPONED_TIMES = 10
_log = logging.getLogger(__name__)


Run = Callable[[datetime, ChangedPaths, GiveWay], datetime | None]
Done = Callable[[datetime, datetime], None]


class _Turns:
    """The order of runs: one for news comes before a check of every file.

    News is what was dropped, falls due by itself, or `is_due`. Even a check that has begun gives
    way to it, and begins again afterwards. One that was postponed often and for long comes after
    one more run for the news that is there, and goes on to its end.
    """

    def __init__(
        self, schedule: Schedule, wake: Wake, stop: threading.Event, is_due: Callable[[], bool]
    ) -> None:
        self._schedule = schedule
        self._wake = wake
        self._stop = stop
        self._is_due = is_due
        self._begun = 0.0  # the latest run
        self._postponed = 0  # times
        self._since = 0.0  # when it was postponed first
        self._took = 0.0  # seconds: the longest check that gave way
        self._was_for_news = False  # the latest run, although a check was due
        self._again = _AGAIN_FIRST  # after the next run that fails
        self._late = third_full_run(schedule, clock.now())
        self.full_due = clock.now()
        self.next_moment: datetime | None = None  # at which something changes by itself

    def begin(self, now: datetime) -> ChangedPaths:
        """Return the files that a run at `now` checks, None for all."""
        self._wake.begin()
        self._begun = monotonic()
        if self._wake.is_of_all:
            self.full_due = min(self.full_due, now)
        if now < self.full_due:
            return self._wake.take()
        if self._has_news() and (self._may_wait() or not self._was_for_news):
            self._was_for_news = True
            self._postpone()
            return self._wake.take()
        self._was_for_news = False
        self._wake.take_all()
        return None

    def give_way(self) -> None:
        """Raise `PostponedError` if a check of every file has to end for news."""
        if self._stop.is_set() or (self._may_wait() and self._has_news()):
            self._took = max(self._took, monotonic() - self._begun)
            self._postpone()
            raise PostponedError

    def _has_news(self) -> bool:
        is_moment = self.next_moment is not None and clock.now() >= self.next_moment
        return self._wake.has_news or is_moment or self._is_due()

    def _may_wait(self) -> bool:
        is_short = monotonic() - self._since < _POSTPONED_FOR
        return self._postponed < _POSTPONED_TIMES or is_short

    def _postpone(self) -> None:
        if not self._postponed:
            self._since = monotonic()
        self._postponed += 1

    def end_full(self, now: datetime, *, is_done: bool) -> None:
        """Note that a check of every file, which began at `now`, has ended or failed."""
        took = monotonic() - self._begun
        self._postponed, self._took = 0, 0.0
        self.full_due = _next_full_run(self._schedule, now, took)
        if is_done:
            self._late = third_full_run(self._schedule, now, took)
            heartbeat.end_hang()

    def late(self, now: datetime) -> datetime:
        """Return the moment at which three checks of every file in a row will be missed.

        One that was postponed is not missed.
        """
        if not self._postponed:
            return self._late
        return max(self._late, third_full_run(self._schedule, now, self._took))

    def fail(self, changed: ChangedPaths, *, is_away: bool) -> datetime:
        """Note that a run failed; return when it is repeated, and every file checked.

        If the ledger or the store `is_away`, the files of this run come before the others then.
        """
        pause = _AGAIN_FIRST if is_away else self._again
        self._again = min(2 * pause, _AGAIN_AT_MOST)
        again = clock.now() + pause
        self._wake.fail((changed or ()) if is_away else ())
        if changed is not None:
            self.full_due = max(self.full_due, again)
        if is_away:
            self._postponed = 0
        return again

    def succeed(self, wanted: datetime | None) -> None:
        """Note that a run was done, and that something changes by itself at the moment `wanted`."""
        self.next_moment = wanted
        self._again = _AGAIN_FIRST


def run_forever(
    config: Config,
    run: Run,
    done: Done,
    stop: threading.Event,
    *,
    is_due: Callable[[], bool] = lambda: False,
    while_waiting: Callable[[], None] = go_on,
    follow: Follow = follow_nothing,
    entries_now: Callable[[], Path] | None = None,
    takes_over: bool = False,
) -> None:
    """Call `run` with the moment of each run, and the changed files, until `stop` is set.

    These are paths below the entries folder; None means that any file may have changed. Then `run`
    calls its third argument now and then while it compares files: it raises `PostponedError`,
    which ends the run, if news came. `run` returns the next moment at which it wants to be called,
    or None; it is also called as soon as something `is_due`. One that raises anything else is
    logged and repeated. After any other, `done` is called with its moment, and with the one at
    which three full runs in a row will have been missed. Between runs `while_waiting` is called
    ten times a second. With a source, `follow` brings the entries folder up to date, and returns
    what has changed; without one, `entries_now` returns the name of the folder to watch, by
    default that of `config`. A publisher that `takes_over` checks the newest of very many files
    first.
    """
    gc.freeze()  # a collection over all modules in a run would cost 40 ms
    outage, failures, failed_ends = _Outage(), _Failures(), _Failures()
    place = entries_now or (lambda: config.named_entries)
    with _scheduler() as scheduler:
        wake = Wake(lambda act, moment: scheduler.add_job(act, _at(moment)))
        turns = _Turns(config.schedule, wake, stop, is_due)

        def once() -> bool:
            """Do one run, and schedule the next one; return whether it was done."""
            now = clock.now()
            changed = turns.begin(now)
            wanted: datetime | None = None
            is_done = False
            with failures.logged(), outage.noted():
                wanted, is_done = run(now, changed, turns.give_way), True
            if changed is None:
                turns.end_full(now, is_done=is_done)
            if is_done:
                turns.succeed(wanted)
                with failed_ends.logged():
                    done(now, turns.late(now))
            else:
                wanted = turns.fail(changed, is_away=outage.is_on)
            # The only job, set again after each run: a clock that is set forward leaves no row
            # of missed jobs, and one that is set back leaves none that waits for a year.
            check = _next_check(config.schedule, clock.now()) if is_done else None
            moment = min(one for one in (wanted, turns.full_due, check) if one)
            trigger = _at(clock.by_own(moment))
            scheduler.add_job(wake.of, trigger, [()], id="next", replace_existing=True)
            return is_done

        # To watch very many files takes a moment to begin.
        if takes_over and config.source is None and (files := newest(config.entries, _NEWEST)):
            wake.of(files)
            with suppress(PostponedError):
                once()
        with watching(config, wake, stop, follow, place) as is_followed:
            while not is_followed.wait(BEATS_EVERY):
                heartbeat.beat()
            if takes_over:
                wake.of(newest(config.entries, _NEWEST))
            while not stop.is_set():
                with suppress(PostponedError):
                    # A run that failed leaves the report where it is, and must not be repeated
                    # for it.
                    reports = config.feeds_folder if once() else None
                    wake.wait(reports, is_due, while_waiting)


def _next_check(schedule: Schedule, now: datetime) -> datetime | None:
    """Return when a run follows that checks no file, since a check of all may take long.

    Its cost does not grow with the tree, and it writes a damaged manifest again.
    """
    return now + timedelta(seconds=schedule.interval) if schedule.cron is None else None


def third_full_run(schedule: Schedule, now: datetime, took: float = 0) -> datetime:
    """Return the moment at which three full runs in a row will be missed, after one at `now`.

    It `took` so many seconds, and so will they.
    """
    for _ in range(3):
        now = _next_full_run(schedule, now + timedelta(microseconds=1), took)
    return now


class _Outage:
    """The time in which the ledger or the store cannot be reached; its log has two lines."""

    def __init__(self) -> None:
        self.is_on = False
        self._what = ""

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Note whether a run reaches both, and log when that changes."""
        try:
            yield
        except (LedgerAwayError, StoreAwayError) as error:
            if not self.is_on:
                _log.error("%s It is tried again every two seconds.", error)
            is_ledger = isinstance(error, LedgerAwayError)
            self._what = "The database of the ledger" if is_ledger else "The object store"
            self.is_on = True
        else:
            if self.is_on:
                _log.warning("%s can be reached again.", self._what)
            self.is_on = False


class _Failures:
    """What fails is logged, and what follows goes on.

    After four failures in a row for a reason that nobody knows, the process ends, and is
    started again: where it got no memory, it may be left with broken modules.
    """

    def __init__(self) -> None:
        self._unknown = 0  # runs in a row

    @contextmanager
    def logged(self) -> Iterator[None]:
        """Log a failure. Raises `SystemExit` for one too many that nobody knows."""
        before, self._unknown = self._unknown, 0
        try:
            yield
        except DatelineError as error:
            _log.error("%s", error)
        except Exception as error:
            if sentence := refused_file(error):
                _log.error("%s", sentence)
                return
            _log.exception("This run failed, for a reason that Dateline does not know.")
            self._unknown = before + 1
            if self._unknown == _UNKNOWN_AT_MOST:
                _log.error("%d runs in a row have failed. A new process takes over.", self._unknown)
                raise SystemExit(FAILED) from error


def _next_full_run(schedule: Schedule, now: datetime, took: float) -> datetime:
    """Return the schedule's next moment, in UTC: local time would fire twice in autumn.

    An interval grows with the tree: a check, which `took` so many seconds, is a small part of it.
    """
    if schedule.cron is None:
        return now + timedelta(seconds=max(schedule.interval, took / _PART))
    from apscheduler.triggers.cron import CronTrigger  # noqa: PLC0415

    trigger = CronTrigger.from_crontab(schedule.cron, timezone=UTC)
    moment: datetime = trigger.get_next_fire_time(None, now)
    return moment


def _at(moment: datetime) -> DateTrigger:
    from apscheduler.triggers.date import DateTrigger  # noqa: PLC0415

    return DateTrigger(moment, timezone=UTC)


def load() -> None:
    """Import what schedules and watches, as a process does that will have no time for it."""
    for name in ("apscheduler.schedulers.background", "apscheduler.triggers.date", "watchfiles"):
        import_module(name)


@contextmanager
def _scheduler() -> Iterator[BackgroundScheduler]:
    """Start a scheduler that runs a job however late, in its own thread: a job only wakes.

    A thread of a pool may not start, where the machine has no memory, and the job would be lost.
    """
    from apscheduler.executors.debug import DebugExecutor  # noqa: PLC0415
    from apscheduler.schedulers.background import BackgroundScheduler  # noqa: PLC0415

    defaults = {"misfire_grace_time": None, "max_instances": 100}
    own = {"default": DebugExecutor()}
    scheduler = BackgroundScheduler(timezone=UTC, executors=own, job_defaults=defaults)
    scheduler.start()
    try:
        yield scheduler
    finally:
        # A job that falls due during the shutdown would end the scheduler's thread with an error.
        scheduler.remove_all_jobs()
        scheduler.shutdown(wait=False)
