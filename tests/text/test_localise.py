"""Pages are in their reader's language: translated words, and dates from CLDR."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from babel.localedata import locale_identifiers

from dateline.model import Precision, Span
from dateline.text import localise
from dateline.text.localise import (
    day_of_year,
    endonym,
    in_full,
    machine,
    moment,
    spoken,
    words_of,
    written,
)

VIENNA = ZoneInfo("Europe/Vienna")
NEWFOUNDLAND = timezone(timedelta(hours=-3, minutes=-30))
# WHATWG HTML, section 2.3.5: a valid month string, date string, or global date and time string.
DATE = r"\d{4,}-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?"
TIME = r"T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)"


def spans(start: date, end: date | None = None, precision: Precision = "day") -> Span:
    """Return a span of days, or a day."""
    return Span(start=start, end=end or start, precision=precision)


def at(day: int, hour: int, minute: int = 0, zone: timezone | ZoneInfo = VIENNA) -> datetime:
    """Return a moment in October 2008."""
    return datetime(2008, 10, day, hour, minute, tzinfo=zone)


@pytest.mark.parametrize(
    ("language", "otherwise", "expected"),
    [
        ("fr", "en", "fr"),
        ("fr-CA", "en", "fr"),
        ("zh-Hant", "en", "zh"),
        ("zh-Hans-SG", "en", "zh"),
        ("sw", "ar", "ar"),
        ("sw", "es-419", "es"),
        ("sw", "de", "en"),
        ("frr", "en", "en"),
        ("en-GB", "fr", "en"),
    ],
)
def test_a_pages_language_has_a_catalogue(language: str, otherwise: str, expected: str) -> None:
    """It is the page's, else the publication's, else English."""
    assert spoken(language, otherwise) == expected


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("ar", "الاشتراك"),
        ("en", "Subscribe"),
        ("es", "Suscribirse"),
        ("fr-CA", "S’abonner"),
        ("ru", "Подписка"),
        ("zh-Hant", "订阅"),
        ("tlh", "Subscribe"),
    ],
)
def test_words_come_from_the_catalogue(language: str, expected: str) -> None:
    """A language without a catalogue gets English."""
    assert words_of(language)("Subscribe") == expected


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("ar", "العربية"),
        ("en", "English"),
        ("es", "Español"),
        ("fr", "Français"),
        ("ru", "Русский"),
        ("zh", "中文"),
        ("zh-Hans", "简体中文"),
        ("zh-Hant", "繁體中文"),
        ("pt-BR", "Português (Brasil)"),
        ("en-GB-oxendict", "English (United Kingdom)"),
        ("fa", "فارسی"),
        ("ka", "ქართული"),
        ("zu", "isiZulu"),
        ("tlh", "tlh"),
        ("zxx", "zxx"),
    ],
)
def test_a_language_is_named_in_itself(language: str, expected: str) -> None:
    """The name has a capital unless the language writes it without one."""
    assert endonym(language) == expected


DAY = spans(date(2008, 10, 21))
DAYS = spans(date(2008, 10, 21), date(2008, 10, 23))
WEEKS = spans(date(2008, 10, 21), date(2008, 11, 2))
YEARS = spans(date(2008, 12, 21), date(2009, 1, 2))
MONTH = spans(date(2008, 10, 1), date(2008, 10, 31), "month")
MONTHS = spans(date(2008, 10, 1), date(2008, 12, 31), "month")
WINTER = spans(date(2008, 12, 1), date(2009, 1, 31), "month")
MOMENT = spans(at(21, 9), precision="minute")
MEETING = spans(at(21, 9), at(21, 15, 30), "minute")
MORNING = spans(at(21, 9), at(21, 11, 30), "minute")
CONGRESS = spans(at(21, 9), at(23, 15, 30), "minute")
CLOCKS_BACK = spans(at(25, 9), at(26, 15, 30), "minute")
SECOND = spans(at(21, 9, zone=UTC).replace(second=30), precision="second")
WEST = spans(at(21, 9, zone=NEWFOUNDLAND), precision="minute")

WRITTEN = [
    ("ar", DAY, "21 أكتوبر 2008"),
    ("ar", DAYS, "21–23 أكتوبر 2008"),
    ("ar", WEEKS, "21 أكتوبر – 2 نوفمبر 2008"),
    ("ar", MONTH, "أكتوبر 2008"),
    ("ar", MONTHS, "أكتوبر – ديسمبر 2008"),
    ("ar", MOMENT, "21 أكتوبر 2008، 9:00 ص غرينتش+2"),
    ("ar", MEETING, "21 أكتوبر 2008، 9:00 ص\u2009–\u20093:30 م غرينتش+2"),
    ("ar", MORNING, "21 أكتوبر 2008، 9:00–11:30 ص غرينتش+2"),
    ("en", DAY, "21 October 2008"),
    ("en-US", DAY, "October 21, 2008"),
    ("en", DAYS, "21–23 October 2008"),
    ("en", WEEKS, "21 October\u2009–\u20092 November 2008"),
    ("en", YEARS, "21 December 2008\u2009–\u20092 January 2009"),
    ("en", MONTH, "October 2008"),
    ("en", MONTHS, "October\u2009–\u2009December 2008"),
    ("en", WINTER, "December 2008\u2009–\u2009January 2009"),
    ("en", MOMENT, "21 October 2008, 09:00 GMT+2"),
    ("en", MEETING, "21 October 2008, 09:00–15:30 GMT+2"),
    ("en", CONGRESS, "21 October 2008, 09:00\u2009–\u200923 October 2008, 15:30 GMT+2"),
    (
        "en",
        CLOCKS_BACK,
        "25 October 2008, 09:00 GMT+2\u2009–\u200926 October 2008, 15:30 GMT+1",
    ),
    ("en", SECOND, "21 October 2008, 09:00 GMT"),
    ("en", WEST, "21 October 2008, 09:00 GMT−3:30"),
    ("es", DAY, "21 de octubre de 2008"),
    ("es", DAYS, "21–23 de octubre de 2008"),
    ("es", WEEKS, "21 de octubre\u2009–\u20092 de noviembre de 2008"),
    ("es", MONTH, "octubre de 2008"),
    ("es", MEETING, "21 de octubre de 2008, 9:00–15:30 GMT+2"),
    ("fr", DAY, "21 octobre 2008"),
    ("fr", spans(date(2008, 10, 1)), "1er octobre 2008"),
    (
        "fr",
        spans(date(2008, 10, 1), date(2008, 11, 1)),
        "1er octobre\u2009–\u20091er novembre 2008",
    ),
    ("fr", DAYS, "21–23 octobre 2008"),
    ("fr", MONTH, "octobre 2008"),
    ("fr", MEETING, "21 octobre 2008, 09:00\u2009–\u200915:30 UTC+2"),
    ("fr-CA", MOMENT, "21 octobre 2008, 09 h 00 UTC+2"),
    ("ru", DAY, "21 октября 2008\u202fг."),
    ("ru", DAYS, "21–23 октября 2008\u202fг."),
    ("ru", WEEKS, "21 октября – 2 ноября 2008\u202fг."),
    ("ru", MONTH, "октябрь 2008\u202fг."),
    ("ru", MEETING, "21 октября 2008\u202fг., 09:00–15:30 GMT+2"),
    ("zh", DAY, "2008年10月21日"),
    ("zh", DAYS, "2008年10月21日至23日"),
    ("zh", WEEKS, "2008年10月21日至11月2日"),
    ("zh", MONTH, "2008年10月"),
    ("zh", MONTHS, "2008年10月至12月"),
    ("zh", MEETING, "2008年10月21日 09:00–15:30 GMT+2"),
    ("zh-Hant", MEETING, "2008年10月21日 上午9:00至下午3:30 GMT+2"),
    ("fa", MONTHS, "اکتبر 2008 تا دسامبر 2008"),
    ("sw", DAY, "21 Oktoba 2008"),
    ("sw", WEEKS, "21 Oktoba 2008\u2009–\u20092 Novemba 2008"),
    ("sw-KE", MONTHS, "Oktoba–Desemba 2008"),
    ("tlh", DAY, "21 October 2008"),
    ("tlh", MEETING, "21 October 2008, 09:00–15:30 GMT+2"),
]


@pytest.mark.parametrize(("language", "span", "expected"), WRITTEN)
def test_dates_follow_the_readers_language(language: str, span: Span, expected: str) -> None:
    """Days, months, moments and spans of them."""
    assert written(span, language) == expected


IN_FULL = [
    ("en", DAY, "Tuesday, 21 October 2008"),
    ("en", MONTH, "October 2008"),
    ("en", MEETING, "Tuesday, 21 October 2008, 09:00–15:30 GMT+2"),
    ("fr", DAYS, "mardi 21 octobre 2008\u2009–\u2009jeudi 23 octobre 2008"),
    ("zh", DAY, "2008年10月21日星期二"),
    ("ar", DAY, "الثلاثاء، 21 أكتوبر 2008"),
]


@pytest.mark.parametrize(("language", "span", "expected"), IN_FULL)
def test_a_date_in_full_has_its_weekday(language: str, span: Span, expected: str) -> None:
    """The weekday exposes a wrong day."""
    assert in_full(span, language) == expected


@pytest.mark.long
def test_every_language_of_cldr_can_be_formatted() -> None:
    """Each has its months, days and moments."""
    for language in locale_identifiers():
        if "_" not in language:
            for span in (DAY, DAYS, WEEKS, YEARS, MONTH, MONTHS, WINTER, MOMENT, MORNING, CONGRESS):
                assert "2008" in written(span, language)
            assert endonym(language)


@pytest.mark.long
def test_every_language_of_cldr_says_both_ends_of_a_span() -> None:
    """A span from another month or year is written otherwise, whatever patterns CLDR has."""
    for language in locale_identifiers():
        if "_" not in language:
            for span, before in (
                (WEEKS, spans(date(2008, 9, 21), date(2008, 11, 2))),
                (YEARS, spans(date(2007, 12, 21), date(2009, 1, 2))),
                (MONTHS, spans(date(2008, 9, 1), date(2008, 12, 31), "month")),
                (WINTER, spans(date(2007, 12, 1), date(2009, 1, 31), "month")),
                (MORNING, spans(at(21, 8), at(21, 11, 30), "minute")),
            ):
                assert written(span, language) != written(before, language), language


@pytest.mark.parametrize("language", ["ba", "dv", "quc", "rhg", "shn", "wa", "mn-Mong"])
def test_a_language_without_names_of_months_in_cldr_has_english_dates(language: str) -> None:
    """CLDR lists it, and has "M10" where the name of a month must stand."""
    assert written(WEEKS, language) == written(WEEKS, "en")
    assert in_full(DAY, language) == "Tuesday, 21 October 2008"
    assert day_of_year(date(2008, 10, 21), language) == "21 Oct"


@pytest.mark.long
def test_a_date_does_not_depend_on_languages_that_were_written_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Babel writes what it found for one language into what it has for others."""
    languages = ["ab", "ann", "bs", "ccp", "ce", "cv", "fr", "fr-CA", "yi", "yo", "za"]

    def texts(languages: Sequence[str]) -> dict[str, tuple[str, ...]]:
        monkeypatch.setattr("babel.localedata._cache", {})
        for one in vars(localise).values():
            if hasattr(one, "cache_clear"):
                one.cache_clear()
        return {
            one: (
                day_of_year(date(2008, 10, 21), one),
                *(written(each, one) for each in (DAY, MONTH)),
            )
            for one in languages
        }

    assert texts(languages) == texts(languages[::-1])


def test_a_moment_falls_on_a_day_in_the_publications_zone() -> None:
    """Half past eleven at night in Greenwich is the next day in Vienna."""
    late = datetime(2008, 10, 21, 23, 30, tzinfo=UTC)

    assert moment(late, "es", VIENNA) == "22 de octubre de 2008"
    assert moment(late, "es", UTC) == "21 de octubre de 2008"


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        (MONTH, "2008-10"),
        (MONTHS, "2008-10"),
        (DAY, "2008-10-21"),
        (DAYS, "2008-10-21"),
        (MEETING, "2008-10-21T09:00+02:00"),
        (WEST, "2008-10-21T09:00-03:30"),
        (SECOND, "2008-10-21T09:00:30+00:00"),
        # Local time of Paris was 9 minutes and 21 seconds ahead of Greenwich.
        (
            spans(datetime(1880, 1, 1, 12, tzinfo=ZoneInfo("Europe/Paris")), precision="second"),
            "1880-01-01T11:50:39+00:00",
        ),
        (spans(date(945, 6, 26)), "0945-06-26"),
    ],
)
def test_the_start_of_a_span_is_machine_readable(span: Span, expected: str) -> None:
    """`<time datetime>` has a month, a day, or a moment with its UTC offset."""
    assert machine(span) == expected
    assert re.fullmatch(f"{DATE}({TIME})?", machine(span))
