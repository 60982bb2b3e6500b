"""Stories as their files were read in another time zone, language or place of the site."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateline.model import Publication, Span, Story
from dateline.rules import story_json

_Moment = TypeVar("_Moment", date, datetime)


@dataclass(frozen=True, slots=True, kw_only=True)
class WayOfReading:
    """What of a publication decides how files are read: its zone, language and address."""

    zone: ZoneInfo
    language: str
    url: str

    @classmethod
    def of(cls, publication: Publication) -> WayOfReading:
        """Return how files are read for a publication."""
        return cls(zone=publication.zone, language=publication.language, url=publication.url)

    def __str__(self) -> str:
        """Return it as a line, from which `known_readings` makes it again."""
        return f"{self.zone.key} {self.language} {self.url}"


def known_readings(lines: Sequence[str]) -> Iterator[WayOfReading]:
    """Yield the readings in these lines whose time zones this machine knows."""
    for line in lines:
        with suppress(ZoneInfoNotFoundError, ValueError):
            zone, language, url = line.split()
            yield WayOfReading(zone=ZoneInfo(zone), language=language, url=url)


def read_as(story: Story, reading: WayOfReading, other: WayOfReading) -> Story:
    """Return a story as its file is read in the `other` way.

    Moments that were written with an offset of their own stay, unless that is the zone's; so does a
    language, unless it is the publication's.
    """
    story = _rebased(story, reading.url, other.url)
    zone, to = reading.zone, other.zone
    return replace(
        story,
        language=other.language if story.language == reading.language else story.language,
        date=_span(story.date, zone, to),
        event=story.event and _span(story.event, zone, to),
        expires=story.expires and _in_utc(story.expires, zone, to),
        updated=story.updated and _in_utc(story.updated, zone, to),
    )


def digests_before(
    stories: Sequence[Story], contents: Mapping[str, str], readings: Sequence[WayOfReading]
) -> dict[str, str]:
    """Return the digests that the files of some stories had in former ways, with those of now.

    They are of content and headline; `contents` are those of now by path, and the present one of
    the `readings` is the last.
    """
    found = {}
    for story in stories:
        for other in _otherwise(story, ((readings[-1], one) for one in readings[:-1])):
            found[story_json.content_digest(other)] = contents[story.path]
            found[story_json.headline_digest(other)] = story_json.headline_digest(story)
    return found


def read_now(story: Story, readings: Sequence[WayOfReading]) -> Iterator[Story]:
    """Yield a story as it was read, and as its file is read now if it was read in a former way."""
    yield story
    yield from _otherwise(story, ((one, readings[-1]) for one in readings[:-1]))


def _otherwise(story: Story, ways: Iterable[tuple[WayOfReading, WayOfReading]]) -> Iterator[Story]:
    """Yield a story read as in the second way of each pair, not the first, where that differs."""
    for reading, other in ways:
        found = read_as(story, reading, other)
        if found != story:
            yield found


def _rebased(story: Story, before: str, after: str) -> Story:
    """Return a story with its own pictures and files at another address of the site."""
    if before == after or not (story.image or story.attachments or story.inline):
        return story
    return story_json.load(story_json.rebased(story_json.dump(story), before, after))


def _span(span: Span, zone: ZoneInfo, other: ZoneInfo) -> Span:
    return replace(
        span, start=_written(span.start, zone, other), end=_written(span.end, zone, other)
    )


def _written(moment: _Moment, zone: ZoneInfo, other: ZoneInfo) -> _Moment:
    """Return a moment of the zone with the same digits in the other one; a day as it is."""
    if not isinstance(moment, datetime):
        return moment
    if moment.utcoffset() != moment.replace(tzinfo=zone).utcoffset():
        return moment
    return moment.replace(tzinfo=other)


def _in_utc(moment: datetime, zone: ZoneInfo, other: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=other).astimezone(UTC)
