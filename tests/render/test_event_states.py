"""The state of an event, and when it changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dateline.model import Span
from dateline.render.pages.lists import state_of

VIENNA = ZoneInfo("Europe/Vienna")
DAYS = Span(start=date(2026, 12, 2), end=date(2026, 12, 4), precision="day")
HOURS = Span(
    start=datetime(2026, 12, 2, 10, tzinfo=VIENNA),
    end=datetime(2026, 12, 2, 12, 30, tzinfo=VIENNA),
    precision="minute",
)
HOUR = Span(start=HOURS.start, end=HOURS.start, precision="minute")


@pytest.mark.parametrize(
    ("event", "begins", "ends"),
    [
        (DAYS, datetime(2026, 12, 2, tzinfo=VIENNA), datetime(2026, 12, 5, tzinfo=VIENNA)),
        (HOURS, HOURS.start, HOURS.end),
        (HOUR, HOUR.start, datetime(2026, 12, 3, tzinfo=VIENNA)),
    ],
    ids=["days", "hours", "an hour without an end"],
)
def test_an_event_is_coming_then_under_way_then_past(
    event: Span, begins: datetime, ends: datetime
) -> None:
    """The moment of each change is the first of the next state."""
    second = timedelta(seconds=1)

    assert state_of(event, begins - second, VIENNA) == ("coming", begins)
    assert state_of(event, begins.astimezone(UTC), VIENNA) == ("under way", ends)
    assert state_of(event, ends - second, VIENNA) == ("under way", ends)
    assert state_of(event, ends, VIENNA) == ("past", None)
