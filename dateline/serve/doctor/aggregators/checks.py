"""The checks by which rules of aggregators are judged.

Each takes the rule, the values that it is about, and the time. It returns whether the rule is met,
or None where the document does not tell. Apart from `present`, a check is met where there is no
value: another rule asks for that.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from dateline.serve.doctor.aggregators.documents import Node
from dateline.serve.doctor.aggregators.rules import AggregatorRule
from dateline.text.expressions import regex

_TAG = regex(r"<[^<>]*>")
_AHEAD = timedelta(minutes=10)
_RFC3339 = regex(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:?\d\d)")


def _present(_rule: AggregatorRule, values: Sequence[str], _now: datetime) -> bool:
    return bool(values)


def _absent(_rule: AggregatorRule, values: Sequence[str], _now: datetime) -> bool:
    return not values


def _matches(rule: AggregatorRule, values: Sequence[str], _now: datetime) -> bool:
    return all(re.search(rule.pattern, value, re.IGNORECASE) for value in values)


def _lacks(rule: AggregatorRule, values: Sequence[str], _now: datetime) -> bool:
    return not any(re.search(rule.pattern, value, re.IGNORECASE) for value in values)


def _length(rule: AggregatorRule, values: Sequence[str], _now: datetime) -> bool:
    return all(within(rule, len(plain(value))) for value in values[:1])


def _date(_rule: AggregatorRule, values: Sequence[str], _now: datetime) -> bool:
    return all(moment_of(value) for value in values)


def _age(rule: AggregatorRule, values: Sequence[str], now: datetime) -> bool | None:
    """Check that moments are in the past, and at most `max` days ago."""
    moments = [moment for value in values if (moment := moment_of(value))]
    if len(moments) < len(values):
        return None
    oldest = now - timedelta(days=rule.most) if rule.most else None
    return all(one <= now + _AHEAD and (oldest is None or one >= oldest) for one in moments)


def _unique(_rule: AggregatorRule, values: Sequence[str], _now: datetime) -> bool:
    return len(set(values)) == len(values)


def _same(_rule: AggregatorRule, values: Sequence[str], _now: datetime) -> bool:
    return len({value.lower().partition("-")[0] for value in values}) <= 1


def _number(rule: AggregatorRule, values: Sequence[str], _now: datetime) -> bool:
    return all(_is_number(value) and within(rule, int(value[:18])) for value in values)


Check = Callable[[AggregatorRule, Sequence[str], datetime], bool | None]
CHECKS: Mapping[str, Check] = {
    "present": _present,
    "absent": _absent,
    "matches": _matches,
    "lacks": _lacks,
    "length": _length,
    "date": _date,
    "age": _age,
    "unique": _unique,
    "same": _same,
    "number": _number,
}


def large_enough(rule: AggregatorRule, pictures: Sequence[Node]) -> bool | None:
    """Return whether a picture is so large; its sides are its `width` and `height`.

    `pattern` says which side counts: `shortest` or `longest`. None where no size is stated.
    """
    stated = [[one.attributes.get(side, "") for side in ("width", "height")] for one in pictures]
    sizes = [[int(side[:9]) for side in sides] for sides in stated if all(map(_is_number, sides))]
    if pictures and not sizes:
        return None
    side_of = min if rule.pattern == "shortest" else max
    return not pictures or any(within(rule, side_of(size)) for size in sizes)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def within(rule: AggregatorRule, number: int) -> bool:
    """Return whether a number is between the limits of a rule, which may be open."""
    return (rule.least is None or number >= rule.least) and (
        rule.most is None or number <= rule.most
    )


def plain(text: str) -> str:
    """Return a text as people read it, without markup.

    >>> plain("<p>Fish &amp;  chips</p>")
    'Fish & chips'
    """
    return " ".join(html.unescape(_TAG.sub("", text)).split())


def moment_of(text: str) -> datetime | None:
    """Return a date of RFC 822 or RFC 3339, or None where it is neither."""
    try:
        is_short = _RFC3339.fullmatch(text)
        moment = datetime.fromisoformat(text) if is_short else parsedate_to_datetime(text)
    except (ValueError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
