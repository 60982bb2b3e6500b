"""The other processes of a run, one for each further core: they read files and render.

They are started once in a run, by the first step that has work for them.
"""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, TypeVar

from dateline.config import Config
from dateline.ledger import Ledger
from dateline.system import heartbeat
from dateline.system.supervisor import end_with_parent

# What reads and what renders is imported in a process that does so.
if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing.queues import Queue

    from dateline.entries.reader import EntryReader, ReadResult
    from dateline.entries.scan import FileStamp
    from dateline.publish.produce.render_jobs import Job, JobResult, JobRunner

_WAITING = 4  # parts for each other process, which runs none dry while this one is busy
_CHUNK = 20  # files: one may take a second, if it names a picture
_NEW_OBJECTS = 20_000  # before Python searches for garbage, as in `dateline.cli`
_PATIENCE = 1.0  # seconds between two heartbeats
_hiding = threading.Lock()
_Part = TypeVar("_Part")
_Made = TypeVar("_Made")


class Workers:
    """The other processes of one run; this process does a share of all that they do.

    They read the ledger at `url`, which must be committed before they render. An error in one ends
    the run.
    """

    def __init__(self, config: Config, url: str, now: datetime) -> None:
        self._seed = partial(_begin, config, url, now)
        self._count = (os.cpu_count() or 1) - 1
        self._pool: ProcessPoolExecutor | None = None
        self._readers: Queue[EntryReader | None] | None = None
        self._is_warm = False
        self._ending: threading.Thread | None = None

    def start(self, reader: EntryReader | None = None) -> None:
        """Start the processes, which can then read the files of a `reader`."""
        if self._pool or not self._count:
            return
        import multiprocessing  # noqa: PLC0415 - most runs need no other process
        from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415

        # Not forked: a fork would copy the locks of a server's threads, and not the threads.
        context = multiprocessing.get_context("spawn")
        # A thread fills the queue. This one would wait until the others have imported all.
        self._readers = readers = context.Queue()
        readers.cancel_join_thread()
        for _ in range(self._count):
            readers.put(replace(reader, page_of=_no_page) if reader else None)
        self._pool = ProcessPoolExecutor(
            self._count, mp_context=context, initializer=partial(self._seed, readers)
        )
        self._call(_do_nothing)

    def end(self) -> None:
        """Begin to end the processes, without what they have not begun."""
        if self._pool and not self._ending:
            self._ending = threading.Thread(
                target=partial(self._pool.shutdown, cancel_futures=True)
            )
            self._ending.start()

    def close(self) -> None:
        """End the processes, and wait until they have ended."""
        self.end()
        if self._ending and self._readers:
            self._ending.join()
            self._readers.close()

    def begin(self, reader: EntryReader, paths: Sequence[str], *, is_first: bool) -> FileReading:
        """Begin to read files in the other processes; `is_first` if no entry is out yet."""
        chunks = [
            _Chunk.of(reader, paths[start : start + _CHUNK], is_first=is_first)
            for start in range(0, len(paths), _CHUNK if self._pool else len(paths) or 1)
        ]
        pool = self._pool
        there = [self._submit(pool, _read, chunk) for chunk in chunks] if pool else []
        return FileReading(reader=reader, paths=paths, chunks=chunks, there=there)

    def warm(self) -> None:
        """Import all that renders in the processes, while this one is at the ledger."""
        if self._pool and not self._is_warm:
            self._is_warm = True
            self._call(_warm)

    def render(self, jobs: Sequence[Job], own: JobRunner) -> Iterator[list[JobResult]]:
        """Yield the results of each job as it ends; this process runs some with its `own` runner.

        The others begin with the first job, this one with the last, so that each has jobs that are
        near each other.
        """
        self.start()
        there = partial(_render, own.share()) if self._pool else own.run
        left = deque(jobs)
        begun: dict[Future[list[JobResult]], Job] = {}
        while left or begun:
            while self._pool and left and len(begun) < _WAITING * self._count:
                job = left.popleft()
                begun[self._submit(self._pool, there, job)] = job
            here = left.pop() if left else self._taken_back(begun)
            if here is not None:
                yield own.run(here)
            ended, _ = wait(begun, _PATIENCE if here is None else 0, FIRST_COMPLETED)
            heartbeat.beat()
            for one in ended:
                del begun[one]
                yield one.result()

    def _taken_back(self, begun: dict[Future[list[JobResult]], Job]) -> Job | None:
        """Return the last job that the others have not begun; each keeps one and the next."""
        waiting = [*begun][2 * self._count :]
        found = next((one for one in reversed(waiting) if one.cancel()), None)
        return begun.pop(found) if found else None

    def _call(self, function: Callable[[int], None]) -> None:
        """Call a function in each process, without waiting for it."""
        for number in range(self._count):
            if self._pool:
                self._submit(self._pool, function, number)

    def _submit(
        self, pool: ProcessPoolExecutor, function: Callable[[_Part], _Made], part: _Part
    ) -> Future[_Made]:
        with _uninterrupted(), without_main():
            return pool.submit(function, part)


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


# ---- Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chunk:
    """Files to read, with what a reader knows of them."""

    paths: Sequence[str]
    known: Mapping[str, Mapping[str, FileStamp]]
    waited: frozenset[str]
    is_first: bool

    @classmethod
    def of(cls, reader: EntryReader, paths: Sequence[str], *, is_first: bool) -> _Chunk:
        return cls(
            paths=paths,
            known={path: reader.known[path] for path in paths if path in reader.known},
            waited=frozenset(path for path in paths if path in reader.waited),
            is_first=is_first,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReading:
    """The files of `paths` in `chunks`, which other processes read from the first one on.

    `there` has what each of them becomes; it is empty where there is no other process.
    """

    reader: EntryReader
    paths: Sequence[str]
    chunks: Sequence[_Chunk]
    there: Sequence[Future[list[ReadResult | None]]]

    def results(self) -> list[ReadResult]:
        """Return what the files mean, in their order; this process reads what is not begun."""
        if not self.there:
            return [self.reader.read(path) for path in heartbeat.beating(self.paths)]
        own: deque[ReadResult] = deque()
        begun = len(self.there)
        while begun and self.there[begun - 1].cancel():
            begun -= 1
            heartbeat.beat()
            own.extendleft(map(self.reader.read, reversed(self.chunks[begun].paths)))
        found = [
            one or self.reader.read(path)
            for chunk, there in zip(self.chunks, self.there[:begun], strict=False)
            for path, one in zip(chunk.paths, _awaited(there), strict=True)
        ]
        return [*found, *own]


def _awaited(there: Future[list[ReadResult | None]]) -> list[ReadResult | None]:
    """Return what another process reads, for which this one waits."""
    while not wait([there], _PATIENCE).done:
        heartbeat.beat()
    return there.result()


# ---- In another process


_config: Config
_url: str
_now: datetime
_reader: EntryReader | None = None
_runner: JobRunner | None = None


def _begin(config: Config, url: str, now: datetime, readers: Queue[EntryReader | None]) -> None:
    global _config, _url, _now, _reader
    gc.set_threshold(_NEW_OBJECTS)
    atexit.register(gc.freeze)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the run, which ends this
    end_with_parent()  # a killed run writes nothing more
    _config, _url, _now, _reader = config, url, now, readers.get()


def _do_nothing(number: int) -> None:
    """Start the process."""


def _warm(number: int) -> None:  # noqa: ARG001 - one part for each process
    import dateline.publish.produce.render_jobs  # noqa: F401, PLC0415
    from dateline.render.feeds import renderer  # noqa: PLC0415
    from dateline.render.pages import Pages  # noqa: PLC0415

    for form in {form for feed in _config.feeds for form in feed.formats}:
        renderer(form)
    Pages(_config.publication, _config.feeds).fixed()


def _no_page(path: str, name: str) -> tuple[str, str] | None:
    raise AssertionError(f"{path} names {name}")  # `_read` replaces this


def _read(chunk: _Chunk) -> list[ReadResult | None]:
    """Read files; None stands for those that only the run itself can read.

    These name the page of an entry, which its ledger knows, or show a fault, which it logs.
    """
    asked: list[str] = []

    def page_of(path: str, name: str) -> None:  # noqa: ARG001 - as `PageOf` has them
        if not chunk.is_first:
            asked.append(path)

    if _reader is None:
        return [None for _ in chunk.paths]
    reader = replace(_reader, known=chunk.known, waited=chunk.waited, page_of=page_of)
    read = [reader.read(path) for path in chunk.paths]
    left = {*asked, *(f.file for one in read for f in one.problems if f.code == "file-fault")}
    return [None if one.path in left else one for one in read]


def _render(scratch: str, job: Job) -> list[JobResult]:
    global _reader, _runner  # noqa: PLW0603 - what a process of the pool is for
    if _runner is None:
        from dateline.publish.produce.render_jobs import JobRunner  # noqa: PLC0415

        _reader = None  # it has the names of all files
        _runner = JobRunner(_config, Ledger(_url), now=_now, has_helpers=True, scratch=scratch)
    return _runner.run(job)
