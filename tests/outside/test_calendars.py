"""Times of calendars as ical.js reads them, which has no time zones of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dateline.model import Happening, Span
from dateline.render.time_zones import observances
from outside.programs import HERE, output
from publish.test_calendar import event, made
from render.test_time_zones import around_changes, zones

pytestmark = pytest.mark.outside

HOUR = timedelta(hours=1)
FIRST, LAST = 2026, 2040
TIMES = ((2026, 2027), (2032, 2033), (2039, 2040))  # first and last years


def moments(zone: str) -> Iterator[datetime]:
    """Yield noons of winters and summers, and moments in the days around each change."""
    for first, last in TIMES:
        for month in (1, 7):
            yield datetime(first, month, 15, 12, tzinfo=ZoneInfo(zone)).astimezone(UTC)
        for moment in around_changes(zone, first, last):
            yield from (moment + halves * HOUR / 2 for halves in range(-64, 65, 32))


def kinds() -> list[str]:
    """Return one zone of all those whose clocks change at the same times in these years."""
    found: dict[object, str] = {}
    for zone in zones():
        known = observances(ZoneInfo(zone), FIRST, LAST + 1)
        found.setdefault(tuple(replace(one, name="") for one in known), zone)
    return [*found.values()]


def happenings(zone: str) -> list[Happening]:
    """Return an event of ninety minutes for each moment, as it would be written there."""
    found = []
    for number, moment in enumerate(moments(zone)):
        # As the ledger returns them: with an offset, and without a zone.
        ends = (
            moment.astimezone(ZoneInfo(zone)),
            (moment + 3 * HOUR / 2).astimezone(ZoneInfo(zone)),
        )
        start, end = (datetime.fromisoformat(one.isoformat()) for one in ends)
        span = Span(start=start, end=end, precision="minute")
        found.append(event(span, id=f"tag:example.org,2026:{number}", title=str(number)))
    return found


def parsed(calendars: list[bytes], folder: Path) -> list[dict[str, list[int]]]:
    """Return start and end of each event, by its title."""
    asked = folder / "calendars.json"
    asked.write_text(json.dumps([one.decode() for one in calendars]), encoding="utf-8")
    found: list[dict[str, list[int]]] = json.loads(output(["node", HERE / "calendars.mjs", asked]))
    return found


def test_events_have_their_time_in_every_zone(tmp_path: Path) -> None:
    """In summer and winter, next to changes of clocks, and after 2038.

    Zones with the same changes have calendars that differ only in the zone's name.
    """
    asked = {zone: happenings(zone) for zone in kinds()}
    meant = {
        zone: {
            one.entry.story.title: [*map(seconds, (one.event.start, one.event.end))] for one in some
        }
        for zone, some in asked.items()
    }
    calendars = [made(some, zone) for zone, some in asked.items()]

    found = dict(zip(asked, parsed(calendars, tmp_path), strict=True))

    assert {zone for zone in asked if found[zone] != meant[zone]} == set()


def seconds(moment: object) -> int:
    """Return a moment in seconds since 1970."""
    assert isinstance(moment, datetime)
    return int(moment.timestamp())
