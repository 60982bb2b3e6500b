"""Which number of `3/4/2008` is the day?"""

from __future__ import annotations

import re
from collections.abc import Sequence

from dateline.entries.dates.symbols import Token, replaced, signs
from dateline.errors import DateError

_NUMERIC = re.compile(
    r"(?P<day>d([-./])d\2[yde])|(?P<iso>y([-./])d\4d)|(?P<word>d([-/])M\6[yde]|M-d-[yde]|y-M-d)"
    r"|(?P<part>d([./])d(?=[-tqa/]d\8d\8y))|(?<![dM,])(?P<month>y-d)(?!-[^y]|-$|[MdD,])"
    r"|(?<![-./])(?P<short>d[./]y)|(?P<alone>^d/d$)|(?P<bare>^d-M$)"
)


def ordered(tokens: Sequence[Token], order: str) -> list[Token]:
    """Give `tokens` with numbers such as `3/4/2008` as day, month and year in `order`.

    Raises `DateError` `no-such-day` where there is no such month.
    """

    def named(found: list[Token], match: re.Match[str]) -> list[Token]:
        numbers = [token for token in found if token.sign in "dyeM"]
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
            wanted = "yMd" if kind == "day" and found[1].sign == "-" else "dMy"[: len(numbers)]
        else:
            wanted = ("dMy" if order == "DMY" else "Mdy")[: len(numbers)]
        text = "".join(token.text for token in found)
        return [_as(token, sign, text) for token, sign in zip(numbers, wanted, strict=True)]

    return replaced(list(tokens), _NUMERIC, named)


def is_numeric(tokens: Sequence[Token]) -> bool:
    """Tell whether the order of day and month makes a difference to `tokens`."""
    return any(match.lastgroup in {"day", "part", "alone"} for match in _matches(tokens))


def _as(token: Token, sign: str, text: str) -> Token:
    """Give a number its part in the date."""
    if sign == "M" and not 1 <= token.number <= 12:
        raise DateError("no-such-day", found=text)
    if sign == "y" and token.sign in "de":
        sign = "e"
    return token._replace(sign=sign)


def _year_marked(numbers: list[Token]) -> list[Token]:
    """Read `20-Oct-08`."""
    if len(numbers) > 2 and numbers[0].sign != "y" and numbers[-1].sign == "d":
        return [*numbers[:-1], numbers[-1]._replace(sign="e")]
    return numbers


def _matches(tokens: Sequence[Token]) -> list[re.Match[str]]:
    return list(_NUMERIC.finditer(signs(tokens)))
