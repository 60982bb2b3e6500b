"""The pages of terms (`dateline.rules.taxonomy`) and years: which are stale, and which go."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from dateline.ledger import Ledger
from dateline.publish.produce.listings import PagesSitemap
from dateline.render import sitemap
from dateline.rules.taxonomy import derived, head, is_month, shown_at, year_at, year_page


@dataclass(frozen=True, slots=True)
class TermPage:
    """The newest page of a term, or with a number a full one."""

    term: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class YearPage:
    """The page of a year, which leads to its months and to other years."""

    year: str


Filed = TermPage | YearPage | PagesSitemap


class TermPages:
    """The pages of the terms and years of one publication that are stale in one run.

    Those without entries are retired.
    """

    def __init__(self, ledger: Ledger, *, now: datetime) -> None:
        self._ledger = ledger
        self._now = now
        self._is_other_set = False

    def due(
        self, pages: Iterable[tuple[str, int]], doubtful: Collection[str], *, is_all: bool
    ) -> Iterator[Filed]:
        """Yield the stale pages: all, or these of terms, and those at the `doubtful` paths."""
        numbers: dict[str, set[int]] = {}
        for name, number in (*pages, *filter(None, map(shown_at, doubtful))):
            numbers.setdefault(name, set()).add(number)
        if is_all:
            numbers = {name: set() for name in self._ledger.members.terms()}
        yield from self._of_terms(numbers, is_all=is_all)
        years = {name[:4] for name in numbers if is_month(name)}
        years |= {*filter(None, map(year_at, doubtful))}
        yield from self._of_years(years, is_all=is_all)
        if is_all or self._is_other_set or sitemap.PAGES in doubtful:
            yield PagesSitemap()

    def _of_terms(self, numbers: Mapping[str, set[int]], *, is_all: bool) -> Iterator[TermPage]:
        known = self._ledger.documents.find([head(name) for name in numbers])
        for name, some in sorted(numbers.items()):
            feed, is_known = derived(name), head(name) in known
            if is_month(name) and self._ledger.entries.id_of(head(name)):
                continue  # the page of an entry, from before such addresses were reserved
            if not self._ledger.editions.has_any(feed, self._now):
                self._retire(head(name), f"archive/{name}/")
                continue
            last = self._ledger.members.last_archive(feed)
            self._is_other_set |= not is_known
            every = range(last + 1) if is_all or not is_known else sorted({0, *some})
            yield from (TermPage(name, number) for number in every)

    def _of_years(self, years: set[str], *, is_all: bool) -> Iterator[YearPage]:
        if not (years or is_all):
            return
        there = self._ledger.directory.years(self._now)
        known = self._ledger.documents.find([year_page(year) for year in years])
        for year in sorted(years.difference(there)):
            self._retire(year_page(year), "")
        is_other = is_all or any(
            (year in there) != (year_page(year) in known) for year in sorted(years)
        )
        for year in there:
            if is_other or year in years:
                yield YearPage(year)

    def _retire(self, path: str, archives: str) -> None:
        """Retire a page that has no entries any more, with the full ones before it."""
        if not self._ledger.documents.find([path]):
            return
        others = self._ledger.documents.under(archives, ".html") if archives else []
        self._ledger.documents.retire([path, *others])
        self._is_other_set = True
