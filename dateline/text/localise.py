"""Words and dates of a page in the language of its reader.

The words are in `dateline.messages.catalogue`, the dates are CLDR's (Unicode's Common Locale
Data Repository) by way of Babel. Languages are BCP 47 tags. A template that puts a date into
a sentence of another direction isolates it (`<bdi>`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache, lru_cache, partial

from babel import Locale, UnknownLocaleError
from babel.core import get_global, parse_locale
from babel.dates import parse_pattern
from babel.numbers import get_decimal_symbol
from babel.units import format_unit

from dateline.messages.catalogues import ENGLISH, languages, translated, translated_count
from dateline.model import Span
from dateline.text.expressions import regex

# A plain `en` is American in CLDR; the United Nations write 21 October 2008.
_CLDR = {"en": "en-GB"}
_NO_NAME = regex(r"M\d\d")  # where CLDR has no name of a month for a language
_MEGA = 1_000_000
_MINUS = "\u2212"
_QUOTED = regex("'[^']*'")
_SHORT_MONTH = regex(r"(?<![LM])([LM])\1\1(?![LM])")


def spoken(language: str, otherwise: str = "en") -> str:
    """Return the language of the words on a page in `language`.

    It is that of `otherwise` where `language` has no catalogue, and English where neither has.

    >>> spoken("fr-CA"), spoken("sw", "ar"), spoken("sw", "de")
    ('fr', 'ar', 'en')
    """
    primaries = (tag.partition("-")[0] for tag in (language, otherwise))
    return next((primary for primary in primaries if primary in languages()), ENGLISH)


def words_of(language: str) -> Callable[[str], str]:
    """Return what turns the English of the templates into the words of a page in `language`."""
    return partial(translated, language=spoken(language), context="page")


def counted_in(language: str) -> Callable[[str, str, int], str]:
    """Return what words a number of things as a language does, from the English of templates.

    >>> counted_in("ru")("%(num)d page", "%(num)d pages", 22)
    '22 страницы'
    """
    speech = spoken(language)

    def counted(one: str, many: str, count: int) -> str:
        return translated_count(one, many, count, speech, "page") % {"num": count}

    return counted


def endonym(language: str) -> str:
    """Return the name of a language in itself, as it is written in a list, or its tag.

    >>> endonym("fr"), endonym("zh-Hant"), endonym("zu"), endonym("tlh")
    ('Français', '繁體中文', 'isiZulu', 'tlh')
    """
    locale = _known(language)
    if not locale:
        return language
    name = locale.languages.get(language.replace("-", "_")) or locale.get_display_name() or language
    return name[:1].title() + name[1:] if name.split()[0].islower() else name


def locale_of(language: str) -> str:
    """Return language and territory as Open Graph has them; the likely one where none is named.

    >>> [locale_of(tag) for tag in ("en", "fr-CA", "zh-Hant", "sr-Latn", "tlh")]
    ['en_US', 'fr_CA', 'zh_TW', 'sr_RS', 'tlh']
    """
    try:
        name, territory, script, *_ = parse_locale(language, sep="-")
    except ValueError:
        return language.replace("-", "_")
    likely = get_global("likely_subtags")
    whole = likely.get(f"{name}_{script}") or likely.get(name) or ""
    territory = territory or (whole.rpartition("_")[2] if whole else None)
    return f"{name}_{territory}" if territory else name


def written(span: Span, language: str) -> str:
    """Return a month, a day, a moment or a stretch of them as its reader writes it.

    Moments have hours, minutes and how far their zone is from Greenwich. A language that CLDR
    does not know has English dates.

    >>> written(Span(start=date(2008, 10, 21), end=date(2008, 10, 23), precision="day"), "es")
    '21–23 de octubre de 2008'
    """
    locale = _locale(language)
    start, end = span.start, span.end
    if isinstance(start, datetime) and isinstance(end, datetime):
        return _moments(start, end, locale)
    return _months(start, end, locale) if span.precision == "month" else _days(start, end, locale)


def in_full(span: Span, language: str) -> str:
    """Return a span with the weekdays of its ends, their times and zones; a month as it is.

    >>> in_full(Span(start=date(2008, 10, 21), end=date(2008, 10, 21), precision="day"), "fr")
    'mardi 21 octobre 2008'
    """
    if span.precision == "month":
        return written(span, language)
    locale = _locale(language)
    start, end = span.start, span.end
    if isinstance(start, datetime) and isinstance(end, datetime) and _is_meeting(start, end):
        return _timed(start, _times(start, end, locale), locale)
    first, last = (_end_in_full(each, locale) for each in (start, end))
    return first if first == last else _joined(first, last, locale)


def moment(value: datetime, language: str, zone: tzinfo) -> str:
    """Return the day on which a moment falls in a zone, as its reader writes it."""
    day = value.astimezone(zone).date()
    return _days(day, day, _locale(language))


def month(value: datetime, language: str, zone: tzinfo) -> str:
    """Return the month and the year in which a moment falls in a zone.

    >>> month(datetime(2008, 10, 31, 23, 30, tzinfo=UTC), "fr", UTC)
    'octobre 2008'
    """
    day = value.astimezone(zone).date()
    return _months(day, day, _locale(language))


def day_and_time(value: datetime, language: str) -> str:
    """Return a moment in its own zone as its reader writes it, without naming the zone.

    >>> day_and_time(datetime(2008, 10, 21, 9, 5), "fr")
    '21 octobre 2008, 09:05'
    """
    locale = _locale(language)
    return _day_and_time(value, _time(value, locale), locale)


def time_of_day(value: datetime, language: str) -> str:
    """Return the hour and the minute of a moment, as its reader writes them."""
    return _time(value, _locale(language))


def exact_time_of_day(value: datetime, language: str) -> str:
    """Return a moment to a tenth of a second, in 24 hours and ASCII digits, for a log.

    >>> moment = datetime(2026, 11, 25, 10, 15, 2, 190000)
    >>> exact_time_of_day(moment, "en"), exact_time_of_day(moment, "fr")
    ('10:15:02.1', '10:15:02,1')
    """
    symbol = get_decimal_symbol(_locale(language))
    return f"{value:%H:%M:%S}{symbol}{value:%f}"[:10]


def day_of_year(value: date, language: str) -> str:
    """Return a day in few letters, without its year.

    >>> day_of_year(date(2008, 10, 21), "en"), day_of_year(date(2008, 10, 21), "zh")
    ('21 Oct', '10月21日')
    """
    locale = _locale(language)
    return _formed(locale.datetime_skeletons["MMMd"].pattern, value, locale)


def weekdays(language: str) -> tuple[tuple[str, str], ...]:
    """Return the days of a week from Monday on, in few letters and in full.

    >>> weekdays("en")[0]
    ('Mon', 'Monday')
    """
    short, full = (_locale(language).days["stand-alone"][form] for form in ("abbreviated", "wide"))
    return tuple((short[number], full[number]) for number in range(7))


def machine(span: Span) -> str:
    """Return the start of a span for `<time datetime>` (WHATWG HTML, section 4.5.14).

    >>> machine(Span(start=date(2008, 10, 1), end=date(2008, 10, 31), precision="month"))
    '2008-10'
    """
    start = span.start
    if not isinstance(start, datetime):
        return start.isoformat()[: len("2008-10")] if span.precision == "month" else str(start)
    if _offset(start) % timedelta(minutes=1):  # local mean time, which HTML has no form for
        start = start.astimezone(UTC)
    return start.isoformat(timespec="seconds" if span.precision == "second" else "minutes")


def size(length: int, language: str) -> str:
    """Return the size of a file as its reader writes it, in units of a thousand bytes.

    >>> size(201_344, "en"), size(1_234_567, "es")
    ('201 kB', '1,2 MB')
    """
    unit, count = ("mega", length / 1e6) if length >= _MEGA else ("kilo", length / 1e3)
    shown = round(count, 1) if unit == "mega" else max(round(count), 1)
    locale = _locale(language)
    return format_unit(shown, f"digital-{unit}byte", length="short", locale=locale)


@cache
def _known(language: str) -> Locale | None:
    """Return the locale of a language: of `en-GB` if CLDR does not know `en-GB-oxendict`."""
    while language:
        try:
            return _unshared(str(Locale.parse(language, sep="-")))
        except (UnknownLocaleError, ValueError):
            language = language.rpartition("-")[0]
    return None


@cache
def _unshared(name: str) -> Locale:
    """Return a locale with data of its own.

    Babel shares dictionaries among languages, and writes into them at a look-up: without a copy,
    a language would take names of others that were asked for before.
    """
    locale = Locale.parse(name)
    _ = locale.character_order  # now the data are there
    return deepcopy(locale)


@cache
def _locale(language: str) -> Locale:
    locale = _known(_CLDR.get(language, language))
    if locale and not any(map(_NO_NAME.fullmatch, locale.months["format"]["wide"].values())):
        return locale
    return _locale("en")


def _is_meeting(start: datetime, end: datetime) -> bool:
    """Return whether a span is from one hour to another of one day."""
    return start != end and start.date() == end.date() and _offset(start) == _offset(end)


def _end_in_full(end: date, locale: Locale) -> str:
    if not isinstance(end, datetime):
        return _formed(locale.date_formats["full"].pattern, end, locale)
    form = locale.time_formats["medium" if end.second else "short"]
    return _timed(end, _formed(form.pattern, end, locale), locale)


def _timed(moment: datetime, times: str, locale: Locale) -> str:
    """Return the day of a moment with its weekday, these times of it, and its zone."""
    day = _formed(locale.date_formats["full"].pattern, moment, locale)
    filled = _filled(locale.datetime_formats["long"], times, day)
    return f"{filled} {_zone(moment, locale)}"


def _months(start: date, end: date, locale: Locale) -> str:
    return _whole_months(start.replace(day=1), end.replace(day=1), locale)


@lru_cache(maxsize=4096)  # each list of older news says many months
def _whole_months(start: date, end: date, locale: Locale) -> str:
    return _stretch(start, end, "yMMMM", locale.datetime_skeletons["yMMMM"].pattern, locale)


@lru_cache(maxsize=4096)  # a list says the same days from run to run
def _days(start: date, end: date, locale: Locale) -> str:
    return _stretch(start, end, "yMMMMd", locale.date_formats["long"].pattern, locale)


def _stretch(start: date, end: date, skeleton: str, single: str, locale: Locale) -> str:
    pairs = (("y", start.year, end.year), ("M", start.month, end.month), ("d", start.day, end.day))
    differing = next((field for field, first, last in pairs if first != last), None)
    if differing is None:
        return _formed(single, start, locale)
    parts = _interval(skeleton, differing, locale)
    # Babel does not cut the months of Persian in two, and CLDR's "30 – 2 Novemba 2026" of Swahili
    # lacks the first month.
    if len(parts) == len(("start", "end")) and _has_field(parts[0], differing):
        return _between(start, end, parts, locale)
    return _joined(_formed(single, start, locale), _formed(single, end, locale), locale)


def _moments(start: datetime, end: datetime, locale: Locale) -> str:
    start, end = (each.replace(second=0, microsecond=0) for each in (start, end))
    before, zone = (_zone(each, locale) for each in (start, end))
    if before == zone and start.date() == end.date():
        time = _time(start, locale) if start == end else _times(start, end, locale)
        return f"{_day_and_time(start, time, locale)} {zone}"
    first, last = (_day_and_time(each, _time(each, locale), locale) for each in (start, end))
    return _joined(first if before == zone else f"{first} {before}", f"{last} {zone}", locale)


def _day_and_time(day: date, time: str, locale: Locale) -> str:
    return _filled(locale.datetime_formats["long"], time, _days(day, day, locale))


def _time(value: datetime, locale: Locale) -> str:
    return _formed(locale.time_formats["short"].pattern, value, locale)


def _times(start: datetime, end: datetime, locale: Locale) -> str:
    if "H" in locale.time_formats["short"].pattern:
        return _between(start, end, _interval("Hm", "H", locale), locale)
    halves = [each.strftime("%p") for each in (start, end)]
    field = "h" if halves[0] == halves[1] else "a"
    return _between(start, end, _interval("hm", field, locale), locale)


def _interval(skeleton: str, field: str, locale: Locale) -> Sequence[str]:
    """Return the patterns of two ends, `field` being the greatest that differs.

    UTS 35, part 4, section 2.6.3.
    """
    formats = locale.interval_formats
    own = formats.get(skeleton) or formats[skeleton.replace("MMMM", "MMM")]
    parts: Sequence[str] = own[field]
    return parts


def _has_field(pattern: str, field: str) -> bool:
    return field in _QUOTED.sub("", pattern).replace("L", "M")


def _between(start: date, end: date, parts: Sequence[str], locale: Locale) -> str:
    first, last = (_SHORT_MONTH.sub(r"\1\1\1\1", part) for part in parts)
    return _formed(first, start, locale) + _formed(last, end, locale)


def _formed(pattern: str, value: date, locale: Locale) -> str:
    if locale.language == "fr" and value.day == 1:  # le 1er octobre, for which CLDR has no field
        pattern = pattern.replace("d", "d'er'")
    return parse_pattern(pattern).apply(value, locale)


def _joined(start: str, end: str, locale: Locale) -> str:
    return _filled(locale.interval_formats[None], start, end)


def _filled(pattern: str, *values: str) -> str:
    return pattern.replace("'", "").format(*values)


def _zone(value: datetime, locale: Locale) -> str:
    """Return the distance of a zone from Greenwich: `GMT+2` (UTS 35, part 4, section 7, `O`)."""
    minutes = _offset(value) // timedelta(minutes=1)
    hours, rest = divmod(abs(minutes), 60)
    distance = f"{'+' if minutes > 0 else _MINUS}{hours}{f':{rest:02}' if rest else ''}"
    gmt: str = locale.zone_formats["gmt"]
    return (gmt % (distance if minutes else "")).strip()


def _offset(value: datetime) -> timedelta:
    return value.utcoffset() or timedelta()
