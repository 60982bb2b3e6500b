"""Dates with a wrong year: last year's, or next year's, typed into a new file.

The year of a new entry is taken for wrong if its date is about a year ago, and if nothing shows
that the news is old on purpose: no `id`, and no more old files than a person drops at once. It is
published with a warning, after a wait while `serve` runs. Where the moment of the right year is
still to come, it is held until then, or until staff say that it is old (`allow CODE`). If the
date is corrected soon, staff may announce the news again (`allow CODE`): under a new id, since
readers keep the date with which they first saw an id.
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
from dateline.rules.identity.published import PublishedEntry

WAIT = timedelta(seconds=60)  # in which the year can be corrected while `serve` runs
CODES = frozenset({"date-slip", "date-slip-corrected"})
SOON = timedelta(days=7)  # in which staff are warned, and may announce the entry again
_NEAREST, _FARTHEST = 335, 395  # days
_OLD = 7  # days
_BY_HAND = 5  # files: more that are old are an import


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongYears:
    """The wrong years that are known before a run, by path.

    `warned` is since when staff are warned of one; `until` is the moment before which a new entry
    with a wrong year is not published, empty where nothing waits.
    """

    warned: Mapping[str, datetime] = field(default_factory=dict)
    until: Mapping[str, datetime] = field(default_factory=dict)


def of_stories(
    identified: Sequence[tuple[Story, PublishedEntry | None]],
    known: WrongYears,
    *,
    zone: ZoneInfo,
    now: datetime,
    is_first: bool,
    allowed: str,
) -> Iterator[Problem]:
    """Yield the wrong years of stories, each with its published entry, if it has one.

    It `is_first` if nothing was ever published. That with the code `allowed` is old news.
    """
    new = [story for story, match in identified if match is None and not story.draft]
    yield from _of_new(new, zone=zone, now=now, is_first=is_first, allowed=allowed)
    for story, match in identified:
        warned = known.warned.get(story.path)
        if match and (found := _of_live(story, match.id, warned, zone=zone, now=now)):
            yield found


def _of_new(
    stories: Sequence[Story], *, zone: ZoneInfo, now: datetime, is_first: bool, allowed: str
) -> Iterator[Problem]:
    """Yield the wrong years of new entries."""
    today = now.astimezone(zone).date()
    back = [(story, (today - _day(story, zone)).days) for story in stories]
    old = sum(days > _OLD for _, days in back)
    is_import = max(old, len(stories) * is_first) > _BY_HAND
    for story, days in back:
        is_slip = story.id is None and story.updated is None and not story.retraction
        if is_slip and _NEAREST <= days <= _FARTHEST and not is_import:
            code = _code(story)
            if code != allowed and _is_to_come(story, zone, now):
                wanted = _moved(story.date.first_day, 1).isoformat()
                yield _on_date("date-slip-held", story, found=wanted, wanted=code)
            else:
                yield _problem("date-slip", story, 1)
        elif -days >= _NEAREST:
            yield _problem("date-far-ahead", story, -1)


def _of_live(
    story: Story, id_: str, warned: datetime | None, *, zone: ZoneInfo, now: datetime
) -> Problem | None:
    """Return the warning of a published wrong year, or the offer to announce a corrected one."""
    if warned is None or now - warned >= SOON:
        return None
    days = (now.astimezone(zone).date() - _day(story, zone)).days
    if _NEAREST <= days <= _FARTHEST:
        return _problem("date-slip", story, 1)
    if days > _OLD:
        return None
    return _on_date("date-slip-corrected", story, wanted=announced(id_, story))


def is_allowed(story: Story, code: str) -> bool:
    """Return whether staff say by a code that the date of a new story is old on purpose."""
    return bool(code) and _code(story) == code


def _code(story: Story) -> str:
    return code_of("year", [story.path, story_json.content_digest(story)])


def announced(id_: str, story: Story) -> str:
    """Return the code by which staff announce the entry with this id again, as a new one."""
    return code_of("announce", [id_, story_json.content_digest(story)])


def _problem(code: str, story: Story, years: int) -> Problem:
    found = story.date.first_day
    return _on_date(code, story, found=found.isoformat(), wanted=_moved(found, years).isoformat())


def _on_date(code: str, story: Story, *, found: str = "", wanted: str) -> Problem:
    return Problem(code=code, file=story.path, field="date", found=found, wanted=wanted)


def _is_to_come(story: Story, zone: ZoneInfo, now: datetime) -> bool:
    """Return whether a date of last year would be to come in the next one."""
    right, here = _moved(_day(story, zone), 1), now.astimezone(zone)
    start = story.date.start
    if right == here.date() and isinstance(start, datetime):
        return start.astimezone(zone).time() > here.time()
    return right > here.date()


def _moved(day: date, years: int) -> date:
    """Return the same day of another year; 28 February for a missing 29th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _day(story: Story, zone: ZoneInfo) -> date:
    start = story.date.start
    return start.astimezone(zone).date() if isinstance(start, datetime) else start
