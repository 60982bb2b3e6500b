"""Fields by which other systems keep news back: if ignored, it would be public at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, time

from dateline.entries.parse import repairs
from dateline.entries.parse.suggestions import suggested_line
from dateline.text.expressions import regex

# Names without "_". News appears when these say, whatever they say.
_UNTIL = regex(
    ".*(embarg(o|ado)|sperrfrist|эмбарго).*|notbefore|holduntil|scheduled?(at|for|on)?|golive(at)?"
    "|publish(at|on|date)?|pubdate|release(at|on|date)"
)
# Or from a moment on, which may be over.
_FROM = regex("(available|live|publish|valid|visible)from|publicationdate")
_BACK = frozenset(
    {
        "confidential", "donotpublish", "hidden", "hide", "hold", "internal", "membersonly",
        "onhold", "password", "private", "unlisted", "unpublished", "wip",
    }
)  # fmt: skip
# Not public if no, or before the moment that they say.
_OUT = frozenset(
    {
        "active", "approved", "available", "enabled", "freigabe", "live", "online",
        "public", "publish", "published", "publishedat", "publishedon", "ready", "release",
        "sichtbar", "visibility", "visible",
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
# Beside those of `repairs`: these names are German, too.
_TRUTHS = {"ja": True, "nein": False, "1": True, "0": False}
_DAY = regex(r"\d{4}-\d{2}-\d{2}")
_YEAR = regex(r"(?<!\d)(?:19|20)\d\d(?!\d)")
# A time, and one without a zone behind it.
_CLOCK = regex(r"\d[:.h]\d\d|\d\s?(?:[ap]\.?m\b|uhr\b)", re.IGNORECASE)
_ENDS_IN_CLOCK = regex(r"(?:\d[:.h]\d\d|\d\s?(?:[ap]\.?m\.?|uhr))$", re.IGNORECASE)
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
        states = value if isinstance(value, list) else [value]
        return any(isinstance(one, str) and is_not_public(one) for one in states)
    is_of_parts = isinstance(value, list)  # as in `hide = ["toc"]`
    return _plain(name) in _BACK and truth is not False and bool(value) and not is_of_parts


def instead(name: str, known: Mapping[str, object], value: object, now: datetime) -> str:
    """Return the field, or the line, to write in place of one that keeps news back, or nothing.

    `known` has the fields that an entry has, `now` is the moment in its zone. A line is not the
    name of a field alone where the value would say the opposite, as in `public = false`, or the
    field is there already.
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
    is_ahead = day is not None and _is_ahead(value, now)
    is_from = _FROM.fullmatch(word) and (is_ahead or not (day or _is_of_past_year(value, now)))
    if is_from or _UNTIL.fullmatch(word) or (is_ahead and word in _OUT):
        return suggested_line("date", _typed(value)) if day and "date" in known else "date"
    return _with_time(word, known, value, now) if word in _TIMES | _ZONES else ""


def _is_ahead(value: object, now: datetime) -> bool:
    """Return whether a moment that begins with a day is to come; one that is unclear may be."""
    written = str(value).strip()
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return written[:10] >= now.date().isoformat()
    return (moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)) > now


def _is_of_past_year(value: object, now: datetime) -> bool:
    years = _YEAR.findall(str(value))
    return bool(years) and int(max(years)) < now.year


def _with_time(word: str, known: Mapping[str, object], value: object, now: datetime) -> str:
    """Return the line of a date with a time or zone that stands beside it, or nothing.

    The time may be that of an event, and a day that is over is out. The zone of `now` needs no
    line.
    """
    day = known.get("date", "")
    written = _typed(day)
    has_time = isinstance(day, datetime) or _CLOCK.search(written)
    is_part = word in _TIMES if not has_time else word in _ZONES and _ENDS_IN_CLOCK.search(written)
    found = _DAY.match(written)
    is_over = found[0] < now.date().isoformat() if found else _is_of_past_year(day, now)
    is_own = word in _ZONES and value == str(now.tzinfo)
    if "event" in known or not day or is_over or is_own or not is_part:
        return ""
    return suggested_line("date", f"{written} {_typed(value)}")


def _truth(value: object) -> object:
    if isinstance(value, str):
        return _TRUTHS.get(value.strip().casefold(), repairs.truth(value))
    return bool(value) if isinstance(value, int) and value in (0, 1) else value


def _typed(value: object) -> str:
    """Return a moment as staff write it, without its seconds if it has none."""
    if isinstance(value, time):
        return value.isoformat("seconds" if value.second else "minutes")
    return re.sub(r"(?<=\d\d:\d\d):00$", "", str(value))


def _plain(name: str) -> str:
    return _SPACES.sub("", name).casefold()
