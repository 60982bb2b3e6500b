"""The pages of terms (`dateline.rules.taxonomy`) and years: which are stale, and which go."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from dateline.config import Config
from dateline.ledger import Ledger
from dateline.model.formats import FORMATS
from dateline.publish.produce.listings import MonthsByLanguage, PagesSitemap
from dateline.render import sitemap
from dateline.rules.taxonomy import (
    FOLDERS,
    Taxonomy,
    derived,
    folder_of,
    head,
    index_at,
    index_page,
    is_month,
    language_in,
    shown_at,
    year_at,
)


@dataclass(frozen=True, slots=True)
class TermPage:
    """The newest page of a term, or with a number a full one."""

    term: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class YearPage:
    """The page of the folder of a year, which leads to its months and to other years."""

    folder: str


@dataclass(frozen=True, slots=True)
class TermIndex:
    """The page of a folder, which leads to the `terms` in it and to the other `folders`."""

    folder: str
    terms: tuple[str, ...]
    folders: tuple[str, ...]


Filed = TermPage | YearPage | TermIndex | PagesSitemap


def heads(names: Iterable[str]) -> Iterator[str]:
    """Yield the paths of the newest pages of terms, and of the pages of their years."""
    for name in names:
        yield head(name)
        if is_month(name):
            yield index_page(folder_of(name))


class TermPages:
    """The pages of the terms and years of one publication that are stale in one run.

    Those without entries are retired. Where a month or year appears or goes, the pages of its
    counterparts in other languages are stale, too.
    """

    def __init__(
        self, config: Config, ledger: Ledger, *, now: datetime, months: MonthsByLanguage
    ) -> None:
        self._has_feeds = config.publication.has_term_feeds
        self._has_terms = config.publication.has_terms
        self._taxonomy = Taxonomy(config.publication, config.feeds)
        self._ledger = ledger
        self._now = now
        self._months = months
        self._other: set[str] = set()  # the folders and years that have another set of pages
        self._added: set[str] = set()
        self._switched: set[str] = set()  # the months that appear or go

    def due(
        self, pages: Iterable[tuple[str, int]], doubtful: Collection[str], *, is_all: bool
    ) -> Iterator[Filed]:
        """Yield the stale pages: all, or these of terms, and those at the `doubtful` paths."""
        numbers: dict[str, set[int]] = {}
        for name, number in (*pages, *filter(None, map(shown_at, doubtful))):
            numbers.setdefault(name, set()).add(number)
        if is_all and not self._has_feeds:
            self._retire_feeds()
        if is_all:
            numbers = {name: set() for name in {*numbers, *self._ledger.members.terms()}}
        yield from self._of_terms(numbers, is_all=is_all)
        yield from map(TermPage, sorted(self._counterparts() - numbers.keys()))
        years = {folder_of(name) for name in numbers if is_month(name)}
        years |= {*filter(None, map(year_at, doubtful))}
        yield from map(YearPage, self._stale_years(years, is_all=is_all))
        self._other |= {*filter(None, map(index_at, doubtful))}
        if is_all or self._other or sitemap.PAGES in doubtful:
            terms = self._shown()
            yield from self._indexes(terms, is_all=is_all)
            yield PagesSitemap(tuple(sorted(terms)))

    def _of_terms(self, numbers: Mapping[str, set[int]], *, is_all: bool) -> Iterator[TermPage]:
        known = self._ledger.documents.find([head(name) for name in numbers])
        for name, some in sorted(numbers.items()):
            feed, is_known = derived(name), head(name) in known
            if is_month(name) and self._ledger.entries.id_of(head(name)):
                continue  # the page of an entry, from before such addresses were reserved
            has_any = self._ledger.editions.has_any(feed, self._now)
            if is_month(name) and has_any != is_known:
                self._switched.add(name)
            if not has_any:
                self._retire(head(name), name)
                continue
            last = self._ledger.members.last_archive(feed)
            if not is_known:
                self._added.add(name)
                self._other.add(folder_of(name))
            every = range(last + 1) if is_all or not is_known else sorted({0, *some})
            yield from (TermPage(name, number) for number in every)

    def _stale_years(self, folders: Collection[str], *, is_all: bool) -> list[str]:
        """Return the folders of the years whose pages are stale, some of `folders` at least.

        A year that appears or goes changes all pages of years in its language.
        """
        known = self._ledger.documents.find([*map(index_page, folders)])
        switched: set[str] = set()
        stale: set[str] = set()
        for language in sorted({*map(language_in, folders)}):
            some = {folder for folder in folders if language_in(folder) == language}
            there = self._months.years(language) if self._has_terms else []
            found = {one for one in some if (one in there) != (index_page(one) in known)}
            stale |= {*there} if found or is_all else some.intersection(there)
            switched |= found
            for folder in sorted(some.difference(there)):
                self._retire(index_page(folder))
        for folder in switched:
            stale |= {*self._months.counterparts(folder)}
        return sorted(stale)

    def _counterparts(self) -> set[str]:
        """Return the months in other languages of those that appear or go."""
        return {other for name in self._switched for other in self._months.counterparts(name)}

    def _indexes(self, terms: Collection[str], *, is_all: bool) -> Iterator[TermIndex]:
        """Yield the stale pages that list terms; those of folders without any are retired.

        All folders of a kind are stale together: each leads to the others.
        """
        found: dict[str, list[str]] = {}
        for name in sorted(terms):
            found.setdefault(folder_of(name), []).append(name)
        stale = {folder.split("/")[0] for folder in self._other}
        for folder, names in found.items():
            kind = folder.split("/")[0]
            if is_all or kind in stale:
                alike = tuple(one for one in found if one.split("/")[0] == kind)
                yield TermIndex(folder, tuple(names), alike)
        for folder in sorted(self._other):
            if folder not in found and not folder[:1].isdecimal():
                self._retire(index_page(folder))

    def _shown(self) -> set[str]:
        """Return the names of the terms that have pages after this run, without months."""
        paths = self._ledger.documents.in_folders([*FOLDERS.values()])
        there = {found[0] for path in paths if (found := shown_at(path))}
        return there | {name for name in self._added if not is_month(name)}

    def _retire(self, path: str, term: str = "") -> None:
        """Retire a page that has no entries any more, with all other documents of its `term`.

        They lead to those of the feed that has the term to itself, if there is one: programs that
        read the feed of the term go on with that.
        """
        if not self._ledger.documents.find([path]):
            return
        feed = self._taxonomy.successor(term) if term else None
        targets: dict[str, list[str]] = {}
        for one in (path, *(self._documents(term) if term else ())):
            ending = one.rpartition(".")[2]
            known = feed.formats if feed and ending in FORMATS else ("html",)
            target = f"{feed.name}.{ending if ending in known else known[0]}" if feed else ""
            targets.setdefault(target, []).append(one)
        for target, paths in targets.items():
            self._ledger.documents.retire(paths, target)
        self._other.add(folder_of(term) if term else path)

    def _documents(self, term: str) -> list[str]:
        """Return the paths of the full pages of a term, and of all its feeds."""
        documents = self._ledger.documents
        feeds = documents.find([f"{term}.{form}" for form in FORMATS])
        return [*feeds, *documents.in_folders([f"archive/{term}"])]

    def _retire_feeds(self) -> None:
        """Retire the feeds of all terms, once there are to be none."""
        folders = [*FOLDERS.values()]
        paths = self._ledger.documents.in_folders(
            [*folders, *(f"archive/{one}" for one in folders)]
        )
        self._ledger.documents.retire([path for path in paths if not path.endswith(".html")])
