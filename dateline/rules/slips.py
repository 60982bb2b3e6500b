"""Slips in the year of a date: last year's, or next year's, typed into a new file. Pure.

A new entry is a slip when its date lies about a year back, and when nothing says that it is old
news on purpose: no `id`, and no more old files than a hand drops at once. It is published with a
warning, after a wait while `serve` runs. Where the date is corrected soon after, staff may
announce the news properly (`allow CODE`): under a new id, since readers keep the date with which
they first saw an id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from dateline.errors import Problem
from dateline.model import Story
from dateline.rules import story_json
from dateline.rules.guards import code_of

WAIT = timedelta(seconds=60)  # while `serve` runs, in which the year can be corrected
CODES = frozenset({"date-slip", "date-slip-corrected"})
SOON = timedelta(days=7)  # for which staff are warned of a slip, and may announce it anew
_NEAREST, _FARTHEST = 335, 395  # days
_OLD = 7  # days
_BY_HAND = 5  # files: more that are old are an import


@dataclass(frozen=True, slots=True, kw_only=True)
class Slips:
    """What is known of slips before this run, by path.

    `told` is since when staff are warned of one; `until` is the moment before which a new entry
    is not published should it be one, empty where nothing waits.
    """

    told: Mapping[str, datetime] = field(default_factory=dict)
    until: Mapping[str, datetime] = field(default_factory=dict)


def of_new(
    stories: Sequence[Story], *, zone: ZoneInfo, now: datetime, is_first: bool
) -> Iterator[Problem]:
    """Find the slips in new entries; `is_first` where nothing was ever published."""
    today = now.astimezone(zone).date()
    back = [(story, (today - _day(story, zone)).days) for story in stories]
    old = sum(days > _OLD for _, days in back)
    is_import = max(old, len(stories) * is_first) > _BY_HAND
    for story, days in back:
        if story.id is None and _NEAREST <= days <= _FARTHEST and not is_import:
            yield _problem("date-slip", story, 1)
        elif -days >= _NEAREST:
            yield _problem("date-far-ahead", story, -1)


def of_live(
    story: Story, id_: str, told: datetime | None, *, zone: ZoneInfo, now: datetime
) -> Problem | None:
    """Repeat the warning of a slip that is published, or offer to announce what was corrected."""
    if told is None or now - told >= SOON:
        return None
    days = (now.astimezone(zone).date() - _day(story, zone)).days
    if _NEAREST <= days <= _FARTHEST:
        return _problem("date-slip", story, 1)
    if days > _OLD:
        return None
    return Problem(
        code="date-slip-corrected", file=story.path, field="date", wanted=announced(id_, story)
    )


def announced(id_: str, story: Story) -> str:
    """Return the code by which staff announce the entry with this id again, as a new one."""
    return code_of("announce", [id_, story_json.content_digest(story)])


def _problem(code: str, story: Story, years: int) -> Problem:
    start = story.date.start
    found = start.date() if isinstance(start, datetime) else start
    return Problem(
        code=code,
        file=story.path,
        field="date",
        found=found.isoformat(),
        wanted=_moved(found, years).isoformat(),
    )


def _moved(day: date, years: int) -> date:
    """Return the same day of another year; 28 February for a 29th that is not there."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _day(story: Story, zone: ZoneInfo) -> date:
    start = story.date.start
    return start.astimezone(zone).date() if isinstance(start, datetime) else start
