"""The documents that list others: sitemaps, OPML and calendars; which of them are stale."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from dateline.ledger import Ledger
from dateline.ledger.queries.events import EventDate
from dateline.model import Document, Entry, Feed, Publication
from dateline.render import sitemap
from dateline.render.opml import opml
from dateline.rules.taxonomy import Taxonomy, derived, folder_of, head
from dateline.text.urls import explanations


@dataclass(frozen=True, slots=True)
class Sitemap:
    """The addresses of some entries (`dateline.ledger.queries.events`); number 0 is the index."""

    number: int


@dataclass(frozen=True, slots=True)
class NewsSitemap:
    """The addresses of what is new."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The events of the feed of this name."""

    feed: str


@dataclass(frozen=True, slots=True)
class PagesSitemap:
    """The addresses of the pages that are not of entries, those of these `terms` among them."""

    terms: tuple[str, ...]


Listed = Sitemap | NewsSitemap | PagesSitemap | Calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A document that can be rendered: its path, the text of its input, and the function."""

    path: str
    made_of: str
    make: Callable[[], Document]


class DirectoryDocuments:
    """The listing documents of one publication; `page` returns the path of a feed's page."""

    def __init__(
        self,
        publication: Publication,
        feeds: Sequence[Feed],
        ledger: Ledger,
        *,
        now: datetime,
        page: Callable[[Feed], str],
        months: MonthsByLanguage,
    ) -> None:
        self._publication = publication
        self._feeds = feeds
        self._ledger = ledger
        self._now = now
        self._page = page
        self._months = months

    def fixed(self) -> list[Document]:
        """Return the documents that depend on no entry."""
        return [
            opml(self._publication, self._feeds, self._page),
            sitemap.robots(self._publication),
        ]

    def plan(self, listed: Listed) -> Plan:
        """Return the plan of a document: the text of its input, and how to render it."""
        match listed:
            case Sitemap(0):
                return self._index()
            case Sitemap(number):
                return self._sitemap(number)
            case NewsSitemap():
                return self._news()
            case PagesSitemap(terms):
                return self._pages(terms)
            case Calendar(name):
                return self._calendar(name)

    def _index(self) -> Plan:
        changed = self._ledger.state.sitemap_changes
        return Plan(
            path=sitemap.INDEX,
            made_of=f"{changed}",
            make=lambda: sitemap.index(self._publication, changed),
        )

    def _sitemap(self, number: int) -> Plan:
        addresses = self._ledger.directory.addresses(number)
        return Plan(
            path=sitemap.part_path(number),
            made_of=f"{addresses}",
            make=lambda: sitemap.sitemap(self._publication, number, addresses),
        )

    def _news(self) -> Plan:
        headlines, expires = self._ledger.directory.news(self._now)
        return Plan(
            path=sitemap.NEWS,
            made_of=f"{headlines} {expires}",
            make=lambda: sitemap.news(self._publication, headlines, expires),
        )

    def _pages(self, terms: Sequence[str]) -> Plan:
        explained = explanations(self._feeds, self._publication.language)
        paths = [*map(self._page, self._feeds), *sorted({*explained.values()})]
        has_terms = self._publication.has_terms
        for year in self._months.every_year() if has_terms else ():
            months = self._ledger.directory.months(year, self._now).counts
            paths += [year, *(f"{month}/" for month in months)]
        paths += [*dict.fromkeys(map(folder_of, terms)), *map(head, terms)]
        return Plan(
            path=sitemap.PAGES,
            made_of=f"{paths}",
            make=lambda: sitemap.pages(self._publication, paths),
        )

    def _calendar(self, name: str) -> Plan:
        feed = next(feed for feed in self._feeds if feed.name == name)
        dates = self._ledger.directory.dates(feed, self._now)
        return Plan(
            path=feed.calendar,
            made_of=f"{dates}",
            make=lambda: self._made_calendar(feed, dates),
        )

    def _made_calendar(self, feed: Feed, dates: Sequence[EventDate]) -> Document:
        from dateline.render.calendar import calendar  # noqa: PLC0415 - icalendar takes 30 ms

        agenda = self._ledger.directory.agenda(feed, dates, self._ledger.state.founded)
        return calendar(self._publication, agenda, page=self._page(feed))

    def of_event(self, entry: Entry) -> Iterator[Document]:
        """Yield the calendar of an entry that is an event, and nothing for any other."""
        if entry.story.event:
            from dateline.render.calendar import calendar_of_event  # noqa: PLC0415

            happening = self._ledger.directory.happening(entry, entry.story.event)
            yield calendar_of_event(self._publication, happening)


def due(
    feeds: Sequence[Feed],
    ledger: Ledger,
    *,
    ids: Sequence[str] | None,
    changed: Collection[str],
    doubtful: Collection[str],
) -> Iterator[Listed]:
    """Yield the stale listings: all, or those of the entries with these `ids`.

    `changed` are the names of the feeds that list or listed them, `doubtful` the paths of
    documents that may be stale for another reason.
    """
    parts, are_events = (None, True) if ids is None else ledger.directory.listed(ids)
    numbers = {*_renewed(ledger, parts), *map(sitemap.part_number, doubtful)} - {0}
    for number in sorted(numbers):
        yield Sitemap(number)
    if ids is None or numbers or sitemap.INDEX in doubtful:
        yield Sitemap(0)
    if ids is None or ids or sitemap.NEWS in doubtful:
        yield NewsSitemap()
    some = changed if are_events else ()
    for feed in feeds:
        is_due = ids is None or feed.name in some or feed.calendar in doubtful
        if feed.calendar and is_due:
            yield Calendar(feed.name)


def _renewed(ledger: Ledger, numbers: Collection[int] | None) -> set[int]:
    """Record when the sitemaps with these numbers, or all, changed; return their numbers."""
    changed = ledger.directory.changed(None if numbers is None else sorted(numbers))
    if changed or numbers is None:
        known = {} if numbers is None else ledger.state.sitemap_changes
        ledger.state.sitemap_changes = known | changed
    return {*changed}


class MonthsByLanguage:
    """The months and years of a publication at one moment, as terms and their folders.

    What it has found of years stays: no entry may change while it is used.
    """

    def __init__(self, taxonomy: Taxonomy, ledger: Ledger, *, now: datetime) -> None:
        self._taxonomy = taxonomy
        self._ledger = ledger
        self._now = now
        self._known: dict[str, list[str]] = {}

    def has_page(self, month: str) -> bool:
        """Return whether a month has entries to show on a page of its own."""
        # An entry may have that address, from before such addresses were reserved.
        is_entry = self._ledger.entries.id_of(head(month))
        return not is_entry and self._ledger.editions.has_any(derived(month), self._now)

    def years(self, language: str) -> list[str]:
        """Return the folders of the years that have entries in a language, the earliest first."""
        return self._within(self._taxonomy.year("", language))

    def every_year(self) -> Iterator[str]:
        """Yield the folders of all years that have entries, by language."""
        for language in self._languages:
            yield from self.years(language)

    def counterparts(self, name: str) -> list[str]:
        """Return the same month, or the folder of the same year, in each other language."""
        month = name[len(folder_of(name)) :]
        years = {self._taxonomy.year(name[:4], language) for language in self._languages}
        others = years - {folder_of(name)}
        return [f"{year}{month}" for year in sorted(others) if self._has(year, month)]

    def _has(self, year: str, month: str) -> bool:
        if month:
            return self.has_page(f"{year}{month}")
        return year in self._within(year[4:])

    def _within(self, ending: str) -> list[str]:
        """Return the folders with this ending, after their years, that have entries."""
        if ending not in self._known:
            years = self._ledger.directory.years(ending, self._now)
            self._known[ending] = [f"{year}{ending}" for year in years]
        return self._known[ending]

    @cached_property
    def _languages(self) -> list[str]:
        return self._ledger.directory.languages()
