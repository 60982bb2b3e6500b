"""Dates at the start or the end of a line, and the rest of the line.

`dateline.entries.dates` decides what is a date; this module finds where it ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from dateline.entries import dates
from dateline.errors import DateError
from dateline.text.expressions import regex

_MOST_WORDS = 9
_LONGEST_DATE = 60  # characters
# What may follow a day as part of the date: a time, a year, a zone.
_MORE = regex(
    r"[(\[]?(?:\d[\d:.,hH]*+(?:[ap]\.?m\.?)?|[ap]\.?m\.?|at|um|Uhr|à|h|UTC|GMT|CES?T|Z|года?|г\.?)[)\],:]*",
    re.IGNORECASE,
)
_BETWEEN = " \t,:;.|·•»>–—-"
_RUN_ON = regex(r"(\d\s*日)(?=[^\s,，:：])")
_NO_QUESTION = frozenset({"not-a-date", "unknown-word", "empty", "relative"})
_UNFINISHED = frozenset({"no-year", "month-only"})
_OF_THE_TIME = frozenset({"ambiguous-time", "ambiguous-zone", "no-such-time", "zone-mismatch"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedLine:
    """The date in a line: its day, or the question about it, its words, and the rest."""

    day: date | datetime | None
    words: str
    rest: str
    question: DateError | None = None

    def is_better_than(self, found: DatedLine | None) -> bool:
        """Return whether this date, which has one word more than `found`, is the fuller reading."""
        kind = self.question.kind if self.question else ""
        if kind in _NO_QUESTION or (kind and not re.search(r"\d", self.words)):
            return False
        before = found.question.kind if found and found.question else ""
        if found is None or (before in _UNFINISHED and kind in {"", "range"}):
            return True
        more = self.words.removeprefix(found.words).split()
        goes_on = bool(more) and all(map(_MORE.fullmatch, more))
        if not before:  # a day was found: it may be the first of several, or have a time
            return kind == "range" or kind in _OF_THE_TIME or (not kind and goes_on)
        return kind == before and goes_on


@dataclass(frozen=True, slots=True, kw_only=True)
class DateReader:
    """Reader of the dates on one page."""

    zone: ZoneInfo
    today: date
    language: str
    order: Literal["DMY", "MDY"] | None

    def at_start(self, line: str, year: int | None) -> DatedLine | None:
        """Return the date at the start of a line, if any; `year` is that of its section."""
        found: DatedLine | None = None
        for part, rest in _starts(line):
            outcome = self._read(part, year)
            if isinstance(outcome, DateError):
                step = DatedLine(day=None, words=part, rest=rest, question=outcome)
            else:
                step = DatedLine(day=outcome, words=part, rest=rest)
            if step.is_better_than(found):
                found = step
        return found

    def at_end(self, line: str) -> DatedLine | None:
        """Return the date at the end of a line, if one can be read."""
        words = line.rstrip(" .)]").split(" ")
        for count in range(min(_MOST_WORDS, len(words) - 1), 0, -1):
            part = " ".join(words[-count:]).lstrip("([")
            outcome = self._read(part, None)
            if not isinstance(outcome, DateError):
                rest = " ".join(words[:-count]).rstrip(_BETWEEN + "([")
                return DatedLine(day=outcome, words=part, rest=rest)
        return None

    def _read(self, text: str, year: int | None) -> date | datetime | DateError:
        try:
            return dates.read(
                text,
                use="date",
                zone=self.zone,
                today=self.today,
                language=self.language,
                order=self.order,
                year=year,
            ).start
        except DateError as error:
            return error


def _starts(line: str) -> Iterator[tuple[str, str]]:
    """Yield the first words of a line, one more each time, with what follows them."""
    words = _RUN_ON.sub(r"\1 ", line.lstrip(_BETWEEN + "([")).split(" ")
    for count in range(1, min(_MOST_WORDS, len(words)) + 1):
        part = " ".join(words[:count])
        if len(part) > _LONGEST_DATE:
            return
        bare = part.rstrip(_BETWEEN + ")]")
        if bare and not part.endswith((" -", " –", " —")):
            yield bare, " ".join(words[count:]).lstrip(_BETWEEN + ")]")
