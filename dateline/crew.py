"""Who prints: this process alone, or one for each core?"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime

from dateline.attached import end_with_parent
from dateline.config import Config
from dateline.ledger import Ledger
from dateline.printer import Job, Print, Printer

_printer: Printer  # of a process of the crew


def printed(config: Config, jobs: Sequence[Job], url: str, now: datetime) -> Iterator[list[Print]]:
    """Give what each job came to, in their order, made by a process for each core.

    Each reads the ledger at `url`, which must be committed. An error of one ends all.
    """
    # Not forked: a fork has the threads' locks of whoever serves, and not the threads.
    context = multiprocessing.get_context("spawn")
    crew = ProcessPoolExecutor(
        os.cpu_count(), mp_context=context, initializer=_begin, initargs=(config, url, now)
    )
    try:
        yield from crew.map(_print, jobs)
    finally:
        crew.shutdown(cancel_futures=True)


def _begin(config: Config, url: str, now: datetime) -> None:
    global _printer  # noqa: PLW0603 - what a process of the pool is for
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the run, which ends this
    end_with_parent()  # killed, a run writes nothing any more
    _printer = Printer(config, Ledger(url), now=now, has_helpers=True)


def _print(job: Job) -> list[Print]:
    return _printer.print(job)
