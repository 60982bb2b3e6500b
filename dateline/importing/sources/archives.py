"""A feed with its archives, read document by document, each item once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from urllib.parse import unquote

from dateline.errors import FetchError
from dateline.importing.fetch import LARGEST, FetchedPage, Load, below, is_web
from dateline.importing.items import FeedPage, ImportedItem, ImportSource, OldFeed
from dateline.importing.sources import feed, json_feed
from dateline.text.urls import web_address

_MOST = 1_000  # documents: some servers link to a next page for ever
_MOST_ITEMS = 500_000  # of all documents that are read before another: each takes a kilobyte


def walk(
    place: str, load: Load, today: date, on_read: Callable[[str], None] = lambda _: None
) -> ImportSource:
    """Return a feed with its older documents (RFC 5005, sections 3 and 4; JSON Feed `next_url`).

    An item in several documents is taken from the first of them, which is the newest. `on_read`
    is called with each place that is read. Raises `FetchError` if the first document is no feed;
    a later failure is a remark.
    """
    on_read(place)
    first = load(place)
    newest = read(first, today)
    archives = _Archives(load=load, today=today, on_read=on_read, remarks=[*newest.remarks])
    items = _items((newest, *archives.older(first, newest)))
    own = dict.fromkeys(filter(None, map(_address, (newest.address, place))))
    return ImportSource(
        kind="feed",
        items=tuple(items),
        feeds=tuple(OldFeed(address=address, form=newest.form) for address in own),
        window=len(newest.items),
        remarks=tuple(archives.remarks),
    )


def _items(documents: Sequence[FeedPage]) -> Iterator[ImportedItem]:
    """Yield the items of all documents, without those that an earlier document has.

    Two items of one document that share an id are two; in the other documents, too, their
    addresses and titles distinguish them.
    """
    shared = {
        name
        for document in documents
        for name, count in Counter(map(_name, document.items)).items()
        if count > 1
    }
    seen: set[tuple[str, ...]] = set()
    deleted: set[str] = set()  # by a newer document
    for document in documents:
        keys = [_key(item, shared) for item in document.items]
        yield from (
            item
            for item, key in zip(document.items, keys, strict=True)
            if key not in seen and _name(item) not in deleted
        )
        seen.update(keys)
        deleted |= document.deleted


def _name(item: ImportedItem) -> str:
    return item.id or item.link or f"{item.title}\n{item.date}"


def _key(item: ImportedItem, shared: Container[str]) -> tuple[str, ...]:
    name = _name(item)
    return (name, item.link, item.title) if name in shared else (name,)


def _address(place: str) -> str:
    return (web_address(place) or "") if is_web(place) else ""


@dataclass(slots=True, kw_only=True)
class _Archives:
    """Reader of the older documents of a feed; a failure adds to `remarks`."""

    load: Load
    today: date
    on_read: Callable[[str], None]
    remarks: list[str] = field(default_factory=list)

    def older(self, page: FetchedPage, document: FeedPage) -> Iterator[FeedPage]:
        """Yield the documents before this one, newest first, until there is enough of them."""
        seen = {page.place, document.address}
        count, size, items = 1, len(page.data), len(document.items)
        while True:
            if document.is_partial:
                self.remarks.append(f"{page.place} is not well-formed: what could be read was.")
            further = _following(page.place, document.further) if document.further else ""
            if not further or further in seen:
                return
            if count >= _MOST or size >= LARGEST or items >= _MOST_ITEMS:
                self.remarks.append(
                    f"Older items were not read: {count} documents with {items} items and {size} "
                    f"bytes are enough for one import. When this is written, import {further}"
                )
                return
            seen.add(further)
            self.on_read(further)
            try:
                page = self.load(further) if is_web(further) else below(page.place, further)
                document = read(page, self.today)
            except FetchError as error:
                self.remarks.append(f"Older items were not read: {error}.")
                return
            count, size, items = count + 1, size + len(page.data), items + len(document.items)
            self.remarks += document.remarks
            yield document


def _following(place: str, reference: str) -> str:
    """Return where a document at `place` leads: any web address, or on disk a file below it.

    Empty for any other file: a document on disk may not read the whole disk.
    """
    if is_web(place) or is_web(reference):
        return web_address(reference, place if is_web(place) else "") or ""
    if ":" in reference or reference.startswith("/"):
        return ""
    folder = Path(place).resolve().parent
    try:
        path = (folder / unquote(reference)).resolve()
        return str(path) if path.is_relative_to(folder) and path.is_file() else ""
    except (OSError, ValueError):  # no name of a file: it is too long, or has a NUL
        return ""


def read(page: FetchedPage, today: date) -> FeedPage:
    """Return one document of a feed in XML or JSON. Raises `FetchError` if it is no feed."""
    return json_feed.read(page, today) if page.is_json else feed.read(page, today)
