"""Which times of day does a text name?

Clock times, with parts of the day and zones, become one token `T` each, two with `to` between
them one token `R`. What is left is for the calendar (`dateline.dates.grammar`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import time

from dateline.dates.doubts import doubtful, meant, without_cities
from dateline.dates.lexicon import (
    AFTERNOON,
    AM,
    EVENING,
    LATE,
    MIDDAY,
    MORNING,
    NIGHT,
    PM,
)
from dateline.dates.signs import Clock, Token, replaced, signs
from dateline.dates.zones import PLACES
from dateline.errors import DateError

_TIME = re.compile(
    r"""(?P<before>(?:Z,?)?)[@H]*(?P<lead>A)?
    (?:(?P<colon>C)[hk]?
      |(?<!\.)(?P<point>d\.d)(?!\.|[-tq/a]d\.d\.y)(?P<exact>[hk])?
      |(?P<hour>d)(?P<unit>[hk])(?:(?P<minute>d)(?!(?:[-/tqa]d)?M|[./]d)m?(?:ds)?)?
      |(?P<twelve>d)(?=[Ap])
      |(?P<noon>d?N)
      |(?P<army>y)h
      |(?:(?<=y)|(?<=y,)|(?<=y-d-d))(?P<wire>y)(?=Z)|(?P<early>y)(?=Z,?(?:W,?)?[dM].*y)
      |(?<=[@H])(?P<bare>d)(?![-./tqa]|,?M))
    (?P<trail>[Ap])?(?P<zones>(?:,?(?:\(Z\)|Z))*)""",
    re.VERBOSE,
)
_ARMY = re.compile(r"(?:(?<=y)|(?<=y,))y(?=[-tq]yh)")
_SHARED = re.compile(r"(?P<first>d\.d|d)[-tq]T")
_PAIR = re.compile(r"[fb]?T[-tqa/]T")
_LEAD = re.compile(r"[qf]T")
_BEFORE = re.compile(r"(?<=[ye])-(?=[TR][^dDyenMTR]*$)")
_COLON = re.compile(r"(\d+):(\d+)(?::(\d+))?")
_SURE = frozenset({"UTC", "GMT", "MSK", *PLACES})

# For each part of the day: hours as written, from and to, and what to add.
_WINDOWS = {
    AM: ((0, 11, 0), (12, 12, -12)),
    PM: ((12, 12, 0), (1, 11, 12)),
    MORNING: ((0, 11, 0),),
    AFTERNOON: ((12, 20, 0), (1, 8, 12)),
    EVENING: ((16, 23, 0), (4, 11, 12)),
    NIGHT: ((0, 5, 0),),
    MIDDAY: ((11, 14, 0), (1, 3, 12)),
    LATE: ((13, 23, 0), (1, 11, 12)),
}
_LOOSE = range(1, 8)
_BY_24 = "09:00 or 21:00, by a clock of 24 hours"


def with_times(tokens: Sequence[Token]) -> list[Token]:
    """Give `tokens` with each clock time as one `T`, each stretch of clock times as one `R`."""
    tokens = list(tokens)
    if not set(signs(tokens)) & set("CAphkN@H.Z"):
        return tokens
    tokens = replaced(tokens, _ARMY, lambda found, _: [*found, Token("h", "h")])
    tokens = replaced(tokens, _TIME, _time)
    tokens = _with_stray_zone(tokens)
    tokens = replaced(tokens, _SHARED, _shared)
    tokens = replaced(tokens, _PAIR, _pair)
    tokens = replaced(tokens, _LEAD, lambda found, _: [found[-1]])
    return replaced(tokens, _BEFORE, lambda _, __: [])


def settled(clock: Clock) -> time:
    """Give the time of day. Raises `DateError`: `no-such-time`, `ambiguous-time`."""
    hour = clock.hour
    if clock.part:
        hour = _in_part(clock)
    elif clock.loose and hour in _LOOSE:
        raise DateError(
            "ambiguous-time", found=clock.text, wanted=f"{hour:02}:00 or {hour + 12}:00"
        )
    try:
        return time(hour, clock.minute, clock.second or 0)
    except ValueError as error:
        raise DateError(
            "no-such-time", found=clock.text, wanted="a time from 00:00 to 23:59"
        ) from error


def settled_pair(first: Clock, last: Clock) -> tuple[time, time]:
    """Give both ends of a stretch; `2 - 4 p.m.` says `p.m.` for both, 下午2时至4时 too."""
    if last.part and not first.part and first.hour <= 12:
        shared = settled(first._replace(part=last.part)), settled(last)
        if shared[0] >= shared[1]:
            raise DateError("ambiguous-time", found=first.text, wanted=_BY_24)
        return shared
    start = settled(first)
    if first.part and not last.part and last.hour < start.hour:
        return start, settled(last._replace(part=first.part))
    return start, settled(last)


def _in_part(clock: Clock) -> int:
    for low, high, shift in _WINDOWS[clock.part]:
        if low <= clock.hour <= high:
            return clock.hour + shift
    kind = "no-such-time" if clock.part in {AM, PM} or clock.hour > 24 else "ambiguous-time"
    wanted = "a time from 00:00 to 23:59" if kind == "no-such-time" else _BY_24
    raise DateError(kind, found=clock.text, wanted=wanted)


def _time(found: list[Token], match: re.Match[str]) -> list[Token]:
    text = " ".join(token.text for token in found)
    parts = [token.number for token in found if token.sign in "Ap"]
    if len(parts) > 1:
        raise DateError("ambiguous-time", found=text, wanted=_BY_24)
    zones = tuple(token.text.strip() for token in found if token.sign == "Z")
    clock = _written(found, match)._replace(text=text, zones=zones, part=parts[0] if parts else 0)
    return [Token("T", text, clocks=(clock,))]


def _written(found: list[Token], match: re.Match[str]) -> Clock:
    """Read the hour, minute and second from whichever form it is."""
    numbers = [token.number for token in found if token.sign == "d"]
    text = next(token.text for token in found if token.sign in "CdNy")
    if match["colon"]:
        colon = _COLON.match(next(token.text for token in found if token.sign == "C"))
        hour, minute, second = colon.groups() if colon else ("", "", None)
        return Clock(text, int(hour), int(minute), int(second) if second else None)
    if match["army"] or match["wire"] or match["early"]:
        return Clock(text, *divmod(next(t.number for t in found if t.sign == "y"), 100), exact=True)
    if match["noon"]:
        return _noon(found, numbers)
    exact = bool(match["exact"] or match["unit"] or match["twelve"])
    loose = bool(match["bare"]) or match["unit"] == "k"
    minute = numbers[1] if len(numbers) > 1 else 0
    second = numbers[2] if len(numbers) > 2 else None
    return Clock(text, numbers[0], minute, second, 0, loose and not minute, exact)


def _noon(found: list[Token], numbers: list[int]) -> Clock:
    """Read noon. Midnight may be the day's beginning or its end: which, staff must say."""
    hour = next(token.number for token in found if token.sign == "N")
    text = found[-1].text
    if hour == 0:
        raise DateError("ambiguous-time", found=text, wanted="00:00 or 23:59")
    if numbers and numbers[0] != hour:
        raise DateError("no-such-time", found=f"{numbers[0]} {text}", wanted="12:00")
    return Clock(text, hour)


def _shared(found: list[Token], match: re.Match[str]) -> list[Token]:
    """Read `9 - 11 a.m.` and `10-12 h`: the first number is an hour because of the second."""
    clock = found[-1].clocks[0]
    if not clock.exact and not clock.part:
        return found
    numbers = [token.number for token in found if token.sign == "d"]
    text = "".join(token.text for token in found[: len(match["first"])])
    first = Clock(text, numbers[0], numbers[1] if len(numbers) > 1 else 0, None, 0, not clock.part)
    return [Token("R", text, clocks=(first._replace(loose=clock.loose), clock))]


def _pair(found: list[Token], match: re.Match[str]) -> list[Token]:
    del match
    ends = [token for token in found if token.sign == "T"]
    text = " ".join(token.text for token in found)
    return [Token("R", text, clocks=(ends[0].clocks[0], ends[1].clocks[0]))]


def _with_stray_zone(tokens: list[Token]) -> list[Token]:
    """Give clock times the zone that stands elsewhere (北京时间2008年10月8日10时).

    Refuses what may be a zone, and is not known for certain: the site's would be wrong.
    """
    clocks = [clock for token in tokens for clock in token.clocks]
    if not clocks:
        return tokens
    zoned = any(clock.zones for clock in clocks)
    cities, rest = without_cities(tokens)
    strays = [] if zoned else [token.text for token in rest if token.sign in "Zz"]
    doubts = doubtful(rest)
    if doubts or len(strays) > 1 or not all(map(_is_sure, strays)):
        near = meant(doubts[0]) if len(doubts) == 1 else ""
        wanted = f"{near} or +02:00" if near else "+02:00"
        raise DateError("ambiguous-zone", found=" ".join([*strays, *doubts]), wanted=wanted)
    if zoned or not (strays or cities):
        return tokens
    more = {"zones": tuple(strays)} if strays else {"cities": cities}
    return [
        token._replace(clocks=tuple(clock._replace(**more) for clock in token.clocks))
        for token in tokens
    ]


def _is_sure(zone: str) -> bool:
    return zone in _SURE or "/" in zone
