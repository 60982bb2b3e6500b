"""The times of day that a text names.

Clock times, with parts of the day and zones, become one token `T` each, two with `to` between
them one token `R`. What is left is for the calendar (`dateline.entries.dates.grammar`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import time, timedelta
from typing import NamedTuple

from dateline.entries.dates.lexicon import (
    AFTERNOON,
    AM,
    DARK,
    EVENING,
    LATE,
    MIDDAY,
    MORNING,
    NIGHT,
    PM,
)
from dateline.entries.dates.symbols import Clock, Token, replaced, symbols
from dateline.entries.dates.zones import AN_OFFSET, PLACES, doubtful, meant, without_cities
from dateline.errors import DateError
from dateline.messages.values import Value, either, phrase
from dateline.text.expressions import regex

# Minutes in words or after `and`, as they follow an hour.
_MINUTES = r"G|L|l[dc]m?|a[dc]m|(?<=[cg])ac|jm?"
_TIME = regex(
    r"""(?P<before>(?:Z,?)?)[@H]*(?P<lead>A)?
    (?:(?P<colon>C)[hk]?
      |(?<!\.)(?P<point>d\.d)(?!\.|[-tq/a]d\.d\.y)(?P<exact>[hk])?
      |(?P<hour>[dcg])(?P<unit>[hk])(?:(?P<minute>[dc])(?!(?:[-/tqa]d)?M|[./]d)m?(?:[dc]s)?
        |(?P<rest>MINUTES))?
      |(?P<less>l[dc]m?|Q)(?P<next>[dcgD])[hk]?
      |(?P<plus>[dc]m?i|P)(?P<last>[dcg])[hk]?
      |(?P<to>[dc]mt)(?P<coming>[dcg])[hk]?
      |(?P<into>[dc]m)(?P<ordinal>D)(?!M)
      |(?P<half>X)
      |(?P<spoken>[dcg])(?P<tail>MINUTES|(?<=[cg])c)(?=[Ap])
      |(?<=[@H,])(?P<split>d)(?P<two>d)(?=A)
      |(?P<alone>(?<![dcg])k)(?=A)
      |(?P<twelve>[dcg])(?=[Ap])
      |(?P<noon>d?N)(?P<more>G|L)?
      |(?P<army>y)h
      |(?:(?<=y)|(?<=y,)|(?<=y-d-d))(?P<wire>y)(?=Z)|(?P<early>y)(?=Z,?(?:W,?)?[dM].*y)
      |(?<=[@H])(?P<bare>[dcg])(?P<some>MINUTES|(?<=[cg])c)?(?![-./tqa]|,?M|[dcg]))
    (?P<trail>[Ap])?(?P<zones>(?:,?(?:\(Z\)|Z))*)""".replace("MINUTES", _MINUTES),
    re.VERBOSE,
)
_ARMY = regex(r"(?:(?<=y)|(?<=y,))y(?=[-tq]yh)")
_SHARED = regex(r"[@H]?(?P<first>d\.d|[dcg]k?G?)(?:[-tq]|(?<=b[dcg])a)T")
_PAIR = regex(r"[fb]?T[-tqa/](?:ET|TE?|T,E|T\(E\))")
_LEAD = regex(r"[qf]T")
_BEFORE = regex(r"(?<=[ye])-(?=[TR][^dDyenMTR]*$)")
_SPACES = regex("(?<=[\u4e00-\u9fff]) | (?=[\u4e00-\u9fff])")
_COLON = regex(r"(\d+):(\d+)(?::(\d+))?")
_SURE = frozenset({"UTC", "GMT", "MSK", *PLACES})
_OF_TIMES = frozenset("CAphkN@H.ZgXPQ")
_BY_24 = phrase("24-hours")
_ANY_TIME = phrase("any-time")

# For each part of the day: hours as written, from and to, and what to add.
_WINDOWS = {
    AM: ((0, 11, 0), (12, 12, -12)),
    PM: ((12, 12, 0), (1, 11, 12)),
    MORNING: ((0, 11, 0),),
    AFTERNOON: ((12, 20, 0), (1, 8, 12)),
    EVENING: ((16, 23, 0), (4, 11, 12)),
    NIGHT: ((0, 6, 0),),
    MIDDAY: ((11, 14, 0), (1, 3, 12)),
    LATE: ((13, 23, 0), (1, 11, 12)),
    DARK: ((0, 5, 0), (18, 23, 0), (7, 11, 12)),
}
_LOOSE = range(1, 13)
_DAY = timedelta(days=1)
_NO_DAYS = timedelta()
# Hours from the first until the second go on into the next day.
_LATE_EVENING, _EARLY_MORNING = time(18), time(6)


def with_times(tokens: Sequence[Token]) -> list[Token]:
    """Return `tokens` with each clock time as one `T`, each stretch of clock times as one `R`."""
    tokens = list(tokens)
    if not set(symbols(tokens)) & _OF_TIMES:
        return tokens
    tokens = replaced(tokens, _ARMY, lambda found, _: [*found, Token("h", "h")])
    tokens = replaced(tokens, _TIME, _time)
    tokens = _with_stray_zone(_with_stray_part(tokens))
    tokens = replaced(tokens, _SHARED, _shared)
    tokens = replaced(tokens, _PAIR, _pair)
    tokens = replaced(tokens, _LEAD, lambda found, _: [found[-1]])
    return replaced(tokens, _BEFORE, lambda _, __: [])


def _time(found: list[Token], match: re.Match[str]) -> list[Token]:
    text = _text(found)
    parts = [token.number for token in found if token.symbol in "Ap"]
    if len(parts) > 1:
        raise DateError("ambiguous-time", found=text, wanted=_BY_24)
    zones = tuple(token.text.strip() for token in found if token.symbol == "Z")
    clock = _written(found, match)._replace(text=text, zones=zones, part=parts[0] if parts else 0)
    return [Token("T", text, clocks=(clock,))]


def _written(found: list[Token], match: re.Match[str]) -> Clock:
    """Read the hour, minute and second from whichever form it is."""
    text = found[-1].text
    if match["colon"]:
        colon = _COLON.match(next(token.text for token in found if token.symbol == "C"))
        hour, minute, second = colon.groups() if colon else ("", "", None)
        return Clock(text, int(hour), int(minute), int(second) if second else None)
    if match["army"] or match["wire"] or match["early"]:
        return Clock(
            text, *divmod(next(t.number for t in found if t.symbol == "y"), 100), exact=True
        )
    if match["noon"]:
        return _noon(found, _of(found, match, "more"))
    if match["half"]:
        return _moved(text, _of(found, match, "half")[0].number, -30)
    if match["point"]:
        hour, _, minute = _of(found, match, "point")
        return Clock(text, hour.number, minute.number, exact=bool(match["exact"]))
    return _in_words(found, match)


def _in_words(found: list[Token], match: re.Match[str]) -> Clock:
    """Read an hour with a unit, a part of the day or `at`, and its minutes."""
    text = found[-1].text
    groups = [
        "hour",
        "next",
        "last",
        "coming",
        "ordinal",
        "spoken",
        "split",
        "alone",
        "twelve",
        "bare",
    ]
    hour = _of(found, match, next(name for name in groups if match[name]))[0]
    number = 1 if hour.symbol == "k" else hour.number
    written = _of(found, match, "minute") or _of(found, match, "two")
    if written:
        seconds = found[match.end("minute") - match.start() :] if match["minute"] else []
        return _with_minute(text, hour, written[0], seconds)
    _check_minutes([token for kind in ("tail", "some") for token in _of(found, match, kind)])
    kinds = ("less", "plus", "rest", "tail", "some")
    minutes = sum(_minutes(_of(found, match, kind)) for kind in kinds)
    minutes -= _minutes(_of(found, match, "to"))
    minutes -= 60 - _minutes(_of(found, match, "into")) if match["into"] else 0
    if minutes:
        return _moved(text, number, minutes)
    return Clock(text, number, loose=not hour.text.startswith("0"), exact=_is_exact(match))


def _check_minutes(tokens: Sequence[Token]) -> None:
    """Refuse minutes with `and` but in Spanish: three and five p.m. are two times."""
    if (
        tokens
        and tokens[0].symbol == "a"
        and tokens[-1].symbol == "c"
        and tokens[0].text.lower() != "y"
    ):
        raise DateError("ambiguous-time", found=_text(tokens), wanted=_BY_24)


def _is_exact(match: re.Match[str]) -> bool:
    return bool(match["unit"] or match["twelve"] or match["spoken"])


def _with_minute(text: str, hour: Token, minute: Token, rest: list[Token]) -> Clock:
    """Read the minute behind an hour; figures mean a clock of 24 hours."""
    second = next((token.number for token in rest if token.symbol in "dc"), None)
    loose = not minute.text.isascii() or minute.symbol == "c"
    return Clock(text, hour.number, minute.number, second, loose=loose, exact=True)


def _moved(text: str, hour: int, minutes: int) -> Clock:
    """Return `minutes` after a spoken hour, or before it: a quarter to one is 12:45."""
    hour, minute = divmod(60 * hour + minutes, 60)
    return Clock(text, hour or 12, minute, loose=True, exact=True)


def _minutes(tokens: Sequence[Token]) -> int:
    """Return the minutes that words say, below zero where they are counted back."""
    number = next((token.number for token in tokens if token.symbol in "dcjGLPQ"), 0)
    return -number if tokens and tokens[0].symbol in "LlQ" else number


def _text(tokens: Sequence[Token]) -> str:
    """Return what stands in the text, Chinese without spaces."""
    return _SPACES.sub("", " ".join(token.text.strip() for token in tokens if token.text))


def _of(found: list[Token], match: re.Match[str], name: str) -> list[Token]:
    """Return the tokens of a group of the pattern."""
    if not match[name]:
        return []
    return found[match.start(name) - match.start() : match.end(name) - match.start()]


def _noon(found: list[Token], more: list[Token]) -> Clock:
    """Read noon. Midnight may be the day's beginning or its end: which, staff must say."""
    noon = next(token for token in found if token.symbol == "N")
    before = next((token.number for token in found if token.symbol == "d"), noon.number)
    if noon.number == 0:
        raise DateError("ambiguous-time", found=noon.text, wanted=either(["00:00", "24:00"]))
    if before != noon.number:
        raise DateError("no-such-time", found=f"{before} {noon.text}", wanted="12:00")
    hour, minute = divmod(60 * noon.number + _minutes(more), 60)
    return Clock(noon.text, hour, minute)


def _shared(found: list[Token], match: re.Match[str]) -> list[Token]:
    """Read `9 - 11 a.m.` and `10-12 h`: the first number is an hour because of the second."""
    clock = found[-1].clocks[0]
    if not clock.exact and not clock.part:
        return found
    stated = _of(found, match, "first")
    text = "".join(token.text for token in stated)
    led = match.string[: match.start()].endswith(("f", "b"))
    if match["first"] == "c" and found[-2].symbol == "t" and stated[0].number % 5 == 0 and not led:
        raise DateError("ambiguous-time", found=f"{text} to {clock.text}", wanted=_BY_24)
    minute = stated[2].number if match["first"] == "d.d" else _minutes(stated[1:])
    first = Clock(text, stated[0].number, minute, loose=match["first"] != "d.d")
    return [Token("R", text, clocks=(first, clock))]


def _pair(found: list[Token], match: re.Match[str]) -> list[Token]:
    del match
    ends = [token.clocks[0] for token in found if token.symbol == "T"]
    text = _text(found)
    if any(token.text == " -" for token in found) and ends[1].hour < ends[0].hour:
        raise DateError("ambiguous-time", found=text, wanted=_offset_or_end(*ends))
    later = any(token.symbol == "E" for token in found)
    return [Token("R", text, clocks=(ends[0], ends[1]._replace(next_day=later)))]


def _offset_or_end(first: Clock, last: Clock) -> Value:
    """Return both meanings of `22:00 -02:00`: a time with its offset, or a stretch."""
    return either([f"{first.text} UTC-{last.text}", f"{first.text} - {last.text}"])


def _with_stray_part(tokens: list[Token]) -> list[Token]:
    """Return tokens in which the only time has the part of the day that stands elsewhere."""
    line = symbols(tokens)
    if line.count("A") != 1 or line.count("T") != 1:
        return tokens
    part, at = tokens[line.index("A")], line.index("T")
    clock = tokens[at].clocks[0]
    if clock.part:
        return tokens
    timed = tokens[at]._replace(clocks=(clock._replace(part=part.number),))
    return [timed if token is tokens[at] else token for token in tokens if token is not part]


def _with_stray_zone(tokens: list[Token]) -> list[Token]:
    """Return tokens in which times have the zone that stands elsewhere (北京时间8日10时).

    What may be a zone and is not certain is refused: the site's would be wrong.
    """
    clocks = [clock for token in tokens for clock in token.clocks]
    if not clocks:
        return tokens
    zoned = any(clock.zones for clock in clocks)
    cities, rest = without_cities(tokens)
    strays = [] if zoned else [token.text for token in rest if token.symbol in "Zz"]
    doubts = doubtful(rest)
    if doubts or len(strays) > 1 or not all(map(_is_sure, strays)):
        near = meant(doubts[0]) if len(doubts) == 1 else ""
        wanted = either([near, AN_OFFSET] if near else [AN_OFFSET])
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


class Hour(NamedTuple):
    """A time of day, and the days after the one that is written: 24:00 is the next day's 00:00."""

    time: time
    later: timedelta = _NO_DAYS

    def __lt__(self, other: object) -> bool:
        """Compare moments: the day first."""
        if not isinstance(other, Hour):
            return NotImplemented
        return (self.later, self.time) < (other.later, other.time)


def settled(clock: Clock) -> Hour:
    """Return the time of day. Raises `DateError`: `no-such-time`, `ambiguous-time`."""
    hour = clock.hour
    if clock.part:
        hour = _in_part(clock)
    elif clock.loose and hour in _LOOSE:
        raise DateError("ambiguous-time", found=clock.text, wanted=_both(clock))
    if (hour, clock.minute, clock.second or 0) == (24, 0, 0):
        return Hour(time(), _DAY)
    try:
        return Hour(time(hour, clock.minute, clock.second or 0))
    except ValueError as error:
        raise DateError("no-such-time", found=clock.text, wanted=_ANY_TIME) from error


def settled_pair(first: Clock, last: Clock) -> tuple[Hour, Hour]:
    """Return both ends of a stretch on one day; `22:00 - 02:00` ends on the next.

    `p.m.` is for both in `2 - 4 p.m.`, as in 下午2时至4时; an hour above 12 or minutes in figures
    at one end mean a clock of 24 hours.
    """
    start, end = _settled_ends(first, last)
    if last.next_day:
        return start, Hour(end.time, _DAY)
    goes_on = start.time >= _LATE_EVENING and end.time <= _EARLY_MORNING
    if end < start and (goes_on or end.time == time()) and not end.later:
        return start, Hour(end.time, _DAY)
    return start, end


def _settled_ends(first: Clock, last: Clock) -> tuple[Hour, Hour]:
    if last.part and not first.part and first.hour <= 12:
        shared = settled(first._replace(part=last.part)), settled(last)
        if not shared[0] < shared[1]:
            raise DateError("ambiguous-time", found=first.text, wanted=_BY_24)
        return shared
    if first.part and not last.part:
        return settled(first), _after(settled(first), first.part, last)
    in_figures = max(first.hour, last.hour) > 12 or not (first.loose and last.loose)
    if not first.part and in_figures:
        first, last = first._replace(loose=False), last._replace(loose=False)
    return settled(first), settled(last)


def _after(start: Hour, part: int, last: Clock) -> Hour:
    """Return the end of a stretch whose part of the day stands at its start: 上午10时至12时."""
    if last.hour == 12 and part in {AM, MORNING}:
        return settled(last._replace(loose=False))
    if not last.loose and not last.hour < start.time.hour:
        return settled(last)
    shared = settled(last._replace(part=part))
    if last.loose and not start < shared:
        raise DateError("ambiguous-time", found=last.text, wanted=_BY_24)
    return shared


def _both(clock: Clock) -> Value:
    """Return both times that an hour from one to twelve may mean."""
    hours = (clock.hour % 12, clock.hour % 12 + 12)
    return either(f"{hour:02}:{clock.minute:02}" for hour in hours)


def _in_part(clock: Clock) -> int:
    for low, high, shift in _WINDOWS[clock.part]:
        if low <= clock.hour <= high:
            return clock.hour + shift
    kind = "no-such-time" if clock.part in {AM, PM} or clock.hour > 24 else "ambiguous-time"
    wanted = _ANY_TIME if kind == "no-such-time" else _BY_24
    raise DateError(kind, found=clock.text, wanted=wanted)
