"""Stories as they were read while the publication had another time zone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateline.model import Span, Story
from dateline.rules import story_json

_Moment = TypeVar("_Moment", date, datetime)


def known_zones(names: Sequence[str]) -> Iterator[ZoneInfo]:
    """Yield the time zones with these names that this machine knows."""
    for name in names:
        with suppress(ZoneInfoNotFoundError, ValueError):
            yield ZoneInfo(name)


def read_in(story: Story, zone: ZoneInfo, other: ZoneInfo) -> Story:
    """Return a story that was read in `zone` as the same file is read in the `other` one.

    Moments that were written with an offset of their own stay, unless that is the zone's.
    """
    return replace(
        story,
        date=_span(story.date, zone, other),
        event=story.event and _span(story.event, zone, other),
        expires=story.expires and _in_utc(story.expires, zone, other),
        updated=story.updated and _in_utc(story.updated, zone, other),
    )


def digests_before(
    stories: Sequence[Story], contents: Mapping[str, str], zones: Sequence[ZoneInfo]
) -> dict[str, str]:
    """Return the digests that the files of some stories had in former zones, with those of now.

    They are of content and headline; `contents` are those of now by path, and `zones` those in
    which files were read, the present one last.
    """
    found = {}
    for story in stories:
        for other in _in_former(story, zones):
            found[story_json.content_digest(other)] = contents[story.path]
            found[story_json.headline_digest(other)] = story_json.headline_digest(story)
    return found


def read_now(story: Story, zones: Sequence[ZoneInfo]) -> Iterator[Story]:
    """Yield a story as it was read, and as its file is read now if that was in a former zone."""
    yield story
    for zone in zones[:-1]:
        now = read_in(story, zone, zones[-1])
        if now != story:
            yield now


def _in_former(story: Story, zones: Sequence[ZoneInfo]) -> Iterator[Story]:
    for zone in zones[:-1]:
        other = read_in(story, zones[-1], zone)
        if other != story:
            yield other


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
