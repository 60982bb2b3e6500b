"""The choice of documents that a round asks for: a few, however many have changed."""

from __future__ import annotations

import html
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from dateline.config import Config
from dateline.documents.manifest import DocumentListing, ManifestReader, read_head
from dateline.documents.static_copy import whole_bytes
from dateline.model.formats import MEDIA_TYPES
from dateline.serve.doctor.replies import ExpectedDocument

_FEEDS = 3
_PAGES = 2
_READ = 12  # feeds that are searched for entries
_PURGED = 20.0  # seconds after which a cache that was purged has nothing old, twice over
_DOCUMENTS = 500  # whose editions are remembered
_EDITIONS = 50  # of a document, the latest
_MARGIN = 5.0  # seconds: clocks differ


class Freshness:
    """How long caches may show something older than a document.

    It knows the changes of each document, and when this process saw them first: a document may
    go live long after its change, when a run was interrupted.
    """

    def __init__(self) -> None:
        self._seen: dict[str, list[tuple[int, float]]] = {}

    def editions(
        self, path: str, changed: int, now: float, grace: float
    ) -> tuple[tuple[int, float], ...]:
        """Return the changes of a document, each with until when caches may ignore it.

        They may for so many seconds of `grace`. Moments are seconds since 1970.
        """
        seen = self._seen.pop(path, [])
        self._seen[path] = seen
        if len(self._seen) > _DOCUMENTS:
            del self._seen[next(iter(self._seen))]
        if not seen or seen[-1][0] != changed:
            seen.append((changed, now))
            del seen[:-_EDITIONS]
        return tuple((moment, min(first, now) + grace) for moment, first in seen)


@dataclass(frozen=True, slots=True)
class Selection:
    """The documents of a round, and the ids of the waiting entries that each of them shows.

    `topics` has the editions of all feeds that list an entry, as far as they were read.
    """

    documents: tuple[ExpectedDocument, ...]
    shows: Mapping[str, frozenset[str]]
    topics: Mapping[str, Mapping[str, int]]


class _Chooser:
    """Reads listings and bytes; nothing is chosen while a run changes them."""

    def __init__(
        self, config: Config, freshness: Freshness, now: float, *, is_purged: bool
    ) -> None:
        self._config = config
        self._freshness = freshness
        self._now = now
        self._is_purged = is_purged

    def feeds(self) -> Iterator[ExpectedDocument]:
        """Yield the main feed, then the others, those that changed last first."""
        head = read_head(self._config.feeds_folder)
        own = [f"{feed.name}.{name}" for feed in self._config.feeds for name in feed.formats]
        there = head.documents if head else {}
        listed = [there[path] for path in own if path in there]
        ranked = sorted(listed[1:], key=lambda one: (-one.changed, own.index(one.path)))
        for listing in [*listed[:1], *ranked][:_READ]:
            if listing.media_type.partition(";")[0] in MEDIA_TYPES.values() and (
                found := self._expected(listing)
            ):
                yield found

    def page(self, slug: str) -> ExpectedDocument | None:
        """Return the page of an entry."""
        try:
            listing = ManifestReader(self._config.feeds_folder).find(f"{slug}.html")
        except sqlite3.Error:
            return None
        return self._expected(listing) if listing else None

    def absence(self, slug: str) -> ExpectedDocument | None:
        """Return the page of an entry that was withdrawn; None if it is there again."""
        path = f"{slug}.html"
        if (self._config.feeds_folder / path).exists():
            return None
        return ExpectedDocument(
            path=path,
            address=f"{self._config.publication.url}{path}",
            media_type="text/html",
            data=b"",
            changed=1,
            editions=self._editions(path, 1, self._config.publication.max_age),
            is_gone=True,
        )

    def _editions(self, path: str, changed: int, max_age: int) -> tuple[tuple[int, float], ...]:
        """Return the changes of a document, with how long caches may ignore them.

        Without purges that is the lifetime of a copy, and once more while a cache asks for the
        new one (RFC 5861, section 3).
        """
        grace = _PURGED if self._is_purged else 2 * max_age + _MARGIN
        return self._freshness.editions(path, changed, self._now, grace)

    def _expected(self, listing: DocumentListing) -> ExpectedDocument | None:
        """Return a document; None if its bytes are not those of the manifest (yet)."""
        try:
            data = whole_bytes(self._config.feeds_folder, listing)
        except OSError:
            return None
        if data is None:
            return None
        return ExpectedDocument(
            path=listing.path,
            address=f"{self._config.publication.url}{listing.path}",
            media_type=listing.media_type,
            data=data,
            changed=listing.changed,
            codings=tuple(one for one in self._config.codings if one in listing.sizes),
            editions=self._editions(listing.path, listing.changed, listing.max_age),
        )


def select(
    config: Config,
    freshness: Freshness,
    waiting: Mapping[str, str],
    now: float,
    *,
    is_purged: bool,
    gone: Sequence[str] = (),
) -> Selection:
    """Choose the documents of a round; `waiting` has the ids of entries by their slugs.

    `gone` are the slugs of entries that were withdrawn.

    The main feed is always one of them. The others show entries that wait, the newest first.
    """
    chooser = _Chooser(config, freshness, now, is_purged=is_purged)
    chosen: list[ExpectedDocument] = []
    shows: dict[str, frozenset[str]] = {}
    topics: dict[str, dict[str, int]] = {id_: {} for id_ in waiting.values()}
    left = {*waiting.values()}
    for feed in chooser.feeds():
        listed = _listed(feed, waiting.values())
        for id_ in listed:
            topics[id_][feed.path] = feed.changed
        if not chosen or (listed and len(chosen) < _FEEDS):
            chosen.append(feed)
            shows[feed.path] = frozenset(listed)
            left -= listed
        if not waiting:
            break
    pages = 0
    for slug, id_ in waiting.items():
        if pages < _PAGES and (page := chooser.page(slug)):
            pages += 1
            chosen.append(page)
            shows[page.path] = frozenset({id_} & left)
    for absent in filter(None, map(chooser.absence, gone[:_PAGES])):
        chosen.append(absent)
        shows[absent.path] = frozenset()
    return Selection(tuple(chosen), shows, topics)


def _listed(feed: ExpectedDocument, ids: Collection[str]) -> set[str]:
    """Return those of these entries that a feed names."""
    return {
        one for one in ids if one.encode() in feed.data or html.escape(one).encode() in feed.data
    }
