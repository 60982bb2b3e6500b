"""The moment of a day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


def moment_of(day: date | datetime, of_day: time, zone: ZoneInfo) -> datetime:
    """Return a moment in UTC; a bare day means `of_day` in `zone`, in whole seconds."""
    if not isinstance(day, datetime):
        day = datetime.combine(day, of_day, zone)
    return day.astimezone(UTC).replace(microsecond=0)
