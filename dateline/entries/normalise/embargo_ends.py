"""The moments at which embargoes end, as lines of a text name them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from dateline.entries.dates import ORDERS, Order, vocabulary
from dateline.entries.normalise.not_public.lines_below import begins_with_time, has_rest_of_time
from dateline.entries.normalise.not_public.staff_notes import (
    consists_of_notes,
    has_time,
    is_moment,
    names_moment,
)
from dateline.errors import DateError
from dateline.model import Span
from dateline.text import withheld
from dateline.text.expressions import regex

EDGES = "*_,.;:()[]|–—-/"  # of words
# Between the word for an embargo and its moment.
_BETWEEN = (
    r"(?:[\s:：*_|–—-]|\b(?:until|till|to|not|for|before|release|delivery|publication|broadcast|is|lifted|lifts|ends|jusqu\w*|hasta|até"
    r"|fino|bis|beachten|endet|до|حتى|ab|from|desde|partir|will|be|an?|am|au|aux|al|alle|zum|den|el|le|l[ao]s?|del|the|on|at|um|à|em)\b"
    r"|['’]|[至到])*"
)
# The word for an embargo, or for a release, with what stands between it and the moment.
_WORD = regex(
    r"(?:embarg\w*|sperr\w*|эмбарго|حظر(?:\sالنشر)?|禁发期?|解禁|\b(?:before|prior|avant|antes|vor|prima|قبل)\b)"
    rf"{_BETWEEN}",
    re.IGNORECASE,
)
_OF_RELEASE = regex(
    r"(?:\b(?:release(?:d| date| time)?|publi\w+|diffus\w+|difusión|divulgação|freigabe"
    r"|veröffentlich\w+|публикац\w+|опубликовать)\b"
    r"|(?:ال|لل)نشر(?: الفوري)?|(?:发布|发表)(?:时间|日期))"
    rf"{_BETWEEN}",
    re.IGNORECASE,
)
_SPACE = regex(r"\s+|(?<=：)|(?<!\d)(?=\d{4}年)|(?<![\d年])(?=\d{1,2}月)|(?<=日)")
_DIGIT = regex(r"\d")
# Where the moment may end before its line does.
_END = regex(r"[)\]）】;；]|(?<!\b\w)\.\s|\s[–—-]\s")
_MOST_ENDS = 3
# As in "CET (Geneva time)", and in "10:00 (CET)".
_PLACE_OF_ZONE = regex(r"(?<=[A-Z]{3}) ?\([^()\d]{0,40}(?:time|heure|hora|zeit)[^()\d]{0,9}\)")
_ZONE = regex(r"\(([A-Z]{2,5})\)")
# Times as `dates` reads them: those with these words have 24 hours.
_HOURS = regex(
    r"\b(?:alle|ore|às|kl\.?)\s(?:ore\s)?(\d\d?)(?![\d:.h])|"
    r"(?:\bàs\s)?(?<![\d.:])(\d\d?)(?:[:.](\d\d))? ?"
    r"(?:h(?:rs?|eures?|ours)?|uhr|horas?|ч(?:ас\w*)?|[时時点])(?:(\d\d)分?(?!\d)|(?!\w))",
    re.IGNORECASE,
)
_NOON = regex(r"\b(?:noon|midi|mittags?|mediod[ií]a|meio-dia)\b", re.IGNORECASE)
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
_ISO = regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d[+-]\d\d:\d\d")
_BEGINNING = 60  # characters of the news behind a moment
_LEAST_WORDS = 4
_LONGEST = 150  # characters of a moment
_DAYS = frozenset(withheld.NOTES["moment"].split())

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

    A day without a year is `near` another, of which a time alone is; digits are in `order`, None
    for any. What stands beside a moment is never passed over: it may be a zone, or another day.
    """

    read: Reader
    near: date
    order: Order | None

    def of(self, line: str, more: Sequence[str] = ()) -> frozenset[date]:
        """Return the day or moment at which the embargo in a line ends, in all its readings.

        There are none if it cannot be read for sure. Where the line has no day, no time or no
        zone, the next ones may have `more` of it.
        """
        ends = self._of(line, reads_times=False)
        for one in more:
            if not _goes_on(one, ends):
                break
            line = f"{line} {one}"
            ends = self._of(line, reads_times=False)
        return ends or self._of(line, reads_times=True)

    def _of(self, line: str, *, reads_times: bool) -> frozenset[date]:
        """Return the end that a line names; if it `reads_times`, also a time without a day."""
        found = _WORD.search(line) or _OF_RELEASE.search(line)
        if found is None:
            return frozenset()
        behind = _PLACE_OF_ZONE.sub("", line[found.end() : found.end() + _LONGEST])
        behind = _ZONE.sub(r"\1", behind)
        ends = [one.start() for one in _END.finditer(behind)][:_MOST_ENDS]
        reads_times = reads_times and not _DIGIT.search(line[: found.start()])
        for end in (len(behind), *reversed(ends)):
            rest = behind[end:].strip(f"{EDGES} \n")
            if rest and not _is_sentence(rest):
                continue
            named = self._named(behind[:end], reads_times=reads_times and not rest)
            if named:
                return named
        return frozenset()

    def _named(self, text: str, *, reads_times: bool) -> frozenset[date]:
        """Return the day or moment that a text is; a time without a day is of the day `near`."""
        written = " ".join(words(_with_clocks(text))).strip(f"{EDGES} ")
        if not (_DIGIT.search(written) and consists_of_notes(written)):
            return frozenset()
        orders = (self.order,) if self.order else ORDERS
        found = {one for order in orders for one in self._nearest(written, order)}
        if reads_times and not found and not any(map(_is_passed_over, written.split())):
            found = {
                one for order in orders for one in self._nearest(f"{self.near} {written}", order)
            }
            found = {one for one in found if isinstance(one, datetime)}
        return frozenset(found)

    def _nearest(self, text: str, order: Order | None) -> list[date]:
        years = (self.near.year - 1, self.near.year, self.near.year + 1)
        read = (one for year in years for one in self._readings(text, year, order))
        found = {one: abs(day_of(one) - self.near) for one in read}
        least = min(found.values(), default=timedelta()) + timedelta(days=2)
        return [one for one, distance in found.items() if distance < least]

    def _readings(self, text: str, year: int, order: Order | None) -> Iterator[date]:
        try:
            yield self.read(text, year, order).start
        except DateError as error:
            if error.kind == "ambiguous-zone":  # the hint has them all
                yield from map(datetime.fromisoformat, _ISO.findall(str(error.wanted)))


def _goes_on(line: str, ends: frozenset[date]) -> bool:
    """Return whether a line says more of a moment whose `ends` are known from the line above."""
    if any(isinstance(one, datetime) for one in ends):
        return has_rest_of_time(line)
    return not ends or begins_with_time(line) or (has_time(line) and is_moment(line))


def _is_passed_over(word: str) -> bool:
    """Return whether a word is a day of which `dates` knows nothing, as of the week in German."""
    plain = vocabulary.fold(word.strip(EDGES))
    return plain in _DAYS and plain not in vocabulary.phrases("")


def _is_sentence(text: str) -> bool:
    """Return whether the news itself begins with a text, and no zone, day or time."""
    begin = text[:_BEGINNING].split()
    is_zone = not begin or begin[0].strip(EDGES).isupper()
    return len(begin) >= _LEAST_WORDS and not is_zone and not names_moment(text[:_BEGINNING])


def day_of(moment: date) -> date:
    """Return the day of a day or of a moment."""
    return moment.date() if isinstance(moment, datetime) else moment


def _with_clocks(text: str) -> str:
    """Return a text with its times of day in digits.

    >>> _with_clocks("3 décembre, 10 h / noon")
    '3 décembre,  10:00  / 12:00'
    """
    text = _HOURS.sub(lambda one: f" {one[1] or one[2]}:{one[3] or one[4] or '00'} ", text)
    return _NOON.sub("12:00", text)


def _in_digits(day: re.Match[str], *, is_german: bool) -> str:
    """Return a day with its month; digits alone may be a time before a full stop."""
    is_before_time = day.string[day.end() :].startswith(",")
    name, year = (day[3] or day[4] or "").lower(), day[5]
    if not (is_german or is_before_time or name or year):
        return day[0]
    month = _MONTHS[name] if name else int(day[2])
    return f" {year}年{month}月{day[1]}日" if year else f" {month}月{day[1]}日"
