"""Typed values in the places of a message, formatted in the language of its reader.

A text of a file, a name, an address and what is to be typed are plain strings: they are the same
in every language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from typing import Any

from dateline.messages.catalogues import ENGLISH, translated
from dateline.messages.codes.words import WORDS


@dataclass(frozen=True, slots=True)
class Day:
    """A day, also one that no calendar has; without its year, or a whole month.

    >>> str(Day(30, 2, 2026)), Day(1, 5).text("fr"), Day(None, 10, 2026).text("es")
    ('30 February 2026', '1er mai', 'octubre de 2026')
    """

    day: int | None
    month: int
    year: int | None = None

    def __str__(self) -> str:
        return self.text(ENGLISH)

    def text(self, language: str) -> str:
        """Return the day with the name of its month."""
        is_month = f"month-{self.month}" in WORDS
        month = _word(f"month-{self.month}", language) if is_month else self.month
        day = _word("first-of-month", language) if self.day == 1 else self.day
        if self.day is None:
            key = "month-of-year" if self.year else f"month-{self.month}"
        else:
            key = ("day" if is_month else "no-such-month") + ("-of-year" if self.year else "")
        return _word(key, language).format(day=day, month=month, year=self.year)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A key of `dateline.messages.codes.words`, and the values in its places."""

    key: str
    values: tuple[tuple[str, Value], ...] = ()

    def __str__(self) -> str:
        return self.text(ENGLISH)

    def text(self, language: str) -> str:
        """Return the phrase with its values, in a language."""
        values = {name: in_language(value, language) for name, value in self.values}
        return _word(self.key, language).format(**values)


Value = str | int | Day | Phrase


def phrase(key: str, **values: Value) -> Phrase:
    """Return a phrase with these values.

    >>> str(phrase("two-lines", first=3, second=5))
    'lines 3 and 5'
    """
    return Phrase(key, tuple(values.items()))


def as_day(day: date) -> Day:
    """Return a day of the calendar as a value."""
    return Day(day.day, day.month, day.year)


def at(local: datetime) -> Phrase:
    """Return a moment to the minute, by the clock that it has.

    >>> str(at(datetime(2026, 11, 24, 9, 30)))
    '2026-11-24 at 09:30'
    """
    return phrase("moment", day=f"{local:%Y-%m-%d}", time=f"{local:%H:%M}")


def either(values: Iterable[Value]) -> Value:
    """Return values to choose from, each once, with `or` between them.

    >>> str(either(["09:00", "21:00", "09:00"])), either(["09:00"]), either([])
    ('09:00 or 21:00', '09:00', '')
    """
    each = list({str(value): value for value in values}.values())
    return reduce(_or, each) if each else ""


def _or(first: Value, second: Value) -> Value:
    return phrase("or", first=first, second=second)


def in_language(value: Value, language: str) -> str:
    """Return the text of a value in a language."""
    return value.text(language) if isinstance(value, Day | Phrase) else str(value)


def of_json(value: Any) -> Value:
    """Return a value that `dataclasses.asdict` and JSON have passed through."""
    if not isinstance(value, Mapping):
        return value if isinstance(value, int) else str(value)
    if "key" in value:
        return Phrase(value["key"], tuple((name, of_json(one)) for name, one in value["values"]))
    return Day(**value)


def _word(key: str, language: str) -> str:
    return translated(WORDS[key], language, f"word.{key}")
