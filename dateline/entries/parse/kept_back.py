"""Fields by which other systems keep news back: if ignored, it would be public at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time

from dateline.entries.parse import repairs
from dateline.entries.parse.suggestions import suggested_line
from dateline.text.expressions import regex

# Names without "_". News appears when these say, whatever they say.
_UNTIL = regex(
    ".*(embarg(o|ado)|sperrfrist|эмбарго).*|notbefore|holduntil|scheduled?(at|for|on)?|golive(at)?"
    "|publish(at|on|date)?|pubdate|publicationdate|release(at|on|date)"
)
# Or from a day on, which may be over.
_FROM = regex("(available|live|publish|valid|visible)from")
_BACK = frozenset(
    {
        "confidential", "donotpublish", "hidden", "hide", "hold", "internal", "membersonly",
        "onhold", "password", "private", "unlisted", "unpublished", "wip",
    }
)  # fmt: skip
# Not public if no, or before the day that they say.
_OUT = frozenset(
    {
        "active", "approved", "available", "enabled", "freigabe", "live", "online",
        "public", "publish", "published", "publishedat", "publishedon", "ready", "release",
        "sichtbar", "visible",
    }
)  # fmt: skip
_STATES = frozenset(
    {
        "access", "audience", "moderationstate", "poststatus", "reviewstate", "visibility",
        "workflow", "workflowstate",
    }
)  # fmt: skip
_NOT_PUBLIC = frozenset(
    {
        "borrador", "brouillon", "draft", "embargoed", "future", "hidden", "internal", "members",
        "membersonly", "password", "pending", "private", "protected", "restricted", "review",
        "inreview", "scheduled", "staff", "subscribers", "unlisted", "unpublished",
    }
)  # fmt: skip
_TIMES = frozenset({"heure", "hora", "publishtime", "releasetime", "time", "uhrzeit"})
_ZONES = frozenset({"timezone", "tz"})
_DAY = regex(r"\d{4}-\d{2}-\d{2}")
_SPACES = regex(r"[\s_-]+")
_DRAFT = "draft = true"


def is_not_public(state: str) -> bool:
    """Return whether the name of a state says that other systems keep news back.

    >>> is_not_public("Members only"), is_not_public("published")
    (True, False)
    """
    return _plain(state) in _NOT_PUBLIC


def is_hidden(name: str, value: object) -> bool:
    """Return whether a field says that nobody, or not everybody, may see an entry."""
    truth = _truth(value)
    if _plain(name) in _STATES:
        return isinstance(value, str) and is_not_public(value)
    return _plain(name) in _BACK and truth is not False and bool(value)


def instead(name: str, known: Mapping[str, object], value: object, today: date) -> str:
    """Return the field, or the line, to write in place of one that keeps news back, or nothing.

    `known` has the fields that an entry has. A line is not the name of a field alone where the
    value would say the opposite, as in `public = false`, or the field is there already.
    """
    word, truth = _plain(name), _truth(value)
    if truth is False:
        return _DRAFT if word in _OUT else ""
    is_of_meeting = word == "password" and "event" in known
    if value == "" or (truth is True and word in _OUT) or is_of_meeting:
        return ""
    if is_hidden(name, value) or (truth is True and _UNTIL.fullmatch(word)):
        return _DRAFT
    day = _DAY.match(str(value))
    is_ahead = day is not None and day[0] > today.isoformat()
    is_from = _FROM.fullmatch(word) and (is_ahead or not day)
    if is_from or _UNTIL.fullmatch(word) or (is_ahead and word in _OUT):
        return suggested_line("date", _typed(value)) if day and "date" in known else "date"
    return _with_time(word, known, value, today) if word in _TIMES | _ZONES else ""


def _with_time(word: str, known: Mapping[str, object], value: object, today: date) -> str:
    """Return the line of a date with a time or zone that stands beside it, or nothing.

    The time may be that of an event, and a day that is over is out.
    """
    day = known.get("date", "")
    is_part = word in (_ZONES if isinstance(day, datetime) else _TIMES)
    is_over = (found := _DAY.match(str(day))) is not None and found[0] < today.isoformat()
    if "event" in known or not day or is_over or not is_part or getattr(day, "tzinfo", None):
        return ""
    return suggested_line("date", f"{_typed(day)} {_typed(value)}")


def _truth(value: object) -> object:
    return repairs.truth(value) if isinstance(value, str) else value


def _typed(value: object) -> str:
    """Return a moment as staff write it, without its seconds if it has none."""
    if isinstance(value, time):
        return value.isoformat("seconds" if value.second else "minutes")
    return re.sub(r"(?<=\d\d:\d\d):00$", "", str(value))


def _plain(name: str) -> str:
    return _SPACES.sub("", name).casefold()
