"""Batches of files: cut so that what is decided does not depend on the cuts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING

from dateline.entries.filenames import likenesses
from dateline.ledger import Ledger
from dateline.ledger.rows import FileRecord
from dateline.model import Story

if TYPE_CHECKING:  # they import all that parsing needs
    from dateline.entries.reader import EntryReader, ReadResult
    from dateline.publish.produce.workers import FileReading

_PART = 1_250  # files of a batch where more are cut: some tens of megabytes


@dataclass(frozen=True, slots=True, kw_only=True)
class BegunBatch:
    """Some files that are being read, with their former `records`."""

    paths: Sequence[str]
    records: Mapping[str, FileRecord]
    reading: FileReading | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Some files as they were read, with their former `records` and the ids of `live` ones.

    The `unread` ones cannot be read as entries; others may be held for what staff decided.
    """

    paths: Sequence[str]
    files: Sequence[ReadResult]
    records: Mapping[str, FileRecord]
    live: Collection[str]
    unread: Collection[str] = ()

    @property
    def stories(self) -> list[Story]:
        """Return the stories of the files that can be read."""
        return stories_of(self.files)

    def unchanged(self) -> Iterator[tuple[str, FileRecord]]:
        """Yield the files that are as they were when they were read before, with their records."""
        for one in self.files:
            known = self.records.get(one.path)
            if known and known.stamp == one.stamp:
                yield one.path, known


def stories_of(files: Sequence[ReadResult]) -> list[Story]:
    """Return the stories of those files that can be read."""
    return [one.story for one in files if one.story]


def cut(
    due: Sequence[str],
    changed: Collection[str],
    days: Callable[[Sequence[str]], Sequence[date]] | None,
) -> Iterator[Sequence[str]]:
    """Cut the files that are `due` into batches, each in their order; there is at least one.

    The `changed` files come first, in one batch: a rename, an exchange or a copy is seen only if
    both files are in it. In a first import, where there are none, `days` has the dates of files:
    it is cut between days, the older news first, so that all get the moments and numbers that
    they would get together. The other files are as they were, and are cut anywhere.
    """
    if len(due) <= _PART:
        yield due
        return
    new = [path for path in due if path in changed]
    yield from _by_day(new, days(new)) if days else [new]
    rest = [path for path in due if path not in changed]
    for start in range(0, len(rest), _PART):
        yield rest[start : start + _PART]


def _by_day(paths: Sequence[str], days: Sequence[date]) -> Iterator[Sequence[str]]:
    dated = sorted((day, place) for place, day in enumerate(days))
    batch: list[int] = []
    for _, same in groupby(dated, lambda one: one[0]):
        batch += [place for _, place in same]
        if len(batch) >= _PART:
            yield [paths[place] for place in sorted(batch)]
            batch = []
    if batch:
        yield [paths[place] for place in sorted(batch)]


def knowing_entries(reader: EntryReader, paths: Sequence[str], ledger: Ledger) -> EntryReader:
    """Return a reader that knows which of the files with names of copies have live entries.

    They are those of `paths`, and those that these may be copies of. Those that wait, or are
    drafts, as they were in the last run, are none of the files that are gone under another name.
    """
    files = reader.scan.files
    found = [(path, one.original) for path in paths for one in likenesses(path, files)]
    alike = {path for pair in found if pair[1] in files for path in pair}
    if not alike:
        return reader
    own = frozenset(ledger.entries.live_paths(sorted(alike)))
    apart = frozenset(
        path
        for path, one in ledger.files.find(sorted(alike)).items()
        if one.state in {"scheduled", "draft"} and one.stamp == files[path]
    )
    return replace(reader, own=own, apart=apart, lost=ledger.files.lost())
