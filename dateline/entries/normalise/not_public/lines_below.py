"""Lines below an embargo line that go on with the moment at which it ends."""

from __future__ import annotations

import re
from itertools import takewhile

from dateline.entries.normalise.not_public.plain import without_code, without_markup
from dateline.entries.normalise.not_public.staff_notes import consists_of_notes, is_moment
from dateline.entries.normalise.not_public.titles import BLANK
from dateline.text import withheld
from dateline.text.expressions import regex

# A line that is a time, or begins with one and says little more.
_BEGINS_WITH_TIME = regex(
    r"(?!\s*#)\W*(?:(?:time|uhrzeit|hora|heure|hour|время)\W{1,3})?(?:(?:at|from|ab|à)\s)?"
    rf"(?:{withheld.TIME_OF_DAY}"
    r"|(?:a las?|às|alle|um|à)\s\d\d?(?=\W*$|:|\s(?:de la|da|uhr|h\b|hor|ore)))"
    r"(?!\s?(?:%|per\b|pro|por|euro|millio))(?:[^\n]{0,24}|[^\n]{0,45}\b(?:time|времени))\W*",
    re.IGNORECASE,
)
# What a line may have of the time in the line above: half of the day, and zone.
_REST_OF_TIME = regex(
    r"\W*(?i:[ap]\.?\s?m\b)?\W*(?:[ECMP][SD]?T|AST|GMT|UTC|BST|IST|JST|MSK|[CEW]ES?T|MES?Z|МСК|HEC)?\W*"
)
_LETTER = regex(r"[^\W\d_]")
_WORD_OF_ZONE = regex(
    r"\b(?:times?|heures?|horas?|zeit|ortszeit|времени|время|بتوقيت)\b", re.IGNORECASE
)
_NO_ZONE = regex(
    r"\b(?:not?|before|this|that|release|respect|note|ne|pas|avant|antes|не|до)\b", re.IGNORECASE
)
_LONGEST = 80  # characters of a line
_FAR = 300  # characters
_MOST = 3


def below(line: str, body: str) -> list[str]:
    r"""Return the lines of a body below one that may go on with its moment, three at most.

    >>> below("EMBARGO", "EMBARGO\n\n10 a.m. in Northgate\n\nSixty people came at 10 a.m.")
    ['10 a.m. in Northgate']
    """
    text = without_markup(without_code(BLANK.sub(" ", body)))
    following = text.partition(line)[2].lstrip()[:_FAR].split("\n")
    short = [one for one in map(str.strip, following) if one][:_MOST]
    notes = takewhile(lambda one: _may_go_on(one) or consists_of_notes(one), short)
    return [*filter(_may_go_on, notes)]


def _may_go_on(line: str) -> bool:
    """Return whether a line may go on with the moment in the line above."""
    if len(line) > _LONGEST:
        return False
    return is_moment(line) or begins_with_time(line) or has_rest_of_time(line)


def begins_with_time(line: str) -> bool:
    """Return whether a line is a time of day, or begins with one and says little more.

    >>> begins_with_time("10 A.M. EASTERN TIME"), begins_with_time("Doors open at 10 a.m.")
    (True, False)
    """
    return bool(_BEGINS_WITH_TIME.fullmatch(line))


def has_rest_of_time(line: str) -> bool:
    """Return whether a line is a zone, or half of a day, of the time in the line above.

    >>> has_rest_of_time("(New York time)"), has_rest_of_time("Ferries run on time")
    (True, False)
    """
    if len(line) > _LONGEST:
        return False
    if _REST_OF_TIME.fullmatch(line):
        return bool(_LETTER.search(line))
    is_zone = _WORD_OF_ZONE.search(line) and not _NO_ZONE.search(line)
    return bool(is_zone) and consists_of_notes(line)
