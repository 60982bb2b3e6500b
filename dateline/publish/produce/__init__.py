"""The documents that are stale, and their way from the ledger to `feeds/`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from dateline.config import Config
from dateline.documents import Progress, manifest
from dateline.documents.manifest import ManifestFault, ManifestStatus
from dateline.documents.store import Store
from dateline.ledger import Horizon, Ledger
from dateline.ledger.queries.state import Fingerprint
from dateline.ledger.rows import FileRecord
from dateline.model import Document, Feed, is_media, names_term
from dateline.publish.produce import fingerprints, scrub
from dateline.publish.produce.golive import LiveDocuments, StaleSet
from dateline.publish.produce.results import FewResults, JobResult, PackedResults, Results
from dateline.system import heartbeat

# What renders is imported when something is stale: it takes longer than a run without changes.
if TYPE_CHECKING:
    from dateline.publish.produce.render_jobs import Job, JobRunner
    from dateline.publish.produce.workers import Workers

__all__ = ["Produced", "Producer", "StaleSet"]

_PAGES = 100  # in one job
_SYNCED = 5_000  # documents at most that are rendered before those written so far are synced
_TRIED = 200  # new or changed entries at most that are rendered twice in a rebuild
_ALONE = 40  # jobs that are done before another process has started
# The ledger keeps these of the last run that came to its end.
_FINGERPRINTS: Mapping[Fingerprint, Callable[[Config], str]] = {
    Fingerprint.DOCUMENTS: fingerprints.of_all,
    Fingerprint.FILES: fingerprints.of_files,
    Fingerprint.PAGES: fingerprints.of_pages,
    Fingerprint.CODINGS: fingerprints.of_codings,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Produced:
    """The paths of the `documents` that went live.

    `resume` is when those can follow that changed twice within a second. `faults` are those of a
    manifest that was written again, `damaged` the paths of documents that were not as published;
    `lost` are pictures and attachments that cannot be restored.
    """

    documents: tuple[str, ...]
    resume: datetime | None
    faults: Mapping[str, ManifestFault]
    horizon: Horizon
    damaged: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


class Producer:
    """Brings the documents of one publication up to date with its ledger.

    `standing` is the state of the manifest before the run.
    """

    def __init__(
        self,
        config: Config,
        ledger: Ledger,
        standing: ManifestStatus,
        *,
        now: datetime,
        workers: Workers,
    ) -> None:
        self._config = config
        self._ledger = ledger
        self._now = now
        self._workers = workers
        self._store = Store(config.feeds_folder, codings=config.codings)
        self._live = LiveDocuments(config, ledger, self._store, standing, now=now, workers=workers)
        self._unfinished: set[str] = set()
        self._expired: set[str] = set()
        self._placed: set[str] = set()
        self._pictures: list[JobResult] = []
        self._uncertain: Mapping[str, FileRecord] = {}  # read again if this run fails
        self._damaged: tuple[str, ...] = ()

    @property
    def must_rebuild(self) -> bool:
        """True if the configuration, the release or the output folder has changed."""
        return self._has_changed(Fingerprint.DOCUMENTS) or self._must_write_again

    @property
    def must_reread(self) -> bool:
        """True if a setting that affects parsing, or the output folder, has changed.

        Pictures and attachments come from files: they are written again by reading these again.
        """
        return self._has_changed(Fingerprint.FILES) or self._must_write_again

    @property
    def _must_write_again(self) -> bool:
        return self._has_changed(Fingerprint.CODINGS) or self._live.is_other_folder

    def _has_changed(self, kind: Fingerprint) -> bool:
        """Return whether a fingerprint differs from that of the last run."""
        return self._ledger.state.fingerprint(kind) != self._fingerprints[kind]

    @cached_property
    def _fingerprints(self) -> dict[Fingerprint, str]:
        return {kind: of(self._config) for kind, of in _FINGERPRINTS.items()}

    def begin(self, *, is_full: bool) -> None:
        """Remove what a killed run left, and find the documents that it did not finish.

        In a full run a share of all documents and of the manifest is checked for damage. Raises
        `StoreError`.
        """
        if is_full:
            self._damaged = scrub.scrub(self._config.feeds_folder, self._ledger)
            self._live.check()
        self._store.begin()
        if self._live.is_other_folder:
            self._ledger.documents.mark_unfinished()
        if self._live.is_other_folder or self._damaged:
            # A copy of an earlier day, in its place or laid over it, has what was withdrawn since.
            there = manifest.documents_on_disk(self._config.feeds_folder)
            self._ledger.former.remove_again(one.path for one in there)
        coded = self._with_other_forms()
        self._ledger.documents.mark_unfinished(coded)
        unfinished, self._expired = self._ledger.documents.doubtful(self._now)
        in_place = self._media_in_place(unfinished.difference(self._damaged, coded))
        self._ledger.documents.mark_live(in_place)
        self._unfinished = unfinished - {*in_place}
        if self._live.is_behind:
            media = sorted(filter(is_media, self._unfinished))
            self._ledger.files.read_again(self._ledger.entries.files_with_media(media))

    def check_reported(self) -> None:
        """Check the damage that a web worker reports. Raises `StoreError`."""
        self._live.check_reported()

    def place(self, documents: Iterable[Document]) -> None:
        """Write pictures and attachments, which are not shown yet.

        Raises `StoreError`.
        """
        # Two entries may show the same picture.
        new = {one.path: one for one in documents if one.path not in self._placed}
        self._placed |= new.keys()
        if new:
            self._pictures += self._runner.place(new.values())

    def render(self, stale: StaleSet, progress: Progress) -> Results:
        """Render the stale documents; those whose bytes changed are written, but not shown.

        Pictures and attachments are shown, once it is certain that the entries that show them can
        be rendered. Raises `StoreError`.
        """
        results, jobs = Results(), list(self._jobs(stale))
        is_whole = stale.rebuild and len(jobs) >= _ALONE
        if is_whole or heartbeat.is_after_hang():
            self._try_news(stale)
        if is_whole:
            self._show_pictures(results)  # before the commit: they may not come again
            self._begin_rebuild()
            jobs.append(self._live.begin_manifest())
        for number, some in enumerate(self._run_jobs(jobs, is_whole=is_whole), start=1):
            if results.count // _SYNCED < (results.count + some.count) // _SYNCED:
                self._store.begin_sync()
            results.add(some)
            heartbeat.beat()
            if len(jobs) >= _ALONE:
                progress(number, len(jobs))
        if not is_whole:
            self._show_pictures(results)
        if results.has_files:
            self._store.begin_sync(is_last=True)  # while the ledger records them
        return results

    def store(self, stale: StaleSet, results: Results) -> Produced:
        """Put the rendered documents in place, and remove the withdrawn ones.

        The ledger is committed before the first document is seen to change. Raises
        `StoreError`; the next run then finishes this one.
        """
        for kind, digest in self._fingerprints.items():
            self._ledger.state.set_fingerprint(kind, digest)
        self._ledger.files.set(self._uncertain, self._uncertain.keys())  # with their stamps
        live, horizon = self._live.update(stale, results)
        return Produced(
            documents=tuple(live.new),
            resume=None if live.again is None else datetime.fromtimestamp(live.again, UTC),
            faults={} if self._unfinished else self._live.faults(),
            horizon=horizon,
            damaged=self._damaged,
            lost=scrub.lost(self._ledger) if self._unfinished else (),
        )

    def keep_whole(self, give_way: Callable[[], None], *, is_quiet: bool) -> None:
        """Store a whole edition if one is due, as `LiveDocuments.keep_whole`."""
        self._live.keep_whole(give_way, is_quiet=is_quiet)

    def _show_pictures(self, results: Results) -> None:
        self._store.show([one.sheet for one in self._pictures if one.sheet])
        if self._pictures:
            results.add(PackedResults.of([replace(one, sheet=None) for one in self._pictures]))

    def _try_news(self, stale: StaleSet) -> None:
        """Render new and changed entries before a commit, after which no file can be held.

        Where a process before this one hung, each is named and rendered alone.
        """
        if len(stale.slugs) > _TRIED:
            return
        if not heartbeat.is_after_hang():
            self._runner.try_entries(stale.slugs)
            return
        paths = {one.slug: one.story.path for one in self._ledger.entries.live(stale.slugs)}
        files = self._ledger.files.find([*paths.values()])
        for slug, path in paths.items():
            with heartbeat.reading(path, files[path].stamp) if path in files else nullcontext():
                self._runner.try_entries([slug])

    def _begin_rebuild(self) -> None:
        """Commit what was recorded: other processes render from the ledger.

        If this run fails, the next one compares all, and reads again what shows new pictures: the
        ledger has none of these yet, and another node of a cluster has no files of them.
        """
        self._ledger.state.set_fingerprint(Fingerprint.DOCUMENTS, "")
        self._ledger.state.set_fingerprint(Fingerprint.PAGES, "")
        media = [one.record.path for one in self._pictures]
        self._uncertain = self._ledger.files.find(self._ledger.entries.files_with_media(media))
        self._ledger.files.read_again([*self._uncertain])
        self._ledger.commit()

    def _run_jobs(
        self, jobs: Sequence[Job], *, is_whole: bool
    ) -> Iterable[PackedResults | FewResults]:
        """Run all jobs; in a whole rebuild on all cores."""
        if not is_whole:
            pack = FewResults if len(jobs) < _ALONE else PackedResults.of
            return (pack(self._runner.run(job)) for job in jobs)
        from dateline.publish.produce.render_jobs import JobRunner, by_time  # noqa: PLC0415

        own = JobRunner(self._config, self._ledger, now=self._now, has_helpers=True)
        return self._workers.render(by_time(jobs, self._ledger), own)

    def _with_other_forms(self) -> list[str]:
        """Return the paths of the documents whose coded forms follow other settings.

        They are written again as they are: the moment of their change stays.
        """
        if not self._has_changed(Fingerprint.CODINGS):
            return []
        from dateline.documents.compression import is_coded  # noqa: PLC0415

        return [one.path for one in self._ledger.documents.all() if is_coded(one)]

    def _media_in_place(self, unfinished: Iterable[str]) -> list[str]:
        """Return the media that a killed run put in place: they may not come again."""
        paths = [path for path in unfinished if is_media(path)]
        known = self._ledger.documents.find(paths)
        return [path for path in paths if self._store.has(path, known[path].changed)]

    @cached_property
    def _runner(self) -> JobRunner:
        from dateline.publish.produce.render_jobs import JobRunner  # noqa: PLC0415

        return JobRunner(self._config, self._ledger, now=self._now)

    # ---- Stale documents

    def _jobs(self, stale: StaleSet) -> Iterator[Job]:
        """Yield the jobs: all, or those for changed and for doubtful documents."""
        rebuild = stale.rebuild
        doubtful = self._unfinished | self._expired
        if stale.is_empty and not doubtful:
            return
        from dateline.publish.produce import listings, terms  # noqa: PLC0415

        listed = [
            *listings.due(
                self._config.feeds,
                self._ledger,
                ids=None if rebuild else stale.ids,
                changed=stale.feeds,
                doubtful=doubtful,
            )
        ]
        jobs = [*self._page_jobs(stale, doubtful)]
        for feed in self._config.feeds:
            jobs += self._feed_jobs(feed, stale, doubtful)
        if not rebuild:
            self._ledger.documents.find(self._expected([*jobs, *listed], stale.feeds))
        yield from jobs
        pages = {(name, 0) for name in stale.feeds} | stale.archives
        yield from terms.TermPages(
            self._config, self._ledger, now=self._now, months=self._runner.months
        ).due({page for page in pages if names_term(page[0])}, doubtful, is_all=rebuild)
        yield from listed

    def _expected(self, jobs: Iterable[Job], feeds: Iterable[str]) -> list[str]:
        """Return the paths of most documents that `jobs` and the terms among `feeds` may change.

        They are asked for at once.
        """
        from dateline.publish.produce import terms  # noqa: PLC0415
        from dateline.publish.produce.listings import NewsSitemap, Sitemap  # noqa: PLC0415
        from dateline.publish.produce.render_jobs import EntryPages, FeedDocuments  # noqa: PLC0415
        from dateline.render import sitemap  # noqa: PLC0415

        found = [*terms.heads(filter(names_term, feeds))]
        for job in jobs:
            match job:
                case EntryPages(slugs):
                    found += [f"{slug}.html" for slug in slugs]
                case FeedDocuments(_, 0):
                    found += self._runner.paths(job)
                case Sitemap(number):
                    found.append(sitemap.part_path(number) if number else sitemap.INDEX)
                case NewsSitemap():
                    found.append(sitemap.NEWS)
        return [*dict.fromkeys(found)]

    def _page_jobs(self, stale: StaleSet, doubtful: Collection[str]) -> Iterator[Job]:
        from dateline.publish.produce.render_jobs import EntryPages, FixedPages  # noqa: PLC0415

        if stale.rebuild or self._unfinished:
            yield FixedPages()
        pages = [path for path in sorted(doubtful) if path.endswith((".html", ".ics"))]
        doubted = [path.rpartition(".")[0] for path in pages]
        slugs = (
            self._ledger.entries.slugs()
            if stale.rebuild and self._has_changed(Fingerprint.PAGES)
            else doubted
        )
        others = [*stale.kin, *stale.linking]
        # Few are read at once, as their pages will need them.
        entries = self._ledger.entries
        few = entries.find(others) if len(others) <= _PAGES else {}
        others = [one.slug for one in few.values()] if few else entries.slugs(others)
        slugs = [*dict.fromkeys([*slugs, *stale.slugs, *others])]
        for start in range(0, len(slugs), _PAGES):
            yield EntryPages(tuple(slugs[start : start + _PAGES]))

    def _feed_jobs(self, feed: Feed, stale: StaleSet, doubtful: set[str]) -> Iterator[Job]:
        from dateline.publish.produce.render_jobs import FeedDocuments  # noqa: PLC0415

        whole = FeedDocuments(feed.name)
        is_stale = stale.rebuild or feed.name in stale.feeds
        if is_stale or doubtful & self._runner.paths(whole):
            yield whole
        if not feed.archives:
            return
        numbers = _archives(feed, stale.archives, doubtful)
        if stale.rebuild:
            numbers = {*range(1, self._ledger.members.last_archive(feed) + 1)}
        for number in sorted(numbers):
            yield FeedDocuments(feed.name, number)


def _archives(feed: Feed, stale: Iterable[tuple[str, int]], paths: Iterable[str]) -> set[int]:
    """Return the numbers of a feed's archives that are `stale` or at these paths."""
    start = f"archive/{feed.name}/"
    named = (path.removeprefix(start).partition(".")[0] for path in paths if path.startswith(start))
    return {number for name, number in stale if name == feed.name} | {int(n) for n in named}
