"""A calendar shows every program when each event is, and whether it was cancelled."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dateline import publish
from dateline.documents import manifest
from dateline.ledger import Ledger
from dateline.model import Agenda, Entry, Happening, Span
from dateline.render.calendar import calendar
from dateline.render.feeds.common import CALENDAR_TYPE
from dateline.serve.app import create_app
from support import directing
from support.publication import Newsroom, entry_file
from support.samples import sample_entry, sample_entry_in_arabic, sample_feed, sample_publication

NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)
ZONES = sorted(zone for zone in available_timezones() if "/" in zone and "right/" not in zone)
SPRING = datetime(2026, 3, 29, 1, tzinfo=UTC)  # 2:00 in Vienna is 3:00
AUTUMN = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 2:30 in Vienna, for the first time that day


def event(span: Span, **changes: Any) -> Happening:
    """Return an event with this span."""
    entry = sample_entry(event=span, **changes)
    return Happening(entry=entry, event=span, revision=3)


def made(happenings: Sequence[Happening], zone: str = "Europe/Vienna") -> bytes:
    """Return the bytes of a calendar of the site in a zone."""
    publication = sample_publication(zone=ZoneInfo(zone))
    agenda = Agenda(feed=sample_feed(), happenings=tuple(happenings), updated=NOW)
    return calendar(publication, agenda, page="").data


def line(data: bytes, name: str) -> str:
    """Return the content line of a property of the only event, unfolded; empty if there is none."""
    text = data.decode().replace("\r\n ", "")
    shown = text[text.index("BEGIN:VEVENT") :]
    found = re.search(rf"(?m)^{name}[;:].*$", shown)
    return found[0].rstrip("\r") if found else ""


# ---- Times


@pytest.mark.long
@given(
    first=st.dates(date(1900, 1, 1), date(2036, 12, 31)),
    days=st.integers(0, 400),
    precision=st.sampled_from(["day", "month"]),
)
def test_days_are_whole_days_in_every_zone(first: date, days: int, precision: Any) -> None:
    """They have no zone; the end is the day after the last (RFC 5545, section 3.6.1)."""
    last = first + timedelta(days=days)

    data = made([event(Span(start=first, end=last, precision=precision))])

    (shown,) = directing.events(data).values()
    assert (shown.dtstart.value, shown.dtend.value) == (first, last + timedelta(days=1))
    assert line(data, "DTSTART") == f"DTSTART;VALUE=DATE:{first:%Y%m%d}"


@pytest.mark.long
@given(
    moment=st.datetimes(datetime(1973, 1, 2), datetime(2036, 12, 30)),  # noqa: DTZ001 - of UTC
    minutes=st.integers(0, 60 * 24 * 400),
    zone=st.sampled_from(ZONES),
    written=st.none() | st.sampled_from(ZONES),
)
@example(moment=SPRING.replace(tzinfo=None), minutes=60, zone="Europe/Vienna", written=None)
@example(moment=AUTUMN.replace(tzinfo=None), minutes=0, zone="Europe/Vienna", written=None)
@example(moment=AUTUMN.replace(tzinfo=None), minutes=60, zone="Europe/Vienna", written=None)
def test_a_time_is_read_as_the_intended_moment(
    moment: datetime, minutes: int, zone: str, written: str | None
) -> None:
    """The calendar's own VTIMEZONE gives the right moment in any zone, also at clock changes."""
    here = ZoneInfo(written or zone)
    start = moment.replace(tzinfo=UTC, second=0, microsecond=0)
    ends = (start, start + timedelta(minutes=minutes))
    # As the ledger returns them: with an offset, and no zone.
    span = [datetime.fromisoformat(one.astimezone(here).isoformat()) for one in ends]
    data = made([event(Span(start=span[0], end=span[1], precision="minute"))], zone)

    directing.events(data)
    assert directing.moment(line(data, "DTSTART"), data) == ends[0]
    assert directing.moment(line(data, "DTEND") or line(data, "DTSTART"), data) == ends[1]
    assert bool(line(data, "DTEND")) == (minutes > 0)


def test_a_time_in_the_site_s_zone_names_the_zone() -> None:
    """Programs elsewhere convert it; a time with another offset is in UTC."""
    vienna = datetime.fromisoformat("2026-12-01T10:00:00+01:00")
    kathmandu = datetime.fromisoformat("2026-12-01T10:00:00+05:45")
    spans = [Span(start=one, end=one, precision="minute") for one in (vienna, kathmandu)]

    assert [line(made([event(span)]), "DTSTART") for span in spans] == [
        "DTSTART;TZID=Europe/Vienna:20261201T100000",
        "DTSTART:20261201T041500Z",
    ]


def test_a_calendar_without_events_is_valid() -> None:
    """It has the site's zone, which is the one component that section 3.4 requires."""
    for zone in ("Europe/Vienna", "UTC", "Etc/UTC", "Asia/Kathmandu"):
        assert directing.events(made([], zone)) == {}


# ---- Texts


def test_texts_are_read_as_they_were_written() -> None:
    """This covers commas, semicolons, line ends, other scripts, and lines of more than 75 bytes."""
    title = "A; b, c\\n “d” " + "ü" * 80
    span = Span(start=date(2026, 12, 1), end=date(2026, 12, 1), precision="day")
    text = {"title": title, "place": "Pier 3, Harbour", "summary": "One\nTwo; three"}
    happening = event(span, **text, link=None)

    shown = directing.events(made([happening]))[title]

    assert shown.location.value == "Pier 3, Harbour"
    assert shown.description.value.startswith("One\nTwo; three")
    assert shown.url.value.endswith(f"{happening.entry.slug}.html")
    assert shown.sequence.value == "3"
    assert shown.status.value == "CONFIRMED"


def test_other_languages_are_marked() -> None:
    """The summary names its language."""
    span = Span(start=date(2026, 12, 1), end=date(2026, 12, 1), precision="day")
    entry: Entry = sample_entry_in_arabic()

    data = made([Happening(entry=entry, event=span, revision=0)])

    assert line(data, "SUMMARY") == f"SUMMARY;LANGUAGE=ar:{entry.story.title}"


def test_a_calendar_states_its_refresh_interval() -> None:
    """It has both the property of RFC 7986 and the older one."""
    text = made([]).decode().replace("\r\n ", "")

    for wanted in (
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        "METHOD:PUBLISH",
        "SOURCE;VALUE=URI:https://news.example.org/",
    ):
        assert f"\r\n{wanted}" in text


# ---- Changes


def shown(newsroom: Newsroom, name: str = "news.ics") -> dict[str, Any]:
    """Return the events of a live calendar."""
    return directing.events((newsroom.folder / "feeds" / name).read_bytes())


@pytest.mark.long
def test_a_change_keeps_the_event(newsroom: Newsroom) -> None:
    """UID stays and SEQUENCE rises, also without a correction; a rename is no change."""
    newsroom.drop("a.toml", entry_file("Hearing", event='"1 December 2026, 10:00 - 11:30"'))
    newsroom.build()
    first = shown(newsroom)["Hearing"]
    moved = entry_file("Hearing", event='"2 December 2026, 10:00 - 11:30"')
    newsroom.drop("a.toml", moved)
    newsroom.build()
    second = shown(newsroom)["Hearing"]
    before = newsroom.feeds()

    (newsroom.folder / "entries/a.toml").rename(newsroom.folder / "entries/b.toml")
    newsroom.build()

    assert newsroom.feeds() == before
    assert first.uid.value == second.uid.value
    assert [first.sequence.value, second.sequence.value] == ["0", "1"]
    assert second.dtstart.value - first.dtstart.value == timedelta(days=1)


def test_a_retracted_event_is_cancelled_with_its_reason(newsroom: Newsroom) -> None:
    """It is listed for thirty days."""
    newsroom.drop("a.toml", entry_file("Hearing", event="2026-12-01"))
    newsroom.build()
    text = {"status": '"retracted"', "retraction": '"It was put off."', "event": "2026-12-01"}
    newsroom.drop("a.toml", entry_file("Hearing", **text))
    report = newsroom.build()

    found = shown(newsroom)["Cancelled: Hearing"]
    assert (found.status.value, found.sequence.value) == ("CANCELLED", "1")
    assert found.description.value == "Cancellation: It was put off."
    retracted = newsroom.now
    while report.next and report.next < retracted + timedelta(days=30):
        newsroom.now = report.next
        report = newsroom.build(after=timedelta())
        assert shown(newsroom)
    assert report.next == retracted + timedelta(days=30)
    newsroom.now = report.next
    newsroom.build(after=timedelta())
    assert shown(newsroom) == {}


@pytest.mark.long
def test_a_withdrawn_event_is_cancelled_without_its_text(newsroom: Newsroom) -> None:
    """None of its words remain; if it comes back, programs take that version as the newest."""
    path = newsroom.drop("a.toml", entry_file("Hearing", event="2026-12-01", place='"Pier 3"'))
    newsroom.drop("b.toml", entry_file("Other"))
    newsroom.build()
    uid = shown(newsroom)["Hearing"].uid.value
    text = path.read_bytes()
    path.unlink()
    newsroom.build()
    newsroom.build(after=timedelta(minutes=11))

    found = shown(newsroom)["Retraction"]
    assert (found.uid.value, found.status.value, found.sequence.value) == (uid, "CANCELLED", "1")
    data = (newsroom.folder / "feeds/news.ics").read_bytes()
    assert b"Hearing" not in data
    assert b"Pier" not in data
    assert b"report-on" not in data

    path.write_bytes(text)
    newsroom.build()

    found = shown(newsroom)["Hearing"]
    assert (found.uid.value, found.status.value, found.sequence.value) == (uid, "CONFIRMED", "2")


@pytest.mark.long
def test_a_taken_down_event_is_in_no_calendar(newsroom: Newsroom) -> None:
    """No document leads to it either."""
    newsroom.drop("a.toml", entry_file("Hearing", event="2026-12-01"))
    newsroom.build()
    with Ledger(publish.ledger_url(newsroom.config)) as ledger:
        id_ = ledger.entries.id_of("a.toml") or ""
    now = newsroom.now + timedelta(minutes=1)
    publish.build(
        newsroom.config, publish.RunRequest(now=now, clock=datetime.now(UTC), takedown=id_)
    )

    assert shown(newsroom) == {}


@pytest.mark.long
def test_an_entry_that_is_no_longer_an_event_is_removed(newsroom: Newsroom) -> None:
    """An expired entry is removed as well."""
    newsroom.drop("a.toml", entry_file("A", event="2026-12-01"))
    newsroom.drop("b.toml", entry_file("B", event="2026-12-01", expires="2026-11-26T00:00:00Z"))
    newsroom.build()
    assert shown(newsroom).keys() == {"A", "B"}
    newsroom.drop("a.toml", entry_file("A"))
    newsroom.build()
    assert shown(newsroom).keys() == {"B"}

    newsroom.now = datetime(2026, 11, 26, tzinfo=UTC)
    newsroom.build(after=timedelta())

    assert shown(newsroom) == {}


@pytest.mark.long
def test_each_feed_has_a_calendar_of_its_own_events(newsroom: Newsroom) -> None:
    """A past event stays for exactly a year; a new event changes no other calendar."""
    newsroom.drop("a.toml", entry_file("A", event="2025-11-25", categories='["Lebanon"]'))
    newsroom.drop("b.toml", entry_file("B", event="2025-11-24", categories='["Lebanon"]'))
    newsroom.build()
    assert shown(newsroom).keys() == shown(newsroom, "lebanon.ics").keys() == {"A"}

    newsroom.drop("c.toml", entry_file("C", event="2026-12-01"))
    report = newsroom.build()

    assert {path for path in report.documents if path.endswith("ics")} == {
        "2026/11/c.ics",
        "news.ics",
    }
    assert shown(newsroom).keys() == {"A", "C"}
    newsroom.now = datetime(2026, 11, 26, tzinfo=UTC)
    newsroom.build(after=timedelta())
    assert shown(newsroom).keys() == {"C"}


# ---- The calendar of one event

PAGE, OWN = "2026/11/hearing.html", "2026/11/hearing.ics"


def hearing(newsroom: Newsroom, **fields: str) -> Any:
    """Publish the event, and return it from its own calendar."""
    newsroom.drop("a.toml", entry_file("Hearing", event="2026-12-01", **fields))
    newsroom.build()
    (found,) = shown(newsroom, OWN).values()
    return found


def test_an_event_has_a_calendar_beside_its_page(newsroom: Newsroom) -> None:
    """It is the event of the feed's calendar, which other entries and sitemaps do not have."""
    newsroom.drop("b.toml", entry_file("Other"))
    first = hearing(newsroom)
    second = hearing(newsroom, place='"Pier 3"')

    assert second.serialize() == shown(newsroom)["Hearing"].serialize()
    assert first.uid.value == second.uid.value
    assert [first.sequence.value, second.sequence.value] == ["0", "1"]
    calendars = {path for path in newsroom.feeds() if path.endswith(".ics") and "/" in path}
    assert calendars == {OWN}
    assert b'<a type="text/calendar" href="../../2026/11/hearing.ics">' in page(newsroom)
    assert OWN.encode() not in (newsroom.folder / "feeds/sitemap-1.xml").read_bytes()


@pytest.mark.long
def test_only_an_event_to_come_is_offered_for_a_calendar(newsroom: Newsroom) -> None:
    """In the file a cancelled event is cancelled; one that is over keeps its file."""
    hearing(newsroom)
    newsroom.now = datetime(2026, 12, 2, tzinfo=UTC)
    newsroom.build()
    assert b"hearing.ics" not in page(newsroom)
    assert OWN in newsroom.feeds()

    found = hearing(newsroom, status='"retracted"', retraction='"It was put off."')

    assert (found.status.value, found.summary.value) == ("CANCELLED", "Cancelled: Hearing")
    assert b"hearing.ics" not in page(newsroom)


@pytest.mark.long
def test_the_calendar_of_a_withdrawn_event_is_gone(newsroom: Newsroom) -> None:
    """Once the event is taken down, nobody is told when it was withdrawn."""
    newsroom.drop("b.toml", entry_file("Other"))
    hearing(newsroom)
    with Ledger(publish.ledger_url(newsroom.config)) as ledger:
        id_ = ledger.entries.id_of("a.toml") or ""
    (newsroom.folder / "entries/a.toml").unlink()
    newsroom.build()
    newsroom.build(after=timedelta(minutes=11))

    reader = manifest.ManifestReader(newsroom.folder / "feeds")
    assert OWN not in newsroom.feeds()
    assert reader.former(OWN) == reader.former(PAGE) == ""
    assert reader.withdrawn(OWN) == newsroom.now.timestamp()

    request = publish.RunRequest(now=newsroom.now, clock=datetime.now(UTC), takedown=id_)
    publish.build(newsroom.config, request)

    reader = manifest.ManifestReader(newsroom.folder / "feeds")
    assert (reader.former(OWN), reader.withdrawn(OWN)) == ("", None)


@pytest.mark.long
def test_the_calendar_of_an_entry_that_is_no_longer_an_event_leads_to_its_page(
    newsroom: Newsroom,
) -> None:
    """It comes back with the event."""
    hearing(newsroom)
    newsroom.drop("a.toml", entry_file("Hearing"))
    newsroom.build()

    assert OWN not in newsroom.feeds()
    assert manifest.ManifestReader(newsroom.folder / "feeds").former(OWN) == PAGE
    hearing(newsroom)
    assert manifest.ManifestReader(newsroom.folder / "feeds").former(OWN) is None


def test_a_lost_calendar_of_an_event_is_restored(newsroom: Newsroom) -> None:
    """It has the same bytes and the same moment of change."""
    hearing(newsroom)
    before = newsroom.feeds()
    (newsroom.folder / "feeds" / OWN).unlink()

    newsroom.build()

    assert newsroom.feeds() == before


def test_a_browser_gets_the_calendar_of_an_event(newsroom: Newsroom) -> None:
    """It is not led to another page, as from a feed."""
    hearing(newsroom)
    client = create_app(newsroom.config).test_client()

    answer = client.get(f"/{OWN}", headers={"Sec-Fetch-Dest": "document"})

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, CALENDAR_TYPE)
    assert answer.data == (newsroom.folder / "feeds" / OWN).read_bytes()


def page(newsroom: Newsroom) -> bytes:
    """Return the bytes of the event's page."""
    return (newsroom.folder / "feeds" / PAGE).read_bytes()
