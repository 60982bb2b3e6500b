"""The figures of the newsroom, and the charts that show them.

All charts lie: a name, a bar, a number in each row, so that they fit a telephone and need no
colour. The access log of the last days is summed up in a thread of its own, when somebody asks:
the first time takes long, after that only what was added is read. The newsroom never waits for it.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Generic, TypeVar

from dateline.config import Config
from dateline.serve.readership import RequestShare, tally
from dateline.serve.readership.log_lines import LogFollower, LoggedRequest
from dateline.system import start_thread
from dateline.text.expressions import regex

DAYS = 14
_EVERY = timedelta(minutes=1)
_UNCHANGED = 304
_READ = frozenset({200, _UNCHANGED})
_MOST = 50  # pages of entries, of which some may be withdrawn
_PAGES = 50_000  # that are counted
_SLUG = regex(r"\d{4}/\d\d/[^/]+")
_LEFT, _RIGHT, _WIDTH = 96, 236, 360  # where bars begin, end at most, and the chart ends
_LETTERS = 14  # of a name, left of its bar
_WIDE = 1.7  # times as many letters, for names that are titles
_ROW, _BAR = 24, 16
T = TypeVar("T")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number with its name; `part` of it is hatched, where it is not 0.

    `day` is the day of the number, if it belongs to one.
    """

    name: str
    value: int
    part: int = 0
    note: str = ""
    day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A row of a chart, in units of the picture."""

    figure: Figure
    top: int
    middle: int
    length: int
    part: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart: the bars begin at `left`, their numbers at `after`."""

    bars: tuple[Bar, ...]
    height: int
    width: int = _WIDTH
    left: int = _LEFT
    after: int = _RIGHT + 6
    thick: int = _BAR
    letters: int = _LETTERS


def chart(figures: Sequence[Figure], *, has_titles: bool = False) -> Chart:
    """Return the chart of some figures; the greatest has the longest bar."""
    greatest = max((figure.value for figure in figures), default=0) or 1
    wide = _WIDE if has_titles else 1
    left = round(_LEFT * wide)
    longest = _RIGHT - left
    bars = tuple(
        Bar(
            figure=figure,
            top=number * _ROW + (_ROW - _BAR) // 2,
            middle=number * _ROW + _ROW // 2,
            length=round(longest * figure.value / greatest),
            part=round(longest * figure.part / greatest),
        )
        for number, figure in enumerate(figures)
    )
    height = max(1, len(bars)) * _ROW
    return Chart(bars=bars, height=height, left=left, letters=round(_LETTERS * wide))


# ---- Requests in the access log


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderFigures:
    """The requests of each day (in UTC) and those with a 304, and what each feed has."""

    days: tuple[tuple[date, int, int], ...]
    feeds: tuple[RequestShare, ...]


PageFigures = tuple[tuple[str, int], ...]
"""The most read pages of entries, by their slugs, with the number of requests."""


class _Sum(ABC, Generic[T]):
    """Sums up the log of one publication in the last `days`, while somebody asks."""

    def __init__(self, config: Config, days: int) -> None:
        self._config = config
        self._days = days
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._begun: datetime | None = None
        self._first: date | None = None
        self._found: T | None = None

    @abstractmethod
    def _begin(self) -> None:
        """Begin to sum."""

    @abstractmethod
    def _add(self, asked: LoggedRequest | None) -> None:
        """Add requests, or a line that cannot be read."""

    @abstractmethod
    def _sums(self) -> T:
        """Return the sums so far."""

    def figures(self, now: datetime) -> T | None:
        """Return the figures, up to a minute old; None while the first sum is under way."""
        with self._lock:
            is_due = self._begun is None or not timedelta() <= now - self._begun < _EVERY
            if is_due and not (self._thread and self._thread.is_alive()):
                self._thread = start_thread(self._sum, now)
                self._begun = now
        return self._found

    def wait(self) -> None:
        """Wait for the sum that is under way."""
        if self._thread:
            self._thread.join()

    def _sum(self, now: datetime) -> None:
        today = now.astimezone(UTC).date()
        first = today - timedelta(days=self._days - 1)
        if self._first != first:
            self._first = first
            self._follower = LogFollower(self._config.log, f"access-{first}")
            self._begin()
        try:
            for asked in self._follower.news():
                self._add(asked)
        except (OSError, sqlite3.Error) as error:
            _log.warning("The newsroom cannot read the access log: %s", error)
        self._found = self._sums()


class Readers(_Sum[ReaderFigures]):
    """Sums up requests and subscribers."""

    def __init__(self, config: Config) -> None:
        super().__init__(config, DAYS)

    def _begin(self) -> None:
        self._tally = tally(self._config)
        self._counts: Counter[tuple[date, bool]] = Counter()

    def _add(self, asked: LoggedRequest | None) -> None:
        self._tally.add(asked)
        if asked:
            day = datetime.fromtimestamp(asked.moment, UTC).date()
            self._counts[day, asked.status == _UNCHANGED] += asked.count

    def _sums(self) -> ReaderFigures:
        counts, first = self._counts, self._first or date.min
        days = [first + timedelta(days=number) for number in range(self._days)]
        return ReaderFigures(
            days=tuple(
                (day, counts[day, False] + counts[day, True], counts[day, True]) for day in days
            ),
            feeds=self._tally.readership().feeds,
        )


class PageReaders(_Sum[PageFigures]):
    """Sums up the requests for pages of entries."""

    def _begin(self) -> None:
        self._pages: Counter[str] = Counter()

    def _add(self, asked: LoggedRequest | None) -> None:
        """Count a request for the page of an entry; of very many pages, those that come first."""
        if asked is None:
            return
        path = asked.path.removeprefix(self._config.publication.path).lstrip("/")
        slug = path.removesuffix(".html")
        is_read = slug != path and asked.method == "GET" and asked.status in _READ
        if is_read and _SLUG.match(slug) and (slug in self._pages or len(self._pages) < _PAGES):
            self._pages[slug] += asked.count

    def _sums(self) -> PageFigures:
        return tuple(self._pages.most_common(_MOST))
