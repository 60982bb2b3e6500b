"""Time changes of a zone as the observances of a VTIMEZONE (RFC 5545, section 3.6.5).

The tz database has moments; a calendar wants rules. Changes that come again on the same kind of
day are one rule; of Ramadan's in Morocco each is one of its own.
"""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from zoneinfo import ZoneInfo

_CYCLE = 28  # years, after which the Gregorian calendar has the same weekdays on the same days
_WEEK = 7
_STEP = timedelta(days=2)  # no zone has kept an offset for less
_DAY, _SECOND, _NOTHING = timedelta(days=1), timedelta(seconds=1), timedelta()
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The day of each year on which a clock changes: a weekday, in this part of a month.

    `nth` is which of the month's it is, -1 being the last, or 0 where it is the one from day
    `first` to day `last`. `until` is a day after the last change, or None where it goes on: some
    programs take this moment in UTC for one on the clock.
    """

    month: int
    weekday: str
    nth: int = 0
    first: int = 1
    last: int = 31
    until: datetime | None = None

    def day(self, year: int) -> date | None:
        """Return the day in a year, or None: a part of less than a week may have none."""
        length = monthrange(year, self.month)[1]
        days = [date(year, self.month, day) for day in range(1, length + 1)]
        fitting = [day for day in days if _DAYS[day.weekday()] == self.weekday]
        if self.nth:
            return fitting[self.nth - (self.nth > 0)]
        return next((day for day in fitting if self.first <= day.day <= self.last), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observance:
    """From when, and until the next one, a zone is so far from UTC.

    `start` is on the clock before the change, which was `before` from UTC; it is `after` then.
    """

    start: datetime
    before: timedelta
    after: timedelta
    name: str
    is_daylight: bool
    rule: Rule | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    moment: datetime
    before: timedelta
    after: timedelta
    name: str
    is_daylight: bool

    @property
    def local(self) -> datetime:
        """Return the moment on the clock before the change."""
        return (self.moment + self.before).replace(tzinfo=None)

    @property
    def kind(self) -> tuple[object, ...]:
        """Return what all changes of a rule have in common."""
        local = self.local
        day = (local.month, local.weekday(), local.time())
        return (*day, self.before, self.after, self.name, self.is_daylight)


@lru_cache(maxsize=8)  # it takes some milliseconds, and most feeds have events of the same years
def observances(zone: ZoneInfo, first: int, last: int) -> tuple[Observance, ...]:
    """Return what clocks of a zone show from the start of one year to the end of another.

    The first one holds from the start on. They are in the order of their `start`.
    """
    begin, end = (datetime(year, 1, 1, tzinfo=UTC) for year in (first, last + 1))
    changes = [*_changes(zone, begin, datetime(last + _CYCLE + 1, 1, 1, tzinfo=UTC))]
    known = [one for one in _ruled(changes, last + _CYCLE) if _utc(one) < end]
    return (_initial(zone, begin), *sorted(known, key=attrgetter("start")))


def are_regular(known: Sequence[Observance]) -> bool:
    """Return whether rules say all; a change that came once needs none.

    A program that reads only rules goes wrong where a change comes again by none.
    """
    single = Counter((one.before, one.after) for one in known[1:] if not one.rule)
    return max(single.values(), default=0) <= 1


def _utc(one: Observance) -> datetime:
    return one.start.replace(tzinfo=UTC) - one.before


def _initial(zone: ZoneInfo, begin: datetime) -> Observance:
    offset = _offset(zone, begin)
    return Observance(
        start=(begin + offset).replace(tzinfo=None),
        before=offset,
        after=offset,
        name=begin.astimezone(zone).tzname() or zone.key,
        is_daylight=_saved(zone, begin) > _NOTHING,
    )


def _changes(zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[_Change]:
    """Yield the changes between two moments, found by halves: zoneinfo does not list them.

    In Dublin it is the winter that the database has as an exception, an hour behind.
    """
    before = _offset(zone, begin)
    while begin < end:
        following = begin + _STEP
        if (after := _offset(zone, following)) != before:
            moment = _first_moment(zone, begin, following)
            local = moment.astimezone(zone)
            yield _Change(
                moment=moment,
                before=before,
                after=after,
                name=local.tzname() or zone.key,
                is_daylight=_saved(zone, moment) > _NOTHING or _saved(zone, begin) < _NOTHING,
            )
        begin, before = following, after


def _first_moment(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """Return the second at which a zone has the offset that it has at `high`, not at `low`."""
    offset = _offset(zone, high)
    while high - low > _SECOND:
        middle = low + (high - low) // _SECOND // 2 * _SECOND
        low, high = (low, middle) if _offset(zone, middle) == offset else (middle, high)
    return high


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def _saved(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).dst() or timedelta()


def _ruled(changes: Sequence[_Change], horizon: int) -> Iterator[Observance]:
    """Yield observances that have all these changes, which go to the end of the year `horizon`."""
    for _, some in groupby(sorted(changes, key=lambda one: repr(one.kind)), key=attrgetter("kind")):
        alike = sorted(some, key=attrgetter("moment"))
        while alike:
            rule, count = _longest(alike, horizon)
            yield _observance(alike[0], rule if count > 1 else None)
            alike = alike[count:]


def _observance(change: _Change, rule: Rule | None) -> Observance:
    return Observance(
        start=change.local,
        before=change.before,
        after=change.after,
        name=change.name,
        is_daylight=change.is_daylight,
        rule=rule,
    )


def _longest(alike: Sequence[_Change], horizon: int) -> tuple[Rule, int]:
    """Return the rule that has most of the first changes and no other day, and how many."""
    counted = ((rule, _covered(rule, alike, horizon)) for rule in _candidates(alike[0].local))
    rule, (count, goes_on) = max(counted, key=lambda one: one[1])
    return replace(rule, until=None if goes_on else alike[count - 1].moment + _DAY), count


def _candidates(local: datetime) -> Iterator[Rule]:
    """Yield the rules that have a day: by the last, the nth, or within some seven days."""
    length, weekday = monthrange(local.year, local.month)[1], _DAYS[local.weekday()]
    if local.day + _WEEK > length:
        yield Rule(month=local.month, weekday=weekday, nth=-1)
    if (nth := -(-local.day // _WEEK)) < len("12345"):
        yield Rule(month=local.month, weekday=weekday, nth=nth)
    for first in range(local.day - _WEEK + 1, local.day + 1):
        last = min(first + _WEEK - 1, length)
        yield Rule(month=local.month, weekday=weekday, first=max(1, first), last=last)


def _covered(rule: Rule, alike: Sequence[_Change], horizon: int) -> tuple[int, bool]:
    """Return how many of the first changes a rule has, and whether it goes on beyond them."""
    days = {one.local.date() for one in alike}
    count = 0
    for year in range(alike[0].local.year, horizon + 1):
        day = rule.day(year)
        is_missed = any(one.year == year and one != day for one in days)
        if is_missed or (day and day not in days):
            return count, False
        count += bool(day)
    return count, True
