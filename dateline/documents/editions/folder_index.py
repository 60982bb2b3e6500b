"""The search index of a folder that follows a store: each machine makes its own."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dateline.documents.editions.merging import EditionChange
from dateline.documents.manifest import EntryListing, is_refusal
from dateline.documents.search import IndexBuild, SearchUpdate, is_in_step, remove_index
from dateline.errors import StoreError

_log = logging.getLogger(__name__)


class FolderIndex:
    """The index in `folder`; if it is not wanted, all methods do nothing.

    It follows editions. One that is missing, damaged or out of step with the manifest is built in
    steps, so that news need not wait; searches use the one from before, if there is one.
    """

    def __init__(self, folder: Path, *, is_wanted: bool) -> None:
        self._folder = folder
        self._is_wanted = is_wanted
        self._is_missing: bool | None = None if is_wanted else False  # None: not known yet
        self._is_put_off = False  # a build failed
        self._lacking: set[str] = set()
        self._update: SearchUpdate | None = None
        self._build: IndexBuild | None = None
        self._generation = 0  # of the manifest that the build is in step with

    @property
    def lacking(self) -> Collection[str]:
        """The ids of the entries that it lacks: their story cannot be read."""
        return self._lacking

    @property
    def is_due(self) -> bool:
        """True if it may have to be built, or is being built."""
        return self._is_missing is not False and not self._is_put_off

    def follow(self, change: EditionChange, *, before: int, is_whole: bool) -> None:
        """Replace the entries that `change` has; `end` has to follow.

        The manifest is still that of the generation `before`; if it `is_whole`, it has the entries
        as they were indexed.
        """
        if not self._is_wanted:
            return
        now, generation = datetime.fromtimestamp(change.moment, UTC), change.head.generation
        if self._build and not (is_whole and self._generation == before):
            self._stop_build()
        if self._build:
            with self._leaving_faults():
                self._build.replace(change.entries, now)
                self._generation = generation
        else:
            ids, entries = [*change.entries], _Entries(change.entries)
            self._update = SearchUpdate(self._folder, entries, now=now, lacking=self._lacking)
            self._update.follow(ids, before=before, generation=generation, is_whole=is_whole)

    def end(self) -> None:
        """Complete what `follow` began, when all documents are in place; that may take seconds."""
        update, self._update = self._update, None
        if update and update.must_rebuild():
            self._is_missing = True

    def build_next(self, moment: int, generation: int) -> bool:
        """Take the next step of a build, if one is needed; return whether more are.

        The manifest is that of a `generation`, of a `moment` in seconds since 1970.
        """
        if not self.is_due:
            return False
        now = datetime.fromtimestamp(moment, UTC)
        with self._leaving_faults():
            if self._is_missing is None:
                self._is_missing = not is_in_step(self._folder, generation)
            elif self._build is None or self._generation != generation:
                self._stop_build()
                self._lacking.clear()
                self._build = IndexBuild(self._folder, lacking=self._lacking)
                self._generation = generation
            elif not self._build.add_next(now):
                self._build.end(now, generation)
                self._build, self._is_missing = None, False
        return self.is_due

    def try_again(self) -> None:
        """Begin a build that failed again, with the next step."""
        self._is_put_off = False

    def _stop_build(self) -> None:
        build, self._build = self._build, None
        if build:
            build.close()

    @contextmanager
    def _leaving_faults(self) -> Iterator[None]:
        """Put off what cannot be built; remove an index that is damaged."""
        try:
            yield
        except (OSError, StoreError, sqlite3.DatabaseError) as error:
            _log.warning("The search index is not up to date: %s.", error)
            self._stop_build()
            if isinstance(error, sqlite3.DatabaseError) and not is_refusal(error):
                with suppress(OSError):
                    remove_index(self._folder)
            self._lacking.clear()
            self._is_missing = self._is_put_off = True


@dataclass(frozen=True, slots=True)
class _Entries:
    """The entries of editions: a build reads all others from the manifest."""

    newer: Mapping[str, EntryListing]

    def listings(self, ids: Sequence[str] | None = None) -> Iterator[EntryListing]:
        """Yield the entries with these ids."""
        return (self.newer[one] for one in ids or ())

    def expired_between(self, first: datetime, last: datetime) -> tuple[str, ...]:
        """Return none: an edition has the entries that have expired."""
        del first, last
        return ()
