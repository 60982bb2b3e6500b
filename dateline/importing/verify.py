"""Which entries look new, changed or gone to readers that go from the old feed to the new one?

Readers know an item again by different things. Five rules stand for what real ones do: newsboat
and miniflux go by the id, others by the address; sfeed wants id, address and title to be the
same; some scripts have nothing but title and date, or what is left of an item without an id.
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
class Sight:
    """What one kind of reader sees, by the titles: `rule` names the kind.

    `changed` has with each title what is another now.
    """

    rule: str
    new: tuple[str, ...]
    changed: tuple[tuple[str, str], ...]
    gone: tuple[str, ...]

    @property
    def is_calm(self) -> bool:
        """Say that nobody notices anything."""
        return not (self.new or self.changed or self.gone)


def compare(old: ImportSource, new: ImportSource) -> tuple[Sight, ...]:
    """Compare what the new feed shows with all that the old one has.

    What the new feed shows and the old never had looks new; what the old feed shows and the new
    does not have, not even in its archives, is gone.
    """
    return tuple(_sight(name, key, old, new) for name, key in RULES.items())


def _sight(
    name: str, key: Callable[[ImportedItem], Key], old: ImportSource, new: ImportSource
) -> Sight:
    before = {key(item): item for item in reversed(old.items)}
    after = {key(item): item for item in reversed(new.items)}
    shown_before, shown_after = _shown(old), _shown(new)
    known = [(before[key(item)], item) for item in shown_after if key(item) in before]
    changes = [(item.title, ", ".join(_changes(was, item))) for was, item in known]
    return Sight(
        rule=name,
        new=tuple(item.title for item in shown_after if key(item) not in before),
        changed=tuple((title, what) for title, what in changes if what),
        gone=tuple(item.title for item in shown_before if key(item) not in after),
    )


def _shown(past: ImportSource) -> tuple[ImportedItem, ...]:
    return past.items[: past.window]


def _changes(was: ImportedItem, now: ImportedItem) -> Iterator[str]:
    """Say what a reader would show otherwise; one that had no byline may get the house's."""
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


def lines(sights: tuple[Sight, ...]) -> Iterator[str]:
    """Say it line by line."""
    for sight in sights:
        if sight.is_calm:
            yield f"Readers that go by {sight.rule} see nothing new, changed or gone."
            continue
        yield (
            f"Readers that go by {sight.rule} see {len(sight.new)} new, {len(sight.changed)} "
            f"changed, {len(sight.gone)} gone:"
        )
        yield from (f"  new      {title}" for title in sight.new)
        yield from (f"  changed  {title}: {what}" for title, what in sight.changed)
        yield from (f"  gone     {title}" for title in sight.gone)
