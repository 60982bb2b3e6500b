"""What is coming in a month: entries that are scheduled, and events that readers know of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from dateline.config import Config
from dateline.ledger import Ledger
from dateline.ledger.rows import FileRecord
from dateline.model import Entry
from dateline.newsroom.views import file_rows
from dateline.text.expressions import regex

_MOST = 200  # entries, and events
_MONTH = regex(r"([1-9]\d{3})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthItem:
    """An entry that appears at `moment`, or an event, which may have a day alone.

    `file` is the file of the entry; `address` is the page of the event.
    """

    day: date
    title: str
    language: str
    moment: datetime | None = None
    file: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthDay:
    """A day of the table; `is_inside` where it belongs to the month."""

    day: date
    is_inside: bool
    items: tuple[MonthItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComingMonth:
    """A month, with the months before and after it in the form of addresses.

    `days` are those with items; `has_more` where some are not shown.
    """

    first: datetime
    today: date
    before: str
    after: str
    weeks: tuple[tuple[MonthDay, ...], ...]
    days: tuple[tuple[datetime, tuple[MonthItem, ...]], ...]
    has_more: bool


def month_of(text: str, now: datetime) -> date:
    """Return the first day of a month that is written like `2026-11`, or of the present one."""
    found = _MONTH.fullmatch(text)
    if found and int(found[1]) == date.max.year:  # no month follows its last
        found = None
    day = date(int(found[1]), int(found[2]), 1) if found else now.date()
    return day.replace(day=1)


def coming_month(config: Config, ledger: Ledger, first: date, now: datetime) -> ComingMonth:
    """Return what is coming in the month that begins on a day."""
    zone = config.publication.zone
    after = (first + timedelta(days=31)).replace(day=1)
    since, until = (datetime.combine(day, time.min, zone) for day in (first, after))
    files = ledger.overview.due(since, until, _MOST)
    events = ledger.overview.events(first, now, _MOST)
    items = [*_of_files(config, files), *_of_events(config, events, first, after)]
    items.sort(key=lambda one: (one.day, one.moment is not None, one.moment or now, one.title))
    days = [first + timedelta(days=number) for number in range((after - first).days)]
    own = {day: tuple(one for one in items if one.day == day) for day in days}
    return ComingMonth(
        first=since,
        today=now.astimezone(zone).date(),
        before=f"{first - timedelta(days=1):%Y-%m}",
        after=f"{after:%Y-%m}",
        weeks=tuple(_weeks(days, own)),
        days=tuple(
            (datetime.combine(day, time.min, zone), some) for day, some in own.items() if some
        ),
        has_more=max(len(files), len(events)) == _MOST,
    )


def _of_files(config: Config, files: dict[str, FileRecord]) -> Iterator[MonthItem]:
    zone = config.publication.zone
    for row in file_rows(files, config):
        if row.until:
            moment = row.until.astimezone(zone)
            yield MonthItem(
                day=moment.date(),
                title=row.title,
                language=row.language,
                moment=moment,
                file=row.file,
            )


def _of_events(
    config: Config, events: Sequence[Entry], first: date, after: date
) -> Iterator[MonthItem]:
    """Yield the events that begin in the month, and those that go on from an earlier one."""
    zone = config.publication.zone
    for one in events:
        start = one.story.event.start if one.story.event else after
        moment = start.astimezone(zone) if isinstance(start, datetime) else None
        day = moment.date() if moment else start
        if day < after:
            yield MonthItem(
                day=max(day, first),
                title=one.story.title,
                language=one.story.language,
                moment=moment if day >= first else None,
                address=f"{config.publication.url}{one.slug}.html",
            )


def _weeks(
    days: Sequence[date], own: dict[date, tuple[MonthItem, ...]]
) -> Iterator[tuple[MonthDay, ...]]:
    monday = days[0] - timedelta(days=days[0].weekday())
    while monday <= days[-1]:
        yield tuple(
            MonthDay(day=day, is_inside=day in own, items=own.get(day, ()))
            for day in (monday + timedelta(days=number) for number in range(7))
        )
        monday += timedelta(weeks=1)
