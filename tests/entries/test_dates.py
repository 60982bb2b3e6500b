"""Dates in words are read as meant, or refused."""

from __future__ import annotations

import csv
import sys
import time
import timeit
from datetime import date, datetime, timedelta
from types import FrameType
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dateline.entries import dates
from dateline.entries.dates.spans import iso_day
from dateline.errors import DateError
from dateline.messages import CATALOGUE
from support.paths import DATA

VIENNA = ZoneInfo("Europe/Vienna")
TODAY = date(2026, 11, 25)
LANGUAGES = ("ar", "en", "es", "fr", "ru", "zh")
DAYS = st.dates(date(1990, 1, 1), date(2027, 12, 31))

# Forms of a day in each language: from CLDR, and Arabic as the UN writes it.
MONTHS = {
    "ar": "كانون الثاني/يناير|شباط/فبراير|آذار/مارس|نيسان/أبريل|أيار/مايو|حزيران/يونيه|"
    "تموز/يوليه|آب/أغسطس|أيلول/سبتمبر|تشرين الأول/أكتوبر|تشرين الثاني/نوفمبر|"
    "كانون الأول/ديسمبر",
    "en": "January|February|March|April|May|June|July|August|September|October|November|December",
    "es": "enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|"
    "diciembre",
    "fr": "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre",
    "ru": "января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря",
    "zh": "1月|2月|3月|4月|5月|6月|7月|8月|9月|10月|11月|12月",
}
WEEKDAYS = {
    "ar": "الاثنين|الثلاثاء|الأربعاء|الخميس|الجمعة|السبت|الأحد",
    "en": "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday",
    "es": "lunes|martes|miércoles|jueves|viernes|sábado|domingo",
    "fr": "lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche",
    "ru": "понедельник|вторник|среда|четверг|пятница|суббота|воскресенье",
    "zh": "星期一|星期二|星期三|星期四|星期五|星期六|星期日",
}
FORMS = {
    "ar": ("{d} {m} {y}", "{w}، {d} {m} {y}", "يوم {w} {d} {m} {y}", "بيروت، {d} {m} {y}"),
    "en": ("{d} {m} {y}", "{w}, {d} {m} {y}", "{m} {d}, {y}", "{w}, {m} {d}, {y}"),
    "es": ("{d} de {m} de {y}", "{w}, {d} de {m} de {y}", "Viena, {d} de {m} de {y}"),
    "fr": ("{d} {m} {y}", "le {w} {d} {m} {y}", "Genève, le {d} {m} {y}"),
    "ru": ("{d} {m} {y} г.", "{w}, {d} {m} {y} года", "Вена, {d} {m} {y} года"),
    "zh": ("{y}年{m}{d}日", "{y}年{m}{d}日{w}", "维也纳，{y}年{m}{d}日"),
}
STRETCHES = {
    "ar": "من {d} {m} {y} إلى {D} {M} {Y}",
    "en": "{d} {m} {y} - {D} {M} {Y}",
    "es": "del {d} de {m} de {y} al {D} de {M} de {Y}",
    "fr": "du {d} {m} {y} au {D} {M} {Y}",
    "ru": "с {d} {m} {y} г. по {D} {M} {Y} г.",
    "zh": "{y}年{m}{d}日至{Y}年{M}{D}日",
}
SCRAPS = (
    "5 31 2009 09 13 May mai мая أيار 月 日 年 10:00 15h30 3pm noon GMT CET +02:00 to and or "
    "- – / , . : ( ) ? ~ la de 至 и 上午 nächste ² Ⅳ \u200f \u00a0 T Z | mar Utc UzTC Moscow "
    "Europe/Vienna"
)

SLOW = (
    "1-|(|5,|5h|mar |5.5 |年|/a,|Z,|10:00 UTC |5月至|UzTC |Foo |w-|, x|葡萄|الثالث |twenty-|"
    "half past |menos |من |Room 3,|T,"
)


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a table in `tests/data/`."""
    path = DATA / name
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


def context(text: str) -> dict[str, Any]:
    """Return a context of a date from its text: `year=2008;zone=Europe/Vienna`."""
    given: dict[str, Any] = dict(pair.split("=") for pair in text.split(";") if pair)
    if "year" in given:
        given["year"] = int(given["year"])
    if "zone" in given:
        given["zone"] = ZoneInfo(given["zone"])
    return given


def outcome(text: Any, *, toml: bool = False, **given: Any) -> tuple[str, ...]:
    """Return start, end and precision of `text` read as an event, or the kind of refusal."""
    asked: dict[str, Any] = {"use": "event", "zone": VIENNA, "today": TODAY} | given
    try:
        span = (dates.read_toml if toml else dates.read)(text, **asked)
    except DateError as error:
        return (f"ERROR:{error.kind}",)
    return span.start.isoformat(), span.end.isoformat(), span.precision


def found_and_right(row: dict[str, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the actual and the expected reading of a row's text."""
    toml = row["kind"] == "toml"
    language = "en" if toml else row["lang"]
    found = outcome(row["input"], toml=toml, language=language, **context(row["context"]))
    if row["status"] == "OK":
        return found, (row["start"], row["end"], row["precision"])
    return found, (row["status"],)


def written(day: date, form: str, language: str) -> str:
    """Write `day` in a form of `language`."""
    month = MONTHS[language].split("|")[day.month - 1]
    weekday = WEEKDAYS[language].split("|")[day.weekday()]
    return form.format(d=day.day, m=month, y=day.year, w=weekday)


def written_span(first: date, last: date, language: str) -> str:
    """Write a span of days as `language` does."""
    names = MONTHS[language].split("|")
    return STRETCHES[language].format(
        d=first.day,
        m=names[first.month - 1],
        y=first.year,
        D=last.day,
        M=names[last.month - 1],
        Y=last.year,
    )


@pytest.mark.parametrize("row", rows("dates.tsv"), ids=lambda row: row["id"])
def test_texts_are_read_or_refused(row: dict[str, str]) -> None:
    """Each text is read, or refused for the stated reason."""
    found, right = found_and_right(row)

    assert right == found


@pytest.mark.parametrize("language", [*LANGUAGES, "toml", "other"])
def test_more_texts_are_read_or_refused(language: str) -> None:
    """Each text of the second table is read, or refused for the stated reason."""
    known = {*LANGUAGES, "toml"}
    mine = [
        row
        for row in rows("dates-more.tsv")
        if (row["lang"] if row["lang"] in known else "other") == language
    ]

    outcomes = [(row["id"], row["input"], *found_and_right(row)) for row in mine]

    assert [] == [case for case in outcomes if case[2] != case[3]]
    assert outcomes


# Texts of the third table that are clear and yet refused.
REFUSED_THOUGH_CLEAR: frozenset[str] = frozenset()


@pytest.mark.parametrize("language", LANGUAGES)
def test_independent_texts_are_never_misread(language: str) -> None:
    """Texts of writers who do not know the grammar; clear ones that are refused are listed."""
    wrong, refused = [], set()
    for row in rows("dates-outside.tsv"):
        found, right = found_and_right(row)
        if row["lang"] != language:
            continue
        if len(found) == 3 and found != right:
            wrong.append((row["id"], row["input"], found, right))
        if len(found) == 1 and row["status"] == "OK":
            refused.add(row["id"])

    assert [] == wrong
    assert refused <= REFUSED_THOUGH_CLEAR


@pytest.mark.parametrize("language", LANGUAGES)
@given(day=DAYS)
def test_a_written_day_is_read_as_that_day(language: str, day: date) -> None:
    """Every day of 1990 to 2027, in the common forms of a language."""
    texts = [written(day, form, language) for form in FORMS[language]]

    found = {outcome(text, language=language, use="date") for text in texts}

    assert {(f"{day}", f"{day}", "day")} == found


@pytest.mark.parametrize("language", LANGUAGES)
@given(first=DAYS, last=DAYS)
def test_a_written_span_is_read_as_that_span(language: str, first: date, last: date) -> None:
    """A span of days is read from its first to its last, and refused when reversed."""
    found = outcome(written_span(first, last, language), language=language)

    right = (f"{first}", f"{last}", "day") if first <= last else ("ERROR:ends-before-start",)
    assert right == found


@given(day=DAYS, wrong=st.integers(1, 6), language=st.sampled_from(LANGUAGES))
def test_a_wrong_weekday_is_never_overlooked(day: date, wrong: int, language: str) -> None:
    """A weekday that does not match the date is refused, in every language."""
    other = WEEKDAYS[language].split("|")[(day.weekday() + wrong) % 7]
    form = FORMS[language][1].replace("{w}", other)

    assert outcome(written(day, form, language), language=language) == ("ERROR:weekday-mismatch",)


@given(
    moment=st.datetimes(datetime(1990, 1, 1), datetime(2027, 12, 30)),  # noqa: DTZ001
    hours=st.integers(-12, 14),
)
def test_a_written_moment_is_read_as_that_moment(moment: datetime, hours: int) -> None:
    """With its offset, in ISO 8601, in words, and in TOML."""
    text = f"{moment:%Y-%m-%dT%H:%M:%S}{hours:+03}:00"
    in_words = f"{moment:%H:%M:%S} UTC{hours:+}, {moment.day} {moment:%B %Y}"
    whole = datetime.fromisoformat(text)

    found = {outcome(text), outcome(text, toml=True), outcome(whole), outcome(in_words)}

    assert {(whole.isoformat(), whole.isoformat(), "second")} == found


@pytest.mark.long
@given(
    text=st.one_of(
        st.text(max_size=300), st.lists(st.sampled_from(SCRAPS.split(" "))).map(" ".join)
    )
)
@example(text="mar mar mar mar 5 2009")
@example(text="200905月5日15时30分")
@example(text="2009年99999999999月5日")
def test_any_text_is_a_span_or_a_refusal(text: str) -> None:
    """A span does not end before it starts, and a refusal has a message."""
    for language in (*LANGUAGES, "en-x-nobody", ""):
        found = outcome(text, language=language)

        if len(found) == 1:
            assert f"date-{found[0].removeprefix('ERROR:')}" in CATALOGUE
        else:
            start, end = map(datetime.fromisoformat, found[:2])
            assert start <= end


@pytest.mark.parametrize("written", ["26.11.2026 um 10:00", "26/11/2026 às 10:00"])
def test_a_word_that_is_not_read_makes_no_day_impossible(written: str) -> None:
    """The other order of day and month, in which there is no such month, is not meant."""
    assert outcome(written) == ("ERROR:not-a-date",)
    assert outcome("26.13.2026") == ("ERROR:no-such-day",)


@pytest.mark.parametrize(
    "text", ["2009-05", "2009", "20090505", "2009-W19-2", "2009-125", "2009-2010-05", "2009-05-0٥"]
)
def test_dateutil_gets_only_complete_days(text: str) -> None:
    """python-dateutil never gets a text that it would complete by itself."""
    with pytest.raises(DateError, match="no-such-day"):
        iso_day(text)


@given(parts=st.lists(st.sampled_from(SCRAPS.split(" ")), max_size=6), later=st.integers(1, 360))
@example(parts=["5", "May"], later=40)
@example(parts=["10:00"], later=1)
def test_the_day_of_reading_does_not_matter(parts: list[str], later: int) -> None:
    """No part of a date is guessed from today's."""
    text = " ".join(parts)

    found = {outcome(text, today=TODAY - timedelta(days=days)) for days in (0, later)}

    assert len(found) == 1


@pytest.mark.parametrize("row", [r for r in rows("dates-more.tsv") if r["status"] != "OK"][::9])
def test_a_refusal_names_the_text_and_a_remedy(row: dict[str, str]) -> None:
    """Its sentence has no gap and no placeholder."""
    reading = dates.read_toml if row["kind"] == "toml" else dates.read
    asked: dict[str, Any] = {"use": "event", "zone": VIENNA, "today": TODAY}

    with pytest.raises(DateError) as refused:
        reading(row["input"], **asked | {"language": row["lang"]} | context(row["context"]))

    error = refused.value
    sentence = CATALOGUE[f"date-{error.kind}"].text.format(
        field="event", found=error.found, wanted=error.wanted
    )
    assert not {'""', " .", ": .", " ?", "%"} & {
        sentence[at : at + 2] for at in range(len(sentence))
    }


@pytest.mark.parametrize(
    ("text", "found", "wanted"),
    [
        ("20 October 2008, 10:00 UzTC", "UzTC", "UTC or an offset such as +02:00"),
        ("20 October 2008, 10:00 Pst", "Pst", "an offset such as +02:00"),
        ("1 December 2008, 9 a.m. local time", "local time", "an offset such as +02:00"),
        (
            "20 octobre 2008 à 15 h, Londres",
            "Londres",
            "2008-10-20T15:00+01:00 for Londres or 2008-10-20T15:00+02:00 for Europe/Vienna",
        ),
    ],
)
def test_an_unclear_time_zone_is_refused_with_a_suggestion(
    text: str, found: str, wanted: str
) -> None:
    """It is the nearest name, or the zone of that time in which a city is."""
    with pytest.raises(DateError) as refused:
        dates.read(text, use="event", zone=VIENNA, today=TODAY, language="fr")

    assert (str(refused.value.found), str(refused.value.wanted)) == (found, wanted)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ru", "15 декабря 2026, 10:00 (Ташкент)"),
        ("ru", "15 декабря 2026, 10:00 Владивосток"),
        ("ar", "15 ديسمبر 2026، 10:00 (بغداد)"),
        ("en", "15 December 2026, 10:00 (Washington)"),
        ("en", "15 December 2026, 10:00 (The Hague)"),
        ("es", "15 de diciembre de 2026, 10:00 (México)"),
        ("en", "15 December 2026, 10:00 Washington"),
        ("en", "15 December 2026, 10:00, Brasília"),
        ("es", "15 de diciembre de 2026, 10:00 Quito"),
    ],
)
def test_a_place_that_explains_a_time_is_asked_about(language: str, text: str) -> None:
    """Behind the time, or in letters in which no town is known: it may not be the site's zone."""
    with pytest.raises(DateError) as refused:
        dates.read(text, use="date", zone=VIENNA, today=TODAY, language=language)

    assert refused.value.kind == "ambiguous-zone"


@pytest.mark.parametrize(
    "text",
    [
        "Graz, 15 December 2026, 10:00",
        "15 December 2026, 10:00 Vienna",
        "15 December 2026, 10:00, Graz",
        "15 December 2026, at 10:00 in Graz",
        "15 December 2026, 10:00 Salzburg, Austria",
        "15 December 2026, 10:00, Vienna International Centre",
        "15 December, Graz",
    ],
)
def test_a_place_in_the_zone_of_the_site_is_not_asked_about(text: str) -> None:
    """It says where the news is from."""
    span = dates.read(text, use="date", zone=VIENNA, today=TODAY, language="en", year=2026)

    assert span.first_day == date(2026, 12, 15)


@pytest.mark.parametrize(("text", "month"), [("3 كانون أول 2026", 12), ("3 تشرين ثاني 2026", 11)])
def test_months_of_the_levant_need_no_article(text: str, month: int) -> None:
    """Newspapers there write them so."""
    span = dates.read(text, use="date", zone=VIENNA, today=TODAY, language="ar")

    assert span.start == date(2026, month, 3)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("30/11/26 18:00", "30 November 2026, 18:00 (+01:00)"),
        ("7/8/26 6 pm", "7 August 2026, 18:00 (+02:00) or 8 July 2026, 18:00 (+02:00)"),
        ("30 November 18:00 UTC", "30 November 2026, 18:00 (+00:00)"),
        ("30 November", "30 November 2026"),
        ("30.11.2026, 18 Uhr", "2026-11-25 09:00"),
        ("2026-11-30 1800", "2026-11-25 09:00"),
        ("28 XI 2026", "2026-11-25"),
        ("30 November 2026 EOD", "2026-11-25 09:00"),
        ("30.11.2026 abends", "2026-11-25 09:00"),
        (
            "30/11/26 6 pm EST",
            "2026-11-30T18:00-05:00 for the US East or 2026-11-30T18:00+11:00 for Australia's East",
        ),
        (
            "Nov 30 6 pm EST",
            "2026-11-30T18:00-05:00 for the US East or 2026-11-30T18:00+11:00 for Australia's East",
        ),
        ("1 December 2026 9", "2026-11-25 09:00"),
        ("25 November 2026, not before 18:00", "2026-11-25 09:00"),
        ("25 November 2026, embargoed until 18.00", "2026-11-25 09:00"),
        ("25 November 2026 in the evening", "2026-11-25 09:00"),
        ("25 November 2026 close of business", "2026-11-25 09:00"),
        ("tomorrow", "2026-11-26"),
        ("tomorrow at 9", "2026-11-26 09:00"),
        ("tomorrow, 9", "2026-11-26 09:00"),
        ("tomorrow 1800", "2026-11-26 09:00"),
        ("morgen 9", "2026-11-26 09:00"),
        ("1800 30 November 2026", "2026-11-25 09:00"),
        ("30/11/26 T18", "2026-11-25 09:00"),
        ("завтра в 9:00", "2026-11-26 09:00"),
    ],
)
def test_a_text_to_type_keeps_the_time(text: str, wanted: str) -> None:
    """Without it, the entry would appear at the beginning of the day."""
    with pytest.raises(DateError) as refused:
        dates.read(text, use="date", zone=VIENNA, today=TODAY)

    assert str(refused.value.wanted) == wanted


@pytest.mark.parametrize(
    "words",
    [
        "Abends", "Closing Bell", "Confidential", "Draft", "Entwurf", "HOLD", "Lunch",
        "Market Close", "PENDING", "Private", "Review", "Wait For Anna", "WIP",
    ],
)  # fmt: skip
def test_a_capital_makes_no_name_of_a_time_or_a_doubt(words: str) -> None:
    """Taken for the name of a place, the words would be lost, and the news out at once."""
    for text in (f"25 November 2026 {words}", f"25 November 2026, {words}"):
        with pytest.raises(DateError) as refused:
            dates.read(text, use="date", zone=VIENNA, today=TODAY)

        assert refused.value.kind == "unknown-word"
        assert str(refused.value.found) in words


@pytest.mark.parametrize("scrap", [*SLOW.split("|"), "三", "و"])
def test_malicious_text_is_not_slow(scrap: str) -> None:
    """No pattern backtracks without limit: the longest text takes milliseconds."""
    text = (scrap * 200)[:200]

    costs = timeit.repeat(
        lambda: outcome(text, language="es"), timer=time.process_time, number=1, repeat=5
    )

    assert min(costs) < 0.03


@pytest.mark.parametrize(
    "part",
    ["Vienna, ", "الثالث ", "葡萄", "twenty-", "half past ", "Foo ", "x ", "10:00 - ", "Room 3, "],
)
def test_the_work_grows_linearly_with_the_text(part: str) -> None:
    """Twice the length costs about twice the calls."""
    short = calls_for(f"{(part * 30)[:80]} 3 May 2026")
    long = calls_for(f"{(part * 60)[:160]} 3 May 2026")

    assert long < 2.6 * short


def calls_for(text: str) -> int:
    """Return how many functions are called to read a text."""
    outcome(text)
    count = 0

    def one(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(one)
    try:
        outcome(text)
    finally:
        sys.setprofile(None)
    return count


VIENNA = ZoneInfo("Europe/Vienna")


def read_here(value: object) -> object:
    """Read an event in Vienna; return its start, or the reason for refusal."""
    try:
        return dates.read(value, use="event", zone=VIENNA, today=date(2026, 11, 25)).start
    except DateError as error:
        return error.kind


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Thursday 3/4/2008", date(2008, 4, 3)),
        ("Tuesday 3/4/2008", date(2008, 3, 4)),
        ("Sunday 3/4/2008", "weekday-mismatch"),
        ("3/4/2008", "ambiguous-day-month"),
        ("3 May 2026 at midnight", "ambiguous-time"),
        ("3 May 2026 at noon", datetime(2026, 5, 3, 12, tzinfo=VIENNA)),
        (f"3 May 2026{' ' * 5000}", "not-a-date"),
        (datetime(2026, 5, 3, 12), datetime(2026, 5, 3, 12, tzinfo=VIENNA)),  # noqa: DTZ001 - TOML's
        (datetime(2026, 3, 29, 2, 30), "no-such-time"),  # noqa: DTZ001
        (datetime(2026, 10, 25, 2, 30), "ambiguous-time"),  # noqa: DTZ001
    ],
)
def test_a_text_has_one_reading_or_is_refused(value: object, expected: object) -> None:
    """A weekday decides the order; a missing or repeated hour of a zone is no moment."""
    assert read_here(value) == expected
