"""The results of a run's jobs, kept in few bytes until the documents go live."""

from __future__ import annotations

import pickle
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from operator import attrgetter

from dateline.documents.store import StagedFile
from dateline.ledger.rows import DocumentRecord

_RECORD = tuple(one.name for one in fields(DocumentRecord))
_of_record = attrgetter(*_RECORD)
_of_sheet = attrgetter(*(one.name for one in fields(StagedFile)))


@dataclass(frozen=True, slots=True, kw_only=True)
class JobResult:
    """A document, compared with the live one.

    `record` goes into the ledger. `sheet` has files that are written and not yet in place; if it
    `is_new`, their bytes have changed. One that `waits` changed twice within a second, and stays
    recorded as it was. If it `is_news`, a subscription document has changed, and hubs are notified
    (WebSub, section 6).
    """

    record: DocumentRecord
    sheet: StagedFile | None = None
    waits: bool = False
    is_new: bool = False
    is_news: bool = False


@dataclass(frozen=True, slots=True)
class PackedResults:
    """The results of a job as bytes, a quarter of their size: a rebuild keeps those of all jobs.

    It `has_files` if some of them are to be put in place.
    """

    count: int
    has_files: bool
    data: bytes

    @classmethod
    def of(cls, results: Sequence[JobResult]) -> PackedResults:
        """Pack results."""
        rows = [
            (_of_record(o.record), o.sheet and _of_sheet(o.sheet), o.waits, o.is_new, o.is_news)
            for o in results
        ]
        data = zlib.compress(pickle.dumps(rows, pickle.HIGHEST_PROTOCOL), 1)
        return cls(len(rows), any(one.sheet for one in results), data)

    def __iter__(self) -> Iterator[JobResult]:
        rows = pickle.loads(zlib.decompress(self.data))  # noqa: S301 - from a process of this run
        for record, sheet, waits, is_new, is_news in rows:
            yield JobResult(
                record=DocumentRecord(**dict(zip(_RECORD, record, strict=True))),
                sheet=sheet and StagedFile(*sheet),
                waits=waits,
                is_new=is_new,
                is_news=is_news,
            )


@dataclass(frozen=True, slots=True)
class FewResults:
    """The results of a job as they are: in a run with few jobs, to pack them takes longer."""

    results: Sequence[JobResult]

    @property
    def count(self) -> int:
        """The number of results."""
        return len(self.results)

    @property
    def has_files(self) -> bool:
        """True if some of them are to be put in place."""
        return any(one.sheet for one in self.results)

    def __iter__(self) -> Iterator[JobResult]:
        return iter(self.results)


class Results:
    """The results of all jobs of a run; packed ones are unpacked each time they are iterated."""

    def __init__(self) -> None:
        self._jobs: list[PackedResults | FewResults] = []
        self.count = 0
        self.has_files = False

    def add(self, some: PackedResults | FewResults) -> None:
        """Add the results of a job."""
        self._jobs.append(some)
        self.count += some.count
        self.has_files |= some.has_files

    def __iter__(self) -> Iterator[JobResult]:
        for some in self._jobs:
            yield from some


@dataclass(slots=True)
class Recorded:
    """The documents of a run that the ledger has, and that are about to go live.

    `files` are to be put in place, `paths` are live then, those that are `new` with other bytes.
    `again` is the second from which those can follow that wait.
    """

    files: list[StagedFile] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    again: int | None = None

    def add(self, results: Sequence[JobResult]) -> None:
        """Add documents."""
        self.files += [one.sheet for one in results if one.sheet]
        self.paths += [one.record.path for one in results if not one.waits]
        self.new += [one.record.path for one in results if one.is_new]
        waiting = [one.record.changed + 1 for one in results if one.waits]
        self.again = max([*waiting, *([self.again] if self.again else [])], default=None)
