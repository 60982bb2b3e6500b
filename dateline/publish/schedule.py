"""When does the line run?

At the start, when a file is dropped, when the schedule says so, at the next moment at which
anything changes by itself, and when the clock was set or the machine slept. The runs follow
one another in one thread; a wake-up while one is under way leads to one more. A run that has
no reason to look at every file is told which changed.
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

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger
from watchfiles import Change, watch

from dateline.config import Config, Schedule
from dateline.config.theme import stamps
from dateline.entries import scan
from dateline.entries.lazy_scan import glance
from dateline.errors import DatelineError
from dateline.system import heartbeat

_STEP = 10  # milliseconds: watchfiles' own pace would lose a tenth of a second
_LOOKS_EVERY = 1000  # milliseconds: is it still the same folder?
_FEELS_EVERY = 0.05  # seconds: was the clock set?
_STEADY = 0.02  # seconds by which the clock may be off without anybody's having set it
_AGAIN = timedelta(minutes=1)  # after a run that failed, whatever the schedule says
_PART = 0.05  # of the time may go by with looking at every file
_BEATS_EVERY = 5.0  # seconds
_SOME_TIME = timedelta(days=1)  # where a cron line names a day that never comes
_log = logging.getLogger(__name__)


Told = frozenset[str] | None
Run = Callable[[datetime, Told], datetime | None]
Looked = Callable[[datetime, datetime], None]


class _Wake:
    """Why the next run is wanted: for these files, or for all."""

    def __init__(self, scheduler: BackgroundScheduler) -> None:
        self._scheduler = scheduler
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._told: set[str] = set()
        self._for_all = True
        self._is_waiting = False  # for a moment that is known

    def of(self, paths: Iterable[str]) -> None:
        """Ask for a run that looks at these files."""
        with self._lock:
            self._told.update(paths)
        self._event.set()

    def of_young(self, paths: Iterable[str], moment: datetime) -> None:
        """Ask for a run that looks at these files at `moment`: none can be read before.

        Where one is asked for already, it is that.
        """
        with self._lock:
            self._told.update(paths)
            was_waiting, self._is_waiting = self._is_waiting, True
        if not was_waiting:
            self._scheduler.add_job(self._event.set, DateTrigger(moment, timezone=UTC))

    def of_all(self) -> None:
        """Ask for a run that looks at every file."""
        self.fail()
        self._event.set()

    def fail(self) -> None:
        """Let the next run, whenever it is, look at every file."""
        with self._lock:
            self._for_all = True

    def wait(self) -> None:
        """Wait until a run is asked for, and show meanwhile that this thread does not hang."""
        heartbeat.beat()
        while not self._event.wait(_BEATS_EVERY):
            heartbeat.beat()

    def take(self) -> Told:
        """Give which files the run is for, None for all; what is asked from now on is for more."""
        self._event.clear()
        with self._lock:
            told = None if self._for_all else frozenset(self._told)
            self._told, self._for_all, self._is_waiting = set(), False, False
        return told


def run_forever(config: Config, run: Run, looked: Looked, stop: threading.Event) -> None:
    """Call `run` with the moment of each run, and what changed, until `stop` is set.

    What changed are paths below the entries folder; None says that any file may have. `run`
    gives the next moment at which it wants to be called, or None. One that raises is told and
    tried again. After any other `looked` is called with its moment, and the one at which three
    looks in a row will have been missed.
    """
    gc.freeze()  # to look over all modules again, in the midst of a run, costs 40 ms
    look = late = datetime.now(UTC)
    with _scheduler() as scheduler, _watching(config, wake := _Wake(scheduler), stop):
        while not stop.is_set():
            now, told, begun = datetime.now(UTC), wake.take(), monotonic()
            if now >= look:
                told = None
            wanted: datetime | None = now + _AGAIN
            is_done = False
            with _telling():
                wanted, is_done = run(now, told), True
            if told is None:
                took = monotonic() - begun
                look = _next_look(config.schedule, now, took)
                late = third_look(config.schedule, now, took)
            if is_done:
                with _telling():
                    looked(now, late)
            else:
                wake.fail()
            # The only job, dealt anew after each run: a clock that is put forward leaves no
            # row of missed ones, and one that is put back none that waits for another year.
            check = _next_check(config.schedule, datetime.now(UTC)) if is_done else None
            moment = min(one for one in (wanted, look, check) if one)
            trigger = DateTrigger(moment, timezone=UTC)
            scheduler.add_job(wake.of, trigger, [()], id="next", replace_existing=True)
            wake.wait()


def _next_check(schedule: Schedule, now: datetime) -> datetime | None:
    """Return when a run follows that looks at no file, where looking at all takes long.

    Its cost does not grow with the tree, and it writes a damaged manifest again.
    """
    return now + timedelta(seconds=schedule.interval) if schedule.cron is None else None


def third_look(schedule: Schedule, now: datetime, took: float = 0) -> datetime:
    """Give the moment at which three looks in a row will have been missed, after one at `now`.

    It `took` so many seconds, and so will they.
    """
    for _ in range(3):
        now = _next_look(schedule, now + timedelta(microseconds=1), took)
    return now


@contextmanager
def _telling() -> Iterator[None]:
    """Tell what fails, and go on."""
    try:
        yield
    except DatelineError as error:
        _log.error("%s", error)
    except Exception:  # noqa: BLE001 - a fault of ours must not end publishing
        _log.exception("This run failed, for a reason that Dateline does not know.")


def _next_look(schedule: Schedule, now: datetime, took: float) -> datetime:
    """Give the schedule's next moment, in UTC: local time would fire twice in autumn.

    An interval grows with the tree: looking, which `took` so many seconds, is a small part of it.
    """
    if schedule.cron is None:
        return now + timedelta(seconds=max(schedule.interval, took / _PART))
    trigger = CronTrigger.from_crontab(schedule.cron, timezone=UTC)
    moment: datetime | None = trigger.get_next_fire_time(None, now)
    return moment or now + _SOME_TIME


@contextmanager
def _scheduler() -> Iterator[BackgroundScheduler]:
    """Start a scheduler that does a job however late, also while the last one is ending."""
    defaults = {"misfire_grace_time": None, "max_instances": 100}
    scheduler = BackgroundScheduler(timezone=UTC, job_defaults=defaults)
    scheduler.start()
    try:
        yield scheduler
    finally:
        scheduler.shutdown(wait=False)


@contextmanager
def _watching(config: Config, wake: _Wake, stop: threading.Event) -> Iterator[None]:
    """Wake as soon as a file, the configuration or the clock is changed; checks are the rule."""

    def unblock() -> None:
        stop.wait()
        wake.of(())

    threads = [
        threading.Thread(target=_follow, args=(config.entries, wake, stop), daemon=True),
        threading.Thread(target=_follow_settings, args=(config.files, wake, stop), daemon=True),
        threading.Thread(target=_feel, args=(_ahead(), wake, stop), daemon=True),
        threading.Thread(target=unblock, daemon=True),
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(timeout=5)


def _follow_settings(files: Sequence[Path], wake: _Wake, stop: threading.Event) -> None:
    """Wake when the configuration, or a file of its look, is changed."""
    known = stamps(files)
    while not stop.wait(_LOOKS_EVERY / 1000):
        if (now := stamps(files)) != known:
            known = now
            wake.of_all()


def _feel(known: float, wake: _Wake, stop: threading.Event) -> None:
    """Wake when the clock was set, or went on while the machine slept.

    Waits are measured by a clock that does neither: an embargo would be late by as much.
    """
    while not stop.wait(_FEELS_EVERY):
        ahead = _ahead()
        if abs(ahead - known) > _STEADY:
            known = ahead
            wake.of_all()


def _ahead() -> float:
    """Give by how much the clock is ahead of the one that nobody sets (slewing moves both).

    Asked anew where this thread was interrupted in between: that would look like a clock set.
    """
    before, now = monotonic(), time()
    while monotonic() - before > _STEADY / 4:
        before, now = monotonic(), time()
    return now - before


def _follow(entries: Path, wake: _Wake, stop: threading.Event) -> None:
    """Watch the folder, and the one that takes its place; without a folder, wait for one."""
    told = ""
    while not stop.is_set():
        try:
            _watch_one(entries, wake, stop)
            told = ""
        except (OSError, RuntimeError) as error:  # the second is watchfiles' own
            if str(error) != told:
                _log.warning("%s is not watched, only looked at on schedule: %s", entries, error)
            told = str(error)
            stop.wait(_LOOKS_EVERY / 1000)


def _watch_one(entries: Path, wake: _Wake, stop: threading.Event) -> None:
    """Wake at each change in the folder until another one has its name.

    The first wake-up is for what changed before the watch began.
    """
    folder = _identity(entries)
    is_first = True
    for changes in watch(
        entries,
        step=_STEP,
        debounce=50,
        stop_event=stop,
        rust_timeout=_LOOKS_EVERY,
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
    """Give the moment at which all entries among these files can be read.

    Until then a run would only see that they are being written. What is no entry waits for
    nothing, lest a picture that is being copied make news late.
    """
    look, now = glance(entries, paths), datetime.now(UTC)
    changed = max((look.files[path].changed for path in look.entries), default=0) if look else 0
    pause = scan.holds_still_after(entries)
    left = pause - (now - datetime.fromtimestamp(changed / 1e9, UTC))
    return now + min(max(left, timedelta()), pause)


def _identity(folder: Path) -> tuple[int, int]:
    stat = folder.stat()
    return stat.st_dev, stat.st_ino
