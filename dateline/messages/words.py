"""English words that the program itself puts into a message, and their places.

What stands in a file is never touched: only the places named here are looked at, and in them
only these words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_PLACES = (
    "the US East", "the US Centre", "the US Mountains", "the US West", "Australia's East",
    "Western Australia", "Cuba", "India", "Israel", "Ireland", "Britain",
    "Bangladesh", "China", "Malaysia", "Myanmar", "Moldova", "the Philippines",
    "Pakistan", "the Atlantic", "Arabia", "the Gulf", "Guam", "Samoa", "Singapore",
)  # fmt: skip
_MOMENTS = ("at",)

IN_FOUND: Mapping[str, tuple[str, ...]] = {
    "control-sign": ("the start",),
    "date-no-such-day": (*_MONTHS, "month"),
    "date-no-such-time": ("as the clocks go forward then",),
    "date-too-early": _MONTHS,
    "date-too-far": _MONTHS,
    "end-ignored": ("comma",),
    "field-twice": ("lines", "and"),
    "file-word": (
        "Word document", "LibreOffice document", "Pages document", "link to a Google document",
    ),
    "key-letters": ("Cyrillic", "Greek"),
    "many-gone": ("of",),
    "quotes-differ": ("and",),
}  # fmt: skip
IN_WANTED: Mapping[str, tuple[str, ...]] = {
    "body-entry-missing": ("Files here:", "(none)"),
    "cooling": _MOMENTS,
    "date-ambiguous-day-month": (*_MONTHS, "or", "for"),
    "date-ambiguous-time": (*_MONTHS, "or", "by a clock of 24 hours", "only the days, or"),
    "date-ambiguous-zone": (*_PLACES, "or", "for"),
    "date-no-such-time": (
        "a time from 00:00 to 24:00", "a time before or after that", "an offset such as", "or",
    ),
    "date-no-year": (*_MONTHS, "or"),
    "date-read": _MONTHS,
    "date-two-digit-year": (*_MONTHS, "or"),
    "date-weekday-mismatch": (*_MONTHS, *_WEEKDAYS, "or"),
    "date-zone-mismatch": ("or",),
    "dated-otherwise": _MOMENTS,
    "image-not-there": ("Files here:", "(none)"),
    "is-live": _MOMENTS,
    "scheduled": _MOMENTS,
    "section-swallows": ("and write it as one line,",),
    "will-appear": _MOMENTS,
}  # fmt: skip

_FRENCH = "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
_SPANISH = (
    "enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre"
)
# What the grammar of a language asks for around a date.
TOUCHES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "fr": ((rf"\b1 (?={_FRENCH})", "1er "), (r"\bpour (?=\d{1,2}(?:er)? )", "pour le ")),
    "es": (
        (rf"(\b\d{{1,2}}) (?={_SPANISH})", r"\1 de "),
        (rf"({_SPANISH}) (?=\d{{4}}\b)", r"\1 de "),
        (r"\bpara (?=\d{1,2} )", "para el "),
    ),
}


def replaced(text: str, words: tuple[str, ...], meanings: Mapping[str, str]) -> str:
    """Return `text` with these of its words in another language.

    >>> replaced("lines 3 and 5", ("lines", "and"), {"lines": "lignes", "and": "et"})
    'lignes 3 et 5'
    """
    return _any_of(words).sub(lambda found: meanings[found[0]], text) if text and words else text


@cache
def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")
