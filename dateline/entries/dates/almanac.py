"""Is there such a day, and such a moment?

The one door to `python-dateutil`: the ends of months, and the gap and the overlap of a clock
change. It is handed calendar values and ISO 8601 only, never staff's own words, of which its
parser would guess what is missing.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.parser import isoparse
from dateutil.relativedelta import relativedelta
from dateutil.tz import datetime_ambiguous, datetime_exists

from dateline.entries.dates.zones import placed, zone_of
from dateline.errors import DateError

_LEAP = 2000
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_ONE_DAY = timedelta(days=1)
# Not from `strftime`, which a locale changes.
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def day_of(year: int | None, month: int, day: int) -> date:
    """Give the day; without a year, the one of a leap year. Raises `no-such-day`."""
    try:
        return iso_day(f"{year or _LEAP:04}-{month:02}-{day:02}")
    except DateError as error:
        name = MONTHS[month - 1] if 1 <= month <= len(MONTHS) else f"month {month}"
        raise DateError("no-such-day", found=f"{day} {name} {year or ''}".strip()) from error


def month_end(first: date) -> date:
    """Give the last day of the month of `first`."""
    return first + relativedelta(day=31)


def is_next(first: date, last: date, *, months: bool) -> bool:
    """Tell whether `last` is the day after `first`, or (`months`) the end of the month after."""
    return last == (month_end(first + relativedelta(months=1)) if months else first + _ONE_DAY)


def moment_of(day: date, clock: time, names: tuple[str, ...], zone: ZoneInfo) -> datetime:
    """Give the moment in the zones `names`, or in the site's `zone` where there are none.

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
            found=f"{found}, as the clocks go forward then",
            wanted="a time before or after that",
        )
    if datetime_ambiguous(local, zone):
        offsets = [local.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]
        wanted = " or ".join(moment.isoformat(timespec="minutes") for moment in offsets)
        raise DateError("ambiguous-time", found=found, wanted=wanted)
    return local.replace(tzinfo=zone)


def iso_day(text: str) -> date:
    """Give the day that ten characters of ISO 8601 say. Raises `no-such-day`."""
    try:
        # Else `isoparse` would take 2009-2010-05 for a day in July.
        if _DAY.fullmatch(text):
            return isoparse(text).date()
    except ValueError:
        pass
    raise DateError("no-such-day", found=text)
