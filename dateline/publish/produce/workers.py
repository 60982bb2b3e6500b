"""Who prints: this process alone, or one for each core?"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from datetime import datetime

from dateline.config import Config
from dateline.ledger import Ledger
from dateline.publish.produce.render_jobs import Job, JobResult, JobRunner
from dateline.system.supervisor import end_with_parent

_WAITING = 4  # jobs for each other process, lest it has none while this one is at its own
_printer: JobRunner  # of a process of the crew


def printed(
    config: Config, jobs: Sequence[Job], url: str, own: JobRunner, now: datetime
) -> Iterator[list[JobResult]]:
    """Give what each job came to, as they end: this process makes some with its `own` printer.

    The others read the ledger at `url`, which must be committed. An error of one ends all.
    """
    others = (os.cpu_count() or 1) - 1
    if not others:
        yield from map(own.print, jobs)
        return
    # Not forked: a fork has the threads' locks of whoever serves, and not the threads.
    context = multiprocessing.get_context("spawn")
    crew = ProcessPoolExecutor(
        others, mp_context=context, initializer=_begin, initargs=(config, url, now, own.share())
    )
    left, begun = deque(jobs), set[Future[list[JobResult]]]()
    try:
        while left or begun:
            while left and len(begun) < _WAITING * others:
                begun.add(crew.submit(_print, left.popleft()))
            if left:
                yield own.print(left.popleft())
            ended, begun = wait(begun, 0 if left else None, FIRST_COMPLETED)
            yield from (one.result() for one in ended)
    finally:
        crew.shutdown(cancel_futures=True)


def _begin(config: Config, url: str, now: datetime, scratch: str) -> None:
    global _printer  # noqa: PLW0603 - what a process of the pool is for
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the run, which ends this
    end_with_parent()  # killed, a run writes nothing any more
    _printer = JobRunner(config, Ledger(url), now=now, has_helpers=True, scratch=scratch)


def _print(job: Job) -> list[JobResult]:
    return _printer.print(job)
