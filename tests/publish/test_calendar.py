"""A calendar says when each event is, to every program, and what became of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import example, given
from hypothesis import strategies as st

from dateline import publish
from dateline.ledger import Ledger
from dateline.model import Agenda, Entry, Happening, Span
from dateline.render.calendar import calendar
from support import directing
from support.publication import Newsroom, entry_file
from support.samples import sample_entry, sample_entry_in_arabic, sample_feed, sample_publication

NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)
ZONES = sorted(zone for zone in available_timezones() if "/" in zone and "right/" not in zone)
SPRING = datetime(2026, 3, 29, 1, tzinfo=UTC)  # 2:00 in Vienna is 3:00
AUTUMN = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 2:30 in Vienna, for the first time


def event(span: Span, **changes: Any) -> Happening:
    """Give an event of this span."""
    entry = sample_entry(event=span, **changes)
    return Happening(entry=entry, event=span, revision=3)


def made(happenings: Sequence[Happening], zone: str = "Europe/Vienna") -> bytes:
    """Give the bytes of a calendar of the site in a zone."""
    publication = sample_publication(zone=ZoneInfo(zone))
    agenda = Agenda(feed=sample_feed(), happenings=tuple(happenings), updated=NOW)
    return calendar(publication, agenda, page="").data


def line(data: bytes, name: str) -> str:
    """Give the content line of a property of the one event, unfolded; empty where there is none."""
    text = data.decode().replace("\r\n ", "")
    shown = text[text.index("BEGIN:VEVENT") :]
    found = re.search(rf"(?m)^{name}[;:].*$", shown)
    return found[0].rstrip("\r") if found else ""


# ---- When


@given(
    first=st.dates(date(1900, 1, 1), date(2036, 12, 31)),
    days=st.integers(0, 400),
    precision=st.sampled_from(["day", "month"]),
)
def test_days_are_whole_days_whoever_reads(first: date, days: int, precision: Any) -> None:
    """Without a zone; the end is the day after the last (RFC 5545, section 3.6.1)."""
    last = first + timedelta(days=days)

    data = made([event(Span(start=first, end=last, precision=precision))])

    (shown,) = directing.events(data).values()
    assert (shown.dtstart.value, shown.dtend.value) == (first, last + timedelta(days=1))
    assert line(data, "DTSTART") == f"DTSTART;VALUE=DATE:{first:%Y%m%d}"


@given(
    moment=st.datetimes(datetime(1973, 1, 2), datetime(2036, 12, 30)),  # noqa: DTZ001 - of UTC
    minutes=st.integers(0, 60 * 24 * 400),
    zone=st.sampled_from(ZONES),
    written=st.none() | st.sampled_from(ZONES),
)
@example(moment=SPRING.replace(tzinfo=None), minutes=60, zone="Europe/Vienna", written=None)
@example(moment=AUTUMN.replace(tzinfo=None), minutes=0, zone="Europe/Vienna", written=None)
@example(moment=AUTUMN.replace(tzinfo=None), minutes=60, zone="Europe/Vienna", written=None)
def test_a_time_is_the_moment_that_was_meant(
    moment: datetime, minutes: int, zone: str, written: str | None
) -> None:
    """By the calendar's own VTIMEZONE, in any zone, also where clocks are changed."""
    here = ZoneInfo(written or zone)
    start = moment.replace(tzinfo=UTC, second=0, microsecond=0)
    ends = (start, start + timedelta(minutes=minutes))
    # As the ledger gives them back: with an offset, and no zone.
    span = [datetime.fromisoformat(one.astimezone(here).isoformat()) for one in ends]
    data = made([event(Span(start=span[0], end=span[1], precision="minute"))], zone)

    directing.events(data)
    assert directing.moment(line(data, "DTSTART"), data) == ends[0]
    assert directing.moment(line(data, "DTEND") or line(data, "DTSTART"), data) == ends[1]
    assert bool(line(data, "DTEND")) == (minutes > 0)


def test_a_time_in_the_site_s_zone_says_so() -> None:
    """Readers elsewhere see it in their own; one with another offset is told in UTC."""
    vienna = datetime.fromisoformat("2026-12-01T10:00:00+01:00")
    kathmandu = datetime.fromisoformat("2026-12-01T10:00:00+05:45")
    spans = [Span(start=one, end=one, precision="minute") for one in (vienna, kathmandu)]

    assert [line(made([event(span)]), "DTSTART") for span in spans] == [
        "DTSTART;TZID=Europe/Vienna:20261201T100000",
        "DTSTART:20261201T041500Z",
    ]


def test_a_calendar_without_events_is_one() -> None:
    """It has the site's zone, and so the one part that section 3.4 wants; whatever the zone."""
    for zone in ("Europe/Vienna", "UTC", "Etc/UTC", "Asia/Kathmandu"):
        assert directing.events(made([], zone)) == {}


# ---- What


def test_what_is_said_is_read_as_it_was_meant() -> None:
    """Commas, semicolons, line ends, other scripts, and lines longer than 75 bytes."""
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
    """The summary says in which language it is."""
    span = Span(start=date(2026, 12, 1), end=date(2026, 12, 1), precision="day")
    entry: Entry = sample_entry_in_arabic()

    data = made([Happening(entry=entry, event=span, revision=0)])

    assert line(data, "SUMMARY") == f"SUMMARY;LANGUAGE=ar:{entry.story.title}"


def test_programs_are_told_how_often_to_ask() -> None:
    """As RFC 7986 has it, and as programs before it had."""
    text = made([]).decode().replace("\r\n ", "")

    for wanted in (
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        "METHOD:PUBLISH",
        "SOURCE;VALUE=URI:https://news.example.org/",
    ):
        assert f"\r\n{wanted}" in text


# ---- What becomes of it


def shown(newsroom: Newsroom, name: str = "news.ics") -> dict[str, Any]:
    """Give the events of a calendar that is live."""
    return directing.events((newsroom.folder / "feeds" / name).read_bytes())


def test_a_change_is_a_change_of_the_same_event(newsroom: Newsroom) -> None:
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


def test_what_is_retracted_is_cancelled_and_says_why(newsroom: Newsroom) -> None:
    """For thirty days, and no longer."""
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


def test_what_is_withdrawn_is_cancelled_and_says_nothing(newsroom: Newsroom) -> None:
    """No word of it; when it comes back, programs take it for the newest."""
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


def test_what_is_taken_down_is_in_no_calendar(newsroom: Newsroom) -> None:
    """Nor anything that would lead to it."""
    newsroom.drop("a.toml", entry_file("Hearing", event="2026-12-01"))
    newsroom.build()
    with Ledger(publish.ledger_url(newsroom.config)) as ledger:
        id_ = ledger.entries.id_of("a.toml") or ""
    now = newsroom.now + timedelta(minutes=1)
    publish.build(
        newsroom.config, publish.RunRequest(now=now, clock=datetime.now(UTC), takedown=id_)
    )

    assert shown(newsroom) == {}


def test_what_is_no_event_any_more_leaves(newsroom: Newsroom) -> None:
    """And what expired."""
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


def test_each_feed_has_the_calendar_of_its_own_events(newsroom: Newsroom) -> None:
    """What is over stays for a year, to the day; a new event touches no other calendar."""
    newsroom.drop("a.toml", entry_file("A", event="2025-11-25", categories='["Lebanon"]'))
    newsroom.drop("b.toml", entry_file("B", event="2025-11-24", categories='["Lebanon"]'))
    newsroom.build()
    assert shown(newsroom).keys() == shown(newsroom, "lebanon.ics").keys() == {"A"}

    newsroom.drop("c.toml", entry_file("C", event="2026-12-01"))
    report = newsroom.build()

    assert {path for path in report.documents if path.endswith("ics")} == {"news.ics"}
    assert shown(newsroom).keys() == {"A", "C"}
    newsroom.now = datetime(2026, 11, 26, tzinfo=UTC)
    newsroom.build(after=timedelta())
    assert shown(newsroom).keys() == {"C"}
