"""The search index, brought up to date by the run that publishes, or with an edition.

It keeps no news from readers: an index that cannot be changed is left for the next run, and one
that must be made again is made after all documents are in place.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from dateline.documents.manifest import (
    EntryListing,
    ManifestReader,
    entries_after,
    is_refusal,
)
from dateline.documents.search.content import IndexedEntry, indexed
from dateline.documents.search.index import SearchIndex, remove_index, take_report
from dateline.system import heartbeat

_PART = 200  # entries that an index gets at once: their texts may be long
_NO_STORY = (AttributeError, LookupError, RecursionError, TypeError, ValueError)
_log = logging.getLogger(__name__)
_T = TypeVar("_T")


class EntrySource(Protocol):
    """The entries as they are from now on: those of the ledger, or of an edition."""

    def listings(self, ids: Sequence[str] | None = None) -> Iterator[EntryListing]:
        """Yield the entries with these ids, or all."""

    def expired_between(self, first: datetime, last: datetime) -> tuple[str, ...]:
        """Return the ids of the entries that expire after `first`, at `last` at the latest."""


class SearchUpdate:
    """The change of the index in a folder in one run.

    Index and manifest are in step: both have the number of the generation, and an index of
    another one is made again. `lacking` collects the ids of entries whose story cannot be read,
    and which the index therefore lacks; without it, such a story is an error. An index that lacks
    entries since an earlier process is made again, too: this release may be able to read them.
    """

    def __init__(
        self,
        folder: Path,
        entries: EntrySource,
        *,
        now: datetime,
        lacking: set[str] | None = None,
    ) -> None:
        self._folder = folder
        self._entries = entries
        self._now = now
        self._lacking = lacking
        self._must_rebuild = False
        self._is_verified = False

    def follow(self, ids: Sequence[str], *, before: int, generation: int, is_whole: bool) -> None:
        """Replace the entries with these `ids`, before the manifest has them.

        `before` is the generation of the manifest until now; if it `is_whole`, it has the entries
        as they were indexed. `generation` is the one that follows.
        """
        with self._leaving_faults():
            if take_report(self._folder):
                self._must_rebuild = True
                return
            with SearchIndex(self._folder) as index:
                is_older = index.is_new or index.generation != before
                if not is_whole or is_older or (index.is_lacking and not self._lacking):
                    self._must_rebuild = True
                    return
                index.shorten()
                last = datetime.fromtimestamp(index.moment, UTC)
                expired = self._entries.expired_between(last, self._now)
                if ids or expired or generation != before:
                    self._replace(index, [*dict.fromkeys([*ids, *expired])], generation)
                self._is_verified = index.is_verified(int(self._now.timestamp()))

    def end(self, generation: int) -> None:
        """Check the index once a day, and make it again where that is necessary.

        Both may take seconds, when all documents are in place.
        """
        if not self.must_rebuild():
            return
        heartbeat.beat(heartbeat.LONG)
        with self._leaving_faults():
            _without_damage(self._folder, partial(self._rebuild, generation))
        heartbeat.beat()

    def must_rebuild(self) -> bool:
        """Check the index once a day, which may take seconds; return whether to make it again."""
        if not (self._must_rebuild or self._is_verified):
            heartbeat.beat(heartbeat.LONG)
            with self._leaving_faults(), SearchIndex(self._folder) as index:
                index.verify(int(self._now.timestamp()))
            heartbeat.beat()
        return self._must_rebuild

    def _replace(self, index: SearchIndex, ids: Sequence[str], generation: int) -> None:
        before = ManifestReader(self._folder).entries(ids)
        index.update(
            _indexed(before, self._lacking),
            _indexed(self._entries.listings(ids), self._lacking, self._now),
            ids=ids,
            generation=generation,
            moment=int(self._now.timestamp()),
            lacking=() if self._lacking is None else self._lacking,
        )

    def _rebuild(self, generation: int) -> None:
        if self._lacking:
            self._lacking.clear()
        with SearchIndex(self._folder) as index:
            index.rebuild(
                _indexed(heartbeat.beating(self._entries.listings()), self._lacking, self._now),
                generation=generation,
                moment=int(self._now.timestamp()),
                lacking=() if self._lacking is None else self._lacking,
            )

    @contextmanager
    def _leaving_faults(self) -> Iterator[None]:
        """Leave what fails to the end of the run, or to the next one if the machine refuses."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            if is_refusal(error):
                _log.warning("The search index is not up to date: %s.", error)
            else:
                self._must_rebuild = True
        except OSError as error:
            _log.warning("The search index is not up to date: %s.", error)


class IndexBuild:
    """An index that gets all entries of the manifest in steps, between which they may change.

    Searches use the index as it was until the end. `lacking` is as in `SearchUpdate`. All methods
    raise `OSError`, `StoreError` and `sqlite3.Error`: then the build has to be closed.
    """

    def __init__(self, folder: Path, *, lacking: set[str]) -> None:
        self._folder = folder
        self._lacking = lacking
        self._last = ""  # the id of the last entry that it has
        heartbeat.beat(heartbeat.LONG)  # of an old index each page is overwritten
        self._index = _without_damage(folder, self._begun)
        heartbeat.beat()

    def add_next(self, now: datetime) -> bool:
        """Add the next entries; return False where there are none."""
        found = entries_after(self._folder, self._last, _PART)
        self._index.add(_indexed(heartbeat.beating(found), self._lacking, now))
        self._last = found[-1].id if found else self._last
        return bool(found)

    def replace(self, entries: Mapping[str, EntryListing], now: datetime) -> None:
        """Replace those of the entries, by their ids, that it has reached.

        `add_next` adds the others. The manifest still has all of them as they were.
        """
        there = [one for one in entries if one <= self._last]
        before = ManifestReader(self._folder).entries(there)
        after = (entries[one] for one in there)
        self._index.replace(
            _indexed(before, self._lacking), _indexed(after, self._lacking, now), ids=there
        )

    def end(self, now: datetime, generation: int) -> None:
        """Commit the index: it is in step with the manifest of a `generation`."""
        heartbeat.beat(heartbeat.LONG)
        with self._index as index:
            index.end_rebuild(
                generation=generation, moment=int(now.timestamp()), lacking=self._lacking
            )
        take_report(self._folder)  # of searches that found none
        heartbeat.beat()

    def close(self) -> None:
        """Leave the index as it was before."""
        self._index.close()

    def _begun(self) -> SearchIndex:
        index = SearchIndex(self._folder)
        try:
            index.begin_rebuild()
        except BaseException:
            index.close()
            raise
        return index


def _without_damage(folder: Path, make: Callable[[], _T]) -> _T:
    """Make an index, once more without the one in a folder if that is damaged."""
    try:
        return make()
    except sqlite3.DatabaseError as error:
        if is_refusal(error):
            raise
        remove_index(folder)
        return make()


def is_in_step(folder: Path, generation: int) -> bool:
    """Return whether there is an index that is in step with the manifest of a `generation`.

    Raises `sqlite3.Error` if the machine refuses to use it.
    """
    try:
        with SearchIndex(folder) as index:
            return not index.is_new and index.generation == generation
    except sqlite3.DatabaseError as error:
        if is_refusal(error):
            raise
        return False


def _indexed(
    listings: Iterable[EntryListing], lacking: set[str] | None, now: datetime | None = None
) -> Iterator[IndexedEntry]:
    """Yield what the index has of entries, or had before: then there is no moment.

    An entry whose story cannot be read is added to those that are `lacking`, if there is such a
    set.
    """
    for listing in listings:
        try:
            found = indexed(listing, now)
        except _NO_STORY:
            if lacking is None:
                raise
            lacking.add(listing.id)
            continue
        if lacking and now:
            lacking.discard(listing.id)
        if found:
            yield found
