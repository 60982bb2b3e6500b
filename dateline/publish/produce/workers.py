"""Run render jobs here, or in one process per core; those of many in the order of time."""

from __future__ import annotations

import math
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from datetime import datetime
from types import ModuleType

from dateline.config import Config
from dateline.ledger import Ledger
from dateline.publish.produce.render_jobs import (
    EntryPages,
    FeedDocuments,
    Job,
    JobResult,
    JobRunner,
)
from dateline.publish.produce.terms import TermPage
from dateline.system.supervisor import end_with_parent

_WAITING = 4  # jobs for each other process, which runs none dry while this one is busy
_hiding = threading.Lock()
_runner: JobRunner  # of a process of the pool


def run_jobs(
    config: Config, jobs: Sequence[Job], url: str, own: JobRunner, now: datetime
) -> Iterator[list[JobResult]]:
    """Yield the results of each job as it ends; this process runs some with its `own` runner.

    The other processes read the ledger at `url`, which must be committed. They begin with the
    first job, this one with the last, so that each has jobs that are near each other. An error in
    one ends them all.
    """
    others = (os.cpu_count() or 1) - 1
    if not others:
        yield from map(own.run, jobs)
        return
    # Not forked: a fork would copy the locks of a server's threads, and not the threads.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(
        others, mp_context=context, initializer=_begin, initargs=(config, url, now, own.share())
    )
    left, begun = deque(jobs), set[Future[list[JobResult]]]()
    try:
        while left or begun:
            while left and len(begun) < _WAITING * others:
                with _uninterrupted(), without_main():
                    begun.add(pool.submit(_run, left.popleft()))
            if left:
                yield own.run(left.pop())
            ended, begun = wait(begun, 0 if left else None, FIRST_COMPLETED)
            yield from (one.result() for one in ended)
    finally:
        pool.shutdown(cancel_futures=True)


def by_time(jobs: Sequence[Job], ledger: Ledger) -> list[Job]:
    """Return jobs by the time of their earliest entries, those without entries last.

    An entry is then in jobs that are near each other, and what was made of it for one document is
    still known for the next (`dateline.system.memo`).
    """
    begins = ledger.members.every_begin()
    first = [job.slugs[0] for job in jobs if isinstance(job, EntryPages)]
    published = ledger.entries.published(first)

    def begin(job: Job) -> float:
        match job:
            case EntryPages(slugs):
                return published.get(slugs[0], math.inf)
            case FeedDocuments(name, number) | TermPage(name, number):
                return begins.get((name, number), math.inf)
        return math.inf

    return sorted(jobs, key=begin)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Hold Ctrl+C back: a process that is being started would read half of what it runs."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def without_main() -> Iterator[None]:
    """Hide the main module: each process would run the program that publishes once more.

    One thread at a time does: another would put the substitute back, and not the module.
    """
    with _hiding:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main


def _begin(config: Config, url: str, now: datetime, scratch: str) -> None:
    global _runner  # noqa: PLW0603 - what a process of the pool is for
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the run, which ends this
    end_with_parent()  # a killed run writes nothing more
    _runner = JobRunner(config, Ledger(url), now=now, has_helpers=True, scratch=scratch)


def _run(job: Job) -> list[JobResult]:
    return _runner.run(job)
