"""VTIMEZONE components equal the tz database, for every zone and parser."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo, available_timezones

import icalendar
import pytest
from icalendar.timezone.pytz import PYTZ

from dateline.model import Span
from dateline.render.calendar import calendar_zone
from dateline.render.time_zones import Observance, are_regular, observances
from publish.test_calendar import event, line, made
from support import directing

pytestmark = pytest.mark.long

HOUR = timedelta(hours=1)
IRREGULAR = {"Africa/Casablanca", "Africa/El_Aaiun", "Asia/Gaza", "Asia/Hebron"}  # for Ramadan
# All zones around 2038, where 32 bits end; some in years of changed rules and of war.
SPANS = [(2025, 2045, 1), (1996, 2012, 4), (1915, 1948, 6)]


@cache
def zones() -> list[str]:
    """Return the names of all distinct zones, those named after cities first."""
    found: dict[bytes, str] = {}
    for name in sorted(available_timezones(), key=lambda name: ("/" not in name, "Etc" in name)):
        if not name.startswith(("posix", "right/")) and name != "localtime":
            found.setdefault(_data(name), name)
    return sorted(found.values())


def _data(name: str) -> bytes:
    for folder in map(Path, TZPATH):
        if (folder / name).is_file():
            return (folder / name).read_bytes()
    return resources.files("tzdata").joinpath(f"zoneinfo/{name}").read_bytes()


def utc(one: Observance) -> datetime:
    """Return the moment at which an observance begins."""
    return (one.start - one.before).replace(tzinfo=UTC)


def parsed(name: str, first: int, last: int) -> icalendar.Timezone:
    """Return the VTIMEZONE of some years, as icalendar reads it."""
    data = calendar_zone(name, observances(ZoneInfo(name), first, last)).to_ical()
    zone = icalendar.Timezone.from_ical(data)
    assert isinstance(zone, icalendar.Timezone)
    return zone


def around_changes(name: str, first: int, last: int) -> Iterator[datetime]:
    """Yield moments around each change, except in hours that a clock shows twice."""
    zone = ZoneInfo(name)
    moment, end = datetime(first, 1, 2, tzinfo=UTC), datetime(last, 12, 30, tzinfo=UTC)
    before = moment.astimezone(zone).utcoffset()
    while moment < end:
        moment += 24 * HOUR
        if (after := moment.astimezone(zone).utcoffset()) != before:
            yield from (moment - 50 * HOUR, moment + 26 * HOUR)
            before = after


@pytest.mark.release
@pytest.mark.parametrize(("first", "last", "step"), SPANS)
def test_every_zone_equals_the_tz_database(first: int, last: int, step: int) -> None:
    """DTSTART is in the time before the change (RFC 5545, section 3.6.5), and rules hold.

    Read by dateutil, as vobject and icalendar do. Only zones that follow the lunar calendar have
    changes in future years that no rule describes.
    """
    irregular = set()
    for name in zones()[::step]:
        zone = ZoneInfo(name)
        begins, *changes = known = observances(zone, first, last)
        assert (begins.before, utc(begins)) == (begins.after, datetime(first, 1, 1, tzinfo=UTC))
        for one in changes:
            moments = (utc(one) - timedelta(seconds=1), utc(one))
            offsets = [moment.astimezone(zone).utcoffset() for moment in moments]
            assert offsets == [one.before, one.after], (name, one)
        read = directing.zones(calendar_zone(name, known).to_ical()).get()
        for moment in around_changes(name, first, last):
            meant = moment.astimezone(zone)
            assert meant.replace(tzinfo=read).utcoffset() == meant.utcoffset(), (name, meant)
        irregular |= set() if are_regular(known) else {name}

    assert step > 1 or irregular == IRREGULAR


def test_icalendar_with_pytz_reads_the_same() -> None:
    """It goes as far as 2037."""
    for name in (
        "Europe/Vienna",
        "America/New_York",
        "America/Santiago",
        "Africa/Cairo",
        "Asia/Jerusalem",
        "Australia/Lord_Howe",
        "Europe/Dublin",
        "America/Nuuk",
    ):
        read = PYTZ().create_timezone(parsed(name, 2025, 2038))
        for moment in around_changes(name, 2025, 2037):
            shown, meant = moment.astimezone(read), moment.astimezone(ZoneInfo(name))
            assert shown.utcoffset() == meant.utcoffset(), (name, meant)


@pytest.mark.parametrize(
    ("zone", "rules"),
    [
        ("Europe/Vienna", ["FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3",
                           "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10"]),
        ("America/New_York", ["FREQ=YEARLY;BYDAY=2SU;BYMONTH=3",
                              "FREQ=YEARLY;BYDAY=1SU;BYMONTH=11"]),
        ("Asia/Kathmandu", []),
        ("Asia/Jerusalem", ["FREQ=YEARLY;BYDAY=FR;BYMONTHDAY=23,24,25,26,27,28,29;BYMONTH=3",
                            "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10"]),
        # The day after October's last Thursday may be in November.
        ("Africa/Cairo", ["FREQ=YEARLY;BYDAY=-1FR;BYMONTH=4",
                          "FREQ=YEARLY;BYDAY=FR;BYMONTHDAY=26,27,28,29,30,31;BYMONTH=10",
                          "FREQ=YEARLY;BYDAY=FR;BYMONTHDAY=1;BYMONTH=11"]),
    ],
)  # fmt: skip
def test_rules_are_written_naturally(zone: str, rules: list[str]) -> None:
    """On the last Sunday of March, not on one of its last seven days; and no list of days."""
    data = calendar_zone(zone, observances(ZoneInfo(zone), 2026, 2030)).to_ical().decode()

    assert rules == [line[6:] for line in data.split("\r\n") if line.startswith("RRULE:")]
    assert "RDATE" not in data


def test_a_rule_that_ended_has_its_end() -> None:
    """UNTIL is in UTC, after the last change (section 3.3.10); Mexico stopped in 2022."""
    data = calendar_zone(
        "America/Mexico_City", observances(ZoneInfo("America/Mexico_City"), 2015, 2030)
    )

    assert [line for line in data.to_ical().decode().split("\r\n") if "UNTIL" in line] == [
        "RRULE:FREQ=YEARLY;UNTIL=20220404T080000Z;BYDAY=1SU;BYMONTH=4",
        "RRULE:FREQ=YEARLY;UNTIL=20221031T070000Z;BYDAY=-1SU;BYMONTH=10",
    ]


def test_a_calendar_without_rules_still_names_its_zone() -> None:
    """All changes are listed; its events are in UTC."""
    data = made([], "Africa/Casablanca")

    assert b"RRULE" not in data
    assert data.count(b"BEGIN:STANDARD") > 4
    assert b"RDATE" not in data


@pytest.mark.parametrize(
    ("zone", "are_local"),
    [
        *((zone, [True, True, False]) for zone in ("Europe/Vienna", "Africa/Cairo", "Asia/Beirut")),
        *((zone, [False] * 3) for zone in ("Africa/Casablanca", "Africa/El_Aaiun")),
    ],
)
def test_times_beyond_the_rules_are_in_utc(zone: str, are_local: list[bool]) -> None:
    """Local times are used as far as all programs read VTIMEZONE: ical.js until 2035."""
    here = ZoneInfo(zone)
    starts = [datetime(year, 7, 15, 12, tzinfo=here) for year in (2026, 2035, 2036)]
    spans = [Span(start=one, end=one, precision="minute") for one in starts]

    shown = [line(made([event(span)], zone), "DTSTART") for span in spans]

    assert are_local == [f"TZID={zone}" in one for one in shown]
