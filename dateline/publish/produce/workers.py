"""The other processes of a run, one for each further core: they read files and render.

They are started once in a run, by the first step that has work for them.
"""

from __future__ import annotations

import gc
import os
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from itertools import islice
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from dateline.config import Config
from dateline.ledger import Ledger
from dateline.publish.produce.manifest_rows import list_documents
from dateline.publish.produce.processes import Processes, further_cores
from dateline.publish.produce.results import PackedResults
from dateline.system import heartbeat

# What reads and what renders is imported in a process that does so.
if TYPE_CHECKING:
    from dateline.entries.media.nearby import PageOf
    from dateline.entries.reader import EntryReader, ReadResult
    from dateline.entries.scan import FileStamp
    from dateline.publish.produce.render_jobs import Job, JobRunner

MANY = 300  # files that are read before another process has started
_WAITING = 4  # parts for each other process, which runs none dry while this one is busy
_CHUNK = 20  # files: one may take a second, if it names a picture
_DATED = 200  # files whose days are read at a time
_PATIENCE = 1.0  # seconds between two heartbeats
_LONGEST = 7_200.0  # seconds for a chunk of files: each may name many PDFs, of 30 at most
_T = TypeVar("_T")


def forked(config: Config, *, is_whole: bool) -> Processes[Seed] | None:
    """Fork the processes of a run that this process is about to begin, if it will need them.

    It will if it makes everything (`is_whole`), of many files. None where a fork is not safe: in a
    process that has threads, or a file in the folder of the ledger open: SQLite would believe that
    the locks of this process are the other's, too.
    """
    if not (is_whole and further_cores() and _may_fork(config.state) and _has_many(config)):
        return None
    import dateline.entries.media.renditions  # noqa: PLC0415
    import dateline.entries.reader  # noqa: F401, PLC0415

    _import_renderers(config)
    gc.freeze()  # no search for garbage writes to memory that all of them have
    return Processes(_take, method="fork")


def _may_fork(folder: Path) -> bool:
    """Return whether this process has one thread, and opened no file of a folder."""
    try:
        threads, opened = os.listdir("/proc/self/task"), os.listdir("/proc/self/fd")  # noqa: PTH208
    except OSError:  # not Linux
        return False
    files = (Path(f"/proc/self/fd/{number}").resolve() for number in opened)
    return len(threads) == 1 and not any(one.is_relative_to(folder) for one in files)


def _has_many(config: Config) -> bool:
    files = (name for _, _, names in os.walk(config.entries) for name in names)
    return next(islice(files, MANY, None), None) is not None


class Workers:
    """What the other processes of one run do; this process does a share of all of it.

    They are the `processes` that wait for a run, or are started when they are needed. They read
    the ledger at `url`, which must be committed before they render. An error in one ends the run.
    """

    def __init__(
        self,
        config: Config,
        url: str,
        now: datetime,
        processes: Processes[Seed] | None = None,
    ) -> None:
        self._url = url
        self._seed = partial(Seed, config=config, url=url, now=now)
        self._processes = None if processes is None or processes.has_ended else processes
        self._is_seeded = self._is_warm = False

    def start(self, reader: EntryReader | None = None) -> None:
        """Start the processes, which can then read the files of a `reader`."""
        if self._is_seeded or not further_cores():
            return
        self._is_seeded = True
        self._processes = self._processes or Processes(_take)
        self._processes.seed(
            self._seed(reader=replace(reader, page_of=_no_page) if reader else None)
        )

    def end(self) -> None:
        """Begin to end the processes, without what they have not begun."""
        if self._processes:
            self._processes.end()

    def close(self) -> None:
        """End the processes, and wait until they have ended."""
        if self._processes:
            self._processes.close()

    def begin(self, reader: EntryReader, paths: Sequence[str], *, is_first: bool) -> FileReading:
        """Begin to read files in the other processes; `is_first` if no entry is out yet."""
        there = self._processes if self._is_seeded else None
        chunks = [
            _Chunk.of(reader, paths[start : start + _CHUNK], is_first=is_first)
            for start in range(0, len(paths), _CHUNK if there else len(paths) or 1)
        ]
        begun = [there.submit(_read, chunk) for chunk in chunks] if there else []
        return FileReading(reader=reader, paths=paths, chunks=chunks, there=begun)

    def days(self, reader: EntryReader, paths: Sequence[str]) -> list[date]:
        """Return the days of the news in files, as `EntryReader.day` does."""
        if not self._processes or not self._is_seeded:
            return [reader.day(path) for path in heartbeat.beating(paths)]
        parts = [paths[start : start + _DATED] for start in range(0, len(paths), _DATED)]
        begun = [self._processes.submit(_days, part) for part in parts]
        found = _results(begun, lambda number: [*map(reader.day, parts[number])])
        return [day for part in found for day in part]

    def warm(self) -> None:
        """Import all that renders in the processes, while this one is at the ledger."""
        if self._processes and self._is_seeded and not self._is_warm:
            self._is_warm = True
            self._processes.call(_warm)

    def render(self, jobs: Sequence[Job], own: JobRunner) -> Iterator[PackedResults]:
        """Yield the results of each job as it ends; this process runs some with its `own` runner.

        The others begin with the first job, this one with the last, so that each has jobs that are
        near each other.
        """
        self.start()
        processes = self._processes
        there = partial(_render, own.share() if processes else "")
        left = deque(jobs)
        begun: dict[Future[PackedResults], Job] = {}
        while left or begun:
            while processes and left and len(begun) < _WAITING * processes.count:
                job = left.popleft()
                begun[processes.submit(there, job)] = job
            here = left.pop() if left else _taken_back(begun)
            if here is not None:
                yield PackedResults.of(own.run(here))
            ended, _ = wait(begun, _PATIENCE if here is None else 0, FIRST_COMPLETED)
            heartbeat.beat()
            for one in ended:
                del begun[one]
                yield one.result()

    def list_documents(self) -> Callable[[], bool]:
        """Begin to list documents in the manifest that was begun, once the ledger has them all.

        Return a function that waits for it, and returns False if that is still to be done.
        """
        if not self._processes or not self._is_seeded:
            return lambda: False
        return partial(_awaited, self._processes.submit(_list_documents, self._url))


def _taken_back(begun: dict[Future[PackedResults], Job]) -> Job | None:
    """Return the last job that the others have not begun; each keeps one and the next."""
    waiting = [*begun][2 * further_cores() :]
    found = next((one for one in reversed(waiting) if one.cancel()), None)
    return begun.pop(found) if found else None


# ---- Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chunk:
    """Files to read, with what the reader of their batch knows, as `EntryReader` has it."""

    paths: Sequence[str]
    is_first: bool
    known: Mapping[str, Mapping[str, FileStamp]]
    waited: Collection[str]
    losing: Collection[str]
    endless: Mapping[str, FileStamp]
    own: Collection[str]
    lost: Collection[str]

    @classmethod
    def of(cls, reader: EntryReader, paths: Sequence[str], *, is_first: bool) -> _Chunk:
        return cls(
            paths=paths,
            is_first=is_first,
            known={path: reader.known[path] for path in paths if path in reader.known},
            waited=frozenset(path for path in paths if path in reader.waited),
            losing=frozenset(path for path in paths if path in reader.losing),
            endless={path: reader.endless[path] for path in paths if path in reader.endless},
            own=reader.own,
            lost=reader.lost,
        )

    def reader(self, reader: EntryReader, page_of: PageOf) -> EntryReader:
        """Return a reader that knows what that of the batch knows of these files."""
        return replace(
            reader,
            page_of=page_of,
            known=self.known,
            waited=self.waited,
            losing=self.losing,
            endless=self.endless,
            own=self.own,
            lost=self.lost,
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
        read = self.reader.read
        found = _results(self.there, lambda number: [*map(read, self.chunks[number].paths)])
        return [
            one or read(path)
            for chunk, some in zip(self.chunks, found, strict=True)
            for path, one in zip(chunk.paths, some, strict=True)
        ]


def _results(there: Sequence[Future[_T]], here: Callable[[int], _T]) -> list[_T]:
    """Return the results of parts, in order; this process does those not begun, from the last."""
    own: deque[_T] = deque()
    begun = len(there)
    while begun and there[begun - 1].cancel():
        begun -= 1
        heartbeat.beat()
        own.appendleft(here(begun))
    return [*(_awaited(one, _LONGEST) for one in there[:begun]), *own]


def _awaited(there: Future[_T], longest: float = inf) -> _T:
    """Return the result of another process, for which this one waits.

    After `longest` seconds it sends no more heartbeats, so that the supervisor ends both.
    """
    left = longest
    while not wait([there], _PATIENCE).done:
        left -= _PATIENCE
        if left > 0:
            heartbeat.beat()
    return there.result()


# ---- In another process


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """What another process works with, from the run that it is part of."""

    config: Config
    url: str
    now: datetime
    reader: EntryReader | None


_seed: Seed
_reader: EntryReader | None = None
_runner: JobRunner | None = None


def _take(seed: Seed) -> None:
    global _seed, _reader
    _seed, _reader = seed, seed.reader


def _warm(number: int) -> None:  # noqa: ARG001 - one part for each process
    from dateline.render.pages import Pages  # noqa: PLC0415

    _import_renderers(_seed.config)
    Pages(_seed.config.publication, _seed.config.feeds).fixed()


def _import_renderers(config: Config) -> None:
    import dateline.publish.produce.render_jobs  # noqa: F401, PLC0415
    from dateline.render.feeds import renderer  # noqa: PLC0415

    for form in {form for feed in config.feeds for form in feed.formats}:
        renderer(form)


def _no_page(path: str, name: str) -> tuple[str, str, bool] | None:
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
    reader = chunk.reader(_reader, page_of)
    read = [reader.read(path) for path in chunk.paths]
    left = {*asked, *(f.file for one in read for f in one.problems if f.code == "file-fault")}
    return [None if one.path in left else one for one in read]


def _days(paths: Sequence[str]) -> list[date]:
    assert _reader is not None  # noqa: S101 - only who gives a reader asks for days
    return [*map(_reader.day, paths)]


def _list_documents(url: str) -> bool:
    with Ledger(url) as ledger:  # an open one may be at the moment before the commit
        return list_documents(_seed.config, ledger)


def _render(scratch: str, job: Job) -> PackedResults:
    global _reader, _runner  # noqa: PLW0603 - what a process of the pool is for
    if _runner is None:
        from dateline.publish.produce.render_jobs import JobRunner  # noqa: PLC0415

        _reader = None  # it has the names of all files
        config, now = _seed.config, _seed.now
        _runner = JobRunner(config, Ledger(_seed.url), now=now, has_helpers=True, scratch=scratch)
    return PackedResults.of(_runner.run(job))
