"""Tokens, and the symbols that the grammar is written in.

A symbol is one letter: those of `lexicon` and of `tokens`. Patterns are searched in lines of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from dateline.entries.dates.vocabulary import Meaning
from dateline.text.expressions import Expression

ROOM: Meaning = ("K", 0)


class City(NamedTuple):
    """A city as written, and its zone in the tz database."""

    text: str
    zone: str


class Clock(NamedTuple):
    """A time as written: `part` is a part of the day or 0, `loose` may mean either half.

    With `next_day` it is on the day after. `cities` are those beside it: it may be in their time,
    where no zone is written.
    """

    text: str
    hour: int
    minute: int = 0
    second: int | None = None
    part: int = 0
    loose: bool = False
    exact: bool = False
    next_day: bool = False
    zones: tuple[str, ...] = ()
    cities: tuple[City, ...] = ()


class Token(NamedTuple):
    """A symbol, what stands in the text, and the number or the clock times that go with it."""

    symbol: str
    text: str
    number: int = 0
    meanings: tuple[Meaning, ...] = ()
    clocks: tuple[Clock, ...] = ()


def symbols(found: Sequence[Token]) -> str:
    """Return the symbols of `found` as one text, in which patterns are searched."""
    return "".join([token.symbol for token in found])


def replaced(
    found: list[Token],
    pattern: Expression[str],
    make: Callable[[list[Token], re.Match[str]], list[Token]],
) -> list[Token]:
    """Return `found` with each stretch that `pattern` fits replaced by what `make` returns."""
    parts: list[Token] = []
    at = 0
    for match in pattern.finditer(symbols(found)):
        parts += found[at : match.start()]
        parts += make(found[match.start() : match.end()], match)
        at = match.end()
    return parts + found[at:] if at else found
