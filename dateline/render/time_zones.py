"""Time changes of a zone as the observances of a VTIMEZONE (RFC 5545, section 3.6.5).

The tz database has moments; a calendar wants rules. Changes that recur on the same kind of day are
one rule; each change for Ramadan in Morocco stands alone.
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

_CYCLE = 28  # years, after which weekdays fall on the same days again
_WEEK = 7
_STEP = timedelta(days=2)  # no zone has kept an offset for less
_DAY, _SECOND, _NOTHING = timedelta(days=1), timedelta(seconds=1), timedelta()
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The day of each year on which a clock changes: a weekday, in this part of a month.

    `nth` counts the weekday within the month, -1 being the last; if it is 0, the rule means the
    weekday from day `first` to day `last`. `until` is a day after the last change, as some
    programs take this moment in UTC for local time, or None if the rule goes on.
    """

    month: int
    weekday: str
    nth: int = 0
    first: int = 1
    last: int = 31
    until: datetime | None = None

    def day(self, year: int) -> date | None:
        """Return the day in a year, or None: less than a week may not have the weekday."""
        length = monthrange(year, self.month)[1]
        days = [date(year, self.month, day) for day in range(1, length + 1)]
        fitting = [day for day in days if _DAYS[day.weekday()] == self.weekday]
        if self.nth:
            return fitting[self.nth - (self.nth > 0)]
        return next((day for day in fitting if self.first <= day.day <= self.last), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observance:
    """A time from which, until the next observance, a zone has one offset from UTC.

    `start` is local time before the change; the offset is `before` up to it and `after` from then.
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


@lru_cache(maxsize=8)  # takes milliseconds; most feeds have events of the same years
def observances(zone: ZoneInfo, first: int, last: int) -> tuple[Observance, ...]:
    """Return the observances of a zone from the start of one year to the end of another.

    They are in the order of their `start`; the first one applies from the beginning.
    """
    begin, end = (datetime(year, 1, 1, tzinfo=UTC) for year in (first, last + 1))
    changes = [*_changes(zone, begin, datetime(last + _CYCLE + 1, 1, 1, tzinfo=UTC))]
    known = [one for one in _ruled(changes, last + _CYCLE) if _utc(one) < end]
    return (_initial(zone, begin), *sorted(known, key=attrgetter("start")))


def are_regular(known: Sequence[Observance]) -> bool:
    """Return whether every change that recurs has a rule.

    A program that reads rules alone would get other changes wrong.
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
    """Yield the changes between two moments, found by bisection: zoneinfo does not list them.

    For Dublin the database has winter as the exception, an hour behind.
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
    """Return the first second at which a zone has the offset of `high`, not that of `low`."""
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
    """Yield observances that cover these changes, which go to the end of the year `horizon`."""
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
    """Return the rule that covers most of the first changes and no other day, and how many."""
    counted = ((rule, _covered(rule, alike, horizon)) for rule in _candidates(alike[0].local))
    rule, (count, goes_on) = max(counted, key=lambda one: one[1])
    return replace(rule, until=None if goes_on else alike[count - 1].moment + _DAY), count


def _candidates(local: datetime) -> Iterator[Rule]:
    """Yield the rules that include a day: as the last, as the nth, or within seven days."""
    length, weekday = monthrange(local.year, local.month)[1], _DAYS[local.weekday()]
    if local.day + _WEEK > length:
        yield Rule(month=local.month, weekday=weekday, nth=-1)
    if (nth := -(-local.day // _WEEK)) < len("12345"):
        yield Rule(month=local.month, weekday=weekday, nth=nth)
    for first in range(local.day - _WEEK + 1, local.day + 1):
        last = min(first + _WEEK - 1, length)
        yield Rule(month=local.month, weekday=weekday, first=max(1, first), last=last)


def _covered(rule: Rule, alike: Sequence[_Change], horizon: int) -> tuple[int, bool]:
    """Return how many of the first changes a rule covers, and whether it goes on after them."""
    days = {one.local.date() for one in alike}
    count = 0
    for year in range(alike[0].local.year, horizon + 1):
        day = rule.day(year)
        is_missed = any(one.year == year and one != day for one in days)
        if is_missed or (day and day not in days):
            return count, False
        count += bool(day)
    return count, True
