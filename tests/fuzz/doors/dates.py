"""Dates in words: any text is a span or a refusal, and what it means depends on no clock.

The first byte chooses the language and the use; the rest is the text.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from dateline.entries import dates
from dateline.errors import DateError
from dateline.model import Span
from entries.test_dates import FORMS, LANGUAGES, MONTHS, SCRAPS, WEEKDAYS, rows
from fuzz.inputs import pieces

TODAY, OTHER_DAY = date(2026, 11, 25), date(2026, 3, 1)
# Without summer time, so that each time of day exists once in both.
ZONE, OTHER_ZONE = ZoneInfo("UTC"), ZoneInfo("Asia/Kolkata")
USES = ("date", "event")
ORDERS = (None, "DMY", "MDY")
_TABLES = ("dates.tsv", "dates-more.tsv", "dates-outside.tsv")
WORDS = pieces(
    "dates",
    *SCRAPS.split(" "),
    *(
        name
        for table in (MONTHS, WEEKDAYS)
        for names in table.values()
        for name in names.split("|")
    ),
)


def seeds() -> Iterator[bytes]:
    """Yield the texts of the tables, and the common forms of each language."""
    for name in _TABLES:
        for number, row in enumerate(rows(name)):
            yield bytes([number % 36]) + row["input"].encode()
    for number, language in enumerate(LANGUAGES):
        for form in FORMS[language]:
            month, weekday = MONTHS[language].split("|")[4], WEEKDAYS[language].split("|")[1]
            yield bytes([number]) + form.format(d=5, m=month, y=2026, w=weekday).encode()


def tried(data: bytes) -> None:
    """Read a text on two days and in two zones."""
    text, given = _read(data)
    found = outcome(text, zone=ZONE, today=TODAY, **given)
    if isinstance(found, DateError):
        check_refusal(found, given["language"])
    else:
        check_span(found, given)
    check_same(found, outcome(text, zone=OTHER_ZONE, today=TODAY, **given))
    on_other_day = outcome(text, zone=ZONE, today=OTHER_DAY, **given)
    if isinstance(found, Span) and isinstance(on_other_day, Span):
        assert found == on_other_day


def fed(data: bytes) -> str:
    """Read a text, and return the words for what it means, or for what is wrong with it."""
    text, given = _read(data)
    found = outcome(text, zone=ZONE, today=TODAY, **given)
    if isinstance(found, Span):
        return str(dates.words(found))
    return found.as_problem("date", given["language"]).message


def _read(data: bytes) -> tuple[str, dict[str, Any]]:
    choice, text = data[0] if data else 0, data[1:].decode("utf-8", "replace")
    return text, {
        "language": LANGUAGES[choice % 6],
        "use": USES[choice // 6 % 2],
        "order": ORDERS[choice // 12 % 3],
    }


def outcome(text: str, **given: Any) -> Span | DateError:
    """Return what a text means, or why it is refused."""
    try:
        return dates.read(text, **given)
    except DateError as error:
        return error


def check_refusal(error: DateError, language: str) -> None:
    """Check that a refusal is a sentence for staff, on one line."""
    message = error.as_problem("date", language).message
    assert message
    assert len(message.splitlines()) == 1, message


def check_span(span: Span, given: dict[str, Any]) -> None:
    """Check that a span is one, and is read again from its own words."""
    assert span.start <= span.end
    assert isinstance(span.start, datetime) == (span.precision in {"minute", "second"})
    if given["use"] == "date":
        assert span.precision != "month"
        assert span.start == span.end
    again = {**given, "language": "en", "use": "event"}
    found = outcome(str(dates.words(span)), zone=ZONE, today=TODAY, **again)
    assert isinstance(found, Span), (span, str(found))
    assert (found.start, found.end) == (span.start, span.end)


def check_same(found: Span | DateError, other: Span | DateError) -> None:
    """Check that a zone moves the moment of a bare time of day, and nothing else."""
    if isinstance(found, DateError) or isinstance(other, DateError):
        assert isinstance(found, DateError) == isinstance(other, DateError), (found, other)
        return
    assert found.precision == other.precision
    for one, two in ((found.start, other.start), (found.end, other.end)):
        if not (isinstance(one, datetime) and isinstance(two, datetime)):
            assert one == two
        else:
            assert one == two or one.replace(tzinfo=None) == two.replace(tzinfo=None)
