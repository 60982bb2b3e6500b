"""The grammar of days: one date, or one stretch of dates, from a line of symbols.

`[from] day [to day]`: exactly one date, or one stretch from a first to a last. Anything else is
refused; nothing is filled in but the month and the year that the other end of a stretch says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from dateline.entries.dates.symbols import Clock, Token, replaced, symbols
from dateline.errors import DateError
from dateline.messages.values import phrase
from dateline.text.expressions import regex

_WEEKDAYS = regex(r"^W[-ta/]W,?|,?W[-ta/]W$")
_SIDE = regex(r"dM(?:,?[ye])?|M,?d(?:,?[ye])?|[ye],?Md?|[ye]dM|M(?:,?[ye])?|d(?:,?[ye])?")
_SHORT_YEAR = regex(r"dM,?d|Md,?d")
_DAYS = regex(r"M?d(?:,d)+")
_OVER = 9  # months from the first back to the last
_LED = regex("[fb]")
_CONNECTOR = regex(r"[-tqa/]")

_NUMERIC = regex(
    r"(?P<day>d([-./])d\2[yde])|(?P<iso>y([-./])d\4d)|(?P<word>d([-/])M\6[yde]|M-d-[yde]|y-M-d)"
    r"|(?P<part>d([./])d(?=[-tqa/]d\8d\8y))|(?<![dM,])(?P<month>y-d)(?!-[^y]|-$|[MdD,])"
    r"|(?<![-./])(?P<short>d[./]y)|(?P<alone>^d/d$)|(?P<bare>^d-M$)"
)


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
    """The ends of what is written: a first, and a last where it is a stretch.

    With `next_to` the last must be right after the first (`5/6 June`, `5 and 6 June`).
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
    hours = tuple(clock for token in found if token.symbol == "R" for clock in token.clocks)
    if len(hours) > 2:
        raise DateError("two-dates", found=text)
    between = any(token.symbol == "b" for token in found)
    since = any(token.symbol == "f" for token in found)
    _check_led(found, text)
    sides, connectors = _sides([token for token in found if token.symbol not in "fbR"], text)
    if not sides:  # weekdays alone, as in "Sunday to Tuesday"
        raise DateError("not-a-date", found=text)
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
    """Return `end` with the month and the year that only the other end has."""
    year = None if end.short or other.year is None else other.year + years
    return replace(
        end,
        month=end.month or other.month,
        year=end.year or year,
        short=end.short or (None if end.year else other.short),
    )


def _goes_into_new_year(first: End, last: End) -> bool:
    """Return whether days at most three months apart cross a new year.

    As in `30 December - 2 January 2027`.
    """
    if not (first.month and last.month and first.day and last.day) or first.clock or last.clock:
        return False
    return first.month - last.month >= _OVER


def _check_shared(first: End, last: End, sides: list[list[Token]], text: str) -> None:
    """Refuse an end that takes its month from the other, but in `May 3 - 5` and `3 - 5 May`."""
    begins = [symbols(side).lstrip("W,")[:1] for side in sides]
    if last.month is None and (begins[0] not in {"M", "y", "e"} or (first.year and last.year)):
        raise DateError("not-a-date", found=text)
    day_alone = first.year is None and (last.day is None or begins[1] == "d")
    if first.month is None and not day_alone:
        raise DateError("not-a-date", found=text)


def _too_many_times(text: str) -> DateError:
    """Return the error that asks about hours on several days."""
    return DateError("ambiguous-time", found=text, wanted=phrase("only-days"))


def _rows(sides: list[list[Token]], connectors: str) -> tuple[list[list[Token]], bool]:
    """Read `5, 6 and 7 May` as from 5 to 7 May; days that do not follow stay several dates."""
    if set(connectors) != {"a"}:
        return sides, False
    first = sides[0]
    if len(sides) == 2 and _DAYS.fullmatch(symbols(first)):
        at = symbols(first).index("d") + 1
        sides = [first[:at], *([day] for day in first[at:] if day.symbol == "d"), sides[1]]
    days = [token.number for side in sides for token in side if token.symbol == "d"]
    listed = len(sides) > 2 and len(days) == len(sides)
    if listed and days == list(range(days[0], days[0] + len(days))):
        return [sides[0], sides[-1]], True
    return sides, False


def _end(side: Sequence[Token], text: str) -> End:
    """Read one end. A number of two digits after day and month is a year cut short."""
    clocks = [clock for token in side if token.symbol == "T" for clock in token.clocks]
    weekdays = [token for token in side if token.symbol == "W"]
    if len(clocks) > 1 or len(weekdays) > 1:
        raise DateError("two-dates", found=text)
    rest = _trimmed([token for token in side if token.symbol not in "TW"])
    shape = symbols(rest)
    if _SHORT_YEAR.fullmatch(shape):
        rest[-1] = rest[-1]._replace(symbol="e")
    elif not _SIDE.fullmatch(shape):
        raise DateError(_fault(shape), found=text)
    numbers = {token.symbol: token.number for token in rest}
    year = next(
        (
            int(token.text) if token.text.isascii() and token.text.isdigit() else token.number
            for token in rest
            if token.symbol == "y"
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
        if token.symbol != "," or (kept and kept[-1].symbol != ","):
            kept.append(token)
    return kept[:-1] if kept and kept[-1].symbol == "," else kept


def _check_led(found: Sequence[Token], text: str) -> None:
    """Refuse `from` and `between` but right before a date, a time or a stretch."""
    line = symbols(found)
    if any(
        match.start() and line[match.start() + 1 : match.start() + 2] not in {"T", "R"}
        for match in _LED.finditer(line)
    ):
        raise DateError("not-a-date", found=text)


def _sides(found: list[Token], text: str) -> tuple[list[list[Token]], str]:
    sides: list[list[Token]] = [[]]
    connectors = ""
    for token in found:
        if not _CONNECTOR.fullmatch(token.symbol):
            sides[-1].append(token)
        elif sides[-1]:
            connectors += token.symbol
            sides.append([])
        elif len(sides) > 1:
            raise DateError("not-a-date", found=text)
    return [side for side in sides if side], connectors


def _without_weekdays(found: Sequence[Token]) -> tuple[list[Token], list[Token]]:
    """Take `Mon-Wed` off, as in `Mon-Wed, 20-22 October 2008`."""
    led = len(symbols(found)) - len(symbols(found).lstrip("fb"))
    match = _WEEKDAYS.search(symbols(found)[led:])
    if not match:
        return list(found), []
    pair = found[led + match.start() : led + match.end()]
    rest = [*found[: led + match.start()], *found[led + match.end() :]]
    return rest, [token for token in pair if token.symbol == "W"]


def ordered(tokens: Sequence[Token], order: str) -> list[Token]:
    """Return `tokens` with numbers such as `3/4/2008` as day, month and year in `order`.

    Raises `DateError` `no-such-day` where there is no such month.
    """

    def named(found: list[Token], match: re.Match[str]) -> list[Token]:
        numbers = [token for token in found if token.symbol in "dyeM"]
        kind = match.lastgroup
        if any(token.text.startswith("--") for token in found):
            return found
        if kind in {"word", "bare"}:
            return _year_marked(numbers)
        if kind in {"iso", "month"}:
            wanted = "yMd"[: len(numbers)]
        elif kind == "short":
            wanted = "My"
        elif order == "YMD":
            wanted = "yMd" if kind == "day" and found[1].symbol == "-" else "dMy"[: len(numbers)]
        else:
            wanted = ("dMy" if order == "DMY" else "Mdy")[: len(numbers)]
        text = "".join(token.text for token in found)
        return [_as(token, symbol, text) for token, symbol in zip(numbers, wanted, strict=True)]

    return replaced(list(tokens), _NUMERIC, named)


def is_numeric(tokens: Sequence[Token]) -> bool:
    """Return whether the order of day and month makes a difference to `tokens`."""
    return any(match.lastgroup in {"day", "part", "alone"} for match in _matches(tokens))


def _as(token: Token, symbol: str, text: str) -> Token:
    """Return a number with its part in the date."""
    if symbol == "M" and not 1 <= token.number <= 12:
        raise DateError("no-such-day", found=text)
    if symbol == "y" and token.symbol in "de":
        symbol = "e"
    return token._replace(symbol=symbol)


def _year_marked(numbers: list[Token]) -> list[Token]:
    """Read `20-Oct-08`."""
    if len(numbers) > 2 and numbers[0].symbol != "y" and numbers[-1].symbol == "d":
        return [*numbers[:-1], numbers[-1]._replace(symbol="e")]
    return numbers


def _matches(tokens: Sequence[Token]) -> list[re.Match[str]]:
    return list(_NUMERIC.finditer(symbols(tokens)))
