"""The step in which rendered documents go live: commit, rename, manifest.

The ledger is committed before the first document is seen to change. Then come the files in the
order of their roles, the manifest's table, and last its head: no reader is led to a document that
is not in place.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from dateline.config import Config, StoreSettings
from dateline.documents import in_parts, manifest
from dateline.documents.manifest import (
    Damaged,
    DocumentListing,
    Head,
    ManifestChange,
    ManifestFault,
    ManifestStatus,
)
from dateline.documents.store import Store
from dateline.entries.media import picture_store
from dateline.ledger import Horizon, Ledger
from dateline.ledger.queries.state import Cursor
from dateline.ledger.rows import DocumentRecord, seconds
from dateline.model import Role
from dateline.publish.produce.manifest_rows import ManifestBeginning, former, listing
from dateline.publish.produce.results import JobResult, Recorded, Results
from dateline.system import heartbeat
from dateline.text.urls import cache_tag, explanations

if TYPE_CHECKING:  # they import all that renders, and what reads texts
    from dateline.documents.search import SearchUpdate
    from dateline.publish.produce.editions import EditionStep
    from dateline.publish.produce.workers import Workers

_PART = 2_000  # documents that are recorded at a time
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleSet:
    """The entries and documents that are no longer as they were.

    `slugs` are of entries that are new or changed, `ids` of these and of those that were withdrawn
    or came back, `kin` of all that are or were translations of one of them, `linking` of all whose
    pages lead to one of them as a neighbour, or did, `feeds` the names of the feeds that list or
    listed them, `archives` those and the numbers of archives. In a `rebuild` every document is
    compared with the live one.
    """

    slugs: Sequence[str]
    ids: Sequence[str]
    kin: Sequence[str] = ()
    linking: Sequence[str] = ()
    feeds: frozenset[str] = frozenset()
    archives: frozenset[tuple[str, int]] = frozenset()
    rebuild: bool = False

    @property
    def is_empty(self) -> bool:
        """True if nothing has changed."""
        return not any(getattr(self, one.name) for one in fields(self))


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """The documents that changed, and the paths of those that are gone, of a run."""

    stale: StaleSet
    results: Iterable[JobResult] = ()
    gone: Sequence[str] = ()
    expired: Sequence[str] = ()

    @property
    def records(self) -> Iterator[DocumentRecord]:
        """Yield the records of the documents that changed."""
        return (one.record for one in self.results if not one.waits)

    @property
    def related(self) -> list[str]:
        """The ids of all entries whose rows may have changed."""
        return [*{*self.stale.ids, *self.stale.kin, *self.expired}]


class LiveDocuments:
    """The documents in `feeds/` that readers are served, and their manifest.

    `standing` is the state of the manifest before this run. If the folder `is_behind`, the run
    before ended after its commit: this one finishes it, without rendering what had not changed.
    """

    def __init__(
        self,
        config: Config,
        ledger: Ledger,
        store: Store,
        standing: ManifestStatus,
        *,
        now: datetime,
        workers: Workers,
    ) -> None:
        self._config = config
        self._workers = workers
        self._ledger = ledger
        self._store = store
        self._standing = standing
        self._now = now
        self._known_generation = ledger.state.generation  # of the manifest, before this run
        # From a store, `catch_up` has brought on a folder that it could.
        self.is_behind = not config.store and _is_behind(ledger, standing)
        self._has_begun = False  # a manifest, by `ManifestBeginning`
        self._has_listed: Callable[[], bool] = lambda: False  # all documents in it
        self._search = self._search_update() if config.has_search else None
        self._editions = self._edition_step(config.store) if config.store else None

    def _search_update(self) -> SearchUpdate:
        from dateline.documents.search import SearchUpdate  # noqa: PLC0415

        return SearchUpdate(self._config.feeds_folder, self._ledger.entries, now=self._now)

    def _edition_step(self, settings: StoreSettings) -> EditionStep:
        from dateline.publish.produce.editions import EditionStep  # noqa: PLC0415

        folder = self._config.feeds_folder
        return EditionStep(settings, folder, self._ledger, now=self._now)

    @property
    def is_other_folder(self) -> bool:
        """True if the folder is not the one that this ledger wrote last."""
        return not self.is_behind and self._known_generation != self._standing.generation

    @property
    def _is_whole(self) -> bool:
        """True if the manifest has all that the ledger took it to have, and nothing forgotten."""
        has_forgotten = self._ledger.members.has_forgotten
        return self._standing.is_whole and not (self.is_behind or has_forgotten)

    def faults(self) -> Mapping[str, ManifestFault]:
        """Return the faults of a manifest that this ledger wrote, and that was whole once."""
        is_own = self._known_generation != 0 and not (self.is_other_folder or self.is_behind)
        faults = self._standing.faults if is_own else {}
        return {name: fault for name, fault in faults.items() if fault is not ManifestFault.OLDER}

    def check(self) -> None:
        """Read a share of the manifest's table; a damaged one is written again as a whole.

        So are the previous head, and the edition in a store that has lost its head.
        """
        if self._editions:
            self._editions.check()
        if self._standing.is_whole:
            manifest.mend_previous(self._config.feeds_folder)
            begin = self._ledger.state.cursor(Cursor.MANIFEST)
            begin, is_damaged = manifest.check_share(self._config.feeds_folder, begin)
            self._ledger.state.set_cursor(Cursor.MANIFEST, begin)
            if is_damaged:
                self._standing = replace(self._standing, table_fault=ManifestFault.DAMAGED)

    def begin_manifest(self) -> ManifestBeginning:
        """Return the beginning of the manifest, which is written before `update` is called."""
        self._has_begun = True
        return ManifestBeginning()

    def check_reported(self) -> None:
        """Take the table for damaged if a path that a web worker reports cannot be looked up.

        Raises `StoreError`.
        """
        folder = self._config.feeds_folder
        path = manifest.take_report(folder)
        if path is not None and self._standing.is_whole and manifest.is_in_doubt(folder, path):
            self._standing = replace(self._standing, table_fault=ManifestFault.DAMAGED)

    def update(self, stale: StaleSet, results: Results) -> tuple[Recorded, Horizon]:
        """Put rendered documents in place, remove the withdrawn ones, and commit.

        Return what is live, and what is ahead. Raises `StoreError`.
        """
        recorded = self._record(results)
        gone = self._ledger.former.pending()
        if self._caches:
            self._purge([*recorded.new, *gone])
        horizon = self._ledger.horizon(self._now)
        # If the next embargo has changed, no document is fresh beyond it.
        is_due = self._ledger.state.set_embargo(horizon.embargo)
        is_due |= bool(self._editions and self._editions.must_be_whole)
        is_due |= self._ledger.members.has_emptied
        if stale.rebuild or recorded.paths or gone or stale.ids or is_due:
            self._go_live(recorded, stale, results, gone)
            self._store.remove(gone)
            picture_store.forget(self._config.renditions, gone)
            self._ledger.former.settle(gone)
        else:
            self._follow_in_search(self._known_generation, stale)
            if not self._is_whole:
                self._write_manifest(ChangeSet(stale))
        self._ledger.state.is_going_live = False
        self._end_search()
        if self._config.cdns:
            self._ledger.purges.release()
        self._ledger.commit()
        return recorded, horizon

    def _record(self, results: Results) -> Recorded:
        """Record the documents that are about to be live, and the news for hubs."""
        recorded, news = Recorded(), dict[str, int]()
        for some in in_parts(results, _PART):
            self._ledger.documents.set([one.record for one in some])
            news |= {one.record.path: one.record.changed for one in some if one.is_news}
            recorded.add(some)
        self._ledger.outbox.add(self._config.outside_hubs, news, self._caches)
        self._ledger.former.forget(recorded.paths)
        return recorded

    def _purge(self, paths: Sequence[str]) -> None:
        """Record that caches have to drop the documents at these paths."""
        self._ledger.purges.add(self._caches, {*map(cache_tag, paths)}, seconds(self._now))

    @property
    def _caches(self) -> list[str]:
        return [one.name for one in self._config.cdns]

    def _go_live(
        self, recorded: Recorded, stale: StaleSet, results: Results, gone: Sequence[str]
    ) -> None:
        state, edition, files = self._ledger.state, self._editions, recorded.files
        change = ChangeSet(stale, results, gone, self._expired() if edition else ())
        generation = edition.next_generation() if edition else state.generation
        # An old ledger goes on from a newer folder: machines that follow never go back.
        state.generation = max(generation, self._standing.generation) + 1
        state.last_change = self._now
        state.is_going_live = not stale.rebuild  # then all is compared again
        if edition:
            is_whole = stale.rebuild or edition.must_be_whole
            is_whole |= self._ledger.members.has_forgotten  # others only add or replace members
            rows = self._change(None if is_whole else change)
            edition.upload(self._head({}), rows, files, is_whole=is_whole)
        self._ledger.commit()
        if self._has_begun:
            self._has_listed = self._workers.list_documents()
        if edition:
            edition.show()
        self._store.show(files)
        self._follow_in_search(state.generation, stale)
        self._write_manifest(change)
        if edition:
            edition.note()
        heartbeat.beat()
        self._ledger.documents.mark_live(recorded.paths)

    def keep_whole(self, give_way: Callable[[], None], *, is_quiet: bool) -> None:
        """Store a whole edition now and then, so that new machines need not read many.

        It is stored in a run that `is_quiet`; `give_way` is called now and then, and ends it with
        what it raises. After a takedown nothing older stays in the store, at once: a later run
        finishes what this one leaves. Raises `StoreError`.
        """
        edition, state = self._editions, self._ledger.state
        if edition is None or not (state.is_takedown_left or (is_quiet and edition.is_whole_due)):
            return
        change = self._change(None)
        if not state.is_takedown_left:
            change = replace(change, documents=_giving_way(change.documents, give_way))
        edition.keep_whole(self._head({}), change, is_only=state.is_takedown_left)
        self._ledger.commit()
        edition.show()
        edition.note()
        if state.is_takedown_left:
            edition.forget_others()
            state.is_takedown_left = False
            self._ledger.commit()

    def _expired(self) -> Sequence[str]:
        """Return the entries that have expired since the last edition."""
        last = self._ledger.state.last_change
        return self._ledger.entries.expired_between(last, self._now) if last else ()

    # ---- The search index

    def _follow_in_search(self, generation: int, stale: StaleSet) -> None:
        """Bring the search index up to date, while the manifest has the entries as they were."""
        if self._search:
            is_whole = self._is_whole and not self.is_other_folder
            self._search.follow(
                stale.ids, before=self._known_generation, generation=generation, is_whole=is_whole
            )

    def _end_search(self) -> None:
        """Check the index, or remove that of a publication without a search."""
        from dateline.documents.search import INDEX, remove_index  # noqa: PLC0415

        folder = self._config.feeds_folder
        if self._search:
            self._search.end(self._ledger.state.generation)
        elif (folder / INDEX).exists():
            try:
                remove_index(folder)
            except OSError as error:
                _log.warning("The search index cannot be removed: %s.", error)

    # ---- The manifest

    def _write_manifest(self, change: ChangeSet) -> None:
        """Write the changes into the manifest, or all of it if it is not whole."""
        is_whole = self._is_whole and not change.stale.rebuild
        head = self._standing.head if is_whole else None
        wait_for_names = self._store.begin_names()  # while the rows are written
        try:
            self._write(head, change, wait_for_names)
        except Damaged:  # deeper than the check at the beginning reached
            self._has_begun = False
            self._write(None, change, wait_for_names)

    def _write(
        self, before: Head | None, change: ChangeSet, wait_for_names: Callable[[], None]
    ) -> None:
        documents, listed = self._ledger.documents, partial(listing, self._config)
        records: Iterable[DocumentRecord] = change.records
        if before is None:
            records = documents.find(documents.subscriptions()).values()
        held = {one.path: listed(one) for one in records if one.role == Role.SUBSCRIPTION}
        known = before.documents if before else {}
        kept = {path: one for path, one in known.items() if path not in change.gone}
        is_begun = before is None and self._has_begun
        manifest.write(
            self._config.feeds_folder,
            self._head(kept | held),
            self._change(change if before else None, is_begun=is_begun),
            rebuild=before is None,
            is_begun=is_begun,
            wait_for_names=wait_for_names,
        )

    def _head(self, documents: Mapping[str, DocumentListing]) -> Head:
        state = self._ledger.state
        return Head(
            generation=state.generation,
            founded=seconds(state.founded),
            documents=documents,
            former_hosts=self._config.former_hosts,
            explained=explanations(self._config.feeds, self._config.publication.language),
            embargo=seconds(state.embargo) if state.embargo else None,
            unrecognised=tuple(sorted(state.unrecognised_digests)),
            readings=state.readings,
            taken_down=tuple(sorted(state.taken_down)),
            url=state.url,
            tag=state.tag,
        )

    def _change(self, change: ChangeSet | None, *, is_begun: bool = False) -> ManifestChange:
        """Return the rows of a change, or all rows; those of a beginning are left out."""
        ledger = self._ledger
        if is_begun and self._has_listed():
            changed: Iterable[DocumentRecord] = ()
        else:
            changed = change.records if change else ledger.documents.all()
        ids = change.stale.ids if change else None
        archives = sorted(change.stale.archives) if change else ()
        related = change.related if change else None
        return ManifestChange(
            documents=map(partial(listing, self._config), heartbeat.beating(changed)),
            gone=change.gone if change else (),
            entries=() if is_begun else heartbeat.beating(ledger.entries.listings(related)),
            members=() if is_begun else heartbeat.beating(ledger.members.listings(ids, archives)),
            former=former(ledger, self._config, change.gone if change else None),
        )


def _is_behind(ledger: Ledger, standing: ManifestStatus) -> bool:
    """Return whether a folder has the edition before the one that the ledger committed last."""
    state = ledger.state
    is_next = standing.head is not None and state.generation == standing.generation + 1
    return is_next and state.is_going_live


def _giving_way(
    documents: Iterable[DocumentListing], give_way: Callable[[], None]
) -> Iterator[DocumentListing]:
    for number, one in enumerate(documents):
        if number % _PART == 0:
            give_way()
        yield one
