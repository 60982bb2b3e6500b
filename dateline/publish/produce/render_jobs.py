"""Render jobs: the bytes of documents, and the moments of their changes.

A document is rendered only if its input has changed, and written only if its bytes have. The
moment of its change rises strictly and is never in the future: a second change within one second
waits for the next.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache, partial
from itertools import islice

from dateline.config import Config
from dateline.documents.store import StagedFile, Store
from dateline.errors import rendering
from dateline.ledger import Ledger
from dateline.ledger.queries.relations.translations import ALONE
from dateline.ledger.rows import DocumentRecord, seconds
from dateline.model import Document, Edition, Entry, Feed, Publication, Role
from dateline.publish.produce import fingerprints
from dateline.publish.produce.listings import DirectoryDocuments, Listed, MonthsByLanguage
from dateline.publish.produce.manifest_rows import ManifestBeginning
from dateline.publish.produce.results import JobResult
from dateline.publish.produce.terms import TermIndex, TermPage, YearPage
from dateline.render import render, render_term
from dateline.render.pages import NO_NEIGHBOURS, Pages, icons
from dateline.rules.taxonomy import Taxonomy, derived, index_page, is_month, language_in, topical


@dataclass(frozen=True, slots=True)
class FixedPages:
    """The pages of a site that belong to no entry."""


@dataclass(frozen=True, slots=True)
class EntryPages:
    """The pages of the live entries with these slugs, and the calendars of their events."""

    slugs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FeedDocuments:
    """The documents of the feed of this name, or of one of its archives."""

    feed: str
    archive: int = 0


Job = (
    FixedPages
    | EntryPages
    | FeedDocuments
    | TermPage
    | YearPage
    | TermIndex
    | Listed
    | ManifestBeginning
)
# What documents are made of beside their entries, and the function that renders them.
_Source = tuple[str, Callable[[], Iterable[Document]]]


class JobRunner:
    """Renders the documents of one publication from its ledger, and writes what is new."""

    def __init__(
        self,
        config: Config,
        ledger: Ledger,
        *,
        now: datetime,
        has_helpers: bool = False,
        scratch: str = "",
    ) -> None:
        self._publication = config.publication
        self._feeds = {feed.name: feed for feed in config.feeds}
        self._pages = _pages(config.publication, config.feeds)
        self._ledger = ledger
        self.months = MonthsByLanguage(Taxonomy(config.publication, config.feeds), ledger, now=now)
        self._directory = DirectoryDocuments(
            config.publication,
            config.feeds,
            ledger,
            now=now,
            page=self._pages.site.page,
            months=self.months,
        )
        self._neighbours = ledger.neighbours(topical(config.feeds), now)
        self._store = Store(
            config.feeds_folder, codings=config.codings, has_helpers=has_helpers, scratch=scratch
        )
        self._now = now
        self._config = config
        self._rests_on = fingerprints.of_all(config)
        self._pages_rest_on = fingerprints.of_pages(config)

    def share(self) -> str:
        """Return the name of the folder in which helpers write, too. Raises `StoreError`."""
        return self._store.share()

    def run(self, job: Job) -> list[JobResult]:
        """Return the documents of `job` that differ from the ledger's."""
        match job:
            case FixedPages():
                theme = self._publication.theme
                fixed = [
                    *self._pages.fixed(),
                    *icons.documents(self._publication),
                    *theme.documents,
                    *self._directory.fixed(),
                ]
                return self.place(fixed, self._rests_on)
            case EntryPages(slugs):
                return self.place(self._of_entries(slugs))
            case FeedDocuments(feed, archive):
                return self._of_feed(feed, archive)
            case TermPage() | YearPage() | TermIndex():
                return self._of_filed(job)
            case ManifestBeginning():
                job.write(self._config.feeds_folder, self._ledger)
                return []
            case _:
                plan = self._directory.plan(job)
                rests_on = f"{self._rests_on} {plan.made_of}"
                return self._unless_live([plan.path], rests_on, lambda: [plan.make()])

    def place(self, documents: Iterable[Document], source: str = "") -> list[JobResult]:
        """Return those of rendered `documents`, made of `source`, that differ from the ledger's."""
        made = list(documents)
        known = self._ledger.documents.find([document.path for document in made])
        return self._compared(made, source, known)

    def try_entries(self, slugs: Sequence[str]) -> None:
        """Render entries for pages and feeds, and write nothing. Raises `RenderFault`."""
        entries = tuple(self._ledger.entries.live(slugs))
        for feed in self._feeds.values():
            [*render(self._publication, Edition(feed=feed, entries=entries, updated=self._now))]
        [*self._of_entries(slugs)]

    def paths(self, job: FeedDocuments) -> set[str]:
        """Return the paths of the documents that a feed always has."""
        feed = self._feeds[job.feed]
        return {*feed.paths, *self._pages.site.documents(feed)}

    # ---- Input

    def _of_entries(self, slugs: Sequence[str]) -> Iterator[Document]:
        """Yield the pages of entries, each after the calendar of its event.

        A page expires with one that it leads to, and when the state of its event changes.
        """
        translations = self._ledger.translations.of(slugs, self._now)
        neighbours = self._neighbours.of(slugs)
        for entry in self._ledger.entries.live(slugs):
            siblings = translations.get(entry.slug, ALONE)
            near = neighbours.get(entry.slug, NO_NEIGHBOURS)
            with rendering(entry.story.path):
                event = [*self._directory.of_event(entry)]
                page = self._pages.entry(entry, siblings.headlines, self._now, near)
            yield from event
            ends = [end for end in (page.expires, siblings.expires, near.expires) if end]
            expires = min(ends, default=None)
            yield page if page.expires == expires else replace(page, expires=expires)

    def _of_feed(self, name: str, archive: int) -> list[JobResult]:
        founded = self._ledger.state.founded
        feed = self._feeds[name]
        shown = edition(feed, ledger=self._ledger, now=self._now, founded=founded, archive=archive)
        coming, until = self._coming(shown)
        page = self._pages.site.page(feed)
        return self._of_edition(
            shown,
            (
                f"{fingerprints.of_feed(self._config, feed)} {page}",
                lambda: render(self._publication, shown, page=page),
            ),
            (f"{coming}", lambda: self._pages.of_feed(shown, coming, until)),
        )

    def _of_edition(self, shown: Edition, feeds: _Source, pages: _Source) -> list[JobResult]:
        """Return the feed documents and the pages of an edition, each made of more than it."""
        page, *explained = self._pages.documents(shown)
        known = self._ledger.documents.find([*shown.paths, page, *explained])
        made_of = " ".join(
            [f"{replace(shown, entries=())}", *map(fingerprints.of_entry, shown.entries)]
        )
        (source, render_feeds), (more, render_pages) = feeds, pages
        page_source = f"{self._pages_rest_on} {made_of} {more}"
        # Dateline's own pages on how to subscribe show no entry; a theme's may.
        is_plain = not self._publication.theme.templates
        explained_source = f"{self._pages_rest_on} {shown.expires}" if is_plain else page_source
        return [
            *self._unless_live(shown.paths, f"{source} {made_of}", render_feeds, known),
            *self._unless_live([page], page_source, lambda: islice(render_pages(), 1), known),
            *self._unless_live(
                explained, explained_source, lambda: self._pages.explanations(shown), known
            ),
        ]

    def _of_filed(self, job: TermPage | YearPage | TermIndex) -> list[JobResult]:
        match job:
            case TermPage(term, number):
                return self._of_term(term, number)
            case YearPage(folder):
                return self._of_year(folder)
            case TermIndex():
                return self._of_index(job)

    def _of_term(self, name: str, number: int) -> list[JobResult]:
        has_feeds = self._publication.has_term_feeds
        ledger, feed = self._ledger, derived(name, has_feeds=has_feeds)
        founded = ledger.state.founded
        shown = edition(feed, ledger=ledger, now=self._now, founded=founded, archive=number)
        title = self._pages.title(name, shown.entries)
        shown = replace(shown, feed=derived(name, title, has_feeds=has_feeds))
        years = {} if number or is_month(name) else self._years_of(feed)
        counterparts = self.months.counterparts(name) if is_month(name) and not number else []
        return self._of_edition(
            shown,
            (
                fingerprints.of_feed(self._config, shown.feed),
                lambda: render_term(self._publication, shown),
            ),
            (
                f"{years} {counterparts}",
                lambda: self._pages.of_term(shown, years, counterparts),
            ),
        )

    def _years_of(self, feed: Feed) -> dict[int, int]:
        """Return the years in which full pages of a term begin, each with its newest page."""
        begins = enumerate(self._ledger.members.begins(feed), start=1)
        zone = self._publication.zone
        return dict(sorted({one.astimezone(zone).year: page for page, one in begins}.items()))

    def _of_index(self, job: TermIndex) -> list[JobResult]:
        titles = self._ledger.directory.titles(job.terms)
        return self._unless_live(
            [index_page(job.folder)],
            f"{self._pages_rest_on} {titles} {job.folders}",
            lambda: [self._pages.index(job.folder, titles, job.folders)],
        )

    def _of_year(self, folder: str) -> list[JobResult]:
        months = self._ledger.directory.months(folder, self._now)
        years, counterparts = (
            self.months.years(language_in(folder)),
            self.months.counterparts(folder),
        )
        return self._unless_live(
            [index_page(folder)],
            f"{self._pages_rest_on} {months} {years} {counterparts}",
            lambda: [self._pages.year(folder, months.counts, years, counterparts, months.expires)],
        )

    def _coming(self, shown: Edition) -> tuple[tuple[Entry, ...], datetime | None]:
        """Return the next events that the feed's page lists, and when they change."""
        if shown.archive or not self._pages.site.has_coming(shown.feed):
            return (), None
        return self._ledger.directory.coming(shown.feed, self._now)

    def _unless_live(
        self,
        names: Sequence[str],
        made_of: str,
        make: Callable[[], Iterable[Document]],
        known: Mapping[str, DocumentRecord] | None = None,
    ) -> list[JobResult]:
        """Render these documents, unless all are in place and made of the same input."""
        source = fingerprints.of_text(made_of)
        known = self._ledger.documents.find(names) if known is None else known
        if all(
            name in known and known[name].source == source and known[name].live for name in names
        ):
            return []
        return self._compared(make(), source, known)

    # ---- Comparison

    def _compared(
        self, made: Iterable[Document], source: str, known: Mapping[str, DocumentRecord]
    ) -> list[JobResult]:
        # One is compressed and written while the next is rendered.
        begun = [self._begin(document, source, known.get(document.path)) for document in made]
        return [found for end in begun if (found := end())]

    def _begin(
        self, document: Document, source: str, before: DocumentRecord | None
    ) -> Callable[[], JobResult | None]:
        """Begin to write a document; the end returns it if it has changed."""
        now = seconds(self._now)
        record = _record(document, source, now)
        is_same = before is not None and before.digest == record.digest
        if before and is_same:
            record = replace(
                record, changed=before.changed, live=before.live, codings=before.codings
            )
            if before.live:
                kept = None if record == before else JobResult(record=record)
                return lambda: kept
        elif before and before.changed == now:
            waiting = JobResult(record=replace(before, live=False), waits=True)
            return lambda: waiting
        elif before and before.changed > now:
            # The clock was set back: the document goes out, and its moment still rises.
            record = replace(record, changed=before.changed + 1)
        elif not before and now < (last := self._ledger.state.retired):
            # The same for a document that was gone, and is there again.
            record = replace(record, changed=last + 1)
        is_news = record.role == Role.SUBSCRIPTION and not is_same
        sheet = self._store.write(document, record.changed)
        return partial(_printed, record, sheet, is_new=not is_same, is_news=is_news)


@lru_cache(maxsize=1)
def _pages(publication: Publication, feeds: tuple[Feed, ...]) -> Pages:
    """Return the pages of a publication, which know from run to run what they have in common."""
    return Pages(publication, feeds)


def by_time(jobs: Sequence[Job], ledger: Ledger) -> list[Job]:
    """Return jobs by the time of their earliest entries, those without entries last.

    The manifest comes first: it takes longest, and would be waited for at the end. An entry is then
    in jobs that are near each other, and what was made of it for one document is still known for
    the next (`dateline.system.memo`).
    """
    begins = ledger.members.every_begin()
    first = [job.slugs[0] for job in jobs if isinstance(job, EntryPages)]
    published = ledger.entries.published(first)

    def begin(job: Job) -> float:
        match job:
            case EntryPages(slugs):
                return published.get(slugs[0], math.inf)
            case FeedDocuments(name, number) | TermPage(name, number):
                return begins.get((name, number), math.inf)
            case ManifestBeginning():
                return -math.inf
        return math.inf

    return sorted(jobs, key=begin)


def edition(
    feed: Feed, *, ledger: Ledger, now: datetime, founded: datetime, archive: int = 0
) -> Edition:
    """Return what a feed, or one of its archives, shows at `now`.

    An empty one changed when the publication was `founded`.
    """
    last = ledger.members.last_archive(feed) if feed.archives else 0
    documents = ledger.editions
    newest = documents.subscription if feed.formats else documents.newest
    shown = documents.archive(feed, archive, now) if archive else newest(feed, now)
    changed = [
        *(entry.updated for entry in shown.entries),
        *(tombstone.moment for tombstone in shown.tombstones),
    ]
    return Edition(
        feed=feed,
        entries=shown.entries,
        shortened=shown.shortened,
        updated=max(changed, default=founded),
        expires=shown.changes,
        tombstones=shown.tombstones,
        archive=archive,
        previous=archive - 1 if archive else last,
        following=archive + 1 if 0 < archive < last else 0,
    )


def _printed(
    record: DocumentRecord, written: Callable[[], StagedFile], *, is_new: bool, is_news: bool
) -> JobResult:
    sheet = written()
    sizes = " ".join(f"{coding}={size}" for coding, size in sheet.sizes.items())
    coded = replace(record, codings=sizes) if sizes != record.codings else record
    return JobResult(record=coded, sheet=sheet, is_new=is_new, is_news=is_news)


def _record(document: Document, source: str, now: int) -> DocumentRecord:
    return DocumentRecord(
        path=document.path,
        role=document.role,
        media_type=document.media_type,
        size=len(document.data),
        digest=hashlib.sha256(document.data).hexdigest(),
        changed=now,
        source=source,
        links=document.links,
        expires=seconds(document.expires) if document.expires else None,
        live=False,
    )
