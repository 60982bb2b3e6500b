"""Separation of the items of a source that share an id.

Feed readers treat items with the same id as one. The newest item keeps the id, since readers
show it last; the others get their addresses as ids, which many readers recognise too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time

from dateline.importing.items import ImportedItem, ImportSource
from dateline.messages import shown

_LONGEST = 100  # characters of an id or a title in a message


def distinct(source: ImportSource) -> ImportSource:
    """Return a source in which no two items share an id; of identical items one is kept."""
    groups: dict[str, list[ImportedItem]] = {}
    for item in source.items:
        if item.id:
            groups.setdefault(item.id, []).append(item)
    shared = [group for group in groups.values() if len(group) > 1]
    if not shared:
        return source
    work = _Separation(set(groups))
    for group in shared:
        work.separate(group)
    items = [work.found.get(id(item), item) for item in source.items]
    return replace(
        source,
        items=tuple(item for item in items if item is not None),
        window=source.window - items[: source.window].count(None),
        remarks=(*source.remarks, *work.remarks()),
    )


class _Separation:
    """New versions of the items that share an id.

    `found` maps `id()` of an item to its new version, or to None if it is dropped.
    """

    def __init__(self, taken: set[str]) -> None:
        self.found: dict[int, ImportedItem | None] = {}
        self._taken = taken  # ids in use
        self._repeated = 0
        self._older: list[str] = []

    def separate(self, group: list[ImportedItem]) -> None:
        """Separate the items that share one id; the newest keeps it."""
        # The sort is stable: of items with the same moment, the first in the source comes first.
        first, *rest = sorted(group, key=moment_of, reverse=True)
        words, names = {_words(first)}, {_name(first)}
        for item in rest:
            if _words(item) in words:
                self._repeated += 1
                self.found[id(item)] = None
            elif _name(item) in names:
                self._older.append(item.origin)
                self.found[id(item)] = None
            else:
                self.found[id(item)] = self._with_own_id(item, first)
            words.add(_words(item))
            names.add(_name(item))

    def _with_own_id(self, item: ImportedItem, first: ImportedItem) -> ImportedItem:
        own = "" if item.link in self._taken or item.link == first.link else item.link
        self._taken.add(own)
        return replace(item, id=own, losses=(*item.losses, _loss(item, first)))

    def remarks(self) -> Iterator[str]:
        if self._repeated:
            yield f"{self._repeated} items stand in the source twice, word for word: taken once."
        for origin in self._older:
            yield f"{origin} stands in the source in several versions: the newest is taken."


def _loss(item: ImportedItem, first: ImportedItem) -> str:
    other = shown(first.title or first.origin, _LONGEST)
    return f'has the id of "{other}", {shown(item.id, _LONGEST)}, and gets its own'


def _name(item: ImportedItem) -> tuple[str, str]:
    return item.link, item.title


def _words(item: ImportedItem) -> tuple[object, ...]:
    return item.title, item.date, item.link, item.html, item.markdown, item.summary


def moment_of(item: ImportedItem) -> datetime:
    """Return when an item was published, for sorting; an item without a date sorts last."""
    day = item.date or date.max
    return day if isinstance(day, datetime) else datetime.combine(day, time.min, UTC)
