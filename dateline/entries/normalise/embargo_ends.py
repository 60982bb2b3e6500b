"""The moments at which embargoes end, as lines of a text name them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from dateline.entries.dates import ORDERS, Order, vocabulary
from dateline.errors import DateError
from dateline.model import Span
from dateline.text.expressions import regex

EDGES = "*_,.;:()[]|–—-/"  # of words
_WORD = regex(
    r"embarg\w*|sperr\w*|эмбарго|حظر|禁发期?|解禁|\b(?:until|till|jusqu\w*|hasta|até|bis|до|حتى)\b",
    re.IGNORECASE,
)
_SPACE = regex(r"\s+|(?<=：)|(?<!\d)(?=\d{4}年)|(?<![\d年])(?=\d{1,2}月)|(?<=日)")
_DIGIT = regex(r"\d")
_MAY_BE_DAY = regex(r"(?<!\d)\d\d?(?!\d)")
_CLOCK = regex(
    r"(?<![\d.])\d\d?(?:[:.]\d\d(?![\d.])(?:\s?[ap]\.?\s?m\b)?|\s?[ap]\.?\s?m\b)"
    r"|\b[012]\d[0-5]\d\b(?=\s?(?:h(?:rs?|ours)?|gmt|utc|[a-z]{1,3}t)\b)",
    re.IGNORECASE,
)
# Times as `dates` reads them: those with these words have 24 hours.
_HOURS = regex(
    r"\b(?:alle|ore|às|kl\.?)\s(?:ore\s)?(\d\d?)(?![\d:.])|"
    r"(?<![\d.:])(\d\d?)(?:[:.](\d\d))? ?(?:h(?:rs?|eures?|ours)?|uhr|horas?|ч(?:ас\w*)?|[时時点])"
    r"(?:(\d\d)(?!\d)|(?!\w))",
    re.IGNORECASE,
)
_NOON = regex(r"\b(?:noon|midi|mittags?|mediod[ií]a|meio-dia)\b", re.IGNORECASE)
_MIDNIGHT = regex(r"\b(?:midnight|minuit|mitternacht|medianoche|meia-noite)\b", re.IGNORECASE)
# Months that `dates` does not read: of German behind "4.", of Portuguese and Italian behind "4".
_GERMAN = (
    "januar|jänner|jan februar|feber|feb märz|mär april|apr mai juni|jun juli|jul august|aug"
    " september|sept|sep oktober|okt november|nov dezember|dez"
)
_ROMANCE = (
    "janeiro|gennaio fevereiro|febbraio março|marzo abril|aprile maio|maggio junho|giugno"
    " julho|luglio agosto setembro|settembre outubro|ottobre novembro|novembre dezembro|dicembre"
)
_MONTHS = {
    name: number
    for months in (_GERMAN, _ROMANCE)
    for number, names in enumerate(months.split(" "), start=1)
    for name in names.split("|")
}
_DOTTED = regex(
    rf"(?<![\d.])(\d\d?)(?:\. ?(?:(\d\d?)\.(?!\d\d?\b)"
    rf"|({_GERMAN.replace(' ', '|')})(?![^\W\d_])\.?)"
    rf"|[º°]?(?: de)? ({_ROMANCE.replace(' ', '|')})(?![^\W\d_]))(?:(?: de)? ?(\d{{4}}))?(?!\d)",
    re.IGNORECASE,
)
_OF_GERMAN = regex(r"sperrfrist|\buhr\b", re.IGNORECASE)
_ISO = regex(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?:[+-]\d\d:\d\d)?)?")
_HAVE_READINGS = frozenset({"ambiguous-zone", "relative", "two-digit-year"})  # in their hints
_FAR = timedelta(days=400)  # no embargo lasts as long
_LONGEST = 200  # characters behind the word: what comes then is the text itself
_MOST_WORDS = 24
_WINDOW = 8  # words of a moment

# Reads a text without a year as of one, and digits in an order; raises `DateError`.
Reader = Callable[[str, int, Order | None], Span]


def words(line: str) -> list[str]:
    """Return the words of a line: German days in digits, and those of Chinese by themselves.

    >>> words("Sperrfrist: 4. Dezember 2026")
    ['Sperrfrist:', '', '2026年12月4日', '']
    """
    is_german = bool(_OF_GERMAN.search(line))
    return _SPACE.split(_DOTTED.sub(partial(_in_digits, is_german=is_german), line))


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbargoEnds:
    """Reader of the ends of embargoes in lines of a text.

    A day without a year, or of the week, is `near` another; digits are in `order`, None for any; a
    time is in `zone`.
    """

    read: Reader
    near: date
    order: Order | None
    zone: ZoneInfo

    def sure(self, line: str) -> date | None:
        """Return the end that a line names, if it can be read in one way alone."""
        named = self.of(line)
        if not named or len(named[0]) != 1:
            return None
        (end,) = named[0]
        has_place = (
            not vocabulary.cities()
            .keys()
            .isdisjoint(vocabulary.fold(part.strip(EDGES)) for part in words(line))
        )
        is_of_zone = isinstance(end, datetime) and end.tzinfo == self.zone
        return None if has_place and is_of_zone else end

    def is_unread(self, line: str) -> bool:
        """Return whether a line has digits of a day or time, and none can be read."""
        return not self.of(line) and bool(_MAY_BE_DAY.search(line) or _CLOCK.search(line))

    def of(self, line: str) -> list[frozenset[date]]:
        """Return the days and moments that a line names, each with all its readings.

        That of the end comes first: it is the first one behind the word for an embargo. Times
        without a day are of the day before them, or of `near`. None is a day alone if a time may be
        of it.
        """
        found = _WORD.search(line)
        behind = (line[found.end() :] if found else line)[:_LONGEST]
        ways = ((behind, True), (line[:_LONGEST], True), (behind, False))
        return next(filter(None, (self._all(text, has_day=has_day) for text, has_day in ways)), [])

    def _all(self, text: str, *, has_day: bool) -> list[frozenset[date]]:
        """Return what a text names, if it `has_day`: else times alone, which are of `near`."""
        parts = words(_with_clocks(text))[:_MOST_WORDS]
        named = [*self._named(parts)]
        if named and _has_time(named[0]):
            return named
        day = min(named[0]) if named else self._weekday(parts)
        if day is None and (has_day or _MAY_BE_DAY.search(_CLOCK.sub("", " ".join(parts)))):
            return []
        times = [*self._named(parts, day or self.near)]
        return [*times, *named] if times or named or not day else [frozenset({day})]

    def _named(self, parts: Sequence[str], day: date | None = None) -> Iterator[frozenset[date]]:
        """Yield what is read in words that follow one another; with a `day`, the times alone."""
        begin = 0
        while begin < len(parts):
            ends = range(min(len(parts), begin + _WINDOW), begin, -1)
            texts = (" ".join(parts[begin:end]).strip(EDGES) for end in ends)
            readings = ((self._readings(text, day), text) for text in texts)
            found, text = next(filter(lambda pair: pair[0], readings), (frozenset(), ""))
            if found:
                yield found
            begin += max(1, len(text.split(" ")))

    def _readings(self, text: str, day: date | None) -> frozenset[date]:
        if not (_CLOCK if day else _DIGIT).search(text):
            return frozenset()
        written = f"{day} {text}" if day else text
        near = self.near.year
        found = {
            one
            for order in ((self.order,) if self.order else ORDERS)
            for one in self._nearest(written, (near - 1, near, near + 1), order)
        }
        return frozenset(one for one in found if day is None or isinstance(one, datetime))

    def _nearest(self, text: str, years: Sequence[int], order: Order | None) -> list[date]:
        read = (one for year in years for one in self._read(text, year, order))
        found = {one: abs(_day(one) - self.near) for one in read}
        least = min(found.values(), default=_FAR) + timedelta(days=2)
        return [one for one, distance in found.items() if distance < min(least, _FAR)]

    def _read(self, text: str, year: int, order: Order | None) -> list[date]:
        try:
            return [self.read(text, year, order).start]
        except DateError as error:
            hint = str(error.wanted) if error.kind in _HAVE_READINGS else ""
            return [self._of_iso(one[0]) for one in _ISO.finditer(hint)]

    def _of_iso(self, written: str) -> date:
        if "T" not in written:
            return date.fromisoformat(written)
        moment = datetime.fromisoformat(written)
        return moment if moment.tzinfo else moment.replace(tzinfo=self.zone)

    def _weekday(self, parts: Sequence[str]) -> date | None:
        """Return the day of the week that is named, on or after `near`."""
        for part in parts:
            meanings = vocabulary.phrases("").get(vocabulary.fold(part.strip(EDGES)), ())
            for symbol, number in meanings:
                if symbol == "W":
                    return self.near + timedelta(days=(number - self.near.weekday()) % 7)
        return None


def _day(one: date) -> date:
    return one.date() if isinstance(one, datetime) else one


def _has_time(readings: frozenset[date]) -> bool:
    return any(isinstance(one, datetime) for one in readings)


def _with_clocks(text: str) -> str:
    """Return a text with its times of day in digits.

    >>> _with_clocks("3 décembre, 10 h / noon")
    '3 décembre, 10:00 / 12:00'
    """
    text = _HOURS.sub(lambda one: f" {one[1] or one[2]}:{one[3] or one[4] or '00'} ", text)
    return _MIDNIGHT.sub("00:00", _NOON.sub("12:00", text))


def _in_digits(day: re.Match[str], *, is_german: bool) -> str:
    """Return a day with its month; digits alone may be a time before a full stop."""
    is_before_time = day.string[day.end() :].startswith(",")
    name, year = (day[3] or day[4] or "").lower(), day[5]
    if not (is_german or is_before_time or name or year):
        return day[0]
    month = _MONTHS[name] if name else int(day[2])
    return f" {year}年{month}月{day[1]}日" if year else f" {month}月{day[1]}日"
