"""The readership: subscribers, programs, and bytes, summed up from access logs.

The logs identify nobody. The number of a feed's subscribers is a lower bound: it counts those for
whom a service reports that it fetches, and nobody who fetches the feed directly.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from dateline.config import Config
from dateline.documents.manifest import HEAD, ManifestReader
from dateline.errors import DatelineError
from dateline.serve.readership import log_lines, user_agents
from dateline.serve.readership.log_lines import LoggedRequest

OTHERS = "(others)"
_UNCHANGED = 304
_ANSWERED = frozenset({200, 206, _UNCHANGED})  # to requests for a feed that succeed
_CURRENT = 30 * 24 * 3600.0  # seconds since the last request of a service that counts
_NAMES = 10_000  # programs that are counted separately
_PATHS = 10_000  # documents whose sizes are remembered, the latest ones
_NUMBERS = 100  # that a service gives to one address, of which each has figures of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestShare:
    """The requests for one feed, or by one program, and how many of them got a 304."""

    name: str
    subscribers: int
    requests: int
    unchanged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Readership:
    """What logs say about readers; moments in seconds since 1970, sizes in bytes.

    `saved` is what compression and 304s left unsent of documents that are still there.
    """

    since: float
    until: float
    requests: int
    statuses: Mapping[int, int]
    sent: int
    saved: int
    feeds: tuple[RequestShare, ...]
    programs: tuple[RequestShare, ...]
    unread: int

    @property
    def unchanged(self) -> int:
        """Return the number of 304s."""
        return self.statuses.get(_UNCHANGED, 0)


class Tally:
    """Sums up requests; `sizes` returns the plain and the smallest size of a document."""

    def __init__(
        self,
        feeds: Mapping[str, str],
        sizes: Callable[[str], tuple[int, int]],
        *,
        prefix: str = "/",
    ) -> None:
        self._feeds = feeds
        self._sizes = sizes
        self._prefix = prefix
        self._figures: dict[tuple[str, str], dict[str, tuple[float, int]]] = {}
        self._by_feed: dict[str, Counter[bool]] = {name: Counter() for name in feeds.values()}
        self._by_program: dict[str, Counter[bool]] = {}
        self._moments: tuple[float, float] | None = None
        self.statuses: Counter[int] = Counter()
        self.sent = 0
        self.saved = 0
        self.unread = 0

    def add(self, request: LoggedRequest | None) -> None:
        """Add a line; None is one that could not be read."""
        if request is None:
            self.unread += 1
            return
        if request.agent == user_agents.DELIVERY:
            return
        since, until = self._moments or (request.moment, request.moment)
        self._moments = (min(since, request.moment), max(until, request.moment))
        path = request.path.removeprefix(self._prefix).lstrip("/")
        path = f"{path}index.html" if path[-1:] in {"", "/"} else path
        agent = user_agents.read(request.agent)
        is_unchanged = request.status == _UNCHANGED
        self.statuses[request.status] += request.count
        self.sent += request.size * request.count
        self.saved += self._saving(path, request) * request.count
        name = agent.name
        if name not in self._by_program and len(self._by_program) >= _NAMES:
            name = OTHERS
        self._by_program.setdefault(name, Counter())[is_unchanged] += request.count
        if path not in self._feeds or request.status not in _ANSWERED:
            return
        self._by_feed[self._feeds[path]][is_unchanged] += request.count
        if agent.subscribers is not None and name != OTHERS:
            figures = self._figures.setdefault((path, name), {})
            before = figures.pop(agent.feed, (0.0, 0))
            latest = (request.moment, agent.subscribers)
            figures[agent.feed] = latest if latest[0] >= before[0] else before
            if len(figures) > _NUMBERS:  # they are invented
                del figures[next(iter(figures))]

    def readership(self) -> Readership:
        """Return the sums so far: the most read feed and the busiest program first."""
        since, until = self._moments or (0.0, 0.0)
        by_feed: Counter[str] = Counter()
        by_program: Counter[str] = Counter()
        for (path, name), figures in self._figures.items():
            number = sum(one for moment, one in figures.values() if moment >= until - _CURRENT)
            by_feed[self._feeds[path]] += number
            by_program[name] += number
        return Readership(
            since=since,
            until=until,
            requests=self.statuses.total(),
            statuses=dict(sorted(self.statuses.items())),
            sent=self.sent,
            saved=self.saved,
            feeds=_parts(self._by_feed, by_feed),
            programs=_parts(self._by_program, by_program),
            unread=self.unread,
        )

    def _saving(self, path: str, request: LoggedRequest) -> int:
        """Return the bytes that one such response saved."""
        if request.method != "GET" or request.status not in {200, _UNCHANGED}:
            return 0
        if request.status == _UNCHANGED:
            return self._sizes(path)[1]
        return max(0, self._sizes(path)[0] - request.size) if request.coding else 0


def tally(config: Config) -> Tally:
    """Return an empty tally for the feeds of a publication."""
    feeds = {path: feed.name for feed in config.feeds for path in feed.paths}
    return Tally(feeds, _sizes(config.feeds_folder), prefix=config.publication.path)


def readership(config: Config, files: Iterable[Path] = ()) -> Readership:
    """Sum up log files, or all that are kept. Raises `DatelineError` where there is none."""
    found = sorted(files) or sorted(config.log.glob("*.jsonl*"))
    if not found:
        raise DatelineError(
            f"There is no log in {config.log} yet: `serve` writes one, a minute after the first "
            "request, unless log_days is 0. To read another server's: readers FILE"
        )
    sums = tally(config)
    for path in found:
        try:
            for request in log_lines.of_file(path):
                sums.add(request)
        except (OSError, EOFError) as error:
            reason = getattr(error, "strerror", "") or str(error)
            raise DatelineError(
                f"{path} cannot be read: {reason}. Name a log of Dateline, nginx or Caddy."
            ) from error
    return sums.readership()


def _parts(counts: Mapping[str, Counter[bool]], figures: Counter[str]) -> tuple[RequestShare, ...]:
    parts = [
        RequestShare(
            name=name,
            subscribers=figures[name],
            requests=count.total(),
            unchanged=count[True],
        )
        for name, count in counts.items()
    ]
    return tuple(sorted(parts, key=lambda part: (-part.subscribers, -part.requests, part.name)))


def _sizes(folder: Path) -> Callable[[str], tuple[int, int]]:
    """Return a function from a path to the plain and the smallest size of a document, or 0.

    The latest results are remembered until the manifest changes.
    """
    reader = ManifestReader(folder)

    @lru_cache(maxsize=_PATHS)
    def known(path: str, _head: tuple[int, int]) -> tuple[int, int]:
        listing = reader.find(path)
        found = (listing.size, *listing.sizes.values()) if listing else (0,)
        return found[0], min(found)

    def sizes(path: str) -> tuple[int, int]:
        try:
            stat = (folder / HEAD).stat()
            return known(path, (stat.st_mtime_ns, stat.st_ino))
        except (OSError, sqlite3.Error):
            return 0, 0

    return sizes
