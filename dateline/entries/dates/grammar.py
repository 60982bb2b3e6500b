"""Which days does a line of signs name?

`[from] day [to day]`: exactly one date, or one stretch from a first to a last. Anything else is
refused; nothing is filled in but the month and the year that the other end of a stretch says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from dateline.entries.dates.symbols import Clock, Token, signs
from dateline.errors import DateError

_WEEKDAYS = re.compile(r"^W[-ta/]W,?|,?W[-ta/]W$")
_SIDE = re.compile(r"dM(?:,?[ye])?|M,?d(?:,?[ye])?|[ye],?Md?|[ye]dM|M(?:,?[ye])?|d(?:,?[ye])?")
_SHORT_YEAR = re.compile(r"dM,?d|Md,?d")
_DAYS = re.compile(r"M?d(?:,d)+")
_OVER = 9  # months from the first back to the last
_LED = re.compile("[fb]")
_CONNECTOR = re.compile(r"[-tqa/]")


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """One end of what is written; `short` is a year of two digits. `day` is None for a month."""

    year: int | None = None
    short: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: Token | None = None
    clock: Clock | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What is written: a first end, and a last where it is a stretch.

    `next_to` says that the last must be right after the first (`5/6 June`, `5 and 6 June`).
    `hours` are the clock times between which it is, on one day.
    """

    first: End
    last: End | None = None
    next_to: bool = False
    hours: tuple[Clock, ...] = ()


def parse(tokens: Sequence[Token], text: str) -> Reading:
    """Read the tokens of one date or one stretch of dates.

    Raises `DateError`: `not-a-date`, `two-dates`, `vague`, `no-such-year`, `ambiguous-time`.
    """
    found, weekdays = _without_weekdays(tokens)
    hours = tuple(clock for token in found if token.sign == "R" for clock in token.clocks)
    if len(hours) > 2:
        raise DateError("two-dates", found=text)
    between = any(token.sign == "b" for token in found)
    since = any(token.sign == "f" for token in found)
    _check_led(found, text)
    sides, connectors = _sides([token for token in found if token.sign not in "fbR"], text)
    sides, row = _rows(sides, connectors)
    if since and len(sides) == 1 and not hours:
        raise DateError("vague", found=text)
    if between and len(sides) == 1 and not hours:
        raise DateError("vague", found=text)
    if len(sides) == 1 and weekdays:
        raise DateError("two-dates", found=text)
    if len(sides) == 1:
        return Reading(first=_end(sides[0], text), hours=hours)
    if len(sides) > 2 or hours:
        raise _too_many_times(text) if hours else DateError("two-dates", found=text)
    next_to = not row and (connectors[0] == "/" or (connectors[0] == "a" and not between))
    return _stretch(sides, weekdays, text, next_to=next_to)


def _stretch(
    sides: list[list[Token]], weekdays: Sequence[Token], text: str, *, next_to: bool
) -> Reading:
    """Complete each end of a stretch from the other."""
    first, last = _end(sides[0], text), _end(sides[1], text)
    _check_shared(first, last, sides, text)
    over = _goes_into_new_year(first, last)
    first, last = _shared(first, last, -over), _shared(last, first, over)
    if (first.day is None) != (last.day is None) or first.month is None:
        raise DateError("not-a-date", found=text)
    if bool(first.clock) != bool(last.clock):
        raise _too_many_times(text)
    if weekdays:
        first, last = replace(first, weekday=weekdays[0]), replace(last, weekday=weekdays[1])
    return Reading(first=first, last=last, next_to=next_to)


def _shared(end: End, other: End, years: int) -> End:
    """Return `end` with the month and the year that only the other end says."""
    year = None if end.short or other.year is None else other.year + years
    return replace(
        end,
        month=end.month or other.month,
        year=end.year or year,
        short=end.short or (None if end.year else other.short),
    )


def _goes_into_new_year(first: End, last: End) -> bool:
    """Tell days such as `30 December - 2 January 2027`, at most three months apart."""
    if not (first.month and last.month and first.day and last.day) or first.clock or last.clock:
        return False
    return first.month - last.month >= _OVER


def _check_shared(first: End, last: End, sides: list[list[Token]], text: str) -> None:
    """Let an end leave its month to the other only where people do: `May 3 - 5`, `3 - 5 May`."""
    begins = [signs(side).lstrip("W,")[:1] for side in sides]
    if last.month is None and (begins[0] not in {"M", "y", "e"} or (first.year and last.year)):
        raise DateError("not-a-date", found=text)
    day_alone = first.year is None and (last.day is None or begins[1] == "d")
    if first.month is None and not day_alone:
        raise DateError("not-a-date", found=text)


def _too_many_times(text: str) -> DateError:
    """Ask what hours on several days mean."""
    wanted = "only the days, or 1 May 2026, 09:00 - 3 May 2026, 17:00"
    return DateError("ambiguous-time", found=text, wanted=wanted)


def _rows(sides: list[list[Token]], connectors: str) -> tuple[list[list[Token]], bool]:
    """Read `5, 6 and 7 May` as from 5 to 7 May; days that do not follow stay several dates."""
    if set(connectors) != {"a"}:
        return sides, False
    first = sides[0]
    if len(sides) == 2 and _DAYS.fullmatch(signs(first)):
        at = signs(first).index("d") + 1
        sides = [first[:at], *([day] for day in first[at:] if day.sign == "d"), sides[1]]
    days = [token.number for side in sides for token in side if token.sign == "d"]
    listed = len(sides) > 2 and len(days) == len(sides)
    if listed and days == list(range(days[0], days[0] + len(days))):
        return [sides[0], sides[-1]], True
    return sides, False


def _end(side: Sequence[Token], text: str) -> End:
    """Read one end. A number of two digits after day and month is a year cut short."""
    clocks = [clock for token in side if token.sign == "T" for clock in token.clocks]
    weekdays = [token for token in side if token.sign == "W"]
    if len(clocks) > 1 or len(weekdays) > 1:
        raise DateError("two-dates", found=text)
    rest = _trimmed([token for token in side if token.sign not in "TW"])
    shape = signs(rest)
    if _SHORT_YEAR.fullmatch(shape):
        rest[-1] = rest[-1]._replace(sign="e")
    elif not _SIDE.fullmatch(shape):
        raise DateError(_fault(shape), found=text)
    numbers = {token.sign: token.number for token in rest}
    year = next(
        (
            int(token.text) if token.text.isascii() and token.text.isdigit() else token.number
            for token in rest
            if token.sign == "y"
        ),
        None,
    )
    return End(
        year=year,
        short=numbers.get("e"),
        month=numbers.get("M"),
        day=numbers.get("d"),
        weekday=weekdays[0] if weekdays else None,
        clock=clocks[0] if clocks else None,
    )


def _fault(shape: str) -> str:
    if "n" in shape and ("M" in shape or "d" in shape):
        return "no-such-year"
    several = shape.count("M") > 1 or (shape.count("d") > 1 and "M" in shape)
    return "two-dates" if (several and "w" not in shape) or shape.count("M") > 1 else "not-a-date"


def _trimmed(found: list[Token]) -> list[Token]:
    """Leave out commas at the ends and after one another."""
    kept: list[Token] = []
    for token in found:
        if token.sign != "," or (kept and kept[-1].sign != ","):
            kept.append(token)
    return kept[:-1] if kept and kept[-1].sign == "," else kept


def _check_led(found: Sequence[Token], text: str) -> None:
    """Let `from` and `between` stand before what they begin alone: a date, a time, a stretch."""
    line = signs(found)
    if any(
        match.start() and line[match.start() + 1 : match.start() + 2] not in {"T", "R"}
        for match in _LED.finditer(line)
    ):
        raise DateError("not-a-date", found=text)


def _sides(found: list[Token], text: str) -> tuple[list[list[Token]], str]:
    sides: list[list[Token]] = [[]]
    connectors = ""
    for token in found:
        if not _CONNECTOR.fullmatch(token.sign):
            sides[-1].append(token)
        elif sides[-1]:
            connectors += token.sign
            sides.append([])
        elif len(sides) > 1:
            raise DateError("not-a-date", found=text)
    return [side for side in sides if side], connectors


def _without_weekdays(found: Sequence[Token]) -> tuple[list[Token], list[Token]]:
    """Take `Mon-Wed` off, as in `Mon-Wed, 20-22 October 2008`."""
    led = len(signs(found)) - len(signs(found).lstrip("fb"))
    match = _WEEKDAYS.search(signs(found)[led:])
    if not match:
        return list(found), []
    pair = found[led + match.start() : led + match.end()]
    rest = [*found[: led + match.start()], *found[led + match.end() :]]
    return rest, [token for token in pair if token.sign == "W"]
