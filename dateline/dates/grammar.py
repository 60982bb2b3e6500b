"""Which days does a line of signs name, and what may stand around them?

`[place,] [from] day [to day] [agency or headline]`: exactly one date, or one stretch from a
first to a last. Anything else is refused; nothing is filled in but the month and the year that
the other end of a stretch says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from dateline.dates.tokens import Clock, Token, replaced, signs
from dateline.errors import DateError

_DATE = frozenset("dyenMWTR")
_NUMBERS = frozenset("dDyen")
_SLASHED = re.compile(r"/[w,\-a]+/")
_BRACKETS = re.compile(r"\([^()]*\)")
_TWICE = re.compile(r"M/?M")
_NUMERIC = re.compile(
    r"(?P<day>d([-./])d\2[yde])|(?P<iso>y([-./])d\4d)|(?P<word>d([-/])M\6[yde]|M-d-[yde]|y-M-d)"
    r"|(?P<part>d([./])d(?=[-tqa/]d\8d\8y))|(?<![dM,])(?P<month>y-d)(?![MdD,])|(?P<short>d[./]y)"
    r"|(?P<alone>^d/d$)"
)
_HEADLINE = re.compile(r"(?<=[yeMdT])[,\-]w[^MWTR!V|()]*$")
_HEADLINE_WORDS = 3
_WEEKDAYS = re.compile(r"^W[-ta/]W,?")
_SIDE = re.compile(r"dM(?:,?[ye])?|M,?d(?:,?[ye])?|[ye],?Md?|[ye]dM|M(?:,?[ye])?|d(?:,?[ye])?")
_SHORT_YEAR = re.compile(r"dM,?d|Md,?d")
_DAYS = re.compile(r"M?d(?:,d)+")
_CONNECTOR = re.compile(r"[-tqa/]")
_LETTERS_FOR_DIGITS = re.compile(r"[IlOoSZB]{1,2}")
_LONGEST_ABBREVIATION = 4


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


def without_surroundings(tokens: Sequence[Token], text: str) -> list[Token]:
    """Give the tokens of the date alone: no place before it, no agency or headline behind.

    Raises `DateError`: `relative`, `vague`, `two-dates`, `not-a-date`.
    """
    found = [token._replace(sign="d") if token.sign == "D" else token for token in tokens]
    found = replaced(found, _SLASHED, lambda _, __: [])
    found = replaced(found, _BRACKETS, lambda inner, _: _unwrapped(inner, text))
    found = replaced(found, _TWICE, _same_month)
    found = _without_headline(found)
    _refuse_unclear(found, text)
    dates = [at for at, token in enumerate(found) if token.sign in _DATE]
    if not dates:
        raise DateError("not-a-date", found=text)
    start, stop = dates[0], dates[-1] + 1
    while start and found[start - 1].sign in "fb":
        start -= 1
    _check_before(found[:start], text)
    _check_after(found[stop:], text)
    return found[start:stop]


def named_places(tokens: Sequence[Token]) -> list[Token]:
    """Give `tokens` with the words of names as such: Mar del Plata, Silver Spring."""
    found = list(tokens)
    for at, token in enumerate(tokens):
        before = tokens[at - 1].sign if at else ""
        after = signs(tokens[at + 1 : at + 3])
        if not token.text[:1].isupper():
            continue
        short = token.sign in "MW" and len(token.text) <= _LONGEST_ABBREVIATION
        if (short and before not in _NUMBERS and after.lstrip("o").startswith("w")) or (
            token.sign in "vr" and before == "w"
        ):
            found[at] = Token("w", token.text)
    return found


def ordered(tokens: Sequence[Token], order: str) -> list[Token]:
    """Give `tokens` with numbers such as `3/4/2008` as day, month and year in `order`.

    Raises `DateError` `no-such-day` where there is no such month.
    """

    def named(found: list[Token], match: re.Match[str]) -> list[Token]:
        numbers = [token for token in found if token.sign in "dyeM"]
        kind = match.lastgroup
        if kind == "word":
            return _year_marked(numbers)
        if kind in {"iso", "month"}:
            wanted = "yMd"[: len(numbers)]
        elif kind == "short":
            wanted = "My"
        else:
            wanted = ("dMy" if order == "DMY" else "Mdy")[: len(numbers)]
        text = "".join(token.text for token in found)
        return [_as(token, sign, text) for token, sign in zip(numbers, wanted, strict=True)]

    return replaced(list(tokens), _NUMERIC, named)


def is_numeric(tokens: Sequence[Token]) -> bool:
    """Tell whether the order of day and month makes a difference to `tokens`."""
    return any(match.lastgroup in {"day", "part", "alone"} for match in _matches(tokens))


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
    sides, connectors = _sides([token for token in found if token.sign not in "fbR"])
    if since and len(sides) == 1 and not hours:
        raise DateError("vague", found=text)
    if len(sides) == 1:
        return Reading(first=_end(sides[0], text), hours=hours)
    if len(sides) > 2 or hours:
        raise DateError("ambiguous-time" if hours else "two-dates", found=text)
    next_to = connectors[0] == "/" or (connectors[0] == "a" and not between)
    return _stretch(sides, weekdays, text, next_to=next_to)


def _stretch(
    sides: list[list[Token]], weekdays: Sequence[Token], text: str, *, next_to: bool
) -> Reading:
    """Complete each end of a stretch from the other."""
    if signs(sides[0]).count("d") > 1 and _is_row(*sides):
        sides, next_to = [_without_list(sides[0]), sides[1]], False
    first, last = _end(sides[0], text), _end(sides[1], text)
    month_first = sides[0] and signs(sides[0]).lstrip("W,")[:1] in {"M", "y", "e"}
    if last.month is None and not month_first:
        raise DateError("not-a-date", found=text)
    if first.month is None and last.day is not None and signs(sides[1]).lstrip("W,")[:1] != "d":
        raise DateError("not-a-date", found=text)
    first = replace(
        first,
        month=first.month or last.month,
        year=first.year or (None if first.short else last.year),
        short=first.short or (None if first.year else last.short),
    )
    last = replace(
        last,
        month=last.month or first.month,
        year=last.year or (None if last.short else first.year),
        short=last.short or (None if last.year else first.short),
    )
    if (first.day is None) != (last.day is None) or first.month is None:
        raise DateError("not-a-date", found=text)
    if bool(first.clock) != bool(last.clock):
        raise DateError("ambiguous-time", found=text)
    if weekdays:
        first, last = replace(first, weekday=weekdays[0]), replace(last, weekday=weekdays[1])
    return Reading(first=first, last=last, next_to=next_to)


def _without_list(side: list[Token]) -> list[Token]:
    return side[: signs(side).index("d") + 1]


def _is_row(side: list[Token], after: list[Token]) -> bool:
    """Tell whether `5, 6` before `and 7 May` is a row of days; others are several dates."""
    listed = signs(side).count("d")
    days = [token.number for token in [*side, *after] if token.sign == "d"][: listed + 1]
    in_a_row = days == list(range(days[0], days[0] + listed + 1))
    return bool(_DAYS.fullmatch(signs(side))) and in_a_row


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


def _sides(found: list[Token]) -> tuple[list[list[Token]], str]:
    sides: list[list[Token]] = [[]]
    connectors = ""
    for token in found:
        if not _CONNECTOR.fullmatch(token.sign):
            sides[-1].append(token)
        elif sides[-1]:
            connectors += token.sign
            sides.append([])
    return [side for side in sides if side], connectors


def _without_weekdays(found: Sequence[Token]) -> tuple[list[Token], list[Token]]:
    """Take `Mon-Wed` off, as in `Mon-Wed, 20-22 October 2008`."""
    match = _WEEKDAYS.match(signs(found).lstrip("fb"))
    if not match:
        return list(found), []
    led = len(signs(found)) - len(signs(found).lstrip("fb"))
    pair = found[led : led + match.end()]
    rest = [*found[:led], *found[led + match.end() :]]
    return rest, [token for token in pair if token.sign == "W"]


def _unwrapped(inner: list[Token], text: str) -> list[Token]:
    """Leave out an agency in brackets; read a weekday, a time or the month's other name."""
    inside = inner[1:-1]
    kinds = set(signs(inside))
    if not kinds & set("dDynevVrMWTRZz!"):
        return []
    if ("M" in kinds and kinds != {"M"}) or ("w" in kinds and kinds & _NUMBERS):
        raise DateError("two-dates", found=text)
    return inside


def _same_month(found: list[Token], match: re.Match[str]) -> list[Token]:
    """Read `27 حزيران/يونيو`: the same month by both its names."""
    del match
    return found[:1] if found[0].number == found[-1].number else found


def _without_headline(found: list[Token]) -> list[Token]:
    line = signs(found)
    match = _HEADLINE.search(line)
    if not match or match[0].count("w") < _HEADLINE_WORDS:
        return found
    has_numbers = set(match[0]) & set("dDyne")
    if has_numbers and (line[match.start() - 1] not in "yT" or set(match[0]) & set("vr")):
        return found
    return found[: match.start()]


def _refuse_unclear(found: Sequence[Token], text: str) -> None:
    line = set(signs(found))
    for kind, marks in (
        ("not-a-date", "!"),
        ("relative", "r"),
        ("vague", "vVA"),
        ("two-dates", "|"),
        ("not-a-date", "*()hkmCHN"),
    ):
        if line & set(marks):
            raise DateError(kind, found=text)


def _check_before(place: list[Token], text: str) -> None:
    """Let a place stand before the date, not `until` or `IO October`."""
    line = signs(place).rstrip("q@p")
    if line.endswith("t"):
        raise DateError("vague", found=text)
    if line and line[-1] == "w" and not all(map(_is_name, place)):
        raise DateError("not-a-date", found=text)
    if line and line[-1] == "w" and _LETTERS_FOR_DIGITS.fullmatch(place[len(line) - 1].text):
        raise DateError("not-a-date", found=text)


def _check_after(agency: list[Token], text: str) -> None:
    line = signs(agency).strip(",-./p")
    if line and line[0] in "ta" and line[-1] != "w":
        raise DateError("vague", found=text)
    if line and (line[0] in "ta" or not all(map(_is_name, agency))):
        raise DateError("not-a-date", found=text)


def _is_name(token: Token) -> bool:
    return token.sign != "w" or not token.text[0].islower()


def _as(token: Token, sign: str, text: str) -> Token:
    """Give a number its part in the date."""
    if sign == "M" and not 1 <= token.number <= 12:
        raise DateError("no-such-day", found=text)
    if sign == "y" and token.sign in "de":
        sign = "e"
    return token._replace(sign=sign)


def _year_marked(numbers: list[Token]) -> list[Token]:
    """Read `20-Oct-08`."""
    if numbers[0].sign != "y" and numbers[-1].sign == "d":
        return [*numbers[:-1], numbers[-1]._replace(sign="e")]
    return numbers


def _matches(tokens: Sequence[Token]) -> list[re.Match[str]]:
    return list(_NUMERIC.finditer(signs(tokens)))
