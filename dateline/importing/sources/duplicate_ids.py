"""Which items of a source share an id, and by what is each known from now on?

Readers take two items with one id for one. The newest keeps it, as readers have it last; the
others are known by their addresses, which many readers go by as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time

from dateline.importing.items import ImportedItem, ImportSource
from dateline.messages import shown

_LONGEST = 100  # characters of an id that are shown


def distinct(past: ImportSource) -> ImportSource:
    """Return `past` with each id once; of what stands there twice word for word, one is kept."""
    groups: dict[str, list[ImportedItem]] = {}
    for item in past.items:
        if item.id:
            groups.setdefault(item.id, []).append(item)
    shared = [group for group in groups.values() if len(group) > 1]
    if not shared:
        return past
    work = _Parting(set(groups))
    for group in shared:
        work.part(group)
    items = [work.found.get(id(item), item) for item in past.items]
    return replace(
        past,
        items=tuple(item for item in items if item is not None),
        window=past.window - items[: past.window].count(None),
        remarks=(*past.remarks, *work.remarks()),
    )


class _Parting:
    """What becomes of the items that share an id: `found` has it by `id()`, None where one goes."""

    def __init__(self, taken: set[str]) -> None:
        self.found: dict[int, ImportedItem | None] = {}
        self._taken = taken  # what is an id already
        self._twice = 0
        self._older: list[str] = []

    def part(self, group: list[ImportedItem]) -> None:
        """Let the newest keep the id."""
        # The sort is stable: of the same moment, the one that the source has first.
        first, *rest = sorted(group, key=moment_of, reverse=True)
        seen = [first]
        for item in rest:
            self.found[id(item)] = self._other(item, first, seen)
            seen.append(item)

    def _other(
        self, item: ImportedItem, first: ImportedItem, seen: list[ImportedItem]
    ) -> ImportedItem | None:
        if any(_words(item) == _words(one) for one in seen):
            self._twice += 1
            return None
        if any((item.link, item.title) == (one.link, one.title) for one in seen):
            self._older.append(item.origin)
            return None
        own = "" if item.link in self._taken or item.link == first.link else item.link
        self._taken.add(own)
        return replace(item, id=own, losses=(*item.losses, _sentence(item, first)))

    def remarks(self) -> Iterator[str]:
        if self._twice:
            yield f"{self._twice} items stand in the source twice, word for word: taken once."
        for origin in self._older:
            yield f"{origin} stands in the source in several versions: the newest is taken."


def _sentence(item: ImportedItem, first: ImportedItem) -> str:
    other = shown(first.title or first.origin, _LONGEST)
    return f'has the id of "{other}", {shown(item.id, _LONGEST)}, and gets its own'


def _words(item: ImportedItem) -> tuple[object, ...]:
    return item.title, item.date, item.link, item.html, item.markdown, item.summary


def moment_of(item: ImportedItem) -> datetime:
    """Return when an item was published, for sorting; what has no date comes last."""
    day = item.date or date.max
    return day if isinstance(day, datetime) else datetime.combine(day, time.min, UTC)
