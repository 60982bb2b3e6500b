"""The hour of the day that a clock time means, by its part of the day."""

from __future__ import annotations

from datetime import time, timedelta
from typing import NamedTuple

from dateline.entries.dates.lexicon import (
    AFTERNOON,
    AM,
    DARK,
    EVENING,
    LATE,
    MIDDAY,
    MORNING,
    NIGHT,
    PM,
)
from dateline.entries.dates.symbols import Clock
from dateline.errors import DateError

# For each part of the day: hours as written, from and to, and what to add.
_WINDOWS = {
    AM: ((0, 11, 0), (12, 12, -12)),
    PM: ((12, 12, 0), (1, 11, 12)),
    MORNING: ((0, 11, 0),),
    AFTERNOON: ((12, 20, 0), (1, 8, 12)),
    EVENING: ((16, 23, 0), (4, 11, 12)),
    NIGHT: ((0, 6, 0),),
    MIDDAY: ((11, 14, 0), (1, 3, 12)),
    LATE: ((13, 23, 0), (1, 11, 12)),
    DARK: ((0, 5, 0), (18, 23, 0), (7, 11, 12)),
}
_LOOSE = range(1, 13)
_BY_24 = "09:00 or 21:00, by a clock of 24 hours"
_DAY = timedelta(days=1)
_NO_DAYS = timedelta()
# Hours from the first until the second go on into the next day.
_LATE_EVENING, _EARLY_MORNING = time(18), time(6)


class Hour(NamedTuple):
    """A time of day, and the days after the one that is written: 24:00 is the next day's 00:00."""

    time: time
    later: timedelta = _NO_DAYS

    def __lt__(self, other: object) -> bool:
        """Compare moments: the day first."""
        if not isinstance(other, Hour):
            return NotImplemented
        return (self.later, self.time) < (other.later, other.time)


def settled(clock: Clock) -> Hour:
    """Return the time of day. Raises `DateError`: `no-such-time`, `ambiguous-time`."""
    hour = clock.hour
    if clock.part:
        hour = _in_part(clock)
    elif clock.loose and hour in _LOOSE:
        raise DateError("ambiguous-time", found=clock.text, wanted=_both(clock))
    if (hour, clock.minute, clock.second or 0) == (24, 0, 0):
        return Hour(time(), _DAY)
    try:
        return Hour(time(hour, clock.minute, clock.second or 0))
    except ValueError as error:
        raise DateError(
            "no-such-time", found=clock.text, wanted="a time from 00:00 to 24:00"
        ) from error


def settled_pair(first: Clock, last: Clock) -> tuple[Hour, Hour]:
    """Return both ends of a stretch on one day; `22:00 - 02:00` ends on the next.

    `2 - 4 p.m.` says `p.m.` for both, 下午2时至4时 too; an hour above 12
    or minutes in figures at one end say that the clock has 24 hours.
    """
    start, end = _pair(first, last)
    if last.next_day:
        return start, Hour(end.time, _DAY)
    goes_on = start.time >= _LATE_EVENING and end.time <= _EARLY_MORNING
    if end < start and (goes_on or end.time == time()) and not end.later:
        return start, Hour(end.time, _DAY)
    return start, end


def _pair(first: Clock, last: Clock) -> tuple[Hour, Hour]:
    if last.part and not first.part and first.hour <= 12:
        shared = settled(first._replace(part=last.part)), settled(last)
        if not shared[0] < shared[1]:
            raise DateError("ambiguous-time", found=first.text, wanted=_BY_24)
        return shared
    if first.part and not last.part:
        return settled(first), _after(settled(first), first.part, last)
    in_figures = max(first.hour, last.hour) > 12 or not (first.loose and last.loose)
    if not first.part and in_figures:
        first, last = first._replace(loose=False), last._replace(loose=False)
    return settled(first), settled(last)


def _after(start: Hour, part: int, last: Clock) -> Hour:
    """Return the end of a stretch whose part of the day stands at its start: 上午10时至12时."""
    if last.hour == 12 and part in {AM, MORNING}:
        return settled(last._replace(loose=False))
    if not last.loose and not last.hour < start.time.hour:
        return settled(last)
    shared = settled(last._replace(part=part))
    if last.loose and not start < shared:
        raise DateError("ambiguous-time", found=last.text, wanted=_BY_24)
    return shared


def _both(clock: Clock) -> str:
    """Return both times that an hour from one to twelve may mean."""
    hours = (clock.hour % 12, clock.hour % 12 + 12)
    return " or ".join(f"{hour:02}:{clock.minute:02}" for hour in hours)


def _in_part(clock: Clock) -> int:
    for low, high, shift in _WINDOWS[clock.part]:
        if low <= clock.hour <= high:
            return clock.hour + shift
    kind = "no-such-time" if clock.part in {AM, PM} or clock.hour > 24 else "ambiguous-time"
    wanted = "a time from 00:00 to 24:00" if kind == "no-such-time" else _BY_24
    raise DateError(kind, found=clock.text, wanted=wanted)
