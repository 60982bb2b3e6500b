"""The calendars of a feed's events and of one event (iCalendar: RFC 5545, 5546, 7986)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from icalendar import (
    Calendar,
    Event,
    Timezone,
    TimezoneDaylight,
    TimezoneStandard,
    vCalAddress,
    vDuration,
    vRecur,
    vText,
    vUri,
)

from dateline.entries.normalise.markdown import summary_of
from dateline.model import Agenda, Document, Happening, Publication, Role, Span
from dateline.render.feeds.common import CALENDAR_TYPE, feed_title
from dateline.render.time_zones import Observance, Rule, are_regular, observances
from dateline.rules.labels import CORRECTION, RETRACTION, headline, taken_back, word

_REFRESH = timedelta(hours=1)
_DAY = timedelta(days=1)
_ZONES = 64  # that are remembered, with their years
_FORM = {
    "VERSION": "2.0",
    "PRODID": "-//Dateline//Dateline//EN",
    "CALSCALE": "GREGORIAN",
    "METHOD": "PUBLISH",
}
_LAST_YEAR = 2035  # to which ical.js, and with it many programs, reads a VTIMEZONE


def calendar(publication: Publication, agenda: Agenda, *, page: str) -> Document:
    """Return the calendar of a feed's events; `page` as for `dateline.render.render`.

    It always has the time zone of the site: a calendar has at least one component (section 3.6).
    """
    shown = Calendar()
    for name, value in _properties(publication, agenda, page).items():
        shown.add(name, value)
    refresh = max(_REFRESH, timedelta(seconds=publication.max_age))
    shown.add("REFRESH-INTERVAL", refresh, parameters={"VALUE": "DURATION"})
    shown.add("X-PUBLISHED-TTL", vDuration(refresh))
    shown.add("SOURCE", vUri(f"{publication.url}{agenda.feed.calendar}"), {"VALUE": "URI"})
    return Document(
        path=agenda.feed.calendar,
        role=Role.DIRECTORY,
        media_type=CALENDAR_TYPE,
        data=_filled(shown, agenda.happenings, publication, agenda.updated),
        expires=agenda.expires,
    )


def calendar_of_event(publication: Publication, happening: Happening) -> Document:
    """Return the calendar of one event, beside its page.

    It has no name and no source: a program adds the event to a calendar that its user has.
    """
    shown = Calendar()
    for name, value in _FORM.items():
        shown.add(name, value)
    entry = happening.entry
    return Document(
        path=f"{entry.slug}.ics",
        role=Role.PAGE,
        media_type=CALENDAR_TYPE,
        data=_filled(shown, [happening], publication, entry.updated),
    )


def _filled(
    shown: Calendar, happenings: Sequence[Happening], publication: Publication, updated: datetime
) -> bytes:
    """Return the bytes of a calendar with these events, and with the time zone of the site."""
    known = observances(publication.zone, *_years(happenings, updated))
    zone = publication.zone if are_regular(known) else None
    for happening in happenings:
        shown.add_component(_event(happening, publication, zone))
    return _with(_written(publication.zone.key, known), shown.to_ical())


def _with(zone: bytes, data: bytes) -> bytes:
    """Put a time zone before the events of a calendar, or at its end if it has none."""
    event = data.find(b"\r\nBEGIN:VEVENT\r\n")
    place = 2 + (event if event >= 0 else data.rindex(b"\r\nEND:VCALENDAR\r\n"))
    return data[:place] + zone + data[place:]


@lru_cache(_ZONES)
def _written(name: str, known: tuple[Observance, ...]) -> bytes:
    """Return a time zone's lines, which take longer to write than those of a few events."""
    lines: bytes = calendar_zone(name, known).to_ical()
    return lines


def calendar_zone(name: str, known: Sequence[Observance]) -> Timezone:
    """Return a time zone with a component for each of its observances (section 3.6.5).

    None has an RDATE: of several values many programs read the first alone.
    """
    made = Timezone()
    made.add("TZID", name)
    for one in known:
        part = TimezoneDaylight() if one.is_daylight else TimezoneStandard()
        part.add("TZNAME", one.name)
        part.add("DTSTART", one.start)
        part.add("TZOFFSETFROM", one.before)
        part.add("TZOFFSETTO", one.after)
        if one.rule:
            part.add("RRULE", _recurrence(one.rule))
        made.add_component(part)
    return made


def _properties(publication: Publication, agenda: Agenda, page: str) -> dict[str, object]:
    feed = agenda.feed
    title = feed_title(publication, feed, is_main=not page)
    return {
        **_FORM,
        "UID": _uid(f"tag:{publication.tag}:calendar/{feed.name}"),
        "NAME": title,
        "X-WR-CALNAME": title,
        "DESCRIPTION": feed.description,
        "X-WR-CALDESC": feed.description,
        "X-WR-TIMEZONE": publication.zone.key,
        "URL": vUri(f"{publication.url}{page}"),
        "LAST-MODIFIED": agenda.updated,
    }


def _years(happenings: Sequence[Happening], updated: datetime) -> tuple[int, int]:
    """Return the years that a calendar covers, with one before and two after."""
    years = [updated.year]
    years += [day.year for one in happenings for day in (one.event.start, one.event.end)]
    return min(years) - 1, max(years) + 2


def _recurrence(rule: Rule) -> vRecur:
    """Return the recurrence of a rule, once a year (section 3.3.10)."""
    parts: dict[str, object] = {"FREQ": "YEARLY", "BYMONTH": rule.month}
    if rule.nth:
        parts["BYDAY"] = f"{rule.nth}{rule.weekday}"
    else:
        parts |= {"BYDAY": rule.weekday, "BYMONTHDAY": [*range(rule.first, rule.last + 1)]}
    return vRecur(parts | ({"UNTIL": rule.until} if rule.until else {}))


def _event(happening: Happening, publication: Publication, zone: ZoneInfo | None) -> Event:
    entry, story = happening.entry, happening.entry.story
    event = Event()
    event.add("UID", _uid(entry.id))
    event.add("SEQUENCE", happening.revision)
    moment = max(entry.updated, happening.cancelled or entry.updated)
    for name in ("DTSTAMP", "LAST-MODIFIED"):
        event.add(name, moment)
    event.add("CREATED", entry.published)
    event.add("STATUS", "CANCELLED" if happening.cancelled else "CONFIRMED")
    event.add("TRANSP", "TRANSPARENT")  # readers need not attend
    event.add("ORGANIZER", _organizer(publication.in_language(entry.story.language)))
    for name, value in _times(happening.event, zone).items():
        event.add(name, value)
    if happening.is_withdrawn:
        event.add("SUMMARY", word(RETRACTION, story.language))
        return event
    _describe(event, happening, f"{publication.url}{entry.slug}.html")
    return event


def _describe(event: Event, happening: Happening, page: str) -> None:
    story = happening.entry.story
    event.add("SUMMARY", vText(headline(happening.entry), params={"LANGUAGE": story.language}))
    event.add("DESCRIPTION", "\n\n".join(_description(happening)))
    event.add("URL", vUri(story.link or page))
    if story.place:
        event.add("LOCATION", vText(story.place))
    if story.categories:
        event.add("CATEGORIES", list(story.categories))


def _description(happening: Happening) -> Iterator[str]:
    """Yield paragraphs: the summary or the reason for the retraction, and the corrections."""
    story = happening.entry.story
    if story.retraction:
        yield f"{taken_back(story)}: {story.retraction}"
    else:
        yield story.summary or summary_of(story.html)
    for one in happening.entry.corrections:
        yield f"{word(CORRECTION, story.language)} ({one.moment:%Y-%m-%d}): {one.text}"


def _times(span: Span, zone: ZoneInfo | None) -> dict[str, date | datetime]:
    """Return start and end; DTEND is exclusive, while a span includes its last day.

    An event without duration has no DTEND (section 3.6.1).
    """
    start, end = span.start, span.end
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        return {"DTSTART": start, "DTEND": end + _DAY}
    first, last = _moments(start, end, zone)
    return {"DTSTART": first, "DTEND": last} if first != last else {"DTSTART": first}


def _moments(start: datetime, end: datetime, zone: ZoneInfo | None) -> tuple[datetime, datetime]:
    """Return moments in a zone, if they were written in it and every program reads them alike.

    They are in UTC where there is no `zone` because its changes follow no rule, where the end is
    too far ahead, and in an hour that clocks show twice.
    """
    first, last = start.astimezone(UTC), end.astimezone(UTC)
    if not zone or last.year > _LAST_YEAR:
        return first, last
    local = [moment.replace(tzinfo=zone) for moment in (start, end)]
    is_meant = all(
        [moment.replace(fold=fold).astimezone(UTC) for moment in local] == [first, last]
        for fold in (0, 1)
    )
    return (local[0], local[1]) if is_meant else (first, last)


def _organizer(publication: Publication) -> vCalAddress:
    """Return the publisher (RFC 5546, section 3.2.1), by e-mail address or home page."""
    mail = f"mailto:{publication.email}" if publication.email else publication.home
    return vCalAddress(mail, params={"CN": publication.author})


def _uid(name: str) -> str:
    """Return a permanent identifier (RFC 7986, section 5.3) without commas, which need escapes."""
    return str(uuid5(NAMESPACE_URL, name))
