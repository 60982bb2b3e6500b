"""Dates as staff write them, read as a day, a moment or a span.

A strict grammar in six languages that refuses instead of guessing (`docs/entries.md`, "Dates"). The
steps, each a module: plain characters become tokens, each with a symbol for what it means
(`tokens`, `symbols`, `vocabulary`, `lexicon`); tokens become times of day (`times`, `zones`), then
days (`context`, `neighbours`, `grammar`); `spans` checks them against the calendar. ISO 8601 needs
no words (`iso8601`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import product
from typing import Literal
from zoneinfo import ZoneInfo

from dateline.entries.dates import iso8601
from dateline.entries.dates.context import named_places, without_silent, without_surroundings
from dateline.entries.dates.grammar import is_numeric, ordered, parse
from dateline.entries.dates.spans import (
    DateContext,
    check_limits,
    moment_of,
    span_of,
    typed,
    words,
)
from dateline.entries.dates.symbols import Token
from dateline.entries.dates.times import with_times
from dateline.entries.dates.tokens import LONGEST_TEXT, even, tokens
from dateline.entries.dates.zones import AN_OFFSET
from dateline.errors import DateError, TomlError
from dateline.messages import shown
from dateline.messages.values import Value, either, phrase
from dateline.model import Span
from dateline.text import toml
from dateline.text.expressions import regex

__all__ = ["ORDERS", "Order", "read", "read_toml", "words"]

Order = Literal["DMY", "MDY"]  # of the numbers of a day
ORDERS: tuple[Order, ...] = ("DMY", "MDY")

_MOST_UNCLEAR = 4
# Errors whose messages have examples without a time.
_TIMELESS = frozenset({"two-dates", "vague"})
_EXCLUDED = frozenset({"no-such-day", "weekday-mismatch", "not-a-date"})
_WIDEST = timedelta(hours=14)
# `18:00`, `18.30`, `18 Uhr`; behind a day, `1800`, `18` or `T18`, before it `1800`, behind a word
# for it `18`; and words for a part of a day.
_HAS_TIME = regex(
    r"(?<=\d)[\s,_T]{1,2}(?:[01]?\d|2[0-3])[:.h]?[0-5]\d\b|\d[\s,]{0,2}T\d\d$|\d:\d\d"
    r"|^(?!19|20)[0-2]\d[0-5]\d\s|\b(?:demain|heute|hoy|hui|mañana|morgen|today|tomorrow)[\s,]+\d"
    r"|(?<![.\d])\d\d?\.[0-5]\d(?![.\d])|\d\s?(?:am|h|heures?|hrs?|o.clock|pm|uhr)\b"
    r"|\b(?:at|as|las|um|à) \d\d?\b|(?:(?:19|20)\d\d|-\d\d?)[\s,;_]{1,2}\d{1,2}(?:[.,:;_-]?\d\d)?$"
    r"|\d ?[点點时時]|\b(?:abend|after(?: markets?)? close|afternoon|clos(?:e|ing)|cob|dinner"
    r"|eob|eod|evening|feierabend|lunch|matin|midday|midi|midnight|mittag|morning|nacht|night"
    r"|noche|noon|soir|tarde|tonight)",
    re.IGNORECASE,
)
_IS_AHEAD = regex(
    r"tomorrow|\b(?:next|coming|demain|prochaine?|mañana|pr[oó]xim[oa]|morgen|nächste\w*)\b"
    r"|\b(?:in|dans|en) \d|завтра|следующ|через|明天|下周|下週|غد|القادم",
    re.IGNORECASE,
)


def read(
    value: object,
    *,
    use: Literal["date", "event"],
    zone: ZoneInfo,
    today: date,
    language: str = "en",
    order: Order | None = None,
    year: int | None = None,
) -> Span:
    """Read a text, or one of TOML's own values, as a day, a moment or (for an event) a span.

    A time without a zone is in `zone`; a text without a year is of `year`; `3/4/2008` is read
    in `order`. Without these what is ambiguous is refused. `language` is a BCP 47 tag.

    Raises `DateError`.
    """
    context = DateContext(
        use=use, zone=zone, today=today, language=language, order=order, year=year
    )
    if isinstance(value, str):
        return _read_text(value, context)
    if isinstance(value, datetime):
        return _read_datetime(value, context)
    if isinstance(value, date):
        check_limits(value, context)
        return Span(start=value, end=value, precision="day")
    raise _not_a_date(_toml_text(value), context)


def read_toml(
    text: str,
    *,
    use: Literal["date", "event"],
    zone: ZoneInfo,
    today: date,
    language: str = "en",
    order: Order | None = None,
    year: int | None = None,
) -> Span:
    """Read the value of `date` in a file. As `read`, but `10:00` stays to the minute.

    A value of TOML loses whether its seconds were written. Raises `DateError`.
    """
    context = DateContext(
        use=use, zone=zone, today=today, language=language, order=order, year=year
    )
    bare = text.strip()
    if iso8601.is_extended(bare):
        return _read_text(bare.replace(" ", "T", 1), context)
    try:
        value = toml.parse(f"date = {bare}")["date"]
    except TomlError:
        value = None
    if isinstance(value, str):
        return _read_text(value, context)
    raise _not_a_date(shown(bare), context)


def _read_text(value: str, context: DateContext) -> Span:
    if len(value) > LONGEST_TEXT:
        raise _not_a_date(shown(value), context)
    text = iso8601.in_full(even(value).strip("\"“”«» '"))
    if not text:
        raise DateError("empty", found="", wanted=context.today.isoformat())
    try:
        return iso8601.read(text, context, shown(value)) or _read_words(text, shown(value), context)
    except DateError as error:
        if error.kind == "not-a-date" and not error.wanted:
            raise _not_a_date(str(error.found), context) from error
        if error.kind in {"relative", "unknown-word"}:
            wanted = _example(text, context)
            raise DateError(error.kind, found=error.found, wanted=wanted) from error
        if error.kind in _TIMELESS and context.use == "date" and _HAS_TIME.search(text):
            raise _not_a_date(shown(value), context) from error
        raise


def _read_words(written: str, text: str, context: DateContext) -> Span:
    """Read a text in every way that its words allow; one way must be left."""
    outcomes: list[Span | DateError] = []
    for variant in _variants(tokens(written, context.language), text):
        try:
            meant = without_silent(named_places(variant))
            core = without_surroundings(with_times(meant), text)
            outcomes.append(_only(_by_order(core, text, context), text))
        except DateError as error:
            outcomes.append(error)
    spans = [outcome for outcome in outcomes if isinstance(outcome, Span)]
    return _only(spans or outcomes, text)


def _by_order(core: list[Token], text: str, context: DateContext) -> Iterator[Span | DateError]:
    """Read numbers such as `3/4/2008` in the order that is set, else in both orders."""
    orders = ["DMY", "MDY"] if is_numeric(core) else ["DMY"]
    orders.sort(key=lambda order: order != context.order)
    for order in orders:
        try:
            outcome: Span | DateError = span_of(parse(ordered(core, order), text), context, text)
        except DateError as error:
            outcome = error
        yield outcome
        if isinstance(outcome, DateError) and outcome.kind == "two-digit-year":
            yield from _year_first(core, text, context)
        excluded = isinstance(outcome, DateError) and outcome.kind in _EXCLUDED
        if context.order and not excluded:
            return


def _year_first(core: list[Token], text: str, context: DateContext) -> Iterator[DateError]:
    """Yield the error that asks about `26-04-03` as 2026-04-03, too."""
    try:
        span_of(parse(ordered(core, "YMD"), text), context, text)
    except DateError as error:
        if error.kind == "two-digit-year":
            yield error


def _only(outcomes: Iterable[Span | DateError], text: str) -> Span:
    """Return the only span that is left once impossible readings are excluded."""
    spans: list[Span] = []
    errors: list[DateError] = []
    for outcome in outcomes:
        if isinstance(outcome, DateError):
            errors.append(outcome)
        elif outcome not in spans:
            spans.append(outcome)
    possible = [error for error in errors if error.kind not in _EXCLUDED]
    if len(spans) == 1 and not possible:
        return spans[0]
    if spans:
        wanted = either(map(_choice, spans))
        raise DateError("ambiguous-day-month", found=text, wanted=wanted)
    error = min(possible or errors, key=_is_unlikely)
    wanted = either(e.wanted for e in possible if e.kind == error.kind)
    raise DateError(error.kind, found=error.found, wanted=wanted or error.wanted)


def _is_unlikely(error: DateError) -> int:
    """Return how little an error says of a text: least where its month is that of another order.

    `26.11.2026 um 10:00` is no date for its word, not because there is no month 26.
    """
    if error.kind == "no-such-day" and isinstance(error.found, str):
        return 2
    return error.kind == "not-a-date"


def _variants(found: Sequence[Token], text: str) -> Iterator[list[Token]]:
    """Yield `found` with each combination of its words' meanings (`mar`: March, Tuesday)."""
    unclear = [at for at, token in enumerate(found) if len(token.meanings) > 1]
    if len(unclear) > _MOST_UNCLEAR:
        raise DateError("not-a-date", found=text)
    for meanings in product(*(found[at].meanings for at in unclear)):
        variant = list(found)
        for at, (symbol, number) in zip(unclear, meanings, strict=True):
            variant[at] = found[at]._replace(symbol=symbol, number=number)
        yield variant


def _read_datetime(value: datetime, context: DateContext) -> Span:
    check_limits(value.date(), context)
    moment = value.replace(microsecond=0)
    offset = value.utcoffset()
    if offset is None:
        moment = moment_of(moment.date(), moment.time(), (), context.zone)
    elif abs(offset) > _WIDEST:
        raise DateError("no-such-time", found=value.isoformat()[-6:], wanted=AN_OFFSET)
    return Span(start=moment, end=moment, precision="second")


def _not_a_date(found: str, context: DateContext) -> DateError:
    """Return the error, with the text to type: an integer of eight digits as its likely day."""
    day = iso8601.in_full(found)
    return DateError(
        "not-a-date", found=found, wanted=day if day != found else _example(day, context)
    )


def _example(found: str, context: DateContext) -> str:
    """Return the example for a text: of a day to come, and with a time, where these seem meant.

    Without, the entry would appear at once.
    """
    day = context.today + timedelta(days=1) if _IS_AHEAD.search(found) else context.today
    return f"{day} 09:00" if _HAS_TIME.search(found) else day.isoformat()


def _toml_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else shown(str(value))


def _choice(span: Span) -> Value:
    text, named = typed(span), words(span)
    return text if text == named else phrase("for-day", text=text, day=named)
