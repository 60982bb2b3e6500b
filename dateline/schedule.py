"""When does the line run?

At the start, when a file is dropped, when the schedule says so, and at the next moment at
which anything changes by itself. The runs follow one another in one thread; a wake-up while
one is under way leads to one more.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger
from watchfiles import watch

from dateline.config import Config, Schedule

_STEP = 10  # milliseconds: watchfiles' own pace would lose a tenth of a second


def run_forever(
    config: Config, run: Callable[[datetime], datetime | None], stop: threading.Event
) -> None:
    """Call `run` with the moment of each run until `stop` is set.

    `run` gives the next moment at which it wants to be called, or None.
    """
    wake = threading.Event()
    with _scheduler(config.schedule, wake) as scheduler, _watching(config, wake, stop):
        while not stop.is_set():
            wake.clear()
            next_moment = run(datetime.now(UTC))
            if next_moment is not None:
                scheduler.add_job(
                    wake.set, DateTrigger(next_moment), id="next", replace_existing=True
                )
            wake.wait()


def _trigger(schedule: Schedule) -> CronTrigger | IntervalTrigger:
    """Give the trigger of a schedule, in UTC: local time would fire twice in autumn."""
    if schedule.cron is None:
        return IntervalTrigger(seconds=schedule.interval, timezone=UTC)
    return CronTrigger.from_crontab(schedule.cron, timezone=UTC)


@contextmanager
def _scheduler(schedule: Schedule, wake: threading.Event) -> Iterator[BackgroundScheduler]:
    scheduler = BackgroundScheduler(
        timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None}
    )
    scheduler.add_job(wake.set, _trigger(schedule), id="poll")
    scheduler.start()
    try:
        yield scheduler
    finally:
        scheduler.shutdown(wait=False)


@contextmanager
def _watching(config: Config, wake: threading.Event, stop: threading.Event) -> Iterator[None]:
    """Wake as soon as the file system tells of a change; looking again is the rule."""

    def follow() -> None:
        for _ in watch(config.entries, step=_STEP, debounce=50, stop_event=stop):
            wake.set()

    def unblock() -> None:
        stop.wait()
        wake.set()

    threads = [threading.Thread(target=t, daemon=True) for t in (follow, unblock)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(timeout=5)
