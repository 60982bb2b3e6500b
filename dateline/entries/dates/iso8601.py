"""Days, moments and stretches in ISO 8601."""

from __future__ import annotations

import re

from dateline.entries.dates.spans import DateContext, check_limits, iso_day, moment_of
from dateline.entries.dates.symbols import Clock
from dateline.entries.dates.times import settled
from dateline.errors import DateError
from dateline.messages.values import either
from dateline.model import Span
from dateline.text.expressions import regex

_EXTENDED = regex(
    r"(\d{4})-(\d\d)-(\d\d)(?:(?P<gap>[Tt ])(?P<hour>\d\d):(?P<minute>\d\d)"
    r"(?::(?P<second>\d\d)(?:[.,]\d{1,9})?)? ?(?P<zone>[Zz]|[+-]\d\d:?\d\d)?)?"
)
_MONTHS = regex(r"\d{4}-\d\d ?/ ?\d{4}-\d\d")
_BASIC = regex(r"(\d{4})(0[1-9]|1[0-2])(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z?))?")


def in_full(text: str) -> str:
    """Return `20081020T101000Z` in extended form, with dashes and colons."""
    match = _BASIC.fullmatch(text)
    if not match:
        return text.replace("/", " - ") if _MONTHS.fullmatch(text) else text
    day, clock, zone = match.groups()[:3], match.groups()[3:6], match[7] or ""
    hours = ":".join(part for part in clock if part)
    return "-".join(day) + (f"T{hours}{zone}" if hours else "")


def is_extended(text: str) -> bool:
    """Return whether `text` is a day or a moment with dashes and colons."""
    return bool(_EXTENDED.fullmatch(text))


def read(text: str, context: DateContext, shown: str) -> Span | None:
    """Return the span of `text`, None where it is not ISO 8601. Raises `DateError`."""
    match = _EXTENDED.fullmatch(text)
    if match:
        return None if _may_be_hours(match) else _read(match, context, shown)
    return _stretch(text, context, shown) if "/" in text and text[:4].isdigit() else None


def _may_be_hours(match: re.Match[str]) -> bool:
    """Return whether `2008-10-20 10:00-12:00` may mean two hours, and not an offset.

    Raises `DateError` `ambiguous-time` where it may be either (`22:00-02:00`, `10:00 -00:00`).
    """
    zone = match["zone"] or ""
    if match["gap"] != " " or match["second"] or not zone.startswith("-"):
        return False
    day, time = match[0][:10], f"{match['hour']}:{match['minute']}"
    if zone[1:] == "00:00" or (time >= "18:00" and zone[1:] <= "06:00"):
        offset = f"{day}T{time}{zone.replace('-00:00', 'Z')}"
        wanted = either([offset, f"{day}, {time} - {zone[1:]}"])
        raise DateError("ambiguous-time", found=f"{time} {zone}", wanted=wanted)
    return True


def _read(match: re.Match[str], context: DateContext, text: str) -> Span:
    day = iso_day(match[0][:10])
    check_limits(day, context)
    if not match["gap"]:
        return Span(start=day, end=day, precision="day")
    second = match["second"]
    clock = Clock(text, int(match["hour"]), int(match["minute"]), int(second) if second else None)
    names = (match["zone"].upper(),) if match["zone"] else ()
    hour = settled(clock)
    moment = moment_of(day + hour.later, hour.time, names, context.zone)
    return Span(start=moment, end=moment, precision="second" if second else "minute")


def _stretch(text: str, context: DateContext, shown: str) -> Span | None:
    """Read `2008-10-20/2008-10-25`, where the second may be cut short (`/25`, ISO 8601, 4.4)."""
    start, _, end = (part.strip() for part in text.partition("/"))
    first = _EXTENDED.fullmatch(start)
    if not first:
        return None
    kept = {2: 8, 5: 11 if ":" in end else 5, 8: 11}.get(len(end), 0)
    last = _EXTENDED.fullmatch(start[:kept] + end)
    if not last or bool(first["gap"]) != bool(last["gap"]):
        return None
    if context.use == "date":
        raise DateError("range", found=shown)
    spans = _read(first, context, shown), _read(last, context, shown)
    if spans[1].end < spans[0].start:
        raise DateError("ends-before-start", found=shown)
    precision = max(spans, key=lambda span: span.precision == "second").precision
    return Span(start=spans[0].start, end=spans[1].end, precision=precision)
