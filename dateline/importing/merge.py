"""What did readers of the old feed see of what a folder or an export has?

A feed alone knows what it gave out: ids, titles after a typesetter's hand, moments to the
second. What it has of an item goes before what was reckoned from files.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

from dateline.importing.fetch import pathname
from dateline.importing.items import ImportedItem, ImportSource


def overlaid(past: ImportSource, feed: ImportSource) -> ImportSource:
    """Give `past` with the ids, titles, addresses, moments and bylines that the feed has.

    An item is known in the feed by its id, its address, or its title with its day. What the feed
    has alone is added: its files may be gone.
    """
    known = _known(past.items, feed.items)
    used: set[int] = set()
    items = []
    for item in past.items:
        shown = None if item.draft else next((known[k] for k in _keys(item) if k in known), None)
        if shown is None or id(shown) in used:
            items.append(item)
            continue
        used.add(id(shown))
        items.append(_as_shown(item, shown))
    alone = [item for item in feed.items if id(item) not in used]
    remarks = [f"{len(alone)} are in the feed alone: taken from there."] if alone else []
    return replace(
        past,
        items=(*items, *alone),
        feeds=feed.feeds or past.feeds,
        window=feed.window,
        doubts=(),
        remarks=(*past.remarks, *feed.remarks, *remarks),
    )


def _known(
    items: Iterable[ImportedItem], shown: Iterable[ImportedItem]
) -> dict[tuple[str, ...], ImportedItem]:
    """Give each item of the feed by what it is known by; no id or address that several share."""
    counts = Counter(key for item in items for key in _keys(item))
    found: dict[tuple[str, ...], ImportedItem] = {}
    several: set[tuple[str, ...]] = {key for key, count in counts.items() if count > 1}
    for item in shown:
        for key in _keys(item):
            several |= {key} & found.keys()
            found.setdefault(key, item)
    return {key: item for key, item in found.items() if key not in several}


def _as_shown(item: ImportedItem, shown: ImportedItem) -> ImportedItem:
    """Give an item as readers know it; its text is the source's own, where that can be read."""
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
    """Give what of an address stays when a site gets a name, https or another ending."""
    path = pathname(link).lower().removesuffix("/")
    return path.removesuffix("/index.html").removesuffix(".html")


def _day(day: date | datetime) -> str:
    return f"{day.astimezone(UTC) if isinstance(day, datetime) else day:%Y-%m-%d}"
