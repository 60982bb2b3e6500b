"""Recognition of the kind of a source, and reading of any kind."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import MAXYEAR, date, datetime, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from dateline.errors import FetchError
from dateline.importing.fetch import FetchedPage, SourceFetcher, is_web
from dateline.importing.items import ImportSource
from dateline.importing.merge import overlay
from dateline.importing.sources import archives, sites, web_page, wordpress
from dateline.importing.sources.duplicate_ids import distinct, moment_of
from dateline.importing.sources.web_page.date_lines import DateReader
from dateline.text.expressions import regex

_NO_TEXT = (b"\x1f\x8b", b"PK\x03\x04", b"\xff\xfe", b"\xfe\xff")  # gzip, zip, UTF-16
_MOVABLE_TYPE = regex(rb"^STATUS: (?:draft|future|publish)\b", re.MULTILINE | re.IGNORECASE)
_NOTICED = timedelta(days=30)  # for which feeds show again what was updated
# The first element of a feed, or the beginning of a JSON Feed.
_FEED = regex(
    rb"<(?:\w+:)?(?:rss|feed|RDF)[\s>]|\A[\s\xef\xbb\xbf]*\{|<\?xml(?!.*<html)", re.DOTALL
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRequest:
    """How to read a source.

    `zone` and `language` are the publication's. `order` is the order of day and month in dates
    such as `7/8/2008`, `site` the address of the old site if the source does not state it, and
    `feed` the address of the old feed.
    """

    fetcher: SourceFetcher
    now: datetime
    zone: ZoneInfo
    language: str
    order: Literal["DMY", "MDY"] | None = None
    site: str = ""
    feed: str = ""

    @property
    def today(self) -> date:
        """The current day in the zone of the publication."""
        return self.now.astimezone(self.zone).date()


def read(place: str, request: ImportRequest, on_read: Callable[[str], None]) -> ImportSource:
    """Return the source at an address or a path, each id once.

    `on_read` is called with each place that is read. Raises `FetchError` if there is nothing at
    `place`, or it is no kind of source.
    """
    return _at_its_time(distinct(_read(place, request, on_read)), request)


def _at_its_time(source: ImportSource, request: ImportRequest) -> ImportSource:
    """Return a source in which the old feed's window has all that was updated lately.

    Other items would be in the new feed, for having been updated, and look new to subscribers. An
    item that the old feed shows before its moment is named.
    """
    shown = list(source.items[: source.window])
    if source.kind != "feed":
        public = (one for one in source.items if not one.draft and moment_of(one) <= request.now)
        shown = sorted(public, key=moment_of, reverse=True)[: source.window]
    known = set(map(id, shown if source.window else source.items))
    since = request.now - _NOTICED
    items = list(source.items)
    for at, item in enumerate(items):
        is_late = isinstance(item.date, datetime) and item.date > request.now
        if item.draft or (is_late and source.kind != "feed"):
            continue
        if is_late and moment_of(item).year == MAXYEAR:
            continue  # no date that is meant: it is held, and may be none in another time zone
        if is_late:
            day = f"{moment_of(item).astimezone(request.zone):%Y-%m-%d at %H:%M}"
            early = f"is in the old feed already, and appears here on {day}, as its date says"
            items[at] = replace(item, losses=(*item.losses, early))
        elif item.updated and since < item.updated <= request.now and id(item) not in known:
            items[at] = replace(item, updated=None)
    count = sum(one.updated != item.updated for one, item in zip(source.items, items, strict=True))
    remark = (
        f"{count} that the old feed does not show were changed in the last {_NOTICED.days} days: "
        "their `updated` is left out, as this feed would show them."
    )
    remarks = (*source.remarks, remark) if count else source.remarks
    return replace(source, items=tuple(items), remarks=remarks)


def _read(place: str, request: ImportRequest, on_read: Callable[[str], None]) -> ImportSource:
    if not is_web(place) and Path(place).is_dir():
        on_read(place)
        found = sites.read(Path(place), site=request.site, today=request.today)
        return _with_feed(found, request, on_read)
    first = request.fetcher.page(place)
    if wordpress.is_export(first.data):
        found = wordpress.read(first, request.zone, request.now, request.site)
        return _with_feed(found, request, on_read)
    if not _FEED.search(first.data[:2_000]):
        on_read(place)
        if reason := _no_page(first.data[:20_000]):
            raise FetchError(f"{place} is {reason}")
        date_reader = DateReader(
            zone=request.zone, today=request.today, language=request.language, order=request.order
        )
        found = web_page.read(first, date_reader, request.site)
        if not found.items:
            raise FetchError(_nothing_found(first, place))
        return _with_feed(found, request, on_read)
    found = archives.walk(place, _cached(first, request.fetcher, place), request.today, on_read)
    # Feed readers use the address as the id of an item that has none.
    named = tuple(replace(one, id=one.id or one.link) for one in found.items)
    return _with_feed(replace(found, items=named), request, on_read)


def _no_page(beginning: bytes) -> str:
    """Return what bytes are that are no page, though they may have lines with a date."""
    if beginning.startswith(_NO_TEXT):
        return "no text in UTF-8: unpack it, or save it as UTF-8"
    return (
        "an export of Movable Type: import the feed of the site"
        if _MOVABLE_TYPE.search(beginning)
        else ""
    )


def _nothing_found(page: FetchedPage, place: str) -> str:
    """Return why nothing was found on a page that is no feed, export or list of news."""
    if not page.data.strip():
        return f"{place} is empty"
    return (
        f"{place} is no feed and no WordPress export, and as a saved page it has no line with a "
        "date: nothing was found"
    )


def _with_feed(
    source: ImportSource, request: ImportRequest, on_read: Callable[[str], None]
) -> ImportSource:
    """Return a source merged with its old feed, if the request names one."""
    if not request.feed:
        return source
    feed = archives.walk(request.feed, request.fetcher.page, request.today, on_read)
    return overlay(source, feed)


def _cached(first: FetchedPage, fetcher: SourceFetcher, at: str) -> Callable[[str], FetchedPage]:
    """Return a loader of pages that does not request the one at `at` again."""
    return lambda place: first if place == at else fetcher.page(place)
