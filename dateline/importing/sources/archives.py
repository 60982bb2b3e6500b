"""Which items has a feed with all its archives, each once?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from dateline.errors import FetchError
from dateline.importing.fetch import FetchedPage, Load, following, is_web
from dateline.importing.items import FeedPage, ImportedItem, ImportSource, OldFeed
from dateline.importing.sources import feed, json_feed
from dateline.text.urls import web_address

_MOST = 1_000  # documents: a server that makes a next page for ever is left


def walk(
    place: str, load: Load, today: date, told: Callable[[str], None] = lambda _: None
) -> ImportSource:
    """Read a feed, then what it says came before (RFC 5005; `next_url` of JSON Feed).

    An item that stands in several documents is taken as the first has it, which is the newest.
    `told` gets each place that is read. Raises `FetchError` where the first is no feed; what
    fails later is a remark.
    """
    told(place)
    first = load(place)
    sheet = read(first, today)
    road = _Road(load=load, today=today, told=told)
    items = _items((sheet, *road.older(first, sheet)))
    own = dict.fromkeys(filter(None, map(_address, (sheet.address, place))))
    return ImportSource(
        kind="feed",
        items=tuple(items),
        feeds=tuple(OldFeed(address=address, form=sheet.form) for address in own),
        window=len(sheet.items),
        remarks=tuple(road.remarks),
    )


def _items(sheets: Sequence[FeedPage]) -> Iterator[ImportedItem]:
    """Give the items of all documents; one that an earlier document had is the same.

    Two of one document that share an id are two, and are told apart by their addresses in the
    others as well.
    """
    shared = {
        name
        for sheet in sheets
        for name, count in Counter(map(_name, sheet.items)).items()
        if count > 1
    }
    seen: set[tuple[str, ...]] = set()
    for sheet in sheets:
        keys = [_key(item, shared) for item in sheet.items]
        yield from (item for item, key in zip(sheet.items, keys, strict=True) if key not in seen)
        seen.update(keys)


def _name(item: ImportedItem) -> str:
    return item.id or item.link or f"{item.title}\n{item.date}"


def _key(item: ImportedItem, shared: Container[str]) -> tuple[str, ...]:
    name = _name(item)
    return (name, item.link, item.title) if name in shared else (name,)


def _address(place: str) -> str:
    return (web_address(place) or "") if is_web(place) else ""


@dataclass(slots=True, kw_only=True)
class _Road:
    """The way from one document to the one before it; what goes wrong on it is a remark."""

    load: Load
    today: date
    told: Callable[[str], None]
    remarks: list[str] = field(default_factory=list)

    def older(self, page: FetchedPage, sheet: FeedPage) -> Iterator[FeedPage]:
        """Read what came before a document, and before that."""
        seen = {page.place, sheet.address}
        while len(seen) < _MOST:
            if sheet.is_partial:
                self.remarks.append(f"{page.place} is not well-formed: what could be read was.")
            further = following(page.place, sheet.further) if sheet.further else ""
            if not further or further in seen:
                return
            seen.add(further)
            self.told(further)
            try:
                page = self.load(further)
                sheet = read(page, self.today)
            except FetchError as error:
                self.remarks.append(f"Older items were not read: {error}.")
                return
            yield sheet


def read(page: FetchedPage, today: date) -> FeedPage:
    """Read one document of either kind."""
    start = page.data[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    return json_feed.read(page, today) if start.startswith(b"{") else feed.read(page, today)
