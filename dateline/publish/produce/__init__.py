"""Which documents may no longer be what the ledger says, and how do those that are not go live?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property

from dateline.config import Config
from dateline.documents import manifest
from dateline.documents.manifest import (
    Damaged,
    DocumentListing,
    FormerListing,
    Head,
    ManifestChange,
    ManifestFault,
    Standing,
)
from dateline.documents.store import StagedFile, Store
from dateline.ledger import Ledger
from dateline.ledger.queries.state import Cursor, Fingerprint
from dateline.ledger.rows import DocumentRecord, seconds
from dateline.model import Document, Feed, Role
from dateline.publish.produce import fingerprints, listings, workers
from dateline.publish.produce.render_jobs import (
    EntryPages,
    FeedDocuments,
    FixedPages,
    Job,
    JobResult,
    JobRunner,
)
from dateline.publish.redirects import guesses
from dateline.system import heartbeat
from dateline.text.urls import explanations, fingerprint

_MEDIA_AGE = 365 * 24 * 3600  # named by content: such a file never changes
_PAGES = 200  # that are made at a time
_ALONE = 20  # jobs that are done before others would have begun to help
# On what each of these rested at the last run that came to its end.
_RESTS_ON: Mapping[Fingerprint, Callable[[Config], str]] = {
    Fingerprint.DOCUMENTS: fingerprints.of_all,
    Fingerprint.FILES: fingerprints.of_files,
    Fingerprint.PAGES: fingerprints.of_pages,
}

Progress = Callable[[int, int], None]
"""Is told how many of how many parts of a run are done."""


def silent(done: int, parts: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Produced:
    """What went live: the `documents`, by path.

    `resume` is when those can that changed twice within a second. `faults` is what was wrong with
    the manifest, whose files are written again.
    """

    documents: tuple[str, ...]
    resume: datetime | None
    faults: Mapping[str, ManifestFault]


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleSet:
    """What is no longer as it was: `slugs` are of entries that are new or changed.

    `ids` are of these and of those that were withdrawn or came back, `kin` of all that are or
    were translations of one of them, `feeds` the names of the feeds that they are in or left,
    `archives` those and the numbers of archives. Where all is to be made `anew`, it is compared
    with what is live whatever changed.
    """

    slugs: Sequence[str]
    ids: Sequence[str]
    kin: Sequence[str] = ()
    feeds: frozenset[str] = frozenset()
    archives: frozenset[tuple[str, int]] = frozenset()
    anew: bool = False


class Producer:
    """Brings the documents of one publication up to date with its ledger."""

    def __init__(self, config: Config, ledger: Ledger, *, now: datetime) -> None:
        self._config = config
        self._ledger = ledger
        self._now = now
        self._store = Store(config.feeds_folder)
        self._unfinished: set[str] = set()
        self._placed: set[str] = set()
        self._pictures: list[JobResult] = []

    @property
    def starts_anew(self) -> bool:
        """Say whether all must be compared: another configuration, release, or folder."""
        return self._is_other(Fingerprint.DOCUMENTS) or self._is_other_folder()

    @property
    def judges_anew(self) -> bool:
        """Say whether all files must be judged again: what that rests on is another, or a folder.

        Pictures come from files: a folder without them gets them so.
        """
        return self._is_other(Fingerprint.FILES) or self._is_other_folder()

    def _is_other(self, kind: Fingerprint) -> bool:
        """Return whether a fingerprint has changed since the last completed run."""
        return self._ledger.state.fingerprint(kind) != self._rests_on[kind]

    @cached_property
    def _rests_on(self) -> dict[Fingerprint, str]:
        return {kind: rests_on(self._config) for kind, rests_on in _RESTS_ON.items()}

    def begin(self, damaged: Sequence[str] = ()) -> None:
        """Clear away what a run that was killed left, and see what it did not finish.

        What is `damaged` is not in place, though a file may be. Raises `StoreError`.
        """
        self._store.begin()
        if self._is_other_folder():
            self._ledger.documents.mark_unfinished()
        unfinished = self._ledger.documents.unfinished()
        in_place = self._media_in_place(unfinished.difference(damaged))
        self._ledger.documents.mark_live(in_place)
        self._unfinished = unfinished - {*in_place}

    def verify(self) -> None:
        """Read a share of the manifest's table; all of it is written again where one is damaged."""
        if self._standing.is_whole:
            begin = self._ledger.state.cursor(Cursor.MANIFEST)
            begin, is_damaged = manifest.check_share(self._config.feeds_folder, begin)
            self._ledger.state.set_cursor(Cursor.MANIFEST, begin)
            if is_damaged:
                self._standing = replace(self._standing, table_fault=ManifestFault.DAMAGED)

    def place(self, documents: Iterable[Document]) -> None:
        """Bring pictures and attachments to disk, where nobody sees them yet.

        Raises `StoreError`.
        """
        # Two entries may show the same.
        new = {one.path: one for one in documents if one.path not in self._placed}
        self._placed |= new.keys()
        self._pictures += self._printer.place(new.values())

    def run(self, changes: StaleSet, progress: Progress) -> Produced:
        """Publish what changed, and all that it touches; remove what is promised no more.

        The ledger is committed before the first document is seen to change. Raises
        `StoreError`; then the next run finishes.
        """
        anew, pictures = changes.anew, self._pictures
        self._store.show(_sheets(pictures))
        jobs = list(self._jobs(changes))
        made: list[JobResult] = []
        for number, some in enumerate(self._printed(jobs, anew=anew), start=1):
            made += some
            heartbeat.beat()
            if len(jobs) >= _ALONE:
                progress(number, len(jobs))
        prints = [*pictures, *made]
        self._remember(prints)
        gone = self._ledger.former.pending()
        is_another_moment = self._is_another_moment()
        is_changed = not all(one.waits for one in prints)
        if anew or is_changed or gone or changes.ids or is_another_moment:
            records = [one.record for one in prints if not one.waits]
            self._go_live(_sheets(made), changes, records, gone, anew=anew)
            self._store.remove(gone)
            self._ledger.former.settle(gone)
        elif not self._standing.is_whole:
            self._write_manifest(self._ledger.state.generation, changes, (), ())
        self._ledger.commit()
        return replace(_pressed(prints), faults=self._faults)

    def _printed(self, jobs: Sequence[Job], *, anew: bool) -> Iterable[list[JobResult]]:
        """Do all jobs; where all is made anew, by all cores."""
        if not anew or len(jobs) < _ALONE:
            return map(self._printer.print, jobs)
        # Killed now, the next run compares all.
        self._ledger.state.set_fingerprint(Fingerprint.DOCUMENTS, "")
        self._ledger.state.set_fingerprint(Fingerprint.PAGES, "")
        self._ledger.commit()
        own = JobRunner(self._config, self._ledger, now=self._now, has_helpers=True)
        return workers.printed(self._config, jobs, self._ledger.url, own, self._now)

    def _remember(self, prints: Sequence[JobResult]) -> None:
        """Let the ledger have what is about to be live, and what hubs are to be told."""
        self._ledger.documents.set([one.record for one in prints])
        news = {one.record.path: one.record.changed for one in prints if one.is_news}
        self._ledger.outbox.add(self._config.publication.hubs, news)
        self._ledger.former.forget([one.record.path for one in prints if not one.waits])
        for kind, digest in self._rests_on.items():
            self._ledger.state.set_fingerprint(kind, digest)

    def _media_in_place(self, unfinished: Iterable[str]) -> list[str]:
        """Give the media that a run which was killed brought to disk: they may not come again."""
        paths = [path for path in unfinished if _is_media(path)]
        known = self._ledger.documents.find(paths)
        return [path for path in paths if self._store.has(path, known[path].changed)]

    def _is_other_folder(self) -> bool:
        return self._known_generation != self._standing.generation

    @cached_property
    def _known_generation(self) -> int:
        """Return of which generation the ledger took the manifest to be, before this run."""
        return self._ledger.state.generation

    @property
    def _faults(self) -> Mapping[str, ManifestFault]:
        """Return what was wrong with a manifest that is this ledger's, and was whole once."""
        is_first = self._known_generation == 0
        is_own = not (is_first or self._unfinished or self._is_other_folder())
        faults = self._standing.faults if is_own else {}
        return {name: fault for name, fault in faults.items() if fault is not ManifestFault.OLDER}

    @cached_property
    def _printer(self) -> JobRunner:
        return JobRunner(self._config, self._ledger, now=self._now)

    @cached_property
    def _standing(self) -> Standing:
        """Return how the manifest was before this run."""
        return manifest.standing(self._config.feeds_folder)

    def _go_live(
        self,
        sheets: Sequence[StagedFile],
        changes: StaleSet,
        records: Sequence[DocumentRecord],
        gone: Sequence[str],
        *,
        anew: bool,
    ) -> None:
        generation = self._ledger.state.generation + 1
        self._ledger.state.generation = generation
        self._ledger.state.last_change = self._now
        self._ledger.commit()
        self._store.show(sheets)
        self._write_manifest(generation, changes, records, gone, anew=anew)
        heartbeat.beat()
        self._ledger.documents.mark_live([record.path for record in records])

    def _write_manifest(
        self,
        generation: int,
        changes: StaleSet,
        records: Sequence[DocumentRecord],
        gone: Sequence[str],
        *,
        anew: bool = False,
    ) -> None:
        """Write the manifest: what changed, or all of it where it is not whole."""
        try:
            head = self._standing.head if self._standing.is_whole and not anew else None
            self._write(head, generation, changes, records, gone)
        except Damaged:  # deeper than was seen at first sight
            self._write(None, generation, changes, records, gone)

    def _write(
        self,
        head: Head | None,
        generation: int,
        changes: StaleSet,
        records: Sequence[DocumentRecord],
        gone: Sequence[str],
    ) -> None:
        documents = self._ledger.documents
        changed = documents.all() if head is None else records
        if head is None:
            records = [*documents.find(documents.subscriptions()).values()]
        held = {one.path: self._listing(one) for one in records if one.role == Role.SUBSCRIPTION}
        before = {p: one for p, one in head.documents.items() if p not in gone} if head else {}
        state = self._ledger.state
        ids = changes.ids if head else None
        related = [*{*changes.ids, *changes.kin}] if head else None
        manifest.write(
            self._config.feeds_folder,
            Head(
                generation=generation,
                founded=seconds(state.founded),
                documents=before | held,
                former_hosts=self._config.former_hosts,
                explained=explanations(self._config.feeds, self._config.publication.language),
                embargo=seconds(state.embargo) if state.embargo else None,
            ),
            ManifestChange(
                documents=map(self._listing, heartbeat.beating(changed)),
                gone=gone,
                entries=heartbeat.beating(self._ledger.entries.listings(related)),
                members=heartbeat.beating(
                    self._ledger.members.listings(ids, sorted(changes.archives))
                ),
                former=self._former(gone if head else None),
            ),
            anew=head is None,
        )

    def _former(self, gone: Sequence[str] | None) -> Iterator[FormerListing]:
        """Give the addresses that are `gone` now, or all, with what the configuration says."""
        yield from self._ledger.former.listings(gone)
        if gone is None:
            led = {**guesses(self._config.feeds[0]), **self._config.former}
            for path, target in led.items():
                yield FormerListing(digest=fingerprint(path), target=target)

    def _listing(self, record: DocumentRecord) -> DocumentListing:
        return DocumentListing(
            path=record.path,
            media_type=record.media_type,
            role=record.role,
            changed=record.changed,
            size=record.size,
            digest=record.digest,
            links=record.links,
            max_age=_MEDIA_AGE if _is_media(record.path) else self._config.publication.max_age,
            expires=record.expires,
            codings=record.codings,
        )

    # ---- What may be out of date

    def _jobs(self, changes: StaleSet) -> Iterator[Job]:
        """Give the work: all, or what changed and what is doubtful."""
        anew = changes.anew
        doubtful = {*self._unfinished, *self._ledger.documents.expired(self._now)}
        if anew or self._unfinished:
            yield FixedPages()
        pages = [path for path in sorted(doubtful) if path.endswith(".html")]
        doubted = [path.removesuffix(".html") for path in pages]
        slugs = (
            self._ledger.entries.slugs() if anew and self._is_other(Fingerprint.PAGES) else doubted
        )
        kin = self._ledger.entries.slugs(changes.kin) if changes.kin else []
        slugs = [*dict.fromkeys([*slugs, *changes.slugs, *kin])]
        for start in range(0, len(slugs), _PAGES):
            yield EntryPages(tuple(slugs[start : start + _PAGES]))
        for feed in self._config.feeds:
            whole = FeedDocuments(feed.name)
            if anew or feed.name in changes.feeds or doubtful & self._printer.paths(whole):
                yield whole
            numbers = _archives(feed, changes.archives, doubtful)
            if anew:
                numbers = {*range(1, self._ledger.members.last_archive(feed) + 1)}
            for number in sorted(numbers):
                yield FeedDocuments(feed.name, number)
        yield from listings.due(
            self._config.feeds,
            self._ledger,
            ids=None if anew else changes.ids,
            changed=changes.feeds,
            doubtful=doubtful,
        )

    def _is_another_moment(self) -> bool:
        """Say whether the next embargo is another: no document is fresh beyond it."""
        return self._ledger.state.set_embargo(self._ledger.files.next_embargo(self._now))


def _sheets(prints: Iterable[JobResult]) -> list[StagedFile]:
    return [one.sheet for one in prints if one.sheet]


def _pressed(prints: Sequence[JobResult]) -> Produced:
    again = max((one.record.changed + 1 for one in prints if one.waits), default=None)
    return Produced(
        documents=tuple(one.record.path for one in prints if one.is_new),
        resume=None if again is None else datetime.fromtimestamp(again, UTC),
        faults={},
    )


def _is_media(path: str) -> bool:
    return path.startswith("media/")


def _archives(feed: Feed, touched: Iterable[tuple[str, int]], paths: Iterable[str]) -> set[int]:
    """Give the numbers of a feed's archives among those `touched` and those at `paths`."""
    start = f"archive/{feed.name}/"
    named = (path.removeprefix(start).partition(".")[0] for path in paths if path.startswith(start))
    return {number for name, number in touched if name == feed.name} | {int(n) for n in named}
