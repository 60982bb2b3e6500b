"""The figures of the newsroom, and the charts that show them.

All charts lie: a name, a bar, a number in each row, so that they fit a telephone and need no
colour. The access log of the last days is summed up in a thread of its own, when somebody asks:
the first time takes long, after that only what was added is read. The newsroom never waits for it.
"""

from __future__ import annotations

import logging
import re
import sqlite3
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from dateline.config import Config
from dateline.serve.readership import RequestShare, tally
from dateline.serve.readership.log_lines import LogFollower, LoggedRequest

DAYS = 14
_EVERY = timedelta(minutes=1)
_UNCHANGED = 304
_READ = frozenset({200, _UNCHANGED})
_MOST = 50  # pages of entries, of which some may be withdrawn
_PAGES = 50_000  # that are counted
_SLUG = re.compile(r"\d{4}/\d\d/[^/]+")
_LEFT, _RIGHT, _WIDTH = 96, 236, 360  # where bars begin, end at most, and the chart ends
_LETTERS = 14  # of a name, left of its bar
_WIDE = 1.7  # times as many letters, for names that are titles
_ROW, _BAR = 24, 16
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
    """The requests of each day (in UTC) and those with a 304, and what each feed has.

    `pages` are the most read pages of entries, by their slugs, with the number of requests.
    """

    days: tuple[tuple[date, int, int], ...]
    feeds: tuple[RequestShare, ...]
    pages: tuple[tuple[str, int], ...] = ()


class Readers:
    """Sums up the log of one publication while somebody asks."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._begun: datetime | None = None
        self._first: date | None = None
        self._found: ReaderFigures | None = None

    def figures(self, now: datetime) -> ReaderFigures | None:
        """Return the figures, up to a minute old; None while the first sum is under way."""
        with self._lock:
            is_due = self._begun is None or not timedelta() <= now - self._begun < _EVERY
            if is_due and not (self._thread and self._thread.is_alive()):
                self._begun = now
                self._thread = threading.Thread(target=self._sum, args=(now,), daemon=True)
                self._thread.start()
        return self._found

    def wait(self) -> None:
        """Wait for the sum that is under way."""
        if self._thread:
            self._thread.join()

    def _sum(self, now: datetime) -> None:
        today = now.astimezone(UTC).date()
        first = today - timedelta(days=DAYS - 1)
        if self._first != first:
            self._first = first
            self._follower = LogFollower(self._config.log, f"access-{first}")
            self._tally = tally(self._config)
            self._counts: Counter[tuple[date, bool]] = Counter()
            self._pages: Counter[str] = Counter()
        try:
            self._read()
        except (OSError, sqlite3.Error) as error:
            _log.warning("The newsroom cannot read the access log: %s", error)
        counts = self._counts
        days = [first + timedelta(days=number) for number in range(DAYS)]
        self._found = ReaderFigures(
            days=tuple(
                (day, counts[day, False] + counts[day, True], counts[day, True]) for day in days
            ),
            feeds=self._tally.readership().feeds,
            pages=tuple(self._pages.most_common(_MOST)),
        )

    def _read(self) -> None:
        for asked in self._follower.news():
            self._tally.add(asked)
            if asked:
                day = datetime.fromtimestamp(asked.moment, UTC).date()
                self._counts[day, asked.status == _UNCHANGED] += asked.count
                self._add_page(asked)

    def _add_page(self, asked: LoggedRequest) -> None:
        """Count a request for the page of an entry; of very many pages, those that come first."""
        path = asked.path.removeprefix(self._config.publication.path).lstrip("/")
        slug = path.removesuffix(".html")
        is_read = slug != path and asked.method == "GET" and asked.status in _READ
        if is_read and _SLUG.match(slug) and (slug in self._pages or len(self._pages) < _PAGES):
            self._pages[slug] += asked.count
