"""The schedule of runs.

A run begins at the start, when a file is dropped, on schedule, at the next moment at which
anything changes by itself, when the clock was set or the machine slept, and when a web worker
reports that the manifest is damaged. Runs follow one another in one thread; a wake-up during a
run leads to one more. A run that need not check every file gets the names of those that changed.
"""

from __future__ import annotations

import gc
import logging
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, time
from typing import TYPE_CHECKING

from dateline.config import Config, Schedule
from dateline.config.theme import stamps
from dateline.documents import manifest
from dateline.entries import scan
from dateline.entries.lazy_scan import newest, scan_some
from dateline.errors import DatelineError, LedgerAwayError, StoreAwayError
from dateline.publish.sources.polling import Follow, follow_nothing, poll
from dateline.system import clock, heartbeat

# Imported where something is scheduled or watched: `build` does neither.
if TYPE_CHECKING:
    from apscheduler.schedulers.background import BackgroundScheduler
    from apscheduler.triggers.date import DateTrigger

_STEP = 10  # milliseconds: watchfiles' own pace would lose a tenth of a second
_CHECKS_EVERY = 1000  # milliseconds: of the identity of the folder
_READS_CLOCK_EVERY = 0.05  # seconds
_STEADY = 0.02  # seconds that the clock may deviate without having been set
_AGAIN = timedelta(minutes=1)  # after a run that failed, whatever the schedule says
_AWAY_AGAIN = timedelta(seconds=2)  # after one that did not reach the ledger or the store
_PART = 0.05  # of the time may be spent on checks of every file
_NEWEST = 50  # files
_READS_REPORTS_EVERY = 0.1  # seconds
_BEATS_EVERY = 5.0  # seconds while it waits; the supervisor expects one a minute
_SOME_TIME = timedelta(days=1)  # if a cron line names a day that never comes
_log = logging.getLogger(__name__)


ChangedPaths = frozenset[str] | None
Run = Callable[[datetime, ChangedPaths], datetime | None]
Done = Callable[[datetime, datetime], None]


class _Wake:
    """The request for the next run: for some files, or for all."""

    def __init__(self, scheduler: BackgroundScheduler) -> None:
        self._scheduler = scheduler
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._paths: set[str] = set()
        self._for_all = True
        self._is_waiting = False  # for a moment that is known

    def of(self, paths: Iterable[str]) -> None:
        """Ask for a run that checks these files."""
        with self._lock:
            self._paths.update(paths)
        self._event.set()

    def of_young(self, paths: Iterable[str], moment: datetime) -> None:
        """Ask for a run that checks these files at `moment`: none can be read before.

        If a run was asked for already, that one checks them.
        """
        with self._lock:
            self._paths.update(paths)
            was_waiting, self._is_waiting = self._is_waiting, True
        if not was_waiting:
            self._scheduler.add_job(self._event.set, _at(moment))

    def of_all(self) -> None:
        """Ask for a run that checks every file."""
        self.fail()
        self._event.set()

    def fail(self) -> None:
        """Make the next run, whenever it is, check every file."""
        with self._lock:
            self._for_all = True

    def wait(self, feeds: Path | None, is_due: Callable[[], bool] = lambda: False) -> None:
        """Wait until a run is asked for or due, or a worker reports damage in the folder `feeds`.

        Heartbeats prove meanwhile that this thread does not hang.
        """
        heartbeat.beat()
        beaten = monotonic()
        while not self._event.wait(_READS_REPORTS_EVERY):
            if is_due():
                return
            if feeds and manifest.is_reported(feeds):
                return
            if monotonic() - beaten >= _BEATS_EVERY:
                heartbeat.beat()
                beaten = monotonic()

    def take(self) -> ChangedPaths:
        """Return the files to check, None for all; later requests are for another run."""
        self._event.clear()
        with self._lock:
            paths = None if self._for_all else frozenset(self._paths)
            self._paths, self._for_all, self._is_waiting = set(), False, False
        return paths


def run_forever(
    config: Config,
    run: Run,
    done: Done,
    stop: threading.Event,
    is_due: Callable[[], bool] = lambda: False,
    *,
    follow: Follow = follow_nothing,
    takes_over: bool = False,
) -> None:
    """Call `run` with the moment of each run, and the changed files, until `stop` is set.

    These are paths below the entries folder; None means that any file may have changed. `run`
    returns the next moment at which it wants to be called, or None; it is also called as soon as
    something `is_due`. One that raises is logged and repeated. After any other, `done` is called
    with its moment, and with the one at which three full runs in a row will have been missed.
    With a source, `follow` brings the entries folder up to date, and returns what has changed.
    A publisher that `takes_over` checks the newest of very many files first, then at once all.
    """
    gc.freeze()  # a collection over all modules in a run would cost 40 ms
    full = late = clock.now()
    outage = _Outage()
    with (
        _scheduler() as scheduler,
        _watching(config, wake := _Wake(scheduler), stop, follow) as is_followed,
    ):
        while not is_followed.wait(_BEATS_EVERY):
            heartbeat.beat()
        first = newest(config.entries, _NEWEST) if takes_over else None
        while not stop.is_set():
            now, changed, begun = clock.now(), wake.take(), monotonic()
            if first:
                changed, first, late = first, None, third_full_run(config.schedule, now)
            elif now >= full:
                changed = None
            wanted: datetime | None = now + _AGAIN
            is_done = False
            with _logging(), outage.noted():
                wanted, is_done = run(now, changed), True
            if outage.is_on:
                wanted = clock.now() + _AWAY_AGAIN
            if changed is None:
                took = monotonic() - begun
                full = _next_full_run(config.schedule, now, took)
                late = third_full_run(config.schedule, now, took)
            if is_done:
                with _logging():
                    done(now, late)
            else:
                wake.fail()
            # The only job, set again after each run: a clock that is set forward leaves no row of
            # missed jobs, and one that is set back leaves none that waits for a year.
            check = _next_check(config.schedule, clock.now()) if is_done else None
            moment = min(one for one in (wanted, full, check) if one)
            trigger = _at(clock.by_own(moment))
            scheduler.add_job(wake.of, trigger, [()], id="next", replace_existing=True)
            # A run that failed leaves the report where it is, and must not be repeated for it.
            wake.wait(config.feeds_folder if is_done else None, is_due)


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


@contextmanager
def _logging() -> Iterator[None]:
    """Log a failure, and go on."""
    try:
        yield
    except DatelineError as error:
        _log.error("%s", error)
    except Exception:  # noqa: BLE001 - a fault of ours must not end publishing
        _log.exception("This run failed, for a reason that Dateline does not know.")


def _next_full_run(schedule: Schedule, now: datetime, took: float) -> datetime:
    """Return the schedule's next moment, in UTC: local time would fire twice in autumn.

    An interval grows with the tree: a check, which `took` so many seconds, is a small part of it.
    """
    if schedule.cron is None:
        return now + timedelta(seconds=max(schedule.interval, took / _PART))
    from apscheduler.triggers.cron import CronTrigger  # noqa: PLC0415

    trigger = CronTrigger.from_crontab(schedule.cron, timezone=UTC)
    moment: datetime | None = trigger.get_next_fire_time(None, now)
    return moment or now + _SOME_TIME


def _at(moment: datetime) -> DateTrigger:
    from apscheduler.triggers.date import DateTrigger  # noqa: PLC0415

    return DateTrigger(moment, timezone=UTC)


@contextmanager
def _scheduler() -> Iterator[BackgroundScheduler]:
    """Start a scheduler that runs a job however late, also while the last one is ending."""
    from apscheduler.schedulers.background import BackgroundScheduler  # noqa: PLC0415

    defaults = {"misfire_grace_time": None, "max_instances": 100}
    scheduler = BackgroundScheduler(timezone=UTC, job_defaults=defaults)
    scheduler.start()
    try:
        yield scheduler
    finally:
        # A job that falls due during the shutdown would end the scheduler's thread with an error.
        scheduler.remove_all_jobs()
        scheduler.shutdown(wait=False)


@contextmanager
def _watching(
    config: Config, wake: _Wake, stop: threading.Event, follow: Follow
) -> Iterator[threading.Event]:
    """Wake as soon as a file, the configuration or the clock changes, beside the schedule.

    The event is set once the entries folder has followed its source, or could not.
    """
    is_followed = threading.Event()

    def unblock() -> None:
        stop.wait()
        wake.of(())

    if config.source is None:
        is_followed.set()
        entries = threading.Thread(target=_follow, args=(config.entries, wake, stop), daemon=True)
    else:
        words = (config, follow, wake.of, stop, is_followed)
        entries = threading.Thread(target=poll, args=words, daemon=True)
    threads = [
        entries,
        threading.Thread(target=_follow_settings, args=(config.files, wake, stop), daemon=True),
        threading.Thread(target=_follow_clock, args=(_ahead(), wake, stop), daemon=True),
        threading.Thread(target=unblock, daemon=True),
    ]
    for thread in threads:
        thread.start()
    try:
        yield is_followed
    finally:
        stop.set()
        for thread in threads:
            thread.join(timeout=5)


def _follow_settings(files: Sequence[Path], wake: _Wake, stop: threading.Event) -> None:
    """Wake when the configuration, or a file of the theme, is changed."""
    known = stamps(files)
    while not stop.wait(_CHECKS_EVERY / 1000):
        if (now := stamps(files)) != known:
            known = now
            wake.of_all()


def _follow_clock(known: float, wake: _Wake, stop: threading.Event) -> None:
    """Wake when the clock was set, or went on while the machine slept.

    Waits are measured by a clock that does neither, and an embargo would end late.
    """
    while not stop.wait(_READS_CLOCK_EVERY):
        ahead = _ahead()
        if abs(ahead - known) > _STEADY:
            known = ahead
            wake.of_all()


def _ahead() -> float:
    """Return how far the clock is ahead of the one that is never set (slewing moves both).

    Read again if this thread was interrupted in between: that would seem a clock that was set.
    """
    before, now = monotonic(), time()
    while monotonic() - before > _STEADY / 4:
        before, now = monotonic(), time()
    return now - before


def _follow(entries: Path, wake: _Wake, stop: threading.Event) -> None:
    """Watch the folder, and the one that takes its place; without a folder, wait for one."""
    logged = ""
    while not stop.is_set():
        try:
            _watch_one(entries, wake, stop)
            logged = ""
        except (OSError, RuntimeError) as error:  # the second is watchfiles' own
            if str(error) != logged:
                _log.warning("%s is not watched, only checked on schedule: %s", entries, error)
            logged = str(error)
            stop.wait(_CHECKS_EVERY / 1000)


def _watch_one(entries: Path, wake: _Wake, stop: threading.Event) -> None:
    """Wake at each change in the folder until another one has its name.

    The first wake-up is for what changed before the watch began.
    """
    from watchfiles import Change, watch  # noqa: PLC0415

    folder = _identity(entries)
    is_first = True
    for changes in watch(
        entries,
        step=_STEP,
        debounce=50,
        stop_event=stop,
        rust_timeout=_CHECKS_EVERY,
        yield_on_timeout=True,
    ):
        if is_first:
            wake.of_all()
        elif changes:
            paths = {os.path.relpath(path, entries) for _, path in changes}
            wake.of_young(paths, readable_at(entries, paths))
        is_first = False
        # Neither alone is enough: a new folder may get the old one's number.
        if (Change.deleted, str(entries)) in changes or _identity(entries) != folder:
            return


def readable_at(entries: Path, paths: Iterable[str]) -> datetime:
    """Return the moment at which all entries among these files can be read.

    Until then a run would only see that they are being written. Other files wait for nothing: a
    picture that is being copied must not delay news.
    """
    seen, now = scan_some(entries, paths), datetime.now(UTC)
    changed = max((seen.files[path].changed for path in seen.entries), default=0) if seen else 0
    pause = scan.holds_still_after(entries)
    left = pause - (now - datetime.fromtimestamp(changed / 1e9, UTC))
    return now + min(max(left, timedelta()), pause)


def _identity(folder: Path) -> tuple[int, int]:
    stat = folder.stat()
    return stat.st_dev, stat.st_ino
