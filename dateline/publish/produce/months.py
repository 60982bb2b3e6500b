"""The months and years of each language: which of them have entries to show."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cached_property

from dateline.ledger import Ledger
from dateline.rules.taxonomy import Taxonomy, derived, folder_of, head


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
