"""The span of a reading, checked against the calendar.

The days must exist, lie within the limits, fit their weekdays and stand in order; the year comes
from the text or from what is known about it, never from the day of reading.

The one door to `python-dateutil`: the ends of months, and the gap and the overlap of a clock
change. It gets calendar values and ISO 8601 only, never the words of staff, in which its parser
would guess what is missing.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from dateutil.parser import isoparse
from dateutil.relativedelta import relativedelta
from dateutil.tz import datetime_ambiguous, datetime_exists

from dateline.entries.dates.grammar import End, Reading
from dateline.entries.dates.symbols import Clock
from dateline.entries.dates.times import settled, settled_pair
from dateline.entries.dates.zones import check_city, placed, zone_of
from dateline.errors import DateError
from dateline.messages.values import Day, Phrase, Value, as_day, either, phrase
from dateline.model import Span
from dateline.text.expressions import regex

# The first year, and how many years ahead of today's the last is (`docs/entries.md`, "Dates").
_LIMITS = {"date": (1990, 1), "event": (1900, 10)}

_LEAP = 2000
# Without their answers, the text to type would lack the time.
_OF_TIMES = frozenset({"ambiguous-time", "ambiguous-zone", "no-such-time", "zone-mismatch"})
_DAY = regex(r"\d{4}-\d\d-\d\d", re.ASCII)
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DateContext:
    """The context of a text; `year` is for a text that names none."""

    use: Literal["date", "event"]
    zone: ZoneInfo
    today: date
    language: str = "en"
    order: Literal["DMY", "MDY"] | None = None
    year: int | None = None


def span_of(reading: Reading, context: DateContext, text: str) -> Span:
    """Return the span of a reading. Raises `DateError`."""
    first, last = reading.first, reading.last or reading.first
    undated = first.year is None and first.short is None and context.year is None
    alone = undated and first.day is None and not reading.last
    if not first.month or not last.month or alone:
        raise DateError("not-a-date", found=text)
    if first.day is None and (reading.hours or first.clock or first.weekday):
        raise DateError("vague", found=text)
    _check_use(reading, context, text)
    days = _day(first, reading, context, text), _day(last, reading, context, text)
    for end, day in zip((first, last), days, strict=True):
        if end.short is not None:
            wanted = typed(_as_far_as_known(reading, days, context))
            raise DateError("two-digit-year", found=text, wanted=wanted)
        check_limits(day, context)
        _check_weekday(end, day)
    if reading.next_to and not is_next(*days, months=first.day is None):
        raise DateError("two-dates", found=text)
    return _ordered(_span(reading, days, context), text)


def words(span: Span) -> Value:
    """Return `span` in words that are read back as the same span.

    >>> str(words(Span(start=date(2008, 11, 30), end=date(2008, 12, 3), precision="day")))
    '30 November - 3 December 2008'
    """
    start, end = span.start, span.end
    if isinstance(start, datetime) and isinstance(end, datetime):
        return _words_of_moments(start, end)
    days = [None if span.precision == "month" else day.day for day in (start, end)]
    ends = (Day(days[0], start.month, start.year), Day(days[1], end.month, end.year))
    return ends[1] if ends[0] == ends[1] else _stretch(*ends)


def typed(span: Span) -> Value:
    """Return the text to type for `span`: ISO 8601 for a day, else words."""
    day = span.precision == "day" and span.start == span.end
    return span.start.isoformat() if day else words(span)


def check_limits(day: date, context: DateContext) -> None:
    """Refuse a slip in the year. Raises `DateError`: `too-early`, `too-far`."""
    earliest, ahead = _LIMITS[context.use]
    if day.year < earliest:
        raise DateError("too-early", found=as_day(day), wanted=earliest)
    if day.year > context.today.year + ahead:
        years = day.year - context.today.year
        raise DateError("too-far", found=as_day(day), wanted=years)


def _check_use(reading: Reading, context: DateContext, text: str) -> None:
    """Refuse a date that is longer than a day or a moment; an event may be."""
    if context.use == "date" and reading.first.day is None:
        raise DateError("month-only", found=text)
    if context.use == "date" and (reading.last or reading.hours):
        raise DateError("range", found=text)


def _day(end: End, reading: Reading, context: DateContext, text: str) -> date:
    """Return the day of `end`: the first or last of its month where it has none."""
    month, year = end.month or 0, end.year if end.year is not None else context.year
    if end.short is not None:
        year = context.today.year // 100 * 100 + end.short
        year -= 100 if year > context.today.year + _LIMITS["event"][1] else 0
    if year is not None and year < 1000:
        raise DateError("no-such-year", found=text)
    day = day_of(year, month, 1 if end.day is None else end.day)
    if year is None:
        raise DateError("no-year", found=text, wanted=_with_year(reading, context, text))
    return month_end(day) if end.day is None and end is not reading.first else day


def _check_weekday(end: End, day: date) -> None:
    if end.weekday and end.weekday.number != day.weekday():
        weekday = phrase(f"weekday-{day.weekday()}")
        wanted = phrase("weekday-and-day", weekday=weekday, day=as_day(day))
        raise DateError("weekday-mismatch", found=end.weekday.text, wanted=wanted)


def _span(reading: Reading, days: tuple[date, date], context: DateContext) -> Span:
    first, last = reading.first.clock, (reading.last or reading.first).clock
    clocks = reading.hours or ((first, last) if first and last else ())
    if not clocks:
        return _bare(reading, days)
    if reading.hours:
        times = settled_pair(clocks[0], clocks[1])
    else:
        times = (settled(clocks[0]), settled(clocks[1]))
    zones = _zones(clocks)
    start, end = (
        moment_of(day + hour.later, hour.time, names, context.zone)
        for day, hour, names in zip(days, times, zones, strict=True)
    )
    for clock in clocks:
        for city in clock.cities:
            check_city(start, city)
            check_city(end, city)
    exact = any(clock.second is not None for clock in clocks)
    return Span(start=start, end=end, precision="second" if exact else "minute")


def _bare(reading: Reading, days: tuple[date, date]) -> Span:
    if reading.first.day is not None:
        return Span(start=days[0], end=days[1], precision="day")
    return Span(start=days[0], end=month_end(days[1]), precision="month")


def _as_far_as_known(reading: Reading, days: tuple[date, date], context: DateContext) -> Span:
    """Return the span for the text to type: with its times, which are asked about first."""
    try:
        return _span(reading, days, context)
    except DateError as error:
        if error.kind in _OF_TIMES:
            raise
        return _bare(reading, days)


def _zones(clocks: tuple[Clock, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the zones of both ends; an end without one has that of the other."""
    return clocks[0].zones or clocks[1].zones, clocks[1].zones or clocks[0].zones


def _ordered(span: Span, text: str) -> Span:
    if span.end < span.start:
        raise DateError("ends-before-start", found=text)
    return span


def _with_year(reading: Reading, context: DateContext, text: str) -> Value:
    """Return the text to type for one without a year: the nearest; it ends in the year after."""
    year = _nearest_year(reading.first, context.today)
    if not reading.last and (reading.first.clock or reading.hours):
        try:
            return words(span_of(reading, replace(context, year=year), text))
        except DateError as error:
            if error.kind in _OF_TIMES:
                raise
    ends = (reading.first, reading.last or reading.first)
    first, last = (Day(end.day, end.month or 1, year) for end in ends)
    if not reading.last:
        return first
    if last.month < first.month:
        last = replace(last, year=year + 1)
    return _stretch(first, last)


def _nearest_year(end: End, today: date) -> int:
    """Return the year in which a day is nearest to today; 29 February is in leap years alone."""
    found: list[tuple[timedelta, int]] = []
    for year in range(today.year - 1, today.year + 9):
        with suppress(ValueError):
            day = date(year, end.month or 1, end.day or 1)
            found.append((abs(day - today), year))
    return min(found, default=(timedelta(), today.year))[1]


def _stretch(first: Day, last: Day) -> Phrase:
    """Return both ends; what they share stands at the last alone."""
    start: Value = first
    if first.year == last.year:
        is_in_month = first.month == last.month and first.day is not None
        start = f"{first.day}" if is_in_month else replace(first, year=None)
    return phrase("stretch", first=start, last=last)


def _words_of_moments(start: datetime, end: datetime) -> Value:
    if start == end:
        return _timed(start, f"{_clock(start)} {_offset(start)}")
    if start.date() == end.date() and start.utcoffset() == end.utcoffset():
        return _timed(start, f"{_clock(start)} - {_clock(end)} {_offset(start)}")
    ends = [_timed(moment, f"{_clock(moment)} {_offset(moment)}") for moment in (start, end)]
    return phrase("stretch", first=ends[0], last=ends[1])


def _timed(day: date, times: str) -> Phrase:
    return phrase("timed-day", day=as_day(day), times=times)


def _clock(moment: datetime) -> str:
    return f"{moment:%H:%M:%S}" if moment.second else f"{moment:%H:%M}"


def _offset(moment: datetime) -> str:
    written = moment.isoformat()[-6:]
    return f"(UTC{written})" if written[0] == "-" else f"({written})"  # a minus alone is a dash


def day_of(year: int | None, month: int, day: int) -> date:
    """Return the day; without a year, that of a leap year. Raises `no-such-day`."""
    try:
        return iso_day(f"{year or _LEAP:04}-{month:02}-{day:02}")
    except DateError as error:
        raise DateError("no-such-day", found=Day(day, month, year)) from error


def month_end(first: date) -> date:
    """Return the last day of the month of `first`."""
    return first + relativedelta(day=31)


def is_next(first: date, last: date, *, months: bool) -> bool:
    """Return whether `last` is the day after `first`, or (`months`) ends the month after."""
    return last == (month_end(first + relativedelta(months=1)) if months else first + _ONE_DAY)


def moment_of(day: date, clock: time, names: tuple[str, ...], zone: ZoneInfo) -> datetime:
    """Return the moment in the zones `names`, or in the site's `zone` where there are none.

    Raises `DateError`: `no-such-time` in the gap when clocks go forward, `ambiguous-time` in
    the hour that they repeat, and as `zones.placed`.
    """
    local = datetime.combine(day, clock)
    there = zone_of(names[0]) if len(names) == 1 else None
    if names and not there:
        return placed(local, names)
    zone = there or zone
    found = f"{local:%Y-%m-%d %H:%M}"
    if not datetime_exists(local, zone):
        raise DateError(
            "no-such-time",
            found=phrase("clocks-forward", moment=found),
            wanted=phrase("before-or-after"),
        )
    if datetime_ambiguous(local, zone):
        offsets = [local.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]
        wanted = either(moment.isoformat(timespec="minutes") for moment in offsets)
        raise DateError("ambiguous-time", found=found, wanted=wanted)
    return local.replace(tzinfo=zone)


def iso_day(text: str) -> date:
    """Return the day of ten characters of ISO 8601. Raises `no-such-day`."""
    try:
        # Else `isoparse` would take 2009-2010-05 for a day in July.
        if _DAY.fullmatch(text):
            return isoparse(text).date()
    except ValueError:
        pass
    raise DateError("no-such-day", found=text)
