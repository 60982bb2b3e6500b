"""The search index, brought up to date by the run that publishes, or with an edition.

It keeps no news from readers: an index that cannot be changed is left for the next run, and one
that must be made again is made after all documents are in place.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from dateline.documents.manifest import EntryListing, ManifestReader, is_refusal
from dateline.documents.search.content import IndexedEntry, indexed
from dateline.documents.search.index import SearchIndex, remove_index, take_report
from dateline.system import heartbeat

_NO_STORY = (AttributeError, LookupError, RecursionError, TypeError, ValueError)
_log = logging.getLogger(__name__)


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
        if self._is_verified and not self._must_rebuild:
            return
        heartbeat.beat(heartbeat.LONG)
        if not self._must_rebuild:
            with self._leaving_faults(), SearchIndex(self._folder) as index:
                index.verify(int(self._now.timestamp()))
        if not self._must_rebuild:
            return
        with self._leaving_faults():
            try:
                self._rebuild(generation)
            except sqlite3.DatabaseError as error:
                if is_refusal(error):
                    raise
                remove_index(self._folder)
                self._rebuild(generation)
        heartbeat.beat()

    def _replace(self, index: SearchIndex, ids: Sequence[str], generation: int) -> None:
        before = ManifestReader(self._folder).entries(ids)
        index.update(
            self._indexed(before),
            self._indexed(self._entries.listings(ids), self._now),
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
                self._indexed(heartbeat.beating(self._entries.listings()), self._now),
                generation=generation,
                moment=int(self._now.timestamp()),
                lacking=() if self._lacking is None else self._lacking,
            )

    def _indexed(
        self, listings: Iterable[EntryListing], now: datetime | None = None
    ) -> Iterator[IndexedEntry]:
        return (one for one in (self._read(listing, now) for listing in listings) if one)

    def _read(self, listing: EntryListing, now: datetime | None) -> IndexedEntry | None:
        """Return what the index has of an entry, or had before: then there is no moment."""
        try:
            found = indexed(listing, now)
        except _NO_STORY:
            if self._lacking is None:
                raise
            self._lacking.add(listing.id)
            return None
        if self._lacking and now:
            self._lacking.discard(listing.id)
        return found

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
