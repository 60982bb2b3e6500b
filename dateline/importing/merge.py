"""Merge of a folder or an export with the old feed.

Only the feed knows what subscribers received: ids, titles with typographic characters, moments
to the second. Its fields override those derived from files.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

from dateline.importing.fetch import pathname
from dateline.importing.items import ImportedItem, ImportSource


def overlay(source: ImportSource, feed: ImportSource) -> ImportSource:
    """Return `source` with the ids, titles, addresses, moments and bylines of the feed.

    An item is found in the feed by its id, its address, or its title with its day. Items that
    only the feed has are added: their files may be gone.
    """
    known = _known(source.items, feed.items)
    matched: set[int] = set()
    items = []
    for item in source.items:
        is_unknown = item.draft and not item.id
        shown = None if is_unknown else next((known[k] for k in _keys(item) if k in known), None)
        if shown is None or id(shown) in matched:
            items.append(item)
            continue
        matched.add(id(shown))
        items.append(_as_shown(item, shown))
    added = [item for item in feed.items if id(item) not in matched]
    remarks = [f"{len(added)} are in the feed alone: taken from there."] if added else []
    return replace(
        source,
        items=(*items, *added),
        feeds=feed.feeds or source.feeds,
        window=feed.window,
        doubts=(),
        remarks=(*source.remarks, *feed.remarks, *remarks),
    )


def _known(
    items: Iterable[ImportedItem], shown: Iterable[ImportedItem]
) -> dict[tuple[str, ...], ImportedItem]:
    """Return the items of the feed by their keys, without keys that several items share."""
    counts = Counter(key for item in items for key in _keys(item))
    found: dict[tuple[str, ...], ImportedItem] = {}
    shared: set[tuple[str, ...]] = {key for key, count in counts.items() if count > 1}
    for item in shown:
        for key in _keys(item):
            shared |= {key} & found.keys()
            found.setdefault(key, item)
    return {key: item for key, item in found.items() if key not in shared}


def _as_shown(item: ImportedItem, shown: ImportedItem) -> ImportedItem:
    """Return an item as the feed shows it, with the source's own text if that is readable."""
    has_text = bool(item.markdown or item.html) and not (item.is_raw and shown.html)
    return replace(
        item,
        title=shown.title or item.title,
        date=shown.date or item.date,
        question="",
        id=shown.id or shown.link,
        link=shown.link,
        updated=shown.updated,
        markdown=item.markdown if has_text else "",
        html=item.html if has_text else shown.html,
        base=item.base if has_text else shown.base,
        summary=item.summary if has_text else shown.summary,
        authors=shown.authors or item.authors,
        categories=shown.categories or item.categories,
        draft=item.draft and has_text,
        losses=item.losses if has_text else shown.losses,
        is_raw=False,
        is_assumed=False,
    )


def _keys(item: ImportedItem) -> Iterator[tuple[str, ...]]:
    if item.id:
        yield "id", item.id
    if item.link:
        yield "link", _path(item.link)
    if item.date and item.title:
        yield "headline", "".join(filter(str.isalnum, item.title)).casefold(), _day(item.date)


def _path(link: str) -> str:
    """Return the part of an address that survives a new host name, https or a new ending."""
    path = pathname(link).lower().removesuffix("/")
    return path.removesuffix("/index.html").removesuffix(".html")


def _day(day: date | datetime) -> str:
    return f"{day.astimezone(UTC) if isinstance(day, datetime) else day:%Y-%m-%d}"
