"""Which moment does a feed, an export or a front matter state?"""

from __future__ import annotations

from calendar import timegm
from datetime import UTC, date, datetime, time, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dateline.entries import dates
from dateline.errors import DateError

_UTC = ZoneInfo("UTC")


class Stated(NamedTuple):
    """A moment in whole seconds, in the zone that was written, or None; what is to be said."""

    moment: datetime | None
    note: str = ""


def stated(
    text: str,
    today: date,
    parsed: tuple[int, ...] | None = None,
    *,
    zone: tzinfo = UTC,
) -> Stated:
    """Read a moment as readers do: without a zone it is in UTC, a bare day is its first minute.

    Another `zone` is a site's own.

    `parsed` is what feedparser made of the same text; it decides where the words are not clear,
    as for EST, whose meaning RFC 822 (section 5.1) fixes.
    """
    if not text.strip():
        return Stated(None, "it has no date")
    try:
        site = zone if isinstance(zone, ZoneInfo) else _UTC
        day = dates.read(text, use="date", zone=site, today=today).start
    except DateError as error:
        if parsed is None:
            return Stated(None, f'its date "{text}" cannot be read')
        moment = datetime.fromtimestamp(timegm(parsed), UTC)
        if error.kind == "ambiguous-zone":
            return Stated(moment)
        return Stated(moment, f'its date "{text}" was taken for {moment:%Y-%m-%d %H:%M} UTC')
    if not isinstance(day, datetime):
        day = datetime.combine(day, time.min, zone)
    return Stated(day.replace(microsecond=0))
