"""Which day, moment or span do these words mean?

A strict grammar in six languages that refuses instead of guessing (`ENTRY.md`, "Dates"). The
steps, each a module: words (`vocabulary`) make signs (`tokens`), signs make times of day (`clock`,
`zones`) and days (`grammar`), and the calendar says whether there are such (`spans`,
`almanac`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import islice, product
from typing import Literal
from zoneinfo import ZoneInfo

from dateline.dates.almanac import iso_day, moment_of
from dateline.dates.clock import settled, with_times
from dateline.dates.grammar import (
    is_numeric,
    named_places,
    ordered,
    parse,
    without_surroundings,
)
from dateline.dates.spans import Asked, check_limits, span_of, words
from dateline.dates.tokens import Clock, Token, even, tokens
from dateline.errors import DateError
from dateline.model import Span

__all__ = ["read", "read_toml", "words"]

_LONGEST = 200
_SHOWN = 60
_MEANINGS = 8
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:(?P<gap>[Tt ])(?P<hour>\d\d):(?P<minute>\d\d)"
    r"(?::(?P<second>\d\d)(?:[.,]\d{1,9})?)? ?(?P<zone>[Zz]|[+-]\d\d:?\d\d)?)?"
)
_ISO_MONTHS = re.compile(r"\d{4}-\d\d ?/ ?\d{4}-\d\d")
_QUOTES = ('"""', "'''", '"', "'")
_EXCLUDED = frozenset({"no-such-day", "weekday-mismatch"})
_WIDEST = timedelta(hours=14)


def read(
    value: object,
    *,
    use: Literal["date", "event"],
    zone: ZoneInfo,
    today: date,
    language: str = "en",
    order: Literal["DMY", "MDY"] | None = None,
    year: int | None = None,
) -> Span:
    """Read a text, or one of TOML's own values, as a day, a moment or (for an event) a span.

    A time without a zone is in `zone`; a text without a year is of `year`; `3/4/2008` is read
    in `order`. Without these what is ambiguous is refused. `language` is a BCP 47 tag.

    Raises `DateError`.
    """
    asked = Asked(use=use, zone=zone, today=today, language=language, order=order, year=year)
    if isinstance(value, str):
        return _read_text(value, asked)
    if isinstance(value, datetime):
        return _read_datetime(value, asked)
    if isinstance(value, date):
        check_limits(value, asked)
        return Span(start=value, end=value, precision="day")
    raise _not_a_date(_toml_text(value), asked)


def read_toml(
    text: str,
    *,
    use: Literal["date", "event"],
    zone: ZoneInfo,
    today: date,
    language: str = "en",
    order: Literal["DMY", "MDY"] | None = None,
    year: int | None = None,
) -> Span:
    """Read what stands behind `date =` in a file. As `read`, but `10:00` stays to the minute.

    A value of TOML loses whether its seconds were written. Raises `DateError`.
    """
    asked = Asked(use=use, zone=zone, today=today, language=language, order=order, year=year)
    bare = text.strip()
    match = _ISO.fullmatch(bare)
    if match:
        return _read_iso(match, bare, asked)
    for quote in _QUOTES:
        if bare.startswith(quote) and bare.endswith(quote) and len(bare) >= 2 * len(quote):
            bare = bare[len(quote) : -len(quote)]
            break
    return _read_text(bare, asked)


def _read_text(value: str, asked: Asked) -> Span:
    shown = _shown(value)
    if len(value) > _LONGEST:
        raise _not_a_date(shown, asked)
    text = even(value).strip("\"“”«» '")
    if not text:
        raise DateError("empty", found="", wanted=asked.today.isoformat())
    try:
        if match := _ISO.fullmatch(text):
            if not _may_be_hours(match):
                return _read_iso(match, shown, asked)
        elif text[:4].isdigit() and "/" in text and (span := _iso_stretch(text, shown, asked)):
            return span
        return _read_words(text, shown, asked)
    except DateError as error:
        if error.kind == "not-a-date" and not error.wanted:
            raise _not_a_date(error.found, asked) from error
        raise


def _read_words(text: str, shown: str, asked: Asked) -> Span:
    """Read a text in every way that its words allow; one way must be left."""
    outcomes: list[Span | DateError] = []
    for variant in _variants(tokens(text, asked.language)):
        try:
            meant = [token for token in named_places(variant) if token.sign != "o"]
            core = without_surroundings(with_times(meant), shown)
            outcomes.append(_only(_by_order(core, shown, asked), shown))
        except DateError as error:
            outcomes.append(error)
    spans = [outcome for outcome in outcomes if isinstance(outcome, Span)]
    return _only(spans or outcomes, shown)


def _by_order(core: list[Token], text: str, asked: Asked) -> Iterator[Span | DateError]:
    """Read numbers such as `3/4/2008` in the order that is set, else in both orders."""
    orders = ["DMY", "MDY"] if is_numeric(core) else ["DMY"]
    orders.sort(key=lambda order: order != asked.order)
    for order in orders:
        try:
            outcome: Span | DateError = span_of(parse(ordered(core, order), text), asked, text)
        except DateError as error:
            outcome = error
        yield outcome
        excluded = isinstance(outcome, DateError) and outcome.kind in _EXCLUDED
        if asked.order and not excluded:
            return


def _only(outcomes: Iterable[Span | DateError], text: str) -> Span:
    """Give the span that is left when impossible readings are excluded, if there is just one."""
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
        wanted = " or ".join(f"{_iso(span)} for {words(span)}" for span in spans)
        raise DateError("ambiguous-day-month", found=text, wanted=wanted)
    error = (possible or errors)[0]
    wanted = " or ".join(dict.fromkeys(e.wanted for e in possible if e.kind == error.kind))
    raise DateError(error.kind, found=error.found, wanted=wanted or error.wanted)


def _variants(found: Sequence[Token]) -> Iterator[list[Token]]:
    """Give `found` with every combination of what its words may mean (`mar`: March, Tuesday)."""
    unclear = [at for at, token in enumerate(found) if len(token.meanings) > 1]
    for meanings in islice(product(*(found[at].meanings for at in unclear)), _MEANINGS):
        variant = list(found)
        for at, (sign, number) in zip(unclear, meanings, strict=True):
            variant[at] = found[at]._replace(sign=sign, number=number)
        yield variant


def _may_be_hours(match: re.Match[str]) -> bool:
    """Tell whether `2008-10-20 10:00-12:00` may mean two hours, and not an offset."""
    zone = match["zone"] or ""
    return match["gap"] == " " and not match["second"] and zone.startswith("-")


def _read_iso(match: re.Match[str], text: str, asked: Asked) -> Span:
    day = iso_day(match[0][:10])
    check_limits(day, asked)
    if not match["gap"]:
        return Span(start=day, end=day, precision="day")
    second = match["second"]
    clock = Clock(text, int(match["hour"]), int(match["minute"]), int(second) if second else None)
    names = (match["zone"].upper(),) if match["zone"] else ()
    moment = moment_of(day, settled(clock), names, asked.zone)
    return Span(start=moment, end=moment, precision="second" if second else "minute")


def _iso_stretch(text: str, shown: str, asked: Asked) -> Span | None:
    """Read `2008-10-20/2008-10-25`, where the second may be cut short (`/25`, ISO 8601, 4.4)."""
    start, _, end = (part.strip() for part in text.partition("/"))
    if _ISO_MONTHS.fullmatch(text):
        return _read_words(f"{start} - {end}", shown, asked)
    first = _ISO.fullmatch(start)
    if not first:
        return None
    kept = {2: 8, 5: 11 if ":" in end else 5, 8: 11}.get(len(end), 0)
    last = _ISO.fullmatch(start[:kept] + end)
    if not last or bool(first["gap"]) != bool(last["gap"]):
        return None
    if asked.use == "date":
        raise DateError("range", found=shown)
    spans = _read_iso(first, shown, asked), _read_iso(last, shown, asked)
    if spans[1].end < spans[0].start:
        raise DateError("ends-before-start", found=shown)
    precision = max(spans, key=lambda span: span.precision == "second").precision
    return Span(start=spans[0].start, end=spans[1].end, precision=precision)


def _read_datetime(value: datetime, asked: Asked) -> Span:
    check_limits(value.date(), asked)
    moment = value.replace(microsecond=0)
    offset = value.utcoffset()
    if offset is None:
        moment = moment_of(moment.date(), moment.time(), (), asked.zone)
    elif abs(offset) > _WIDEST:
        raise DateError("no-such-time", found=value.isoformat()[-6:], wanted="+02:00")
    return Span(start=moment, end=moment, precision="second")


def _not_a_date(found: str, asked: Asked) -> DateError:
    """Say how to write it: an integer of eight digits as the day that it looks like."""
    wanted = asked.today.isoformat()
    if re.fullmatch("[0-9]{8}", found):
        wanted = f"{found[:4]}-{found[4:6]}-{found[6:]}"
    return DateError("not-a-date", found=found, wanted=wanted)


def _toml_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else _shown(str(value))


def _iso(span: Span) -> str:
    ends = [span.start.isoformat()[:10], span.end.isoformat()[:10]]
    return ends[0] if ends[0] == ends[1] else "/".join(ends)


def _shown(text: str) -> str:
    """Give as much of `text` as fits into a message, on one line."""
    text = " ".join("".join(c if c.isprintable() else " " for c in text[:_LONGEST]).split())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
