"""Comparison of the old feed with the new one, as feed readers see them.

Feed readers recognise an item by different fields. Five rules stand for the common ones: newsboat
and miniflux use the id, others the address; sfeed compares id, address and title; some scripts
have only title and date, or what remains of an item without an id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from dateline.importing.items import ImportedItem, ImportSource

Key = tuple[str, ...]
RULES: Mapping[str, Callable[[ImportedItem], Key]] = {
    "id": lambda item: (item.id or item.link,),
    "address": lambda item: (item.link or item.id,),
    "id, address and title": lambda item: (item.id, item.link, item.title),
    "address and title": lambda item: (item.link, item.title),
    "title and date": lambda item: (item.title, _stamp(item.date)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderView:
    """The titles that look new, changed or gone to readers that follow one of the `RULES`.

    `changed` has each title with the fields that have changed.
    """

    rule: str
    new: tuple[str, ...]
    changed: tuple[tuple[str, str], ...]
    gone: tuple[str, ...]

    @property
    def is_unchanged(self) -> bool:
        """True if a reader sees no difference."""
        return not (self.new or self.changed or self.gone)


def compare(old: ImportSource, new: ImportSource) -> tuple[ReaderView, ...]:
    """Return the view of each kind of reader.

    An item in the new feed that is neither in the old feed nor in its archives looks new; one in
    the old feed that is neither in the new feed nor in its archives is gone.
    """
    return tuple(_view(name, key, old, new) for name, key in RULES.items())


def _view(
    name: str, key: Callable[[ImportedItem], Key], old: ImportSource, new: ImportSource
) -> ReaderView:
    before = {key(item): item for item in reversed(old.items)}
    after = {key(item): item for item in reversed(new.items)}
    shown_before, shown_after = _shown(old), _shown(new)
    both = [(before[key(item)], item) for item in shown_after if key(item) in before]
    changes = [(item.title, ", ".join(_changes(was, item))) for was, item in both]
    return ReaderView(
        rule=name,
        new=tuple(item.title for item in shown_after if key(item) not in before),
        changed=tuple((title, what) for title, what in changes if what),
        gone=tuple(item.title for item in shown_before if key(item) not in after),
    )


def _shown(feed: ImportSource) -> tuple[ImportedItem, ...]:
    return feed.items[: feed.window]


def _changes(was: ImportedItem, now: ImportedItem) -> Iterator[str]:
    """Yield what has changed for readers; an added byline where there was none is no change."""
    if was.title != now.title:
        yield f'title (was "{was.title}")'
    if _stamp(was.date) != _stamp(now.date):
        yield f"date (was {_stamp(was.date)}, is {_stamp(now.date)})"
    if was.link != now.link:
        yield f"address (was {was.link}, is {now.link})"
    if was.authors and ", ".join(was.authors) != ", ".join(now.authors):
        yield f"author (was {', '.join(was.authors)})"


def _stamp(day: object) -> str:
    if isinstance(day, datetime):
        return f"{day.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return str(day or "")


def lines(views: tuple[ReaderView, ...]) -> Iterator[str]:
    """Yield the lines that describe each view."""
    for view in views:
        if view.is_unchanged:
            yield f"Readers that go by {view.rule} see nothing new, changed or gone."
            continue
        yield (
            f"Readers that go by {view.rule} see {len(view.new)} new, {len(view.changed)} "
            f"changed, {len(view.gone)} gone:"
        )
        yield from (f"  new      {title}" for title in view.new)
        yield from (f"  changed  {title}: {what}" for title, what in view.changed)
        yield from (f"  gone     {title}" for title in view.gone)
